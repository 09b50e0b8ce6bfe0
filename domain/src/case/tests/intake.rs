//! Submission, receipt, acceptance, declination, withdrawal.

use jiff::civil::date;

use super::*;
use crate::ids::NationalCaseNo;
use crate::item::{FileKind, ItemKind, RegimeKey};
use crate::party::{Party, PartyKind};
use crate::permit::Actor;
use crate::sample::{COMPANY_SECRETS, at, files, people, person_answers, regime};

const LICENCE_LAW: &str = "《中华人民共和国行政许可法》第三十二条第一款第四项";

#[test]
fn submitting_opens_a_case_with_its_number_places_and_ledger() {
    let mut world = World::new();
    let docket = submit_sample(&mut world, 0).unwrap();
    let case = case(&docket);
    assert_eq!(case.state, State::Submitted { since: world.now });
    assert_eq!(case.no.as_str().len(), 12);
    assert_eq!(case.national_no, None);
    assert_eq!(case.applicant, Some(Id::from(people::APPLICANT)));
    assert!(!case.at_window);
    assert_eq!((case.answers_version, case.version), (1, 1));
    assert_eq!(case.places.deciding, world.agency.key);
    assert_eq!(case.places.scope, world.agency.scope_path);
    assert_eq!(case.ledger.submitted, date(2026, 3, 2));
    assert_eq!(case.files_of("lease").len(), 2);
    let party = world.party_of(docket.case.as_ref()).unwrap();
    assert_eq!((party.kind, party.name.as_str()), (PartyKind::Organisation, COMPANY_SECRETS[0]));
}

#[test]
fn a_window_files_without_uploads_because_it_sees_the_originals() {
    let mut world = World::new();
    let clerk = world.actor_for(CommandKind::Receive, None);
    let submission = Submission { files: Vec::new(), ..world.submission(2) };
    let mut docket = Docket::default();
    world.drive(&mut docket, &clerk, &Command::Submit(Box::new(submission))).unwrap();
    assert!(case(&docket).at_window);
    assert_eq!(case(&docket).applicant, None);
}

fn submission_errors(change: impl Fn(&mut Submission)) -> Vec<FieldError> {
    let mut world = World::new();
    let mut submission = world.submission(0);
    change(&mut submission);
    invalid(submit(&mut world, submission))
}

fn wrong_fields(change: impl Fn(&mut Submission)) -> Vec<String> {
    submission_errors(change).into_iter().map(|e| e.field).collect()
}

#[test]
fn a_wrong_check_character_names_its_field_and_the_fix() {
    let errors = submission_errors(|s| {
        s.answers.insert("credit_code".into(), "91130102MA0FBKQP3K".into());
    });
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].field.as_str(), errors[0].label.as_str()), ("credit_code", "统一社会信用代码"));
    assert!(errors[0].message.contains("校验"), "{}", errors[0].message);
    let person = wrong_fields(|s| {
        s.answers = person_answers();
        s.answers.insert("resident_id".into(), "110105194912310021".into());
    });
    assert_eq!(person, ["resident_id"]);
}

#[test]
fn a_missing_required_field_is_named() {
    let wrong = wrong_fields(|s| {
        s.answers.remove("premises_address");
        s.answers.insert("mobile".into(), "  ".into());
    });
    assert_eq!(wrong, ["mobile", "premises_address"]);
}

#[test]
fn a_field_that_is_not_asked_is_not_required_and_not_kept() {
    let mut world = World::new();
    let mut submission = world.submission(0);
    submission.answers.insert("business_type".into(), "食品销售".into());
    let docket = submit(&mut world, submission).unwrap();
    assert_eq!(world.answers_of(case(&docket)).unwrap().get("kitchen_area"), None);
}

#[test]
fn an_unknown_field_is_named() {
    assert_eq!(wrong_fields(|s| drop(s.answers.insert("shoe_size".into(), "43".into()))), ["shoe_size"]);
}

#[test]
fn an_unknown_situation_lists_those_there_are() {
    let errors = submission_errors(|s| s.situation = "divorce".into());
    assert_eq!(errors[0].field, "situation");
    assert!(errors[0].message.contains("新办、延续"));
}

