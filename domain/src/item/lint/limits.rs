//! Rules about time: promise and statute, case type, regime, special procedures.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use super::Report;
use super::texts::{bare, names_rule, names_statute};
use crate::item::{CaseType, CatalogueEntry, ItemKind, LawRank, Limit, LimitUnit, Regimes, Step, StepKind};

/// 许可法 42: the longest ordinary limit of a licence, in working days.
const ORDINARY: u16 = 20;

/// The year whose days are tried as starting days; any year without a leap day will do.
const REFERENCE: Date = date(2023, 1, 1);

/// Whether `limit` may end later than `other` for any starting day.
///
/// Like units are compared as numbers. Unlike units are compared as dates from every day of a reference year,
/// counting weekdays only: the first day is not counted, months end on the same day or the month's last
/// (民法典 202), a calendar limit that ends on a weekend moves to the next weekday (203). Public holidays are
/// left out: they lengthen working days, so a promise that just fits here can still be overtaken around a long
/// holiday, where both clocks run and the statutory one binds.
pub fn may_be_later(limit: Limit, other: Limit) -> bool {
    if limit.unit == other.unit {
        return limit.n > other.n;
    }
    match (limit.unit, other.unit) {
        (LimitUnit::OnTheSpot, _) => false,
        (_, LimitUnit::OnTheSpot) => true,
        _ => (0..365).any(|offset| {
            REFERENCE
                .checked_add(offset.days())
                .is_ok_and(|start| last_day(limit, start) > last_day(other, start))
        }),
    }
}

/// The last day of a limit that starts on `start`; the last date there is where the sum is out of range.
fn last_day(limit: Limit, start: Date) -> Date {
    let n = limit.n.max(0.0).ceil() as i64;
    match limit.unit {
        LimitUnit::OnTheSpot => start,
        LimitUnit::WorkingDay => {
            let mut day = start;
            for _ in 0..n {
                day = weekday(day.tomorrow().unwrap_or(Date::MAX));
            }
            day
        }
        LimitUnit::CalendarDay => weekday(start.checked_add(n.days()).unwrap_or(Date::MAX)),
        LimitUnit::Month => weekday(start.checked_add(n.months()).unwrap_or(Date::MAX)),
    }
}

/// The day itself, or the Monday after a weekend.
fn weekday(day: Date) -> Date {
    let skip = match day.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    day.checked_add(skip.days()).unwrap_or(Date::MAX)
}

pub(super) fn check(entry: &CatalogueEntry, regimes: &Regimes, report: &mut Report) {
    well_formed(entry.statutory, "statutory", report);
    well_formed(entry.promised, "promised", report);
    promise(entry, report);
    regime(entry, regimes, report);
    long_limit(entry, regimes, report);
    special_procedures(entry, regimes, report);
    for step in &entry.flow {
        well_formed(step.limit, &format!("flow[{}].limit", step.key), report);
    }
    steps_fit_the_promise(entry, report);
}

fn well_formed(limit: Limit, field: &str, report: &mut Report) {
    if limit.unit == LimitUnit::OnTheSpot {
        report.require(limit.n == 0.0, field, "当场办结的时限必须写 0", "请把 n 改为 0");
        return;
    }
    report.require(
        limit.n.is_finite() && limit.n > 0.0,
        field,
        format!("时限“{}”不是正数", limit.n),
        "请填写大于 0 的数；当场办结的请把单位改为 on_the_spot",
    );
    let tenths = limit.n * 10.0;
    let fits = match limit.unit {
        LimitUnit::WorkingDay => (tenths - tenths.round()).abs() < 1e-3,
        _ => limit.n.fract() == 0.0,
    };
    report.require(fits, field, format!("时限“{}”太细", limit.n), "工作日最多写一位小数，日和月只写整数");
}

fn promise(entry: &CatalogueEntry, report: &mut Report) {
    report.require(
        !may_be_later(entry.promised, entry.statutory),
        "promised",
        format!("承诺办结时限{}可能长于法定办结时限{}", entry.promised.label(), entry.statutory.label()),
        "请缩短承诺时限，使其从任何一天起算都不晚于法定时限",
    );
    let on_the_spot = entry.promised.unit == LimitUnit::OnTheSpot;
    report.require(
        on_the_spot == (entry.case_type == CaseType::OnTheSpot),
        "case_type",
        format!("办件类型是{}，承诺办结时限却是{}", entry.case_type.label(), entry.promised.label()),
        "即办件的承诺时限必须是当场办结，承诺件的承诺时限必须大于 0",
    );
}

