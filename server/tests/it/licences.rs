//! An outsider checks a licence with openssl, knowing only what the platform publishes.

use std::process::Command;

use serde_json::json;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn openssl_verifies_a_licence_and_refuses_a_changed_one() {
    let t = TestApp::new().await;
    let no = t.case_in("issued").await;
    let clerk = t.token("clerk").await;
    let seen = t.get(&format!("/api/v1/cases/{no}"), &clerk).await.ok();
    let licence = seen["license"].as_str().unwrap();
    let public = t.get(&format!("/api/v1/licenses/{licence}"), "").await.ok();
    let code = public["check_code"].as_str().unwrap();
    let folder = t.folder.join("outsider");
    std::fs::create_dir_all(&folder).unwrap();
    let pdf = t.get(&format!("/api/v1/verify/{code}/file"), "").await.bytes;
    std::fs::write(folder.join("licence.pdf"), &pdf).unwrap();
    std::fs::write(
        folder.join("signature.der"),
        t.get(&format!("/api/v1/verify/{code}/signature"), "").await.bytes,
    )
    .unwrap();
    std::fs::write(folder.join("key.pem"), t.get("/api/v1/verify/key", "").await.bytes).unwrap();
    let openssl = |file: &str| {
        Command::new("openssl")
            .current_dir(&folder)
            .args(["pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pubin", "-inkey", "key.pem"])
            .args(["-in", file, "-sigfile", "signature.der", "-pkeyopt", "distid:1234567812345678"])
            .output()
            .expect("openssl 3 is installed")
    };
    let good = openssl("licence.pdf");
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    let mut bad = pdf.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    std::fs::write(folder.join("bad.pdf"), &bad).unwrap();
    assert!(!openssl("bad.pdf").status.success());

    let request = |bytes: Vec<u8>| {
        axum::http::Request::post("/api/v1/verify")
            .header("content-type", "application/pdf")
            .body(axum::body::Body::from(bytes))
            .unwrap()
    };
    assert_eq!(t.send(request(pdf)).await.ok()["valid"], true);
    assert_eq!(t.send(request(bad)).await.ok()["finding"], "unknown");
    for asked in [json!({"license": licence}), json!({"code": code}), json!({"digest": public["digest"]})] {
        assert_eq!(t.post("/api/v1/verify", "", asked).await.ok()["valid"], true);
    }
    assert_eq!(t.post("/api/v1/verify", "", json!({"code": "0000"})).await.ok()["valid"], false);
    t.post("/api/v1/verify", "", json!({})).await.is(422);
    t.tamper("UPDATE licenses SET state='revoked'").await;
    assert_eq!(t.post("/api/v1/verify", "", json!({"license": licence})).await.ok()["finding"], "ended");
}
