//! Pages for citizens and companies.

use crate::door::Routes;

/// The pages of the portal.
pub fn routes() -> Routes {
    Routes::default()
}
