//! Putting right what the window asked for, and only that.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value as Json, json};
use tongban_domain::case::{Command, SupplementRef, SupplementRow};
use tongban_domain::ids::Id;
use tongban_domain::item::{Answers, FieldError, Material};

use super::section::{field_view, typed};
use super::{case, fresh_key, materials, see, words};
use crate::app::App;
use crate::casefile::{self, CaseFile};
use crate::casework::{self, Act};
use crate::error::Error;
use crate::filing;
use crate::signin::Caller;
use crate::store::attachments;
use crate::web::form::{Form, Upload};
use crate::web::page::Page;

/// What was sent, so that nothing is asked for twice.
#[derive(Default)]
struct Sent {
    answers: Answers,
    /// Files kept already, by material.
    files: BTreeMap<String, Vec<Id>>,
    errors: Vec<FieldError>,
    key: Option<String>,
}

/// The open request, or the case page: there is nothing to put right any more.
fn open(file: &CaseFile) -> Option<(&SupplementRef, Vec<SupplementRow>)> {
    let open = file.case.open_supplement()?;
    Some((open, file.supplement_rows(&open.rows)))
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "page").await?;
    if open(&file).is_none() {
        return Ok(see(&format!("/cases/{no}")));
    }
    render(&app, &caller, &headers, &file, Sent::default()).await
}

async fn render(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    file: &CaseFile,
    sent: Sent,
) -> Result<Response, Error> {
    let Some((open, asked)) = open(file) else { return Ok(see(&format!("/cases/{}", file.case.no))) };
    let words_for = |target: &str| {
        let rows: Vec<&SupplementRow> = asked.iter().filter(|r| r.target == target).collect();
        let join =
            |text: fn(&SupplementRow) -> &str| rows.iter().map(|r| text(r)).collect::<Vec<_>>().join("；");
        (join(|r| &r.problem), join(|r| &r.fix))
    };
    let fields: Vec<Json> = open
        .fields
        .iter()
        .filter_map(|key| file.entry.form.field(key))
        .map(|f| {
            let (problem, fix) = words_for(&f.key);
            let before = file.answers.get(&f.key).map_or("", String::as_str);
            let value = sent.answers.get(&f.key).map_or(before, String::as_str);
            let error = words::error_of(&sent.errors, &f.key);
            json!({"problem": problem, "fix": fix, "before": before, "field": field_view(f, value, error, "")})
        })
        .collect();
    let names = names(app, &sent.files).await?;
    let rows: Vec<Json> = open
        .materials
        .iter()
        .filter_map(|key| file.entry.material(key))
        .map(|m| material_row(file, m, words_for(&m.key), &sent, &names))
        .collect();
    let own = json!({
        "case": case::brief(app, file), "due": words::day(open.due), "fields": fields, "materials": rows,
        "key": sent.key.unwrap_or_else(fresh_key), "version": file.case.version,
    });
    let base = format!("/cases/{}", file.case.no);
    Page::new(app, caller, headers, &format!("{base}/supplement"), "补正")
        .crumbs(&[("/cases", "我的办件"), (&base, &file.entry.name), ("", "补正")])
        .errors(sent.errors)
        .render("portal/supplement.html", own)
}

fn material_row(
    file: &CaseFile,
    m: &Material,
    (problem, fix): (String, String),
    sent: &Sent,
    names: &BTreeMap<Id, String>,
) -> Json {
    let before: Vec<&str> = file
        .case
        .files_of(&m.key)
        .iter()
        .map(|f| file.file_names.get(&f.id).map_or("文件", String::as_str))
        .collect();
    let kept: Vec<Json> = sent
        .files
        .get(&m.key)
        .into_iter()
        .flatten()
        .filter_map(|id| Some(json!({"id": id, "name": names.get(id)?})))
        .collect();
    json!({
        "key": m.key, "name": m.name, "problem": problem, "fix": fix, "before": before, "kept": kept,
        "limits": materials::limits(m), "accept": materials::accept(m), "max_mib": m.max_mib,
        "many": m.max_files > 1, "error": words::error_of(&sent.errors, &m.key),
    })
}

