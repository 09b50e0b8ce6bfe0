//! 办件的两个号: the short reference given at submission and the national number given at receipt.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{IdError, IdKind, LocalItemCode, Part, compact_date, number, open_id, shape, text_id, tidy};

/// 29 characters nobody mixes up (no 0, 1, I, L, O, S, U); 29 is a prime, which the check character needs.
const ALPHABET: &[u8; 29] = b"23456789ABCDEFGHJKMNPQRTVWXYZ";

/// 办件查询号: the public reference of a case, 12 characters read aloud, typed and printed; the last checks the rest.
///
/// Random, so that nobody finds another case by counting. Weights 12 to 1 modulo 29 catch every single wrong
/// character and every exchange of two characters.
#[doc(alias = "办件查询号")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseNo(Box<str>);

text_id!(CaseNo);
open_id!(CaseNo);

impl CaseNo {
    /// Reads what a person typed; lower case is accepted, spaces and hyphens are ignored.
    ///
    /// # Errors
    /// Length, alphabet or a wrong check character.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let mut text = tidy(text);
        text.retain(|c| !matches!(c, '-' | '\u{2010}'..='\u{2015}'));
        shape(IdKind::CaseNo, &text, 12, |_, c| ALPHABET.contains(&c))?;
        if check(&text.as_bytes()[..11]) != text.as_bytes()[11] {
            return Err(IdError::Check { kind: IdKind::CaseNo });
        }
        Ok(Self(text.into()))
    }

    /// Makes a reference from 16 random bytes, always the same from the same bytes (53 bits are used, evenly).
    pub fn from_random(bytes: [u8; 16]) -> Self {
        let mut rest = u128::from_be_bytes(bytes);
        let mut text = Vec::with_capacity(12);
        for _ in 0..11 {
            text.push(ALPHABET[(rest % 29) as usize]);
            rest /= 29;
        }
        text.push(check(&text));
        Self(text.into_iter().map(char::from).collect())
    }

    /// In groups of four, for reading aloud: `K7MP-2QXR-9DTA`.
    pub fn grouped(&self) -> String {
        format!("{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }
}

/// The character that brings the weighted sum (12, 11, … 2, and 1 for itself) to zero modulo 29.
fn check(body: &[u8]) -> u8 {
    let sum: usize = body
        .iter()
        .zip((2..=12).rev())
        .map(|(byte, weight)| weight * ALPHABET.iter().position(|c| c == byte).unwrap_or(0))
        .sum();
    ALPHABET[(29 - sum % 29) % 29]
}

/// 办件编号: the national number, implementation code 31, day 8, serial of that item and day 4 (5 above 9999).
///
/// Given once, at receipt, with that day's date at +08:00, and never changed.
#[doc(alias = "办件编号")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NationalCaseNo(Box<str>);

text_id!(NationalCaseNo);
open_id!(NationalCaseNo);

impl NationalCaseNo {
    /// Reads 43 characters, or 44 with a serial above 9999.
    ///
    /// # Errors
    /// Length, alphabet, a wrong implementation code, a day that does not exist, serial 0 or with a needless zero.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        const KIND: IdKind = IdKind::NationalCaseNo;
        let text = tidy(text);
        let length = if text.chars().count() == 44 { 44 } else { 43 };
        LocalItemCode::inspect(KIND, &text, length)?;
        if compact_date(&text[31..39]).is_none() {
            return Err(IdError::Part { kind: KIND, part: Part::Day });
        }
        let serials = if length == 44 { 10_000..=99_999 } else { 1..=9_999 };
        if !serials.contains(&number(&text[39..])) {
            return Err(IdError::Part { kind: KIND, part: Part::Serial });
        }
        Ok(Self(text.into()))
    }

    /// Puts item, day of receipt and the day's serial (1 to 99999) together.
    ///
    /// # Errors
    /// A serial outside 1 to 99999, or a year that is not four digits.
    pub fn compose(item: &LocalItemCode, day: Date, serial: u32) -> Result<Self, IdError> {
        const KIND: IdKind = IdKind::NationalCaseNo;
        if !(1..=99_999).contains(&serial) {
            return Err(IdError::Part { kind: KIND, part: Part::Serial });
        }
        if day.year() < 0 {
            return Err(IdError::Part { kind: KIND, part: Part::Day });
        }
        let (year, month, date) = (day.year(), day.month(), day.day());
        Ok(Self(format!("{item}{year:04}{month:02}{date:02}{serial:04}").into()))
    }

    /// 实施编码: the implementation code in front.
    pub fn item(&self) -> LocalItemCode {
        LocalItemCode::within(&self.0[..31])
    }

    /// The day of receipt.
    pub fn day(&self) -> Date {
        compact_date(&self.0[31..39]).unwrap_or(Date::ZERO)
    }

    /// 流水: the serial of that item on that day.
    pub fn serial(&self) -> u32 {
        number(&self.0[39..])
    }
}
