//! The clock against the slow one that walks day by day and cannot be wrong by arithmetic (`sample::slow`).

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::calendar::{Calendar, add_calendar_days};
use crate::item::{Limit, LimitUnit, Regime, RegimeKey};
use crate::sample::{regime, slow};

fn shipped() -> Calendar {
    crate::sample::calendar().unwrap()
}

fn some_day() -> impl Strategy<Value = Date> {
    // 2023 to 2028: make-up workdays, two leap days, and the unpublished years after 2026.
    prop_oneof![
        4 => (0..365 * 6i32).prop_map(|n| add_calendar_days(date(2023, 1, 1), n)),
        1 => (0..20i32).prop_map(|n| add_calendar_days(date(2026, 12, 20), n)),
        1 => (0..10i32).prop_map(|n| add_calendar_days(date(2024, 2, 24), n)),
        1 => (0..25i32).prop_map(|n| add_calendar_days(date(2026, 2, 9), n)),
        1 => (0..20i32).prop_map(|n| add_calendar_days(date(2025, 9, 25), n)),
    ]
}

fn some_limit() -> impl Strategy<Value = Limit> {
    let unit = prop_oneof![
        4 => Just(LimitUnit::WorkingDay),
        2 => Just(LimitUnit::CalendarDay),
        2 => Just(LimitUnit::Month),
        1 => Just(LimitUnit::OnTheSpot),
    ];
    (unit, 1..600u16).prop_map(|(unit, tenths)| {
        let n = match unit {
            LimitUnit::WorkingDay => f32::from(tenths) / 10.0,
            LimitUnit::CalendarDay => f32::from(tenths % 90),
            LimitUnit::Month => f32::from(tenths % 14),
            LimitUnit::OnTheSpot => 0.0,
        };
        Limit { n, unit }
    })
}

/// A special procedure, its days counted from the submission.
#[derive(Debug, Clone)]
struct Planned {
    excluded: bool,
    notices: Vec<(i32, u16)>,
    started: Option<i32>,
    lasts: Option<i32>,
}

impl Planned {
    fn on(&self, submitted: Date) -> Procedure {
        let day = |n: i32| add_calendar_days(submitted, n);
        let mut at = 0;
        let notices = self.notices.iter().map(|(wait, days)| {
            at += wait;
            Announced { on: day(at), days: *days, document: crate::ids::Id::from(1) }
        });
        Procedure {
            kind: crate::item::SpecialKind::ExpertReview,
            excluded: self.excluded,
            basis: String::new(),
            notices: notices.collect(),
            started: self.started.map(day),
            ended: self.started.zip(self.lasts).map(|(from, lasts)| day(from + lasts)),
        }
    }
}

fn some_procedure() -> impl Strategy<Value = Planned> {
    (
        prop::bool::weighted(0.8),
        prop::collection::vec((0..40i32, 1..20u16), 0..3),
        prop::option::weighted(0.9, 0..40i32),
        prop::option::weighted(0.7, 0..40i32),
    )
        .prop_map(|(excluded, notices, started, lasts)| Planned { excluded, notices, started, lasts })
}

prop_compose! {
    /// A ledger as events can make it: stops one after another, the last perhaps still running.
    fn some_ledger()(
        submitted in some_day(),
        statutory in some_limit(),
        promised in some_limit(),
        waits in prop::collection::vec((0..15i32, 0..25i32), 0..4),
        resubmitted in prop::option::of(0..30i32),
        accepted in prop::option::weighted(0.9, 0..10i32),
        standing in prop::bool::weighted(0.1),
        decided in prop::option::of(0..60i32),
        procedures in prop::collection::vec(some_procedure(), 0..3),
        extended in prop::option::weighted(0.2, 1..15u16),
    ) -> Ledger {
        let mut ledger = Ledger::open(RegimeKey::new(RegimeKey::LICENCE), statutory, promised, submitted);
        ledger.notice_from = add_calendar_days(submitted, resubmitted.unwrap_or(0));
        let Some(accepted) = accepted else { return ledger };
        let mut day = add_calendar_days(ledger.notice_from, accepted);
        ledger.accepted = Some(day);
        for (wait, length) in waits {
            day = add_calendar_days(day, wait);
            ledger.stop(Halt::Suspension, day);
            day = add_calendar_days(day, length);
            ledger.go_on(Halt::Suspension, day);
        }
        ledger.procedures = procedures.into_iter().map(|p| p.on(ledger.submitted)).collect();
        ledger.extension = extended.map(|n| Extended {
            by: crate::item::Approver::AgencyHead,
            n,
            unit: LimitUnit::WorkingDay,
            on: ledger.submitted,
        });
        if standing {
            ledger.stop(Halt::Suspension, day);
        } else if let Some(decided) = decided {
            ledger.decided = Some(add_calendar_days(day, decided));
        }
        ledger
    }
}

