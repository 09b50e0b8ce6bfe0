//! A draft's task list: what is done, what is left, and that nothing was submitted yet.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value as Json, json};
use tongban_domain::calendar::{add_calendar_days, date_of_ms};
use tongban_domain::item::CatalogueEntry;

use super::{Done, id, see, words};
use crate::app::App;
use crate::error::Error;
use crate::filing::{self, Draft};
use crate::signin::Caller;
use crate::web::form::Form;
use crate::web::page::Page;

/// How long an untouched draft is kept at least.
pub const KEEP_DAYS: i32 = 90;

/// One part to complete.
#[derive(Debug)]
pub struct Task {
    /// Words.
    pub title: String,
    /// Address.
    pub href: String,
    /// `done`, `wrong`, `started` or `todo`.
    pub state: &'static str,
}

impl Task {
    fn words(&self) -> &'static str {
        match self.state {
            "done" => "已完成",
            "wrong" => "要修改",
            "started" => "没填完",
            _ => "未开始",
        }
    }
}

/// The parts of a draft in order: the form's sections, then the materials.
pub fn tasks(entry: &CatalogueEntry, draft: &Draft) -> Vec<Task> {
    let answers = entry.form.tidy(&draft.answers);
    let errors = filing::missing(entry, draft);
    let base = format!("/drafts/{}", draft.row.id);
    let mut tasks: Vec<Task> = entry
        .form
        .sections
        .iter()
        .map(|section| {
            let wrong: Vec<_> =
                errors.iter().filter(|e| section.fields.iter().any(|f| f.key == e.field)).collect();
            let state = if wrong.is_empty() {
                "done"
            } else if wrong.iter().any(|e| answers.contains_key(&e.field)) {
                "wrong"
            } else if section.fields.iter().any(|f| answers.contains_key(&f.key)) {
                "started"
            } else {
                "todo"
            };
            Task { title: section.title.clone(), href: format!("{base}/sections/{}", section.key), state }
        })
        .collect();
    let situation = entry.situation(&draft.row.situation);
    if situation.is_some_and(|s| !s.materials.is_empty()) {
        let missing = errors.iter().any(|e| entry.form.field(&e.field).is_none());
        let some = draft.files.values().any(|f| !f.is_empty());
        let state = match (missing, some) {
            (false, _) => "done",
            (true, true) => "started",
            (true, false) => "todo",
        };
        tasks.push(Task { title: "上传材料".into(), href: format!("{base}/materials"), state });
    }
    tasks
}

/// 已完成 2/4
pub fn progress(entry: &CatalogueEntry, draft: &Draft) -> String {
    let tasks = tasks(entry, draft);
    format!("已完成 {}/{}", tasks.iter().filter(|t| t.state == "done").count(), tasks.len())
}

/// What every page of a draft says about it.
pub fn view(app: &App, entry: &CatalogueEntry, draft: &Draft) -> Json {
    let catalogue = app.catalogue();
    let agency = catalogue.item(&draft.row.local).map_or(String::new(), |i| i.agency.name.clone());
    let kept = add_calendar_days(date_of_ms(draft.row.updated_at), KEEP_DAYS);
    json!({
        "id": draft.row.id, "item": entry.name,
        "situation": entry.situation(&draft.row.situation).map_or("", |s| s.name.as_str()),
        "agency": agency, "saved": words::short_moment(draft.row.updated_at),
        "kept_until": words::short_day(kept),
    })
}

/// The way back of a draft's pages.
pub fn crumbs<'a>(base: &'a str, here: &'a str) -> [(&'a str, &'a str); 3] {
    [("/cases?tab=drafts", "我的办件"), (base, "草稿"), ("", here)]
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
    Query(query): Query<Done>,
) -> Result<Response, Error> {
    let draft = filing::find(&app, caller.account()?, id(&no, "草稿")?).await?;
    let entry = filing::entry_of(&app, &draft)?;
    let tasks = tasks(&entry, &draft);
    let next = tasks.iter().find(|t| t.state != "done");
    let rows: Vec<Json> = tasks
        .iter()
        .map(|t| json!({"href": t.href, "title": t.title, "state": t.state, "words": t.words()}))
        .collect();
    let own = json!({
        "draft": view(&app, &entry, &draft),
        "done": tasks.iter().filter(|t| t.state == "done").count(), "total": tasks.len(), "tasks": rows,
        "ready": next.is_none(),
        "next_href": next.map_or("", |t| t.href.as_str()), "next_title": next.map_or("", |t| t.title.as_str()),
        "can_discard": true,
    });
    Page::new(&app, &caller, &headers, &format!("/drafts/{no}"), &format!("{}草稿", entry.name))
        .crumbs(&[("/cases?tab=drafts", "我的办件"), ("", "草稿")])
        .flash("good", words::done(query.done.as_deref()))
        .render("portal/draft.html", own)
}

pub async fn discard(
    State(app): State<App>,
    caller: Caller,
    Path(no): Path<String>,
    _form: Form,
) -> Result<Response, Error> {
    filing::discard(&app, caller.account()?, id(&no, "草稿")?).await?;
    Ok(see("/cases?tab=drafts&done=discarded"))
}
