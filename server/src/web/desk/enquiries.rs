//! Enquiries (咨询): the list by urgency, one enquiry with its chain of hand-overs, and the short form to record one. Whoever
//! is asked first answers for it until somebody takes it over.

use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::calendar::date_of_ms;
use tongban_domain::enquiry::{EnquiryAct, Offer, enquiries_seen};
use tongban_domain::ids::Id;
use tongban_domain::item::FieldError;
use tongban_domain::permit::Role;

use super::Visit;
use crate::enquiries::{self, Asked, EnquiryCommand, EnquiryFile};
use crate::error::{Error, invalid};
use crate::store::accounts;
use crate::store::cases::Cursor;
use crate::store::enquiries::{EnquiryRow, EnquiryView, count, list as stored};
use crate::web::words::{self, Light};
use crate::web::{Form, encode};

const BASE: &str = "/desk/enquiries";
const PAGE: usize = 50;
/// Lists count up to here; an export holds as many rows.
const BOUND: i64 = 1000;
/// Most agencies the form offers.
const MOST_AGENCIES: usize = 200;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    view: String,
    after: String,
    done: String,
}

type View = (&'static str, &'static str, EnquiryView);

fn chosen(visit: &Visit, word: &str) -> Result<(Vec<View>, View), Error> {
    let views = enquiries::views(&visit.caller);
    let view = views.iter().find(|(w, _, _)| *w == word).or(views.first()).cloned();
    view.map(|view| (views, view)).ok_or(Error::NotFound("视图"))
}

/// GET /desk/enquiries
pub async fn list(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, Error> {
    let (views, (word, _, view)) = chosen(&visit, &wanted.view)?;
    let sight = enquiries_seen(&visit.caller.actor);
    let after = match wanted.after.as_str() {
        "" => None,
        text => Some(Cursor::parse(text).ok_or_else(|| {
            invalid("after", "翻页位置", "请回到第一页再往后翻", "after is not a cursor of ours")
        })?),
    };
    let mut conn = visit.app.db.read().await?;
    let mut tabs = Vec::new();
    for (tab, label, view) in &views {
        let n = match view {
            EnquiryView::All => Value::Null,
            view => super::queue::bounded(count(&mut conn, &sight, view, BOUND).await?),
        };
        let href = format!("{BASE}?view={tab}");
        tabs.push(json!({"href": href, "label": label, "count": n, "current": *tab == word}));
    }
    let (rows, next) = stored(&mut conn, &sight, &view, after, PAGE).await?;
    let holders: Vec<Id> = rows.iter().map(|r| r.enquiry.holder).collect();
    let names = accounts::names(&mut conn, &holders).await?;
    drop(conn);
    let mut shown = Vec::with_capacity(rows.len());
    for row in &rows {
        let text = enquiries::unlocked(&visit.app, row)?;
        let e = &row.enquiry;
        shown.push(json!({
            "href": format!("{BASE}/{}", row.no), "no": row.no, "light": light(&visit, row),
            "question": first_words(&text.question), "item": item(&visit, row),
            "asked": words::short_moment(row.asked_at),
            "holder": names.get(&e.holder).map_or("—", String::as_str), "agency": agency(&visit, &e.holder_agency),
            "note": if e.offered.is_some() { "等对方确认" } else { "" },
            "due": due(row),
        }));
    }
    let own = json!({
        "tabs": tabs, "rows": shown, "can_record": records(&visit), "view": word,
        "pager": {
            "first": after.is_some().then(|| format!("{BASE}?view={word}")),
            "next": next.map(|c| format!("{BASE}?view={word}&after={}", c.to_text())), "note": "",
        },
    });
    visit.page("咨询").flash("good", told(&wanted.done)).render("enquiries/list.html", own)
}

fn records(visit: &Visit) -> bool {
    visit.caller.actor.is(&enquiries::ASKED_ROLES)
}

fn first_words(text: &str) -> String {
    let mut words: String = text.chars().take(40).collect();
    if text.chars().count() > 40 {
        words.push('…');
    }
    words
}

fn item(visit: &Visit, row: &EnquiryRow) -> String {
    let catalogue = visit.app.catalogue();
    row.entry.as_ref().and_then(|e| catalogue.entry(e)).map_or(String::new(), |e| e.name.clone())
}

fn agency(visit: &Visit, key: &str) -> String {
    visit.app.catalogue().directory.agency(key).map_or(key.to_owned(), |a| a.name.clone())
}

fn due(row: &EnquiryRow) -> String {
    words::day(date_of_ms(row.due_at - 1))
}

fn light(visit: &Visit, row: &EnquiryRow) -> Light {
    let now = visit.app.clock.now();
    match (row.answered_at, row.due_at) {
        (Some(at), due) if at >= due => Light::new("grey", "已答复", "答复时已超期"),
        (Some(_), _) => Light::new("grey", "已答复", ""),
        (None, due) if due <= now => Light::new("red", "超期", format!("最迟{}答复", self::due(row))),
        (None, due) if date_of_ms(due - 1) == visit.app.today() => Light::new("yellow", "今天到期", ""),
        _ => Light::new("green", "正常", ""),
    }
}

fn told(done: &str) -> &'static str {
    match done {
        "recorded" => "已登记，您是首问负责人",
        "hand_over" => "已交出；对方确认以前，仍由您负责",
        "acknowledge" => "已接过来，现在由您负责",
        "answer" => "已答复",
        "link" => "已关联办件",
        _ => "",
    }
}

