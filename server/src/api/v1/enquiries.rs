//! Enquiries over the API: recorded, listed, shown, handed over, taken and answered.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::enquiry::enquiries_seen;
use tongban_domain::permit::Role;

use super::super::problem::{Body, answer};
use crate::app::App;
use crate::enquiries::{self, Asked, EnquiryCommand, EnquiryFile};
use crate::error::{Error, invalid};
use crate::signin::Caller;
use crate::store::cases::Cursor;
use crate::store::enquiries::{EnquiryRow, list as page};

/// How many rows a page has unless told, and at most.
const PAGE: usize = 50;
const MOST: usize = 200;

fn brief(row: &EnquiryRow) -> Value {
    let e = &row.enquiry;
    json!({
        "no": row.no, "asked_at": row.asked_at, "state": if e.answered { "answered" } else { "open" },
        "agency": e.agency, "first_asked": e.first,
        "holder": {"account": e.holder, "agency": e.holder_agency},
        "offered": e.offered.as_ref().map(|o| json!({"account": o.account, "agency": o.agency})),
        "due_at": row.due_at, "answered_at": row.answered_at, "item": row.entry,
    })
}

fn view(file: &EnquiryFile, caller: &Caller) -> Value {
    let mut body = brief(&file.row);
    let reads = caller.role() != Some(Role::Supervisor);
    body["question"] = file.text.question.clone().into();
    // Who asked is for those who answer.
    body["asker"] = json!(reads.then_some(&file.text.asker));
    body["contact"] = json!(reads.then_some(&file.text.contact));
    body["answer"] = file.text.answer.clone().into();
    body["case"] = json!(file.case);
    body["first_asked_name"] = file.person(file.row.enquiry.first).into();
    body["holder"]["name"] = file.person(file.row.enquiry.holder).into();
    body["handovers"] = file
        .chain
        .iter()
        .map(|(h, reason)| {
            json!({
                "from": {"account": h.from_account, "agency": h.from_agency, "name": file.person(h.from_account)},
                "to": {"account": h.to.account, "agency": h.to.agency}, "at": h.at, "reason": reason,
                "acknowledged_at": h.acknowledged_at, "acknowledged_by": h.acknowledged_by,
            })
        })
        .collect();
    body
}

pub async fn record(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<Asked>,
) -> Result<Response, Error> {
    let no = enquiries::record(&app, &caller, body).await?;
    let file = enquiries::open(&app, &caller, &no).await?;
    Ok(answer(StatusCode::CREATED, &view(&file, &caller)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    view: String,
    after: String,
    limit: Option<usize>,
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Response, Error> {
    let views = enquiries::views(&caller);
    let wanted = views.iter().find(|(word, _, _)| *word == query.view);
    let wanted = wanted.or_else(|| views.first().filter(|_| query.view.is_empty())).ok_or_else(|| {
        let words: Vec<&str> = views.iter().map(|(word, _, _)| *word).collect();
        invalid("view", "视图", format!("请改为 {} 之一", words.join("、")), "no such view")
    })?;
    let after = match query.after.as_str() {
        "" => None,
        text => Some(Cursor::parse(text).ok_or_else(|| {
            invalid("after", "翻页位置", "请用上一页给出的 next", "after is not a cursor of ours")
        })?),
    };
    let limit = query.limit.unwrap_or(PAGE).clamp(1, MOST);
    let mut conn = app.db.read().await?;
    let (rows, next) = page(&mut conn, &enquiries_seen(&caller.actor), &wanted.2, after, limit).await?;
    let rows: Vec<Value> = rows.iter().map(brief).collect();
    Ok(answer(StatusCode::OK, &json!({"enquiries": rows, "next": next.map(Cursor::to_text)})))
}

pub async fn show(State(app): State<App>, caller: Caller, Path(no): Path<String>) -> Result<Response, Error> {
    let file = enquiries::open(&app, &caller, &no).await?;
    Ok(answer(StatusCode::OK, &view(&file, &caller)))
}

pub async fn command(
    State(app): State<App>,
    caller: Caller,
    Path(no): Path<String>,
    Body(command): Body<EnquiryCommand>,
) -> Result<Response, Error> {
    enquiries::act(&app, &caller, &no, command).await?;
    match enquiries::open(&app, &caller, &no).await {
        Ok(file) => Ok(answer(StatusCode::OK, &view(&file, &caller))),
        Err(error) => Err(error),
    }
}
