//! 补正: told once, in time, in writing; answered with what was asked and nothing else.

use jiff::civil::date;

use super::*;
use crate::item::{Answers, ItemKind};
use crate::sample::{COMPANY_SECRETS, files};

const LICENCE_LAW: &str = "《中华人民共和国行政许可法》第三十二条第一款第四项";

fn row(target: &str) -> SupplementRow {
    SupplementRow { target: target.into(), problem: "不清楚".into(), fix: "写清楚".into() }
}

fn request(targets: &[&str]) -> Command {
    Command::RequestSupplement {
        rows: targets.iter().map(|t| row(t)).collect(),
        due: None,
        again: String::new(),
    }
}

fn answers(pairs: &[(&str, &str)]) -> Answers {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn resubmit(pairs: &[(&str, &str)], sets: &[(&str, usize)]) -> Command {
    Command::Resubmit {
        answers: answers(pairs),
        files: sets.iter().map(|(material, count)| files(material, *count)).collect(),
    }
}

/// A case that waits for these to be put right.
fn waiting_for(targets: &[&str]) -> (World, Docket) {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    ask(&mut world, &mut docket, request(targets)).unwrap();
    (world, docket)
}

#[test]
fn everything_is_asked_at_once_row_by_row() {
    let (world, docket) = waiting_for(&["premises_address", "floor_plan", "floor_plan"]);
    assert_eq!(state(&docket), StateName::Supplementing);
    let open = case(&docket).open_supplement().unwrap();
    assert_eq!((open.fields.len(), open.materials.len()), (1, 1));
    assert_eq!(open.due, world.calendar.nth_working_day(world.today(), 15));
    let notice = paper(&world, &docket, PaperKind::SupplementNotice);
    assert_eq!(notice.table.as_ref().unwrap().rows.len(), 3);
    assert_eq!(notice.table.as_ref().unwrap().rows[0][1], "申请表：经营场所");
    assert_eq!(fact(&notice, "依据"), LICENCE_LAW);
    assert!(words(&notice).contains("将在5个工作日内告知"), "{}", words(&notice));
}

#[test]
fn a_supplement_asks_only_for_what_the_situation_asks() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    let outcome = ask(&mut world, &mut docket, request(&["old_licence", "poem", "lease"]));
    assert_eq!(invalid_fields(outcome), ["old_licence", "poem"]);
}

#[test]
fn a_supplement_needs_rows_words_and_a_day_to_come() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    assert_eq!(invalid_fields(ask(&mut world, &mut docket, request(&[]))), ["rows"]);
    let rows = vec![SupplementRow { fix: "  ".into(), ..row("lease") }];
    let outcome =
        ask(&mut world, &mut docket, Command::RequestSupplement { rows, due: None, again: String::new() });
    assert_eq!(invalid_fields(outcome), ["lease"]);
    let today = Some(world.today());
    let outcome = ask(
        &mut world,
        &mut docket,
        Command::RequestSupplement { rows: vec![row("lease")], due: today, again: String::new() },
    );
    assert_eq!(invalid_fields(outcome), ["due"]);
}

#[test]
fn a_second_supplement_is_refused_with_its_article() {
    let (mut world, mut docket) = waiting_for(&["premises_address"]);
    ask(&mut world, &mut docket, resubmit(&[("premises_address", "长安区某街8号")], &[])).unwrap();
    let refusal = refusal(ask(&mut world, &mut docket, request(&["floor_plan"])));
    assert_eq!((refusal.code, refusal.article), ("told_once", LICENCE_LAW));
    assert!(refusal.way_out.contains("不予受理"));
}

#[test]
fn the_licence_law_does_not_stand_behind_a_public_service() {
    let mut world = World::new();
    world.entry.kind = ItemKind::PublicService;
    let mut docket = world.case_in(StateName::Supplementing).unwrap();
    world.proper(&mut docket, CommandKind::Resubmit).unwrap();
    assert_eq!(refusal(world.proper(&mut docket, CommandKind::RequestSupplement)).article, "");
}

#[test]
fn silence_of_five_working_days_bars_a_supplement() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    world.go_to(date(2026, 3, 9), 23);
    let mut in_time = docket.clone();
    world.proper(&mut in_time, CommandKind::RequestSupplement).unwrap();
    world.go_to(date(2026, 3, 10), 0);
    let refusal = refusal(world.proper(&mut docket, CommandKind::RequestSupplement));
    assert_eq!((refusal.code, refusal.article), ("silence_accepted", LICENCE_LAW));
}

#[test]
fn only_the_named_rows_are_taken() {
    let (mut world, mut docket) = waiting_for(&["premises_address", "floor_plan"]);
    let more = resubmit(
        &[("premises_address", "长安区某街8号"), ("mobile", "13700009999")],
        &[("floor_plan", 1), ("lease", 1)],
    );
    assert_eq!(invalid_fields(ask(&mut world, &mut docket, more)), ["mobile", "lease"]);
    let less = resubmit(&[], &[]);
    assert_eq!(invalid_fields(ask(&mut world, &mut docket, less)), ["floor_plan", "premises_address"]);
    let too_many = resubmit(&[("premises_address", "长安区某街8号")], &[("floor_plan", 3)]);
    assert_eq!(invalid_fields(ask(&mut world, &mut docket, too_many)), ["floor_plan"]);
}

