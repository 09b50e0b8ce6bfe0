//! The watch (电子监察): which rule raises which mark, by the clock and at once, and how a mark is answered, contested and
//! closed. Rules are data with parameters; what a rule tests is here. Knows one case at a time.

mod answers;
mod at_once;
mod mark;
mod rule;
mod timed;

pub(super) use answers::{answer, close, contest};
pub(super) use at_once::{at_once, back_dated};
pub use mark::{Figure, Light, Mark, MarkState};
pub use rule::{MarkRule, MarkRules, MarkRulesError, Test};
pub(super) use timed::watch;
pub use timed::{Trigger, next_wake, triggers};
