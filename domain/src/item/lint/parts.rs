//! Rules about the parts of an entry: situations, materials, form fields, review points.

use std::collections::BTreeSet;

use super::Report;
use crate::item::{CatalogueEntry, Field, FieldKind, Material, MaterialFormat, MaterialSource, Need, When};

pub(super) fn check(entry: &CatalogueEntry, report: &mut Report) {
    situations(entry, report);
    report.keys(entry.materials.iter().map(|m| m.key.as_str()), "materials", "申请材料");
    let mut names = BTreeSet::new();
    for m in &entry.materials {
        report.require(
            names.insert(&m.name),
            &format!("materials[{}].name", m.key),
            format!("材料“{}”重复", m.name),
            "请合并成一项，或者写清区别",
        );
        material(m, report);
    }
    report.require(
        entry.materials.is_empty() || entry.materials.iter().any(|m| m.need == Need::Required),
        "materials",
        "没有一项主要材料，全部材料都可以容缺或者视情况提交",
        "请至少把一项材料设为必要（required）",
    );
    form(entry, report);
    report.keys(entry.review_points.iter().map(|p| p.key.as_str()), "review_points", "审查要点");
    for point in &entry.review_points {
        let at = |part: &str| format!("review_points[{}].{part}", point.key);
        report.text(&point.text, &at("text"), "审查要点");
        report.text(&point.basis, &at("basis"), "审查依据");
        report.text(&point.standard, &at("standard"), "裁量基准");
    }
}

fn situations(entry: &CatalogueEntry, report: &mut Report) {
    report.keys(entry.situations.iter().map(|s| s.key.as_str()), "situations", "情形");
    let mut numbers = BTreeSet::new();
    for situation in &entry.situations {
        let at = |part: &str| format!("situations[{}].{part}", situation.key);
        report.text(&situation.name, &at("name"), "情形名称");
        report.text(&situation.when, &at("when"), "情形说明");
        let number = situation.number.as_str();
        report.require(
            number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit()) && number != "00",
            &at("number"),
            format!("业务办理项序号“{number}”不合规则"),
            "请写成 01 到 99 的两位数字",
        );
        report.require(
            numbers.insert(number),
            &at("number"),
            format!("业务办理项序号“{number}”重复"),
            "请给每个情形不同的序号",
        );
        report.require(
            !situation.materials.is_empty(),
            &at("materials"),
            format!("情形“{}”没有申请材料", situation.name),
            "请列出这一情形所需材料的键",
        );
        let mut listed = BTreeSet::new();
        for key in &situation.materials {
            report.require(
                entry.material(key).is_some(),
                &at("materials"),
                format!("情形“{}”引用了不存在的材料“{key}”", situation.name),
                "请更正材料的键，或者在申请材料中增加这一项",
            );
            report.require(
                listed.insert(key),
                &at("materials"),
                format!("情形“{}”重复引用材料“{key}”", situation.name),
                "请删去重复的一项",
            );
        }
    }
    for material in &entry.materials {
        report.require(
            entry.situations.iter().any(|s| s.materials.contains(&material.key)),
            &format!("materials[{}]", material.key),
            format!("没有一个情形用到材料“{}”", material.name),
            "请把它列入需要它的情形，或者删去这项材料",
        );
    }
}

fn material(m: &Material, report: &mut Report) {
    let at = |part: &str| format!("materials[{}].{part}", m.key);
    report.text(&m.name, &at("name"), "材料名称");
    report.text(&m.basis, &at("basis"), "出具依据");
    report.text(&m.standard, &at("standard"), "受理标准");
    report.text(&m.instructions, &at("instructions"), "填报须知");
    let deferrable = m.need == Need::Deferrable;
    report.require(
        !deferrable || m.defer_days.is_some_and(|d| d > 0),
        &at("defer_days"),
        format!("材料“{}”可以容缺，没有写补交期限", m.name),
        "请填写几个工作日内补交（defer_days）",
    );
    report.require(
        deferrable || m.defer_days.is_none(),
        &at("defer_days"),
        format!("材料“{}”不可容缺，却写了补交期限", m.name),
        "请删去 defer_days，或者把必要性改为容缺后补",
    );
    report.require(
        m.need != Need::Conditional || !m.condition.trim().is_empty(),
        &at("condition"),
        format!("材料“{}”视情况提交，没有写在什么情况下提交", m.name),
        "请写明需要这项材料的具体情况",
    );
    report.require(
        m.source == MaterialSource::Applicant || !m.issued_by.trim().is_empty(),
        &at("issued_by"),
        format!("材料“{}”不由申请人自备，没有写出具机构", m.name),
        "请填写出具机构",
    );
    if m.format != MaterialFormat::Electronic {
        report.require(
            m.copies > 0,
            &at("copies"),
            format!("纸质材料“{}”的份数是 0", m.name),
            "请填写份数；只收电子材料的，把形式改为电子",
        );
        report.text(&m.paper, &at("paper"), "纸质材料规格");
    }
    report.require(
        !m.accepts.is_empty(),
        &at("accepts"),
        format!("材料“{}”没有写收哪些格式的文件", m.name),
        "请从 pdf、jpg、png、ofd 中选择",
    );
    report.require(
        m.accepts.iter().enumerate().all(|(i, kind)| !m.accepts[..i].contains(kind)),
        &at("accepts"),
        format!("材料“{}”的文件格式重复", m.name),
        "请删去重复的格式",
    );
    report.require(
        (1..=50).contains(&m.max_mib),
        &at("max_mib"),
        format!("材料“{}”的文件上限是{}MB", m.name, m.max_mib),
        "请填写 1 到 50",
    );
    report.require(
        m.max_files > 0,
        &at("max_files"),
        format!("材料“{}”一个文件也不收", m.name),
        "请填写至少 1",
    );
}

