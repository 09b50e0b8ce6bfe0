//! What follows from an event: duties that become rows in the same transaction.

use super::{Case, Event, Telling, tellings};
use crate::ids::Id;

/// A duty that an event creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Render and seal a document.
    SealDocument {
        /// Document row.
        document: Id,
    },
    /// Enter the licence in the register of licences.
    RegisterLicence,
    /// The case is over: the same application may be filed again.
    FreeTwin,
    /// Tell somebody what changed.
    Tell(Telling),
}

/// The duties that follow from an event, given the case after it.
pub fn effects(case: &Case, event: &Event) -> Vec<Effect> {
    let mut duties: Vec<Effect> =
        event.documents().iter().map(|d| Effect::SealDocument { document: d.id }).collect();
    if matches!(event, Event::Issued { .. }) && case.licence().is_some() {
        duties.push(Effect::RegisterLicence);
    }
    if matches!(
        event,
        Event::Closed | Event::Declined { .. } | Event::Withdrawn { .. } | Event::Terminated { .. }
    ) {
        duties.push(Effect::FreeTwin);
    }
    duties.extend(tellings(case, event).into_iter().map(Effect::Tell));
    duties
}
