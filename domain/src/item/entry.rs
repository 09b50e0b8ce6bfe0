//! The catalogue entry (基本目录条目): the elements that are the same in the whole province.

use serde::{Deserialize, Serialize};

use super::{
    Facilities, Fee, Form, ItemResult, Material, Question, RegimeKey, ReviewPoint, Situation,
    SpecialProcedure, Step, StepKind,
};
use crate::ids::CatalogueCode;

/// 基本目录条目: one item of the province's catalogue, with the elements of the national platform's item table.
#[doc(alias = "基本目录")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    /// Stable short key of the entry, used in sample data and bundles (`X03`).
    pub id: String,
    /// 基本编码, 12 digits (GB/T 39554.1-2020).
    pub code: CatalogueCode,
    /// 事项名称, the same at every level (三级四同).
    pub name: String,
    /// Everyday names people use for it.
    pub aliases: Vec<String>,
    /// 事项类型.
    pub kind: ItemKind,
    /// 设定依据; at least one.
    pub legal_bases: Vec<LegalBasis>,
    /// 行使层级: the level whose organs exercise the power.
    pub level: Level,
    /// 行使内容 / 权限划分: what this level decides, in words.
    pub exercise_content: String,
    /// 权力来源.
    pub power_source: PowerSource,
    /// 行业主管（监管）部门: the agency kind that regulates what is approved, and receives the decision.
    pub regulator: String,
    /// 划转: exercised by the approval bureau (行政审批局) of the place when there is one.
    pub reallocated: bool,
    /// 实施主体性质 of the exercising organ.
    pub organ_nature: OrganNature,
    /// The agency kind that exercises the power where it was not reallocated, without place name (`民政局`).
    pub organ: String,
    /// 承办机构: the office inside the organ.
    pub office: String,
    /// 联办机构: other agency kinds taking part.
    #[serde(default)]
    pub joint_organs: Vec<String>,
    /// 服务对象.
    pub audiences: Vec<Audience>,
    /// 受理条件, one by one, without catch-all.
    pub conditions: Vec<String>,
    /// Which law the clocks follow (law: every item carries a regime).
    pub regime: RegimeKey,
    /// 法定办结时限.
    pub statutory: Limit,
    /// Where the statutory limit stands (法律 or 法规 when longer than 20 working days; 许可法 42).
    pub statutory_basis: String,
    /// 承诺办结时限; never longer than the statute.
    pub promised: Limit,
    /// 办件类型.
    pub case_type: CaseType,
    /// 办理形式.
    pub channels: Vec<Channel>,
    /// 到办事现场次数.
    pub visits: u8,
    /// 必须现场原因; required when `visits` is not 0.
    #[serde(default)]
    pub visit_reason: Option<String>,
    /// 网办深度, 1 to 4 (Ⅰ咨询 Ⅱ收件预审 Ⅲ受理办理 Ⅳ全程网办).
    pub online_depth: u8,
    /// 通办范围.
    pub area: ServiceArea,
    /// 特别程序 that may occur, each with its basis.
    #[serde(default)]
    pub special_procedures: Vec<SpecialProcedure>,
    /// 办理流程, in order.
    pub flow: Vec<Step>,
    /// 收费.
    pub fee: Fee,
    /// 结果.
    pub result: ItemResult,
    /// 法定中介服务; empty when none.
    #[serde(default)]
    pub intermediary_services: Vec<String>,
    /// 数量限制 with its order and publication, when there is one (许可法 57).
    #[serde(default)]
    pub quantity_limit: Option<String>,
    /// 预约、网上支付、快递、自助终端、进驻大厅.
    pub facilities: Facilities,
    /// 个人主题分类.
    #[serde(default)]
    pub person_topics: Vec<String>,
    /// 法人主题分类.
    #[serde(default)]
    pub company_topics: Vec<String>,
    /// 申请人权利.
    pub rights: Vec<String>,
    /// 申请人义务.
    pub duties: Vec<String>,
    /// 常见问题.
    pub faq: Vec<Question>,
    /// 情形（业务办理项）; at least one.
    pub situations: Vec<Situation>,
    /// 申请材料 of all situations; a situation lists those it needs.
    pub materials: Vec<Material>,
    /// 申请表.
    pub form: Form,
    /// 审查要点, each with its discretion standard (裁量基准).
    pub review_points: Vec<ReviewPoint>,
    /// 告知承诺 offered for this item.
    #[serde(default)]
    pub commitment: bool,
    /// 帮办代办 offered.
    #[serde(default)]
    pub agent: bool,
    /// 一件事 bundles this item belongs to.
    #[serde(default)]
    pub bundles: Vec<String>,
    /// True for the items shipped as samples: an agency must check them before live use.
    #[serde(default)]
    pub sample: bool,
    /// How sure the shipped text is and where it comes from.
    #[serde(default)]
    pub source_note: String,
}

