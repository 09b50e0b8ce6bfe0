//! Application materials (申请材料) and which files each takes.

use serde::{Deserialize, Serialize};

/// 申请材料: one row of the list, as in GB/T 39046 table 4.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Key, unique in the item (`business_licence`).
    pub key: String,
    /// 材料名称, without 其他/等 catch-alls.
    pub name: String,
    /// 材料类型
    pub kind: MaterialKind,
    /// 材料形式
    pub format: MaterialFormat,
    /// 份数
    pub copies: u8,
    /// 规格 (`A4`).
    pub paper: String,
    /// 必要性
    pub need: Need,
    /// When `need` is deferrable: working days by which it must follow (容缺).
    #[serde(default)]
    pub defer_days: Option<u16>,
    /// When `need` is conditional: the case in which it is needed.
    #[serde(default)]
    pub condition: String,
    /// 来源
    pub source: MaterialSource,
    /// 出具机构, when not the applicant.
    #[serde(default)]
    pub issued_by: String,
    /// 出具依据: why it may be asked for.
    pub basis: String,
    /// 受理标准: what right looks like.
    pub standard: String,
    /// 填报须知: how to prepare it.
    pub instructions: String,
    /// Whether a blank form can be downloaded (it is generated from the item's form).
    #[serde(default)]
    pub blank_form: bool,
    /// Text of a filled sample, shown as 样表.
    #[serde(default)]
    pub sample: String,
    /// 电子证照类型: the result name that may stand in for it (免提交).
    #[serde(default)]
    pub licence_name: Option<String>,
    /// 共享免提交
    #[serde(default)]
    pub shared: bool,
    /// 承诺可替代 (告知承诺制 for proofs).
    #[serde(default)]
    pub commitment: bool,
    /// Files taken: a subset of pdf, jpg, png, ofd.
    pub accepts: Vec<FileKind>,
    /// Largest file in MiB (1 to 50).
    pub max_mib: u8,
    /// Most files for this row.
    pub max_files: u8,
}

/// 材料类型.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialKind {
    /// 原件
    Original,
    /// 复印件
    Copy,
    /// 原件和复印件
    Both,
}

impl MaterialKind {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Original => "原件",
            Self::Copy => "复印件",
            Self::Both => "原件和复印件",
        }
    }
}

/// 材料形式.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialFormat {
    /// 纸质
    Paper,
    /// 电子
    Electronic,
    /// 纸质或电子
    Either,
}

impl MaterialFormat {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Paper => "纸质",
            Self::Electronic => "电子",
            Self::Either => "纸质或电子",
        }
    }
}

/// 必要性.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// 必要 (a main material)
    Required,
    /// 非必要: only in the case named by `condition`
    Conditional,
    /// 容缺后补 (a secondary material that may follow)
    Deferrable,
}

impl Need {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Required => "必要",
            Self::Conditional => "视情况",
            Self::Deferrable => "可容缺后补",
        }
    }
}

/// 来源.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialSource {
    /// 申请人自备
    Applicant,
    /// 政府部门核发
    Government,
    /// 其他
    Other,
}

impl MaterialSource {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Applicant => "申请人自备",
            Self::Government => "政府部门核发",
            Self::Other => "其他机构出具",
        }
    }
}

/// File types a material takes; recognised by content, never by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// application/pdf
    Pdf,
    /// image/jpeg
    Jpg,
    /// image/png
    Png,
    /// application/ofd (a ZIP container with OFD.xml)
    Ofd,
}

impl FileKind {
    /// Recognises a file by its first bytes.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"%PDF-") {
            Some(Self::Pdf)
        } else if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"PK\x03\x04") && bytes.windows(7).any(|w| w == b"OFD.xml") {
            Some(Self::Ofd)
        } else {
            None
        }
    }

    /// The media type stored and sent.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpg => "image/jpeg",
            Self::Png => "image/png",
            Self::Ofd => "application/ofd",
        }
    }

    /// The word shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Jpg => "JPG",
            Self::Png => "PNG",
            Self::Ofd => "OFD",
        }
    }
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// Not one of the known kinds, or not one this material takes.
    #[error("“{material}”只收{allowed}格式的文件，请换一个文件再上传")]
    Kind {
        /// Material name.
        material: String,
        /// The kinds it takes.
        allowed: String,
    },
    /// Too large.
    #[error("“{material}”的文件不能超过{max_mib}MB，这个文件有{size_mib:.1}MB，请压缩或分开后再上传", size_mib = *size as f64 / 1048576.0)]
    Size {
        /// Material name.
        material: String,
        /// Limit in MiB.
        max_mib: u8,
        /// Size in bytes.
        size: u64,
    },
    /// Nothing in it.
    #[error("“{material}”的文件是空的，请重新选择文件")]
    Empty {
        /// Material name.
        material: String,
    },
}

impl Material {
    /// The kinds taken, in words (`PDF、JPG`).
    pub fn accepts_label(&self) -> String {
        self.accepts.iter().map(|k| k.label()).collect::<Vec<_>>().join("、")
    }

    /// Checks a file by its content and size.
    ///
    /// # Errors
    /// [`FileProblem`] naming the material and the fix.
    pub fn check_file(&self, bytes: &[u8], size: u64) -> Result<FileKind, FileProblem> {
        if size == 0 {
            return Err(FileProblem::Empty { material: self.name.clone() });
        }
        if size > u64::from(self.max_mib) * 1024 * 1024 {
            return Err(FileProblem::Size { material: self.name.clone(), max_mib: self.max_mib, size });
        }
        match FileKind::sniff(bytes) {
            Some(kind) if self.accepts.contains(&kind) => Ok(kind),
            _ => Err(FileProblem::Kind { material: self.name.clone(), allowed: self.accepts_label() }),
        }
    }
}
