//! Counting: every deadline derived from the ledger under the item's regime. The one place where days are counted.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ledger::{Ledger, TakenOut};
use crate::calendar::{Calendar, add_months, date_of_ms, end_of_day_ms};
use crate::item::{Limit, LimitUnit, Regime};

/// A deadline: the end of its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Last day on which it is still kept.
    pub last_day: Date,
    /// 暂定: the calendar of that year is not published yet, weekdays were counted.
    pub provisional: bool,
    /// Calendar days inside that did not count (weekends, holidays, stops).
    pub uncounted: u16,
}

impl Due {
    /// First instant after the last day, epoch milliseconds.
    pub fn at(self) -> i64 {
        end_of_day_ms(self.last_day)
    }

    /// Whether it is over at an instant (epoch milliseconds).
    pub fn is_over(self, now: i64) -> bool {
        now >= self.at()
    }
}

/// All deadlines of a case that can be known now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deadlines {
    /// 告知期: receive, accept, ask or decline by then (许可法 32).
    pub notice: Option<Due>,
    /// 补正期限: the applicant's own last day.
    pub supplement: Option<Due>,
    /// 法定期限, with its extension.
    pub statutory: Option<Due>,
    /// 承诺期限; an extension does not move it.
    pub promised: Option<Due>,
    /// 环节时限 of the running step.
    pub step: Option<Due>,
    /// 颁发送达期限 (许可法 44)
    pub issue: Option<Due>,
}

/// What a count needs besides the limit: the calendar and the days that are taken out.
pub(super) struct Counter<'a> {
    calendar: &'a Calendar,
    taken_out: Vec<TakenOut>,
}

impl<'a> Counter<'a> {
    pub(super) fn new(ledger: &Ledger, regime: &Regime, calendar: &'a Calendar) -> Self {
        Self { calendar, taken_out: ledger.taken_out(regime, calendar) }
    }

    /// A counter that leaves out nothing: before acceptance there is neither suspension nor special procedure.
    pub(super) fn plain(calendar: &'a Calendar) -> Self {
        Self { calendar, taken_out: Vec::new() }
    }

    /// What a day is taken out for.
    pub(super) fn taken(&self, day: Date) -> Option<&TakenOut> {
        self.taken_out.iter().find(|span| span.holds(day))
    }

    /// Counts limits one after another from a day, which itself never counts (民法典 201). Months end on the same day or
    /// the last of the month (202); a limit in calendar days or months that ends on a day off ends on the next working
    /// day (203). None while the clock stands and nobody knows until when, and at the end of time.
    pub(super) fn count(&self, from: Date, limits: &[Limit]) -> Option<Due> {
        self.count_telling(from, limits, &mut |_| {})
    }

    /// The same, telling every day that did not count.
    pub(super) fn count_telling(
        &self,
        from: Date,
        limits: &[Limit],
        tell: &mut dyn FnMut(Date),
    ) -> Option<Due> {
        if self.taken_out.iter().any(|span| span.through.is_none()) {
            return None;
        }
        let mut due = Due { last_day: from, provisional: false, uncounted: 0 };
        let mut in_working_days = true;
        for limit in limits {
            let n = limit.n.ceil() as i32;
            let mut left = match limit.unit {
                LimitUnit::OnTheSpot => continue,
                LimitUnit::WorkingDay | LimitUnit::CalendarDay => n,
                LimitUnit::Month => (add_months(due.last_day, n) - due.last_day).get_days(),
            };
            in_working_days = limit.unit == LimitUnit::WorkingDay;
            while left > 0 {
                due.last_day = due.last_day.tomorrow().ok()?;
                due.provisional |= in_working_days && !self.calendar.knows(due.last_day.year());
                let works = self.calendar.is_working(due.last_day);
                if self.taken(due.last_day).is_some() || (in_working_days && !works) {
                    tell(due.last_day);
                    due.uncounted = due.uncounted.saturating_add(1);
                } else {
                    left -= 1;
                }
            }
        }
        while !in_working_days
            && (!self.calendar.is_working(due.last_day) || self.taken(due.last_day).is_some())
        {
            due.provisional |= !self.calendar.knows(due.last_day.year());
            tell(due.last_day);
            due.last_day = due.last_day.tomorrow().ok()?;
            due.uncounted = due.uncounted.saturating_add(1);
        }
        let on_the_spot = limits.iter().all(|l| l.unit == LimitUnit::OnTheSpot);
        due.provisional |= !on_the_spot && !self.calendar.knows(due.last_day.year());
        Some(due)
    }
}

