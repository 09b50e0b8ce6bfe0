//! Special procedures, hearings, extensions, silence and marks, one by one.

use jiff::civil::date;

use super::*;
use crate::ids::Id;
use crate::item::{Approver, RegimeKey, SpecialKind};
use crate::permit::Role;
use crate::sample::{people, regime};

use CommandKind as K;

fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::kind).collect()
}

fn due(world: &World, docket: &Docket) -> Deadlines {
    deadlines(&case(docket).ledger, &world.regime, &world.calendar)
}

fn marks(docket: &Docket) -> Vec<(&str, Light)> {
    case(docket).marks.iter().map(|m| (m.rule.as_str(), m.light)).collect()
}

fn special(procedure: SpecialKind, days: u16) -> Command {
    Command::NotifySpecial(Box::new(SpecialPlan {
        procedure,
        days,
        reason: "需要专家意见".into(),
        own_motion: false,
        held_on: None,
        place: String::new(),
        presider: None,
        people: Vec::new(),
    }))
}

#[test]
fn nobody_answers_and_the_clock_accepts_from_the_day_of_receipt() {
    for received in [false, true] {
        let mut world = World::new();
        let mut docket = submit_sample(&mut world, 0).unwrap();
        if received {
            world.proper(&mut docket, K::Receive).unwrap();
        }
        // Monday 2 March; the fifth working day is Monday 9 March.
        world.go_to(date(2026, 3, 9), 23);
        let events = world.proper(&mut docket, K::Watch).unwrap();
        assert_eq!(kinds(&events), ["marked"]);
        world.go_to(date(2026, 3, 10), 0);
        let events = world.proper(&mut docket, K::Watch).unwrap();
        let expected: &[&str] =
            if received { &["accepted", "marked"] } else { &["received", "accepted", "marked"] };
        assert_eq!(kinds(&events), expected);
        let accepted = case(&docket);
        assert_eq!(accepted.state.name(), StateName::Accepted);
        assert!(accepted.flags.deemed && accepted.national_no.is_some());
        assert_eq!(accepted.ledger.accepted, Some(date(2026, 3, 2)));
        assert_eq!(accepted.hands.accepted_by, None);
        assert_eq!(marks(&docket), [("R01", Light::Yellow), ("R01", Light::Red)]);
        assert!(words(&paper(&world, &docket, PaperKind::AcceptanceNotice)).contains("没有收到书面告知"));
        assert_eq!(due(&world, &docket).promised.unwrap().last_day, date(2026, 3, 9));
        // The promise was over before anybody looked: the next look marks it.
        world.go_to(date(2026, 3, 10), 1);
        let events = world.proper(&mut docket, K::Watch).unwrap();
        assert_eq!(kinds(&events), ["marked", "marked"]);
        assert!(world.proper(&mut docket, K::Watch).unwrap().is_empty());
    }
}

#[test]
fn a_click_is_no_notice_the_document_is() {
    let mut world = World::new();
    let mut docket = submit_sample(&mut world, 0).unwrap();
    world.proper(&mut docket, K::Receive).unwrap();
    world.go_to(date(2026, 3, 9), 10);
    world.proper(&mut docket, K::RequestSupplement).unwrap();
    let mut told = docket.clone();
    world.seal_all(&mut told).unwrap();
    world.go_to(date(2026, 3, 10), 0);
    assert!(world.proper(&mut told, K::Watch).unwrap().is_empty());
    assert_eq!(state(&told), StateName::Supplementing);
    // The notice was never made: silence has accepted, and a seal that comes later changes nothing.
    let mut late = docket.clone();
    world.seal_all(&mut late).unwrap();
    for mut docket in [docket, late] {
        let events = world.proper(&mut docket, K::Watch).unwrap();
        assert!(kinds(&events).contains(&"accepted"));
        assert_eq!(case(&docket).ledger.accepted, Some(date(2026, 3, 2)));
        assert!(case(&docket).ledger.asked.is_none());
    }
}