#[test]
fn a_closed_item_takes_no_application() {
    let mut world = World::new();
    world.open = false;
    let refusal = refusal(submit_sample(&mut world, 0));
    assert_eq!(refusal.code, "item_closed");
    assert!(refusal.to_string().contains("12345"));
}

#[test]
fn a_required_material_without_a_file_is_named_with_what_it_takes() {
    let errors = submission_errors(|s| s.files.clear());
    // The application form is made of the answers, the health certificate is paper, the lease may follow, the training
    // certificate is conditional and the identity card is called up.
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].field, "floor_plan");
    assert_eq!(errors[0].message, "请上传“经营场所平面图”（PDF、JPG，每个不超过10MB）");
}

#[test]
fn a_material_of_another_situation_is_not_taken() {
    assert_eq!(wrong_fields(|s| s.files.push(files("old_licence", 1))), ["old_licence"]);
    assert_eq!(wrong_fields(|s| s.files.push(files("poem", 1))), ["poem"]);
}

#[test]
fn too_many_files_are_counted() {
    let errors = submission_errors(|s| s.files[0] = files("floor_plan", 3));
    assert!(errors[0].message.contains("最多上传2个文件，现在有3个"), "{errors:?}");
    // The same material twice is one material.
    let split = wrong_fields(|s| s.files = vec![files("floor_plan", 2), files("floor_plan", 1)]);
    assert_eq!(split, ["floor_plan"]);
}

#[test]
fn a_file_of_the_wrong_kind_or_size_is_not_taken() {
    assert_eq!(wrong_fields(|s| s.files[0].files[0].kind = FileKind::Ofd), ["floor_plan"]);
    assert_eq!(wrong_fields(|s| s.files[1].files[1].size = 10 * 1024 * 1024 + 1), ["lease"]);
}

#[test]
fn files_of_one_material_handed_in_apart_are_kept_together() {
    let mut world = World::new();
    let mut submission = world.submission(0);
    submission.files =
        vec![files("floor_plan", 1), files("lease", 1), files("floor_plan", 1), files("training", 0)];
    let docket = submit(&mut world, submission).unwrap();
    assert_eq!(case(&docket).files_of("floor_plan").len(), 2);
    assert_eq!(case(&docket).files.len(), 2);
}

#[test]
fn who_applies_is_asked_when_neither_form_nor_account_says_it() {
    let mut world = World::new();
    for field in world.entry.form.sections.iter_mut().flat_map(|s| &mut s.fields) {
        field.concept = None;
    }
    assert_eq!(invalid_fields(submit_sample(&mut world, 0)), ["applicant"]);
    let own = Party {
        kind: PartyKind::Person,
        name: "周小满".into(),
        resident_id: None,
        credit_code: None,
        mobile: None,
        representative: None,
    };
    world.own_party = Some(own.clone());
    let docket = submit_sample(&mut world, 0).unwrap();
    assert_eq!(world.party_of(docket.case.as_ref()), Some(own));
}

#[test]
fn an_application_is_submitted_once() {
    let mut world = World::new();
    let mut docket = submit_sample(&mut world, 0).unwrap();
    let again = Command::Submit(Box::new(world.submission(0)));
    assert_eq!(refusal(ask(&mut world, &mut docket, again)).code, "already_submitted");
}

#[test]
fn nothing_but_a_submission_begins_a_case() {
    let world = World::new();
    let clerk = world.actor_for(CommandKind::Receive, None);
    let mint = world.mint(&Command::Receive, [0; 32]);
    assert_eq!(world.ask(None, &clerk, &Command::Receive, &mint), Err(No::Missing("case")));
}

