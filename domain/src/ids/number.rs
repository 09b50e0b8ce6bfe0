//! 系统编号: keys made by the program, never by the database.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{IdError, IdKind, Part};

/// 系统编号: a 63-bit number, in order of time: milliseconds since 2020 (41 bits), node (10), sequence (12).
/// Never negative; 0 names nobody, as for acts of the platform itself.
///
/// In JSON it is a string, because JavaScript numbers lose digits beyond 2⁵³; a plain number is read too.
#[doc(alias = "系统编号")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(i64);

impl Id {
    /// 2020-01-01T00:00:00Z in epoch milliseconds: subtract it from an instant before [`Id::compose`].
    pub const EPOCH_MS: i64 = 1_577_836_800_000;

    /// The largest node.
    pub const MAX_NODE: u16 = 0x3ff;

    /// The largest sequence within one millisecond.
    pub const MAX_SEQUENCE: u16 = 0xfff;

    const MAX_MS: i64 = (1 << 41) - 1;

    /// Builds the number from milliseconds since 2020-01-01T00:00Z (good until 2089), node and sequence.
    ///
    /// What lies outside its bits is held at the nearest end, so that no field ever spills into its neighbour.
    pub fn compose(ms: i64, node: u16, sequence: u16) -> Self {
        let ms = ms.clamp(0, Self::MAX_MS);
        let node = i64::from(node.min(Self::MAX_NODE));
        let sequence = i64::from(sequence.min(Self::MAX_SEQUENCE));
        Self((ms << 22) | (node << 12) | sequence)
    }

    /// Reads a whole number that is not negative.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let digits = text.trim();
        let wrong = IdError::Part { kind: IdKind::Number, part: Part::Whole };
        if !digits.bytes().all(|c| c.is_ascii_digit()) {
            return Err(wrong);
        }
        digits.parse().ok().map(Self).ok_or(wrong)
    }

    /// The number, as the database stores it.
    pub fn get(self) -> i64 {
        self.0
    }

    /// Milliseconds since 2020-01-01T00:00Z.
    pub fn ms(self) -> i64 {
        self.0 >> 22
    }

    /// The node that made it.
    pub fn node(self) -> u16 {
        ((self.0 >> 12) & i64::from(Self::MAX_NODE)) as u16
    }

    /// Its place among those the node made in the same millisecond.
    pub fn sequence(self) -> u16 {
        (self.0 & i64::from(Self::MAX_SEQUENCE)) as u16
    }
}

impl From<i64> for Id {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

impl From<Id> for i64 {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl FromStr for Id {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.0)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrText)
    }
}

struct NumberOrText;

impl de::Visitor<'_> for NumberOrText {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number that is not negative, plain or as a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
        Id::parse(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Id, E> {
        Id::parse(&number.to_string()).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Id, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(-1))
    }
}
