//! Each rule, bent one by one from an entry without findings.

use super::*;
use crate::ids::CatalogueCode;
use crate::item::*;

fn regimes() -> Regimes {
    Regimes::from_json(include_str!("../../../../data/regimes.json")).unwrap()
}

/// The fields found wrong after bending the sample.
fn found(bend: impl FnOnce(&mut CatalogueEntry)) -> Vec<String> {
    let mut entry = CatalogueEntry::sample();
    bend(&mut entry);
    lint(&entry, &regimes()).into_iter().map(|f| f.field).collect()
}

/// Asserts that bending the sample is found at `field`.
#[track_caller]
fn refused(field: &str, bend: impl FnOnce(&mut CatalogueEntry)) {
    let found = found(bend);
    assert!(found.iter().any(|f| f == field), "{field} not among {found:?}");
}

/// Asserts that bending the sample is nothing to be found.
#[track_caller]
fn accepted(bend: impl FnOnce(&mut CatalogueEntry)) {
    assert_eq!(found(bend), Vec::<String>::new());
}

fn days(n: f32, unit: LimitUnit) -> Limit {
    Limit { n, unit }
}

/// A non-licence version of the sample.
fn service(entry: &mut CatalogueEntry) {
    entry.kind = ItemKind::PublicService;
    entry.code = CatalogueCode::parse("132031905000").unwrap();
    entry.regime = RegimeKey::SERVICE.into();
}

#[test]
fn the_sample_entry_has_no_findings() {
    accepted(|_| {});
    accepted(service);
}

#[test]
fn every_finding_names_its_field_and_a_fix_in_chinese() {
    let mut entry = CatalogueEntry::sample();
    entry.name.clear();
    entry.materials.clear();
    entry.form.sections.clear();
    entry.flow.clear();
    entry.online_depth = 9;
    for finding in lint(&entry, &regimes()) {
        assert!(!finding.field.is_empty());
        assert_eq!(finding.severity, Severity::Error);
        for text in [&finding.message, &finding.fix] {
            assert!(text.chars().any(|c| ('一'..='龥').contains(&c)), "{finding:?}");
        }
    }
}

#[test]
fn a_missing_element_is_refused() {
    refused("name", |e| e.name = " ".into());
    refused("aliases", |e| e.aliases.clear());
    refused("legal_bases", |e| e.legal_bases.clear());
    refused("conditions[0]", |e| e.conditions[0].clear());
    refused("conditions", |e| e.conditions.clear());
    refused("exercise_content", |e| e.exercise_content.clear());
    refused("regulator", |e| e.regulator.clear());
    refused("office", |e| e.office.clear());
    refused("statutory_basis", |e| e.statutory_basis.clear());
    refused("channels", |e| e.channels.clear());
    refused("rights", |e| e.rights.clear());
    refused("duties", |e| e.duties.clear());
    refused("situations", |e| e.situations.clear());
    refused("materials", |e| e.materials.clear());
    refused("review_points", |e| e.review_points.clear());
    refused("audiences", |e| e.audiences.clear());
    refused("source_note", |e| e.source_note.clear());
}

#[test]
fn a_legal_basis_is_complete_and_dated() {
    refused("legal_bases[0].article", |e| e.legal_bases[0].article.clear());
    refused("legal_bases[0].text", |e| e.legal_bases[0].text.clear());
    refused("legal_bases[0].issued_by", |e| e.legal_bases[0].issued_by.clear());
    refused("legal_bases[0].law", |e| e.legal_bases[0].law = "《食品安全法》".into());
    refused("legal_bases[0].effective_on", |e| e.legal_bases[0].effective_on = "2021年4月29日".into());
    refused("legal_bases[0].effective_on", |e| e.legal_bases[0].effective_on = "2021-02-30".into());
}

#[test]
fn the_code_says_the_kind_of_item() {
    refused("code", |e| e.code = CatalogueCode::parse("130731905000").unwrap());
}

#[test]
fn the_same_everyday_name_twice_is_refused() {
    refused("aliases", |e| e.aliases.push("开饭店".into()));
    refused("aliases", |e| e.aliases.push(e.name.clone()));
}

