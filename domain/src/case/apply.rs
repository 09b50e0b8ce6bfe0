//! What a case is after an event. Total: what was decided always applies; no rule is asked here.

use super::event::{Event, Stamp, Submitted};
use super::{Back, Case, Decision, Flags, Halt, Hands, LicenceGrant, State, SupplementRef, TextRef, genesis};
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
    if !matches!(event, Event::DocumentSealed { .. }) {
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
        hands: Hands::default(),
        supplements: Vec::new(),
        decision: None,
        documents: Vec::new(),
        delivery: None,
        rating: None,
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
            case.hands.received_by = Some(stamp.account);
            case.state = State::Received { since };
        }
        Event::Amended { answers, party, .. } => {
            case.change_answers(answers, party.as_ref());
        }
        Event::SupplementRequested { rows, fields, materials, due, .. } => {
            case.supplements.push(SupplementRef {
                rows: rows.clone(),
                fields: fields.clone(),
                materials: materials.clone(),
                due: *due,
                answered_at: None,
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
            case.ledger.notice_from = today;
            case.state = State::Received { since };
        }
        Event::Accepted { deemed_from, .. } => {
            case.hands.accepted_by = Some(stamp.account);
            case.ledger.accepted = Some(deemed_from.unwrap_or(today));
            case.flags.deemed = deemed_from.is_some();
            case.state = State::Accepted { since };
        }
        Event::Declined { .. } => case.state = State::Declined { since },
        Event::Assigned { officer } => {
            case.officer = Some(*officer);
            if matches!(case.state, State::Accepted { .. }) {
                case.state = State::Reviewing { since, step: 0 };
            }
        }
        Event::Passed { step, last, .. } => {
            case.steps_passed = step + 1;
            if !case.hands.reviewed_by.contains(&stamp.account) {
                case.hands.reviewed_by.push(stamp.account);
            }
            case.state =
                if *last { State::Deciding { since } } else { State::Reviewing { since, step: step + 1 } };
        }
        Event::Returned { to, .. } => match to {
            Some(step) => {
                case.steps_passed = *step;
                case.state = State::Reviewing { since, step: *step };
            }
            None => {
                case.steps_passed = 0;
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
            case.ledger.go_on(Halt::Suspension, today);
            case.state = State::Withdrawn { since };
        }
        Event::Terminated { .. } => {
            case.ledger.go_on(Halt::Suspension, today);
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
        Event::Resumed => {
            case.ledger.go_on(Halt::Suspension, today);
            if let State::Suspended { back, .. } = case.state {
                case.state = match back {
                    Back::Accepted => State::Accepted { since },
                    Back::Reviewing { step } => State::Reviewing { since, step },
                    Back::Deciding => State::Deciding { since },
                };
            }
        }
        Event::Rated { grade, .. } => case.rating = Some(*grade),
    }
    case
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
        self.decision = Some(Decision { granted, authority, on, licence });
    }
}
