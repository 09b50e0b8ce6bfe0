//! Answering, contesting and closing a mark (督办答复、申诉、销号).

use super::{Mark, MarkState};
use crate::case::decide::{Facts, No, Refusal, TextKind, required};
use crate::case::{Case, Event};
use crate::ids::Id;

fn open_mark<'a>(case: &'a Case, id: Id, states: &[MarkState]) -> Result<&'a Mark, No> {
    let Some(mark) = case.mark(id) else {
        return Err(Refusal::new("no_such_mark", "这个办件没有这盏灯。", "请刷新页面后再办理。").into());
    };
    if states.contains(&mark.state) {
        return Ok(mark);
    }
    Err(Refusal::new(
        "mark_state",
        format!("这条督办现在是“{}”，不能再这样办理。", mark.state.label()),
        "请刷新页面，按当前状态办理。",
    )
    .into())
}

/// Only who owes the answer answers: the owner, or the representative of the agency.
fn only_who_owes_it(mark: &Mark, facts: &Facts<'_>) -> Result<(), No> {
    if mark.is_owed_by(facts.actor) { Ok(()) } else { Err(not_yours()) }
}

fn not_yours() -> No {
    Refusal::new("not_your_mark", "这条督办不由您答复。", "请由责任人或者本机关首席代表答复。").into()
}

/// 答复督办: what happened and what was put right.
pub(in crate::case) fn answer(
    case: &Case,
    mark: Id,
    words: &str,
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    let known = open_mark(case, mark, &[MarkState::Open])?;
    only_who_owes_it(known, facts)?;
    if words.trim().is_empty() {
        return Err(required("answer", "原因和整改情况"));
    }
    let answer = facts.mint.keep(TextKind::Words, words.trim().to_owned());
    Ok(vec![Event::MarkAnswered { mark, answer }])
}

/// 申诉: the mark is wrong; the duty to answer rests meanwhile.
pub(in crate::case) fn contest(
    case: &Case,
    mark: Id,
    words: &str,
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    let known = open_mark(case, mark, &[MarkState::Open, MarkState::Answered])?;
    only_who_owes_it(known, facts)?;
    if words.trim().is_empty() {
        return Err(required("reason", "申诉的理由"));
    }
    let reason = facts.mint.keep(TextKind::Words, words.trim().to_owned());
    Ok(vec![Event::MarkContested { mark, reason }])
}

/// 销号: the supervisor says whether the mark stands; striking it off needs a reason.
pub(in crate::case) fn close(
    case: &Case,
    mark: Id,
    upheld: bool,
    note: &str,
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    open_mark(case, mark, &[MarkState::Answered, MarkState::Contested])?;
    if !upheld && note.trim().is_empty() {
        return Err(required("note", "不成立的理由"));
    }
    Ok(vec![Event::MarkClosed { mark, upheld, note: facts.mint.keep_words(note) }])
}
