//! Who is told what by which event: the one place that says so. Knows no addresses and no words; those are data
//! (`data/messages.json`). An audience is a person or a desk: a desk's message is one row that all its members see.

use super::{Case, Event, State};
use crate::ids::Id;
use crate::permit::Role;

/// 消息对象: who is told.
#[doc(alias = "消息对象")]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// 申请人: the account that filed.
    Applicant(Id),
    /// 经办人: one officer, by account.
    Officer(Id),
    /// 岗位: everyone who holds this role at this agency.
    Desk {
        /// Agency key.
        agency: String,
        /// The role.
        role: Role,
    },
}

impl Audience {
    /// The one account that is told; none for a desk.
    pub fn account(&self) -> Option<Id> {
        match self {
            Self::Applicant(account) | Self::Officer(account) => Some(*account),
            Self::Desk { .. } => None,
        }
    }
}

/// 紧要程度: how far a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// It waits in the account until somebody looks.
    InSite,
    /// It also goes out by mail and SMS, where the reader has an address and wants that.
    Sent,
}

/// 消息主题: what a message is about; the key of its words.
#[doc(alias = "消息主题")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// 已提交
    Submitted,
    /// 已收件
    Received,
    /// 请补正
    SupplementRequested,
    /// 已受理
    Accepted,
    /// 不予受理
    Declined,
    /// 已中止
    Suspended,
    /// 已恢复
    Resumed,
    /// 准予
    Granted,
    /// 不予许可
    Refused,
    /// 证照已制好
    Issued,
    /// 已送达
    Delivered,
    /// 已终止
    Terminated,
    /// 分派给您
    Assigned,
    /// 退回给您
    Returned,
    /// 申请人已补正
    Supplemented,
    /// 申请人已撤回
    Withdrawn,
    /// 您经办的办件已中止
    StoppedForYou,
    /// 您经办的办件已恢复
    GoesOnForYou,
    /// 等待决定
    WaitsForDecision,
    /// 可以要求听证
    HearingRightTold,
    /// 特别程序告知
    SpecialNotified,
    /// 特别程序结束
    SpecialEnded,
    /// 已延期
    Extended,
    /// 已回复评价
    RatingAnswered,
    /// 申请人要求听证
    HearingRequested,
    /// 提请延期
    ExtensionAsked,
    /// 未批准延期
    ExtensionRefused,
    /// 亮灯待答复
    Marked,
    /// 督办已答复
    MarkAnswered,
    /// 督办已销号
    MarkClosed,
    /// 差评待回复
    BadRating,
    /// 有变化: messages from before topics were kept.
    Changed,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 32] = [
        Self::Submitted,
        Self::Received,
        Self::SupplementRequested,
        Self::Accepted,
        Self::Declined,
        Self::Suspended,
        Self::Resumed,
        Self::Granted,
        Self::Refused,
        Self::Issued,
        Self::Delivered,
        Self::Terminated,
        Self::Assigned,
        Self::Returned,
        Self::Supplemented,
        Self::Withdrawn,
        Self::StoppedForYou,
        Self::GoesOnForYou,
        Self::WaitsForDecision,
        Self::HearingRightTold,
        Self::SpecialNotified,
        Self::SpecialEnded,
        Self::Extended,
        Self::RatingAnswered,
        Self::HearingRequested,
        Self::ExtensionAsked,
        Self::ExtensionRefused,
        Self::Marked,
        Self::MarkAnswered,
        Self::MarkClosed,
        Self::BadRating,
        Self::Changed,
    ];

    /// The stored word; for what applicants are told it is the kind of the event.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Received => "received",
            Self::SupplementRequested => "supplement_requested",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Issued => "issued",
            Self::Delivered => "delivered",
            Self::Terminated => "terminated",
            Self::Assigned => "assigned",
            Self::Returned => "returned",
            Self::Supplemented => "supplemented",
            Self::Withdrawn => "withdrawn",
            Self::StoppedForYou => "stopped_for_you",
            Self::GoesOnForYou => "goes_on_for_you",
            Self::WaitsForDecision => "waits_for_decision",
            Self::HearingRightTold => "hearing_right_told",
            Self::SpecialNotified => "special_notified",
            Self::SpecialEnded => "special_ended",
            Self::Extended => "extended",
            Self::RatingAnswered => "rating_answered",
            Self::HearingRequested => "hearing_requested",
            Self::ExtensionAsked => "extension_asked",
            Self::ExtensionRefused => "extension_refused",
            Self::Marked => "marked",
            Self::MarkAnswered => "mark_answered",
            Self::MarkClosed => "mark_closed",
            Self::BadRating => "bad_rating",
            Self::Changed => "changed",
        }
    }

    /// From the stored word; a word that is not known says only that something changed.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|t| t.as_str() == word).unwrap_or(Self::Changed)
    }

    /// Whether somebody has to act or to know soon enough to be reached outside the platform.
    pub fn urgency(self) -> Urgency {
        match self {
            Self::Submitted
            | Self::SupplementRequested
            | Self::Accepted
            | Self::Declined
            | Self::Suspended
            | Self::Resumed
            | Self::Granted
            | Self::Refused
            | Self::Issued
            | Self::Delivered
            | Self::Terminated
            | Self::Assigned
            | Self::Returned
            | Self::Withdrawn
            | Self::HearingRightTold
            | Self::SpecialNotified
            | Self::Extended
            | Self::HearingRequested
            | Self::Marked
            | Self::BadRating => Urgency::Sent,
            Self::Received
            | Self::Supplemented
            | Self::StoppedForYou
            | Self::GoesOnForYou
            | Self::WaitsForDecision
            | Self::SpecialEnded
            | Self::RatingAnswered
            | Self::ExtensionAsked
            | Self::ExtensionRefused
            | Self::MarkAnswered
            | Self::MarkClosed
            | Self::Changed => Urgency::InSite,
        }
    }
}

