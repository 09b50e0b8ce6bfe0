//! Organs and the places they work in (部门与大厅): who exercises a power, in what name, under which code.
//! Knows names, codes, who reviews an organ's acts; refuses to know which items an organ exercises.
//!
//! Telephone numbers, addresses and credit codes made here are samples: they are well formed and lead nowhere.

mod naming;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::division::DivisionTree;
use crate::ids::{CreditCode, DivisionCode, IdError};
use crate::item::Level;

pub use naming::Naming;

/// 部门（实施机关）: an organ in whose name things are decided, or that regulates what was decided.
#[doc(alias = "部门")]
#[doc(alias = "实施机关")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Stable key: the division (6 digits, 12 for townships) and the organ (`130102:行政审批局`).
    pub key: String,
    /// 全称, as it stands on documents (石家庄市长安区行政审批局).
    pub name: String,
    /// The word for document numbers: place and organ abbreviated (`长审`), unique in the province.
    pub short: String,
    /// The organ without place name (`行政审批局`).
    pub organ: String,
    /// Where it has power.
    pub division: DivisionCode,
    /// Scope path of the division: a right over the agency is a prefix of it.
    pub scope_path: String,
    /// 统一社会信用代码. Synthetic: 11 (organ of state), the division's six digits, a body derived from the key
    /// and a valid check character; the agency that runs the platform enters the real one.
    pub credit_code: CreditCode,
    /// What kind of organ.
    pub kind: AgencyKind,
    /// 行政复议机关 (行政复议法 2023, 24): the people's government at that level, 90 %.
    pub review_organ: String,
    /// 行政诉讼管辖法院 in words (行政诉讼法 14, 15, 18).
    pub litigation_court: String,
}

/// Kinds of agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgencyKind {
    /// 行政审批局: exercises what was reallocated to it (许可法 25)
    ApprovalBureau,
    /// 政务服务管理办公室 of the province: runs the hall and the platform, decides nothing
    ServiceOffice,
    /// 工作部门 or another organ with powers of its own
    Department,
    /// 县级以上人民政府, or the committee that governs a zone
    Government,
    /// 乡镇人民政府 or 街道办事处
    Township,
}

impl AgencyKind {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::ApprovalBureau => "行政审批局",
            Self::ServiceOffice => "政务服务管理机构",
            Self::Department => "部门",
            Self::Government => "人民政府",
            Self::Township => "乡镇人民政府、街道办事处",
        }
    }
}

/// 政务服务大厅: a place, never a party (law: documents stand in the name of the organ, 许可法 32).
#[doc(alias = "大厅")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hall {
    /// Stable key (`130102:大厅`).
    pub key: String,
    /// 名称 (石家庄市长安区政务服务中心, 河北省政务服务大厅, …便民服务中心).
    pub name: String,
    /// The place it serves.
    pub division: DivisionCode,
    /// 地址; a sample text.
    pub address: String,
    /// 咨询电话 with area code; a sample that no exchange connects (local numbers never begin with 0).
    pub phone: String,
    /// 监督投诉电话: the 12345 line of the city, with its area code.
    pub supervision_phone: String,
    /// 办公时间.
    pub hours: String,
}

/// The organ name of every approval bureau.
pub const APPROVAL_BUREAU: &str = "行政审批局";

/// The organ that runs the province's hall.
pub const SERVICE_OFFICE: &str = "政务服务管理办公室";

impl Agency {
    /// The organ of a place. At a township there is only one organ, its government or street office, whatever
    /// `organ` says.
    ///
    /// # Errors
    /// Never for a division of the tree; codes are parsed, not trusted.
    pub fn of(naming: &Naming<'_>, division: DivisionCode, organ: &str) -> Result<Self, IdError> {
        let organ = naming.organ(division, organ);
        let key = Self::key_of(naming.tree(), division, &organ);
        let kind = match (naming.level(division), organ.as_str()) {
            (Level::Township | Level::Village, _) => AgencyKind::Township,
            (_, APPROVAL_BUREAU) => AgencyKind::ApprovalBureau,
            (_, SERVICE_OFFICE) => AgencyKind::ServiceOffice,
            (_, "人民政府" | "管理委员会") => AgencyKind::Government,
            _ => AgencyKind::Department,
        };
        Ok(Self {
            name: naming.official(division, &organ),
            short: naming.short(division, &organ),
            scope_path: naming.tree().scope_path(division).unwrap_or_default(),
            credit_code: synthetic_credit_code(division, &organ)?,
            review_organ: naming.review_organ(division, kind, &organ),
            litigation_court: naming.court(division, kind),
            key,
            organ,
            division,
            kind,
        })
    }

    /// The key of an organ of a place; `organ` as [`Naming::organ`] gives it.
    pub fn key_of(tree: &DivisionTree, division: DivisionCode, organ: &str) -> String {
        format!("{}:{organ}", place_key(tree, division))
    }
}

impl Hall {
    /// The hall of a place: one per province, city, county and township.
    pub fn of(naming: &Naming<'_>, division: DivisionCode) -> Self {
        let name = naming.hall(division);
        let area = area_code(division);
        Self {
            key: Self::key_of(naming.tree(), division),
            address: format!("{name}（示例地址，以当地公布的为准）"),
            phone: format!("{area}-00{}0", &division.as_str()[4..9]),
            supervision_phone: format!("{area}-12345"),
            hours: "工作日9:00—12:00，13:00—17:00".into(),
            name,
            division,
        }
    }

    /// The key of the hall of a place.
    pub fn key_of(tree: &DivisionTree, division: DivisionCode) -> String {
        format!("{}:大厅", place_key(tree, division))
    }
}

/// Six digits down to the county, twelve below.
fn place_key(tree: &DivisionTree, division: DivisionCode) -> String {
    let below = tree.get(division).is_some_and(|d| d.level >= Level::Township);
    if below { division.as_str().to_owned() } else { division.six().to_owned() }
}

/// 长途区号 of the city a place is registered under.
fn area_code(division: DivisionCode) -> &'static str {
    match &division.as_str()[2..4] {
        "02" => "0315",
        "03" => "0335",
        "04" => "0310",
        "05" => "0319",
        "06" | "31" => "0312",
        "07" => "0313",
        "08" => "0314",
        "09" => "0317",
        "10" => "0316",
        "11" => "0318",
        _ => "0311",
    }
}

/// A synthetic credit code: 11, the six digits of the division, and an organisation code (GB 11714) made of the
/// letter D, the township's digits and four characters drawn from the organ's name, with its check character.
fn synthetic_credit_code(division: DivisionCode, organ: &str) -> Result<CreditCode, IdError> {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    // FNV-1a: fixed for all time, unlike the standard library's hasher.
    let mut hash = organ
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut body = format!("D{}", &division.as_str()[6..9]);
    for _ in 0..4 {
        body.push(char::from(ALPHABET[(hash % 31) as usize]));
        hash /= 31;
    }
    let check = organisation_check(&body);
    CreditCode::compute(&format!("11{}{body}{check}", division.six()))
}

/// GB 11714: the check character of eight characters.
fn organisation_check(body: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(WEIGHTS).map(|(c, w)| c.to_digit(36).unwrap_or(0) * w).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        n => char::from_digit(n, 10).unwrap_or('0'),
    }
}
