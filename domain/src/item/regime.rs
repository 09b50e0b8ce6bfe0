//! The time regime (时限制度) of an item: from what its clock runs, what stops it and who may extend it.
//! Knows figures and articles as data; refuses to count days (the calendar does) or to know a case.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ItemKind, Limit, LimitUnit, SpecialKind, SpecialProcedure};

/// 时限制度代号: which regime an item follows. Regimes are data, so the key is a string (`licence`).
#[doc(alias = "时限制度代号")]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegimeKey(String);

impl RegimeKey {
    /// 行政许可（一般程序）, the regime of most licences.
    pub const LICENCE: &str = "licence";
    /// 行政许可（统一、联合、集中办理）.
    pub const LICENCE_JOINT: &str = "licence_joint";
    /// 不动产登记.
    pub const REAL_ESTATE_REGISTRATION: &str = "real_estate_registration";
    /// 市场主体登记.
    pub const MARKET_ENTITY_REGISTRATION: &str = "market_entity_registration";
    /// 建筑工程施工许可.
    pub const CONSTRUCTION_PERMIT: &str = "construction_permit";
    /// 建设项目环境影响评价文件审批.
    pub const ENVIRONMENTAL_ASSESSMENT: &str = "environmental_assessment";
    /// 社会团体登记.
    pub const SOCIAL_ORGANISATION_REGISTRATION: &str = "social_organisation_registration";
    /// 行政许可 whose own statute counts from receipt of the application.
    pub const LICENCE_FROM_RECEIPT: &str = "licence_from_receipt";
    /// 普通护照签发.
    pub const PASSPORT: &str = "passport";
    /// 居民身份证申领、换领、补领.
    pub const IDENTITY_CARD: &str = "identity_card";
    /// 许可以外的事项: the special rules of each and the agency's promise.
    pub const SERVICE: &str = "service";

    /// A key; whether a regime of that name exists is the lint's question.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegimeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for RegimeKey {
    fn from(key: &str) -> Self {
        Self::new(key)
    }
}

/// 时限制度: the law of one family of clocks. Data, because statutes change more often than programs.
#[doc(alias = "时限制度")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// Its key.
    pub key: RegimeKey,
    /// 名称.
    pub name: String,
    /// The kinds of item it may govern: 许可法 governs 行政许可 only.
    pub applies_to: Vec<ItemKind>,
    /// The provisions it is taken from.
    pub basis: Vec<Citation>,
    /// 起算点: from what the statutory and the promised clock run.
    pub starts: ClockStart,
    /// 告知期: how long the agency may look before it accepts, asks for more or declines (许可法 32).
    pub notice: Notice,
    /// The statutory limit where the item's own statute says nothing (许可法 42); none where the law has none.
    pub default_limit: Option<Limit>,
    /// 延长: none where the statute knows no extension.
    pub extension: Option<Extension>,
    /// Whether the closed list of 许可法 45 stops the clock (hearing, tender, auction, test, detection,
    /// quarantine, appraisal, expert review), where the law requires the procedure and its length was announced.
    pub closed_list: bool,
    /// What else stops the clock, each by its own statute.
    pub extra_stops: Vec<Stop>,
    /// 颁发送达期限 after the decision (许可法 44: 10 days, in working days under 82); none where no law sets it.
    pub issue_and_deliver: Option<Limit>,
    /// What 日 means in this regime's statutes when they do not say (许可法 82: working days).
    pub day_unit: LimitUnit,
    /// How sure the figures are, in percent. Below 95 a lawyer must confirm before live use.
    pub confidence: u8,
    /// What the lawyer is asked; never empty below 95.
    pub lawyer_note: String,
}

/// One provision a regime is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// 法律名称, without book-title marks.
    pub law: String,
    /// 条款号.
    pub article: String,
    /// The gist.
    pub text: String,
}

/// 起算点 of the statutory clock. The day itself is never counted (民法典 201).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockStart {
    /// 受理之日 (许可法 42)
    Acceptance,
    /// 收到申请之日 (建筑法 8, 环境影响评价法 22); where materials had to be put right, the day the last came in.
    Receipt,
    /// 收到全部有效文件之日 (社会团体登记管理条例 12)
    ValidDocuments,
}

impl ClockStart {
    /// The Chinese words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Acceptance => "自受理之日起",
            Self::Receipt => "自收到申请之日起",
            Self::ValidDocuments => "自收到全部有效文件之日起",
        }
    }
}

/// 告知期 before acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// How long, counted from receipt; `on_the_spot` where the answer must be given at once.
    pub limit: Limit,
    /// 逾期不告知即为受理: whether silence means accepted from the day of receipt (许可法 32).
    pub silence_accepts: bool,
}

