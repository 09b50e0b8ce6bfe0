//! What the counter does with a case: receive, accept, ask for supplements, amend, decline.

use axum::extract::Path;
use axum::response::Response;
use tongban_domain::case::{Command, MaterialCheck, SupplementRow, Verdict};
use tongban_domain::ids::{MobileNumber, ResidentId};
use tongban_domain::item::{Answers, FieldError, FieldKind};

use super::{Asked, Asking, Outcome, Visit, counter};
use crate::casefile::{self, CaseFile};
use crate::error::Error;
use crate::showing::mask;
use crate::web::Form;

async fn ask(
    visit: &Visit,
    no: &str,
    act: &'static str,
    form: Form,
    command: Result<Command, Vec<FieldError>>,
) -> Result<Response, Error> {
    let asking = Asking { visit, base: counter::BASE, queues: &counter::queues(), no, act };
    match asking.run(form, command).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Again(mut typed) => {
            if act == "supplement" {
                let file = casefile::open(&visit.app, &visit.caller, no, "counter").await?;
                typed.errors = beside_boxes(&file, &typed.form, typed.errors);
            }
            counter::page(visit, no, &Asked::default(), typed).await
        }
    }
}

/// POST /desk/counter/{no}/receive
pub async fn receive(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    ask(&visit, &no, "receive", form, Ok(Command::Receive)).await
}

/// POST /desk/counter/{no}/accept
pub async fn accept(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let checks = form
        .with_prefix("verdict.")
        .filter_map(|(key, value)| {
            Some(MaterialCheck { material: key.to_owned(), verdict: verdict(&value)? })
        })
        .collect();
    ask(&visit, &no, "accept", form, Ok(Command::Accept { checks })).await
}

fn verdict(word: &str) -> Option<Verdict> {
    match word {
        "right" => Some(Verdict::Right),
        "wrong" => Some(Verdict::Wrong),
        "missing" => Some(Verdict::Missing),
        _ => None,
    }
}

/// POST /desk/counter/{no}/supplement
pub async fn supplement(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, &no, "counter").await?;
    let command = Command::RequestSupplement {
        rows: supplement_rows(&file, &form),
        due: None,
        again: form.text("again").to_owned(),
    };
    ask(&visit, &no, "supplement", form, Ok(command)).await
}

/// A row for every material ticked ✗ or 缺 and for everything with words beside it. What is missing needs no more words.
fn supplement_rows(file: &CaseFile, form: &Form) -> Vec<SupplementRow> {
    let written = |target: &str| {
        (form.text(&format!("problem.{target}")).to_owned(), form.text(&format!("fix.{target}")).to_owned())
    };
    let mut rows = Vec::new();
    for material in super::view::asked_materials(file) {
        let (mut problem, mut fix) = written(&material.key);
        match verdict(form.text(&format!("verdict.{}", material.key))) {
            Some(Verdict::Missing) => {
                problem = or(problem, || format!("没有提交“{}”", material.name));
                fix = or(fix, || format!("请提交“{}”：{}", material.name, material.standard));
            }
            Some(Verdict::Wrong) => {
                fix = or(fix, || format!("请重新提交“{}”：{}", material.name, material.standard))
            }
            _ if problem.is_empty() && fix.is_empty() => continue,
            _ => {}
        }
        rows.push(SupplementRow { target: material.key.clone(), problem, fix });
    }
    for field in file.entry.form.fields() {
        let (problem, fix) = written(&field.key);
        if !problem.is_empty() || !fix.is_empty() {
            rows.push(SupplementRow { target: field.key.clone(), problem, fix });
        }
    }
    rows
}

fn or(text: String, otherwise: impl FnOnce() -> String) -> String {
    if text.is_empty() { otherwise() } else { text }
}

/// Puts an error of a row beside the boxes that are empty; what a tick says by itself needs no words. That nothing was
/// chosen is said at the first material.
fn beside_boxes(file: &CaseFile, form: &Form, errors: Vec<FieldError>) -> Vec<FieldError> {
    let mut placed = Vec::new();
    for mut error in errors {
        if matches!(error.field.as_str(), "rows" | "due") {
            error.field = super::view::asked_materials(file).first().map_or(error.field, |m| m.key.clone());
            placed.push(error);
            continue;
        }
        let wrong = form.text(&format!("verdict.{}", error.field)) == "wrong";
        let mut boxes = vec![("problem", "请输入哪里不对"), ("fix", "请输入怎样才对")];
        boxes.retain(|(name, _)| {
            form.text(&format!("{name}.{}", error.field)).is_empty() && !(wrong && *name == "fix")
        });
        if boxes.is_empty() {
            placed.push(error);
            continue;
        }
        placed.extend(boxes.into_iter().map(|(name, message)| {
            let field = format!("{name}.{}", error.field);
            FieldError::new(&field, &error.label, message, error.message_en.clone())
        }));
    }
    placed
}

/// POST /desk/counter/{no}/amend
pub async fn amend(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, &no, "counter").await?;
    let command = Command::AmendOnTheSpot { answers: changes(&file, &form) };
    ask(&visit, &no, "amend", form, Ok(command)).await
}

/// Only what differs from what stands there; a masked identifier that came back unchanged is no change.
fn changes(file: &CaseFile, form: &Form) -> Answers {
    let sent: Answers = form.with_prefix("").map(|(key, value)| (key.to_owned(), value)).collect();
    let mut changes = Answers::new();
    for field in file.entry.form.fields() {
        let now = file.answers.get(&field.key).map_or("", String::as_str);
        let value = match sent.get(&field.key) {
            Some(value) => value.as_str(),
            // Boxes that are all unticked are not sent at all.
            None if field.kind == FieldKind::Choices => "",
            None => continue,
        };
        let untouched = value == now || (field.kind.is_identifier() && value == mask(Some(field.kind), now));
        if !untouched && !same_identifier(field.kind, value, now) {
            changes.insert(field.key.clone(), value.to_owned());
        }
    }
    changes
}

fn same_identifier(kind: FieldKind, value: &str, now: &str) -> bool {
    match kind {
        FieldKind::ResidentId => ResidentId::parse(value).is_ok_and(|v| v.as_str() == now),
        FieldKind::Mobile => MobileNumber::parse(value).is_ok_and(|v| v.as_str() == now),
        _ => false,
    }
}

/// POST /desk/counter/{no}/decline
pub async fn decline(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let ground = counter::GROUNDS.iter().find(|(word, _)| *word == form.text("ground"));
    let (reason, go_to) = (form.text("reason").to_owned(), form.text("go_to").to_owned());
    let mut errors = Vec::new();
    if ground.is_none() {
        errors.push(FieldError::new("ground", "法定理由", "请选择法定理由", "ground is required"));
    }
    if reason.is_empty() {
        errors.push(FieldError::new("reason", "说明", "请输入不予受理的说明", "reason is required"));
    }
    let command = match ground {
        Some((_, ground)) if errors.is_empty() => Ok(Command::Decline { ground: *ground, reason, go_to }),
        _ => Err(errors),
    };
    ask(&visit, &no, "decline", form, command).await
}
