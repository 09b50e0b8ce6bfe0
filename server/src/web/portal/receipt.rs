//! Receipt of a submission: the number, and what happens by when.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value as Json, json};

use super::words;
use crate::app::App;
use crate::casefile::{self, CaseFile};
use crate::error::Error;
use crate::signin::Caller;
use crate::web::page::Page;

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "receipt").await?;
    let case = &file.case;
    let catalogue = app.catalogue();
    let item = catalogue.item(&case.item.local);
    let window = catalogue.directory.agency(&case.places.receiving).map_or("", |a| a.name.as_str());
    let own = json!({
        "receipt": {
            "item": file.entry.name,
            "situation": file.entry.situation(&case.item.situation).map_or("", |s| s.name.as_str()),
            "no": words::spaced(&case.no), "no_plain": case.no, "qr": format!("/cases/{}/qr.svg", case.no),
            "applicant": file.party.name, "at": words::full_moment(file.submitted_at),
            "agency": format!("{window}综合窗口"), "phone": item.map_or("12345", |i| i.phone()),
        },
        "next": next(&app, &file),
    });
    Page::new(&app, &caller, &headers, &format!("/cases/{no}/receipt"), "提交成功")
        .render("portal/receipt.html", own)
}

fn next(app: &App, file: &CaseFile) -> Vec<Json> {
    let catalogue = app.catalogue();
    let regime = catalogue.regimes.get(&file.entry.regime);
    let mut steps = Vec::new();
    if let Some(due) = file.deadlines.notice {
        let silence = if regime.is_some_and(|r| r.notice.silence_accepts) {
            "逾期不答复，就算受理。"
        } else {
            ""
        };
        let text = format!("窗口答复：受理、一次告诉您要补什么，或者说明为什么不能受理。{silence}");
        steps.push(json!({"date": format!("最迟{}", words::due_day(due)), "text": text}));
    }
    let from = regime.map_or("受理后", |r| r.starts.label());
    steps.push(json!({
        "date": format!("{from}{}", words::within(file.case.ledger.promised)),
        "text": "审查并作出决定。要补正时会发消息，只改指出的地方。",
    }));
    if let Some(limit) = regime.and_then(|r| r.issue_and_deliver) {
        steps.push(json!({
            "date": format!("决定后{}", words::within(limit)),
            "text": format!("颁发并送达{}，可以窗口领取、邮寄或者下载电子件。", file.entry.result.name),
        }));
    }
    steps
}
