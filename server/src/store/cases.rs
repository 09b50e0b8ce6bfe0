//! Cases, their events and kept texts. Loads and saves whole batches; lists take the actor's scope as a WHERE.

use std::collections::BTreeMap;

use tongban_domain::case::Case;
use tongban_domain::ids::{CaseNo, Id};
use tongban_domain::permit::Scope;

use super::dialect::{Columns, fixed, insert, select_in, update_guarded};
pub use super::lists::{Cursor, Listed, Narrow, count, count_up_to, list, neighbours};
use super::{Conn, DbError, DbResult, Row, Value};
use crate::args;

/// `due_at` of a case that no deadline presses.
pub const NEVER: i64 = 9_999_999_999_999;

const CASE_COLUMNS: Columns = &[
    ("id", true),
    ("no", false),
    ("national_no", false),
    ("version", true),
    ("head", false),
    ("state", false),
    ("over", true),
    ("entry", false),
    ("local", false),
    ("applicant", true),
    ("party", true),
    ("officer", true),
    ("receiving", false),
    ("deciding", false),
    ("scope", false),
    ("submitted_at", true),
    ("changed_at", true),
    ("due_at", true),
    ("body", false),
];

const CASE_UPDATE: Columns = &[
    ("id", true),
    ("guard", true),
    ("national_no", false),
    ("version", true),
    ("head", false),
    ("state", false),
    ("over", true),
    ("party", true),
    ("officer", true),
    ("changed_at", true),
    ("due_at", true),
    ("body", false),
];

/// A case as it is stored: the case itself and what its index columns say.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The case.
    pub case: Case,
    /// When it was submitted, epoch milliseconds.
    pub submitted_at: i64,
    /// When it last changed.
    pub changed_at: i64,
    /// End of the pressing deadline, or [`NEVER`].
    pub due_at: i64,
}

fn json(case: &Case) -> DbResult<String> {
    serde_json::to_string(case).map_err(|e| DbError::Content("case", e.to_string()))
}

/// Reads a case out of its body.
///
/// # Errors
/// [`DbError::Content`] when the body is not a case.
pub fn read_body(body: &str) -> DbResult<Case> {
    serde_json::from_str(body).map_err(|e| DbError::Content("case", e.to_string()))
}

/// The columns of a case row that follow from the case; `verify` compares them.
pub fn columns(stored: &Stored) -> DbResult<Vec<Value>> {
    let case = &stored.case;
    Ok(args![
        case.id,
        case.no.as_str(),
        case.national_no.as_ref().map(|n| n.as_str().to_owned()),
        i64::from(case.version),
        case.head.as_str(),
        case.state.name().as_str(),
        i64::from(case.state.name().is_over()),
        case.item.entry.as_str(),
        case.item.local.as_str(),
        case.applicant.map(Id::get),
        case.party,
        case.officer.map(Id::get),
        case.places.receiving.as_str(),
        case.places.deciding.as_str(),
        case.places.scope.as_str(),
        stored.submitted_at,
        stored.changed_at,
        stored.due_at,
        json(case)?,
    ])
}

/// Inserts new cases.
///
/// # Errors
/// [`DbError`].
pub async fn insert_all(conn: &mut Conn, cases: &[Stored]) -> DbResult<()> {
    let rows = cases.iter().map(columns).collect::<DbResult<Vec<_>>>()?;
    insert(conn, "cases", CASE_COLUMNS, "", &rows).await
}

/// Saves changed cases; each with the version it was read at.
///
/// # Errors
/// [`DbError::Stale`] when one changed in between.
pub async fn save_all(conn: &mut Conn, cases: &[(Stored, u32)]) -> DbResult<()> {
    let mut rows = Vec::with_capacity(cases.len());
    for (stored, guard) in cases {
        let case = &stored.case;
        rows.push(args![
            case.id,
            i64::from(*guard),
            case.national_no.as_ref().map(|n| n.as_str().to_owned()),
            i64::from(case.version),
            case.head.as_str(),
            case.state.name().as_str(),
            i64::from(case.state.name().is_over()),
            case.party,
            case.officer.map(Id::get),
            stored.changed_at,
            stored.due_at,
            json(case)?,
        ]);
    }
    update_guarded(conn, "cases", CASE_UPDATE, &rows).await
}

/// Loads cases by public number, locked in one order for a batch.
///
/// # Errors
/// [`DbError`].
pub async fn load_locked(conn: &mut Conn, nos: &[Value]) -> DbResult<Vec<Stored>> {
    let select = "SELECT body, submitted_at, changed_at, due_at FROM cases";
    select_in(conn, select, "no", nos, true).await?.iter().map(stored).collect()
}

