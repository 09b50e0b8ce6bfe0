//! A small world to try cases in: calendar, regime, item, organ, people and a register of decision authorities.
//! For tests, demo data and the simulation. Drives a case as the server does: rights, decision, events, digests.
//! Refuses to know storage and the wall clock: its clock is set by hand.

mod asks;
pub mod county;
mod dice;
mod item;
pub mod slow;
mod turns;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::civil::{Date, date};

use crate::agency::{Agency, AgencyKind};
use crate::authority::{AuthorityAct, AuthorityKind, DecisionAuthority};
use crate::calendar::{Calendar, date_of_ms, start_of_day_ms};
use crate::case::{
    Case, Command, CommandKind, Counters, Event, Facts, IDS_PER_ACT, Link, MarkRules, Mint, No, Outage,
    Stamp, StateName, Subject, Text, TextKind, apply, counters_needed, decide, digest_event, genesis,
};
use crate::ids::{CreditCode, DivisionCode, Id, LocalItemCode};
use crate::item::{Answers, CatalogueEntry, Regime, RegimeKey, Regimes};
use crate::party::Party;
use crate::permit::{Actor, Denial, Post, Role, may};

pub use asks::{COMPANY_SECRETS, PERSON_SECRETS, company_answers, files, person_answers};
pub use dice::Dice;
pub use item::entry;
pub use turns::{Turn, What, turns};

/// What keeps a sample from being built; never happens with the data that ships.
pub type Broken = Box<dyn std::error::Error + Send + Sync>;

/// Version of the payloads' shape in the digests made here.
pub const SHAPE: u32 = 1;

/// The accounts of the world's people.
pub mod people {
    /// 申请人
    pub const APPLICANT: i64 = 101;
    /// 另一个申请人
    pub const STRANGER: i64 = 102;
    /// 窗口人员
    pub const CLERK: i64 = 201;
    /// 审查人员
    pub const REVIEWER: i64 = 202;
    /// 另一位审查人员
    pub const SECOND_REVIEWER: i64 = 203;
    /// 首席代表, with authority
    pub const REPRESENTATIVE: i64 = 204;
    /// 首席代表, without authority
    pub const POWERLESS: i64 = 205;
    /// 效能监督员
    pub const SUPERVISOR: i64 = 206;
    /// 机关负责人, who alone extends a limit
    pub const HEAD: i64 = 207;
}

/// 样例世界: everything a command is decided against.
#[derive(Debug)]
pub struct World {
    /// The clock, epoch milliseconds.
    pub now: i64,
    /// Working days.
    pub calendar: Calendar,
    /// Time regime of the item.
    pub regime: Regime,
    /// The item.
    pub entry: CatalogueEntry,
    /// The organ that holds the power.
    pub agency: Agency,
    /// 实施编码
    pub code: LocalItemCode,
    /// Local item key.
    pub local: String,
    /// Whether the item takes applications.
    pub open: bool,
    /// The applicant account's own party.
    pub own_party: Option<Party>,
    /// Register of decision authorities.
    pub authorities: Vec<DecisionAuthority>,
    /// Accounts with a reviewing post at the organ.
    pub reviewers: Vec<Id>,
    /// What raises a mark.
    pub rules: MarkRules,
    /// What keeps marks away.
    pub outages: Vec<Outage>,
    counters: Counters,
    texts: BTreeMap<Id, Text>,
    /// Parties and answers among the texts, read once.
    parties: BTreeMap<Id, Party>,
    answers: BTreeMap<Id, Answers>,
    blocks: i64,
}

/// 卷宗: a case with the record of its events, as rows would hold them.
#[derive(Debug, Clone, Default)]
pub struct Docket {
    /// The case, once it was submitted.
    pub case: Option<Case>,
    /// Its events, as stored.
    pub record: Vec<Kept>,
}

/// One stored event.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Who, when and which digest.
    pub stamp: Stamp,
    /// Post acted in, 0 for none.
    pub post: Id,
    /// Kind, snake case.
    pub kind: String,
    /// Payload as hashed.
    pub payload: String,
}

