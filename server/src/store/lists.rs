//! Lists of cases by keyset inside a scope: a page, the neighbours of a row, and counts up to a bound.

use tongban_domain::case::StateName;
use tongban_domain::ids::{CaseNo, Id};
use tongban_domain::permit::Scope;

use super::cases::{Stored, filter, stored};
use super::dialect::fixed;
use super::{Conn, DbError, DbResult, Row, Value};

/// What a list shows, narrowed inside the scope.
#[derive(Debug, Clone, Default)]
pub struct Narrow {
    /// Only these states; all when empty. At most eight.
    pub states: Vec<StateName>,
    /// Only what this officer holds.
    pub officer: Option<Id>,
    /// Only what nobody holds.
    pub unassigned: bool,
    /// Whether the case is over (true), still open (false), or either.
    pub over: Option<bool>,
    /// Only what is due after this moment.
    pub due_after: Option<i64>,
    /// Only what is due at this moment or before.
    pub due_until: Option<i64>,
    /// Newest first instead of most pressing first.
    pub newest: bool,
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Sort value of the last row shown.
    pub value: i64,
    /// Its id.
    pub id: i64,
}

impl Cursor {
    /// The cursor in a URL.
    pub fn to_text(self) -> String {
        format!("{}-{}", self.value, self.id)
    }

    /// From a URL.
    pub fn parse(text: &str) -> Option<Self> {
        let (value, id) = text.split_once('-')?;
        Some(Self { value: value.parse().ok()?, id: id.parse().ok()? })
    }
}

/// One row of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The case.
    pub stored: Stored,
    /// Applicant's kind and name; masked by the caller where it must be.
    pub party_kind: String,
    /// Name.
    pub party_name: String,
}

/// A statement being put together; parameters get their numbers here, and nowhere else.
pub(super) struct Query {
    sql: Vec<&'static str>,
    args: Vec<Value>,
}

impl Query {
    pub(super) fn new(select: &'static str, scope: &Scope) -> Self {
        let (condition, value) = filter(scope);
        Self { sql: vec![select, condition], args: vec![value] }
    }

    /// The next parameter.
    pub(super) fn arg(&mut self, value: impl Into<Value>) {
        const NUMBERS: [&str; 20] = [
            "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
            "$16", "$17", "$18", "$19", "$20",
        ];
        self.sql.push(NUMBERS[self.args.len().min(19)]);
        self.args.push(value.into());
    }

    pub(super) fn say(&mut self, sql: &'static str) {
        self.sql.push(sql);
    }

    /// Asks it.
    pub(super) async fn rows(self, conn: &mut Conn) -> DbResult<Vec<Row>> {
        conn.rows(fixed(&self.sql), self.args).await
    }

    fn narrow(&mut self, narrow: &Narrow) {
        for (at, state) in narrow.states.iter().take(8).enumerate() {
            self.say(if at == 0 { " AND c.state IN (" } else { "," });
            self.arg(state.as_str());
        }
        if !narrow.states.is_empty() {
            self.say(")");
        }
        if let Some(officer) = narrow.officer {
            self.say(" AND c.officer = ");
            self.arg(officer);
        }
        if narrow.unassigned {
            self.say(" AND c.officer IS NULL");
        }
        match narrow.over {
            Some(true) => self.say(" AND c.over = 1"),
            Some(false) => self.say(" AND c.over = 0"),
            None => {}
        }
        if let Some(after) = narrow.due_after {
            self.say(" AND c.due_at > ");
            self.arg(after);
        }
        if let Some(until) = narrow.due_until {
            self.say(" AND c.due_at <= ");
            self.arg(until);
        }
    }

