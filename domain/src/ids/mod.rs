//! 标识: every identifier the platform reads or makes, as a type that cannot hold a wrong one.
//! Knows lengths, alphabets and check characters; refuses to know whether a person, a unit or an item exists.
//!
//! Parsing tidies what people type (full-width characters, spaces, invisible marks, lower case) and then
//! insists: a value of one of these types is well formed. What identifies a person never leaks into a log:
//! [`ResidentId`], [`MobileNumber`] and [`MailAddress`] print masked and have no `Display`.

mod case_no;
mod check;
mod division_code;
mod error;
mod item_code;
mod licence_id;
mod number;
mod person;
mod unit;

#[cfg(test)]
mod tests;

pub use case_no::{CaseNo, NationalCaseNo};
pub use division_code::DivisionCode;
pub use error::{IdError, IdKind, Part};
pub use item_code::{CatalogueCode, HandlingCode, LocalItemCode};
pub use licence_id::LicenceId;
pub use number::Id;
pub use person::{MailAddress, MobileNumber, ResidentId};
pub use unit::CreditCode;

/// What every textual identifier offers besides `parse`: its text, and conversions for serde and `FromStr`.
macro_rules! text_id {
    ($name:ident) => {
        impl $name {
            /// The text in its one written form (upper case, no spaces).
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ids::IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::ids::IdError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    };
}

/// `Display` and `Debug` for identifiers that are no secret.
macro_rules! open_id {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }
    };
}

/// Only `Debug`, and masked: for identifiers of people.
macro_rules! masked_id {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.masked())
            }
        }
    };
}

pub(crate) use {masked_id, open_id, text_id};

/// What people type or paste, in plain form: half-width, upper case, without spaces and invisible marks.
fn tidy(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !c.is_whitespace()
                && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
        })
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Refuses any text that is not exactly `length` characters, each accepted by `allowed` (given its position).
fn shape(
    kind: IdKind,
    text: &str,
    length: usize,
    allowed: impl Fn(usize, u8) -> bool,
) -> Result<(), IdError> {
    let given = text.chars().count();
    if given != length {
        return Err(IdError::Length { kind, given });
    }
    match text.chars().enumerate().find(|&(at, c)| !u8::try_from(c).is_ok_and(|byte| allowed(at, byte))) {
        Some((at, _)) => Err(IdError::Character { kind, position: at + 1 }),
        None => Ok(()),
    }
}

/// Decimal digits as a number; anything else counts as zero, so call it on checked text.
fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or(0)
}

/// `yyyymmdd` as a date that exists.
fn compact_date(digits: &str) -> Option<jiff::civil::Date> {
    let year = digits.get(..4)?.parse().ok()?;
    let month = digits.get(4..6)?.parse().ok()?;
    let day = digits.get(6..8)?.parse().ok()?;
    jiff::civil::Date::new(year, month, day).ok()
}
