//! One page of the form. Whatever is typed is saved; errors are shown only when the person asks to go on.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};
use tongban_domain::item::{Answers, CatalogueEntry, Field, FieldError, FieldKind, Section};

use super::known::Known;
use super::{Done, draft, id, see, words};
use crate::app::App;
use crate::error::Error;
use crate::filing::{self, Draft};
use crate::signin::Caller;
use crate::web::form::Form;
use crate::web::page::Page;

/// One field as the templates draw it.
pub fn field_view(field: &Field, value: &str, error: &str, prefilled: &str) -> Json {
    let yes_no = ["是".to_owned(), "否".to_owned()];
    let options: &[String] = if field.kind == FieldKind::YesNo { &yes_no } else { &field.options };
    let options: Vec<Json> = options
        .iter()
        .map(|option| {
            let checked = match field.kind {
                FieldKind::Choices => value.split('、').any(|v| v == option),
                _ => value == option,
            };
            json!({"value": option, "checked": checked})
        })
        .collect();
    json!({
        "key": field.key, "kind": field.kind, "label": field.label, "required": field.required,
        "hint": field.hint, "options": options, "unit": field.unit, "max": field.max, "value": value,
        "error": error, "prefilled": prefilled,
        "when": field.when.as_ref().map(|w| json!({"field": w.field, "is": w.is})),
    })
}

/// What was typed into a field; none when the page did not send it (hidden by its condition).
pub fn typed(form: &Form, field: &Field) -> Option<String> {
    let values = form.all(&field.key);
    let ticked = matches!(field.kind, FieldKind::Choice | FieldKind::Choices | FieldKind::YesNo);
    if values.is_empty() && !ticked {
        return None;
    }
    let values: Vec<&str> = values.iter().map(|v| v.trim()).filter(|v| !v.is_empty()).collect();
    Some(values.join("、"))
}

/// What a page of the form shows besides the draft.
struct Shown<'a> {
    section: &'a Section,
    errors: Vec<FieldError>,
    from_review: bool,
    status: StatusCode,
}

async fn render(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    draft: &Draft,
    shown: Shown<'_>,
) -> Result<Response, Error> {
    let entry = filing::entry_of(app, draft)?;
    let section = shown.section;
    let known = if section.fields.iter().any(|f| f.concept.is_some()) {
        Known::of(app, caller).await?
    } else {
        Known::default()
    };
    let fields: Vec<Json> = section
        .fields
        .iter()
        .map(|f| {
            let value = draft.answers.get(&f.key).map_or("", String::as_str);
            let error = words::error_of(&shown.errors, &f.key);
            field_view(f, value, error, known.source(f.concept.as_deref(), value))
        })
        .collect();
    let tasks = draft::tasks(&entry, draft);
    let step = entry.form.sections.iter().position(|s| s.key == section.key).map_or(1, |at| at + 1);
    let own = json!({
        "step": step, "steps": tasks.len(), "section_key": section.key, "section_title": section.title,
        "fields": fields, "draft": draft::view(app, &entry, draft), "version": draft.row.version,
        "from_review": shown.from_review, "autosave": true,
    });
    let base = format!("/drafts/{}", draft.row.id);
    Page::new(app, caller, headers, &format!("{base}/sections/{}", section.key), &section.title)
        .crumbs(&draft::crumbs(&base, &section.title))
        .errors(shown.errors)
        .status(shown.status)
        .render("portal/section.html", own)
}

fn section_of<'a>(entry: &'a CatalogueEntry, key: &str) -> Result<&'a Section, Error> {
    entry.form.sections.iter().find(|s| s.key == key).ok_or(Error::NotFound("这一页"))
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path((no, key)): Path<(String, String)>,
    Query(query): Query<Done>,
) -> Result<Response, Error> {
    let draft = filing::find(&app, caller.account()?, id(&no, "草稿")?).await?;
    let entry = filing::entry_of(&app, &draft)?;
    let from_review = query.to.as_deref() == Some("review");
    let shown =
        Shown { section: section_of(&entry, &key)?, errors: Vec::new(), from_review, status: StatusCode::OK };
    render(&app, &caller, &headers, &draft, shown).await
}

/// Puts what was typed into the answers, as it was typed.
fn take(answers: &mut Answers, section: &Section, form: &Form) {
    for field in &section.fields {
        match typed(form, field) {
            Some(value) if value.is_empty() => {
                answers.remove(&field.key);
            }
            Some(value) => {
                answers.insert(field.key.clone(), value);
            }
            None => {}
        }
    }
}

pub async fn save(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path((no, key)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Error> {
    let mut draft = filing::find(&app, caller.account()?, id(&no, "草稿")?).await?;
    let entry = filing::entry_of(&app, &draft)?;
    let section = section_of(&entry, &key)?;
    let autosave = form.has("autosave");
    let from_review = form.text("to") == "review";
    let before = draft.answers.clone();
    take(&mut draft.answers, section, &form);
    let seen = form.version().map_or(draft.row.version, i64::from);
    let saved = if seen != draft.row.version && before != draft.answers {
        None
    } else {
        match filing::save(&app, draft.clone()).await {
            Ok(saved) => Some(saved),
            Err(Error::Conflict(_)) => None,
            Err(error) => return Err(error),
        }
    };
    let Some(mut draft) = saved else {
        return stale(&app, &caller, &headers, (&no, &form, section)).await;
    };
    if autosave {
        return Ok(draft.row.version.to_string().into_response());
    }
    let tidy = entry.form.tidy(&draft.answers);
    let own = |e: &FieldError| section.fields.iter().any(|f| f.key == e.field);
    let errors: Vec<FieldError> = entry.form.check(&tidy).into_iter().filter(own).collect();
    if errors.is_empty() {
        let place = if from_review { "review".to_owned() } else { next(&entry, &draft, &key) };
        return Ok(see(&format!("/drafts/{no}/{place}")));
    }
    // Shown as they were read: full-width digits and spaces are ours to put right.
    draft.answers.extend(tidy);
    let shown = Shown { section, errors, from_review, status: StatusCode::UNPROCESSABLE_ENTITY };
    render(&app, &caller, &headers, &draft, shown).await
}

fn next(entry: &CatalogueEntry, draft: &Draft, key: &str) -> String {
    let after = entry.form.sections.iter().skip_while(|s| s.key != key).nth(1);
    let materials = entry.situation(&draft.row.situation).is_some_and(|s| !s.materials.is_empty());
    match (after, materials) {
        (Some(section), _) => format!("sections/{}", section.key),
        (None, true) => "materials".into(),
        (None, false) => "review".into(),
    }
}

/// Another window saved in between: what was typed stands in the boxes, the rest is the newest, and the person decides.
async fn stale(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    (no, form, section): (&str, &Form, &Section),
) -> Result<Response, Error> {
    if form.has("autosave") {
        return Ok(StatusCode::CONFLICT.into_response());
    }
    let mut draft = filing::find(app, caller.account()?, id(no, "草稿")?).await?;
    take(&mut draft.answers, section, form);
    let first = section.fields.first().map_or("", |f| f.key.as_str());
    let error = FieldError::new(
        first,
        &section.title,
        "这份草稿刚在另一个窗口保存过。您刚填的内容还在下面，请核对后再保存一次，就以这里为准",
        "saved elsewhere meanwhile",
    );
    let from_review = form.text("to") == "review";
    let shown = Shown { section, errors: vec![error], from_review, status: StatusCode::CONFLICT };
    render(app, caller, headers, &draft, shown).await
}