impl CatalogueEntry {
    /// The situation with this key.
    pub fn situation(&self, key: &str) -> Option<&Situation> {
        self.situations.iter().find(|s| s.key == key)
    }

    /// The material with this key.
    pub fn material(&self, key: &str) -> Option<&Material> {
        self.materials.iter().find(|m| m.key == key)
    }

    /// The materials a situation asks for, in the item's order.
    pub fn materials_of<'a>(&'a self, situation: &'a Situation) -> impl Iterator<Item = &'a Material> {
        self.materials.iter().filter(|m| situation.materials.contains(&m.key))
    }

    /// The review steps of the flow, in order (审查环节).
    pub fn review_steps(&self) -> impl Iterator<Item = &Step> {
        self.flow.iter().filter(|s| s.kind == StepKind::Review)
    }

    /// 四办清单 badges by the documented rule: 马上办 即办件; 网上办 depth ≥ Ⅲ;
    /// 就近办 exercised or taken in at township or village level, or at a kiosk; 一次办 at most one visit.
    pub fn badges(&self) -> Vec<&'static str> {
        let mut badges = Vec::new();
        if self.case_type == CaseType::OnTheSpot {
            badges.push("马上办");
        }
        if self.online_depth >= 3 {
            badges.push("网上办");
        }
        if self.level >= Level::Township || self.facilities.kiosk {
            badges.push("就近办");
        }
        if self.visits <= 1 {
            badges.push("一次办");
        }
        badges
    }
}

/// 事项类型 (GB/T 39046-2020 appendix A, with 行政备案 listed apart since 2025).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// 01 行政许可
    Licence,
    /// 05 行政给付
    Benefit,
    /// 07 行政确认
    Confirmation,
    /// 08 行政奖励
    Reward,
    /// 09 行政裁决
    Ruling,
    /// 10 其他行政权力
    Other,
    /// 20 公共服务
    PublicService,
    /// 行政备案, its own kind in Hebei's list since 2025; coded under 10.
    Filing,
}

impl ItemKind {
    /// The two digits of the kind inside an item code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Licence => "01",
            Self::Benefit => "05",
            Self::Confirmation => "07",
            Self::Reward => "08",
            Self::Ruling => "09",
            Self::Other | Self::Filing => "10",
            Self::PublicService => "20",
        }
    }

    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Licence => "行政许可",
            Self::Benefit => "行政给付",
            Self::Confirmation => "行政确认",
            Self::Reward => "行政奖励",
            Self::Ruling => "行政裁决",
            Self::Other => "其他行政权力",
            Self::Filing => "行政备案",
            Self::PublicService => "公共服务",
        }
    }
}

/// 设定依据: one provision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// 法律名称, without book-title marks.
    pub law: String,
    /// 文号 (`主席令第31号`), when it has one.
    #[serde(default)]
    pub document_number: String,
    /// 条款号 (`第四十一条第一款`).
    pub article: String,
    /// 条款内容: the gist of the provision.
    pub text: String,
    /// 颁布机关.
    pub issued_by: String,
    /// 实施日期 of the version cited, `YYYY-MM-DD`.
    pub effective_on: String,
    /// Rank of the text: only 法律 or 法规 may set a limit beyond 20 working days (许可法 42).
    pub rank: LawRank,
}

/// Rank of a legal text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LawRank {
    /// 法律
    Law,
    /// 行政法规
    AdministrativeRegulation,
    /// 地方性法规
    LocalRegulation,
    /// 部门规章 or 政府规章
    Rule,
    /// 规范性文件
    Document,
}

