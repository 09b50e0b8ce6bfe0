//! Outages: found by the program after a silence, declared by people, shown to everyone, and taken back.

use std::sync::atomic::AtomicI64;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use tongban::app::App;
use tongban::clock::{Chance, Clock};
use tongban::outages;
use tongban::store;
use tongban_domain::case::Outage;

use crate::support::{START, TestApp};

const HOUR: i64 = 3_600_000;

async fn page(t: &TestApp, path: &str, token: &str) -> String {
    let mut request = Request::get(path);
    if !token.is_empty() {
        request = request.header(header::COOKIE, format!("{}={token}", tongban::door::COOKIE));
    }
    let answer = t.send(request.body(Body::empty()).unwrap()).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.status);
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_in_office_hours_is_an_outage_and_is_found_once() {
    let t = TestApp::new().await;
    assert!(!outages::notice_silence(&t.app).await.unwrap(), "the first start of all");
    outages::beat(&t.app).await.unwrap();
    t.later(20 * 60_000);
    assert!(!outages::notice_silence(&t.app).await.unwrap(), "twenty minutes are no outage");
    // Two nodes start together after a lunch without the program.
    t.later(3 * HOUR);
    let mut config = t.app.config.clone();
    config.node = 1;
    let second = App::open(config, Clock::Set(AtomicI64::new(t.app.clock.now())), Chance::Seeded(9)).await;
    let second = second.unwrap();
    let found =
        [outages::notice_silence(&t.app).await.unwrap(), outages::notice_silence(&second).await.unwrap()];
    assert_eq!(found, [true, false]);
    second.db.close().await;
    let listed = t.get("/api/v1/outages", "").await.ok();
    let rows = listed["outages"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["found_by_program"], true);
    assert_eq!(rows[0]["to"].as_i64().unwrap() - rows[0]["from"].as_i64().unwrap(), 3 * HOUR);
    // Night and weekend: nobody could be late for it.
    t.later(9 * HOUR);
    outages::beat(&t.app).await.unwrap();
    t.later(8 * HOUR);
    assert!(!outages::notice_silence(&t.app).await.unwrap());
    let mut conn = t.app.db.read().await.unwrap();
    for ((from, to), many) in [((START, START + 9 * HOUR), 1), ((START + 9 * HOUR, START + 24 * HOUR), 0)] {
        let spans: Vec<Outage> = store::outages::overlapping(&mut conn, from, to).await.unwrap();
        assert_eq!(spans.len(), many);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_outage_stands_on_every_page_until_it_ends() {
    let t = TestApp::new().await;
    let (supervisor, clerk) = (t.token("supervisor").await, t.token("clerk").await);
    let body = json!({"reason": "机房停电，正在抢修", "from": START - HOUR});
    t.post("/api/v1/outages", &clerk, body.clone()).await.is(403);
    let declared = t.post("/api/v1/outages", &supervisor, body).await.is(201);
    for (path, token) in [("/", ""), ("/login", ""), ("/desk", clerk.as_str())] {
        let html = page(&t, path, token).await;
        assert!(html.contains("机房停电，正在抢修") && html.contains("2026年3月9日 09:00"), "{path}");
    }
    let end = format!("/api/v1/outages/{}/commands", declared["id"].as_str().unwrap());
    t.post(&end, &supervisor, json!({"type": "end", "to": START - 2 * HOUR})).await.is(422);
    t.post(&end, &supervisor, json!({"type": "end"})).await.ok();
    assert!(!page(&t, "/", "").await.contains("机房停电"));
    assert!(page(&t, "/outages", "").await.contains("机房停电"));
    t.post(&end, &supervisor, json!({"type": "withdraw"})).await.ok();
    t.post(&end, &supervisor, json!({"type": "withdraw"})).await.is(404);
    assert!(!page(&t, "/outages", "").await.contains("机房停电"));
    assert!(page(&t, "/supervise/outages", &supervisor).await.contains("已撤回"));
    let future = json!({"reason": "计划检修", "from": START + HOUR});
    t.post("/api/v1/outages", &supervisor, future).await.is(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_declares_on_the_page_and_pages_follow_by_key() {
    let t = TestApp::new().await;
    let token = t.token("supervisor").await;
    let csrf = tongban::signin::caller(&t.app, &token).await.unwrap().session.unwrap().csrf;
    let send = |fields: &str| {
        Request::post("/supervise/outages")
            .header(header::COOKIE, format!("{}={token}", tongban::door::COOKIE))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("csrf={csrf}&{fields}")))
            .unwrap()
    };
    let wrong = t.send(send("from=yesterday&reason=x")).await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert!(String::from_utf8_lossy(&wrong.bytes).contains("yesterday"), "what was typed is kept");
    let right = t.send(send("from=2026-03-09+09:00&to=2026-03-09+09:30&reason=test")).await;
    assert_eq!(right.status.as_u16(), 303);
    for number in 0..60 {
        let span = Outage { from: START - number * HOUR - HOUR, to: Some(START - number * HOUR) };
        let declared = outages::checked(START, span, "重复").unwrap();
        outages::declare(&t.app, tongban_domain::ids::Id::from(1), declared).await.unwrap();
    }
    let first = t.get("/api/v1/outages", "").await.ok();
    let next = first["next"].as_str().unwrap();
    let second = t.get(&format!("/api/v1/outages?after={next}"), "").await.ok();
    let n = |page: &serde_json::Value| page["outages"].as_array().unwrap().len();
    assert_eq!((n(&first), n(&second)), (50, 11));
    assert_eq!(second["next"], serde_json::Value::Null);
}
