//! Pages for staff who work on cases: counter, review, decisions, deliveries.

use crate::door::Routes;

/// The pages of the desks.
pub fn routes() -> Routes {
    Routes::default()
}
