//! Outages of the platform, open to everyone: what is declared to all is shown to all.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::error::Error;
use crate::signin::Caller;
use crate::store::cases::Cursor;
use crate::store::outages;
use crate::web::page::Page;
use crate::web::words as say;

const PAGE: usize = 30;

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    after: String,
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let after = Cursor::parse(&asked.after);
    let (rows, next) = outages::page(&mut app.db.read().await?, false, after, PAGE).await?;
    let rows: Vec<Json> = rows
        .iter()
        .map(|o| {
            let until = o.span.to.map_or("还没有恢复".to_owned(), |to| format!("{}恢复", say::moment(to)));
            json!({"from": say::moment(o.span.from), "to": until, "open": o.span.to.is_none(), "reason": o.reason})
        })
        .collect();
    let own = json!({
        "rows": rows,
        "pager": {
            "first": after.is_some().then_some("/outages"),
            "next": next.map(|c| format!("/outages?after={}", c.to_text())), "note": "",
        },
    });
    Page::new(&app, &caller, &headers, "/outages", "平台停机公告")
        .crumbs(&[("/", "首页"), ("", "平台停机公告")])
        .render("portal/outages.html", own)
}
