//! The explanation of the deadlines (N1): step by step, with the rule, the provision, where the rule stands, and the
//! calendar days that did not count. Asks the same counter as the deadlines themselves.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::count::{Counter, deadlines, notice_due, statutory_limits};
use super::ledger::Ledger;
use super::{Due, within};
use crate::calendar::Calendar;
use crate::item::{Approver, ItemKind, Limit, Regime};

/// One step of the explanation of a deadline (N1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The day it speaks of.
    pub date: Date,
    /// Which rule, a stable word for programs: `notice`, `statutory`, `extension`.
    #[serde(default)]
    pub rule: String,
    /// What was reckoned, in words.
    pub text: String,
    /// The provision behind it.
    pub article: String,
    /// Where the rule or the figure stands: the regime, the item, the document, the calendar.
    #[serde(default)]
    pub source: String,
    /// 暂定
    pub provisional: bool,
    /// The days inside that did not count, neighbours of one reason joined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<LeftOut>,
}

/// 未计入的日子 of a deadline, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The first of them.
    pub from: Date,
    /// The last of them.
    pub through: Date,
    /// 周末, the name of the holiday, 中止, 听证.
    pub reason: String,
}

impl Explained {
    /// The days that did not count, in words: `3月7日至8日周末、3月9日至12日听证`.
    pub fn skipped_words(&self) -> String {
        let day = |d: Date| format!("{}月{}日", d.month(), d.day());
        let span = |s: &LeftOut| match (s.from == s.through, s.from.month() == s.through.month()) {
            (true, _) => day(s.from),
            (false, true) => format!("{}至{}日", day(s.from), s.through.day()),
            (false, false) => format!("{}至{}", day(s.from), day(s.through)),
        };
        self.skipped.iter().map(|s| format!("{}{}", span(s), s.reason)).collect::<Vec<_>>().join("、")
    }
}

struct Teller<'a> {
    ledger: &'a Ledger,
    regime: &'a Regime,
    calendar: &'a Calendar,
    steps: Vec<Explained>,
}

/// Explains every deadline step by step, with the rule and the article behind each, in the order of the procedure.
pub fn explain(ledger: &Ledger, regime: &Regime, calendar: &Calendar) -> Vec<Explained> {
    let mut teller = Teller { ledger, regime, calendar, steps: Vec::new() };
    teller.receipt();
    teller.what_stopped();
    teller.limits();
    teller.ends();
    teller.steps
}

