//! Outages over the API: everyone may read them, supervisors and administrators declare, end and withdraw.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::case::Outage;

use super::super::problem::{Body, answer};
use super::drafts::id;
use crate::app::App;
use crate::error::{Error, invalid};
use crate::outages;
use crate::signin::Caller;
use crate::store::cases::Cursor;
use crate::store::outages::{OutageRow, page};

/// Rows of a page.
const PAGE: usize = 50;

fn view(row: &OutageRow) -> Value {
    json!({
        "id": row.id, "from": row.span.from, "to": row.span.to, "reason": row.reason,
        "found_by_program": row.declared_by.get() == 0, "declared_at": row.declared_at,
    })
}

#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    after: String,
}

pub async fn list(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let after = match asked.after.as_str() {
        "" => None,
        text => Some(Cursor::parse(text).ok_or_else(|| {
            invalid("after", "翻页位置", "请用上一页给出的 next", "after is not a cursor of ours")
        })?),
    };
    let (rows, next) = page(&mut app.db.read().await?, false, after, PAGE).await?;
    let rows: Vec<Value> = rows.iter().map(view).collect();
    Ok(answer(StatusCode::OK, &json!({"outages": rows, "next": next.map(Cursor::to_text)})))
}

/// From when (now, unless given) and, if it is over, until when; epoch milliseconds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    reason: String,
    #[serde(default)]
    from: Option<i64>,
    #[serde(default)]
    to: Option<i64>,
}

pub async fn declare(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<Declared>,
) -> Result<Response, Error> {
    let now = app.clock.now();
    let span = Outage { from: body.from.unwrap_or(now), to: body.to };
    let declared = outages::checked(now, span, &body.reason).map_err(Error::Invalid)?;
    let row = outages::declare(&app, caller.account()?, declared).await?;
    Ok(answer(StatusCode::CREATED, &view(&row)))
}

/// What is asked of a declared outage.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Asking {
    End {
        #[serde(default)]
        to: Option<i64>,
    },
    Withdraw {},
}

pub async fn command(
    State(app): State<App>,
    Path(wanted): Path<String>,
    Body(asking): Body<Asking>,
) -> Result<Response, Error> {
    let wanted = id(&wanted, "停机记录")?;
    match asking {
        Asking::End { to } => outages::end(&app, wanted, to).await?,
        Asking::Withdraw {} => outages::withdraw(&app, wanted).await?,
    }
    Ok(answer(StatusCode::OK, &json!({"id": wanted})))
}
