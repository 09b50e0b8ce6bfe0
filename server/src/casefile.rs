//! The file of a case (卷宗) as both doors show it: the case, its texts made readable, its timeline with names, its
//! documents and files. Loads only what the actor may see, and records that staff looked.

use std::collections::BTreeMap;
use std::sync::Arc;

use tongban_domain::case::{
    Case, Deadlines, DocumentRef, Due, Event, Explained, SupplementRow, TextRef, citizen_words, deadlines,
    explain,
};
use tongban_domain::ids::{CaseNo, Id};
use tongban_domain::item::{Answers, CatalogueEntry};
use tongban_domain::party::Party;
use tongban_domain::permit::{Actor, Denial, visible};

use crate::app::App;
use crate::error::{Error, Fault};
use crate::signin::Caller;
use crate::store::calendar::{self, MovedRow};
use crate::store::cases::{self, EventRow};
use crate::store::{accounts, attachments};

/// A case ready to be shown.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// The entry in the version the case keeps.
    pub entry: Arc<CatalogueEntry>,
    /// When it was submitted, epoch milliseconds.
    pub submitted_at: i64,
    /// The applicant.
    pub party: Party,
    /// Current answers.
    pub answers: Answers,
    /// Events in order.
    pub timeline: Vec<Happened>,
    /// Files handed in: id to name.
    pub file_names: BTreeMap<Id, String>,
    /// Names of the accounts that acted.
    pub people: BTreeMap<Id, String>,
    /// Deadlines known now.
    pub deadlines: Deadlines,
    /// The one that presses.
    pub due: Option<Due>,
    /// Explanation of all deadlines.
    pub explanation: Vec<Explained>,
    /// Deadlines that edits of the calendar moved, oldest first.
    pub moved: Vec<MovedRow>,
    texts: BTreeMap<Id, String>,
}

/// One event with its row.
#[derive(Debug, Clone)]
pub struct Happened {
    /// As stored.
    pub row: EventRow,
    /// As read.
    pub event: Event,
}

impl CaseFile {
    /// A kept text; empty when it was erased.
    pub fn text(&self, text: &TextRef) -> &str {
        self.texts.get(&text.id).map_or("", String::as_str)
    }

    /// What was asked for in a request for supplements.
    pub fn supplement_rows(&self, rows: &TextRef) -> Vec<SupplementRow> {
        serde_json::from_str(self.text(rows)).unwrap_or_default()
    }

    /// The words the applicant reads.
    pub fn words(&self) -> String {
        citizen_words(&self.case, self.due)
    }

    /// Name of an account, or what stands for the platform.
    pub fn person(&self, account: i64) -> &str {
        if account == 0 {
            return "平台";
        }
        self.people.get(&Id::from(account)).map_or("—", String::as_str)
    }

    /// 首问负责: the first act of a member of staff; whoever did it was asked first.
    pub fn first_asked(&self) -> Option<&Happened> {
        self.timeline.iter().find(|h| h.row.post != 0)
    }

    /// The hand-overs so far: who gave the case to which officer.
    pub fn handed_over(&self) -> impl Iterator<Item = (&Happened, Id)> {
        self.timeline.iter().filter_map(|h| match h.event {
            Event::Assigned { officer, .. } => Some((h, officer)),
            _ => None,
        })
    }

    /// The words an event carries for its readers (reason, opinion), if any.
    pub fn words_of(&self, event: &Event) -> &str {
        match event {
            Event::Declined { reason, .. }
            | Event::Refused { reason, .. }
            | Event::Returned { reason, .. }
            | Event::Terminated { reason, .. }
            | Event::Suspended { reason, .. }
            | Event::HearingRightTold { reason, .. }
            | Event::ExtensionRequested { reason, .. }
            | Event::Extended { reason, .. }
            | Event::ExtensionRefused { reason }
            | Event::MarkContested { reason, .. } => self.text(reason),
            Event::SpecialEnded { record, .. } => self.text(record),
            Event::MarkAnswered { answer, .. } | Event::RatingAnswered { answer } => self.text(answer),
            Event::Passed { opinion: Some(text), .. }
            | Event::Granted { opinion: Some(text), .. }
            | Event::Delivered { note: Some(text), .. }
            | Event::Withdrawn { reason: Some(text) }
            | Event::HearingRequested { reason: Some(text), .. }
            | Event::MarkClosed { note: Some(text), .. }
            | Event::Rated { comment: Some(text), .. } => self.text(text),
            _ => "",
        }
    }
}

