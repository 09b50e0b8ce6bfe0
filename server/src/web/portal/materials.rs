//! Materials of a draft: what each is for, what right looks like, files added and taken away.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value as Json, json};
use tongban_domain::case::needs_file;
use tongban_domain::ids::Id;
use tongban_domain::item::{FieldError, FileKind, Material, MaterialFormat, Need};

use super::{Done, draft, id, item, see, words};
use crate::app::App;
use crate::error::Error;
use crate::filing::{self, Draft};
use crate::signin::Caller;
use crate::store::attachments;
use crate::web::form::{Form, Upload};
use crate::web::page::Page;

/// How often a save is tried again when another window saves at the same moment.
const TRIES: usize = 3;

/// `.pdf,.jpg,.jpeg`
pub fn accept(material: &Material) -> String {
    let ends: Vec<&str> = material
        .accepts
        .iter()
        .map(|kind| match kind {
            FileKind::Pdf => ".pdf",
            FileKind::Jpg => ".jpg,.jpeg",
            FileKind::Png => ".png",
            FileKind::Ofd => ".ofd",
        })
        .collect();
    ends.join(",")
}

/// What files a material takes, in words.
pub fn limits(material: &Material) -> String {
    let most =
        if material.max_files > 1 { format!("，最多{}个", material.max_files) } else { String::new() };
    format!("{}格式，每个不超过{}MB{most}", material.accepts_label(), material.max_mib)
}

/// What stands for a material without files.
pub fn state(material: &Material) -> String {
    if needs_file(material) {
        return "必须提交".into();
    }
    match (item::free(material), material.need) {
        (free, _) if !free.is_empty() => free.into(),
        (_, Need::Deferrable) => match material.defer_days {
            Some(days) => format!("可以后补（{days}个工作日内）"),
            None => "可以后补".into(),
        },
        (_, Need::Conditional) => format!("视情况提交：{}", material.condition),
        _ if material.format == MaterialFormat::Paper => "交纸质原件到窗口".into(),
        _ => "选交".into(),
    }
}

/// Names and sizes of a draft's files.
pub async fn files_of(app: &App, draft: &Draft) -> Result<BTreeMap<Id, (String, u64)>, Error> {
    let ids: Vec<Id> = draft.files.values().flatten().copied().collect();
    let rows = attachments::by_ids(&mut app.db.read().await?, &ids).await?;
    let mut files = BTreeMap::new();
    for row in rows.iter().filter(|r| r.owner == draft.row.account) {
        files.insert(row.id, (app.secrets.unlock(row.id.get(), &row.name)?, row.size.unsigned_abs()));
    }
    Ok(files)
}

async fn render(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    draft: &Draft,
    (errors, flash): (Vec<FieldError>, &str),
) -> Result<Response, Error> {
    let entry = filing::entry_of(app, draft)?;
    let situation = entry.situation(&draft.row.situation).ok_or(Error::NotFound("情形"))?;
    let names = files_of(app, draft).await?;
    let materials: Vec<Json> = entry
        .materials_of(situation)
        .map(|m| {
            let own = draft.files.get(&m.key).map_or(&[][..], Vec::as_slice);
            view(draft, m, own, &names, words::error_of(&errors, &m.key))
        })
        .collect();
    let uploaded = materials.iter().filter(|m| m["files"].as_array().is_some_and(|f| !f.is_empty())).count();
    let steps = draft::tasks(&entry, draft).len();
    let base = format!("/drafts/{}", draft.row.id);
    let own = json!({
        "uploaded": uploaded, "materials": materials, "draft": draft::view(app, &entry, draft),
        "step": steps, "steps": steps, "next_href": format!("{base}/review"),
        "next_label": "下一步：核对并提交",
        "errors": words::error_list(&errors, |e| Some(format!("#f-{}", e.field))),
    });
    Page::new(app, caller, headers, &format!("{base}/materials"), "上传材料")
        .crumbs(&draft::crumbs(&base, "上传材料"))
        .errors(errors)
        .flash("good", flash)
        .render("portal/materials.html", own)
}

