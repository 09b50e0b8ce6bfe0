//! One act of a batch: replay or twin, rights, the law, and the rows that follow. No storage here, no waiting.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::civil::Date;
use tongban_domain::calendar::end_of_day_ms;
use tongban_domain::case::{
    Case, Command, Effect, Event, Facts, IDS_PER_ACT, Link, Mark, Mint, Stamp, Submission, Telling, Text,
    TextKind, apply, counters_needed, decide, digest_event, effects, genesis, next_wake, staff_words,
};
use tongban_domain::ids::Id;
use tongban_domain::item::Answers;
use tongban_domain::party::Party;
use tongban_domain::permit::{Denial, may};

use super::batch::{Desk, Loaded, event_row, fault, licence_row};
use super::{Act, Done, tell};
use crate::app::Core;
use crate::error::{Conflict, Error};
use crate::store::cases::{EventRow, NEVER, PartyRow, Remembered, Stored, TextRow};
use crate::store::documents::{DocumentRow, LicenceRow, SealRow};
use crate::store::jobs::JobRow;
use crate::store::messages::{DeskMessageRow, MessageRow};
use crate::store::watch::{MarkRow, TimerRow};

/// A look that found nothing to do although something is due (an outage holds it back) is repeated after this.
const LOOK_AGAIN_MS: i64 = 600_000;

/// And at the latest after this.
const LOOK_AGAIN_LATEST_MS: i64 = 12 * 3_600_000;

/// Version of the shape of event payloads.
const SHAPE: u32 = 1;

/// Rows that follow from one act.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub events: Vec<EventRow>,
    pub texts: Vec<TextRow>,
    pub parties: Vec<PartyRow>,
    pub documents: Vec<DocumentRow>,
    pub seals: Vec<SealRow>,
    pub licenses: Vec<LicenceRow>,
    pub messages: Vec<MessageRow>,
    pub desk_messages: Vec<DeskMessageRow>,
    /// What was told, with the event's position; becomes messages and duties at the end of the act.
    pub told: Vec<(Telling, u32)>,
    pub files: Vec<(Id, Id)>,
    pub jobs: Vec<JobRow>,
    pub timers: Vec<TimerRow>,
    pub marks: Vec<MarkRow>,
    pub twins: Vec<(String, Id, String)>,
    pub freed: Vec<Id>,
    pub remembered: Vec<Remembered>,
    pub counters: BTreeMap<String, u32>,
}

impl Change {
    /// Takes another act's rows in.
    pub fn absorb(&mut self, other: Self) {
        self.events.extend(other.events);
        self.texts.extend(other.texts);
        self.parties.extend(other.parties);
        self.documents.extend(other.documents);
        self.seals.extend(other.seals);
        self.licenses.extend(other.licenses);
        self.messages.extend(other.messages);
        self.desk_messages.extend(other.desk_messages);
        self.files.extend(other.files);
        self.jobs.extend(other.jobs);
        self.timers.extend(other.timers);
        self.marks.extend(other.marks);
        self.twins.extend(other.twins);
        self.freed.extend(other.freed);
        self.remembered.extend(other.remembered);
        self.counters.extend(other.counters);
    }
}

/// Account and idempotency key together.
pub(super) fn memory_key(act: &Act) -> Option<String> {
    act.key.as_ref().map(|key| format!("{}:{key}", act.actor.account()))
}

/// Keyed hash of an application's content: who, what, where, with which answers and files.
pub(super) fn twin(core: &Core, act: &Act) -> Option<String> {
    let Command::Submit(submission) = &act.command else { return None };
    let files: Vec<&str> =
        submission.files.iter().flat_map(|s| &s.files).map(|f| f.digest.as_str()).collect();
    let answers: Vec<String> = submission
        .answers
        .iter()
        .filter(|(_, v)| !v.trim().is_empty())
        .map(|(k, v)| format!("{k}\u{1}{}", v.trim()))
        .collect();
    let content = [
        act.actor.account().to_string(),
        submission.item.clone(),
        submission.situation.clone(),
        submission.division.to_string(),
        answers.join("\u{2}"),
        files.join("\u{2}"),
    ]
    .join("\u{3}");
    Some(core.secrets.search_hash("twin", &content))
}

fn request_digest(act: &Act) -> String {
    let command = serde_json::to_string(&act.command).unwrap_or_default();
    let case = act.case.as_ref().map_or("", |no| no.as_str());
    tongban_documents::sm3_hex(format!("{case}\n{command}").as_bytes())
}

