//! Review (审查): whose turn it is, the points one by one, passing, returning, assigning.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use tongban_domain::case::{Command, CommandKind as K, PointFinding, State, StateName as S};
use tongban_domain::ids::Id;
use tongban_domain::item::FieldError;

use super::offer::offered;
use super::queue::{self, Queue};
use super::{Asked, Asking, Outcome, Typed, Visit, told, view};
use crate::casefile::{self, CaseFile};
use crate::error::Error;
use crate::secrets::{hex, random};
use crate::signin::Caller;
use crate::store::{accounts, cases};
use crate::web::Form;

const BASE: &str = "/desk/review";

/// The tabs of the review.
pub fn queues(caller: &Caller) -> Vec<Queue> {
    let mut mine = Queue::of("mine", "我的", &[S::Reviewing]);
    mine.narrow.officer = Some(caller.actor.account());
    vec![
        mine,
        Queue::of("unassigned", "待分派", &[S::Accepted]),
        Queue::of("all", "全部", &[S::Accepted, S::Reviewing]),
    ]
}

/// An officer one can assign to.
struct Officer {
    id: Id,
    name: String,
    load: i64,
}

async fn officers(visit: &Visit) -> Result<Vec<Officer>, Error> {
    let agency = visit.caller.actor.post().map_or("", |p| p.agency.as_str());
    let mut conn = visit.app.db.read().await?;
    let loads = cases::loads(&mut conn, agency).await?;
    let mut all: Vec<Officer> = accounts::reviewers(&mut conn, agency, visit.app.today())
        .await?
        .into_iter()
        .map(|(id, name)| Officer { id, name, load: loads.get(&id).copied().unwrap_or_default() })
        .collect();
    all.dedup_by_key(|o| o.id);
    Ok(all)
}

/// GET /desk/review
pub async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let queues = queues(&visit.caller);
    let mut asked = asked;
    if asked.tab.is_empty() && visit.caller.role() == Some(tongban_domain::permit::Role::Representative) {
        asked.tab = "all".into();
    }
    let (current, mut own) = queue::page(&visit.app, &visit.caller, BASE, &queues, &asked).await?;
    let me = visit.caller.actor.account();
    let officers = officers(&visit).await?;
    let preferred = officers.iter().find(|o| o.id == me).or_else(|| officers.iter().min_by_key(|o| o.load));
    let preferred = preferred.map(|o| o.id);
    let tab = queues[current].tab;
    // What I hold I pass or hand on from its own page.
    own["officers"] = officers
        .iter()
        .filter(|_| tab != "mine")
        .map(|o| {
            json!({"id": o.id.to_string(), "name": o.name, "load": format!("{}件", o.load), "selected": Some(o.id) == preferred})
        })
        .collect();
    let waiting = own["tabs"][1]["count"].clone();
    let elsewhere = tab == "mine" && waiting != json!(0);
    let waiting = waiting.as_str().map_or_else(|| waiting.to_string(), str::to_owned);
    own["key"] = hex(&random::<16>()).into();
    own["back"] = format!("{BASE}?tab={tab}").into();
    own["empty_words"] = match tab {
        "mine" => "手上没有要审的件",
        "unassigned" => "没有待分派的件",
        _ => "没有在审查的件",
    }
    .into();
    own["other_href"] = elsewhere.then(|| format!("{BASE}?tab=unassigned")).into();
    own["other_label"] = if elsewhere { format!("看待分派的{waiting}件") } else { String::new() }.into();
    visit.page("审查").flash("good", told(&asked.done)).render("review/list.html", own)
}

/// GET /desk/review/{no}
pub async fn show(
    visit: Visit,
    Path(no): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(&visit, &no, &asked, Typed::default()).await
}

async fn page(visit: &Visit, no: &str, asked: &Asked, typed: Typed) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, no, "review").await?;
    let mut own = view::page(visit, &file, BASE, &queues(&visit.caller), asked).await?;
    let can_pass = offered(visit, &file, K::Pass);
    let can = json!({"pass": can_pass, "return": offered(visit, &file, K::Return) && under_review(&file), "assign": offered(visit, &file, K::Assign)});
    own.insert("can".into(), can);
    own.insert("points".into(), points(&file, &typed, can_pass));
    own.insert("materials".into(), view::materials(&file).into());
    own.insert("answers".into(), json!(view::answers(&file)));
    own.insert("opinion".into(), typed.text("pass", "opinion").into());
    own.insert("opinion_error".into(), typed.error("pass", "opinion").into());
    own.insert("return_reason".into(), typed.text("return", "reason").into());
    own.insert("return_error".into(), typed.error("return", "reason").into());
    own.insert("officers".into(), choices(visit, &file).await?);
    own.insert("officer_error".into(), typed.error("assign", "officer").into());
    own.insert("no_pass_reason".into(), no_pass_reason(visit, &file).into());
    own.extend(step_words(&file));
    let grouped = file.case.no.grouped();
    let title = format!("审查 {grouped}");
    let crumbs = [(BASE, "审查"), ("", grouped.as_str())];
    let page = visit.page(&title).crumbs(&crumbs).errors(typed.errors).flash("good", told(&asked.done));
    page.render("review/case.html", Value::Object(own))
}

fn under_review(file: &CaseFile) -> bool {
    matches!(file.case.state, State::Reviewing { .. })
}

