//! Enquiries as both doors use them: recorded, shown with their texts and their chain, handed over, taken, answered.
//! Who may do what is the domain's answer; who sees what is one filter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongban_domain::calendar::{date_of_ms, end_of_day_ms};
use tongban_domain::enquiry::{Enquiry, EnquiryAct, Offer, answer_due, enquiries_seen};
use tongban_domain::ids::{CaseNo, Id};
use tongban_domain::item::FieldError;
use tongban_domain::permit::{Denial, Role, visible};

use crate::app::App;
use crate::error::{Error, Fault, invalid};
use crate::signin::Caller;
use crate::store::enquiries::{self, EnquiryRow, EnquiryView, HandoverRow};
use crate::store::{accounts, cases, staff};

/// Longest question or answer, reason, and name or contact, in characters.
const MOST_TEXT: usize = 2000;
const MOST_REASON: usize = 200;
const MOST_NAME: usize = 60;
/// Enquiries derived anew at once.
const AT_ONCE: usize = 256;
/// Roles that are asked and answer.
pub const ASKED_ROLES: [Role; 3] = [Role::Clerk, Role::Reviewer, Role::Representative];

/// What is kept encrypted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnquiryText {
    /// What was asked.
    pub question: String,
    /// Who asked, if they said.
    pub asker: String,
    /// How to reach them, if they said.
    pub contact: String,
    /// The answer, once there is one.
    pub answer: String,
}

/// An enquiry ready to be shown.
#[derive(Debug, Clone)]
pub struct EnquiryFile {
    /// As stored.
    pub row: EnquiryRow,
    /// Its texts.
    pub text: EnquiryText,
    /// Hand-overs, oldest first, with their reasons.
    pub chain: Vec<(HandoverRow, String)>,
    /// Names of everyone in it.
    pub people: BTreeMap<Id, String>,
    /// The case it is about, if the reader can see that case.
    pub case: Option<CaseNo>,
}

impl EnquiryFile {
    /// Name of an account.
    pub fn person(&self, account: Id) -> &str {
        self.people.get(&account).map_or("—", String::as_str)
    }
}

/// What is recorded of a new enquiry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// What was asked.
    pub question: String,
    /// Who asked.
    #[serde(default)]
    pub asker: String,
    /// How to reach them.
    #[serde(default)]
    pub contact: String,
    /// Catalogue entry.
    #[serde(default)]
    pub entry: String,
    /// Public number of a case.
    #[serde(default)]
    pub case: String,
}

/// What is asked of an enquiry.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum EnquiryCommand {
    /// Hand it over to a colleague, or to an agency.
    HandOver {
        /// The colleague.
        #[serde(default)]
        account: Option<Id>,
        /// The agency, by key.
        #[serde(default)]
        agency: String,
        /// Why.
        reason: String,
    },
    /// Take it over.
    Acknowledge {},
    /// Answer it.
    Answer {
        /// The answer.
        answer: String,
    },
    /// Say which case it is about.
    Link {
        /// Public number of the case.
        case: String,
    },
}

/// A public number as somebody typed it.
fn number(text: &str) -> Result<String, Error> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let no = bare.strip_prefix('Q').and_then(|rest| CaseNo::parse(rest).ok());
    no.map(|no| format!("Q{no}")).ok_or(Error::NotFound("这个咨询"))
}

fn too_long(text: &str, most: usize) -> bool {
    text.trim().chars().count() > most
}

fn required(field: &str, label: &str, text: &str, most: usize) -> Option<FieldError> {
    if !text.trim().is_empty() && !too_long(text, most) {
        return None;
    }
    let message = format!("请输入{label}，{most}个字以内");
    Some(FieldError::new(field, label, message, format!("{field} is required")))
}

/// The case a number names, if the caller can see it.
async fn case_seen(app: &App, caller: &Caller, text: &str) -> Result<Option<Id>, Error> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let message = "请核对办件编号：没有您能看到的这个办件";
    let unknown = || invalid("case", "办件编号", message, "no such case");
    let no = CaseNo::parse(text).map_err(|_| unknown())?;
    let found = cases::find(&mut app.db.read().await?, &visible(&caller.actor), &no).await?;
    found.map(|stored| Some(stored.case.id)).ok_or_else(unknown)
}