/// The counters the act may draw from.
pub(super) fn counters(core: &Core, act: &Act, case: Option<&Case>, today: Date) -> Vec<String> {
    let Some(case) = case else { return Vec::new() };
    core.catalogue()
        .subject(&case.item.local, Some(case.item.version), today, core.sample)
        .map(|subject| counters_needed(&act.command, &subject.facts(), today))
        .unwrap_or_default()
}

/// Fulfils one act in memory, or says why not.
pub(super) fn one(core: &Core, desk: &mut Desk, act: &Act, changes: &mut Vec<Change>) -> Result<Done, Error> {
    if let Some(done) = remembered(desk, act)? {
        return Ok(done);
    }
    let loaded = match &act.case {
        Some(no) => Some(desk.cases.get(no.as_str()).cloned().ok_or(Error::Denial(Denial::Hidden))?),
        None => None,
    };
    may(&act.actor, act.command.kind(), loaded.as_ref().map(|l| &l.stored.case))?;
    if let (Some(loaded), Some(expected)) = (&loaded, act.expected)
        && !loaded.stored.case.was_seen_at(expected)
    {
        return Err(stale(&loaded.stored.case));
    }
    if let Some(twin) = twin(core, act)
        && let Some(no) = desk.twins.get(&twin)
    {
        return Err(Error::Conflict(Box::new(Conflict {
            code: "duplicate",
            detail: format!("同样的申请已经提交过，办件查询号是 {no}，不需要再次提交"),
            no: no.clone(),
            version: 0,
            state: String::new(),
        })));
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| fulfil(core, desk, act, loaded)));
    let (loaded, change) = outcome.map_err(|_| fault("a command panicked"))??;
    for (key, value) in &change.counters {
        desk.counters.insert(key.clone(), *value);
    }
    for (twin, _, no) in &change.twins {
        desk.twins.insert(twin.clone(), no.clone());
    }
    for request in &change.remembered {
        desk.remembered.insert(request.key.clone(), request.clone());
    }
    let case = Arc::new(loaded.stored.case.clone());
    if !change.freed.is_empty() {
        desk.twins.retain(|_, no| no != case.no.as_str());
    }
    desk.cases.insert(case.no.as_str().to_owned(), loaded);
    changes.push(change);
    Ok(Done { case, replayed: false })
}

fn remembered(desk: &Desk, act: &Act) -> Result<Option<Done>, Error> {
    let Some(known) = memory_key(act).and_then(|key| desk.remembered.get(&key)) else { return Ok(None) };
    if known.request != request_digest(act) {
        return Err(Error::KeyReused);
    }
    let loaded = desk.cases.get(&known.no).ok_or_else(|| fault("a remembered case is gone"))?;
    Ok(Some(Done { case: Arc::new(loaded.stored.case.clone()), replayed: true }))
}

fn stale(case: &Case) -> Error {
    let state = staff_words(case.state.name());
    Error::Conflict(Box::new(Conflict {
        code: "stale_version",
        detail: format!(
            "这个办件刚刚被别人办理过，现在是“{state}”（第{}步记录）。请刷新后按最新情况办理",
            case.version
        ),
        no: case.no.as_str().to_owned(),
        version: case.version,
        state: case.state.name().as_str().to_owned(),
    }))
}