/// Why a command did not happen.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Stopped {
    /// Not theirs.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// Not lawful, or not well filled in.
    #[error(transparent)]
    No(#[from] No),
    /// A bug: an event that cannot be written or applied.
    #[error("{0}")]
    Bug(String),
}

impl World {
    /// A world on Monday 2 March 2026, 09:00, with an item under the licence regime.
    ///
    /// # Errors
    /// [`Broken`] when shipped data cannot be read.
    pub fn try_new() -> Result<Self, Broken> {
        let entry = entry()?;
        let agency = agency()?;
        let code = LocalItemCode::compose(&agency.credit_code, entry.level.use_level(), &entry.code)?;
        Ok(Self {
            now: at(date(2026, 3, 2), 9),
            calendar: calendar()?,
            regime: regime(RegimeKey::LICENCE)?,
            local: format!("{}@{}", entry.id, agency.division),
            entry,
            agency,
            code,
            open: true,
            own_party: None,
            authorities: vec![authority(), head_authority()],
            rules: rules()?,
            outages: Vec::new(),
            reviewers: vec![Id::from(people::REVIEWER), Id::from(people::SECOND_REVIEWER)],
            counters: Counters::new(),
            texts: BTreeMap::new(),
            parties: BTreeMap::new(),
            answers: BTreeMap::new(),
            blocks: 0,
        })
    }