/// The statutory limit and, where there is one, its extension.
pub(super) fn statutory_limits(ledger: &Ledger) -> Vec<Limit> {
    let mut limits = vec![ledger.statutory];
    if let Some(extended) = ledger.extension {
        let more = Limit { n: f32::from(extended.n), unit: extended.unit };
        match limits.first_mut().filter(|first| first.unit == more.unit) {
            // Twenty working days and ten more are thirty: one limit, one end.
            Some(first) => first.n = first.n.ceil() + more.n,
            None => limits.push(more),
        }
    }
    limits
}

/// 告知期截止: five working days from receipt into the system under the licence regime (许可法 32), again from the answer
/// to a supplement. None while the applicant is asked: the agency's clock stands. A suspension never touches it: there is
/// none before acceptance.
pub fn notice_due(ledger: &Ledger, regime: &Regime, calendar: &Calendar) -> Option<Due> {
    let due = Counter::plain(calendar).count(ledger.notice_from, &[regime.notice.limit])?;
    // Told after the period was over is not told in time: the deadline stands as it was.
    let told_in_time = ledger.asked.is_some_and(|asked| asked.on <= due.last_day);
    (!told_in_time).then_some(due)
}

/// 视为受理: the day from which silence has accepted the application as of `now` (epoch milliseconds): the day of receipt,
/// once the notice period is over and nothing was told (许可法 32), where the regime takes silence for acceptance.
pub fn accepted_by_silence(ledger: &Ledger, regime: &Regime, calendar: &Calendar, now: i64) -> Option<Date> {
    let open = ledger.accepted.is_none() && ledger.ended.is_none();
    let over = notice_due(ledger, regime, calendar).is_some_and(|due| due.is_over(now));
    (open && over && regime.notice.silence_accepts).then_some(ledger.notice_from)
}

/// Derives every deadline that is known.
pub fn deadlines(ledger: &Ledger, regime: &Regime, calendar: &Calendar) -> Deadlines {
    let counter = Counter::new(ledger, regime, calendar);
    let start = ledger.starts_on(regime);
    let issue = ledger.decided.and_then(|on| counter.count(on, &[regime.issue_and_deliver?]));
    let plain_day = |day: Date| Due { last_day: day, provisional: !calendar.knows(day.year()), uncounted: 0 };
    Deadlines {
        notice: notice_due(ledger, regime, calendar),
        supplement: ledger.asked.map(|asked| plain_day(asked.due)),
        statutory: start.and_then(|on| counter.count(on, &statutory_limits(ledger))),
        promised: start.and_then(|on| counter.count(on, &[ledger.promised])),
        step: ledger.step.and_then(|step| counter.count(step.from, &[step.limit])),
        issue,
    }
}

/// Working days taken out of the statutory clock so far: after its start, up to and including `today`, and not after the
/// decision.
pub fn excluded_working_days(ledger: &Ledger, regime: &Regime, calendar: &Calendar, today: Date) -> u32 {
    let Some(start) = ledger.starts_on(regime) else { return 0 };
    let counter = Counter::new(ledger, regime, calendar);
    let last = ledger.decided.map_or(today, |decided| decided.min(today));
    let mut day = start;
    let mut days = 0;
    while day < last {
        let Ok(next) = day.tomorrow() else { break };
        day = next;
        days += u32::from(calendar.is_working(day) && counter.taken(day).is_some());
    }
    days
}

/// Working days used of a limit that runs from `start`, as of `now`; what is taken out is not used.
pub fn used_working_days(ledger: &Ledger, regime: &Regime, calendar: &Calendar, now: i64) -> u32 {
    let Some(start) = ledger.starts_on(regime) else { return 0 };
    let counter = Counter::new(ledger, regime, calendar);
    let today = date_of_ms(now);
    let mut day = start;
    let mut days = 0;
    while day < today {
        let Ok(next) = day.tomorrow() else { break };
        day = next;
        days += u32::from(calendar.is_working(day) && counter.taken(day).is_none());
    }
    days
}
