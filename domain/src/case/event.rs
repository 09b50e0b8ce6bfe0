//! What happened to a case. Payloads hold no name, identifier or form answer:
//! those stand in kept texts that an event names by digest.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    AttachmentRef, DeclineGround, DeliveryMethod, FileSet, ItemRef, Ledger, Mark, PaperKind, Places,
    PointFinding, TerminateGround, TextRef,
};
use crate::ids::{CaseNo, Id, LicenceId, NationalCaseNo};
use crate::item::{Approver, Limit, LimitUnit, SpecialKind};

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
        /// Why once more, kept apart; only for a second request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<TextRef>,
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
        /// 环节时限 of the step that begins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Limit>,
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
        /// 环节时限 of the step that begins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Limit>,
    },
    /// 已退回上一环节
    Returned {
        /// Where it was; none for the decision desk.
        step: Option<u8>,
        /// Review step it goes back to; none: back to assignment.
        to: Option<u8>,
        /// Reason, kept apart.
        reason: TextRef,
        /// 环节时限 of the step that begins anew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Limit>,
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
    Resumed {
        /// 恢复办理通知书; none in records from before it was introduced.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<Box<DocumentRef>>,
    },
    /// 已告知听证权利
    HearingRightTold {
        /// The applicant's last day to ask.
        ask_by: Date,
        /// Why, kept apart.
        reason: TextRef,
        /// 听证权利告知书
        document: DocumentRef,
    },
    /// 已申请听证
    HearingRequested {
        /// The agency's last day to hold it (许可法 47: twenty working days).
        hold_by: Date,
        /// Why, kept apart.
        reason: Option<TextRef>,
    },
    /// 已书面告知特别程序
    SpecialNotified {
        /// Which.
        procedure: SpecialKind,
        /// Whether its days are taken out of the clocks.
        excluded: bool,
        /// The provision.
        basis: String,
        /// Days announced, in the regime's unit.
        days: u16,
        /// The day it is held.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held_on: Option<Date>,
        /// Reason, place and people, kept apart.
        plan: TextRef,
        /// 特别程序告知书 or 听证通知书
        document: DocumentRef,
    },
    /// 特别程序已开始
    SpecialStarted {
        /// Which.
        procedure: SpecialKind,
        /// Whether its days are taken out of the clocks, once they are announced.
        excluded: bool,
        /// The provision.
        basis: String,
    },
    /// 特别程序已结束
    SpecialEnded {
        /// Which.
        procedure: SpecialKind,
        /// Whether the result speaks for the application.
        passed: bool,
        /// Record and result, kept apart.
        record: TextRef,
    },
    /// 已提请延期
    ExtensionRequested {
        /// By how many.
        days: u16,
        /// Why, kept apart.
        reason: TextRef,
    },
    /// 已批准延期
    Extended {
        /// Who approved.
        by: Approver,
        /// By how many.
        n: u16,
        /// Of what.
        unit: LimitUnit,
        /// The authority of the officer who approved, or who recorded the government's approval.
        authority: Id,
        /// Reason and approval number, kept apart.
        reason: TextRef,
        /// 延期告知书
        document: DocumentRef,
    },
    /// 未批准延期
    ExtensionRefused {
        /// Why, kept apart.
        reason: TextRef,
    },
    /// 已亮灯: a mark was raised.
    Marked(Box<Mark>),
    /// 已答复督办
    MarkAnswered {
        /// Which.
        mark: Id,
        /// Answer, kept apart.
        answer: TextRef,
    },
    /// 已申诉
    MarkContested {
        /// Which.
        mark: Id,
        /// Reason, kept apart.
        reason: TextRef,
    },
    /// 已销号
    MarkClosed {
        /// Which.
        mark: Id,
        /// Whether it stands.
        upheld: bool,
        /// In words, kept apart.
        note: Option<TextRef>,
    },
    /// 已回复差评
    RatingAnswered {
        /// In words, kept apart.
        answer: TextRef,
    },
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
            Self::Resumed { .. } => "resumed",
            Self::HearingRightTold { .. } => "hearing_right_told",
            Self::HearingRequested { .. } => "hearing_requested",
            Self::SpecialNotified { .. } => "special_notified",
            Self::SpecialStarted { .. } => "special_started",
            Self::SpecialEnded { .. } => "special_ended",
            Self::ExtensionRequested { .. } => "extension_requested",
            Self::Extended { .. } => "extended",
            Self::ExtensionRefused { .. } => "extension_refused",
            Self::Marked(_) => "marked",
            Self::MarkAnswered { .. } => "mark_answered",
            Self::MarkContested { .. } => "mark_contested",
            Self::MarkClosed { .. } => "mark_closed",
            Self::RatingAnswered { .. } => "rating_answered",
            Self::Rated { .. } => "rated",
        }
    }

    /// Kind and payload as they are stored and hashed.
    ///
    /// # Errors
    /// When the payload cannot be written as JSON, which no event does.
    pub fn to_parts(&self) -> Result<(&'static str, String), serde_json::Error> {
        let value = serde_json::to_value(self)?;
        let payload = match value.get("payload") {
            Some(payload) => serde_json::to_string(payload)?,
            None => "{}".to_owned(),
        };
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
        if !matches!(kind, "closed" | "archived") {
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
            Self::Resumed { .. } => "恢复办理",
            Self::HearingRightTold { .. } => "告知听证权利",
            Self::HearingRequested { .. } => "申请听证",
            Self::SpecialNotified { .. } => "告知特别程序所需时间",
            Self::SpecialStarted { .. } => "特别程序开始",
            Self::SpecialEnded { .. } => "特别程序结束",
            Self::ExtensionRequested { .. } => "提请延期",
            Self::Extended { .. } => "批准延期",
            Self::ExtensionRefused { .. } => "未批准延期",
            Self::Marked(_) => "监察亮灯",
            Self::MarkAnswered { .. } => "答复督办",
            Self::MarkContested { .. } => "督办申诉",
            Self::MarkClosed { .. } => "督办销号",
            Self::RatingAnswered { .. } => "回复评价",
            Self::Rated { .. } => "申请人评价",
        }
    }

    /// Whether the applicant's timeline shows it; the rest is internal.
    pub fn is_public(&self) -> bool {
        !matches!(
            self,
            Self::Returned { .. }
                | Self::DocumentSealed { .. }
                | Self::Archived
                | Self::ExtensionRequested { .. }
                | Self::ExtensionRefused { .. }
                | Self::Marked(_)
                | Self::MarkAnswered { .. }
                | Self::MarkContested { .. }
                | Self::MarkClosed { .. }
        )
    }

    /// Whether the platform makes it by itself: it comes beside what people do and spoils nobody's view of the case.
    pub fn is_the_platforms_own(&self) -> bool {
        matches!(self, Self::DocumentSealed { .. } | Self::Marked(_))
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
            | Self::Refused { document, .. }
            | Self::HearingRightTold { document, .. }
            | Self::SpecialNotified { document, .. }
            | Self::Extended { document, .. } => std::slice::from_ref(document),
            Self::Resumed { document: Some(document) } => std::slice::from_ref(&**document),
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
            Self::SupplementRequested { rows, again, .. } => {
                texts.push(rows);
                texts.extend(again);
            }
            Self::Declined { reason, .. }
            | Self::Returned { reason, .. }
            | Self::Refused { reason, .. }
            | Self::Terminated { reason, .. }
            | Self::Suspended { reason, .. }
            | Self::HearingRightTold { reason, .. }
            | Self::ExtensionRequested { reason, .. }
            | Self::Extended { reason, .. }
            | Self::ExtensionRefused { reason }
            | Self::MarkContested { reason, .. } => texts.push(reason),
            Self::SpecialNotified { plan, .. } => texts.push(plan),
            Self::SpecialEnded { record, .. } => texts.push(record),
            Self::MarkAnswered { answer, .. } | Self::RatingAnswered { answer } => texts.push(answer),
            Self::HearingRequested { reason, .. } => texts.extend(reason),
            Self::MarkClosed { note, .. } => texts.extend(note),
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
            | Self::Resumed { .. }
            | Self::SpecialStarted { .. }
            | Self::Marked(_) => {}
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
