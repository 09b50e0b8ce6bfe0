//! What happened to a case. Payloads hold no name, identifier or form answer:
//! those stand in kept texts that an event names by digest.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    AttachmentRef, DeclineGround, DeliveryMethod, FileSet, ItemRef, Ledger, PaperKind, Places, PointFinding,
    TerminateGround, TextRef,
};
use crate::ids::{CaseNo, Id, LicenceId, NationalCaseNo};

/// 办件事件: a past participle with its payload.
#[doc(alias = "办件事件")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "snake_case")]
pub enum Event {
    /// 已提交
    Submitted(Box<Submitted>),
    /// 已收件
    Received {
        /// 办件编号 given at receipt.
        national_no: NationalCaseNo,
        /// 收件凭证
        document: DocumentRef,
    },
    /// 已当场更正
    Amended {
        /// The answers after the change.
        answers: TextRef,
        /// Fields that changed.
        fields: Vec<String>,
        /// The party, when the change was to who applies.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<TextRef>,
    },
    /// 已告知补正
    SupplementRequested {
        /// Rows, kept apart because they may quote answers.
        rows: TextRef,
        /// Fields to put right.
        fields: Vec<String>,
        /// Materials to put right.
        materials: Vec<String>,
        /// The applicant's last day.
        due: Date,
        /// 补正告知书
        document: DocumentRef,
    },
    /// 已补正
    Supplemented {
        /// The answers after the change.
        answers: TextRef,
        /// Fields that changed.
        fields: Vec<String>,
        /// Materials replaced.
        files: Vec<FileSet>,
        /// The party, when the change was to who applies.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<TextRef>,
    },
    /// 已受理
    Accepted {
        /// 受理通知书
        document: DocumentRef,
        /// 视为受理: the day of receipt from which silence had already accepted it (许可法 32).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deemed_from: Option<Date>,
    },
    /// 不予受理
    Declined {
        /// Ground.
        ground: DeclineGround,
        /// Reason, kept apart.
        reason: TextRef,
        /// 不予受理通知书
        document: DocumentRef,
    },
    /// 已分派
    Assigned {
        /// Officer's account.
        officer: Id,
    },
    /// 环节审核通过
    Passed {
        /// Review step that was passed.
        step: u8,
        /// Whether it was the last one.
        last: bool,
        /// Opinion, kept apart.
        opinion: Option<TextRef>,
        /// Findings: point and whether met; the notes are in the opinion text.
        points: Vec<PointFinding>,
    },
    /// 已退回上一环节
    Returned {
        /// Where it was; none for the decision desk.
        step: Option<u8>,
        /// Review step it goes back to; none: back to assignment.
        to: Option<u8>,
        /// Reason, kept apart.
        reason: TextRef,
    },
    /// 准予
    Granted {
        /// Authority it stands on.
        authority: Id,
        /// Opinion, kept apart.
        opinion: Option<TextRef>,
        /// 决定书 and, when there is one, the licence.
        documents: Vec<DocumentRef>,
        /// The licence granted.
        licence: Option<LicenceGrant>,
    },
    /// 不予许可
    Refused {
        /// Authority it stands on.
        authority: Id,
        /// Reasons and provisions, kept apart.
        reason: TextRef,
        /// 不予行政许可决定书
        document: DocumentRef,
    },
    /// 已签章
    DocumentSealed {
        /// Which document.
        document: Id,
        /// The seal.
        seal: SealRef,
    },
    /// 已制证
    Issued {
        /// SM3 of the sealed file handed over, hex.
        file: String,
    },
    /// 已送达
    Delivered {
        /// How.
        method: DeliveryMethod,
        /// Who signed or the tracking number, kept apart.
        note: Option<TextRef>,
    },
    /// 已办结
    Closed,
    /// 已归档
    Archived,
    /// 申请人已撤回
    Withdrawn {
        /// Reason, kept apart.
        reason: Option<TextRef>,
    },
    /// 已终止
    Terminated {
        /// Ground.
        ground: TerminateGround,
        /// Reason, kept apart.
        reason: TextRef,
        /// 终止办理通知书
        document: DocumentRef,
    },
    /// 已中止
    Suspended {
        /// Reason, kept apart.
        reason: TextRef,
        /// 中止办理通知书
        document: DocumentRef,
    },
    /// 已恢复
    Resumed,
    /// 已评价
    Rated {
        /// 1 非常满意 … 5 非常不满意.
        grade: u8,
        /// Comment, kept apart.
        comment: Option<TextRef>,
    },
}

