//! Messages to persons and to desks, how far they were read, and the addresses that messages go to outside the platform.
//! Addresses stand here locked; reading them is not this module's business.

use tongban_domain::ids::Id;
use tongban_domain::permit::Post;

use super::dialect::{Columns, insert, select_in};
use super::{Conn, DbResult, Row, Value};
use crate::args;

/// A message to one account.
#[derive(Debug, Clone)]
pub struct MessageRow {
    /// Row.
    pub id: Id,
    /// To whom.
    pub account: Id,
    /// What it says.
    pub news: News,
}

/// A message to everyone who holds a role at an agency.
#[derive(Debug, Clone)]
pub struct DeskMessageRow {
    /// Row.
    pub id: Id,
    /// Agency key.
    pub agency: String,
    /// Role.
    pub role: &'static str,
    /// What it says.
    pub news: News,
}

/// What both say.
#[derive(Debug, Clone)]
pub struct News {
    /// Case.
    pub case: Id,
    /// Event.
    pub sequence: u32,
    /// Epoch milliseconds.
    pub at: i64,
    /// Key of the words.
    pub topic: &'static str,
    /// The day that counted then, `YYYY-MM-DD`.
    pub due: Option<String>,
}

/// Inserts messages to accounts.
///
/// # Errors
/// [`super::DbError`].
pub async fn insert_all(conn: &mut Conn, rows: &[MessageRow]) -> DbResult<()> {
    const COLUMNS: Columns = &[
        ("id", true),
        ("account", true),
        ("case_id", true),
        ("sequence", true),
        ("at", true),
        ("topic", false),
        ("due", false),
    ];
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|m| {
            let news = &m.news;
            args![m.id, m.account, news.case, i64::from(news.sequence), news.at, news.topic, news.due.clone()]
        })
        .collect();
    insert(conn, "messages", COLUMNS, "", &rows).await
}

/// Inserts messages to desks.
///
/// # Errors
/// [`super::DbError`].
pub async fn insert_for_desks(conn: &mut Conn, rows: &[DeskMessageRow]) -> DbResult<()> {
    const COLUMNS: Columns = &[
        ("id", true),
        ("agency", false),
        ("role", false),
        ("case_id", true),
        ("sequence", true),
        ("at", true),
        ("topic", false),
        ("due", false),
    ];
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|m| {
            let news = &m.news;
            args![
                m.id,
                m.agency.as_str(),
                m.role,
                news.case,
                i64::from(news.sequence),
                news.at,
                news.topic,
                news.due.clone()
            ]
        })
        .collect();
    insert(conn, "desk_messages", COLUMNS, "", &rows).await
}

/// Who reads: an account, and the desk it sits at.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Account.
    pub account: Id,
    /// The post it acts in; what its desk was told before the post was made is nothing to it.
    pub post: Option<&'a Post>,
}

impl Reader<'_> {
    fn args(&self) -> Vec<Value> {
        match self.post {
            Some(post) => args![self.account, post.agency.as_str(), post.role.as_str(), post.id],
            None => args![self.account, "", "", 0],
        }
    }
}

/// A message as its reader sees it.
#[derive(Debug, Clone)]
pub struct Message {
    /// Row; newer ones are larger.
    pub id: Id,
    /// Public number of the case.
    pub no: String,
    /// Catalogue entry.
    pub entry: String,
    /// Key of the words.
    pub topic: String,
    /// The day that counted then.
    pub due: Option<String>,
    /// Epoch milliseconds.
    pub at: i64,
    /// Whether it was not read yet.
    pub unread: bool,
    /// Whether it went to a whole desk.
    pub desk: bool,
}

fn message(r: &Row) -> Message {
    Message {
        id: r.id(0),
        no: r.text(1).to_owned(),
        entry: r.text(2).to_owned(),
        topic: r.text(3).to_owned(),
        due: r.opt_text(4),
        at: r.int(5),
        unread: r.opt_int(6).is_none(),
        desk: r.int(7) == 1,
    }
}

/// Messages of a reader before a row, newest first.
///
/// # Errors
/// [`super::DbError`].
pub async fn list(conn: &mut Conn, reader: Reader<'_>, before: i64, limit: usize) -> DbResult<Vec<Message>> {
    let sql = "SELECT u.id, c.no, c.entry, u.topic, u.due, u.at, u.read_at, u.desk FROM (\
        SELECT * FROM (SELECT id, case_id, topic, due, at, read_at, CAST(0 AS BIGINT) AS desk FROM messages \
            WHERE account=$1 AND id<$5 ORDER BY id DESC LIMIT $6) own \
        UNION ALL \
        SELECT * FROM (SELECT id, case_id, topic, due, at, \
            CASE WHEN id <= COALESCE((SELECT read_to FROM desk_marks WHERE account=$1), 0) THEN at END AS read_at, \
            CAST(1 AS BIGINT) AS desk FROM desk_messages \
            WHERE agency=$2 AND role=$3 AND id>$4 AND id<$5 ORDER BY id DESC LIMIT $6) shared\
        ) u JOIN cases c ON c.id = u.case_id ORDER BY u.id DESC LIMIT $6";
    let mut args = reader.args();
    args.extend(args![before, limit as i64]);
    Ok(conn.rows(sql, args).await?.iter().map(message).collect())
}

/// Unread messages of a reader, their own and the desk's counted up to a hundred each.
///
/// # Errors
/// [`super::DbError`].
pub async fn unread(conn: &mut Conn, reader: Reader<'_>) -> DbResult<i64> {
    let sql = "SELECT CAST(\
        (SELECT COUNT(*) FROM (SELECT id FROM messages WHERE account=$1 AND read_at IS NULL LIMIT 100) own) + \
        (SELECT COUNT(*) FROM (SELECT id FROM desk_messages WHERE agency=$2 AND role=$3 AND id>$4 \
            AND id > COALESCE((SELECT read_to FROM desk_marks WHERE account=$1), 0) LIMIT 100) shared) AS BIGINT)";
    Ok(conn.row(sql, reader.args()).await?.map_or(0, |r| r.int(0)))
}

