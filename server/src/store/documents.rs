//! Statutory documents, their seals and the register of licences.

use tongban_domain::ids::Id;

use super::dialect::{Columns, insert};
use super::{Conn, DbResult, Value};
use crate::args;

/// A document row.
#[derive(Debug, Clone)]
pub struct DocumentRow {
    /// Row.
    pub id: Id,
    /// Case.
    pub case: Id,
    /// Kind.
    pub kind: String,
    /// 文号
    pub number: String,
    /// Kept text with its data.
    pub text: Id,
    /// Code printed beside the QR.
    pub check_code: String,
    /// Epoch milliseconds.
    pub made_at: i64,
}

const DOCUMENT_COLUMNS: Columns = &[
    ("id", true),
    ("case_id", true),
    ("kind", false),
    ("number", false),
    ("text_id", true),
    ("check_code", false),
    ("made_at", true),
];

/// Inserts documents.
///
/// # Errors
/// [`super::DbError`].
pub async fn insert_all(conn: &mut Conn, rows: &[DocumentRow]) -> DbResult<()> {
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|d| {
            args![d.id, d.case, d.kind.as_str(), d.number.as_str(), d.text, d.check_code.as_str(), d.made_at]
        })
        .collect();
    insert(conn, "documents", DOCUMENT_COLUMNS, "", &rows).await
}

fn document(row: &super::Row) -> DocumentRow {
    DocumentRow {
        id: row.id(0),
        case: row.id(1),
        kind: row.text(2).to_owned(),
        number: row.text(3).to_owned(),
        text: row.id(4),
        check_code: row.text(5).to_owned(),
        made_at: row.int(6),
    }
}

/// The documents of a case.
///
/// # Errors
/// [`super::DbError`].
pub async fn of_case(conn: &mut Conn, case: Id) -> DbResult<Vec<DocumentRow>> {
    let sql = "SELECT id, case_id, kind, number, text_id, check_code, made_at FROM documents WHERE case_id=$1 ORDER BY id";
    Ok(conn.rows(sql, args![case]).await?.iter().map(document).collect())
}

/// A seal row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealRow {
    /// Document.
    pub document: Id,
    /// Case.
    pub case: Id,
    /// SM3 of the file, hex.
    pub file: String,
    /// Bytes.
    pub size: i64,
    /// Key.
    pub key: String,
    /// DER signature, hex.
    pub signature: String,
}

/// Inserts seals.
///
/// # Errors
/// [`super::DbError`].
pub async fn insert_seals(conn: &mut Conn, rows: &[SealRow]) -> DbResult<()> {
    const COLUMNS: Columns = &[
        ("document", true),
        ("case_id", true),
        ("file", false),
        ("size", true),
        ("key", false),
        ("signature", false),
    ];
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|s| args![s.document, s.case, s.file.as_str(), s.size, s.key.as_str(), s.signature.as_str()])
        .collect();
    insert(conn, "seals", COLUMNS, "", &rows).await
}

/// The seals of a case.
///
/// # Errors
/// [`super::DbError`].
pub async fn seals_of(conn: &mut Conn, case: Id) -> DbResult<Vec<SealRow>> {
    let sql =
        "SELECT document, case_id, file, size, key, signature FROM seals WHERE case_id=$1 ORDER BY document";
    Ok(conn
        .rows(sql, args![case])
        .await?
        .iter()
        .map(|r| SealRow {
            document: r.id(0),
            case: r.id(1),
            file: r.text(2).to_owned(),
            size: r.int(3),
            key: r.text(4).to_owned(),
            signature: r.text(5).to_owned(),
        })
        .collect())
}

/// What the open verification page needs about one document.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Document.
    pub document: DocumentRow,
    /// Public number of the case.
    pub no: String,
    /// Seal, once it is there.
    pub seal: Option<SealRow>,
}

const CHECKED: &str = "SELECT d.id, d.case_id, d.kind, d.number, d.text_id, d.check_code, d.made_at, c.no, s.file, s.size, s.key, s.signature FROM documents d JOIN cases c ON c.id = d.case_id LEFT JOIN seals s ON s.document = d.id";

