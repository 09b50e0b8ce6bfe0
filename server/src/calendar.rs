//! The working calendar of this installation (工作日历): an edit with its 文号, its version, what every node does when it
//! changed, and what the operator should know about the coming year. Refuses to know pages and how a pass runs.

use jiff::civil::{Date, date};
use tongban_domain::calendar::{Calendar, CalendarError, ChangedDay, DayRule, Plan};
use tongban_domain::case::{Moved, chinese_date};
use tongban_domain::ids::Id;
use tongban_domain::item::FieldError;

use crate::app::{App, edited_calendar};
use crate::error::Error;
use crate::store::calendar::{self, Edit, MovedRow};
use crate::store::jobs::{self, JobRow};
use crate::store::{Conn, DbResult};

/// How long after an edit deadlines are derived anew: by then every node acts under the new calendar.
pub const SETTLE_MS: i64 = 10_000;
/// Longest name of a holiday and longest 文号, in characters.
const MOST_NAME: usize = 20;
const MOST_DOCUMENT: usize = 60;
/// Years an edit may be about.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2099;

/// What an edit changes.
#[derive(Debug, Clone)]
pub enum Change {
    /// One day.
    Day {
        /// The day.
        date: Date,
        /// Its rule; none: as the weekday is.
        rule: Option<DayRule>,
    },
    /// The whole arrangement of one or more years.
    Years(Plan),
}

/// One day as somebody asked for it: a date, `off`, `work` or `plain`, and the name of the holiday.
///
/// # Errors
/// Every field that is not right.
pub fn day_asked(day: &str, kind: &str, name: &str) -> Result<Change, Vec<FieldError>> {
    let mut errors = Vec::new();
    let wrong = |field: &str, label: &str, message: &str| {
        FieldError::new(field, label, message, format!("{field} is not right"))
    };
    let date = tongban_domain::item::parse_date(day).filter(|d| YEARS.contains(&d.year()));
    if date.is_none() {
        errors.push(wrong("date", "日期", "请输入日期，样子如 2027-01-04"));
    }
    let name = name.trim();
    let plain = kind == "plain";
    if !plain && (name.is_empty() || name.chars().count() > MOST_NAME) {
        errors.push(wrong("name", "节日名称", "请输入节日或事由，20个字以内，例如 元旦"));
    }
    let rule = match kind {
        "off" => Some(DayRule::Off(name.to_owned())),
        "work" => Some(DayRule::Work(name.to_owned())),
        "plain" => None,
        _ => {
            errors.push(wrong("kind", "怎么安排", "请选择放假、上班，或者按星期计算"));
            None
        }
    };
    match date {
        Some(date) if errors.is_empty() => Ok(Change::Day { date, rule }),
        _ => Err(errors),
    }
}

/// The arrangement of whole years out of a file's text.
///
/// # Errors
/// What is wrong, naming line or day.
pub fn years_asked(text: &str) -> Result<Change, Vec<FieldError>> {
    let error = |e: CalendarError| vec![FieldError::new("text", "安排", e.to_string(), "not a calendar")];
    if text.trim().is_empty() {
        let message = "请选择文件，或者把文件内容粘贴进来";
        return Err(vec![FieldError::new("text", "安排", message, "a calendar is required")]);
    }
    let plan = Plan::from_json(text.trim_start_matches('\u{feff}')).map_err(error)?;
    if let Some(year) = plan.years.iter().find(|y| !YEARS.contains(y)) {
        let message = format!("请核对{year}年：只能导入2000年到2099年的安排");
        return Err(vec![FieldError::new("text", "安排", message, "year out of range")]);
    }
    Ok(Change::Years(plan))
}

/// Checks a 文号.
///
/// # Errors
/// When there is none or it is too long.
pub fn document_asked(text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MOST_DOCUMENT {
        let message = "请输入依据的文号，60个字以内，例如 国办发明电〔2026〕9号";
        return Err(FieldError::new("document", "文号", message, "document is required"));
    }
    Ok(text.to_owned())
}

/// Edits the calendar: days and years, the new version and the duty to derive deadlines anew in one transaction; this
/// node acts under it at once. Gives the version and how many days differ.
///
/// # Errors
/// [`Error::Invalid`] when it changes nothing.
pub async fn edit(app: &App, by: Id, document: String, change: Change) -> Result<(i64, usize), Error> {
    refresh(app).await?;
    let catalogue = app.catalogue();
    let (days, years) = match change {
        Change::Day { date, rule } => (vec![(date, rule)], Vec::new()),
        Change::Years(plan) => (catalogue.calendar.changes_of(&plan), plan.years.into_iter().collect()),
    };
    let days: Vec<_> =
        days.into_iter().filter(|(date, rule)| catalogue.calendar.rule(*date) != rule.as_ref()).collect();
    if days.is_empty() && years.iter().all(|y| catalogue.calendar.knows(*y)) {
        let message = "日历上已经是这样，没有要改的";
        return Err(Error::Invalid(vec![FieldError::new("date", "日期", message, "nothing changes")]));
    }
    let now = app.clock.now();
    let count = days.len();
    let edit = Edit { version: 0, document, account: by, at: now, days, years };
    let job = app.ids.block(now);
    let version = app
        .writer
        .plain(move |conn| {
            let edit = edit.clone();
            Box::pin(async move {
                let version = calendar::add(conn, &edit).await?;
                queue(conn, job, version, now + SETTLE_MS).await?;
                Ok(version)
            })
        })
        .await?;
    refresh(app).await?;
    Ok((version, count))
}