impl Teller<'_> {
    fn say(&mut self, date: Date, rule: &str, text: String, article: String) {
        let provisional = !self.calendar.knows(date.year());
        let source = self.source(rule);
        self.steps.push(Explained {
            date,
            rule: rule.into(),
            text,
            article,
            source,
            provisional,
            skipped: Vec::new(),
        });
    }

    /// A deadline with the days that did not count between its start and its end.
    fn say_due(&mut self, from: Date, due: Due, rule: &str, words: (String, String), limits: &[Limit]) {
        let (text, article) = words;
        self.say(due.last_day, rule, text, article);
        let counter = match rule {
            "notice" => Counter::plain(self.calendar),
            _ => Counter::new(self.ledger, self.regime, self.calendar),
        };
        let skipped = left_out(&counter, self.calendar, from, limits);
        if let Some(step) = self.steps.last_mut() {
            step.provisional |= due.provisional;
            step.skipped = skipped;
        }
    }

    fn source(&self, rule: &str) -> String {
        match rule {
            "receipt" | "supplement" | "accepted" | "suspension" | "decided" | "issued" | "delivered" => {
                "办件记录".into()
            }
            "promised" => "实施清单承诺期限、工作日历".into(),
            "statutory" => format!("事项法定期限、时限制度“{}”、工作日历", self.regime.name),
            "step" => "事项办理流程、工作日历".into(),
            "procedure" => "特别程序告知书".into(),
            "extension" => format!("延期告知书、时限制度“{}”", self.regime.name),
            _ => format!("时限制度“{}”、工作日历", self.regime.name),
        }
    }

    fn receipt(&mut self) {
        let of_notice = notice_article(self.regime);
        let ledger = self.ledger;
        self.say(
            ledger.submitted,
            "receipt",
            "申请进入系统，当日不计，下一个工作日为第1日".into(),
            "《中华人民共和国民法典》第一百三十七条、第二百零一条".into(),
        );
        if ledger.notice_from != ledger.submitted {
            let text = "收到补正材料，告知期重新计算".into();
            self.say(ledger.notice_from, "supplement", text, of_notice.clone());
        }
        if let Some(asked) = ledger.asked {
            let text = format!(
                "已一次性告知补正，等申请人最迟{}补正；其间不计机关的时间",
                super::super::chinese_date(asked.due)
            );
            self.say(asked.on, "supplement", text, of_notice.clone());
        }
        if let Some(due) = notice_due(ledger, self.regime, self.calendar) {
            let silence = if self.regime.notice.silence_accepts {
                "，逾期不告知的，自收到材料之日起即为受理"
            } else {
                ""
            };
            let limit = self.regime.notice.limit;
            let text = format!("收件后{}告知结果，其间不计{}天{silence}", within(limit), due.uncounted);
            self.say_due(ledger.notice_from, due, "notice", (text, of_notice.clone()), &[limit]);
        }
        if let Some(accepted) = ledger.accepted {
            self.say(accepted, "accepted", "受理".into(), of_notice);
        }
    }

    fn what_stopped(&mut self) {
        for stop in &self.ledger.stops {
            let until = stop.to.map_or("至今".to_owned(), |to| format!("至{to}"));
            let text = format!("中止，次日起{until}不计入期限");
            self.say(stop.from, "suspension", text, "中止决定".into());
        }
        for procedure in &self.ledger.procedures {
            let name = procedure.kind.label();
            let announced: Vec<String> =
                procedure.notices.iter().map(|n| format!("{}告知需{}日", n.on, n.days)).collect();
            let spans = procedure.taken_out(self.calendar, self.regime.day_unit);
            let told = if announced.is_empty() {
                "没有书面告知所需时间".into()
            } else {
                announced.join("，")
            };
            let out: Vec<String> =
                spans.iter().map(|(from, through)| format!("{from}次日至{through}")).collect();
            let effect = match (out.is_empty(), procedure.excluded) {
                (false, _) => format!("{}不计入期限", out.join("、")),
                (true, true) => "没有从期限中扣除".into(),
                (true, false) => "在办理期限内进行，不从期限中扣除".into(),
            };
            let on = procedure.started.or(procedure.notices.first().map(|n| n.on));
            let Some(on) = on else { continue };
            self.say(on, "procedure", format!("{name}：{told}；{effect}"), procedure.basis.clone());
        }
        if let Some(extended) = self.ledger.extension {
            let by = extended.by.label();
            let more = Limit { n: f32::from(extended.n), unit: extended.unit }.label();
            let basis = self.regime.extension.as_ref().map_or(String::new(), |e| e.basis.clone());
            let text = format!("经{by}批准并告知，法定期限延长{more}；承诺期限不变");
            self.say(extended.on, "extension", text, basis);
        }
    }

    fn limits(&mut self) {
        let all = deadlines(self.ledger, self.regime, self.calendar);
        let start = self.ledger.starts_on(self.regime);
        let of_limit = limit_article(self.regime);
        let whole = statutory_limits(self.ledger);
        let longer = |limit: Limit| match self.ledger.extension {
            Some(e) => {
                format!("{}，延长{}", within(limit), Limit { n: f32::from(e.n), unit: e.unit }.label())
            }
            None => within(limit),
        };
        let (statutory, promised) = (self.ledger.statutory, self.ledger.promised);
        for (name, rule, words, due, limits) in [
            ("法定", "statutory", longer(statutory), all.statutory, whole),
            ("承诺", "promised", within(promised), all.promised, vec![promised]),
        ] {
            let (Some(due), Some(start)) = (due, start) else { continue };
            let text = format!(
                "{name}期限：{}{words}，其间不计{}天，最后一日",
                self.regime.starts.label(),
                due.uncounted
            );
            self.say_due(start, due, rule, (text, of_limit.clone()), &limits);
        }
        if let (Some(due), Some(step), None) = (all.step, self.ledger.step, self.ledger.decided) {
            let text = format!("本环节{}，其间不计{}天，最后一日", within(step.limit), due.uncounted);
            self.say_due(step.from, due, "step", (text, String::new()), &[step.limit]);
        }
    }

    fn ends(&mut self) {
        let Some(decided) = self.ledger.decided else { return };
        let of_limit = limit_article(self.regime);
        self.say(decided, "decided", "作出决定，法定期限与承诺期限到此为止".into(), of_limit);
        let all = deadlines(self.ledger, self.regime, self.calendar);
        if let (Some(due), Some(limit)) = (all.issue, self.regime.issue_and_deliver) {
            let text = format!("自决定之日起{}颁发、送达", within(limit));
            let article = "《中华人民共和国行政许可法》第四十四条".into();
            self.say_due(decided, due, "issue", (text, article), &[limit]);
        }
    }
}

/// The days that did not count, neighbours of one reason joined.
fn left_out(counter: &Counter<'_>, calendar: &Calendar, from: Date, limits: &[Limit]) -> Vec<LeftOut> {
    let mut all: Vec<LeftOut> = Vec::new();
    let mut tell = |day: Date| {
        let reason = match counter.taken(day) {
            Some(taken) => taken.why.clone(),
            None => calendar.day(day).label().into_owned(),
        };
        match all.last_mut() {
            Some(run) if run.reason == reason && run.through.tomorrow().ok() == Some(day) => {
                run.through = day;
            }
            _ => all.push(LeftOut { from: day, through: day, reason }),
        }
    };
    // What it ends in is known already; here only the days it leaves out are asked for.
    let _ = counter.count_telling(from, limits, &mut tell);
    all
}

fn cited(regime: &Regime, fits: impl Fn(&str) -> bool) -> Option<String> {
    regime.basis.iter().find(|c| fits(&c.text)).map(|c| format!("《{}》{}", c.law, c.article))
}

/// The provision of the notice period: the regime's own, else 许可法 32 where it governs.
fn notice_article(regime: &Regime) -> String {
    let own = cited(regime, |text| {
        text.contains("一次告知") || text.contains("一次性告知") || text.contains("当场书面告知")
    });
    own.unwrap_or_else(|| {
        if regime.applies_to.contains(&ItemKind::Licence) {
            "《中华人民共和国行政许可法》第三十二条".into()
        } else {
            String::new()
        }
    })
}

/// The provision of the limit; empty where the regime has none of its own and the item's statute sets it.
fn limit_article(regime: &Regime) -> String {
    let limits = |text: &str| text.contains("日内") || text.contains("不得超过");
    cited(regime, |text| limits(text) && !text.contains("一次告知")).unwrap_or_default()
}

/// Who may approve an extension under the regime, and by how many at most: for the words of a refusal.
pub(in crate::case) fn extension_words(regime: &Regime) -> Option<(Approver, String)> {
    let extension = regime.extension.as_ref()?;
    let most = Limit { n: f32::from(extension.days), unit: extension.unit }.label();
    Some((extension.approver, most))
}
