//! The slow clock: every deadline and every timed mark found by walking day by day, to judge the fast one by. It asks the
//! calendar only whether a day is worked and whether its year is known, and shares no counting with the case's clock.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::calendar::{Calendar, end_of_day_ms, start_of_day_ms};
use crate::case::{
    Case, Deadlines, Due, Ledger, Light, Mark, MarkRules, MarkState, Procedure, StateName, Test,
};
use crate::item::{ClockStart, Limit, LimitUnit, Regime};

/// Further than any walk has to go.
const FAR: u32 = 4000;

fn after(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

fn before(day: Date) -> Date {
    day.yesterday().unwrap_or(Date::MIN)
}

/// The `n`-th working day after a day.
fn working_days_after(day: Date, n: u32, calendar: &Calendar) -> Date {
    let mut day = day;
    let mut left = n;
    while left > 0 {
        day = after(day);
        left -= u32::from(calendar.is_working(day));
    }
    day
}

/// The `n`-th working day before a day.
fn working_days_before(day: Date, n: u32, calendar: &Calendar) -> Date {
    let mut day = day;
    let mut left = n;
    while left > 0 {
        day = before(day);
        left -= u32::from(calendar.is_working(day));
    }
    day
}

/// 民法典 202: the same day of the later month, or its last day. By hand.
fn months_later(from: Date, n: u32) -> Date {
    let (mut year, mut month) = (from.year(), from.month());
    for _ in 0..n {
        month += 1;
        if month == 13 {
            (year, month) = (year + 1, 1);
        }
    }
    (1..=from.day()).rev().find_map(|day| Date::new(year, month, day).ok()).unwrap_or(from)
}

/// The days one special procedure takes out, and the last of them: as far as it was begun, told in writing and announced.
fn days_of(procedure: &Procedure, unit: LimitUnit, calendar: &Calendar) -> BTreeSet<Date> {
    let mut days = BTreeSet::new();
    let Some(started) = procedure.started else { return days };
    let all: u32 = procedure.notices.iter().map(|n| u32::from(n.days)).sum();
    let mut day = started;
    let mut used = 0;
    let mut waiting: Vec<Date> = Vec::new();
    for _ in 0..FAR {
        day = after(day);
        if procedure.ended.is_some_and(|ended| day > ended) || used >= all {
            break;
        }
        let told: u32 = procedure.notices.iter().filter(|n| n.on < day).map(|n| u32::from(n.days)).sum();
        if used >= told {
            // The allowance is used up: until a new notice the clock runs.
            waiting.clear();
            continue;
        }
        waiting.push(day);
        if unit == LimitUnit::CalendarDay || calendar.is_working(day) {
            used += 1;
            days.extend(waiting.drain(..));
        } else if procedure.ended.is_some() {
            // A day off inside what was announced and before the result is taken out too.
            days.extend(waiting.drain(..));
        }
    }
    days
}

/// The days taken out, one by one: suspended ones, and those of special procedures. None while a suspension goes on.
fn taken_out(ledger: &Ledger, regime: &Regime, calendar: &Calendar) -> Option<BTreeSet<Date>> {
    let mut days = BTreeSet::new();
    for stop in &ledger.stops {
        let to = stop.to?;
        let mut day = stop.from;
        while day < to {
            day = after(day);
            days.insert(day);
        }
    }
    for procedure in ledger.procedures.iter().filter(|p| p.excluded) {
        days.extend(days_of(procedure, regime.day_unit, calendar));
    }
    Some(days)
}

/// The last day of a limit that runs from a day, leaving out `out`.
fn count(out: &BTreeSet<Date>, from: Date, limit: Limit, calendar: &Calendar) -> Due {
    let whole = limit.n.ceil() as u32;
    let mut provisional = false;
    let mut day = from;
    let mut counted = 0;
    match limit.unit {
        LimitUnit::OnTheSpot => return Due { last_day: from, provisional: false, uncounted: 0 },
        LimitUnit::WorkingDay => {
            while counted < whole {
                day = after(day);
                provisional |= !calendar.knows(day.year());
                counted += u32::from(calendar.is_working(day) && !out.contains(&day));
            }
        }
        LimitUnit::CalendarDay | LimitUnit::Month => {
            let mut length = whole;
            if limit.unit == LimitUnit::Month {
                let end = months_later(from, whole);
                let mut ahead = from;
                length = 0;
                while ahead < end {
                    ahead = after(ahead);
                    length += 1;
                }
            }
            while counted < length {
                day = after(day);
                counted += u32::from(!out.contains(&day));
            }
            while !calendar.is_working(day) || out.contains(&day) {
                provisional |= !calendar.knows(day.year());
                day = after(day);
            }
        }
    }
    provisional |= !calendar.knows(day.year());
    let passed = (day - from).get_days() as u32;
    Due { last_day: day, provisional, uncounted: (passed - counted) as u16 }
}

/// The statutory limit with its extension. One in another unit than the limit is not modelled: no regime that ships has
/// one.
fn statutory(ledger: &Ledger) -> Limit {
    let mut limit = ledger.statutory;
    if let Some(extended) = ledger.extension.filter(|e| e.unit == limit.unit) {
        limit.n = limit.n.ceil() + f32::from(extended.n);
    }
    limit
}

fn notice(ledger: &Ledger, regime: &Regime, calendar: &Calendar) -> Option<Due> {
    let due = count(&BTreeSet::new(), ledger.notice_from, regime.notice.limit, calendar);
    let told_in_time = ledger.asked.is_some_and(|asked| asked.on <= due.last_day);
    (!told_in_time).then_some(due)
}

/// Every deadline of a ledger, the slow way.
pub fn deadlines(ledger: &Ledger, regime: &Regime, calendar: &Calendar) -> Deadlines {
    let out = taken_out(ledger, regime, calendar);
    let counted = |from: Option<Date>, limit: Limit| Some(count(out.as_ref()?, from?, limit, calendar));
    let start = match regime.starts {
        ClockStart::Acceptance => ledger.accepted,
        ClockStart::Receipt | ClockStart::ValidDocuments if ledger.asked.is_some() => None,
        ClockStart::Receipt | ClockStart::ValidDocuments => Some(ledger.notice_from),
    };
    Deadlines {
        notice: notice(ledger, regime, calendar),
        supplement: ledger.asked.map(|asked| Due {
            last_day: asked.due,
            provisional: !calendar.knows(asked.due.year()),
            uncounted: 0,
        }),
        statutory: counted(start, statutory(ledger)),
        promised: counted(start, ledger.promised),
        step: ledger.step.and_then(|step| counted(Some(step.from), step.limit)),
        issue: regime.issue_and_deliver.and_then(|limit| counted(ledger.decided, limit)),
    }
}

/// When silence accepts the case as it stands, epoch milliseconds: the end of the notice period in which nobody told the
/// applicant anything (许可法 32).
pub fn silence(case: &Case, regime: &Regime, calendar: &Calendar) -> Option<i64> {
    (waits(case) && regime.notice.silence_accepts)
        .then(|| notice(&case.ledger, regime, calendar).map(|due| end_of_day_ms(due.last_day)))
        .flatten()
}

fn waits(case: &Case) -> bool {
    matches!(case.state.name(), StateName::Submitted | StateName::Received | StateName::Supplementing)
}

/// A mark that the clock raises, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Code of its rule.
    pub rule: String,
    /// Its light.
    pub light: Light,
    /// What about the case.
    pub subject: String,
    /// Not before, and as soon as somebody looks, epoch milliseconds.
    pub at: i64,
}

