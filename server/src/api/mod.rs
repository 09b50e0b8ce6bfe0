//! The JSON API under `/api`: the same acts as the pages, described by the same route table that builds the router.

mod openapi;
mod problem;
pub mod v1;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::door::{self, Access, Leaving, Routes};

pub use problem::{Body, body_of};

/// Every API route and its access.
pub fn routes() -> Routes {
    v1::routes().get("/api/openapi.json", Access::Public, "This description", openapi::serve)
}

/// The API with its layers.
pub fn router(app: &App) -> Router<App> {
    let router = routes().into_router().layer(from_fn(dress));
    door::identified(app, true, router)
}

async fn dress(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(Leaving(error)) = response.extensions_mut().remove::<Leaving>() {
        let retry = response.headers().get(axum::http::header::RETRY_AFTER).cloned();
        let mut shown = problem::problem(&error).into_response();
        if let Some(retry) = retry {
            shown.headers_mut().insert(axum::http::header::RETRY_AFTER, retry);
        }
        return shown;
    }
    response
}
