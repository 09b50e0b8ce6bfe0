//! Invented answers for sample applications: of the right form, of nobody, and they say that they are samples.

use tongban_domain::item::{Answers, CatalogueEntry, Field, FieldKind};

/// Invented answers that pass every check.
pub fn sample_answers(entry: &CatalogueEntry, number: usize) -> Answers {
    let mut answers = Answers::new();
    for field in entry.form.fields() {
        if entry.form.asked(field, &answers) && (field.required || number.is_multiple_of(2)) {
            answers.insert(field.key.clone(), sample_answer(field, number));
        }
    }
    answers
}

fn sample_answer(field: &Field, number: usize) -> String {
    const NAMES: [&str; 6] = ["张晓明", "李红", "王建国", "刘芳", "陈思远", "杨静"];
    match (field.concept.as_deref(), field.kind) {
        (Some("person.name" | "company.legal_representative" | "agent.name"), _) => {
            NAMES[number % NAMES.len()].into()
        }
        (Some("company.name"), _) => format!("石家庄示例{}店（演示）", number + 1),
        (_, FieldKind::ResidentId) => "11010519491231002X".into(),
        (_, FieldKind::CreditCode) => "91133100MA0D8N1J7G".into(),
        (_, FieldKind::Mobile) => format!("1380000{:04}", number % 10_000),
        (_, FieldKind::Address) => format!("河北省石家庄市长安区建设北大街{}号（演示）", 10 + number),
        (_, FieldKind::Number | FieldKind::Money) => {
            (60 + number).min(field.max.map_or(1000, |m| m as usize)).to_string()
        }
        (_, FieldKind::Date) => "2026-12-01".into(),
        (_, FieldKind::Choice | FieldKind::Choices) => field.options.first().cloned().unwrap_or_default(),
        (_, FieldKind::YesNo) => "否".into(),
        (_, FieldKind::Text | FieldKind::Paragraph) => {
            let max = field.max.unwrap_or(200) as usize;
            "示例内容（演示）".chars().take(max).collect()
        }
    }
}
