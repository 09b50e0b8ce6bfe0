//! The pages: Chinese, rendered on the server, working without script. This file is the route table; each page's
//! handler stands in the file named like its template.

pub mod desk;
mod form;
pub mod manage;
mod page;
pub mod portal;
pub mod supervise;
mod visit;
pub mod words;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use tongban_domain::permit::Denial;

use crate::app::App;
use crate::door::{self, Leaving, Routes};
use crate::error::Error;
use crate::signin::Caller;

pub use form::{Form, UPLOAD_BYTES, Upload, encode};
pub use page::{Page, Pages, asset, templates};
pub use visit::Visit;

/// Every page and its access.
pub fn routes() -> Routes {
    portal::routes().with(desk::routes()).with(manage::routes()).with(supervise::routes())
}

/// The pages with their layers: who calls, same origin, security headers, error pages.
pub fn router(app: &App) -> Router<App> {
    let router = routes().into_router();
    let router = router.layer(from_fn_with_state(app.clone(), dress));
    door::identified(app, false, router)
}

/// The page for an address that does not exist.
pub async fn not_found(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/api/") {
        return api_not_found();
    }
    page::error(&app, &Caller::nobody(), request.headers(), &path, &Error::NotFound("这个页面"))
}

fn api_not_found() -> Response {
    let body = r#"{"type":"about:blank","status":404,"code":"not_found","detail":"没有这个接口","detail_en":"no such route"}"#;
    (axum::http::StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "application/problem+json")], body)
        .into_response()
}

/// Refuses forms from elsewhere, turns errors into pages, adds the security headers.
async fn dress(State(app): State<App>, caller: Caller, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let headers = request.headers().clone();
    if method != Method::GET && method != Method::HEAD && !same_origin(&app, &headers) {
        let error = Error::Denial(Denial::Role);
        return page::error(&app, &caller, &headers, &path, &error).into_response();
    }
    let mut response = next.run(request).await;
    if let Some(Leaving(error)) = response.extensions_mut().remove::<Leaving>() {
        response = match &*error {
            Error::Denial(Denial::SignIn) if method == Method::GET => {
                Redirect::to(&format!("/login?next={}", form::encode(&path))).into_response()
            }
            error => {
                let retry = response.headers().get(header::RETRY_AFTER).cloned();
                let mut shown = page::error(&app, &caller, &headers, &path, error).into_response();
                if let Some(retry) = retry {
                    shown.headers_mut().insert(header::RETRY_AFTER, retry);
                }
                shown
            }
        };
    }
    let set = response.headers_mut();
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("permissions-policy", "camera=(self), geolocation=(), microphone=()"),
    ] {
        set.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if caller.session.is_some() {
        set.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// A form must come from our own pages: browsers say where it comes from.
fn same_origin(app: &App, headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site").and_then(|v| v.to_str().ok()) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok()) else { return true };
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let ours = origin.split_once("://").is_some_and(|(_, o)| o == host);
    ours || origin == app.config.base_url
}
