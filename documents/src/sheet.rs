//! What can be put on paper: a notice or a certificate face, as plain data. Every string is printed as it stands;
//! nothing in it is ever read as markup.

use serde::{Deserialize, Serialize};

/// 版式: one sheet to be typeset, by its layout.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(tag = "layout", rename_all = "snake_case")]
pub enum Sheet {
    /// 文书: a letter-like page.
    Notice(Notice),
    /// 证照面: a certificate face.
    Certificate(Certificate),
}

/// 文书: a notice, decision or receipt, A4 upright, as long as it needs to be.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// 标题: what the document is called, e.g. 受理通知书.
    pub title: String,
    /// 机关全称: the organ in whose name it stands; printed above the title and again at the foot.
    pub organ: String,
    /// 文号: e.g. (2026)长审受字第00012号.
    pub number: String,
    /// 受送达人: the person or company addressed; the line is left out when empty.
    pub recipient: String,
    /// 正文: paragraphs before the table; a line break begins a new paragraph.
    pub paragraphs: Vec<String>,
    /// 事实表: pairs of label and value; may be empty.
    pub facts: Vec<(String, String)>,
    /// 清单: a table of any length; it breaks over pages and repeats its header.
    pub table: Option<Table>,
    /// 结尾: paragraphs after the table (rights, remedies).
    pub closing: Vec<String>,
    /// 联系方式: telephones and places, in small print below everything.
    pub contact: String,
    /// 成文日期: as printed, e.g. 2026年11月23日.
    pub date: String,
    /// 印章: drawn over organ and date at the foot.
    pub seal: Option<Seal>,
    /// 验真: how a reader checks the document.
    pub check: Check,
    /// 水印: light diagonal words behind the text, e.g. 演示样本.
    pub watermark: Option<String>,
}

/// 清单表: columns and rows; every row has as many cells as there are columns.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// 表题: printed above the table when not empty.
    pub caption: String,
    /// 列名: the header, repeated on every page.
    pub columns: Vec<String>,
    /// 列宽: relative widths, all above zero; empty means equal columns.
    pub widths: Vec<f32>,
    /// 行: the cells.
    pub rows: Vec<Vec<String>>,
}

/// 证照: a certificate face, A4 lying, with border, seal and QR code.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// 证照名称: printed large.
    pub title: String,
    /// 证照编号: the number people quote.
    pub number: String,
    /// 电子证照标识: the long machine identifier, in small print at the foot.
    pub identifier: String,
    /// 持证主体: who holds it.
    pub holder: String,
    /// 登记事项: pairs of label and value; may be empty.
    pub facts: Vec<(String, String)>,
    /// 有效期限: as printed, e.g. 2026年11月23日至2031年11月22日.
    pub valid: String,
    /// 发证机关: the full name of the issuing organ.
    pub organ: String,
    /// 发证日期: as printed.
    pub date: String,
    /// 备注: left out when empty.
    pub remark: String,
    /// 印章: drawn over organ and date.
    pub seal: Option<Seal>,
    /// 验真: how a reader checks the certificate.
    pub check: Check,
    /// 水印: light diagonal words behind the text.
    pub watermark: Option<String>,
}

/// 印章图样: a round red seal with a star. A picture only: what proves anything is the signature over the bytes.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// 环形文字: the organ's full name, on the arc.
    pub organ: String,
    /// 横排文字: the line under the star, e.g. 行政审批专用章; may be empty.
    pub caption: String,
}

/// 验真信息: what stands beside the QR code.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// 核验网址: goes into the QR code; no code is drawn when empty.
    pub url: String,
    /// 核验码: printed for those who cannot scan.
    pub code: String,
    /// 核验说明: e.g. 扫码或登录…核验真伪.
    pub hint: String,
}

impl Sheet {
    /// 验真信息 of the sheet, whatever its layout.
    pub fn check(&self) -> &Check {
        match self {
            Sheet::Notice(notice) => &notice.check,
            Sheet::Certificate(certificate) => &certificate.check,
        }
    }

    pub(crate) fn title(&self) -> &str {
        match self {
            Sheet::Notice(notice) => &notice.title,
            Sheet::Certificate(certificate) => &certificate.title,
        }
    }

    pub(crate) fn number(&self) -> &str {
        match self {
            Sheet::Notice(notice) => &notice.number,
            Sheet::Certificate(certificate) => &certificate.number,
        }
    }

    pub(crate) fn seal(&self) -> Option<&Seal> {
        match self {
            Sheet::Notice(notice) => notice.seal.as_ref(),
            Sheet::Certificate(certificate) => certificate.seal.as_ref(),
        }
    }

    pub(crate) fn watermark(&self) -> Option<&str> {
        let words = match self {
            Sheet::Notice(notice) => notice.watermark.as_deref(),
            Sheet::Certificate(certificate) => certificate.watermark.as_deref(),
        };
        words.filter(|words| !words.trim().is_empty())
    }

    pub(crate) fn table(&self) -> Option<&Table> {
        match self {
            Sheet::Notice(notice) => notice.table.as_ref(),
            Sheet::Certificate(_) => None,
        }
    }
}
