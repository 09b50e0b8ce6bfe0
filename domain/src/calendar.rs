//! 工作日历: which days are working days, and how limits in working days, calendar days and months are counted.
//! Knows days, never cases: what starts, stops or ends a clock is the clock's business.
//!
//! The day of the event is never counted (民法典 201). A year whose holidays are not published yet stops nothing:
//! its weekdays are counted and every date that leans on it is marked provisional (暂定). A notice may still move
//! the last days of December of the year before it, so those are as firm as the last notice and no firmer.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

mod edit;
mod span;

#[cfg(test)]
mod tests;

pub use edit::{ChangedDay, Plan};

use span::{DayNumber, weekdays_through};
pub use span::{add_calendar_days, add_months, date_of_ms, end_of_day_ms, start_of_day_ms};

/// 某日的安排: what a notice of the State Council, or the operator, says about one day.
#[doc(alias = "调休")]
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayRule {
    /// 放假, with the name of the holiday.
    Off(String),
    /// 调休上班: a weekend day that is worked, with the name of the holiday it makes up for.
    Work(String),
}

impl DayRule {
    /// Whether the day is worked.
    pub fn works(&self) -> bool {
        matches!(self, Self::Work(_))
    }

    /// The holiday it belongs to.
    pub fn name(&self) -> &str {
        match self {
            Self::Off(name) | Self::Work(name) => name,
        }
    }
}

/// 日: one day as the calendar sees it.
#[doc(alias = "工作日")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day<'a> {
    /// The day.
    pub date: Date,
    /// Whether it is a working day.
    pub working: bool,
    /// 暂定: the holidays of its year are not known yet.
    pub provisional: bool,
    /// The holiday it belongs to, also for a weekend day that makes up for it.
    pub name: Option<&'a str>,
}

impl Day<'_> {
    /// In words: 工作日, 周末, 国庆节, 国庆节调休上班.
    pub fn label(&self) -> Cow<'static, str> {
        match self.name {
            Some(name) if self.working => Cow::Owned(format!("{name}调休上班")),
            Some(name) => Cow::Owned(name.to_owned()),
            None if self.working => Cow::Borrowed("工作日"),
            None => Cow::Borrowed(WEEKEND),
        }
    }
}

/// 计数结果: where a count of days ends, and why it ends there.
#[doc(alias = "期限届满日")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The last day of the limit.
    pub date: Date,
    /// 暂定: a day that was counted or skipped lies in a year the calendar does not know.
    pub provisional: bool,
    /// The days that did not count, in order, neighbours of one reason joined.
    pub skipped: Vec<Skipped>,
}

/// 未计入的日子: days in a row that did not count, for one reason.
#[doc(alias = "未计入的日子")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The first of them.
    pub from: Date,
    /// The last of them.
    pub through: Date,
    /// 周末, or the name of the holiday.
    pub reason: Cow<'static, str>,
}

/// 工作日历有误: what is wrong with the text of a calendar.
#[doc(alias = "工作日历有误")]
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// Not the JSON it should be; the parser's words.
    #[error("请核对工作日历文件：不是应有的 JSON 格式（{0}）")]
    Json(String),
    /// A key that is no date.
    #[error("请核对工作日历文件：“{0}”不是日期，应如2026-10-01")]
    Date(String),
    /// Neither `off` nor `work`.
    #[error("请核对工作日历文件：{date}的类型“{given}”应为 off 或 work")]
    Kind {
        /// The day.
        date: Date,
        /// What stood there.
        given: String,
    },
    /// The range of years is not `2017-2026`.
    #[error("请核对工作日历文件：年份范围“{0}”应如2017-2026")]
    Range(String),
    /// No year has a day off.
    #[error("请核对工作日历文件：没有一天放假，也就没有要导入的年份")]
    NoYear,
    /// A day without the name of its holiday.
    #[error("请给{0}写上节日名称（name），例如国庆节")]
    NoName(Date),
    /// A make-up day that is worked anyway.
    #[error("请核对{0}：这天不是周六、周日，本来就上班，不用写成 work")]
    PlainWork(Date),
    /// A day in none of the years the text is about.
    #[error("请核对{0}：不在要导入的年份里，也不在前一年的12月")]
    Stray(Date),
    /// Too few days off for the whole arrangement of a year.
    #[error("请核对{year}年：只有{off}天放假，不是全年的安排；只改一两天，请用“改一天”")]
    TooFew {
        /// The year.
        year: i16,
        /// Days off it names.
        off: usize,
    },
}

