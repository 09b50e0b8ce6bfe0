use jiff::ToSpan;
use jiff::civil::{Weekday, date};
use proptest::prelude::*;

use super::*;

fn real() -> Calendar {
    Calendar::from_json(include_str!("../../../data/calendar.json")).unwrap()
}

/// The slow model: one day at a time, by the letter.
fn slow_is_working(calendar: &Calendar, day: Date) -> bool {
    match calendar.rules.get(&day) {
        Some(DayRule::Off(_)) => false,
        Some(DayRule::Work(_)) => true,
        None => !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday),
    }
}

fn slow_add(calendar: &Calendar, from: Date, n: u32) -> (Date, bool, Vec<Date>) {
    let (mut day, mut left, mut provisional, mut skipped) = (from, n, false, Vec::new());
    while left > 0 {
        day = day.tomorrow().unwrap();
        provisional |= !calendar.knows(day.year());
        if slow_is_working(calendar, day) {
            left -= 1;
        } else {
            skipped.push(day);
        }
    }
    (day, provisional, skipped)
}

fn flat(skipped: &[Skipped]) -> Vec<Date> {
    skipped.iter().flat_map(|run| run.from.series(1.day()).take_while(|&day| day <= run.through)).collect()
}

fn any_date() -> impl Strategy<Value = Date> {
    (2015_i16..=2029, 1_i16..=366)
        .prop_map(|(year, day)| add_calendar_days(date(year, 1, 1), i32::from(day) - 1))
}

/// The real calendar, the weekdays alone, or the real one with edits.
fn any_calendar() -> impl Strategy<Value = Calendar> {
    let edits = proptest::collection::vec((any_date(), any::<bool>()), 0..20);
    (any::<bool>(), edits).prop_map(|(known, edits)| {
        let start = if known { real() } else { Calendar::weekdays_only() };
        edits.into_iter().fold(start, |calendar, (day, works)| {
            let name = "测试".to_owned();
            calendar.with_day(day, if works { DayRule::Work(name) } else { DayRule::Off(name) })
        })
    })
}

#[test]
fn the_calendar_knows_the_years_it_ships_with() {
    let calendar = real();
    assert_eq!(calendar.years(), 2017..=2026);
    assert!(calendar.knows(2026) && !calendar.knows(2027) && !calendar.knows(2016));
    let days = |year| calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31));
    assert_eq!(
        (2017..=2026).map(days).collect::<Vec<_>>(),
        [249, 250, 250, 249, 250, 249, 249, 251, 248, 248]
    );
}

#[test]
fn holidays_are_off_and_their_make_up_days_are_worked() {
    let calendar = real();
    let day = calendar.day(date(2026, 10, 1));
    assert_eq!((day.working, day.provisional, day.name), (false, false, Some("国庆节")));
    assert_eq!(day.label(), "国庆节");
    for (month, day) in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)] {
        assert!(calendar.is_working(date(2026, month, day)), "2026-{month}-{day}");
    }
    assert_eq!(calendar.day(date(2026, 10, 10)).label(), "国庆节调休上班");
    assert_eq!(calendar.day(date(2026, 10, 17)).label(), "周末");
    assert_eq!(calendar.day(date(2026, 10, 16)).label(), "工作日");
}

