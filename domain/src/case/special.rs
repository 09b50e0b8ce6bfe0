//! Special procedures (特别程序): hearing, tender, auction, test, detection, quarantine, appraisal, expert review, and the
//! site visit inside the clock. Told in writing with their length, begun, ended with a record. 许可法 34, 36, 45–48.

use jiff::civil::Date;

use super::clock::special_article;
use super::decide::{Facts, No, Refusal, TextKind, not_now, required};
use super::intake::{of_licences, to_json};
use super::ruling::is_under_way;
use super::{Announced, Case, Event, Paper, PaperKind, PaperTable, SpecialPlan, chinese_date};
use crate::ids::Id;
use crate::item::{FieldError, SpecialKind, SpecialProcedure};

/// 被告知听证权利之日起五日内提出 (许可法 47; 82: working days).
const DAYS_TO_ASK: u32 = 5;
/// 二十日内组织听证 (许可法 47).
const DAYS_TO_HOLD: u32 = 20;
/// 举行听证的七日前通知 (许可法 48), counted in working days: the careful reading, to be confirmed by a lawyer.
const DAYS_AHEAD: i64 = 7;
/// 指派两名以上工作人员核查 (许可法 34).
const OFFICERS_AT_A_VISIT: usize = 2;

/// What the law says of a procedure of this item: whether its days are taken out, and under which provision.
fn law_of(procedure: SpecialKind, facts: &Facts<'_>) -> Option<(bool, String)> {
    let (entry, regime) = (facts.subject.entry, facts.subject.regime);
    let own: Option<&SpecialProcedure> = entry.special_procedures.iter().find(|p| p.kind == procedure);
    let by_regime = special_article(regime, procedure);
    match own {
        Some(own) => {
            let basis = if own.basis.trim().is_empty() { by_regime } else { own.basis.clone() };
            Some((regime.excludes(own), basis))
        }
        // A hearing may be held on any licence (许可法 46, 47), whether the item foresees it or not.
        None if procedure == SpecialKind::Hearing => Some((regime.stops(procedure), by_regime)),
        None => None,
    }
}

/// Whether the item takes days out for a procedure without a provision to stand on: the watch marks it.
pub(super) fn excludes_without_basis(procedure: SpecialKind, facts: &Facts<'_>) -> bool {
    let own = facts.subject.entry.special_procedures.iter().find(|p| p.kind == procedure);
    own.is_some_and(|own| own.excluded && !facts.subject.regime.excludes(own))
}

fn of_this_item(procedure: SpecialKind, facts: &Facts<'_>) -> Result<(bool, String), No> {
    law_of(procedure, facts).ok_or_else(|| {
        Refusal::new(
            "not_this_items",
            format!("这个事项没有“{}”程序。", procedure.label()),
            "法律、法规要求这个程序的，请先由事项管理员在事项要素里登记依据。",
        )
        .under(of_licences(facts, "《中华人民共和国行政许可法》第四十五条"))
        .into()
    })
}

/// 告知听证权利: before a decision that touches weighty interests (许可法 46, 47).
pub(super) fn tell_hearing_right(case: &Case, reason: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if !is_under_way(case) {
        return Err(not_now(case, "告知听证权利"));
    }
    if case.hearing.is_some() {
        return Err(Refusal::new("hearing_told", "听证权利已经告知过。", "不需要再告知。").into());
    }
    if reason.trim().is_empty() {
        return Err(required("reason", "涉及的重大利益关系"));
    }
    let ask_by = facts.calendar.nth_working_day(facts.today(), DAYS_TO_ASK);
    let mut body = Paper::begin(PaperKind::HearingRightNotice, case, facts)?;
    body.say(&format!(
        "您申请的“{}”，在作出决定前，现告知您依法享有要求听证的权利。",
        facts.subject.entry.name
    ));
    body.say(&format!("涉及的重大利益关系：{}", reason.trim()));
    body.close(&format!(
        "要求听证的，请于{}前提出，我们将在收到申请后{DAYS_TO_HOLD}个工作日内组织听证；逾期不提出的，视为放弃。",
        chinese_date(ask_by)
    ));
    body.close("您不承担组织听证的费用。");
    let document = body.freeze(facts)?;
    let reason = facts.mint.keep(TextKind::Words, reason.trim().to_owned());
    Ok(vec![Event::HearingRightTold { ask_by, reason, document }])
}

