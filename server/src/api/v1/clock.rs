//! The clock for trying, and the marks of the watch as a list.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::case::{Light, MarkState, Trial, TrialEvent, try_out};
use tongban_domain::item::{Limit, LimitUnit};
use tongban_domain::permit::visible;

use super::super::problem::{Body, answer};
use crate::app::App;
use crate::error::{Error, invalid};
use crate::signin::Caller;
use crate::store::cases::Cursor;
use crate::store::watch::{self, MarkNarrow, MarkRow};

/// Longest limit that is tried, in its own unit: centuries are no limits.
const LONGEST: f32 = 1_000.0;
/// Most events of one trial.
const MOST_EVENTS: usize = 1_000;

/// What is tried.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    regime: String,
    #[serde(default)]
    statutory: Option<Limit>,
    #[serde(default)]
    promised: Option<Limit>,
    today: Date,
    events: Vec<TrialEvent>,
}

pub async fn explain(State(app): State<App>, Body(asked): Body<Asked>) -> Result<Response, Error> {
    let catalogue = app.catalogue();
    let regime = catalogue.regimes.get(&asked.regime.as_str().into()).ok_or_else(|| {
        let known: Vec<&str> = catalogue.regimes.iter().map(|r| r.key.as_str()).collect();
        invalid("regime", "时限制度", format!("请选择时限制度：{}", known.join("、")), "no such regime")
    })?;
    let statutory = asked.statutory.or(regime.default_limit).ok_or_else(|| {
        invalid("statutory", "法定期限", "请输入法定期限：这个时限制度没有默认值", "statutory is required")
    })?;
    let promised = asked.promised.unwrap_or(statutory);
    for (field, label, limit) in [("statutory", "法定期限", statutory), ("promised", "承诺期限", promised)]
    {
        if !(0.0..=LONGEST).contains(&limit.n) || (limit.n == 0.0 && limit.unit != LimitUnit::OnTheSpot) {
            return Err(invalid(
                field,
                label,
                format!("请输入1到{LONGEST}之间的{label}"),
                "limit is out of range",
            ));
        }
    }
    if asked.events.len() > MOST_EVENTS {
        let message = format!("请减少到{MOST_EVENTS}个事件以内");
        return Err(invalid("events", "事件", message, "too many events"));
    }
    let dated = asked.events.iter().map(|e| ("events", e.on())).chain([("today", asked.today)]);
    for (field, day) in dated {
        if !(2000..=2100).contains(&day.year()) {
            let message = format!("请输入2000年到2100年之间的日期，不能是{day}");
            return Err(invalid(field, "日期", message, "date is out of range"));
        }
    }
    let trial = Trial { statutory, promised, today: asked.today, events: asked.events };
    let tried = try_out(&trial, regime, &catalogue.calendar);
    Ok(answer(StatusCode::OK, &serde_json::to_value(tried)?))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    closed: bool,
    light: Option<String>,
    state: Option<String>,
    mine: bool,
    after: Option<String>,
    limit: Option<usize>,
}

pub async fn marks(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Response, Error> {
    let unknown = |field: &'static str, label: &'static str| {
        invalid(field, label, format!("请核对{label}：没有这个值"), format!("no such {field}"))
    };
    if query.light.as_deref().is_some_and(|word| Light::parse(word).is_none()) {
        return Err(unknown("light", "灯"));
    }
    if query.state.as_deref().is_some_and(|word| MarkState::parse(word).is_none()) {
        return Err(unknown("state", "状态"));
    }
    let after = match query.after.as_deref() {
        Some(text) => Some(Cursor::parse(text).ok_or_else(|| unknown("after", "下一页位置"))?),
        None => None,
    };
    let narrow = MarkNarrow {
        closed: query.closed,
        light: query.light,
        state: query.state,
        owner: if query.mine { Some(caller.account()?) } else { None },
    };
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let mut conn = app.db.read().await?;
    let (rows, next) = watch::marks(&mut conn, &visible(&caller.actor), &narrow, after, limit).await?;
    drop(conn);
    let catalogue = app.catalogue();
    let marks: Vec<Value> = rows.iter().map(|row| shown(row, &catalogue.rules)).collect();
    Ok(answer(StatusCode::OK, &json!({"marks": marks, "next": next.map(Cursor::to_text)})))
}

fn shown(row: &MarkRow, rules: &tongban_domain::case::MarkRules) -> Value {
    let light = Light::parse(&row.light).unwrap_or(Light::Yellow);
    let figures: Value = serde_json::from_str(&row.figures).unwrap_or_default();
    json!({
        "id": row.id, "case": row.no, "rule": row.rule, "name": rules.name(&row.rule, light),
        "light": row.light, "light_label": light.label(), "state": row.state,
        "state_label": MarkState::parse(&row.state).map_or("", MarkState::label),
        "owner": row.owner.map(|o| o.to_string()), "agency": row.agency, "since": row.since,
        "raised_at": row.raised_at, "answer_due": row.answer_due, "figures": figures,
    })
}
