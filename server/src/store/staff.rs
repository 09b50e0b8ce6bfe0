//! Staff as administrators see them: people under a scope path by keyset, and who works at an agency.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tongban_domain::ids::Id;
use tongban_domain::permit::Role;

use super::accounts::{PostRow, post};
use super::dialect::select_in;
use super::{Conn, DbResult, Value};
use crate::args;

/// A member of staff.
#[derive(Debug, Clone)]
pub struct Person {
    /// Account.
    pub id: Id,
    /// Sign-in name.
    pub name: String,
    /// Name shown.
    pub display: String,
    /// `active` or `closed`.
    pub state: String,
    /// All posts, ended ones and those elsewhere included.
    pub posts: Vec<PostRow>,
}

/// Staff with a post under a scope path whose name or sign-in name holds the words, by a page of accounts; and the
/// account after which the next page begins.
///
/// # Errors
/// [`super::DbError`].
pub async fn under(
    conn: &mut Conn,
    scope: &str,
    words: &str,
    after: i64,
    limit: usize,
) -> DbResult<(Vec<Person>, Option<i64>)> {
    let words: String = words.chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    let sql = "SELECT a.id, a.name, a.display, a.state FROM accounts a WHERE a.kind='staff' AND a.id > $1 AND (a.display LIKE '%' || $2 || '%' OR a.name LIKE $2 || '%') AND EXISTS (SELECT 1 FROM posts p WHERE p.account = a.id AND p.scope >= $3 AND p.scope < $3 || ':') ORDER BY a.id LIMIT $4";
    let rows = conn.rows(sql, args![after, words, scope, limit as i64 + 1]).await?;
    let more = rows.len() > limit;
    let ids: Vec<Value> = rows.iter().take(limit).map(|r| Value::from(r.id(0))).collect();
    let mut posts = posts_of_all(conn, &ids).await?;
    let people: Vec<Person> = rows
        .iter()
        .take(limit)
        .map(|r| Person {
            id: r.id(0),
            name: r.text(1).to_owned(),
            display: r.text(2).to_owned(),
            state: r.text(3).to_owned(),
            posts: posts.remove(&r.id(0)).unwrap_or_default(),
        })
        .collect();
    let next = people.last().filter(|_| more).map(|p| p.id.get());
    Ok((people, next))
}

async fn posts_of_all(conn: &mut Conn, accounts: &[Value]) -> DbResult<BTreeMap<Id, Vec<PostRow>>> {
    let mut all: BTreeMap<Id, Vec<PostRow>> = BTreeMap::new();
    if accounts.is_empty() {
        return Ok(all);
    }
    let select = "SELECT id, account, role, agency, division, scope, starts, ends FROM posts";
    for row in select_in(conn, select, "account", accounts, false).await? {
        let post = post(&row)?;
        all.entry(post.account).or_default().push(post);
    }
    all.values_mut().for_each(|posts| posts.sort_by_key(|p| p.post.id));
    Ok(all)
}

/// Who holds a post at an agency on a day: account, name, role.
///
/// # Errors
/// [`super::DbError`].
pub async fn of_agency(conn: &mut Conn, agency: &str, day: Date) -> DbResult<Vec<(Id, String, Role)>> {
    let sql = "SELECT a.id, a.display, p.role FROM posts p JOIN accounts a ON a.id = p.account WHERE p.agency=$1 AND p.starts<=$2 AND (p.ends IS NULL OR p.ends>=$2) AND a.state='active' ORDER BY a.id, p.id LIMIT 500";
    Ok(conn
        .rows(sql, args![agency, day.to_string()])
        .await?
        .iter()
        .filter_map(|r| Some((r.id(0), r.text(1).to_owned(), Role::parse(r.text(2))?)))
        .collect())
}