fn form(entry: &CatalogueEntry, report: &mut Report) {
    let form = &entry.form;
    report.keys(form.sections.iter().map(|s| s.key.as_str()), "form.sections", "申请表分节");
    report.keys(form.fields().map(|f| f.key.as_str()), "form.fields", "申请表字段");
    report.require(
        form.fields().any(|f| f.required && f.when.is_none()),
        "form",
        "申请表没有一个必填字段",
        "请至少设一个必填字段",
    );
    for section in &form.sections {
        report.text(&section.title, &format!("form.sections[{}].title", section.key), "分节标题");
        report.require(
            !section.fields.is_empty(),
            &format!("form.sections[{}].fields", section.key),
            format!("分节“{}”没有字段", section.title),
            "请增加字段，或者删去这一节",
        );
    }
    let fields: Vec<&Field> = form.fields().collect();
    for (i, field) in fields.iter().enumerate() {
        self::field(field, report);
        if let Some(when) = &field.when {
            condition(field, when, &fields[..i], report);
        }
    }
}

fn field(field: &Field, report: &mut Report) {
    let at = |part: &str| format!("form.fields[{}].{part}", field.key);
    report.text(&field.label, &at("label"), "字段名称");
    let choice = matches!(field.kind, FieldKind::Choice | FieldKind::Choices);
    report.require(
        choice || field.options.is_empty(),
        &at("options"),
        format!("字段“{}”不是选择题，却写了选项", field.label),
        "请删去选项，或者把类型改为 choice、choices；是否题用 yes_no，不写选项",
    );
    report.require(
        !choice || field.options.len() >= 2,
        &at("options"),
        format!("选择题“{}”的选项不足两个", field.label),
        "请至少写两个选项",
    );
    let mut seen = BTreeSet::new();
    for option in &field.options {
        report.require(
            !option.trim().is_empty() && seen.insert(option),
            &at("options"),
            format!("字段“{}”的选项“{option}”为空或者重复", field.label),
            "请更正或者删去这个选项",
        );
        report.require(
            field.kind != FieldKind::Choices || !option.contains('、'),
            &at("options"),
            format!("多选题“{}”的选项“{option}”里有顿号", field.label),
            "多个答案以顿号相连，选项里请改用“和”“或者”",
        );
    }
    report.require(
        field.max != Some(0),
        &at("max"),
        format!("字段“{}”的上限是 0", field.label),
        "请填写大于 0 的上限，或者删去 max",
    );
}

fn condition(field: &Field, when: &When, earlier: &[&Field], report: &mut Report) {
    let at = format!("form.fields[{}].when", field.key);
    let Some(other) = earlier.iter().find(|f| f.key == when.field) else {
        report.error(
            &at,
            format!("字段“{}”的显示条件引用了不存在或者排在后面的字段“{}”", field.label, when.field),
            "请引用排在前面的字段",
        );
        return;
    };
    let known = match other.kind {
        FieldKind::YesNo => when.is == "是" || when.is == "否",
        FieldKind::Choice => other.options.contains(&when.is),
        _ => false,
    };
    report.require(
        known,
        &at,
        format!("字段“{}”要求“{}”等于“{}”，这不是它的一个选项", field.label, other.label, when.is),
        "请引用单选题或者是否题，并写它的一个选项（是否题写“是”或者“否”）",
    );
}
