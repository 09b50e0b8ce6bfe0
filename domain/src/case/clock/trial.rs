//! Trying the clock out: a list of dated events under a regime, and what the platform's own counting makes of them.
//! For staff who ask "what if" and for outside checks; nothing is kept.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::count::{accepted_by_silence, deadlines, excluded_working_days, notice_due};
use super::explain::{Explained, explain, extension_words};
use super::ledger::{Announced, Asked, Extended, Halt, Ledger};
use super::{Due, count};
use crate::calendar::{Calendar, start_of_day_ms};
use crate::ids::Id;
use crate::item::{Approver, Limit, Regime, SpecialKind};

/// Days an applicant gets to put things right when the notice names no day (an administrative habit, not a law).
pub(in crate::case) const SUPPLEMENT_DAYS: u32 = 15;

/// 试算: what is tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// 法定办结时限
    pub statutory: Limit,
    /// 承诺办结时限
    pub promised: Limit,
    /// The day on which it is asked.
    pub today: Date,
    /// What happened, in order.
    pub events: Vec<TrialEvent>,
}

/// One dated event of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TrialEvent {
    /// 收到申请
    Received {
        /// Day.
        on: Date,
    },
    /// 一次性告知补正
    SupplementRequested {
        /// Day.
        on: Date,
        /// The applicant's last day.
        #[serde(default)]
        due: Option<Date>,
        /// Why once more: a second request needs it.
        #[serde(default)]
        reason: String,
    },
    /// 收到补正
    Supplemented {
        /// Day.
        on: Date,
    },
    /// 受理
    Accepted {
        /// Day.
        on: Date,
    },
    /// 书面告知特别程序所需时间
    SpecialNoticed {
        /// Day.
        on: Date,
        /// Which.
        kind: SpecialKind,
        /// Days announced.
        n: u16,
    },
    /// 特别程序开始
    SpecialStarted {
        /// Day.
        on: Date,
        /// Which.
        kind: SpecialKind,
    },
    /// 特别程序有结果
    SpecialEnded {
        /// Day.
        on: Date,
        /// Which.
        kind: SpecialKind,
    },
    /// 延期
    Extended {
        /// Day.
        on: Date,
        /// Who approved.
        by: TrialApprover,
        /// By how many, in the regime's unit.
        n: u16,
    },
    /// 中止
    Suspended {
        /// Day.
        on: Date,
    },
    /// 恢复
    Resumed {
        /// Day.
        on: Date,
    },
    /// 决定
    Decided {
        /// Day.
        on: Date,
    },
    /// 制证
    Issued {
        /// Day.
        on: Date,
    },
    /// 送达
    Delivered {
        /// Day.
        on: Date,
    },
}

/// Who is said to have approved an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialApprover {
    /// 本行政机关负责人
    AgencyHead,
    /// 本级人民政府负责人
    GovernmentHead,
    /// 首席代表, who may ask and not approve
    Representative,
}

/// 试算结果
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    /// Last days.
    pub deadlines: TriedDeadlines,
    /// 视为受理: the day from which silence accepted.
    pub deemed_accepted_on: Option<Date>,
    /// Working days taken out of the statutory clock up to today.
    pub excluded_working_days: u32,
    /// The deadlines that lean on a year whose calendar is not published.
    pub provisional: Vec<&'static str>,
    /// Events that could not happen, by their place in the list (the first is 0), and why. They count for nothing.
    pub refused: Vec<TrialRefusal>,
    /// Step by step.
    pub explanation: Vec<Explained>,
}

/// The last day of each deadline; none where it does not run, or stands and nobody knows until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TriedDeadlines {
    /// 告知期
    pub notice: Option<Date>,
    /// 补正期限
    pub supplement: Option<Date>,
    /// 法定期限
    pub statutory: Option<Date>,
    /// 承诺期限
    pub promised: Option<Date>,
    /// 颁发送达期限
    pub issue: Option<Date>,
}

