//! The rules of a case, one by one and together.

mod clock;
mod delivery;
mod histories;
mod intake;
mod papers;
mod review;
mod ruling;
mod supplement;
mod table;
mod tell;
mod time;

use super::*;
use crate::item::FieldError;
use crate::sample::{Docket, Stopped, World};

/// Asks of the docket by somebody who may.
fn ask(world: &mut World, docket: &mut Docket, command: Command) -> Result<Vec<Event>, Stopped> {
    let actor = world.actor_for(command.kind(), docket.case.as_ref());
    world.drive(docket, &actor, &command)
}

fn submit(world: &mut World, submission: Submission) -> Result<Docket, Stopped> {
    let mut docket = Docket::default();
    ask(world, &mut docket, Command::Submit(Box::new(submission)))?;
    Ok(docket)
}

/// Submits the sample application in a variant.
fn submit_sample(world: &mut World, variant: u8) -> Result<Docket, Stopped> {
    let submission = world.submission(variant);
    submit(world, submission)
}

fn case(docket: &Docket) -> &Case {
    docket.case.as_ref().unwrap()
}

fn state(docket: &Docket) -> StateName {
    case(docket).state.name()
}

/// The refusal; anything else is a failed test.
fn refusal<T: std::fmt::Debug>(outcome: Result<T, Stopped>) -> Refusal {
    match outcome {
        Err(Stopped::No(No::Refused(refusal))) => refusal,
        other => panic!("not a refusal: {other:?}"),
    }
}

/// The wrong fields; anything else is a failed test.
fn invalid<T: std::fmt::Debug>(outcome: Result<T, Stopped>) -> Vec<FieldError> {
    match outcome {
        Err(Stopped::No(No::Invalid(errors))) => errors,
        other => panic!("not invalid: {other:?}"),
    }
}

fn invalid_fields<T: std::fmt::Debug>(outcome: Result<T, Stopped>) -> Vec<String> {
    invalid(outcome).into_iter().map(|e| e.field).collect()
}

/// The data of the latest document of a kind, as it was frozen.
fn paper(world: &World, docket: &Docket, kind: PaperKind) -> Paper {
    let document = case(docket).document_of(kind).unwrap();
    serde_json::from_str(&world.text(document.data.id).unwrap().body).unwrap()
}

fn fact(paper: &Paper, label: &str) -> String {
    let found = paper.facts.iter().find(|(l, _)| l == label);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// All the words of a document in one text.
fn words(paper: &Paper) -> String {
    [paper.paragraphs.join("\n"), paper.closing.join("\n")].join("\n")
}
