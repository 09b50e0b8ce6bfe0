//! What comes next in a case: who acts, when, and what they ask. Mostly right, now and then not. Knows no content: a
//! step names the kind and variant of a command; the domain's world and the server's demo county each fill it in.

use super::staff::{Staff, Who};
use crate::calendar::{Calendar, add_calendar_days, date_of_ms, end_of_day_ms};
use crate::case::{Case, CommandKind, MarkState, Procedure, State};
use crate::item::SpecialKind;
use crate::sample::Dice;

const DAY_MS: i64 = 24 * 3_600_000;

/// 一步: who asks what, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When, epoch milliseconds.
    pub at: i64,
    /// Who.
    pub who: Who,
    /// What.
    pub kind: CommandKind,
    /// In which variant: 0 right, 1 wrong, others right in another way.
    pub variant: u8,
}

/// How an applicant answers a request for supplements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answering {
    /// In time.
    InTime,
    /// First in part, then in full.
    InPart,
    /// After the last day.
    Late,
    /// Not at all.
    Never,
}

/// 申请人的脾气: what an application and its applicant are like.
#[derive(Debug, Clone, Copy)]
pub struct Temper {
    /// Variant of the application.
    pub form: u8,
    /// Days since it came in on paper; none for an application made online.
    pub paper: Option<i64>,
    /// How supplements are answered.
    pub answering: Answering,
    /// Whether a hearing is asked for.
    pub wants_hearing: bool,
    /// 好差评 grade, if one is given.
    pub rates: Option<u8>,
    /// Steps in a hundred at which the applicant gives up.
    pub gives_up: u64,
}

impl Temper {
    /// An applicant by chance.
    pub fn new(dice: &mut Dice) -> Self {
        Self {
            form: dice.pick(&[0, 0, 0, 2, 2, 3, 1]),
            paper: dice.chance(15).then(|| dice.between(0, 4)),
            answering: match dice.below(10) {
                0..6 => Answering::InTime,
                6 => Answering::InPart,
                7..9 => Answering::Late,
                _ => Answering::Never,
            },
            wants_hearing: dice.chance(50),
            rates: dice.chance(40).then(|| dice.between(1, 5) as u8),
            gives_up: dice.pick(&[0, 0, 0, 1, 4]),
        }
    }
}

/// 场景: everything a next step depends on.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The case as it stands.
    pub case: &'a Case,
    /// Who holds it.
    pub officer: Who,
    /// Its applicant.
    pub temper: &'a Temper,
    /// The people.
    pub staff: &'a Staff,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Now, epoch milliseconds.
    pub now: i64,
}

/// The next step; none when nobody has a reason to act.
pub fn next(scene: &Scene<'_>, dice: &mut Dice) -> Option<Step> {
    let right = scene.right(dice)?;
    if dice.chance(scene.staff.slips(right.who)) {
        return Some(scene.slip(right, dice));
    }
    Some(right)
}

