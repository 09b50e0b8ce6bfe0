//! A case (办件): one application from submission to archive, what state it is in and what it remembers.
//! Knows no storage and no pages. Reading order: this file, `command`, `event`, `decide` and its stages.

mod apply;
mod chain;
mod clock;
mod command;
mod decide;
mod delivery;
mod effect;
mod event;
mod extension;
mod intake;
mod moved;
mod outage;
mod paper;
mod review;
mod ruling;
mod special;
mod supplement;
mod tell;
#[cfg(test)]
mod tests;
mod watch;
mod words;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use apply::apply;
pub use chain::{Link, Stamp, TextRef, digest_event, digest_text, genesis};
pub use clock::{
    Announced, Asked, Deadlines, Due, Explained, Extended, Halt, Interval, Ledger, LeftOut, Procedure,
    RenewalWindow, StepClock, TakenOut, Trial, TrialApprover, TrialEvent, TrialRefusal, Tried,
    TriedDeadlines, accepted_by_silence, deadlines, excluded_working_days, explain, notice_due, try_out,
    used_working_days,
};
pub use command::{
    AttachmentRef, Command, CommandKind, DeclineGround, DeliveryMethod, FileSet, MaterialCheck, PointFinding,
    SpecialPerson, SpecialPlan, Submission, SupplementRow, TerminateGround, Verdict,
};
pub use decide::{
    Counters, Facts, IDS_PER_ACT, Mint, No, Refusal, Subject, Text, TextKind, counters_needed, decide,
};
pub use effect::{Effect, effects};
pub use event::{DocumentRef, Event, LicenceGrant, SealRef, Submitted};
pub use intake::needs_file;
pub use moved::{DeadlineKind, Moved, moved};
pub use outage::{Outage, delayed, touches_working_hours};
pub use paper::{Paper, PaperKind, PaperTable};
pub use tell::{Audience, Telling, Topic, Urgency, tellings};
pub use watch::{
    Figure, Light, Mark, MarkRule, MarkRules, MarkRulesError, MarkState, Test, Trigger, next_wake, triggers,
};
pub use words::{chinese_date, citizen_words, staff_words};

use crate::ids::DivisionCode;
use crate::ids::{CaseNo, Id, LicenceId, LocalItemCode, NationalCaseNo};

/// 办件: everything that follows from its events, and nothing else.
#[doc(alias = "办件")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Program-made key.
    pub id: Id,
    /// Public 12-character reference, given at submission.
    pub no: CaseNo,
    /// 办件编号 (43 characters), given once at receipt.
    pub national_no: Option<NationalCaseNo>,
    /// What is applied for.
    pub item: ItemRef,
    /// Who and where.
    pub places: Places,
    /// The applicant's party row.
    pub party: Id,
    /// The account that filed, when it was filed online.
    pub applicant: Option<Id>,
    /// Whether it came in over the counter.
    pub at_window: bool,
    /// Current answers to the form.
    pub answers: TextRef,
    /// How often the answers changed; 1 at submission.
    pub answers_version: u32,
    /// Materials handed in, by material key.
    pub files: Vec<FileSet>,
    /// Where it stands.
    pub state: State,
    /// 承诺、容缺 and the other flags that are not states.
    pub flags: Flags,
    /// What the deadlines are derived from.
    pub ledger: Ledger,
    /// Review steps passed so far.
    pub steps_passed: u8,
    /// 经办人: who holds it now.
    pub officer: Option<Id>,
    /// Who received, accepted and decided, for the separation of duties.
    pub hands: Hands,
    /// 补正 asked for so far.
    pub supplements: Vec<SupplementRef>,
    /// The decision, once there is one.
    pub decision: Option<Decision>,
    /// Statutory documents in order of their making.
    pub documents: Vec<DocumentRef>,
    /// How it was handed over.
    pub delivery: Option<DeliveryMethod>,
    /// 好差评 grade, 1 非常满意 to 5 非常不满意.
    pub rating: Option<u8>,
    /// The day it was rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated_on: Option<Date>,
    /// Whether the agency answered the rating.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rating_answered: bool,
    /// 听证: told of the right, asked for, to be held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hearing: Option<Hearing>,
    /// 提请延期 that waits for its approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension_asked: Option<ExtensionAsked>,
    /// 亮灯, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Number of events so far.
    pub version: u32,
    /// Version after the last act of a person. The platform's own seals come a moment later and change nothing that a
    /// reader decides on, so whoever saw the case at this version or later saw what counts.
    pub acted: u32,
    /// Digest of the last event (hex SM3).
    pub head: String,
}