/// 提交: what a case begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submitted {
    /// Public reference.
    pub no: CaseNo,
    /// Item and version.
    pub item: ItemRef,
    /// Places.
    pub places: Places,
    /// Party row.
    pub party: TextRef,
    /// Account that filed online.
    pub applicant: Option<Id>,
    /// Filed over the counter.
    pub at_window: bool,
    /// Form answers.
    pub answers: TextRef,
    /// Files by material.
    pub files: Vec<FileSet>,
    /// What the deadlines will be derived from.
    pub ledger: Ledger,
}

/// A statutory document as its case knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentRef {
    /// Document row.
    pub id: Id,
    /// Which document.
    pub kind: PaperKind,
    /// 文号
    pub number: String,
    /// Version of the template and of the words.
    pub template: u16,
    /// Its frozen data, a kept text.
    pub data: TextRef,
    /// Set when it was rendered and sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<SealRef>,
}

impl DocumentRef {
    /// The code printed beside the QR: unguessable, because the digest is salted.
    pub fn check_code(&self) -> &str {
        &self.data.digest[..16]
    }
}

/// 签章 of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SealRef {
    /// SM3 of the file, hex; also its name in the file store.
    pub file: String,
    /// Bytes.
    pub size: u64,
    /// Key that signed.
    pub key: String,
    /// DER signature over the file, hex.
    pub signature: String,
}

/// The licence a decision grants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LicenceGrant {
    /// 电子证照标识
    pub id: LicenceId,
    /// 证号
    pub number: String,
    /// First day.
    pub from: Date,
    /// Last day; none: 长期.
    pub to: Option<Date>,
    /// The document that shows it.
    pub document: Id,
}

/// Who did it and when; stands beside every event.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    /// Case.
    pub case: Id,
    /// Epoch milliseconds.
    pub at: i64,
    /// Account; 0 for the platform.
    pub account: Id,
    /// Position in the case, from 1.
    pub sequence: u32,
    /// Digest of the event, hex.
    pub digest: String,
}