fn regime(entry: &CatalogueEntry, regimes: &Regimes, report: &mut Report) {
    let Some(regime) = regimes.get(&entry.regime) else {
        let known = regimes.iter().map(|r| r.key.as_str()).collect::<Vec<_>>().join("、");
        report.error(
            "regime",
            format!("没有名为“{}”的时限制度", entry.regime),
            &format!("请改为其中之一：{known}"),
        );
        return;
    };
    report.require(
        regime.applies_to.contains(&entry.kind),
        "regime",
        format!("时限制度“{}”不适用于{}", regime.name, entry.kind.label()),
        "行政许可法只适用于行政许可；请按事项类型选择时限制度",
    );
    report.require(
        entry.kind != ItemKind::Licence
            || entry.statutory.unit != LimitUnit::CalendarDay
            || regime.day_unit == LimitUnit::CalendarDay,
        "statutory",
        format!("行政许可的法定时限写成了{}", entry.statutory.label()),
        "行政许可法第八十二条规定以工作日计算，请把单位改为工作日",
    );
}

/// 许可法 42: only 法律 or 法规 may set more than 20 working days for a licence, or more than the regime's limit.
fn long_limit(entry: &CatalogueEntry, regimes: &Regimes, report: &mut Report) {
    let ordinary = (entry.kind == ItemKind::Licence).then(|| Limit::working_days(ORDINARY));
    let usual = regimes.get(&entry.regime).and_then(|r| r.default_limit);
    let Some(most) =
        [ordinary, usual].into_iter().flatten().find(|most| may_be_later(entry.statutory, *most))
    else {
        return;
    };
    let ranked = entry.legal_bases.iter().any(|b| {
        matches!(b.rank, LawRank::Law | LawRank::AdministrativeRegulation | LawRank::LocalRegulation)
            && entry.statutory_basis.contains(bare(&b.law))
    });
    report.require(
        ranked || names_statute(&entry.statutory_basis),
        "statutory_basis",
        format!(
            "法定时限{}长于{}，依据“{}”不是法律、法规的条款",
            entry.statutory.label(),
            most.label(),
            entry.statutory_basis
        ),
        "请写明规定这一时限的法律或者法规名称和条款号（行政许可法第四十二条），否则缩短法定时限",
    );
}

fn special_procedures(entry: &CatalogueEntry, regimes: &Regimes, report: &mut Report) {
    for (i, procedure) in entry.special_procedures.iter().enumerate() {
        let field = format!("special_procedures[{i}]");
        let name = procedure.kind.label();
        report.text(&procedure.basis, &format!("{field}.basis"), &format!("{name}的依据"));
        report.require(
            procedure.days > 0,
            &format!("{field}.days"),
            format!("{name}的天数是 0"),
            "请填写通常所需的工作日数",
        );
        if !procedure.excluded {
            continue;
        }
        let by_regime = regimes.get(&entry.regime).is_some_and(|r| r.stops(procedure.kind));
        report.require(
            by_regime || names_rule(&procedure.basis),
            &format!("{field}.excluded"),
            format!("{name}不在行政许可法第四十五条所列之内，不能直接从期限中扣除"),
            "请在依据中写明规定不计入期限的法律、法规名称和条款号；没有的，把 excluded 改为 false",
        );
    }
}

/// The promise ends with the decision (许可法 42), so the steps up to it must fit in.
fn steps_fit_the_promise(entry: &CatalogueEntry, report: &mut Report) {
    let counted = |s: &&Step| matches!(s.kind, StepKind::Review | StepKind::Decide);
    let units = |s: &Step| matches!(s.limit.unit, LimitUnit::WorkingDay | LimitUnit::OnTheSpot);
    if !entry.flow.iter().filter(counted).all(units) {
        return;
    }
    let total: f32 = entry.flow.iter().filter(counted).map(|s| s.limit.n).sum();
    let total = Limit { n: (total * 10.0).round() / 10.0, unit: LimitUnit::WorkingDay };
    report.require(
        total.n <= 0.0 || !may_be_later(total, entry.promised),
        "flow",
        format!("审查和决定环节合计{}，超过承诺办结时限{}", total.label(), entry.promised.label()),
        "请缩短审查、决定环节的时限；承诺时限到作出决定为止",
    );
}