/// Marks an account's own messages about a case as read.
///
/// # Errors
/// [`super::DbError`].
pub async fn mark_case(conn: &mut Conn, account: Id, case: Id, now: i64) -> DbResult<u64> {
    let sql = "UPDATE messages SET read_at=$3 WHERE account=$1 AND case_id=$2 AND read_at IS NULL";
    conn.run(sql, args![account, case, now]).await
}

/// Marks everything up to a row as read, the desk's messages included.
///
/// # Errors
/// [`super::DbError`].
pub async fn mark_up_to(conn: &mut Conn, account: Id, last: Id, now: i64) -> DbResult<()> {
    let sql = "UPDATE messages SET read_at=$3 WHERE account=$1 AND id<=$2 AND read_at IS NULL";
    conn.run(sql, args![account, last, now]).await?;
    let sql = "INSERT INTO desk_marks(account, read_to) VALUES ($1,$2) ON CONFLICT(account) DO UPDATE SET read_to=excluded.read_to WHERE desk_marks.read_to < excluded.read_to";
    conn.run(sql, args![account, last]).await?;
    Ok(())
}

/// A message about to go out: to whom, and what it says.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// To whom.
    pub account: Id,
    /// Public number of the case.
    pub no: String,
    /// Catalogue entry.
    pub entry: String,
    /// Key of the words.
    pub topic: String,
    /// The day that counted then.
    pub due: Option<String>,
}

/// The message of a duty.
///
/// # Errors
/// [`super::DbError`].
pub async fn outgoing(conn: &mut Conn, id: Id) -> DbResult<Option<Outgoing>> {
    let sql = "SELECT m.account, c.no, c.entry, m.topic, m.due FROM messages m JOIN cases c ON c.id = m.case_id WHERE m.id=$1";
    Ok(conn.row(sql, args![id]).await?.map(|r| Outgoing {
        account: r.id(0),
        no: r.text(1).to_owned(),
        entry: r.text(2).to_owned(),
        topic: r.text(3).to_owned(),
        due: r.opt_text(4),
    }))
}

/// Notes that a message went out by mail, or by SMS.
///
/// # Errors
/// [`super::DbError`].
pub async fn went_out(conn: &mut Conn, id: Id, by_mail: bool, now: i64) -> DbResult<u64> {
    let sql = if by_mail {
        "UPDATE messages SET mailed_at=$2 WHERE id=$1"
    } else {
        "UPDATE messages SET texted_at=$2 WHERE id=$1"
    };
    conn.run(sql, args![id, now]).await
}

/// An account as messages see it: its addresses locked, and what it wants.
#[derive(Debug, Clone)]
pub struct ContactRow {
    /// Account.
    pub account: Id,
    /// Whether it can sign in at all.
    pub active: bool,
    /// Its own party, locked; where the mobile number comes from until the account says otherwise.
    pub party: Option<String>,
    /// What the account itself said; none when it never did.
    pub said: Option<Said>,
}

/// What an account said about its addresses.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// Mail address, locked.
    pub mail: Option<String>,
    /// Its keyed hash.
    pub mail_hash: Option<String>,
    /// Mobile number, locked.
    pub mobile: Option<String>,
    /// Its keyed hash.
    pub mobile_hash: Option<String>,
    /// Whether mail is wanted.
    pub by_mail: bool,
    /// Whether SMS is wanted.
    pub by_sms: bool,
}

/// The addresses of several accounts.
///
/// # Errors
/// [`super::DbError`].
pub async fn contacts(conn: &mut Conn, accounts: &[Value]) -> DbResult<Vec<ContactRow>> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT a.id, a.state, a.party, c.account, c.mail, c.mail_hash, c.mobile, c.mobile_hash, c.by_mail, c.by_sms FROM accounts a LEFT JOIN contacts c ON c.account = a.id";
    let rows = select_in(conn, sql, "a.id", accounts, false).await?;
    Ok(rows
        .iter()
        .map(|r| ContactRow {
            account: r.id(0),
            active: r.text(1) == "active",
            party: r.opt_text(2),
            said: r.opt_int(3).map(|_| Said {
                mail: r.opt_text(4),
                mail_hash: r.opt_text(5),
                mobile: r.opt_text(6),
                mobile_hash: r.opt_text(7),
                by_mail: r.int(8) == 1,
                by_sms: r.int(9) == 1,
            }),
        })
        .collect())
}

/// Keeps what an account says about its addresses.
///
/// # Errors
/// [`super::DbError`].
pub async fn save_contact(conn: &mut Conn, account: Id, said: &Said, now: i64) -> DbResult<u64> {
    let sql = "INSERT INTO contacts(account, mail, mail_hash, mobile, mobile_hash, by_mail, by_sms, changed_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT(account) DO UPDATE SET mail=excluded.mail, mail_hash=excluded.mail_hash, mobile=excluded.mobile, mobile_hash=excluded.mobile_hash, by_mail=excluded.by_mail, by_sms=excluded.by_sms, changed_at=excluded.changed_at";
    let args = args![
        account,
        said.mail.clone(),
        said.mail_hash.clone(),
        said.mobile.clone(),
        said.mobile_hash.clone(),
        i64::from(said.by_mail),
        i64::from(said.by_sms),
        now
    ];
    conn.run(sql, args).await
}