    /// What a command is about.
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            entry: &self.entry,
            version: 1,
            local: &self.local,
            code: &self.code,
            open: self.open,
            promised: self.entry.promised,
            organ: &self.agency,
            receiving: &self.agency.key,
            regulator: &self.entry.regulator,
            contact: "咨询0311-00010，监督12345",
            review_organ: &self.agency.review_organ,
            court: &self.agency.litigation_court,
            sample: true,
            regime: &self.regime,
        }
    }

    /// Today's legal date.
    pub fn today(&self) -> Date {
        date_of_ms(self.now)
    }

    /// Goes on to an hour of a later day.
    pub fn go_to(&mut self, day: Date, hour: i64) {
        self.now = at(day, hour);
    }

    /// Goes on by so many working days.
    pub fn pass_working_days(&mut self, n: u32) {
        self.go_to(self.calendar.nth_working_day(self.today(), n), 10);
    }

    /// A kept text.
    pub fn text(&self, id: Id) -> Option<&Text> {
        self.texts.get(&id)
    }

    /// All kept texts.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.texts.values()
    }

    /// The case's party as it is kept; the account's own for a submission.
    pub fn party_of(&self, case: Option<&Case>) -> Option<Party> {
        self.kept_party(case).cloned()
    }

    /// The case's answers as they are kept.
    pub fn answers_of(&self, case: &Case) -> Option<Answers> {
        self.answers.get(&case.answers.id).cloned()
    }

    fn kept_party(&self, case: Option<&Case>) -> Option<&Party> {
        match case {
            Some(case) => self.parties.get(&case.party),
            None => self.own_party.as_ref(),
        }
    }

    fn keep(&mut self, text: Text) -> Result<(), Stopped> {
        let bug = |e: serde_json::Error| Stopped::Bug(e.to_string());
        match text.kind {
            TextKind::Party => {
                self.parties.insert(text.id, serde_json::from_str(&text.body).map_err(bug)?);
            }
            TextKind::Answers => {
                self.answers.insert(text.id, serde_json::from_str(&text.body).map_err(bug)?);
            }
            TextKind::Supplement | TextKind::Words | TextKind::Document => {}
        }
        self.texts.insert(text.id, text);
        Ok(())
    }

    /// A mint as the server would hand out for this command.
    pub fn mint(&self, command: &Command, seed: [u8; 32]) -> Mint {
        let needed = counters_needed(command, &self.subject(), self.today());
        let counters = needed
            .into_iter()
            .map(|key| {
                let last = self.counters.get(&key).copied().unwrap_or(0);
                (key, last)
            })
            .collect();
        Mint::new(Id::from((1 << 40) + self.blocks * IDS_PER_ACT), seed, counters)
    }

    /// Decides a command without keeping anything.
    ///
    /// # Errors
    /// [`No`].
    pub fn ask(
        &self,
        case: Option<&Case>,
        actor: &Actor,
        command: &Command,
        mint: &Mint,
    ) -> Result<Vec<Event>, No> {
        let party = self.kept_party(case);
        let answers = case.and_then(|c| self.answers.get(&c.answers.id));
        let officer_reviews =
            matches!(command, Command::Assign { officer } if self.reviewers.contains(officer));
        let facts = Facts {
            now: self.now,
            calendar: &self.calendar,
            actor,
            subject: self.subject(),
            party,
            answers,
            authorities: &self.authorities,
            officer_reviews,
            rules: &self.rules,
            outages: &self.outages,
            mint,
        };
        decide(case, command, &facts)
    }

    /// Drives a case as the server does: may, decide, apply with chained digests; keeps texts and counters. A command
    /// that is stopped changes nothing.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn drive(
        &mut self,
        docket: &mut Docket,
        actor: &Actor,
        command: &Command,
    ) -> Result<Vec<Event>, Stopped> {
        may(actor, command.kind(), docket.case.as_ref())?;
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&self.blocks.to_be_bytes());
        let mint = self.mint(command, seed);
        let events = self.ask(docket.case.as_ref(), actor, command, &mint)?;
        let first = Id::from((1 << 50) + self.blocks);
        let mut after = Docket { case: docket.case.clone(), record: Vec::new() };
        for event in &events {
            after.append(first, self.now, actor, event)?;
        }
        let (texts, counters) = mint.finish();
        texts.into_iter().try_for_each(|text| self.keep(text))?;
        self.counters.extend(counters);
        self.blocks += 1;
        docket.case = after.case;
        docket.record.extend(after.record);
        Ok(events)
    }

    /// Drives a command of the right content by an actor who may ask it.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn proper(&mut self, docket: &mut Docket, kind: CommandKind) -> Result<Vec<Event>, Stopped> {
        let case = docket.case.as_ref();
        let (actor, command) = (self.actor_for(kind, case), self.sample(kind, case, 0));
        self.drive(docket, &actor, &command)
    }

    /// A fresh case, driven by proper commands one after another.
    ///
    /// # Errors
    /// [`Stopped`] at the first that is refused.
    pub fn driven(&mut self, kinds: &[CommandKind]) -> Result<Docket, Stopped> {
        let mut docket = Docket::default();
        for kind in kinds {
            self.proper(&mut docket, *kind)?;
        }
        Ok(docket)
    }

    /// Seals every document that waits for it.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn seal_all(&mut self, docket: &mut Docket) -> Result<(), Stopped> {
        while docket.case.as_ref().is_some_and(|c| c.documents.iter().any(|d| d.seal.is_none())) {
            self.proper(docket, CommandKind::RecordSeal)?;
        }
        Ok(())
    }

    /// A fresh case in a state.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn case_in(&mut self, state: StateName) -> Result<Docket, Stopped> {
        use CommandKind as K;
        let deciding = [K::Submit, K::Receive, K::Accept, K::Assign, K::Pass, K::Pass];
        let received = &deciding[..2];
        let then = |before: &[K], more: &[K]| [before, more].concat();
        let ends = |docket: &mut Docket, world: &mut Self, more: &[K]| -> Result<(), Stopped> {
            world.seal_all(docket)?;
            more.iter().try_for_each(|kind| world.proper(docket, *kind).map(|_| ()))
        };
        let path = match state {
            StateName::Submitted => then(&deciding[..1], &[]),
            StateName::Received => then(received, &[]),
            StateName::Supplementing => then(received, &[K::RequestSupplement]),
            StateName::Accepted => then(&deciding[..3], &[]),
            StateName::Reviewing => then(&deciding[..4], &[]),
            StateName::Suspended => then(&deciding[..4], &[K::Suspend]),
            StateName::Deciding => then(&deciding, &[]),
            StateName::Granted
            | StateName::Issued
            | StateName::Delivered
            | StateName::Closed
            | StateName::Archived => then(&deciding, &[K::Grant]),
            StateName::Refused => then(&deciding, &[K::Refuse]),
            StateName::Declined => then(received, &[K::Decline]),
            StateName::Withdrawn => then(received, &[K::WithdrawApplication]),
            StateName::Terminated => then(&deciding, &[K::Terminate]),
        };
        let mut docket = self.driven(&path)?;
        let after_grant = [K::Issue, K::Deliver, K::Close, K::Archive];
        match state {
            // The notice is the document, not the click.
            StateName::Supplementing => self.seal_all(&mut docket)?,
            StateName::Issued => ends(&mut docket, self, &after_grant[..1])?,
            StateName::Delivered => ends(&mut docket, self, &after_grant[..2])?,
            StateName::Closed => ends(&mut docket, self, &after_grant[..3])?,
            StateName::Archived => ends(&mut docket, self, &after_grant)?,
            _ => {}
        }
        Ok(docket)
    }
}

