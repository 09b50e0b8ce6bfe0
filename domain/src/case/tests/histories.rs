//! What holds in every history, whatever is asked in whatever order.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::authority::AuthorityAct;
use crate::calendar::{add_calendar_days, date_of_ms};
use crate::ids::Id;
use crate::item::Answers;
use crate::permit::Actor;
use crate::sample::{COMPANY_SECRETS, PERSON_SECRETS, Turn, turns};

/// One turn as it went.
struct Went {
    before: Docket,
    after: Docket,
    actor: Actor,
    command: Command,
    outcome: Result<Vec<Event>, Stopped>,
    new_texts: BTreeSet<Id>,
}

/// Plays a history; the representative's authority lasts some days only, so that some decisions come too late.
fn played(turns: &[Turn], days: i32) -> (World, Docket, Vec<Went>) {
    let mut world = World::new();
    world.authorities[0].to = add_calendar_days(world.today(), days);
    world.authorities[0].acts.truncate(1 + usize::from(days % 2 == 0));
    let mut docket = Docket::default();
    let mut went = Vec::new();
    for turn in turns {
        let before = docket.clone();
        let texts: BTreeSet<Id> = world.texts().map(|t| t.id).collect();
        let (actor, command, outcome) = world.play(&mut docket, *turn);
        let new_texts = world.texts().map(|t| t.id).filter(|id| !texts.contains(id)).collect();
        went.push(Went { before, after: docket.clone(), actor, command, outcome, new_texts });
    }
    (world, docket, went)
}

