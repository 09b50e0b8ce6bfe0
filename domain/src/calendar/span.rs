//! 日与时刻: plain arithmetic of days, months and instants at +08:00, with no notion of a working day.
//! Instants are epoch milliseconds; Hebei has one time zone, so a day always has 24 hours.

use jiff::ToSpan;
use jiff::civil::Date;

const DAY_MS: i64 = 86_400_000;
/// Beijing time is eight hours ahead.
const OFFSET_MS: i64 = 8 * 3_600_000;

/// A day as a number: days since 1970-01-01. Stays within what [`Date`] can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DayNumber(i32);

impl DayNumber {
    /// -9999-01-01.
    pub(super) const MIN: Self = Self(-4_371_587);
    /// 9999-12-31.
    pub(super) const MAX: Self = Self(2_932_896);

    /// The number of a date (proleptic Gregorian; the year is counted from March, so that leap days come last).
    pub(super) fn of(date: Date) -> Self {
        let (year, month, day) = (i32::from(date.year()), i32::from(date.month()), i32::from(date.day()));
        let year = if month <= 2 { year - 1 } else { year };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Self(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
    }

    /// The date of a number.
    pub(super) fn date(self) -> Date {
        let days = self.0 + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        // The number lies between MIN and MAX, so the date exists.
        Date::new(year as i16, month as i8, day as i8).unwrap_or(Date::MAX)
    }

    /// `days` later (or earlier), held at the first and last date there is.
    pub(super) fn plus(self, days: i64) -> Self {
        let sum = i64::from(self.0).saturating_add(days);
        Self(sum.clamp(i64::from(Self::MIN.0), i64::from(Self::MAX.0)) as i32)
    }

    /// The day before.
    pub(super) fn before(self) -> Self {
        self.plus(-1)
    }

    /// The days up to and including `last`, in order; none when it lies before.
    pub(super) fn through(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    /// Halfway to a later day.
    pub(super) fn middle(self, later: Self) -> Self {
        Self(self.0 + (later.0 - self.0) / 2)
    }

    /// Monday to Friday.
    pub(super) fn is_weekday(self) -> bool {
        self.since_monday().rem_euclid(7) < 5
    }

    /// 1970-01-01 was a Thursday.
    fn since_monday(self) -> i64 {
        i64::from(self.0) + 3
    }
}

/// Weekdays from a fixed Monday through `day`, negative before it.
pub(super) fn weekdays_through(day: DayNumber) -> i64 {
    let days = day.since_monday() + 1;
    days.div_euclid(7) * 5 + days.rem_euclid(7).min(5)
}

/// 起始时刻: the first instant of the day at +08:00, in epoch milliseconds.
pub fn start_of_day_ms(date: Date) -> i64 {
    i64::from(DayNumber::of(date).0) * DAY_MS - OFFSET_MS
}

/// 截止时刻: the first instant after the day at +08:00, in epoch milliseconds; before it a deadline is kept.
pub fn end_of_day_ms(date: Date) -> i64 {
    start_of_day_ms(date) + DAY_MS
}

/// 北京日期: the day at +08:00 in which an instant (epoch milliseconds) lies.
pub fn date_of_ms(ms: i64) -> Date {
    DayNumber(0).plus(ms.saturating_add(OFFSET_MS).div_euclid(DAY_MS)).date()
}

/// 自然日: `days` later, or earlier when negative; weekends and holidays count.
pub fn add_calendar_days(date: Date, days: i32) -> Date {
    DayNumber::of(date).plus(i64::from(days)).date()
}

/// 按月计算: the same day `months` later (earlier when negative), or the last day of that month (民法典 202).
pub fn add_months(date: Date, months: i32) -> Date {
    let limited = months.clamp(-239_976, 239_976);
    date.saturating_add(limited.months())
}
