//! Assignment and review steps.

use super::*;
use crate::item::StepKind;
use crate::sample::people;

#[test]
fn an_officer_is_assigned_and_the_first_step_begins() {
    let mut world = World::new();
    let docket = world.case_in(StateName::Reviewing).unwrap();
    assert_eq!(case(&docket).state, State::Reviewing { since: world.now, step: 0 });
    assert_eq!(case(&docket).officer, Some(Id::from(people::REVIEWER)));
}

#[test]
fn only_somebody_who_reviews_for_the_organ_can_be_assigned() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Accepted).unwrap();
    let outcome = ask(&mut world, &mut docket, Command::Assign { officer: Id::from(people::CLERK) });
    assert_eq!(invalid_fields(outcome), ["officer"]);
}

#[test]
fn reassigning_keeps_the_step_and_its_beginning() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    world.proper(&mut docket, CommandKind::Pass).unwrap();
    let before = case(&docket).state;
    world.now += 60_000;
    ask(&mut world, &mut docket, Command::Assign { officer: Id::from(people::SECOND_REVIEWER) }).unwrap();
    assert_eq!(case(&docket).state, before);
    let again = Command::Assign { officer: Id::from(people::SECOND_REVIEWER) };
    assert_eq!(refusal(ask(&mut world, &mut docket, again)).code, "same_officer");
}

#[test]
fn passing_every_step_leads_to_the_decision_desk() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let first = world.proper(&mut docket, CommandKind::Pass).unwrap();
    assert!(matches!(first[0], Event::Passed { step: 0, last: false, .. }));
    assert!(matches!(case(&docket).state, State::Reviewing { step: 1, .. }));
    let second = world.proper(&mut docket, CommandKind::Pass).unwrap();
    assert!(matches!(second[0], Event::Passed { step: 1, last: true, .. }));
    assert_eq!(state(&docket), StateName::Deciding);
    assert_eq!(case(&docket).steps_passed, 2);
    assert_eq!(case(&docket).hands.reviewed_by, [Id::from(people::REVIEWER)]);
}

#[test]
fn an_item_without_review_steps_is_looked_at_once() {
    let mut world = World::new();
    world.entry.flow.retain(|s| s.kind != StepKind::Review);
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    world.proper(&mut docket, CommandKind::Pass).unwrap();
    assert_eq!(state(&docket), StateName::Deciding);
}

#[test]
fn only_the_officer_in_charge_passes_or_returns() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let other = world.staff(people::SECOND_REVIEWER, crate::permit::Role::Reviewer);
    for kind in [CommandKind::Pass, CommandKind::Return] {
        let command = world.sample(kind, docket.case.as_ref(), 0);
        assert_eq!(refusal(world.drive(&mut docket, &other, &command)).code, "not_the_officer");
    }
}

fn finding(point: &str, met: bool, note: &str) -> PointFinding {
    PointFinding { point: point.into(), met, note: note.into() }
}

#[test]
fn a_finding_names_a_point_of_the_item_and_says_why_it_is_not_met() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let pass = |points| Command::Pass { opinion: String::new(), points };
    let outcome = ask(&mut world, &mut docket, pass(vec![finding("taste", true, "")]));
    assert_eq!(invalid_fields(outcome), ["taste"]);
    let outcome = ask(&mut world, &mut docket, pass(vec![finding("premises", false, " ")]));
    assert_eq!(invalid_fields(outcome), ["premises"]);
    let events = ask(&mut world, &mut docket, pass(vec![finding("premises", false, "未分区")])).unwrap();
    let Event::Passed { opinion: Some(opinion), points, .. } = &events[0] else { panic!("{events:?}") };
    assert_eq!(points, &[finding("premises", false, "")], "notes stay out of the payload");
    assert_eq!(world.text(opinion.id).unwrap().body, "premises：未分区");
}

#[test]
fn returning_goes_one_step_back_and_from_the_first_to_assignment() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Deciding).unwrap();
    let outcome = ask(&mut world, &mut docket, Command::Return { reason: " ".into() });
    assert_eq!(invalid_fields(outcome), ["reason"]);
    world.proper(&mut docket, CommandKind::Return).unwrap();
    assert!(matches!(case(&docket).state, State::Reviewing { step: 1, .. }));
    assert_eq!(case(&docket).steps_passed, 1);
    assert_eq!(case(&docket).officer, Some(Id::from(people::REVIEWER)));
    world.proper(&mut docket, CommandKind::Return).unwrap();
    assert!(matches!(case(&docket).state, State::Reviewing { step: 0, .. }));
    world.proper(&mut docket, CommandKind::Return).unwrap();
    assert_eq!(state(&docket), StateName::Accepted);
    assert_eq!((case(&docket).officer, case(&docket).steps_passed), (None, 0));
}

#[test]
fn a_reviewer_does_not_return_from_the_decision_desk() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Deciding).unwrap();
    let reviewer = world.reviewer(docket.case.as_ref());
    let command = Command::Return { reason: "想再看看".into() };
    assert_eq!(refusal(world.drive(&mut docket, &reviewer, &command)).code, "wrong_state");
}
