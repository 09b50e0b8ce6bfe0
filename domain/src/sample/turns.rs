//! Random histories: lists of turns, each a wait and an ask, to be played against a docket.

use proptest::prelude::*;

use super::{Docket, Stopped, World, people};
use crate::case::{Case, Command, CommandKind, Event, State};
use crate::ids::Id;
use crate::permit::{Actor, Role};

/// 一步: some time passes, then somebody asks something.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    /// Minutes since the turn before.
    pub minutes: u32,
    /// What is asked.
    pub what: What,
}

/// What is asked in a turn.
#[derive(Debug, Clone, Copy)]
pub enum What {
    /// The usual next step of a case that goes well.
    Onward,
    /// One of the turnings a case can take from where it stands, by number, in a variant.
    Aside(u8, u8),
    /// This command, in a variant, by somebody who may.
    Ask(CommandKind, u8),
    /// This command by somebody else, by number.
    Meddle(CommandKind, u8),
}

/// Lists of at most `longest` turns: mostly onward, now and then anything at all.
pub fn turns(longest: usize) -> impl Strategy<Value = Vec<Turn>> {
    let kind = || prop::sample::select(CommandKind::ALL);
    let what = prop_oneof![
        6 => Just(What::Onward),
        3 => (0..14u8, 0..4u8).prop_map(|(turning, variant)| What::Aside(turning, variant)),
        2 => (kind(), 0..4u8).prop_map(|(kind, variant)| What::Ask(kind, variant)),
        1 => (kind(), 0..6u8).prop_map(|(kind, who)| What::Meddle(kind, who)),
    ];
    let minutes = prop_oneof![6 => 0..600u32, 3 => 600..6_000u32, 1 => 6_000..40_000u32];
    let turn = (minutes, what).prop_map(|(minutes, what)| Turn { minutes, what });
    prop::collection::vec(turn, 1..=longest)
}

/// The usual next command.
fn onward(case: Option<&Case>) -> CommandKind {
    use CommandKind as K;
    let Some(case) = case else { return K::Submit };
    let unsealed = case.documents.iter().any(|d| d.seal.is_none());
    match case.state {
        State::Submitted { .. } => K::Receive,
        State::Received { .. } => K::Accept,
        State::Supplementing { .. } if unsealed => K::RecordSeal,
        State::Supplementing { .. } => K::Resubmit,
        State::Accepted { .. } => K::Assign,
        State::Reviewing { .. } => K::Pass,
        State::Suspended { .. } => K::Resume,
        State::Deciding { .. }
            if case.ledger.procedures.iter().any(|p| p.is_open() && p.started.is_some()) =>
        {
            K::EndSpecial
        }
        State::Deciding { .. } if case.ledger.procedures.iter().any(|p| p.is_open()) => K::StartSpecial,
        State::Deciding { .. } => K::Grant,
        State::Granted { .. } | State::Refused { .. } if unsealed => K::RecordSeal,
        State::Granted { .. } => K::Issue,
        State::Refused { .. } | State::Issued { .. } => K::Deliver,
        State::Delivered { .. } => K::Close,
        State::Closed { .. }
        | State::Declined { .. }
        | State::Withdrawn { .. }
        | State::Terminated { .. } => K::Archive,
        State::Archived { .. } => K::Rate,
    }
}

/// The turnings from here, besides the usual next step.
fn asides(case: Option<&Case>) -> &'static [CommandKind] {
    use CommandKind as K;
    match case.map(|c| c.state) {
        None => &[K::Submit],
        Some(State::Submitted { .. }) => &[K::AmendOnTheSpot, K::AmendOnTheSpot, K::WithdrawApplication],
        Some(State::Received { .. }) => {
            &[K::RequestSupplement, K::RequestSupplement, K::RequestSupplement, K::AmendOnTheSpot, K::Decline]
        }
        Some(State::Supplementing { .. }) => &[K::Resubmit, K::Resubmit, K::Decline],
        Some(State::Accepted { .. }) => &[K::Suspend, K::Terminate, K::Assign, K::NotifySpecial],
        Some(State::Reviewing { .. }) => &[
            K::Return,
            K::Suspend,
            K::Assign,
            K::Pass,
            K::Terminate,
            K::NotifySpecial,
            K::StartSpecial,
            K::EndSpecial,
            K::RequestExtension,
            K::Extend,
            K::TellHearingRight,
            K::RequestHearing,
            K::Watch,
            K::AnswerMark,
        ],
        Some(State::Suspended { .. }) => &[K::Resume, K::Terminate, K::WithdrawApplication],
        Some(State::Deciding { .. }) => {
            &[K::Refuse, K::Return, K::Suspend, K::Refuse, K::EndSpecial, K::Watch, K::CloseMark, K::Extend]
        }
        Some(State::Granted { .. } | State::Issued { .. }) => &[K::Issue, K::Deliver],
        Some(State::Refused { .. }) => &[K::Deliver],
        Some(
            State::Delivered { .. }
            | State::Closed { .. }
            | State::Archived { .. }
            | State::Declined { .. }
            | State::Withdrawn { .. }
            | State::Terminated { .. },
        ) => &[K::Rate, K::Archive, K::RecordSeal],
    }
}

impl World {
    /// Plays one turn; gives what was asked and what came of it.
    pub fn play(&mut self, docket: &mut Docket, turn: Turn) -> (Actor, Command, Result<Vec<Event>, Stopped>) {
        self.now += i64::from(turn.minutes) * 60_000;
        let case = docket.case.as_ref();
        let (actor, command) = match turn.what {
            What::Onward => {
                let kind = onward(case);
                (self.actor_for(kind, case), self.sample(kind, case, 0))
            }
            What::Aside(turning, variant) => {
                let turnings = asides(case);
                let kind = turnings[usize::from(turning) % turnings.len()];
                (self.actor_for(kind, case), self.sample(kind, case, variant))
            }
            What::Ask(kind, variant) => (self.actor_for(kind, case), self.sample(kind, case, variant)),
            What::Meddle(kind, who) => (self.meddler(who), self.sample(kind, case, 0)),
        };
        let outcome = self.drive(docket, &actor, &command);
        (actor, command, outcome)
    }

    fn meddler(&self, who: u8) -> Actor {
        match who {
            0 => Actor::Anonymous,
            1 => Actor::Applicant { account: Id::from(people::STRANGER) },
            2 => self.staff(people::SECOND_REVIEWER, Role::Reviewer),
            3 => self.staff(people::POWERLESS, Role::Representative),
            4 => self.staff(people::SUPERVISOR, Role::Supervisor),
            _ => self.staff(people::CLERK, Role::Clerk),
        }
    }
}
