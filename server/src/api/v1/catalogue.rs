//! Divisions and items, served from memory.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::ids::DivisionCode;
use tongban_domain::item::EffectiveItem;

use super::super::problem::answer;
use crate::app::App;
use crate::error::{Error, invalid};

/// How many rows a page of items has unless told.
const PAGE: usize = 50;

#[derive(Debug, Deserialize)]
pub struct DivisionQuery {
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    q: Option<String>,
}

pub fn division(text: &str) -> Result<DivisionCode, Error> {
    DivisionCode::parse(text)
        .map_err(|e| invalid("division", "地区", format!("请改为12位区划代码：{e}"), e.english()))
}

fn unknown_division() -> Error {
    invalid("division", "地区", "请选择河北省内的地区：没有这个区划代码", "no such division in Hebei")
}

pub async fn divisions(
    State(app): State<App>,
    Query(query): Query<DivisionQuery>,
) -> Result<Response, Error> {
    let catalogue = app.catalogue();
    let tree = &catalogue.tree;
    let found: Vec<_> = match (query.q.as_deref().map(str::trim), query.parent) {
        (Some(q), _) if !q.is_empty() => tree.find(q, 50),
        (_, Some(parent)) => {
            let code = division(&parent)?;
            tree.get(code).ok_or_else(unknown_division)?;
            tree.children(code).collect()
        }
        _ => tree.root().into_iter().collect(),
    };
    let rows: Vec<Value> = found
        .into_iter()
        .map(|d| {
            json!({"code": d.code, "name": d.name, "full_name": tree.full_name(d.code), "level": d.level, "zone": d.zone})
        })
        .collect();
    Ok(answer(StatusCode::OK, &json!({"divisions": rows})))
}

#[derive(Debug, Deserialize)]
pub struct ItemQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    division: Option<String>,
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

fn brief(item: &EffectiveItem<'_>) -> Value {
    json!({
        "code": item.local.key,
        "name": item.name(),
        "task_code": item.local.code,
        "kind": item.entry.kind,
        "kind_label": item.entry.kind.label(),
        "level": item.entry.level,
        "organ": item.agency.name,
        "audiences": item.entry.audiences,
        "promised": item.promised(),
        "promised_label": item.promised().label(),
        "statutory": item.entry.statutory,
        "online_depth": item.entry.online_depth,
        "visits": item.entry.visits,
        "badges": item.entry.badges(),
        "open": item.local.status == tongban_domain::item::LocalStatus::InUse,
        "sample": item.entry.sample,
    })
}

pub async fn items(State(app): State<App>, Query(query): Query<ItemQuery>) -> Result<Response, Error> {
    let catalogue = app.catalogue();
    let place = match &query.division {
        Some(text) => division(text)?,
        None => app.home(),
    };
    catalogue.tree.get(place).ok_or_else(unknown_division)?;
    let locals = catalogue.serving(place);
    let ordered: Vec<&tongban_domain::item::LocalItem> = if query.q.trim().is_empty() {
        let mut locals = locals;
        locals.sort_by(|a, b| a.entry.cmp(&b.entry));
        locals
    } else {
        let ranked = catalogue.index.search(&query.q, 100);
        ranked.iter().filter_map(|(id, _)| locals.iter().find(|l| l.entry == *id).copied()).collect()
    };
    let limit = query.limit.unwrap_or(PAGE).clamp(1, 200);
    let start = query
        .after
        .as_ref()
        .and_then(|after| ordered.iter().position(|l| l.key == *after))
        .map_or(0, |at| at + 1);
    let rows: Vec<Value> = ordered
        .iter()
        .skip(start)
        .take(limit)
        .filter_map(|l| catalogue.item(&l.key))
        .map(|i| brief(&i))
        .collect();
    let next = (ordered.len() > start + limit).then(|| ordered[start + limit - 1].key.clone());
    Ok(answer(StatusCode::OK, &json!({"items": rows, "next": next})))
}

pub async fn item(State(app): State<App>, Path(code): Path<String>) -> Result<Response, Error> {
    let catalogue = app.catalogue();
    let item = catalogue.item(&code).ok_or(Error::NotFound("事项"))?;
    let mut body = brief(&item);
    let handling: Vec<Value> = item
        .entry
        .situations
        .iter()
        .map(|s| json!({"key": s.key, "name": s.name, "when": s.when, "code": item.handling_code(s).ok(), "materials": s.materials}))
        .collect();
    body["situations"] = handling.into();
    body["place"] = item.place().into();
    body["hours"] = item.hours().into();
    body["phone"] = item.phone().into();
    body["supervision_phone"] = item.supervision_phone().into();
    body["regulator"] = item.regulator.name.clone().into();
    body["review_organ"] = item.review_organ().into();
    body["litigation_court"] = item.litigation_court().into();
    body["division"] = json!(item.local.division);
    body["entry"] = serde_json::to_value(item.entry)?;
    Ok(answer(StatusCode::OK, &body))
}
