//! Decisions (决定): what the chief representative decides, on which written authority, and what stands against it.

use axum::extract::{Path, Query};
use axum::response::Response;
use serde_json::{Value, json};
use tongban_domain::authority::{AuthorityAct, DecisionAuthority, find_authority};
use tongban_domain::case::{Command, CommandKind as K, Event, StateName as S, TerminateGround, chinese_date};
use tongban_domain::item::FieldError;

use super::offer::offered;
use super::queue::{self, Queue};
use super::{Asked, Asking, Outcome, Typed, Visit, told, view};
use crate::casefile::{self, CaseFile};
use crate::error::Error;
use crate::store::accounts;
use crate::web::{Form, words};

const BASE: &str = "/desk/decisions";

const GROUNDS: [(&str, TerminateGround); 3] = [
    ("applicant_gone", TerminateGround::ApplicantGone),
    ("object_gone", TerminateGround::ObjectGone),
    ("item_rule", TerminateGround::ItemRule),
];

/// The tabs of the decision desk.
pub fn queues() -> Vec<Queue> {
    vec![Queue::of("deciding", "待决定", &[S::Deciding]), Queue::of("suspended", "已中止", &[S::Suspended])]
}

async fn register(visit: &Visit) -> Result<Vec<DecisionAuthority>, Error> {
    let agency = visit.caller.actor.post().map_or("", |p| p.agency.as_str());
    Ok(accounts::authorities(&mut visit.app.db.read().await?, &[agency.into()], false).await?)
}

/// GET /desk/decisions
pub async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let queues = queues();
    let (current, mut own) = queue::page(&visit.app, &visit.caller, BASE, &queues, &asked).await?;
    own["authority"] = standing_authority(&visit, &register(&visit).await?);
    own["empty_words"] = if current == 0 { "没有等您决定的件" } else { "没有中止的件" }.into();
    visit.page("决定").flash("good", told(&asked.done)).render("decisions/list.html", own)
}

/// What the register says of the caller today, whatever the item.
fn standing_authority(visit: &Visit, register: &[DecisionAuthority]) -> Value {
    let (today, me) = (visit.app.today(), visit.caller.actor.account());
    let valid = |a: &&DecisionAuthority| {
        a.account == me && a.from <= today && today <= a.to && a.revoked_on.is_none_or(|r| r > today)
    };
    if let Some(found) = register.iter().find(valid) {
        let acts: Vec<&str> = found.acts.iter().map(|a| a.label()).collect();
        let words = format!(
            "您的{}授权 {}，有效至{}，包括{}",
            found.kind.label(),
            found.document,
            chinese_date(found.to),
            acts.join("、")
        );
        return json!({"ok": true, "words": words});
    }
    let agency = visit.caller.actor.post().map_or("", |p| p.agency.as_str());
    let lack = find_authority(register, me, agency, "", AuthorityAct::Grant, today).err();
    json!({"ok": false, "words": lack.map_or(String::new(), |l| l.to_string())})
}

/// GET /desk/decisions/{no}
pub async fn show(
    visit: Visit,
    Path(no): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(&visit, &no, &asked, Typed::default()).await
}

async fn page(visit: &Visit, no: &str, asked: &Asked, typed: Typed) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, no, "decision").await?;
    let mut own = view::page(visit, &file, BASE, &queues(), asked).await?;
    let steps = view::steps(&file);
    let can = |kind| offered(visit, &file, kind);
    own.insert(
        "can".into(),
        json!({
            "decide": can(K::Grant), "return": can(K::Return) && file.case.state.name() == S::Deciding,
            "suspend": can(K::Suspend), "resume": can(K::Resume), "terminate": can(K::Terminate),
        }),
    );
    let register = register(visit).await?;
    own.insert("grant".into(), grant_lane(visit, &file, &register, &typed));
    own.insert("refuse".into(), refuse_lane(visit, &file, (&register, &steps), &typed));
    own.insert("other".into(), other(&typed));
    own.insert("findings_words".into(), findings_words(&steps).into());
    own.insert("steps".into(), json!(steps));
    own.insert("remedies".into(), remedies(visit, &file).into());
    own.insert("terminate_grounds".into(), terminate_grounds(&typed));
    own.insert("suspended_words".into(), suspended_words(&file).into());
    own.insert("no_decide_reason".into(), no_decide_reason(&file).into());
    own.insert("materials".into(), view::materials(&file).into());
    own.insert("answers".into(), json!(view::answers(&file)));
    let grouped = file.case.no.grouped();
    let title = format!("决定 {grouped}");
    let crumbs = [(BASE, "决定"), ("", grouped.as_str())];
    let page = visit.page(&title).crumbs(&crumbs).errors(placed(&typed)).flash("good", told(&asked.done));
    page.render("decisions/case.html", Value::Object(own))
}