fn fulfil(core: &Core, desk: &Desk, act: &Act, loaded: Option<Loaded>) -> Result<(Loaded, Change), Error> {
    let now = core.clock.now();
    let today = tongban_domain::calendar::date_of_ms(now);
    let catalogue = core.catalogue();
    let (local, version) = match (&act.command, &loaded) {
        (_, Some(l)) => (l.stored.case.item.local.as_str(), Some(l.stored.case.item.version)),
        (Command::Submit(submission), None) => (submission.item.as_str(), None),
        _ => return Err(Error::NotFound("办件")),
    };
    let subject = catalogue.subject(local, version, today, core.sample).ok_or(Error::NotFound("事项"))?;
    if let Command::Submit(submission) = &act.command {
        check_place(&catalogue, submission)?;
    }
    let case = loaded.as_ref().map(|l| &l.stored.case);
    let purpose = format!("{}:{}", case.map_or("", |c| &c.head), request_digest(act));
    let mint = Mint::new(core.ids.block(now), core.chance.seed(&purpose), desk.counters.clone());
    let facts = Facts {
        now,
        calendar: &catalogue.calendar,
        actor: &act.actor,
        subject: subject.facts(),
        party: loaded.as_ref().and_then(|l| l.party.as_ref()),
        answers: loaded.as_ref().and_then(|l| l.answers.as_ref()),
        authorities: &desk.authorities,
        officer_reviews: matches!((&act.command, case), (Command::Assign { officer }, Some(case))
            if desk.reviewing.iter().any(|(a, agency)| a == officer && *agency == case.places.deciding)),
        rules: &catalogue.rules,
        outages: &desk.outages,
        mint: &mint,
    };
    let events = decide(case, &act.command, &facts)?;
    let woke = case.and_then(|c| next_wake(c, subject.facts().regime, &catalogue.calendar, &catalogue.rules));
    let case_id = match case {
        Some(case) => case.id,
        None => core.ids.block(now),
    };
    let mut change = Change::default();
    let after = chain(core, act, case.cloned(), case_id, now, &events, &mut change)?;
    let regime = subject.facts().regime;
    let wake = next_wake(&after, regime, &catalogue.calendar, &catalogue.rules);
    if wake != woke || matches!(act.command, Command::Watch) {
        // What is due already is looked at in a moment; a look that found nothing to do yet is repeated later.
        let not_before = match (events.is_empty(), wake) {
            // An outage holds back what is due: looked at when it lets go, and now and then in case it is taken back.
            (true, Some(at)) => facts.delayed(at).clamp(now + LOOK_AGAIN_MS, now + LOOK_AGAIN_LATEST_MS),
            _ => now,
        };
        change.timers.push(TimerRow {
            case: case_id,
            no: after.no.as_str().to_owned(),
            run_at: wake.map_or(NEVER, |at| at.max(not_before)),
            attempts: 0,
        });
    }
    let due = after.pressing(regime, &catalogue.calendar);
    let due_at = due.map_or(NEVER, |due| due.at());
    let tellings = std::mem::take(&mut change.told);
    let told = tell::Told { case: &after, due, by: act.actor.account(), now, tellings };
    tell::rows(core, desk, told, &mut change);
    let submitted_at = loaded.as_ref().map_or(now, |l| l.stored.submitted_at);
    let (texts, counters) = mint.finish();
    let mut loaded = Loaded {
        read_at: loaded.as_ref().and_then(|l| l.read_at),
        changed: !events.is_empty() || loaded.as_ref().is_some_and(|l| l.changed),
        party: loaded.as_ref().and_then(|l| l.party.clone()),
        answers: loaded.as_ref().and_then(|l| l.answers.clone()),
        stored: Stored {
            case: after,
            submitted_at,
            // Looking at a case changes nothing about it.
            changed_at: if events.is_empty() {
                loaded.as_ref().map_or(now, |l| l.stored.changed_at)
            } else {
                now
            },
            due_at,
        },
    };
    change.counters = counters.into_iter().filter(|(k, v)| desk.counters.get(k) != Some(v)).collect();
    keep(core, &mut loaded, texts, &mut change)?;
    if let Some(twin) = twin(core, act) {
        change.twins.push((twin, case_id, loaded.stored.case.no.as_str().to_owned()));
    }
    if let Some(key) = memory_key(act) {
        let no = loaded.stored.case.no.as_str().to_owned();
        let version = loaded.stored.case.version;
        change.remembered.push(Remembered { key, request: request_digest(act), no, version, at: now });
    }
    Ok((loaded, change))
}

/// The applicant's division must exist and be one that the local item serves.
fn check_place(catalogue: &crate::catalogue::Catalogue, submission: &Submission) -> Result<(), Error> {
    let Some(place) = catalogue.tree.get(submission.division) else {
        return Err(crate::error::invalid(
            "division",
            "所在地区",
            "请选择河北省内的地区：没有这个区划代码",
            "no such division in Hebei",
        ));
    };
    let serves = catalogue
        .directory
        .item(&submission.item)
        .is_some_and(|item| catalogue.tree.contains(item.division, place.code));
    if serves {
        return Ok(());
    }
    Err(crate::error::invalid(
        "division",
        "所在地区",
        "请选择本事项办理机关管辖的地区，或换到您所在地区的同名事项",
        "the item's agency does not serve this division",
    ))
}

/// Applies the events one by one, chaining their digests, and collects the duties that follow.
fn chain(
    core: &Core,
    act: &Act,
    mut case: Option<Case>,
    case_id: Id,
    now: i64,
    events: &[Event],
    change: &mut Change,
) -> Result<Case, Error> {
    let account = act.actor.account();
    let post = act.actor.post().map_or(0, |p| p.id.get());
    for event in events {
        let (kind, payload) = event.to_parts()?;
        let sequence = case.as_ref().map_or(1, |c| c.version + 1);
        let previous = case.as_ref().map_or_else(|| genesis(case_id), |c| c.head.clone());
        let link = Link {
            case: case_id,
            sequence,
            at: now,
            account: account.get(),
            post,
            on_behalf: 0,
            kind,
            shape: SHAPE,
            payload: &payload,
        };
        let digest = digest_event(&previous, link);
        let stamp = Stamp { case: case_id, at: now, account, sequence, digest: digest.clone() };
        let after = apply(case, event, &stamp).ok_or_else(|| fault("an event does not apply"))?;
        let row = EventRow {
            case: case_id,
            sequence,
            at: now,
            account: account.get(),
            post,
            on_behalf: 0,
            kind: kind.to_owned(),
            shape: SHAPE,
            payload,
            digest,
            node: 0,
            number: 0,
        };
        change.events.push(event_row(&after, row));
        duties(core, &after, event, now, change);
        case = Some(after);
    }
    case.ok_or_else(|| fault("no events"))
}

