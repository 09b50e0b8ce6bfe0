//! Duties that outlive a request: leased, retried, parked and shown after five failures.

use tongban_domain::ids::Id;

use super::dialect::{Columns, insert};
use super::{Conn, DbResult, Engine, Row, Value};
use crate::args;

/// A duty.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// Row.
    pub id: Id,
    /// What to do (`seal`, `mail`, `sms`).
    pub kind: String,
    /// Case.
    pub case: Id,
    /// What it is about (a document, a message).
    pub subject: Id,
    /// Not before, epoch milliseconds.
    pub run_at: i64,
    /// Failures so far.
    pub attempts: i64,
}

/// Duties that end inside the platform and those that reach outside wait in lanes of their own: a mail relay that does not
/// answer keeps no document from being sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Ours alone.
    Inside,
    /// Mail and SMS.
    Outside,
}

impl Lane {
    /// The lane of a kind of duty.
    pub fn of(kind: &str) -> Self {
        if matches!(kind, "mail" | "sms") { Self::Outside } else { Self::Inside }
    }
}

/// Adds duties.
///
/// # Errors
/// [`super::DbError`].
pub async fn insert_all(conn: &mut Conn, jobs: &[JobRow]) -> DbResult<()> {
    const COLUMNS: Columns = &[
        ("id", true),
        ("kind", false),
        ("case_id", true),
        ("subject", true),
        ("run_at", true),
        ("attempts", true),
        ("leased_until", true),
        ("parked", true),
        ("lane", true),
    ];
    let rows: Vec<Vec<Value>> = jobs
        .iter()
        .map(|j| {
            let lane = Lane::of(&j.kind) as i64;
            args![j.id, j.kind.as_str(), j.case, j.subject, j.run_at, 0, 0, 0, lane]
        })
        .collect();
    insert(conn, "jobs", COLUMNS, "", &rows).await
}

/// Leases due duties of a lane until a moment; another node does not get them meanwhile.
///
/// # Errors
/// [`super::DbError`].
pub async fn lease(conn: &mut Conn, lane: Lane, now: i64, until: i64, limit: i64) -> DbResult<Vec<JobRow>> {
    let sql = match conn.engine() {
        Engine::Sqlite => {
            "UPDATE jobs SET leased_until=$2 WHERE id IN (SELECT id FROM jobs WHERE lane=$4 AND parked=0 AND run_at<=$1 AND leased_until<=$1 ORDER BY run_at, id LIMIT $3) RETURNING id, kind, case_id, subject, run_at, attempts"
        }
        Engine::Postgres => {
            "UPDATE jobs SET leased_until=$2 WHERE id IN (SELECT id FROM jobs WHERE lane=$4 AND parked=0 AND run_at<=$1 AND leased_until<=$1 ORDER BY run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING id, kind, case_id, subject, run_at, attempts"
        }
    };
    Ok(conn.rows(sql, args![now, until, limit, lane as i64]).await?.iter().map(job).collect())
}

fn job(r: &Row) -> JobRow {
    JobRow {
        id: r.id(0),
        kind: r.text(1).to_owned(),
        case: r.id(2),
        subject: r.id(3),
        run_at: r.int(4),
        attempts: r.int(5),
    }
}

/// Leases the duty about one subject ahead of its turn, unless somebody has it.
///
/// # Errors
/// [`super::DbError`].
pub async fn lease_about(conn: &mut Conn, subject: Id, now: i64, until: i64) -> DbResult<Option<JobRow>> {
    let sql = "UPDATE jobs SET leased_until=$3 WHERE subject=$1 AND parked=0 AND leased_until<=$2 RETURNING id, kind, case_id, subject, run_at, attempts";
    Ok(conn.row(sql, args![subject, now, until]).await?.as_ref().map(job))
}

/// A duty is done.
///
/// # Errors
/// [`super::DbError`].
pub async fn done(conn: &mut Conn, id: Id) -> DbResult<u64> {
    conn.run("DELETE FROM jobs WHERE id=$1", args![id]).await
}

/// A duty failed: tried again at `run_at`, or parked.
///
/// # Errors
/// [`super::DbError`].
pub async fn failed(conn: &mut Conn, id: Id, run_at: i64, parked: bool, error: &str) -> DbResult<u64> {
    let sql = "UPDATE jobs SET attempts=attempts+1, run_at=$2, leased_until=0, parked=$3, last_error=$4 WHERE id=$1";
    conn.run(sql, args![id, run_at, i64::from(parked), error]).await
}

/// Waiting and parked duties, counted up to ten thousand each.
///
/// # Errors
/// [`super::DbError`].
pub async fn backlog(conn: &mut Conn) -> DbResult<(i64, i64)> {
    let sql =
        "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT id FROM jobs WHERE parked=$1 LIMIT 10000) bounded";
    let waiting = conn.row(sql, args![0]).await?.map_or(0, |r| r.int(0));
    let parked = conn.row(sql, args![1]).await?.map_or(0, |r| r.int(0));
    Ok((waiting, parked))
}

/// A parked duty as the operator sees it.
#[derive(Debug, Clone)]
pub struct Parked {
    /// Row.
    pub id: Id,
    /// What to do.
    pub kind: String,
    /// Public number of the case; empty when the duty is about none.
    pub no: String,
    /// Failures.
    pub attempts: i64,
    /// What went wrong last.
    pub error: String,
}

/// Parked duties, oldest first, at most a hundred.
///
/// # Errors
/// [`super::DbError`].
pub async fn parked(conn: &mut Conn) -> DbResult<Vec<Parked>> {
    let sql = "SELECT j.id, j.kind, c.no, j.attempts, j.last_error FROM jobs j LEFT JOIN cases c ON c.id = j.case_id WHERE j.parked=1 ORDER BY j.run_at, j.id LIMIT 100";
    Ok(conn
        .rows(sql, vec![])
        .await?
        .iter()
        .map(|r| Parked {
            id: r.id(0),
            kind: r.text(1).to_owned(),
            no: r.text(2).to_owned(),
            attempts: r.int(3),
            error: r.opt_text(4).unwrap_or_default(),
        })
        .collect())
}

/// Lets a parked duty be tried again, from the first attempt on.
///
/// # Errors
/// [`super::DbError`].
pub async fn unpark(conn: &mut Conn, id: Id, now: i64) -> DbResult<u64> {
    let sql = "UPDATE jobs SET parked=0, attempts=0, leased_until=0, run_at=$2 WHERE id=$1 AND parked=1";
    conn.run(sql, args![id, now]).await
}
