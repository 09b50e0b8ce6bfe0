//! 全县两年: a seed drives the cases of a county through 2024 and 2025, with slow, absent and mistaken officers and
//! applicants, holidays and late seals, and judges every act by rules of its own. Everything follows from the seed.

mod check;
mod plot;
mod staff;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use jiff::civil::{Date, date};

use super::{Broken, Dice, Docket, Stopped, World, at, authority, head_authority, people, regime};
use crate::authority::{AuthorityAct, DecisionAuthority};
use crate::calendar::{add_calendar_days, date_of_ms, end_of_day_ms};
use crate::case::{Case, Command, CommandKind, Event, Light, No, StateName};
use crate::ids::{Id, LocalItemCode};
use crate::item::{CatalogueEntry, ItemKind, Limit, LimitUnit, Regime, RegimeKey, SpecialKind};
use crate::permit::{Actor, Role};

use check::Known;
pub use plot::{Answering, Scene, Step, Temper, next};
pub use staff::{Staff, Who};

/// The first day of the two years: a Tuesday.
pub const FIRST_DAY: Date = date(2024, 1, 2);
/// The last day.
pub const LAST_DAY: Date = date(2025, 12, 31);

/// A rule that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("seed {seed}, case {case}, {day}: {what}")]
pub struct Violation {
    /// Seed of the county.
    pub seed: u64,
    /// Number of the case in it.
    pub case: usize,
    /// The day.
    pub day: Date,
    /// What did not hold.
    pub what: String,
}

/// What happened, in numbers: a simulation that reaches nothing proves nothing.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Cases submitted.
    pub cases: u32,
    /// Events recorded.
    pub events: u32,
    /// Commands refused.
    pub refused: BTreeMap<&'static str, u32>,
    /// States reached.
    pub states: BTreeSet<StateName>,
    /// Marks raised, by rule and light.
    pub marks: BTreeMap<(String, Light), u32>,
    /// Accepted by silence.
    pub silent: u32,
    /// Decided.
    pub decided: u32,
    /// Extended.
    pub extended: u32,
    /// Days taken out at least once, by case.
    pub stopped: u32,
}

impl Tally {
    /// Adds another county's.
    pub fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.events += other.events;
        self.states.extend(&other.states);
        self.silent += other.silent;
        self.decided += other.decided;
        self.extended += other.extended;
        self.stopped += other.stopped;
        for (key, n) in &other.marks {
            *self.marks.entry(key.clone()).or_default() += n;
        }
        for (key, n) in &other.refused {
            *self.refused.entry(key).or_default() += n;
        }
    }
}

/// What a case is about; the world is put under it for each act.
#[derive(Debug)]
struct Law {
    regime: Regime,
    entry: CatalogueEntry,
    code: LocalItemCode,
    local: String,
}

/// A case with what belongs to it alone.
#[derive(Debug)]
struct File {
    law: usize,
    temper: Temper,
    dice: Dice,
    docket: Docket,
    pending: Option<Step>,
    known: Option<Known>,
}

/// Order of what falls on one instant: the clock before people.
const WATCH: u8 = 0;
const SEAL: u8 = 1;
const ACT: u8 = 2;

/// 县: people, cases and what is to come.
#[derive(Debug)]
pub struct County {
    seed: u64,
    world: World,
    laws: Vec<Law>,
    /// Law the world is under; its place in `laws` holds what the world had before.
    under: Option<usize>,
    staff: Staff,
    files: Vec<File>,
    /// Instant, rank, case, document.
    queue: BinaryHeap<Reverse<(i64, u8, usize, i64)>>,
    tally: Tally,
}

impl County {
    /// A county of so many cases.
    ///
    /// # Errors
    /// [`Broken`] when shipped data cannot be read.
    pub fn new(seed: u64, cases: usize) -> Result<Self, Broken> {
        let mut dice = Dice::new(seed);
        let mut world = World::try_new()?;
        let laws = laws(&world)?;
        world.authorities = register(&laws, &mut dice);
        let staff = Staff::new(&mut dice, FIRST_DAY, LAST_DAY);
        let mut county = Self {
            seed,
            world,
            laws,
            under: None,
            staff,
            files: Vec::with_capacity(cases),
            queue: BinaryHeap::new(),
            tally: Tally::default(),
        };
        for _ in 0..cases {
            county.arrive(dice.fork());
        }
        Ok(county)
    }

