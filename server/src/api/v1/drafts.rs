//! Drafts over the API.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::ids::Id;
use tongban_domain::item::Answers;

use super::super::problem::{Body, answer};
use crate::app::App;
use crate::error::{Error, invalid};
use crate::filing::{self, Draft};
use crate::signin::Caller;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    item: String,
    situation: String,
    #[serde(default)]
    division: String,
    #[serde(default)]
    answers: Answers,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedDraft {
    version: i64,
    #[serde(default)]
    answers: Option<Answers>,
    #[serde(default)]
    files: Option<BTreeMap<String, Vec<Id>>>,
}

fn view(app: &App, draft: &Draft) -> Result<Value, Error> {
    let entry = filing::entry_of(app, draft)?;
    Ok(json!({
        "id": draft.row.id,
        "item": draft.row.local,
        "name": entry.name,
        "situation": draft.row.situation,
        "division": draft.row.division,
        "answers": draft.answers,
        "files": draft.files,
        "version": draft.row.version,
        "updated_at": draft.row.updated_at,
        "missing": filing::missing(&entry, draft),
    }))
}

pub fn id(text: &str, what: &'static str) -> Result<Id, Error> {
    text.parse::<i64>().map(Id::from).map_err(|_| Error::NotFound(what))
}

pub async fn start(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<NewDraft>,
) -> Result<Response, Error> {
    let account = caller.account()?;
    let draft =
        filing::start(&app, account, &body.item, &body.situation, &body.division, body.answers).await?;
    Ok(answer(StatusCode::CREATED, &view(&app, &draft)?))
}

pub async fn list(State(app): State<App>, caller: Caller) -> Result<Response, Error> {
    let drafts = filing::list(&app, caller.account()?).await?;
    let rows = drafts.iter().map(|d| view(&app, d)).collect::<Result<Vec<_>, _>>()?;
    Ok(answer(StatusCode::OK, &json!({"drafts": rows})))
}

pub async fn show(State(app): State<App>, caller: Caller, Path(no): Path<String>) -> Result<Response, Error> {
    let draft = filing::find(&app, caller.account()?, id(&no, "草稿")?).await?;
    Ok(answer(StatusCode::OK, &view(&app, &draft)?))
}

pub async fn save(
    State(app): State<App>,
    caller: Caller,
    Path(no): Path<String>,
    Body(body): Body<SavedDraft>,
) -> Result<Response, Error> {
    let mut draft = filing::find(&app, caller.account()?, id(&no, "草稿")?).await?;
    draft.row.version = body.version;
    if let Some(answers) = body.answers {
        draft.answers = answers;
    }
    if let Some(files) = body.files {
        draft.files = files;
    }
    let draft = filing::save(&app, draft).await?;
    Ok(answer(StatusCode::OK, &view(&app, &draft)?))
}

pub async fn discard(
    State(app): State<App>,
    caller: Caller,
    Path(no): Path<String>,
) -> Result<Response, Error> {
    filing::discard(&app, caller.account()?, id(&no, "草稿")?).await?;
    Ok(answer(StatusCode::OK, &json!({"deleted": true})))
}

#[derive(Debug, Deserialize)]
pub struct FileQuery {
    pub material: String,
    #[serde(default)]
    pub name: String,
}

pub async fn upload(
    State(app): State<App>,
    caller: Caller,
    Path(no): Path<String>,
    Query(query): Query<FileQuery>,
    bytes: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, Error> {
    let account = caller.account()?;
    let mut draft = filing::find(&app, account, id(&no, "草稿")?).await?;
    let entry = filing::entry_of(&app, &draft)?;
    let material = entry.material(&query.material).ok_or_else(|| {
        invalid("material", "申请材料", "请选择这个事项的一份材料", "no such material of this item")
    })?;
    let bytes = bytes.map_err(|_| {
        let max = material.max_mib;
        invalid(
            &material.key,
            &material.name,
            format!("“{}”的文件不能超过{max}MB，请压缩或分开后再上传", material.name),
            "file is too large",
        )
    })?;
    let row = filing::keep_file(&app, account, material, &query.name, bytes).await?;
    draft.files.entry(material.key.clone()).or_default().push(row.id);
    let draft = filing::save(&app, draft).await?;
    let mut body = view(&app, &draft)?;
    body["file"] = json!({"id": row.id, "digest": row.digest, "size": row.size, "kind": row.kind});
    Ok(answer(StatusCode::CREATED, &body))
}
