//! The item as it stands at a place: the entry, overlaid with what the place says differently.

use super::LocalItem;
use crate::agency::{Agency, Hall};
use crate::ids::{HandlingCode, IdError};
use crate::item::{CatalogueEntry, Level, Limit, Situation};

/// 事项（生效要素）: entry and local item together with the organs and the hall they name; what pages and cases read.
#[derive(Debug, Clone, Copy)]
pub struct EffectiveItem<'a> {
    /// The catalogue entry: everything that is the same in the whole province.
    pub entry: &'a CatalogueEntry,
    /// The local item.
    pub local: &'a LocalItem,
    /// 实施机关, in whose name is decided.
    pub agency: &'a Agency,
    /// 监管部门, which receives the decision.
    pub regulator: &'a Agency,
    /// 大厅, where it is handled.
    pub hall: &'a Hall,
}

impl<'a> EffectiveItem<'a> {
    /// 事项名称.
    pub fn name(&self) -> &'a str {
        &self.entry.name
    }

    /// 行使层级 of the power; the organ may stand lower (village items) or act higher (定州, 辛集).
    pub fn level(&self) -> Level {
        self.entry.level
    }

    /// 承诺办结时限.
    pub fn promised(&self) -> Limit {
        self.local.differs.promised.unwrap_or(self.entry.promised)
    }

    /// 办理地点.
    pub fn place(&self) -> &'a str {
        self.local.differs.place.as_deref().unwrap_or(&self.hall.address)
    }

    /// 办理时间.
    pub fn hours(&self) -> &'a str {
        self.local.differs.hours.as_deref().unwrap_or(&self.hall.hours)
    }

    /// 咨询电话.
    pub fn phone(&self) -> &'a str {
        self.local.differs.phone.as_deref().unwrap_or(&self.hall.phone)
    }

    /// 监督投诉电话.
    pub fn supervision_phone(&self) -> &'a str {
        self.local.differs.supervision_phone.as_deref().unwrap_or(&self.hall.supervision_phone)
    }

    /// 行政复议机关 (行政复议法 2023, 24).
    pub fn review_organ(&self) -> &'a str {
        self.local.differs.review_organ.as_deref().unwrap_or(&self.agency.review_organ)
    }

    /// 行政诉讼管辖法院.
    pub fn litigation_court(&self) -> &'a str {
        self.local.differs.litigation_court.as_deref().unwrap_or(&self.agency.litigation_court)
    }

    /// 业务办理项编码 of a situation, 33 characters.
    ///
    /// # Errors
    /// A situation number that is not 01 to 99; the lint refuses such an entry.
    pub fn handling_code(&self, situation: &Situation) -> Result<HandlingCode, IdError> {
        HandlingCode::compose(&self.local.code, situation.number.parse().unwrap_or(0))
    }
}