/// 工作日历: the working days of all years; what it does not know it counts by weekdays and marks provisional.
///
/// Counting takes a search over the exceptions, not a walk over the days: only listing what was skipped walks.
#[doc(alias = "工作日历")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    rules: BTreeMap<Date, DayRule>,
    known: BTreeSet<i16>,
    /// Days whose rule differs from the weekday, in order, with the running sum of the differences (+1 worked, −1 off).
    exceptions: Vec<(DayNumber, i64)>,
}

const WEEKEND: &str = "周末";

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    range: Option<String>,
    days: BTreeMap<String, FileDay>,
}

#[derive(Deserialize)]
struct FileDay {
    t: String,
    #[serde(default)]
    name: String,
}

impl Calendar {
    /// Reads `{"range": "2017-2026", "days": {"2017-01-01": {"t": "off", "name": "元旦"}}}`.
    ///
    /// A year is known when it has at least one day off and lies within the range, if a range is given: the first
    /// days of January in the last notice do not make the next year known.
    ///
    /// # Errors
    /// Text that is no such JSON, a key that is no date, a kind other than `off` and `work`.
    pub fn from_json(text: &str) -> Result<Self, CalendarError> {
        let file: File = serde_json::from_str(text).map_err(|error| CalendarError::Json(place_of(&error)))?;
        let claimed = match &file.range {
            None => i16::MIN..=i16::MAX,
            Some(range) => years_of(range).ok_or_else(|| CalendarError::Range(range.clone()))?,
        };
        let mut rules = BTreeMap::new();
        let mut known = BTreeSet::new();
        for (key, FileDay { t, name }) in file.days {
            let date: Date = key.parse().map_err(|_| CalendarError::Date(key))?;
            let rule = match t.as_str() {
                "off" => DayRule::Off(name),
                "work" => DayRule::Work(name),
                _ => return Err(CalendarError::Kind { date, given: t }),
            };
            if !rule.works() && claimed.contains(&date.year()) {
                known.insert(date.year());
            }
            rules.insert(date, rule);
        }
        Ok(Self::build(rules, known))
    }

    /// Monday to Friday, no holidays; every day is provisional.
    pub fn weekdays_only() -> Self {
        Self::build(BTreeMap::new(), BTreeSet::new())
    }

    /// The same calendar with one day changed. A single day does not make its year known.
    #[must_use]
    pub fn with_day(mut self, date: Date, rule: DayRule) -> Self {
        self.rules.insert(date, rule);
        Self::build(self.rules, self.known)
    }

    /// The same calendar with the holidays of a year declared complete.
    #[must_use]
    pub fn with_known_year(mut self, year: i16) -> Self {
        self.known.insert(year);
        self
    }

    fn build(rules: BTreeMap<Date, DayRule>, known: BTreeSet<i16>) -> Self {
        let mut sum = 0;
        let mut exceptions = Vec::new();
        for (&date, rule) in &rules {
            let day = DayNumber::of(date);
            let difference = i64::from(rule.works()) - i64::from(day.is_weekday());
            if difference != 0 {
                sum += difference;
                exceptions.push((day, sum));
            }
        }
        Self { rules, known, exceptions }
    }

