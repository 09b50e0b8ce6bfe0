//! The application form (申请表) of an item and the check of what was typed into it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{CreditCode, MobileNumber, ResidentId};

/// Answers by field key. Several choices are joined with `、`.
pub type Answers = BTreeMap<String, String>;

/// 申请表: sections of fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Sections in order; each is one page for citizens.
    pub sections: Vec<Section>,
}

/// One section (one topic).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Key, unique in the form.
    pub key: String,
    /// Title (`经营场所`).
    pub title: String,
    /// Fields in order.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Key, unique in the form (`premises_address`).
    pub key: String,
    /// Label above the box.
    pub label: String,
    /// Type.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// Whether it must be answered.
    pub required: bool,
    /// One line of help with an example.
    #[serde(default)]
    pub hint: String,
    /// Choices, for `choice` and `choices`.
    #[serde(default)]
    pub options: Vec<String>,
    /// Meaning shared across items (`person.name`, `company.credit_code`): asked once, prefilled after.
    #[serde(default)]
    pub concept: Option<String>,
    /// Unit shown behind the box (`平方米`).
    #[serde(default)]
    pub unit: String,
    /// Most characters (text) or largest number.
    #[serde(default)]
    pub max: Option<u32>,
    /// Shown and required only when another field has this value.
    #[serde(default)]
    pub when: Option<When>,
}

/// A condition on another field of the form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The other field's key.
    pub field: String,
    /// The value it must have.
    pub is: String,
}

/// Field types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text
    Text,
    /// Several lines
    Paragraph,
    /// A whole or decimal number
    Number,
    /// Money in yuan
    Money,
    /// A date
    Date,
    /// One of the options
    Choice,
    /// Any of the options
    Choices,
    /// 是/否
    YesNo,
    /// 公民身份号码 with check character
    ResidentId,
    /// 统一社会信用代码 with check character
    CreditCode,
    /// 手机号码
    Mobile,
    /// An address in words
    Address,
}

impl FieldKind {
    /// Whether the answer identifies a person or reaches them, and is therefore masked outside the case.
    pub fn is_identifier(self) -> bool {
        matches!(self, Self::ResidentId | Self::Mobile)
    }
}

/// One wrong answer: the field, what is wrong and how to put it right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Field or material key.
    pub field: String,
    /// Label as shown.
    pub label: String,
    /// Chinese sentence with the fix.
    pub message: String,
    /// The same in English, for integrators.
    pub message_en: String,
}

impl FieldError {
    /// A new error.
    pub fn new(field: &str, label: &str, message: impl Into<String>, message_en: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            label: label.into(),
            message: message.into(),
            message_en: message_en.into(),
        }
    }
}

impl Form {
    /// All fields in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|s| &s.fields)
    }

    /// The field with this key.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().find(|f| f.key == key)
    }

    /// Whether a field is asked, given the other answers.
    pub fn asked(&self, field: &Field, answers: &Answers) -> bool {
        field.when.as_ref().is_none_or(|w| answers.get(&w.field).is_some_and(|v| v == &w.is))
    }

    /// Tidies typed answers: full-width digits and letters to half-width, spaces trimmed, identifiers upper-cased
    /// and stripped of spaces, unknown keys and unasked fields dropped.
    pub fn tidy(&self, typed: &Answers) -> Answers {
        let mut tidy = Answers::new();
        for field in self.fields() {
            let Some(value) = typed.get(&field.key) else { continue };
            let mut value = half_width(value.trim());
            if matches!(field.kind, FieldKind::ResidentId | FieldKind::CreditCode | FieldKind::Mobile) {
                value.retain(|c| !c.is_whitespace() && c != '-');
                value.make_ascii_uppercase();
            }
            if field.kind == FieldKind::Date
                && let Some(date) = parse_date(&value)
            {
                value = date.to_string();
            }
            if !value.is_empty() {
                tidy.insert(field.key.clone(), value);
            }
        }
        let unasked: Vec<String> =
            self.fields().filter(|f| !self.asked(f, &tidy)).map(|f| f.key.clone()).collect();
        for key in unasked {
            tidy.remove(&key);
        }
        tidy
    }

    /// Checks tidy answers; an empty list means they can be submitted.
    pub fn check(&self, answers: &Answers) -> Vec<FieldError> {
        self.fields()
            .filter(|f| self.asked(f, answers))
            .filter_map(|f| f.check(answers.get(&f.key).map(String::as_str)))
            .collect()
    }
}