#[test]
fn receiving_gives_the_national_number_of_that_day_and_is_not_acceptance() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Submitted).unwrap();
    world.go_to(date(2026, 3, 4), 15);
    world.proper(&mut docket, CommandKind::Receive).unwrap();
    let number = case(&docket).national_no.clone().unwrap();
    assert_eq!(number.as_str().len(), 43);
    assert_eq!((number.item(), number.day(), number.serial()), (world.code.clone(), date(2026, 3, 4), 1));
    assert_eq!(state(&docket), StateName::Received);
    assert_eq!(case(&docket).hands.received_by, Some(Id::from(people::CLERK)));
    assert_eq!(case(&docket).ledger.accepted, None);
    let second = world.case_in(StateName::Received).unwrap();
    assert_eq!(case(&second).national_no.as_ref().map(NationalCaseNo::serial), Some(2));
    let receipt = paper(&world, &docket, PaperKind::Receipt);
    assert!(words(&receipt).contains("不表示已经受理"));
    assert!(
        words(&receipt).contains("2026年3月9日前"),
        "five working days from 2 March: {}",
        words(&receipt)
    );
}

#[test]
fn a_receipt_after_the_notice_period_promises_no_past_day() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Submitted).unwrap();
    world.go_to(date(2026, 3, 10), 9);
    world.proper(&mut docket, CommandKind::Receive).unwrap();
    assert!(!words(&paper(&world, &docket, PaperKind::Receipt)).contains("3月9日"));
}

#[test]
fn a_day_in_shanghai_begins_at_sixteen_hours_utc() {
    let mut world = World::new();
    // 2026-03-02T16:30Z is half past midnight of 3 March in Hebei.
    world.now = at(date(2026, 3, 3), 0) + 1_800_000;
    let mut docket = submit_sample(&mut world, 0).unwrap();
    assert_eq!(case(&docket).ledger.submitted, date(2026, 3, 3));
    world.proper(&mut docket, CommandKind::Receive).unwrap();
    assert_eq!(case(&docket).national_no.as_ref().map(NationalCaseNo::day), Some(date(2026, 3, 3)));
}

#[test]
fn an_error_is_put_right_on_the_spot_and_counted() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    let events = world.proper(&mut docket, CommandKind::AmendOnTheSpot).unwrap();
    assert!(
        matches!(&events[0], Event::Amended { fields, party: None, .. } if *fields == ["premises_address"])
    );
    assert_eq!(case(&docket).answers_version, 2);
    assert_eq!(state(&docket), StateName::Received);
    let same = world.answers_of(case(&docket)).unwrap();
    let outcome = ask(&mut world, &mut docket, Command::AmendOnTheSpot { answers: same });
    assert_eq!(refusal(outcome).code, "nothing_changed");
    let unknown = [("shoe_size".to_owned(), "43".to_owned())].into();
    let outcome = ask(&mut world, &mut docket, Command::AmendOnTheSpot { answers: unknown });
    assert_eq!(invalid_fields(outcome), ["shoe_size"]);
    let wrong = [("mobile".to_owned(), "12".to_owned())].into();
    let outcome = ask(&mut world, &mut docket, Command::AmendOnTheSpot { answers: wrong });
    assert_eq!(invalid_fields(outcome), ["mobile"]);
}

#[test]
fn a_name_put_right_is_the_name_on_every_later_document() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    let answers = [("company_name".to_owned(), "石家庄禾香餐饮有限公司".to_owned())].into();
    let events = ask(&mut world, &mut docket, Command::AmendOnTheSpot { answers }).unwrap();
    let Event::Amended { party: Some(party), .. } = &events[0] else { panic!("{events:?}") };
    assert_eq!(case(&docket).party, party.id);
    assert!(events[0].texts().contains(&party), "whoever erases texts must find the party");
    world.proper(&mut docket, CommandKind::Accept).unwrap();
    assert_eq!(paper(&world, &docket, PaperKind::AcceptanceNotice).recipient, "石家庄禾香餐饮有限公司");
}

