//! Deliveries (制证送达): the sealed result is made, handed over, closed and filed away.

use axum::extract::{Path, Query};
use axum::response::Response;
use serde_json::{Value, json};
use tongban_domain::case::{Command, CommandKind as K, DeliveryMethod, Event, PaperKind, StateName as S};
use tongban_domain::item::FieldError;

use super::offer::{offered, sealed};
use super::queue::{self, Queue};
use super::{Asked, Asking, Outcome, Typed, Visit, told, view};
use crate::casefile::{self, CaseFile};
use crate::error::Error;
use crate::web::{Form, words};

const BASE: &str = "/desk/deliveries";

const METHODS: [(&str, DeliveryMethod, &str); 4] = [
    ("counter", DeliveryMethod::Counter, "核对身份，签送达回证"),
    ("mail", DeliveryMethod::Mail, "写快递单号"),
    ("electronic", DeliveryMethod::Electronic, "须经申请人同意"),
    ("proxy", DeliveryMethod::Proxy, "写代领人，留委托书"),
];

/// The tabs of the deliveries.
pub fn queues() -> Vec<Queue> {
    vec![
        Queue::of("granted", "待制证", &[S::Granted]),
        Queue::of("issued", "待送达", &[S::Issued, S::Refused]),
        Queue::of("delivered", "待办结", &[S::Delivered]),
        Queue::of("closed", "待归档", &[S::Closed, S::Declined, S::Withdrawn, S::Terminated]),
    ]
}

/// GET /desk/deliveries
pub async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let queues = queues();
    let (current, mut own) = queue::page(&visit.app, &visit.caller, BASE, &queues, &asked).await?;
    let label = queues[current].label;
    own["current_label"] = label.into();
    own["empty_words"] = format!("没有{label}的件").into();
    visit.page("制证送达").flash("good", told(&asked.done)).render("deliveries/list.html", own)
}

/// GET /desk/deliveries/{no}
pub async fn show(
    visit: Visit,
    Path(no): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(&visit, &no, &asked, Typed::default()).await
}

async fn page(visit: &Visit, no: &str, asked: &Asked, typed: Typed) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, no, "delivery").await?;
    let mut own = view::page(visit, &file, BASE, &queues(), asked).await?;
    let can = |kind| offered(visit, &file, kind);
    own.insert(
        "can".into(),
        json!({
            "issue": can(K::Issue), "deliver": can(K::Deliver), "close": can(K::Close), "archive": can(K::Archive),
        }),
    );
    own.insert("lanes".into(), lanes(&file));
    let act = "deliver";
    let methods: Vec<Value> = METHODS
        .iter()
        .map(|(word, method, hint)| {
            json!({"value": word, "label": method.label(), "hint": hint, "checked": typed.text(act, "method") == *word})
        })
        .collect();
    own.insert("methods".into(), methods.into());
    own.insert("method_error".into(), typed.error(act, "method").into());
    own.insert("note".into(), typed.text(act, "note").into());
    own.insert("note_error".into(), typed.error(act, "note").into());
    own.insert("documents".into(), view::documents(&file, |d| handed_over(d.kind)));
    let grouped = file.case.no.grouped();
    let title = format!("制证 {grouped}");
    let crumbs = [(BASE, "制证送达"), ("", grouped.as_str())];
    let page = visit.page(&title).crumbs(&crumbs).errors(typed.errors).flash("good", told(&asked.done));
    page.render("deliveries/case.html", Value::Object(own))
}

fn handed_over(kind: PaperKind) -> bool {
    use PaperKind as P;
    matches!(
        kind,
        P::Licence | P::GrantDecision | P::RefusalDecision | P::DeclinationNotice | P::TerminationNotice
    )
}

fn lane(state: &str, words: impl Into<String>) -> Value {
    json!({"state": state, "words": words.into()})
}

/// The three steps, each done, now or to do.
fn lanes(file: &CaseFile) -> Value {
    let at = |wanted: fn(&Event) -> bool| file.timeline.iter().rev().find(|h| wanted(&h.event));
    let state = file.case.state.name();
    let waiting = "文书正在生成和签章，通常几秒钟就好，请稍后刷新。";
    let issued = at(|e| matches!(e, Event::Issued { .. }));
    let delivered = at(|e| matches!(e, Event::Delivered { .. }));
    let refused = file.case.decision.as_ref().is_some_and(|d| !d.granted);
    let issue = match issued {
        Some(happened) => lane("done", format!("{}制证完成。", words::short_moment(happened.row.at))),
        None if refused => lane("done", "不予许可，不需要制证。"),
        None if state == S::Granted && sealed(file) => lane("now", "文书已盖章，可以交付。"),
        None if state == S::Granted => lane("now", waiting),
        None if state.is_over() => lane("done", "没有要制作的证照。"),
        None => lane("todo", "作出准予决定后制证。"),
    };
    let deliver = match (delivered, file.case.delivery) {
        (Some(happened), Some(method)) => {
            let note = file.words_of(&happened.event);
            let note = if note.is_empty() { String::new() } else { format!("，{note}") };
            lane("done", format!("{} {}{note}。", words::short_moment(happened.row.at), method.label()))
        }
        _ if matches!(state, S::Issued | S::Refused) && !sealed(file) => lane("now", waiting),
        _ if matches!(state, S::Issued | S::Refused) => lane("now", "请选送达方式。"),
        _ if state.is_over() => lane("done", "没有要送达的证照。"),
        _ => lane("todo", "制证后再送达。"),
    };
    let close = match state {
        S::Delivered => lane("now", "可以办结。"),
        S::Archived => lane("done", "已归档。"),
        state if state.is_over() => lane("now", "可以归档。"),
        _ => lane("todo", "送达后办结。"),
    };
    json!({"issue": issue, "deliver": deliver, "close": close})
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

/// POST /desk/deliveries/{no}/issue
pub async fn issue(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    ask(&visit, &no, "issue", form, Ok(Command::Issue)).await
}

/// POST /desk/deliveries/{no}/deliver
pub async fn deliver(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let method = METHODS.iter().find(|(word, _, _)| *word == form.text("method"));
    let note = form.text("note").to_owned();
    let command = match method {
        Some((_, method, _)) => Ok(Command::Deliver { method: *method, note }),
        None => Err(vec![FieldError::new("method", "送达方式", "请选择送达方式", "method is required")]),
    };
    ask(&visit, &no, "deliver", form, command).await
}

/// POST /desk/deliveries/{no}/close
pub async fn close(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    ask(&visit, &no, "close", form, Ok(Command::Close)).await
}

/// POST /desk/deliveries/{no}/archive
pub async fn archive(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    ask(&visit, &no, "archive", form, Ok(Command::Archive)).await
}
