//! Problems (RFC 9457) in Chinese and English, and the reading of JSON bodies.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tongban_domain::permit::Denial;

use crate::app::App;
use crate::error::{Error, invalid};
use crate::secrets::{hex, random};

/// Most bytes of a JSON body.
const BODY_BYTES: usize = 1024 * 1024;

/// An error as problem+json.
pub fn problem(error: &Error) -> impl IntoResponse + use<> {
    let status = error.status();
    let mut body = json!({
        "type": "about:blank",
        "status": status.as_u16(),
        "title": status.canonical_reason().unwrap_or("error"),
        "detail": error.to_string(),
    });
    let (code, english): (&str, String) = match error {
        Error::Refusal(refusal) => {
            body["reason"] = refusal.reason.clone().into();
            body["way_out"] = refusal.way_out.clone().into();
            body["article"] = refusal.article.into();
            (refusal.code, format!("the law or the state of the case does not allow this ({})", refusal.code))
        }
        Error::Denial(denial) => {
            let code = match denial {
                Denial::SignIn => "sign_in",
                Denial::Hidden => "not_found",
                Denial::Role => "forbidden",
            };
            (code, denial.english().to_owned())
        }
        Error::Invalid(errors) => {
            body["errors"] = json!(errors);
            ("invalid", format!("{} field(s) to put right", errors.len()))
        }
        Error::NotFound(_) => ("not_found", "not found".into()),
        Error::Conflict(conflict) => {
            body["case"] = json!({"no": conflict.no, "version": conflict.version, "state": conflict.state});
            (conflict.code, "someone was faster, or the same exists already".into())
        }
        Error::KeyReused => ("key_reused", "this Idempotency-Key was used with another request".into()),
        Error::TooMany(_) => ("too_many_attempts", "too many attempts, see Retry-After".into()),
        Error::Busy => ("busy", "the queue is full, see Retry-After".into()),
        Error::Fault(fault) if fault.is_stale() => ("stale_row", "two writers met, try again".into()),
        Error::Fault(fault) => {
            let number = hex(&random::<6>());
            tracing::error!(%fault, number, "fault");
            body["detail"] =
                format!("系统出错，已经记录，编号 {number}；您的内容没有改变，请稍后再试").into();
            body["number"] = number.into();
            ("fault", "our own failure, logged under this number".into())
        }
    };
    body["code"] = code.into();
    body["detail_en"] = english.into();
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string())
}

/// A JSON body of a known shape.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// Reads a shape out of JSON, naming the field that does not fit.
///
/// # Errors
/// [`Error::Invalid`].
pub fn body_of<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|e| not_the_shape(&e))
}

fn not_the_shape(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let field = text.split('`').nth(1).unwrap_or("body").to_owned();
    let message = format!("请按接口说明改正“{field}”：{text}");
    invalid(&field, &field, message, text)
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self, Error> {
        let bytes: Bytes = axum::body::to_bytes(request.into_body(), BODY_BYTES).await.map_err(|_| {
            invalid("body", "请求", "请求太大，请减少到1MB以内", "the body is larger than 1 MiB")
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|e| not_the_shape(&e))
    }
}

/// JSON with a status.
pub fn answer(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
