//! Uploaded files: their rows. The bytes stand in the file store under their digest.

use tongban_domain::ids::Id;

use super::dialect::{Columns, fixed, select_in};
use super::{Conn, DbError, DbResult, Row, Value};
use crate::args;

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// Row.
    pub id: Id,
    /// Account that uploaded it.
    pub owner: Id,
    /// Case it was handed in with; none while it belongs to a draft.
    pub case: Option<Id>,
    /// File name, locked.
    pub name: String,
    /// Recognised type.
    pub kind: String,
    /// Bytes.
    pub size: i64,
    /// SM3 of the bytes, hex.
    pub digest: String,
    /// Salt of the row's digest.
    pub salt: String,
    /// Epoch milliseconds.
    pub uploaded_at: i64,
}

const SELECT: &str =
    "SELECT id, owner, case_id, name, kind, size, digest, salt, uploaded_at FROM attachments";

fn attachment(r: &Row) -> AttachmentRow {
    AttachmentRow {
        id: r.id(0),
        owner: r.id(1),
        case: r.opt_int(2).map(Id::from),
        name: r.text(3).to_owned(),
        kind: r.text(4).to_owned(),
        size: r.int(5),
        digest: r.text(6).to_owned(),
        salt: r.text(7).to_owned(),
        uploaded_at: r.int(8),
    }
}

/// Enters an uploaded file.
///
/// # Errors
/// [`DbError`].
pub async fn insert(conn: &mut Conn, a: &AttachmentRow) -> DbResult<u64> {
    let sql = "INSERT INTO attachments(id, owner, case_id, name, kind, size, digest, salt, uploaded_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)";
    let args = args![
        a.id,
        a.owner,
        a.case.map(Id::get),
        a.name.as_str(),
        a.kind.as_str(),
        a.size,
        a.digest.as_str(),
        a.salt.as_str(),
        a.uploaded_at
    ];
    conn.run(sql, args).await
}

/// Files by id.
///
/// # Errors
/// [`DbError`].
pub async fn by_ids(conn: &mut Conn, ids: &[Id]) -> DbResult<Vec<AttachmentRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<Value> = ids.iter().map(|i| Value::from(*i)).collect();
    Ok(select_in(conn, SELECT, "id", &keys, false).await?.iter().map(attachment).collect())
}

/// Files of a case.
///
/// # Errors
/// [`DbError`].
pub async fn of_case(conn: &mut Conn, case: Id) -> DbResult<Vec<AttachmentRow>> {
    let sql = fixed(&[SELECT, " WHERE case_id=$1 ORDER BY id"]);
    Ok(conn.rows(sql, args![case]).await?.iter().map(attachment).collect())
}

/// Hands files in with their cases; a file belongs to one case only.
///
/// # Errors
/// [`DbError::Stale`] when one was handed in elsewhere meanwhile.
pub async fn hand_in(conn: &mut Conn, files: &[(Id, Id)]) -> DbResult<()> {
    const COLUMNS: Columns = &[("id", true), ("case_id", true)];
    let rows: Vec<Vec<Value>> = files.iter().map(|(file, case)| args![*file, *case]).collect();
    let touched =
        super::dialect::update_where(conn, "attachments", COLUMNS, "attachments.case_id IS NULL", &rows)
            .await?;
    if touched == rows.len() as u64 { Ok(()) } else { Err(DbError::Stale("attachments")) }
}

/// Forgets a file that was not handed in.
///
/// # Errors
/// [`DbError`].
pub async fn delete(conn: &mut Conn, id: Id, owner: Id) -> DbResult<u64> {
    conn.run("DELETE FROM attachments WHERE id=$1 AND owner=$2 AND case_id IS NULL", args![id, owner]).await
}
