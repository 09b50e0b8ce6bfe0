//! The calendar as this installation edited it, the passes over open cases that follow an edit, and the deadlines they
//! moved. An edit is a version; nothing of it is ever changed.

use jiff::civil::Date;
use tongban_domain::calendar::{ChangedDay, DayRule};
use tongban_domain::case::{DeadlineKind, Moved};
use tongban_domain::ids::Id;

use super::cases::{Stored, stored};
use super::dialect::{Columns, insert, update_where};
use super::{Conn, DbError, DbResult, Row, Value};
use crate::args;

/// One edit of the calendar.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Its number, from 1.
    pub version: i64,
    /// 文号 of the notice behind it.
    pub document: String,
    /// Who made it; 0 for the command line.
    pub account: Id,
    /// When, epoch milliseconds.
    pub at: i64,
    /// Days with their new rule; none: as the weekday is.
    pub days: Vec<(Date, Option<DayRule>)>,
    /// Years it declares complete.
    pub years: Vec<i16>,
}

/// The newest version; 0 when nothing was ever edited.
///
/// # Errors
/// [`DbError`].
pub async fn version(conn: &mut Conn) -> DbResult<i64> {
    let row = conn.row("SELECT value FROM settings WHERE key='calendar_version'", vec![]).await?;
    Ok(row.and_then(|r| r.text(0).parse().ok()).unwrap_or(0))
}

/// Every edit up to a version, in order.
///
/// # Errors
/// [`DbError`].
pub async fn edits(conn: &mut Conn, until: i64) -> DbResult<Vec<Edit>> {
    let sql = "SELECT version, document, account, at FROM calendar_edits WHERE version<=$1 ORDER BY version";
    let mut edits: Vec<Edit> = conn
        .rows(sql, args![until])
        .await?
        .iter()
        .map(|r| Edit {
            version: r.int(0),
            document: r.text(1).to_owned(),
            account: r.id(2),
            at: r.int(3),
            days: Vec::new(),
            years: Vec::new(),
        })
        .collect();
    let of = |edits: &[Edit], version: i64| edits.iter().position(|e| e.version == version);
    let sql = "SELECT version, day, kind, name FROM calendar_days WHERE version<=$1 ORDER BY version, day";
    for row in conn.rows(sql, args![until]).await? {
        let (date, rule) = (date(row.text(1))?, rule(row.text(2), row.text(3))?);
        if let Some(at) = of(&edits, row.int(0)) {
            edits[at].days.push((date, rule));
        }
    }
    let sql = "SELECT version, year FROM calendar_years WHERE version<=$1 ORDER BY version, year";
    for row in conn.rows(sql, args![until]).await? {
        if let Some(at) = of(&edits, row.int(0)) {
            edits[at].years.push(row.int(1) as i16);
        }
    }
    Ok(edits)
}

fn date(text: &str) -> DbResult<Date> {
    text.parse().map_err(|_| DbError::Content("calendar day", text.to_owned()))
}

fn rule(kind: &str, name: &str) -> DbResult<Option<DayRule>> {
    match kind {
        "off" => Ok(Some(DayRule::Off(name.to_owned()))),
        "work" => Ok(Some(DayRule::Work(name.to_owned()))),
        "plain" => Ok(None),
        _ => Err(DbError::Content("calendar rule", kind.to_owned())),
    }
}

/// The stored word of a rule.
pub fn kind(rule: Option<&DayRule>) -> &'static str {
    match rule {
        Some(DayRule::Off(_)) => "off",
        Some(DayRule::Work(_)) => "work",
        None => "plain",
    }
}

/// Adds an edit and bumps the version in the same transaction; the edit's own number is ignored, the new one given.
///
/// # Errors
/// [`DbError`].
pub async fn add(conn: &mut Conn, edit: &Edit) -> DbResult<i64> {
    let bump = "UPDATE settings SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key='calendar_version' RETURNING value";
    let row = conn.row(bump, vec![]).await?;
    let version: i64 = row
        .and_then(|r| r.text(0).parse().ok())
        .ok_or_else(|| DbError::Content("calendar version", "missing".into()))?;
    let sql = "INSERT INTO calendar_edits(version, document, account, at) VALUES ($1,$2,$3,$4)";
    conn.run(sql, args![version, edit.document.as_str(), edit.account, edit.at]).await?;
    const DAYS: Columns = &[("version", true), ("day", false), ("kind", false), ("name", false)];
    let days: Vec<Vec<Value>> = edit
        .days
        .iter()
        .map(|(day, rule)| {
            let name = rule.as_ref().map_or("", DayRule::name);
            args![version, day.to_string(), kind(rule.as_ref()), name]
        })
        .collect();
    insert(conn, "calendar_days", DAYS, "", &days).await?;
    const YEARS: Columns = &[("version", true), ("year", true)];
    let years: Vec<Vec<Value>> = edit.years.iter().map(|y| args![version, i64::from(*y)]).collect();
    insert(conn, "calendar_years", YEARS, "", &years).await?;
    Ok(version)
}

/// A walk over the open cases that follows edits: everything after `base` up to `target`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// Version the deadlines are derived under.
    pub target: i64,
    /// Version they were derived under before.
    pub base: i64,
    /// The last case seen.
    pub after: i64,
    /// Cases seen.
    pub seen: i64,
    /// Deadlines moved.
    pub moved: i64,
}

fn pass(r: &Row) -> Pass {
    Pass { target: r.int(0), base: r.int(1), after: r.int(2), seen: r.int(3), moved: r.int(4) }
}