/// Records an enquiry; whoever records it was asked first. Gives its public number.
///
/// # Errors
/// [`Error::Invalid`] naming the fields.
pub async fn record(app: &App, caller: &Caller, asked: Asked) -> Result<String, Error> {
    let post = caller.actor.post().ok_or(Error::Denial(Denial::Role))?;
    let catalogue = app.catalogue();
    let mut errors: Vec<FieldError> =
        required("question", "问的什么", &asked.question, MOST_TEXT).into_iter().collect();
    for (field, label, text) in [("asker", "谁问的", &asked.asker), ("contact", "联系方式", &asked.contact)]
    {
        if too_long(text, MOST_NAME) {
            let message = format!("请把{label}改为{MOST_NAME}个字以内");
            errors.push(FieldError::new(field, label, message, format!("{field} is too long")));
        }
    }
    if !asked.entry.is_empty() && catalogue.entry(&asked.entry).is_none() {
        let message = "请从清单里选择事项，或者不选";
        errors.push(FieldError::new("entry", "涉及的事项", message, "no such item"));
    }
    let case = match case_seen(app, caller, &asked.case).await {
        Ok(case) => case,
        Err(Error::Invalid(more)) => {
            errors.extend(more);
            None
        }
        Err(error) => return Err(error),
    };
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let now = app.clock.now();
    let (id, account) = (app.ids.block(now), caller.actor.account());
    let seed = app.chance.seed(&format!("enquiry:{id}"));
    let mut half = [0; 16];
    half.copy_from_slice(&seed[..16]);
    let no = format!("Q{}", CaseNo::from_random(half));
    let text = EnquiryText {
        question: asked.question.trim().to_owned(),
        asker: asked.asker.trim().to_owned(),
        contact: asked.contact.trim().to_owned(),
        answer: String::new(),
    };
    let row = EnquiryRow {
        id,
        no: no.clone(),
        version: 1,
        asked_at: now,
        enquiry: Enquiry {
            agency: post.agency.clone(),
            scope: post.scope.clone(),
            first: account,
            holder: account,
            holder_agency: post.agency.clone(),
            holder_scope: post.scope.clone(),
            offered: None,
            answered: false,
        },
        entry: Some(asked.entry).filter(|e| !e.is_empty()),
        case,
        due_at: end_of_day_ms(answer_due(date_of_ms(now), &catalogue.calendar)),
        answered_at: None,
        answered_by: None,
        body: locked(app, id, &text)?,
    };
    app.writer
        .plain(move |conn| {
            let row = row.clone();
            Box::pin(async move { enquiries::insert(conn, &row).await })
        })
        .await?;
    Ok(no)
}

fn locked(app: &App, id: Id, text: &EnquiryText) -> Result<String, Error> {
    Ok(app.secrets.lock(id.get(), &serde_json::to_string(text)?))
}

/// Derives anew when the answers that are still owed are due, after the calendar was edited.
///
/// # Errors
/// [`Error`]; asked again, it goes on.
pub async fn derive_anew(app: &App) -> Result<(), Error> {
    let catalogue = app.catalogue();
    let mut after = 0;
    loop {
        let waiting = enquiries::waiting(&mut app.db.read().await?, after, AT_ONCE).await?;
        let Some((last, _, _)) = waiting.last() else { return Ok(()) };
        after = last.get();
        let due = |asked_at: i64| end_of_day_ms(answer_due(date_of_ms(asked_at), &catalogue.calendar));
        let moved: Vec<(Id, i64)> = waiting
            .iter()
            .map(|(id, asked_at, due_at)| (*id, due(*asked_at), *due_at))
            .filter(|(_, now, was)| now != was)
            .map(|(id, now, _)| (id, now))
            .collect();
        if !moved.is_empty() {
            app.writer
                .plain(move |conn| {
                    let moved = moved.clone();
                    Box::pin(async move { enquiries::set_due(conn, &moved).await })
                })
                .await?;
        }
    }
}

/// The texts of an enquiry.
///
/// # Errors
/// [`Fault`] when they do not read back.
pub fn unlocked(app: &App, row: &EnquiryRow) -> Result<EnquiryText, Fault> {
    Ok(serde_json::from_str(&app.secrets.unlock(row.id.get(), &row.body)?)?)
}

/// Opens an enquiry the caller can see.
///
/// # Errors
/// [`Error::NotFound`] when it does not exist for them.
pub async fn open(app: &App, caller: &Caller, no: &str) -> Result<EnquiryFile, Error> {
    let no = number(no)?;
    let mut conn = app.db.read().await?;
    let row = enquiries::find(&mut conn, &enquiries_seen(&caller.actor), &no)
        .await?
        .ok_or(Error::NotFound("这个咨询"))?;
    let mut chain = Vec::new();
    for handover in enquiries::handovers(&mut conn, row.id).await? {
        let reason = app.secrets.unlock(handover.id.get(), &handover.reason)?;
        chain.push((handover, reason));
    }
    let mut people = vec![row.enquiry.first, row.enquiry.holder];
    people.extend(row.enquiry.offered.as_ref().and_then(|o| o.account));
    people.extend(row.answered_by);
    for (handover, _) in &chain {
        people.push(handover.from_account);
        people.extend(handover.to.account);
        people.extend(handover.acknowledged_by);
    }
    people.sort_unstable();
    people.dedup();
    let people = accounts::names(&mut conn, &people).await?;
    let case = match row.case {
        Some(id) => match cases::no_of(&mut conn, id).await? {
            Some(no) => cases::find(&mut conn, &visible(&caller.actor), &no).await?.map(|s| s.case.no),
            None => None,
        },
        None => None,
    };
    drop(conn);
    let text = unlocked(app, &row)?;
    Ok(EnquiryFile { row, text, chain, people, case })
}

