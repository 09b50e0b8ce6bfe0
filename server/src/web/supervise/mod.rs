//! Pages for those who watch over the platform's work.

mod outages;

use tongban_domain::permit::Role;

use super::Visit;
use crate::door::{Access, Routes};

/// The pages of supervision.
pub fn routes() -> Routes {
    const DECLARE: Access = Access::Staff(&[Role::Supervisor, Role::Admin]);
    Routes::default()
        .get("/supervise/outages", DECLARE, "Outages, and the form to declare one", outages::list)
        .post("/supervise/outages", DECLARE, "Declare an outage", outages::declare)
        .post("/supervise/outages/{id}/end", DECLARE, "An outage is over", outages::end)
        .post("/supervise/outages/{id}/withdraw", DECLARE, "Take an outage back", outages::withdraw)
}