#[test]
fn catch_all_words_are_refused_in_material_names_and_conditions() {
    for name in ["其他材料", "场所证明等", "相关证明", "有关材料", "必要时提交的图纸", "房产证等材料"]
    {
        refused("materials[floor_plan].name", |e| e.materials[1].name = name.into());
    }
    refused("conditions[0]", |e| e.conditions[0] = "法律、法规规定的其他条件".into());
    refused("materials[floor_plan].condition", |e| {
        let m = &mut e.materials[1];
        (m.need, m.defer_days, m.condition) = (Need::Conditional, None, "必要时".into());
    });
}

#[test]
fn grades_and_other_organisations_are_no_catch_alls() {
    accepted(|e| e.materials[1].name = "高等学校毕业证书和技术等级证书".into());
    accepted(|e| e.conditions[0] = "申请人是企业或者其他组织，专业技术人员具有中等以上学历".into());
}

#[test]
fn a_promise_longer_than_the_statute_is_refused() {
    refused("promised", |e| e.promised = Limit::working_days(21));
    refused("promised", |e| e.promised = days(1.0, LimitUnit::Month));
    refused("promised", |e| {
        service(e);
        (e.statutory, e.promised) = (days(30.0, LimitUnit::CalendarDay), Limit::working_days(23));
    });
    accepted(|e| {
        service(e);
        (e.statutory, e.promised) = (days(30.0, LimitUnit::CalendarDay), Limit::working_days(20));
    });
    accepted(|e| {
        service(e);
        (e.statutory, e.promised) = (days(3.0, LimitUnit::Month), Limit::working_days(30));
    });
    refused("promised", |e| e.statutory = days(0.0, LimitUnit::OnTheSpot));
}

#[test]
fn limits_of_different_units_are_compared_as_dates() {
    let wd = |n| Limit::working_days(n);
    let cd = |n| days(n, LimitUnit::CalendarDay);
    let months = |n| days(n, LimitUnit::Month);
    assert!(!may_be_later(wd(5), cd(7.0)));
    assert!(may_be_later(wd(6), cd(7.0)));
    assert!(!may_be_later(wd(20), months(1.0)));
    assert!(may_be_later(wd(22), months(1.0)));
    assert!(may_be_later(cd(30.0), wd(20)));
    assert!(!may_be_later(cd(26.0), wd(20)));
    assert!(!may_be_later(cd(59.0), months(2.0)));
    assert!(!may_be_later(days(0.5, LimitUnit::WorkingDay), wd(1)));
    assert!(!may_be_later(days(0.0, LimitUnit::OnTheSpot), days(0.0, LimitUnit::OnTheSpot)));
    assert!(may_be_later(days(0.5, LimitUnit::WorkingDay), days(0.0, LimitUnit::OnTheSpot)));
}

#[test]
fn a_limit_is_a_positive_number_no_finer_than_its_unit() {
    refused("statutory", |e| e.statutory = Limit::working_days(0));
    refused("statutory", |e| e.statutory = days(f32::NAN, LimitUnit::WorkingDay));
    refused("statutory", |e| e.statutory = days(2.25, LimitUnit::WorkingDay));
    refused("promised", |e| e.promised = days(1.0, LimitUnit::OnTheSpot));
    refused("flow[review].limit", |e| e.flow[1].limit = days(1.5, LimitUnit::CalendarDay));
    accepted(|e| e.statutory = days(19.5, LimitUnit::WorkingDay));
}

#[test]
fn on_the_spot_and_the_case_type_go_together() {
    refused("case_type", |e| e.case_type = CaseType::OnTheSpot);
    refused("case_type", |e| e.promised = days(0.0, LimitUnit::OnTheSpot));
}

#[test]
fn the_regime_exists_and_governs_the_kind_of_item() {
    refused("regime", |e| e.regime = "no_such".into());
    refused("regime", |e| e.regime = RegimeKey::SERVICE.into());
    refused("regime", |e| {
        service(e);
        e.regime = RegimeKey::LICENCE.into();
    });
}

#[test]
fn a_licence_limit_is_written_in_working_days() {
    refused("statutory", |e| e.statutory = days(20.0, LimitUnit::CalendarDay));
}

