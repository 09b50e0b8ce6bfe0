//! Deadlines that a change of the calendar moved (期限变动): found by deriving the same ledger under both calendars.
//! Refuses to know who changed the calendar, and writes nothing.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Case, Due, deadlines};
use crate::calendar::Calendar;
use crate::item::Regime;

/// Which deadline of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// 告知期
    Notice,
    /// 法定期限
    Statutory,
    /// 承诺期限
    Promised,
    /// 环节期限
    Step,
    /// 颁发送达期限
    Issue,
    /// The one that presses, when it is none of the others.
    Pressing,
}

impl DeadlineKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Notice, Self::Statutory, Self::Promised, Self::Step, Self::Issue, Self::Pressing];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Statutory => "statutory",
            Self::Promised => "promised",
            Self::Step => "step",
            Self::Issue => "issue",
            Self::Pressing => "pressing",
        }
    }

    /// From the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }

    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Notice => "告知期限",
            Self::Statutory => "法定期限",
            Self::Promised => "承诺期限",
            Self::Step => "环节期限",
            Self::Issue => "颁发送达期限",
            Self::Pressing => "办理期限",
        }
    }
}

/// A deadline that moved: its last day before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub deadline: DeadlineKind,
    /// Last day before.
    pub from: Date,
    /// Last day now.
    pub to: Date,
}

/// The deadlines still to be kept that end on another day under the new calendar. A clock that a decision ended is no
/// deadline any more (许可法 42).
pub fn moved(case: &Case, regime: &Regime, before: &Calendar, after: &Calendar) -> Vec<Moved> {
    let (old, new) = (open(case, regime, before), open(case, regime, after));
    let mut found: Vec<Moved> = old
        .iter()
        .filter_map(|(deadline, was)| {
            let (_, is) = new.iter().find(|(kind, _)| kind == deadline)?;
            (was.last_day != is.last_day).then_some(Moved {
                deadline: *deadline,
                from: was.last_day,
                to: is.last_day,
            })
        })
        .collect();
    if let (Some(was), Some(is)) = (case.pressing(regime, before), case.pressing(regime, after))
        && was.last_day != is.last_day
        && !found.iter().any(|m| m.from == was.last_day && m.to == is.last_day)
    {
        found.push(Moved { deadline: DeadlineKind::Pressing, from: was.last_day, to: is.last_day });
    }
    found
}

fn open(case: &Case, regime: &Regime, calendar: &Calendar) -> Vec<(DeadlineKind, Due)> {
    let all = deadlines(&case.ledger, regime, calendar);
    let named = [
        (DeadlineKind::Notice, all.notice),
        (DeadlineKind::Statutory, all.statutory),
        (DeadlineKind::Promised, all.promised),
        (DeadlineKind::Step, all.step),
        (DeadlineKind::Issue, all.issue),
    ];
    let decided = case.ledger.decided.is_some();
    let named = named.into_iter().filter(|(kind, _)| !decided || *kind == DeadlineKind::Issue);
    named.filter_map(|(kind, due)| Some((kind, due?))).collect()
}
