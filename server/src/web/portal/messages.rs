//! Messages (消息): the newest beside other things, all of them on a page of their own, and what counts as read.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_domain::ids::Id;

use super::words;
use crate::app::App;
use crate::error::Error;
use crate::showing;
use crate::signin::Caller;
use crate::store::Conn;
use crate::store::messages::{self, Message, Reader};
use crate::web::page::Page;

/// Messages on a page of their own.
const PAGE: usize = 30;
/// Messages beside other things.
const NEWEST: usize = 5;

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    before: String,
}

/// GET /account/messages: opening it is reading.
pub async fn list(
    State(app): State<App>,
    mut caller: Caller,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let account = caller.account()?;
    let before = match asked.before.as_str() {
        "" => i64::MAX,
        text => super::id(text, "消息")?.get(),
    };
    let reader = Reader { account, post: caller.actor.post() };
    let mut rows = messages::list(&mut app.db.read().await?, reader, before, PAGE + 1).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let older = if more { rows.last().map(|m| format!("/account/messages?before={}", m.id)) } else { None };
    if let Some(newest) = rows.first().filter(|_| rows.iter().any(|m| m.unread)) {
        read_up_to(&app, &caller, newest.id).await;
        // The page that shows them says of itself that nothing is left to read.
        caller.session.iter_mut().for_each(|s| s.unread = 0);
    }
    let own = json!({
        "messages": shown(&app, &rows), "older": older.unwrap_or_default(), "first": asked.before.is_empty(),
    });
    Page::new(&app, &caller, &headers, "/account/messages", "我的消息")
        .crumbs(&[("/account", "我的账号"), ("", "我的消息")])
        .render("account/messages.html", own)
}

/// The newest messages of the caller.
pub async fn newest(app: &App, conn: &mut Conn, caller: &Caller) -> Result<Vec<Json>, Error> {
    let reader = Reader { account: caller.account()?, post: caller.actor.post() };
    Ok(shown(app, &messages::list(conn, reader, i64::MAX, NEWEST).await?))
}

fn shown(app: &App, rows: &[Message]) -> Vec<Json> {
    rows.iter()
        .map(|message| {
            let told = showing::told(app, message);
            json!({
                "href": told.page, "text": told.title, "at": words::short_moment(message.at),
                "unread": message.unread, "desk": message.desk,
            })
        })
        .collect()
}

/// What could not be marked stays unread and is marked the next time.
async fn read_up_to(app: &App, caller: &Caller, last: Id) {
    let Some(session) = &caller.session else { return };
    let (account, now) = (session.account, app.clock.now());
    let marked = app
        .writer
        .plain(move |conn| Box::pin(async move { messages::mark_up_to(conn, account, last, now).await }))
        .await;
    match marked {
        Ok(()) => app.sessions.forget(&session.token),
        Err(error) => tracing::debug!(%error, "messages were not marked as read"),
    }
}

/// Whoever opens a case has read what they were told of it; the page does not wait for that.
pub fn read_with_case(app: &App, caller: &Caller, case: Id) {
    let Some(session) = caller.session.as_ref().filter(|s| s.unread > 0) else { return };
    let (account, token, now) = (session.account, session.token.clone(), app.clock.now());
    let app = app.clone();
    tokio::spawn(async move {
        let marked = app
            .writer
            .plain(move |conn| Box::pin(async move { messages::mark_case(conn, account, case, now).await }))
            .await;
        match marked {
            Ok(_) => app.sessions.forget(&token),
            Err(error) => tracing::debug!(%error, "messages were not marked as read"),
        }
    });
}
