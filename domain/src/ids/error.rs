//! What can be wrong with an identifier, in words that say how to put it right.
//! Never repeats what was typed and never reveals the right check character.

use std::fmt;

use thiserror::Error;

/// 标识种类: which identifier was expected.
#[doc(alias = "标识种类")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdKind {
    /// 公民身份号码
    ResidentId,
    /// 统一社会信用代码
    CreditCode,
    /// 手机号码
    Mobile,
    /// 邮箱地址
    Mail,
    /// 基本编码
    Catalogue,
    /// 实施编码
    LocalItem,
    /// 业务办理项编码
    Handling,
    /// 办件编号
    NationalCaseNo,
    /// 办件查询号
    CaseNo,
    /// 电子证照标识
    Licence,
    /// 行政区划代码
    Division,
    /// 系统编号
    Number,
}

impl IdKind {
    /// The name on forms.
    pub fn label(self) -> &'static str {
        match self {
            Self::ResidentId => "身份证号码",
            Self::CreditCode => "统一社会信用代码",
            Self::Mobile => "手机号码",
            Self::Mail => "邮箱地址",
            Self::Catalogue => "基本编码",
            Self::LocalItem => "实施编码",
            Self::Handling => "业务办理项编码",
            Self::NationalCaseNo => "办件编号",
            Self::CaseNo => "办件查询号",
            Self::Licence => "电子证照标识",
            Self::Division => "行政区划代码",
            Self::Number => "系统编号",
        }
    }

    /// The name in English.
    pub fn english(self) -> &'static str {
        match self {
            Self::ResidentId => "resident identity number",
            Self::CreditCode => "unified social credit code",
            Self::Mobile => "mobile number",
            Self::Mail => "mail address",
            Self::Catalogue => "catalogue code",
            Self::LocalItem => "local item code",
            Self::Handling => "handling code",
            Self::NationalCaseNo => "national case number",
            Self::CaseNo => "case reference",
            Self::Licence => "electronic licence identifier",
            Self::Division => "division code",
            Self::Number => "record number",
        }
    }

    /// The one length, where there is only one.
    fn length(self) -> Option<usize> {
        match self {
            Self::ResidentId | Self::CreditCode => Some(18),
            Self::Mobile => Some(11),
            Self::Catalogue | Self::CaseNo => Some(12),
            Self::LocalItem => Some(31),
            Self::Handling => Some(33),
            Self::Mail | Self::NationalCaseNo | Self::Licence | Self::Division | Self::Number => None,
        }
    }

    /// The lengths in words, Chinese and English.
    fn lengths(self) -> (&'static str, &'static str) {
        match self {
            Self::NationalCaseNo => ("43位或44位", "43 or 44 characters"),
            Self::Mail => ("6至254位", "6 to 254 characters"),
            Self::Division => ("6位、9位或12位", "6, 9 or 12 digits"),
            Self::Licence => ("6段", "6 parts"),
            _ => ("", ""),
        }
    }
}

/// 标识的组成部分: which part of an identifier does not hold, beyond its length, alphabet and check character.
#[doc(alias = "标识的组成部分")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// 出生日期: the birth date inside a resident identity number.
    BirthDate,
    /// 省份: the first two digits, the province.
    Province,
    /// 号段: the first two digits of a mobile number.
    MobilePrefix,
    /// 邮箱的样子: the parts before and behind the @ of a mail address.
    MailShape,
    /// 实施主体: the organ's credit code inside an item or case code.
    Agency,
    /// 行使层级: the level digit of an implementation code.
    UseLevel,
    /// 顺序号: the sequence of a handling code.
    Sequence,
    /// 日期: the day inside a national case number.
    Day,
    /// 流水号: the serial of a national case number.
    Serial,
    /// 证照流水号: the serial of a licence.
    LicenceSerial,
    /// 根与分段: the root and the dots of a licence identifier.
    Structure,
    /// 证照类型代码: the 21 characters of the licence type.
    LicenceType,
    /// 颁发机构: the issuer of a licence.
    Issuer,
    /// 版本: the version of a licence.
    Version,
    /// 系统编号: a number made by the program.
    Whole,
}

