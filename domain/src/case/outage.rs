//! Outages of the platform (停机): what they delay and what they do not. They never move a legal deadline; they keep the
//! platform from marking people late for what nobody could do.

use crate::calendar::{Calendar, date_of_ms, end_of_day_ms, start_of_day_ms};

/// 停机: a time in which the platform could not be used.
#[doc(alias = "停机")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// When it began, epoch milliseconds.
    pub from: i64,
    /// When it ended; none while it lasts.
    pub to: Option<i64>,
}

/// A mark leans on the day before it: an outage then may be why nobody acted.
const LEANS_ON_MS: i64 = 24 * 3_600_000;
/// Office hours, in minutes of the day: 08:30 to 18:00.
const OFFICE_MINUTES: (i64, i64) = (8 * 60 + 30, 18 * 60);

/// When a mark that was to come at `at` may come: unchanged, unless an outage covers `at` or any of the 24 hours before
/// it; then only at the end of the first working day after the day on which the outage ended. While it lasts, never
/// (`i64::MAX`). Does not move legal deadlines.
pub fn delayed(at: i64, outages: &[Outage], calendar: &Calendar) -> i64 {
    let mut at = at;
    // A later outage may cover the new moment too; each step goes forward, past at least one outage.
    for _ in 0..=outages.len() {
        let hit = outages.iter().filter(|o| o.from <= at && o.to.is_none_or(|to| to > at - LEANS_ON_MS));
        let later = hit.map(|o| match o.to {
            None => i64::MAX,
            Some(to) => end_of_day_ms(calendar.next_working_day(date_of_ms(to))),
        });
        match later.max().filter(|later| *later > at) {
            Some(later) => at = later,
            None => break,
        }
        if at == i64::MAX {
            break;
        }
    }
    at
}

/// Whether any minute of a time lies in the office hours (08:30 to 18:00) of a working day.
pub fn touches_working_hours(from: i64, to: i64, calendar: &Calendar) -> bool {
    let mut day = date_of_ms(from);
    while start_of_day_ms(day) < to {
        let at = |minutes: i64| start_of_day_ms(day) + minutes * 60_000;
        if calendar.is_working(day) && from < at(OFFICE_MINUTES.1) && to > at(OFFICE_MINUTES.0) {
            return true;
        }
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn at(day: Date, hour: i64) -> i64 {
        start_of_day_ms(day) + hour * HOUR
    }

    // 2026-03-09 is a Monday.
    const MONDAY: Date = date(2026, 3, 9);
    const TUESDAY: Date = date(2026, 3, 10);
    const FRIDAY: Date = date(2026, 3, 13);

    #[test]
    fn a_mark_far_from_any_outage_comes_as_it_was_to_come() {
        let calendar = Calendar::weekdays_only();
        let outage = Outage { from: at(MONDAY, 9), to: Some(at(MONDAY, 10)) };
        assert_eq!(delayed(at(TUESDAY, 11), &[outage], &calendar), at(TUESDAY, 11));
        assert_eq!(delayed(at(MONDAY, 8), &[outage], &calendar), at(MONDAY, 8));
        assert_eq!(delayed(at(MONDAY, 8), &[], &calendar), at(MONDAY, 8));
    }

    #[test]
    fn a_mark_in_an_outage_or_within_a_day_of_it_waits_for_a_working_day() {
        let calendar = Calendar::weekdays_only();
        let outage = Outage { from: at(MONDAY, 9), to: Some(at(MONDAY, 12)) };
        for hour in [9, 11, 12, 23] {
            assert_eq!(delayed(at(MONDAY, hour), &[outage], &calendar), end_of_day_ms(TUESDAY), "{hour}");
        }
        let over_the_weekend = Outage { from: at(FRIDAY, 17), to: Some(at(FRIDAY, 19)) };
        let monday_after = date(2026, 3, 16);
        assert_eq!(delayed(at(FRIDAY, 18), &[over_the_weekend], &calendar), end_of_day_ms(monday_after));
    }

    #[test]
    fn nothing_is_marked_while_an_outage_lasts_and_one_outage_may_lead_into_the_next() {
        let calendar = Calendar::weekdays_only();
        let open = Outage { from: at(MONDAY, 9), to: None };
        assert_eq!(delayed(at(MONDAY, 10), &[open], &calendar), i64::MAX);
        let first = Outage { from: at(MONDAY, 9), to: Some(at(MONDAY, 10)) };
        let second = Outage { from: at(TUESDAY, 20), to: Some(at(TUESDAY, 21)) };
        let wednesday = date(2026, 3, 11);
        assert_eq!(delayed(at(MONDAY, 9), &[first, second], &calendar), end_of_day_ms(wednesday));
    }

    #[test]
    fn only_office_hours_of_working_days_count() {
        let calendar = Calendar::weekdays_only();
        assert!(touches_working_hours(at(MONDAY, 7), at(MONDAY, 9), &calendar));
        assert!(!touches_working_hours(at(MONDAY, 18), at(TUESDAY, 8), &calendar));
        let (saturday, sunday) = (date(2026, 3, 14), date(2026, 3, 15));
        assert!(!touches_working_hours(at(saturday, 1), at(sunday, 23), &calendar));
        assert!(touches_working_hours(at(FRIDAY, 20), at(date(2026, 3, 16), 9), &calendar));
    }
}