fn duties(core: &Core, case: &Case, event: &Event, now: i64, change: &mut Change) {
    let block = core.ids.block(now).get();
    for (i, effect) in effects(case, event).into_iter().enumerate() {
        let id = Id::from(block + i as i64 % IDS_PER_ACT);
        match effect {
            Effect::SealDocument { document } => change.jobs.push(JobRow {
                id,
                kind: "seal".into(),
                case: case.id,
                subject: document,
                run_at: now,
                attempts: 0,
            }),
            Effect::RegisterLicence => change.licenses.extend(licence_row(case, &case.places.deciding, now)),
            Effect::FreeTwin => change.freed.push(case.id),
            Effect::Tell(telling) => change.told.push((telling, case.version)),
        }
    }
    change.files.extend(event.files().map(|f| (f.id, case.id)));
    change.documents.extend(event.documents().iter().map(|d| DocumentRow {
        id: d.id,
        case: case.id,
        kind: d.kind.as_str().into(),
        number: d.number.clone(),
        text: d.data.id,
        check_code: d.check_code().to_owned(),
        made_at: now,
    }));
    change.marks.extend(marked(case, event, now));
    if let Event::DocumentSealed { document, seal } = event {
        change.seals.push(SealRow {
            document: *document,
            case: case.id,
            file: seal.file.clone(),
            size: seal.size as i64,
            key: seal.key.clone(),
            signature: seal.signature.clone(),
        });
    }
}

/// The row of a mark that an event raised or changed.
fn marked(case: &Case, event: &Event, now: i64) -> Option<MarkRow> {
    let id = match event {
        Event::Marked(mark) => mark.id,
        Event::MarkAnswered { mark, .. }
        | Event::MarkContested { mark, .. }
        | Event::MarkClosed { mark, .. } => *mark,
        _ => return None,
    };
    mark_row(case, case.mark(id)?, now)
}

/// A mark as its register holds it; `verify` makes it again.
pub(crate) fn mark_row(case: &Case, mark: &Mark, raised_at: i64) -> Option<MarkRow> {
    Some(MarkRow {
        id: mark.id,
        case: case.id,
        no: case.no.as_str().to_owned(),
        entry: case.item.entry.clone(),
        rule: mark.rule.clone(),
        light: mark.light.as_str().into(),
        state: mark.state.as_str().into(),
        closed: mark.state.is_closed(),
        owner: mark.owner,
        agency: mark.agency.clone(),
        receiving: case.places.receiving.clone(),
        deciding: case.places.deciding.clone(),
        scope: case.places.scope.clone(),
        since: mark.since,
        raised_at,
        answer_due: end_of_day_ms(mark.answer_due),
        figures: serde_json::to_string(&mark.figures).ok()?,
    })
}

/// Locks the kept texts into rows; party and answers also stay on the desk for the next act of the batch.
fn keep(core: &Core, loaded: &mut Loaded, texts: Vec<Text>, change: &mut Change) -> Result<(), Error> {
    let case = loaded.stored.case.id;
    for text in texts {
        match text.kind {
            TextKind::Party => {
                let party: Party = serde_json::from_str(&text.body)?;
                change.parties.push(PartyRow {
                    id: text.id,
                    case,
                    kind: party_kind(&party).into(),
                    name: party.name.clone(),
                    identifier_hash: party.identifier().map(|i| core.secrets.search_hash("identifier", i)),
                });
                loaded.party = Some(party);
            }
            TextKind::Answers => {
                let answers: Answers = serde_json::from_str(&text.body)?;
                loaded.answers = Some(answers);
            }
            TextKind::Supplement | TextKind::Words | TextKind::Document => {}
        }
        change.texts.push(TextRow {
            id: text.id,
            case,
            kind: text.kind.as_str().into(),
            salt: text.salt,
            body: core.secrets.lock(text.id.get(), &text.body),
        });
    }
    Ok(())
}

/// The stored word for a kind of party.
pub(crate) fn party_kind(party: &Party) -> &'static str {
    match party.kind {
        tongban_domain::party::PartyKind::Person => "person",
        tongban_domain::party::PartyKind::Organisation => "organisation",
    }
}
