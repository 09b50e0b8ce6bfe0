//! Items (政务服务事项): what can be applied for, under which law, with which papers, in what time.
//! Knows the catalogue entry, the local item that inherits from it and the publishing lint.
//! Refuses to know cases, places on a map or who is signed in.

mod entry;
mod form;
mod lint;
mod local;
mod material;
mod parts;
mod regime;
#[cfg(any(test, feature = "sample"))]
mod sample;
mod search;

pub use entry::*;
pub use form::*;
pub use lint::{Finding, Severity, lint, lint_local, may_be_later};
pub use local::*;
pub use material::*;
pub use parts::*;
pub use regime::*;
pub use search::{Index, Synonyms};
