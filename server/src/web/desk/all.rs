//! All cases in sight (全部办件), one of them read only, and its files and documents.

use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use tongban_domain::calendar::end_of_day_ms;
use tongban_domain::case::{StateName, staff_words};
use tongban_domain::ids::{CaseNo, Id};
use tongban_domain::permit::{Role, visible};

use super::queue::{self, Queue};
use super::{Asked, Visit, desk_of, told, view};
use crate::app::App;
use crate::casefile;
use crate::error::Error;
use crate::store::cases::{self, Narrow};

const BASE: &str = "/desk/cases";

/// The states in which a clock of ours runs.
const RUNNING: [StateName; 8] = [
    StateName::Submitted,
    StateName::Received,
    StateName::Accepted,
    StateName::Reviewing,
    StateName::Deciding,
    StateName::Granted,
    StateName::Refused,
    StateName::Issued,
];

/// What is late, and what is due within one working day.
pub fn late_and_soon(app: &App) -> (Narrow, Narrow) {
    let now = app.clock.now();
    let catalogue = app.catalogue();
    let soon = end_of_day_ms(catalogue.calendar.next_working_day(app.today()));
    let running = || Narrow { states: RUNNING.to_vec(), ..Narrow::default() };
    (
        Narrow { due_until: Some(now), ..running() },
        Narrow { due_after: Some(now), due_until: Some(soon), ..running() },
    )
}

fn views(app: &App) -> Vec<Queue> {
    let (late, soon) = late_and_soon(app);
    let open = Narrow { over: Some(false), ..Narrow::default() };
    let over = Narrow { over: Some(true), newest: true, ..Narrow::default() };
    vec![
        Queue { tab: "open", label: "办理中", narrow: open },
        Queue { tab: "late", label: "超期", narrow: late },
        Queue { tab: "soon", label: "临期", narrow: soon },
        Queue::of("stopped", "停表", &[StateName::Suspended, StateName::Supplementing]),
        Queue { tab: "over", label: "已结束", narrow: over },
    ]
}

/// GET /desk/cases
pub async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let q = asked.q.trim().to_owned();
    if !q.is_empty()
        && let Some(to) = found(&visit, &q).await?
    {
        return Ok(Redirect::to(&to).into_response());
    }
    let own = listed(&visit, &asked, &q).await?;
    let missing = if q.is_empty() {
        ""
    } else {
        "没有找到这个编号的办件，请核对12位办件编号或43位统一编号"
    };
    let page = visit.page("全部办件");
    let page =
        if missing.is_empty() { page.flash("good", told(&asked.done)) } else { page.flash("warn", missing) };
    page.render("desk/cases.html", own)
}

/// Where a case with this number is worked on.
async fn found(visit: &Visit, q: &str) -> Result<Option<String>, Error> {
    let scope = visible(&visit.caller.actor);
    let mut conn = visit.app.db.read().await?;
    let bare: String = q.chars().filter(|c| !c.is_whitespace()).collect();
    let no = match CaseNo::parse(&bare) {
        Ok(no) => Some(no),
        Err(_) => cases::no_by_national(&mut conn, &scope, &bare.to_ascii_uppercase()).await?,
    };
    let Some(no) = no else { return Ok(None) };
    let stored = cases::find(&mut conn, &scope, &no).await?;
    Ok(stored.map(|s| format!("{}/{no}", desk_of(visit.caller.role(), s.case.state.name()))))
}