impl Part {
    fn chinese(self) -> &'static str {
        match self {
            Self::BirthDate => "第7至14位应是出生日期，如19900101",
            Self::Province => "前两位应在11至91之间",
            Self::MobilePrefix => "应以13至19开头，如13812345678",
            Self::MailShape => "应写成名称、@和域名，如 zhang@example.cn",
            Self::Agency => "前18位应是统一社会信用代码，其校验码不对",
            Self::UseLevel => "第19位是行使层级，应为1至7",
            Self::Sequence => "最后两位是顺序号，应为01至99",
            Self::Day => "第32至39位应是日期，如20260105",
            Self::Serial => "流水号应为4位，0001起；超过9999时为5位",
            Self::LicenceSerial => "流水号应为1至64位数字或大写字母",
            Self::Structure => "应以1.2.156.3005.2.开头，用点分成类型、机构、流水号、版本、校验位五段",
            Self::LicenceType => "证照类型代码应为21位数字或大写字母",
            Self::Issuer => "颁发机构代码应为18位统一社会信用代码或6位区划代码",
            Self::Version => "版本应为001至999",
            Self::Whole => "应为不带符号的整数",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::BirthDate => "characters 7 to 14 must be a birth date such as 19900101",
            Self::Province => "the first two digits must lie between 11 and 91",
            Self::MobilePrefix => "it must begin with 13 to 19, as 13812345678 does",
            Self::MailShape => "it must be a name, an @ and a domain, as zhang@example.cn is",
            Self::Agency => "the first 18 characters must be a credit code; its check character is wrong",
            Self::UseLevel => "character 19 is the level of exercise and must be 1 to 7",
            Self::Sequence => "the last two digits are a sequence and must be 01 to 99",
            Self::Day => "characters 32 to 39 must be a date such as 20260105",
            Self::Serial => "the serial must be four digits from 0001, or five above 9999",
            Self::LicenceSerial => "the serial must be 1 to 64 digits or capital letters",
            Self::Structure => {
                "it must begin with 1.2.156.3005.2. and give type, issuer, serial, version and check character, with dots between"
            }
            Self::LicenceType => "the licence type must be 21 digits or capital letters",
            Self::Issuer => "the issuer must be an 18-character credit code or a 6-digit division code",
            Self::Version => "the version must be 001 to 999",
            Self::Whole => "it must be a whole number without a sign",
        }
    }
}

/// 标识有误: what is wrong with an identifier. `Display` is the Chinese sentence for the page,
/// [`IdError::english`] the English one.
#[doc(alias = "标识有误")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum IdError {
    /// Too short, too long or empty; `given` counts characters.
    #[error("{}", length_in_chinese(*kind, *given))]
    Length {
        /// What was expected.
        kind: IdKind,
        /// How many characters there were.
        given: usize,
    },
    /// A character outside the alphabet; `position` counts from one.
    #[error("请核对{}：第{position}位的字符不能用在这里", kind.label())]
    Character {
        /// What was expected.
        kind: IdKind,
        /// Where it stands, from one.
        position: usize,
    },
    /// The check character does not agree with the others.
    #[error("请核对{}：最后一位校验码不对", kind.label())]
    Check {
        /// What was expected.
        kind: IdKind,
    },
    /// A part does not hold.
    #[error("请核对{}：{}", kind.label(), part.chinese())]
    Part {
        /// What was expected.
        kind: IdKind,
        /// The part that is wrong.
        part: Part,
    },
}

fn length_in_chinese(kind: IdKind, given: usize) -> impl fmt::Display {
    let label = kind.label();
    match kind.length() {
        Some(length) if given == 0 => format!("请输入{length}位{label}"),
        Some(length) if given < length => format!("请输入{length}位{label}，现在少{}位", length - given),
        Some(length) => format!("请输入{length}位{label}，现在多{}位", given - length),
        None if given == 0 => format!("请输入{}{label}", kind.lengths().0),
        None => format!("请输入{}{label}，现在是{given}位", kind.lengths().0),
    }
}

impl IdError {
    /// The same in English, for the API.
    pub fn english(&self) -> String {
        match *self {
            Self::Length { kind, given } => {
                let name = kind.english();
                match kind.length() {
                    Some(length) if given == 0 => format!("Enter the {length} characters of the {name}"),
                    Some(length) if given < length => {
                        format!("Enter the {length} characters of the {name}: {} missing", length - given)
                    }
                    Some(length) => {
                        format!("Enter the {length} characters of the {name}: {} too many", given - length)
                    }
                    None if given == 0 => format!("Enter the {name}, {}", kind.lengths().1),
                    None => format!("Enter the {name}, {}: there are {given}", kind.lengths().1),
                }
            }
            Self::Character { kind, position } => {
                format!("Check the {}: character {position} cannot stand there", kind.english())
            }
            Self::Check { kind } => {
                format!("Check the {}: the last (check) character is wrong", kind.english())
            }
            Self::Part { kind, part } => format!("Check the {}: {}", kind.english(), part.english()),
        }
    }

    /// Which identifier was expected.
    pub fn kind(&self) -> IdKind {
        match *self {
            Self::Length { kind, .. }
            | Self::Character { kind, .. }
            | Self::Check { kind }
            | Self::Part { kind, .. } => kind,
        }
    }
}
