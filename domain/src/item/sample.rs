//! A catalogue entry that passes every publishing rule, to be bent by tests, demo data and the simulation.

use super::*;
use crate::ids::{CatalogueCode, IdError};

impl CatalogueEntry {
    /// 样例事项: 食品经营许可（新办）, complete and without findings.
    ///
    /// # Errors
    /// Never: the code is a constant; the type says so because codes are parsed, not trusted.
    pub fn try_sample() -> Result<Self, IdError> {
        Ok(Self {
            id: "X03".into(),
            code: CatalogueCode::parse("130131905000")?,
            name: "食品经营许可（新办）".into(),
            aliases: texts(["开饭店", "卫生证"]),
            kind: ItemKind::Licence,
            legal_bases: vec![LegalBasis {
                law: "中华人民共和国食品安全法".into(),
                document_number: "主席令第21号".into(),
                article: "第三十五条第一款".into(),
                text: "从事食品生产、食品销售、餐饮服务，应当依法取得许可。".into(),
                issued_by: "全国人民代表大会常务委员会".into(),
                effective_on: "2021-04-29".into(),
                rank: LawRank::Law,
            }],
            level: Level::County,
            exercise_content: "本行政区域内食品销售和餐饮服务的许可。".into(),
            power_source: PowerSource::Statutory,
            regulator: "市场监督管理局".into(),
            reallocated: true,
            organ_nature: OrganNature::Statutory,
            organ: "市场监督管理局".into(),
            office: "社会事务审批科".into(),
            joint_organs: Vec::new(),
            audiences: vec![Audience::Enterprise, Audience::Other],
            conditions: texts(["已取得营业执照", "有与经营的食品品种、数量相适应的场所"]),
            regime: RegimeKey::new(RegimeKey::LICENCE),
            statutory: Limit::working_days(20),
            statutory_basis: "行政许可法第四十二条第一款".into(),
            promised: Limit::working_days(5),
            case_type: CaseType::Promised,
            channels: vec![Channel::Window, Channel::Web],
            visits: 1,
            visit_reason: Some("现场核查时需要到场配合".into()),
            online_depth: 3,
            area: ServiceArea::County,
            special_procedures: vec![SpecialProcedure {
                kind: SpecialKind::SiteVisit,
                basis: "食品经营许可和备案管理办法第二十一条".into(),
                days: 3,
                excluded: false,
            }],
            flow: [
                ("accept", "受理", StepKind::Accept, 1),
                ("review", "审查", StepKind::Review, 3),
                ("decide", "决定", StepKind::Decide, 1),
                ("issue", "制证", StepKind::Issue, 1),
                ("deliver", "送达", StepKind::Deliver, 1),
            ]
            .into_iter()
            .map(sample_step)
            .collect(),
            fee: Fee { charged: false, basis: String::new(), items: Vec::new() },
            result: ItemResult {
                name: "食品经营许可证".into(),
                kind: ResultKind::Licence,
                validity: Validity::Years(5),
                face: texts(["经营者名称", "经营场所", "经营项目"]),
                licence_type: None,
            },
            intermediary_services: Vec::new(),
            quantity_limit: None,
            facilities: Facilities {
                booking: true,
                bookings_per_day: Some(30),
                online_payment: false,
                express: true,
                kiosk: false,
                hall: true,
            },
            person_topics: Vec::new(),
            company_topics: texts(["食品药品"]),
            rights: texts(["依法陈述、申辩", "申请行政复议或者提起行政诉讼"]),
            duties: texts(["如实提交材料"]),
            faq: vec![Question {
                question: "多久能办好？".into(), answer: "受理后5个工作日内。".into()
            }],
            situations: vec![Situation {
                key: "new".into(),
                name: "新办".into(),
                number: "01".into(),
                when: "第一次在这个场所经营食品。".into(),
                materials: texts(["application", "floor_plan"]),
            }],
            materials: vec![
                sample_material("application", "食品经营许可申请书", Need::Required),
                sample_material("floor_plan", "经营场所平面图", Need::Deferrable),
            ],
            form: sample_form(),
            review_points: vec![ReviewPoint {
                key: "premises".into(),
                text: "场所与经营的食品品种、数量相适应".into(),
                basis: "食品安全法第三十三条".into(),
                standard: "加工与就餐分区，地面易清洁的为符合；未分区的为不符合。".into(),
            }],
            commitment: false,
            agent: true,
            bundles: Vec::new(),
            sample: true,
            source_note: "按公开法规整理的样例，使用前须由机关核对。".into(),
        })
    }
}

#[cfg(test)]
impl CatalogueEntry {
    /// [`CatalogueEntry::try_sample`] for tests.
    pub fn sample() -> Self {
        Self::try_sample().unwrap()
    }
}

fn texts<const N: usize>(values: [&str; N]) -> Vec<String> {
    values.map(String::from).to_vec()
}

fn sample_step((key, name, kind, days): (&str, &str, StepKind, u16)) -> Step {
    Step {
        key: key.into(),
        name: name.into(),
        kind,
        handler: "窗口人员".into(),
        limit: Limit::working_days(days),
        standard: "材料齐全、符合法定形式。".into(),
        outcome: format!("完成{name}"),
    }
}

fn sample_material(key: &str, name: &str, need: Need) -> Material {
    Material {
        key: key.into(),
        name: name.into(),
        kind: MaterialKind::Original,
        format: MaterialFormat::Either,
        copies: 1,
        paper: "A4".into(),
        need,
        defer_days: (need == Need::Deferrable).then_some(3),
        condition: String::new(),
        source: MaterialSource::Applicant,
        issued_by: String::new(),
        basis: "食品经营许可和备案管理办法第十五条".into(),
        standard: "字迹清楚，盖章或者签名。".into(),
        instructions: "下载空白表填写，可拍照上传。".into(),
        blank_form: key == "application",
        sample: String::new(),
        licence_name: None,
        shared: false,
        commitment: false,
        accepts: vec![FileKind::Pdf, FileKind::Jpg],
        max_mib: 10,
        max_files: 5,
    }
}

fn sample_form() -> Form {
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
    Form {
        sections: vec![Section {
            key: "premises".into(),
            title: "经营场所".into(),
            fields: vec![
                field("premises_address", "经营场所地址", FieldKind::Address),
                Field {
                    options: texts(["食品销售", "餐饮服务"]),
                    ..field("business_type", "主体业态", FieldKind::Choice)
                },
                Field {
                    when: Some(When { field: "business_type".into(), is: "餐饮服务".into() }),
                    ..field("kitchen_area", "操作间面积", FieldKind::Number)
                },
            ],
        }],
    }
}
