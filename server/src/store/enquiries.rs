//! Enquiries and their hand-overs. What was asked, by whom, the answer and the reasons are locked; everything else is what
//! lists need.

use tongban_domain::enquiry::{Enquiry, EnquirySight, Offer};
use tongban_domain::ids::Id;

use super::cases::{Cursor, NEVER};
use super::dialect::{Columns, fixed, update_where};
use super::{Conn, DbError, DbResult, Row, Value};
use crate::args;

/// An enquiry as it is stored.
#[derive(Debug, Clone)]
pub struct EnquiryRow {
    /// Row.
    pub id: Id,
    /// Public number.
    pub no: String,
    /// How often it changed.
    pub version: i64,
    /// When it was asked, epoch milliseconds.
    pub asked_at: i64,
    /// Who answers for it.
    pub enquiry: Enquiry,
    /// Catalogue entry it is about, if any.
    pub entry: Option<String>,
    /// Case it is about, if any.
    pub case: Option<Id>,
    /// First instant after the last day for the answer.
    pub due_at: i64,
    /// When it was answered.
    pub answered_at: Option<i64>,
    /// By whom.
    pub answered_by: Option<Id>,
    /// Locked JSON: question, asker, contact, answer.
    pub body: String,
}

const ENQUIRY: &str = "SELECT e.id, e.no, e.version, e.asked_at, e.agency, e.scope, e.first_account, e.entry, e.case_id, e.state, e.holder_account, e.holder_agency, e.holder_scope, e.offered_account, e.offered_agency, e.due_at, e.answered_at, e.answered_by, e.body FROM enquiries e WHERE ";

fn enquiry(r: &Row) -> EnquiryRow {
    EnquiryRow {
        id: r.id(0),
        no: r.text(1).to_owned(),
        version: r.int(2),
        asked_at: r.int(3),
        enquiry: Enquiry {
            agency: r.text(4).to_owned(),
            scope: r.text(5).to_owned(),
            first: r.id(6),
            holder: r.id(10),
            holder_agency: r.text(11).to_owned(),
            holder_scope: r.text(12).to_owned(),
            offered: r.opt_text(14).map(|agency| Offer { agency, account: r.opt_int(13).map(Id::from) }),
            answered: r.text(9) == "answered",
        },
        entry: r.opt_text(7),
        case: r.opt_int(8).map(Id::from),
        due_at: r.int(15),
        answered_at: r.opt_int(16),
        answered_by: r.opt_int(17).map(Id::from),
        body: r.text(18).to_owned(),
    }
}

impl EnquiryRow {
    /// The word of its state.
    fn state(&self) -> &'static str {
        if self.enquiry.answered { "answered" } else { "open" }
    }

    /// What lists are ordered by: the due moment while it waits for an answer.
    pub fn press_at(&self) -> i64 {
        if self.enquiry.answered { NEVER } else { self.due_at }
    }
}

/// Adds an enquiry.
///
/// # Errors
/// [`DbError`].
pub async fn insert(conn: &mut Conn, e: &EnquiryRow) -> DbResult<u64> {
    let sql = "INSERT INTO enquiries(id, no, version, asked_at, agency, scope, first_account, entry, case_id, state, holder_account, holder_agency, holder_scope, due_at, press_at, body) VALUES ($1,$2,1,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)";
    let args = args![
        e.id,
        e.no.as_str(),
        e.asked_at,
        e.enquiry.agency.as_str(),
        e.enquiry.scope.as_str(),
        e.enquiry.first,
        e.entry.clone(),
        e.case.map(Id::get),
        e.state(),
        e.enquiry.holder,
        e.enquiry.holder_agency.as_str(),
        e.enquiry.holder_scope.as_str(),
        e.due_at,
        e.press_at(),
        e.body.as_str(),
    ];
    conn.run(sql, args).await
}