/// GET /desk/enquiries/export: the rows of a view as CSV, without texts and names of those who asked.
pub async fn export(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, Error> {
    let (_, (word, _, view)) = chosen(&visit, &wanted.view)?;
    let mut conn = visit.app.db.read().await?;
    let sight = enquiries_seen(&visit.caller.actor);
    let (rows, _) = stored(&mut conn, &sight, &view, None, BOUND as usize).await?;
    let people: Vec<Id> = rows.iter().flat_map(|r| [r.enquiry.first, r.enquiry.holder]).collect();
    let names = accounts::names(&mut conn, &people).await?;
    drop(conn);
    let mut csv = String::from(
        "\u{feff}咨询编号,登记时间,登记机关,首问负责人,现负责人,现负责机关,事项,最迟答复,状态\r\n",
    );
    let name = |id: Id| names.get(&id).map_or("", String::as_str);
    for row in &rows {
        let e = &row.enquiry;
        let state = if e.answered { "已答复" } else { "待答复" };
        let cells = [
            row.no.clone(),
            words::moment(row.asked_at),
            agency(&visit, &e.agency),
            name(e.first).to_owned(),
            name(e.holder).to_owned(),
            agency(&visit, &e.holder_agency),
            item(&visit, row),
            due(row),
            state.to_owned(),
        ];
        let quoted = cells.map(|c| format!("\"{}\"", c.replace('"', "\"\"")));
        csv.push_str(&quoted.join(","));
        csv.push_str("\r\n");
    }
    let mut response = csv.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = format!("attachment; filename=\"enquiries-{word}.csv\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// GET /desk/enquiries/new
pub async fn blank(visit: Visit, Query(wanted): Query<super::Asked>) -> Result<Response, Error> {
    form(&visit, &Form::parse(&format!("case={}", encode(&wanted.q))), Vec::new())
}

fn form(visit: &Visit, form: &Form, errors: Vec<FieldError>) -> Result<Response, Error> {
    let catalogue = visit.app.catalogue();
    let division = visit.caller.actor.post().map(|p| p.division);
    let mut items: Vec<(&str, &str)> = division
        .map(|d| catalogue.serving(d))
        .unwrap_or_default()
        .iter()
        .filter_map(|l| catalogue.entry(&l.entry))
        .map(|e| (e.id.as_str(), e.name.as_str()))
        .collect();
    items.sort_unstable();
    items.dedup();
    let wrong =
        |field: &str| errors.iter().find(|e| e.field == field).map_or(String::new(), |e| e.message.clone());
    let own = json!({
        "form": {
            "question": form.text("question"), "question_error": wrong("question"),
            "asker": form.text("asker"), "asker_error": wrong("asker"),
            "contact": form.text("contact"), "contact_error": wrong("contact"),
            "case": form.text("case"), "case_error": wrong("case"),
            "items": items.iter().map(|(id, name)| json!({
                "value": id, "label": name, "selected": *id == form.text("entry"),
            })).collect::<Vec<_>>(),
            "entry_error": wrong("entry"),
        },
    });
    let crumbs = [(BASE, "咨询"), ("", "登记咨询")];
    visit.page("登记咨询").crumbs(&crumbs).errors(errors).render("enquiries/new.html", own)
}

/// POST /desk/enquiries/new
pub async fn record(visit: Visit, sent: Form) -> Result<Response, Error> {
    let text = |name: &str| sent.text(name).to_owned();
    let asked = Asked {
        question: text("question"),
        asker: text("asker"),
        contact: text("contact"),
        entry: text("entry"),
        case: text("case"),
    };
    match enquiries::record(&visit.app, &visit.caller, asked).await {
        Ok(no) => Ok(Redirect::to(&format!("{BASE}/{no}?done=recorded")).into_response()),
        Err(Error::Invalid(errors)) => form(&visit, &sent, errors),
        Err(error) => Err(error),
    }
}

/// GET /desk/enquiries/{no}
pub async fn show(
    visit: Visit,
    Path(no): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Error> {
    page(&visit, &no, (&Form::default(), "", Vec::new()), &wanted.done).await
}

async fn page(
    visit: &Visit,
    no: &str,
    (form, act, errors): (&Form, &str, Vec<FieldError>),
    done: &str,
) -> Result<Response, Error> {
    let file = enquiries::open(&visit.app, &visit.caller, no).await?;
    let e = &file.row.enquiry;
    let supervises = visit.caller.role() == Some(Role::Supervisor);
    let offer = Offer { agency: String::new(), account: None };
    let can = |act: &EnquiryAct| !supervises && e.allows(&visit.caller.actor, act).is_ok();
    let wrong = |on: &str, field: &str| match errors.iter().find(|e| act == on && e.field == field) {
        Some(error) => error.message.clone(),
        None => String::new(),
    };
    let typed = |on: &str, field: &str| if act == on { form.text(field) } else { "" };
    let hands_over = can(&EnquiryAct::HandOver(offer));
    let receivers = if hands_over { receivers(visit, typed("hand_over", "to")).await? } else { json!([]) };
    let mut facts = vec![
        ("登记", format!("{} · {}", words::moment(file.row.asked_at), agency(visit, &e.agency))),
        ("首问负责人", file.person(e.first).to_owned()),
        ("现在负责", format!("{} · {}", file.person(e.holder), agency(visit, &e.holder_agency))),
        ("最迟答复", due(&file.row)),
        ("涉及的事项", item(visit, &file.row)),
    ];
    if !supervises {
        facts.push(("谁问的", file.text.asker.clone()));
        facts.push(("联系方式", file.text.contact.clone()));
    }
    let facts: Vec<Value> = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| json!({"label": label, "value": value}))
        .collect();
    let own = json!({
        "enquiry": {
            "no": file.row.no, "light": light(visit, &file.row), "question": file.text.question,
            "answer": file.text.answer,
            "answered": file.row.answered_at.map_or(String::new(), |at| format!(
                "{} · {}", words::moment(at), file.row.answered_by.map_or("", |by| file.person(by)),
            )),
            "case": file.case.as_ref().map(|no| json!({"href": format!("/desk/cases/{no}"), "no": no.grouped()})),
        },
        "facts": facts, "chain": chain(visit, &file),
        "can": {
            "answer": can(&EnquiryAct::Answer), "hand_over": hands_over,
            "acknowledge": can(&EnquiryAct::Acknowledge),
            "link": file.row.case.is_none() && can(&EnquiryAct::Link),
        },
        "form": {
            "answer": typed("answer", "answer"), "answer_error": wrong("answer", "answer"),
            "receivers": receivers, "to_error": wrong("hand_over", "to"),
            "reason": typed("hand_over", "reason"), "reason_error": wrong("hand_over", "reason"),
            "case": typed("link", "case"), "case_error": wrong("link", "case"),
        },
    });
    let crumbs = [(BASE, "咨询"), ("", file.row.no.as_str())];
    let title = format!("咨询 {}", file.row.no);
    visit
        .page(&title)
        .crumbs(&crumbs)
        .errors(errors)
        .flash("good", told(done))
        .render("enquiries/show.html", own)
}

/// The road of responsibility, newest first.
fn chain(visit: &Visit, file: &EnquiryFile) -> Vec<Value> {
    let mut rows: Vec<Value> = Vec::new();
    if let Some(at) = file.row.answered_at {
        let who = file.row.answered_by.map_or("", |by| file.person(by));
        rows.push(json!({"at": words::moment(at), "title": "答复", "who": who, "text": "", "state": "done"}));
    }
    for (h, reason) in file.chain.iter().rev() {
        let to = match h.to.account {
            Some(account) => file.person(account).to_owned(),
            None => format!("{}的窗口", agency(visit, &h.to.agency)),
        };
        if let (Some(at), Some(by)) = (h.acknowledged_at, h.acknowledged_by) {
            let title = format!("{}接过来", file.person(by));
            let who = agency(visit, &h.to.agency);
            rows.push(
                json!({"at": words::moment(at), "title": title, "who": who, "text": "", "state": "done"}),
            );
        } else if file.row.enquiry.offered.is_some() {
            let title = format!("等{to}确认");
            let who = format!("确认以前由{}负责", file.person(file.row.enquiry.holder));
            rows.push(json!({"at": "", "title": title, "who": who, "text": "", "state": "next"}));
        }
        let title = format!("交给{to}");
        let who = file.person(h.from_account);
        rows.push(
            json!({"at": words::moment(h.at), "title": title, "who": who, "text": reason, "state": "done"}),
        );
    }
    let who =
        format!("{} · {}", file.person(file.row.enquiry.first), agency(visit, &file.row.enquiry.agency));
    rows.push(json!({
        "at": words::moment(file.row.asked_at), "title": "登记，首问负责", "who": who, "text": "", "state": "done",
    }));
    rows
}

/// Colleagues, and the agencies of the same place and of those above it.
async fn receivers(visit: &Visit, chosen: &str) -> Result<Value, Error> {
    let Some(post) = visit.caller.actor.post() else { return Ok(json!([])) };
    let catalogue = visit.app.catalogue();
    let mut options: Vec<(String, String)> = enquiries::colleagues(&visit.app, &post.agency)
        .await?
        .into_iter()
        .map(|(id, name, role)| (format!("account:{id}"), format!("同事 {name}（{}）", role.label())))
        .collect();
    let mut places = vec![post.division];
    places.extend(catalogue.tree.ancestors(post.division).iter().map(|d| d.code));
    let near = |a: &&tongban_domain::agency::Agency| places.contains(&a.division) && a.key != post.agency;
    let mut agencies: Vec<_> = catalogue.directory.agencies().iter().filter(near).collect();
    agencies.sort_by_key(|a| std::cmp::Reverse(a.scope_path.len()));
    let windows = agencies.into_iter().take(MOST_AGENCIES);
    options.extend(windows.map(|a| (format!("agency:{}", a.key), format!("{}的窗口", a.name))));
    Ok(options
        .iter()
        .map(|(value, label)| json!({"value": value, "label": label, "selected": value == chosen}))
        .collect())
}

async fn enter(
    visit: &Visit,
    no: &str,
    form: Form,
    (act, command): (&'static str, EnquiryCommand),
) -> Result<Response, Error> {
    match enquiries::act(&visit.app, &visit.caller, no, command).await {
        Ok(()) => Ok(Redirect::to(&format!("{BASE}/{no}?done={act}")).into_response()),
        Err(Error::Invalid(errors)) => page(visit, no, (&form, act, errors), "").await,
        Err(error) => Err(error),
    }
}

/// POST /desk/enquiries/{no}/hand_over
pub async fn hand_over(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let (kind, whom) = form.text("to").split_once(':').unwrap_or(("", ""));
    let account = if kind == "account" { whom.parse::<i64>().ok().map(Id::from) } else { None };
    let agency = if kind == "agency" { whom.to_owned() } else { String::new() };
    let command = EnquiryCommand::HandOver { account, agency, reason: form.text("reason").to_owned() };
    enter(&visit, &no, form, ("hand_over", command)).await
}

/// POST /desk/enquiries/{no}/acknowledge
pub async fn acknowledge(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    enter(&visit, &no, form, ("acknowledge", EnquiryCommand::Acknowledge {})).await
}

/// POST /desk/enquiries/{no}/answer
pub async fn answer(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let command = EnquiryCommand::Answer { answer: form.text("answer").to_owned() };
    enter(&visit, &no, form, ("answer", command)).await
}

/// POST /desk/enquiries/{no}/link
pub async fn link(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let case = form.text("case").to_owned();
    if case.is_empty() {
        let missing = FieldError::new("case", "办件编号", "请输入办件编号", "case is required");
        return page(&visit, &no, (&form, "link", vec![missing]), "").await;
    }
    enter(&visit, &no, form, ("link", EnquiryCommand::Link { case })).await
}
