//! Decisions within an authority, licences, termination and suspension.

use jiff::civil::{Date, date};

use super::*;
use crate::authority::AuthorityAct;
use crate::calendar::add_calendar_days;
use crate::case::ruling::last_day;
use crate::item::{ItemKind, Validity};
use crate::permit::Role;
use crate::sample::{COMPANY_SECRETS, people};

#[test]
fn granting_decides_on_an_authority_and_fills_the_licence() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Deciding).unwrap();
    world.go_to(date(2026, 3, 5), 11);
    world.proper(&mut docket, CommandKind::Grant).unwrap();
    assert_eq!(state(&docket), StateName::Granted);
    let decision = case(&docket).decision.clone().unwrap();
    assert_eq!((decision.granted, decision.authority, decision.on), (true, Id::from(900), date(2026, 3, 5)));
    assert_eq!(case(&docket).ledger.decided, Some(date(2026, 3, 5)));
    assert_eq!(case(&docket).hands.decided_by, Some(Id::from(people::REPRESENTATIVE)));
    let licence = decision.licence.unwrap();
    assert_eq!(LicenceId::parse(licence.id.as_str()).as_ref(), Ok(&licence.id));
    assert_eq!(licence.id.licence_type(), "11100000000013338W123");
    assert_eq!(licence.id.issuer(), world.agency.credit_code.as_str());
    assert_eq!((licence.id.serial(), licence.id.version()), ("20260000001", 1));
    assert_eq!((licence.from, licence.to), (date(2026, 3, 5), Some(date(2031, 3, 4))));
    assert_eq!(licence.number, "长审证字〔2026〕第00001号");
    assert_eq!(case(&docket).document(licence.document).unwrap().kind, PaperKind::Licence);
    let face = paper(&world, &docket, PaperKind::Licence);
    assert_eq!((face.title.as_str(), face.valid.as_str()), ("食品经营许可证", "2026年3月5日至2031年3月4日"));
    assert_eq!(fact(&face, "持证主体"), COMPANY_SECRETS[0]);
    assert_eq!(fact(&face, "法定代表人"), COMPANY_SECRETS[2]);
    assert_eq!(fact(&face, "经营场所"), COMPANY_SECRETS[4]);
    assert_eq!(fact(&face, "操作间面积"), "4173.5平方米");
    let text = words(&paper(&world, &docket, PaperKind::GrantDecision));
    assert!(text.contains("第三十八条第一款，决定准予行政许可") && text.contains("公众有权查阅"), "{text}");
}

#[test]
fn an_item_without_a_licence_is_granted_by_the_decision_alone() {
    let mut world = World::new();
    world.entry.result.licence_type = None;
    world.entry.kind = ItemKind::PublicService;
    let mut docket = world.case_in(StateName::Granted).unwrap();
    assert_eq!(case(&docket).licence(), None);
    assert_eq!(case(&docket).document_of(PaperKind::Licence), None);
    let notice = paper(&world, &docket, PaperKind::GrantDecision);
    assert_eq!(notice.title, "办理结果通知书");
    assert!(!words(&notice).contains("行政许可"), "{}", words(&notice));
    world.seal_all(&mut docket).unwrap();
    world.proper(&mut docket, CommandKind::Issue).unwrap();
}

#[test]
fn a_decision_without_authority_is_impossible() {
    let mut world = World::new();
    let docket = world.case_in(StateName::Deciding).unwrap();
    let powerless = world.staff(people::POWERLESS, Role::Representative);
    for kind in [CommandKind::Grant, CommandKind::Refuse] {
        let command = world.sample(kind, docket.case.as_ref(), 0);
        let refusal = refusal(world.drive(&mut docket.clone(), &powerless, &command));
        assert_eq!(refusal.code, "no_authority");
        assert!(refusal.reason.contains("决定权登记簿"));
    }
}

