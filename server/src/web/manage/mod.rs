//! Pages for those who run the place: staff, posts, authorities, self-check.

use crate::door::Routes;

/// The pages of administration.
pub fn routes() -> Routes {
    Routes::default()
}
