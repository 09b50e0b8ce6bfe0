//! What has to hold after every act and at the end of every case, judged without the code that decided it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::Tally;
use crate::authority::{AuthorityAct, DecisionAuthority};
use crate::calendar::date_of_ms;
use crate::case::{
    Audience, Case, Command, Deadlines, Effect, Event, Ledger, Mark, StateName, apply, deadlines, effects,
    next_wake,
};
use crate::ids::Id;
use crate::permit::Actor;
use crate::sample::slow::{self, Expected};
use crate::sample::{Docket, World};

/// What an act raises at once, by rule; everything else is raised by the clock.
const AT_ONCE: [&str; 7] = ["R06", "R10", "P01", "P02", "P03", "P04", "P05"];

/// What the slow clock says of a case as it last stood.
#[derive(Debug, Clone)]
pub(super) struct Known {
    ledger: Ledger,
    due: Deadlines,
    state: StateName,
    silence: Option<i64>,
    expected: Vec<Expected>,
    /// When somebody has to look next, epoch milliseconds.
    pub(super) wake: Option<i64>,
}

/// Judges what came of an act by what was known before it.
pub(super) fn act(
    world: &World,
    case: &Case,
    before: Option<&Known>,
    asked: (&Actor, &Command),
    events: &[Event],
) -> Result<(), String> {
    let today = world.today();
    for event in events {
        match event {
            Event::Granted { authority, .. } => {
                decided(world, case, before, (asked.0, *authority, AuthorityAct::Grant), today)?;
            }
            Event::Refused { authority, .. } => {
                decided(world, case, before, (asked.0, *authority, AuthorityAct::Refuse), today)?;
            }
            Event::Extended { authority, .. } => {
                authorised(world, case, (asked.0, *authority, AuthorityAct::Extend), today)?;
            }
            Event::Accepted { deemed_from, .. } => {
                let before = before.ok_or("accepted before it was submitted")?;
                let silent = before.silence.is_some_and(|at| at <= world.now);
                let expected = silent.then_some(before.ledger.notice_from);
                if *deemed_from != expected {
                    return Err(format!(
                        "accepted by silence from {deemed_from:?}, the slow model says {expected:?}"
                    ));
                }
            }
            Event::Marked(mark) => marked(world, case, before, asked.1, mark)?,
            _ => {}
        }
    }
    if case.supplements.iter().filter(|s| s.answered_at.is_none()).count() > 1 {
        return Err("more than one supplement is open".into());
    }
    Ok(())
}

fn decided(
    world: &World,
    case: &Case,
    before: Option<&Known>,
    by: (&Actor, Id, AuthorityAct),
    today: Date,
) -> Result<(), String> {
    if before.map(|b| b.state) != Some(StateName::Deciding) {
        return Err("decided where no decision was due".into());
    }
    if case.decision.as_ref().is_none_or(|d| d.authority != by.1 || d.on != today) {
        return Err("the decision does not name its authority and its day".into());
    }
    authorised(world, case, by, today)
}

/// Whether the register holds the authority for this person, item, act and day; read line by line.
fn authorised(world: &World, case: &Case, by: (&Actor, Id, AuthorityAct), today: Date) -> Result<(), String> {
    let (actor, id, act) = by;
    let lines = world.authorities.iter().filter(|a| a.id == id);
    let holds = |a: &DecisionAuthority| {
        a.account == actor.account()
            && a.agency == case.places.deciding
            && (a.items.is_empty() || a.items.contains(&case.item.entry))
            && a.acts.contains(&act)
            && a.from <= today
            && today <= a.to
            && a.revoked_on.is_none_or(|revoked| today < revoked)
    };
    if lines.filter(|a| holds(a)).count() == 1 {
        return Ok(());
    }
    Err(format!("{} without authority, by {actor:?} on {id}", act.label()))
}

fn marked(
    world: &World,
    case: &Case,
    before: Option<&Known>,
    command: &Command,
    mark: &Mark,
) -> Result<(), String> {
    let name = format!("{} {} {}", mark.rule, mark.light.label(), mark.subject);
    let same = |m: &&Mark| m.rule == mark.rule && m.light == mark.light && m.subject == mark.subject;
    if case.marks.iter().filter(same).count() != 1 {
        return Err(format!("{name} was raised twice"));
    }
    if AT_ONCE.contains(&mark.rule.as_str()) {
        let fits = mark.since == world.now && !matches!(command, Command::Watch);
        return if fits { Ok(()) } else { Err(format!("{name} was not raised at once")) };
    }
    let due = before.and_then(|b| b.expected.iter().find(|e| e.is(mark)));
    match due {
        None => Err(format!("{name} was raised, the slow model knows of none")),
        Some(due) if due.at > world.now => Err(format!("{name} was raised before its instant {}", due.at)),
        Some(due) if due.at != mark.since => {
            Err(format!("{name} stands since {}, the slow model says {}", mark.since, due.at))
        }
        Some(_) => Ok(()),
    }
}

