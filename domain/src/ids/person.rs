//! How people are identified and reached. All types print masked.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{IdError, IdKind, Part, check, compact_date, masked_id, number, shape, text_id, tidy};

/// 公民身份号码 (GB 11643): 18 characters, the last a check character.
///
/// The first six digits are the place of first registration under the codes of that year, so only the first two
/// are looked at (11 to 91): no old code is refused for having been abolished since.
#[doc(alias = "公民身份号码")]
#[doc(alias = "身份证")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResidentId(Box<str>);

text_id!(ResidentId);
masked_id!(ResidentId);

impl ResidentId {
    /// Reads what a person typed; a lower-case `x` is taken as `X`.
    ///
    /// # Errors
    /// Length, alphabet, province outside 11 to 91, a birth date that does not exist or lies outside 1800 to 2199,
    /// or a wrong check character.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        const KIND: IdKind = IdKind::ResidentId;
        let text = tidy(text);
        shape(KIND, &text, 18, |at, c| c.is_ascii_digit() || (at == 17 && c == b'X'))?;
        if !(11..=91).contains(&number(&text[..2])) {
            return Err(IdError::Part { kind: KIND, part: Part::Province });
        }
        if compact_date(&text[6..14]).is_none_or(|date| !(1800..2200).contains(&date.year())) {
            return Err(IdError::Part { kind: KIND, part: Part::BirthDate });
        }
        if check::resident_id(&text.as_bytes()[..17]) != text.as_bytes()[17] {
            return Err(IdError::Check { kind: KIND });
        }
        Ok(Self(text.into()))
    }

    /// The date of birth written inside the number.
    pub fn birth_date(&self) -> Date {
        compact_date(&self.0[6..14]).unwrap_or(Date::ZERO)
    }

    /// For pages and logs: the first three and last four characters, `130***********1234`.
    pub fn masked(&self) -> String {
        format!("{}***********{}", &self.0[..3], &self.0[14..])
    }
}

/// 手机号码: 11 digits from 13 to 19 on, without country code.
#[doc(alias = "手机号码")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MobileNumber(Box<str>);

text_id!(MobileNumber);
masked_id!(MobileNumber);

impl MobileNumber {
    /// Reads what a person typed; spaces, dashes and the country code (`+86`, `0086`, `86`) are dropped.
    ///
    /// # Errors
    /// Length, anything but digits, or a beginning outside 13 to 19.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        const KIND: IdKind = IdKind::Mobile;
        let mut text = tidy(text);
        text.retain(|c| !matches!(c, '-' | '\u{2010}'..='\u{2015}' | '(' | ')'));
        let without_code =
            ["+86", "0086"].into_iter().find_map(|code| text.strip_prefix(code)).unwrap_or(&text);
        let bare = match without_code.strip_prefix("86") {
            Some(rest) if rest.len() == 11 => rest,
            _ => without_code,
        };
        shape(KIND, bare, 11, |_, c| c.is_ascii_digit())?;
        if !(13..=19).contains(&number(&bare[..2])) {
            return Err(IdError::Part { kind: KIND, part: Part::MobilePrefix });
        }
        Ok(Self(bare.into()))
    }

    /// For pages and logs: `138****5678`.
    pub fn masked(&self) -> String {
        format!("{}****{}", &self.0[..3], &self.0[7..])
    }
}

/// 邮箱地址: a name, one `@` and a domain with a dot, in ASCII and without quotes, so that it stands in a header as it is.
#[doc(alias = "邮箱地址")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress(Box<str>);

text_id!(MailAddress);
masked_id!(MailAddress);

impl MailAddress {
    /// Reads what a person typed; spaces around it are dropped, full-width signs become half-width, and the domain is
    /// written in lower case. The name keeps its case: to some servers it matters.
    ///
    /// # Errors
    /// Length, a character that mail addresses of people do not have, or parts that are not name and domain.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        const KIND: IdKind = IdKind::Mail;
        let text: String = text.trim().chars().map(half_width).collect();
        let given = text.chars().count();
        if !(6..=254).contains(&given) {
            return Err(IdError::Length { kind: KIND, given });
        }
        // No star, though the standard has it: it is what our own masks are made of.
        let known = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'+/=?^_`{|}~-@".contains(c);
        if let Some(at) = text.chars().position(|c| !known(c)) {
            return Err(IdError::Character { kind: KIND, position: at + 1 });
        }
        let shape = IdError::Part { kind: KIND, part: Part::MailShape };
        let (name, domain) = text.split_once('@').ok_or(shape)?;
        let dotted = |part: &str| part.split('.').all(|piece| !piece.is_empty());
        let label = |piece: &str| {
            piece.len() <= 63
                && !piece.starts_with('-')
                && !piece.ends_with('-')
                && piece.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let named = name.len() <= 64 && dotted(name);
        if !named || !dotted(domain) || !domain.contains('.') || !domain.split('.').all(label) {
            return Err(shape);
        }
        Ok(Self(format!("{name}@{}", domain.to_ascii_lowercase()).into()))
    }

    /// For pages and logs: `z***@example.cn`.
    pub fn masked(&self) -> String {
        let (name, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        format!("{}***@{domain}", &name[..1])
    }
}

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}
