//! Bad input: each has its own clear message and changes nothing.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{ITEM, TestApp};

async fn cases(t: &TestApp) -> usize {
    let token = t.token("citizen").await;
    t.get("/api/v1/cases?view=all", &token).await.ok()["cases"].as_array().unwrap().len()
}

fn fields(body: &Value) -> Vec<&str> {
    body["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_division_item_or_situation_is_named() {
    let t = TestApp::new().await;
    let token = t.token("citizen").await;
    let good = t.application(1).await;
    for (change, field) in [
        (json!({"division": "139999000000"}), "division"),
        (json!({"division": "abc"}), "division"),
        (json!({"division": "130104000000"}), "division"),
        (json!({"item": "X99@130102000000"}), "item"),
        (json!({"situation": "nothing"}), "situation"),
    ] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = t.post("/api/v1/cases", &token, body).await.is(422);
        assert_eq!(fields(&answer), [field], "{answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains('请'), "{answer}");
        assert!(answer["errors"][0]["message_en"].as_str().unwrap().is_ascii(), "{answer}");
    }
    assert_eq!(cases(&t).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_check_digits_and_missing_fields_are_all_named_at_once() {
    let t = TestApp::new().await;
    let token = t.token("citizen").await;
    let mut body = t.application(1).await;
    let catalogue = t.app.catalogue();
    let entry = catalogue.entry("X03").unwrap();
    let of = |kind| {
        entry
            .form
            .fields()
            .find(|f| f.kind == kind && body["answers"].get(&f.key).is_some())
            .map(|f| f.key.clone())
    };
    let code = of(tongban_domain::item::FieldKind::CreditCode);
    let missing = entry
        .form
        .fields()
        .find(|f| f.required && f.when.is_none() && f.concept.as_deref() == Some("premises.address"))
        .unwrap()
        .key
        .clone();
    let mut expected = vec![missing.clone()];
    body["answers"].as_object_mut().unwrap().remove(&missing);
    if let Some(code) = code {
        body["answers"][&code] = json!("91133100MA0D8N1J7H");
        expected.push(code);
    }
    let answer = t.post("/api/v1/cases", &token, body).await.is(422);
    let mut named = fields(&answer);
    named.sort_unstable();
    expected.sort();
    assert_eq!(named, expected, "{answer}");
    assert_eq!(cases(&t).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_too_large_or_of_another_type_is_refused_with_the_limit() {
    let t = TestApp::new().await;
    let token = t.token("citizen").await;
    let catalogue = t.app.catalogue();
    let entry = catalogue.entry("X03").unwrap();
    let material = entry.materials.iter().find(|m| tongban_domain::case::needs_file(m)).unwrap();
    let draft = t
        .post("/api/v1/drafts", &token, json!({"item": ITEM, "situation": entry.situations[0].key}))
        .await
        .ok();
    let path = format!("/api/v1/drafts/{}/files?material={}", draft["id"].as_str().unwrap(), material.key);
    let wrong = t.upload(&path, &token, b"MZ this is a program").await.is(422);
    assert!(wrong["errors"][0]["message"].as_str().unwrap().contains(&material.accepts_label()), "{wrong}");
    let mut large = b"%PDF-1.4 ".to_vec();
    large.resize(usize::from(material.max_mib) * 1024 * 1024 + 1, b' ');
    let answer = t.upload(&path, &token, &large).await.is(422);
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains(&format!("{}MB", material.max_mib)));
    let empty = t.upload(&path, &token, b"").await.is(422);
    assert!(empty["errors"][0]["message"].as_str().unwrap().contains('空'));
    let draft = t.get(&format!("/api/v1/drafts/{}", draft["id"].as_str().unwrap()), &token).await.ok();
    assert_eq!(draft["files"], json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_without_authority_is_refused_and_says_what_is_missing() {
    let t = TestApp::new().await;
    let no = t.case_in("deciding").await;
    let chief = t.token("representative").await;
    let reviewer = t.token("reviewer").await;
    t.act(&no, &reviewer, json!({"type": "grant"})).await.is(403);
    t.tamper("UPDATE authorities SET ends='2026-03-08'").await;
    let answer = t.act(&no, &chief, json!({"type": "grant"})).await.is(422);
    assert_eq!(answer["code"], "no_authority");
    assert!(answer["detail"].as_str().unwrap().contains("到期"), "{answer}");
    t.tamper("UPDATE authorities SET ends='2026-12-31', items='[\"X99\"]'").await;
    let answer = t.act(&no, &chief, json!({"type": "refuse", "reason": "a", "basis": "b"})).await.is(422);
    assert!(answer["detail"].as_str().unwrap().contains("事项"), "{answer}");
    t.tamper("DELETE FROM authorities").await;
    t.act(&no, &chief, json!({"type": "grant"})).await.is(422);
    assert_eq!(t.get(&format!("/api/v1/cases/{no}"), &chief).await.ok()["state"], "deciding");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_version_is_a_conflict_that_tells_what_changed() {
    let t = TestApp::new().await;
    let no = t.case_in("received").await;
    let clerk = t.token("clerk").await;
    let seen = t.get(&format!("/api/v1/cases/{no}"), &clerk).await.ok()["version"].clone();
    t.act(&no, &clerk, json!({"type": "accept", "checks": t.checks(), "version": seen})).await.ok();
    let answer = t
        .act(&no, &clerk, json!({"type": "decline", "ground": "not_needed", "reason": "x", "version": seen}))
        .await
        .is(409);
    assert_eq!(answer["code"], "stale_version");
    assert_eq!(answer["case"]["state"], "accepted");
    let bad = t.act(&no, &clerk, json!({"type": "accept", "version": "x"})).await.is(422);
    assert_eq!(fields(&bad), ["version"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_identical_submission_names_the_first() {
    let t = TestApp::new().await;
    let token = t.token("citizen").await;
    let first = t.application(1).await;
    let no = t.post("/api/v1/cases", &token, first).await.is(201)["no"].clone();
    let second = t.application(1).await;
    let answer = t.post("/api/v1/cases", &token, second.clone()).await.is(409);
    assert_eq!(answer["code"], "duplicate");
    assert_eq!(answer["case"]["no"], no);
    t.act(no.as_str().unwrap(), &token, json!({"type": "withdraw_application"})).await.ok();
    t.post("/api/v1/cases", &token, second).await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_does_not_fit_names_the_field() {
    let t = TestApp::new().await;
    let no = t.case_in("received").await;
    let clerk = t.token("clerk").await;
    for (body, field) in [
        (json!({"type": "fly"}), "fly"),
        (json!({"type": "decline", "ground": "because", "reason": "x"}), "because"),
        (json!({"type": "accept", "colour": "red"}), "colour"),
        (json!({"type": "decline", "ground": "not_ours"}), "reason"),
    ] {
        let answer = t.act(&no, &clerk, body).await.is(422);
        assert_eq!(fields(&answer), [field], "{answer}");
    }
    let empty = t.call(Method::POST, &format!("/api/v1/cases/{no}/commands"), &clerk, json!([])).await;
    assert_eq!(empty.status.as_u16(), 422);
    t.post("/api/v1/session", "", json!({"name": "citizen", "password": "wrong"})).await.is(422);
    t.get("/api/v1/cases", "not-a-token").await.is(401);
    t.get("/api/v1/nothing", "").await.is(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_checked_before_the_body_is_read() {
    let t = TestApp::new().await;
    t.post("/api/v1/cases", "", json!({"nonsense": true})).await.is(401);
    let clerk = t.token("clerk").await;
    t.post("/api/v1/drafts", &clerk, json!({"nonsense": true})).await.is(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_item_takes_no_application() {
    let t = TestApp::new().await;
    let token = t.token("citizen").await;
    let body = t.application(1).await;
    t.app.swap_catalogue(
        tongban::catalogue::Catalogue::build(
            tongban::catalogue::shipped_entries().unwrap().into_iter().map(|e| (1, e)).collect(),
        )
        .unwrap()
        .with_status(ITEM, tongban_domain::item::LocalStatus::Suspended),
    );
    let answer = t.post("/api/v1/cases", &token, body).await.is(422);
    assert_eq!(answer["code"], "item_closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpublished_calendar_year_stops_nothing_and_is_marked() {
    let t = TestApp::new().await;
    // Late December 2026: the deadline lies in 2027, whose holidays are not published.
    t.app.clock.set(1_798_509_600_000);
    t.app.sessions.forget_all();
    let no = t.case_in("accepted").await;
    let token = t.token("citizen").await;
    let seen = t.get(&format!("/api/v1/cases/{no}"), &token).await.ok();
    assert_eq!(seen["deadlines"]["statutory"]["provisional"], true, "{}", seen["deadlines"]);
    assert!(
        seen["words"].as_str().unwrap().contains("暂定")
            || seen["deadlines"]["promised"]["provisional"] == false
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_passwords_is_slowed_down() {
    let t = TestApp::new().await;
    let wrong = json!({"name": "admin", "password": "wrong"});
    for _ in 0..8 {
        t.post("/api/v1/session", "", wrong.clone()).await.is(422);
    }
    let answer = t.post("/api/v1/session", "", wrong).await;
    assert_eq!(answer.status.as_u16(), 429);
    assert!(answer.headers.contains_key("retry-after"));
    let right = json!({"name": "admin", "password": tongban::seed::PASSWORD});
    t.post("/api/v1/session", "", right.clone()).await.is(429);
    t.later(6 * 60_000);
    t.post("/api/v1/session", "", right).await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_newer_than_the_program_is_refused_in_words() {
    let t = TestApp::new().await;
    t.tamper("INSERT INTO schema_versions(version, name, at) VALUES (9999, 'future', 0)").await;
    let error = tongban::store::migrate::migrate(&t.app.db, 0).await.unwrap_err();
    assert!(error.to_string().contains("9999"), "{error}");
    assert!(error.to_string().contains("程序"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_files_only_for_items_it_receives() {
    let t = TestApp::new().await;
    let mut body = t.application(1).await;
    body["files"] = json!({});
    let clerk2 = t.token("clerk2").await;
    let answer = t.post("/api/v1/cases", &clerk2, body.clone()).await.is(422);
    assert_eq!(answer["code"], "not_your_window");
    let clerk = t.token("clerk").await;
    t.post("/api/v1/cases", &clerk, body).await.is(201);
}
