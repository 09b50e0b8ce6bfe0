//! What every staff handler starts from: the program, who calls, and where they are.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::Page;
use crate::app::App;
use crate::signin::Caller;

/// One request by one caller.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The program.
    pub app: App,
    /// Who calls.
    pub caller: Caller,
    /// Headers, for cookies.
    pub headers: HeaderMap,
    /// Path with its query.
    pub path: String,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self {
            app: app.clone(),
            caller: parts.extensions.get::<Caller>().cloned().unwrap_or_else(Caller::nobody),
            headers: parts.headers.clone(),
            path: parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
        })
    }
}

impl Visit {
    /// A page here.
    pub fn page(&self, title: &str) -> Page<'_> {
        Page::new(&self.app, &self.caller, &self.headers, &self.path, title)
    }

    /// Name of the caller's agency; empty when none.
    pub fn agency_name(&self) -> String {
        let catalogue = self.app.catalogue();
        let post = self.caller.actor.post();
        post.and_then(|p| catalogue.directory.agency(&p.agency)).map_or_else(String::new, |a| a.name.clone())
    }
}
