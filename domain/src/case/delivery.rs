//! Delivery (制证送达): sealing, issuing, serving, closing, archiving, rating. 许可法 44.

use super::decide::{Facts, No, Refusal, TextKind, not_now, required};
use super::{Case, DeliveryMethod, DocumentRef, Event, PaperKind, SealRef, State};
use crate::ids::Id;
use crate::item::FieldError;

/// The documents of the decision, the one that is handed over first: the licence, else the decision itself.
fn handed_over(case: &Case) -> impl Iterator<Item = &DocumentRef> {
    [PaperKind::Licence, PaperKind::GrantDecision, PaperKind::RefusalDecision]
        .into_iter()
        .filter_map(|kind| case.document_of(kind))
}

/// The seal of what is handed over, once every document of the decision is sealed.
fn sealed(case: &Case) -> Result<&SealRef, No> {
    let seals: Option<Vec<&SealRef>> = handed_over(case).map(|d| d.seal.as_ref()).collect();
    seals.and_then(|seals| seals.into_iter().next()).ok_or_else(|| {
        Refusal::new("not_sealed", "文书还在生成和签章，还不能交付。", "通常几秒钟就好，请稍后再试。").into()
    })
}

/// 制证: only with the sealed files of the decision and of the licence.
pub(super) fn issue(case: &Case) -> Result<Vec<Event>, No> {
    let State::Granted { .. } = case.state else { return Err(not_now(case, "制证")) };
    Ok(vec![Event::Issued { file: sealed(case)?.file.clone() }])
}

/// 送达, of a licence that was made or of a refusal.
pub(super) fn deliver(
    case: &Case,
    method: DeliveryMethod,
    note: &str,
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    if !matches!(case.state, State::Issued { .. } | State::Refused { .. }) {
        return Err(not_now(case, "送达"));
    }
    sealed(case)?;
    if matches!(method, DeliveryMethod::Mail | DeliveryMethod::Proxy) && note.trim().is_empty() {
        let label = if method == DeliveryMethod::Mail { "邮件单号" } else { "代领人和委托书" };
        return Err(No::Invalid(vec![FieldError::new(
            "note",
            label,
            format!("请输入{label}"),
            "note is required for this method",
        )]));
    }
    Ok(vec![Event::Delivered { method, note: facts.mint.keep_words(note) }])
}

/// 办结
pub(super) fn close(case: &Case) -> Result<Vec<Event>, No> {
    let State::Delivered { .. } = case.state else { return Err(not_now(case, "办结")) };
    Ok(vec![Event::Closed])
}

/// 归档
pub(super) fn archive(case: &Case) -> Result<Vec<Event>, No> {
    if !case.state.name().is_over() || matches!(case.state, State::Archived { .. }) {
        return Err(not_now(case, "归档"));
    }
    Ok(vec![Event::Archived])
}

/// The platform's own report that a document was rendered and sealed; once per document.
pub(super) fn record_seal(
    case: &Case,
    document: Id,
    file: &str,
    size: u64,
    key: &str,
    signature: &str,
) -> Result<Vec<Event>, No> {
    let Some(known) = case.document(document) else { return Err(No::Missing("document")) };
    if known.seal.is_some() {
        return Err(Refusal::new("already_sealed", "这份文书已经签章。", "").into());
    }
    let seal = SealRef { file: file.into(), size, key: key.into(), signature: signature.into() };
    Ok(vec![Event::DocumentSealed { document, seal }])
}

/// 差评回复: what was put right after a bad rating (国办发〔2019〕51 号); the applicant reads it.
pub(super) fn answer_rating(case: &Case, answer: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if case.rating.is_none() {
        return Err(Refusal::new("not_rated", "申请人还没有评价。", "评价后才能回复。").into());
    }
    if case.rating_answered {
        return Err(Refusal::new("rating_answered", "这次评价已经回复过。", "不需要再回复。").into());
    }
    if answer.trim().is_empty() {
        return Err(required("answer", "核实和整改情况"));
    }
    Ok(vec![Event::RatingAnswered { answer: facts.mint.keep(TextKind::Words, answer.trim().to_owned()) }])
}

/// 好差评: five grades, once per service, after the result was served or the case ended.
pub(super) fn rate(case: &Case, grade: u8, comment: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if !(1..=5).contains(&grade) {
        return Err(No::Invalid(vec![FieldError::new(
            "grade",
            "满意度",
            "请选择满意度：1非常满意、2满意、3基本满意、4不满意、5非常不满意",
            "grade is 1 (very satisfied) to 5 (very dissatisfied)",
        )]));
    }
    if comment.chars().count() > 1000 {
        return Err(No::Invalid(vec![FieldError::new(
            "comment",
            "评价内容",
            "请把评价内容改为1000个字以内",
            "comment is longer than 1000 characters",
        )]));
    }
    if !case.state.name().is_over() && !matches!(case.state, State::Delivered { .. }) {
        return Err(not_now(case, "评价"));
    }
    if case.rating.is_some() {
        return Err(Refusal::new("already_rated", "您已经评价过这次服务。", "谢谢您的评价。").into());
    }
    Ok(vec![Event::Rated { grade, comment: facts.mint.keep_words(comment) }])
}