/// Saves an enquiry that was read at its version.
///
/// # Errors
/// [`DbError::Stale`] when it changed in between.
pub async fn save(conn: &mut Conn, e: &EnquiryRow) -> DbResult<()> {
    let sql = "UPDATE enquiries SET version=version+1, case_id=$3, state=$4, holder_account=$5, holder_agency=$6, holder_scope=$7, offered_account=$8, offered_agency=$9, press_at=$10, answered_at=$11, answered_by=$12, body=$13 WHERE id=$1 AND version=$2";
    let offered = e.enquiry.offered.as_ref();
    let args = args![
        e.id,
        e.version,
        e.case.map(Id::get),
        e.state(),
        e.enquiry.holder,
        e.enquiry.holder_agency.as_str(),
        e.enquiry.holder_scope.as_str(),
        offered.and_then(|o| o.account).map(Id::get),
        offered.map(|o| o.agency.clone()),
        e.press_at(),
        e.answered_at,
        e.answered_by.map(Id::get),
        e.body.as_str(),
    ];
    if conn.run(sql, args).await? == 1 { Ok(()) } else { Err(DbError::Stale("enquiries")) }
}

/// The WHERE of what somebody can see; its parameter stands at `$1`.
fn filter(sight: &EnquirySight) -> (&'static str, Value) {
    match sight {
        EnquirySight::Nothing => ("(e.id = $1 AND 1=0)", Value::Int(0)),
        EnquirySight::Agency(agency) => {
            ("(e.agency = $1 OR e.holder_agency = $1 OR e.offered_agency = $1)", Value::Text(agency.clone()))
        }
        EnquirySight::Under(path) => (
            "((e.scope >= $1 AND e.scope < $1 || ':') OR (e.holder_scope >= $1 AND e.holder_scope < $1 || ':'))",
            Value::Text(path.clone()),
        ),
    }
}

/// What a list shows, inside what somebody can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnquiryView {
    /// Waiting, and this account answers for it.
    Mine(Id),
    /// Waiting, and somebody of this agency answers for it.
    Ours(String),
    /// Handed to this agency and not taken over yet.
    Offered(String),
    /// Waiting, wherever it is held.
    Open,
    /// All, the answered ones last.
    All,
}

/// The WHERE of a view; its parameter stands at `$2`.
fn narrow(view: &EnquiryView) -> (&'static str, Value) {
    match view {
        EnquiryView::Mine(account) => ("(e.holder_account = $2 AND e.state = 'open')", (*account).into()),
        EnquiryView::Ours(agency) => ("(e.holder_agency = $2 AND e.state = 'open')", agency.clone().into()),
        EnquiryView::Offered(agency) => {
            ("(e.offered_agency = $2 AND e.state = 'open')", agency.clone().into())
        }
        EnquiryView::Open => ("(e.id >= $2 AND e.state = 'open')", Value::Int(0)),
        EnquiryView::All => ("(e.id >= $2)", Value::Int(0)),
    }
}

/// One page by keyset, most urgent first, and where the next begins.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    conn: &mut Conn,
    sight: &EnquirySight,
    view: &EnquiryView,
    after: Option<Cursor>,
    limit: usize,
) -> DbResult<(Vec<EnquiryRow>, Option<Cursor>)> {
    let ((seen, sight), (shown, view)) = (filter(sight), narrow(view));
    let keyset =
        " AND (e.press_at > $3 OR (e.press_at = $3 AND e.id > $4)) ORDER BY e.press_at, e.id LIMIT $5";
    let sql = fixed(&[ENQUIRY, seen, " AND ", shown, keyset]);
    let from = after.unwrap_or(Cursor { value: 0, id: 0 });
    let args = vec![sight, view, from.value.into(), from.id.into(), (limit as i64 + 1).into()];
    let rows = conn.rows(sql, args).await?;
    let page: Vec<EnquiryRow> = rows.iter().take(limit).map(enquiry).collect();
    let next = page.last().filter(|_| rows.len() > limit);
    let next = next.map(|e| Cursor { value: e.press_at(), id: e.id.get() });
    Ok((page, next))
}

/// How many a view holds, counted up to a bound.
///
/// # Errors
/// [`DbError`].
pub async fn count(conn: &mut Conn, sight: &EnquirySight, view: &EnquiryView, bound: i64) -> DbResult<i64> {
    let ((seen, sight), (shown, view)) = (filter(sight), narrow(view));
    let sql = fixed(&[
        "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT e.id FROM enquiries e WHERE ",
        seen,
        " AND ",
        shown,
        " LIMIT $3) bounded",
    ]);
    Ok(conn.row(sql, vec![sight, view, bound.into()]).await?.map_or(0, |r| r.int(0)))
}