#[test]
fn more_than_twenty_working_days_needs_a_law_or_a_regulation() {
    let long = |basis: &'static str| {
        move |e: &mut CatalogueEntry| {
            e.statutory = Limit::working_days(45);
            e.statutory_basis = basis.into();
        }
    };
    refused("statutory_basis", long("食品经营许可和备案管理办法第二十四条"));
    refused("statutory_basis", long("省政府文件"));
    accepted(long("《取水许可和水资源费征收管理条例》第十四条"));
    accepted(long("食品安全法第三十五条"));
    accepted(long("医疗机构管理条例（2022年修订）第十九条"));
    refused("statutory_basis", |e| {
        long("食品安全法规定")(e);
        e.legal_bases[0].rank = LawRank::Rule;
    });
}

#[test]
fn a_registration_longer_than_its_regime_allows_needs_a_law() {
    let registration = |days: u16| {
        move |e: &mut CatalogueEntry| {
            e.regime = RegimeKey::MARKET_ENTITY_REGISTRATION.into();
            (e.statutory, e.promised) = (Limit::working_days(days), Limit::working_days(3));
            e.flow[1].limit = Limit::working_days(2);
            e.statutory_basis = "登记规程".into();
        }
    };
    accepted(registration(3));
    refused("statutory_basis", registration(4));
}

#[test]
fn time_is_excluded_only_by_the_closed_list_or_a_named_provision() {
    refused("special_procedures[0].excluded", |e| {
        e.special_procedures[0].excluded = true;
        e.special_procedures[0].basis = "工作需要".into();
    });
    refused("special_procedures[0].excluded", |e| {
        service(e);
        e.special_procedures[0] = SpecialProcedure {
            kind: SpecialKind::Hearing,
            basis: "工作需要".into(),
            days: 5,
            excluded: true,
        };
    });
    accepted(|e| {
        e.special_procedures[0].excluded = true;
        e.special_procedures[0].basis = "药品生产监督管理办法第十五条".into();
    });
    accepted(|e| {
        e.special_procedures[0].kind = SpecialKind::ExpertReview;
        e.special_procedures[0].excluded = true;
    });
    refused("special_procedures[0].days", |e| e.special_procedures[0].days = 0);
    refused("special_procedures[0].basis", |e| e.special_procedures[0].basis.clear());
}

#[test]
fn steps_up_to_the_decision_fit_into_the_promise() {
    refused("flow", |e| e.flow[1].limit = Limit::working_days(5));
}

#[test]
fn a_visit_needs_a_reason_and_a_window() {
    refused("visit_reason", |e| e.visit_reason = None);
    refused("channels", |e| e.channels = vec![Channel::Web]);
}

#[test]
fn no_visit_and_no_web_means_express() {
    refused("channels", |e| {
        (e.visits, e.visit_reason, e.online_depth) = (0, None, 1);
        e.channels = vec![Channel::Window];
    });
    accepted(|e| {
        (e.visits, e.visit_reason, e.online_depth) = (0, None, 1);
        e.channels = vec![Channel::Window, Channel::Express];
    });
}

#[test]
fn depth_four_means_no_visit_and_depth_three_means_a_web_channel() {
    refused("visits", |e| e.online_depth = 4);
    refused("channels", |e| e.channels = vec![Channel::Window]);
    refused("online_depth", |e| e.online_depth = 0);
    refused("channels", |e| e.channels.push(Channel::Web));
}

#[test]
fn bookings_per_day_and_booking_go_together() {
    refused("facilities.bookings_per_day", |e| e.facilities.bookings_per_day = None);
    refused("facilities.bookings_per_day", |e| e.facilities.booking = false);
}

#[test]
fn a_fee_has_basis_and_items_and_no_fee_means_no_online_payment() {
    let charged = |e: &mut CatalogueEntry| {
        e.fee.charged = true;
        e.fee.basis = "冀价行费〔2017〕1号".into();
        e.fee.items = vec![FeeItem {
            name: "工本费".into(),
            standard: "每证10元".into(),
            amount_fen: Some(1000),
            relief: String::new(),
        }];
    };
    accepted(charged);
    refused("fee.basis", |e| {
        charged(e);
        e.fee.basis.clear();
    });
    refused("fee.items", |e| {
        charged(e);
        e.fee.items.clear();
    });
    refused("fee.items[0].standard", |e| {
        charged(e);
        e.fee.items[0].standard.clear();
    });
    refused("fee.items[0].amount_fen", |e| {
        charged(e);
        e.fee.items[0].amount_fen = Some(-1);
    });
    refused("facilities.online_payment", |e| e.facilities.online_payment = true);
    refused("fee.items", |e| {
        charged(e);
        e.fee.charged = false;
    });
}