/// Errors with the ids their boxes have on this page, where several forms ask for a reason.
fn placed(typed: &Typed) -> Vec<FieldError> {
    let id = |field: &str| match (typed.act, field) {
        ("refuse", "reason") => "refuse-reason".to_owned(),
        ("terminate", "reason") => "terminate-reason".to_owned(),
        (act, "reason") => act.to_owned(),
        _ => field.to_owned(),
    };
    typed.errors.iter().map(|e| FieldError { field: id(&e.field), ..e.clone() }).collect()
}

fn authority(visit: &Visit, file: &CaseFile, register: &[DecisionAuthority], act: AuthorityAct) -> Value {
    let case = &file.case;
    let me = visit.caller.actor.account();
    match find_authority(register, me, &case.places.deciding, &case.item.entry, act, visit.app.today()) {
        Ok(found) => {
            let words = format!(
                "依据{}授权 {}作决定，有效至{}",
                found.kind.label(),
                found.document,
                chinese_date(found.to)
            );
            json!({"ok": true, "words": words})
        }
        Err(lack) => json!({"ok": false, "words": lack.to_string()}),
    }
}

fn grant_lane(visit: &Visit, file: &CaseFile, register: &[DecisionAuthority], typed: &Typed) -> Value {
    let result = &file.entry.result;
    let mut preview = Vec::new();
    if result.licence_type.is_some() {
        preview.push(json!({"label": "证照", "value": result.name}));
        preview.push(json!({"label": "持有人", "value": file.party.name}));
        preview.push(json!({"label": "有效期", "value": match result.validity {
            tongban_domain::item::Validity::Indefinite => "长期".to_owned(),
            limited => format!("自决定之日起{}", limited.label()),
        }}));
    }
    json!({
        "authority": authority(visit, file, register, AuthorityAct::Grant),
        "opinion": typed.text("grant", "opinion"), "error": typed.error("grant", "opinion"), "preview": preview,
    })
}

fn refuse_lane(
    visit: &Visit,
    file: &CaseFile,
    known: (&[DecisionAuthority], &[view::Step]),
    typed: &Typed,
) -> Value {
    let (register, steps) = known;
    let unmet: Vec<&view::Finding> =
        steps.last().map(|s| s.findings.iter().filter(|f| !f.met).collect()).unwrap_or_default();
    let drafted: Vec<String> = unmet.iter().map(|f| format!("{}一项不符合：{}", f.text, f.note)).collect();
    let mut bases: Vec<&str> = unmet.iter().map(|f| f.basis.as_str()).collect();
    bases.dedup();
    let (reason, basis) = if typed.is("refuse") {
        (typed.text("refuse", "reason").to_owned(), typed.text("refuse", "basis").to_owned())
    } else if drafted.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("经审查，{}。", drafted.join("；")), bases.join("；"))
    };
    json!({
        "authority": authority(visit, file, register, AuthorityAct::Refuse),
        "open": typed.is("refuse"), "reason": reason, "reason_error": typed.error("refuse", "reason"),
        "basis": basis, "basis_error": typed.error("refuse", "basis"),
    })
}

fn other(typed: &Typed) -> Value {
    json!({
        "return_reason": typed.text("return", "reason"), "return_error": typed.error("return", "reason"),
        "suspend_reason": typed.text("suspend", "reason"), "suspend_error": typed.error("suspend", "reason"),
        "ground_error": typed.error("terminate", "ground"),
        "terminate_reason": typed.text("terminate", "reason"),
        "terminate_error": typed.error("terminate", "reason"), "terminate_open": typed.is("terminate"),
    })
}

fn findings_words(steps: &[view::Step]) -> String {
    let Some(last) = steps.last() else { return "还没有审查结论".into() };
    let met = last.findings.iter().filter(|f| f.met).count();
    let all = last.findings.len();
    match all - met {
        _ if all == 0 => String::new(),
        0 => format!("{all}项全部符合"),
        unmet => format!("{all}项中{met}项符合，{unmet}项不符合"),
    }
}