/// Opens the file of a case the caller may see.
///
/// # Errors
/// [`Denial::Hidden`] when it does not exist for them.
pub async fn open(app: &App, caller: &Caller, no: &str, act: &'static str) -> Result<CaseFile, Error> {
    let no = CaseNo::parse(no).map_err(|_| Error::Denial(Denial::Hidden))?;
    let mut conn = app.db.read().await?;
    let stored =
        cases::find(&mut conn, &visible(&caller.actor), &no).await?.ok_or(Error::Denial(Denial::Hidden))?;
    let case = stored.case;
    let rows = cases::events_of(&mut conn, case.id).await?;
    let mut timeline = Vec::with_capacity(rows.len());
    for row in rows {
        let event = Event::from_parts(&row.kind, &row.payload).map_err(Fault::from)?;
        timeline.push(Happened { row, event });
    }
    let mut texts = BTreeMap::new();
    for text in cases::texts_of(&mut conn, case.id).await?.into_iter().filter(|t| t.kind != "document") {
        texts.insert(text.id, app.secrets.unlock(text.id.get(), &text.body)?);
    }
    let mut file_names = BTreeMap::new();
    for file in attachments::of_case(&mut conn, case.id).await? {
        file_names.insert(file.id, app.secrets.unlock(file.id.get(), &file.name)?);
    }
    let mut actors: Vec<Id> = timeline.iter().map(|h| Id::from(h.row.account)).collect();
    actors.extend(case.officer);
    actors.sort_unstable();
    actors.dedup();
    let people = accounts::names(&mut conn, &actors).await?;
    let moved = calendar::moved_of(&mut conn, case.id).await?;
    drop(conn);
    let read = |id: Id| texts.get(&id).map_or("", String::as_str);
    let party: Party = serde_json::from_str(read(case.party)).map_err(Fault::from)?;
    let answers: Answers = serde_json::from_str(read(case.answers.id)).map_err(Fault::from)?;
    let catalogue = app.catalogue();
    let entry =
        catalogue.entry_at(&case.item.entry, case.item.version).cloned().ok_or(Error::NotFound("事项"))?;
    let regime = catalogue.regimes.get(&entry.regime).ok_or(Error::NotFound("时限制度"))?;
    let file = CaseFile {
        deadlines: deadlines(&case.ledger, regime, &catalogue.calendar),
        due: case.pressing(regime, &catalogue.calendar),
        explanation: explain(&case.ledger, regime, &catalogue.calendar),
        entry,
        submitted_at: stored.submitted_at,
        party,
        answers,
        timeline,
        file_names,
        people,
        moved,
        texts,
        case,
    };
    note_access(app, caller, file.case.id, act);
    Ok(file)
}

/// Staff who look at a case are recorded; the row goes through the writer, the page does not wait for it.
fn note_access(app: &App, caller: &Caller, case: Id, act: &'static str) {
    let Actor::Staff { account, post } = &caller.actor else { return };
    let (account, post, now) = (*account, Some(post.id), app.clock.now());
    let id = app.ids.block(now);
    let app = app.clone();
    tokio::spawn(async move {
        let noted = app
            .writer
            .plain(move |conn| Box::pin(accounts::log_access(conn, id, now, account, post, case, act)))
            .await;
        if let Err(error) = noted {
            tracing::warn!(%error, "a look at a case was not recorded");
        }
    });
}

/// The sealed bytes of a document of the case.
///
/// # Errors
/// [`Error::NotFound`] while it is not sealed yet.
pub async fn document_bytes(app: &App, document: &DocumentRef) -> Result<bytes::Bytes, Error> {
    let seal = document.seal.as_ref().ok_or(Error::NotFound("文书：正在生成，请稍后再试"))?;
    Ok(app.files.read(&seal.file).await?)
}