/// An event that could not happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialRefusal {
    /// Its place in the list, from 0.
    pub event: usize,
    /// Why, as a sentence.
    pub reason: String,
}

impl TrialEvent {
    /// The day it happened.
    pub fn on(&self) -> Date {
        match self {
            Self::Received { on }
            | Self::SupplementRequested { on, .. }
            | Self::Supplemented { on }
            | Self::Accepted { on }
            | Self::SpecialNoticed { on, .. }
            | Self::SpecialStarted { on, .. }
            | Self::SpecialEnded { on, .. }
            | Self::Extended { on, .. }
            | Self::Suspended { on }
            | Self::Resumed { on }
            | Self::Decided { on }
            | Self::Issued { on }
            | Self::Delivered { on } => *on,
        }
    }
}

/// A trial under way.
struct Bench<'a> {
    regime: &'a Regime,
    calendar: &'a Calendar,
    trial: &'a Trial,
    ledger: Option<Ledger>,
    received: bool,
    deemed: Option<Date>,
    asked_before: bool,
}

/// Tries a list of events under a regime: the same ledger, the same counting and the same words as a case has.
pub fn try_out(trial: &Trial, regime: &Regime, calendar: &Calendar) -> Tried {
    let mut bench =
        Bench { regime, calendar, trial, ledger: None, received: false, deemed: None, asked_before: false };
    let mut refused = Vec::new();
    let mut last: Option<Date> = None;
    for (event, happened) in trial.events.iter().enumerate() {
        let on = happened.on();
        let outcome = match last {
            _ if on > trial.today => Err("日期在今天以后，还没有发生。".to_owned()),
            Some(before) if on < before => Err(format!("日期早于前一个事件（{before}）。")),
            _ => bench.take(happened),
        };
        match outcome {
            Ok(()) => last = Some(on),
            Err(reason) => refused.push(TrialRefusal { event, reason }),
        }
    }
    bench.report(refused)
}

