//! Renewal (延续) of a licence: until when to ask, until when to answer, and what silence means. 许可法 50.

use jiff::civil::Date;
use serde::Serialize;

use crate::calendar::{Calendar, add_calendar_days};

/// 届满三十日前提出: calendar days before the licence ends (75 %: a parameter of the regime once a lawyer confirmed it).
const ASK_DAYS_BEFORE: i32 = 30;
/// The answer takes at most so many working days (许可法 42, 50).
const ANSWER_DAYS: u32 = 20;

/// 延续期限 of a licence.
#[doc(alias = "延续")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RenewalWindow {
    /// Last day to ask in time.
    pub ask_by: Date,
    /// Last day of the licence.
    pub ends: Date,
}

impl RenewalWindow {
    /// The window of a licence that ends on a day.
    pub fn of(ends: Date) -> Self {
        Self { ask_by: add_calendar_days(ends, -ASK_DAYS_BEFORE), ends }
    }

    /// Whether somebody who asks on a day asks in time.
    pub fn is_in_time(self, asked: Date) -> bool {
        asked <= self.ask_by
    }

    /// The agency's last day to answer: twenty working days, and in any case before the licence ends.
    pub fn answer_by(self, asked: Date, calendar: &Calendar) -> Date {
        calendar.nth_working_day(asked, ANSWER_DAYS).min(self.ends)
    }

    /// 视为准予延续: asked in time and not answered when the licence ended (许可法 50 第二款).
    pub fn is_deemed_renewed(self, asked: Date, answered: Option<Date>, today: Date) -> bool {
        self.is_in_time(asked) && today > self.ends && answered.is_none_or(|day| day > self.ends)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn thirty_days_before_the_end_is_in_time_and_silence_renews() {
        let window = RenewalWindow::of(date(2026, 12, 31));
        assert_eq!(window.ask_by, date(2026, 12, 1));
        assert!(window.is_in_time(date(2026, 12, 1)) && !window.is_in_time(date(2026, 12, 2)));
        let calendar = crate::sample::calendar().unwrap();
        assert_eq!(window.answer_by(date(2026, 11, 2), &calendar), date(2026, 11, 30));
        assert_eq!(window.answer_by(date(2026, 12, 25), &calendar), date(2026, 12, 31));
        let asked = date(2026, 11, 30);
        assert!(!window.is_deemed_renewed(asked, None, date(2026, 12, 31)));
        assert!(window.is_deemed_renewed(asked, None, date(2027, 1, 1)));
        assert!(!window.is_deemed_renewed(asked, Some(date(2026, 12, 20)), date(2027, 1, 1)));
        assert!(!window.is_deemed_renewed(date(2026, 12, 2), None, date(2027, 1, 1)));
    }
}
