//! Checking everything before it is submitted, and submitting.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value as Json, json};
use tongban_domain::case::{Ledger, notice_due};
use tongban_domain::item::{CatalogueEntry, FieldError, ItemKind};

use super::{draft, fresh_key, id, materials, see, words};
use crate::app::App;
use crate::error::Error;
use crate::filing::{self, Draft};
use crate::signin::Caller;
use crate::web::form::Form;
use crate::web::page::Page;

/// What is shown besides the draft.
struct Shown {
    errors: Vec<FieldError>,
    key: String,
    status: StatusCode,
}

async fn render(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    draft: &Draft,
    shown: Shown,
) -> Result<Response, Error> {
    let entry = filing::entry_of(app, draft)?;
    let base = format!("/drafts/{}", draft.row.id);
    let errors = &shown.errors;
    let own = json!({
        "sections": sections(&entry, draft, errors, &base),
        "materials": material_rows(app, &entry, draft, errors).await?,
        "declaration": declaration(&entry), "declaration_error": words::error_of(errors, "declared"),
        "draft": draft::view(app, &entry, draft), "key": shown.key, "version": draft.row.version,
        "after_submit": after_submit(app, &entry, draft),
        "errors": words::error_list(errors, |e| Some(href(&entry, &base, &e.field))),
    });
    Page::new(app, caller, headers, &format!("{base}/review"), "核对并提交")
        .crumbs(&draft::crumbs(&base, "核对并提交"))
        .status(shown.status)
        .render("portal/review.html", own)
}

/// Where a wrong answer or a missing file is put right.
fn href(entry: &CatalogueEntry, base: &str, field: &str) -> String {
    let section = entry.form.sections.iter().find(|s| s.fields.iter().any(|f| f.key == field));
    match section {
        Some(section) => format!("{base}/sections/{}?to=review#f-{field}", section.key),
        None if entry.material(field).is_some() => format!("{base}/materials?to=review#m-{field}"),
        None => format!("#f-{field}"),
    }
}

fn sections(entry: &CatalogueEntry, draft: &Draft, errors: &[FieldError], base: &str) -> Vec<Json> {
    let answers = entry.form.tidy(&draft.answers);
    entry
        .form
        .sections
        .iter()
        .map(|s| {
            let rows: Vec<Json> = s
                .fields
                .iter()
                .filter(|f| entry.form.asked(f, &answers))
                .map(|f| {
                    let value = answers.get(&f.key).map_or("", String::as_str);
                    let value = if value.is_empty() || f.unit.is_empty() { value.to_owned() } else { format!("{value} {}", f.unit) };
                    json!({"key": f.key, "label": f.label, "value": value, "error": words::error_of(errors, &f.key)})
                })
                .collect();
            json!({"key": s.key, "title": s.title, "href": format!("{base}/sections/{}?to=review", s.key), "rows": rows})
        })
        .collect()
}

async fn material_rows(
    app: &App,
    entry: &CatalogueEntry,
    draft: &Draft,
    errors: &[FieldError],
) -> Result<Vec<Json>, Error> {
    let names = materials::files_of(app, draft).await?;
    let Some(situation) = entry.situation(&draft.row.situation) else { return Ok(Vec::new()) };
    Ok(entry
        .materials_of(situation)
        .map(|m| {
            let own = draft.files.get(&m.key).map_or(&[][..], Vec::as_slice);
            let files: Vec<&str> = own.iter().filter_map(|id| Some(names.get(id)?.0.as_str())).collect();
            json!({
                "key": m.key, "name": m.name, "files": files, "state": materials::state(m),
                "error": words::error_of(errors, &m.key),
            })
        })
        .collect())
}

/// What the applicant declares; the sanction named is the one of the item's own law.
fn declaration(entry: &CatalogueEntry) -> &'static str {
    if entry.kind == ItemKind::Licence {
        "我对提交内容的真实性负责。提供虚假材料的，行政机关不予受理或者不予许可，并给予警告；涉及公共安全等的，一年内不得再次申请（行政许可法第七十八条）。"
    } else {
        "我对提交内容的真实性负责。提供虚假材料的，行政机关不予办理，并依法承担相应责任。"
    }
}

/// By when the window answers if it is submitted today.
fn after_submit(app: &App, entry: &CatalogueEntry, draft: &Draft) -> String {
    let catalogue = app.catalogue();
    let (Some(item), Some(regime)) = (catalogue.item(&draft.row.local), catalogue.regimes.get(&entry.regime))
    else {
        return String::new();
    };
    let ledger = Ledger::open(entry.regime.clone(), entry.statutory, item.promised(), app.today());
    let silence = if regime.notice.silence_accepts { "；逾期不答复，就算受理" } else { "" };
    match notice_due(&ledger, regime, &catalogue.calendar) {
        Some(due) => format!("提交后，窗口最迟在{}前答复是否受理{silence}。", words::due_day(due)),
        None => "提交后，窗口会答复是否受理。".into(),
    }
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
) -> Result<Response, Error> {
    let draft = filing::find(&app, caller.account()?, id(&no, "草稿")?).await?;
    let entry = filing::entry_of(&app, &draft)?;
    let errors = filing::missing(&entry, &draft);
    let shown = Shown { errors, key: fresh_key(), status: StatusCode::OK };
    render(&app, &caller, &headers, &draft, shown).await
}

pub async fn submit(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
    form: Form,
) -> Result<Response, Error> {
    let actor = caller.actor.clone();
    let draft = match filing::find(&app, caller.account()?, id(&no, "草稿")?).await {
        Ok(draft) => draft,
        // A second click finds its draft gone and its case there.
        Err(Error::NotFound(_)) => {
            let done = filing::replayed(&app, &actor, form.key()).await?;
            return Ok(see(&format!("/cases/{}/receipt", done.case.no)));
        }
        Err(error) => return Err(error),
    };
    let entry = filing::entry_of(&app, &draft)?;
    let mut shown = Shown {
        errors: filing::missing(&entry, &draft),
        key: form.key().unwrap_or_else(fresh_key),
        status: StatusCode::UNPROCESSABLE_ENTITY,
    };
    let declared = |message: &str| FieldError::new("declared", "确认", message, "to be confirmed");
    if form.version().is_some_and(|seen| i64::from(seen) != draft.row.version) {
        shown.errors.push(declared("内容刚在另一个窗口改过，请按下面最新的内容重新核对，再勾选提交"));
        shown.status = StatusCode::CONFLICT;
    } else if !form.has("declared") {
        shown.errors.push(declared("请先勾选“我已核对”"));
    }
    if shown.errors.is_empty() {
        match filing::submit(&app, actor, &draft, Some(shown.key.clone())).await {
            Ok(done) => return Ok(see(&format!("/cases/{}/receipt", done.case.no))),
            Err(Error::Invalid(errors)) => shown.errors = errors,
            Err(error) => return Err(error),
        }
    }
    render(&app, &caller, &headers, &draft, shown).await
}