/// 申请听证: within five working days of being told (许可法 47).
pub(super) fn request_hearing(case: &Case, reason: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if !is_under_way(case) {
        return Err(not_now(case, "申请听证"));
    }
    let Some(told) = case.hearing.as_ref() else {
        return Err(Refusal::new(
            "no_hearing_right",
            "还没有告知听证权利。",
            "机关认为涉及重大利益关系时会书面告知您；您也可以随时陈述、申辩。",
        )
        .into());
    };
    if told.asked_on.is_some() {
        return Err(Refusal::new("hearing_asked", "已经申请过听证。", "请等待听证通知。").into());
    }
    if facts.today() > told.ask_by {
        return Err(Refusal::new(
            "hearing_too_late",
            format!("申请听证的期限是{}，已经过了。", chinese_date(told.ask_by)),
            "您仍然可以陈述、申辩。",
        )
        .under(of_licences(facts, "《中华人民共和国行政许可法》第四十七条"))
        .into());
    }
    let hold_by = facts.calendar.nth_working_day(facts.today(), DAYS_TO_HOLD);
    Ok(vec![Event::HearingRequested { hold_by, reason: facts.mint.keep_words(reason) }])
}

/// 书面告知特别程序所需时间 (许可法 45): only from then on are days taken out, and no more than announced.
pub(super) fn notify(case: &Case, plan: &SpecialPlan, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if !is_under_way(case) {
        return Err(not_now(case, "告知特别程序"));
    }
    let procedure = plan.procedure;
    let (excluded, basis) = of_this_item(procedure, facts)?;
    let mut errors = Vec::new();
    if plan.days == 0 {
        errors.push(FieldError::new("days", "所需时间", "请输入所需时间，至少1日", "days is at least 1"));
    }
    if plan.reason.trim().is_empty() {
        errors.push(FieldError::new("reason", "理由", "请输入需要这个程序的理由", "reason is required"));
    }
    let under_way = case.ledger.open_procedure(procedure).is_some();
    match procedure {
        SpecialKind::Hearing if !under_way => hearing_errors(case, plan, facts, &mut errors),
        SpecialKind::SiteVisit if plan.people.len() < OFFICERS_AT_A_VISIT => errors.push(FieldError::new(
            "people",
            "核查人员",
            "请填写两名以上核查人员",
            "a site visit takes two officers or more",
        )),
        _ => {}
    }
    if plan.people.iter().any(|p| p.name.trim().is_empty()) {
        errors.push(FieldError::new("people", "参加人员", "请填写姓名或者机构名称", "a name is missing"));
    }
    if !errors.is_empty() {
        return Err(No::Invalid(errors));
    }
    let document = notice(case, plan, (excluded, &basis), facts)?;
    Ok(vec![Event::SpecialNotified {
        procedure,
        excluded,
        basis,
        days: plan.days,
        held_on: plan.held_on,
        plan: facts.mint.keep(TextKind::Words, to_json(plan)),
        document,
    }])
}

/// 许可法 48: seven days ahead, in public at a place, and presided by somebody who does not review the case.
fn hearing_errors(case: &Case, plan: &SpecialPlan, facts: &Facts<'_>, errors: &mut Vec<FieldError>) {
    let mut wrong = |field: &'static str, label: &'static str, message: String, english: &'static str| {
        errors.push(FieldError::new(field, label, message, english));
    };
    let ahead = |day: Date| facts.calendar.working_days_between(facts.today(), day);
    match plan.held_on {
        None => {
            wrong("held_on", "举行日期", "请选择举行听证的日期".into(), "held_on is required");
        }
        Some(day) if ahead(day) < DAYS_AHEAD => {
            let first = facts.calendar.nth_working_day(facts.today(), DAYS_AHEAD as u32);
            let message = format!("听证应提前7日通知，最早可定在{}", chinese_date(first));
            wrong("held_on", "举行日期", message, "a hearing is announced seven days ahead");
        }
        Some(day) => {
            let hold_by = case.hearing.as_ref().and_then(|h| h.hold_by);
            if let Some(by) = hold_by.filter(|by| day > *by && !plan.own_motion) {
                let message = format!("应在{}前组织听证", chinese_date(by));
                wrong("held_on", "举行日期", message, "a hearing asked for is held within twenty days");
            }
        }
    }
    if plan.place.trim().is_empty() {
        wrong("place", "地点", "请输入举行听证的地点".into(), "place is required");
    }
    let reviews = |account: Id| case.officer == Some(account) || case.hands.reviewed_by.contains(&account);
    match plan.presider {
        None => {
            wrong("presider", "主持人", "请选择听证主持人".into(), "presider is required");
        }
        Some(presider) if reviews(presider) => wrong(
            "presider",
            "主持人",
            "请另选主持人：审查该申请的工作人员不能主持听证".into(),
            "the presider must not review the case",
        ),
        Some(_) => {}
    }
    let asked = case.hearing.as_ref().is_some_and(|h| h.asked_on.is_some());
    if !asked && !plan.own_motion {
        wrong(
            "own_motion",
            "听证种类",
            "申请人没有申请听证，请选择依职权听证".into(),
            "nobody asked for a hearing: own motion only",
        );
    }
}

