//! Marks (督办): what the watch raised, whose answer is due, and answering, contesting and closing on one page per mark.

use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::calendar::date_of_ms;
use tongban_domain::case::{Command, Light, Mark, MarkState, chinese_date};
use tongban_domain::ids::Id;
use tongban_domain::permit::{Role, visible};

use super::queue::bounded;
use super::{Asked, Asking, Outcome, Typed, Visit, told, view};
use crate::casefile::{self, CaseFile};
use crate::error::{Error, invalid};
use crate::store::accounts;
use crate::store::cases::Cursor;
use crate::store::watch::{self, MarkNarrow, MarkRow};
use crate::web::{Form, words};

const BASE: &str = "/desk/marks";
/// Rows of a page.
const PAGE: usize = 25;
/// Counts stop here: nobody reads on.
const BOUND: i64 = 100;

/// What the list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListAsked {
    tab: String,
    after: String,
}

/// The tabs: mine to answer, the agency's, waiting for the supervisor, closed.
fn tabs(visit: &Visit) -> Vec<(&'static str, &'static str, MarkNarrow)> {
    let me = visit.caller.actor.account();
    let open = || MarkNarrow { state: Some(MarkState::Open.as_str().into()), ..MarkNarrow::default() };
    let state = |s: MarkState| MarkNarrow { state: Some(s.as_str().into()), ..MarkNarrow::default() };
    let mut all = Vec::new();
    if visit.caller.role() == Some(Role::Supervisor) {
        all.push(("answered", "待销号", state(MarkState::Answered)));
        all.push(("contested", "申诉中", state(MarkState::Contested)));
    } else {
        all.push(("mine", "要我答复", MarkNarrow { owner: Some(me), ..open() }));
    }
    all.push(("open", "待答复", open()));
    all.push(("red", "红灯", MarkNarrow { light: Some("red".into()), ..MarkNarrow::default() }));
    all.push(("double", "双红灯", MarkNarrow { light: Some("double_red".into()), ..MarkNarrow::default() }));
    all.push(("closed", "已销号", MarkNarrow { closed: true, ..MarkNarrow::default() }));
    all
}

/// GET /desk/marks
pub async fn list(visit: Visit, Query(asked): Query<ListAsked>) -> Result<Response, Error> {
    let tabs = tabs(&visit);
    let current = tabs.iter().position(|(word, ..)| *word == asked.tab).unwrap_or_default();
    let after = match asked.after.as_str() {
        "" => None,
        text => Some(Cursor::parse(text).ok_or_else(|| {
            invalid("after", "翻页位置", "请回到第一页再往后翻", "after is not a cursor of ours")
        })?),
    };
    let scope = visible(&visit.caller.actor);
    let mut conn = visit.app.db.read().await?;
    let mut heads = Vec::with_capacity(tabs.len());
    for (at, (word, label, narrow)) in tabs.iter().enumerate() {
        let count = watch::count_marks(&mut conn, &scope, narrow, BOUND).await?;
        heads.push(json!({
            "href": format!("{BASE}?tab={word}"), "label": label, "count": bounded(count), "current": at == current,
        }));
    }
    let (word, _, narrow) = &tabs[current];
    let (rows, next) = watch::marks(&mut conn, &scope, narrow, after, PAGE).await?;
    let mut people: Vec<Id> = rows.iter().filter_map(|r| r.owner).collect();
    people.sort_unstable();
    people.dedup();
    let people = accounts::names(&mut conn, &people).await?;
    drop(conn);
    let shown: Vec<Value> = rows
        .iter()
        .map(|r| row(&visit, r, r.owner.and_then(|o| people.get(&o)).map_or("", String::as_str)))
        .collect();
    let link = format!("{BASE}?tab={word}");
    let own = json!({
        "tabs": heads, "rows": shown,
        "pager": {
            "first": (!asked.after.is_empty()).then(|| link.clone()),
            "next": next.map(|c| format!("{link}&after={}", c.to_text())),
            "note": if next.is_some() || !asked.after.is_empty() { format!("每页{PAGE}条") } else { String::new() },
        },
        "empty_words": match *word { "mine" => "没有要您答复的督办", "closed" => "还没有销号的督办", _ => "没有这样的督办" },
    });
    visit.page("督办").render("desk/marks.html", own)
}

fn light(light: Light) -> Value {
    let tone = if light == Light::Yellow { "yellow" } else { "red" };
    json!(words::Light::new(tone, light.label(), light.label()))
}

fn row(visit: &Visit, row: &MarkRow, owner: &str) -> Value {
    let catalogue = visit.app.catalogue();
    let lit = Light::parse(&row.light).unwrap_or(Light::Yellow);
    let agency = catalogue.directory.agency(&row.agency).map_or("", |a| a.name.as_str());
    json!({
        "href": format!("{BASE}/{}/{}", row.no, row.id), "light": light(lit), "rule": row.rule,
        "name": catalogue.rules.name(&row.rule, lit),
        "item": catalogue.entry(&row.entry).map_or(row.entry.as_str(), |e| e.name.as_str()),
        "no": row.no, "owner": if owner.is_empty() { agency } else { owner },
        "state": MarkState::parse(&row.state).map_or("", MarkState::label),
        "answer_due": words::short_day(date_of_ms(row.answer_due - 1)),
        "late": !row.closed && row.state == MarkState::Open.as_str() && visit.app.clock.now() >= row.answer_due,
    })
}

