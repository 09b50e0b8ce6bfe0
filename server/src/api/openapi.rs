//! The OpenAPI description, made from the route table that builds the router.

use axum::Json;
use serde_json::{Map, Value, json};
use tongban_domain::case::{CommandKind, StateName};

use crate::door::Access;

fn text() -> Value {
    json!({"type": "string"})
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

/// The body of each command: its fields besides `type` and `version`.
fn command_fields(kind: CommandKind) -> (Vec<&'static str>, Value) {
    let answers = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let files =
        json!({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}});
    match kind {
        CommandKind::AmendOnTheSpot => (vec!["answers"], json!({"answers": answers})),
        CommandKind::RequestSupplement => (
            vec!["rows"],
            json!({"rows": {"type": "array", "items": object(&["target", "problem", "fix"], json!({"target": text(), "problem": text(), "fix": text()}))}, "due": {"type": "string", "format": "date"}, "again": text()}),
        ),
        CommandKind::Resubmit => (vec![], json!({"answers": answers, "files": files})),
        CommandKind::Accept => (
            vec![],
            json!({"checks": {"type": "array", "items": object(&["material", "verdict"], json!({"material": text(), "verdict": {"enum": ["right", "wrong", "missing"]}}))}}),
        ),
        CommandKind::Decline => (
            vec!["ground", "reason"],
            json!({"ground": {"enum": ["not_needed", "not_ours", "barred", "not_supplemented"]}, "reason": text(), "go_to": text()}),
        ),
        CommandKind::Assign => (vec!["officer"], json!({"officer": text()})),
        CommandKind::Pass => (
            vec![],
            json!({"opinion": text(), "points": {"type": "array", "items": object(&["point", "met"], json!({"point": text(), "met": {"type": "boolean"}, "note": text()}))}}),
        ),
        CommandKind::Return
        | CommandKind::Suspend
        | CommandKind::TellHearingRight
        | CommandKind::RefuseExtension => (vec!["reason"], json!({"reason": text()})),
        CommandKind::NotifySpecial => (
            vec!["procedure", "days", "reason"],
            json!({
                "procedure": {"enum": SPECIAL}, "days": {"type": "integer", "minimum": 1, "maximum": 65535}, "reason": text(),
                "own_motion": {"type": "boolean"}, "held_on": {"type": "string", "format": "date"}, "place": text(),
                "presider": text(),
                "people": {"type": "array", "items": object(&["name", "part"], json!({"name": text(), "part": text(), "badge": text()}))},
            }),
        ),
        CommandKind::StartSpecial => (vec!["procedure"], json!({"procedure": {"enum": SPECIAL}})),
        CommandKind::EndSpecial => (
            vec!["procedure", "record", "passed"],
            json!({"procedure": {"enum": SPECIAL}, "record": text(), "passed": {"type": "boolean"}}),
        ),
        CommandKind::RequestExtension => (
            vec!["days", "reason"],
            json!({"days": {"type": "integer", "minimum": 0, "maximum": 65535}, "reason": text()}),
        ),
        CommandKind::Extend => (
            vec!["days", "reason"],
            json!({"days": {"type": "integer", "minimum": 0, "maximum": 65535}, "reason": text(), "approval": text()}),
        ),
        CommandKind::AnswerMark => (vec!["mark", "answer"], json!({"mark": text(), "answer": text()})),
        CommandKind::ContestMark => (vec!["mark", "reason"], json!({"mark": text(), "reason": text()})),
        CommandKind::CloseMark => {
            (vec!["mark", "upheld"], json!({"mark": text(), "upheld": {"type": "boolean"}, "note": text()}))
        }
        CommandKind::AnswerRating => (vec!["answer"], json!({"answer": text()})),
        CommandKind::Grant => (vec![], json!({"opinion": text()})),
        CommandKind::Refuse => (vec!["reason", "basis"], json!({"reason": text(), "basis": text()})),
        CommandKind::Deliver => (
            vec!["method"],
            json!({"method": {"enum": ["counter", "mail", "electronic", "proxy"]}, "note": text()}),
        ),
        CommandKind::WithdrawApplication | CommandKind::RequestHearing => (vec![], json!({"reason": text()})),
        CommandKind::Terminate => (
            vec!["ground", "reason"],
            json!({"ground": {"enum": ["applicant_gone", "object_gone", "item_rule"]}, "reason": text()}),
        ),
        CommandKind::Rate => (
            vec!["grade"],
            json!({"grade": {"type": "integer", "minimum": 1, "maximum": 5}, "comment": text()}),
        ),
        CommandKind::Submit
        | CommandKind::Receive
        | CommandKind::Issue
        | CommandKind::Close
        | CommandKind::Archive
        | CommandKind::Resume
        | CommandKind::Watch
        | CommandKind::RecordSeal => (vec![], json!({})),
    }
}

