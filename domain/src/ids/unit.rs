//! How units are identified: enterprises, institutions, organs of state, social organisations.

use serde::{Deserialize, Serialize};

use super::{IdError, IdKind, check, open_id, shape, text_id, tidy};

/// 统一社会信用代码 (GB 32100): 18 characters, the last a check character.
///
/// Registering department 1, kind of body 1, division 6, body 9, check 1; the alphabet has no I, O, S, V, Z.
/// Whether the division is known is not asked: 雄安 registers under 133100, which no tree lists.
#[doc(alias = "统一社会信用代码")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode(Box<str>);

text_id!(CreditCode);
open_id!(CreditCode);

impl CreditCode {
    /// Reads what a person typed; lower case is taken as upper case.
    ///
    /// # Errors
    /// Length, alphabet or a wrong check character.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let text = tidy(text);
        shape(IdKind::CreditCode, &text, 18, |_, c| check::is_credit_character(c))?;
        if check::credit_code(&text.as_bytes()[..17]) != text.as_bytes()[17] {
            return Err(IdError::Check { kind: IdKind::CreditCode });
        }
        Ok(Self(text.into()))
    }

    /// Completes 17 characters with their check character.
    ///
    /// # Errors
    /// Length (counted with the check character still to come) or alphabet.
    pub fn compute(body17: &str) -> Result<Self, IdError> {
        let mut text = tidy(body17);
        let check = if text.is_ascii() { check::credit_code(text.as_bytes()) } else { b'0' };
        text.push(char::from(check));
        Self::parse(&text)
    }

    /// 登记管理机关行政区划: the six characters of the division that registered the unit.
    pub fn division(&self) -> &str {
        &self.0[2..8]
    }

    /// For text that already was a credit code inside a longer code.
    pub(super) fn within(text: &str) -> Self {
        Self(text.into())
    }
}
