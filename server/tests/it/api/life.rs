//! The whole life of a case over JSON.

use serde_json::json;

use crate::support::{ITEM, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_case_lives_from_application_to_a_rated_verifiable_licence() {
    let t = TestApp::new().await;
    let no = t.case_in("closed").await;
    let citizen = t.token("citizen").await;
    let seen = t.get(&format!("/api/v1/cases/{no}"), &citizen).await.ok();
    assert_eq!(seen["state"], "closed");
    assert_eq!(seen["national_no"].as_str().unwrap().len(), 43);
    let licence = seen["license"].as_str().expect("a licence").to_owned();
    t.act(&no, &citizen, json!({"type": "rate", "grade": 2, "comment": "很快"})).await.ok();

    let public = t.get(&format!("/api/v1/licenses/{licence}"), "").await.ok();
    assert_eq!(public["valid"], true, "{public}");
    assert!(!public.to_string().contains("11010519491231002X"));

    let documents = seen["documents"].as_array().unwrap();
    for kind in ["receipt", "acceptance_notice", "grant_decision", "licence"] {
        let one = documents.iter().find(|d| d["kind"] == kind).unwrap_or_else(|| panic!("no {kind}"));
        assert_eq!(one["sealed"], true);
        let id = one["id"].as_str().unwrap();
        let pdf = t.get(&format!("/api/v1/cases/{no}/documents/{id}"), &citizen).await;
        assert!(pdf.bytes.starts_with(b"%PDF-"), "{kind}");
    }
    let events = t.get(&format!("/api/v1/cases/{no}/events"), &citizen).await.ok();
    let kinds: Vec<&str> =
        events["events"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    for kind in [
        "submitted",
        "received",
        "accepted",
        "assigned",
        "passed",
        "granted",
        "issued",
        "delivered",
        "closed",
        "rated",
    ] {
        assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn supplements_are_asked_once_answered_and_accepted() {
    let t = TestApp::new().await;
    let no = t.case_in("received").await;
    let (clerk, citizen) = (t.token("clerk").await, t.token("citizen").await);
    let catalogue = t.app.catalogue();
    let entry = catalogue.entry("X03").unwrap();
    let field = entry.form.fields().find(|f| f.concept.as_deref() == Some("premises.address")).unwrap();
    let ask = json!({"type": "request_supplement", "rows": [{"target": field.key, "problem": "门牌号不对", "fix": "按营业执照填写"}]});
    t.act(&no, &clerk, ask.clone()).await.ok();
    let seen = t.get(&format!("/api/v1/cases/{no}"), &citizen).await.ok();
    assert_eq!(seen["state"], "supplementing");
    assert_eq!(seen["supplements"][0]["rows"][0]["problem"], "门牌号不对");
    let other = entry.form.fields().find(|f| f.key != field.key).unwrap();
    t.act(&no, &citizen, json!({"type": "resubmit", "answers": {(other.key.as_str()): "x"}})).await.is(422);
    t.act(
        &no,
        &citizen,
        json!({"type": "resubmit", "answers": {(field.key.as_str()): "长安区建设北大街1号"}}),
    )
    .await
    .ok();
    let refused = t.act(&no, &clerk, ask).await.is(422);
    assert_eq!(refused["code"], "told_once");
    t.act(&no, &clerk, json!({"type": "accept", "checks": t.checks()})).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_with_the_same_key_acts_once_and_another_body_is_refused() {
    let t = TestApp::new().await;
    let token = t.token("citizen").await;
    let body = t.application(1).await;
    let first =
        t.keyed(axum::http::Method::POST, "/api/v1/cases", &token, body.clone(), Some("k1")).await.is(201);
    let again = t.keyed(axum::http::Method::POST, "/api/v1/cases", &token, body.clone(), Some("k1")).await;
    // The files are handed in by now, so the repeated request is recognised before they are looked for.
    assert_eq!(again.status.as_u16(), 200, "{}", again.body);
    assert_eq!(again.body["no"], first["no"]);
    assert_eq!(again.body["replayed"], true);
    let mut other = body;
    other["situation"] = json!("other");
    let refused = t.keyed(axum::http::Method::POST, "/api/v1/cases", &token, other, Some("k1")).await.is(422);
    assert_eq!(refused["code"], "key_reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_county_sees_and_does_nothing() {
    let t = TestApp::new().await;
    let no = t.case_in("received").await;
    let clerk2 = t.token("clerk2").await;
    t.get(&format!("/api/v1/cases/{no}"), &clerk2).await.is(404);
    t.get(&format!("/api/v1/cases/{no}/events"), &clerk2).await.is(404);
    t.act(&no, &clerk2, json!({"type": "accept"})).await.is(404);
    for view in ["all", "open", "intake", "delivery"] {
        let list = t.get(&format!("/api/v1/cases?view={view}"), &clerk2).await.ok();
        assert_eq!(list["cases"].as_array().unwrap().len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_keeps_what_is_typed_and_becomes_a_case() {
    let t = TestApp::new().await;
    let token = t.token("citizen").await;
    let full = t.application(3).await;
    let started = json!({"item": ITEM, "situation": full["situation"], "division": "130102001001", "answers": {"nonsense": "1"}});
    let draft = t.post("/api/v1/drafts", &token, started).await.ok();
    let path = format!("/api/v1/drafts/{}", draft["id"].as_str().unwrap());
    assert!(!draft["missing"].as_array().unwrap().is_empty());
    let saved = t
        .call(
            axum::http::Method::PUT,
            &path,
            &token,
            json!({"version": 1, "answers": full["answers"], "files": full["files"]}),
        )
        .await
        .ok();
    assert_eq!(saved["missing"], json!([]), "{}", saved["missing"]);
    let stale =
        t.call(axum::http::Method::PUT, &path, &token, json!({"version": 1, "answers": {}})).await.is(409);
    assert_eq!(stale["code"], "stale_draft");
    let company = t.token("company").await;
    t.get(&path, &company).await.is(404);
    let body = json!({"draft": draft["id"]});
    let case =
        t.keyed(axum::http::Method::POST, "/api/v1/cases", &token, body.clone(), Some("d1")).await.is(201);
    t.get(&path, &token).await.is(404);
    let again = t.keyed(axum::http::Method::POST, "/api/v1/cases", &token, body, Some("d1")).await.is(200);
    assert_eq!(again["no"], case["no"]);
}