    /// One day with its name and whether it is certain.
    pub fn day(&self, date: Date) -> Day<'_> {
        let rule = self.rules.get(&date);
        Day {
            date,
            working: rule.map_or_else(|| DayNumber::of(date).is_weekday(), DayRule::works),
            provisional: !self.knows(date.year()),
            name: rule.map(DayRule::name).filter(|name| !name.is_empty()),
        }
    }

    /// Whether the day is a working day.
    pub fn is_working(&self, date: Date) -> bool {
        let day = DayNumber::of(date);
        day.is_weekday() != self.exceptions.binary_search_by_key(&day, |&(exception, _)| exception).is_ok()
    }

    /// The first working day strictly after `date`.
    pub fn next_working_day(&self, date: Date) -> Date {
        self.nth_working_day(date, 1)
    }

    /// `date` itself if it is a working day, otherwise the next one.
    pub fn working_day_on_or_after(&self, date: Date) -> Date {
        if self.is_working(date) { date } else { self.next_working_day(date) }
    }

    /// The last working day strictly before `date`.
    pub fn previous_working_day(&self, date: Date) -> Date {
        let mut day = DayNumber::of(date).before();
        while !self.is_working(day.date()) && day > DayNumber::MIN {
            day = day.before();
        }
        day.date()
    }

    /// The `n`-th working day after `from`, which itself never counts; `from` when `n` is 0. Without the explanation.
    pub fn nth_working_day(&self, from: Date, n: u32) -> Date {
        if n == 0 {
            return from;
        }
        let start = DayNumber::of(from);
        let target = self.working_days_through(start) + i64::from(n);
        // `n` working days take at least `n` days: from there leap until far enough, then halve.
        let (mut low, mut step) = (start, i64::from(n));
        let mut high = start.plus(step);
        while self.working_days_through(high) < target && high < DayNumber::MAX {
            low = high;
            step = (target - self.working_days_through(high)).max(7) * 2;
            high = high.plus(step);
        }
        while low.plus(1) < high {
            let middle = low.middle(high);
            if self.working_days_through(middle) < target {
                low = middle;
            } else {
                high = middle;
            }
        }
        high.date()
    }

    /// Counts `n` working days from `from`, which itself never counts, and says what was skipped (许可法 82).
    pub fn add_working_days(&self, from: Date, n: u32) -> Counted {
        self.explain(from, self.nth_working_day(from, n))
    }

    /// 民法典 203: a limit in calendar days or months that ends on a day off ends on the next working day.
    pub fn roll_to_working_day(&self, date: Date) -> Counted {
        let end = self.working_day_on_or_after(date);
        let skipped = self.skipped(DayNumber::of(date), DayNumber::of(end));
        Counted { date: end, provisional: self.leans_on_unknown(date, end), skipped }
    }

    /// Working days after `after` up to and including `through`; negative when `through` lies before `after`.
    pub fn working_days_between(&self, after: Date, through: Date) -> i64 {
        self.working_days_through(DayNumber::of(through)) - self.working_days_through(DayNumber::of(after))
    }

    /// From the first to the last known year; empty when none is known.
    pub fn years(&self) -> RangeInclusive<i16> {
        let (first, last) = self.known.first().copied().zip(self.known.last().copied()).unwrap_or((1, 0));
        first..=last
    }

    /// Whether the holidays of the year are known.
    pub fn knows(&self, year: i16) -> bool {
        self.known.contains(&year)
    }

    fn explain(&self, from: Date, end: Date) -> Counted {
        if end <= from {
            return Counted { date: end, provisional: false, skipped: Vec::new() };
        }
        let first = DayNumber::of(from).plus(1);
        let skipped = self.skipped(first, DayNumber::of(end));
        Counted { date: end, provisional: self.leans_on_unknown(first.date(), end), skipped }
    }

    fn leans_on_unknown(&self, first: Date, last: Date) -> bool {
        (first.year()..=last.year()).any(|year| !self.knows(year))
    }

    /// The days off from `first` through `last`, joined.
    fn skipped(&self, first: DayNumber, last: DayNumber) -> Vec<Skipped> {
        let mut skipped: Vec<Skipped> = Vec::new();
        let mut previous = None;
        let range = self.rules.range(first.date()..=last.date());
        let mut rules = range.map(|(&date, rule)| (DayNumber::of(date), rule));
        let mut upcoming = rules.next();
        for day in first.through(last) {
            let rule = upcoming.filter(|&(of, _)| of == day).map(|(_, rule)| rule);
            if rule.is_some() {
                upcoming = rules.next();
            }
            if rule.map_or_else(|| day.is_weekday(), DayRule::works) {
                continue;
            }
            let reason = rule.map(DayRule::name).filter(|name| !name.is_empty()).unwrap_or(WEEKEND);
            let date = day.date();
            match skipped.last_mut() {
                Some(run) if previous == Some(day.before()) && run.reason == reason => run.through = date,
                _ => skipped.push(Skipped { from: date, through: date, reason: words(reason) }),
            }
            previous = Some(day);
        }
        skipped
    }

    /// Working days from the beginning of time through `day`.
    fn working_days_through(&self, day: DayNumber) -> i64 {
        let passed = self.exceptions.partition_point(|&(exception, _)| exception <= day);
        let difference = passed.checked_sub(1).map_or(0, |last| self.exceptions[last].1);
        weekdays_through(day) + difference
    }
}

/// The names that occur, without an allocation where the law fixes them.
fn words(reason: &str) -> Cow<'static, str> {
    const NAMES: [&str; 8] = [WEEKEND, "元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"];
    NAMES
        .into_iter()
        .find(|&name| name == reason)
        .map_or_else(|| Cow::Owned(reason.to_owned()), Cow::Borrowed)
}

/// Where a text stops being what it should be, and the parser's words.
fn place_of(error: &serde_json::Error) -> String {
    format!("第{}行第{}列，{error}", error.line(), error.column())
}

/// `2017-2026`, or one year.
fn years_of(range: &str) -> Option<RangeInclusive<i16>> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some(first..=last)
}
