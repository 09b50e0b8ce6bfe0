//! Everything anyone can ask of a case. Pages, API, timers and the command line all speak this enum.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::DivisionCode;
use crate::ids::Id;
use crate::item::{Answers, FileKind, SpecialKind};

/// 办件动作: one act. The JSON form is tagged by `type` in snake case and is the API's body.
#[doc(alias = "办件动作")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// 提交申请: creates the case.
    Submit(Box<Submission>),
    /// 收件: the window has the application and gives its receipt.
    Receive,
    /// 当场更正: an error that can be put right on the spot (许可法 32(三)).
    AmendOnTheSpot {
        /// New values by field key.
        answers: Answers,
    },
    /// 一次性告知补正 (许可法 32(四)).
    RequestSupplement {
        /// What is missing or wrong, row by row; everything at once.
        rows: Vec<SupplementRow>,
        /// The applicant's last day; the item's usual period when absent.
        #[serde(default)]
        due: Option<Date>,
        /// Why once more, when it was told before: a second request needs it and is marked.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        again: String,
    },
    /// 补正后再次提交: only what was asked for.
    Resubmit {
        /// New values by field key.
        #[serde(default)]
        answers: Answers,
        /// Replaced materials.
        #[serde(default)]
        files: Vec<FileSet>,
    },
    /// 受理 (许可法 32(五)).
    Accept {
        /// What the window found, material by material; a file not named here counts as right.
        #[serde(default)]
        checks: Vec<MaterialCheck>,
    },
    /// 不予受理 (许可法 32(一)(二)).
    Decline {
        /// On which ground.
        ground: DeclineGround,
        /// Why, in words.
        reason: String,
        /// Where to go instead, when it is not ours.
        #[serde(default)]
        go_to: String,
    },
    /// 分派 to an officer of the deciding agency.
    Assign {
        /// Account of the officer.
        officer: Id,
    },
    /// 审核通过 of the running review step (an internal step, not the decision).
    Pass {
        /// Opinion.
        #[serde(default)]
        opinion: String,
        /// Findings on the review points.
        #[serde(default)]
        points: Vec<PointFinding>,
    },
    /// 退回上一环节 (an internal step).
    Return {
        /// Why.
        reason: String,
    },
    /// 准予许可 (许可法 38).
    Grant {
        /// Opinion.
        #[serde(default)]
        opinion: String,
    },
    /// 不予许可, with reasons and remedies (许可法 38).
    Refuse {
        /// Facts and reasons.
        reason: String,
        /// The provisions it stands on.
        basis: String,
    },
    /// 制证 (颁发): the sealed licence or decision is ready to hand over (许可法 44).
    Issue,
    /// 送达
    Deliver {
        /// How.
        method: DeliveryMethod,
        /// Who signed, or the tracking number.
        #[serde(default)]
        note: String,
    },
    /// 办结
    Close,
    /// 归档
    Archive,
    /// 申请人撤回申请
    WithdrawApplication {
        /// Why; may be empty.
        #[serde(default)]
        reason: String,
    },
    /// 终止办理, on a ground the item or the law names.
    Terminate {
        /// On which ground.
        ground: TerminateGround,
        /// Why, in words.
        reason: String,
    },
    /// 中止 (lawsuit, force majeure): both clocks stop.
    Suspend {
        /// Why, in words.
        reason: String,
    },
    /// 恢复办理
    Resume,
    /// 告知听证权利 (许可法 46, 47): the applicant may ask for a hearing within five working days.
    TellHearingRight {
        /// Which weighty interest is touched, in words.
        reason: String,
    },
    /// 申请听证 (许可法 47)
    RequestHearing {
        /// Why; may be empty.
        #[serde(default)]
        reason: String,
    },
    /// 书面告知特别程序及所需时间 (许可法 45); for one that is under way: more days.
    NotifySpecial(Box<SpecialPlan>),
    /// 特别程序开始
    StartSpecial {
        /// Which.
        procedure: SpecialKind,
    },
    /// 特别程序结束, with its record and result.
    EndSpecial {
        /// Which.
        procedure: SpecialKind,
        /// 笔录 or 报告 in short, with the result.
        record: String,
        /// Whether the result speaks for the application.
        passed: bool,
    },
    /// 提请延期 (许可法 42): a chief representative may ask, not approve.
    RequestExtension {
        /// By how many, in the regime's unit.
        days: u16,
        /// Why.
        reason: String,
    },
    /// 批准延期, with its notice (许可法 42).
    Extend {
        /// By how many, in the regime's unit.
        days: u16,
        /// Why: told to the applicant.
        reason: String,
        /// 批准文号, where the head of the government approves.
        #[serde(default)]
        approval: String,
    },
    /// 不批准延期
    RefuseExtension {
        /// Why.
        reason: String,
    },
    /// The platform looks at the clock: accepts by silence, raises the marks that are due.
    Watch,
    /// 答复督办 of a mark.
    AnswerMark {
        /// Which.
        mark: Id,
        /// What happened and what was put right.
        answer: String,
    },
    /// 申诉: the mark is wrong.
    ContestMark {
        /// Which.
        mark: Id,
        /// Why.
        reason: String,
    },
    /// 销号: the supervisor closes a mark.
    CloseMark {
        /// Which.
        mark: Id,
        /// Whether it stands.
        upheld: bool,
        /// In words; required when it does not stand.
        #[serde(default)]
        note: String,
    },
    /// 差评回复: what was put right after a bad rating.
    AnswerRating {
        /// In words; the applicant reads it.
        answer: String,
    },
    /// The platform rendered and sealed a document.
    RecordSeal {
        /// Which document.
        document: Id,
        /// SM3 of the file, hex.
        file: String,
        /// Bytes.
        size: u64,
        /// Key that signed.
        key: String,
        /// DER signature, hex.
        signature: String,
    },
    /// 好差评: one rating of the service.
    Rate {
        /// 1 非常满意 … 5 非常不满意.
        grade: u8,
        /// In words; may be empty.
        #[serde(default)]
        comment: String,
    },
}

