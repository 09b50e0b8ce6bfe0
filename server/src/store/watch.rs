//! Timers of cases and the marks raised on them. A timer is set in the transaction of the act that moves it; marks are
//! rows beside the events that raised them.

use tongban_domain::ids::Id;
use tongban_domain::permit::Scope;

use super::cases::Cursor;
use super::dialect::{Columns, fixed, insert};
use super::lists::Query;
use super::{Conn, DbResult, Engine, Row, Value};
use crate::args;

/// When a case has to be looked at next.
#[derive(Debug, Clone)]
pub struct TimerRow {
    /// Case.
    pub case: Id,
    /// Its public number.
    pub no: String,
    /// Not before, epoch milliseconds.
    pub run_at: i64,
    /// Failures so far.
    pub attempts: i64,
}

/// Sets timers, each in the place of the one before.
///
/// # Errors
/// [`super::DbError`].
pub async fn set_timers(conn: &mut Conn, timers: &[TimerRow]) -> DbResult<()> {
    const COLUMNS: Columns = &[
        ("case_id", true),
        ("no", false),
        ("run_at", true),
        ("leased_until", true),
        ("attempts", true),
        ("parked", true),
        ("last_error", false),
    ];
    const REPLACE: &str = "ON CONFLICT (case_id) DO UPDATE SET run_at=excluded.run_at, leased_until=0, attempts=0, parked=0, last_error=NULL";
    let rows: Vec<Vec<Value>> =
        timers.iter().map(|t| args![t.case, t.no.as_str(), t.run_at, 0, 0, 0, Value::NoText]).collect();
    insert(conn, "timers", COLUMNS, REPLACE, &rows).await
}

/// Leases timers that are due; another node does not get them meanwhile.
///
/// # Errors
/// [`super::DbError`].
pub async fn lease_timers(conn: &mut Conn, now: i64, until: i64, limit: i64) -> DbResult<Vec<TimerRow>> {
    let sql = match conn.engine() {
        Engine::Sqlite => {
            "UPDATE timers SET leased_until=$2 WHERE case_id IN (SELECT case_id FROM timers WHERE parked=0 AND run_at<=$1 AND leased_until<=$1 ORDER BY run_at, case_id LIMIT $3) RETURNING case_id, no, run_at, attempts"
        }
        Engine::Postgres => {
            "UPDATE timers SET leased_until=$2 WHERE case_id IN (SELECT case_id FROM timers WHERE parked=0 AND run_at<=$1 AND leased_until<=$1 ORDER BY run_at, case_id LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING case_id, no, run_at, attempts"
        }
    };
    let rows = conn.rows(sql, args![now, until, limit]).await?;
    let timer =
        |r: &Row| TimerRow { case: r.id(0), no: r.text(1).to_owned(), run_at: r.int(2), attempts: r.int(3) };
    Ok(rows.iter().map(timer).collect())
}

/// A look failed: tried again at `run_at`, or parked.
///
/// # Errors
/// [`super::DbError`].
pub async fn timer_failed(
    conn: &mut Conn,
    case: Id,
    run_at: i64,
    parked: bool,
    error: &str,
) -> DbResult<u64> {
    let sql = "UPDATE timers SET attempts=attempts+1, run_at=$2, leased_until=0, parked=$3, last_error=$4 WHERE case_id=$1";
    conn.run(sql, args![case, run_at, i64::from(parked), error]).await
}

/// Timers that are due and those that were parked, counted up to ten thousand each.
///
/// # Errors
/// [`super::DbError`].
pub async fn timers_due(conn: &mut Conn, now: i64) -> DbResult<(i64, i64)> {
    let due = "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT case_id FROM timers WHERE parked=0 AND run_at<=$1 LIMIT 10000) bounded";
    let parked = "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT case_id FROM timers WHERE parked=1 LIMIT 10000) bounded";
    let due = conn.row(due, args![now]).await?.map_or(0, |r| r.int(0));
    Ok((due, conn.row(parked, vec![]).await?.map_or(0, |r| r.int(0))))
}

/// Lets parked timers be tried again.
///
/// # Errors
/// [`super::DbError`].
pub async fn unpark_timers(conn: &mut Conn, now: i64) -> DbResult<u64> {
    conn.run("UPDATE timers SET parked=0, attempts=0, leased_until=0, run_at=$1 WHERE parked=1", args![now])
        .await
}

/// A mark as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkRow {
    /// Row.
    pub id: Id,
    /// Case.
    pub case: Id,
    /// Its public number.
    pub no: String,
    /// Catalogue entry.
    pub entry: String,
    /// Rule.
    pub rule: String,
    /// Light.
    pub light: String,
    /// State.
    pub state: String,
    /// Whether nothing more is asked.
    pub closed: bool,
    /// Who has to answer.
    pub owner: Option<Id>,
    /// Agency that has to answer.
    pub agency: String,
    /// The case's receiving agency.
    pub receiving: String,
    /// The case's deciding agency.
    pub deciding: String,
    /// The case's scope path.
    pub scope: String,
    /// When the condition came about.
    pub since: i64,
    /// When it was raised.
    pub raised_at: i64,
    /// End of the last day for the answer.
    pub answer_due: i64,
    /// Figures as JSON.
    pub figures: String,
}

const MARK_COLUMNS: Columns = &[
    ("id", true),
    ("case_id", true),
    ("no", false),
    ("entry", false),
    ("rule", false),
    ("light", false),
    ("state", false),
    ("closed", true),
    ("owner", true),
    ("agency", false),
    ("receiving", false),
    ("deciding", false),
    ("scope", false),
    ("since", true),
    ("raised_at", true),
    ("answer_due", true),
    ("figures", false),
];