/// The item as it was when the case began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemRef {
    /// Catalogue entry id.
    pub entry: String,
    /// Version of the entry the case keeps.
    pub version: u32,
    /// Local item key (`X03@130102000000`).
    pub local: String,
    /// 实施编码 at the time.
    pub code: LocalItemCode,
    /// 情形 key.
    pub situation: String,
}

/// The five places of a case; agencies by key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Places {
    /// 申请人所在区划
    pub applicant: DivisionCode,
    /// 收件机关 (the comprehensive window)
    pub receiving: String,
    /// 受理机关 (in whose name it is accepted)
    pub accepting: String,
    /// 决定机关
    pub deciding: String,
    /// 监管机关, by name
    pub regulating: String,
    /// Scope path of the deciding agency's division: rights are prefixes of it.
    pub scope: String,
}

/// Flags beside the state (`decisions.md`: flags, not states).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flags {
    /// 容缺: accepted while some materials wait
    pub deferred: bool,
    /// 告知承诺
    pub committed: bool,
    /// 视为受理
    pub deemed: bool,
    /// 延期
    pub extended: bool,
    /// 特别程序进行中
    pub special: bool,
}

/// 听证 of a case (许可法 46–48).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hearing {
    /// The applicant's last day to ask.
    pub ask_by: Date,
    /// The day it was asked for.
    pub asked_on: Option<Date>,
    /// The agency's last day to hold it, once it was asked for.
    pub hold_by: Option<Date>,
}

/// 提请延期: who asked for how many days, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionAsked {
    /// By how many, in the regime's unit.
    pub days: u16,
    /// Who asked.
    pub by: Id,
    /// The day.
    pub on: Date,
    /// Why, a kept text.
    pub reason: TextRef,
}

/// Who did what, by account, for the separation of duties (岗位分离).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hands {
    /// 首问责任人: the first member of staff who dealt with it (C13)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_asked: Option<Id>,
    /// 收件人
    pub received_by: Option<Id>,
    /// 受理人
    pub accepted_by: Option<Id>,
    /// 审查人
    pub reviewed_by: Vec<Id>,
    /// 决定人
    pub decided_by: Option<Id>,
}

/// One request for supplements (补正).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupplementRef {
    /// What is asked, row by row (a kept text).
    pub rows: TextRef,
    /// Field keys that may be edited.
    pub fields: Vec<String>,
    /// Material keys that may be replaced.
    pub materials: Vec<String>,
    /// The applicant's last day.
    pub due: Date,
    /// When it was answered, epoch milliseconds.
    pub answered_at: Option<i64>,
    /// Why once more, for a second request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<TextRef>,
}

/// 决定
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// 准予 or 不予
    pub granted: bool,
    /// The authority it stands on.
    pub authority: Id,
    /// Legal date.
    pub on: Date,
    /// The licence it grants, when the item has one.
    pub licence: Option<LicenceGrant>,
}

/// 办件状态. Variants carry the moment they began (epoch milliseconds).
#[doc(alias = "办件状态")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum State {
    /// 待收件
    Submitted {
        /// Since when.
        since: i64,
    },
    /// 待受理
    Received {
        /// Since when.
        since: i64,
    },
    /// 待补正
    Supplementing {
        /// Since when.
        since: i64,
    },
    /// 待分派
    Accepted {
        /// Since when.
        since: i64,
    },
    /// 审查中, at the numbered review step (0 is the first)
    Reviewing {
        /// Since when.
        since: i64,
        /// Review step.
        step: u8,
    },
    /// 中止; keeps where to go back to
    Suspended {
        /// Since when.
        since: i64,
        /// Where it goes on.
        back: Back,
    },
    /// 待决定
    Deciding {
        /// Since when.
        since: i64,
    },
    /// 准予
    Granted {
        /// Since when.
        since: i64,
    },
    /// 不予许可
    Refused {
        /// Since when.
        since: i64,
    },
    /// 待送达
    Issued {
        /// Since when.
        since: i64,
    },
    /// 已送达
    Delivered {
        /// Since when.
        since: i64,
    },
    /// 办结
    Closed {
        /// Since when.
        since: i64,
    },
    /// 归档
    Archived {
        /// Since when.
        since: i64,
    },
    /// 不予受理
    Declined {
        /// Since when.
        since: i64,
    },
    /// 撤回
    Withdrawn {
        /// Since when.
        since: i64,
    },
    /// 终止
    Terminated {
        /// Since when.
        since: i64,
    },
}

/// Where a suspended case goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Back {
    /// To assignment.
    Accepted,
    /// To a review step.
    Reviewing {
        /// Review step.
        step: u8,
    },
    /// To the decision desk.
    Deciding,
}

