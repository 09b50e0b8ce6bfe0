//! What the clock itself raises: for every rule the instant at which it would mark the case as it now stands. The timer of
//! a case is the earliest of them; after a stop of the program everything that is due is raised at once.

use jiff::civil::Date;

use super::{Figure, Mark, MarkRule, MarkRules, MarkState, Test};
use crate::calendar::{Calendar, date_of_ms, end_of_day_ms, start_of_day_ms};
use crate::case::decide::{Facts, No};
use crate::case::{
    Case, Deadlines, Due, Event, StateName, accepted_by_silence, chinese_date, deadlines, intake, notice_due,
    used_working_days,
};
use crate::ids::Id;
use crate::item::{LimitUnit, Regime};

/// Marks of one look: an act mints sixteen ids, four of them for the papers of silence; the rest come with the next look,
/// at once.
const MOST_AT_ONCE: usize = 8;

/// A rule's condition on a case: when it comes about, about what, with which figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger<'a> {
    /// The rule.
    pub rule: &'a MarkRule,
    /// When the condition comes about, epoch milliseconds.
    pub at: i64,
    /// What about the case.
    pub subject: String,
    /// Figures.
    pub figures: Vec<Figure>,
}

struct Looking<'a> {
    case: &'a Case,
    regime: &'a Regime,
    calendar: &'a Calendar,
    due: Deadlines,
}

pub(super) fn figure(label: &str, value: impl Into<String>) -> Figure {
    Figure { label: label.into(), value: value.into() }
}

fn last_day(due: Due) -> Figure {
    figure("最后一日", chinese_date(due.last_day))
}

/// Every timed condition of the rules in force on a case as it stands that has not marked it yet.
pub fn triggers<'a>(
    case: &Case,
    regime: &Regime,
    calendar: &Calendar,
    rules: &'a MarkRules,
) -> Vec<Trigger<'a>> {
    let looking = Looking { case, regime, calendar, due: deadlines(&case.ledger, regime, calendar) };
    let mut all = Vec::new();
    for rule in rules.active() {
        for (at, subject, figures) in looking.conditions(rule.test) {
            if !case.is_marked(&rule.code, rule.light, &subject) {
                all.push(Trigger { rule, at, subject, figures });
            }
        }
    }
    all.sort_by_key(|t| t.at);
    all
}

/// When the case has to be looked at next: the earliest condition not marked yet, or the end of a notice period whose
/// silence accepts. None when nothing will come about by itself.
pub fn next_wake(case: &Case, regime: &Regime, calendar: &Calendar, rules: &MarkRules) -> Option<i64> {
    let first = triggers(case, regime, calendar, rules).first().map(|t| t.at);
    let silence = waits_for_notice(case)
        .then(|| notice_due(&case.ledger, regime, calendar).map(Due::at))
        .flatten()
        .filter(|_| regime.notice.silence_accepts);
    first.into_iter().chain(silence).min()
}

fn waits_for_notice(case: &Case) -> bool {
    use StateName as S;
    // While the applicant was asked in time there is no notice deadline at all.
    matches!(case.state.name(), S::Submitted | S::Received | S::Supplementing)
}

