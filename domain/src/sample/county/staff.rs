//! Who works in the county, how fast, when they are away, and how often they slip.

use jiff::civil::Date;

use crate::calendar::{Calendar, add_calendar_days, date_of_ms};
use crate::sample::{Dice, at};

const HOUR_MS: i64 = 3_600_000;
/// Office hours, as hours of the day.
const OPENS: i64 = 9;
const CLOSES: i64 = 17;

/// 谁: who acts in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// Somebody who is not signed in.
    Nobody,
    /// 申请人
    Applicant,
    /// Another applicant, whom the case does not concern.
    Stranger,
    /// 窗口人员
    Clerk,
    /// 审查人员
    Reviewer,
    /// 另一位审查人员
    SecondReviewer,
    /// 首席代表, whose authority has to be renewed at the turn of the year
    Representative,
    /// 首席代表 with little authority, which is taken back one day
    Deputy,
    /// 机关负责人
    Head,
    /// 效能监督员
    Supervisor,
}

impl Who {
    /// Everybody.
    pub const ALL: [Self; 10] = [
        Self::Nobody,
        Self::Applicant,
        Self::Stranger,
        Self::Clerk,
        Self::Reviewer,
        Self::SecondReviewer,
        Self::Representative,
        Self::Deputy,
        Self::Head,
        Self::Supervisor,
    ];

    /// Whether they keep office hours.
    fn keeps_hours(self) -> bool {
        !matches!(self, Self::Nobody | Self::Applicant | Self::Stranger)
    }
}

/// One person's ways.
#[derive(Debug, Clone)]
struct Ways {
    /// Office hours a task usually takes.
    hours: i64,
    /// Slips in a hundred tasks.
    slips: u64,
    /// Tasks in a hundred that lie forgotten for weeks.
    forgets: u64,
    /// First and last days of leave.
    away: Vec<(Date, Date)>,
}

/// 全县人员
#[derive(Debug, Clone)]
pub struct Staff {
    ways: [Ways; Who::ALL.len()],
}

impl Staff {
    /// The people of a county over its two years.
    pub fn new(dice: &mut Dice, first: Date, last: Date) -> Self {
        Self { ways: std::array::from_fn(|_| ways(&mut dice.fork(), first, last)) }
    }

    /// Slips in a hundred tasks.
    pub fn slips(&self, who: Who) -> u64 {
        self.ways[who as usize].slips
    }

    /// When somebody gets round to a task that comes up at an instant.
    pub fn when(&self, who: Who, now: i64, dice: &mut Dice, calendar: &Calendar) -> i64 {
        let ways = &self.ways[who as usize];
        if !who.keeps_hours() {
            return now + dice.between(5, 3 * 24 * 60) * 60_000;
        }
        let mut hours = dice.between(0, 2 * ways.hours);
        if dice.chance(ways.forgets) {
            hours += dice.between(3, 25) * (CLOSES - OPENS);
        }
        let minutes = dice.between(0, 59) * 60_000;
        let mut day = date_of_ms(now);
        loop {
            let away = ways.away.iter().any(|(from, to)| *from <= day && day <= *to);
            if !away && calendar.is_working(day) {
                // What is left of this day, in whole hours.
                let from = now.max(at(day, OPENS));
                let left = ((at(day, CLOSES) - from) / HOUR_MS).max(0);
                if hours < left {
                    return from + hours * HOUR_MS + minutes;
                }
                hours -= left;
            }
            day = add_calendar_days(day, 1);
        }
    }
}

fn ways(dice: &mut Dice, first: Date, last: Date) -> Ways {
    let mut away = Vec::new();
    let mut day = first;
    while day < last {
        let from = add_calendar_days(day, dice.between(30, 150) as i32);
        let to = add_calendar_days(from, dice.between(0, 16) as i32);
        away.push((from, to));
        day = to;
    }
    Ways {
        hours: dice.pick(&[1, 1, 2, 4, 8]),
        slips: dice.between(1, 10) as u64,
        forgets: dice.below(4),
        away,
    }
}