/// The pass that is under way.
///
/// # Errors
/// [`DbError`].
pub async fn open_pass(conn: &mut Conn) -> DbResult<Option<Pass>> {
    let sql = "SELECT target, base, after_id, seen, moved FROM calendar_passes WHERE finished_at IS NULL ORDER BY target LIMIT 1";
    Ok(conn.row(sql, vec![]).await?.as_ref().map(pass))
}

/// The last pass that was finished, and when.
///
/// # Errors
/// [`DbError`].
pub async fn last_pass(conn: &mut Conn) -> DbResult<Option<(Pass, i64)>> {
    let sql = "SELECT target, base, after_id, seen, moved, finished_at FROM calendar_passes WHERE finished_at IS NOT NULL ORDER BY target DESC LIMIT 1";
    Ok(conn.row(sql, vec![]).await?.map(|r| (pass(&r), r.int(5))))
}

/// Whether deadlines are still to be derived anew after an edit.
///
/// # Errors
/// [`DbError`].
pub async fn is_pending(conn: &mut Conn) -> DbResult<bool> {
    let done = last_pass(conn).await?.map_or(0, |(pass, _)| pass.target);
    Ok(version(conn).await? > done)
}

/// Begins a pass, unless another node did.
///
/// # Errors
/// [`DbError`].
pub async fn begin_pass(conn: &mut Conn, target: i64, base: i64, at: i64) -> DbResult<u64> {
    let sql = "INSERT INTO calendar_passes(target, base, after_id, seen, moved, started_at) VALUES ($1,$2,0,0,0,$3) ON CONFLICT DO NOTHING";
    conn.run(sql, args![target, base, at]).await
}

/// Moves a pass on from where it was read to where it now is.
///
/// # Errors
/// [`DbError::Stale`] when somebody else moved it meanwhile: then nothing of this batch is kept.
pub async fn advance_pass(conn: &mut Conn, was: Pass, now: Pass, finished_at: Option<i64>) -> DbResult<()> {
    let sql = "UPDATE calendar_passes SET after_id=$3, seen=$4, moved=$5, finished_at=$6 WHERE target=$1 AND after_id=$2 AND finished_at IS NULL";
    let args = args![was.target, was.after, now.after, now.seen, now.moved, finished_at];
    if conn.run(sql, args).await? == 1 { Ok(()) } else { Err(DbError::Stale("calendar_passes")) }
}

/// Open cases behind an id, in the order of ids.
///
/// # Errors
/// [`DbError`].
pub async fn open_cases(conn: &mut Conn, after: i64, limit: usize) -> DbResult<Vec<Stored>> {
    let sql = "SELECT body, submitted_at, changed_at, due_at FROM cases WHERE over = 0 AND id > $1 ORDER BY id LIMIT $2";
    conn.rows(sql, args![after, limit as i64]).await?.iter().map(stored).collect()
}

/// Writes deadlines anew: case, the version it was read at, and `due_at`. A case that changed meanwhile is left alone:
/// its own act wrote the deadline.
///
/// # Errors
/// [`DbError`].
pub async fn set_due(conn: &mut Conn, due: &[(Id, u32, i64)]) -> DbResult<u64> {
    const COLUMNS: Columns = &[("id", true), ("version", true), ("due_at", true)];
    let rows: Vec<Vec<Value>> =
        due.iter().map(|(id, version, due)| args![*id, i64::from(*version), *due]).collect();
    update_where(conn, "cases", COLUMNS, "cases.version = v.new_version", &rows).await
}

/// A deadline that moved, with the days that moved it.
#[derive(Debug, Clone)]
pub struct MovedRow {
    /// Case.
    pub case: Id,
    /// Version of the calendar that moved it.
    pub version: i64,
    /// Which, from when to when.
    pub moved: Moved,
    /// The days whose rule changed inside its count.
    pub rules: Vec<ChangedDay>,
    /// When it was found, epoch milliseconds.
    pub at: i64,
}

/// Records deadlines that moved, each once.
///
/// # Errors
/// [`DbError`].
pub async fn insert_moved(conn: &mut Conn, moved: &[MovedRow]) -> DbResult<()> {
    const COLUMNS: Columns = &[
        ("case_id", true),
        ("version", true),
        ("deadline", false),
        ("from_day", false),
        ("to_day", false),
        ("rules", false),
        ("at", true),
    ];
    let rows = moved
        .iter()
        .map(|m| {
            let rules = serde_json::to_string(&m.rules)
                .map_err(|e| DbError::Content("moved deadline", e.to_string()))?;
            let (kind, from, to) =
                (m.moved.deadline.as_str(), m.moved.from.to_string(), m.moved.to.to_string());
            Ok(args![m.case, m.version, kind, from, to, rules, m.at])
        })
        .collect::<DbResult<Vec<_>>>()?;
    insert(conn, "moved_deadlines", COLUMNS, "ON CONFLICT DO NOTHING", &rows).await
}

/// The deadlines of a case that edits of the calendar moved, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn moved_of(conn: &mut Conn, case: Id) -> DbResult<Vec<MovedRow>> {
    let sql = "SELECT version, deadline, from_day, to_day, rules, at FROM moved_deadlines WHERE case_id=$1 ORDER BY version, deadline";
    let bad = |e: String| DbError::Content("moved deadline", e);
    conn.rows(sql, args![case])
        .await?
        .iter()
        .map(|r| {
            let deadline = DeadlineKind::parse(r.text(1)).ok_or_else(|| bad(r.text(1).to_owned()))?;
            Ok(MovedRow {
                case,
                version: r.int(0),
                moved: Moved { deadline, from: date(r.text(2))?, to: date(r.text(3))? },
                rules: serde_json::from_str(r.text(4)).map_err(|e| bad(e.to_string()))?,
                at: r.int(5),
            })
        })
        .collect()
}