fn notice(
    case: &Case,
    plan: &SpecialPlan,
    law: (bool, &str),
    facts: &Facts<'_>,
) -> Result<super::DocumentRef, No> {
    let (excluded, basis) = law;
    let name = plan.procedure.label();
    let mut body = Paper::begin(PaperKind::SpecialNotice, case, facts)?;
    if plan.procedure == SpecialKind::Hearing {
        body.title = "听证通知书".into();
    }
    let more = case.ledger.open_procedure(plan.procedure).is_some_and(|p| !p.notices.is_empty());
    let days = if more { format!("再需{}日", plan.days) } else { format!("需要{}日", plan.days) };
    body.say(&format!("您申请的“{}”，依法需要进行{name}，{days}。", facts.subject.entry.name));
    body.say(&format!("理由：{}", plan.reason.trim()));
    body.fact("依据", basis);
    body.fact("举行日期", &plan.held_on.map_or(String::new(), chinese_date));
    body.fact("地点", plan.place.trim());
    if plan.procedure == SpecialKind::Hearing {
        body.fact("听证种类", if plan.own_motion { "依职权听证" } else { "依申请听证" });
        body.close("您可以申请主持人回避，可以申辩和质证；听证公开举行，制作笔录。");
    }
    if !plan.people.is_empty() {
        body.table = Some(PaperTable {
            caption: "参加人员".into(),
            columns: ["姓名或者机构", "身份", "证件号"].map(String::from).into(),
            widths: vec![4.0, 3.0, 3.0],
            rows: plan
                .people
                .iter()
                .map(|p| vec![p.name.trim().into(), p.part.trim().into(), p.badge.trim().into()])
                .collect(),
        });
    }
    body.close(if excluded {
        "所需时间不计入办理期限；实际用时不满的按实际用时扣除，超出告知时间的部分计入期限。"
    } else {
        "这个程序在办理期限内进行，不从期限中扣除。"
    });
    body.freeze(facts)
}

/// 特别程序开始. One nobody was told of may begin, takes out nothing, and is marked.
pub(super) fn start(case: &Case, procedure: SpecialKind, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if !is_under_way(case) {
        return Err(not_now(case, "开始特别程序"));
    }
    let (excluded, basis) = of_this_item(procedure, facts)?;
    if case.ledger.open_procedure(procedure).is_some_and(|p| p.started.is_some()) {
        return Err(Refusal::new(
            "special_started",
            format!("{}已经开始，还没有结束。", procedure.label()),
            "请先登记结果。",
        )
        .into());
    }
    Ok(vec![Event::SpecialStarted { procedure, excluded, basis }])
}

/// 特别程序结束, with its record: the clock goes on from the next day.
pub(super) fn end(
    case: &Case,
    procedure: SpecialKind,
    record: &str,
    passed: bool,
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    if !is_under_way(case) {
        return Err(not_now(case, "结束特别程序"));
    }
    if case.ledger.open_procedure(procedure).is_none_or(|p| p.started.is_none()) {
        return Err(Refusal::new(
            "special_not_started",
            format!("{}还没有开始。", procedure.label()),
            "请先登记开始。",
        )
        .into());
    }
    if record.trim().is_empty() {
        return Err(required("record", "笔录或者报告的结论"));
    }
    let record = facts.mint.keep(TextKind::Words, record.trim().to_owned());
    Ok(vec![Event::SpecialEnded { procedure, passed, record }])
}

/// No decision while a procedure the law requires is under way, nor before the applicant could ask for a hearing
/// (许可法 47, 48: the decision follows the record).
pub(super) fn refuse_while_open(case: &Case, facts: &Facts<'_>) -> Result<(), No> {
    if let Some(open) = case.ledger.procedures.iter().find(|p| p.is_open()) {
        return Err(Refusal::new(
            "special_open",
            format!("{}还没有结束，不能作出决定。", open.kind.label()),
            "请先登记结果。",
        )
        .into());
    }
    let Some(hearing) = &case.hearing else { return Ok(()) };
    let held = case.ledger.procedures.iter().any(|p| p.kind == SpecialKind::Hearing && p.ended.is_some());
    if hearing.asked_on.is_some() && !held {
        return Err(Refusal::new(
            "hearing_first",
            "申请人要求听证，还没有举行。",
            "请先组织听证，根据听证笔录作出决定。",
        )
        .under(of_licences(facts, "《中华人民共和国行政许可法》第四十八条"))
        .into());
    }
    if hearing.asked_on.is_none() && facts.today() <= hearing.ask_by {
        return Err(Refusal::new(
            "hearing_period",
            format!("申请人可以在{}前要求听证，现在不能作出决定。", chinese_date(hearing.ask_by)),
            "请在期满后或者申请人答复后决定。",
        )
        .under(of_licences(facts, "《中华人民共和国行政许可法》第四十七条"))
        .into());
    }
    Ok(())
}

/// The ledger's entry of a notice.
pub(super) fn announced(on: Date, days: u16, document: Id) -> Announced {
    Announced { on, days, document }
}
