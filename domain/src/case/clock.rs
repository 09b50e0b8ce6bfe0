//! The clock of a case (办件时钟): every deadline derived from a ledger under the item's regime, and explained.
//! The ledger is the truth; a stored `due_at` is only an index that [`notice_due`] and friends recompute.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Case, State};
use crate::calendar::{Calendar, add_months, end_of_day_ms};
use crate::item::{ClockStart, ItemKind, Limit, LimitUnit, Regime, RegimeKey};

/// 时限台账: what happened that matters to time. Dates are legal days at +08:00.
#[doc(alias = "时限台账")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Regime the item follows.
    pub regime: RegimeKey,
    /// 法定办结时限, as the item says at submission.
    pub statutory: Limit,
    /// 承诺办结时限, as the local item says at submission.
    pub promised: Limit,
    /// The day the application entered the system.
    pub submitted: Date,
    /// The day the five-day notice clock counts from: submission, or the last supplement.
    pub notice_from: Date,
    /// 受理之日
    pub accepted: Option<Date>,
    /// 决定之日: both clocks end here (许可法 42).
    pub decided: Option<Date>,
    /// 制证之日
    pub issued: Option<Date>,
    /// 送达之日
    pub delivered: Option<Date>,
    /// Days that do not count, with their reason.
    pub stops: Vec<Interval>,
}

/// Days taken out of the clock: after `from`, up to and including `to` (still running when absent).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Why.
    pub why: Halt,
    /// The day it began; that day itself still counts as worked.
    pub from: Date,
    /// The day it ended.
    pub to: Option<Date>,
}

/// Why days are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Halt {
    /// 中止 (lawsuit, force majeure)
    Suspension,
}

impl Ledger {
    /// A ledger at submission.
    pub fn open(regime: RegimeKey, statutory: Limit, promised: Limit, submitted: Date) -> Self {
        Self {
            regime,
            statutory,
            promised,
            submitted,
            notice_from: submitted,
            accepted: None,
            decided: None,
            issued: None,
            delivered: None,
            stops: Vec::new(),
        }
    }

    /// Stops the clock on a day.
    pub fn stop(&mut self, why: Halt, on: Date) {
        self.stops.push(Interval { why, from: on, to: None });
    }

    /// Lets it go on.
    pub fn go_on(&mut self, why: Halt, on: Date) {
        if let Some(open) = self.stops.iter_mut().rev().find(|s| s.why == why && s.to.is_none()) {
            open.to = Some(on);
        }
    }

    /// Whether a day is taken out.
    fn is_stopped(&self, day: Date) -> bool {
        self.stops.iter().any(|s| day > s.from && s.to.is_none_or(|to| day <= to))
    }

    /// Whether the clock stands still and nobody knows until when.
    fn is_standing(&self) -> bool {
        self.stops.iter().any(|s| s.to.is_none())
    }

    /// The day the statutory and promised clocks run from under the regime, once it is known.
    pub fn starts_on(&self, regime: &Regime) -> Option<Date> {
        match regime.starts {
            ClockStart::Acceptance => self.accepted,
            ClockStart::Receipt | ClockStart::ValidDocuments => Some(self.notice_from),
        }
    }
}

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
}

/// All deadlines of a case that can be known now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deadlines {
    /// 告知期: receive, accept, ask or decline by then (许可法 32).
    pub notice: Option<Due>,
    /// 法定期限
    pub statutory: Option<Due>,
    /// 承诺期限
    pub promised: Option<Due>,
    /// 颁发送达期限 (许可法 44)
    pub issue: Option<Due>,
}

/// Counts a limit from a day (which itself never counts, 民法典 201), leaving out the ledger's stops.
/// None while the clock stands still.
fn count(ledger: &Ledger, from: Date, limit: Limit, calendar: &Calendar) -> Option<Due> {
    if ledger.is_standing() {
        return None;
    }
    count_leaving_out(from, limit, calendar, |day| ledger.is_stopped(day))
}