fn remedies(visit: &Visit, file: &CaseFile) -> String {
    let catalogue = visit.app.catalogue();
    catalogue.item(&file.case.item.local).map_or(String::new(), |item| {
        format!(
            "决定书会写明：可在60日内向{}申请行政复议，或在6个月内向{}提起行政诉讼。",
            item.review_organ(),
            item.litigation_court()
        )
    })
}

fn terminate_grounds(typed: &Typed) -> Value {
    let chosen = typed.text("terminate", "ground");
    GROUNDS
        .iter()
        .map(|(word, ground)| json!({"value": word, "label": ground.label(), "selected": *word == chosen}))
        .collect()
}

fn suspended_words(file: &CaseFile) -> String {
    let last = file.timeline.iter().rev().find(|h| matches!(h.event, Event::Suspended { .. }));
    last.filter(|_| file.case.state.name() == S::Suspended).map_or(String::new(), |h| {
        let day = tongban_domain::calendar::date_of_ms(h.row.at);
        format!("{}起中止：{}", words::day(day), file.words_of(&h.event))
    })
}

fn no_decide_reason(file: &CaseFile) -> &'static str {
    match file.case.state.name() {
        S::Deciding => "",
        S::Suspended => "中止期间不能作决定，先恢复办理。",
        S::Accepted | S::Reviewing => "还在审查，审查完成后才能决定。",
        S::Submitted | S::Received | S::Supplementing => "还没有受理。",
        S::Declined | S::Withdrawn | S::Terminated => "办件已经结束，没有作决定。",
        S::Granted | S::Refused | S::Issued | S::Delivered | S::Closed | S::Archived => "已经作出决定。",
    }
}

async fn ask(
    visit: &Visit,
    no: &str,
    act: &'static str,
    form: Form,
    command: Result<Command, Vec<FieldError>>,
) -> Result<Response, Error> {
    let asking = Asking { visit, base: BASE, queues: &queues(), no, act };
    match asking.run(form, command).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Again(typed) => page(visit, no, &Asked::default(), typed).await,
    }
}

/// A reason in words, which these acts cannot do without.
fn reason(form: &Form, what: &str) -> Result<String, Vec<FieldError>> {
    match form.text("reason") {
        "" => Err(vec![FieldError::new("reason", "理由", format!("请输入{what}"), "reason is required")]),
        text => Ok(text.to_owned()),
    }
}

/// POST /desk/decisions/{no}/grant
pub async fn grant(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let opinion = form.text("opinion").to_owned();
    ask(&visit, &no, "grant", form, Ok(Command::Grant { opinion })).await
}

/// POST /desk/decisions/{no}/refuse
pub async fn refuse(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let (reason, basis) = (form.text("reason").to_owned(), form.text("basis").to_owned());
    ask(&visit, &no, "refuse", form, Ok(Command::Refuse { reason, basis })).await
}

/// POST /desk/decisions/{no}/return
pub async fn send_back(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let command = reason(&form, "退回的理由").map(|reason| Command::Return { reason });
    ask(&visit, &no, "return", form, command).await
}

/// POST /desk/decisions/{no}/suspend
pub async fn suspend(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let command = reason(&form, "中止的理由（诉讼、不可抗力）").map(|reason| Command::Suspend { reason });
    ask(&visit, &no, "suspend", form, command).await
}

/// POST /desk/decisions/{no}/resume
pub async fn resume(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    ask(&visit, &no, "resume", form, Ok(Command::Resume)).await
}

/// POST /desk/decisions/{no}/terminate
pub async fn terminate(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let ground = GROUNDS.iter().find(|(word, _)| *word == form.text("ground"));
    let mut errors = Vec::new();
    if ground.is_none() {
        errors.push(FieldError::new("ground", "终止依据", "请选择终止依据", "ground is required"));
    }
    let reason = reason(&form, "终止办理的说明").map_err(|e| errors.extend(e)).unwrap_or_default();
    let command = match ground {
        Some((_, ground)) if errors.is_empty() => Ok(Command::Terminate { ground: *ground, reason }),
        _ => Err(errors),
    };
    ask(&visit, &no, "terminate", form, command).await
}