/// What the slow clock says of the case as it now stands; an error where the fast one says something else.
pub(super) fn clock(
    world: &World,
    case: &Case,
    before: Option<Known>,
    events: &[Event],
) -> Result<Known, String> {
    let (regime, calendar) = (&world.regime, &world.calendar);
    let only_sealed = events.iter().all(|e| matches!(e, Event::DocumentSealed { .. }));
    let unchanged = before.filter(|b| b.ledger == case.ledger);
    if let Some(known) = unchanged.as_ref().filter(|_| only_sealed) {
        // A seal that told nobody anything moves no clock.
        return Ok(known.clone());
    }
    let due = match &unchanged {
        Some(known) => known.due,
        None => {
            let slowly = slow::deadlines(&case.ledger, regime, calendar);
            let fast = deadlines(&case.ledger, regime, calendar);
            if slowly != fast {
                return Err(format!("deadlines are {fast:?}, the slow model says {slowly:?}"));
            }
            slowly
        }
    };
    let silence = slow::silence(case, regime, calendar);
    let expected = slow::marks(case, &due, (regime, calendar), &world.rules);
    let wake = expected.iter().map(|e| e.at).chain(silence).min();
    let fast = next_wake(case, regime, calendar, &world.rules);
    if wake != fast {
        return Err(format!("the timer is {fast:?}, the slow model says {wake:?}"));
    }
    let ledger = unchanged.map_or_else(|| case.ledger.clone(), |b| b.ledger);
    Ok(Known { ledger, due, state: case.state.name(), silence, expected, wake })
}

impl Known {
    /// What had to have happened by an instant.
    pub(super) fn by(&self, now: i64) -> Result<(), String> {
        if self.silence.is_some_and(|at| at < now) {
            return Err("silence has not accepted it".into());
        }
        match self.expected.iter().find(|e| e.at < now) {
            Some(missed) => Err(format!("{} {} was not raised", missed.rule, missed.light.label())),
            None => Ok(()),
        }
    }
}

/// The whole record of a case: it verifies, replays to the case, and lists every duty once. An error names the day.
pub(super) fn record(docket: &Docket, tally: &mut Tally) -> Result<(), (Date, String)> {
    let last = docket.record.last().map_or(Date::MIN, |k| date_of_ms(k.stamp.at));
    if !docket.verifies() {
        return Err((last, "the chain does not verify".into()));
    }
    let mut case = None;
    let mut duties = Duties::default();
    for kept in &docket.record {
        let day = date_of_ms(kept.stamp.at);
        let event = Event::from_parts(&kept.kind, &kept.payload).map_err(|e| (day, e.to_string()))?;
        let after = apply(case, &event, &kept.stamp).ok_or((day, format!("{} does not apply", kept.kind)))?;
        duties.add(&after, &event).map_err(|what| (day, what))?;
        tally.events += 1;
        case = Some(after);
    }
    if case != docket.case {
        return Err((last, "replaying the record gives another case".into()));
    }
    case.map_or(Ok(()), |case| duties.close(&case)).map_err(|what| (last, what))
}

/// The duties of a case so far.
#[derive(Default)]
struct Duties {
    to_seal: BTreeSet<Id>,
    sealed: BTreeSet<Id>,
    licences: u32,
    freed: u32,
}

impl Duties {
    fn add(&mut self, case: &Case, event: &Event) -> Result<(), String> {
        let mut told = BTreeSet::new();
        for effect in effects(case, event) {
            match effect {
                Effect::SealDocument { document } => {
                    if !self.to_seal.insert(document) {
                        return Err(format!("document {document} is to be sealed twice"));
                    }
                }
                Effect::RegisterLicence => self.licences += 1,
                Effect::FreeTwin => self.freed += 1,
                Effect::Tell(telling) => {
                    if !told.insert((telling.audience, telling.topic)) {
                        return Err(format!("{:?} is told twice", telling.topic));
                    }
                }
            }
        }
        let applicants = told.iter().filter(|(a, _)| matches!(a, Audience::Applicant(_))).count();
        let wanted = usize::from(case.applicant.is_some() && !event.documents().is_empty());
        if applicants > 1 || applicants < wanted {
            return Err(format!("the applicant is told {applicants} times of {}", event.kind()));
        }
        if let Event::DocumentSealed { document, .. } = event
            && (!self.to_seal.contains(document) || !self.sealed.insert(*document))
        {
            return Err(format!("document {document} was sealed without a duty, or twice"));
        }
        Ok(())
    }

    fn close(&self, case: &Case) -> Result<(), String> {
        let documents: BTreeSet<Id> = case.documents.iter().map(|d| d.id).collect();
        if documents != self.to_seal || documents.len() != case.documents.len() {
            return Err("not every document is to be sealed once".into());
        }
        let sealed: BTreeSet<Id> = case.documents.iter().filter(|d| d.seal.is_some()).map(|d| d.id).collect();
        if sealed != self.sealed {
            return Err("seals differ from the record".into());
        }
        let licence = u32::from(case.ledger.issued.is_some() && case.licence().is_some());
        if self.licences != licence {
            return Err(format!("the licence is entered {} times", self.licences));
        }
        if self.freed != u32::from(case.state.name().is_over()) {
            return Err(format!("the application is set free {} times", self.freed));
        }
        Ok(())
    }
}