#[cfg(test)]
impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
impl World {
    /// [`World::try_new`] for tests.
    pub fn new() -> Self {
        Self::try_new().unwrap()
    }
}

impl Docket {
    /// Appends an event to the record and applies it to the case; `first` is the id of a case that begins here.
    ///
    /// # Errors
    /// [`Stopped::Bug`] for an event that cannot be written or applied.
    pub fn append(&mut self, first: Id, at: i64, actor: &Actor, event: &Event) -> Result<(), Stopped> {
        let id = self.case.as_ref().map_or(first, |c| c.id);
        let previous = self.case.as_ref().map_or_else(|| genesis(id), |c| c.head.clone());
        let sequence = self.case.as_ref().map_or(0, |c| c.version) + 1;
        let (kind, payload) = event.to_parts().map_err(|e| Stopped::Bug(e.to_string()))?;
        let post = actor.post().map_or(Id::from(0), |p| p.id);
        let stamp = Stamp { case: id, at, account: actor.account(), sequence, digest: String::new() };
        let mut kept = Kept { stamp, post, kind: kind.to_owned(), payload };
        kept.stamp.digest = kept.digest_after(&previous);
        let case = apply(self.case.take(), event, &kept.stamp);
        self.case = Some(case.ok_or_else(|| Stopped::Bug(format!("{kind} does not apply")))?);
        self.record.push(kept);
        Ok(())
    }

    /// The case, or an error for a docket that was never submitted.
    ///
    /// # Errors
    /// [`Stopped::Bug`].
    pub fn open(&self) -> Result<&Case, Stopped> {
        self.case.as_ref().ok_or_else(|| Stopped::Bug("not submitted".into()))
    }

    /// Replays the stored record from nothing.
    ///
    /// # Errors
    /// [`Stopped::Bug`] for a payload that cannot be read or an event that does not apply.
    pub fn replayed(&self) -> Result<Option<Case>, Stopped> {
        let mut case = None;
        for kept in &self.record {
            let event =
                Event::from_parts(&kept.kind, &kept.payload).map_err(|e| Stopped::Bug(e.to_string()))?;
            case = Some(apply(case, &event, &kept.stamp).ok_or_else(|| Stopped::Bug(kept.kind.clone()))?);
        }
        Ok(case)
    }

    /// Whether every stored digest follows from the bytes before it.
    pub fn verifies(&self) -> bool {
        let Some(first) = self.record.first() else { return true };
        let mut previous = genesis(first.stamp.case);
        self.record.iter().all(|kept| {
            let right = kept.stamp.digest == kept.digest_after(&previous);
            previous.clone_from(&kept.stamp.digest);
            right
        })
    }
}

impl Kept {
    /// The digest of this event after the one with the digest `previous`.
    pub fn digest_after(&self, previous: &str) -> String {
        let link = Link {
            case: self.stamp.case,
            sequence: self.stamp.sequence,
            at: self.stamp.at,
            account: self.stamp.account.get(),
            post: self.post.get(),
            on_behalf: 0,
            kind: &self.kind,
            shape: SHAPE,
            payload: &self.payload,
        };
        digest_event(previous, link)
    }
}