/// The running step, what passing it leads to and what returning it means.
fn step_words(file: &CaseFile) -> [(String, Value); 5] {
    let (mut name, mut standard) = (String::new(), String::new());
    let mut pass = "审核通过，送决定".to_owned();
    let mut back = "退回分派".to_owned();
    if let State::Reviewing { step, .. } = file.case.state {
        let mut following = file.entry.review_steps().skip(usize::from(step));
        if let Some(now) = following.next() {
            name = format!("第{}步：{}", step + 1, now.name);
            standard =
                if now.standard.is_empty() { String::new() } else { format!("标准：{}", now.standard) };
        }
        if let Some(next) = following.next() {
            pass = format!("审核通过，转{}", next.name);
        }
        if let Some(before) = step.checked_sub(1) {
            back = format!("退回上一步：{}", view::step_name(file, before));
        }
    }
    [
        ("step_name".into(), name.into()),
        ("step_standard".into(), standard.into()),
        ("pass_label".into(), pass.into()),
        ("pass_hint".into(), "每个要点都要给结论".into()),
        ("return_label".into(), back.into()),
    ]
}

fn no_pass_reason(visit: &Visit, file: &CaseFile) -> String {
    match (file.case.state.name(), file.case.officer) {
        (S::Accepted, _) => "还没有分派经办人，分派后才能审查。".into(),
        (S::Reviewing, Some(officer)) if officer != visit.caller.actor.account() => {
            format!("这个办件由{}审查；需要由您办理的，请先分派给自己。", file.person(officer.get()))
        }
        (S::Reviewing, _) => "您当前的岗位不审查办件。".into(),
        (S::Deciding, _) => "审查已经完成，等首席代表决定。".into(),
        (S::Suspended, _) => "办件已中止，恢复后才能继续审查。".into(),
        (state, _) => format!("办件现在是“{}”，不在审查。", tongban_domain::case::staff_words(state)),
    }
}

/// The points with what was typed, else with what the step before found.
fn points(file: &CaseFile, typed: &Typed, can_pass: bool) -> Value {
    let before = view::steps(file).pop();
    let first_step = matches!(file.case.state, State::Reviewing { step: 0, .. });
    let before = before.filter(|_| !(can_pass && first_step));
    file.entry
        .review_points
        .iter()
        .map(|p| {
            let found = before.as_ref().and_then(|s| s.findings.iter().find(|f| f.key == p.key));
            let (met, note) = if typed.is("pass") {
                (
                    typed.text("pass", &format!("met.{}", p.key)),
                    typed.text("pass", &format!("note.{}", p.key)),
                )
            } else {
                (
                    found.map_or("", |f| if f.met { "yes" } else { "no" }),
                    found.map_or("", |f| f.note.as_str()),
                )
            };
            json!({
                "key": p.key, "text": p.text, "standard": p.standard, "basis": p.basis,
                "met": met, "note": note, "error": typed.error("pass", &p.key),
            })
        })
        .collect()
}

async fn choices(visit: &Visit, file: &CaseFile) -> Result<Value, Error> {
    let me = visit.caller.actor.account();
    let held = file.case.officer.filter(|_| under_review(file));
    Ok(officers(visit)
        .await?
        .iter()
        .filter(|o| Some(o.id) != held)
        .map(|o| {
            json!({"value": o.id.to_string(), "label": format!("{}（手上{}件）", o.name, o.load), "selected": o.id == me})
        })
        .collect())
}

async fn ask(
    visit: &Visit,
    no: &str,
    act: &'static str,
    form: Form,
    command: Result<Command, Vec<FieldError>>,
) -> Result<Response, Error> {
    let queues = queues(&visit.caller);
    let back = queues.iter().find(|q| form.text("back") == format!("{BASE}?tab={}", q.tab));
    let back = back.map(|q| format!("{BASE}?tab={}&done={act}", q.tab));
    let asking = Asking { visit, base: BASE, queues: &queues, no, act };
    match (asking.run(form, command).await?, back) {
        (Outcome::Done(_), Some(back)) => Ok(Redirect::to(&back).into_response()),
        (Outcome::Done(response), None) => Ok(response),
        (Outcome::Again(typed), _) => page(visit, no, &Asked::default(), typed).await,
    }
}

/// POST /desk/review/{no}/assign
pub async fn assign(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let command = form.text("officer").parse::<i64>().map(|id| Command::Assign { officer: Id::from(id) });
    let command = command
        .map_err(|_| vec![FieldError::new("officer", "经办人", "请选择经办人", "officer is required")]);
    ask(&visit, &no, "assign", form, command).await
}

/// POST /desk/review/{no}/pass
pub async fn pass(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, &no, "review").await?;
    let mut errors = Vec::new();
    let mut points = Vec::new();
    for point in &file.entry.review_points {
        let note = form.text(&format!("note.{}", point.key)).to_owned();
        match form.text(&format!("met.{}", point.key)) {
            word @ ("yes" | "no") => {
                points.push(PointFinding { point: point.key.clone(), met: word == "yes", note })
            }
            _ => {
                let message = format!("请选择“{}”符合或不符合", point.text);
                errors.push(FieldError::new(&point.key, &point.text, message, "a finding is required"));
            }
        }
    }
    let opinion = form.text("opinion").to_owned();
    let command = if errors.is_empty() { Ok(Command::Pass { opinion, points }) } else { Err(errors) };
    ask(&visit, &no, "pass", form, command).await
}

/// POST /desk/review/{no}/return
pub async fn send_back(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let reason = form.text("reason").to_owned();
    let mut command = Ok(Command::Return { reason: reason.clone() });
    if reason.is_empty() {
        command = Err(vec![FieldError::new("reason", "理由", "请输入退回的理由", "reason is required")]);
    }
    ask(&visit, &no, "return", form, command).await
}
