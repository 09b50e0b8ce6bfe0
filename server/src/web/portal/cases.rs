//! Own cases and drafts: what waits for the applicant, what runs, what is over.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_domain::calendar::date_of_ms;
use tongban_domain::case::{Case, StateName, citizen_words};
use tongban_domain::permit::visible;

use super::{case, draft, words};
use crate::app::App;
use crate::error::Error;
use crate::filing::{self, Draft};
use crate::signin::Caller;
use crate::store::cases::{self, Cursor, Listed, Narrow};
use crate::web::page::Page;

const PAGE: usize = 20;
const TABS: [(&str, &str); 5] =
    [("", "全部"), ("todo", "待我处理"), ("open", "办理中"), ("done", "已办结"), ("drafts", "草稿")];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    tab: String,
    after: String,
    done: Option<String>,
}

/// Whether the result was handed over and the applicant has not rated the service.
pub fn waits_for_rating(case: &Case) -> bool {
    case.state.name() == StateName::Delivered && case.rating.is_none()
}

fn waits(case: &Case) -> bool {
    case.state.name() == StateName::Supplementing || waits_for_rating(case)
}

fn narrow(tab: &str) -> Narrow {
    let newest = Narrow { newest: true, ..Narrow::default() };
    match tab {
        "todo" => {
            Narrow { states: vec![StateName::Supplementing, StateName::Delivered], ..Narrow::default() }
        }
        "open" => Narrow { over: Some(false), ..Narrow::default() },
        "done" => Narrow { over: Some(true), ..newest },
        _ => newest,
    }
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Error> {
    let tab = TABS.iter().map(|(key, _)| *key).find(|key| *key == wanted.tab).unwrap_or_default();
    let drafts = filing::list(&app, caller.account()?).await?;
    let scope = visible(&caller.actor);
    let mut conn = app.db.read().await?;
    let (waiting, _) = cases::list(&mut conn, &scope, &narrow("todo"), None, 100).await?;
    let waiting = waiting.iter().filter(|r| waits(&r.stored.case)).count();
    let (rows, next) = if tab == "drafts" {
        (Vec::new(), None)
    } else {
        cases::list(&mut conn, &scope, &narrow(tab), Cursor::parse(&wanted.after), PAGE).await?
    };
    drop(conn);
    let tabs: Vec<Json> = TABS
        .iter()
        .map(|(key, label)| {
            let count = match *key {
                "todo" => Some(waiting),
                "drafts" => Some(drafts.len()),
                _ => None,
            };
            let href = if key.is_empty() { "/cases".to_owned() } else { format!("/cases?tab={key}") };
            json!({"href": href, "label": label, "count": count, "current": *key == tab})
        })
        .collect();
    let shown = rows.iter().filter(|r| tab != "todo" || waits(&r.stored.case));
    let address = |after: &str| format!("/cases?tab={tab}{after}");
    let own = json!({
        "tabs": tabs,
        "drafts": if tab == "drafts" { drafts.iter().map(|d| draft_row(&app, d)).collect() } else { Vec::new() },
        "cases": shown.map(|r| row(&app, r)).collect::<Vec<_>>(),
        "pager": {
            "first": (!wanted.after.is_empty()).then(|| address("")),
            "next": next.map(|c| address(&format!("&after={}", c.to_text()))), "note": "",
        },
        "empty_words": empty(tab),
    });
    Page::new(&app, &caller, &headers, "/cases", "我的办件")
        .crumbs(&[("/", "首页"), ("", "我的办件")])
        .flash("good", words::done(wanted.done.as_deref()))
        .render("portal/cases.html", own)
}

fn empty(tab: &str) -> &'static str {
    match tab {
        "todo" => "没有等您处理的事",
        "open" => "没有正在办理的件",
        "done" => "没有已办结的件",
        "drafts" => "没有草稿",
        _ => "还没有办件",
    }
}

fn draft_row(app: &App, draft: &Draft) -> Json {
    let href = format!("/drafts/{}", draft.row.id);
    let saved = words::short_moment(draft.row.updated_at);
    match filing::entry_of(app, draft) {
        Ok(entry) => json!({
            "href": href, "item": entry.name, "saved": saved, "progress": draft::progress(&entry, draft),
            "situation": entry.situation(&draft.row.situation).map_or("", |s| s.name.as_str()),
        }),
        Err(_) => {
            json!({"href": href, "item": "事项已经取消", "saved": saved, "progress": "不能再提交", "situation": ""})
        }
    }
}

fn row(app: &App, row: &Listed) -> Json {
    let case = &row.stored.case;
    let catalogue = app.catalogue();
    let entry = catalogue.entry_at(&case.item.entry, case.item.version);
    let regime = entry.and_then(|e| catalogue.regimes.get(&e.regime));
    let due = regime.and_then(|r| case.pressing(r, &catalogue.calendar));
    let left = match (due, regime) {
        (Some(due), Some(regime)) => {
            words::pressing(case, due, regime, &catalogue.calendar, app.today()).words()
        }
        _ => String::new(),
    };
    let action = match case.state.name() {
        StateName::Supplementing => Some(("supplement", "去补正")),
        _ if waits_for_rating(case) => Some(("rating", "去评价")),
        _ => None,
    };
    let situation = entry.and_then(|e| e.situation(&case.item.situation));
    json!({
        "no": case.no, "no_spaced": words::spaced(&case.no),
        "item": entry.map_or("", |e| e.name.as_str()), "situation": situation.map_or("", |s| s.name.as_str()),
        "submitted": words::short_day(date_of_ms(row.stored.submitted_at)),
        "words": citizen_words(case, due), "left": left, "holder": case::holder(app, case, "").0,
        "action": action.map(|(page, label)| json!({"href": format!("/cases/{}/{page}", case.no), "label": label})),
    })
}
