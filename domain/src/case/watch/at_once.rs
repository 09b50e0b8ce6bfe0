//! What an act itself raises: a second supplement, one hand for everything, and the ways people cheat the clock.

use super::timed::{figure, raise};
use super::{Figure, Test};
use crate::case::decide::Facts;
use crate::case::special::excludes_without_basis;
use crate::case::{Case, Command, Event, StateName, chinese_date, deadlines};
use crate::item::LimitUnit;
use jiff::civil::Date;

/// The marks an act raises, as events after its own. `case` is the case before the act.
pub(in crate::case) fn at_once(
    case: &Case,
    command: &Command,
    events: &[Event],
    facts: &Facts<'_>,
) -> Vec<Event> {
    if events.is_empty() {
        return Vec::new();
    }
    facts
        .rules
        .active()
        .filter_map(|rule| {
            let figures = condition(case, command, rule.test, facts)?;
            let subject = match rule.test {
                Test::SupplementAgain => format!("supplement:{}", case.supplements.len() + 1),
                _ => String::new(),
            };
            let again = case.is_marked(&rule.code, rule.light, &subject);
            (!again).then(|| raise(case, rule, (facts.now, subject, figures), facts))
        })
        .collect()
}

fn condition(case: &Case, command: &Command, test: Test, facts: &Facts<'_>) -> Option<Vec<Figure>> {
    match (test, command) {
        (Test::SupplementAgain, Command::RequestSupplement { .. }) if !case.supplements.is_empty() => {
            Some(vec![figure("第几次告知补正", (case.supplements.len() + 1).to_string())])
        }
        (Test::OneHand, Command::Grant { .. } | Command::Refuse { .. }) => {
            let me = facts.actor.account();
            let all =
                case.hands.accepted_by == Some(me) && case.hands.reviewed_by.iter().all(|hand| *hand == me);
            all.then(|| vec![figure("受理、审查、决定", "同一人")])
        }
        (Test::ExcludedWithoutBasis, Command::NotifySpecial(plan))
            if excludes_without_basis(plan.procedure, facts) =>
        {
            Some(vec![figure("特别程序", plan.procedure.label()), figure("扣时依据", "无，未扣除")])
        }
        (Test::AcceptanceWithheld { days }, Command::Accept { .. }) if case.supplements.is_empty() => {
            let used = facts.calendar.working_days_between(case.ledger.notice_from, facts.today());
            (used > i64::from(days)).then(|| {
                vec![
                    figure("收到材料", chinese_date(case.ledger.notice_from)),
                    figure("受理用时", format!("{used}个工作日")),
                ]
            })
        }
        (Test::DeclinedAtOnce { seconds }, Command::Decline { .. }) => {
            let passed = (facts.now - case.state.since()) / 1000;
            (case.supplements.is_empty() && passed < i64::from(seconds))
                .then(|| vec![figure("收件后", format!("{passed}秒"))])
        }
        (Test::WithdrawnAtTheEnd { days }, Command::WithdrawApplication { .. }) => {
            withdrawn_at_the_end(case, days, facts)
        }
        _ => None,
    }
}

fn withdrawn_at_the_end(case: &Case, days: u32, facts: &Facts<'_>) -> Option<Vec<Figure>> {
    use StateName as S;
    if !matches!(case.state.name(), S::Accepted | S::Reviewing | S::Deciding) {
        return None;
    }
    let due = deadlines(&case.ledger, facts.subject.regime, facts.calendar);
    let short = case.ledger.promised.unit == LimitUnit::OnTheSpot || case.ledger.promised.n <= days as f32;
    [(due.promised, "承诺期限", short), (due.statutory, "法定期限", false)].into_iter().find_map(
        |(due, name, skip)| {
            let due = due.filter(|_| !skip)?;
            let left = facts.calendar.working_days_between(facts.today(), due.last_day);
            (left <= i64::from(days)).then(|| {
                vec![
                    figure(&format!("{name}最后一日"), chinese_date(due.last_day)),
                    figure("撤回时剩余", format!("{}个工作日", left.max(0))),
                ]
            })
        },
    )
}

/// The marks of a paper receipt that lies too far back. `case` is the case as it was just submitted.
pub(in crate::case) fn back_dated(case: &Case, paper: Date, facts: &Facts<'_>) -> Vec<Event> {
    let back = facts.calendar.working_days_between(paper, facts.today());
    let offended = facts
        .rules
        .active()
        .filter(|rule| matches!(rule.test, Test::BackDated { days } if back > i64::from(days)));
    offended
        .map(|rule| {
            let figures = vec![
                figure("纸质收件日期", chinese_date(paper)),
                figure("录入日期", chinese_date(facts.today())),
                figure("相隔", format!("{back}个工作日")),
            ];
            raise(case, rule, (facts.now, String::new(), figures), facts)
        })
        .collect()
}
