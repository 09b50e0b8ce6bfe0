//! 区划代码: the name of a place as a code, whether or not a tree knows it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{IdError, IdKind, open_id, shape, tidy};

/// 行政区划代码 (统计用区划代码): 12 digits, province 2, city 2, county 2, township 3, village 3, filled up with zeros.
#[doc(alias = "行政区划代码")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DivisionCode([u8; 12]);

open_id!(DivisionCode);

impl DivisionCode {
    /// Reads 12 digits, or 6 or 9 that are filled up with zeros.
    ///
    /// # Errors
    /// Another length, or anything but digits.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let text = tidy(text);
        let length = text.chars().count();
        if !matches!(length, 6 | 9 | 12) {
            return Err(IdError::Length { kind: IdKind::Division, given: length });
        }
        shape(IdKind::Division, &text, length, |_, c| c.is_ascii_digit())?;
        let mut digits = [b'0'; 12];
        for (digit, byte) in digits.iter_mut().zip(text.bytes()) {
            *digit = byte;
        }
        Ok(Self(digits))
    }

    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        // Only digits come in, so this is always text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The first six digits, as GB/T 2260 and the issuers of licences write a place down to the county.
    pub fn six(&self) -> &str {
        &self.as_str()[..6]
    }

    /// The 12 digits as one number, for compact tables.
    pub fn packed(self) -> u64 {
        self.0.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
    }

    /// Back from [`DivisionCode::packed`]; digits above the twelfth are dropped.
    pub fn from_packed(packed: u64) -> Self {
        let mut rest = packed;
        let mut digits = [b'0'; 12];
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        Self(digits)
    }
}

impl FromStr for DivisionCode {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for DivisionCode {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<DivisionCode> for String {
    fn from(code: DivisionCode) -> Self {
        code.as_str().into()
    }
}
