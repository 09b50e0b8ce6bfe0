//! 监察规则: data/marks.json, with the figures an agency may change. Facts: the twelve rules of the province's practice and
//! the patterns by which clocks are cheated.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Light;

/// 监察规则: one rule and the light it switches on.
#[doc(alias = "监察规则")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkRule {
    /// 规则编号 (`R01`); yellow and red of one rule share it.
    pub code: String,
    /// What it watches, in words.
    pub name: String,
    /// Which light.
    pub light: Light,
    /// What is tested.
    pub test: Test,
    /// Where the rule comes from.
    pub basis: String,
    /// 答复期限 of the one responsible, in working days.
    pub answer_days: u8,
    /// Whether it is in force.
    #[serde(default = "yes")]
    pub active: bool,
    /// Why it is not in force, or what a lawyer or the agency should confirm; may be empty.
    #[serde(default)]
    pub note: String,
}

fn yes() -> bool {
    true
}

/// What a rule tests, with its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "when", rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// 告知期还剩最后几个工作日仍未告知: so many working days before the notice period ends.
    NoticeNear {
        /// Working days left, the last day included.
        days: u32,
    },
    /// 告知期届满未告知
    NoticeOver,
    /// 承诺期限将满
    PromiseNear {
        /// Working days left, the last day not included.
        days: u32,
        /// Or this share of the promise used, in percent.
        used_percent: u32,
    },
    /// 超过承诺期限未决定
    PromiseOver,
    /// 超过法定期限未决定
    StatutoryOver,
    /// 环节超时
    StepOver {
        /// By more than so many working days.
        days: u32,
    },
    /// 特别程序没有书面告知
    SpecialUntold,
    /// 特别程序超过告知的时间
    SpecialOver,
    /// 特别程序接连太多
    SpecialRepeated {
        /// More than so many.
        more_than: u32,
    },
    /// 二次补正
    SupplementAgain,
    /// 不予决定没有理由或者依据: refused outright, so it never marks.
    RefusalWithoutReason,
    /// 收费与公示不符
    FeeDiffers,
    /// 发证送达超期
    IssueOver,
    /// 同一人受理、审查、决定
    OneHand,
    /// 事项长期零办件: watched per item, not per case.
    ItemIdle {
        /// Days without a case.
        days: u32,
    },
    /// 差评没有按期回复
    RatingUnanswered {
        /// Working days.
        days: u32,
    },
    /// 督办没有按期答复
    AnswerOverdue,
    /// 没有依据的扣时
    ExcludedWithoutBasis,
    /// 压件: everything was there, and it was accepted late all the same.
    AcceptanceWithheld {
        /// More than so many working days after receipt.
        days: u32,
    },
    /// 秒退
    DeclinedAtOnce {
        /// Within so many seconds of receipt.
        seconds: u32,
    },
    /// 临期撤回
    WithdrawnAtTheEnd {
        /// With so many working days left, or fewer.
        days: u32,
    },
    /// 纸质收件倒签
    BackDated {
        /// More than so many working days back.
        days: u32,
    },
}

/// All rules in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarkRules(Vec<MarkRule>);

/// Why the file of rules is not usable.
#[derive(Debug, thiserror::Error)]
pub enum MarkRulesError {
    /// Not the expected JSON.
    #[error("监察规则文件格式有误：{0}")]
    Json(#[from] serde_json::Error),
    /// One code with one light and one test twice.
    #[error("监察规则“{0}”重复，请只保留一条")]
    Twice(String),
    /// Out of force without saying why.
    #[error("监察规则“{0}”停用而没有说明原因，请补写")]
    Silent(String),
}

impl MarkRules {
    /// Reads `data/marks.json`.
    ///
    /// # Errors
    /// [`MarkRulesError`].
    pub fn from_json(text: &str) -> Result<Self, MarkRulesError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default, rename = "note")]
            _note: String,
            rules: Vec<MarkRule>,
        }
        let file: File = serde_json::from_str(text)?;
        let mut seen = BTreeSet::new();
        for rule in &file.rules {
            let key = format!("{}:{:?}:{:?}", rule.code, rule.light, std::mem::discriminant(&rule.test));
            if !seen.insert(key) {
                return Err(MarkRulesError::Twice(rule.code.clone()));
            }
            if !rule.active && rule.note.trim().is_empty() {
                return Err(MarkRulesError::Silent(rule.code.clone()));
            }
        }
        Ok(Self(file.rules))
    }

    /// The rules in force.
    pub fn active(&self) -> impl Iterator<Item = &MarkRule> {
        self.0.iter().filter(|r| r.active)
    }

    /// Every rule, also those out of force.
    pub fn iter(&self) -> impl Iterator<Item = &MarkRule> {
        self.0.iter()
    }

    /// The name of a rule; its code when it is gone.
    pub fn name<'a>(&'a self, code: &'a str, light: Light) -> &'a str {
        let exact = self.0.iter().find(|r| r.code == code && r.light == light);
        exact.or_else(|| self.0.iter().find(|r| r.code == code)).map_or(code, |r| r.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twelve_rules_and_the_patterns_ship() {
        let rules = MarkRules::from_json(include_str!("../../../../data/marks.json")).unwrap();
        let codes: BTreeSet<&str> = rules.iter().map(|r| r.code.as_str()).collect();
        for n in 1..=12 {
            assert!(codes.contains(format!("R{n:02}").as_str()), "R{n:02}");
        }
        assert!(codes.iter().filter(|c| c.starts_with('P')).count() >= 5);
        let out_of_force: BTreeSet<&str> =
            rules.iter().filter(|r| !r.active).map(|r| r.code.as_str()).collect();
        assert_eq!(out_of_force, BTreeSet::from(["R07", "R08", "R11"]));
        assert!(rules.iter().all(|r| !r.basis.is_empty() && r.answer_days > 0));
    }

    #[test]
    fn a_rule_twice_or_silently_out_of_force_is_refused() {
        let rule = |extra: &str| {
            format!(
                r#"{{"code":"R01","name":"x","light":"red","test":{{"when":"notice_over"}},"basis":"b","answer_days":3{extra}}}"#
            )
        };
        let file = |rules: &[String]| format!(r#"{{"rules":[{}]}}"#, rules.join(","));
        assert!(MarkRules::from_json(&file(&[rule("")])).is_ok());
        let twice = MarkRules::from_json(&file(&[rule(""), rule("")]));
        assert!(matches!(twice, Err(MarkRulesError::Twice(_))));
        let silent = MarkRules::from_json(&file(&[rule(r#","active":false"#)]));
        assert!(matches!(silent, Err(MarkRulesError::Silent(_))));
    }
}