impl Looking<'_> {
    fn conditions(&self, test: Test) -> Vec<(i64, String, Vec<Figure>)> {
        let case = self.case;
        let under_way = matches!(
            case.state.name(),
            StateName::Accepted | StateName::Reviewing | StateName::Deciding | StateName::Suspended
        );
        let once = |at: Option<i64>, figures: Vec<Figure>| -> Vec<(i64, String, Vec<Figure>)> {
            at.map(|at| (at, String::new(), figures)).into_iter().collect()
        };
        match test {
            Test::NoticeNear { days } => once(self.notice_near(days), self.notice_figures()),
            Test::NoticeOver => {
                let over = self.due.notice.filter(|_| waits_for_notice(case)).map(Due::at);
                once(over, self.notice_figures())
            }
            Test::PromiseNear { days, used_percent } if under_way => {
                self.promise_near(days, used_percent).into_iter().collect()
            }
            Test::PromiseOver if under_way => self.over(self.due.promised, "承诺期限", case.ledger.promised),
            Test::StatutoryOver if under_way => {
                self.over(self.due.statutory, "法定期限", case.ledger.statutory)
            }
            Test::StepOver { days } if under_way => self.step_over(days).into_iter().collect(),
            Test::SpecialUntold if under_way => self.special_untold(),
            Test::SpecialOver if under_way => self.special_over(),
            Test::SpecialRepeated { more_than } if under_way => self.special_repeated(more_than),
            Test::IssueOver => self.issue_over(),
            Test::RatingUnanswered { days } => self.rating_unanswered(days).into_iter().collect(),
            Test::AnswerOverdue => self.answers_overdue(),
            Test::PromiseNear { .. }
            | Test::PromiseOver
            | Test::StatutoryOver
            | Test::StepOver { .. }
            | Test::SpecialUntold
            | Test::SpecialOver
            | Test::SpecialRepeated { .. }
            | Test::SupplementAgain
            | Test::RefusalWithoutReason
            | Test::FeeDiffers
            | Test::OneHand
            | Test::ItemIdle { .. }
            | Test::ExcludedWithoutBasis
            | Test::AcceptanceWithheld { .. }
            | Test::DeclinedAtOnce { .. }
            | Test::WithdrawnAtTheEnd { .. }
            | Test::BackDated { .. } => Vec::new(),
        }
    }

    fn notice_figures(&self) -> Vec<Figure> {
        let received = figure("收到材料", chinese_date(self.case.ledger.notice_from));
        std::iter::once(received).chain(self.due.notice.map(last_day)).collect()
    }

    /// The beginning of the working day that is the `days`-th from the end, the last day being the first.
    fn notice_near(&self, days: u32) -> Option<i64> {
        let due = self.due.notice.filter(|_| waits_for_notice(self.case))?;
        let limit = self.regime.notice.limit;
        if limit.unit == LimitUnit::OnTheSpot || limit.n <= days as f32 {
            return None;
        }
        Some(start_of_day_ms(self.before(due.last_day, days.saturating_sub(1))))
    }

    fn before(&self, day: Date, working_days: u32) -> Date {
        (0..working_days).fold(day, |day, _| self.calendar.previous_working_day(day))
    }

    fn promise_near(&self, days: u32, used_percent: u32) -> Option<(i64, String, Vec<Figure>)> {
        let promised = self.case.ledger.promised;
        let due = self.due.promised?;
        let whole = promised.n.ceil() as u32;
        if promised.unit == LimitUnit::OnTheSpot || whole < 2 {
            return None;
        }
        // So many days may be left: the parameter, or what the share leaves; never the whole of a short promise.
        let left = days.max(whole * (100 - used_percent.min(100)) / 100).min(whole - 1);
        let at = start_of_day_ms(self.before(due.last_day, left));
        let figures = vec![
            figure("承诺期限", promised.label()),
            last_day(due),
            figure("剩余", format!("{left}个工作日")),
        ];
        Some((at, String::new(), figures))
    }

    fn over(
        &self,
        due: Option<Due>,
        name: &str,
        limit: crate::item::Limit,
    ) -> Vec<(i64, String, Vec<Figure>)> {
        let Some(due) = due else { return Vec::new() };
        let at = due.at();
        let used = used_working_days(&self.case.ledger, self.regime, self.calendar, at);
        let figures =
            vec![figure(name, limit.label()), last_day(due), figure("已用", format!("{used}个工作日以上"))];
        vec![(at, String::new(), figures)]
    }

    fn step_over(&self, days: u32) -> Option<(i64, String, Vec<Figure>)> {
        let step = self.case.ledger.step?;
        let due = self.due.step?;
        let at = end_of_day_ms(self.calendar.nth_working_day(due.last_day, days));
        let figures = vec![
            figure("环节开始", chinese_date(step.from)),
            figure("环节时限", step.limit.label()),
            last_day(due),
        ];
        Some((at, format!("step:{}", step.from), figures))
    }

    fn special_untold(&self) -> Vec<(i64, String, Vec<Figure>)> {
        let untold = |(n, p): (usize, &crate::case::Procedure)| {
            let started = p.started.filter(|_| p.notices.is_empty())?;
            let figures = vec![
                figure("特别程序", p.kind.label()),
                figure("开始", chinese_date(started)),
                figure("书面告知", "无"),
            ];
            Some((end_of_day_ms(started), format!("special:{n}"), figures))
        };
        self.case.ledger.procedures.iter().enumerate().filter_map(untold).collect()
    }

    fn special_over(&self) -> Vec<(i64, String, Vec<Figure>)> {
        let over = |(n, p): (usize, &crate::case::Procedure)| {
            let until = p.announced_until(self.calendar, self.regime.day_unit).filter(|_| p.is_open())?;
            let announced: u32 = p.notices.iter().map(|notice| u32::from(notice.days)).sum();
            let figures = vec![
                figure("特别程序", p.kind.label()),
                figure("告知所需时间", format!("{announced}日")),
                figure("应当结束", chinese_date(until)),
            ];
            Some((end_of_day_ms(until), format!("special:{n}:{}", p.notices.len()), figures))
        };
        self.case.ledger.procedures.iter().enumerate().filter_map(over).collect()
    }

    fn special_repeated(&self, more_than: u32) -> Vec<(i64, String, Vec<Figure>)> {
        let begun = self.case.ledger.procedures.iter().filter_map(|p| Some((p.started?, p.kind)));
        begun
            .enumerate()
            .skip(more_than as usize)
            .map(|(n, (on, kind))| {
                let figures = vec![
                    figure("特别程序", kind.label()),
                    figure("第几次", (n + 1).to_string()),
                    figure("开始", chinese_date(on)),
                ];
                // Not the subject of one nobody was told of: both may be true of the same procedure.
                (start_of_day_ms(on), format!("special:{n}:repeated"), figures)
            })
            .collect()
    }

    fn issue_over(&self) -> Vec<(i64, String, Vec<Figure>)> {
        use StateName as S;
        // A licence that is ready and told is not late because nobody fetched it (law: notified but unclaimed).
        let open = matches!(self.case.state.name(), S::Granted | S::Refused);
        let Some(due) = self.due.issue.filter(|_| open) else { return Vec::new() };
        let decided = self.case.ledger.decided.map(|day| figure("决定之日", chinese_date(day)));
        let figures = decided.into_iter().chain([last_day(due)]).collect();
        vec![(due.at(), String::new(), figures)]
    }

    fn rating_unanswered(&self, days: u32) -> Option<(i64, String, Vec<Figure>)> {
        let (grade, on) = (self.case.rating?, self.case.rated_on?);
        if grade < 4 || self.case.rating_answered {
            return None;
        }
        let last = self.calendar.nth_working_day(on, days);
        let figures = vec![
            figure("评价", format!("{grade}级")),
            figure("评价之日", chinese_date(on)),
            figure("最后一日", chinese_date(last)),
        ];
        Some((end_of_day_ms(last), String::new(), figures))
    }

    fn answers_overdue(&self) -> Vec<(i64, String, Vec<Figure>)> {
        let open = self.case.marks.iter().filter(|m| m.state == MarkState::Open && m.rule != "R13");
        open.map(|m| {
            let figures =
                vec![figure("督办规则", m.rule.clone()), figure("答复期限", chinese_date(m.answer_due))];
            (end_of_day_ms(m.answer_due), format!("mark:{}", m.id), figures)
        })
        .collect()
    }
}

