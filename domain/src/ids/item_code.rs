//! 事项编码: the codes of items, each one a longer form of the one before (12, 31, 33 digits).
//! They are attributes, never keys: they change when an item is transferred to another organ.

use serde::{Deserialize, Serialize};

use super::{CreditCode, IdError, IdKind, Part, check, number, open_id, shape, text_id, tidy};

/// 基本编码 (GB/T 39554.1-2020): 12 digits naming an item of the directory.
///
/// Region 2 (00 the state, 13 Hebei), kind 2, department of the State Council 2, main item 3, sub-item 3.
#[doc(alias = "基本编码")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CatalogueCode(Box<str>);

text_id!(CatalogueCode);
open_id!(CatalogueCode);

impl CatalogueCode {
    /// Reads 12 digits.
    ///
    /// # Errors
    /// Length, or anything but digits.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let text = tidy(text);
        shape(IdKind::Catalogue, &text, 12, |_, c| c.is_ascii_digit())?;
        Ok(Self(text.into()))
    }

    /// Puts the parts together: 2, 2, 2, 3 and 3 digits.
    ///
    /// # Errors
    /// As [`CatalogueCode::parse`], also when one part is too long and another too short.
    pub fn compose(
        region: &str,
        kind: &str,
        department: &str,
        main: &str,
        sub: &str,
    ) -> Result<Self, IdError> {
        let parts = [(region, 2), (kind, 2), (department, 2), (main, 3), (sub, 3)];
        let mut end = 0;
        for (part, length) in parts {
            end += length;
            if part.chars().count() != length {
                return Err(IdError::Character { kind: IdKind::Catalogue, position: end });
            }
        }
        Self::parse(&parts.map(|(part, _)| part).concat())
    }

    /// 区划: `00` for the state, `13` for Hebei.
    pub fn region(&self) -> &str {
        &self.0[..2]
    }

    /// 事项类型: `01` licence, `05` benefit, …
    pub fn kind(&self) -> &str {
        &self.0[2..4]
    }

    /// 部门: the department of the State Council.
    pub fn department(&self) -> &str {
        &self.0[4..6]
    }

    /// 主项.
    pub fn main(&self) -> &str {
        &self.0[6..9]
    }

    /// 子项, `000` when there is none.
    pub fn sub(&self) -> &str {
        &self.0[9..12]
    }
}

/// 实施编码: 31 characters, the organ's credit code 18, the level of exercise 1, the catalogue code 12.
#[doc(alias = "实施编码")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalItemCode(Box<str>);

text_id!(LocalItemCode);
open_id!(LocalItemCode);

impl LocalItemCode {
    /// Reads 31 characters: `^[0-9A-HJ-NPQRTUWXY]{18}[1-7]\d{12}$`.
    ///
    /// # Errors
    /// Length, alphabet, level, or a wrong check character of the organ's credit code.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let text = tidy(text);
        Self::inspect(IdKind::LocalItem, &text, 31)?;
        Ok(Self(text.into()))
    }

    /// Puts organ, level of exercise (1 to 7) and directory entry together.
    ///
    /// # Errors
    /// A level outside 1 to 7.
    pub fn compose(agency: &CreditCode, use_level: u8, catalogue: &CatalogueCode) -> Result<Self, IdError> {
        if !(1..=7).contains(&use_level) {
            return Err(IdError::Part { kind: IdKind::LocalItem, part: Part::UseLevel });
        }
        Ok(Self(format!("{agency}{use_level}{catalogue}").into()))
    }

    /// 实施主体: the credit code of the organ.
    pub fn agency(&self) -> CreditCode {
        CreditCode::within(&self.0[..18])
    }

    /// 行使层级: the digit 1 to 7.
    pub fn use_level(&self) -> u8 {
        self.0.as_bytes()[18] - b'0'
    }

    /// 基本编码 of the directory entry.
    pub fn catalogue(&self) -> CatalogueCode {
        CatalogueCode(self.0[19..31].into())
    }

    /// Checks a text whose first 31 characters should be an implementation code and whose others are digits.
    pub(super) fn inspect(kind: IdKind, text: &str, length: usize) -> Result<(), IdError> {
        shape(
            kind,
            text,
            length,
            |at, c| if at < 18 { check::is_credit_character(c) } else { c.is_ascii_digit() },
        )?;
        let bytes = text.as_bytes();
        if check::credit_code(&bytes[..17]) != bytes[17] {
            return Err(IdError::Part { kind, part: Part::Agency });
        }
        if !matches!(bytes[18], b'1'..=b'7') {
            return Err(IdError::Part { kind, part: Part::UseLevel });
        }
        Ok(())
    }

    /// For text that already was an implementation code inside a longer code.
    pub(super) fn within(text: &str) -> Self {
        Self(text.into())
    }
}

/// 业务办理项编码: 33 characters, an implementation code and a sequence from 01 to 99.
#[doc(alias = "业务办理项编码")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HandlingCode(Box<str>);

text_id!(HandlingCode);
open_id!(HandlingCode);

impl HandlingCode {
    /// Reads 33 characters.
    ///
    /// # Errors
    /// As [`LocalItemCode::parse`], or the sequence 00.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let text = tidy(text);
        LocalItemCode::inspect(IdKind::Handling, &text, 33)?;
        if number(&text[31..]) == 0 {
            return Err(IdError::Part { kind: IdKind::Handling, part: Part::Sequence });
        }
        Ok(Self(text.into()))
    }

    /// Puts implementation code and sequence (1 to 99) together.
    ///
    /// # Errors
    /// A sequence outside 1 to 99.
    pub fn compose(item: &LocalItemCode, sequence: u8) -> Result<Self, IdError> {
        if !(1..=99).contains(&sequence) {
            return Err(IdError::Part { kind: IdKind::Handling, part: Part::Sequence });
        }
        Ok(Self(format!("{item}{sequence:02}").into()))
    }

    /// 实施编码: the implementation code in front.
    pub fn item(&self) -> LocalItemCode {
        LocalItemCode::within(&self.0[..31])
    }

    /// 顺序: 1 to 99.
    pub fn sequence(&self) -> u8 {
        number(&self.0[31..]) as u8
    }
}
