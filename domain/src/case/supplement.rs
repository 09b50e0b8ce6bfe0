//! 补正: asked once, everything at once, within the notice period; answered with what was asked. 许可法 32(四).

use jiff::civil::Date;

use super::clock::{SUPPLEMENT_DAYS, within};
use super::decide::{Facts, No, Refusal, TextKind, not_now};
use super::intake::{
    asked_materials, change_answers, change_party, check_files, merged, of_licences, one_set_each,
    refuse_after_silence, to_json,
};
use super::{Case, Event, FileSet, Paper, PaperKind, State, SupplementRow, paper};
use crate::item::{Answers, FieldError, Limit, LimitUnit, MaterialFormat};
use crate::permit::Actor;

/// 一次性告知补正 (许可法 32(四)): everything at once, within the notice period. A second request breaks the rule that
/// everything is told at once: it needs a reason, says so in the notice, and is marked.
pub(super) fn request_supplement(
    case: &Case,
    rows: &[SupplementRow],
    due: Option<Date>,
    again: &str,
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    let State::Received { .. } = case.state else { return Err(not_now(case, "告知补正")) };
    let entry = facts.subject.entry;
    let asked = asked_materials(case, facts);
    let today = facts.today();
    let mut errors = Vec::new();
    let (mut fields, mut materials) = (Vec::new(), Vec::new());
    if rows.is_empty() {
        errors.push(FieldError::new(
            "rows",
            "补正内容",
            "请选择至少一处需要补正的内容",
            "at least one row is required",
        ));
    }
    for row in rows {
        if row.problem.trim().is_empty() || row.fix.trim().is_empty() {
            errors.push(FieldError::new(
                &row.target,
                "补正内容",
                "请输入哪里不对、应当怎样改",
                "problem and fix are required",
            ));
        }
        let targets = if entry.form.field(&row.target).is_some() {
            &mut fields
        } else if asked.iter().any(|m| m.key == row.target) {
            &mut materials
        } else {
            errors.push(FieldError::new(
                &row.target,
                "补正内容",
                "请选择申请表里的一项，或这个情形要求的一份材料",
                "target is neither a field of this item nor a material of this situation",
            ));
            continue;
        };
        if !targets.contains(&row.target) {
            targets.push(row.target.clone());
        }
    }
    let due = due.unwrap_or_else(|| facts.calendar.add_working_days(today, SUPPLEMENT_DAYS).date);
    if due <= today {
        errors.push(FieldError::new("due", "补正期限", "请选择今天以后的日期", "due must be after today"));
    }
    if !errors.is_empty() {
        return Err(No::Invalid(errors));
    }
    refuse_after_silence(case, facts)?;
    let told_before = !case.supplements.is_empty();
    if told_before && again.trim().is_empty() {
        return Err(Refusal::new(
            "told_once",
            "补正内容已经一次性告知过，不能再次要求补正。",
            "补正后符合要求的，请受理；仍不齐全或者不符合法定形式的，请不予受理；确需再次告知的，请写明理由，并会记入监察。",
        )
        .under(of_licences(facts, "《中华人民共和国行政许可法》第三十二条第一款第四项"))
        .into());
    }
    let mut body = Paper::begin(PaperKind::SupplementNotice, case, facts)?;
    body.fact("依据", of_licences(facts, "《中华人民共和国行政许可法》第三十二条第一款第四项"));
    if told_before {
        body.say("经核对，您补正后的申请材料仍有下列各处需要补正：");
        body.say(&format!("再次告知的理由：{}", again.trim()));
    } else {
        body.say("经核对，您提交的申请材料有下列各处需要补正，现一次性告知：");
    }
    body.table = Some(paper::supplement_table(rows, entry));
    body.close(&format!(
        "请于{}前补正。您可以登录平台在线补正，也可以到窗口补正；只需修改上面列出的内容。",
        super::chinese_date(due)
    ));
    let limit = facts.subject.regime.notice.limit;
    body.close(&format!("收到补正材料后，我们将{}告知是否受理。", in_time(limit)));
    body.close("逾期未补正，或者补正后仍不齐全、不符合法定形式的，将不予受理；补齐后可以重新申请。");
    let document = body.freeze(facts)?;
    let rows = facts.mint.keep(TextKind::Supplement, to_json(&rows));
    let again = if told_before { facts.mint.keep_words(again) } else { None };
    Ok(vec![Event::SupplementRequested { rows, fields, materials, due, again, document }])
}

fn in_time(limit: Limit) -> String {
    if limit.unit == LimitUnit::OnTheSpot { within(limit) } else { format!("在{}", within(limit)) }
}

/// 提交补正: only what was asked for, and all of it.
pub(super) fn resubmit(
    case: &Case,
    changes: &Answers,
    files: &[FileSet],
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    let (State::Supplementing { .. }, Some(open)) = (case.state, case.open_supplement()) else {
        return Err(not_now(case, "提交补正"));
    };
    let entry = facts.subject.entry;
    let mut errors = Vec::new();
    for key in changes.keys().filter(|k| !open.fields.contains(k)) {
        errors.push(FieldError::new(key, key, "这一项不在补正范围内，请移除", "not asked for in the notice"));
    }
    for set in files.iter().filter(|s| !open.materials.contains(&s.material)) {
        errors.push(FieldError::new(
            &set.material,
            "申请材料",
            "这份材料不在补正范围内，请移除",
            "not asked for in the notice",
        ));
    }
    let files = one_set_each(files);
    let at_window = matches!(facts.actor, Actor::Staff { .. });
    for key in &open.materials {
        let Some(material) = entry.material(key) else { continue };
        let set = files.iter().find(|s| s.material == *key);
        if set.is_none() && !at_window && material.format != MaterialFormat::Paper {
            errors.push(FieldError::new(
                key,
                &material.name,
                format!("请上传补正后的“{}”", material.name),
                format!("{key} is required"),
            ));
        } else {
            errors.extend(check_files(material, set, false));
        }
    }
    let before = facts.answers.ok_or(No::Missing("answers"))?;
    let after = entry.form.tidy(&merged(before, changes));
    let asked = |key: &str| entry.form.field(key).is_some_and(|f| entry.form.asked(f, &after));
    for key in open.fields.iter().filter(|k| asked(k) && before.get(*k) == after.get(*k)) {
        let label = entry.form.field(key).map_or(key.as_str(), |f| &f.label);
        errors.push(FieldError::new(
            key,
            label,
            format!("请修改{label}，它还和补正前一样"),
            format!("{key} must be changed"),
        ));
    }
    if !errors.is_empty() {
        return Err(No::Invalid(errors));
    }
    let (answers, fields) = change_answers(&entry.form, facts, changes)?;
    let (answers, party) = if fields.is_empty() {
        (case.answers.clone(), None)
    } else {
        let party = change_party(&entry.form, &answers, facts);
        (facts.mint.keep(TextKind::Answers, to_json(&answers)), party)
    };
    Ok(vec![Event::Supplemented { answers, fields, files, party }])
}
