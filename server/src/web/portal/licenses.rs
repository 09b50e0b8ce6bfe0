//! Own licences. Others verify them under `/verify`.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value as Json, json};
use tongban_domain::case::RenewalWindow;
use tongban_domain::ids::{Id, LicenceId};
use tongban_domain::party::Party;

use super::words;
use crate::app::App;
use crate::error::Error;
use crate::signin::Caller;
use crate::store::documents::{self, LicenceRow};
use crate::store::{Value, cases};
use crate::web::page::Page;

/// The word for a licence's state and whether it may be shown as valid.
fn standing(app: &App, row: &LicenceRow) -> (&'static str, bool) {
    let expired = row.ends.as_ref().is_some_and(|e| *e < app.today().to_string());
    match row.state.as_str() {
        "valid" if expired => ("已到期", false),
        "valid" => ("有效", true),
        "annulled" => ("已撤销", false),
        "revoked" => ("已吊销", false),
        "rescinded" => ("已撤回", false),
        "deregistered" => ("已注销", false),
        "suspended" => ("已暂停", false),
        "replaced" => ("已换发", false),
        _ => ("已失效", false),
    }
}

/// 2026年7月27日至2031年7月26日, or 长期.
pub fn validity(row: &LicenceRow) -> String {
    let from = words::stored_day(&row.starts);
    row.ends
        .as_ref()
        .map_or_else(|| format!("自{from}起，长期"), |to| format!("{from}至{}", words::stored_day(to)))
}

/// Until when a renewal can be asked for in time (许可法 50).
fn renewal(app: &App, row: &LicenceRow) -> String {
    let Some(ends) = row.ends.as_deref().and_then(|day| day.parse().ok()) else { return String::new() };
    let window = RenewalWindow::of(ends);
    if window.is_in_time(app.today()) {
        format!("需要延续的，请最迟{}提出", words::day(window.ask_by))
    } else {
        "已过提出延续的日期，请尽快到窗口咨询".to_owned()
    }
}

/// What the list and the page both say.
fn view(app: &App, row: &LicenceRow, holder: &str) -> Json {
    let catalogue = app.catalogue();
    let (state, valid) = standing(app, row);
    let name = catalogue.entry(&row.entry).map_or("证照", |e| e.result.name.as_str());
    let agency = catalogue.directory.agency(&row.agency).map_or("", |a| a.name.as_str());
    let rows = [
        ("证照编号", row.number.clone()),
        ("发证机关", agency.to_owned()),
        ("有效期", validity(row)),
        ("申请延续", if valid { renewal(app, row) } else { String::new() }),
    ];
    let rows: Vec<Json> = rows
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| json!({"label": label, "value": value}))
        .collect();
    json!({
        "href": format!("/licenses/{}", row.id), "name": name, "number": row.number, "holder": holder,
        "state": state, "valid": valid, "rows": rows,
    })
}

/// Names of the parties who hold the licences.
async fn holders(app: &App, rows: &[LicenceRow]) -> Result<Vec<String>, Error> {
    let ids: Vec<Value> = rows.iter().map(|r| Value::from(r.party)).collect();
    let texts = cases::texts(&mut app.db.read().await?, &ids).await?;
    rows.iter()
        .map(|row| {
            let Some(text) = texts.get(&row.party) else { return Ok(String::new()) };
            let party: Party = serde_json::from_str(&app.secrets.unlock(text.id.get(), &text.body)?)?;
            Ok(party.name)
        })
        .collect()
}

pub async fn list(State(app): State<App>, caller: Caller, headers: HeaderMap) -> Result<Response, Error> {
    let rows = documents::licenses_of(&mut app.db.read().await?, caller.account()?).await?;
    let holders = holders(&app, &rows).await?;
    let licenses: Vec<Json> =
        rows.iter().zip(&holders).map(|(row, holder)| view(&app, row, holder)).collect();
    Page::new(&app, &caller, &headers, "/licenses", "我的证照")
        .crumbs(&[("/", "首页"), ("", "我的证照")])
        .render("portal/licenses.html", json!({"licenses": licenses}))
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
) -> Result<Response, Error> {
    let account: Id = caller.account()?;
    let wanted = LicenceId::parse(&no).map_err(|_| Error::NotFound("证照"))?;
    let mut conn = app.db.read().await?;
    let found = documents::find_licence(&mut conn, wanted.as_str()).await?;
    let row = found.filter(|l| l.holder == Some(account)).ok_or(Error::NotFound("证照"))?;
    let case = cases::no_of(&mut conn, row.case).await?.ok_or(Error::NotFound("办件"))?;
    let papers = documents::of_case(&mut conn, row.case).await?;
    let sealed = documents::seals_of(&mut conn, row.case).await?.iter().any(|s| s.document == row.document);
    drop(conn);
    let code = papers.iter().find(|d| d.id == row.document).map_or("", |d| d.check_code.as_str());
    let holders = holders(&app, std::slice::from_ref(&row)).await?;
    let mut license = view(&app, &row, holders.first().map_or("", String::as_str));
    license["qr"] = json!(format!("/verify/{code}/qr.svg"));
    license["check_code"] = json!(words::grouped(code));
    license["download_href"] = json!(sealed.then(|| format!("/cases/{case}/documents/{}", row.document)));
    license["verify_href"] = json!(format!("/verify/{code}"));
    license["case_href"] = json!(format!("/cases/{case}"));
    if let Some(rows) = license["rows"].as_array_mut() {
        rows.push(json!({"label": "电子证照标识", "value": row.id}));
    }
    let title = license["name"].as_str().unwrap_or("证照").to_owned();
    Page::new(&app, &caller, &headers, &format!("/licenses/{no}"), &title)
        .crumbs(&[("/licenses", "我的证照"), ("", &title)])
        .render("portal/license.html", json!({"license": license}))
}
