//! The parts an entry is made of besides its materials and form: special procedures, steps, fees, result, situations,
//! review points. Data only.

use serde::{Deserialize, Serialize};

use super::Limit;

/// 特别程序 an item may go through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialProcedure {
    /// Which one.
    pub kind: SpecialKind,
    /// The provision that orders it.
    pub basis: String,
    /// Usual length in working days.
    pub days: u16,
    /// Whether the days stop the clock: the closed list of 许可法 45, or a special statute named in `basis`.
    pub excluded: bool,
}

/// Kinds of special procedure. The first eight are the closed list of 许可法 45.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecialKind {
    /// 听证
    Hearing,
    /// 招标
    Tender,
    /// 拍卖
    Auction,
    /// 检验
    Test,
    /// 检测
    Detection,
    /// 检疫
    Quarantine,
    /// 鉴定
    Appraisal,
    /// 专家评审
    ExpertReview,
    /// 现场核查 (inside the clock, 许可法 34, unless a special statute says otherwise)
    SiteVisit,
    /// 公示 (inside the clock unless a special statute says otherwise)
    PublicNotice,
    /// 技术评估 (inside the clock unless a special statute says otherwise)
    TechnicalAssessment,
}

impl SpecialKind {
    /// Whether 许可法 45 itself takes the days out of the clock.
    pub fn in_closed_list(self) -> bool {
        !matches!(self, Self::SiteVisit | Self::PublicNotice | Self::TechnicalAssessment)
    }

    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Hearing => "听证",
            Self::Tender => "招标",
            Self::Auction => "拍卖",
            Self::Test => "检验",
            Self::Detection => "检测",
            Self::Quarantine => "检疫",
            Self::Appraisal => "鉴定",
            Self::ExpertReview => "专家评审",
            Self::SiteVisit => "现场核查",
            Self::PublicNotice => "公示",
            Self::TechnicalAssessment => "技术评估",
        }
    }
}

/// 办理环节.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Key, unique in the item (`review_1`).
    pub key: String,
    /// 环节名称.
    pub name: String,
    /// What kind of act ends it.
    pub kind: StepKind,
    /// 办理人: the post that acts.
    pub handler: String,
    /// 环节时限.
    pub limit: Limit,
    /// 审查标准.
    pub standard: String,
    /// 办理结果.
    pub outcome: String,
}

/// The kinds of step every flow is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// 受理
    Accept,
    /// 审查
    Review,
    /// 决定
    Decide,
    /// 制证（办结）
    Issue,
    /// 送达
    Deliver,
}

/// 收费.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Whether anything is charged.
    pub charged: bool,
    /// 收费依据; required when charged.
    #[serde(default)]
    pub basis: String,
    /// 收费项目.
    #[serde(default)]
    pub items: Vec<FeeItem>,
}

/// One fee.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeItem {
    /// 名称
    pub name: String,
    /// 标准, in words.
    pub standard: String,
    /// Amount in fen (分) when it is a fixed one.
    #[serde(default)]
    pub amount_fen: Option<i64>,
    /// 减免依据
    #[serde(default)]
    pub relief: String,
}

/// 审批结果.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemResult {
    /// 结果名称
    pub name: String,
    /// 结果类型
    pub kind: ResultKind,
    /// 有效期
    pub validity: Validity,
    /// 结果样本: what the result states, line by line (fields printed on it).
    pub face: Vec<String>,
    /// 电子证照类型代码: 18 characters of the type's owner and 3 digits (GB/T 36904); synthetic in samples.
    #[serde(default)]
    pub licence_type: Option<String>,
}

/// 结果类型.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultKind {
    /// 证照
    Licence,
    /// 批文
    Approval,
    /// 其他
    Other,
    /// 无
    None,
}

/// 有效期 of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "n")]
pub enum Validity {
    /// 长期
    Indefinite,
    /// n years
    Years(u8),
    /// n months
    Months(u8),
    /// n days
    Days(u16),
}

impl Validity {
    /// The Chinese words.
    pub fn label(self) -> String {
        match self {
            Self::Indefinite => "长期".into(),
            Self::Years(n) => format!("{n}年"),
            Self::Months(n) => format!("{n}个月"),
            Self::Days(n) => format!("{n}日"),
        }
    }
}

/// What can be used with this item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facilities {
    /// 可预约
    pub booking: bool,
    /// 每日可约量, when bookable.
    #[serde(default)]
    pub bookings_per_day: Option<u16>,
    /// 网上支付
    pub online_payment: bool,
    /// 快递送达
    pub express: bool,
    /// 自助终端
    pub kiosk: bool,
    /// 进驻大厅
    pub hall: bool,
}

/// 常见问题.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// 问
    pub question: String,
    /// 答
    pub answer: String,
}

/// 情形（业务办理项）.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Situation {
    /// Key, unique in the item (`new`).
    pub key: String,
    /// 名称 (`新办`).
    pub name: String,
    /// 业务办理项 number, `01` to `99`, the tail of the 33-digit code.
    pub number: String,
    /// Who it is for, in one sentence.
    pub when: String,
    /// Keys of the materials this situation asks for.
    pub materials: Vec<String>,
}

/// 审查要点.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewPoint {
    /// Key, unique in the item.
    pub key: String,
    /// What is checked.
    pub text: String,
    /// On which provision.
    pub basis: String,
    /// 裁量基准: when it counts as met, when not.
    pub standard: String,
}