    /// Only what stands behind a row in the list's order, or before it.
    fn beyond(&mut self, at: Cursor, newest: bool, behind: bool) {
        if newest {
            self.say(if behind { " AND c.id < " } else { " AND c.id > " });
            return self.arg(at.id);
        }
        let sign = if behind { " > " } else { " < " };
        self.sql.extend([" AND (c.due_at", sign]);
        self.arg(at.value);
        self.say(" OR (c.due_at = ");
        self.arg(at.value);
        self.sql.extend([" AND c.id", sign]);
        self.arg(at.id);
        self.say("))");
    }

    fn order(&mut self, newest: bool, behind: bool, limit: i64) {
        self.say(match (newest, behind) {
            (true, true) => " ORDER BY c.id DESC LIMIT ",
            (true, false) => " ORDER BY c.id LIMIT ",
            (false, true) => " ORDER BY c.due_at, c.id LIMIT ",
            (false, false) => " ORDER BY c.due_at DESC, c.id DESC LIMIT ",
        });
        self.arg(limit);
    }
}

/// One page of a list by keyset, and where the next begins.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    conn: &mut Conn,
    scope: &Scope,
    narrow: &Narrow,
    after: Option<Cursor>,
    limit: usize,
) -> DbResult<(Vec<Listed>, Option<Cursor>)> {
    let select = "SELECT c.body, c.submitted_at, c.changed_at, c.due_at, p.kind, p.name FROM cases c JOIN parties p ON p.id = c.party WHERE ";
    let mut query = Query::new(select, scope);
    query.narrow(narrow);
    if let Some(cursor) = after {
        query.beyond(cursor, narrow.newest, true);
    }
    query.order(narrow.newest, true, limit as i64 + 1);
    let rows = conn.rows(fixed(&query.sql), query.args).await?;
    let more = rows.len() > limit;
    let page = rows
        .iter()
        .take(limit)
        .map(|row| {
            Ok(Listed {
                stored: stored(row)?,
                party_kind: row.text(4).to_owned(),
                party_name: row.text(5).to_owned(),
            })
        })
        .collect::<DbResult<Vec<_>>>()?;
    let cursor = page
        .last()
        .filter(|_| more)
        .map(|last| Cursor { value: last.stored.due_at, id: last.stored.case.id.get() });
    Ok((page, cursor))
}

/// The cases before and behind a row of a list, by public number. The row itself may have left the list meanwhile.
///
/// # Errors
/// [`DbError`].
pub async fn neighbours(
    conn: &mut Conn,
    scope: &Scope,
    narrow: &Narrow,
    at: Cursor,
) -> DbResult<(Option<CaseNo>, Option<CaseNo>)> {
    let mut found = [None, None];
    for (place, behind) in found.iter_mut().zip([false, true]) {
        let mut query = Query::new("SELECT c.no FROM cases c WHERE ", scope);
        query.narrow(narrow);
        query.beyond(at, narrow.newest, behind);
        query.order(narrow.newest, behind, 1);
        let row = conn.row(fixed(&query.sql), query.args).await?;
        *place = row
            .map(|r| CaseNo::parse(r.text(0)).map_err(|e| DbError::Content("case number", e.to_string())))
            .transpose()?;
    }
    let [before, behind] = found;
    Ok((before, behind))
}

/// How many cases of a list there are, counted up to a bound: lists never count exactly.
///
/// # Errors
/// [`DbError`].
pub async fn count(conn: &mut Conn, scope: &Scope, narrow: &Narrow, bound: i64) -> DbResult<i64> {
    let mut query =
        Query::new("SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT c.id FROM cases c WHERE ", scope);
    query.narrow(narrow);
    query.say(" LIMIT ");
    query.arg(bound);
    query.say(") bounded");
    Ok(conn.row(fixed(&query.sql), query.args).await?.map_or(0, |r| r.int(0)))
}

/// How many cases of a state the scope holds, counted up to a bound.
///
/// # Errors
/// [`DbError`].
pub async fn count_up_to(conn: &mut Conn, scope: &Scope, state: StateName, bound: i64) -> DbResult<i64> {
    count(conn, scope, &Narrow { states: vec![state], ..Narrow::default() }, bound).await
}