#[test]
fn silence_after_a_supplement_accepts_from_the_day_it_came_in() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Supplementing).unwrap();
    world.go_to(date(2026, 3, 12), 9);
    world.proper(&mut docket, K::Resubmit).unwrap();
    world.go_to(date(2026, 3, 20), 0);
    world.proper(&mut docket, K::Watch).unwrap();
    assert_eq!(case(&docket).ledger.accepted, Some(date(2026, 3, 12)));
}

#[test]
fn a_regime_without_silence_only_marks() {
    let mut world = World::new();
    world.regime = regime(RegimeKey::SERVICE).unwrap();
    let mut docket = submit_sample(&mut world, 0).unwrap();
    world.go_to(date(2026, 3, 10), 0);
    world.proper(&mut docket, K::Watch).unwrap();
    assert_eq!(state(&docket), StateName::Submitted);
    assert_eq!(marks(&docket), [("R01", Light::Yellow), ("R01", Light::Red)]);
}

#[test]
fn only_announced_days_are_taken_out_and_only_the_actual_ones() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let before = due(&world, &docket);
    assert_eq!(before.promised.unwrap().last_day, date(2026, 3, 9));
    let reviewer = world.reviewer(docket.case.as_ref());
    world.drive(&mut docket, &reviewer, &special(SpecialKind::ExpertReview, 10)).unwrap();
    // Told, not begun: nothing is taken out yet.
    assert_eq!(due(&world, &docket), before);
    world.go_to(date(2026, 3, 4), 9);
    let begin = Command::StartSpecial { procedure: SpecialKind::ExpertReview };
    world.drive(&mut docket, &reviewer, &begin).unwrap();
    assert!(case(&docket).flags.special);
    assert_eq!(due(&world, &docket).promised.unwrap().last_day, date(2026, 3, 23));
    world.go_to(date(2026, 3, 6), 9);
    let end = |passed| Command::EndSpecial {
        procedure: SpecialKind::ExpertReview,
        record: "专家一致同意".into(),
        passed,
    };
    world.drive(&mut docket, &reviewer, &end(true)).unwrap();
    assert!(!case(&docket).flags.special);
    assert_eq!(due(&world, &docket).promised.unwrap().last_day, date(2026, 3, 11));
    assert_eq!(due(&world, &docket).statutory.unwrap().last_day, date(2026, 4, 1));
    let said = explain(&case(&docket).ledger, &world.regime, &world.calendar);
    let promised = said.iter().find(|s| s.rule == "promised").unwrap();
    assert_eq!(promised.skipped_words(), "3月5日至6日专家评审、3月7日至8日周末");
    assert_eq!(refusal(world.drive(&mut docket, &reviewer, &end(true))).code, "special_not_started");
}

#[test]
fn a_procedure_that_lasts_longer_needs_a_new_notice_and_is_marked() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let reviewer = world.reviewer(docket.case.as_ref());
    world.drive(&mut docket, &reviewer, &special(SpecialKind::ExpertReview, 2)).unwrap();
    let begin = Command::StartSpecial { procedure: SpecialKind::ExpertReview };
    world.drive(&mut docket, &reviewer, &begin).unwrap();
    world.go_to(date(2026, 3, 5), 8);
    world.proper(&mut docket, K::Watch).unwrap();
    assert!(marks(&docket).contains(&("R05", Light::Red)));
    let first = due(&world, &docket).promised.unwrap().last_day;
    assert_eq!(first, date(2026, 3, 11));
    world.drive(&mut docket, &reviewer, &special(SpecialKind::ExpertReview, 3)).unwrap();
    assert_eq!(due(&world, &docket).promised.unwrap().last_day, date(2026, 3, 16));
    assert_eq!(case(&docket).ledger.procedures.len(), 1);
}

#[test]
fn without_a_written_notice_nothing_is_taken_out_and_it_is_marked() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let before = due(&world, &docket);
    let reviewer = world.reviewer(docket.case.as_ref());
    let begin = Command::StartSpecial { procedure: SpecialKind::ExpertReview };
    world.drive(&mut docket, &reviewer, &begin).unwrap();
    assert_eq!(due(&world, &docket), before);
    world.go_to(date(2026, 3, 3), 0);
    world.proper(&mut docket, K::Watch).unwrap();
    assert_eq!(marks(&docket), [("R05", Light::Red)]);
}

