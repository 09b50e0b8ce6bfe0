//! Demo mode: accounts and a few dozen cases in every state; never outside demo mode.

use std::collections::BTreeSet;

use serde_json::json;
use tongban::seed;
use tongban_domain::case::StateName;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_a_case_in_every_state_and_a_clean_record() {
    let t = TestApp::new().await;
    // Before today: the demo is made at a time when its sample dates lie ahead.
    seed::demo(&t.app).await.unwrap();
    t.drain().await;
    let token = t.token("supervisor").await;
    let list = t.get("/api/v1/cases?view=all&limit=200", &token).await.ok();
    let rows = list["cases"].as_array().unwrap();
    assert!(rows.len() >= 30, "{}", rows.len());
    let seen: BTreeSet<&str> = rows.iter().map(|c| c["state"].as_str().unwrap()).collect();
    for state in StateName::ALL {
        assert!(seen.contains(state.as_str()), "no case is {}", state.as_str());
    }
    let report = tongban::verify::verify(&t.app).await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    let before = rows.len();
    for name in ["citizen", "clerk", "representative"] {
        let reader = t.token(name).await;
        let told = t.get("/api/v1/messages?limit=200", &reader).await.ok();
        let unread = told["messages"].as_array().unwrap().iter().filter(|m| m["unread"] == true).count();
        assert!(unread <= 3, "{name} has {unread} unread messages");
    }
    seed::demo(&t.app).await.unwrap();
    let again = t.get("/api/v1/cases?view=all&limit=200", &token).await.ok();
    assert_eq!(again["cases"].as_array().unwrap().len(), before, "made once");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_demo_account_signs_in_with_the_password() {
    let t = TestApp::new().await;
    for (name, _) in seed::account_list() {
        let body = json!({"name": name, "password": seed::PASSWORD});
        let answer = t.post("/api/v1/session", "", body).await.is(201);
        assert!(answer["token"].as_str().unwrap().len() >= 32, "{name}");
    }
}
