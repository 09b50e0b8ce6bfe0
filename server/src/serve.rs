//! Putting the doors together and listening.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::app::App;
use crate::error::{Error, Fault};
use crate::web::UPLOAD_BYTES;
use crate::{api, calendar, jobs, outages, web};

/// Everything the program answers.
pub fn router(app: &App) -> Router {
    Router::new()
        .merge(web::router(app))
        .merge(api::router(app))
        .route("/healthz", get(health))
        .route("/assets/{*path}", get(asset))
        .fallback(web::not_found)
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES))
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new())
        .with_state(app.clone())
}

/// 200 only when the database answers and the writer takes work.
async fn health(State(app): State<App>) -> Response {
    let ready = async {
        let mut conn = app.db.read().await?;
        conn.row("SELECT CAST(1 AS BIGINT)", vec![]).await
    };
    let database = matches!(tokio::time::timeout(Duration::from_secs(2), ready).await, Ok(Ok(Some(_))));
    let writer = app.writer.is_alive();
    let status = if database && writer { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let (batches, acts) = app.writer.counted();
    let body = serde_json::json!({
        "ready": database && writer, "database": database, "writer": writer, "batches": batches, "acts": acts,
    });
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

async fn asset(Path(path): Path<String>) -> Response {
    let Some(bytes) = web::asset(&path) else { return Error::NotFound("文件").status().into_response() };
    let kind = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000")], bytes)
        .into_response()
}

/// Listens until asked to stop; requests under way are finished first.
///
/// # Errors
/// When the address is taken.
pub async fn serve(app: App, ready: impl FnOnce(SocketAddr)) -> Result<(), Fault> {
    let listener = TcpListener::bind(app.config.listen).await.map_err(|e| {
        Fault::plain(format!("不能在 {} 上监听：{e}。请换一个端口（--listen）", app.config.listen))
    })?;
    let address = listener.local_addr()?;
    outages::notice_silence(&app).await?;
    watch(app.clone());
    if app.config.jobs {
        jobs::spawn(app.clone());
    }
    let service = router(&app).into_make_service_with_connect_info::<SocketAddr>();
    ready(address);
    axum::serve(listener, service).with_graceful_shutdown(stop()).await?;
    app.db.close().await;
    Ok(())
}

/// How often a node looks for what other nodes changed; shorter than an edit of the calendar waits.
const LOOK: Duration = Duration::from_secs(3);

/// Takes over what other nodes changed (calendar, outages) and notes that this one lives, until the program ends.
fn watch(app: App) {
    tokio::spawn(async move {
        let mut beaten = 0;
        loop {
            let looked = async {
                calendar::refresh(&app).await?;
                outages::refresh(&app).await?;
                let now = app.clock.now();
                if now - beaten >= outages::BEAT_MS {
                    outages::beat(&app).await?;
                    beaten = now;
                }
                Ok::<(), Error>(())
            };
            if let Err(error) = looked.await {
                tracing::warn!(%error, "other nodes' changes could not be asked for");
            }
            tokio::time::sleep(LOOK).await;
        }
    });
}

async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}