/// Kinds of special procedure, as the API writes them.
const SPECIAL: [&str; 11] = [
    "hearing",
    "tender",
    "auction",
    "test",
    "detection",
    "quarantine",
    "appraisal",
    "expert_review",
    "site_visit",
    "public_notice",
    "technical_assessment",
];

fn command_schema() -> Value {
    let shapes: Vec<Value> = CommandKind::ALL
        .iter()
        .filter(|k| !matches!(k, CommandKind::Submit | CommandKind::RecordSeal | CommandKind::Watch))
        .map(|kind| {
            let (mut required, mut properties) = command_fields(*kind);
            required.insert(0, "type");
            properties["type"] = json!({"const": kind.as_str()});
            properties["version"] =
                json!({"type": "integer", "description": "version the caller saw; a mismatch is 409"});
            let mut shape = object(&required, properties);
            shape["title"] = kind.label().into();
            shape
        })
        .collect();
    json!({"oneOf": shapes, "discriminator": {"propertyName": "type"}})
}

fn clock_trial() -> Value {
    let day = json!({"type": "string", "format": "date"});
    let limit = object(
        &["n", "unit"],
        json!({"n": {"type": "number", "minimum": 0, "maximum": 1000}, "unit": {"enum": ["working_day", "calendar_day", "month", "on_the_spot"]}}),
    );
    let event = object(
        &["type", "on"],
        json!({
            "type": {"enum": [
                "received", "supplement_requested", "supplemented", "accepted", "special_noticed", "special_started",
                "special_ended", "extended", "suspended", "resumed", "decided", "issued", "delivered",
            ]},
            "on": day, "kind": {"enum": SPECIAL}, "n": {"type": "integer", "minimum": 0, "maximum": 65535},
            "by": {"enum": ["agency_head", "government_head", "representative"]}, "due": day, "reason": text(),
        }),
    );
    object(
        &["regime", "today", "events"],
        json!({"regime": text(), "statutory": limit, "promised": limit, "today": day, "events": {"type": "array", "maxItems": 1000, "items": event}}),
    )
}

