//! Outages of the platform: declared by people, or found by the program after it stood still. A withdrawn one stays as a
//! record and counts for nothing.

use tongban_domain::case::Outage;
use tongban_domain::ids::Id;

use super::cases::Cursor;
use super::dialect::fixed;
use super::{Conn, DbResult, Row};
use crate::args;

/// An outage as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutageRow {
    /// Row.
    pub id: Id,
    /// When it began and, once it did, ended.
    pub span: Outage,
    /// Why, in a sentence for everyone.
    pub reason: String,
    /// Who declared it; 0: the program found it.
    pub declared_by: Id,
    /// When it was declared, epoch milliseconds.
    pub declared_at: i64,
    /// When it was taken back.
    pub withdrawn_at: Option<i64>,
}

const OUTAGE: &str =
    "SELECT o.id, o.starts, o.ends, o.reason, o.declared_by, o.declared_at, o.withdrawn_at FROM outages o";

fn outage(r: &Row) -> OutageRow {
    OutageRow {
        id: r.id(0),
        span: Outage { from: r.int(1), to: r.opt_int(2) },
        reason: r.text(3).to_owned(),
        declared_by: r.id(4),
        declared_at: r.int(5),
        withdrawn_at: r.opt_int(6),
    }
}

/// Declares an outage.
///
/// # Errors
/// [`super::DbError`].
pub async fn insert(conn: &mut Conn, o: &OutageRow) -> DbResult<u64> {
    let sql =
        "INSERT INTO outages(id, starts, ends, reason, declared_by, declared_at) VALUES ($1,$2,$3,$4,$5,$6)";
    let args = args![o.id, o.span.from, o.span.to, o.reason.as_str(), o.declared_by, o.declared_at];
    conn.run(sql, args).await
}

/// Ends an outage that lasts.
///
/// # Errors
/// [`super::DbError`].
pub async fn end(conn: &mut Conn, id: Id, at: i64) -> DbResult<u64> {
    let sql =
        "UPDATE outages SET ends=$2 WHERE id=$1 AND ends IS NULL AND withdrawn_at IS NULL AND starts<$2";
    conn.run(sql, args![id, at]).await
}

/// Takes an outage back.
///
/// # Errors
/// [`super::DbError`].
pub async fn withdraw(conn: &mut Conn, id: Id, at: i64) -> DbResult<u64> {
    conn.run("UPDATE outages SET withdrawn_at=$2 WHERE id=$1 AND withdrawn_at IS NULL", args![id, at]).await
}

/// The outages that overlap a time, both ends included, oldest first; what marks are delayed by.
///
/// # Errors
/// [`super::DbError`].
pub async fn overlapping(conn: &mut Conn, from: i64, to: i64) -> DbResult<Vec<Outage>> {
    let sql = fixed(&[
        OUTAGE,
        " WHERE o.withdrawn_at IS NULL AND o.starts <= $2 AND (o.ends IS NULL OR o.ends >= $1) ORDER BY o.starts, o.id",
    ]);
    Ok(conn.rows(sql, args![from, to]).await?.iter().map(|r| outage(r).span).collect())
}

/// The outage that lasts, the newest if there are several.
///
/// # Errors
/// [`super::DbError`].
pub async fn open(conn: &mut Conn) -> DbResult<Option<OutageRow>> {
    let sql = fixed(&[
        OUTAGE,
        " WHERE o.withdrawn_at IS NULL AND o.ends IS NULL ORDER BY o.starts DESC, o.id DESC LIMIT 1",
    ]);
    Ok(conn.row(sql, vec![]).await?.as_ref().map(outage))
}

/// One outage.
///
/// # Errors
/// [`super::DbError`].
pub async fn find(conn: &mut Conn, id: Id) -> DbResult<Option<OutageRow>> {
    Ok(conn.row(fixed(&[OUTAGE, " WHERE o.id = $1"]), args![id]).await?.as_ref().map(outage))
}

/// A page of outages, newest first, and where the next begins; withdrawn ones only when asked for.
///
/// # Errors
/// [`super::DbError`].
pub async fn page(
    conn: &mut Conn,
    withdrawn: bool,
    after: Option<Cursor>,
    limit: usize,
) -> DbResult<(Vec<OutageRow>, Option<Cursor>)> {
    let kept = if withdrawn { "" } else { " AND o.withdrawn_at IS NULL" };
    let sql = fixed(&[
        OUTAGE,
        " WHERE (o.starts < $1 OR (o.starts = $1 AND o.id < $2))",
        kept,
        " ORDER BY o.starts DESC, o.id DESC LIMIT $3",
    ]);
    let from = after.unwrap_or(Cursor { value: i64::MAX, id: i64::MAX });
    let rows = conn.rows(sql, args![from.value, from.id, limit as i64 + 1]).await?;
    let page: Vec<OutageRow> = rows.iter().take(limit).map(outage).collect();
    let next = page.last().filter(|_| rows.len() > limit);
    let next = next.map(|o| Cursor { value: o.span.from, id: o.id.get() });
    Ok((page, next))
}