impl Expected {
    /// Whether a mark is this one.
    pub fn is(&self, mark: &Mark) -> bool {
        mark.rule == self.rule && mark.light == self.light && mark.subject == self.subject
    }
}

/// Every timed mark that the case as it stands has to get and has not got yet; `due` are its deadlines.
pub fn marks(case: &Case, due: &Deadlines, law: (&Regime, &Calendar), rules: &MarkRules) -> Vec<Expected> {
    let mut all = Vec::new();
    for rule in rules.active() {
        for (at, subject) in instants(case, rule.test, due, law) {
            let expected = Expected { rule: rule.code.clone(), light: rule.light, subject, at };
            if !case.marks.iter().any(|m| expected.is(m)) {
                all.push(expected);
            }
        }
    }
    all
}

fn instants(case: &Case, test: Test, due: &Deadlines, law: (&Regime, &Calendar)) -> Vec<(i64, String)> {
    use StateName as S;
    let (regime, calendar) = law;
    let end = |due: Option<Due>| due.map(|d| end_of_day_ms(d.last_day));
    let once = |at: Option<i64>| at.map(|at| (at, String::new())).into_iter().collect();
    let state = case.state.name();
    let under_way = matches!(state, S::Accepted | S::Reviewing | S::Deciding | S::Suspended);
    let procedures = || case.ledger.procedures.iter().enumerate().filter(|_| under_way);
    match test {
        Test::NoticeNear { days } if waits(case) => {
            let limit = regime.notice.limit;
            let near = |d: Due| start_of_day_ms(working_days_before(d.last_day, days - 1, calendar));
            let long = limit.unit != LimitUnit::OnTheSpot && limit.n > days as f32;
            once(due.notice.filter(|_| long).map(near))
        }
        Test::NoticeOver if waits(case) => once(end(due.notice)),
        Test::PromiseNear { days, used_percent } if under_way => {
            let whole = case.ledger.promised.n.ceil() as u32;
            let short = case.ledger.promised.unit == LimitUnit::OnTheSpot || whole < 2;
            let left = (whole * (100 - used_percent) / 100).max(days).min(whole.saturating_sub(1));
            let near = |d: Due| start_of_day_ms(working_days_before(d.last_day, left, calendar));
            once(due.promised.filter(|_| !short).map(near))
        }
        Test::PromiseOver if under_way => once(end(due.promised)),
        Test::StatutoryOver if under_way => once(end(due.statutory)),
        Test::StepOver { days } if under_way => {
            let over = case.ledger.step.zip(due.step).map(|(step, d)| {
                let at = end_of_day_ms(working_days_after(d.last_day, days, calendar));
                (at, format!("step:{}", step.from))
            });
            over.into_iter().collect()
        }
        Test::SpecialUntold => procedures()
            .filter(|(_, p)| p.notices.is_empty())
            .filter_map(|(n, p)| Some((end_of_day_ms(p.started?), format!("special:{n}"))))
            .collect(),
        Test::SpecialOver => procedures()
            .filter(|(_, p)| p.ended.is_none())
            .filter_map(|(n, p)| {
                let last = *days_of(p, regime.day_unit, calendar).last()?;
                Some((end_of_day_ms(last), format!("special:{n}:{}", p.notices.len())))
            })
            .collect(),
        Test::SpecialRepeated { more_than } if under_way => {
            let begun = case.ledger.procedures.iter().filter_map(|p| p.started).enumerate();
            begun
                .filter(|(n, _)| *n >= more_than as usize)
                .map(|(n, on)| (start_of_day_ms(on), format!("special:{n}:repeated")))
                .collect()
        }
        Test::IssueOver if matches!(state, S::Granted | S::Refused) => once(end(due.issue)),
        Test::RatingUnanswered { days } => {
            let bad = case.rating.is_some_and(|grade| grade >= 4) && !case.rating_answered;
            let last = |on| end_of_day_ms(working_days_after(on, days, calendar));
            once(case.rated_on.filter(|_| bad).map(last))
        }
        Test::AnswerOverdue => case
            .marks
            .iter()
            .filter(|m| m.state == MarkState::Open && m.rule != "R13")
            .map(|m| (end_of_day_ms(m.answer_due), format!("mark:{}", m.id)))
            .collect(),
        _ => Vec::new(),
    }
}
