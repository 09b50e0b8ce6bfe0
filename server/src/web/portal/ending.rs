//! The applicant's own last words: withdrawing an application, rating a service.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value as Json, json};
use tongban_domain::case::Command;
use tongban_domain::item::FieldError;

use super::{case, fresh_key, see, words};
use crate::app::App;
use crate::casefile::{self, CaseFile};
use crate::casework::{self, Act};
use crate::error::Error;
use crate::signin::Caller;
use crate::web::form::Form;
use crate::web::page::Page;

const GRADES: [(u8, &str, &str); 5] = [
    (1, "非常满意", "★★★★★"),
    (2, "满意", "★★★★"),
    (3, "基本满意", "★★★"),
    (4, "不满意", "★★"),
    (5, "非常不满意", "★"),
];

/// What a refused attempt keeps.
#[derive(Default)]
struct Tried {
    text: String,
    grade: u8,
    errors: Vec<FieldError>,
    key: Option<String>,
}

/// The form's errors, those of the whole act without a field to jump to.
fn error_list(errors: &[FieldError]) -> Json {
    words::error_list(errors, |e| (!e.field.is_empty()).then(|| format!("#f-{}", e.field)))
}

/// Asks for the act; what the law or the check objects to comes back as errors of the form.
async fn ask(
    app: &App,
    caller: &Caller,
    file: &CaseFile,
    form: &Form,
    command: Command,
) -> Result<Vec<FieldError>, Error> {
    let act =
        Act::on(caller.actor.clone(), file.case.no.clone(), command).keyed(form.key()).seen(form.version());
    match casework::execute(app, act).await {
        Ok(_) => Ok(Vec::new()),
        Err(Error::Invalid(errors)) => Ok(errors),
        Err(Error::Refusal(no)) => {
            Ok(vec![FieldError::new("", "", format!("{}{}", no.reason, no.way_out), no.code)])
        }
        Err(error) => Err(error),
    }
}

fn crumbs<'a>(base: &'a str, file: &'a CaseFile, here: &'a str) -> [(&'a str, &'a str); 3] {
    [("/cases", "我的办件"), (base, file.entry.name.as_str()), ("", here)]
}

pub async fn hearing(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "page").await?;
    if !case::hearing_open(&app, &file.case) {
        return Ok(see(&format!("/cases/{no}")));
    }
    hearing_page(&app, &caller, &headers, &file, Tried::default())
}

fn hearing_page(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    file: &CaseFile,
    tried: Tried,
) -> Result<Response, Error> {
    let by = file.case.hearing.as_ref().map_or(String::new(), |h| words::day(h.ask_by));
    let own = json!({
        "case": case::brief(app, file), "reason": tried.text,
        "hearing_words": format!("您可以在{by}前要求听证；机关收到后二十个工作日内组织，您不承担费用。"),
        "reason_error": words::error_of(&tried.errors, "reason"), "errors": error_list(&tried.errors),
        "key": tried.key.unwrap_or_else(fresh_key), "version": file.case.version,
    });
    let base = format!("/cases/{}", file.case.no);
    Page::new(app, caller, headers, &format!("{base}/hearing"), "要求听证")
        .crumbs(&crumbs(&base, file, "要求听证"))
        .errors(tried.errors)
        .render("portal/hearing.html", own)
}

pub async fn ask_for_hearing(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
    form: Form,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "page").await?;
    let text = form.text("reason").to_owned();
    let errors = ask(&app, &caller, &file, &form, Command::RequestHearing { reason: text.clone() }).await?;
    if errors.is_empty() {
        return Ok(see(&format!("/cases/{no}?done=hearing")));
    }
    let tried = Tried { text, grade: 0, errors, key: form.key() };
    hearing_page(&app, &caller, &headers, &file, tried)
}

pub async fn withdrawal(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "page").await?;
    if !case::withdrawable(file.case.state.name()) {
        return Ok(see(&format!("/cases/{no}")));
    }
    withdrawal_page(&app, &caller, &headers, &file, Tried::default())
}

fn withdrawal_page(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    file: &CaseFile,
    tried: Tried,
) -> Result<Response, Error> {
    let own = json!({
        "case": case::brief(app, file), "reason": tried.text,
        "reason_error": words::error_of(&tried.errors, "reason"), "errors": error_list(&tried.errors),
        "key": tried.key.unwrap_or_else(fresh_key), "version": file.case.version,
    });
    let base = format!("/cases/{}", file.case.no);
    Page::new(app, caller, headers, &format!("{base}/withdrawal"), "撤回申请")
        .crumbs(&crumbs(&base, file, "撤回申请"))
        .errors(tried.errors)
        .render("portal/withdrawal.html", own)
}

pub async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
    form: Form,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "page").await?;
    let text = form.text("reason").to_owned();
    let command = Command::WithdrawApplication { reason: text.clone() };
    let errors = ask(&app, &caller, &file, &form, command).await?;
    if errors.is_empty() {
        return Ok(see(&format!("/cases/{no}?done=withdrawn")));
    }
    withdrawal_page(
        &app,
        &caller,
        &headers,
        &file,
        Tried { text, errors, key: form.key(), ..Tried::default() },
    )
}

pub async fn rating(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "page").await?;
    if file.case.rating.is_some() {
        return Ok(see(&format!("/cases/{no}")));
    }
    rating_page(&app, &caller, &headers, &file, Tried::default())
}

fn rating_page(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    file: &CaseFile,
    tried: Tried,
) -> Result<Response, Error> {
    let grades: Vec<Json> = GRADES
        .iter()
        .map(|(value, label, stars)| {
            json!({"value": value, "label": label, "stars": stars, "checked": *value == tried.grade})
        })
        .collect();
    let own = json!({
        "case": case::brief(app, file), "grades": grades, "comment": tried.text,
        "grade_error": words::error_of(&tried.errors, "grade"),
        "comment_error": words::error_of(&tried.errors, "comment"), "errors": error_list(&tried.errors),
        "key": tried.key.unwrap_or_else(fresh_key), "version": file.case.version,
    });
    let base = format!("/cases/{}", file.case.no);
    let status = if tried.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Page::new(app, caller, headers, &format!("{base}/rating"), "评价")
        .crumbs(&crumbs(&base, file, "评价"))
        .status(status)
        .render("portal/rating.html", own)
}

pub async fn rate(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
    form: Form,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "page").await?;
    let text = form.text("comment").to_owned();
    let grade = form.text("grade").parse().unwrap_or(0);
    let errors = ask(&app, &caller, &file, &form, Command::Rate { grade, comment: text.clone() }).await?;
    if errors.is_empty() {
        return Ok(see(&format!("/cases/{no}?done=rated")));
    }
    rating_page(&app, &caller, &headers, &file, Tried { text, grade, errors, key: form.key() })
}