const MARK_SELECT: &str = "SELECT c.id, c.case_id, c.no, c.entry, c.rule, c.light, c.state, c.closed, c.owner, c.agency, c.receiving, c.deciding, c.scope, c.since, c.raised_at, c.answer_due, c.figures FROM marks c WHERE ";

/// Keeps marks; one that is there already takes the new state.
///
/// # Errors
/// [`super::DbError`].
pub async fn keep_marks(conn: &mut Conn, marks: &[MarkRow]) -> DbResult<()> {
    const REPLACE: &str = "ON CONFLICT (id) DO UPDATE SET state=excluded.state, closed=excluded.closed";
    let rows: Vec<Vec<Value>> = marks
        .iter()
        .map(|m| {
            args![
                m.id,
                m.case,
                m.no.as_str(),
                m.entry.as_str(),
                m.rule.as_str(),
                m.light.as_str(),
                m.state.as_str(),
                i64::from(m.closed),
                m.owner.map(Id::get),
                m.agency.as_str(),
                m.receiving.as_str(),
                m.deciding.as_str(),
                m.scope.as_str(),
                m.since,
                m.raised_at,
                m.answer_due,
                m.figures.as_str(),
            ]
        })
        .collect();
    insert(conn, "marks", MARK_COLUMNS, REPLACE, &rows).await
}

fn mark(row: &Row) -> MarkRow {
    MarkRow {
        id: row.id(0),
        case: row.id(1),
        no: row.text(2).to_owned(),
        entry: row.text(3).to_owned(),
        rule: row.text(4).to_owned(),
        light: row.text(5).to_owned(),
        state: row.text(6).to_owned(),
        closed: row.int(7) == 1,
        owner: row.opt_int(8).map(Id::from),
        agency: row.text(9).to_owned(),
        receiving: row.text(10).to_owned(),
        deciding: row.text(11).to_owned(),
        scope: row.text(12).to_owned(),
        since: row.int(13),
        raised_at: row.int(14),
        answer_due: row.int(15),
        figures: row.text(16).to_owned(),
    }
}

/// Which marks a list shows, inside the scope.
#[derive(Debug, Clone, Default)]
pub struct MarkNarrow {
    /// Closed ones, or those that still wait.
    pub closed: bool,
    /// Only one light.
    pub light: Option<String>,
    /// Only what this account has to answer.
    pub owner: Option<Id>,
    /// Only those of this state.
    pub state: Option<String>,
}

/// One page of marks, most pressing answer first, by keyset; and where the next begins. Applicants see none.
///
/// # Errors
/// [`super::DbError`].
pub async fn marks(
    conn: &mut Conn,
    scope: &Scope,
    narrow: &MarkNarrow,
    after: Option<Cursor>,
    limit: usize,
) -> DbResult<(Vec<MarkRow>, Option<Cursor>)> {
    let mut query = narrowed(MARK_SELECT, scope, narrow);
    if let Some(cursor) = after {
        query.say(" AND (c.answer_due > ");
        query.arg(cursor.value);
        query.say(" OR (c.answer_due = ");
        query.arg(cursor.value);
        query.say(" AND c.id > ");
        query.arg(cursor.id);
        query.say("))");
    }
    query.say(" ORDER BY c.answer_due, c.id LIMIT ");
    query.arg(limit as i64 + 1);
    let rows = query.rows(conn).await?;
    let more = rows.len() > limit;
    let page: Vec<MarkRow> = rows.iter().take(limit).map(mark).collect();
    let cursor =
        page.last().filter(|_| more).map(|last| Cursor { value: last.answer_due, id: last.id.get() });
    Ok((page, cursor))
}

/// How many marks there are, counted up to a bound.
///
/// # Errors
/// [`super::DbError`].
pub async fn count_marks(conn: &mut Conn, scope: &Scope, narrow: &MarkNarrow, bound: i64) -> DbResult<i64> {
    let select = "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT c.id FROM marks c WHERE ";
    let mut query = narrowed(select, scope, narrow);
    query.say(" LIMIT ");
    query.arg(bound);
    query.say(") bounded");
    Ok(query.rows(conn).await?.first().map_or(0, |r| r.int(0)))
}

/// The scope's own filter: a mark row carries the case's columns that it asks for.
fn narrowed(select: &'static str, scope: &Scope, narrow: &MarkNarrow) -> Query {
    let scope = match scope {
        Scope::FiledBy(_) => &Scope::Nothing,
        scope => scope,
    };
    let mut query = Query::new(select, scope);
    query.say(" AND c.closed = ");
    query.arg(i64::from(narrow.closed));
    for (column, value) in [(" AND c.light = ", &narrow.light), (" AND c.state = ", &narrow.state)] {
        if let Some(value) = value {
            query.say(column);
            query.arg(value.as_str());
        }
    }
    if let Some(owner) = narrow.owner {
        query.say(" AND c.owner = ");
        query.arg(owner);
    }
    query
}

/// The marks of a case, oldest first; for `verify`.
///
/// # Errors
/// [`super::DbError`].
pub async fn marks_of(conn: &mut Conn, case: Id) -> DbResult<Vec<MarkRow>> {
    let sql = fixed(&[MARK_SELECT, "c.case_id=$1 ORDER BY c.id"]);
    Ok(conn.rows(sql, args![case]).await?.iter().map(mark).collect())
}