/// 到期检查: accepts by silence, and raises what is due. Nothing due: no event, and the timer is set anew.
pub(in crate::case) fn watch(case: &Case, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let (regime, calendar) = (facts.subject.regime, facts.calendar);
    let mut events = Vec::new();
    let deemed = accepted_by_silence(&case.ledger, regime, calendar, facts.now);
    if let Some(day) = deemed.filter(|_| waits_for_notice(case)) {
        events.extend(intake::accept_by_silence(case, day, facts)?);
    }
    let due = triggers(case, regime, calendar, facts.rules);
    let due = due.into_iter().filter(|t| facts.delayed(t.at) <= facts.now);
    events.extend(due.take(MOST_AT_ONCE).map(|t| raise(case, t.rule, (t.at, t.subject, t.figures), facts)));
    Ok(events)
}

/// The event of a mark, with who has to answer by when.
pub(super) fn raise(
    case: &Case,
    rule: &MarkRule,
    about: (i64, String, Vec<Figure>),
    facts: &Facts<'_>,
) -> Event {
    use StateName as S;
    let (since, subject, figures) = about;
    let at_the_window = matches!(
        case.state.name(),
        S::Submitted | S::Received | S::Supplementing | S::Declined | S::Granted | S::Refused | S::Issued
    );
    let (owner, agency) = match rule.test {
        // Whoever owes the answer has not given it: the agency's head answers.
        Test::AnswerOverdue => (None, case.places.deciding.clone()),
        Test::OneHand => (case.hands.decided_by, case.places.deciding.clone()),
        _ if at_the_window => (case.hands.received_by, case.places.receiving.clone()),
        _ => (case.officer, case.places.deciding.clone()),
    };
    let answer_due = calendar_day(facts, rule.answer_days);
    Event::Marked(Box::new(Mark {
        id: facts.mint.id(),
        rule: rule.code.clone(),
        light: rule.light,
        subject,
        since,
        owner: owner.filter(|o| *o != Id::from(0)),
        agency,
        answer_due,
        figures,
        state: MarkState::Open,
        words: Vec::new(),
    }))
}

fn calendar_day(facts: &Facts<'_>, days: u8) -> Date {
    facts.calendar.nth_working_day(date_of_ms(facts.now), u32::from(days))
}