    /// An application that will come in some day.
    fn arrive(&mut self, mut dice: Dice) {
        let temper = Temper::new(&mut dice);
        let days = (LAST_DAY - FIRST_DAY).get_days();
        let day = add_calendar_days(FIRST_DAY, dice.between(0, i64::from(days)) as i32);
        let (who, from) = match temper.paper {
            Some(_) => (Who::Clerk, self.staff.when(Who::Clerk, at(day, 9), &mut dice, &self.world.calendar)),
            None => (Who::Applicant, at(day, 0) + dice.between(0, 24 * 60 - 1) * 60_000),
        };
        let step = Step { at: from, who, kind: CommandKind::Submit, variant: temper.form };
        let law = dice.below(self.laws.len() as u64) as usize;
        let case = self.files.len();
        self.queue.push(Reverse((step.at, ACT, case, 0)));
        let docket = Docket::default();
        self.files.push(File { law, temper, dice, docket, pending: Some(step), known: None });
    }

    /// Lives through the two years.
    ///
    /// # Errors
    /// [`Violation`] at the first rule that does not hold.
    pub fn run(mut self) -> Result<Tally, Violation> {
        let mut day = FIRST_DAY;
        while day <= LAST_DAY {
            let end = end_of_day_ms(day);
            while let Some(Reverse((at, rank, case, document))) = self.queue.peek().copied() {
                if at >= end {
                    break;
                }
                self.queue.pop();
                self.happen(at, rank, case, document).map_err(|what| self.violation(case, day, what))?;
            }
            for case in 0..self.files.len() {
                let missed = self.files[case].known.as_ref().and_then(|known| known.by(end).err());
                if let Some(what) = missed {
                    return Err(self.violation(case, day, what));
                }
            }
            day = add_calendar_days(day, 1);
        }
        for case in 0..self.files.len() {
            let (file, tally) = (&self.files[case], &mut self.tally);
            let judged = check::record(&file.docket, tally);
            judged.map_err(|(day, what)| self.violation(case, day, what))?;
        }
        Ok(self.tally)
    }

    fn violation(&self, case: usize, day: Date, what: String) -> Violation {
        Violation { seed: self.seed, case, day, what }
    }

    fn happen(&mut self, at: i64, rank: u8, case: usize, document: i64) -> Result<(), String> {
        let (actor, command) = match rank {
            WATCH if self.files[case].known.as_ref().and_then(|k| k.wake) != Some(at) => return Ok(()),
            WATCH => (Actor::Platform, Command::Watch),
            SEAL => (Actor::Platform, seal(document)),
            _ => {
                let Some(step) = self.files[case].pending.take() else { return Ok(()) };
                self.go_under(case);
                self.world.now = at;
                self.asked(step, case)
            }
        };
        self.go_under(case);
        self.world.now = at;
        let file = &mut self.files[case];
        match self.world.drive(&mut file.docket, &actor, &command) {
            Ok(events) => {
                if rank == WATCH && events.is_empty() {
                    return Err("the timer woke for nothing".into());
                }
                self.judge(case, (&actor, &command), &events)?;
            }
            Err(Stopped::Bug(what)) => return Err(what),
            Err(Stopped::No(No::Missing(what))) => return Err(format!("missing fact: {what}")),
            Err(stopped) if rank != ACT => return Err(format!("the platform was refused: {stopped}")),
            Err(stopped) => *self.tally.refused.entry(code(&stopped)).or_default() += 1,
        }
        self.go_on(case);
        Ok(())
    }

