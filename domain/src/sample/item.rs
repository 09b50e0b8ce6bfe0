//! The sample item: one of each kind of material, two review steps, a licence of five years.

use crate::ids::IdError;
use crate::item::{
    CatalogueEntry, Field, FieldKind, FileKind, Form, ItemResult, Material, MaterialFormat, MaterialKind,
    MaterialSource, Need, ResultKind, ReviewPoint, Section, Situation, SpecialKind, SpecialProcedure, Step,
    StepKind, Validity, When,
};

/// 食品经营许可, with a form that says who applies.
///
/// # Errors
/// Never: the code is a constant.
pub fn entry() -> Result<CatalogueEntry, IdError> {
    let mut entry = CatalogueEntry::try_sample()?;
    entry.form = form();
    entry.materials = materials();
    entry.situations = vec![
        situation(
            "new",
            "新办",
            "01",
            &["application", "floor_plan", "lease", "training", "health", "id_card"],
        ),
        situation("renewal", "延续", "02", &["application", "old_licence"]),
    ];
    entry.special_procedures = vec![
        procedure(SpecialKind::ExpertReview, true, "食品经营许可和备案管理办法第二十条（样例）"),
        procedure(SpecialKind::SiteVisit, false, "行政许可法第三十四条"),
    ];
    entry.flow = flow(entry.flow);
    entry.result = ItemResult {
        name: "食品经营许可证".into(),
        kind: ResultKind::Licence,
        validity: Validity::Years(5),
        face: ["持证主体", "法定代表人", "经营场所", "操作间面积"].map(String::from).into(),
        licence_type: Some("11100000000013338W123".into()),
    };
    entry.review_points = vec![ReviewPoint {
        key: "premises".into(),
        text: "场所与经营的食品品种、数量相适应".into(),
        basis: "食品安全法第三十三条".into(),
        standard: "加工与就餐分区的为符合；未分区的为不符合。".into(),
    }];
    Ok(entry)
}

fn procedure(kind: SpecialKind, excluded: bool, basis: &str) -> SpecialProcedure {
    SpecialProcedure { kind, basis: basis.into(), days: 10, excluded }
}

/// The same flow with two review steps.
fn flow(shipped: Vec<Step>) -> Vec<Step> {
    let (reviews, others): (Vec<Step>, Vec<Step>) =
        shipped.into_iter().partition(|s| s.kind == StepKind::Review);
    let mut flow = Vec::new();
    for step in others {
        let decide = step.kind == StepKind::Decide;
        if decide && let Some(first) = reviews.first() {
            for (key, name) in [("first_review", "初审"), ("second_review", "复审")] {
                flow.push(Step { key: key.into(), name: name.into(), ..first.clone() });
            }
        }
        flow.push(step);
    }
    flow
}

fn situation(key: &str, name: &str, number: &str, materials: &[&str]) -> Situation {
    Situation {
        key: key.into(),
        name: name.into(),
        number: number.into(),
        when: format!("{name}的情形。"),
        materials: materials.iter().map(|m| (*m).to_owned()).collect(),
    }
}

fn materials() -> Vec<Material> {
    vec![
        Material {
            blank_form: true, ..material("application", "食品经营许可申请书", Need::Required)
        },
        material("floor_plan", "经营场所平面图", Need::Required),
        Material { defer_days: Some(3), ..material("lease", "场所使用证明", Need::Deferrable) },
        Material {
            condition: "从事冷食类制售的".into(),
            ..material("training", "培训合格证明", Need::Conditional)
        },
        Material {
            format: MaterialFormat::Paper, ..material("health", "从业人员健康证明", Need::Required)
        },
        Material { shared: true, ..material("id_card", "身份证明", Need::Required) },
        material("old_licence", "原许可证", Need::Required),
    ]
}

fn material(key: &str, name: &str, need: Need) -> Material {
    Material {
        key: key.into(),
        name: name.into(),
        kind: MaterialKind::Original,
        format: MaterialFormat::Either,
        copies: 1,
        paper: "A4".into(),
        need,
        defer_days: None,
        condition: String::new(),
        source: MaterialSource::Applicant,
        issued_by: String::new(),
        basis: "食品经营许可和备案管理办法第十五条".into(),
        standard: "字迹清楚，盖章或者签名。".into(),
        instructions: "可拍照上传。".into(),
        blank_form: false,
        sample: String::new(),
        licence_name: None,
        shared: false,
        commitment: false,
        accepts: vec![FileKind::Pdf, FileKind::Jpg],
        max_mib: 10,
        max_files: 2,
    }
}

fn form() -> Form {
    let field = |key: &str, label: &str, kind: FieldKind| Field {
        key: key.into(),
        label: label.into(),
        kind,
        required: true,
        hint: String::new(),
        options: Vec::new(),
        concept: None,
        unit: String::new(),
        max: None,
        when: None,
    };
    let meaning = |key: &str, label: &str, kind, concept: &str| Field {
        concept: Some(concept.into()),
        ..field(key, label, kind)
    };
    let only = |is: &str, field: Field| Field {
        when: Some(When { field: "applicant_type".into(), is: is.into() }),
        ..field
    };
    let options = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect();
    let company = |field| only("企业", field);
    let person = |field| only("自然人", field);
    let applicant = vec![
        Field {
            options: options(&["企业", "自然人"]),
            ..field("applicant_type", "申请人类型", FieldKind::Choice)
        },
        company(meaning("company_name", "企业名称", FieldKind::Text, "company.name")),
        company(meaning("credit_code", "统一社会信用代码", FieldKind::CreditCode, "company.credit_code")),
        company(meaning("representative", "法定代表人", FieldKind::Text, "company.legal_representative")),
        person(meaning("name", "姓名", FieldKind::Text, "person.name")),
        person(meaning("resident_id", "身份证号", FieldKind::ResidentId, "person.resident_id")),
        meaning("mobile", "手机号码", FieldKind::Mobile, "person.mobile"),
    ];
    let premises = vec![
        field("premises_address", "经营场所", FieldKind::Address),
        Field {
            options: options(&["食品销售", "餐饮服务"]),
            ..field("business_type", "主体业态", FieldKind::Choice)
        },
        Field {
            when: Some(When { field: "business_type".into(), is: "餐饮服务".into() }),
            unit: "平方米".into(),
            ..field("kitchen_area", "操作间面积", FieldKind::Number)
        },
        Field { required: false, ..field("opening", "开业日期", FieldKind::Date) },
    ];
    Form {
        sections: vec![
            Section { key: "applicant".into(), title: "申请人".into(), fields: applicant },
            Section { key: "premises".into(), title: "经营场所".into(), fields: premises },
        ],
    }
}
