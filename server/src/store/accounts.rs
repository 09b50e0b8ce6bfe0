//! Accounts, posts, decision authorities, sessions, settings and the access log.

use jiff::civil::Date;
use tongban_domain::authority::{AuthorityAct, AuthorityKind, DecisionAuthority};
use tongban_domain::ids::{DivisionCode, Id};
use tongban_domain::permit::{Post, Role};

use super::dialect::{fixed, select_in};
use super::{Conn, DbError, DbResult, Row, Value};
use crate::args;

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Row.
    pub id: Id,
    /// Sign-in name.
    pub name: String,
    /// Password hash (PHC text).
    pub password: String,
    /// `applicant` or `staff`.
    pub kind: String,
    /// Name shown.
    pub display: String,
    /// The account's own party, locked JSON.
    pub party: Option<String>,
    /// Home division.
    pub division: String,
    /// `active` or `closed`.
    pub state: String,
    /// Epoch milliseconds.
    pub created_at: i64,
}

const ACCOUNT: &str =
    "SELECT id, name, password, kind, display, party, division, state, created_at FROM accounts";

fn account(r: &Row) -> Account {
    Account {
        id: r.id(0),
        name: r.text(1).to_owned(),
        password: r.text(2).to_owned(),
        kind: r.text(3).to_owned(),
        display: r.text(4).to_owned(),
        party: r.opt_text(5),
        division: r.text(6).to_owned(),
        state: r.text(7).to_owned(),
        created_at: r.int(8),
    }
}

/// Adds an account.
///
/// # Errors
/// [`DbError::Constraint`] `accounts_name` when the name is taken.
pub async fn insert_account(conn: &mut Conn, a: &Account) -> DbResult<u64> {
    let sql = "INSERT INTO accounts(id, name, password, kind, display, party, division, state, created_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)";
    let args = args![
        a.id,
        a.name.as_str(),
        a.password.as_str(),
        a.kind.as_str(),
        a.display.as_str(),
        a.party.clone(),
        a.division.as_str(),
        a.state.as_str(),
        a.created_at
    ];
    conn.run(sql, args).await
}

/// An account by sign-in name.
///
/// # Errors
/// [`DbError`].
pub async fn by_name(conn: &mut Conn, name: &str) -> DbResult<Option<Account>> {
    Ok(conn.row(fixed(&[ACCOUNT, " WHERE name = $1"]), args![name]).await?.as_ref().map(account))
}

/// An account by id.
///
/// # Errors
/// [`DbError`].
pub async fn by_id(conn: &mut Conn, id: Id) -> DbResult<Option<Account>> {
    Ok(conn.row(fixed(&[ACCOUNT, " WHERE id = $1"]), args![id]).await?.as_ref().map(account))
}

/// Names of accounts by id, for timelines and lists.
///
/// # Errors
/// [`DbError`].
pub async fn names(conn: &mut Conn, ids: &[Id]) -> DbResult<std::collections::BTreeMap<Id, String>> {
    if ids.is_empty() {
        return Ok(Default::default());
    }
    let keys: Vec<Value> = ids.iter().map(|i| Value::from(*i)).collect();
    let rows = select_in(conn, "SELECT id, display FROM accounts", "id", &keys, false).await?;
    Ok(rows.iter().map(|r| (r.id(0), r.text(1).to_owned())).collect())
}

/// Changes what an administrator may change of an account.
///
/// # Errors
/// [`DbError`].
pub async fn update_account(conn: &mut Conn, id: Id, display: &str, state: &str) -> DbResult<u64> {
    conn.run("UPDATE accounts SET display=$2, state=$3 WHERE id=$1", args![id, display, state]).await
}

/// Sets a new password hash.
///
/// # Errors
/// [`DbError`].
pub async fn set_password(conn: &mut Conn, id: Id, password: &str) -> DbResult<u64> {
    conn.run("UPDATE accounts SET password=$2 WHERE id=$1", args![id, password]).await
}

/// A post with its dates.
#[derive(Debug, Clone)]
pub struct PostRow {
    /// The post.
    pub post: Post,
    /// Whose.
    pub account: Id,
    /// First day.
    pub starts: String,
    /// Last day, if it ended or will.
    pub ends: Option<String>,
}

const POST: &str = "SELECT id, account, role, agency, division, scope, starts, ends FROM posts";

pub(super) fn post(r: &Row) -> DbResult<PostRow> {
    let role = Role::parse(r.text(2)).ok_or_else(|| DbError::Content("role", r.text(2).to_owned()))?;
    let division = DivisionCode::parse(r.text(4)).map_err(|e| DbError::Content("division", e.to_string()))?;
    Ok(PostRow {
        post: Post { id: r.id(0), role, agency: r.text(3).to_owned(), division, scope: r.text(5).to_owned() },
        account: r.id(1),
        starts: r.text(6).to_owned(),
        ends: r.opt_text(7),
    })
}