impl Notice {
    /// 未当场告知视为受理: whether not being told on the spot already means accepted (不动产登记暂行条例 17).
    pub fn untold_on_the_spot_is_accepted(self) -> bool {
        self.silence_accepts && self.limit.unit == LimitUnit::OnTheSpot
    }
}

/// 延长期限, approved and told with reasons before the limit ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// By how many at most, once.
    pub days: u16,
    /// Of what.
    pub unit: LimitUnit,
    /// Who approves; a chief representative may ask, not approve.
    pub approver: Approver,
    /// The provision.
    pub basis: String,
}

/// Who may extend a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approver {
    /// 本行政机关负责人 (许可法 42 第一款)
    AgencyHead,
    /// 本级人民政府负责人 (许可法 42 第二款)
    GovernmentHead,
}

impl Approver {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::AgencyHead => "本行政机关负责人",
            Self::GovernmentHead => "本级人民政府负责人",
        }
    }
}

/// A procedure that stops the clock by a statute of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Which procedure.
    pub kind: SpecialKind,
    /// The provision.
    pub basis: String,
}

impl Regime {
    /// Whether a procedure of this kind stops the clock by the regime itself, without a statute named on the item.
    pub fn stops(&self, kind: SpecialKind) -> bool {
        (self.closed_list && kind.in_closed_list()) || self.extra_stops.iter().any(|s| s.kind == kind)
    }

    /// Whether an item's special procedure is excluded from its clock: the item says so, and either the regime
    /// stops for it or the item names the provision (许可法 45 and the special statutes).
    pub fn excludes(&self, procedure: &SpecialProcedure) -> bool {
        procedure.excluded && (self.stops(procedure.kind) || !procedure.basis.trim().is_empty())
    }

    /// Whether a lawyer must confirm the figures before live use.
    pub fn unconfirmed(&self) -> bool {
        self.confidence < 95
    }
}

/// All regimes, by key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Regimes(BTreeMap<RegimeKey, Regime>);