#[test]
fn a_third_procedure_nobody_was_told_of_is_marked_for_both() {
    // Found by the simulation: the two marks had one subject, and the second never came.
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let reviewer = world.reviewer(docket.case.as_ref());
    for _ in 0..3 {
        let begin = Command::StartSpecial { procedure: SpecialKind::ExpertReview };
        world.drive(&mut docket, &reviewer, &begin).unwrap();
        let end = Command::EndSpecial {
            procedure: SpecialKind::ExpertReview,
            record: "一致同意".into(),
            passed: true,
        };
        world.drive(&mut docket, &reviewer, &end).unwrap();
    }
    world.go_to(date(2026, 3, 3), 0);
    while !world.proper(&mut docket, K::Watch).unwrap().is_empty() {}
    let raised = |subject: &str| case(&docket).marks.iter().filter(|m| m.subject == subject).count();
    assert_eq!(
        ["special:0", "special:1", "special:2", "special:2:repeated"].map(raised),
        [1; 4],
        "{:?}",
        case(&docket).marks
    );
}

#[test]
fn a_site_visit_takes_two_officers_and_no_time() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let reviewer = world.reviewer(docket.case.as_ref());
    let alone = world.drive(&mut docket, &reviewer, &special(SpecialKind::SiteVisit, 3));
    assert_eq!(invalid_fields(alone), ["people"]);
    let before = due(&world, &docket);
    let visit = world.sample(K::NotifySpecial, docket.case.as_ref(), 3);
    world.drive(&mut docket, &reviewer, &visit).unwrap();
    let begin = Command::StartSpecial { procedure: SpecialKind::SiteVisit };
    world.drive(&mut docket, &reviewer, &begin).unwrap();
    assert_eq!(due(&world, &docket), before);
    let other = world.drive(&mut docket, &reviewer, &special(SpecialKind::Auction, 3));
    assert_eq!(refusal(other).code, "not_this_items");
}

#[test]
fn a_hearing_is_told_asked_for_announced_and_held_before_the_decision() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Deciding).unwrap();
    let reviewer = world.reviewer(docket.case.as_ref());
    assert_eq!(refusal(world.proper(&mut docket, K::RequestHearing)).code, "no_hearing_right");
    world.proper(&mut docket, K::TellHearingRight).unwrap();
    assert_eq!(refusal(world.proper(&mut docket, K::Grant)).code, "hearing_period");
    let mut silent = docket.clone();
    world.proper(&mut docket, K::RequestHearing).unwrap();
    assert_eq!(case(&docket).hearing.as_ref().unwrap().hold_by, Some(date(2026, 3, 30)));
    assert_eq!(refusal(world.proper(&mut docket, K::Grant)).code, "hearing_first");
    let plan = |held_on, presider: i64| {
        Command::NotifySpecial(Box::new(SpecialPlan {
            procedure: SpecialKind::Hearing,
            days: 15,
            reason: "申请人要求听证".into(),
            own_motion: false,
            held_on: Some(held_on),
            place: "三楼会议室".into(),
            presider: Some(Id::from(presider)),
            people: Vec::new(),
        }))
    };
    let soon = world.drive(&mut docket, &reviewer, &plan(date(2026, 3, 10), people::REPRESENTATIVE));
    assert_eq!(invalid_fields(soon), ["held_on"]);
    let partial = world.drive(&mut docket, &reviewer, &plan(date(2026, 3, 11), people::REVIEWER));
    assert_eq!(invalid_fields(partial), ["presider"]);
    world.drive(&mut docket, &reviewer, &plan(date(2026, 3, 11), people::REPRESENTATIVE)).unwrap();
    assert_eq!(paper(&world, &docket, PaperKind::SpecialNotice).title, "听证通知书");
    assert_eq!(refusal(world.proper(&mut docket, K::Grant)).code, "special_open");
    world.proper(&mut docket, K::StartSpecial).unwrap();
    world.go_to(date(2026, 3, 11), 15);
    world.proper(&mut docket, K::EndSpecial).unwrap();
    world.proper(&mut docket, K::Grant).unwrap();
    // Nobody asked within five working days: the decision may be taken, asking is too late.
    world.go_to(date(2026, 3, 10), 9);
    assert_eq!(refusal(world.proper(&mut silent, K::RequestHearing)).code, "hearing_too_late");
    world.proper(&mut silent, K::Grant).unwrap();
}

