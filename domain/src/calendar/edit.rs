//! Changing the calendar (工作日历的修订): a year's arrangement read from a file, one day at a time, and the words for what
//! was changed. Knows days only; which deadlines move is found in `case::moved`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::span::DayNumber;
use super::{Calendar, CalendarError, DayRule};

/// 全年放假安排: every exceptional day of one or more years, complete.
#[doc(alias = "放假安排")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The years it is about.
    pub years: BTreeSet<i16>,
    /// Days off and make-up days; a notice may name days of December before.
    pub days: BTreeMap<Date, DayRule>,
}

/// 有变动的日子: a day whose rule an edit changed, and on whose word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedDay {
    /// The day.
    pub date: Date,
    /// Its rule before; none: as its weekday.
    pub was: Option<DayRule>,
    /// Its rule now.
    pub now: Option<DayRule>,
    /// 文号 of the notice.
    pub document: String,
    /// Whether it came with the arrangement of its whole year.
    pub with_year: bool,
}

impl ChangedDay {
    /// What several of them mean, as the reason of a sentence: 2027年元旦放假安排公布（国办发明电〔2026〕9号）.
    pub fn words(changes: &[Self]) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut years: BTreeMap<(i16, &str), Vec<&str>> = BTreeMap::new();
        for change in changes {
            let name = change.now.as_ref().or(change.was.as_ref()).map_or("", DayRule::name);
            if change.with_year {
                let names = years.entry((change.date.year(), &change.document)).or_default();
                if !names.contains(&name) {
                    names.push(name);
                }
                continue;
            }
            let day = format!("{}年{}月{}日", change.date.year(), change.date.month(), change.date.day());
            let document = &change.document;
            parts.push(match &change.now {
                Some(DayRule::Off(name)) => format!("{day}改为放假（{name}，{document}）"),
                Some(DayRule::Work(name)) => format!("{day}改为上班（{name}，{document}）"),
                None => format!("{day}恢复按星期计算（{document}）"),
            });
        }
        let whole = years.into_iter().map(|((year, document), names)| {
            format!("{year}年{}放假安排公布（{document}）", names.join("、"))
        });
        whole.chain(parts).collect::<Vec<_>>().join("，")
    }
}

/// Fewest days off of a whole year: eleven stood in the regulation until 2024, thirteen since (全国年节及纪念日放假办法).
const FEWEST_OFF: usize = 11;

impl Plan {
    /// Reads the arrangement of one or more whole years in the format of [`Calendar::from_json`], more strictly: what is
    /// imported moves deadlines.
    ///
    /// # Errors
    /// Each names the day or year and what to do.
    pub fn from_json(text: &str) -> Result<Self, CalendarError> {
        let calendar = Calendar::from_json(text)?;
        let (years, days) = (calendar.known, calendar.rules);
        let (Some(first), Some(_)) = (years.first().copied(), years.last()) else {
            return Err(CalendarError::NoYear);
        };
        for (date, rule) in &days {
            if rule.name().trim().is_empty() {
                return Err(CalendarError::NoName(*date));
            }
            if rule.works() && DayNumber::of(*date).is_weekday() {
                return Err(CalendarError::PlainWork(*date));
            }
            let eve = date.year() == first - 1 && date.month() == 12;
            if !years.contains(&date.year()) && !eve {
                return Err(CalendarError::Stray(*date));
            }
        }
        for year in &years {
            let off = days.iter().filter(|(d, r)| d.year() == *year && !r.works()).count();
            if off < FEWEST_OFF {
                return Err(CalendarError::TooFew { year: *year, off });
            }
        }
        Ok(Self { years, days })
    }
}

impl Calendar {
    /// What is said about a day; none: it is worked as its weekday is.
    pub fn rule(&self, date: Date) -> Option<&DayRule> {
        self.rules.get(&date)
    }

    /// The exceptional days of a year, in order.
    pub fn rules_of(&self, year: i16) -> impl Iterator<Item = (Date, &DayRule)> {
        self.rules.iter().filter(move |(date, _)| date.year() == year).map(|(date, rule)| (*date, rule))
    }

