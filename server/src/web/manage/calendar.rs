//! The working calendar (工作日历) of a year: twelve small months, where each exceptional day comes from, and the two ways
//! to edit it. What is imported moves deadlines, so every edit carries its 文号 and a wrong file changes nothing.

use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::calendar::{Calendar, DayRule};
use tongban_domain::ids::Id;
use tongban_domain::item::FieldError;

use super::{Visit, told, wrong};
use crate::calendar::{self as workdays, Change};
use crate::error::Error;
use crate::store::calendar::{self, Edit};
use crate::store::{Conn, accounts};
use crate::web::words;
use crate::web::{Form, Upload};

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    year: String,
    done: String,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed {
    form: Form,
    errors: Vec<FieldError>,
    importing: bool,
}

const SHIPPED: &str = "随程序提供";
/// Edits listed.
const SHOWN: usize = 12;

/// GET /manage/calendar
pub async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let year = asked.year.parse().ok().filter(|y| (2000..=2099).contains(y));
    page(&visit, year.unwrap_or_else(|| visit.app.today().year()), Typed::default(), &asked.done).await
}

async fn page(visit: &Visit, year: i16, typed: Typed, done: &str) -> Result<Response, Error> {
    let catalogue = visit.app.catalogue();
    let calendar = &catalogue.calendar;
    let mut conn = visit.app.db.read().await?;
    let edits = calendar::edits(&mut conn, i64::MAX).await?;
    let history = history(&mut conn, &edits).await?;
    let pass = progress(&mut conn).await?;
    drop(conn);
    let tabs: Vec<Value> = (year - 2..=year + 1)
        .map(|y| {
            let mark = if calendar.knows(y) { "" } else { "（暂定）" };
            let href = format!("/manage/calendar?year={y}");
            json!({"href": href, "label": format!("{y}年{mark}"), "count": null, "current": y == year})
        })
        .collect();
    let form = &typed.form;
    let (day, import) = match typed.importing {
        true => (&Form::default(), form),
        false => (form, &Form::default()),
    };
    let own = json!({
        "year": year.to_string(), "known": calendar.knows(year), "tabs": tabs,
        "outlook": workdays::outlook(calendar, visit.app.today()).sentence,
        "months": (1..=12).filter_map(|m| month(calendar, year, m, visit.app.today())).collect::<Vec<_>>(),
        "runs": runs(calendar, year, &edits), "history": history, "pass": pass,
        "day": {
            "date": day.text("date"), "date_error": shown(&typed, false, "date"),
            "kinds": kinds(day.text("kind")), "kind_error": shown(&typed, false, "kind"),
            "name": day.text("name"), "name_error": shown(&typed, false, "name"),
            "document": day.text("document"), "document_error": shown(&typed, false, "document"),
        },
        "import": {
            "open": typed.importing,
            "text": import.text("text"), "text_error": shown(&typed, true, "text"),
            "document": import.text("document"), "document_error": shown(&typed, true, "document"),
        },
    });
    visit.page("工作日历").errors(named(&typed)).flash("good", told(done)).render("manage/calendar.html", own)
}

fn shown<'a>(typed: &'a Typed, importing: bool, field: &str) -> &'a str {
    if typed.importing == importing { wrong(&typed.errors, field) } else { "" }
}

/// Both forms have a box for the 文号: the summary points at the one that is wrong.
fn named(typed: &Typed) -> Vec<FieldError> {
    let rename = |e: &FieldError| {
        let mut e = e.clone();
        if typed.importing && e.field == "document" {
            e.field = "import-document".into();
        }
        e
    };
    typed.errors.iter().map(rename).collect()
}

fn kinds(chosen: &str) -> Value {
    [("off", "放假"), ("work", "上班（调休）"), ("plain", "按星期计算")]
        .iter()
        .map(|(value, label)| json!({"value": value, "label": label, "selected": *value == chosen}))
        .collect()
}

/// A month as weeks from Monday to Sunday.
fn month(calendar: &Calendar, year: i16, month: i8, today: Date) -> Option<Value> {
    let first = Date::new(year, month, 1).ok()?;
    let blank = json!({"number": "", "tone": "none", "word": "", "today": false});
    let mut cells = vec![blank.clone(); first.weekday().to_monday_zero_offset() as usize];
    let mut working = 0;
    for number in 1..=first.days_in_month() {
        let date = Date::new(year, month, number).ok()?;
        let day = calendar.day(date);
        working += u32::from(day.working);
        let (tone, word) = match (calendar.rule(date), day.working) {
            (Some(_), true) => ("work", day.label().into_owned()),
            (Some(_), false) => ("off", day.label().into_owned()),
            (None, true) => ("plain", String::new()),
            (None, false) => ("weekend", String::new()),
        };
        cells.push(json!({"number": number.to_string(), "tone": tone, "word": word, "today": date == today}));
    }
    cells.resize(cells.len().div_ceil(7) * 7, blank);
    let weeks: Vec<&[Value]> = cells.chunks(7).collect();
    Some(json!({"title": format!("{month}月"), "working": format!("{working}个工作日"), "weeks": weeks}))
}