/// What comes of granting (or refusing) with another register.
fn with_authority(kind: CommandKind, change: impl Fn(&mut crate::authority::DecisionAuthority)) -> String {
    let mut world = World::new();
    change(&mut world.authorities[0]);
    let mut docket = world.case_in(StateName::Deciding).unwrap();
    match world.proper(&mut docket, kind) {
        Ok(_) => String::new(),
        outcome => refusal(outcome).reason,
    }
}

#[test]
fn the_refusal_says_what_the_authority_lacks() {
    use CommandKind::{Grant, Refuse};
    let today = date(2026, 3, 2);
    assert_eq!(with_authority(Grant, |a| (a.from, a.to) = (today, today)), "");
    assert!(with_authority(Grant, |a| a.from = date(2026, 3, 3)).contains("2026-03-03起生效"));
    assert!(with_authority(Grant, |a| a.to = date(2026, 3, 1)).contains("2026-03-01到期"));
    assert!(with_authority(Grant, |a| a.revoked_on = Some(today)).contains("撤回"));
    assert!(with_authority(Grant, |a| a.items = vec!["X04".into()]).contains("不包括这个事项"));
    assert!(with_authority(Refuse, |a| a.acts = vec![AuthorityAct::Grant]).contains("不包括“不予”"));
    assert!(
        with_authority(Grant, |a| a.agency = "130104:行政审批局".into()).contains("没有您在本机关的授权")
    );
}

#[test]
fn refusing_states_facts_provisions_and_remedies() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Deciding).unwrap();
    let empty = Command::Refuse { reason: " ".into(), basis: String::new() };
    assert_eq!(invalid_fields(ask(&mut world, &mut docket, empty)), ["reason", "basis"]);
    world.proper(&mut docket, CommandKind::Refuse).unwrap();
    assert_eq!(state(&docket), StateName::Refused);
    let decision = case(&docket).decision.clone().unwrap();
    assert_eq!((decision.granted, decision.licence), (false, None));
    let paper = paper(&world, &docket, PaperKind::RefusalDecision);
    assert_eq!(paper.title, "不予行政许可决定书");
    for part in
        ["决定不予行政许可", "操作间与卫生间相通", "第三十三条", "六十日内", "六个月内", "长安区人民法院"]
    {
        assert!(words(&paper).contains(part), "{part}: {}", words(&paper));
    }
}

#[test]
fn a_validity_ends_the_day_before_the_same_day_comes_round() {
    let ends = [
        (date(2026, 7, 23), Validity::Years(5), date(2031, 7, 22)),
        (date(2026, 1, 1), Validity::Years(1), date(2026, 12, 31)),
        (date(2026, 3, 1), Validity::Years(2), date(2028, 2, 29)),
        (date(2026, 10, 15), Validity::Months(6), date(2027, 4, 14)),
        (date(2026, 12, 1), Validity::Months(3), date(2027, 2, 28)),
        (date(2026, 12, 20), Validity::Days(30), date(2027, 1, 18)),
        (date(2026, 3, 5), Validity::Days(1), date(2026, 3, 5)),
        (date(2024, 2, 29), Validity::Years(4), date(2028, 2, 28)),
    ];
    for (from, validity, last) in ends {
        assert_eq!(last_day(from, validity), Some(last), "{from} {validity:?}");
    }
    assert_eq!(last_day(date(2026, 3, 5), Validity::Indefinite), None);
}

#[test]
fn where_the_last_month_has_no_such_day_the_validity_ends_with_it() {
    let ends = [
        (date(2028, 2, 29), Validity::Years(1), date(2029, 2, 28)),
        (date(2028, 2, 29), Validity::Years(5), date(2033, 2, 28)),
        (date(2026, 8, 31), Validity::Months(6), date(2027, 2, 28)),
        (date(2026, 3, 31), Validity::Months(1), date(2026, 4, 30)),
        (date(2027, 12, 30), Validity::Months(2), date(2028, 2, 29)),
    ];
    for (from, validity, last) in ends {
        assert_eq!(last_day(from, validity), Some(last), "{from} {validity:?}");
    }
}