#[test]
fn only_the_head_extends_once_and_before_the_limit_ends() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    world.proper(&mut docket, K::RequestExtension).unwrap();
    let extend = Command::Extend { days: 10, reason: "案情复杂".into(), approval: String::new() };
    let chief = world.representative();
    assert_eq!(refusal(world.drive(&mut docket, &chief, &extend)).code, "no_authority");
    let mut late = docket.clone();
    let before = due(&world, &docket);
    world.proper(&mut docket, K::Extend).unwrap();
    let after = due(&world, &docket);
    assert_eq!(after.promised, before.promised, "the promise stands");
    assert_eq!(before.statutory.unwrap().last_day, date(2026, 3, 30));
    assert_eq!(after.statutory.unwrap().last_day, date(2026, 4, 14));
    assert!(case(&docket).flags.extended && case(&docket).extension_asked.is_none());
    assert!(
        fact(&paper(&world, &docket, PaperKind::ExtensionNotice), "法定办结期限").contains("2026年4月14日")
    );
    assert_eq!(refusal(world.proper(&mut docket, K::Extend)).code, "no_extension");
    world.go_to(date(2026, 3, 31), 9);
    assert_eq!(refusal(world.proper(&mut late, K::Extend)).code, "no_extension");
}

#[test]
fn joint_handling_is_extended_with_the_governments_approval_only() {
    let mut world = World::new();
    world.regime = regime(RegimeKey::LICENCE_JOINT).unwrap();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let head = world.staff(people::HEAD, Role::Representative);
    let extend = |approval: &str| Command::Extend {
        days: 15,
        reason: "涉及多个部门".into(),
        approval: approval.into(),
    };
    assert_eq!(invalid_fields(world.drive(&mut docket, &head, &extend(""))), ["approval"]);
    world.drive(&mut docket, &head, &extend("长政批〔2026〕3号")).unwrap();
    assert_eq!(case(&docket).ledger.extension.unwrap().by, Approver::GovernmentHead);
}

#[test]
fn a_mark_is_answered_contested_and_closed_by_those_it_concerns() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    world.go_to(date(2026, 3, 10), 9);
    world.proper(&mut docket, K::Watch).unwrap();
    let red = case(&docket).marks.iter().find(|m| m.rule == "R03").unwrap().clone();
    assert_eq!(red.owner, Some(Id::from(people::REVIEWER)));
    assert_eq!(red.answer_due, date(2026, 3, 13));
    assert!(red.figures.iter().any(|f| f.value == "2026年3月9日"), "{:?}", red.figures);
    let answer = |words: &str| Command::AnswerMark { mark: red.id, answer: words.into() };
    let other = world.staff(people::SECOND_REVIEWER, Role::Reviewer);
    assert_eq!(refusal(world.drive(&mut docket, &other, &answer("x"))).code, "not_your_mark");
    let reviewer = world.reviewer(docket.case.as_ref());
    assert_eq!(invalid_fields(world.drive(&mut docket, &reviewer, &answer(" "))), ["answer"]);
    world.drive(&mut docket, &reviewer, &answer("系统故障，已补办")).unwrap();
    let contest = Command::ContestMark { mark: red.id, reason: "当日平台停机".into() };
    world.drive(&mut docket, &reviewer, &contest).unwrap();
    let supervisor = world.staff(people::SUPERVISOR, Role::Supervisor);
    let close = |upheld, note: &str| Command::CloseMark { mark: red.id, upheld, note: note.into() };
    assert_eq!(invalid_fields(world.drive(&mut docket, &supervisor, &close(false, ""))), ["note"]);
    world.drive(&mut docket, &supervisor, &close(false, "停机属实")).unwrap();
    assert_eq!(case(&docket).mark(red.id).unwrap().state, MarkState::Cleared);
    assert_eq!(refusal(world.drive(&mut docket, &reviewer, &answer("again"))).code, "mark_state");
    // A mark that nobody answers raises another, which the agency's head answers.
    world.go_to(date(2026, 3, 20), 9);
    world.proper(&mut docket, K::Watch).unwrap();
    let escalated = case(&docket).marks.iter().find(|m| m.rule == "R13").unwrap();
    assert_eq!(escalated.owner, None);
    assert!(escalated.subject.starts_with("mark:"));
}

