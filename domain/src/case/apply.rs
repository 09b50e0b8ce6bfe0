//! What a case is after an event. Total: what was decided always applies; no rule is asked here.

use super::chain::Stamp;
use super::event::{Event, Submitted};
use super::{
    Asked, Back, Case, Decision, Extended, ExtensionAsked, Flags, Halt, Hands, Hearing, LicenceGrant,
    MarkState, PaperKind, State, StepClock, SupplementRef, TextRef, genesis, special,
};
use crate::calendar::date_of_ms;
use crate::ids::Id;
use jiff::civil::Date;

/// The case after an event. Total: an event that was decided always applies.
///
/// # Panics
/// Never for event lists that [`super::decide`] made: the first is `Submitted`, the rest follow a case.
pub fn apply(case: Option<Case>, event: &Event, stamp: &Stamp) -> Option<Case> {
    let mut case = match (case, event) {
        (None, Event::Submitted(submitted)) => begin(submitted, stamp),
        (None, _) | (Some(_), Event::Submitted(_)) => return None,
        (Some(case), event) => step(case, event, stamp),
    };
    case.version = stamp.sequence;
    if !event.is_the_platforms_own() {
        case.acted = stamp.sequence;
    }
    case.head.clone_from(&stamp.digest);
    Some(case)
}

fn begin(submitted: &Submitted, stamp: &Stamp) -> Case {
    Case {
        id: stamp.case,
        no: submitted.no.clone(),
        national_no: None,
        item: submitted.item.clone(),
        places: submitted.places.clone(),
        party: submitted.party.id,
        applicant: submitted.applicant,
        at_window: submitted.at_window,
        answers: submitted.answers.clone(),
        answers_version: 1,
        files: submitted.files.clone(),
        state: State::Submitted { since: stamp.at },
        flags: Flags::default(),
        ledger: submitted.ledger.clone(),
        steps_passed: 0,
        officer: None,
        hands: Hands { first_asked: Some(stamp.account).filter(|_| submitted.at_window), ..Hands::default() },
        supplements: Vec::new(),
        decision: None,
        documents: Vec::new(),
        delivery: None,
        rating: None,
        rated_on: None,
        rating_answered: false,
        hearing: None,
        extension_asked: None,
        marks: Vec::new(),
        version: 0,
        acted: 0,
        head: genesis(stamp.case),
    }
}