/// Neighbouring days of one rule and one source, as a row of the table.
fn runs(calendar: &Calendar, year: i16, edits: &[Edit]) -> Vec<Value> {
    let source = |date: Date| edits.iter().rev().find(|e| e.days.iter().any(|(d, _)| *d == date));
    let mut runs: Vec<(Date, Date, &DayRule, &str)> = Vec::new();
    for (date, rule) in calendar.rules_of(year) {
        let from = source(date).map_or(SHIPPED, |e| e.document.as_str());
        match runs.last_mut() {
            Some((_, last, same, of))
                if *same == rule && *of == from && last.tomorrow().is_ok_and(|next| next == date) =>
            {
                *last = date;
            }
            _ => runs.push((date, date, rule, from)),
        }
    }
    runs.into_iter()
        .map(|(first, last, rule, from)| {
            let days = match first == last {
                true => format!("{}（{}）", words::short_day(first), words::weekday(first)),
                false => format!(
                    "{}（{}）至{}（{}）",
                    words::short_day(first),
                    words::weekday(first),
                    words::short_day(last),
                    words::weekday(last)
                ),
            };
            let count = (last - first).get_days() + 1;
            json!({
                "name": rule.name(), "days": days, "count": format!("{count}天"), "off": !rule.works(),
                "kind": if rule.works() { "上班" } else { "放假" }, "source": from,
            })
        })
        .collect()
}

async fn history(conn: &mut Conn, edits: &[Edit]) -> Result<Vec<Value>, Error> {
    let newest: Vec<&Edit> = edits.iter().rev().take(SHOWN).collect();
    let people: Vec<Id> = newest.iter().map(|e| e.account).collect();
    let names = accounts::names(conn, &people).await?;
    Ok(newest
        .iter()
        .map(|edit| {
            let what = match (edit.years.as_slice(), edit.days.as_slice()) {
                ([], [(date, rule)]) => {
                    let kind =
                        rule.as_ref().map_or("按星期计算", |r| if r.works() { "上班" } else { "放假" });
                    let name = rule.as_ref().map_or("", DayRule::name);
                    format!("{date} 改为{kind} {name}").trim_end().to_owned()
                }
                ([], days) => format!("改了{}天", days.len()),
                (years, days) => {
                    let years: Vec<String> = years.iter().map(|y| format!("{y}年")).collect();
                    format!("导入{}的安排，{}天与以前不同", years.join("、"), days.len())
                }
            };
            let who = names.get(&edit.account).map_or("命令行", String::as_str);
            json!({
                "version": edit.version.to_string(), "at": words::moment(edit.at), "who": who, "what": what,
                "document": edit.document,
            })
        })
        .collect())
}

/// How far the last edit was carried through.
async fn progress(conn: &mut Conn) -> Result<String, Error> {
    if let Some(pass) = calendar::open_pass(conn).await? {
        return Ok(format!("正在重新推算在办件的期限：已看{}件，移动{}个期限。", pass.seen, pass.moved));
    }
    if calendar::is_pending(conn).await? {
        return Ok("即将重新推算在办件的期限。".into());
    }
    Ok(match calendar::last_pass(conn).await? {
        Some((pass, at)) => {
            let (at, seen, moved) = (words::moment(at), pass.seen, pass.moved);
            format!("{at}推算完毕：看了{seen}件在办件，移动{moved}个期限。")
        }
        None => String::new(),
    })
}

/// POST /manage/calendar
pub async fn set(visit: Visit, form: Form) -> Result<Response, Error> {
    let change = workdays::day_asked(form.text("date"), form.text("kind"), form.text("name"));
    let year = match &change {
        Ok(Change::Day { date, .. }) => date.year(),
        _ => visit.app.today().year(),
    };
    enter(&visit, year, change, Typed { form, ..Typed::default() }).await
}

/// POST /manage/calendar/import
pub async fn import(visit: Visit, upload: Upload) -> Result<Response, Error> {
    let mut form = upload.form;
    if let Some((_, bytes)) = upload.file {
        form.set("text", &String::from_utf8_lossy(&bytes));
    }
    let change = workdays::years_asked(form.text("text"));
    let year = match &change {
        Ok(Change::Years(plan)) => plan.years.last().copied(),
        _ => None,
    };
    let year = year.unwrap_or_else(|| visit.app.today().year());
    enter(&visit, year, change, Typed { form, importing: true, ..Typed::default() }).await
}

async fn enter(
    visit: &Visit,
    year: i16,
    change: Result<Change, Vec<FieldError>>,
    typed: Typed,
) -> Result<Response, Error> {
    let document = workdays::document_asked(typed.form.text("document"));
    let (document, change) = match (document, change) {
        (Ok(document), Ok(change)) => (document, change),
        (document, change) => {
            let mut errors = change.err().unwrap_or_default();
            errors.extend(document.err());
            return page(visit, year, Typed { errors, ..typed }, "").await;
        }
    };
    match workdays::edit(&visit.app, visit.caller.account()?, document, change).await {
        Ok(_) => {
            let done = if typed.importing { "imported" } else { "day" };
            Ok(Redirect::to(&format!("/manage/calendar?year={year}&done={done}")).into_response())
        }
        Err(Error::Invalid(mut errors)) => {
            if typed.importing {
                errors.iter_mut().for_each(|e| e.field = "text".into());
            }
            page(visit, year, Typed { errors, ..typed }, "").await
        }
        Err(error) => Err(error),
    }
}
