//! `docs/api.md` is executed: every bash block, top to bottom, against a running demo.

use std::process::Command;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_about_the_api_runs_as_written() {
    let t = TestApp::new().await;
    let page = include_str!("../../../../docs/api.md");
    let mut script = String::from("set -euo pipefail\n");
    for block in page.split("```bash").skip(1) {
        script.push_str(block.split("```").next().unwrap());
        script.push('\n');
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = t.router.clone().into_make_service_with_connect_info::<std::net::SocketAddr>();
    let serving = tokio::spawn(async move { axum::serve(listener, service).await });
    tongban::jobs::spawn(t.app.clone());
    let folder = t.folder.join("walk");
    std::fs::create_dir_all(&folder).unwrap();
    let output = tokio::task::spawn_blocking(move || {
        Command::new("timeout")
            .args(["120", "bash", "-c", &script])
            .current_dir(&folder)
            .env("BASE", format!("http://{address}"))
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    serving.abort();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "docs/api.md stopped:\n{out}\n{err}");
}
