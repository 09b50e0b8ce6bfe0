//! Extension (延期): asked for by who reviews or decides, approved by the head of the agency, or of the government for
//! joint handling, told to the applicant with reasons before the limit ends. 许可法 42.

use super::clock::extension as lawful;
use super::decide::{Facts, No, Refusal, TextKind, not_now, required};
use super::intake::of_licences;
use super::ruling::{authority, is_under_way};
use super::{Case, Event, Paper, PaperKind, deadlines};
use crate::authority::AuthorityAct;
use crate::item::{Approver, FieldError, Limit};

fn refused(reason: String, facts: &Facts<'_>) -> No {
    Refusal::new("no_extension", reason, "请在现有期限内作出决定。")
        .under(of_licences(facts, "《中华人民共和国行政许可法》第四十二条"))
        .into()
}

/// What the law says of extending by so many days today, by who may approve it.
fn check(case: &Case, days: u16, facts: &Facts<'_>) -> Result<super::Extended, No> {
    let regime = facts.subject.regime;
    let approver = regime.extension.as_ref().map_or(Approver::AgencyHead, |e| e.approver);
    let due = deadlines(&case.ledger, regime, facts.calendar).statutory;
    lawful(&case.ledger, regime, due, (approver, days, facts.today())).map_err(|why| refused(why, facts))
}

/// 提请延期: checked as if it were approved today, so that nobody asks in vain.
pub(super) fn request(case: &Case, days: u16, reason: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if !is_under_way(case) {
        return Err(not_now(case, "提请延期"));
    }
    if reason.trim().is_empty() {
        return Err(required("reason", "延期的理由"));
    }
    check(case, days, facts)?;
    if case.extension_asked.is_some() {
        return Err(Refusal::new("extension_asked", "已经提请延期，正在等批准。", "请等待答复。").into());
    }
    let reason = facts.mint.keep(TextKind::Words, reason.trim().to_owned());
    Ok(vec![Event::ExtensionRequested { days, reason }])
}

/// 批准延期: by somebody whose authority covers it; where the head of the government approves, with the approval's number.
pub(super) fn extend(
    case: &Case,
    days: u16,
    reason: &str,
    approval: &str,
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    if !is_under_way(case) {
        return Err(not_now(case, "延期"));
    }
    let extended = check(case, days, facts)?;
    let mut errors = Vec::new();
    if reason.trim().is_empty() {
        errors.push(FieldError::new("reason", "延期的理由", "请输入延期的理由", "reason is required"));
    }
    if extended.by == Approver::GovernmentHead && approval.trim().is_empty() {
        errors.push(FieldError::new(
            "approval",
            "批准文号",
            "请输入本级人民政府负责人的批准文号",
            "the government's approval is required",
        ));
    }
    if !errors.is_empty() {
        return Err(No::Invalid(errors));
    }
    let authority = authority(case, AuthorityAct::Extend, facts)?;
    let mut ledger = case.ledger.clone();
    ledger.extension = Some(extended);
    let more = Limit { n: f32::from(extended.n), unit: extended.unit }.label();
    let mut body = Paper::begin(PaperKind::ExtensionNotice, case, facts)?;
    body.say(&format!(
        "您申请的“{}”，在法定期限内不能作出决定，经{}批准，延长{more}。",
        facts.subject.entry.name,
        extended.by.label()
    ));
    body.say(&format!("理由：{}", reason.trim()));
    body.fact("批准文号", approval.trim());
    body.clock(&ledger, facts);
    body.close("承诺办结期限不因延期改变；超过承诺期限的，我们向您致歉，并接受监督。");
    let document = body.freeze(facts)?;
    let words = if approval.trim().is_empty() {
        reason.trim().to_owned()
    } else {
        format!("{}\n批准文号：{}", reason.trim(), approval.trim())
    };
    Ok(vec![Event::Extended {
        by: extended.by,
        n: extended.n,
        unit: extended.unit,
        authority,
        reason: facts.mint.keep(TextKind::Words, words),
        document,
    }])
}

/// 不批准延期
pub(super) fn refuse(case: &Case, reason: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if case.extension_asked.is_none() || !is_under_way(case) {
        return Err(Refusal::new(
            "extension_not_asked",
            "没有等待批准的延期提请。",
            "请刷新页面，按当前状态办理。",
        )
        .into());
    }
    if reason.trim().is_empty() {
        return Err(required("reason", "不批准延期的理由"));
    }
    authority(case, AuthorityAct::Extend, facts)?;
    let reason = facts.mint.keep(TextKind::Words, reason.trim().to_owned());
    Ok(vec![Event::ExtensionRefused { reason }])
}