/// 申请: what is submitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Local item key (`X03@130102000000`).
    pub item: String,
    /// 情形 key.
    pub situation: String,
    /// The applicant's division.
    pub division: DivisionCode,
    /// Form answers by field key.
    pub answers: Answers,
    /// Files by material.
    #[serde(default)]
    pub files: Vec<FileSet>,
    /// 纸质材料收到之日, for an application handed in on paper before it was entered here; the clock counts from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper_received_on: Option<Date>,
}

/// 特别程序安排: what the written notice says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialPlan {
    /// Which procedure.
    pub procedure: SpecialKind,
    /// Days announced, in the regime's unit.
    pub days: u16,
    /// Why it is needed.
    pub reason: String,
    /// 依职权 (the agency's own motion, 许可法 46) or on application (47); hearings only.
    #[serde(default)]
    pub own_motion: bool,
    /// The day it is held; a hearing must name it, seven days ahead.
    #[serde(default)]
    pub held_on: Option<Date>,
    /// Where.
    #[serde(default)]
    pub place: String,
    /// 主持人 of a hearing: an account that does not review the case (许可法 48).
    #[serde(default)]
    pub presider: Option<Id>,
    /// People taking part: officers of a site visit (two or more, 许可法 34), experts, institutions.
    #[serde(default)]
    pub people: Vec<SpecialPerson>,
}

/// Somebody who takes part in a special procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialPerson {
    /// 姓名 or 机构名称
    pub name: String,
    /// 身份: 核查人员, 专家, 检验机构.
    pub part: String,
    /// 证件号 of an officer; may be empty.
    #[serde(default)]
    pub badge: String,
}

/// The files handed in for one material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSet {
    /// Material key.
    pub material: String,
    /// Files in order.
    pub files: Vec<AttachmentRef>,
}

/// An uploaded file, as events name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachmentRef {
    /// Attachment row.
    pub id: Id,
    /// SM3 of the bytes, hex.
    pub digest: String,
    /// Salted SM3 of the row (it holds the file's name), hex.
    pub row: String,
    /// Bytes.
    pub size: u64,
    /// Recognised type.
    pub kind: FileKind,
}

/// One row of a request for supplements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplementRow {
    /// Field key or material key.
    pub target: String,
    /// What is wrong.
    pub problem: String,
    /// What right looks like.
    pub fix: String,
}

/// What the window found about one material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaterialCheck {
    /// Material key.
    pub material: String,
    /// Finding.
    pub verdict: Verdict,
}

/// 材料核对结论
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// ✓ right (the original was seen, or the file is right)
    Right,
    /// ✗ wrong
    Wrong,
    /// 缺 missing
    Missing,
}

/// A finding on one review point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointFinding {
    /// Review point key.
    pub point: String,
    /// 符合 or not.
    pub met: bool,
    /// 说明
    #[serde(default)]
    pub note: String,
}

/// 不予受理 grounds: the closed list of 许可法 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineGround {
    /// 依法不需要取得许可 (32(一))
    NotNeeded,
    /// 不属于本机关职权 (32(二)); `go_to` names the right organ
    NotOurs,
    /// 法律规定不得申请 (e.g. 许可法 78, 79)
    Barred,
    /// 逾期未补正，或者补正后仍不齐全、不符合法定形式 (32(五) read the other way round)
    NotSupplemented,
}

impl DeclineGround {
    /// The Chinese words.
    pub fn label(self) -> &'static str {
        match self {
            Self::NotNeeded => "申请事项依法不需要取得行政许可",
            Self::NotOurs => "申请事项依法不属于本行政机关职权范围",
            Self::Barred => "申请人依法不得在规定期限内再次申请",
            Self::NotSupplemented => "经一次性告知，逾期未补正或者补正后仍不齐全、不符合法定形式",
        }
    }
}

/// 终止办理 grounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminateGround {
    /// 申请人死亡、丧失行为能力或法人终止
    ApplicantGone,
    /// 申请事项的标的灭失或依据失效
    ObjectGone,
    /// 事项规定的其他终止依据 (named in the reason)
    ItemRule,
}