/// Adds a post.
///
/// # Errors
/// [`DbError`].
pub async fn insert_post(conn: &mut Conn, p: &PostRow) -> DbResult<u64> {
    let sql = "INSERT INTO posts(id, account, role, agency, division, scope, starts, ends) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)";
    let args = args![
        p.post.id,
        p.account,
        p.post.role.as_str(),
        p.post.agency.as_str(),
        p.post.division.to_string(),
        p.post.scope.as_str(),
        p.starts.as_str(),
        p.ends.clone()
    ];
    conn.run(sql, args).await
}

/// Ends a post on a day.
///
/// # Errors
/// [`DbError`].
pub async fn end_post(conn: &mut Conn, id: Id, on: Date) -> DbResult<u64> {
    conn.run("UPDATE posts SET ends=$2 WHERE id=$1 AND ends IS NULL", args![id, on.to_string()]).await
}

/// All posts of an account, ended ones included.
///
/// # Errors
/// [`DbError`].
pub async fn posts_of(conn: &mut Conn, account: Id) -> DbResult<Vec<PostRow>> {
    conn.rows(fixed(&[POST, " WHERE account=$1 ORDER BY id"]), args![account])
        .await?
        .iter()
        .map(post)
        .collect()
}

/// The posts of an account that hold on a day.
///
/// # Errors
/// [`DbError`].
pub async fn posts_on(conn: &mut Conn, account: Id, day: Date) -> DbResult<Vec<Post>> {
    let day = day.to_string();
    let all = posts_of(conn, account).await?;
    Ok(all
        .into_iter()
        .filter(|p| p.starts <= day && p.ends.as_ref().is_none_or(|e| *e >= day))
        .map(|p| p.post)
        .collect())
}

/// Staff of an agency: account and post, by a page of accounts.
///
/// # Errors
/// [`DbError`].
pub async fn staff_under(
    conn: &mut Conn,
    scope: &str,
    after: i64,
    limit: usize,
) -> DbResult<Vec<(PostRow, String, String)>> {
    let sql = "SELECT p.id, p.account, p.role, p.agency, p.division, p.scope, p.starts, p.ends, a.name, a.display FROM posts p JOIN accounts a ON a.id = p.account WHERE p.scope >= $1 AND p.scope < $1 || ':' AND p.id > $2 ORDER BY p.id LIMIT $3";
    conn.rows(sql, args![scope, after, limit as i64])
        .await?
        .iter()
        .map(|r| Ok((post(r)?, r.text(8).to_owned(), r.text(9).to_owned())))
        .collect()
}

/// Officers who review for an agency on a day: account and name.
///
/// # Errors
/// [`DbError`].
pub async fn reviewers(conn: &mut Conn, agency: &str, day: Date) -> DbResult<Vec<(Id, String)>> {
    let sql = "SELECT a.id, a.display FROM posts p JOIN accounts a ON a.id = p.account WHERE p.agency=$1 AND p.role='reviewer' AND p.starts<=$2 AND (p.ends IS NULL OR p.ends>=$2) AND a.state='active' ORDER BY a.id LIMIT 200";
    Ok(conn
        .rows(sql, args![agency, day.to_string()])
        .await?
        .iter()
        .map(|r| (r.id(0), r.text(1).to_owned()))
        .collect())
}

/// Who reviews or decides at an agency on a day: account and name.
///
/// # Errors
/// [`DbError`].
pub async fn officers_of(conn: &mut Conn, agency: &str, day: Date) -> DbResult<Vec<(Id, String)>> {
    let sql = "SELECT DISTINCT a.id, a.display FROM posts p JOIN accounts a ON a.id = p.account WHERE p.agency=$1 AND p.role IN ('reviewer','representative') AND p.starts<=$2 AND (p.ends IS NULL OR p.ends>=$2) AND a.state='active' ORDER BY a.id LIMIT 200";
    let rows = conn.rows(sql, args![agency, day.to_string()]).await?;
    Ok(rows.iter().map(|r| (r.id(0), r.text(1).to_owned())).collect())
}