#[test]
fn accepting_starts_the_statutory_clock() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    assert_eq!(deadlines(&case(&docket).ledger, &world.regime, &world.calendar).statutory, None);
    world.go_to(date(2026, 3, 4), 9);
    world.proper(&mut docket, CommandKind::Accept).unwrap();
    assert_eq!(state(&docket), StateName::Accepted);
    assert_eq!(case(&docket).ledger.accepted, Some(date(2026, 3, 4)));
    assert_eq!(case(&docket).hands.accepted_by, Some(Id::from(people::CLERK)));
    assert!(!case(&docket).flags.deemed);
    let due = deadlines(&case(&docket).ledger, &world.regime, &world.calendar);
    assert_eq!(due.promised.unwrap().last_day, date(2026, 3, 11));
    assert_eq!(due.statutory.unwrap().last_day, date(2026, 4, 1));
    assert_eq!(due.notice.unwrap().last_day, date(2026, 3, 9));
}

fn check(material: &str, verdict: Verdict) -> MaterialCheck {
    MaterialCheck { material: material.into(), verdict }
}

#[test]
fn accepting_needs_every_material_seen_or_handed_in() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    // floor_plan and lease came as files; the paper one must be seen; the conditional, generated and shared need not.
    let outcome = ask(&mut world, &mut docket, Command::Accept { checks: Vec::new() });
    assert_eq!(invalid_fields(outcome), ["health"]);
    let checks = vec![check("health", Verdict::Right), check("floor_plan", Verdict::Wrong)];
    let errors = invalid(ask(&mut world, &mut docket, Command::Accept { checks }));
    assert_eq!(errors[0].message, "“经营场所平面图”核对为不符合，请先一次性告知补正");
    let checks = vec![check("health", Verdict::Missing), check("training", Verdict::Missing)];
    assert_eq!(invalid_fields(ask(&mut world, &mut docket, Command::Accept { checks })), ["health"]);
    let checks = vec![check("health", Verdict::Right), check("old_licence", Verdict::Right)];
    assert_eq!(invalid_fields(ask(&mut world, &mut docket, Command::Accept { checks })), ["old_licence"]);
    let checks = vec![check("health", Verdict::Right)];
    ask(&mut world, &mut docket, Command::Accept { checks }).unwrap();
}

#[test]
fn a_material_that_may_follow_is_not_taken_for_handed_in() {
    let mut world = World::new();
    let submission = Submission { files: vec![files("floor_plan", 1)], ..world.submission(0) };
    let mut docket = submit(&mut world, submission).unwrap();
    world.proper(&mut docket, CommandKind::Receive).unwrap();
    let checks = vec![check("health", Verdict::Right)];
    assert_eq!(invalid_fields(ask(&mut world, &mut docket, Command::Accept { checks })), ["lease"]);
}

#[test]
fn five_silent_working_days_accept_from_the_day_of_receipt() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    world.go_to(date(2026, 3, 10), 0);
    // Whatever the materials are: the law has accepted already.
    let checks = vec![check("floor_plan", Verdict::Missing)];
    ask(&mut world, &mut docket, Command::Accept { checks }).unwrap();
    assert!(case(&docket).flags.deemed);
    assert_eq!(case(&docket).ledger.accepted, Some(date(2026, 3, 2)));
    let notice = paper(&world, &docket, PaperKind::AcceptanceNotice);
    assert_eq!(fact(&notice, "受理日期"), "2026年3月2日");
    assert!(words(&notice).contains("自2026年3月2日收到材料之日起即为受理"));
}

#[test]
fn on_the_last_day_of_the_notice_period_nothing_is_deemed() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    world.now = at(date(2026, 3, 10), 0) - 1;
    world.proper(&mut docket, CommandKind::Accept).unwrap();
    assert!(!case(&docket).flags.deemed);
    assert_eq!(case(&docket).ledger.accepted, Some(date(2026, 3, 9)));
}

#[test]
fn silence_bars_a_declination() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    world.go_to(date(2026, 3, 10), 0);
    let refusal = refusal(world.proper(&mut docket, CommandKind::Decline));
    assert_eq!((refusal.code, refusal.article), ("silence_accepted", LICENCE_LAW));
}

#[test]
fn silence_accepts_nothing_where_the_regime_does_not_say_so() {
    let mut world = World::new();
    world.regime = regime(RegimeKey::MARKET_ENTITY_REGISTRATION).unwrap();
    let mut docket = world.case_in(StateName::Received).unwrap();
    world.go_to(date(2026, 3, 20), 9);
    world.proper(&mut docket, CommandKind::Decline).unwrap();
}

