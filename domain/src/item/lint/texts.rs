//! Rules about words: catch-alls, repealed laws, statutes named as a basis.

use super::Report;
use crate::item::CatalogueEntry;

/// Laws that no longer stand: (name, what to do).
const REPEALED: [(&str, &str); 1] =
    [("河北省行政许可条例", "该条例已于 2023-05-31 废止，请改引行政许可法或者河北省优化行政审批条例的条款")];

/// Catch-alls that leave the applicant guessing.
const VAGUE: [&str; 9] =
    ["其他", "其它", "相关证明", "有关证明", "相关材料", "有关材料", "相关资料", "有关资料", "必要时"];

/// Words in which a catch-all is none.
const FIRM: [&str; 4] = ["其他组织", "其他经济组织", "其他社会组织", "其他权利人"];

/// Words in which 等 means a grade or equality.
const GRADES: [&str; 30] = [
    "等级", "等次", "等额", "等效", "等同", "等价", "等待", "等候", "等于", "等比", "等身", "等高", "高等",
    "中等", "初等", "平等", "同等", "相等", "对等", "均等", "优等", "特等", "一等", "二等", "三等", "四等",
    "上等", "下等", "不等", "何等",
];

/// The catch-all in a text, if it has one.
pub(super) fn vague(text: &str) -> Option<&'static str> {
    let mut rest = text.to_owned();
    for firm in FIRM.iter().chain(&GRADES) {
        rest = rest.replace(firm, "");
    }
    VAGUE.into_iter().chain(["等"]).find(|word| rest.contains(word))
}

/// A law's name without book-title marks and without the state's name.
pub(super) fn bare(law: &str) -> &str {
    let law = law.trim().trim_start_matches('《').trim_end_matches('》');
    law.strip_prefix("中华人民共和国").unwrap_or(law)
}

/// Whether a text cites an article of a 法律 or 法规 (`…法第五条`, `《…条例》第十二条`), not of a 办法.
pub(super) fn names_statute(text: &str) -> bool {
    cited(text).any(|law| (law.ends_with('法') && !law.ends_with("办法")) || law.ends_with("条例"))
}

/// Whether a text cites an article of any law, regulation or rule.
pub(super) fn names_rule(text: &str) -> bool {
    cited(text).any(|law| {
        ["法", "条例", "规定", "细则", "规则", "标准", "决定"].iter().any(|end| law.ends_with(end))
    })
}

/// What stands before each `第`, without brackets: the names of the laws cited, with anything before them.
fn cited(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('第').map(|(at, _)| {
        let mut law = text[..at].trim_end();
        loop {
            let open = match law.chars().next_back() {
                Some('）') => '（',
                Some(')') => '(',
                Some('》') => {
                    law = law.trim_end_matches('》');
                    continue;
                }
                _ => break law,
            };
            match law.rfind(open) {
                Some(start) => law = law[..start].trim_end(),
                None => break law,
            }
        }
    })
}

pub(super) fn check(entry: &CatalogueEntry, report: &mut Report) {
    let names = entry.materials.iter().flat_map(|m| {
        [
            (format!("materials[{}].name", m.key), m.name.as_str()),
            (format!("materials[{}].condition", m.key), m.condition.as_str()),
        ]
    });
    let conditions =
        entry.conditions.iter().enumerate().map(|(i, text)| (format!("conditions[{i}]"), text.as_str()));
    for (field, text) in names.chain(conditions) {
        if let Some(word) = vague(text) {
            report.error(
                &field,
                format!("“{text}”中有兜底的词“{word}”"),
                "请逐项写明，不得以“其他”“等”“相关材料”“必要时”兜底",
            );
        }
    }
    for (field, text) in bases(entry) {
        for (law, fix) in REPEALED {
            if text.contains(law) {
                report.error(&field, format!("引用了已废止的《{law}》"), fix);
            }
        }
    }
}

/// Every text of an entry that says on what something rests.
fn bases(entry: &CatalogueEntry) -> Vec<(String, &str)> {
    let mut bases = vec![
        ("statutory_basis".to_owned(), entry.statutory_basis.as_str()),
        ("fee.basis".to_owned(), entry.fee.basis.as_str()),
    ];
    for (i, basis) in entry.legal_bases.iter().enumerate() {
        bases.push((format!("legal_bases[{i}].law"), &basis.law));
        bases.push((format!("legal_bases[{i}].text"), &basis.text));
    }
    for (i, procedure) in entry.special_procedures.iter().enumerate() {
        bases.push((format!("special_procedures[{i}].basis"), &procedure.basis));
    }
    for item in &entry.fee.items {
        bases.push((format!("fee.items[{}].relief", item.name), &item.relief));
    }
    for material in &entry.materials {
        bases.push((format!("materials[{}].basis", material.key), &material.basis));
    }
    for point in &entry.review_points {
        bases.push((format!("review_points[{}].basis", point.key), &point.basis));
    }
    for step in &entry.flow {
        bases.push((format!("flow[{}].standard", step.key), &step.standard));
    }
    for (i, text) in entry.rights.iter().chain(&entry.duties).enumerate() {
        bases.push((format!("rights_and_duties[{i}]"), text));
    }
    bases
}