impl Scene<'_> {
    fn step(&self, who: Who, kind: CommandKind, variant: u8, dice: &mut Dice) -> Step {
        let at = self.staff.when(who, self.now, dice, self.calendar);
        Step { at, who, kind, variant }
    }

    /// Who speaks for the applicant: without an account the window does.
    fn applicant(&self) -> Who {
        if self.case.applicant.is_some() { Who::Applicant } else { Who::Clerk }
    }

    /// The grade still to be given; nobody rates without an account.
    fn rating(&self) -> Option<u8> {
        self.temper.rates.filter(|_| self.case.rating.is_none() && self.case.applicant.is_some())
    }

    fn in_days(&self, who: Who, what: (CommandKind, u8), days: i64, dice: &mut Dice) -> Step {
        let at = self.staff.when(who, self.now + days * DAY_MS, dice, self.calendar);
        Step { at, who, kind: what.0, variant: what.1 }
    }

    /// Anything by anybody, or the right thing in a wrong way, by the wrong person or done twice.
    fn slip(&self, right: Step, dice: &mut Dice) -> Step {
        match dice.below(3) {
            0 => Step { variant: 1, ..right },
            1 => Step { who: dice.pick(&Who::ALL), ..right },
            _ => {
                let kind = dice.pick(CommandKind::ALL);
                let who = if dice.chance(50) { right.who } else { dice.pick(&Who::ALL) };
                Step { who, kind, variant: dice.below(4) as u8, ..right }
            }
        }
    }

    fn right(&self, dice: &mut Dice) -> Option<Step> {
        use CommandKind as K;
        let case = self.case;
        if let Some(step) = self.about_a_mark(dice) {
            return Some(step);
        }
        let open = !case.state.name().is_over() && case.decision.is_none();
        if open && dice.chance(self.temper.gives_up) {
            return Some(self.step(self.applicant(), K::WithdrawApplication, 0, dice));
        }
        let (who, kind, variant) = match case.state {
            State::Submitted { .. } if dice.chance(5) => (Who::Clerk, K::AmendOnTheSpot, dice.pick(&[0, 3])),
            State::Submitted { .. } => (Who::Clerk, K::Receive, 0),
            State::Received { .. } => self.at_the_window(dice),
            State::Supplementing { .. } => return Some(self.answering(dice)),
            State::Accepted { .. } => match dice.below(40) {
                0 => (Who::Representative, K::Suspend, 0),
                1 => (Who::Representative, K::Terminate, 0),
                _ => (dice.pick(&[Who::Reviewer, Who::SecondReviewer]), K::Assign, 0),
            },
            State::Reviewing { .. } | State::Deciding { .. } => return Some(self.under_way(dice)),
            State::Suspended { .. } => {
                let days = dice.between(1, 40);
                let kind = if dice.chance(6) { K::Terminate } else { K::Resume };
                return Some(self.in_days(Who::Representative, (kind, 0), days, dice));
            }
            State::Granted { .. } => (Who::Clerk, K::Issue, 0),
            State::Refused { .. } | State::Issued { .. } => (Who::Clerk, K::Deliver, dice.pick(&[0, 2])),
            State::Delivered { .. } => match self.rating() {
                Some(grade) if dice.chance(40) => (Who::Applicant, K::Rate, grade),
                _ => (Who::Clerk, K::Close, 0),
            },
            State::Closed { .. }
            | State::Declined { .. }
            | State::Withdrawn { .. }
            | State::Terminated { .. } => (Who::Clerk, K::Archive, 0),
            State::Archived { .. } => return self.afterwards(dice),
        };
        Some(self.step(who, kind, variant, dice))
    }

    fn at_the_window(&self, dice: &mut Dice) -> (Who, CommandKind, u8) {
        use CommandKind as K;
        let told = !self.case.supplements.is_empty();
        match (dice.below(100), told) {
            (0..3, _) => (Who::Clerk, K::AmendOnTheSpot, 0),
            (3..7, _) => (Who::Clerk, K::Decline, 0),
            (7..30, false) => (Who::Clerk, K::RequestSupplement, dice.pick(&[0, 0, 2, 3])),
            // Once more without a reason is refused, with one it is marked.
            (7..15, true) => (Who::Clerk, K::RequestSupplement, dice.pick(&[0, 3])),
            _ => (Who::Clerk, K::Accept, 0),
        }
    }

    fn answering(&self, dice: &mut Dice) -> Step {
        use CommandKind as K;
        let due = self.case.open_supplement().map_or(date_of_ms(self.now), |s| s.due);
        let over = (end_of_day_ms(due) - self.now).max(0) / DAY_MS + 1;
        match self.temper.answering {
            Answering::Never => self.in_days(Who::Clerk, (K::Decline, 0), over + dice.between(0, 12), dice),
            Answering::Late => {
                let days = over + dice.between(0, 12);
                let patient = dice.chance(70);
                let (who, kind) =
                    if patient { (self.applicant(), K::Resubmit) } else { (Who::Clerk, K::Decline) };
                self.in_days(who, (kind, 0), days, dice)
            }
            Answering::InPart => {
                let variant = u8::from(dice.chance(50));
                self.in_days(self.applicant(), (K::Resubmit, variant), dice.between(0, 4), dice)
            }
            Answering::InTime => self.in_days(self.applicant(), (K::Resubmit, 0), dice.between(0, 9), dice),
        }
    }

    fn under_way(&self, dice: &mut Dice) -> Step {
        use CommandKind as K;
        let case = self.case;
        if let Some(step) = self.of_procedures(dice) {
            return step;
        }
        if case.extension_asked.is_some() {
            let (who, kind) = match dice.below(10) {
                0..6 => (Who::Head, K::Extend),
                6..8 => (Who::Head, K::RefuseExtension),
                _ => (Who::Representative, K::Extend),
            };
            return self.step(who, kind, 0, dice);
        }
        let special = dice.pick(&[0, 2, 2, 3]);
        let decides = matches!(case.state, State::Deciding { .. });
        let (who, kind, variant) = match dice.below(200) {
            0..7 => (self.officer, K::NotifySpecial, special),
            // Begun without having told anybody: nothing is taken out, and it is marked.
            7..10 => (self.officer, K::StartSpecial, special),
            10..16 => (self.officer, K::RequestExtension, 0),
            16..18 => (Who::Head, K::Extend, 0),
            18..22 => (Who::Representative, K::Suspend, 0),
            22 => (Who::Representative, K::Terminate, 0),
            23..29 if case.hearing.is_none() => (self.officer, K::TellHearingRight, 0),
            29..34 => (Who::Representative, K::Assign, 0),
            34..40 => (if decides { Who::Representative } else { self.officer }, K::Return, 0),
            _ if decides => self.deciding(dice),
            _ => (self.officer, K::Pass, dice.pick(&[0, 0, 0, 2])),
        };
        self.step(who, kind, variant, dice)
    }

    fn deciding(&self, dice: &mut Dice) -> (Who, CommandKind, u8) {
        use CommandKind as K;
        let who = match dice.below(20) {
            0..3 => Who::Deputy,
            3..5 => Who::Head,
            5 => self.officer,
            _ => Who::Representative,
        };
        (who, if dice.chance(14) { K::Refuse } else { K::Grant }, 0)
    }

    /// Hearings and other procedures: asked for, told, begun, ended; some last longer than was said.
    fn of_procedures(&self, dice: &mut Dice) -> Option<Step> {
        use CommandKind as K;
        let case = self.case;
        let variant = |p: &Procedure| match p.kind {
            SpecialKind::ExpertReview => 2,
            SpecialKind::SiteVisit => 3,
            _ => 0,
        };
        if let Some(open) = case.ledger.procedures.iter().find(|p| p.is_open()) {
            let variant = variant(open);
            let days = dice.between(0, 18);
            return Some(match open.started {
                Some(_) if dice.chance(12) => {
                    self.in_days(self.officer, (K::NotifySpecial, variant), days / 3, dice)
                }
                Some(_) => self.in_days(self.officer, (K::EndSpecial, 0), days, dice),
                None => self.in_days(self.officer, (K::StartSpecial, variant), days / 2, dice),
            });
        }
        let hearing = case.hearing.as_ref()?;
        let held = case.ledger.procedures.iter().any(|p| p.kind == SpecialKind::Hearing);
        if hearing.asked_on.is_some() {
            return (!held).then(|| self.step(self.officer, K::NotifySpecial, 0, dice));
        }
        if date_of_ms(self.now) > hearing.ask_by {
            return None;
        }
        if self.temper.wants_hearing {
            return Some(self.in_days(self.applicant(), (K::RequestHearing, 0), dice.between(0, 8), dice));
        }
        // Some do not wait until the applicant can no longer ask.
        let wait = (hearing.ask_by - date_of_ms(self.now)).get_days();
        let days = if dice.chance(80) { i64::from(wait) + 1 } else { 0 };
        let (who, kind, variant) = match case.state {
            State::Deciding { .. } => self.deciding(dice),
            _ => (self.officer, K::Pass, 0),
        };
        Some(self.in_days(who, (kind, variant), days, dice))
    }

    /// The newest mark is answered, contested or closed; or lies about.
    fn about_a_mark(&self, dice: &mut Dice) -> Option<Step> {
        use CommandKind as K;
        let newest = self.case.marks.iter().rev().find(|m| !m.state.is_closed())?;
        if !dice.chance(25) {
            return None;
        }
        Some(match newest.state {
            MarkState::Open => {
                let who =
                    dice.pick(&[Who::Representative, Who::Representative, Who::SecondReviewer, Who::Clerk]);
                let kind = if dice.chance(20) { K::ContestMark } else { K::AnswerMark };
                self.step(who, kind, 0, dice)
            }
            _ => self.step(Who::Supervisor, K::CloseMark, dice.pick(&[0, 0, 2]), dice),
        })
    }

    /// What is still to be said once the file is closed.
    fn afterwards(&self, dice: &mut Dice) -> Option<Step> {
        use CommandKind as K;
        let case = self.case;
        if let Some(grade) = self.rating() {
            let day = add_calendar_days(date_of_ms(self.now), dice.between(0, 20) as i32);
            return Some(Step { at: end_of_day_ms(day), who: Who::Applicant, kind: K::Rate, variant: grade });
        }
        let unanswered = case.rating.is_some_and(|grade| grade >= 4) && !case.rating_answered;
        if unanswered && dice.chance(60) {
            return Some(self.in_days(Who::Representative, (K::AnswerRating, 0), dice.between(0, 14), dice));
        }
        let open = case.marks.iter().any(|m| !m.state.is_closed());
        (open && dice.chance(70)).then(|| {
            let answered = case.marks.iter().rev().find(|m| !m.state.is_closed());
            let closing = answered.is_some_and(|m| m.state != MarkState::Open);
            let (who, kind) =
                if closing { (Who::Supervisor, K::CloseMark) } else { (Who::Representative, K::AnswerMark) };
            self.step(who, kind, 0, dice)
        })
    }
}