#[test]
fn a_result_named_licence_is_a_licence_and_every_result_has_a_face() {
    refused("result.kind", |e| e.result.kind = ResultKind::Approval);
    refused("result.kind", |e| {
        e.result.name = "营业执照".into();
        e.result.kind = ResultKind::Other;
    });
    refused("result.face", |e| e.result.face.clear());
    refused("result.validity", |e| e.result.validity = Validity::Years(0));
    refused("result.licence_type", |e| e.result.licence_type = Some("11".into()));
    accepted(|e| e.result.licence_type = Some("111300000D0310037K001".into()));
}

#[test]
fn a_licence_has_five_steps_and_an_answered_question() {
    refused("flow", |e| {
        e.flow.remove(4);
    });
    refused("flow", |e| e.flow[4].kind = StepKind::Issue);
    refused("faq", |e| e.faq.clear());
    refused("faq[0].answer", |e| e.faq[0].answer.clear());
    accepted(|e| {
        service(e);
        e.flow.truncate(3);
        e.faq.clear();
    });
}

#[test]
fn steps_stand_in_the_order_of_the_law_and_are_complete() {
    refused("flow", |e| e.flow.swap(1, 2));
    refused("flow", |e| e.flow[1].key = "accept".into());
    refused("flow[review].standard", |e| e.flow[1].standard.clear());
    refused("flow[deliver].limit", |e| e.flow[4].limit = Limit::working_days(11));
}

#[test]
fn a_repealed_law_is_refused_wherever_it_is_cited() {
    refused("legal_bases[0].law", |e| e.legal_bases[0].law = "河北省行政许可条例".into());
    refused("statutory_basis", |e| e.statutory_basis = "《河北省行政许可条例》第十条".into());
    refused("materials[application].basis", |e| e.materials[0].basis = "河北省行政许可条例".into());
    refused("review_points[premises].basis", |e| e.review_points[0].basis = "河北省行政许可条例".into());
}

#[test]
fn keys_are_unique_and_plain() {
    refused("materials", |e| e.materials[1].key = "application".into());
    refused("materials", |e| {
        e.materials[1].key = "平面图".into();
        e.situations[0].materials[1] = "平面图".into();
    });
    refused("form.fields", |e| e.form.sections[0].fields[1].key = "premises_address".into());
    refused("situations", |e| e.situations.push(e.situations[0].clone()));
    refused("review_points", |e| e.review_points.push(e.review_points[0].clone()));
    refused("form.sections", |e| e.form.sections.push(e.form.sections[0].clone()));
}

#[test]
fn situations_are_numbered_and_know_their_materials() {
    refused("situations[new].number", |e| e.situations[0].number = "1".into());
    refused("situations[new].number", |e| e.situations[0].number = "00".into());
    refused("situations[again].number", |e| {
        let again = Situation { key: "again".into(), ..e.situations[0].clone() };
        e.situations.push(again);
    });
    refused("situations[new].materials", |e| e.situations[0].materials.push("no_such".into()));
    refused("situations[new].materials", |e| e.situations[0].materials.push("application".into()));
    refused("situations[new].materials", |e| e.situations[0].materials.clear());
    refused("materials[floor_plan]", |e| {
        e.situations[0].materials.pop();
    });
}

#[test]
fn a_material_says_why_how_and_in_what_form() {
    refused("materials[application].basis", |e| e.materials[0].basis.clear());
    refused("materials[application].standard", |e| e.materials[0].standard.clear());
    refused("materials[application].instructions", |e| e.materials[0].instructions.clear());
    refused("materials[application].accepts", |e| e.materials[0].accepts.clear());
    refused("materials[application].accepts", |e| e.materials[0].accepts.push(FileKind::Pdf));
    refused("materials[application].max_mib", |e| e.materials[0].max_mib = 0);
    refused("materials[application].max_mib", |e| e.materials[0].max_mib = 51);
    refused("materials[application].max_files", |e| e.materials[0].max_files = 0);
    refused("materials[application].copies", |e| e.materials[0].copies = 0);
    refused("materials[application].paper", |e| e.materials[0].paper.clear());
    refused("materials[application].issued_by", |e| e.materials[0].source = MaterialSource::Government);
    refused("materials[floor_plan].name", |e| e.materials[1].name = e.materials[0].name.clone());
    accepted(|e| (e.materials[0].format, e.materials[0].copies) = (MaterialFormat::Electronic, 0));
}

