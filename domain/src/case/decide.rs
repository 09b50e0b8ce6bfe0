//! decide(): whether the law lets a command happen now, and what follows. One exhaustive match that delegates to a
//! file per stage of the procedure. Pure: time, chance, counters and everything read stand in [`Facts`].

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use jiff::civil::Date;

use super::chain::{digest_bytes, digest_text};
use super::{
    Case, Command, Event, MarkRules, Outage, PaperKind, Stamp, TextRef, apply, delivery, extension, intake,
    review, ruling, special, supplement, watch,
};
use crate::agency::Agency;
use crate::authority::DecisionAuthority;
use crate::calendar::{Calendar, date_of_ms};
use crate::ids::{Id, LocalItemCode};
use crate::item::{Answers, CatalogueEntry, FieldError, Limit, Regime};
use crate::party::Party;
use crate::permit::Actor;

/// Everything `decide` may know besides the case and the command.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Epoch milliseconds.
    pub now: i64,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Who asks.
    pub actor: &'a Actor,
    /// The item, as the case keeps it (or as it is today, for a submission).
    pub subject: Subject<'a>,
    /// The case's party; for a submission the account's own party.
    pub party: Option<&'a Party>,
    /// The case's current answers.
    pub answers: Option<&'a Answers>,
    /// The register of decision authorities of the deciding agency.
    pub authorities: &'a [DecisionAuthority],
    /// Whether the officer named by an assignment holds a reviewing post at the deciding agency today.
    pub officer_reviews: bool,
    /// 监察规则: what raises a mark.
    pub rules: &'a MarkRules,
    /// 停机: what keeps marks away.
    pub outages: &'a [Outage],
    /// Ids, salts, counters and the texts to keep.
    pub mint: &'a Mint,
}

impl Facts<'_> {
    /// Today's legal date at +08:00.
    pub fn today(&self) -> Date {
        date_of_ms(self.now)
    }

    /// When a mark that was to come at an instant may come: an outage of the platform keeps it away.
    pub fn delayed(&self, at: i64) -> i64 {
        super::delayed(at, self.outages, self.calendar)
    }
}

/// The item a command is about, with the organ that holds the power.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Catalogue entry in the version that counts.
    pub entry: &'a CatalogueEntry,
    /// That version.
    pub version: u32,
    /// Local item key.
    pub local: &'a str,
    /// 实施编码
    pub code: &'a LocalItemCode,
    /// Whether it is in use today.
    pub open: bool,
    /// 承诺期限 of this place.
    pub promised: Limit,
    /// The organ that holds the power, in whose name documents stand.
    pub organ: &'a Agency,
    /// Key of the agency whose comprehensive window receives.
    pub receiving: &'a str,
    /// 监管部门, by name.
    pub regulator: &'a str,
    /// 咨询电话、监督电话、窗口地点, one line.
    pub contact: &'a str,
    /// 复议机关
    pub review_organ: &'a str,
    /// 诉讼法院
    pub court: &'a str,
    /// Whether the platform runs with sample data: every document says so.
    pub sample: bool,
    /// Time regime.
    pub regime: &'a Regime,
}

/// Why a command does not happen.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum No {
    /// The law says no.
    #[error("{0}")]
    Refused(Refusal),
    /// Fields to put right.
    #[error("有{}处需要修改", .0.len())]
    Invalid(Vec<FieldError>),
    /// Something the caller should have read was not there: ours, not theirs.
    #[error("missing fact: {0}")]
    Missing(&'static str),
}

/// 依法不予: the law says no, in words, with the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{way_out}")]
pub struct Refusal {
    /// Stable code for programs.
    pub code: &'static str,
    /// Why, as a sentence.
    pub reason: String,
    /// What to do instead, as a sentence.
    pub way_out: String,
    /// Provision, or empty.
    pub article: &'static str,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: &'static str, reason: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), way_out: way_out.into(), article: "" }
    }

    /// With the provision it stands on.
    #[must_use]
    pub fn under(mut self, article: &'static str) -> Self {
        self.article = article;
        self
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Kind of a kept text; part of its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// Party as JSON.
    Party,
    /// Form answers as JSON.
    Answers,
    /// Supplement rows as JSON.
    Supplement,
    /// A reason or opinion in words.
    Words,
    /// Data of a document as JSON.
    Document,
}

impl TextKind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Answers => "answers",
            Self::Supplement => "supplement",
            Self::Words => "words",
            Self::Document => "document",
        }
    }
}

/// A text to keep in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Row.
    pub id: Id,
    /// Kind.
    pub kind: TextKind,
    /// Salt, hex.
    pub salt: String,
    /// Body.
    pub body: String,
}

/// Ids, salts, counters and kept texts of one act: chance made a parameter. The same seed mints the same bytes.
#[derive(Debug)]
pub struct Mint {
    first_id: i64,
    seed: [u8; 32],
    used: Cell<i64>,
    counters: RefCell<BTreeMap<String, u32>>,
    texts: RefCell<Vec<Text>>,
}

