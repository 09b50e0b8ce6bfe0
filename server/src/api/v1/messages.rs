//! Messages of whoever is signed in, newest first. Reading them here marks nothing as read.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::problem::answer;
use super::drafts::id;
use crate::app::App;
use crate::error::Error;
use crate::showing;
use crate::signin::Caller;
use crate::store::messages::{self, Message, Reader};

/// How many rows a page has unless told, and at most.
const PAGE: usize = 50;
const MOST: usize = 200;

#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let reader = Reader { account: caller.account()?, post: caller.actor.post() };
    let before = match asked.after.as_deref() {
        None | Some("") => i64::MAX,
        Some(text) => id(text, "消息")?.get(),
    };
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, MOST);
    let mut rows = messages::list(&mut app.db.read().await?, reader, before, limit + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|m| m.id) } else { None };
    let shown: Vec<Value> = rows.iter().map(|m| view(&app, m)).collect();
    Ok(answer(StatusCode::OK, &json!({"messages": shown, "next": next})))
}

fn view(app: &App, message: &Message) -> Value {
    let told = showing::told(app, message);
    json!({
        "id": message.id, "topic": message.topic, "case": message.no, "title": told.title, "text": told.text,
        "page": told.page, "due": message.due, "at": message.at, "unread": message.unread,
        "to": if message.desk { "desk" } else { "account" },
    })
}