/// GET /desk/marks/{no}: what a message about a case's marks leads to: the newest that still waits, else the newest.
pub async fn of_case(visit: Visit, Path(no): Path<String>) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, &no, "mark").await?;
    let marks = &file.case.marks;
    let found = marks.iter().rev().find(|m| !m.state.is_closed()).or(marks.last());
    let to = found.map_or_else(|| format!("/desk/cases/{no}"), |mark| format!("{BASE}/{no}/{}", mark.id));
    Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&to)))
}

/// GET /desk/marks/{no}/{mark}
pub async fn show(
    visit: Visit,
    Path((no, mark)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(&visit, &no, &mark, &asked, Typed::default()).await
}

fn find<'a>(file: &'a CaseFile, mark: &str) -> Result<&'a Mark, Error> {
    let id = mark.parse::<i64>().map(Id::from).map_err(|_| Error::NotFound("督办"))?;
    file.case.mark(id).ok_or(Error::NotFound("督办"))
}

async fn page(visit: &Visit, no: &str, mark: &str, asked: &Asked, typed: Typed) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, no, "mark").await?;
    let mark = find(&file, mark)?;
    let mut own = view::page(visit, &file, BASE, &[], asked).await?;
    let catalogue = visit.app.catalogue();
    let rule = catalogue.rules.iter().find(|r| r.code == mark.rule && r.light == mark.light);
    let agency = catalogue.directory.agency(&mark.agency).map_or("", |a| a.name.as_str());
    let actor = &visit.caller.actor;
    let owes = mark.is_owed_by(actor);
    let supervises = visit.caller.role() == Some(Role::Supervisor);
    own.insert(
        "mark".into(),
        json!({
            "id": mark.id.to_string(), "light": light(mark.light), "rule": mark.rule,
            "name": catalogue.rules.name(&mark.rule, mark.light), "basis": rule.map_or("", |r| r.basis.as_str()),
            "state": mark.state.label(), "since": words::moment(mark.since),
            "owner": mark.owner.map_or(agency.to_owned(), |o| format!("{} {agency}", file.person(o.get()))),
            "answer_due": chinese_date(mark.answer_due),
            "figures": mark.figures.iter().map(|f| json!({"label": f.label, "value": f.value})).collect::<Vec<_>>(),
            "words": mark.words.iter().map(|t| file.text(t)).filter(|t| !t.is_empty()).collect::<Vec<_>>(),
            "case_href": format!("/desk/cases/{}", file.case.no),
        }),
    );
    own.insert(
        "can".into(),
        json!({
            "answer": owes && mark.state == MarkState::Open,
            "contest": owes && matches!(mark.state, MarkState::Open | MarkState::Answered),
            "close": supervises && matches!(mark.state, MarkState::Answered | MarkState::Contested),
        }),
    );
    let boxed =
        |act: &str, field: &str| json!({"value": typed.text(act, field), "error": typed.error(act, field)});
    own.insert("answer".into(), boxed("answer", "answer"));
    own.insert("contest".into(), boxed("contest", "reason"));
    own.insert("close".into(), boxed("close", "note"));
    let title = format!("督办 {}", mark.rule);
    let crumbs = [(BASE, "督办"), ("", mark.rule.as_str())];
    let page = visit.page(&title).crumbs(&crumbs).errors(typed.errors).flash("good", told(&asked.done));
    page.render("desk/mark.html", Value::Object(own))
}

async fn ask(
    visit: &Visit,
    (no, mark): (&str, &str),
    act: &'static str,
    form: Form,
    command: impl FnOnce(Id, &Form) -> Command,
) -> Result<Response, Error> {
    let id = mark.parse::<i64>().map(Id::from).map_err(|_| Error::NotFound("督办"))?;
    let command = command(id, &form);
    let asking = Asking { visit, base: BASE, queues: &[], no, act };
    match asking.run(form, Ok(command)).await? {
        Outcome::Done(_) => {
            let to = format!("{BASE}/{no}/{mark}?done=mark_{act}");
            Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&to)))
        }
        Outcome::Again(typed) => page(visit, no, mark, &Asked::default(), typed).await,
    }
}

/// POST /desk/marks/{no}/{mark}/answer
pub async fn answer(
    visit: Visit,
    Path((no, mark)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Error> {
    ask(&visit, (&no, &mark), "answer", form, |mark, form| Command::AnswerMark {
        mark,
        answer: form.text("answer").to_owned(),
    })
    .await
}

/// POST /desk/marks/{no}/{mark}/contest
pub async fn contest(
    visit: Visit,
    Path((no, mark)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Error> {
    ask(&visit, (&no, &mark), "contest", form, |mark, form| Command::ContestMark {
        mark,
        reason: form.text("reason").to_owned(),
    })
    .await
}

/// POST /desk/marks/{no}/{mark}/close
pub async fn close(
    visit: Visit,
    Path((no, mark)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Error> {
    ask(&visit, (&no, &mark), "close", form, |mark, form| Command::CloseMark {
        mark,
        upheld: form.text("upheld") != "no",
        note: form.text("note").to_owned(),
    })
    .await
}
