//! How personal data is shown, the same at both doors.

use tongban_domain::ids::{MobileNumber, ResidentId};
use tongban_domain::item::FieldKind;

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
