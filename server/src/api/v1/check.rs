//! Open verification: anyone can check a licence or decision, without an account and without personal data.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::problem::{answer, body_of};
use crate::app::App;
use crate::checking::{self, Checked, Finding};
use crate::error::{Error, invalid};

fn shown(found: &Checked) -> Value {
    json!({
        "valid": found.finding == Finding::Valid,
        "finding": found.finding.word(),
        "finding_label": found.finding.label(),
        "kind": found.kind, "kind_label": found.kind_label, "number": found.number, "organ": found.organ,
        "item": found.item, "holder": found.holder, "made_on": found.made_on,
        "license": found.licence.as_ref().map(|l| json!({
            "id": l.id, "number": l.number, "state": l.state, "valid_from": l.starts, "valid_to": l.ends,
        })),
        "check_code": found.check_code, "digest": found.digest, "size": found.size,
        "key": found.key, "signature": found.signature, "algorithm": "SM2 with SM3, id 1234567812345678",
        "sample": found.sample,
    })
}

pub async fn licence(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Error> {
    let found = checking::by_licence(&app, id.trim()).await?.ok_or(Error::NotFound("证照"))?;
    Ok(answer(StatusCode::OK, &shown(&found)))
}

/// What is to be verified: one of these.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    license: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    digest: Option<String>,
}

pub async fn verify(State(app): State<App>, headers: HeaderMap, bytes: Bytes) -> Result<Response, Error> {
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_none_or(|v| v.starts_with("application/json"));
    let found = if json {
        let value = serde_json::from_slice(&bytes)
            .map_err(|e| invalid("body", "请求", format!("请改为JSON：{e}"), e.to_string()))?;
        let asked: Asked = body_of(value)?;
        match (asked.license, asked.code, asked.digest) {
            (Some(id), _, _) => checking::by_licence(&app, id.trim()).await?,
            (_, Some(code), _) => checking::by_code(&app, &code).await?,
            (_, _, Some(digest)) => checking::by_digest(&app, &digest).await?,
            _ => {
                return Err(invalid(
                    "license",
                    "查验内容",
                    "请输入证照标识（license）、验真码（code）或文件摘要（digest），或直接上传PDF文件",
                    "one of license, code, digest, or a PDF body",
                ));
            }
        }
    } else {
        checking::by_bytes(&app, &bytes).await?
    };
    let body = found.map_or_else(
        || json!({"valid": false, "finding": "unknown", "finding_label": "没有查到：不是本平台签发的文件，或者内容被改动过"}),
        |found| shown(&found),
    );
    Ok(answer(StatusCode::OK, &body))
}

pub async fn key(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/x-pem-file")], app.secrets.seal.public_key_pem().to_owned())
        .into_response()
}

pub async fn file(State(app): State<App>, Path(code): Path<String>) -> Result<Response, Error> {
    let bytes = checking::public_file(&app, &code).await?;
    Ok(([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response())
}

pub async fn signature(State(app): State<App>, Path(code): Path<String>) -> Result<Response, Error> {
    let found = checking::by_code(&app, &code).await?.ok_or(Error::NotFound("文书"))?;
    let der = crate::secrets::unhex(&found.signature).unwrap_or_default();
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], der).into_response())
}
