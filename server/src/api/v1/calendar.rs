//! The working calendar over the API: a year for everyone, edits for administrators.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::problem::{Body, answer};
use crate::app::App;
use crate::calendar::{self, Change};
use crate::error::{Error, invalid};
use crate::signin::Caller;
use crate::store::calendar::{edits, kind};

pub async fn show(State(app): State<App>, Path(year): Path<String>) -> Result<Response, Error> {
    let year: i16 =
        year.parse().ok().filter(|y| (1900..=2199).contains(y)).ok_or(Error::NotFound("这一年的日历"))?;
    let edits = edits(&mut app.db.read().await?, i64::MAX).await?;
    let catalogue = app.catalogue();
    let days: Vec<Value> = catalogue
        .calendar
        .rules_of(year)
        .map(|(date, rule)| {
            let edit = edits.iter().rev().find(|e| e.days.iter().any(|(d, _)| *d == date));
            json!({
                "date": date, "kind": kind(Some(rule)), "working": rule.works(), "name": rule.name(),
                "document": edit.map(|e| e.document.as_str()),
            })
        })
        .collect();
    let body = json!({
        "year": year, "known": catalogue.calendar.knows(year), "version": catalogue.calendar_version,
        "rule": "未列出的日期，周一至周五是工作日", "days": days,
    });
    Ok(answer(StatusCode::OK, &body))
}

/// One day, or whole years in the format of `data/calendar.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edited {
    document: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    calendar: Option<Value>,
}

impl Edited {
    fn change(&self) -> Result<Change, Error> {
        match &self.calendar {
            Some(years) if self.date.is_empty() => {
                calendar::years_asked(&years.to_string()).map_err(Error::Invalid)
            }
            Some(_) => {
                let message = "请只给一种：一天（date），或者全年安排（calendar）";
                Err(invalid("calendar", "安排", message, "either date or calendar"))
            }
            None => calendar::day_asked(&self.date, &self.kind, &self.name).map_err(Error::Invalid),
        }
    }
}

pub async fn edit(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<Edited>,
) -> Result<Response, Error> {
    let document = calendar::document_asked(&body.document).map_err(|e| Error::Invalid(vec![e]))?;
    let (version, days) = calendar::edit(&app, caller.account()?, document, body.change()?).await?;
    Ok(answer(StatusCode::CREATED, &json!({"version": version, "days": days})))
}
