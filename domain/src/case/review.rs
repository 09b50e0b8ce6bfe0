//! Review (审查): assignment and the item's review steps. Passing a step is internal; it is not the decision.

use super::decide::{Facts, No, Refusal, TextKind, not_now, required};
use super::{Case, Event, PointFinding, State};
use crate::ids::Id;
use crate::item::{FieldError, Limit, LimitUnit, StepKind};
use crate::permit::Role;

/// 分派: to an officer who reviews for the deciding agency; may be repeated while the case is under review.
pub(super) fn assign(case: &Case, officer: Id, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if !matches!(case.state, State::Accepted { .. } | State::Reviewing { .. }) {
        return Err(not_now(case, "分派"));
    }
    if !facts.officer_reviews {
        return Err(No::Invalid(vec![FieldError::new(
            "officer",
            "经办人",
            "请选择本机关在岗的审查人员",
            "officer holds no reviewing post at the deciding agency",
        )]));
    }
    if case.officer == Some(officer) && matches!(case.state, State::Reviewing { .. }) {
        return Err(Refusal::new("same_officer", "这个办件已经在这位经办人手里。", "不需要再分派。").into());
    }
    let step = match case.state {
        State::Reviewing { step, .. } => step,
        _ => 0,
    };
    Ok(vec![Event::Assigned { officer, limit: step_limit(step, facts) }])
}

/// 环节时限 of a review step; after the last one, of the decision.
fn step_limit(step: u8, facts: &Facts<'_>) -> Option<Limit> {
    let entry = facts.subject.entry;
    let review = entry.review_steps().nth(usize::from(step));
    let decide = || entry.flow.iter().find(|s| s.kind == StepKind::Decide);
    review.or_else(decide).map(|s| s.limit).filter(|l| l.unit != LimitUnit::OnTheSpot)
}

/// 审核通过 of the running step, by the officer who holds the case.
pub(super) fn pass(
    case: &Case,
    opinion: &str,
    points: &[PointFinding],
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    let State::Reviewing { step, .. } = case.state else { return Err(not_now(case, "审核通过")) };
    only_the_officer(case, facts)?;
    let entry = facts.subject.entry;
    let mut errors = Vec::new();
    for finding in points {
        match entry.review_points.iter().find(|p| p.key == finding.point) {
            None => errors.push(FieldError::new(
                &finding.point,
                "审查要点",
                "这个事项没有这个审查要点，请移除",
                "no such review point",
            )),
            Some(point) if !finding.met && finding.note.trim().is_empty() => errors.push(FieldError::new(
                &finding.point,
                &point.text,
                format!("请输入“{}”不符合的说明", point.text),
                "a finding that is not met needs a note",
            )),
            Some(_) => {}
        }
    }
    if !errors.is_empty() {
        return Err(No::Invalid(errors));
    }
    let steps = entry.review_steps().count().max(1);
    let notes: Vec<String> = points
        .iter()
        .filter(|p| !p.note.trim().is_empty())
        .map(|p| format!("{}：{}", p.point, p.note.trim()))
        .collect();
    let words = [opinion.trim().to_owned(), notes.join("\n")].join("\n");
    let points = points.iter().map(|p| PointFinding { note: String::new(), ..p.clone() }).collect();
    Ok(vec![Event::Passed {
        step,
        last: usize::from(step) + 1 >= steps,
        opinion: facts.mint.keep_words(&words),
        points,
        limit: step_limit(step + 1, facts),
    }])
}

/// 退回上一环节: one review step back, from the first step back to assignment, from the decision desk to the last step.
pub(super) fn send_back(case: &Case, reason: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let (step, to) = match case.state {
        State::Reviewing { step, .. } => {
            only_the_officer(case, facts)?;
            (Some(step), step.checked_sub(1))
        }
        State::Deciding { .. } if facts.actor.role() == Some(Role::Representative) => {
            (None, Some(case.steps_passed.saturating_sub(1)))
        }
        _ => return Err(not_now(case, "退回上一环节")),
    };
    if reason.trim().is_empty() {
        return Err(required("reason", "退回的理由"));
    }
    let reason = facts.mint.keep(TextKind::Words, reason.trim().to_owned());
    let limit = to.and_then(|to| step_limit(to, facts));
    Ok(vec![Event::Returned { step, to, reason, limit }])
}

fn only_the_officer(case: &Case, facts: &Facts<'_>) -> Result<(), No> {
    if case.officer == Some(facts.actor.account()) {
        return Ok(());
    }
    Err(Refusal::new(
        "not_the_officer",
        "这个办件已分派给别的经办人。",
        "需要由您办理的，请先把它分派给自己。",
    )
    .into())
}