    /// The same calendar with days changed (none: back to the weekday) and years declared known.
    #[must_use]
    pub fn edited(
        mut self,
        days: impl IntoIterator<Item = (Date, Option<DayRule>)>,
        years: impl IntoIterator<Item = i16>,
    ) -> Self {
        for (date, rule) in days {
            match rule {
                Some(rule) => self.rules.insert(date, rule),
                None => self.rules.remove(&date),
            };
        }
        self.known.extend(years);
        Self::build(self.rules, self.known)
    }

    /// The days that a plan changes here: it replaces everything said about its years.
    pub fn changes_of(&self, plan: &Plan) -> Vec<(Date, Option<DayRule>)> {
        let mut changes: BTreeMap<Date, Option<DayRule>> = BTreeMap::new();
        for year in &plan.years {
            changes.extend(self.rules_of(*year).map(|(date, _)| (date, None)));
        }
        changes.extend(plan.days.iter().map(|(date, rule)| (*date, Some(rule.clone()))));
        changes.into_iter().filter(|(date, rule)| self.rule(*date) != rule.as_ref()).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn plan(extra: &str) -> String {
        let off: Vec<String> = (1..=12)
            .map(|month| format!("\"2027-{month:02}-01\": {{\"t\": \"off\", \"name\": \"元旦\"}}"))
            .collect();
        format!("{{\"range\": \"2027\", \"days\": {{{}{extra}}}}}", off.join(","))
    }

    #[test]
    fn a_plan_replaces_everything_said_about_its_year() {
        let before = Calendar::weekdays_only().with_day(date(2027, 3, 2), DayRule::Off("试".into()));
        let plan = Plan::from_json(&plan("")).unwrap();
        let after = before.clone().edited(before.changes_of(&plan), plan.years.clone());
        assert!(after.knows(2027) && !before.knows(2027));
        assert!(after.is_working(date(2027, 3, 2)));
        assert!(!after.is_working(date(2027, 1, 1)));
        assert_eq!(after.changes_of(&plan), []);
    }

    #[test]
    fn a_wrong_plan_names_the_day_and_the_fix() {
        let wrong = |extra: &str| Plan::from_json(&plan(extra)).unwrap_err().to_string();
        assert!(wrong(r#","2027-02-08": {"t": "work", "name": "春节"}"#).contains("2027-02-08"));
        assert!(wrong(r#","2027-02-06": {"t": "work", "name": ""}"#).contains("name"));
        assert!(wrong(r#","2025-02-06": {"t": "off", "name": "春节"}"#).contains("2025-02-06"));
        assert!(wrong(r#","2027-02-30": {"t": "off", "name": "春节"}"#).contains("2027-02-30"));
        assert!(wrong(r#","2027-02-06": {"t": "rest", "name": "春节"}"#).contains("off 或 work"));
        let broken = Plan::from_json("{\n\"days\": {\n\"2027-01-01\": }}").unwrap_err().to_string();
        assert!(broken.contains("第3行"), "{broken}");
        let few =
            Plan::from_json(r#"{"range": "2027", "days": {"2027-01-01": {"t": "off", "name": "元旦"}}}"#);
        assert_eq!(few, Err(CalendarError::TooFew { year: 2027, off: 1 }));
    }

    #[test]
    fn the_words_name_the_year_or_the_day() {
        let change = |month, day, now: Option<DayRule>, with_year| ChangedDay {
            date: date(2027, month, day),
            was: None,
            now,
            document: "国办发明电〔2026〕9号".into(),
            with_year,
        };
        let off = |name: &str| Some(DayRule::Off(name.into()));
        let year = [change(1, 1, off("元旦"), true), change(2, 8, off("春节"), true)];
        assert_eq!(ChangedDay::words(&year), "2027年元旦、春节放假安排公布（国办发明电〔2026〕9号）");
        let one = [change(1, 4, off("暴雪停工"), false)];
        assert_eq!(ChangedDay::words(&one), "2027年1月4日改为放假（暴雪停工，国办发明电〔2026〕9号）");
    }
}
