//! Outages (停机登记): declared, ended, taken back; newest first.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::case::Outage;
use tongban_domain::ids::Id;
use tongban_domain::item::FieldError;

use super::Visit;
use crate::error::{Error, invalid};
use crate::outages;
use crate::store::accounts;
use crate::store::cases::Cursor;
use crate::store::outages::page as stored;
use crate::web::Form;
use crate::web::words::{self, Light};

const PAGE: usize = 50;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    after: String,
    done: String,
}

/// GET /supervise/outages
pub async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    page(&visit, &Form::default(), Vec::new(), &asked).await
}

async fn page(visit: &Visit, form: &Form, errors: Vec<FieldError>, asked: &Asked) -> Result<Response, Error> {
    let after = match asked.after.as_str() {
        "" => None,
        text => Some(Cursor::parse(text).ok_or_else(|| {
            invalid("after", "翻页位置", "请回到第一页再往后翻", "after is not a cursor of ours")
        })?),
    };
    let mut conn = visit.app.db.read().await?;
    let (rows, next) = stored(&mut conn, true, after, PAGE).await?;
    let people: Vec<Id> = rows.iter().map(|o| o.declared_by).collect();
    let names = accounts::names(&mut conn, &people).await?;
    drop(conn);
    let rows: Vec<Value> = rows
        .iter()
        .map(|o| {
            let open = o.span.to.is_none() && o.withdrawn_at.is_none();
            let light = match (o.withdrawn_at, o.span.to) {
                (Some(at), _) => Light::new("grey", "已撤回", format!("{}撤回", words::moment(at))),
                (None, None) => Light::new("red", "停机中", ""),
                (None, Some(_)) => Light::new("green", "已恢复", ""),
            };
            json!({
                "id": o.id.to_string(), "light": light, "from": words::moment(o.span.from),
                "to": o.span.to.map_or("—".to_owned(), words::moment), "reason": o.reason,
                "who": names.get(&o.declared_by).map_or("程序自动发现", String::as_str),
                "declared": words::moment(o.declared_at),
                "can_end": open, "can_withdraw": o.withdrawn_at.is_none(),
            })
        })
        .collect();
    let wrong =
        |field: &str| errors.iter().find(|e| e.field == field).map_or(String::new(), |e| e.message.clone());
    let own = json!({
        "rows": rows,
        "pager": {
            "first": after.is_some().then_some("/supervise/outages"),
            "next": next.map(|c| format!("/supervise/outages?after={}", c.to_text())), "note": "",
        },
        "form": {
            "from": form.text("from"), "from_error": wrong("from"), "to": form.text("to"),
            "to_error": wrong("to"), "reason": form.text("reason"), "reason_error": wrong("reason"),
        },
    });
    let told = match asked.done.as_str() {
        "declared" => "已登记",
        "ended" => "已登记恢复",
        "withdrawn" => "已撤回这条停机记录",
        _ => "",
    };
    visit.page("停机登记").errors(errors).flash("good", told).render("supervise/outages.html", own)
}

/// POST /supervise/outages
pub async fn declare(visit: Visit, form: Form) -> Result<Response, Error> {
    match checked(&visit, &form) {
        Ok(declared) => {
            outages::declare(&visit.app, visit.caller.account()?, declared).await?;
            Ok(Redirect::to("/supervise/outages?done=declared").into_response())
        }
        Err(errors) => page(&visit, &form, errors, &Asked::default()).await,
    }
}

fn checked(visit: &Visit, form: &Form) -> Result<outages::Declared, Vec<FieldError>> {
    let now = visit.app.clock.now();
    let mut errors = Vec::new();
    let mut moment = |field: &str, label: &str| match form.text(field) {
        "" => None,
        text => {
            let at = outages::moment_asked(text);
            if at.is_none() {
                let message = "请输入日期和时间，样子如 2026-03-09 09:30";
                errors.push(FieldError::new(field, label, message, "not a moment"));
            }
            at
        }
    };
    let (from, to) = (moment("from", "从何时起"), moment("to", "到何时止"));
    let span = Outage { from: from.unwrap_or(now), to };
    match outages::checked(now, span, form.text("reason")) {
        Ok(declared) if errors.is_empty() => Ok(declared),
        Ok(_) => Err(errors),
        Err(more) => {
            errors.extend(more);
            Err(errors)
        }
    }
}

fn id(text: &str) -> Result<Id, Error> {
    text.parse::<i64>().map(Id::from).map_err(|_| Error::NotFound("停机记录"))
}

/// POST /supervise/outages/{id}/end
pub async fn end(visit: Visit, Path(wanted): Path<String>, _: Form) -> Result<Response, Error> {
    outages::end(&visit.app, id(&wanted)?, None).await?;
    Ok(Redirect::to("/supervise/outages?done=ended").into_response())
}

/// POST /supervise/outages/{id}/withdraw
pub async fn withdraw(visit: Visit, Path(wanted): Path<String>, _: Form) -> Result<Response, Error> {
    outages::withdraw(&visit.app, id(&wanted)?).await?;
    Ok(Redirect::to("/supervise/outages?done=withdrawn").into_response())
}