pub(super) fn stored(row: &Row) -> DbResult<Stored> {
    Ok(Stored {
        case: read_body(row.text(0))?,
        submitted_at: row.int(1),
        changed_at: row.int(2),
        due_at: row.int(3),
    })
}

/// One event as it is stored.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// Case.
    pub case: Id,
    /// Position in the case, from 1.
    pub sequence: u32,
    /// Epoch milliseconds.
    pub at: i64,
    /// Account, 0 for the platform.
    pub account: i64,
    /// Post, 0 for none.
    pub post: i64,
    /// On whose behalf, 0 for none.
    pub on_behalf: i64,
    /// Kind.
    pub kind: String,
    /// Version of the payload's shape.
    pub shape: u32,
    /// Payload.
    pub payload: String,
    /// Chained digest.
    pub digest: String,
    /// Node.
    pub node: i64,
    /// Number in the node's stream.
    pub number: i64,
}

const EVENT_COLUMNS: Columns = &[
    ("case_id", true),
    ("sequence", true),
    ("at", true),
    ("account", true),
    ("post", true),
    ("on_behalf", true),
    ("kind", false),
    ("shape", true),
    ("payload", false),
    ("digest", false),
    ("node", true),
    ("number", true),
];

const EVENT_SELECT: &str = "SELECT case_id, sequence, at, account, post, on_behalf, kind, shape, payload, digest, node, number FROM events";

/// Appends events.
///
/// # Errors
/// [`DbError`].
pub async fn append_events(conn: &mut Conn, events: &[EventRow]) -> DbResult<()> {
    let rows: Vec<_> = events
        .iter()
        .map(|e| {
            args![
                e.case,
                i64::from(e.sequence),
                e.at,
                e.account,
                e.post,
                e.on_behalf,
                e.kind.as_str(),
                i64::from(e.shape),
                e.payload.as_str(),
                e.digest.as_str(),
                e.node,
                e.number
            ]
        })
        .collect();
    insert(conn, "events", EVENT_COLUMNS, "", &rows).await
}

fn event(row: &Row) -> EventRow {
    EventRow {
        case: row.id(0),
        sequence: row.int(1) as u32,
        at: row.int(2),
        account: row.int(3),
        post: row.int(4),
        on_behalf: row.int(5),
        kind: row.text(6).to_owned(),
        shape: row.int(7) as u32,
        payload: row.text(8).to_owned(),
        digest: row.text(9).to_owned(),
        node: row.int(10),
        number: row.int(11),
    }
}

/// The events of a case, in order.
///
/// # Errors
/// [`DbError`].
pub async fn events_of(conn: &mut Conn, case: Id) -> DbResult<Vec<EventRow>> {
    let sql = fixed(&[EVENT_SELECT, " WHERE case_id=$1 ORDER BY sequence"]);
    Ok(conn.rows(sql, args![case]).await?.iter().map(event).collect())
}

/// All events, case by case in order; for `verify`.
///
/// # Errors
/// [`DbError`], or what `see` gives.
pub async fn each_event(conn: &mut Conn, mut see: impl FnMut(EventRow) -> DbResult<()>) -> DbResult<()> {
    let sql = fixed(&[EVENT_SELECT, " ORDER BY case_id, sequence"]);
    conn.each(sql, vec![], |row| see(event(&row))).await
}

/// The last number of a node's stream.
///
/// # Errors
/// [`DbError`].
pub async fn last_number(conn: &mut Conn, node: i64) -> DbResult<i64> {
    let sql = "SELECT CAST(COALESCE(MAX(number),0) AS BIGINT) FROM events WHERE node=$1";
    Ok(conn.row(sql, args![node]).await?.map_or(0, |r| r.int(0)))
}

/// A kept text as it is stored (its body locked).
#[derive(Debug, Clone)]
pub struct TextRow {
    /// Row.
    pub id: Id,
    /// Case.
    pub case: Id,
    /// Kind.
    pub kind: String,
    /// Salt.
    pub salt: String,
    /// Locked body.
    pub body: String,
}

/// Keeps texts.
///
/// # Errors
/// [`DbError`].
pub async fn insert_texts(conn: &mut Conn, texts: &[TextRow]) -> DbResult<()> {
    const COLUMNS: Columns =
        &[("id", true), ("case_id", true), ("kind", false), ("salt", false), ("body", false)];
    let rows: Vec<_> = texts
        .iter()
        .map(|t| args![t.id, t.case, t.kind.as_str(), t.salt.as_str(), t.body.as_str()])
        .collect();
    insert(conn, "texts", COLUMNS, "", &rows).await
}

/// Kept texts by id.
///
/// # Errors
/// [`DbError`].
pub async fn texts(conn: &mut Conn, ids: &[Value]) -> DbResult<BTreeMap<Id, TextRow>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = select_in(conn, "SELECT id, case_id, kind, salt, body FROM texts", "id", ids, false).await?;
    Ok(rows.iter().map(|row| (row.id(0), text(row))).collect())
}

