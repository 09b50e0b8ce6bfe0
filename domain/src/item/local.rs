//! Local items (实施清单): an entry of the catalogue as one organ of one place exercises it.
//! Knows who carries which entry and what a place may say differently; refuses to know cases and accounts.

mod carry;
mod directory;
mod effective;

#[cfg(test)]
mod tests;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Limit;
use crate::ids::{DivisionCode, LocalItemCode};

pub use carry::{Carried, carry};
pub use directory::{Directory, DirectoryError};
pub use effective::EffectiveItem;

/// 实施清单条目: one catalogue entry as one organ of one place exercises it. It inherits everything and stores
/// only what differs.
#[doc(alias = "实施清单")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalItem {
    /// Stable key: entry and division (`X03@130102000000`).
    pub key: String,
    /// The catalogue entry's id.
    pub entry: String,
    /// The place.
    pub division: DivisionCode,
    /// 实施机关: key of the agency that exercises the power, the approval bureau where it was reallocated.
    pub agency: String,
    /// 行业主管（监管）部门: key of the agency that regulates what is approved.
    pub regulator: String,
    /// 办理大厅: key of the hall where it is handled.
    pub hall: String,
    /// 实施编码, 31 characters. An attribute, never a key: it changes when the power is transferred.
    pub code: LocalItemCode,
    /// 状态.
    pub status: LocalStatus,
    /// 版本, from 1; a case keeps the version it was accepted under.
    pub version: u32,
    /// 计划生效日.
    #[serde(default)]
    pub effective_on: Option<Date>,
    /// 计划取消日.
    #[serde(default)]
    pub cancelled_on: Option<Date>,
    /// What this place says differently.
    #[serde(default)]
    pub differs: Differs,
}

impl LocalItem {
    /// The key of an entry at a place.
    pub fn key_of(entry: &str, division: DivisionCode) -> String {
        format!("{entry}@{division}")
    }

    /// Whether it can be applied for on a day: in use, begun and not cancelled. Cases under way go on either way.
    pub fn open_on(&self, day: Date) -> bool {
        self.status == LocalStatus::InUse
            && self.effective_on.is_none_or(|from| from <= day)
            && self.cancelled_on.is_none_or(|until| day < until)
    }
}

/// 状态 of a local item (在用 1, 暂停 2, 取消 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalStatus {
    /// 在用
    InUse,
    /// 暂停
    Suspended,
    /// 取消
    Cancelled,
}

impl LocalStatus {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::InUse => "在用",
            Self::Suspended => "暂停",
            Self::Cancelled => "取消",
        }
    }
}

/// 差异要素: what a place may say differently from the catalogue. Name, kind, basis, conditions, materials and the
/// statutory limit are not among them: they are the same in the whole province (三级四同), and a place must not add
/// conditions of its own (许可法 16).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Differs {
    /// 承诺办结时限, not longer than the catalogue's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised: Option<Limit>,
    /// 办理地点, when not the hall.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// 办理时间, when not the hall's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// 咨询电话, when not the hall's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// 监督投诉电话, when not the city's 12345.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supervision_phone: Option<String>,
    /// 行政复议机关, when not the rule's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_organ: Option<String>,
    /// 行政诉讼管辖法院, when not the rule's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub litigation_court: Option<String>,
}
