//! One batch: everything the acts need is read with a fixed number of statements, decided in memory, and written with
//! at most one statement per table. Inside nothing waits for network, files or rendering.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};

use tongban_domain::authority::DecisionAuthority;
use tongban_domain::case::{Case, Command, Counters, Outage};
use tongban_domain::ids::Id;
use tongban_domain::item::Answers;
use tongban_domain::party::Party;

use super::decide::{self, Change};
use super::writer::Work;
use super::{Act, Done, tell};
use crate::app::Core;
use crate::error::{Error, Fault};
use crate::store::cases::{self, EventRow, Remembered, Stored};
use crate::store::documents::{self, LicenceRow};
use crate::store::messages::{self, ContactRow};
use crate::store::{Conn, DbError, DbResult, Value, accounts, attachments, jobs, outages, watch};

/// An outage longer ago than this keeps no mark away any more.
const OUTAGES_COUNT_MS: i64 = 60 * 24 * 3_600_000;

/// The node's own event stream: numbers in commit order.
#[derive(Debug)]
pub struct Stream {
    node: i64,
    kept: i64,
    next: i64,
}

impl Stream {
    /// Where the node left off.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn open(conn: &mut Conn, node: u16) -> DbResult<Self> {
        let node = i64::from(node);
        let kept = cases::last_number(conn, node).await?;
        Ok(Self { node, kept, next: kept })
    }

    /// The batch was committed.
    pub fn keep(&mut self) {
        self.kept = self.next;
    }

    /// The batch was undone.
    pub fn undo(&mut self) {
        self.next = self.kept;
    }
}

/// Answers of a batch, given out after the commit.
pub struct Outcome {
    answers: Vec<Answer>,
    duties: bool,
}

enum Answer {
    Act(Result<Done, Error>),
    Plain(Box<dyn Any + Send>),
}

impl Outcome {
    /// Gives everyone their answer; tells whether new duties wait.
    pub fn answer(self, works: Vec<Work>) -> bool {
        for (work, answer) in works.into_iter().zip(self.answers) {
            // Whoever asked may have gone away; then nobody needs the answer.
            match (work, answer) {
                (Work::Act(_, to), Answer::Act(result)) => drop(to.send(result)),
                (Work::Plain(_, to), Answer::Plain(value)) => drop(to.send(Ok(value))),
                _ => {}
            }
        }
        self.duties
    }
}

/// What a batch knows: read at its start, changed in memory by each act, written at its end.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// Cases by public number.
    pub cases: BTreeMap<String, Loaded>,
    /// Remembered requests by account and key.
    pub remembered: BTreeMap<String, Remembered>,
    /// Open twins.
    pub twins: BTreeMap<String, String>,
    /// Counters.
    pub counters: Counters,
    /// Registers of the agencies concerned.
    pub authorities: Vec<DecisionAuthority>,
    /// Reviewing posts of the officers named.
    pub reviewing: Vec<(Id, String)>,
    /// Outages that may keep marks away.
    pub outages: Vec<Outage>,
    /// Addresses of those who may be told something outside the platform.
    pub contacts: Vec<ContactRow>,
}

/// A case on the desk.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    /// The case as it now is.
    pub stored: Stored,
    /// Version it was read at; none when it is new in this batch.
    pub read_at: Option<u32>,
    /// Whether it changed in this batch.
    pub changed: bool,
    /// Its party, when it was needed.
    pub party: Option<Party>,
    /// Its answers, when they were needed.
    pub answers: Option<Answers>,
}

pub(super) async fn run(
    core: &Core,
    conn: &mut Conn,
    stream: &mut Stream,
    works: &[Work],
) -> DbResult<Outcome> {
    let acts: Vec<&Act> =
        works.iter().filter_map(|w| if let Work::Act(act, _) = w { Some(&**act) } else { None }).collect();
    let mut desk = read(core, conn, &acts).await?;
    let mut changes = Vec::new();
    let mut answers = Vec::with_capacity(works.len());
    for work in works {
        match work {
            Work::Act(act, _) => answers.push(Answer::Act(decide::one(core, &mut desk, act, &mut changes))),
            Work::Plain(write, _) => answers.push(Answer::Plain(write(conn).await?)),
        }
    }
    let duties = write(conn, stream, desk, changes).await?;
    Ok(Outcome { answers, duties })
}

fn keys(set: BTreeSet<String>) -> Vec<Value> {
    set.into_iter().map(Value::Text).collect()
}