fn text(row: &Row) -> TextRow {
    TextRow {
        id: row.id(0),
        case: row.id(1),
        kind: row.text(2).to_owned(),
        salt: row.text(3).to_owned(),
        body: row.text(4).to_owned(),
    }
}

/// All texts of a case.
///
/// # Errors
/// [`DbError`].
pub async fn texts_of(conn: &mut Conn, case: Id) -> DbResult<Vec<TextRow>> {
    let sql = "SELECT id, case_id, kind, salt, body FROM texts WHERE case_id=$1 ORDER BY id";
    Ok(conn.rows(sql, args![case]).await?.iter().map(text).collect())
}

/// The WHERE of a scope: its text and its parameter, to stand at `$1`.
pub(super) fn filter(scope: &Scope) -> (&'static str, Value) {
    match scope {
        Scope::Nothing => ("(c.id = $1 AND 1=0)", Value::Int(0)),
        // A post without a place sees nothing: the empty path is no prefix of anything here (`Scope::holds`).
        Scope::Under(path) if path.is_empty() => ("(c.id = $1 AND 1=0)", Value::Int(0)),
        Scope::Everything => ("(c.id >= $1)", Value::Int(0)),
        Scope::FiledBy(account) => ("(c.applicant = $1)", Value::Int(account.get())),
        Scope::ReceivedBy(agency) => ("(c.receiving = $1)", Value::Text(agency.clone())),
        Scope::DecidedBy(agency) => ("(c.deciding = $1)", Value::Text(agency.clone())),
        // Scope paths are digits, and ':' is the character after '9': a prefix as a range, so the index serves it.
        Scope::Under(path) => ("(c.scope >= $1 AND c.scope < $1 || ':')", Value::Text(path.clone())),
    }
}

/// Loads one case that the scope holds.
///
/// # Errors
/// [`DbError`].
pub async fn find(conn: &mut Conn, scope: &Scope, no: &CaseNo) -> DbResult<Option<Stored>> {
    let (condition, value) = filter(scope);
    let sql = fixed(&[
        "SELECT c.body, c.submitted_at, c.changed_at, c.due_at FROM cases c WHERE ",
        condition,
        " AND c.no = $2",
    ]);
    conn.row(sql, vec![value, no.as_str().into()]).await?.as_ref().map(stored).transpose()
}

/// Party rows for new cases.
#[derive(Debug, Clone)]
pub struct PartyRow {
    /// Row (the kept text's id).
    pub id: Id,
    /// Case.
    pub case: Id,
    /// `person` or `organisation`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Keyed hash of the identifier.
    pub identifier_hash: Option<String>,
}

/// Inserts party rows.
///
/// # Errors
/// [`DbError`].
pub async fn insert_parties(conn: &mut Conn, parties: &[PartyRow]) -> DbResult<()> {
    const COLUMNS: Columns =
        &[("id", true), ("case_id", true), ("kind", false), ("name", false), ("identifier_hash", false)];
    let rows: Vec<_> = parties
        .iter()
        .map(|p| args![p.id, p.case, p.kind.as_str(), p.name.as_str(), p.identifier_hash.clone()])
        .collect();
    insert(conn, "parties", COLUMNS, "", &rows).await
}

/// Counters by key, locked; missing ones are made first so that two nodes cannot both begin at one.
///
/// # Errors
/// [`DbError`].
pub async fn counters(conn: &mut Conn, keys: &[Value]) -> DbResult<BTreeMap<String, u32>> {
    const COLUMNS: Columns = &[("key", false), ("value", true)];
    let read = |rows: Vec<Row>| -> BTreeMap<String, u32> {
        rows.iter().map(|r| (r.text(0).to_owned(), r.int(1) as u32)).collect()
    };
    let select = "SELECT key, value FROM counters";
    let mut found = read(select_in(conn, select, "key", keys, true).await?);
    let missing: Vec<Vec<Value>> = keys
        .iter()
        .filter(|k| matches!(k, Value::Text(k) if !found.contains_key(k)))
        .map(|k| vec![k.clone(), Value::Int(0)])
        .collect();
    if !missing.is_empty() {
        insert(conn, "counters", COLUMNS, "ON CONFLICT(key) DO NOTHING", &missing).await?;
        found = read(select_in(conn, select, "key", keys, true).await?);
    }
    Ok(found)
}

/// Writes counters back.
///
/// # Errors
/// [`DbError`].
pub async fn save_counters(conn: &mut Conn, counters: &BTreeMap<String, u32>) -> DbResult<()> {
    const COLUMNS: Columns = &[("key", false), ("value", true)];
    let rows: Vec<_> = counters.iter().map(|(key, value)| args![key.as_str(), i64::from(*value)]).collect();
    insert(conn, "counters", COLUMNS, "ON CONFLICT(key) DO UPDATE SET value=excluded.value", &rows).await
}