#[test]
fn the_same_answer_in_other_spacing_is_no_change() {
    let (mut world, mut docket) = waiting_for(&["premises_address"]);
    let same = format!(" {}\u{3000}", COMPANY_SECRETS[4]);
    let outcome = ask(&mut world, &mut docket, resubmit(&[("premises_address", &same)], &[]));
    assert_eq!(invalid_fields(outcome), ["premises_address"]);
}

#[test]
fn a_row_that_another_answer_makes_needless_need_not_be_changed() {
    let (mut world, mut docket) = waiting_for(&["business_type", "kitchen_area"]);
    ask(&mut world, &mut docket, resubmit(&[("business_type", "食品销售")], &[])).unwrap();
    assert_eq!(world.answers_of(case(&docket)).unwrap().get("kitchen_area"), None);
}

#[test]
fn a_supplement_starts_the_five_days_anew_and_replaces_the_files() {
    let (mut world, mut docket) = waiting_for(&["premises_address", "lease"]);
    world.go_to(date(2026, 3, 12), 20);
    let twice = Command::Resubmit {
        answers: answers(&[("premises_address", "长安区某街8号")]),
        files: vec![files("lease", 1), files("lease", 1)],
    };
    ask(&mut world, &mut docket, twice).unwrap();
    let case = case(&docket);
    assert_eq!(case.state.name(), StateName::Received);
    assert_eq!((case.ledger.submitted, case.ledger.notice_from), (date(2026, 3, 2), date(2026, 3, 12)));
    assert_eq!(case.files_of("lease").len(), 2);
    assert_eq!(case.files_of("floor_plan").len(), 1);
    assert_eq!((case.answers_version, case.open_supplement()), (2, None));
    assert_eq!(notice_due(&case.ledger, &world.regime, &world.calendar).unwrap().last_day, date(2026, 3, 19));
}

#[test]
fn new_materials_alone_leave_the_answers_as_they_are() {
    let (mut world, mut docket) = waiting_for(&["lease"]);
    let before = case(&docket).answers.clone();
    ask(&mut world, &mut docket, resubmit(&[], &[("lease", 1)])).unwrap();
    assert_eq!((case(&docket).answers_version, &case(&docket).answers), (1, &before));
}

#[test]
fn a_paper_material_is_put_right_without_a_file() {
    let (mut world, mut docket) = waiting_for(&["health"]);
    ask(&mut world, &mut docket, resubmit(&[], &[])).unwrap();
}

#[test]
fn who_applies_can_be_put_right() {
    let (mut world, mut docket) = waiting_for(&["company_name"]);
    ask(&mut world, &mut docket, resubmit(&[("company_name", "石家庄禾香餐饮有限公司")], &[])).unwrap();
    assert_eq!(world.party_of(docket.case.as_ref()).unwrap().name, "石家庄禾香餐饮有限公司");
}

#[test]
fn silence_after_a_supplement_accepts_from_the_day_it_came_in() {
    let (mut world, mut docket) = waiting_for(&["lease"]);
    world.go_to(date(2026, 3, 12), 9);
    ask(&mut world, &mut docket, resubmit(&[], &[("lease", 1)])).unwrap();
    world.go_to(date(2026, 3, 20), 9);
    world.proper(&mut docket, CommandKind::Accept).unwrap();
    assert_eq!(case(&docket).ledger.accepted, Some(date(2026, 3, 12)));
}

fn not_supplemented() -> Command {
    Command::Decline {
        ground: DeclineGround::NotSupplemented,
        reason: "仍缺平面图".into(),
        go_to: String::new(),
    }
}

#[test]
fn who_never_answers_is_declined_after_the_last_day_and_not_before() {
    let (mut world, mut docket) = waiting_for(&["lease"]);
    let due = case(&docket).open_supplement().unwrap().due;
    world.go_to(due, 23);
    assert_eq!(refusal(ask(&mut world, &mut docket, not_supplemented())).code, "wrong_state");
    world.go_to(due.tomorrow().unwrap(), 9);
    ask(&mut world, &mut docket, not_supplemented()).unwrap();
    assert_eq!(state(&docket), StateName::Declined);
}

#[test]
fn an_answer_after_the_last_day_is_still_taken_while_nobody_declined() {
    let (mut world, mut docket) = waiting_for(&["lease"]);
    world.go_to(date(2026, 6, 1), 9);
    ask(&mut world, &mut docket, resubmit(&[], &[("lease", 1)])).unwrap();
    assert_eq!(state(&docket), StateName::Received);
}

#[test]
fn what_is_still_wrong_after_the_one_notice_is_declined_and_never_before_it() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    assert_eq!(refusal(ask(&mut world, &mut docket, not_supplemented())).code, "not_told_yet");
    ask(&mut world, &mut docket, request(&["lease"])).unwrap();
    ask(&mut world, &mut docket, resubmit(&[], &[("lease", 1)])).unwrap();
    let checks = vec![MaterialCheck { material: "lease".into(), verdict: Verdict::Wrong }];
    let errors = invalid(ask(&mut world, &mut docket, Command::Accept { checks }));
    assert!(errors.iter().any(|e| e.message == "“场所使用证明”核对为不符合，已经告知过补正，请不予受理"));
    ask(&mut world, &mut docket, not_supplemented()).unwrap();
    let text = words(&paper(&world, &docket, PaperKind::DeclinationNotice));
    assert!(text.contains("补正后仍不齐全") && text.contains("行政复议"));
}

#[test]
fn a_supplement_without_a_request_is_refused() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Received).unwrap();
    assert_eq!(refusal(ask(&mut world, &mut docket, resubmit(&[], &[]))).code, "wrong_state");
}
