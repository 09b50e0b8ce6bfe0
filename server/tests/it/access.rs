//! The access table: every route × every kind of caller. A route that is not listed here fails the test.

use axum::body::Body;
use axum::http::{Method, Request, header};
use tongban::door::Access;
use tongban_domain::permit::Role;

use crate::support::TestApp;

const CALLERS: [&str; 8] =
    ["", "citizen", "clerk", "reviewer", "representative", "manager", "supervisor", "admin"];

fn may_enter(access: Access, caller: &str) -> bool {
    match (access, caller) {
        (Access::Public, _) => true,
        (_, "") => false,
        (Access::SignedIn, _) => true,
        (Access::Applicant, caller) => caller == "citizen",
        (Access::Staff(roles), caller) => Role::parse(caller).is_some_and(|r| roles.contains(&r)),
    }
}

/// Paths with every parameter filled with something that does not exist.
fn concrete(path: &str) -> String {
    path.split('/').map(|p| if p.starts_with('{') { "0" } else { p }).collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_api_route_lets_in_whom_the_table_names() {
    let t = TestApp::new().await;
    let mut tokens = Vec::new();
    for caller in CALLERS {
        tokens.push(if caller.is_empty() { String::new() } else { t.token(caller).await });
    }
    for route in tongban::api::routes().table {
        if route.path == "/api/v1/session" && route.method == Method::DELETE {
            continue;
        }
        for (caller, token) in CALLERS.iter().zip(&tokens) {
            let mut request = Request::builder().method(route.method.clone()).uri(concrete(route.path));
            if !token.is_empty() {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
            let answer = t.send(request.body(Body::empty()).unwrap()).await;
            let refused = matches!(answer.status.as_u16(), 401 | 403);
            assert_eq!(
                !refused,
                may_enter(route.access, caller),
                "{} {} as {caller:?} answered {}",
                route.method,
                route.path,
                answer.status
            );
            assert!(
                answer.status.as_u16() < 500,
                "{} {} as {caller:?}: {}",
                route.method,
                route.path,
                answer.body
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_lets_in_whom_the_table_names() {
    let t = TestApp::new().await;
    let mut tokens = Vec::new();
    for caller in CALLERS {
        tokens.push(if caller.is_empty() { String::new() } else { t.token(caller).await });
    }
    for route in tongban::web::routes().table {
        if route.path == "/logout" {
            continue;
        }
        for (caller, token) in CALLERS.iter().zip(&tokens) {
            let mut request = Request::builder().method(route.method.clone()).uri(concrete(route.path));
            if !token.is_empty() {
                request = request.header(header::COOKIE, format!("{}={token}", tongban::door::COOKIE));
            }
            let answer = t.send(request.body(Body::empty()).unwrap()).await;
            let to_login = answer
                .headers
                .get(header::LOCATION)
                .is_some_and(|l| l.to_str().unwrap().starts_with("/login"));
            let refused = matches!(answer.status.as_u16(), 401 | 403) || to_login;
            assert_eq!(
                !refused,
                may_enter(route.access, caller),
                "{} {} as {caller:?} answered {}",
                route.method,
                route.path,
                answer.status
            );
            assert!(answer.status.as_u16() < 500, "{} {} as {caller:?}", route.method, route.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_names_every_route_and_every_command() {
    let t = TestApp::new().await;
    let description = t.get("/api/openapi.json", "").await.ok();
    for route in tongban::api::routes().table {
        let operation = &description["paths"][route.path][route.method.as_str().to_lowercase()];
        assert!(operation["summary"].is_string(), "{} {}", route.method, route.path);
    }
    let commands = description["components"]["schemas"]["Command"]["oneOf"].as_array().unwrap();
    assert_eq!(
        commands.len(),
        tongban_domain::case::CommandKind::ALL.len() - 3,
        "all but submission and the platform's own"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_or_without_its_token_changes_nothing() {
    let t = TestApp::new().await;
    let token = t.token("clerk").await;
    let no = t.submit(1).await;
    let cookie = format!("{}={token}", tongban::door::COOKIE);
    let send = |origin: &str, body: String| {
        Request::post(format!("/desk/counter/{no}/receive"))
            .header(header::COOKIE, &cookie)
            .header(header::HOST, "tongban.test")
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    let elsewhere = t.send(send("http://evil.test", String::new())).await;
    assert_eq!(elsewhere.status.as_u16(), 403);
    let without = t.send(send("http://tongban.test", "csrf=0000".into())).await;
    assert!(without.status.as_u16() >= 400, "{}", without.status);
    let api = t.token("clerk").await;
    assert_eq!(t.get(&format!("/api/v1/cases/{no}"), &api).await.ok()["state"], "submitted");
}