/// One enquiry that somebody can see.
///
/// # Errors
/// [`DbError`].
pub async fn find(conn: &mut Conn, sight: &EnquirySight, no: &str) -> DbResult<Option<EnquiryRow>> {
    let (seen, sight) = filter(sight);
    let sql = fixed(&[ENQUIRY, seen, " AND e.no = $2"]);
    Ok(conn.row(sql, vec![sight, no.into()]).await?.as_ref().map(enquiry))
}

/// Enquiries that wait for an answer, behind an id: id, when it was asked, when the answer is due.
///
/// # Errors
/// [`DbError`].
pub async fn waiting(conn: &mut Conn, after: i64, limit: usize) -> DbResult<Vec<(Id, i64, i64)>> {
    let sql =
        "SELECT id, asked_at, due_at FROM enquiries WHERE state = 'open' AND id > $1 ORDER BY id LIMIT $2";
    let rows = conn.rows(sql, args![after, limit as i64]).await?;
    Ok(rows.iter().map(|r| (r.id(0), r.int(1), r.int(2))).collect())
}

/// Writes the due moments of enquiries anew, as far as they still wait.
///
/// # Errors
/// [`DbError`].
pub async fn set_due(conn: &mut Conn, due: &[(Id, i64)]) -> DbResult<u64> {
    const COLUMNS: Columns = &[("id", true), ("due_at", true), ("press_at", true)];
    let rows: Vec<Vec<Value>> = due.iter().map(|(id, due)| args![*id, *due, *due]).collect();
    update_where(conn, "enquiries", COLUMNS, "enquiries.state = 'open'", &rows).await
}

/// A hand-over.
#[derive(Debug, Clone)]
pub struct HandoverRow {
    /// Row.
    pub id: Id,
    /// Enquiry.
    pub enquiry: Id,
    /// Who gave it.
    pub from_account: Id,
    /// Their agency.
    pub from_agency: String,
    /// To whom.
    pub to: Offer,
    /// When, epoch milliseconds.
    pub at: i64,
    /// Locked reason.
    pub reason: String,
    /// When it was taken over.
    pub acknowledged_at: Option<i64>,
    /// By whom.
    pub acknowledged_by: Option<Id>,
}

/// Records a hand-over.
///
/// # Errors
/// [`DbError`].
pub async fn insert_handover(conn: &mut Conn, h: &HandoverRow) -> DbResult<u64> {
    let sql = "INSERT INTO handovers(id, enquiry, from_account, from_agency, to_account, to_agency, at, reason) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)";
    let args = args![
        h.id,
        h.enquiry,
        h.from_account,
        h.from_agency.as_str(),
        h.to.account.map(Id::get),
        h.to.agency.as_str(),
        h.at,
        h.reason.as_str(),
    ];
    conn.run(sql, args).await
}

/// The hand-over that waits was taken over.
///
/// # Errors
/// [`DbError`].
pub async fn acknowledge(conn: &mut Conn, enquiry: Id, at: i64, by: Id) -> DbResult<u64> {
    let sql = "UPDATE handovers SET acknowledged_at=$2, acknowledged_by=$3 WHERE id = (SELECT MAX(id) FROM handovers WHERE enquiry=$1) AND acknowledged_at IS NULL";
    conn.run(sql, args![enquiry, at, by]).await
}

/// The hand-overs of an enquiry, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn handovers(conn: &mut Conn, enquiry: Id) -> DbResult<Vec<HandoverRow>> {
    let sql = "SELECT id, enquiry, from_account, from_agency, to_account, to_agency, at, reason, acknowledged_at, acknowledged_by FROM handovers WHERE enquiry=$1 ORDER BY id";
    Ok(conn
        .rows(sql, args![enquiry])
        .await?
        .iter()
        .map(|r| HandoverRow {
            id: r.id(0),
            enquiry: r.id(1),
            from_account: r.id(2),
            from_agency: r.text(3).to_owned(),
            to: Offer { agency: r.text(5).to_owned(), account: r.opt_int(4).map(Id::from) },
            at: r.int(6),
            reason: r.text(7).to_owned(),
            acknowledged_at: r.opt_int(8),
            acknowledged_by: r.opt_int(9).map(Id::from),
        })
        .collect())
}
