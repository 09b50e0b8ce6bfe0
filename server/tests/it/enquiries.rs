//! Enquiries and first-asked responsibility: who answers, who sees, and the chain of hand-overs.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::support::TestApp;

const QIAOXI: &str = "130104:行政审批局";

async fn record(t: &TestApp, who: &str, question: &str) -> String {
    let token = t.token(who).await;
    let body = json!({"question": question, "asker": "马大姐", "contact": "13800001111", "entry": "X03"});
    let seen = t.post("/api/v1/enquiries", &token, body).await.is(201);
    assert_eq!(seen["holder"]["account"], seen["first_asked"]);
    seen["no"].as_str().unwrap().to_owned()
}

async fn account(t: &TestApp, who: &str) -> Value {
    let token = t.token(who).await;
    t.get("/api/v1/session", &token).await.ok()["account"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_giver_stays_answerable_until_the_receiver_acknowledges() {
    let t = TestApp::new().await;
    let no = record(&t, "clerk", "开小饭馆先办哪个证").await;
    let (clerk, reviewer) = (t.token("clerk").await, t.token("reviewer").await);
    let act = format!("/api/v1/enquiries/{no}/commands");
    let path = format!("/api/v1/enquiries/{no}");
    let giver = account(&t, "clerk").await;
    let taker = account(&t, "reviewer").await;
    let over = json!({"type": "hand_over", "account": taker, "reason": "涉及审查标准"});
    assert_eq!(t.post(&act, &reviewer, over.clone()).await.is(422)["code"], "not_holder");
    let offered = t.post(&act, &clerk, over.clone()).await.ok();
    assert_eq!((&offered["holder"]["account"], &offered["offered"]["account"]), (&giver, &taker));
    assert_eq!(t.post(&act, &clerk, over).await.is(422)["code"], "handover_pending");
    assert_eq!(t.post(&act, &clerk, json!({"type": "acknowledge"})).await.is(422)["code"], "not_receiver");
    t.later(60_000);
    let taken = t.post(&act, &reviewer, json!({"type": "acknowledge"})).await.ok();
    assert_eq!((&taken["holder"]["account"], &taken["first_asked"]), (&taker, &giver));
    assert_eq!(taken["handovers"][0]["reason"], "涉及审查标准");
    assert!(taken["handovers"][0]["acknowledged_at"].is_i64());
    assert_eq!(
        t.post(&act, &clerk, json!({"type": "answer", "answer": "x"})).await.is(422)["code"],
        "not_holder"
    );
    let answered = t.post(&act, &reviewer, json!({"type": "answer", "answer": "先办营业执照"})).await.ok();
    assert_eq!((&answered["state"], &answered["answer"]), (&json!("answered"), &json!("先办营业执照")));
    assert_eq!(t.get(&path, &clerk).await.ok()["handovers"].as_array().unwrap().len(), 1);
    let late = json!({"type": "answer", "answer": "again"});
    assert_eq!(t.post(&act, &reviewer, late).await.is(422)["code"], "answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_county_sees_it_only_once_it_was_handed_over() {
    let t = TestApp::new().await;
    let no = record(&t, "clerk", "这件事该去哪个区办").await;
    let (clerk, clerk2) = (t.token("clerk").await, t.token("clerk2").await);
    let (path, act) = (format!("/api/v1/enquiries/{no}"), format!("/api/v1/enquiries/{no}/commands"));
    for view in ["mine", "offered", "ours", "all"] {
        let list = t.get(&format!("/api/v1/enquiries?view={view}"), &clerk2).await.ok();
        assert_eq!(list["enquiries"], json!([]), "{view}");
    }
    t.get(&path, &clerk2).await.is(404);
    t.post(&act, &clerk2, json!({"type": "acknowledge"})).await.is(404);
    let export = Request::get("/desk/enquiries/export?view=all")
        .header(header::COOKIE, format!("{}={clerk2}", tongban::door::COOKIE));
    let export = t.send(export.body(Body::empty()).unwrap()).await;
    assert!(!String::from_utf8_lossy(&export.bytes).contains(&no));
    let nowhere = json!({"type": "hand_over", "agency": "999999:x", "reason": "r"});
    assert_eq!(t.post(&act, &clerk, nowhere).await.is(422)["errors"][0]["field"], "to");
    t.post(&act, &clerk, json!({"type": "hand_over", "agency": QIAOXI, "reason": "住在桥西"})).await.ok();
    let offered = t.get("/api/v1/enquiries?view=offered", &clerk2).await.ok();
    assert_eq!(offered["enquiries"][0]["no"], no);
    let taken = t.post(&act, &clerk2, json!({"type": "acknowledge"})).await.ok();
    assert_eq!(taken["holder"]["agency"], QIAOXI);
    // Whoever was asked first still sees what became of it; the supervisor of the place reads along without the contact.
    assert_eq!(t.get(&path, &clerk).await.ok()["contact"], "13800001111");
    let supervisor = t.token("supervisor").await;
    let read = t.get(&path, &supervisor).await.ok();
    assert_eq!((&read["contact"], &read["question"]), (&Value::Null, &json!("这件事该去哪个区办")));
    t.post(&act, &supervisor, json!({"type": "answer", "answer": "x"})).await.is(403);
    let admin = t.token("admin").await;
    t.get(&path, &admin).await.is(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_paged_by_urgency_and_the_answered_come_last() {
    let t = TestApp::new().await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(record(&t, "clerk", &format!("问题{number}")).await);
        t.later(26 * 3_600_000);
    }
    let clerk = t.token("clerk").await;
    let act = format!("/api/v1/enquiries/{}/commands", made[0]);
    t.post(&act, &clerk, json!({"type": "answer", "answer": "已经告诉"})).await.ok();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = t.get(&format!("/api/v1/enquiries?view=all&limit=2&after={after}"), &clerk).await.ok();
        seen.extend(
            page["enquiries"].as_array().unwrap().iter().map(|e| e["no"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    let mut expected = made.clone();
    expected.rotate_left(1);
    assert_eq!(seen, expected);
    let mine = t.get("/api/v1/enquiries?view=mine", &clerk).await.ok();
    assert_eq!(mine["enquiries"].as_array().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_the_calendar_moves_the_answer_too() {
    let t = TestApp::new().await;
    let no = record(&t, "clerk", "明天放假吗").await;
    let (clerk, admin) = (t.token("clerk").await, t.token("admin").await);
    let path = format!("/api/v1/enquiries/{no}");
    let before = t.get(&path, &clerk).await.ok()["due_at"].as_i64().unwrap();
    let day = json!({"document": "试〔2026〕1号", "date": "2026-03-10", "kind": "off", "name": "试"});
    t.post("/api/v1/calendar", &admin, day).await.is(201);
    t.later(tongban::calendar::SETTLE_MS + 1);
    t.drain().await;
    assert_eq!(t.get(&path, &clerk).await.ok()["due_at"], before + 24 * 3_600_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_is_kept_encrypted_and_a_case_is_linked_only_in_sight() {
    let t = TestApp::new().await;
    let case = t.case_in("received").await;
    let no = record(&t, "clerk", "材料还差什么").await;
    let mut conn = t.app.db.read().await.unwrap();
    let row = conn.row("SELECT body FROM enquiries WHERE no=$1", vec![no.as_str().into()]).await.unwrap();
    assert!(!row.unwrap().text(0).contains("材料"));
    drop(conn);
    let (clerk, act) = (t.token("clerk").await, format!("/api/v1/enquiries/{no}/commands"));
    let unknown = json!({"type": "link", "case": "K7MP2QXR9DTA"});
    assert_eq!(t.post(&act, &clerk, unknown).await.is(422)["errors"][0]["field"], "case");
    let linked = t.post(&act, &clerk, json!({"type": "link", "case": case})).await.ok();
    assert_eq!(linked["case"], case);
    let clerk2 = t.token("clerk2").await;
    let elsewhere = json!({"question": "问别区的件", "case": case});
    t.post("/api/v1/enquiries", &clerk2, elsewhere).await.is(422);
    let empty = t.post("/api/v1/enquiries", &clerk, json!({"question": " "})).await.is(422);
    assert_eq!(empty["errors"][0]["field"], "question");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_names_who_was_asked_first_and_every_hand_over() {
    let t = TestApp::new().await;
    let no = t.case_in("reviewing").await;
    let citizen = t.token("citizen").await;
    let seen = t.get(&format!("/api/v1/cases/{no}"), &citizen).await.ok();
    assert_eq!(
        (&seen["first_asked"]["name"], &seen["first_asked"]["by"]),
        (&json!("李娜"), &json!("received"))
    );
    assert_eq!(seen["handovers"][0]["to"], "王志强");
    let page = |path: String, token: String| {
        let request = Request::get(path).header(header::COOKIE, format!("{}={token}", tongban::door::COOKIE));
        request.body(Body::empty()).unwrap()
    };
    let own = t.send(page(format!("/cases/{no}"), citizen)).await;
    assert!(String::from_utf8_lossy(&own.bytes).contains("首问负责人"));
    let reviewer = t.token("reviewer").await;
    let desk = t.send(page(format!("/desk/cases/{no}"), reviewer)).await;
    let desk = String::from_utf8_lossy(&desk.bytes).into_owned();
    assert!(desk.contains("综合窗口 李娜") && desk.contains("→ 王志强"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_record_show_and_answer() {
    let t = TestApp::new().await;
    let token = t.token("clerk").await;
    let cookie = format!("{}={token}", tongban::door::COOKIE);
    let csrf = tongban::signin::caller(&t.app, &token).await.unwrap().session.unwrap().csrf;
    let post = |path: String, fields: &str| {
        Request::post(path)
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("csrf={csrf}&{fields}")))
            .unwrap()
    };
    assert_eq!(t.send(post("/desk/enquiries/new".into(), "question=")).await.status.as_u16(), 422);
    let made = t.send(post("/desk/enquiries/new".into(), "question=How")).await;
    let at = made.headers[header::LOCATION].to_str().unwrap().split('?').next().unwrap().to_owned();
    let get = |path: &str| Request::get(path).header(header::COOKIE, &cookie).body(Body::empty()).unwrap();
    assert!(String::from_utf8_lossy(&t.send(get("/desk/enquiries")).await.bytes).contains("How"));
    let shown = t.send(get(&at)).await;
    assert!(String::from_utf8_lossy(&shown.bytes).contains("首问负责人"));
    let wrong = t.send(post(format!("{at}/hand_over"), "to=&reason=")).await;
    assert_eq!(wrong.status.as_u16(), 422);
    let to = "to=agency%3A130104%3A%E8%A1%8C%E6%94%BF%E5%AE%A1%E6%89%B9%E5%B1%80&reason=x";
    assert_eq!(t.send(post(format!("{at}/hand_over"), to)).await.status.as_u16(), 303);
    assert_eq!(t.send(post(format!("{at}/answer"), "answer=So")).await.status.as_u16(), 303);
    assert!(String::from_utf8_lossy(&t.send(get(&at)).await.bytes).contains("已答复"));
}
