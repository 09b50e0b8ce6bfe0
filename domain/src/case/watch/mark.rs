//! 亮灯: a mark on a case, with the figures it stands on, who has to answer, until when, and what became of it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::case::{Case, TextRef};
use crate::ids::Id;
use crate::permit::{Actor, Role};

/// 灯
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// 黄灯
    Yellow,
    /// 红灯
    Red,
    /// 双红灯: over the statutory limit, handed over for accountability (移送)
    DoubleRed,
}

impl Light {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::DoubleRed => "double_red",
        }
    }

    /// From the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Yellow, Self::Red, Self::DoubleRed].into_iter().find(|l| l.as_str() == word)
    }

    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Yellow => "黄灯",
            Self::Red => "红灯",
            Self::DoubleRed => "双红灯",
        }
    }
}

/// 亮灯记录
#[doc(alias = "监察")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Row.
    pub id: Id,
    /// 规则编号
    pub rule: String,
    /// Light.
    pub light: Light,
    /// What about the case it is about, so that it is raised once: empty, or a step, a procedure, another mark.
    pub subject: String,
    /// When the condition came about, epoch milliseconds; the mark may have been raised later, after a stop of the
    /// program.
    pub since: i64,
    /// Who has to answer; none: whoever heads the agency's desk.
    pub owner: Option<Id>,
    /// Agency that has to answer, by key.
    pub agency: String,
    /// Last day for the answer.
    pub answer_due: Date,
    /// The figures of the rule on this case.
    pub figures: Vec<Figure>,
    /// What became of it.
    #[serde(default)]
    pub state: MarkState,
    /// Answer, contest and closing words, as far as there are any.
    #[serde(default)]
    pub words: Vec<TextRef>,
}

/// A figure with its label; holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What.
    pub label: String,
    /// How much, or when.
    pub value: String,
}

/// 督办状态
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkState {
    /// 待答复
    #[default]
    Open,
    /// 已答复，待销号
    Answered,
    /// 申诉中
    Contested,
    /// 已销号（成立）
    Upheld,
    /// 已销号（不成立）
    Cleared,
}

impl MarkState {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Contested => "contested",
            Self::Upheld => "upheld",
            Self::Cleared => "cleared",
        }
    }

    /// From the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Open, Self::Answered, Self::Contested, Self::Upheld, Self::Cleared]
            .into_iter()
            .find(|s| s.as_str() == word)
    }

    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "待答复",
            Self::Answered => "已答复，待销号",
            Self::Contested => "申诉中",
            Self::Upheld => "已销号（成立）",
            Self::Cleared => "已销号（不成立）",
        }
    }

    /// Whether nothing more is asked.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Upheld | Self::Cleared)
    }
}

impl Mark {
    /// Whether an actor owes the answer: the owner, the representative of the agency, or any of its staff where nobody
    /// owns it. Pages offer the answer by the same rule.
    pub fn is_owed_by(&self, actor: &Actor) -> bool {
        let Actor::Staff { account, post } = actor else { return false };
        let at_the_agency = post.agency == self.agency;
        let heads = at_the_agency && post.role == Role::Representative;
        self.owner == Some(*account) || heads || (at_the_agency && self.owner.is_none())
    }
}

impl Case {
    /// The mark with this id.
    pub fn mark(&self, id: Id) -> Option<&Mark> {
        self.marks.iter().find(|m| m.id == id)
    }

    /// Whether a rule has marked this already.
    pub(super) fn is_marked(&self, rule: &str, light: Light, subject: &str) -> bool {
        self.marks.iter().any(|m| m.rule == rule && m.light == light && m.subject == subject)
    }
}
