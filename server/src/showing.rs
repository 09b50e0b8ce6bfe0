//! What pages and API may show of a case: the one mask of answers, and of names in lists; and messages in words.

use serde_json::Value;
use tongban_domain::case::Topic;
use tongban_domain::ids::{MobileNumber, ResidentId};
use tongban_domain::item::FieldKind;
use tongban_domain::party::mask_name;

use crate::app::App;
use crate::casefile::CaseFile;
use crate::store::messages::Message;
use crate::wording::{About, Told};

/// Answers with identifiers masked: whole ones stand in the application form only.
pub fn masked_answers(file: &CaseFile) -> Value {
    file.answers
        .iter()
        .map(|(key, value)| {
            let kind = file.entry.form.field(key).map(|f| f.kind);
            (key.clone(), Value::from(mask(kind, value)))
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The one mask of answers: resident ids and mobile numbers, by the domain's own masks.
pub fn mask(kind: Option<FieldKind>, value: &str) -> String {
    match kind {
        Some(FieldKind::ResidentId) => {
            ResidentId::parse(value).map(|i| i.masked()).unwrap_or_else(|_| "*".repeat(value.chars().count()))
        }
        Some(FieldKind::Mobile) => MobileNumber::parse(value)
            .map(|m| m.masked())
            .unwrap_or_else(|_| "*".repeat(value.chars().count())),
        _ => value.to_owned(),
    }
}

/// A name in a list that staff read: organisations are open, persons are not.
pub fn listed_name(kind: &str, name: &str) -> String {
    if kind == "organisation" { name.to_owned() } else { mask_name(name) }
}

/// A message in words.
pub fn told(app: &App, message: &Message) -> Told {
    let about = About {
        topic: Topic::parse(&message.topic),
        no: &message.no,
        entry: &message.entry,
        due: message.due.as_deref(),
    };
    app.wording.tell(about, &app.catalogue(), &app.config.base_url)
}