/// 告知: one audience is told of one topic.
#[doc(alias = "告知")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// Who.
    pub audience: Audience,
    /// Of what.
    pub topic: Topic,
}

impl Telling {
    /// Whether it is news to its audience when `by` did it: no officer is told what they just did themselves. An
    /// applicant is, because a message is also a receipt.
    pub fn is_news_after(&self, by: Id) -> bool {
        self.audience != Audience::Officer(by)
    }
}

/// Who is told what by an event, given the case after it.
pub fn tellings(case: &Case, event: &Event) -> Vec<Telling> {
    let applicant = |topic| case.applicant.map(|id| Telling { audience: Audience::Applicant(id), topic });
    let officer = |topic| case.officer.map(|id| Telling { audience: Audience::Officer(id), topic });
    let desk = |agency: &str, role, topic| {
        Some(Telling { audience: Audience::Desk { agency: agency.to_owned(), role }, topic })
    };
    let window = |topic| desk(&case.places.receiving, Role::Clerk, topic);
    let deciders = |topic| desk(&case.places.deciding, Role::Representative, topic);
    let told = match event {
        Event::Submitted(_) => [applicant(Topic::Submitted), None],
        Event::Received { .. } => [applicant(Topic::Received), None],
        Event::SupplementRequested { .. } => [applicant(Topic::SupplementRequested), None],
        Event::Supplemented { .. } => [window(Topic::Supplemented), None],
        Event::Accepted { .. } => [applicant(Topic::Accepted), None],
        Event::Declined { .. } => [applicant(Topic::Declined), None],
        Event::Assigned { officer, .. } => {
            [Some(Telling { audience: Audience::Officer(*officer), topic: Topic::Assigned }), None]
        }
        Event::Passed { last, .. } => [if *last { deciders(Topic::WaitsForDecision) } else { None }, None],
        Event::Returned { .. } => [officer(Topic::Returned), None],
        Event::Granted { .. } => [applicant(Topic::Granted), None],
        Event::Refused { .. } => [applicant(Topic::Refused), None],
        Event::Issued { .. } => [applicant(Topic::Issued), None],
        Event::Delivered { .. } => [applicant(Topic::Delivered), None],
        // Before an officer holds it, the window does.
        Event::Withdrawn { .. } => [officer(Topic::Withdrawn).or_else(|| window(Topic::Withdrawn)), None],
        Event::Terminated { .. } => [applicant(Topic::Terminated), None],
        Event::Suspended { .. } => [applicant(Topic::Suspended), officer(Topic::StoppedForYou)],
        Event::Resumed { .. } => {
            let waits = matches!(case.state, State::Deciding { .. });
            let then = if waits { deciders(Topic::WaitsForDecision) } else { officer(Topic::GoesOnForYou) };
            [applicant(Topic::Resumed), then]
        }
        Event::HearingRightTold { .. } => [applicant(Topic::HearingRightTold), None],
        Event::HearingRequested { .. } => [officer(Topic::HearingRequested), None],
        Event::SpecialNotified { .. } => [applicant(Topic::SpecialNotified), None],
        Event::SpecialEnded { .. } => [applicant(Topic::SpecialEnded), None],
        Event::ExtensionRequested { .. } => [deciders(Topic::ExtensionAsked), None],
        Event::Extended { .. } => [applicant(Topic::Extended), None],
        Event::ExtensionRefused { .. } => [officer(Topic::ExtensionRefused), None],
        // Whoever has to answer a mark, else whoever heads the desk it is about.
        Event::Marked(mark) => {
            let owner =
                mark.owner.map(|id| Telling { audience: Audience::Officer(id), topic: Topic::Marked });
            let role = if mark.agency == case.places.deciding { Role::Representative } else { Role::Clerk };
            [owner.or_else(|| desk(&mark.agency, role, Topic::Marked)), None]
        }
        Event::MarkAnswered { .. } | Event::MarkContested { .. } => {
            [desk(&case.places.deciding, Role::Supervisor, Topic::MarkAnswered), None]
        }
        Event::MarkClosed { mark, .. } => {
            let owner = case.mark(*mark).and_then(|m| m.owner);
            [owner.map(|id| Telling { audience: Audience::Officer(id), topic: Topic::MarkClosed }), None]
        }
        Event::Rated { grade, .. } if *grade >= 4 => {
            [officer(Topic::BadRating).or_else(|| window(Topic::BadRating)), None]
        }
        Event::RatingAnswered { .. } => [applicant(Topic::RatingAnswered), None],
        Event::Amended { .. }
        | Event::SpecialStarted { .. }
        | Event::DocumentSealed { .. }
        | Event::Closed
        | Event::Archived
        | Event::Rated { .. } => [None, None],
    };
    told.into_iter().flatten().collect()
}