#[test]
fn what_may_follow_later_says_when_and_not_everything_may() {
    refused("materials[floor_plan].defer_days", |e| e.materials[1].defer_days = None);
    refused("materials[application].defer_days", |e| e.materials[0].defer_days = Some(3));
    refused("materials[application].condition", |e| e.materials[0].need = Need::Conditional);
    refused("materials", |e| (e.materials[0].need, e.materials[0].defer_days) = (Need::Deferrable, Some(3)));
}

#[test]
fn topics_match_the_audience() {
    refused("person_topics", |e| e.audiences.push(Audience::Person));
    refused("person_topics", |e| e.person_topics.push("就业创业".into()));
    refused("company_topics", |e| e.company_topics.clear());
    refused("company_topics", |e| {
        e.audiences = vec![Audience::Person];
        e.person_topics.push("就业创业".into());
    });
}

#[test]
fn options_belong_to_choices() {
    let field = |i: usize, bend: fn(&mut Field)| {
        move |e: &mut CatalogueEntry| bend(&mut e.form.sections[0].fields[i])
    };
    refused("form.fields[premises_address].options", field(0, |f| f.options.push("甲".into())));
    refused("form.fields[business_type].options", field(1, |f| f.options.truncate(1)));
    refused("form.fields[business_type].options", field(1, |f| f.options.push("餐饮服务".into())));
    refused(
        "form.fields[business_type].options",
        field(1, |f| {
            f.kind = FieldKind::Choices;
            f.options.push("甲、乙".into());
        }),
    );
    refused("form.fields[premises_address].label", field(0, |f| f.label.clear()));
    refused("form.fields[premises_address].max", field(0, |f| f.max = Some(0)));
}

#[test]
fn a_condition_refers_to_an_earlier_field_and_one_of_its_options() {
    let when = |key: &'static str, is: &'static str| {
        move |e: &mut CatalogueEntry| {
            e.form.sections[0].fields[2].when = Some(When { field: key.into(), is: is.into() });
        }
    };
    refused("form.fields[kitchen_area].when", when("no_such", "是"));
    refused("form.fields[kitchen_area].when", when("kitchen_area", "是"));
    refused("form.fields[kitchen_area].when", when("business_type", "外卖"));
    refused("form.fields[kitchen_area].when", when("premises_address", "石家庄"));
    accepted(when("business_type", "食品销售"));
}

#[test]
fn a_form_asks_at_least_one_thing() {
    refused("form", |e| e.form.sections[0].fields.iter_mut().for_each(|f| f.required = false));
    refused("form.sections[premises].fields", |e| e.form.sections[0].fields.clear());
    refused("form.sections[premises].title", |e| e.form.sections[0].title.clear());
}

#[test]
fn a_review_point_has_a_basis_and_a_standard() {
    refused("review_points[premises].basis", |e| e.review_points[0].basis.clear());
    refused("review_points[premises].standard", |e| e.review_points[0].standard.clear());
    refused("review_points[premises].text", |e| e.review_points[0].text.clear());
}

#[test]
fn a_limited_number_says_its_order_and_where_it_is_published() {
    refused("quantity_limit", |e| e.quantity_limit = Some("全县20个".into()));
    accepted(|e| e.quantity_limit = Some("全县20个，按受理先后顺序决定，数量在政府网站公布".into()));
}

#[test]
fn the_organ_is_an_organ_and_entrustment_is_consistent() {
    refused("organ", |e| e.organ = "政务服务大厅".into());
    refused("organ_nature", |e| e.organ_nature = OrganNature::Entrusted);
    accepted(|e| e.power_source = PowerSource::EntrustedFromAbove);
    refused("organ", |e| e.organ = "区市场监督管理局".into());
    refused("regulator", |e| e.regulator = "河北省民政厅".into());
}

#[test]
fn telephones_carry_an_area_code() {
    assert!(has_area_code("0311-12345"));
    assert!(has_area_code("0311-01020001"));
    for phone in ["12345", "010", "311-12345678", "0311 12345678", "0311-1234a", ""] {
        assert!(!has_area_code(phone), "{phone}");
    }
}
