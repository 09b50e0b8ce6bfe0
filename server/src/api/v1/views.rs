//! How a case, an event and a licence look as JSON.

use serde_json::{Value, json};
use tongban_domain::case::{CommandKind, Due, Mark, staff_words};
use tongban_domain::permit::{Actor, may};

use crate::calendar::moved_words;
use crate::casefile::{CaseFile, Happened};
use crate::showing;
use crate::signin::Caller;
use crate::store::calendar::MovedRow;

/// A deadline.
pub fn due(due: Option<Due>) -> Value {
    due.map_or(
        Value::Null,
        |d| json!({"last_day": d.last_day, "provisional": d.provisional, "uncounted_days": d.uncounted}),
    )
}

/// A deadline that an edit of the calendar moved.
fn moved(row: &MovedRow) -> Value {
    json!({
        "deadline": row.moved.deadline, "from": row.moved.from, "to": row.moved.to,
        "calendar_version": row.version, "rules": row.rules, "words": moved_words(row), "at": row.at,
    })
}

/// A case with everything its readers need; identifiers only to the applicant and the staff who work on it.
pub fn case(file: &CaseFile, caller: &Caller) -> Value {
    let case = &file.case;
    let acts: Vec<&str> = CommandKind::ALL
        .iter()
        .filter(|k| !matches!(k, CommandKind::Submit) && may(&caller.actor, **k, Some(case)).is_ok())
        .map(|k| k.as_str())
        .collect();
    let documents: Vec<Value> = case
        .documents
        .iter()
        .map(|d| {
            json!({
                "id": d.id, "kind": d.kind, "name": d.kind.label(), "number": d.number,
                "check_code": d.check_code(), "sealed": d.seal.is_some(),
                "digest": d.seal.as_ref().map(|s| s.file.clone()),
            })
        })
        .collect();
    let supplements: Vec<Value> = case
        .supplements
        .iter()
        .map(|s| {
            json!({"rows": file.supplement_rows(&s.rows), "fields": s.fields, "materials": s.materials, "due": s.due, "answered_at": s.answered_at})
        })
        .collect();
    json!({
        "no": case.no,
        "national_no": case.national_no,
        "version": case.version,
        "state": case.state.name(),
        "state_label": staff_words(case.state.name()),
        "words": file.words(),
        "flags": case.flags,
        "item": {"code": case.item.local, "name": file.entry.name, "task_code": case.item.code, "situation": case.item.situation, "version": case.item.version},
        "places": case.places,
        "applicant": {"kind": file.party.kind, "name": file.party.name, "identifier": file.party.masked_identifier()},
        "answers": showing::masked_answers(file),
        "files": case.files.iter().map(|set| json!({
            "material": set.material,
            "files": set.files.iter().map(|f| json!({
                "id": f.id, "name": file.file_names.get(&f.id), "size": f.size, "kind": f.kind, "digest": f.digest,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "officer": case.officer.map(|o| json!({"account": o, "name": file.person(o.get())})),
        "first_asked": file.first_asked().map(|h| json!({
            "account": h.row.account.to_string(), "name": file.person(h.row.account), "at": h.row.at, "by": h.row.kind,
        })),
        "handovers": file.handed_over().map(|(h, officer)| json!({
            "from": file.person(h.row.account), "to": file.person(officer.get()), "at": h.row.at,
        })).collect::<Vec<_>>(),
        "submitted_at": file.submitted_at,
        "due": due(file.due),
        "deadlines": {
            "notice": due(file.deadlines.notice), "statutory": due(file.deadlines.statutory),
            "promised": due(file.deadlines.promised), "issue": due(file.deadlines.issue),
            "supplement": due(file.deadlines.supplement), "step": due(file.deadlines.step),
        },
        "ledger": case.ledger,
        "hearing": case.hearing,
        "extension_asked": case.extension_asked.as_ref().map(|e| json!({"days": e.days, "on": e.on, "reason": file.text(&e.reason)})),
        "marks": if matches!(caller.actor, Actor::Staff { .. }) { json!(case.marks.iter().map(|m| mark(file, m)).collect::<Vec<_>>()) } else { json!([]) },
        "explanation": file.explanation,
        "moved": file.moved.iter().map(moved).collect::<Vec<_>>(),
        "supplements": supplements,
        "documents": documents,
        "decision": case.decision,
        "license": case.decision.as_ref().filter(|_| case.ledger.issued.is_some()).and_then(|d| d.licence.as_ref()).map(|l| l.id.clone()),
        "delivery": case.delivery,
        "rating": case.rating,
        "commands": acts,
        "head": case.head,
        "yours": matches!(caller.actor, Actor::Applicant { .. }),
    })
}

/// A mark with its figures and what was said about it.
pub fn mark(file: &CaseFile, mark: &Mark) -> Value {
    json!({
        "id": mark.id, "rule": mark.rule, "light": mark.light, "light_label": mark.light.label(),
        "state": mark.state, "state_label": mark.state.label(), "since": mark.since, "agency": mark.agency,
        "owner": mark.owner.map(|o| json!({"account": o, "name": file.person(o.get())})),
        "answer_due": mark.answer_due, "figures": mark.figures,
        "words": mark.words.iter().map(|t| file.text(t)).collect::<Vec<_>>(),
    })
}

/// An event with its digest, so that anyone can recompute the chain.
pub fn event(file: &CaseFile, happened: &Happened) -> Value {
    let row = &happened.row;
    let payload: Value = serde_json::from_str(&row.payload).unwrap_or_default();
    json!({
        "sequence": row.sequence, "at": row.at, "kind": row.kind, "label": happened.event.label(),
        "account": row.account.to_string(), "post": row.post.to_string(), "on_behalf": row.on_behalf.to_string(),
        "by": file.person(row.account), "words": file.words_of(&happened.event),
        "shape": row.shape, "payload": payload, "payload_text": row.payload, "digest": row.digest,
        "node": row.node, "number": row.number,
    })
}
