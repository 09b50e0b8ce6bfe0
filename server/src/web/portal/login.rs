//! Signing in and out. After signing in the person is where they wanted to be.

use std::net::{IpAddr, SocketAddr};

use axum::Extension;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_domain::item::FieldError;

use super::{local_path, see, with_cookie, words};
use crate::app::App;
use crate::door::{COOKIE, cookie};
use crate::error::Error;
use crate::seed;
use crate::signin::{self, Caller};
use crate::store::accounts;
use crate::web::form::Form;
use crate::web::page::Page;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    next: String,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Error> {
    let back = local_path(&wanted.next);
    let lost = caller.session.is_none() && cookie(&headers, COOKIE).is_some_and(|token| !token.is_empty());
    let reason = match (lost, wanted.next.is_empty()) {
        (true, _) => "登录已经超时，请重新登录；已保存的内容都还在。",
        (false, false) => "请先登录，登录完会回到刚才的页面。",
        (false, true) => "",
    };
    let filled = Filled { back, reason, username: "", errors: Vec::new() };
    render(&app, &caller, &headers, filled)
}

struct Filled<'a> {
    back: &'a str,
    reason: &'a str,
    username: &'a str,
    errors: Vec<FieldError>,
}

fn render(app: &App, caller: &Caller, headers: &HeaderMap, filled: Filled<'_>) -> Result<Response, Error> {
    let own = json!({
        "reason": filled.reason,
        "next": filled.back,
        "username": filled.username,
        "username_error": words::error_of(&filled.errors, "username"),
        "password_error": words::error_of(&filled.errors, "password"),
        "demo_accounts": demo_accounts(app),
    });
    Page::new(app, caller, headers, "/login", "登录").errors(filled.errors).render("portal/login.html", own)
}

/// The accounts of the demonstration, with their password; nothing anywhere else.
fn demo_accounts(app: &App) -> Vec<Json> {
    if !app.config.demo {
        return Vec::new();
    }
    seed::account_list()
        .map(|(name, what)| {
            let (role, place) = what.split_once('（').unwrap_or((what, ""));
            json!({
                "username": name, "password": seed::PASSWORD, "name": name,
                "role_label": role, "agency": place.trim_end_matches('）'),
            })
        })
        .collect()
}

pub async fn start(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
    form: Form,
) -> Result<Response, Error> {
    let from = from.map_or(IpAddr::from([127, 0, 0, 1]), |c| c.0.0.ip());
    let back = local_path(form.text("next"));
    let username = form.text("username");
    let blank = |field: &str, label: &str| {
        FieldError::new(field, label, format!("请输入{label}"), format!("{field} is required"))
    };
    let mut errors: Vec<FieldError> = [("username", "用户名"), ("password", "密码")]
        .into_iter()
        .filter(|(field, _)| form.all(field).first().is_none_or(|value| value.is_empty()))
        .map(|(field, label)| blank(field, label))
        .collect();
    if errors.is_empty() {
        let password = form.all("password").first().map_or("", String::as_str);
        match signin::check_password(&app, username, password, from).await {
            Ok(account) => {
                if let Some(old) = &caller.session {
                    signin::end(&app, old).await?;
                }
                let today = app.today();
                let posts = accounts::posts_on(&mut app.db.read().await?, account.id, today).await?;
                let token = signin::start(&app, &account, "web", posts.first().map(|p| p.id)).await?;
                let home = if back == "/" && !posts.is_empty() { "/desk" } else { back };
                return Ok(with_cookie(&app, see(home), COOKIE, &token, "; HttpOnly"));
            }
            Err(Error::Invalid(found)) => errors = found,
            Err(error) => return Err(error),
        }
    }
    let mut response = render(&app, &caller, &headers, Filled { back, reason: "", username, errors })?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

pub async fn end(State(app): State<App>, caller: Caller, _form: Form) -> Result<Response, Error> {
    if let Some(session) = &caller.session {
        signin::end(&app, session).await?;
    }
    Ok(with_cookie(&app, see("/"), COOKIE, "", "; HttpOnly; Max-Age=0"))
}
