//! Words for days, moments, sizes and time left, and the light beside a case. One look everywhere, at +08:00.

use jiff::civil::{Date, Weekday};
use serde::Serialize;
use tongban_domain::calendar::{Calendar, date_of_ms, start_of_day_ms};
use tongban_domain::case::{Case, Due, State, StateName, chinese_date};
use tongban_domain::item::Regime;

/// 周四
pub fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "周一",
        Weekday::Tuesday => "周二",
        Weekday::Wednesday => "周三",
        Weekday::Thursday => "周四",
        Weekday::Friday => "周五",
        Weekday::Saturday => "周六",
        Weekday::Sunday => "周日",
    }
}

/// 2026年7月23日（周四）
pub fn day(date: Date) -> String {
    format!("{}（{}）", chinese_date(date), weekday(date))
}

/// 7月23日
pub fn short_day(date: Date) -> String {
    format!("{}月{}日", date.month(), date.day())
}

/// 2026年7月22日 星期三
pub fn long_day(date: Date) -> String {
    format!("{} {}", chinese_date(date), weekday(date).replace('周', "星期"))
}

/// 14:05
pub fn time(ms: i64) -> String {
    let minutes = (ms - start_of_day_ms(date_of_ms(ms))).div_euclid(60_000);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The hour of the day, 0 to 23.
pub fn hour(ms: i64) -> i64 {
    (ms - start_of_day_ms(date_of_ms(ms))).div_euclid(3_600_000)
}

/// 2026年7月21日 14:30
pub fn moment(ms: i64) -> String {
    format!("{} {}", chinese_date(date_of_ms(ms)), time(ms))
}

/// 7月21日 14:30
pub fn short_moment(ms: i64) -> String {
    format!("{} {}", short_day(date_of_ms(ms)), time(ms))
}

/// 0.4MB, 12KB
pub fn size(bytes: u64) -> String {
    if bytes < 100 * 1024 {
        return format!("{}KB", bytes.div_ceil(1024));
    }
    format!("{:.1}MB", bytes as f64 / 1_048_576.0)
}

/// The last day of a deadline: 2026年7月23日（周四）, with 暂定 where it is not certain.
pub fn due_day(due: Due) -> String {
    day(due.last_day) + provisional(due)
}

/// The same without the year.
pub fn short_due_day(due: Due) -> String {
    format!("{}（{}）{}", short_day(due.last_day), weekday(due.last_day), provisional(due))
}

fn provisional(due: Due) -> &'static str {
    if due.provisional { "暂定" } else { "" }
}

/// 灯: shape, colour and word say the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Light {
    /// green, yellow, red or grey
    pub color: &'static str,
    /// Word beside it.
    pub word: &'static str,
    /// Why it is so.
    pub why: String,
}

impl Light {
    /// A light.
    pub fn new(color: &'static str, word: &'static str, why: impl Into<String>) -> Self {
        Self { color, word, why: why.into() }
    }
}

/// How a case stands with its time.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Light.
    pub light: Light,
    /// Time left in words.
    pub left: String,
    /// The deadline that presses.
    pub due: Option<Due>,
    /// Working days used of the running clock.
    pub used: i64,
}

/// How a case stands today: red when a deadline is over, yellow when at most one working day or a fifth of the time is
/// left, grey when our clock does not run.
pub fn standing(case: &Case, regime: &Regime, calendar: &Calendar, today: Date) -> Standing {
    let due = case.pressing(regime, calendar);
    let start = clock_start(case, regime);
    let used = start.map_or(0, |from| calendar.working_days_between(from, today)).max(0);
    let (light, left) = match (case.state, due) {
        (State::Supplementing { .. }, Some(due)) if today > due.last_day => (
            Light::new("yellow", "逾期未补", "申请人没有在期限内补正，可以不予受理"),
            "申请人已逾期".to_owned(),
        ),
        (State::Supplementing { .. }, _) => {
            (Light::new("grey", "等申请人", "等申请人补正，我们的时钟不走"), "等申请人补正".to_owned())
        }
        (State::Suspended { .. }, _) => {
            (Light::new("grey", "停表", "中止期间不计入办理期限"), "已停表".to_owned())
        }
        (_, Some(due)) => running(due, start, calendar, today),
        (_, None) => (Light::new("grey", "不计时", "没有在走的时限"), "—".to_owned()),
    };
    Standing { light, left, due, used }
}

fn clock_start(case: &Case, regime: &Regime) -> Option<Date> {
    match case.state.name() {
        StateName::Submitted | StateName::Received => Some(case.ledger.notice_from),
        StateName::Granted | StateName::Refused | StateName::Issued => case.ledger.decided,
        _ => case.ledger.starts_on(regime),
    }
}

fn running(due: Due, start: Option<Date>, calendar: &Calendar, today: Date) -> (Light, String) {
    let left = calendar.working_days_between(today, due.last_day);
    if today > due.last_day {
        let over = calendar.working_days_between(due.last_day, today);
        let words = if over > 0 { format!("已超{over}个工作日") } else { "已超期".to_owned() };
        return (Light::new("red", "超期", format!("最迟{}", day(due.last_day))), words);
    }
    let words = match left {
        _ if today == due.last_day => "今天到期".to_owned(),
        0 => format!("{}到期", short_day(due.last_day)),
        _ => format!("还剩{left}个工作日"),
    };
    let total = start.map_or(left, |from| calendar.working_days_between(from, due.last_day));
    if left <= 1 {
        return (Light::new("yellow", "临期", words.clone()), words);
    }
    if left * 5 <= total {
        return (Light::new("yellow", "临期", format!("{words}，不到总时限的五分之一")), words);
    }
    (Light::new("green", "正常", words.clone()), words)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_and_moments_read_as_people_write_them() {
        let thursday = date(2026, 7, 23);
        assert_eq!(day(thursday), "2026年7月23日（周四）");
        assert_eq!(long_day(thursday), "2026年7月23日 星期四");
        let five_past_two = start_of_day_ms(thursday) + (14 * 60 + 5) * 60_000;
        assert_eq!(moment(five_past_two), "2026年7月23日 14:05");
        assert_eq!(hour(five_past_two), 14);
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(1), "1KB");
        assert_eq!(size(419_430), "0.4MB");
    }

    #[test]
    fn a_deadline_turns_yellow_and_then_red() {
        let calendar = Calendar::weekdays_only();
        let due = Due { last_day: date(2026, 7, 24), provisional: false, uncounted: 0 };
        let color = |today| running(due, Some(date(2026, 7, 10)), &calendar, today).0.color;
        assert_eq!(color(date(2026, 7, 15)), "green");
        assert_eq!(color(date(2026, 7, 22)), "yellow");
        assert_eq!(color(date(2026, 7, 24)), "yellow");
        assert_eq!(color(date(2026, 7, 25)), "red");
    }
}
