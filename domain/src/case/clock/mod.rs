//! The clock of a case (办件时钟): every deadline derived from a ledger under the item's regime, and explained.
//! The ledger is the truth; a stored `due_at` is only an index that [`deadlines`] recomputes.

mod count;
mod explain;
mod ledger;
mod renewal;
mod trial;

pub use count::{
    Deadlines, Due, accepted_by_silence, deadlines, excluded_working_days, notice_due, used_working_days,
};
pub use explain::{Explained, LeftOut, explain};
pub use ledger::{Announced, Asked, Extended, Halt, Interval, Ledger, Procedure, StepClock, TakenOut};
pub use renewal::RenewalWindow;
pub(super) use trial::{SUPPLEMENT_DAYS, extension};
pub use trial::{Trial, TrialApprover, TrialEvent, TrialRefusal, Tried, TriedDeadlines, try_out};

use super::{Case, State};
use crate::calendar::Calendar;
use crate::item::{Limit, LimitUnit, Regime, SpecialKind};

impl Case {
    /// The deadline that presses now: what worklists are ordered by.
    pub fn pressing(&self, regime: &Regime, calendar: &Calendar) -> Option<Due> {
        let all = deadlines(&self.ledger, regime, calendar);
        match self.state {
            State::Submitted { .. } | State::Received { .. } => all.notice,
            State::Supplementing { .. } => all.supplement,
            State::Accepted { .. } | State::Reviewing { .. } | State::Deciding { .. } => all.promised,
            State::Granted { .. } | State::Refused { .. } | State::Issued { .. } => all.issue,
            State::Suspended { .. }
            | State::Delivered { .. }
            | State::Closed { .. }
            | State::Archived { .. }
            | State::Declined { .. }
            | State::Withdrawn { .. }
            | State::Terminated { .. } => None,
        }
    }
}

/// The provision under which a procedure of this kind stops the clock: the regime's special statute, else 许可法 45 where
/// the closed list applies; empty where the clock runs on.
pub(super) fn special_article(regime: &Regime, kind: SpecialKind) -> String {
    match regime.extra_stops.iter().find(|s| s.kind == kind) {
        Some(stop) => stop.basis.clone(),
        None if regime.closed_list && kind.in_closed_list() => {
            "《中华人民共和国行政许可法》第四十五条".into()
        }
        None => String::new(),
    }
}

/// `五个工作日内`, or `当场`.
pub(super) fn within(limit: Limit) -> String {
    match limit.unit {
        LimitUnit::OnTheSpot => "当场".into(),
        LimitUnit::WorkingDay | LimitUnit::CalendarDay | LimitUnit::Month => format!("{}内", limit.label()),
    }
}