fn step(mut case: Case, event: &Event, stamp: &Stamp) -> Case {
    let since = stamp.at;
    let today = date_of_ms(stamp.at);
    case.documents.extend(event.documents().iter().cloned());
    match event {
        Event::Submitted(_) => {}
        Event::Received { national_no, .. } => {
            case.national_no = Some(national_no.clone());
            // What the platform receives when silence accepted has no officer.
            case.hands.received_by = by_a_person(stamp);
            case.hands.first_asked = case.hands.first_asked.or(by_a_person(stamp));
            case.state = State::Received { since };
        }
        Event::Amended { answers, party, .. } => {
            case.change_answers(answers, party.as_ref());
        }
        Event::SupplementRequested { rows, fields, materials, due, again, .. } => {
            case.supplements.push(SupplementRef {
                rows: rows.clone(),
                fields: fields.clone(),
                materials: materials.clone(),
                due: *due,
                answered_at: None,
                again: again.clone(),
            });
            case.state = State::Supplementing { since };
        }
        Event::Supplemented { answers, files, party, .. } => {
            case.change_answers(answers, party.as_ref());
            for set in files {
                case.files.retain(|f| f.material != set.material);
                case.files.push(set.clone());
            }
            if let Some(open) = case.supplements.last_mut() {
                open.answered_at = Some(stamp.at);
            }
            case.ledger.asked = None;
            case.ledger.notice_from = today;
            case.state = State::Received { since };
        }
        Event::Accepted { deemed_from, .. } => {
            case.hands.accepted_by = by_a_person(stamp);
            case.ledger.asked = None;
            case.ledger.accepted = Some(deemed_from.unwrap_or(today));
            case.flags.deemed = deemed_from.is_some();
            case.state = State::Accepted { since };
        }
        Event::Declined { .. } => {
            case.ledger.end(today);
            case.state = State::Declined { since };
        }
        Event::Assigned { officer, limit } => {
            case.officer = Some(*officer);
            if matches!(case.state, State::Accepted { .. }) {
                case.ledger.step = limit.map(|limit| StepClock { from: today, limit });
                case.state = State::Reviewing { since, step: 0 };
            }
        }
        Event::Passed { step, last, limit, .. } => {
            case.steps_passed = step + 1;
            case.ledger.step = limit.map(|limit| StepClock { from: today, limit });
            if !case.hands.reviewed_by.contains(&stamp.account) {
                case.hands.reviewed_by.push(stamp.account);
            }
            case.state =
                if *last { State::Deciding { since } } else { State::Reviewing { since, step: step + 1 } };
        }
        Event::Returned { to, limit, .. } => match to {
            Some(step) => {
                case.ledger.step = limit.map(|limit| StepClock { from: today, limit });
                case.steps_passed = *step;
                case.state = State::Reviewing { since, step: *step };
            }
            None => {
                case.steps_passed = 0;
                case.ledger.step = None;
                case.officer = None;
                case.state = State::Accepted { since };
            }
        },
        Event::Granted { authority, licence, .. } => {
            case.decide(true, *authority, licence.clone(), today, stamp);
            case.state = State::Granted { since };
        }
        Event::Refused { authority, .. } => {
            case.decide(false, *authority, None, today, stamp);
            case.state = State::Refused { since };
        }
        Event::DocumentSealed { document, seal } => {
            if let Some(sealed) = case.documents.iter_mut().find(|d| d.id == *document) {
                sealed.seal = Some(seal.clone());
            }
            // A click is no notice, the document is: from its seal on the applicant is told and the clock stands.
            let told =
                case.documents.iter().any(|d| d.id == *document && d.kind == PaperKind::SupplementNotice);
            if let (true, State::Supplementing { .. }, Some(open)) =
                (told, case.state, case.open_supplement())
            {
                case.ledger.asked = Some(Asked { on: today, due: open.due });
            }
        }
        Event::Issued { .. } => {
            case.ledger.issued = Some(today);
            case.state = State::Issued { since };
        }
        Event::Delivered { method, .. } => {
            case.delivery = Some(*method);
            case.ledger.delivered = Some(today);
            case.state = State::Delivered { since };
        }
        Event::Closed => case.state = State::Closed { since },
        Event::Archived => case.state = State::Archived { since },
        Event::Withdrawn { .. } => {
            case.ledger.end(today);
            case.flags.special = false;
            case.state = State::Withdrawn { since };
        }
        Event::Terminated { .. } => {
            case.ledger.end(today);
            case.flags.special = false;
            case.state = State::Terminated { since };
        }
        Event::Suspended { .. } => {
            let back = match case.state {
                State::Reviewing { step, .. } => Back::Reviewing { step },
                State::Deciding { .. } => Back::Deciding,
                _ => Back::Accepted,
            };
            case.ledger.stop(Halt::Suspension, today);
            case.state = State::Suspended { since, back };
        }
        Event::Resumed { .. } => {
            case.ledger.go_on(Halt::Suspension, today);
            if let State::Suspended { back, .. } = case.state {
                case.state = match back {
                    Back::Accepted => State::Accepted { since },
                    Back::Reviewing { step } => State::Reviewing { since, step },
                    Back::Deciding => State::Deciding { since },
                };
            }
        }
        Event::Rated { grade, .. } => {
            case.rating = Some(*grade);
            case.rated_on = Some(today);
        }
        Event::RatingAnswered { .. } => case.rating_answered = true,
        Event::HearingRightTold { .. }
        | Event::HearingRequested { .. }
        | Event::SpecialNotified { .. }
        | Event::SpecialStarted { .. }
        | Event::SpecialEnded { .. }
        | Event::ExtensionRequested { .. }
        | Event::Extended { .. }
        | Event::ExtensionRefused { .. } => time(&mut case, event, stamp),
        Event::Marked(_)
        | Event::MarkAnswered { .. }
        | Event::MarkContested { .. }
        | Event::MarkClosed { .. } => mark(&mut case, event),
    }
    case
}

