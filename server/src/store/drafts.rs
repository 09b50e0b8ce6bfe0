//! Drafts: applications that are not filed yet. A draft is not a case: no events, no chain.

use tongban_domain::ids::Id;

use super::dialect::fixed;
use super::{Conn, DbResult, Row};
use crate::args;

/// A draft.
#[derive(Debug, Clone)]
pub struct DraftRow {
    /// Row.
    pub id: Id,
    /// Whose.
    pub account: Id,
    /// Local item key.
    pub local: String,
    /// 情形 key.
    pub situation: String,
    /// Applicant's division.
    pub division: String,
    /// Answers, locked JSON.
    pub answers: String,
    /// Files by material, JSON of attachment ids.
    pub files: String,
    /// Raised with every save.
    pub version: i64,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Epoch milliseconds.
    pub updated_at: i64,
}

const SELECT: &str = "SELECT id, account, local, situation, division, answers, files, version, created_at, updated_at FROM drafts";

fn draft(r: &Row) -> DraftRow {
    DraftRow {
        id: r.id(0),
        account: r.id(1),
        local: r.text(2).to_owned(),
        situation: r.text(3).to_owned(),
        division: r.text(4).to_owned(),
        answers: r.text(5).to_owned(),
        files: r.text(6).to_owned(),
        version: r.int(7),
        created_at: r.int(8),
        updated_at: r.int(9),
    }
}

/// Starts a draft.
///
/// # Errors
/// [`super::DbError`].
pub async fn insert(conn: &mut Conn, d: &DraftRow) -> DbResult<u64> {
    let sql = "INSERT INTO drafts(id, account, local, situation, division, answers, files, version, created_at, updated_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)";
    let args = args![
        d.id,
        d.account,
        d.local.as_str(),
        d.situation.as_str(),
        d.division.as_str(),
        d.answers.as_str(),
        d.files.as_str(),
        d.version,
        d.created_at,
        d.updated_at
    ];
    conn.run(sql, args).await
}

/// Saves a draft read at `version`; 0 rows when another window saved in between.
///
/// # Errors
/// [`super::DbError`].
pub async fn save(conn: &mut Conn, d: &DraftRow) -> DbResult<u64> {
    let sql = "UPDATE drafts SET situation=$3, answers=$4, files=$5, version=version+1, updated_at=$6 WHERE id=$1 AND account=$2 AND version=$7";
    let args = args![
        d.id,
        d.account,
        d.situation.as_str(),
        d.answers.as_str(),
        d.files.as_str(),
        d.updated_at,
        d.version
    ];
    conn.run(sql, args).await
}

/// A draft of an account.
///
/// # Errors
/// [`super::DbError`].
pub async fn find(conn: &mut Conn, account: Id, id: Id) -> DbResult<Option<DraftRow>> {
    let sql = fixed(&[SELECT, " WHERE id=$1 AND account=$2"]);
    Ok(conn.row(sql, args![id, account]).await?.as_ref().map(draft))
}

/// An account's drafts, newest first.
///
/// # Errors
/// [`super::DbError`].
pub async fn of_account(conn: &mut Conn, account: Id, limit: i64) -> DbResult<Vec<DraftRow>> {
    let sql = fixed(&[SELECT, " WHERE account=$1 ORDER BY updated_at DESC, id DESC LIMIT $2"]);
    Ok(conn.rows(sql, args![account, limit]).await?.iter().map(draft).collect())
}

/// Deletes a draft.
///
/// # Errors
/// [`super::DbError`].
pub async fn delete(conn: &mut Conn, account: Id, id: Id) -> DbResult<u64> {
    conn.run("DELETE FROM drafts WHERE id=$1 AND account=$2", args![id, account]).await
}
