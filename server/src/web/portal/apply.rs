//! Beginning an application: which situation, or which draft to go on with.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value as Json, json};
use tongban_domain::item::{EffectiveItem, FieldError};

use super::known::Known;
use super::{draft, see, words};
use crate::app::App;
use crate::error::Error;
use crate::filing;
use crate::signin::Caller;
use crate::web::form::Form;
use crate::web::page::{self, Page};

/// Fields a person fills in a minute.
const FIELDS_A_MINUTE: usize = 4;

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Result<Response, Error> {
    render(&app, &caller, &headers, &key, Vec::new()).await
}

async fn render(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    key: &str,
    errors: Vec<FieldError>,
) -> Result<Response, Error> {
    let catalogue = app.catalogue();
    let item = catalogue.item(key).ok_or(Error::NotFound("事项"))?;
    let entry = item.entry;
    let drafts: Vec<Json> = filing::list(app, caller.account()?)
        .await?
        .iter()
        .filter(|d| d.row.local == key)
        .map(|d| {
            json!({
                "href": format!("/drafts/{}", d.row.id),
                "situation": entry.situation(&d.row.situation).map_or("", |s| s.name.as_str()),
                "progress": draft::progress(entry, d), "saved": words::short_moment(d.row.updated_at),
            })
        })
        .collect();
    let only = entry.situations.len() == 1;
    let situations: Vec<Json> = entry
        .situations
        .iter()
        .map(|s| {
            json!({
                "key": s.key, "name": s.name, "when": s.when,
                "materials": format!("要交{}份材料", s.materials.len()), "checked": only,
            })
        })
        .collect();
    let guide = format!("/items/{key}");
    let own = json!({
        "drafts": drafts, "item_name": item.name(), "agency": item.agency.name, "local": key,
        "situation_error": words::error_of(&errors, "situation"), "situations": situations,
        "minutes": entry.form.fields().count().div_ceil(FIELDS_A_MINUTE).max(2), "keep_days": draft::KEEP_DAYS,
        "guide_href": guide,
    });
    Page::new(app, caller, headers, &format!("/apply/{key}"), &format!("办理 {}", item.name()))
        .crumbs(&[("/", "首页"), (&guide, item.name()), ("", "开始办理")])
        .errors(errors)
        .render("portal/apply.html", own)
}

pub async fn start(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(key): Path<String>,
    form: Form,
) -> Result<Response, Error> {
    let catalogue = app.catalogue();
    let item = catalogue.item(&key).ok_or(Error::NotFound("事项"))?;
    if !form.has("situation") {
        let error = FieldError::new("situation", "情形", "请选择您属于哪种情形", "situation is required");
        return render(&app, &caller, &headers, &key, vec![error]).await;
    }
    let answers = Known::of(&app, &caller).await?.answers(&item.entry.form);
    let place = place(&app, &caller, &headers, &item);
    let started = filing::start(&app, caller.account()?, &key, form.text("situation"), &place, answers).await;
    match started {
        Ok(draft) => {
            let first = item.entry.form.sections.first();
            let rest = first.map_or(String::new(), |s| format!("/sections/{}", s.key));
            Ok(see(&format!("/drafts/{}{rest}", draft.row.id)))
        }
        Err(Error::Invalid(errors)) => render(&app, &caller, &headers, &key, errors).await,
        Err(error) => Err(error),
    }
}

/// The reader's region where the item's agency serves it, else what the agency serves.
fn place(app: &App, caller: &Caller, headers: &HeaderMap, item: &EffectiveItem<'_>) -> String {
    let chosen = page::division(app, caller, headers);
    let inside = app.catalogue().tree.contains(item.local.division, chosen);
    if inside { chosen.to_string() } else { String::new() }
}