#[test]
fn cheating_the_clock_is_marked_as_it_happens() {
    // Declined within two minutes.
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    world.now += 30_000;
    world.proper(&mut docket, K::Decline).unwrap();
    assert_eq!(marks(&docket), [("P03", Light::Yellow)]);
    // Withdrawn on the last day.
    let mut docket = world.case_in(StateName::Deciding).unwrap();
    world.pass_working_days(5);
    world.proper(&mut docket, K::WithdrawApplication).unwrap();
    assert_eq!(marks(&docket), [("P04", Light::Yellow)]);
    // Everything was there, and it was accepted on the fourth day.
    let mut docket = world.case_in(StateName::Received).unwrap();
    world.pass_working_days(4);
    world.proper(&mut docket, K::Accept).unwrap();
    assert_eq!(marks(&docket), [("P02", Light::Yellow)]);
}

#[test]
fn the_clock_counts_from_the_day_on_the_paper_and_an_old_one_is_marked() {
    let mut world = World::new();
    world.go_to(date(2026, 3, 6), 9);
    let clerk = world.staff(people::CLERK, Role::Clerk);
    let filed = |world: &mut World, day| {
        let mut submission = world.submission(0);
        submission.paper_received_on = Some(day);
        let mut docket = Docket::default();
        let outcome = world.drive(&mut docket, &clerk, &Command::Submit(Box::new(submission)));
        (docket, outcome)
    };
    let (docket, _) = filed(&mut world, date(2026, 3, 5));
    assert_eq!(case(&docket).ledger.submitted, date(2026, 3, 5));
    assert!(case(&docket).marks.is_empty());
    let (docket, _) = filed(&mut world, date(2026, 3, 3));
    assert_eq!(marks(&docket), [("P05", Light::Yellow)]);
    for day in [date(2026, 3, 7), date(2026, 1, 5)] {
        assert_eq!(invalid_fields(filed(&mut world, day).1), ["paper_received_on"]);
    }
    let mut online = world.submission(0);
    online.paper_received_on = Some(date(2026, 3, 5));
    assert_eq!(invalid_fields(submit(&mut world, online)), ["paper_received_on"]);
}

#[test]
fn a_bad_rating_that_nobody_answers_is_marked() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Delivered).unwrap();
    ask(&mut world, &mut docket, Command::Rate { grade: 5, comment: "等了太久".into() }).unwrap();
    let mut answered = docket.clone();
    world.proper(&mut answered, K::AnswerRating).unwrap();
    world.pass_working_days(6);
    world.proper(&mut answered, K::Watch).unwrap();
    assert!(answered.case.unwrap().marks.is_empty());
    world.proper(&mut docket, K::Watch).unwrap();
    assert_eq!(marks(&docket), [("R12", Light::Red)]);
}

#[test]
fn the_timer_names_the_instant_and_the_look_then_finds_something() {
    // Following the timer alone, through holidays, every mark comes exactly when it is due, and the timer ends.
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Reviewing).unwrap();
    let mut looks = 0;
    while let Some(at) = next_wake(case(&docket), &world.regime, &world.calendar, &world.rules) {
        assert!(at > world.now, "the timer stands still at {at}");
        world.now = at - 1;
        assert!(world.proper(&mut docket, K::Watch).unwrap().is_empty(), "too early");
        world.now = at;
        assert!(!world.proper(&mut docket, K::Watch).unwrap().is_empty(), "nothing to do at {at}");
        looks += 1;
        assert!(looks < 40);
    }
    let raised = marks(&docket);
    for expected in
        [("R02", Light::Yellow), ("R03", Light::Red), ("R03", Light::DoubleRed), ("R04", Light::Red)]
    {
        assert!(raised.contains(&expected), "{raised:?}");
    }
}