/// Reads everything the acts may need: a fixed number of statements, whatever their number.
async fn read(core: &Core, conn: &mut Conn, acts: &[&Act]) -> DbResult<Desk> {
    let mut desk = Desk::default();
    if acts.is_empty() {
        return Ok(desk);
    }
    let today = core.today();
    let wanted = keys(acts.iter().filter_map(|a| decide::memory_key(a)).collect());
    if !wanted.is_empty() {
        for request in cases::remembered(conn, &wanted).await? {
            desk.remembered.insert(request.key.clone(), request);
        }
    }
    let mut nos: BTreeSet<String> =
        acts.iter().filter_map(|a| a.case.as_ref()).map(|no| no.as_str().to_owned()).collect();
    nos.extend(desk.remembered.values().map(|r| r.no.clone()));
    if !nos.is_empty() {
        for stored in cases::load_locked(conn, &keys(nos)).await? {
            let read_at = Some(stored.case.version);
            let no = stored.case.no.as_str().to_owned();
            desk.cases.insert(no, Loaded { stored, read_at, changed: false, party: None, answers: None });
        }
    }
    read_texts(core, conn, acts, &mut desk).await?;
    let twins: BTreeSet<String> = acts.iter().filter_map(|a| decide::twin(core, a)).collect();
    if !twins.is_empty() {
        desk.twins = cases::twins(conn, &keys(twins)).await?;
    }
    let mut counters = BTreeSet::new();
    let (mut agencies, mut officers, mut told) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for act in acts {
        let case = act.case.as_ref().and_then(|no| desk.cases.get(no.as_str())).map(|l| &l.stored.case);
        counters.extend(decide::counters(core, act, case, today));
        told.extend(tell::reachable(core, act, case).map(Id::get));
        match (&act.command, case) {
            (
                Command::Grant { .. }
                | Command::Refuse { .. }
                | Command::Extend { .. }
                | Command::RefuseExtension { .. },
                Some(case),
            ) => {
                agencies.insert(case.places.deciding.clone());
            }
            (Command::Assign { officer }, _) => {
                officers.insert(officer.get());
            }
            _ => {}
        }
    }
    if acts.iter().any(|a| matches!(a.command, Command::Watch)) {
        let now = core.clock.now();
        desk.outages = outages::overlapping(conn, now - OUTAGES_COUNT_MS, now).await?;
    }
    if !counters.is_empty() {
        desk.counters = cases::counters(conn, &keys(counters)).await?;
    }
    desk.authorities = accounts::authorities(conn, &keys(agencies), true).await?;
    let officers: Vec<Value> = officers.into_iter().map(Value::Int).collect();
    desk.reviewing = accounts::reviewing_posts(conn, &officers, today).await?;
    let told: Vec<Value> = told.into_iter().map(Value::Int).collect();
    desk.contacts = messages::contacts(conn, &told).await?;
    Ok(desk)
}

/// Party and answers of the cases whose act composes a document or changes answers.
async fn read_texts(core: &Core, conn: &mut Conn, acts: &[&Act], desk: &mut Desk) -> DbResult<()> {
    let mut wanted = BTreeSet::new();
    for act in acts.iter().filter(|a| needs_texts(&a.command)) {
        if let Some(loaded) = act.case.as_ref().and_then(|no| desk.cases.get(no.as_str())) {
            wanted.insert(loaded.stored.case.party.get());
            wanted.insert(loaded.stored.case.answers.id.get());
        }
    }
    let ids: Vec<Value> = wanted.into_iter().map(Value::Int).collect();
    let texts = cases::texts(conn, &ids).await?;
    let unlock = |id: Id| -> DbResult<Option<String>> {
        let Some(row) = texts.get(&id) else { return Ok(None) };
        core.secrets
            .unlock(id.get(), &row.body)
            .map(Some)
            .map_err(|e| DbError::Content("text", e.to_string()))
    };
    let bad = |e: serde_json::Error| DbError::Content("text", e.to_string());
    for loaded in desk.cases.values_mut() {
        if let Some(json) = unlock(loaded.stored.case.party)? {
            loaded.party = Some(serde_json::from_str(&json).map_err(bad)?);
        }
        if let Some(json) = unlock(loaded.stored.case.answers.id)? {
            loaded.answers = Some(serde_json::from_str(&json).map_err(bad)?);
        }
    }
    Ok(())
}