/// How many ids one act may use.
pub const IDS_PER_ACT: i64 = 16;

/// Values of the counters an act may draw from, by key.
pub type Counters = BTreeMap<String, u32>;

impl Mint {
    /// A mint for one act: ids from `first_id` on ([`IDS_PER_ACT`] of them), salts from an unguessable seed,
    /// counters at their last used value.
    pub fn new(first_id: Id, seed: [u8; 32], counters: Counters) -> Self {
        Self {
            first_id: first_id.get(),
            seed,
            used: Cell::new(0),
            counters: RefCell::new(counters),
            texts: RefCell::default(),
        }
    }

    /// A fresh id.
    pub fn id(&self) -> Id {
        let n = self.used.get();
        self.used.set(n + 1);
        Id::from(self.first_id + n % IDS_PER_ACT)
    }

    /// 32 unguessable hex characters.
    pub fn salt(&self, purpose: &str) -> String {
        let n = self.used.get().to_be_bytes();
        let mut hex = digest_bytes(&[&self.seed, purpose.as_bytes(), &n]);
        hex.truncate(32);
        hex
    }

    /// 16 unguessable bytes.
    pub fn bytes(&self, purpose: &str) -> [u8; 16] {
        let hex = self.salt(purpose);
        let mut bytes = [0; 16];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[i * 2..i * 2 + 2], 16).unwrap_or_default();
        }
        bytes
    }

    /// The next value of a counter.
    ///
    /// # Errors
    /// [`No::Missing`] when the counter was not read beforehand ([`counters_needed`]).
    pub fn next(&self, key: &str) -> Result<u32, No> {
        let mut counters = self.counters.borrow_mut();
        let value = counters.get_mut(key).ok_or(No::Missing("counter"))?;
        *value += 1;
        Ok(*value)
    }

    /// Keeps a text and gives what an event may say of it.
    pub fn keep(&self, kind: TextKind, body: String) -> TextRef {
        let id = self.id();
        let salt = self.salt("text");
        let digest = digest_text(&salt, kind.as_str(), &body);
        self.texts.borrow_mut().push(Text { id, kind, salt, body });
        TextRef { id, digest }
    }

    /// Keeps words unless they are empty.
    pub fn keep_words(&self, words: &str) -> Option<TextRef> {
        let words = words.trim();
        (!words.is_empty()).then(|| self.keep(TextKind::Words, words.to_owned()))
    }

    /// The texts kept and the counters as they now stand.
    pub fn finish(self) -> (Vec<Text>, Counters) {
        (self.texts.into_inner(), self.counters.into_inner())
    }
}

/// The counters a command may draw from, so that they can be read (and locked) for a whole batch at once.
pub fn counters_needed(command: &Command, subject: &Subject<'_>, today: Date) -> Vec<String> {
    let paper = |kind: PaperKind| kind.counter(&subject.organ.key, today.year());
    match command {
        Command::Receive => vec![serial_counter(subject.code, today), paper(PaperKind::Receipt)],
        Command::RequestSupplement { .. } => vec![paper(PaperKind::SupplementNotice)],
        Command::Accept { .. } => vec![paper(PaperKind::AcceptanceNotice)],
        Command::Decline { .. } => vec![paper(PaperKind::DeclinationNotice)],
        Command::Grant { .. } => vec![paper(PaperKind::GrantDecision), paper(PaperKind::Licence)],
        Command::Refuse { .. } => vec![paper(PaperKind::RefusalDecision)],
        Command::Terminate { .. } => vec![paper(PaperKind::TerminationNotice)],
        Command::Suspend { .. } => vec![paper(PaperKind::SuspensionNotice)],
        Command::Resume => vec![paper(PaperKind::ResumptionNotice)],
        Command::TellHearingRight { .. } => vec![paper(PaperKind::HearingRightNotice)],
        Command::NotifySpecial(_) => vec![paper(PaperKind::SpecialNotice)],
        Command::Extend { .. } => vec![paper(PaperKind::ExtensionNotice)],
        Command::Watch => vec![
            serial_counter(subject.code, today),
            paper(PaperKind::Receipt),
            paper(PaperKind::AcceptanceNotice),
        ],
        Command::Submit(_)
        | Command::AmendOnTheSpot { .. }
        | Command::Resubmit { .. }
        | Command::Assign { .. }
        | Command::Pass { .. }
        | Command::Return { .. }
        | Command::Issue
        | Command::Deliver { .. }
        | Command::Close
        | Command::Archive
        | Command::WithdrawApplication { .. }
        | Command::RequestHearing { .. }
        | Command::StartSpecial { .. }
        | Command::EndSpecial { .. }
        | Command::RequestExtension { .. }
        | Command::RefuseExtension { .. }
        | Command::AnswerMark { .. }
        | Command::ContestMark { .. }
        | Command::CloseMark { .. }
        | Command::AnswerRating { .. }
        | Command::RecordSeal { .. }
        | Command::Rate { .. } => Vec::new(),
    }
}

