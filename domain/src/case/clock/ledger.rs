//! 时限台账: what happened that matters to time, and nothing else. Dates are legal days at +08:00; an interval takes out
//! the days after its first, up to and including its last.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, add_calendar_days};
use crate::ids::Id;
use crate::item::{Approver, ClockStart, Limit, LimitUnit, Regime, RegimeKey, SpecialKind};

/// 时限台账: the truth from which every deadline of a case is derived.
#[doc(alias = "时限台账")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Regime the item follows.
    pub regime: RegimeKey,
    /// 法定办结时限, as the item says at submission.
    pub statutory: Limit,
    /// 承诺办结时限, as the local item says at submission.
    pub promised: Limit,
    /// The day the application entered the system.
    pub submitted: Date,
    /// The day the notice clock counts from: submission, or the last supplement.
    pub notice_from: Date,
    /// 补正: told and not answered yet; the agency's clocks stand meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// 受理之日
    pub accepted: Option<Date>,
    /// 决定之日: both clocks end here (许可法 42).
    pub decided: Option<Date>,
    /// 制证之日
    pub issued: Option<Date>,
    /// 送达之日
    pub delivered: Option<Date>,
    /// The day the case ended without a decision (declined, withdrawn, terminated).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Date>,
    /// 中止: days that do not count because of a lawsuit or force majeure.
    pub stops: Vec<Interval>,
    /// 特别程序, in order of their beginning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub procedures: Vec<Procedure>,
    /// 延期
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extended>,
    /// 环节: since when the running step runs, and for how long it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepClock>,
}

/// An open request for supplements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The day it was told.
    pub on: Date,
    /// The applicant's last day.
    pub due: Date,
}

/// 延期: approved and told before the statutory limit ended (许可法 42).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extended {
    /// Who approved.
    pub by: Approver,
    /// By how many.
    pub n: u16,
    /// Of what.
    pub unit: LimitUnit,
    /// The day it was approved and told.
    pub on: Date,
}

/// 环节时限 of the running step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepClock {
    /// The day it began.
    pub from: Date,
    /// How long it may take.
    pub limit: Limit,
}

/// Days taken out of the clock: after `from`, up to and including `to` (still running when absent).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Why.
    pub why: Halt,
    /// The day it began; that day itself still counts as worked.
    pub from: Date,
    /// The day it ended.
    pub to: Option<Date>,
}

/// Why days are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Halt {
    /// 中止 (lawsuit, force majeure)
    Suspension,
}

/// 特别程序 of a case (许可法 45, or a special statute): told in writing with its length, begun, ended.
#[doc(alias = "特别程序")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// Which one.
    pub kind: SpecialKind,
    /// Whether its days are taken out: the regime or a statute named on the item says so.
    pub excluded: bool,
    /// The provision.
    pub basis: String,
    /// Written notices with the days they announced, in order. Without one nothing is taken out.
    pub notices: Vec<Announced>,
    /// The day it began.
    pub started: Option<Date>,
    /// The day its result came.
    pub ended: Option<Date>,
}

/// 告知所需时间 (许可法 45): a written notice of how long the procedure takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// The day it was given.
    pub on: Date,
    /// Days announced, in the regime's unit.
    pub days: u16,
    /// 特别程序告知书; 0 where the ledger is only tried out.
    pub document: Id,
}

impl Procedure {
    /// Whether it is under way: announced or begun, and not ended.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// The days taken out: after the first, up to and including the second day of each pair. The days in
    /// (the later of start and notice, result], at most as many as the notices announced (许可法 45). While the result
    /// is not there yet the announced days are reckoned in full; when they are over the clock goes on by itself.
    pub fn taken_out(&self, calendar: &Calendar, unit: LimitUnit) -> Vec<(Date, Date)> {
        let mut spans: Vec<(Date, Date)> = Vec::new();
        let Some(started) = self.started.filter(|_| self.excluded) else { return spans };
        for notice in &self.notices {
            let told = started.max(notice.on);
            let from = spans.last().map_or(told, |(_, through)| told.max(*through));
            let through = match unit {
                LimitUnit::CalendarDay => add_calendar_days(from, i32::from(notice.days)),
                LimitUnit::WorkingDay | LimitUnit::Month | LimitUnit::OnTheSpot => {
                    calendar.nth_working_day(from, u32::from(notice.days))
                }
            };
            let through = self.ended.map_or(through, |ended| through.min(ended));
            match spans.last_mut() {
                _ if through <= from => {}
                Some(last) if last.1 == from => last.1 = through,
                _ => spans.push((from, through)),
            }
        }
        spans
    }

    /// The last day that was announced, once it began and was told.
    pub fn announced_until(&self, calendar: &Calendar, unit: LimitUnit) -> Option<Date> {
        let whole = Self { ended: None, excluded: true, ..self.clone() };
        whole.taken_out(calendar, unit).last().map(|(_, through)| *through)
    }
}