#[test]
fn twenty_working_days_across_the_spring_festival_say_what_was_skipped() {
    let counted = real().add_working_days(date(2026, 2, 10), 20);
    let said: Vec<_> =
        counted.skipped.iter().map(|run| format!("{} {} {}", run.from, run.through, run.reason)).collect();
    assert!(!counted.provisional);
    insta::assert_snapshot!(format!("{}\n{}", counted.date, said.join("\n")), @r"
    2026-03-16
    2026-02-15 2026-02-23 春节
    2026-03-01 2026-03-01 周末
    2026-03-07 2026-03-08 周末
    2026-03-14 2026-03-15 周末
    ");
}

#[test]
fn the_day_of_the_event_never_counts() {
    let calendar = real();
    let friday = date(2026, 3, 6);
    assert_eq!(calendar.add_working_days(friday, 0).date, friday);
    assert_eq!(calendar.add_working_days(friday, 1).date, date(2026, 3, 9));
    assert_eq!(calendar.add_working_days(date(2026, 3, 7), 1).date, date(2026, 3, 9));
    assert_eq!(calendar.next_working_day(friday), date(2026, 3, 9));
    assert_eq!(calendar.working_day_on_or_after(friday), friday);
    assert_eq!(calendar.working_day_on_or_after(date(2026, 3, 7)), date(2026, 3, 9));
    assert_eq!(calendar.previous_working_day(date(2026, 3, 9)), friday);
}

#[test]
fn an_unknown_year_counts_weekdays_and_marks_the_date_provisional() {
    let calendar = real();
    let counted = calendar.add_working_days(date(2026, 12, 31), 5);
    assert_eq!((counted.date, counted.provisional), (date(2027, 1, 7), true));
    assert!(!calendar.add_working_days(date(2026, 12, 24), 5).provisional);
    assert!(calendar.add_working_days(date(2016, 12, 30), 1).provisional);
    assert!(!calendar.add_working_days(date(2027, 1, 1), 0).provisional);
    assert!(calendar.day(date(2027, 3, 1)).provisional);
    assert!(calendar.with_known_year(2027).day(date(2027, 3, 1)).working);
}

#[test]
fn one_edited_day_changes_the_count_but_makes_no_year_known() {
    let calendar = real().with_day(date(2027, 2, 8), DayRule::Off("春节".into()));
    assert!(!calendar.is_working(date(2027, 2, 8)));
    assert!(!calendar.knows(2027));
    assert_eq!(calendar.years(), 2017..=2026);
    let closed = calendar.with_day(date(2026, 3, 9), DayRule::Off("暴雪停工".into()));
    let counted = closed.add_working_days(date(2026, 3, 6), 1);
    assert_eq!(counted.date, date(2026, 3, 10));
    let reasons: Vec<_> = counted.skipped.iter().map(|run| run.reason.as_ref()).collect();
    assert_eq!(reasons, ["周末", "暴雪停工"]);
    let reopened = closed.with_day(date(2026, 3, 9), DayRule::Work(String::new()));
    assert_eq!(reopened.next_working_day(date(2026, 3, 6)), date(2026, 3, 9));
}

#[test]
fn january_of_the_last_notice_does_not_make_the_next_year_known() {
    let text = r#"{"range":"2026-2026","days":{
        "2026-10-01":{"t":"off","name":"国庆节"},"2027-01-01":{"t":"off","name":"元旦"}}}"#;
    let calendar = Calendar::from_json(text).unwrap();
    assert_eq!(calendar.years(), 2026..=2026);
    assert!(!calendar.is_working(date(2027, 1, 1)));
}

#[test]
fn a_calendar_without_known_years_counts_weekdays() {
    let calendar = Calendar::weekdays_only();
    assert!(calendar.years().is_empty());
    let counted = calendar.add_working_days(date(2026, 9, 30), 1);
    assert_eq!((counted.date, counted.provisional), (date(2026, 10, 1), true));
}