/// 特别程序、听证、延期: what they do to the ledger.
fn time(case: &mut Case, event: &Event, stamp: &Stamp) {
    let today = date_of_ms(stamp.at);
    match event {
        Event::HearingRightTold { ask_by, .. } => {
            case.hearing = Some(Hearing { ask_by: *ask_by, asked_on: None, hold_by: None });
        }
        Event::HearingRequested { hold_by, .. } => {
            if let Some(hearing) = &mut case.hearing {
                hearing.asked_on = Some(today);
                hearing.hold_by = Some(*hold_by);
            }
        }
        Event::SpecialNotified { procedure, excluded, basis, days, document, .. } => {
            let notice = special::announced(today, *days, document.id);
            case.ledger.announce(*procedure, *excluded, basis, notice);
        }
        Event::SpecialStarted { procedure, excluded, basis } => {
            case.ledger.begin(*procedure, *excluded, basis, today);
        }
        Event::SpecialEnded { procedure, .. } => case.ledger.finish(*procedure, today),
        Event::ExtensionRequested { days, reason } => {
            let (by, reason) = (stamp.account, reason.clone());
            case.extension_asked = Some(ExtensionAsked { days: *days, by, on: today, reason });
        }
        Event::Extended { by, n, unit, .. } => {
            case.ledger.extension = Some(Extended { by: *by, n: *n, unit: *unit, on: today });
            case.flags.extended = true;
            case.extension_asked = None;
        }
        Event::ExtensionRefused { .. } => case.extension_asked = None,
        _ => {}
    }
    case.flags.special = case.ledger.procedures.iter().any(|p| p.is_open() && p.started.is_some());
}

/// 督办: what became of a mark.
fn mark(case: &mut Case, event: &Event) {
    let (id, state, words) = match event {
        Event::Marked(mark) => {
            case.marks.push((**mark).clone());
            return;
        }
        Event::MarkAnswered { mark, answer } => (mark, MarkState::Answered, Some(answer)),
        Event::MarkContested { mark, reason } => (mark, MarkState::Contested, Some(reason)),
        Event::MarkClosed { mark, upheld: true, note } => (mark, MarkState::Upheld, note.as_ref()),
        Event::MarkClosed { mark, upheld: false, note } => (mark, MarkState::Cleared, note.as_ref()),
        _ => return,
    };
    if let Some(mark) = case.marks.iter_mut().find(|m| m.id == *id) {
        mark.state = state;
        mark.words.extend(words.cloned());
    }
}

/// The member of staff behind an event; none for the platform.
fn by_a_person(stamp: &Stamp) -> Option<Id> {
    Some(stamp.account).filter(|account| account.get() != 0)
}

impl Case {
    fn change_answers(&mut self, answers: &TextRef, party: Option<&TextRef>) {
        if self.answers != *answers {
            self.answers = answers.clone();
            self.answers_version += 1;
        }
        if let Some(party) = party {
            self.party = party.id;
        }
    }

    fn decide(
        &mut self,
        granted: bool,
        authority: Id,
        licence: Option<LicenceGrant>,
        on: Date,
        stamp: &Stamp,
    ) {
        self.hands.decided_by = Some(stamp.account);
        self.ledger.decided = Some(on);
        self.ledger.step = None;
        self.decision = Some(Decision { granted, authority, on, licence });
    }
}
