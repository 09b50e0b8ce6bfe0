//! 电子证照标识 (GB/T 36904): the identifier of an electronic licence.

use serde::{Deserialize, Serialize};

use super::{IdError, IdKind, Part, check, number, open_id, text_id, tidy};

/// The object identifier under which all electronic licences of the country stand, with its last dot.
const ROOT: &str = "1.2.156.3005.2.";
const KIND: IdKind = IdKind::Licence;

/// 电子证照标识: `1.2.156.3005.2.{type}.{issuer}.{serial}.{version}.{check}`.
///
/// The check character is ISO 7064 MOD 37,36 over the parts without root and dots.
#[doc(alias = "电子证照标识")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LicenceId(Box<str>);

text_id!(LicenceId);
open_id!(LicenceId);

impl LicenceId {
    /// Reads an identifier with its root.
    ///
    /// # Errors
    /// Another root or number of parts, a part of the wrong shape, or a wrong check character.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let text = tidy(text);
        let structure = IdError::Part { kind: KIND, part: Part::Structure };
        let parts: Vec<&str> = text.strip_prefix(ROOT).ok_or(structure)?.split('.').collect();
        let [licence_type, issuer, serial, version, check] = parts[..] else { return Err(structure) };
        if version.len() != 3 {
            return Err(IdError::Part { kind: KIND, part: Part::Version });
        }
        let version = version.parse().map_err(|_| IdError::Part { kind: KIND, part: Part::Version })?;
        let right = Self::compose(licence_type, issuer, serial, version)?;
        if check.len() != 1 {
            return Err(structure);
        }
        if right.as_str() != text {
            return Err(IdError::Check { kind: KIND });
        }
        Ok(right)
    }

    /// Puts the parts together: type 21 (credit code and three digits), issuer 18 (credit code) or 6 (division),
    /// a serial of 1 to 64 digits or capital letters, version 1 to 999.
    ///
    /// # Errors
    /// The part that has the wrong shape.
    pub fn compose(licence_type: &str, issuer: &str, serial: &str, version: u16) -> Result<Self, IdError> {
        let wrong = |part| Err(IdError::Part { kind: KIND, part });
        let (licence_type, issuer, serial) = (tidy(licence_type), tidy(issuer), tidy(serial));
        let plain = |text: &str| text.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
        if licence_type.len() != 21 || !plain(&licence_type) {
            return wrong(Part::LicenceType);
        }
        let division = issuer.len() == 6 && issuer.bytes().all(|c| c.is_ascii_digit());
        if !division && (issuer.len() != 18 || !plain(&issuer)) {
            return wrong(Part::Issuer);
        }
        if !(1..=64).contains(&serial.len()) || !plain(&serial) {
            return wrong(Part::LicenceSerial);
        }
        if !(1..=999).contains(&version) {
            return wrong(Part::Version);
        }
        let body = format!("{licence_type}.{issuer}.{serial}.{version:03}");
        let check = char::from(check::mod_37_36(body.bytes().filter(|&c| c != b'.')));
        Ok(Self(format!("{ROOT}{body}.{check}").into()))
    }

    /// 证照类型代码: 21 characters.
    pub fn licence_type(&self) -> &str {
        self.part(0)
    }

    /// 颁发机构代码: a credit code, or a division of six digits.
    pub fn issuer(&self) -> &str {
        self.part(1)
    }

    /// 流水号.
    pub fn serial(&self) -> &str {
        self.part(2)
    }

    /// 版本: 1 to 999.
    pub fn version(&self) -> u16 {
        number(self.part(3)) as u16
    }

    fn part(&self, at: usize) -> &str {
        self.0[ROOT.len()..].split('.').nth(at).unwrap_or_default()
    }
}
