//! Edits of the working calendar: which deadlines move, what is recorded, and that a restart or a second node goes on.

use std::sync::atomic::AtomicI64;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use tongban::app::App;
use tongban::clock::{Chance, Clock};
use tongban::jobs;

use crate::support::TestApp;

const NOTICE: &str = "国办发明电〔2026〕9号";

async fn edit(t: &TestApp, body: Value) -> Value {
    let admin = t.token("admin").await;
    t.post("/api/v1/calendar", &admin, body).await.is(201)
}

async fn case(t: &TestApp, no: &str) -> Value {
    let citizen = t.token("citizen").await;
    t.get(&format!("/api/v1/cases/{no}"), &citizen).await.ok()
}

async fn due_at(t: &TestApp, no: &str) -> i64 {
    let mut conn = t.app.db.read().await.unwrap();
    let row = conn.row("SELECT due_at FROM cases WHERE no=$1", vec![no.into()]).await.unwrap().unwrap();
    row.int(0)
}

/// The deadlines are derived anew some seconds after the edit.
async fn settle(t: &TestApp) {
    t.later(tongban::calendar::SETTLE_MS + 1);
    t.drain().await;
}

/// A year's arrangement with a day off in each month and a three-day 元旦.
fn year(year: i16) -> Value {
    let mut days = serde_json::Map::new();
    for day in [
        "01-01", "01-02", "01-03", "02-01", "03-01", "04-05", "05-01", "06-01", "09-15", "10-01", "10-02",
        "10-03",
    ] {
        let name = if day.starts_with("01") { "元旦" } else { "节日" };
        days.insert(format!("{year}-{day}"), json!({"t": "off", "name": name}));
    }
    json!({"range": year.to_string(), "days": days})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_day_moves_the_cases_it_concerns_and_names_itself() {
    let t = TestApp::new().await;
    let (waiting, over) = (t.submit(2).await, t.case_in("closed").await);
    let before = due_at(&t, &waiting).await;
    let first = case(&t, &waiting).await["deadlines"]["notice"]["last_day"].clone();
    assert_eq!(first, "2026-03-16");
    // A Wednesday inside the notice period is declared off.
    let day = json!({"document": NOTICE, "date": "2026-03-11", "kind": "off", "name": "暴雪停工"});
    assert_eq!(edit(&t, day).await, json!({"version": 1, "days": 1}));
    assert_eq!(case(&t, &waiting).await["deadlines"]["notice"]["last_day"], "2026-03-17");
    assert_eq!(due_at(&t, &waiting).await, before, "the index follows a moment later");
    assert!(tongban::verify::verify(&t.app).await.unwrap().problems.is_empty());
    settle(&t).await;
    assert_eq!(due_at(&t, &waiting).await, before + 24 * 3_600_000);
    let seen = case(&t, &waiting).await;
    let moved = seen["moved"].as_array().unwrap();
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert_eq!(moved[0]["deadline"], "notice");
    assert_eq!((&moved[0]["from"], &moved[0]["to"]), (&json!("2026-03-16"), &json!("2026-03-17")));
    assert_eq!(moved[0]["calendar_version"], 1);
    assert_eq!(
        moved[0]["words"],
        format!("因2026年3月11日改为放假（暴雪停工，{NOTICE}），告知期限由3月16日改为3月17日")
    );
    assert_eq!(case(&t, &over).await["moved"], json!([]), "a closed case has no deadline");
    // A day long past the deadlines moves nothing.
    edit(&t, json!({"document": NOTICE, "date": "2026-11-11", "kind": "off", "name": "试"})).await;
    settle(&t).await;
    assert_eq!(case(&t, &waiting).await["moved"].as_array().unwrap().len(), 1);
    let lines = tongban::checkup::checkup(&t.app).await.unwrap();
    assert!(lines.iter().any(|l| l.good && l.text.contains("与台账推算一致")), "{lines:?}");
    assert!(tongban::verify::verify(&t.app).await.unwrap().problems.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_self_check_says_how_many_deadlines_differ() {
    let t = TestApp::new().await;
    t.submit(1).await;
    t.submit(2).await;
    t.tamper("UPDATE cases SET due_at = due_at + 1").await;
    let lines = tongban::checkup::checkup(&t.app).await.unwrap();
    assert!(lines.iter().any(|l| !l.good && l.text.contains("有2件")), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn importing_a_year_takes_the_provisional_mark_away() {
    let t = TestApp::new().await;
    // Tuesday 2026-12-29: five working days reach into the next year.
    t.later((295 * 24) * 3_600_000);
    let no = t.submit(1).await;
    let before = case(&t, &no).await;
    assert_eq!(before["deadlines"]["notice"]["provisional"], true, "{}", before["deadlines"]);
    let last = before["deadlines"]["notice"]["last_day"].clone();
    edit(&t, json!({"document": NOTICE, "calendar": year(2027)})).await;
    settle(&t).await;
    let after = case(&t, &no).await;
    assert_eq!(after["deadlines"]["notice"]["provisional"], false);
    assert_ne!(after["deadlines"]["notice"]["last_day"], last);
    let words = after["moved"][0]["words"].as_str().unwrap();
    assert!(words.starts_with(&format!("因2027年元旦放假安排公布（{NOTICE}），告知期限由")), "{words}");
    let public = t.get("/api/v1/calendar/2027", "").await.ok();
    assert_eq!((&public["known"], &public["version"]), (&json!(true), &json!(1)));
    assert_eq!(public["days"][0]["document"], NOTICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_of_a_pass_goes_on_where_it_stood() {
    let t = TestApp::new().await;
    let mut nos = Vec::new();
    for number in 0..5 {
        nos.push(t.submit(number).await);
    }
    edit(&t, json!({"document": NOTICE, "date": "2026-03-11", "kind": "off", "name": "试"})).await;
    assert!(jobs::calendar::step(&t.app, 2).await.unwrap());
    let mut conn = t.app.db.read().await.unwrap();
    let pass = tongban::store::calendar::open_pass(&mut conn).await.unwrap().expect("under way");
    drop(conn);
    assert_eq!((pass.seen, pass.moved), (2, 2));
    // Another process on the same database takes the rest.
    let other =
        App::open(t.app.config.clone(), Clock::Set(AtomicI64::new(t.app.clock.now())), Chance::Seeded(8));
    let other = other.await.unwrap();
    while jobs::calendar::step(&other, 2).await.unwrap() {}
    let mut conn = t.app.db.read().await.unwrap();
    let (pass, _) = tongban::store::calendar::last_pass(&mut conn).await.unwrap().expect("finished");
    assert_eq!((pass.seen, pass.moved), (5, 5));
    drop(conn);
    for no in &nos {
        assert_eq!(case(&t, no).await["moved"].as_array().unwrap().len(), 1);
    }
    settle(&t).await;
    assert_eq!(case(&t, &nos[0]).await["moved"].as_array().unwrap().len(), 1, "nothing twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_node_acts_under_the_edit_after_its_next_look() {
    let t = TestApp::new().await;
    let mut config = t.app.config.clone();
    config.node = 1;
    let clock = Clock::Set(AtomicI64::new(t.app.clock.now()));
    let second = App::open(config, clock, Chance::Seeded(9)).await.unwrap();
    let day = jiff::civil::date(2026, 3, 11);
    assert!(second.catalogue().calendar.is_working(day));
    edit(&t, json!({"document": NOTICE, "date": "2026-03-11", "kind": "off", "name": "试"})).await;
    assert!(second.catalogue().calendar.is_working(day));
    assert!(tongban::calendar::refresh(&second).await.unwrap());
    assert!(!second.catalogue().calendar.is_working(day));
    assert_eq!(second.catalogue().calendar_version, 1);
    assert!(!tongban::calendar::refresh(&second).await.unwrap());
    // What is large was not built again.
    assert_eq!(second.catalogue().tree.statistical_count(), 56_712);
    second.db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_edit_changes_nothing_and_says_what_to_do() {
    let t = TestApp::new().await;
    let admin = t.token("admin").await;
    let mut wrong = year(2027);
    wrong["days"]["2027-02-08"] = json!({"t": "work", "name": "春节"});
    let refused =
        t.post("/api/v1/calendar", &admin, json!({"document": NOTICE, "calendar": wrong})).await.is(422);
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("2027-02-08"), "{refused}");
    let no_document = json!({"document": " ", "date": "2026-03-11", "kind": "off", "name": "试"});
    let refused = t.post("/api/v1/calendar", &admin, no_document).await.is(422);
    assert_eq!(refused["errors"][0]["field"], "document");
    let same = json!({"document": NOTICE, "date": "2026-03-11", "kind": "plain"});
    t.post("/api/v1/calendar", &admin, same).await.is(422);
    assert_eq!(t.get("/api/v1/calendar/2027", "").await.ok()["version"], 0);
    let reviewer = t.token("reviewer").await;
    let day = json!({"document": NOTICE, "date": "2026-03-11", "kind": "off", "name": "试"});
    t.post("/api/v1/calendar", &reviewer, day).await.is(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_keeps_a_wrong_file_and_imports_a_right_one() {
    let t = TestApp::new().await;
    let token = t.token("admin").await;
    let cookie = format!("{}={token}", tongban::door::COOKIE);
    let caller = tongban::signin::caller(&t.app, &token).await.unwrap();
    let csrf = caller.session.unwrap().csrf;
    let send = |text: String| {
        let part = |name: &str, value: &str| {
            format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = format!(
            "{}{}{}--frontier--\r\n",
            part("csrf", &csrf),
            part("document", NOTICE),
            part("text", &text)
        );
        Request::post("/manage/calendar/import")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=frontier")
            .body(Body::from(body))
            .unwrap()
    };
    let wrong = t.send(send("{\n\"days\": {\n\"2027-01-01\": }}".into())).await;
    assert_eq!(wrong.status.as_u16(), 422);
    let page = String::from_utf8_lossy(&wrong.bytes).into_owned();
    assert!(page.contains("第3行") && page.contains("2027-01-01"), "what was pasted is kept");
    let right = t.send(send(year(2027).to_string())).await;
    assert_eq!(right.status.as_u16(), 303, "{}", String::from_utf8_lossy(&right.bytes));
    assert!(t.app.catalogue().calendar.knows(2027));
    let page = t
        .send(
            Request::get("/manage/calendar?year=2027")
                .header(header::COOKIE, &cookie)
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert!(String::from_utf8_lossy(&page.bytes).contains(NOTICE));
}
