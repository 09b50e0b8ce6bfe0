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
            json!({"rows": {"type": "array", "items": object(&["target", "problem", "fix"], json!({"target": text(), "problem": text(), "fix": text()}))}, "due": {"type": "string", "format": "date"}}),
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
        CommandKind::Return | CommandKind::Suspend => (vec!["reason"], json!({"reason": text()})),
        CommandKind::Grant => (vec![], json!({"opinion": text()})),
        CommandKind::Refuse => (vec!["reason", "basis"], json!({"reason": text(), "basis": text()})),
        CommandKind::Deliver => (
            vec!["method"],
            json!({"method": {"enum": ["counter", "mail", "electronic", "proxy"]}, "note": text()}),
        ),
        CommandKind::WithdrawApplication => (vec![], json!({"reason": text()})),
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
        | CommandKind::RecordSeal => (vec![], json!({})),
    }
}

fn command_schema() -> Value {
    let shapes: Vec<Value> = CommandKind::ALL
        .iter()
        .filter(|k| !matches!(k, CommandKind::Submit | CommandKind::RecordSeal))
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

fn bodies(path: &str, method: &str) -> Option<Value> {
    let answers = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let files =
        json!({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}});
    let schema = match (method, path) {
        ("post", "/api/v1/session") => {
            object(&["name", "password"], json!({"name": text(), "password": text(), "role": text()}))
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
            json!({"draft": text(), "item": text(), "situation": text(), "division": text(), "answers": answers, "files": files}),
        ),
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