/// Reviewing posts of several accounts: (account, agency), for a batch of assignments.
///
/// # Errors
/// [`DbError`].
pub async fn reviewing_posts(conn: &mut Conn, accounts: &[Value], day: Date) -> DbResult<Vec<(Id, String)>> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let rows = select_in(conn, POST, "account", accounts, false).await?;
    let day = day.to_string();
    Ok(rows
        .iter()
        .map(post)
        .collect::<DbResult<Vec<_>>>()?
        .into_iter()
        .filter(|p| p.post.role == Role::Reviewer)
        .filter(|p| p.starts <= day && p.ends.as_ref().is_none_or(|e| *e >= day))
        .map(|p| (p.account, p.post.agency))
        .collect())
}

const AUTHORITY: &str =
    "SELECT id, agency, account, kind, items, acts, starts, ends, document, revoked_on FROM authorities";

fn authority(r: &Row) -> DbResult<DecisionAuthority> {
    let bad = |what: &'static str| move |e: String| DbError::Content(what, e);
    let json = |at: usize| format!("\"{}\"", r.text(at));
    let date = |text: &str| text.parse::<Date>().map_err(|e| bad("authority date")(e.to_string()));
    Ok(DecisionAuthority {
        id: r.id(0),
        agency: r.text(1).to_owned(),
        account: r.id(2),
        kind: serde_json::from_str::<AuthorityKind>(&json(3)).map_err(|e| bad("authority")(e.to_string()))?,
        items: serde_json::from_str(r.text(4)).map_err(|e| bad("authority")(e.to_string()))?,
        acts: serde_json::from_str::<Vec<AuthorityAct>>(r.text(5))
            .map_err(|e| bad("authority")(e.to_string()))?,
        from: date(r.text(6))?,
        to: date(r.text(7))?,
        document: r.text(8).to_owned(),
        revoked_on: r.opt_text(9).as_deref().map(date).transpose()?,
    })
}

/// Registers an authority.
///
/// # Errors
/// [`DbError`].
pub async fn insert_authority(conn: &mut Conn, a: &DecisionAuthority) -> DbResult<u64> {
    let word = |v: &AuthorityKind| serde_json::to_string(v).unwrap_or_default().trim_matches('"').to_owned();
    let sql = "INSERT INTO authorities(id, agency, account, kind, items, acts, starts, ends, document, revoked_on) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)";
    let args = args![
        a.id,
        a.agency.as_str(),
        a.account,
        word(&a.kind),
        serde_json::to_string(&a.items).unwrap_or_default(),
        serde_json::to_string(&a.acts).unwrap_or_default(),
        a.from.to_string(),
        a.to.to_string(),
        a.document.as_str(),
        a.revoked_on.map(|d| d.to_string()),
    ];
    conn.run(sql, args).await
}

/// Takes an authority back from a day on.
///
/// # Errors
/// [`DbError`].
pub async fn revoke_authority(conn: &mut Conn, id: Id, agency: &str, on: Date) -> DbResult<u64> {
    let sql = "UPDATE authorities SET revoked_on=$3 WHERE id=$1 AND agency=$2 AND revoked_on IS NULL";
    conn.run(sql, args![id, agency, on.to_string()]).await
}

/// The register of several agencies, locked while a batch decides on it.
///
/// # Errors
/// [`DbError`].
pub async fn authorities(
    conn: &mut Conn,
    agencies: &[Value],
    lock: bool,
) -> DbResult<Vec<DecisionAuthority>> {
    if agencies.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = select_in(conn, AUTHORITY, "agency", agencies, lock)
        .await?
        .iter()
        .map(authority)
        .collect::<DbResult<Vec<_>>>()?;
    all.sort_by_key(|a| a.id);
    Ok(all)
}

/// A session as it is stored.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Hash of the token.
    pub token: String,
    /// Whose.
    pub account: Id,
    /// Post it acts in.
    pub post: Option<Id>,
    /// `web` or `api`.
    pub kind: String,
    /// Token against forged forms.
    pub csrf: String,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Last use.
    pub seen_at: i64,
    /// Absolute end.
    pub expires_at: i64,
}

/// Starts a session.
///
/// # Errors
/// [`DbError`].
pub async fn insert_session(conn: &mut Conn, s: &SessionRow) -> DbResult<u64> {
    let sql = "INSERT INTO sessions(token, account, post, kind, csrf, created_at, seen_at, expires_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)";
    let args = args![
        s.token.as_str(),
        s.account,
        s.post.map(Id::get),
        s.kind.as_str(),
        s.csrf.as_str(),
        s.created_at,
        s.seen_at,
        s.expires_at
    ];
    conn.run(sql, args).await
}