impl Event {
    /// The stored kind, snake case.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Submitted(_) => "submitted",
            Self::Received { .. } => "received",
            Self::Amended { .. } => "amended",
            Self::SupplementRequested { .. } => "supplement_requested",
            Self::Supplemented { .. } => "supplemented",
            Self::Accepted { .. } => "accepted",
            Self::Declined { .. } => "declined",
            Self::Assigned { .. } => "assigned",
            Self::Passed { .. } => "passed",
            Self::Returned { .. } => "returned",
            Self::Granted { .. } => "granted",
            Self::Refused { .. } => "refused",
            Self::DocumentSealed { .. } => "document_sealed",
            Self::Issued { .. } => "issued",
            Self::Delivered { .. } => "delivered",
            Self::Closed => "closed",
            Self::Archived => "archived",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Terminated { .. } => "terminated",
            Self::Suspended { .. } => "suspended",
            Self::Resumed => "resumed",
            Self::Rated { .. } => "rated",
        }
    }

    /// Kind and payload as they are stored and hashed.
    ///
    /// # Errors
    /// When the payload cannot be written as JSON, which no event does.
    pub fn to_parts(&self) -> Result<(&'static str, String), serde_json::Error> {
        let value = serde_json::to_value(self)?;
        let payload = value.get("payload").map_or_else(|| "{}".to_owned(), serde_json::Value::to_string);
        Ok((self.kind(), payload))
    }

    /// Reads an event back from its stored kind and payload.
    ///
    /// # Errors
    /// When the kind is unknown or the payload has another shape.
    pub fn from_parts(kind: &str, payload: &str) -> Result<Self, serde_json::Error> {
        let payload: serde_json::Value = serde_json::from_str(payload)?;
        let mut whole = serde_json::Map::new();
        whole.insert("kind".into(), kind.into());
        if !matches!(kind, "closed" | "archived" | "resumed") {
            whole.insert("payload".into(), payload);
        }
        serde_json::from_value(whole.into())
    }

    /// The words of the timeline.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Submitted(_) => "提交申请",
            Self::Received { .. } => "窗口收件",
            Self::Amended { .. } => "当场更正",
            Self::SupplementRequested { .. } => "一次性告知补正",
            Self::Supplemented { .. } => "提交补正",
            Self::Accepted { .. } => "受理",
            Self::Declined { .. } => "不予受理",
            Self::Assigned { .. } => "分派经办人",
            Self::Passed { .. } => "环节审核通过",
            Self::Returned { .. } => "退回上一环节",
            Self::Granted { .. } => "作出准予决定",
            Self::Refused { .. } => "作出不予决定",
            Self::DocumentSealed { .. } => "文书签章完成",
            Self::Issued { .. } => "制证完成",
            Self::Delivered { .. } => "送达",
            Self::Closed => "办结",
            Self::Archived => "归档",
            Self::Withdrawn { .. } => "申请人撤回申请",
            Self::Terminated { .. } => "终止办理",
            Self::Suspended { .. } => "中止办理",
            Self::Resumed => "恢复办理",
            Self::Rated { .. } => "申请人评价",
        }
    }

    /// Whether the applicant's timeline shows it; the rest is internal.
    pub fn is_public(&self) -> bool {
        !matches!(self, Self::Returned { .. } | Self::DocumentSealed { .. } | Self::Archived)
    }

    /// The documents this event makes.
    pub fn documents(&self) -> &[DocumentRef] {
        match self {
            Self::Received { document, .. }
            | Self::SupplementRequested { document, .. }
            | Self::Accepted { document, .. }
            | Self::Declined { document, .. }
            | Self::Terminated { document, .. }
            | Self::Suspended { document, .. }
            | Self::Refused { document, .. } => std::slice::from_ref(document),
            Self::Granted { documents, .. } => documents,
            _ => &[],
        }
    }

    /// The kept texts this event names, documents' data included.
    pub fn texts(&self) -> Vec<&TextRef> {
        let mut texts: Vec<&TextRef> = self.documents().iter().map(|d| &d.data).collect();
        match self {
            Self::Submitted(s) => texts.extend([&s.party, &s.answers]),
            Self::Amended { answers, party, .. } | Self::Supplemented { answers, party, .. } => {
                texts.push(answers);
                texts.extend(party);
            }
            Self::SupplementRequested { rows, .. } => texts.push(rows),
            Self::Declined { reason, .. }
            | Self::Returned { reason, .. }
            | Self::Refused { reason, .. }
            | Self::Terminated { reason, .. }
            | Self::Suspended { reason, .. } => texts.push(reason),
            Self::Passed { opinion, .. } | Self::Granted { opinion, .. } => texts.extend(opinion),
            Self::Delivered { note, .. } => texts.extend(note),
            Self::Withdrawn { reason } => texts.extend(reason),
            Self::Rated { comment, .. } => texts.extend(comment),
            Self::Received { .. }
            | Self::Accepted { .. }
            | Self::Assigned { .. }
            | Self::DocumentSealed { .. }
            | Self::Issued { .. }
            | Self::Closed
            | Self::Archived
            | Self::Resumed => {}
        }
        texts
    }

    /// The files this event hands in.
    pub fn files(&self) -> impl Iterator<Item = &AttachmentRef> {
        let sets: &[FileSet] = match self {
            Self::Submitted(s) => &s.files,
            Self::Supplemented { files, .. } => files,
            _ => &[],
        };
        sets.iter().flat_map(|s| &s.files)
    }
}