/// Months end on the same day or the last of the month (202); a limit in calendar days or months that ends on a day
/// off ends on the next working day (203). None at the end of time.
fn count_leaving_out(
    from: Date,
    limit: Limit,
    calendar: &Calendar,
    is_stopped: impl Fn(Date) -> bool,
) -> Option<Due> {
    let n = limit.n.ceil() as i32;
    let mut left = match limit.unit {
        LimitUnit::OnTheSpot => {
            return Some(Due { last_day: from, provisional: false, uncounted: 0 });
        }
        LimitUnit::WorkingDay | LimitUnit::CalendarDay => n,
        LimitUnit::Month => (add_months(from, n) - from).get_days(),
    };
    let in_working_days = limit.unit == LimitUnit::WorkingDay;
    let mut due = Due { last_day: from, provisional: false, uncounted: 0 };
    while left > 0 {
        due.last_day = due.last_day.tomorrow().ok()?;
        due.provisional |= in_working_days && !calendar.knows(due.last_day.year());
        if is_stopped(due.last_day) || (in_working_days && !calendar.is_working(due.last_day)) {
            due.uncounted = due.uncounted.saturating_add(1);
        } else {
            left -= 1;
        }
    }
    while !in_working_days && (!calendar.is_working(due.last_day) || is_stopped(due.last_day)) {
        due.provisional |= !calendar.knows(due.last_day.year());
        due.last_day = due.last_day.tomorrow().ok()?;
        due.uncounted = due.uncounted.saturating_add(1);
    }
    due.provisional |= !calendar.knows(due.last_day.year());
    Some(due)
}

/// 告知期截止: five working days from receipt into the system under the licence regime (许可法 32). A suspension never
/// touches it: there is none before acceptance.
pub fn notice_due(ledger: &Ledger, regime: &Regime, calendar: &Calendar) -> Option<Due> {
    count_leaving_out(ledger.notice_from, regime.notice.limit, calendar, |_| false)
}

/// Derives every deadline that is known.
pub fn deadlines(ledger: &Ledger, regime: &Regime, calendar: &Calendar) -> Deadlines {
    let start = ledger.starts_on(regime).filter(|_| ledger.accepted.is_some() || ledger.decided.is_some());
    let issue = ledger.decided.and_then(|on| count(ledger, on, regime.issue_and_deliver?, calendar));
    Deadlines {
        notice: if ledger.accepted.is_none() { notice_due(ledger, regime, calendar) } else { None },
        statutory: start.and_then(|on| count(ledger, on, ledger.statutory, calendar)),
        promised: start.and_then(|on| count(ledger, on, ledger.promised, calendar)),
        issue,
    }
}

impl Case {
    /// The deadline that presses now: what worklists are ordered by.
    pub fn pressing(&self, regime: &Regime, calendar: &Calendar) -> Option<Due> {
        let all = deadlines(&self.ledger, regime, calendar);
        match self.state {
            State::Submitted { .. } | State::Received { .. } => all.notice,
            State::Supplementing { .. } => self.open_supplement().map(|s| Due {
                last_day: s.due,
                provisional: !calendar.knows(s.due.year()),
                uncounted: 0,
            }),
            State::Accepted { .. } | State::Reviewing { .. } | State::Deciding { .. } => all.promised,
            State::Granted { .. } | State::Refused { .. } | State::Issued { .. } => all.issue,
            State::Suspended { .. }
            | State::Delivered { .. }
            | State::Closed { .. }
            | State::Archived { .. }
            | State::Declined { .. }
            | State::Withdrawn { .. }
            | State::Terminated { .. } => None,
        }
    }
}

/// One step of the explanation of a deadline (N1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The day it speaks of.
    pub date: Date,
    /// What was reckoned, in words.
    pub text: String,
    /// The provision behind it.
    pub article: String,
    /// 暂定
    pub provisional: bool,
}