/// Why the file of regimes is not usable.
#[derive(Debug, thiserror::Error)]
pub enum RegimesError {
    /// Not the expected JSON.
    #[error("时限制度文件格式有误：{0}")]
    Json(#[from] serde_json::Error),
    /// One key twice.
    #[error("时限制度“{0}”重复，请只保留一条")]
    Twice(RegimeKey),
    /// No provision named, or an unsure figure without a question for the lawyer.
    #[error("时限制度“{0}”缺少{1}，请补写")]
    Missing(RegimeKey, &'static str),
}

impl Regimes {
    /// Reads `data/regimes.json`.
    ///
    /// # Errors
    /// [`RegimesError`] for malformed JSON, a key used twice, a regime without basis or without the lawyer's note.
    pub fn from_json(text: &str) -> Result<Self, RegimesError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default, rename = "note")]
            _note: String,
            regimes: Vec<Regime>,
        }
        let file: File = serde_json::from_str(text)?;
        let mut regimes = BTreeMap::new();
        for regime in file.regimes {
            let key = regime.key.clone();
            if regime.basis.is_empty() {
                return Err(RegimesError::Missing(key, "依据"));
            }
            if regime.unconfirmed() && regime.lawyer_note.trim().is_empty() {
                return Err(RegimesError::Missing(key, "须由法制机构确认的说明"));
            }
            if regimes.insert(key.clone(), regime).is_some() {
                return Err(RegimesError::Twice(key));
            }
        }
        Ok(Self(regimes))
    }

    /// The regime with this key.
    pub fn get(&self, key: &RegimeKey) -> Option<&Regime> {
        self.0.get(key)
    }

    /// All regimes in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = &Regime> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Regimes {
        Regimes::from_json(include_str!("../../../data/regimes.json")).unwrap()
    }

    fn get(key: &str) -> Regime {
        shipped().get(&key.into()).unwrap().clone()
    }

    fn limit(n: f32) -> Option<Limit> {
        Some(Limit { n, unit: LimitUnit::WorkingDay })
    }

    #[test]
    fn a_licence_runs_from_acceptance_and_five_silent_working_days_accept_it() {
        let licence = get(RegimeKey::LICENCE);
        assert_eq!(licence.starts, ClockStart::Acceptance);
        assert_eq!(licence.notice, Notice { limit: Limit::working_days(5), silence_accepts: true });
        assert_eq!(licence.default_limit, limit(20.0));
        let extension = licence.extension.unwrap();
        assert_eq!((extension.days, extension.approver), (10, Approver::AgencyHead));
        assert_eq!(licence.issue_and_deliver, limit(10.0));
        assert_eq!(licence.day_unit, LimitUnit::WorkingDay);
    }

    #[test]
    fn joint_handling_is_extended_by_the_head_of_the_government_only() {
        let joint = get(RegimeKey::LICENCE_JOINT);
        assert_eq!(joint.default_limit, limit(45.0));
        let extension = joint.extension.unwrap();
        assert_eq!((extension.days, extension.approver), (15, Approver::GovernmentHead));
    }

    #[test]
    fn real_estate_is_accepted_when_nobody_was_told_on_the_spot() {
        let regime = get(RegimeKey::REAL_ESTATE_REGISTRATION);
        assert!(regime.notice.untold_on_the_spot_is_accepted());
        assert!(regime.extension.is_none());
        assert!(!get(RegimeKey::LICENCE).notice.untold_on_the_spot_is_accepted());
    }

    #[test]
    fn market_entities_have_three_working_days_and_three_more() {
        let regime = get(RegimeKey::MARKET_ENTITY_REGISTRATION);
        assert_eq!(regime.default_limit, limit(3.0));
        assert_eq!(regime.extension.unwrap().days, 3);
        assert!(!regime.notice.silence_accepts);
    }

    #[test]
    fn special_statutes_start_their_clocks_at_receipt_or_at_the_last_valid_document() {
        let construction = get(RegimeKey::CONSTRUCTION_PERMIT);
        assert_eq!((construction.starts, construction.default_limit), (ClockStart::Receipt, limit(7.0)));
        let assessment = get(RegimeKey::ENVIRONMENTAL_ASSESSMENT);
        assert_eq!((assessment.starts, assessment.default_limit), (ClockStart::Receipt, limit(60.0)));
        let society = get(RegimeKey::SOCIAL_ORGANISATION_REGISTRATION);
        assert_eq!((society.starts, society.default_limit), (ClockStart::ValidDocuments, limit(60.0)));
    }

    #[test]
    fn passports_and_identity_cards_count_calendar_days_from_receipt() {
        let calendar = |n| Some(Limit { n, unit: LimitUnit::CalendarDay });
        for (key, limit, longer) in
            [(RegimeKey::PASSPORT, calendar(15.0), 15), (RegimeKey::IDENTITY_CARD, calendar(60.0), 30)]
        {
            let regime = get(key);
            assert_eq!((regime.starts, regime.default_limit), (ClockStart::Receipt, limit));
            assert_eq!(regime.extension.unwrap().days, longer);
        }
        assert_eq!(get(RegimeKey::LICENCE_FROM_RECEIPT).starts, ClockStart::Receipt);
    }

    #[test]
    fn only_the_closed_list_or_a_special_statute_stops_the_clock() {
        let licence = get(RegimeKey::LICENCE);
        assert!(licence.stops(SpecialKind::ExpertReview));
        assert!(!licence.stops(SpecialKind::SiteVisit));
        assert!(get(RegimeKey::REAL_ESTATE_REGISTRATION).stops(SpecialKind::PublicNotice));
        assert!(!get(RegimeKey::SERVICE).stops(SpecialKind::Hearing));
        let visit = |excluded, basis: &str| SpecialProcedure {
            kind: SpecialKind::SiteVisit,
            basis: basis.into(),
            days: 5,
            excluded,
        };
        assert!(!licence.excludes(&visit(true, "")));
        assert!(licence.excludes(&visit(true, "某法第一条")));
        assert!(!licence.excludes(&visit(false, "某法第一条")));
    }

    #[test]
    fn the_licence_law_governs_licences_only() {
        assert_eq!(shipped().iter().count(), 11);
        for regime in shipped().iter() {
            let licence_law = regime.basis.iter().any(|b| b.law.ends_with("行政许可法"));
            assert!(!licence_law || regime.applies_to == [ItemKind::Licence], "{}", regime.key);
        }
    }

    #[test]
    fn an_unsure_figure_without_a_question_for_the_lawyer_is_refused() {
        let mut regime = get(RegimeKey::SERVICE);
        regime.lawyer_note.clear();
        let text = serde_json::json!({ "regimes": [regime] }).to_string();
        assert!(matches!(Regimes::from_json(&text), Err(RegimesError::Missing(..))));
    }

    #[test]
    fn a_key_used_twice_is_refused() {
        let regime = get(RegimeKey::LICENCE);
        let text = serde_json::json!({ "regimes": [regime, regime] }).to_string();
        assert!(matches!(Regimes::from_json(&text), Err(RegimesError::Twice(_))));
    }
}