/// Whether an act composes a document or changes answers, and therefore needs the party and the answers.
fn needs_texts(command: &Command) -> bool {
    match command {
        Command::Receive
        | Command::AmendOnTheSpot { .. }
        | Command::RequestSupplement { .. }
        | Command::Resubmit { .. }
        | Command::Accept { .. }
        | Command::Decline { .. }
        | Command::Grant { .. }
        | Command::Refuse { .. }
        | Command::Terminate { .. }
        | Command::Suspend { .. }
        | Command::Resume
        | Command::TellHearingRight { .. }
        | Command::NotifySpecial(_)
        | Command::Extend { .. }
        | Command::Watch => true,
        Command::Submit(_)
        | Command::Assign { .. }
        | Command::Pass { .. }
        | Command::Return { .. }
        | Command::Issue
        | Command::Deliver { .. }
        | Command::Close
        | Command::Archive
        | Command::WithdrawApplication { .. }
        | Command::RequestHearing { .. }
        | Command::StartSpecial { .. }
        | Command::EndSpecial { .. }
        | Command::RequestExtension { .. }
        | Command::RefuseExtension { .. }
        | Command::AnswerMark { .. }
        | Command::ContestMark { .. }
        | Command::CloseMark { .. }
        | Command::AnswerRating { .. }
        | Command::RecordSeal { .. }
        | Command::Rate { .. } => false,
    }
}

/// Writes everything that changed: at most one statement per table for a batch of ordinary size.
async fn write(conn: &mut Conn, stream: &mut Stream, desk: Desk, changes: Vec<Change>) -> DbResult<bool> {
    if changes.is_empty() {
        return Ok(false);
    }
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for loaded in desk.cases.into_values().filter(|l| l.changed) {
        match loaded.read_at {
            None => new.push(loaded.stored),
            Some(version) => old.push((loaded.stored, version)),
        }
    }
    new.sort_by_key(|s| s.case.id);
    old.sort_by_key(|(s, _)| s.case.id);
    let mut all = Change::default();
    for change in changes {
        all.absorb(change);
    }
    for event in &mut all.events {
        stream.next += 1;
        event.node = stream.node;
        event.number = stream.next;
    }
    let duties = !all.jobs.is_empty();
    cases::save_counters(conn, &all.counters).await?;
    cases::insert_all(conn, &new).await?;
    cases::save_all(conn, &old).await?;
    cases::insert_parties(conn, &all.parties).await?;
    cases::append_events(conn, &all.events).await?;
    cases::insert_texts(conn, &all.texts).await?;
    documents::insert_all(conn, &all.documents).await?;
    documents::insert_seals(conn, &all.seals).await?;
    documents::insert_licenses(conn, &all.licenses).await?;
    messages::insert_all(conn, &all.messages).await?;
    messages::insert_for_desks(conn, &all.desk_messages).await?;
    attachments::hand_in(conn, &all.files).await?;
    jobs::insert_all(conn, &all.jobs).await?;
    cases::insert_twins(conn, &all.twins).await?;
    let freed: Vec<Value> = all.freed.into_iter().map(Value::from).collect();
    cases::free_twins(conn, &freed).await?;
    watch::set_timers(conn, &last_of_each(all.timers, |t| t.case)).await?;
    watch::keep_marks(conn, &last_of_each(all.marks, |m| m.id)).await?;
    cases::remember(conn, &all.remembered).await?;
    Ok(duties)
}

/// Of rows that several acts of a batch made for one key only the last counts.
fn last_of_each<T>(rows: Vec<T>, key: impl Fn(&T) -> Id) -> Vec<T> {
    let mut last: BTreeMap<Id, T> = BTreeMap::new();
    for row in rows {
        last.insert(key(&row), row);
    }
    last.into_values().collect()
}

/// The event rows and licences of one change are made by `decide`; the stream numbers are given here.
pub(super) fn event_row(case: &Case, stamp: EventRow) -> EventRow {
    EventRow { case: case.id, ..stamp }
}

/// A licence row for the register.
pub(crate) fn licence_row(case: &Case, agency: &str, at: i64) -> Option<LicenceRow> {
    let grant = case.decision.as_ref()?.licence.as_ref()?;
    Some(LicenceRow {
        id: grant.id.as_str().to_owned(),
        case: case.id,
        number: grant.number.clone(),
        entry: case.item.entry.clone(),
        agency: agency.to_owned(),
        party: case.party,
        holder: case.applicant,
        document: grant.document,
        state: "valid".into(),
        starts: grant.from.to_string(),
        ends: grant.to.map(|d| d.to_string()),
        issued_at: at,
    })
}

/// A fault inside one command, told to its caller only.
pub(super) fn fault(text: &str) -> Error {
    Error::Fault(Fault::plain(text))
}