fn view(draft: &Draft, m: &Material, own: &[Id], names: &BTreeMap<Id, (String, u64)>, error: &str) -> Json {
    let files: Vec<Json> = own
        .iter()
        .filter_map(|id| {
            let (name, size) = names.get(id)?;
            let href = format!("/drafts/{}/files/{id}", draft.row.id);
            Some(json!({"id": id, "name": name, "size": words::size(*size), "href": href}))
        })
        .collect();
    let free = item::free(m);
    json!({
        "key": m.key, "name": m.name, "instructions": m.instructions,
        "standard": format!("合格标准：{}", m.standard),
        "state": if files.is_empty() { state(m) } else { format!("已传{}个文件", files.len()) },
        "optional": !needs_file(m),
        "note": if files.is_empty() && !needs_file(m) && !free.is_empty() { format!("{free}；愿意交的也可以上传。") } else { String::new() },
        "error": error, "can_add": !m.accepts.is_empty() && files.len() < usize::from(m.max_files), "files": files,
        "limits": limits(m), "accept": accept(m), "max_mib": m.max_mib, "many": m.max_files > 1,
    })
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
    Query(query): Query<Done>,
) -> Result<Response, Error> {
    let draft = filing::find(&app, caller.account()?, id(&no, "草稿")?).await?;
    render(&app, &caller, &headers, &draft, (Vec::new(), words::done(query.done.as_deref()))).await
}

pub async fn upload(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path((no, key)): Path<(String, String)>,
    upload: Result<Upload, Error>,
) -> Result<Response, Error> {
    let account = caller.account()?;
    let no = id(&no, "草稿")?;
    let draft = filing::find(&app, account, no).await?;
    let entry = filing::entry_of(&app, &draft)?;
    let material = entry.material(&key).ok_or(Error::NotFound("材料"))?;
    let wrong = |message: String| FieldError::new(&key, &material.name, message, "the file was not taken");
    let mut errors = Vec::new();
    let files = match upload {
        Ok(upload) => upload.files,
        Err(Error::Invalid(found)) if found.iter().all(|e| e.field == "file") => {
            errors.extend(found.into_iter().map(|e| wrong(e.message)));
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    if files.is_empty() && errors.is_empty() {
        errors.push(wrong(format!("请选择“{}”的文件", material.name)));
    }
    let room = usize::from(material.max_files).saturating_sub(draft.files.get(&key).map_or(0, Vec::len));
    if files.len() > room {
        errors.push(wrong(format!("“{}”最多{}个文件，多出的没有上传", material.name, material.max_files)));
    }
    let mut kept = Vec::new();
    for (_, name, bytes) in files.into_iter().take(room) {
        match filing::keep_file(&app, account, material, &name, bytes).await {
            Ok(row) => kept.push(row.id),
            Err(Error::Invalid(found)) => errors.extend(found),
            Err(error) => return Err(error),
        }
    }
    let draft = if kept.is_empty() { draft } else { add(&app, account, no, &key, &kept).await? };
    if errors.is_empty() {
        return Ok(see(&format!("/drafts/{no}/materials?done=uploaded#m-{key}")));
    }
    render(&app, &caller, &headers, &draft, (errors, "")).await
}

/// Adds files to the newest draft; a save in another window at the same moment is no reason to lose a file.
async fn add(app: &App, account: Id, no: Id, key: &str, files: &[Id]) -> Result<Draft, Error> {
    let mut last = Error::NotFound("草稿");
    for _ in 0..TRIES {
        let mut draft = filing::find(app, account, no).await?;
        draft.files.entry(key.to_owned()).or_default().extend(files);
        match filing::save(app, draft).await {
            Ok(draft) => return Ok(draft),
            Err(error @ Error::Conflict(_)) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path((no, key)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Error> {
    let draft = filing::find(&app, caller.account()?, id(&no, "草稿")?).await?;
    filing::remove_file(&app, draft, &key, id(form.text("file"), "文件")?).await?;
    Ok(see(&format!("/drafts/{no}/materials?done=removed#m-{key}")))
}