/// Names of files kept by an earlier try.
async fn names(app: &App, files: &BTreeMap<String, Vec<Id>>) -> Result<BTreeMap<Id, String>, Error> {
    let ids: Vec<Id> = files.values().flatten().copied().collect();
    let rows = attachments::by_ids(&mut app.db.read().await?, &ids).await?;
    let mut names = BTreeMap::new();
    for row in rows {
        names.insert(row.id, app.secrets.unlock(row.id.get(), &row.name)?);
    }
    Ok(names)
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
    upload: Result<Upload, Error>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "page").await?;
    let upload = match upload {
        Ok(upload) => upload,
        Err(Error::Invalid(errors)) if errors.iter().all(|e| e.field == "file") => {
            return render(&app, &caller, &headers, &file, Sent { errors, ..Sent::default() }).await;
        }
        Err(error) => return Err(error),
    };
    let Some((open, _)) = open(&file) else {
        // A second click: the first one was taken.
        return Ok(see(&format!("/cases/{no}?done=supplemented")));
    };
    let version = upload.form.version();
    let mut sent = take(&app, &caller, &file, open, upload).await?;
    if sent.errors.is_empty() {
        match resubmit(&app, &caller, &file, &sent, version).await {
            Ok(()) => return Ok(see(&format!("/cases/{no}?done=supplemented"))),
            Err(Error::Invalid(errors)) => sent.errors = errors,
            Err(error) => return Err(error),
        }
    }
    let mut response = render(&app, &caller, &headers, &file, sent).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

async fn resubmit(
    app: &App,
    caller: &Caller,
    file: &CaseFile,
    sent: &Sent,
    seen: Option<u32>,
) -> Result<(), Error> {
    let account = caller.account()?;
    let again = filing::is_known(app, account, sent.key.as_deref()).await?;
    let files = filing::file_sets(app, account, &sent.files, again).await?;
    let command = Command::Resubmit { answers: sent.answers.clone(), files };
    let act = Act::on(caller.actor.clone(), file.case.no.clone(), command).keyed(sent.key.clone()).seen(seen);
    casework::execute(app, act).await?;
    Ok(())
}

/// Reads answers and files; what is right is kept even when something else is wrong.
async fn take(
    app: &App,
    caller: &Caller,
    file: &CaseFile,
    open: &SupplementRef,
    upload: Upload,
) -> Result<Sent, Error> {
    let form = &upload.form;
    let mut sent = Sent { key: form.key(), ..Sent::default() };
    for field in open.fields.iter().filter_map(|key| file.entry.form.field(key)) {
        if let Some(value) = typed(form, field) {
            sent.answers.insert(field.key.clone(), value);
        }
    }
    for key in &open.materials {
        let kept = kept_before(app, caller, form, key).await?;
        if !kept.is_empty() {
            sent.files.insert(key.clone(), kept);
        }
    }
    for (field, name, bytes) in upload.files {
        let key = field.strip_prefix("file.").filter(|key| open.materials.iter().any(|m| m == key));
        let Some(material) = key.and_then(|key| file.entry.material(key)) else { continue };
        match filing::keep_file(app, caller.account()?, material, &name, bytes).await {
            Ok(row) => sent.files.entry(material.key.clone()).or_default().push(row.id),
            Err(Error::Invalid(errors)) => sent.errors.extend(errors),
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// Files an earlier try kept: only the account's own, not handed in anywhere.
async fn kept_before(app: &App, caller: &Caller, form: &Form, key: &str) -> Result<Vec<Id>, Error> {
    let ids: Vec<Id> = form
        .all(&format!("kept.{key}"))
        .iter()
        .filter_map(|t| t.trim().parse::<i64>().ok())
        .map(Id::from)
        .collect();
    let owner = caller.account()?;
    let rows = attachments::by_ids(&mut app.db.read().await?, &ids).await?;
    Ok(ids
        .into_iter()
        .filter(|id| rows.iter().any(|r| r.id == *id && r.owner == owner && r.case.is_none()))
        .collect())
}