#[test]
fn a_wrong_file_is_refused_with_the_line_to_put_right() {
    let refused = |text: &str| Calendar::from_json(text).unwrap_err().to_string();
    assert!(refused("[]").contains("JSON"));
    assert!(refused(r#"{"days":{"2026-02-30":{"t":"off"}}}"#).contains("2026-02-30"));
    assert!(refused(r#"{"days":{"2026-02-03":{"t":"half"}}}"#).contains("half"));
    assert!(refused(r#"{"range":"all","days":{}}"#).contains("2017-2026"));
}

#[test]
fn months_end_on_the_same_day_or_the_last_day_of_the_month() {
    let cases = [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 3, 15), 12, date(2027, 3, 15)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 3, 31), i32::MAX, Date::MAX),
    ];
    for (from, months, end) in cases {
        assert_eq!(add_months(from, months), end, "{from} + {months}");
    }
}

#[test]
fn a_calendar_limit_that_ends_on_a_holiday_ends_on_the_next_working_day() {
    let calendar = real();
    let rolled = calendar.roll_to_working_day(add_calendar_days(date(2026, 9, 1), 30));
    assert_eq!((rolled.date, rolled.provisional), (date(2026, 10, 8), false));
    assert_eq!(rolled.skipped.len(), 1);
    assert_eq!(rolled.skipped[0].reason, "国庆节");
    let kept = calendar.roll_to_working_day(date(2026, 9, 30));
    assert_eq!((kept.date, kept.skipped.len()), (date(2026, 9, 30), 0));
    assert!(calendar.roll_to_working_day(date(2027, 3, 1)).provisional);
}

#[test]
fn a_day_begins_and_ends_at_midnight_in_beijing() {
    let day = date(2026, 1, 5);
    assert_eq!(start_of_day_ms(day), 1_767_542_400_000);
    assert_eq!(end_of_day_ms(day), 1_767_628_800_000);
    assert_eq!(date_of_ms(start_of_day_ms(day)), day);
    assert_eq!(date_of_ms(start_of_day_ms(day) - 1), date(2026, 1, 4));
    assert_eq!(date_of_ms(end_of_day_ms(day) - 1), day);
    assert_eq!(date_of_ms(end_of_day_ms(day)), date(2026, 1, 6));
    assert_eq!(date_of_ms(0), date(1970, 1, 1));
    assert_eq!((date_of_ms(i64::MAX), date_of_ms(i64::MIN)), (Date::MAX, Date::MIN));
}

#[test]
fn the_ends_of_time_stop_nothing() {
    let calendar = real();
    assert_eq!(DayNumber::of(Date::MIN), DayNumber::MIN);
    assert_eq!(DayNumber::of(Date::MAX), DayNumber::MAX);
    assert_eq!(calendar.nth_working_day(date(2026, 1, 1), u32::MAX), Date::MAX);
    assert_eq!(calendar.add_working_days(Date::MAX, 3).date, Date::MAX);
    assert_eq!(calendar.previous_working_day(Date::MIN), Date::MIN);
    assert_eq!(add_calendar_days(Date::MAX, 1), Date::MAX);
}

#[test]
fn a_count_survives_being_stored() {
    let counted = real().add_working_days(date(2026, 9, 25), 10);
    let text = serde_json::to_string(&counted).unwrap();
    assert_eq!(serde_json::from_str::<Counted>(&text).unwrap(), counted);
}

proptest! {
    #[test]
    fn counting_agrees_with_the_slow_model(calendar in any_calendar(), from in any_date(), n in 0_u32..400) {
        let (end, provisional, skipped) = slow_add(&calendar, from, n);
        let counted = calendar.add_working_days(from, n);
        prop_assert_eq!(counted.date, end);
        prop_assert_eq!(counted.provisional, provisional);
        prop_assert_eq!(flat(&counted.skipped), skipped);
        prop_assert_eq!(calendar.nth_working_day(from, n), end);
        prop_assert_eq!(calendar.working_days_between(from, end), i64::from(n));
    }

    #[test]
    fn working_days_between_agrees_with_the_slow_model(calendar in any_calendar(), a in any_date(), b in any_date()) {
        let (early, late) = (a.min(b), a.max(b));
        let days = early.series(1.day()).skip(1).take_while(|&day| day <= late);
        let slow = days.filter(|&day| slow_is_working(&calendar, day)).count() as i64;
        prop_assert_eq!(calendar.working_days_between(early, late), slow);
        prop_assert_eq!(calendar.working_days_between(late, early), -slow);
    }

    #[test]
    fn single_days_agree_with_the_slow_model(calendar in any_calendar(), day in any_date()) {
        prop_assert_eq!(calendar.is_working(day), slow_is_working(&calendar, day));
        prop_assert_eq!(calendar.next_working_day(day), slow_add(&calendar, day, 1).0);
        let rolled = calendar.roll_to_working_day(day);
        prop_assert!(rolled.date >= day && calendar.is_working(rolled.date));
        prop_assert_eq!(rolled.date, calendar.working_day_on_or_after(day));
        let before = calendar.previous_working_day(day);
        prop_assert!(calendar.is_working(before) && calendar.working_day_on_or_after(before) == before);
        prop_assert!(calendar.next_working_day(before) >= day);
    }

    #[test]
    fn joined_runs_are_maximal_and_in_order(calendar in any_calendar(), from in any_date(), n in 0_u32..100) {
        for pair in calendar.add_working_days(from, n).skipped.windows(2) {
            prop_assert!(pair[0].through < pair[1].from);
            let touch = pair[0].through.tomorrow().unwrap() == pair[1].from;
            prop_assert!(!(touch && pair[0].reason == pair[1].reason));
        }
    }

    #[test]
    fn day_numbers_agree_with_the_date_library(ms in -300_000_000_000_000_i64..250_000_000_000_000) {
        let expected = jiff::Timestamp::from_millisecond(ms).unwrap();
        let expected = jiff::tz::Offset::constant(8).to_datetime(expected).date();
        prop_assert_eq!(date_of_ms(ms), expected);
        prop_assert!(start_of_day_ms(expected) <= ms && ms < end_of_day_ms(expected));
    }
}
