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
        4 => (kind(), 0..4u8).prop_map(|(kind, variant)| What::Ask(kind, variant)),
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
        State::Supplementing { .. } => K::Resubmit,
        State::Accepted { .. } => K::Assign,
        State::Reviewing { .. } => K::Pass,
        State::Suspended { .. } => K::Resume,
        State::Deciding { .. } => K::Grant,
        State::Granted { .. } | State::Refused { .. } if unsealed => K::RecordSeal,
        State::Granted { .. } => K::Issue,
        State::Refused { .. } | State::Issued { .. } => K::Deliver,
        State::Delivered { .. } => K::Close,
        State::Closed { .. } | State::Declined { .. } | State::Withdrawn { .. } | State::Terminated { .. } => K::Archive,
        State::Archived { .. } => K::Rate,
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
