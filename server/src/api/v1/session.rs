//! Signing in and out over the API.

use std::net::{IpAddr, SocketAddr};

use axum::Extension;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::permit::{Denial, Role};

use super::super::problem::{Body, answer};
use crate::app::App;
use crate::error::Error;
use crate::signin::{self, Caller};
use crate::store::accounts;

/// Name, password and, for staff with several posts, the role to act in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    name: String,
    password: String,
    #[serde(default)]
    role: Option<Role>,
}

pub async fn start(
    State(app): State<App>,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
    Body(body): Body<SignIn>,
) -> Result<Response, Error> {
    let from = from.map_or(IpAddr::from([127, 0, 0, 1]), |c| c.0.0.ip());
    let account = signin::check_password(&app, body.name.trim(), &body.password, from).await?;
    let posts = accounts::posts_on(&mut app.db.read().await?, account.id, app.today()).await?;
    let post = match body.role {
        Some(role) => Some(posts.iter().find(|p| p.role == role).ok_or(Error::Denial(Denial::Role))?.id),
        None => posts.first().map(|p| p.id),
    };
    let token = signin::start(&app, &account, "api", post).await?;
    let caller = signin::caller(&app, &token).await?;
    let mut body = who(&caller);
    body["token"] = token.into();
    Ok(answer(StatusCode::CREATED, &body))
}

fn who(caller: &Caller) -> Value {
    let Some(session) = &caller.session else { return json!({}) };
    json!({
        "account": session.account,
        "name": session.display,
        "kind": if caller.role().is_some() { "staff" } else { "applicant" },
        "role": caller.role(),
        "agency": caller.actor.post().map(|p| p.agency.clone()),
        "posts": session.posts,
        "expires_at": session.expires_at,
    })
}

pub async fn show(caller: Caller) -> Result<Response, Error> {
    Ok(answer(StatusCode::OK, &who(&caller)))
}

pub async fn end(State(app): State<App>, caller: Caller) -> Result<Response, Error> {
    if let Some(session) = &caller.session {
        signin::end(&app, session).await?;
    }
    Ok(answer(StatusCode::OK, &json!({"ended": true})))
}
