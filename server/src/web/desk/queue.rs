//! Queues: the tabs of a desk, their counts, a page of rows, and the way through them case by case.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tongban_domain::case::{StateName, staff_words};
use tongban_domain::ids::Id;
use tongban_domain::permit::visible;

use super::{Asked, view};
use crate::app::App;
use crate::casefile::CaseFile;
use crate::error::{Error, invalid};
use crate::showing::listed_name;
use crate::signin::Caller;
use crate::store::cases::{self, Cursor, Listed, NEVER, Narrow};
use crate::store::{Conn, accounts};
use crate::web::words;

/// Rows of a page.
pub const PAGE: usize = 50;
/// Lists count up to here.
const BOUND: i64 = 1000;

/// One tab of a desk.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Word in the address.
    pub tab: &'static str,
    /// Words on the tab.
    pub label: &'static str,
    /// What it holds.
    pub narrow: Narrow,
}

impl Queue {
    /// The cases in some states.
    pub fn of(tab: &'static str, label: &'static str, states: &[StateName]) -> Self {
        Self { tab, label, narrow: Narrow { states: states.to_vec(), ..Narrow::default() } }
    }
}

/// The queue a tab names, else the first.
pub fn named<'a>(queues: &'a [Queue], tab: &str) -> Option<&'a Queue> {
    queues.iter().find(|q| q.tab == tab).or_else(|| queues.first())
}

/// The first queue that holds a state.
pub fn of_state(queues: &[Queue], state: StateName) -> Option<&Queue> {
    queues.iter().find(|q| q.narrow.states.contains(&state))
}

/// A bounded count as it is shown.
pub fn bounded(n: i64) -> Value {
    if n >= BOUND { json!(format!("{}+", BOUND - 1)) } else { json!(n) }
}

/// Counts a list up to the bound.
pub async fn count(conn: &mut Conn, caller: &Caller, narrow: &Narrow) -> Result<i64, Error> {
    Ok(cases::count(conn, &visible(&caller.actor), narrow, BOUND).await?)
}

/// The tabs of a desk with their counts.
pub async fn tabs(
    conn: &mut Conn,
    caller: &Caller,
    base: &str,
    queues: &[Queue],
    current: &str,
) -> Result<Vec<Value>, Error> {
    let mut tabs = Vec::with_capacity(queues.len());
    for queue in queues {
        let count = count(conn, caller, &queue.narrow).await?;
        tabs.push(json!({
            "href": format!("{base}?tab={}", queue.tab), "label": queue.label,
            "count": bounded(count), "current": queue.tab == current,
        }));
    }
    Ok(tabs)
}

/// Where a page begins.
///
/// # Errors
/// [`Error::Invalid`] when the address was changed by hand.
pub fn after(asked: &Asked) -> Result<Option<Cursor>, Error> {
    if asked.after.is_empty() {
        return Ok(None);
    }
    Cursor::parse(&asked.after)
        .map(Some)
        .ok_or_else(|| invalid("after", "翻页位置", "请回到第一页再往后翻", "after is not a cursor of ours"))
}

/// The links below a list; `link` is its address with all filters, ending so that a parameter can follow.
pub fn pager(link: &str, asked: &Asked, next: Option<Cursor>) -> Value {
    let first = (!asked.after.is_empty()).then(|| link.trim_end_matches(['?', '&']).to_owned());
    json!({
        "first": first,
        "next": next.map(|c| format!("{link}after={}", c.to_text())),
        "note": if next.is_some() || !asked.after.is_empty() { format!("每页{PAGE}件") } else { String::new() },
    })
}

/// The tabs, rows and pager of a desk's list, and which queue is shown.
pub async fn page(
    app: &App,
    caller: &Caller,
    base: &str,
    queues: &[Queue],
    asked: &Asked,
) -> Result<(usize, Value), Error> {
    let mut conn = app.db.read().await?;
    let current = queues.iter().position(|q| q.tab == asked.tab).unwrap_or_default();
    let queue = queues.get(current).ok_or(Error::NotFound("队列"))?;
    let tabs = tabs(&mut conn, caller, base, queues, queue.tab).await?;
    let (listed, next) =
        cases::list(&mut conn, &visible(&caller.actor), &queue.narrow, after(asked)?, PAGE).await?;
    let rows = rows(app, &mut conn, &listed, |_| format!("{base}/"), &format!("?tab={}", queue.tab)).await?;
    let link = format!("{base}?tab={}&", queue.tab);
    Ok((current, json!({"tabs": tabs, "rows": rows, "pager": pager(&link, asked, next)})))
}

/// Rows of a worklist; `base` gives the path before the number, `tail` follows it.
pub async fn rows(
    app: &App,
    conn: &mut Conn,
    listed: &[Listed],
    base: impl Fn(StateName) -> String,
    tail: &str,
) -> Result<Vec<Value>, Error> {
    let mut officers: Vec<Id> = listed.iter().filter_map(|l| l.stored.case.officer).collect();
    officers.sort_unstable();
    officers.dedup();
    let people = accounts::names(conn, &officers).await?;
    Ok(listed
        .iter()
        .map(|l| {
            let no = l.stored.case.no.as_str();
            let href = format!("{}{no}{tail}", base(l.stored.case.state.name()));
            row(app, l, &people, href)
        })
        .collect())
}

fn row(app: &App, listed: &Listed, people: &BTreeMap<Id, String>, href: String) -> Value {
    let case = &listed.stored.case;
    let catalogue = app.catalogue();
    let entry = catalogue.entry_at(&case.item.entry, case.item.version);
    let situation = entry.and_then(|e| e.situation(&case.item.situation));
    let standing = view::standing(app, case);
    let submitted = tongban_domain::calendar::date_of_ms(listed.stored.submitted_at);
    json!({
        "no": case.no,
        "href": href,
        "light": standing.light,
        "item": entry.map_or(case.item.entry.as_str(), |e| e.name.as_str()),
        "situation": situation.map_or("", |s| s.name.as_str()),
        "applicant": listed_name(&listed.party_kind, &listed.party_name),
        "state": staff_words(case.state.name()),
        "submitted": words::short_day(submitted),
        "left": standing.left,
        "due": standing.due.map_or("—".to_owned(), words::short_due_day),
        "officer": case.officer.and_then(|o| people.get(&o)).map_or("", String::as_str),
        "version": case.version,
        "can_assign": matches!(case.state.name(), StateName::Accepted | StateName::Reviewing),
    })
}

/// Addresses of the cases before and behind this one in its queue.
pub async fn neighbours(
    app: &App,
    caller: &Caller,
    base: &str,
    queue: Option<&Queue>,
    place: (&CaseFile, &Asked),
) -> Result<(Option<String>, Option<String>), Error> {
    let Some(queue) = queue else { return Ok((None, None)) };
    let (file, asked) = place;
    let own = Cursor { value: file.due.map_or(NEVER, |d| d.at()), id: file.case.id.get() };
    let at = Cursor::parse(&asked.at).unwrap_or(own);
    let mut conn = app.db.read().await?;
    let (before, behind) = cases::neighbours(&mut conn, &visible(&caller.actor), &queue.narrow, at).await?;
    let href = |no: Option<tongban_domain::ids::CaseNo>| {
        no.filter(|no| *no != file.case.no).map(|no| format!("{base}/{no}?tab={}", queue.tab))
    };
    Ok((href(before), href(behind)))
}
