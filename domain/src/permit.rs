//! Rights: who may ask what of a case, and which cases an actor can see at all.
//! Pages draw their buttons from [`may`]; lists, counts, exports and single loads take their filter from [`visible`].

use serde::{Deserialize, Serialize};

use crate::case::{Case, CommandKind};
use crate::ids::DivisionCode;
use crate::ids::Id;

/// 岗位角色.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 窗口人员
    Clerk,
    /// 审查人员
    Reviewer,
    /// 首席代表（决定人）
    Representative,
    /// 事项管理员
    Manager,
    /// 效能监督员
    Supervisor,
    /// 系统管理员
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Clerk, Self::Reviewer, Self::Representative, Self::Manager, Self::Supervisor, Self::Admin];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Reviewer => "reviewer",
            Self::Representative => "representative",
            Self::Manager => "manager",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// From the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == word)
    }

    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Clerk => "窗口人员",
            Self::Reviewer => "审查人员",
            Self::Representative => "首席代表",
            Self::Manager => "事项管理员",
            Self::Supervisor => "效能监督员",
            Self::Admin => "系统管理员",
        }
    }
}

/// 岗位: an account's post at an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Row.
    pub id: Id,
    /// Role.
    pub role: Role,
    /// Agency key.
    pub agency: String,
    /// The agency's division.
    pub division: DivisionCode,
    /// Scope path of the division: the right is this prefix.
    pub scope: String,
}

/// 行为人: who asks, in which post.
#[doc(alias = "行为人")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// Anyone who is not signed in.
    Anonymous,
    /// A citizen or company account.
    Applicant {
        /// Account.
        account: Id,
    },
    /// A member of staff acting in one post.
    Staff {
        /// Account.
        account: Id,
        /// Post.
        post: Post,
    },
    /// The platform itself (timers, document jobs).
    Platform,
}

impl Actor {
    /// The account, 0 for none.
    pub fn account(&self) -> Id {
        match self {
            Self::Applicant { account } | Self::Staff { account, .. } => *account,
            Self::Anonymous | Self::Platform => Id::from(0),
        }
    }

    /// The post, when staff.
    pub fn post(&self) -> Option<&Post> {
        match self {
            Self::Staff { post, .. } => Some(post),
            _ => None,
        }
    }

    /// The role, when staff.
    pub fn role(&self) -> Option<Role> {
        self.post().map(|p| p.role)
    }

    /// Whether it is staff in one of these roles.
    pub fn is(&self, roles: &[Role]) -> bool {
        self.role().is_some_and(|r| roles.contains(&r))
    }
}

/// What an actor can see; becomes the WHERE of every list, count, export and single load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Nothing.
    Nothing,
    /// Cases filed by this account.
    FiledBy(Id),
    /// Cases that this agency's comprehensive window receives.
    ReceivedBy(String),
    /// Cases that this agency decides.
    DecidedBy(String),
    /// Cases decided anywhere under this scope path.
    Under(String),
    /// Everything (the platform itself).
    Everything,
}

/// The cases an actor can see.
pub fn visible(actor: &Actor) -> Scope {
    match actor {
        Actor::Anonymous => Scope::Nothing,
        Actor::Platform => Scope::Everything,
        Actor::Applicant { account } => Scope::FiledBy(*account),
        Actor::Staff { post, .. } => match post.role {
            Role::Clerk => Scope::ReceivedBy(post.agency.clone()),
            Role::Reviewer | Role::Representative => Scope::DecidedBy(post.agency.clone()),
            Role::Supervisor => Scope::Under(post.scope.clone()),
            Role::Manager | Role::Admin => Scope::Nothing,
        },
    }
}

impl Scope {
    /// Whether a case lies in it; the same rule as the WHERE that storage builds.
    pub fn holds(&self, case: &Case) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::FiledBy(account) => case.applicant == Some(*account),
            Self::ReceivedBy(agency) => case.places.receiving == *agency,
            Self::DecidedBy(agency) => case.places.deciding == *agency,
            // An agency whose place no tree knows has no path, and its supervisor no cases.
            Self::Under(path) => !path.is_empty() && case.places.scope.starts_with(path.as_str()),
        }
    }
}

/// Not yours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// Not signed in.
    #[error("请先登录")]
    SignIn,
    /// Even its existence is private.
    #[error("没有找到这个办件，请核对编号")]
    Hidden,
    /// Signed in and able to see it, but not to do this.
    #[error("您当前的岗位不能办理这一步，请换有权限的岗位或联系管理员")]
    Role,
}

impl Denial {
    /// The same in English.
    pub fn english(self) -> &'static str {
        match self {
            Self::SignIn => "sign in first",
            Self::Hidden => "no such case",
            Self::Role => "your post may not do this",
        }
    }
}

/// Whether the actor may ask this of the case (or of a new case). Says nothing about the case's state: that is law.
///
/// # Errors
/// [`Denial`]: hidden when the actor cannot even see the case.
pub fn may(actor: &Actor, kind: CommandKind, case: Option<&Case>) -> Result<(), Denial> {
    use CommandKind as K;
    if *actor == Actor::Anonymous {
        return Err(Denial::SignIn);
    }
    if let Some(case) = case
        && !visible(actor).holds(case)
    {
        return Err(Denial::Hidden);
    }
    let allowed = match kind {
        K::Submit => matches!(actor, Actor::Applicant { .. }) || actor.is(&[Role::Clerk]),
        K::Resubmit | K::WithdrawApplication => {
            matches!(actor, Actor::Applicant { .. }) || at_receiving_window(actor, case)
        }
        K::Rate => matches!(actor, Actor::Applicant { .. }),
        K::Receive
        | K::AmendOnTheSpot
        | K::RequestSupplement
        | K::Accept
        | K::Decline
        | K::Issue
        | K::Deliver
        | K::Close => at_receiving_window(actor, case),
        K::Assign => actor.is(&[Role::Reviewer, Role::Representative]) && at_deciding(actor, case),
        K::Pass => actor.is(&[Role::Reviewer]) && at_deciding(actor, case),
        K::Return => actor.is(&[Role::Reviewer, Role::Representative]) && at_deciding(actor, case),
        K::NotifySpecial | K::StartSpecial | K::EndSpecial | K::TellHearingRight | K::RequestExtension => {
            actor.is(&[Role::Reviewer, Role::Representative]) && at_deciding(actor, case)
        }
        K::RequestHearing => matches!(actor, Actor::Applicant { .. }) || at_receiving_window(actor, case),
        K::AnswerMark | K::ContestMark | K::AnswerRating => {
            actor.is(&[Role::Clerk, Role::Reviewer, Role::Representative])
        }
        K::CloseMark => actor.is(&[Role::Supervisor]),
        K::Grant | K::Refuse | K::Terminate | K::Suspend | K::Resume | K::Extend | K::RefuseExtension => {
            actor.is(&[Role::Representative]) && at_deciding(actor, case)
        }
        K::Archive => at_receiving_window(actor, case),
        K::RecordSeal | K::Watch => *actor == Actor::Platform,
    };
    if allowed { Ok(()) } else { Err(Denial::Role) }
}

fn at_receiving_window(actor: &Actor, case: Option<&Case>) -> bool {
    actor.is(&[Role::Clerk])
        && case.is_none_or(|c| actor.post().is_some_and(|p| p.agency == c.places.receiving))
}

fn at_deciding(actor: &Actor, case: Option<&Case>) -> bool {
    case.is_none_or(|c| actor.post().is_some_and(|p| p.agency == c.places.deciding))
}

#[cfg(test)]
mod tests;