impl Field {
    fn check(&self, value: Option<&str>) -> Option<FieldError> {
        let error = |zh: String, en: String| Some(FieldError::new(&self.key, &self.label, zh, en));
        let Some(value) = value.filter(|v| !v.is_empty()) else {
            if !self.required {
                return None;
            }
            let act = match self.kind {
                FieldKind::Choice | FieldKind::Choices | FieldKind::YesNo => "请选择",
                _ => "请输入",
            };
            return error(format!("{act}{}", self.label), format!("{} is required", self.key));
        };
        let label = &self.label;
        match self.kind {
            FieldKind::Text | FieldKind::Paragraph | FieldKind::Address => {
                let max =
                    self.max.unwrap_or(if self.kind == FieldKind::Paragraph { 2000 } else { 200 }) as usize;
                let count = value.chars().count();
                if count > max {
                    return error(
                        format!("请把{label}改为{max}个字以内，现在有{count}个字"),
                        format!("{} is longer than {max} characters", self.key),
                    );
                }
                None
            }
            FieldKind::Number | FieldKind::Money => match value.parse::<f64>() {
                Ok(n) if n.is_finite() && n >= 0.0 && self.max.is_none_or(|max| n <= f64::from(max)) => None,
                Ok(_) => error(
                    match self.max {
                        Some(max) => format!("请输入0到{max}之间的{label}"),
                        None => format!("请输入不小于0的{label}"),
                    },
                    format!("{} is out of range", self.key),
                ),
                Err(_) => error(
                    format!("请输入数字形式的{label}，例如 120"),
                    format!("{} is not a number", self.key),
                ),
            },
            FieldKind::Date => match parse_date(value) {
                Some(_) => None,
                None => error(
                    format!("请输入{label}，样子如 2019-07-23"),
                    format!("{} is not a date (YYYY-MM-DD)", self.key),
                ),
            },
            FieldKind::Choice | FieldKind::YesNo => {
                let yes_no = ["是".to_string(), "否".to_string()];
                let options: &[String] = if self.kind == FieldKind::YesNo { &yes_no } else { &self.options };
                if options.iter().any(|o| o == value) {
                    None
                } else {
                    error(
                        format!("请选择{label}：{}", options.join("、")),
                        format!("{} is not one of the options", self.key),
                    )
                }
            }
            FieldKind::Choices => {
                if value.split('、').all(|v| self.options.iter().any(|o| o == v)) {
                    None
                } else {
                    error(
                        format!("请选择{label}：{}", self.options.join("、")),
                        format!("{} has a value that is not one of the options", self.key),
                    )
                }
            }
            FieldKind::ResidentId => match ResidentId::parse(value) {
                Ok(_) => None,
                Err(e) => error(format!("{label}：{e}"), format!("{}: {}", self.key, e.english())),
            },
            FieldKind::CreditCode => match CreditCode::parse(value) {
                Ok(_) => None,
                Err(e) => error(format!("{label}：{e}"), format!("{}: {}", self.key, e.english())),
            },
            FieldKind::Mobile => match MobileNumber::parse(value) {
                Ok(_) => None,
                Err(e) => error(format!("{label}：{e}"), format!("{}: {}", self.key, e.english())),
            },
        }
    }
}

/// Reads `2019-07-23`, `2019/7/23`, `2019年7月23日` and `20190723`.
pub fn parse_date(text: &str) -> Option<Date> {
    let text = half_width(text.trim());
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<String> = if digits {
        vec![text[..4].into(), text[4..6].into(), text[6..].into()]
    } else {
        text.split(['-', '/', '.', '年', '月', '日']).filter(|p| !p.is_empty()).map(str::to_owned).collect()
    };
    let [year, month, day] = parts.as_slice() else { return None };
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    (1900..=2200).contains(&date.year()).then_some(date)
}

/// Full-width ASCII (as a Chinese input method types it) to half-width; other characters stay.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{3000}' => ' ',
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .collect()
}