/// What an idempotency key stands for.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// Account and key.
    pub key: String,
    /// Digest of the request.
    pub request: String,
    /// Public number of the case.
    pub no: String,
    /// Version after the act.
    pub version: u32,
    /// Epoch milliseconds.
    pub at: i64,
}

/// Remembered requests by key.
///
/// # Errors
/// [`DbError`].
pub async fn remembered(conn: &mut Conn, keys: &[Value]) -> DbResult<Vec<Remembered>> {
    let rows =
        select_in(conn, "SELECT key, request, no, version, at FROM idempotency", "key", keys, false).await?;
    Ok(rows
        .iter()
        .map(|r| Remembered {
            key: r.text(0).to_owned(),
            request: r.text(1).to_owned(),
            no: r.text(2).to_owned(),
            version: r.int(3) as u32,
            at: r.int(4),
        })
        .collect())
}

/// Remembers requests.
///
/// # Errors
/// [`DbError`].
pub async fn remember(conn: &mut Conn, requests: &[Remembered]) -> DbResult<()> {
    const COLUMNS: Columns =
        &[("key", false), ("request", false), ("no", false), ("version", true), ("at", true)];
    let rows: Vec<_> = requests
        .iter()
        .map(|r| args![r.key.as_str(), r.request.as_str(), r.no.as_str(), i64::from(r.version), r.at])
        .collect();
    insert(conn, "idempotency", COLUMNS, "", &rows).await
}

/// Twins: open applications of the same content, by keyed hash.
///
/// # Errors
/// [`DbError`].
pub async fn twins(conn: &mut Conn, keys: &[Value]) -> DbResult<BTreeMap<String, String>> {
    let rows = select_in(conn, "SELECT twin, no FROM twins", "twin", keys, false).await?;
    Ok(rows.iter().map(|r| (r.text(0).to_owned(), r.text(1).to_owned())).collect())
}

/// Enters twins of new cases.
///
/// # Errors
/// [`DbError`].
pub async fn insert_twins(conn: &mut Conn, twins: &[(String, Id, String)]) -> DbResult<()> {
    const COLUMNS: Columns = &[("twin", false), ("case_id", true), ("no", false)];
    let rows: Vec<_> =
        twins.iter().map(|(twin, case, no)| args![twin.as_str(), *case, no.as_str()]).collect();
    insert(conn, "twins", COLUMNS, "", &rows).await
}

/// Frees the twins of cases that are over.
///
/// # Errors
/// [`DbError`].
pub async fn free_twins(conn: &mut Conn, cases: &[Value]) -> DbResult<()> {
    if cases.is_empty() {
        return Ok(());
    }
    select_in(conn, "DELETE FROM twins", "case_id", cases, false).await.map(drop)
}

/// The party row of a case.
///
/// # Errors
/// [`DbError`].
pub async fn party_of(conn: &mut Conn, case: Id) -> DbResult<Option<Id>> {
    Ok(conn.row("SELECT party FROM cases WHERE id=$1", args![case]).await?.map(|r| r.id(0)))
}

/// The public number of a case.
///
/// # Errors
/// [`DbError`].
pub async fn no_of(conn: &mut Conn, case: Id) -> DbResult<Option<CaseNo>> {
    let row = conn.row("SELECT no FROM cases WHERE id=$1", args![case]).await?;
    row.map(|r| CaseNo::parse(r.text(0)).map_err(|e| DbError::Content("case number", e.to_string())))
        .transpose()
}

/// The public number of a case that the scope holds, by its 43-character national number.
///
/// # Errors
/// [`DbError`].
pub async fn no_by_national(conn: &mut Conn, scope: &Scope, national: &str) -> DbResult<Option<CaseNo>> {
    let (condition, value) = filter(scope);
    let sql = fixed(&["SELECT c.no FROM cases c WHERE ", condition, " AND c.national_no = $2"]);
    let row = conn.row(sql, vec![value, national.into()]).await?;
    row.map(|r| CaseNo::parse(r.text(0)).map_err(|e| DbError::Content("case number", e.to_string())))
        .transpose()
}

/// How many cases under review each officer of an agency holds.
///
/// # Errors
/// [`DbError`].
pub async fn loads(conn: &mut Conn, deciding: &str) -> DbResult<BTreeMap<Id, i64>> {
    let sql = "SELECT officer, CAST(COUNT(*) AS BIGINT) FROM cases WHERE deciding=$1 AND state='reviewing' AND officer IS NOT NULL GROUP BY officer";
    Ok(conn.rows(sql, args![deciding]).await?.iter().map(|r| (r.id(0), r.int(1))).collect())
}
