//! How a notice or licence becomes a page (PDF), and how bytes are sealed and checked (SM2 / SM3).
//!
//! Knows paper, fonts, seals and keys. Refuses to know what a case, an item or a deadline is, what time it is,
//! and where a file lies: it is given a [`Sheet`] and a moment, and returns bytes.

mod fonts;
mod literal;
mod outline;
mod qr;
mod sample;
mod sheet;
mod sign;
mod stamp;
mod typeset;

pub use fonts::FontError;
pub use qr::svg as qr_svg;
pub use sheet::{Certificate, Check, Notice, Seal, Sheet, Table};
pub use sign::{SealError, Signer, Sm3Hasher, SoftKey, sm3, sm3_hex, verify};
pub use typeset::{RenderError, Typesetter};