impl TerminateGround {
    /// The Chinese words.
    pub fn label(self) -> &'static str {
        match self {
            Self::ApplicantGone => "申请人死亡、丧失行为能力或者法人、组织依法终止",
            Self::ObjectGone => "申请事项的标的灭失或者设定依据失效",
            Self::ItemRule => "法律、法规、规章对本事项规定的终止情形",
        }
    }
}

/// 送达方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryMethod {
    /// 窗口领取
    Counter,
    /// 邮寄
    Mail,
    /// 电子送达 (with the applicant's consent)
    Electronic,
    /// 委托代领
    Proxy,
}

impl DeliveryMethod {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Counter => "窗口领取",
            Self::Mail => "邮寄送达",
            Self::Electronic => "电子送达",
            Self::Proxy => "委托代领",
        }
    }
}

macro_rules! kinds {
    ($($variant:ident $word:literal $label:literal),* $(,)?) => {
        /// The kind of a command, without its content.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum CommandKind {
            $(#[doc = $label] $variant,)*
        }

        impl CommandKind {
            /// Every kind, in the order of the procedure.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word in the API and in the state table.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The Chinese word on buttons.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

kinds! {
    Submit "submit" "提交申请",
    Receive "receive" "收件",
    AmendOnTheSpot "amend_on_the_spot" "当场更正",
    RequestSupplement "request_supplement" "一次性告知补正",
    Resubmit "resubmit" "提交补正",
    Accept "accept" "受理",
    Decline "decline" "不予受理",
    Assign "assign" "分派",
    Pass "pass" "审核通过",
    Return "return" "退回上一环节",
    Grant "grant" "准予",
    Refuse "refuse" "不予许可",
    Issue "issue" "制证",
    Deliver "deliver" "送达",
    Close "close" "办结",
    Archive "archive" "归档",
    WithdrawApplication "withdraw_application" "撤回申请",
    Terminate "terminate" "终止办理",
    Suspend "suspend" "中止",
    Resume "resume" "恢复办理",
    TellHearingRight "tell_hearing_right" "告知听证权利",
    RequestHearing "request_hearing" "申请听证",
    NotifySpecial "notify_special" "告知特别程序",
    StartSpecial "start_special" "特别程序开始",
    EndSpecial "end_special" "特别程序结束",
    RequestExtension "request_extension" "提请延期",
    Extend "extend" "批准延期",
    RefuseExtension "refuse_extension" "不批准延期",
    Watch "watch" "到期检查",
    AnswerMark "answer_mark" "答复督办",
    ContestMark "contest_mark" "督办申诉",
    CloseMark "close_mark" "督办销号",
    AnswerRating "answer_rating" "差评回复",
    RecordSeal "record_seal" "记录签章",
    Rate "rate" "评价",
}

impl Command {
    /// The kind, without the content.
    pub fn kind(&self) -> CommandKind {
        match self {
            Self::Submit(_) => CommandKind::Submit,
            Self::Receive => CommandKind::Receive,
            Self::AmendOnTheSpot { .. } => CommandKind::AmendOnTheSpot,
            Self::RequestSupplement { .. } => CommandKind::RequestSupplement,
            Self::Resubmit { .. } => CommandKind::Resubmit,
            Self::Accept { .. } => CommandKind::Accept,
            Self::Decline { .. } => CommandKind::Decline,
            Self::Assign { .. } => CommandKind::Assign,
            Self::Pass { .. } => CommandKind::Pass,
            Self::Return { .. } => CommandKind::Return,
            Self::Grant { .. } => CommandKind::Grant,
            Self::Refuse { .. } => CommandKind::Refuse,
            Self::Issue => CommandKind::Issue,
            Self::Deliver { .. } => CommandKind::Deliver,
            Self::Close => CommandKind::Close,
            Self::Archive => CommandKind::Archive,
            Self::WithdrawApplication { .. } => CommandKind::WithdrawApplication,
            Self::Terminate { .. } => CommandKind::Terminate,
            Self::Suspend { .. } => CommandKind::Suspend,
            Self::Resume => CommandKind::Resume,
            Self::TellHearingRight { .. } => CommandKind::TellHearingRight,
            Self::RequestHearing { .. } => CommandKind::RequestHearing,
            Self::NotifySpecial(_) => CommandKind::NotifySpecial,
            Self::StartSpecial { .. } => CommandKind::StartSpecial,
            Self::EndSpecial { .. } => CommandKind::EndSpecial,
            Self::RequestExtension { .. } => CommandKind::RequestExtension,
            Self::Extend { .. } => CommandKind::Extend,
            Self::RefuseExtension { .. } => CommandKind::RefuseExtension,
            Self::Watch => CommandKind::Watch,
            Self::AnswerMark { .. } => CommandKind::AnswerMark,
            Self::ContestMark { .. } => CommandKind::ContestMark,
            Self::CloseMark { .. } => CommandKind::CloseMark,
            Self::AnswerRating { .. } => CommandKind::AnswerRating,
            Self::RecordSeal { .. } => CommandKind::RecordSeal,
            Self::Rate { .. } => CommandKind::Rate,
        }
    }
}