fn decline(ground: DeclineGround, reason: &str, go_to: &str) -> Command {
    Command::Decline { ground, reason: reason.into(), go_to: go_to.into() }
}

#[test]
fn declining_names_ground_provision_organ_and_remedies() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    world.proper(&mut docket, CommandKind::Decline).unwrap();
    assert_eq!(state(&docket), StateName::Declined);
    let notice = paper(&world, &docket, PaperKind::DeclinationNotice);
    let text = words(&notice);
    for part in [
        "不属于本行政机关职权范围",
        "场所在桥西区",
        "石家庄市桥西区行政审批局",
        "六十日内",
        "长安区人民政府",
        "长安区人民法院",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(fact(&notice, "依据"), "《中华人民共和国行政许可法》第三十二条第一款第二项");
}

#[test]
fn declining_needs_a_reason_and_where_to_go() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    let outcome = ask(&mut world, &mut docket, decline(DeclineGround::NotNeeded, " ", ""));
    assert_eq!(invalid_fields(outcome), ["reason"]);
    let outcome = ask(&mut world, &mut docket, decline(DeclineGround::NotOurs, "场所在桥西区", " "));
    assert_eq!(invalid_fields(outcome), ["go_to"]);
    ask(&mut world, &mut docket, decline(DeclineGround::NotNeeded, "只卖预包装食品，备案即可", "")).unwrap();
}

#[test]
fn the_licence_law_is_cited_for_licences_only() {
    let mut world = World::new();
    world.entry.kind = ItemKind::PublicService;
    let mut docket = world.case_in(StateName::Received).unwrap();
    ask(&mut world, &mut docket, decline(DeclineGround::NotNeeded, "无需办理", "")).unwrap();
    let notice = paper(&world, &docket, PaperKind::DeclinationNotice);
    assert_eq!(fact(&notice, "依据"), "");
    assert!(!words(&notice).contains("许可"));
}

#[test]
fn an_applicant_withdraws_until_the_decision() {
    use StateName as S;
    for before in
        [S::Submitted, S::Received, S::Supplementing, S::Accepted, S::Reviewing, S::Suspended, S::Deciding]
    {
        let mut world = World::new();
        let mut docket = world.case_in(before).unwrap();
        let events =
            ask(&mut world, &mut docket, Command::WithdrawApplication { reason: " ".into() }).unwrap();
        assert_eq!(events, [Event::Withdrawn { reason: None }]);
        assert_eq!(state(&docket), S::Withdrawn);
        assert!(case(&docket).ledger.stops.iter().all(|s| s.to.is_some()), "the clock of {before:?} ends");
    }
    let mut world = World::new();
    let mut docket = world.case_in(S::Granted).unwrap();
    assert_eq!(refusal(world.proper(&mut docket, CommandKind::WithdrawApplication)).code, "wrong_state");
}

#[test]
fn every_event_moves_version_sequence_and_head() {
    let mut world = World::new();
    let mut docket = Docket::default();
    let mut heads = vec![];
    for (n, kind) in [CommandKind::Submit, CommandKind::Receive, CommandKind::Accept].into_iter().enumerate()
    {
        world.proper(&mut docket, kind).unwrap();
        let case = case(&docket);
        assert_eq!(case.version as usize, n + 1);
        assert_eq!(docket.record[n].stamp.sequence, case.version);
        assert_eq!(docket.record[n].stamp.digest, case.head);
        assert!(!heads.contains(&case.head));
        heads.push(case.head.clone());
    }
}

#[test]
fn somebody_elses_command_never_reaches_the_law() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Submitted).unwrap();
    let stranger = Actor::Applicant { account: Id::from(people::STRANGER) };
    let outcome = world.drive(&mut docket, &stranger, &Command::Receive);
    assert_eq!(outcome, Err(Stopped::Denied(crate::permit::Denial::Hidden)));
}