impl Bench<'_> {
    fn open(&self, on: Date) -> Ledger {
        Ledger::open(self.regime.key.clone(), self.trial.statutory, self.trial.promised, on)
    }

    /// Silence may have accepted by the beginning of a day.
    fn silence(&mut self, today: Date) {
        let Some(ledger) = self.ledger.as_mut().filter(|_| self.received) else { return };
        let now = start_of_day_ms(today);
        if let Some(day) = accepted_by_silence(ledger, self.regime, self.calendar, now) {
            ledger.accepted = Some(day);
            self.deemed = Some(day);
        }
    }

    fn take(&mut self, event: &TrialEvent) -> Result<(), String> {
        let on = event.on();
        self.silence(on);
        match event {
            TrialEvent::Received { .. } => match self.ledger {
                Some(_) => Err("申请已经收到过。".into()),
                None => {
                    self.ledger = Some(self.open(on));
                    self.received = true;
                    Ok(())
                }
            },
            TrialEvent::Accepted { .. } => self.accept(on),
            TrialEvent::SupplementRequested { due, reason, .. } => self.ask(on, *due, reason),
            TrialEvent::Supplemented { .. } => {
                let ledger = self.ledger.as_mut().filter(|l| l.asked.is_some());
                let ledger = ledger.ok_or("没有等待补正的告知。")?;
                ledger.asked = None;
                ledger.notice_from = on;
                Ok(())
            }
            TrialEvent::Decided { .. } => {
                let ledger = self.running("决定")?;
                if ledger.is_standing() {
                    return Err("中止期间不能作决定，请先恢复办理。".into());
                }
                ledger.decided = Some(on);
                Ok(())
            }
            TrialEvent::Issued { .. } | TrialEvent::Delivered { .. } => {
                let ledger = self.ledger.as_mut().filter(|l| l.decided.is_some());
                let ledger = ledger.ok_or("还没有作出决定。")?;
                let mark = match event {
                    TrialEvent::Issued { .. } => &mut ledger.issued,
                    _ => &mut ledger.delivered,
                };
                if mark.is_some() {
                    return Err("已经发生过，不能重复。".into());
                }
                *mark = Some(on);
                Ok(())
            }
            TrialEvent::Extended { by, n, .. } => self.extend(on, *by, *n),
            TrialEvent::SpecialNoticed { .. }
            | TrialEvent::SpecialStarted { .. }
            | TrialEvent::SpecialEnded { .. }
            | TrialEvent::Suspended { .. }
            | TrialEvent::Resumed { .. } => self.stop(event),
        }
    }

    /// The ledger of a case that is accepted and not decided.
    fn running(&mut self, act: &str) -> Result<&mut Ledger, String> {
        match self.ledger.as_mut() {
            Some(ledger) if ledger.decided.is_some() => Err(format!("已经作出决定，时钟已停，不能{act}。")),
            Some(ledger) if ledger.accepted.is_some() => Ok(ledger),
            _ => Err(format!("还没有受理，不能{act}。")),
        }
    }

    fn accept(&mut self, on: Date) -> Result<(), String> {
        let mut ledger = self.ledger.take().unwrap_or_else(|| self.open(on));
        let outcome = if ledger.accepted.is_some() && self.deemed.is_none() {
            Err("已经受理过。".to_owned())
        } else if ledger.asked.is_some() {
            Err("正在等申请人补正，收到补正后才能受理。".to_owned())
        } else {
            // What silence accepted stays accepted from the day of receipt.
            ledger.accepted = self.deemed.or(Some(on));
            Ok(())
        };
        self.ledger = Some(ledger);
        outcome
    }

    fn ask(&mut self, on: Date, due: Option<Date>, reason: &str) -> Result<(), String> {
        let again = self.asked_before;
        let deemed = self.deemed.is_some();
        let Some(ledger) = self.ledger.as_mut() else {
            return Err("还没有收到申请，不能告知补正。".into());
        };
        if deemed {
            return Err("告知期已过，依法自收到材料之日起即为受理，不能再要求补正。".into());
        }
        if ledger.accepted.is_some() {
            return Err("已经受理，不能再要求补正。".into());
        }
        if ledger.asked.is_some() {
            return Err("已经告知补正，正在等申请人补正。".into());
        }
        if again && reason.trim().is_empty() {
            return Err("补正内容应当一次性告知；确需再次告知的，请写明理由。".into());
        }
        let due = due.unwrap_or_else(|| self.calendar.nth_working_day(on, SUPPLEMENT_DAYS));
        if due <= on {
            return Err("补正期限应在告知之后。".into());
        }
        ledger.asked = Some(Asked { on, due });
        self.asked_before = true;
        Ok(())
    }

    fn extend(&mut self, on: Date, by: TrialApprover, n: u16) -> Result<(), String> {
        let (regime, calendar) = (self.regime, self.calendar);
        let ledger = self.running("延期")?;
        let approver = match by {
            TrialApprover::AgencyHead => Approver::AgencyHead,
            TrialApprover::GovernmentHead => Approver::GovernmentHead,
            TrialApprover::Representative => return Err("首席代表可以提请延期，不能批准延期。".into()),
        };
        let due = count::deadlines(ledger, regime, calendar).statutory;
        ledger.extension = Some(extension(ledger, regime, due, (approver, n, on))?);
        Ok(())
    }

    fn stop(&mut self, event: &TrialEvent) -> Result<(), String> {
        let regime = self.regime;
        let act = match event {
            TrialEvent::Suspended { .. } => "中止",
            TrialEvent::Resumed { .. } => "恢复办理",
            _ => "进行特别程序",
        };
        let ledger = self.running(act)?;
        match event {
            TrialEvent::Suspended { .. } if ledger.is_standing() => Err("已经中止，不能重复。".into()),
            TrialEvent::Suspended { on } => {
                ledger.stop(Halt::Suspension, *on);
                Ok(())
            }
            TrialEvent::Resumed { .. } if !ledger.is_standing() => Err("没有中止，不需要恢复。".into()),
            TrialEvent::Resumed { on } => {
                ledger.go_on(Halt::Suspension, *on);
                Ok(())
            }
            TrialEvent::SpecialNoticed { n: 0, .. } => Err("告知的所需时间应至少1日。".into()),
            TrialEvent::SpecialNoticed { on, kind, n } => {
                let notice = Announced { on: *on, days: *n, document: Id::from(0) };
                ledger.announce(*kind, regime.stops(*kind), &basis_of(regime, *kind), notice);
                Ok(())
            }
            TrialEvent::SpecialStarted { on, kind } => {
                if ledger.open_procedure(*kind).is_some_and(|p| p.started.is_some()) {
                    return Err(format!("{}已经开始，还没有结束。", kind.label()));
                }
                ledger.begin(*kind, regime.stops(*kind), &basis_of(regime, *kind), *on);
                Ok(())
            }
            TrialEvent::SpecialEnded { on, kind } => {
                if ledger.open_procedure(*kind).is_none_or(|p| p.started.is_none()) {
                    return Err(format!("{}还没有开始，不能结束。", kind.label()));
                }
                ledger.finish(*kind, *on);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn report(mut self, refused: Vec<TrialRefusal>) -> Tried {
        self.silence(self.trial.today);
        let Some(ledger) = &self.ledger else {
            return Tried {
                deadlines: TriedDeadlines {
                    notice: None,
                    supplement: None,
                    statutory: None,
                    promised: None,
                    issue: None,
                },
                deemed_accepted_on: None,
                excluded_working_days: 0,
                provisional: Vec::new(),
                refused,
                explanation: Vec::new(),
            };
        };
        let all = deadlines(ledger, self.regime, self.calendar);
        let notice = notice_due(ledger, self.regime, self.calendar).filter(|_| self.received);
        let named = [
            ("notice", notice),
            ("supplement", all.supplement),
            ("statutory", all.statutory),
            ("promised", all.promised),
            ("issue", all.issue),
        ];
        let day = |due: Option<Due>| due.map(|d| d.last_day);
        let mut explanation = explain(ledger, self.regime, self.calendar);
        if !self.received {
            explanation.retain(|step| !matches!(step.rule.as_str(), "receipt" | "notice"));
        }
        Tried {
            deadlines: TriedDeadlines {
                notice: day(notice),
                supplement: day(all.supplement),
                statutory: day(all.statutory),
                promised: day(all.promised),
                issue: day(all.issue),
            },
            deemed_accepted_on: self.deemed,
            excluded_working_days: excluded_working_days(
                ledger,
                self.regime,
                self.calendar,
                self.trial.today,
            ),
            provisional: named
                .iter()
                .filter(|(_, due)| due.is_some_and(|d| d.provisional))
                .map(|(name, _)| *name)
                .collect(),
            refused,
            explanation,
        }
    }
}

fn basis_of(regime: &Regime, kind: SpecialKind) -> String {
    super::special_article(regime, kind)
}

/// 延期 (许可法 42): once, by who may, by no more than the regime allows, approved and told before the limit ends.
pub(in crate::case) fn extension(
    ledger: &Ledger,
    regime: &Regime,
    due: Option<Due>,
    asked: (Approver, u16, Date),
) -> Result<Extended, String> {
    let (by, n, on) = asked;
    let Some((approver, most)) = extension_words(regime) else {
        return Err(format!("“{}”的法律没有规定延期。", regime.name));
    };
    let extension = regime.extension.as_ref().ok_or("法律没有规定延期。")?;
    if by != approver {
        return Err(format!("延期须经{}批准。", approver.label()));
    }
    if ledger.extension.is_some() {
        return Err("已经延期一次，不能再延。".into());
    }
    if n == 0 || n > extension.days {
        return Err(format!("可以延长1至{most}，不能是{n}。"));
    }
    if due.is_some_and(|due| on > due.last_day) {
        return Err("法定期限已经届满，延期应当在届满前批准并告知。".into());
    }
    Ok(Extended { by, n, unit: extension.unit, on })
}
