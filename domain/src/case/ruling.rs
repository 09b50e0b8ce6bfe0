//! Ruling (决定): granting and refusing within a valid authority; termination and suspension. 许可法 34, 38, 42.

use super::decide::{Facts, No, Refusal, TextKind, not_now, required};
use super::{
    Case, Event, Halt, LicenceGrant, Paper, PaperKind, State, TerminateGround, chinese_date, paper, special,
};
use crate::authority::{AuthorityAct, find_authority};
use crate::calendar::{add_calendar_days, add_months};
use crate::ids::{Id, LicenceId};
use crate::item::{FieldError, ItemKind, Validity};
use jiff::civil::Date;

pub(super) fn authority(case: &Case, act: AuthorityAct, facts: &Facts<'_>) -> Result<Id, No> {
    find_authority(
        facts.authorities,
        facts.actor.account(),
        &case.places.deciding,
        &case.item.entry,
        act,
        facts.today(),
    )
    .map(|a| a.id)
    .map_err(|lack| {
        Refusal::new("no_authority", format!("{lack}。"), "决定权登记见“机构与授权”。")
            .under("《河北省优化行政审批条例》关于首席事务代表的规定")
            .into()
    })
}

/// 准予 (许可法 38): the decision, and the licence where the item has one.
pub(super) fn grant(case: &Case, opinion: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let State::Deciding { .. } = case.state else { return Err(not_now(case, "作出决定")) };
    special::refuse_while_open(case, facts)?;
    let authority = authority(case, AuthorityAct::Grant, facts)?;
    let today = facts.today();
    let entry = facts.subject.entry;
    let mut documents = Vec::new();
    let mut licence = None;
    let mut body = Paper::begin(PaperKind::GrantDecision, case, facts)?;
    let licensed = entry.kind == ItemKind::Licence;
    let words = if licensed {
        "依据《中华人民共和国行政许可法》第三十八条第一款，决定准予行政许可"
    } else {
        "决定予以办理"
    };
    body.say(&format!("您申请的“{}”，经审查符合法定条件、标准，{words}。", entry.name));
    if let Some(kind) = entry.result.licence_type.as_deref() {
        let document = facts.mint.id();
        let serial = facts.mint.next(&PaperKind::Licence.counter(&facts.subject.organ.key, today.year()))?;
        let number = paper::number(&facts.subject.organ.short, PaperKind::Licence, today.year(), serial);
        let id = LicenceId::compose(
            kind,
            facts.subject.organ.credit_code.as_str(),
            &format!("{:04}{serial:07}", today.year()),
            1,
        )
        .map_err(|_| No::Missing("licence type"))?;
        let to = last_day(today, entry.result.validity);
        body.fact("证照名称", &entry.result.name);
        body.fact("证照编号", &number);
        body.fact("有效期", &validity_words(today, to));
        let grant = LicenceGrant { id, number, from: today, to, document };
        documents.push(paper::licence(case, &grant, facts)?);
        licence = Some(grant);
    }
    if licensed {
        body.close("本决定依法公开，公众有权查阅；涉及国家秘密、商业秘密和个人隐私的除外。");
    }
    body.remedies(facts);
    documents.insert(0, body.freeze(facts)?);
    Ok(vec![Event::Granted { authority, opinion: facts.mint.keep_words(opinion), documents, licence }])
}

/// The last day of a validity whose first day is `from`: the day before the same day of the last month; where that
/// month has no such day, its last day (民法典 202), so that nobody loses a day.
pub(super) fn last_day(from: Date, validity: Validity) -> Option<Date> {
    let months = match validity {
        Validity::Indefinite => return None,
        Validity::Years(n) => i32::from(n) * 12,
        Validity::Months(n) => i32::from(n),
        Validity::Days(n) => return Some(add_calendar_days(from, i32::from(n) - 1)),
    };
    let end = add_months(from, months);
    if end.day() == from.day() { end.yesterday().ok() } else { Some(end) }
}

/// `2026年7月23日至2031年7月22日` or `长期`.
pub(super) fn validity_words(from: Date, to: Option<Date>) -> String {
    match to {
        Some(to) => format!("{}至{}", super::chinese_date(from), super::chinese_date(to)),
        None => "长期".into(),
    }
}

