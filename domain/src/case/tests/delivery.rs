//! Sealing, issuing, serving, closing, archiving, rating.

use super::*;
use crate::case::effect::{Effect, effects};

fn granted() -> (World, Docket) {
    let mut world = World::new();
    let docket = world.case_in(StateName::Granted).unwrap();
    (world, docket)
}

fn seal(world: &mut World, docket: &mut Docket, kind: PaperKind, file: &str) {
    let document = case(docket).document_of(kind).unwrap().id;
    let (key, signature) = ("k".to_owned(), "30".to_owned());
    ask(world, docket, Command::RecordSeal { document, file: file.into(), size: 1, key, signature }).unwrap();
}

#[test]
fn issue_waits_for_the_sealed_files_of_licence_and_decision() {
    let (mut world, mut docket) = granted();
    assert_eq!(refusal(world.proper(&mut docket, CommandKind::Issue)).code, "not_sealed");
    seal(&mut world, &mut docket, PaperKind::Licence, "aa");
    assert_eq!(refusal(world.proper(&mut docket, CommandKind::Issue)).code, "not_sealed");
    seal(&mut world, &mut docket, PaperKind::GrantDecision, "bb");
    let events = world.proper(&mut docket, CommandKind::Issue).unwrap();
    assert_eq!(events, [Event::Issued { file: "aa".into() }], "the licence is what is handed over");
    assert_eq!(case(&docket).ledger.issued, Some(world.today()));
    assert!(effects(case(&docket), &events[0]).contains(&Effect::RegisterLicence));
}

#[test]
fn a_refusal_is_served_once_it_is_sealed_and_never_issued() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Refused).unwrap();
    assert_eq!(refusal(world.proper(&mut docket, CommandKind::Deliver)).code, "not_sealed");
    world.seal_all(&mut docket).unwrap();
    assert_eq!(refusal(world.proper(&mut docket, CommandKind::Issue)).code, "wrong_state");
    world.proper(&mut docket, CommandKind::Deliver).unwrap();
    assert_eq!(state(&docket), StateName::Delivered);
}

#[test]
fn a_grant_is_not_served_before_it_is_issued() {
    let (mut world, mut docket) = granted();
    world.seal_all(&mut docket).unwrap();
    assert_eq!(refusal(world.proper(&mut docket, CommandKind::Deliver)).code, "wrong_state");
}

#[test]
fn mail_needs_its_number_and_a_proxy_their_name() {
    let mut world = World::new();
    let docket = world.case_in(StateName::Issued).unwrap();
    for (method, note, right) in [
        (DeliveryMethod::Mail, " ", false),
        (DeliveryMethod::Proxy, "", false),
        (DeliveryMethod::Mail, "EMS1", true),
        (DeliveryMethod::Proxy, "李某，委托书一份", true),
        (DeliveryMethod::Counter, "", true),
        (DeliveryMethod::Electronic, "", true),
    ] {
        let mut docket = docket.clone();
        let outcome = ask(&mut world, &mut docket, Command::Deliver { method, note: note.into() });
        if right {
            outcome.unwrap();
            assert_eq!(case(&docket).delivery, Some(method));
            assert_eq!(case(&docket).ledger.delivered, Some(world.today()));
        } else {
            assert_eq!(invalid_fields(outcome), ["note"]);
        }
    }
}

#[test]
fn a_served_case_is_closed_and_then_archived_once() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Delivered).unwrap();
    assert_eq!(refusal(world.proper(&mut docket, CommandKind::Archive)).code, "wrong_state");
    world.proper(&mut docket, CommandKind::Close).unwrap();
    world.proper(&mut docket, CommandKind::Archive).unwrap();
    assert_eq!(state(&docket), StateName::Archived);
    assert_eq!(refusal(world.proper(&mut docket, CommandKind::Archive)).code, "wrong_state");
}

#[test]
fn a_document_is_sealed_once() {
    let (mut world, mut docket) = granted();
    seal(&mut world, &mut docket, PaperKind::Licence, "aa");
    let document = case(&docket).document_of(PaperKind::Licence).unwrap().id;
    let again =
        Command::RecordSeal { document, file: "cc".into(), size: 1, key: "k".into(), signature: "30".into() };
    assert_eq!(refusal(ask(&mut world, &mut docket, again)).code, "already_sealed");
    assert_eq!(case(&docket).document(document).unwrap().seal.as_ref().unwrap().file, "aa");
    let unknown = world.sample(CommandKind::RecordSeal, None, 0);
    assert_eq!(
        ask(&mut world, &mut docket, unknown),
        Err(Stopped::No(No::Missing("document"))),
        "an unknown document is our fault"
    );
}

#[test]
fn a_seal_arrives_even_after_the_case_was_archived() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Declined).unwrap();
    world.proper(&mut docket, CommandKind::Archive).unwrap();
    world.seal_all(&mut docket).unwrap();
    assert_eq!(state(&docket), StateName::Archived);
}

#[test]
fn a_service_is_rated_once_with_one_of_five_grades_after_its_end() {
    let mut world = World::new();
    let mut open = world.case_in(StateName::Issued).unwrap();
    assert_eq!(refusal(world.proper(&mut open, CommandKind::Rate)).code, "wrong_state");
    let docket = world.case_in(StateName::Delivered).unwrap();
    let rate = |grade, comment: &str| Command::Rate { grade, comment: comment.into() };
    for grade in [0, 6] {
        assert_eq!(invalid_fields(ask(&mut world, &mut docket.clone(), rate(grade, ""))), ["grade"]);
    }
    let long = "好".repeat(1001);
    assert_eq!(invalid_fields(ask(&mut world, &mut docket.clone(), rate(1, &long))), ["comment"]);
    for grade in 1..=5 {
        let mut docket = docket.clone();
        ask(&mut world, &mut docket, rate(grade, "好".repeat(1000).as_str())).unwrap();
        assert_eq!((case(&docket).rating, state(&docket)), (Some(grade), StateName::Delivered));
        assert_eq!(refusal(ask(&mut world, &mut docket, rate(1, ""))).code, "already_rated");
    }
}

#[test]
fn the_end_of_a_case_frees_its_twin_once() {
    for end in [StateName::Closed, StateName::Declined, StateName::Withdrawn, StateName::Terminated] {
        let mut world = World::new();
        let mut docket = world.case_in(end).unwrap();
        let freed = |kept: &&crate::sample::Kept| {
            let event = Event::from_parts(&kept.kind, &kept.payload).unwrap();
            effects(case(&docket), &event).contains(&Effect::FreeTwin)
        };
        assert_eq!(docket.record.iter().filter(freed).count(), 1, "{end:?}");
        world.seal_all(&mut docket).unwrap();
        for kind in [CommandKind::Rate, CommandKind::Archive] {
            let events = world.proper(&mut docket, kind).unwrap();
            assert!(!effects(case(&docket), &events[0]).contains(&Effect::FreeTwin));
        }
    }
}

#[test]
fn every_document_is_to_be_sealed() {
    let (_, docket) = granted();
    for kept in &docket.record {
        let event = Event::from_parts(&kept.kind, &kept.payload).unwrap();
        let duties = effects(case(&docket), &event);
        let seals = duties.iter().filter(|d| matches!(d, Effect::SealDocument { .. })).count();
        assert_eq!(seals, event.documents().len());
    }
}