/// The views of a caller, the first being the one they start with.
pub fn views(caller: &Caller) -> Vec<(&'static str, &'static str, EnquiryView)> {
    let Some(post) = caller.actor.post() else { return Vec::new() };
    if post.role == Role::Supervisor {
        return vec![("open", "待答复", EnquiryView::Open), ("all", "全部", EnquiryView::All)];
    }
    vec![
        ("mine", "我负责的", EnquiryView::Mine(caller.actor.account())),
        ("offered", "等我们接的", EnquiryView::Offered(post.agency.clone())),
        ("ours", "本机关的", EnquiryView::Ours(post.agency.clone())),
        ("all", "全部", EnquiryView::All),
    ]
}

/// The colleagues who can take an enquiry: account, name and role, each once.
///
/// # Errors
/// [`Error`].
pub async fn colleagues(app: &App, agency: &str) -> Result<Vec<(Id, String, Role)>, Error> {
    let people = staff::of_agency(&mut app.db.read().await?, agency, app.today()).await?;
    let mut found: Vec<(Id, String, Role)> = Vec::new();
    for person in people.into_iter().filter(|(_, _, role)| ASKED_ROLES.contains(role)) {
        if found.last().is_none_or(|(id, _, _)| *id != person.0) {
            found.push(person);
        }
    }
    Ok(found)
}

/// To whom an enquiry is to be handed over, if there is such a person or agency.
async fn receiver(app: &App, caller: &Caller, account: Option<Id>, agency: &str) -> Result<Offer, Error> {
    let own = caller.actor.post().map_or("", |p| p.agency.as_str());
    let agency = if agency.is_empty() { own } else { agency };
    let unknown = || invalid("to", "交给谁", "请选择在岗的同事，或者一个机关", "no such receiver");
    if app.catalogue().directory.agency(agency).is_none() || (account.is_none() && agency == own) {
        return Err(unknown());
    }
    if let Some(account) = account
        && !colleagues(app, agency).await?.iter().any(|(id, _, _)| *id == account)
    {
        return Err(unknown());
    }
    Ok(Offer { agency: agency.to_owned(), account })
}

/// Does what is asked of an enquiry the caller can see.
///
/// # Errors
/// [`Error`]; nothing has changed then.
pub async fn act(app: &App, caller: &Caller, no: &str, command: EnquiryCommand) -> Result<(), Error> {
    let EnquiryFile { mut row, mut text, .. } = open(app, caller, no).await?;
    let (actor, now) = (&caller.actor, app.clock.now());
    let mut handover = None;
    let mut taken = false;
    match command {
        EnquiryCommand::HandOver { account, agency, reason } => {
            let offer = receiver(app, caller, account, &agency).await?;
            row.enquiry.allows(actor, &EnquiryAct::HandOver(offer.clone())).map_err(Error::Refusal)?;
            if let Some(error) = required("reason", "交接原因", &reason, MOST_REASON) {
                return Err(Error::Invalid(vec![error]));
            }
            let id = app.ids.block(now);
            handover = Some(HandoverRow {
                id,
                enquiry: row.id,
                from_account: row.enquiry.holder,
                from_agency: row.enquiry.holder_agency.clone(),
                to: offer.clone(),
                at: now,
                reason: app.secrets.lock(id.get(), reason.trim()),
                acknowledged_at: None,
                acknowledged_by: None,
            });
            row.enquiry.offered = Some(offer);
        }
        EnquiryCommand::Acknowledge {} => {
            row.enquiry.allows(actor, &EnquiryAct::Acknowledge).map_err(Error::Refusal)?;
            row.enquiry = row.enquiry.taken_by(actor);
            taken = true;
        }
        EnquiryCommand::Answer { answer } => {
            row.enquiry.allows(actor, &EnquiryAct::Answer).map_err(Error::Refusal)?;
            if let Some(error) = required("answer", "答复", &answer, MOST_TEXT) {
                return Err(Error::Invalid(vec![error]));
            }
            text.answer = answer.trim().to_owned();
            row.body = locked(app, row.id, &text)?;
            row.enquiry.answered = true;
            row.enquiry.offered = None;
            row.answered_at = Some(now);
            row.answered_by = Some(actor.account());
        }
        EnquiryCommand::Link { case } => {
            row.enquiry.allows(actor, &EnquiryAct::Link).map_err(Error::Refusal)?;
            row.case = case_seen(app, caller, &case).await?;
        }
    }
    let by = actor.account();
    app.writer
        .plain(move |conn| {
            let (row, handover) = (row.clone(), handover.clone());
            Box::pin(async move {
                enquiries::save(conn, &row).await?;
                if taken {
                    enquiries::acknowledge(conn, row.id, now, by).await?;
                }
                if let Some(handover) = &handover {
                    enquiries::insert_handover(conn, handover).await?;
                }
                Ok(())
            })
        })
        .await
}