/// A session by token hash, with its account's state.
///
/// # Errors
/// [`DbError`].
pub async fn session(conn: &mut Conn, token: &str) -> DbResult<Option<SessionRow>> {
    let sql = "SELECT s.token, s.account, s.post, s.kind, s.csrf, s.created_at, s.seen_at, s.expires_at FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.token = $1 AND a.state = 'active'";
    Ok(conn.row(sql, args![token]).await?.map(|r| SessionRow {
        token: r.text(0).to_owned(),
        account: r.id(1),
        post: r.opt_int(2).map(Id::from),
        kind: r.text(3).to_owned(),
        csrf: r.text(4).to_owned(),
        created_at: r.int(5),
        seen_at: r.int(6),
        expires_at: r.int(7),
    }))
}

/// Notes that a session was used.
///
/// # Errors
/// [`DbError`].
pub async fn touch_session(conn: &mut Conn, token: &str, now: i64) -> DbResult<u64> {
    conn.run("UPDATE sessions SET seen_at=$2 WHERE token=$1", args![token, now]).await
}

/// Ends a session.
///
/// # Errors
/// [`DbError`].
pub async fn end_session(conn: &mut Conn, token: &str) -> DbResult<u64> {
    conn.run("DELETE FROM sessions WHERE token=$1", args![token]).await
}

/// Ends all sessions of an account.
///
/// # Errors
/// [`DbError`].
pub async fn end_sessions_of(conn: &mut Conn, account: Id) -> DbResult<u64> {
    conn.run("DELETE FROM sessions WHERE account=$1", args![account]).await
}

/// Deletes what is over: expired sessions and idempotency keys older than the given moments.
///
/// # Errors
/// [`DbError`].
pub async fn sweep(conn: &mut Conn, now: i64, keys_before: i64) -> DbResult<()> {
    conn.run("DELETE FROM sessions WHERE expires_at < $1", args![now]).await?;
    conn.run("DELETE FROM idempotency WHERE at < $1", args![keys_before]).await?;
    Ok(())
}

/// Records that staff looked at a case.
///
/// # Errors
/// [`DbError`].
pub async fn log_access(
    conn: &mut Conn,
    id: Id,
    at: i64,
    account: Id,
    post: Option<Id>,
    case: Id,
    act: &'static str,
) -> DbResult<u64> {
    let sql =
        "INSERT INTO access_log(id, at, account, post, case_id, act, reason) VALUES ($1,$2,$3,$4,$5,$6,'')";
    conn.run(sql, args![id, at, account, post.map(Id::get), case, act]).await
}

/// A look of staff at a case, as the applicant sees it.
#[derive(Debug, Clone)]
pub struct Look {
    /// Epoch milliseconds.
    pub at: i64,
    /// Name of who looked.
    pub name: String,
    /// Role of their post.
    pub role: Option<String>,
    /// Agency of their post.
    pub agency: Option<String>,
    /// What they did.
    pub act: String,
    /// Catalogue entry of the case.
    pub entry: String,
}

/// Who looked at the cases of an applicant, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn looks_at(conn: &mut Conn, applicant: Id, limit: i64) -> DbResult<Vec<Look>> {
    let sql = "SELECT l.at, a.display, p.role, p.agency, l.act, c.entry FROM cases c JOIN access_log l ON l.case_id = c.id JOIN accounts a ON a.id = l.account LEFT JOIN posts p ON p.id = l.post WHERE c.applicant=$1 ORDER BY l.id DESC LIMIT $2";
    Ok(conn
        .rows(sql, args![applicant, limit])
        .await?
        .iter()
        .map(|r| Look {
            at: r.int(0),
            name: r.text(1).to_owned(),
            role: r.opt_text(2),
            agency: r.opt_text(3),
            act: r.text(4).to_owned(),
            entry: r.text(5).to_owned(),
        })
        .collect())
}

/// A setting.
///
/// # Errors
/// [`DbError`].
pub async fn setting(conn: &mut Conn, key: &str) -> DbResult<Option<String>> {
    Ok(conn.row("SELECT value FROM settings WHERE key=$1", args![key]).await?.and_then(|r| r.opt_text(0)))
}

/// Writes a setting whose value is still what was read; gives 1 when it was.
///
/// # Errors
/// [`DbError`].
pub async fn replace_setting(conn: &mut Conn, key: &str, was: &str, value: &str) -> DbResult<u64> {
    conn.run("UPDATE settings SET value=$3 WHERE key=$1 AND value=$2", args![key, was, value]).await
}

/// Writes a setting.
///
/// # Errors
/// [`DbError`].
pub async fn set_setting(conn: &mut Conn, key: &str, value: &str) -> DbResult<u64> {
    let sql =
        "INSERT INTO settings(key, value) VALUES ($1,$2) ON CONFLICT(key) DO UPDATE SET value=excluded.value";
    conn.run(sql, args![key, value]).await
}