fn promised(world: &World, docket: &Docket) -> Option<jiff::civil::Date> {
    let case = docket.case.as_ref()?;
    deadlines(&case.ledger, &world.regime, &world.calendar).promised.map(|d| d.last_day)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_is_refused_changes_nothing_and_is_never_our_fault(turns in turns(40), days in 0..40i32) {
        let (_, _, went) = played(&turns, days);
        for step in &went {
            let Err(stopped) = &step.outcome else { continue };
            prop_assert_eq!(&step.before.case, &step.after.case);
            prop_assert_eq!(step.before.record.len(), step.after.record.len());
            prop_assert!(step.new_texts.is_empty());
            let begins_late = step.before.case.is_none();
            let excused = begins_late || step.command.kind() == CommandKind::RecordSeal;
            prop_assert!(!matches!(stopped, Stopped::Bug(_)), "{stopped:?}");
            prop_assert!(excused || !matches!(stopped, Stopped::No(No::Missing(_))), "{stopped:?}");
            if let Stopped::No(No::Refused(refusal)) = stopped {
                prop_assert!(refusal.to_string().ends_with('。'), "{refusal}");
            }
        }
    }

    #[test]
    fn what_is_over_stays_over(turns in turns(50), days in 0..40i32) {
        use CommandKind as K;
        let (_, _, went) = played(&turns, days);
        for step in &went {
            let Some(before) = step.before.case.as_ref().filter(|c| c.state.name().is_over()) else { continue };
            let after = step.after.case.as_ref().unwrap();
            prop_assert!(after.state.name().is_over());
            let kind = step.command.kind();
            if step.outcome.is_ok() {
                let about_how_it_went = matches!(
                    kind,
                    K::Archive
                        | K::Rate
                        | K::AnswerRating
                        | K::RecordSeal
                        | K::Watch
                        | K::AnswerMark
                        | K::ContestMark
                        | K::CloseMark
                );
                prop_assert!(about_how_it_went, "{kind:?} in {:?}", before.state);
            }
            prop_assert!(before.state == after.state || kind == K::Archive);
            prop_assert_eq!(&before.ledger, &after.ledger);
            prop_assert_eq!(&before.decision, &after.decision);
        }
    }

    #[test]
    fn replaying_the_record_gives_the_case_and_a_row_keeps_it(turns in turns(40), days in 0..40i32) {
        let (_, docket, _) = played(&turns, days);
        prop_assert_eq!(&docket.replayed().unwrap(), &docket.case);
        let Some(case) = &docket.case else { return Ok(()) };
        let row = serde_json::to_string(case).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Case>(&row).unwrap(), case);
        for (n, kept) in docket.record.iter().enumerate() {
            let event = Event::from_parts(&kept.kind, &kept.payload).unwrap();
            prop_assert_eq!(event.to_parts().unwrap(), (event.kind(), kept.payload.clone()));
            prop_assert_eq!(kept.stamp.sequence as usize, n + 1);
        }
        prop_assert_eq!(case.version as usize, docket.record.len());
        prop_assert_eq!(&case.head, &docket.record.last().unwrap().stamp.digest);
    }

    #[test]
    fn the_chain_verifies_until_a_byte_is_changed(
        turns in turns(30),
        event in any::<prop::sample::Index>(),
        byte in any::<prop::sample::Index>(),
        bit in 0..7u8,
    ) {
        let (_, docket, _) = played(&turns, 30);
        prop_assert!(docket.verifies());
        if docket.record.is_empty() {
            return Ok(());
        }
        let at = event.index(docket.record.len());
        let mut forged = docket.clone();
        let mut bytes = forged.record[at].payload.clone().into_bytes();
        let place = byte.index(bytes.len());
        bytes[place] ^= 1 << bit;
        if let Ok(payload) = String::from_utf8(bytes) {
            forged.record[at].payload = payload;
            prop_assert!(!forged.verifies());
        }
        let mut later = docket.clone();
        later.record[at].stamp.at += 1;
        prop_assert!(!later.verifies());
        let mut missing = docket.clone();
        missing.record.remove(at);
        prop_assert!(!missing.verifies() || at == docket.record.len() - 1, "only the head in the row tells the last");
    }

    #[test]
    fn no_decision_stands_without_a_valid_authority(turns in turns(40), days in 0..20i32) {
        let (world, docket, went) = played(&turns, days);
        for step in &went {
            for event in step.outcome.iter().flatten() {
                let (authority, act) = match event {
                    Event::Granted { authority, .. } => (authority, AuthorityAct::Grant),
                    Event::Refused { authority, .. } => (authority, AuthorityAct::Refuse),
                    _ => continue,
                };
                let entry = world.authorities.iter().find(|a| a.id == *authority).unwrap();
                let today = date_of_ms(step.after.record.last().unwrap().stamp.at);
                prop_assert_eq!(entry.account, step.actor.account());
                prop_assert!(entry.from <= today && today <= entry.to);
                prop_assert!(entry.acts.contains(&act));
                prop_assert_eq!(step.before.case.as_ref().unwrap().state.name(), StateName::Deciding);
            }
        }
        let Some(case) = &docket.case else { return Ok(()) };
        let decided = case.decision.is_some();
        prop_assert_eq!(decided, case.ledger.decided.is_some());
        prop_assert_eq!(decided, case.hands.decided_by.is_some());
        if matches!(case.state.name(), StateName::Granted | StateName::Refused | StateName::Issued) {
            prop_assert!(decided);
        }
    }

    #[test]
    fn supplements_are_asked_once_and_only_while_the_notice_period_runs(turns in turns(40)) {
        let (world, docket, went) = played(&turns, 30);
        for step in &went {
            let Some(case) = &step.after.case else { continue };
            // Only a reason lets it be asked again, and then it is marked.
            prop_assert!(case.supplements.iter().skip(1).all(|s| s.again.is_some()));
            let marked = case.marks.iter().filter(|m| m.rule == "R06").count();
            prop_assert_eq!(marked, case.supplements.len().saturating_sub(1));
            let open = case.supplements.iter().filter(|s| s.answered_at.is_none()).count();
            prop_assert_eq!(open == 1 && case.state.name() == StateName::Supplementing, case.state.name() == StateName::Supplementing);
            let asked = matches!(step.outcome.as_deref(), Ok([Event::SupplementRequested { .. }, ..]));
            if asked {
                let before = step.before.case.as_ref().unwrap();
                let due = notice_due(&before.ledger, &world.regime, &world.calendar).unwrap();
                prop_assert!(case.state.since() < due.at());
            }
        }
        drop(docket);
    }

    #[test]
    fn time_is_counted_from_acceptance_and_never_while_suspended(turns in turns(50)) {
        let (world, _, went) = played(&turns, 30);
        let mut at_suspension = None;
        for step in &went {
            let Some(case) = &step.after.case else { continue };
            let all = deadlines(&case.ledger, &world.regime, &world.calendar);
            let standing = case.state.name() == StateName::Suspended;
            prop_assert_eq!(standing, case.ledger.stops.iter().any(|s| s.to.is_none()));
            match case.ledger.accepted {
                Some(accepted) => {
                    let first = [all.statutory, all.promised];
                    prop_assert!(first.iter().flatten().all(|d| d.last_day > accepted));
                    prop_assert_eq!(all.promised.is_none(), standing);
                    let deemed = case.flags.deemed;
                    prop_assert!(!deemed || accepted == case.ledger.notice_from);
                }
                None => prop_assert_eq!((all.statutory, all.promised), (None, None)),
            }
            match step.outcome.as_deref() {
                Ok([Event::Suspended { .. }]) => at_suspension = promised(&world, &step.before),
                Ok([Event::Resumed { .. }]) => prop_assert!(promised(&world, &step.after) >= at_suspension),
                _ => {}
            }
            prop_assert!(case.ledger.decided >= case.ledger.accepted || case.ledger.decided.is_none());
            let running = case.ledger.procedures.iter().any(|p| p.is_open() && p.started.is_some());
            prop_assert_eq!(case.flags.special, running);
            prop_assert!(!running || !case.state.name().is_over());
            prop_assert!(case.ledger.notice_from >= case.ledger.submitted);
            let pressing = case.pressing(&world.regime, &world.calendar);
            prop_assert!(!(pressing.is_some() && case.state.name().is_over()));
            let explained = explain(&case.ledger, &world.regime, &world.calendar);
            prop_assert!(explained.len() >= 2);
        }
    }

    #[test]
    fn a_case_under_review_has_its_officer_and_its_step(turns in turns(50)) {
        let (world, _, went) = played(&turns, 30);
        let steps = world.entry.review_steps().count() as u8;
        for step in &went {
            let Some(case) = &step.after.case else { continue };
            prop_assert!(case.steps_passed <= steps);
            match case.state {
                State::Reviewing { step, .. } | State::Suspended { back: Back::Reviewing { step }, .. } => {
                    prop_assert!(case.officer.is_some());
                    prop_assert_eq!(step, case.steps_passed);
                    prop_assert!(step < steps);
                }
                State::Deciding { .. } | State::Granted { .. } | State::Refused { .. } => {
                    prop_assert!(case.officer.is_some());
                    prop_assert_eq!(case.steps_passed, steps);
                }
                State::Accepted { .. } => {
                    prop_assert_eq!((case.officer, case.steps_passed), (None, 0));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn no_payload_holds_a_name_a_number_or_an_answer(turns in turns(40)) {
        let (world, docket, _) = played(&turns, 30);
        let payloads: Vec<&str> = docket.record.iter().map(|k| k.payload.as_str()).collect();
        let absent = |secret: &str| payloads.iter().all(|p| !p.contains(secret));
        for secret in COMPANY_SECRETS.iter().chain(&PERSON_SECRETS) {
            prop_assert!(absent(secret), "{secret}");
        }
        for text in world.texts() {
            match text.kind {
                TextKind::Answers => {
                    let answers: Answers = serde_json::from_str(&text.body).unwrap();
                    for (key, value) in answers {
                        prop_assert!(absent(&value), "{key}: {value}");
                    }
                }
                TextKind::Words => prop_assert!(absent(&text.body), "{}", text.body),
                TextKind::Supplement => {
                    let rows: Vec<SupplementRow> = serde_json::from_str(&text.body).unwrap();
                    prop_assert!(rows.iter().all(|r| absent(&r.problem) && absent(&r.fix)));
                }
                TextKind::Party | TextKind::Document => prop_assert!(absent(&text.body)),
            }
            prop_assert!(absent(&text.salt), "a salt in the record would let the answers be guessed");
        }
    }

    #[test]
    fn events_name_exactly_the_texts_that_are_kept(turns in turns(40)) {
        let (world, _, went) = played(&turns, 30);
        for step in &went {
            let Ok(events) = &step.outcome else { continue };
            let named: Vec<&TextRef> = events.iter().flat_map(Event::texts).collect();
            for text in &named {
                let kept = world.text(text.id).unwrap();
                prop_assert_eq!(&digest_text(&kept.salt, kept.kind.as_str(), &kept.body), &text.digest);
            }
            // Answers that a supplement left as they were are named again, not kept again.
            let unchanged = step.before.case.as_ref().map(|c| c.answers.id);
            let fresh: BTreeSet<Id> = named.iter().map(|t| t.id).filter(|id| Some(*id) != unchanged).collect();
            prop_assert_eq!(fresh.len() + usize::from(named.iter().any(|t| Some(t.id) == unchanged)), named.len());
            prop_assert_eq!(&fresh, &step.new_texts);
            let documents: Vec<Id> = events.iter().flat_map(|e| e.documents().iter().map(|d| d.id)).collect();
            prop_assert!(documents.iter().all(|id| !fresh.contains(id)), "a document and a text share an id");
        }
    }

    #[test]
    fn the_same_chance_mints_the_same_bytes(turns in turns(40), days in 0..40i32) {
        let (first, one, _) = played(&turns, days);
        let (second, two, _) = played(&turns, days);
        let bytes = |docket: &Docket| -> Vec<(String, String)> {
            docket.record.iter().map(|k| (k.payload.clone(), k.stamp.digest.clone())).collect()
        };
        prop_assert_eq!(bytes(&one), bytes(&two));
        prop_assert!(first.texts().eq(second.texts()));
    }

    #[test]
    fn another_seed_mints_another_number_and_other_digests(seed in any::<[u8; 32]>(), other in any::<[u8; 32]>()) {
        prop_assume!(seed != other);
        let world = World::new();
        let command = Command::Submit(Box::new(world.submission(0)));
        let submitted = |seed| {
            let mint = world.mint(&command, seed);
            let events = world.ask(None, &world.applicant(), &command, &mint).unwrap();
            (events, mint.finish().0)
        };
        prop_assert_eq!(submitted(seed), submitted(seed));
        let ((one, texts), (two, others)) = (submitted(seed), submitted(other));
        let (Event::Submitted(one), Event::Submitted(two)) = (&one[0], &two[0]) else { panic!() };
        prop_assert!(one.no != two.no);
        prop_assert!(one.answers.digest != two.answers.digest && one.party.digest != two.party.digest);
        prop_assert!(texts.iter().all(|t| others.iter().all(|o| o.salt != t.salt)));
        prop_assert!(texts[0].salt != texts[1].salt);
    }
}

/// The strategies must reach what they are meant to try.
#[test]
fn random_histories_reach_every_state() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    let mut refused = 0;
    for _ in 0..400 {
        let history = turns(50).new_tree(&mut runner).unwrap().current();
        let (_, _, went) = played(&history, 30);
        seen.extend(went.iter().filter_map(|w| w.after.case.as_ref()).map(|c| c.state.name()));
        refused += went.iter().filter(|w| w.outcome.is_err()).count();
    }
    let missing: Vec<StateName> = StateName::ALL.into_iter().filter(|s| !seen.contains(s)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(refused > 100);
}
