//! Keys: lost ones stop the start, a replaced seal leaves older documents verifiable, a seal is no conflict.

use serde_json::json;
use tongban::secrets::Secrets;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn lost_keys_stop_the_start_and_nothing_new_is_made() {
    let t = TestApp::new().await;
    let keys = t.folder.join("keys");
    let known = t.app.secrets.key_id().to_owned();
    std::fs::remove_file(keys.join("data.key")).unwrap();
    let error = Secrets::open(&keys, None, Some(&known)).unwrap_err();
    assert!(error.to_string().contains("data.key"), "{error}");
    assert!(!keys.join("data.key").exists());
    std::fs::write(keys.join("data.key"), "00".repeat(32)).unwrap();
    let error = Secrets::open(&keys, None, Some(&known)).unwrap_err();
    assert!(error.to_string().contains("两者不配"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_seal_leaves_older_documents_verifiable() {
    let t = TestApp::new().await;
    t.case_in("issued").await;
    let keys = t.folder.join("keys");
    let before = t.app.secrets.seal.key_id().to_owned();
    std::fs::remove_file(keys.join("seal.pem")).unwrap();
    let secrets = Secrets::open(&keys, None, None).unwrap();
    assert_ne!(secrets.seal.key_id(), before);
    assert_eq!(secrets.public_key(&before), Some(t.app.secrets.seal.public_key_pem()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_that_came_meanwhile_is_no_conflict() {
    let t = TestApp::new().await;
    let no = t.case_in("received").await;
    let clerk = t.token("clerk").await;
    let seen = t.get(&format!("/api/v1/cases/{no}"), &clerk).await.ok()["version"].clone();
    t.drain().await;
    let now = t.get(&format!("/api/v1/cases/{no}"), &clerk).await.ok()["version"].clone();
    assert_ne!(seen, now, "the receipt was sealed");
    t.act(&no, &clerk, json!({"type": "accept", "checks": t.checks(), "version": seen})).await.ok();
}