/// An hour of a day at +08:00, epoch milliseconds.
pub fn at(day: Date, hour: i64) -> i64 {
    start_of_day_ms(day) + hour * 3_600_000
}

/// The shipped calendar, read once: a simulation builds many worlds.
///
/// # Errors
/// [`Broken`] when the shipped file cannot be read.
pub fn calendar() -> Result<Calendar, Broken> {
    static CALENDAR: OnceLock<Calendar> = OnceLock::new();
    if let Some(calendar) = CALENDAR.get() {
        return Ok(calendar.clone());
    }
    let calendar = Calendar::from_json(include_str!("../../data/calendar.json"))?;
    Ok(CALENDAR.get_or_init(|| calendar).clone())
}

/// A shipped regime by key.
///
/// # Errors
/// [`Broken`] when it does not ship.
pub fn regime(key: &str) -> Result<Regime, Broken> {
    static REGIMES: OnceLock<Regimes> = OnceLock::new();
    let regimes = match REGIMES.get() {
        Some(regimes) => regimes,
        None => {
            let read = Regimes::from_json(include_str!("../../data/regimes.json"))?;
            REGIMES.get_or_init(|| read)
        }
    };
    Ok(regimes.get(&key.into()).ok_or("no such regime")?.clone())
}

/// 石家庄市长安区行政审批局.
///
/// # Errors
/// Never: its codes are constants.
pub fn agency() -> Result<Agency, Broken> {
    Ok(Agency {
        key: "130102:行政审批局".into(),
        name: "石家庄市长安区行政审批局".into(),
        short: "长审".into(),
        organ: "行政审批局".into(),
        division: DivisionCode::parse("130102")?,
        scope_path: "001001002".into(),
        credit_code: CreditCode::compute("11130102D00012345")?,
        kind: AgencyKind::ApprovalBureau,
        review_organ: "石家庄市长安区人民政府".into(),
        litigation_court: "石家庄市长安区人民法院".into(),
    })
}

/// The representative's authority for all items, both acts, all of 2026 and 2027.
pub fn authority() -> DecisionAuthority {
    DecisionAuthority {
        id: Id::from(900),
        kind: AuthorityKind::BureauSigning,
        agency: "130102:行政审批局".into(),
        account: Id::from(people::REPRESENTATIVE),
        items: Vec::new(),
        acts: vec![AuthorityAct::Grant, AuthorityAct::Refuse],
        from: date(2026, 1, 1),
        to: date(2027, 12, 31),
        document: "长审授〔2026〕1号".into(),
        revoked_on: None,
    }
}

/// The head's own authority, which covers extensions.
pub fn head_authority() -> DecisionAuthority {
    DecisionAuthority {
        id: Id::from(901),
        kind: AuthorityKind::Head,
        account: Id::from(people::HEAD),
        acts: vec![AuthorityAct::Grant, AuthorityAct::Refuse, AuthorityAct::Extend],
        document: "机关负责人".into(),
        ..authority()
    }
}

/// The shipped rules of the watch, read once.
///
/// # Errors
/// [`Broken`] when the shipped file cannot be read.
pub fn rules() -> Result<MarkRules, Broken> {
    static RULES: OnceLock<MarkRules> = OnceLock::new();
    if let Some(rules) = RULES.get() {
        return Ok(rules.clone());
    }
    let read = MarkRules::from_json(include_str!("../../data/marks.json"))?;
    Ok(RULES.get_or_init(|| read).clone())
}

/// Somebody of staff at an agency of a place.
///
/// # Errors
/// Never for a division that can be parsed.
pub fn staff(account: i64, role: Role, agency: &str, scope: &str) -> Result<Actor, Broken> {
    let division = DivisionCode::parse(agency.split(':').next().unwrap_or_default())?;
    let post =
        Post { id: Id::from(account + 1000), role, agency: agency.into(), division, scope: scope.into() };
    Ok(Actor::Staff { account: Id::from(account), post })
}
