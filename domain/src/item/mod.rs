//! Items (政务服务事项): what can be applied for, under which law, with which papers, in what time.
//! Knows the catalogue entry, the local item that inherits from it and the publishing lint.
//! Refuses to know cases, places on a map or who is signed in.

mod entry;
mod form;
mod lint;
mod local;
mod material;
mod regime;
mod search;

pub use entry::*;
pub use form::*;
pub use lint::{Finding, lint};
pub use local::*;
pub use material::*;
pub use regime::*;
pub use search::{Index, Synonyms};