fn bodies(path: &str, method: &str) -> Option<Value> {
    let answers = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let files =
        json!({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}});
    let schema = match (method, path) {
        ("post", "/api/v1/session") => {
            object(&["name", "password"], json!({"name": text(), "password": text(), "role": text()}))
        }
        ("post", "/api/v1/calendar") => object(
            &["document"],
            json!({
                "document": text(), "date": {"type": "string", "format": "date"},
                "kind": {"enum": ["off", "work", "plain"]}, "name": text(),
                "calendar": {"type": "object", "description": "whole years, in the format of data/calendar.json"},
            }),
        ),
        ("post", "/api/v1/enquiries") => object(
            &["question"],
            json!({"question": text(), "asker": text(), "contact": text(), "entry": text(), "case": text()}),
        ),
        ("post", "/api/v1/enquiries/{no}/commands") => object(
            &["type"],
            json!({
                "type": {"enum": ["hand_over", "acknowledge", "answer", "link"]},
                "account": text(), "agency": text(), "reason": text(), "answer": text(), "case": text(),
            }),
        ),
        ("post", "/api/v1/outages") => object(
            &["reason"],
            json!({"reason": text(), "from": {"type": "integer"}, "to": {"type": "integer"}}),
        ),
        ("post", "/api/v1/outages/{id}/commands") => {
            object(&["type"], json!({"type": {"enum": ["end", "withdraw"]}, "to": {"type": "integer"}}))
        }
        ("post", "/api/v1/drafts") => object(
            &["item", "situation"],
            json!({"item": text(), "situation": text(), "division": text(), "answers": answers}),
        ),
        ("put", "/api/v1/drafts/{id}") => {
            object(&["version"], json!({"version": {"type": "integer"}, "answers": answers, "files": files}))
        }
        ("post", "/api/v1/cases") => object(
            &[],
            json!({"draft": text(), "item": text(), "situation": text(), "division": text(), "answers": answers, "files": files, "paper_received_on": {"type": "string", "format": "date"}}),
        ),
        ("post", "/api/v1/clock/explain") => clock_trial(),
        ("post", "/api/v1/cases/{no}/commands") => json!({"$ref": "#/components/schemas/Command"}),
        ("post", "/api/v1/verify") => {
            let asked = object(&[], json!({"license": text(), "code": text(), "digest": text()}));
            return Some(json!({"required": true, "content": {
                "application/json": {"schema": asked},
                "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            }}));
        }
        ("post", "/api/v1/drafts/{id}/files" | "/api/v1/cases/{no}/files") => {
            return Some(
                json!({"required": true, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}),
            );
        }
        _ => return None,
    };
    Some(json!({"required": true, "content": {"application/json": {"schema": schema}}}))
}

fn queries(path: &str, method: &str) -> &'static [&'static str] {
    match (method, path) {
        ("get", "/api/v1/items") => &["q", "division", "after", "limit"],
        ("get", "/api/v1/outages") => &["after"],
        ("get", "/api/v1/enquiries") => &["view", "after", "limit"],
        ("get", "/api/v1/divisions") => &["parent", "q"],
        ("get", "/api/v1/messages") => &["after", "limit"],
        ("get", "/api/v1/cases") => &["view", "state", "after", "limit"],
        ("post", "/api/v1/drafts/{id}/files" | "/api/v1/cases/{no}/files") => &["material", "name"],
        _ => &[],
    }
}

/// The description.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in super::routes().table {
        let method = route.method.as_str().to_lowercase();
        let mut parameters: Vec<Value> = route
            .path
            .split('/')
            .filter_map(|p| p.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": text()}))
            .collect();
        for name in queries(route.path, &method) {
            parameters.push(
                json!({"name": name, "in": "query", "required": *name == "material", "schema": text()}),
            );
        }
        let writes_case =
            method == "post" && matches!(route.path, "/api/v1/cases" | "/api/v1/cases/{no}/commands");
        if writes_case {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": false, "schema": text(),
                "description": "The same key with the same request is answered again without acting twice.",
            }));
        }
        let mut operation = json!({
            "summary": route.summary,
            "parameters": parameters,
            "responses": {
                "2XX": {"description": "Done"},
                "4XX": {"description": "Problem", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
                "503": {"description": "Busy: see Retry-After"},
            },
        });
        if route.access != Access::Public {
            operation["security"] = json!([{"bearer": []}]);
        }
        if let Some(body) = bodies(route.path, &method) {
            operation["requestBody"] = body;
        }
        let entry = paths.entry(route.path.to_owned()).or_insert_with(|| json!({}));
        entry[method] = operation;
    }
    let states: Vec<&str> = StateName::ALL.iter().map(|s| s.as_str()).collect();
    json!({
        "openapi": "3.1.0",
        "info": {"title": "tongban 通办", "version": env!("CARGO_PKG_VERSION"), "description": "The same acts as the pages: apply, accept, review, decide, deliver, rate, verify."},
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Command": command_schema(),
                "State": {"enum": states},
                "Problem": {
                    "type": "object",
                    "properties": {
                        "type": text(), "title": text(), "status": {"type": "integer"}, "code": text(),
                        "detail": text(), "detail_en": text(),
                        "errors": {"type": "array", "items": {"type": "object", "properties": {"field": text(), "label": text(), "message": text(), "message_en": text()}}},
                    },
                },
            },
        },
    })
}

pub async fn serve() -> Json<Value> {
    Json(document())
}