impl Ledger {
    /// A ledger at submission.
    pub fn open(regime: RegimeKey, statutory: Limit, promised: Limit, submitted: Date) -> Self {
        Self {
            regime,
            statutory,
            promised,
            submitted,
            notice_from: submitted,
            asked: None,
            accepted: None,
            decided: None,
            issued: None,
            delivered: None,
            ended: None,
            stops: Vec::new(),
            procedures: Vec::new(),
            extension: None,
            step: None,
        }
    }

    /// Stops the clock on a day.
    pub fn stop(&mut self, why: Halt, on: Date) {
        self.stops.push(Interval { why, from: on, to: None });
    }

    /// Lets it go on.
    pub fn go_on(&mut self, why: Halt, on: Date) {
        if let Some(open) = self.stops.iter_mut().rev().find(|s| s.why == why && s.to.is_none()) {
            open.to = Some(on);
        }
    }

    /// The case ends without a decision: whatever stood or was under way ends with it.
    pub fn end(&mut self, on: Date) {
        self.go_on(Halt::Suspension, on);
        for procedure in self.procedures.iter_mut().filter(|p| p.is_open()) {
            procedure.ended = Some(on);
        }
        self.ended = Some(on);
    }

    /// A written notice of a special procedure: a new one, or more days for the one of this kind that is under way.
    pub fn announce(&mut self, kind: SpecialKind, excluded: bool, basis: &str, notice: Announced) {
        if let Some(open) = self.open_procedure_mut(kind) {
            open.notices.push(notice);
            open.excluded |= excluded;
            return;
        }
        let basis = basis.to_owned();
        self.procedures.push(Procedure {
            kind,
            excluded,
            basis,
            notices: vec![notice],
            started: None,
            ended: None,
        });
    }

    /// A special procedure begins; one that nobody was told of takes out nothing.
    pub fn begin(&mut self, kind: SpecialKind, excluded: bool, basis: &str, on: Date) {
        if let Some(open) = self.open_procedure_mut(kind) {
            open.started = open.started.or(Some(on));
            return;
        }
        let basis = basis.to_owned();
        let notices = Vec::new();
        self.procedures.push(Procedure { kind, excluded, basis, notices, started: Some(on), ended: None });
    }

    /// Its result came.
    pub fn finish(&mut self, kind: SpecialKind, on: Date) {
        if let Some(open) = self.open_procedure_mut(kind) {
            open.ended = Some(on);
        }
    }

    /// The special procedure of this kind that is under way.
    pub fn open_procedure(&self, kind: SpecialKind) -> Option<&Procedure> {
        self.procedures.iter().rev().find(|p| p.kind == kind && p.is_open())
    }

    fn open_procedure_mut(&mut self, kind: SpecialKind) -> Option<&mut Procedure> {
        self.procedures.iter_mut().rev().find(|p| p.kind == kind && p.is_open())
    }

    /// Whether the clock stands still and nobody knows until when.
    pub fn is_standing(&self) -> bool {
        self.stops.iter().any(|s| s.to.is_none())
    }

    /// The day the statutory and promised clocks run from under the regime, once it is known.
    pub fn starts_on(&self, regime: &Regime) -> Option<Date> {
        match regime.starts {
            ClockStart::Acceptance => self.accepted,
            ClockStart::Receipt | ClockStart::ValidDocuments => {
                Some(self.notice_from).filter(|_| self.asked.is_none())
            }
        }
    }

    /// Every span of days that does not count, with its name: after the first, up to and including the second day
    /// (none: still running).
    pub fn taken_out(&self, regime: &Regime, calendar: &Calendar) -> Vec<TakenOut> {
        let mut all: Vec<TakenOut> = self
            .stops
            .iter()
            .map(|s| TakenOut { from: s.from, through: s.to, why: "中止".into(), procedure: None })
            .collect();
        for (n, procedure) in self.procedures.iter().enumerate() {
            all.extend(procedure.taken_out(calendar, regime.day_unit).into_iter().map(|(from, through)| {
                let why = procedure.kind.label().to_owned();
                TakenOut { from, through: Some(through), why, procedure: Some(n) }
            }));
        }
        all
    }
}

/// Days taken out of the clocks, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOut {
    /// The day after which days do not count.
    pub from: Date,
    /// The last day that does not count; none while it goes on and nobody knows until when.
    pub through: Option<Date>,
    /// In a word: 中止, 听证.
    pub why: String,
    /// Which special procedure, by its place in the ledger.
    pub procedure: Option<usize>,
}

impl TakenOut {
    /// Whether a day is taken out by it.
    pub fn holds(&self, day: Date) -> bool {
        day > self.from && self.through.is_none_or(|through| day <= through)
    }
}