/// Leaves the duty to derive deadlines anew.
///
/// # Errors
/// [`crate::store::DbError`].
pub async fn queue(conn: &mut Conn, id: Id, version: i64, run_at: i64) -> DbResult<()> {
    let subject = Id::from(version);
    let job = JobRow { id, kind: "calendar".into(), case: Id::from(0), subject, run_at, attempts: 0 };
    jobs::insert_all(conn, &[job]).await
}

/// Takes over what another node edited; whether anything was new.
///
/// # Errors
/// [`Error`].
pub async fn refresh(app: &App) -> Result<bool, Error> {
    let mut conn = app.db.read().await?;
    let held = app.catalogue().calendar_version;
    if calendar::version(&mut conn).await? <= held {
        return Ok(false);
    }
    let (edited, version) = edited_calendar(&mut conn, i64::MAX).await?;
    app.swap_calendar(edited, version);
    Ok(version > held)
}

/// The days whose rule the edits after one version up to another changed, between two calendars.
pub fn changed_days(edits: &[Edit], base: i64, before: &Calendar, after: &Calendar) -> Vec<ChangedDay> {
    let mut changed: std::collections::BTreeMap<Date, ChangedDay> = std::collections::BTreeMap::new();
    for edit in edits.iter().filter(|e| e.version > base) {
        for (date, _) in &edit.days {
            let (was, now) = (before.rule(*date).cloned(), after.rule(*date).cloned());
            let with_year = edit.years.contains(&date.year());
            let document = edit.document.clone();
            changed.insert(*date, ChangedDay { date: *date, was, now, document, with_year });
        }
    }
    changed.into_values().filter(|c| before.is_working(c.date) != after.is_working(c.date)).collect()
}

/// A deadline that moved, as a sentence: 因2027年元旦放假安排公布（…），承诺期限由1月5日改为1月6日.
pub fn moved_words(row: &MovedRow) -> String {
    let Moved { deadline, from, to } = row.moved;
    let (from_words, to_words) = if from.year() == to.year() {
        (format!("{}月{}日", from.month(), from.day()), format!("{}月{}日", to.month(), to.day()))
    } else {
        (chinese_date(from), chinese_date(to))
    };
    let why = ChangedDay::words(&row.rules);
    let why = if why.is_empty() { "工作日历修订".to_owned() } else { why };
    format!("因{why}，{}由{from_words}改为{to_words}", deadline.label())
}

/// What the operator should know about the years the calendar knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// green, yellow or red
    pub color: &'static str,
    /// A sentence.
    pub sentence: String,
}

/// Whether this year and, from October on, the next are published; red in the last thirty days of the year.
pub fn outlook(calendar: &Calendar, today: Date) -> Outlook {
    let years = calendar.years();
    let known = format!("工作日历有{}年到{}年", years.start(), years.end());
    let (this, next) = (today.year(), today.year() + 1);
    if !calendar.knows(this) {
        let sentence =
            format!("{known}，没有今年（{this}年）的：期限只按周一至周五计算并标为暂定，请尽快导入。");
        return Outlook { color: "red", sentence };
    }
    let left = (date(this, 12, 31) - today).get_days();
    match (calendar.knows(next), today.month()) {
        (false, _) if left <= 30 => Outlook {
            color: "red",
            sentence: format!(
                "{known}；离年底还有{left}天，{next}年的放假安排还没有导入，跨年的期限都是暂定，请尽快导入。"
            ),
        },
        (false, 10..) => Outlook {
            color: "yellow",
            sentence: format!("{known}；{next}年的放假安排公布后请导入，此前涉及{next}年的期限标为暂定。"),
        },
        _ => Outlook { color: "green", sentence: format!("{known}。") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coming_year_is_asked_for_in_october_and_urgently_in_december() {
        let calendar = Calendar::weekdays_only().with_known_year(2026);
        assert_eq!(outlook(&calendar, date(2026, 9, 30)).color, "green");
        assert_eq!(outlook(&calendar, date(2026, 10, 1)).color, "yellow");
        assert_eq!(outlook(&calendar, date(2026, 11, 30)).color, "yellow");
        assert_eq!(outlook(&calendar, date(2026, 12, 1)).color, "red");
        assert_eq!(outlook(&calendar, date(2027, 1, 1)).color, "red");
        let both = calendar.with_known_year(2027);
        assert_eq!(outlook(&both, date(2026, 12, 31)).color, "green");
    }
}