/// The name of a state without its dates; what lists are filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// 待收件
    Submitted,
    /// 待受理
    Received,
    /// 待补正
    Supplementing,
    /// 待分派
    Accepted,
    /// 审查中
    Reviewing,
    /// 中止
    Suspended,
    /// 待决定
    Deciding,
    /// 准予
    Granted,
    /// 不予许可
    Refused,
    /// 待送达
    Issued,
    /// 已送达
    Delivered,
    /// 办结
    Closed,
    /// 归档
    Archived,
    /// 不予受理
    Declined,
    /// 撤回
    Withdrawn,
    /// 终止
    Terminated,
}

impl StateName {
    /// Every state, in the order of the procedure.
    pub const ALL: [Self; 16] = [
        Self::Submitted,
        Self::Received,
        Self::Supplementing,
        Self::Accepted,
        Self::Reviewing,
        Self::Suspended,
        Self::Deciding,
        Self::Granted,
        Self::Refused,
        Self::Issued,
        Self::Delivered,
        Self::Closed,
        Self::Archived,
        Self::Declined,
        Self::Withdrawn,
        Self::Terminated,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Received => "received",
            Self::Supplementing => "supplementing",
            Self::Accepted => "accepted",
            Self::Reviewing => "reviewing",
            Self::Suspended => "suspended",
            Self::Deciding => "deciding",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Issued => "issued",
            Self::Delivered => "delivered",
            Self::Closed => "closed",
            Self::Archived => "archived",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Terminated => "terminated",
        }
    }

    /// From the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// Whether nothing more can be asked of the case, save archiving and rating.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Archived | Self::Declined | Self::Withdrawn | Self::Terminated)
    }
}

impl State {
    /// The name without its dates.
    pub fn name(self) -> StateName {
        match self {
            Self::Submitted { .. } => StateName::Submitted,
            Self::Received { .. } => StateName::Received,
            Self::Supplementing { .. } => StateName::Supplementing,
            Self::Accepted { .. } => StateName::Accepted,
            Self::Reviewing { .. } => StateName::Reviewing,
            Self::Suspended { .. } => StateName::Suspended,
            Self::Deciding { .. } => StateName::Deciding,
            Self::Granted { .. } => StateName::Granted,
            Self::Refused { .. } => StateName::Refused,
            Self::Issued { .. } => StateName::Issued,
            Self::Delivered { .. } => StateName::Delivered,
            Self::Closed { .. } => StateName::Closed,
            Self::Archived { .. } => StateName::Archived,
            Self::Declined { .. } => StateName::Declined,
            Self::Withdrawn { .. } => StateName::Withdrawn,
            Self::Terminated { .. } => StateName::Terminated,
        }
    }

    /// When the state began, epoch milliseconds.
    pub fn since(self) -> i64 {
        match self {
            Self::Submitted { since }
            | Self::Received { since }
            | Self::Supplementing { since }
            | Self::Accepted { since }
            | Self::Reviewing { since, .. }
            | Self::Suspended { since, .. }
            | Self::Deciding { since }
            | Self::Granted { since }
            | Self::Refused { since }
            | Self::Issued { since }
            | Self::Delivered { since }
            | Self::Closed { since }
            | Self::Archived { since }
            | Self::Declined { since }
            | Self::Withdrawn { since }
            | Self::Terminated { since } => since,
        }
    }
}

impl Case {
    /// The open request for supplements, if any.
    pub fn open_supplement(&self) -> Option<&SupplementRef> {
        self.supplements.last().filter(|s| s.answered_at.is_none())
    }

    /// Whether someone who saw the case at `version` has seen every act of a person since.
    pub fn was_seen_at(&self, version: u32) -> bool {
        (self.acted..=self.version).contains(&version)
    }

    /// The document with this id.
    pub fn document(&self, id: Id) -> Option<&DocumentRef> {
        self.documents.iter().find(|d| d.id == id)
    }

    /// The latest document of a kind.
    pub fn document_of(&self, kind: PaperKind) -> Option<&DocumentRef> {
        self.documents.iter().rev().find(|d| d.kind == kind)
    }

    /// The licence granted, if any.
    pub fn licence(&self) -> Option<&LicenceId> {
        Some(&self.decision.as_ref()?.licence.as_ref()?.id)
    }

    /// Files handed in for a material.
    pub fn files_of(&self, material: &str) -> &[AttachmentRef] {
        self.files.iter().find(|f| f.material == material).map_or(&[], |f| &f.files)
    }
}