/// 行使层级 (use_level): 2 省 … 6 村. The statistical tree numbers the same levels 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 省级
    Province,
    /// 市级
    City,
    /// 县级
    County,
    /// 乡（镇、街道）级
    Township,
    /// 村（社区）级
    Village,
}

impl Level {
    /// The digit used inside implementation codes (2 province … 6 village).
    pub fn use_level(self) -> u8 {
        self as u8 + 2
    }

    /// The statistical bureau's digit (1 province … 5 village).
    pub fn statistical(self) -> u8 {
        self as u8 + 1
    }

    /// From the statistical bureau's digit.
    pub fn from_statistical(level: u8) -> Option<Self> {
        [Self::Province, Self::City, Self::County, Self::Township, Self::Village]
            .get(usize::from(level).checked_sub(1)?)
            .copied()
    }

    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Province => "省级",
            Self::City => "市级",
            Self::County => "县级",
            Self::Township => "乡（镇、街道）级",
            Self::Village => "村（社区）级",
        }
    }
}

/// 权力来源.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PowerSource {
    /// 法定本级行使
    Statutory,
    /// 上级下放
    Devolved,
    /// 上级授权
    AuthorisedFromAbove,
    /// 同级授权
    AuthorisedSameLevel,
    /// 上级委托
    EntrustedFromAbove,
    /// 同级委托
    EntrustedSameLevel,
}

/// 实施主体性质.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganNature {
    /// 法定机关
    Statutory,
    /// 授权组织
    Authorised,
    /// 受委托组织
    Entrusted,
    /// 其他
    Other,
}

/// 服务对象.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// 自然人
    Person,
    /// 企业法人
    Enterprise,
    /// 事业法人
    Institution,
    /// 社会组织法人
    SocialOrganisation,
    /// 行政机关
    Agency,
    /// 其他组织
    Other,
}

impl Audience {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Person => "自然人",
            Self::Enterprise => "企业法人",
            Self::Institution => "事业法人",
            Self::SocialOrganisation => "社会组织法人",
            Self::Agency => "行政机关",
            Self::Other => "其他组织",
        }
    }
}

/// A time limit with its unit; `on_the_spot` has n = 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many; tenths of a working day are allowed.
    pub n: f32,
    /// Of what.
    pub unit: LimitUnit,
}

impl Limit {
    /// A limit in working days.
    pub fn working_days(n: u16) -> Self {
        Self { n: f32::from(n), unit: LimitUnit::WorkingDay }
    }

    /// The words a citizen reads (`20个工作日`, `当场办结`).
    pub fn label(self) -> String {
        let n = if self.n.fract() == 0.0 { format!("{:.0}", self.n) } else { format!("{:.1}", self.n) };
        match self.unit {
            LimitUnit::OnTheSpot => "当场办结".into(),
            LimitUnit::WorkingDay => format!("{n}个工作日"),
            LimitUnit::CalendarDay => format!("{n}日（自然日）"),
            LimitUnit::Month => format!("{n}个月"),
        }
    }
}

/// Unit of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// 工作日
    WorkingDay,
    /// 日（自然日）
    CalendarDay,
    /// 月
    Month,
    /// 当场
    OnTheSpot,
}

/// 办件类型.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseType {
    /// 即办件
    OnTheSpot,
    /// 承诺件
    Promised,
}

impl CaseType {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::OnTheSpot => "即办件",
            Self::Promised => "承诺件",
        }
    }
}

/// 办理形式.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 窗口办理
    Window,
    /// 电脑端网上办理
    Web,
    /// 移动端网上申请
    Mobile,
    /// 快递申请
    Express,
}

impl Channel {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Window => "窗口办理",
            Self::Web => "网上办理",
            Self::Mobile => "手机办理",
            Self::Express => "快递申请",
        }
    }
}

/// 通办范围.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceArea {
    /// 全国
    Nation,
    /// 全省
    Province,
    /// 全市
    City,
    /// 全县
    County,
    /// 全镇（乡、街道）
    Township,
    /// 跨村（社区）
    Village,
}

impl ServiceArea {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Nation => "全国",
            Self::Province => "全省",
            Self::City => "全市",
            Self::County => "全县",
            Self::Township => "全镇（乡、街道）",
            Self::Village => "跨村（社区）",
        }
    }
}