fn regimes() -> impl Strategy<Value = Regime> {
    const ALL: [&str; 8] = [
        RegimeKey::LICENCE,
        RegimeKey::LICENCE_JOINT,
        RegimeKey::REAL_ESTATE_REGISTRATION,
        RegimeKey::MARKET_ENTITY_REGISTRATION,
        RegimeKey::CONSTRUCTION_PERMIT,
        RegimeKey::ENVIRONMENTAL_ASSESSMENT,
        RegimeKey::SOCIAL_ORGANISATION_REGISTRATION,
        RegimeKey::SERVICE,
    ];
    prop::sample::select(&ALL[..]).prop_map(|key| regime(key).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn deadlines_are_what_counting_day_by_day_gives(ledger in some_ledger(), regime in regimes()) {
        let calendar = shipped();
        // An extension comes in the unit of the limit in every regime that ships.
        prop_assume!(ledger.extension.is_none_or(|e| e.unit == ledger.statutory.unit));
        let slowly = slow::deadlines(&ledger, &regime, &calendar);
        prop_assert_eq!(deadlines(&ledger, &regime, &calendar), slowly);
        prop_assert_eq!(notice_due(&ledger, &regime, &calendar), slowly.notice);
    }

    #[test]
    fn a_deadline_never_lies_before_its_start_and_ends_on_a_day_that_counts(ledger in some_ledger()) {
        let calendar = shipped();
        let regime = regime(RegimeKey::LICENCE).unwrap();
        let due = deadlines(&ledger, &regime, &calendar);
        for (limit, due) in [(ledger.statutory, due.statutory), (ledger.promised, due.promised)] {
            let Some(due) = due else { continue };
            prop_assert!(due.last_day >= ledger.accepted.unwrap());
            prop_assert!(due.at() > crate::calendar::start_of_day_ms(due.last_day));
            if limit.unit != LimitUnit::OnTheSpot && limit.n > 0.0 {
                prop_assert!(calendar.is_working(due.last_day));
            }
        }
    }

    #[test]
    fn a_suspension_never_brings_a_deadline_nearer(
        ledger in some_ledger(),
        wait in 0..10i32,
        length in 0..40i32,
    ) {
        let calendar = shipped();
        let regime = regime(RegimeKey::LICENCE).unwrap();
        let before = deadlines(&ledger, &regime, &calendar);
        let mut after = ledger.clone();
        let last = ledger.stops.iter().filter_map(|s| s.to).max().or(ledger.accepted).unwrap_or(ledger.submitted);
        let from = add_calendar_days(last, wait);
        after.stop(Halt::Suspension, from);
        prop_assert_eq!(deadlines(&after, &regime, &calendar).promised, None);
        after.go_on(Halt::Suspension, add_calendar_days(from, length));
        let after = deadlines(&after, &regime, &calendar);
        prop_assert!(after.promised.map(|d| d.last_day) >= before.promised.map(|d| d.last_day));
        prop_assert!(after.statutory.map(|d| d.last_day) >= before.statutory.map(|d| d.last_day));
        prop_assert_eq!(after.notice, before.notice);
    }

    #[test]
    fn the_explanation_gives_the_same_last_days(ledger in some_ledger(), regime in regimes()) {
        let calendar = shipped();
        let due = deadlines(&ledger, &regime, &calendar);
        let steps = explain(&ledger, &regime, &calendar);
        let said = |words: &str| {
            steps.iter().find(|s| s.text.contains(words)).map(|s| (s.date, s.provisional))
        };
        let of = |due: Option<Due>| due.map(|d| d.last_day);
        for step in &steps {
            let days = |s: &LeftOut| (s.through - s.from).get_days() + 1;
            let left_out: i32 = step.skipped.iter().map(days).sum();
            let due = match step.rule.as_str() {
                "statutory" => due.statutory,
                "promised" => due.promised,
                "notice" => due.notice,
                "issue" => due.issue,
                _ => continue,
            };
            prop_assert_eq!(left_out, i32::from(due.unwrap().uncounted));
        }
        prop_assert_eq!(said("法定期限：").map(|s| s.0), of(due.statutory));
        prop_assert_eq!(said("承诺期限：").map(|s| s.0), of(due.promised));
        prop_assert_eq!(said("颁发、送达").map(|s| s.0), of(due.issue));
        prop_assert_eq!(said("告知结果").map(|s| s.0), of(notice_due(&ledger, &regime, &calendar)));
        for (words, due) in [("法定期限：", due.statutory), ("承诺期限：", due.promised)] {
            if due.is_some_and(|d| d.provisional) {
                prop_assert!(said(words).unwrap().1);
            }
        }
        prop_assert!(steps.iter().all(|s| !s.text.contains("当场办结内")));
        let licence_law = steps.iter().any(|s| s.article.contains("行政许可法"));
        prop_assert!(!licence_law || regime.applies_to.contains(&crate::item::ItemKind::Licence));
    }
}

fn ledger(submitted: Date, limit: Limit) -> Ledger {
    let mut ledger = Ledger::open(RegimeKey::new(RegimeKey::LICENCE), limit, limit, submitted);
    ledger.accepted = Some(submitted);
    ledger
}

fn last_day(from: Date, n: f32, unit: LimitUnit) -> (Date, bool) {
    let regime = regime(RegimeKey::LICENCE).unwrap();
    let due = deadlines(&ledger(from, Limit { n, unit }), &regime, &shipped()).statutory.unwrap();
    (due.last_day, due.provisional)
}

#[test]
fn figures_anyone_can_check_on_a_calendar() {
    use LimitUnit::{CalendarDay, Month, WorkingDay};
    // The spring festival of 2026: off 15 to 23 February, made up for on the 14th and the 28th, both Saturdays.
    assert_eq!(last_day(date(2026, 2, 13), 1.0, WorkingDay), (date(2026, 2, 14), false));
    assert_eq!(last_day(date(2026, 2, 13), 2.0, WorkingDay), (date(2026, 2, 24), false));
    assert_eq!(last_day(date(2026, 2, 13), 6.0, WorkingDay), (date(2026, 2, 28), false));
    assert_eq!(last_day(date(2026, 3, 2), 0.5, WorkingDay), (date(2026, 3, 3), false));
    // A calendar limit that ends in the festival ends on the first day after it.
    assert_eq!(last_day(date(2026, 2, 10), 7.0, CalendarDay), (date(2026, 2, 24), false));
    // Months end on the same day or the last of the month; 28 February 2026 is a working Saturday.
    assert_eq!(last_day(date(2026, 1, 31), 1.0, Month), (date(2026, 2, 28), false));
    assert_eq!(last_day(date(2024, 1, 31), 1.0, Month), (date(2024, 2, 29), false));
    // Into a year nobody published: counted by weekdays and marked.
    assert_eq!(last_day(date(2026, 12, 31), 1.0, WorkingDay), (date(2027, 1, 1), true));
    assert_eq!(last_day(date(2026, 12, 1), 2.0, Month), (date(2027, 2, 1), true));
    assert_eq!(last_day(date(2026, 12, 31), 0.0, LimitUnit::OnTheSpot), (date(2026, 12, 31), false));
}

#[test]
fn an_explanation_names_the_provision_of_each_step() {
    let mut ledger = ledger(date(2026, 3, 2), Limit::working_days(20));
    ledger.decided = Some(date(2026, 3, 20));
    let said = |key: &str| -> Vec<(String, String)> {
        let steps = explain(&ledger, &regime(key).unwrap(), &shipped());
        steps.into_iter().map(|s| (s.text, s.article)).collect()
    };
    let article = |key: &str, words: &str| {
        said(key)
            .into_iter()
            .find(|(text, _)| text.contains(words))
            .map(|(_, article)| article)
            .unwrap_or_default()
    };
    let licence_law = |article: &str| format!("《中华人民共和国行政许可法》{article}");
    assert_eq!(article(RegimeKey::LICENCE, "告知结果"), licence_law("第三十二条"));
    assert_eq!(article(RegimeKey::LICENCE, "法定期限："), licence_law("第四十二条第一款"));
    assert_eq!(article(RegimeKey::LICENCE, "颁发、送达"), licence_law("第四十四条"));
    assert_eq!(article(RegimeKey::LICENCE_JOINT, "法定期限："), licence_law("第四十二条第二款"));
    assert_eq!(article(RegimeKey::CONSTRUCTION_PERMIT, "法定期限："), "《中华人民共和国建筑法》第八条第二款");
    assert_eq!(article(RegimeKey::REAL_ESTATE_REGISTRATION, "告知结果"), "《不动产登记暂行条例》第十七条");
    assert_eq!(article(RegimeKey::REAL_ESTATE_REGISTRATION, "法定期限："), "《不动产登记暂行条例》第二十条");
    assert_eq!(
        article(RegimeKey::MARKET_ENTITY_REGISTRATION, "告知结果"),
        "《中华人民共和国市场主体登记管理条例》第十九条"
    );
}
