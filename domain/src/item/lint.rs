//! The publishing lint (发布校验): what stops a catalogue entry from being published, each with its fix.
//! Knows 行政许可法, 优化行政审批条例 and the platform's table of elements; refuses to know cases and calendars.

mod elements;
mod limits;
mod parts;
mod texts;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{CatalogueEntry, EffectiveItem, Limit, Regimes};

pub use limits::may_be_later;

/// 校验发现: one thing to put right before publishing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Path of the element (`materials[business_licence].standard`).
    pub field: String,
    /// What is wrong, in Chinese.
    pub message: String,
    /// What to do about it, in Chinese.
    pub fix: String,
    /// Whether it stops publishing.
    pub severity: Severity,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 提醒: may be published, somebody should look
    Warning,
    /// 错误: must not be published
    Error,
}

impl Severity {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Warning => "提醒",
            Self::Error => "错误",
        }
    }
}

/// Checks a catalogue entry against every publishing rule; an empty list means it may be published.
pub fn lint(entry: &CatalogueEntry, regimes: &Regimes) -> Vec<Finding> {
    let mut report = Report::default();
    elements::check(entry, &mut report);
    limits::check(entry, regimes, &mut report);
    parts::check(entry, &mut report);
    texts::check(entry, &mut report);
    report.findings
}

/// Checks what a place adds to an entry (实施清单): the promise stays within the statute and is not worse than
/// the province's, both telephones carry an area code and differ, the implementation code fits entry and level.
pub fn lint_local(item: &EffectiveItem<'_>) -> Vec<Finding> {
    let mut report = Report::default();
    let at = |field: &str| format!("{}.{field}", item.local.key);
    let promised: Limit = item.promised();
    if may_be_later(promised, item.entry.statutory) {
        report.error(
            &at("promised"),
            format!("承诺办结时限{}长于法定办结时限{}", promised.label(), item.entry.statutory.label()),
            "请把承诺时限改为不长于法定时限",
        );
    } else if may_be_later(promised, item.entry.promised) {
        report.error(
            &at("promised"),
            format!("承诺办结时限{}长于全省统一承诺的{}", promised.label(), item.entry.promised.label()),
            "请改为不长于基本目录的承诺时限",
        );
    }
    for (field, phone) in [("phone", item.phone()), ("supervision_phone", item.supervision_phone())] {
        if !has_area_code(phone) {
            report.error(&at(field), format!("电话“{phone}”没有区号"), "请写成“区号-号码”，例如 0311-12345");
        }
    }
    if item.phone() == item.supervision_phone() {
        report.error(
            &at("supervision_phone"),
            "咨询电话与监督投诉电话相同".into(),
            "请填写不同的监督投诉电话",
        );
    }
    let code = item.local.code.to_string();
    let level = item.level().use_level().to_string();
    if !code.ends_with(&item.entry.code.to_string()) || code.get(18..19) != Some(level.as_str()) {
        report.error(
            &at("code"),
            format!("实施编码{code}与基本编码或者行使层级不一致"),
            "请按“信用代码18位＋行使层级1位＋基本编码12位”重新生成",
        );
    }
    report.findings
}

/// `0311-12345678`: an area code that begins with 0, a hyphen, and a number.
fn has_area_code(phone: &str) -> bool {
    phone.split_once('-').is_some_and(|(area, number)| {
        area.starts_with('0')
            && (3..=4).contains(&area.len())
            && number.len() >= 5
            && [area, number].iter().all(|s| s.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// Findings as they are made.
#[derive(Debug, Default)]
struct Report {
    findings: Vec<Finding>,
}

impl Report {
    fn error(&mut self, field: &str, message: String, fix: &str) {
        self.findings.push(Finding {
            field: field.to_owned(),
            message,
            fix: fix.to_owned(),
            severity: Severity::Error,
        });
    }

    /// An error unless the rule holds.
    fn require(&mut self, holds: bool, field: &str, message: impl Into<String>, fix: &str) {
        if !holds {
            self.error(field, message.into(), fix);
        }
    }

    /// A text that must not be empty.
    fn text(&mut self, value: &str, field: &str, label: &str) {
        self.require(
            !value.trim().is_empty(),
            field,
            format!("“{label}”为空"),
            &format!("请填写{label}；实施清单不得有空项、漏项"),
        );
    }

    /// A list that must not be empty and has no empty text in it.
    fn texts(&mut self, values: &[String], field: &str, label: &str) {
        self.require(
            !values.is_empty(),
            field,
            format!("“{label}”一条也没有"),
            &format!("请至少填写一条{label}"),
        );
        for (i, value) in values.iter().enumerate() {
            self.text(value, &format!("{field}[{i}]"), label);
        }
    }

    /// Keys that must differ from each other and be written in lower-case latin letters, digits and underscores.
    fn keys<'a>(&mut self, keys: impl Iterator<Item = &'a str>, field: &str, label: &str) {
        let mut seen = std::collections::BTreeSet::new();
        for key in keys {
            self.require(seen.insert(key), field, format!("{label}的键“{key}”重复"), "请给每一项不同的键");
            let plain = !key.is_empty()
                && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            self.require(
                plain,
                field,
                format!("{label}的键“{key}”不合规则"),
                "键只用小写英文字母、数字和下划线，例如 business_licence",
            );
        }
    }
}