    /// Checks what came of an act, and sets what follows from it by itself.
    fn judge(&mut self, case: usize, asked: (&Actor, &Command), events: &[Event]) -> Result<(), String> {
        let file = &mut self.files[case];
        let after = file.docket.case.as_ref().ok_or("no case")?;
        check::act(&self.world, after, file.known.as_ref(), asked, events)?;
        let mut known = check::clock(&self.world, after, file.known.take(), events)?;
        // What should have been raised before anybody could look is raised at the next look.
        known.wake = known.wake.map(|wake| wake.max(self.world.now));
        if let Some(wake) = known.wake {
            self.queue.push(Reverse((wake, WATCH, case, 0)));
        }
        file.known = Some(known);
        for event in events {
            for document in event.documents() {
                // Mostly within seconds; now and then the press stands still for days.
                let wait = match file.dice.below(100) {
                    0..85 => file.dice.between(1, 90) * 1000,
                    85..95 => file.dice.between(1, 12) * 3_600_000,
                    _ => file.dice.between(1, 9) * 24 * 3_600_000,
                };
                self.queue.push(Reverse((self.world.now + wait, SEAL, case, document.id.get())));
            }
            self.tally.count(event);
        }
        self.tally.states.insert(after.state.name());
        Ok(())
    }

    /// Lets somebody think of what comes next, unless somebody does already.
    fn go_on(&mut self, case: usize) {
        let file = &mut self.files[case];
        if file.pending.is_some() {
            return;
        }
        let step = match &file.docket.case {
            None => {
                // A form with a mistake comes again, put right.
                let who = if file.temper.paper.is_some() { Who::Clerk } else { Who::Applicant };
                let at = self.staff.when(who, self.world.now, &mut file.dice, &self.world.calendar);
                Some(Step { at, who, kind: CommandKind::Submit, variant: 0 })
            }
            Some(known) => {
                let scene = Scene {
                    case: known,
                    officer: officer(known),
                    temper: &file.temper,
                    staff: &self.staff,
                    calendar: &self.world.calendar,
                    now: self.world.now,
                };
                next(&scene, &mut file.dice)
            }
        };
        if let Some(step) = step {
            self.queue.push(Reverse((step.at, ACT, case, 0)));
        }
        file.pending = step;
    }

    fn go_under(&mut self, case: usize) {
        let law = self.files[case].law;
        if self.under == Some(law) {
            return;
        }
        for place in self.under.into_iter().chain([law]) {
            let law = &mut self.laws[place];
            std::mem::swap(&mut self.world.regime, &mut law.regime);
            std::mem::swap(&mut self.world.entry, &mut law.entry);
            std::mem::swap(&mut self.world.code, &mut law.code);
            std::mem::swap(&mut self.world.local, &mut law.local);
        }
        self.under = Some(law);
    }

    /// A step as the world understands it.
    fn asked(&self, step: Step, case: usize) -> (Actor, Command) {
        let world = &self.world;
        let (file, known) = (&self.files[case], self.files[case].docket.case.as_ref());
        let mut command = world.sample(step.kind, known, step.variant);
        match &mut command {
            Command::Submit(submission) => {
                let back = file.temper.paper.filter(|_| step.who == Who::Clerk);
                submission.paper_received_on =
                    back.map(|days| add_calendar_days(date_of_ms(step.at), -(days as i32)));
            }
            Command::Rate { grade, .. } => *grade = step.variant,
            Command::Extend { days, .. } | Command::RequestExtension { days, .. } if step.variant != 1 => {
                *days = world.regime.extension.as_ref().map_or(*days, |e| e.days);
            }
            _ => {}
        }
        (self.actor(step.who), command)
    }

    fn actor(&self, who: Who) -> Actor {
        let staff = |account, role| self.world.staff(account, role);
        match who {
            Who::Nobody => Actor::Anonymous,
            Who::Applicant => self.world.applicant(),
            Who::Stranger => Actor::Applicant { account: Id::from(people::STRANGER) },
            Who::Clerk => staff(people::CLERK, Role::Clerk),
            Who::Reviewer => staff(people::REVIEWER, Role::Reviewer),
            Who::SecondReviewer => staff(people::SECOND_REVIEWER, Role::Reviewer),
            Who::Representative => staff(people::REPRESENTATIVE, Role::Representative),
            Who::Deputy => staff(people::POWERLESS, Role::Representative),
            Who::Head => staff(people::HEAD, Role::Representative),
            Who::Supervisor => staff(people::SUPERVISOR, Role::Supervisor),
        }
    }
}

