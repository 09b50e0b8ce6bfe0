//! Who is told what: the applicant of everything that changes their case, staff of what waits for them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::permit::Role;
use crate::sample::{people, turns};

/// Everything that was told along a docket, in order.
fn told(docket: &Docket) -> Vec<Telling> {
    let mut told = Vec::new();
    let mut now: Option<Case> = None;
    for kept in &docket.record {
        let event = Event::from_parts(&kept.kind, &kept.payload).unwrap();
        let case = apply(now, &event, &kept.stamp).unwrap();
        told.extend(tellings(&case, &event).into_iter().filter(|t| t.is_news_after(kept.stamp.account)));
        now = Some(case);
    }
    told
}

fn topics_for(docket: &Docket, audience: &Audience) -> Vec<Topic> {
    told(docket).into_iter().filter(|t| t.audience == *audience).map(|t| t.topic).collect()
}

fn applicant() -> Audience {
    Audience::Applicant(Id::from(people::APPLICANT))
}

#[test]
fn an_applicant_hears_of_every_step_up_to_the_delivery() {
    let docket = World::new().case_in(StateName::Closed).unwrap();
    use Topic as T;
    assert_eq!(
        topics_for(&docket, &applicant()),
        [T::Submitted, T::Received, T::Accepted, T::Granted, T::Issued, T::Delivered]
    );
}

#[test]
fn every_ending_is_told_to_the_applicant() {
    for (state, topic) in [
        (StateName::Declined, Topic::Declined),
        (StateName::Refused, Topic::Refused),
        (StateName::Suspended, Topic::Suspended),
        (StateName::Terminated, Topic::Terminated),
        (StateName::Supplementing, Topic::SupplementRequested),
    ] {
        let docket = World::new().case_in(state).unwrap();
        assert_eq!(topics_for(&docket, &applicant()).last(), Some(&topic));
        assert_eq!(topic.urgency(), Urgency::Sent);
    }
}

#[test]
fn staff_hear_of_what_waits_for_them() {
    use CommandKind as K;
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Supplementing).unwrap();
    world.proper(&mut docket, K::Resubmit).unwrap();
    let places = &case(&docket).places;
    let window = Audience::Desk { agency: places.receiving.clone(), role: Role::Clerk };
    assert_eq!(topics_for(&docket, &window), [Topic::Supplemented]);

    let docket = World::new().case_in(StateName::Deciding).unwrap();
    let agency = case(&docket).places.deciding.clone();
    let deciders = Audience::Desk { agency, role: Role::Representative };
    assert_eq!(topics_for(&docket, &deciders), [Topic::WaitsForDecision]);

    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let officer = Audience::Officer(case(&docket).officer.unwrap());
    world.proper(&mut docket, K::WithdrawApplication).unwrap();
    assert_eq!(topics_for(&docket, &officer).last(), Some(&Topic::Withdrawn));
}

#[test]
fn nobody_is_told_what_they_did_themselves() {
    let own = Telling { audience: Audience::Officer(Id::from(7)), topic: Topic::Assigned };
    assert!(!own.is_news_after(Id::from(7)));
    assert!(own.is_news_after(Id::from(8)));
    let receipt = Telling { audience: Audience::Applicant(Id::from(7)), topic: Topic::Submitted };
    assert!(receipt.is_news_after(Id::from(7)));
}

#[test]
fn topics_are_kept_by_word() {
    let words: BTreeSet<&str> = Topic::ALL.iter().map(|t| t.as_str()).collect();
    assert_eq!(words.len(), Topic::ALL.len());
    assert!(Topic::ALL.iter().all(|t| Topic::parse(t.as_str()) == *t));
    assert_eq!(Topic::parse("passed"), Topic::Changed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_desk_is_told_only_at_an_agency_of_the_case_and_a_person_only_who_has_part_in_it(turns in turns(40)) {
        let mut world = World::new();
        let mut docket = Docket::default();
        for turn in &turns {
            drop(world.play(&mut docket, *turn));
        }
        let Some(case) = docket.case.clone() else { return Ok(()) };
        for telling in told(&docket) {
            match telling.audience {
                Audience::Applicant(id) => prop_assert_eq!(Some(id), case.applicant),
                Audience::Officer(id) => {
                    let hands = [case.hands.received_by, case.hands.accepted_by, case.hands.decided_by];
                    prop_assert!(world.reviewers.contains(&id) || hands.contains(&Some(id)));
                }
                Audience::Desk { agency, .. } => {
                    prop_assert!(agency == case.places.receiving || agency == case.places.deciding);
                }
            }
        }
    }
}