/// Counter of the case numbers of one item on one day.
pub fn serial_counter(code: &LocalItemCode, day: Date) -> String {
    format!("serial:{}:{:04}{:02}{:02}", code.as_str(), day.year(), day.month(), day.day())
}

/// Decides a command: the events that follow, or why it does not happen.
///
/// # Errors
/// [`No`]: the law's refusal, or the fields to put right. Nothing has changed then.
pub fn decide(case: Option<&Case>, command: &Command, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let Some(case) = case else {
        return match command {
            Command::Submit(submission) => {
                let mut events = intake::submit(submission, facts)?;
                if let (Some(paper), Some(first)) = (submission.paper_received_on, events.first()) {
                    let stamp = Stamp {
                        case: Id::from(0),
                        at: facts.now,
                        account: facts.actor.account(),
                        sequence: 1,
                        digest: String::new(),
                    };
                    let case = apply(None, first, &stamp);
                    events.extend(
                        case.iter()
                            .flat_map(|case| watch::back_dated(case, paper, facts))
                            .collect::<Vec<_>>(),
                    );
                }
                Ok(events)
            }
            _ => Err(No::Missing("case")),
        };
    };
    let mut events = follow(case, command, facts)?;
    events.extend(watch::at_once(case, command, &events, facts));
    Ok(events)
}

/// What follows from a command on a case, before the watch looks at how it was done.
fn follow(case: &Case, command: &Command, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    match command {
        Command::Submit(_) => {
            Err(Refusal::new("already_submitted", "这份申请已经提交过，", "请在“我的办件”里查看进度。")
                .into())
        }
        Command::Receive => intake::receive(case, facts),
        Command::AmendOnTheSpot { answers } => intake::amend_on_the_spot(case, answers, facts),
        Command::RequestSupplement { rows, due, again } => {
            supplement::request_supplement(case, rows, *due, again, facts)
        }
        Command::Resubmit { answers, files } => supplement::resubmit(case, answers, files, facts),
        Command::Accept { checks } => intake::accept(case, checks, facts),
        Command::Decline { ground, reason, go_to } => intake::decline(case, *ground, reason, go_to, facts),
        Command::Assign { officer } => review::assign(case, *officer, facts),
        Command::Pass { opinion, points } => review::pass(case, opinion, points, facts),
        Command::Return { reason } => review::send_back(case, reason, facts),
        Command::Grant { opinion } => ruling::grant(case, opinion, facts),
        Command::Refuse { reason, basis } => ruling::refuse(case, reason, basis, facts),
        Command::Suspend { reason } => ruling::suspend(case, reason, facts),
        Command::Resume => ruling::resume(case, facts),
        Command::TellHearingRight { reason } => special::tell_hearing_right(case, reason, facts),
        Command::RequestHearing { reason } => special::request_hearing(case, reason, facts),
        Command::NotifySpecial(plan) => special::notify(case, plan, facts),
        Command::StartSpecial { procedure } => special::start(case, *procedure, facts),
        Command::EndSpecial { procedure, record, passed } => {
            special::end(case, *procedure, record, *passed, facts)
        }
        Command::RequestExtension { days, reason } => extension::request(case, *days, reason, facts),
        Command::Extend { days, reason, approval } => extension::extend(case, *days, reason, approval, facts),
        Command::RefuseExtension { reason } => extension::refuse(case, reason, facts),
        Command::Watch => watch::watch(case, facts),
        Command::AnswerMark { mark, answer } => watch::answer(case, *mark, answer, facts),
        Command::ContestMark { mark, reason } => watch::contest(case, *mark, reason, facts),
        Command::CloseMark { mark, upheld, note } => watch::close(case, *mark, *upheld, note, facts),
        Command::AnswerRating { answer } => delivery::answer_rating(case, answer, facts),
        Command::Terminate { ground, reason } => ruling::terminate(case, *ground, reason, facts),
        Command::Issue => delivery::issue(case),
        Command::Deliver { method, note } => delivery::deliver(case, *method, note, facts),
        Command::Close => delivery::close(case),
        Command::Archive => delivery::archive(case),
        Command::WithdrawApplication { reason } => intake::withdraw(case, reason, facts),
        Command::RecordSeal { document, file, size, key, signature } => {
            delivery::record_seal(case, *document, file, *size, key, signature)
        }
        Command::Rate { grade, comment } => delivery::rate(case, *grade, comment, facts),
    }
}

/// The refusal for a command that does not fit the state, in words.
pub(super) fn not_now(case: &Case, act: &str) -> No {
    let state = super::staff_words(case.state.name());
    Refusal::new(
        "wrong_state",
        format!("办件现在是“{state}”，不能{act}。"),
        "请刷新页面，按当前状态列出的下一步办理。",
    )
    .into()
}

/// A field error for an empty text of an act.
pub(super) fn required(field: &'static str, label: &str) -> No {
    No::Invalid(vec![FieldError::new(field, label, format!("请输入{label}"), format!("{field} is required"))])
}
