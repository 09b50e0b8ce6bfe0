//! What both doors (pages and API) share: the access table, who is calling, and how an error leaves the house.
//! A route that is not in a table does not exist; rights are checked before a body is read.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, on};
use tongban_domain::permit::{Actor, Denial, Role};

use crate::app::App;
use crate::error::Error;
use crate::signin::{self, Caller};

/// Who may use a route at all. What they may do with a case there is the law's question (`permit::may`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Anyone signed in.
    SignedIn,
    /// Citizens and companies.
    Applicant,
    /// Staff in one of these roles.
    Staff(&'static [Role]),
}

/// All roles of staff.
pub const ANY_STAFF: &[Role] = &Role::ALL;

impl Access {
    /// Whether the actor may use the route.
    ///
    /// # Errors
    /// [`Denial`].
    pub fn check(self, actor: &Actor) -> Result<(), Denial> {
        match (self, actor) {
            (Self::Public, _) => Ok(()),
            (_, Actor::Anonymous) => Err(Denial::SignIn),
            (Self::SignedIn, _) | (Self::Applicant, Actor::Applicant { .. }) => Ok(()),
            (Self::Staff(roles), actor) if actor.is(roles) => Ok(()),
            _ => Err(Denial::Role),
        }
    }
}

/// One line of the access table.
#[derive(Debug, Clone)]
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path with `{parameters}`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What it is for, one line; stands in the OpenAPI description.
    pub summary: &'static str,
}

/// Builds a router and its table together.
#[derive(Debug, Default)]
pub struct Routes {
    /// The table.
    pub table: Vec<Route>,
    router: Router<App>,
}

impl Routes {
    /// Adds a route.
    #[must_use]
    pub fn on<H, T>(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        summary: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let filter = match method {
            Method::GET => axum::routing::MethodFilter::GET,
            Method::PUT => axum::routing::MethodFilter::PUT,
            Method::DELETE => axum::routing::MethodFilter::DELETE,
            _ => axum::routing::MethodFilter::POST,
        };
        let guarded: MethodRouter<App> = on(filter, handler).layer(from_fn(
            move |caller: Caller, request: Request, next: Next| async move {
                match access.check(&caller.actor) {
                    Ok(()) => next.run(request).await,
                    Err(denial) => Error::Denial(denial).into_response(),
                }
            },
        ));
        self.table.push(Route { method, path, access, summary });
        self.router = self.router.route(path, guarded);
        self
    }

    /// GET
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, access: Access, summary: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.on(Method::GET, path, access, summary, handler)
    }

    /// POST
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, summary: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.on(Method::POST, path, access, summary, handler)
    }

    /// Takes another table in.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.table.extend(other.table);
        self.router = self.router.merge(other.router);
        self
    }

    /// The router.
    pub fn into_router(self) -> Router<App> {
        self.router
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(Self::nobody))
    }
}

/// Name of the session cookie.
pub const COOKIE: &str = "tongban_session";

/// A cookie's value.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Finds out who is calling and leaves it for the guard and the handler. Pages use the cookie, the API the bearer token;
/// neither takes the other's, so that a page elsewhere cannot ride on a session into the API.
async fn identify(State((app, api)): State<(App, bool)>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let token = if api {
        headers
            .get(header::AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.strip_prefix("Bearer ").or_else(|| v.strip_prefix("bearer ")))
            .map(str::trim)
    } else {
        cookie(headers, COOKIE)
    };
    let caller = match token {
        Some(token) => match signin::caller(&app, token).await {
            Ok(caller) => caller,
            Err(error) => return error.into_response(),
        },
        None => Caller::nobody(),
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Puts the identifying layer around a door.
pub fn identified(app: &App, api: bool, router: Router<App>) -> Router<App> {
    router.layer(from_fn_with_state((app.clone(), api), identify))
}

/// An error on its way out; the door's outer layer turns it into a page or a problem+json.
#[derive(Debug, Clone)]
pub struct Leaving(pub Arc<Error>);

impl Error {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refusal(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Denial(Denial::SignIn) => StatusCode::UNAUTHORIZED,
            Self::Denial(Denial::Hidden) | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Denial(Denial::Role) => StatusCode::FORBIDDEN,
            Self::Invalid(_) | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault(fault) if fault.is_stale() => StatusCode::CONFLICT,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Seconds after which to come back.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Busy => Some(1),
            _ => None,
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        let retry = self.retry_after();
        let mut response = status.into_response();
        if let Some(seconds) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(Leaving(Arc::new(self)));
        response
    }
}