/// 不予许可 (许可法 38): facts, reasons, provisions and the remedies.
pub(super) fn refuse(case: &Case, reason: &str, basis: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let State::Deciding { .. } = case.state else { return Err(not_now(case, "作出决定")) };
    let mut errors = Vec::new();
    for (key, label, text) in
        [("reason", "不予许可的事实和理由", reason), ("basis", "不予许可的依据条款", basis)]
    {
        if text.trim().is_empty() {
            errors.push(FieldError::new(key, label, format!("请输入{label}"), format!("{key} is required")));
        }
    }
    if !errors.is_empty() {
        return Err(No::Invalid(errors));
    }
    special::refuse_while_open(case, facts)?;
    let authority = authority(case, AuthorityAct::Refuse, facts)?;
    let mut body = Paper::begin(PaperKind::RefusalDecision, case, facts)?;
    let entry = facts.subject.entry;
    let refusing = paper::refusing(entry.kind);
    body.say(&format!("您申请的“{}”，经审查不符合法定条件、标准，决定{refusing}。", entry.name));
    body.say(&format!("事实和理由：{}", reason.trim()));
    body.say(&format!("依据：{}", basis.trim()));
    body.remedies(facts);
    let document = body.freeze(facts)?;
    let reason = facts.mint.keep(TextKind::Words, format!("{}\n依据：{}", reason.trim(), basis.trim()));
    Ok(vec![Event::Refused { authority, reason, document }])
}

pub(super) fn is_under_way(case: &Case) -> bool {
    matches!(case.state, State::Accepted { .. } | State::Reviewing { .. } | State::Deciding { .. })
}

/// 终止办理: after acceptance, on a ground the law or the item names; missing materials are no ground.
pub(super) fn terminate(
    case: &Case,
    ground: TerminateGround,
    reason: &str,
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    if !is_under_way(case) && !matches!(case.state, State::Suspended { .. }) {
        return Err(not_now(case, "终止办理"));
    }
    if reason.trim().is_empty() {
        return Err(required("reason", "终止办理的理由"));
    }
    let mut body = Paper::begin(PaperKind::TerminationNotice, case, facts)?;
    body.say(&format!("您申请的“{}”，因{}，决定终止办理。", facts.subject.entry.name, ground.label()));
    body.say(&format!("事实和理由：{}", reason.trim()));
    body.close("您提交的申请材料可以到窗口取回。");
    body.remedies(facts);
    let document = body.freeze(facts)?;
    let reason = facts.mint.keep(TextKind::Words, reason.trim().to_owned());
    Ok(vec![Event::Terminated { ground, reason, document }])
}

/// 中止: both clocks stand from tomorrow on.
pub(super) fn suspend(case: &Case, reason: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if !is_under_way(case) {
        return Err(not_now(case, "中止"));
    }
    if reason.trim().is_empty() {
        return Err(required("reason", "中止的理由（诉讼、不可抗力）"));
    }
    let mut body = Paper::begin(PaperKind::SuspensionNotice, case, facts)?;
    body.say(&format!(
        "您申请的“{}”，自{}起中止办理。",
        facts.subject.entry.name,
        chinese_date(facts.today())
    ));
    body.say(&format!("理由：{}", reason.trim()));
    body.close("中止期间不计入办理期限；中止的原因消除后恢复办理，并告知您新的期限。");
    body.remedies(facts);
    let document = body.freeze(facts)?;
    let reason = facts.mint.keep(TextKind::Words, reason.trim().to_owned());
    Ok(vec![Event::Suspended { reason, document }])
}

/// 恢复办理: the applicant is told the new last days and how they were reckoned.
pub(super) fn resume(case: &Case, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let State::Suspended { .. } = case.state else { return Err(not_now(case, "恢复办理")) };
    let mut ledger = case.ledger.clone();
    ledger.go_on(Halt::Suspension, facts.today());
    let mut body = Paper::begin(PaperKind::ResumptionNotice, case, facts)?;
    body.say(&format!(
        "您申请的“{}”中止的原因已经消除，自{}起恢复办理。",
        facts.subject.entry.name,
        chinese_date(facts.today())
    ));
    body.clock(&ledger, facts);
    let document = body.freeze(facts)?;
    Ok(vec![Event::Resumed { document: Some(Box::new(document)) }])
}