async fn listed(visit: &Visit, asked: &Asked, q: &str) -> Result<Value, Error> {
    let views = views(&visit.app);
    let view = views.iter().find(|v| v.tab == asked.view).or(views.first()).ok_or(Error::NotFound("视图"))?;
    let mut narrow = view.narrow.clone();
    let state = StateName::parse(&asked.state);
    if let Some(state) = state {
        narrow.states = vec![state];
        narrow.over = None;
    }
    let mut conn = visit.app.db.read().await?;
    let (rows, next) = if q.is_empty() {
        let after = queue::after(asked)?;
        cases::list(&mut conn, &visible(&visit.caller.actor), &narrow, after, queue::PAGE).await?
    } else {
        (Vec::new(), None)
    };
    let role = visit.caller.role();
    let base = |state| {
        if role == Some(Role::Supervisor) { format!("{BASE}/") } else { format!("{}/", desk_of(role, state)) }
    };
    let rows = queue::rows(&visit.app, &mut conn, &rows, base, "").await?;
    let tabs = view_tabs(&mut conn, visit, &views, view.tab).await?;
    let word = state.map_or("", StateName::as_str);
    let link = format!("{BASE}?view={}&state={}&", view.tab, word);
    let states = StateName::ALL
        .iter()
        .map(|s| json!({"value": s.as_str(), "label": staff_words(*s), "selected": Some(*s) == state}));
    Ok(json!({
        "scope_words": scope_words(visit), "views": tabs,
        "keep": [{"name": "view", "value": view.tab}], "q": q,
        "states": states.collect::<Vec<_>>(), "rows": rows, "pager": queue::pager(&link, asked, next),
    }))
}

async fn view_tabs(
    conn: &mut crate::store::Conn,
    visit: &Visit,
    views: &[Queue],
    current: &str,
) -> Result<Vec<Value>, Error> {
    let mut tabs = Vec::with_capacity(views.len());
    for view in views {
        let count = match view.tab {
            "over" => Value::Null,
            _ => queue::bounded(queue::count(conn, &visit.caller, &view.narrow).await?),
        };
        let href = format!("{BASE}?view={}", view.tab);
        tabs.push(json!({"href": href, "label": view.label, "count": count, "current": view.tab == current}));
    }
    Ok(tabs)
}

fn scope_words(visit: &Visit) -> String {
    let catalogue = visit.app.catalogue();
    let post = visit.caller.actor.post();
    match post.map(|p| (p.role, p.division)) {
        Some((Role::Supervisor, division)) => {
            format!("{}及所辖各级机关决定的办件", catalogue.tree.full_name(division).unwrap_or_default())
        }
        Some((Role::Clerk, _)) => format!("{}综合窗口收件的办件", visit.agency_name()),
        _ => format!("{}决定的办件", visit.agency_name()),
    }
}

/// GET /desk/cases/{no}
pub async fn show(
    visit: Visit,
    Path(no): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, &no, "view").await?;
    let mut own = view::page(&visit, &file, BASE, &[], &asked).await?;
    let standing = view::standing(&visit.app, &file.case);
    let findings = view::steps(&file).pop().map(|s| s.findings).unwrap_or_default();
    own.insert("findings".into(), json!(findings));
    own.insert("timeline".into(), view::timeline(&file, &standing, true).into());
    own.insert("materials".into(), view::materials(&file).into());
    own.insert("answers".into(), json!(view::answers(&file)));
    let grouped = file.case.no.grouped();
    let crumbs = [(BASE, "全部办件"), ("", grouped.as_str())];
    let title = format!("办件 {grouped}");
    visit
        .page(&title)
        .crumbs(&crumbs)
        .flash("good", told(&asked.done))
        .render("desk/case.html", Value::Object(own))
}

fn id(text: &str, what: &'static str) -> Result<Id, Error> {
    text.parse::<i64>().map(Id::from).map_err(|_| Error::NotFound(what))
}

fn inline(kind: &'static str, bytes: bytes::Bytes) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    response
}

/// GET /desk/cases/{no}/files/{id}: only files of a case the caller may see.
pub async fn file(visit: Visit, Path((no, wanted)): Path<(String, String)>) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, &no, "file").await?;
    let wanted = id(&wanted, "文件")?;
    let known = file.timeline.iter().flat_map(|h| h.event.files()).find(|f| f.id == wanted);
    let known = known.ok_or(Error::NotFound("文件"))?;
    let bytes = visit.app.files.read(&known.digest).await?;
    Ok(inline(known.kind.media_type(), bytes))
}

/// GET /desk/cases/{no}/documents/{id}
pub async fn document(visit: Visit, Path((no, wanted)): Path<(String, String)>) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, &no, "document").await?;
    let document = file.case.document(id(&wanted, "文书")?).ok_or(Error::NotFound("文书"))?;
    let bytes = casefile::document_bytes(&visit.app, document).await?;
    Ok(inline("application/pdf", bytes))
}