#[test]
fn a_validity_of_a_year_never_loses_a_day() {
    let mut from = date(2027, 1, 1);
    while from < date(2029, 1, 1) {
        let last = last_day(from, Validity::Years(1)).unwrap();
        let days = (last - from).get_days() + 1;
        assert!((365..=366).contains(&days), "{from}: {days}");
        assert!(last >= add_calendar_days(from, 364));
        from = from.tomorrow().unwrap();
    }
}

fn promised(world: &World, docket: &Docket) -> Option<Date> {
    deadlines(&case(docket).ledger, &world.regime, &world.calendar).promised.map(|d| d.last_day)
}

#[test]
fn suspending_stops_both_clocks_and_resuming_goes_on_where_it_stood() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Deciding).unwrap();
    assert_eq!(promised(&world, &docket), Some(date(2026, 3, 9)));
    world.go_to(date(2026, 3, 4), 9);
    world.proper(&mut docket, CommandKind::Suspend).unwrap();
    assert_eq!(case(&docket).state, State::Suspended { since: world.now, back: Back::Deciding });
    assert_eq!(promised(&world, &docket), None);
    world.go_to(date(2026, 3, 11), 9);
    world.proper(&mut docket, CommandKind::Resume).unwrap();
    assert_eq!(state(&docket), StateName::Deciding);
    // 5, 6, 9, 10 and 11 March do not count.
    assert_eq!(promised(&world, &docket), Some(date(2026, 3, 16)));
    let notice = paper(&world, &docket, PaperKind::SuspensionNotice);
    assert!(words(&notice).contains("场所权属正在诉讼") && words(&notice).contains("不计入办理期限"));
}

#[test]
fn a_suspended_case_goes_back_to_where_it_was() {
    for (before, back) in [
        (StateName::Accepted, Back::Accepted),
        (StateName::Reviewing, Back::Reviewing { step: 0 }),
        (StateName::Deciding, Back::Deciding),
    ] {
        let mut world = World::new();
        let mut docket = world.case_in(before).unwrap();
        let officer = case(&docket).officer;
        world.proper(&mut docket, CommandKind::Suspend).unwrap();
        assert!(matches!(case(&docket).state, State::Suspended { back: b, .. } if b == back));
        assert_eq!(refusal(world.proper(&mut docket, CommandKind::Suspend)).code, "wrong_state");
        world.proper(&mut docket, CommandKind::Resume).unwrap();
        assert_eq!((state(&docket), case(&docket).officer), (before, officer));
    }
}

#[test]
fn suspending_and_terminating_need_a_reason() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Deciding).unwrap();
    for kind in [CommandKind::Suspend, CommandKind::Terminate] {
        let wrong = world.sample(kind, docket.case.as_ref(), 1);
        assert_eq!(invalid_fields(ask(&mut world, &mut docket, wrong)), ["reason"]);
    }
}

#[test]
fn terminating_is_told_in_writing_with_remedies_and_ends_a_suspension() {
    let mut world = World::new();
    let mut docket = world.case_in(StateName::Suspended).unwrap();
    world.pass_working_days(2);
    world.proper(&mut docket, CommandKind::Terminate).unwrap();
    assert_eq!(state(&docket), StateName::Terminated);
    assert_eq!(case(&docket).ledger.stops[0].to, Some(world.today()));
    let notice = paper(&world, &docket, PaperKind::TerminationNotice);
    for part in ["申请人死亡", "企业已经注销", "行政复议", "行政诉讼", "取回"] {
        assert!(words(&notice).contains(part), "{part}");
    }
}

#[test]
fn nothing_is_terminated_before_acceptance() {
    for before in [StateName::Submitted, StateName::Received, StateName::Supplementing] {
        let mut world = World::new();
        let mut docket = world.case_in(before).unwrap();
        assert_eq!(refusal(world.proper(&mut docket, CommandKind::Terminate)).code, "wrong_state");
    }
}