/// Explains every deadline step by step, with the rule and the article behind each.
pub fn explain(ledger: &Ledger, regime: &Regime, calendar: &Calendar) -> Vec<Explained> {
    let of_notice = notice_article(regime);
    let of_limit = limit_article(regime);
    let mut steps = Vec::new();
    let mut say = |date: Date, text: String, article: String, provisional: bool| {
        let provisional = provisional || !calendar.knows(date.year());
        steps.push(Explained { date, text, article, provisional });
    };
    say(
        ledger.submitted,
        "申请进入系统，当日不计，下一个工作日为第1日".into(),
        "《中华人民共和国民法典》第一百三十七条、第二百零一条".into(),
        false,
    );
    if ledger.notice_from != ledger.submitted {
        say(ledger.notice_from, "收到补正材料，告知期重新计算".into(), of_notice.clone(), false);
    }
    if let Some(due) = notice_due(ledger, regime, calendar) {
        let silence = if regime.notice.silence_accepts {
            "，逾期不告知的，自收到材料之日起即为受理"
        } else {
            ""
        };
        say(
            due.last_day,
            format!("收件后{}告知结果，其间不计{}天{silence}", within(regime.notice.limit), due.uncounted),
            of_notice.clone(),
            due.provisional,
        );
    }
    if let Some(accepted) = ledger.accepted {
        say(accepted, "受理".into(), of_notice.clone(), false);
    }
    for stop in &ledger.stops {
        let Halt::Suspension = stop.why;
        let until = stop.to.map_or("至今".to_owned(), |to| format!("至{to}"));
        say(stop.from, format!("中止，次日起{until}不计入期限"), "中止决定".into(), false);
    }
    let all = deadlines(ledger, regime, calendar);
    for (name, limit, due) in
        [("法定", ledger.statutory, all.statutory), ("承诺", ledger.promised, all.promised)]
    {
        if let Some(due) = due {
            say(
                due.last_day,
                format!(
                    "{name}期限：{}{}，其间不计{}天，最后一日",
                    regime.starts.label(),
                    within(limit),
                    due.uncounted
                ),
                of_limit.clone(),
                due.provisional,
            );
        }
    }
    if let Some(decided) = ledger.decided {
        say(decided, "作出决定，法定期限与承诺期限到此为止".into(), of_limit.clone(), false);
    }
    if let (Some(due), Some(limit)) = (all.issue, regime.issue_and_deliver) {
        say(
            due.last_day,
            format!("自决定之日起{}颁发、送达", within(limit)),
            "《中华人民共和国行政许可法》第四十四条".into(),
            due.provisional,
        );
    }
    steps
}

/// `五个工作日内`, or `当场`.
pub(super) fn within(limit: Limit) -> String {
    match limit.unit {
        LimitUnit::OnTheSpot => "当场".into(),
        LimitUnit::WorkingDay | LimitUnit::CalendarDay | LimitUnit::Month => format!("{}内", limit.label()),
    }
}

fn cited(regime: &Regime, fits: impl Fn(&str) -> bool) -> Option<String> {
    regime.basis.iter().find(|c| fits(&c.text)).map(|c| format!("《{}》{}", c.law, c.article))
}

/// The provision of the notice period: the regime's own, else 许可法 32 where it governs.
fn notice_article(regime: &Regime) -> String {
    let own = cited(regime, |text| {
        text.contains("一次告知") || text.contains("一次性告知") || text.contains("当场书面告知")
    });
    own.unwrap_or_else(|| {
        if regime.applies_to.contains(&ItemKind::Licence) {
            "《中华人民共和国行政许可法》第三十二条".into()
        } else {
            String::new()
        }
    })
}

/// The provision of the limit; empty where the regime has none of its own and the item's statute sets it.
fn limit_article(regime: &Regime) -> String {
    let limits = |text: &str| text.contains("日内") || text.contains("不得超过");
    cited(regime, |text| limits(text) && !text.contains("一次告知")).unwrap_or_default()
}