/// Finds a document by check code, by number, or by the digest of its sealed file.
///
/// # Errors
/// [`super::DbError`].
pub async fn check(conn: &mut Conn, by: CheckBy, value: &str) -> DbResult<Option<Checked>> {
    let condition = match by {
        CheckBy::Code => " WHERE d.check_code = $1",
        CheckBy::File => " WHERE s.file = $1",
    };
    let sql = super::dialect::fixed(&[CHECKED, condition]);
    Ok(conn.row(sql, args![value]).await?.map(|r| Checked {
        document: document(&r),
        no: r.text(7).to_owned(),
        seal: r.opt_text(8).map(|file| SealRow {
            document: r.id(0),
            case: r.id(1),
            file,
            size: r.int(9),
            key: r.text(10).to_owned(),
            signature: r.text(11).to_owned(),
        }),
    }))
}

/// What a document is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckBy {
    /// Code beside the QR.
    Code,
    /// SM3 of the file.
    File,
}

/// A licence row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceRow {
    /// 电子证照标识
    pub id: String,
    /// Case.
    pub case: Id,
    /// 证号
    pub number: String,
    /// Entry.
    pub entry: String,
    /// Issuing agency key.
    pub agency: String,
    /// Party.
    pub party: Id,
    /// Account of the holder.
    pub holder: Option<Id>,
    /// Document.
    pub document: Id,
    /// 有效 …
    pub state: String,
    /// First day.
    pub starts: String,
    /// Last day.
    pub ends: Option<String>,
    /// Epoch milliseconds.
    pub issued_at: i64,
}

const LICENCE_COLUMNS: Columns = &[
    ("id", false),
    ("case_id", true),
    ("number", false),
    ("entry", false),
    ("agency", false),
    ("party", true),
    ("holder", true),
    ("document", true),
    ("state", false),
    ("starts", false),
    ("ends", false),
    ("issued_at", true),
];

/// Enters licences in the register.
///
/// # Errors
/// [`super::DbError`].
pub async fn insert_licenses(conn: &mut Conn, rows: &[LicenceRow]) -> DbResult<()> {
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|l| {
            args![
                l.id.as_str(),
                l.case,
                l.number.as_str(),
                l.entry.as_str(),
                l.agency.as_str(),
                l.party,
                l.holder.map(Id::get),
                l.document,
                l.state.as_str(),
                l.starts.as_str(),
                l.ends.clone(),
                l.issued_at
            ]
        })
        .collect();
    insert(conn, "licenses", LICENCE_COLUMNS, "", &rows).await
}

fn licence(r: &super::Row) -> LicenceRow {
    LicenceRow {
        id: r.text(0).to_owned(),
        case: r.id(1),
        number: r.text(2).to_owned(),
        entry: r.text(3).to_owned(),
        agency: r.text(4).to_owned(),
        party: r.id(5),
        holder: r.opt_int(6).map(Id::from),
        document: r.id(7),
        state: r.text(8).to_owned(),
        starts: r.text(9).to_owned(),
        ends: r.opt_text(10),
        issued_at: r.int(11),
    }
}

const LICENCE: &str = "SELECT id, case_id, number, entry, agency, party, holder, document, state, starts, ends, issued_at FROM licenses";

/// A licence by its identifier or its number.
///
/// # Errors
/// [`super::DbError`].
pub async fn find_licence(conn: &mut Conn, id: &str) -> DbResult<Option<LicenceRow>> {
    let sql = super::dialect::fixed(&[LICENCE, " WHERE id = $1"]);
    Ok(conn.row(sql, args![id]).await?.as_ref().map(licence))
}

/// The licence of a case.
///
/// # Errors
/// [`super::DbError`].
pub async fn licence_of_case(conn: &mut Conn, case: Id) -> DbResult<Option<LicenceRow>> {
    let sql = super::dialect::fixed(&[LICENCE, " WHERE case_id = $1"]);
    Ok(conn.row(sql, args![case]).await?.as_ref().map(licence))
}

/// An account's licences, newest first.
///
/// # Errors
/// [`super::DbError`].
pub async fn licenses_of(conn: &mut Conn, holder: Id) -> DbResult<Vec<LicenceRow>> {
    let sql = super::dialect::fixed(&[LICENCE, " WHERE holder = $1 ORDER BY issued_at DESC, id LIMIT 200"]);
    Ok(conn.rows(sql, args![holder]).await?.iter().map(licence).collect())
}