impl Tally {
    fn count(&mut self, event: &Event) {
        match event {
            Event::Submitted(_) => self.cases += 1,
            Event::Accepted { deemed_from: Some(_), .. } => self.silent += 1,
            Event::Granted { .. } | Event::Refused { .. } => self.decided += 1,
            Event::Extended { .. } => self.extended += 1,
            Event::Suspended { .. } | Event::SpecialStarted { excluded: true, .. } => self.stopped += 1,
            Event::Marked(mark) => *self.marks.entry((mark.rule.clone(), mark.light)).or_default() += 1,
            _ => {}
        }
    }
}

fn officer(case: &Case) -> Who {
    match case.officer.map(Id::get) {
        Some(people::SECOND_REVIEWER) => Who::SecondReviewer,
        _ => Who::Reviewer,
    }
}

fn code(stopped: &Stopped) -> &'static str {
    match stopped {
        Stopped::Denied(_) => "denied",
        Stopped::No(No::Refused(refusal)) => refusal.code,
        Stopped::No(No::Invalid(_)) => "invalid",
        Stopped::No(No::Missing(what)) => what,
        Stopped::Bug(_) => "bug",
    }
}

fn seal(document: i64) -> Command {
    Command::RecordSeal {
        document: Id::from(document),
        file: "ab".repeat(32),
        size: 40_960,
        key: "seal-key-1".into(),
        signature: "3045".into(),
    }
}

/// The items of the county, one under each of five regimes.
fn laws(world: &World) -> Result<Vec<Law>, Broken> {
    let days = Limit::working_days;
    let calendar_days = |n| Limit { n, unit: LimitUnit::CalendarDay };
    let month = Limit { n: 1.0, unit: LimitUnit::Month };
    [
        ("X03", RegimeKey::LICENCE, days(20), days(5)),
        ("X04", RegimeKey::LICENCE_JOINT, days(45), days(30)),
        ("X05", RegimeKey::CONSTRUCTION_PERMIT, days(15), days(7)),
        ("X06", RegimeKey::MARKET_ENTITY_REGISTRATION, days(3), days(1)),
        ("X07", RegimeKey::SERVICE, month, calendar_days(15.0)),
    ]
    .into_iter()
    .map(|(id, key, statutory, promised)| {
        let mut entry = super::entry()?;
        entry.id = id.into();
        entry.regime = RegimeKey::new(key);
        (entry.statutory, entry.promised) = (statutory, promised);
        if key == RegimeKey::SERVICE {
            entry.kind = ItemKind::PublicService;
            entry.result.licence_type = None;
            // An exclusion without a provision takes out nothing, and is marked.
            for procedure in
                entry.special_procedures.iter_mut().filter(|p| p.kind == SpecialKind::ExpertReview)
            {
                procedure.basis.clear();
            }
        }
        let code = LocalItemCode::compose(&world.agency.credit_code, entry.level.use_level(), &entry.code)?;
        let local = format!("{}@{}", entry.id, world.agency.division);
        Ok(Law { regime: regime(key)?, entry, code, local })
    })
    .collect()
}

/// The register: the representative's authority ends with the year and is renewed late; the deputy's covers little and is
/// taken back; the head's covers everything.
fn register(laws: &[Law], dice: &mut Dice) -> Vec<DecisionAuthority> {
    let whole =
        |entry: DecisionAuthority| DecisionAuthority { from: date(2024, 1, 1), to: LAST_DAY, ..entry };
    let renewed = add_calendar_days(date(2025, 1, 1), dice.between(2, 25) as i32);
    vec![
        DecisionAuthority { to: date(2024, 12, 31), ..whole(authority()) },
        DecisionAuthority { id: Id::from(902), from: renewed, ..whole(authority()) },
        DecisionAuthority {
            id: Id::from(903),
            account: Id::from(people::POWERLESS),
            items: laws.iter().take(2).map(|law| law.entry.id.clone()).collect(),
            acts: vec![AuthorityAct::Grant],
            from: add_calendar_days(FIRST_DAY, dice.between(0, 90) as i32),
            revoked_on: Some(add_calendar_days(FIRST_DAY, dice.between(200, 700) as i32)),
            ..whole(authority())
        },
        whole(head_authority()),
    ]
}
