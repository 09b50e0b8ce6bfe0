use std::collections::BTreeSet;

use super::*;

/// The province down to the townships, without villages.
pub(crate) fn tree() -> DivisionTree {
    let villages = "code12,name,level,parent_code,flag\n130102001001,棉一东社区居民委员会,5,130102001000,\n";
    DivisionTree::from_csv(include_str!("../../../data/divisions/l1_l4.csv"), villages).unwrap()
}

fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).unwrap()
}

fn agency(division: &str, organ: &str) -> Agency {
    let tree = tree();
    Agency::of(&Naming::new(&tree), code(division), organ).unwrap()
}

#[test]
fn an_organ_bears_the_full_name_of_its_place() {
    for (division, organ, name) in [
        ("130000", "药品监督管理局", "河北省药品监督管理局"),
        ("130100", "民政局", "石家庄市民政局"),
        ("130102", "行政审批局", "石家庄市长安区行政审批局"),
        ("130123", "行政审批局", "正定县行政审批局"),
        ("130682", "行政审批局", "定州市行政审批局"),
        ("133100", "行政审批局", "河北雄安新区行政审批局"),
        ("130629", "行政审批局", "容城县行政审批局"),
        ("130171", "行政审批局", "石家庄高新技术产业开发区行政审批局"),
        ("130171", "人民政府", "石家庄高新技术产业开发区管理委员会"),
        ("130102", "公安局", "石家庄市公安局长安分局"),
        ("130102", "公安局交通警察大队", "石家庄市公安局长安分局交通警察大队"),
        ("130123", "公安局", "正定县公安局"),
        ("130100", "卫生健康委员会", "石家庄市卫生健康委员会"),
        ("130682", "卫生健康委员会", "定州市卫生健康局"),
    ] {
        assert_eq!(agency(division, organ).name, name);
    }
}

#[test]
fn a_township_has_its_government_or_street_office_and_no_doubled_suffix() {
    for (division, name, organ) in [
        ("130102001", "石家庄市长安区建北街道办事处", "街道办事处"),
        ("130181100", "辛集市辛集镇人民政府", "人民政府"),
        ("130110500", "河北鹿泉经济开发区管理委员会", "管理委员会"),
        ("130209401", "唐山市曹妃甸区一农场管理机构", "乡级管理机构"),
    ] {
        let agency = agency(division, "人力资源和社会保障局");
        assert_eq!((agency.name.as_str(), agency.organ.as_str()), (name, organ));
        assert_eq!(agency.kind, AgencyKind::Township);
        assert_eq!(agency.key, format!("{division}000:{organ}"));
    }
    let tree = tree();
    let naming = Naming::new(&tree);
    for place in tree.iter().filter(|d| d.level == Level::Township) {
        let name = naming.official(place.code, "");
        for doubled in ["街道街道", "办事处办事处", "人民政府人民政府", "处管理机构", "管理委员会管理"]
        {
            assert!(!name.contains(doubled), "{name}");
        }
    }
}

#[test]
fn document_numbers_begin_with_a_short_word() {
    for (division, organ, short) in [
        ("130000", "药品监督管理局", "冀药监"),
        ("130100", "行政审批局", "石审"),
        ("130102", "行政审批局", "长审"),
        ("130682", "行政审批局", "定州审"),
        ("133100", "行政审批局", "雄安审"),
        ("130102", "公安局", "长公"),
        ("130102001", "", "长建北办"),
    ] {
        assert_eq!(agency(division, organ).short, short);
    }
}

#[test]
fn names_short_words_and_codes_are_unique_in_the_province() {
    let tree = tree();
    let naming = Naming::new(&tree);
    let (mut names, mut shorts, mut codes, mut count) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), 0);
    for place in tree.iter().filter(|d| d.level < Level::Village) {
        let organs: &[&str] = if place.level == Level::Township {
            &[""]
        } else {
            &[
                "行政审批局",
                "人民政府",
                "民政局",
                "公安局",
                "卫生健康局",
                "教育局",
                "市场监督管理局",
                "农业农村局",
                "自然资源和规划局",
                "人力资源和社会保障局",
                "住房和城乡建设局",
                "城市管理综合行政执法局",
                "烟草专卖局",
                "残疾人联合会",
                "医疗保障局",
                "生态环境局",
                "水利局",
                "应急管理局",
                "广播电视局",
                "药品监督管理局",
            ]
        };
        for organ in organs {
            let agency = Agency::of(&naming, place.code, organ).unwrap();
            assert!(names.insert(agency.name.clone()), "{} twice", agency.name);
            assert!(shorts.insert(agency.short.clone()), "{} twice: {}", agency.short, agency.name);
            assert!(codes.insert(agency.credit_code.clone()), "{} twice", agency.credit_code);
            assert!(agency.credit_code.as_str().starts_with("11"));
            assert_eq!(agency.credit_code.division(), place.code.six());
            count += 1;
        }
    }
    assert_eq!(count, (1 + 12 + 190) * 20 + 2365);
}

#[test]
fn a_county_word_is_short_and_never_that_of_its_city() {
    let tree = tree();
    let naming = Naming::new(&tree);
    for place in tree.iter().filter(|d| d.level == Level::County) {
        let word = naming.short(place.code, "行政审批局");
        assert!((2..=6).contains(&word.chars().count()), "{word} for {}", place.name);
    }
    assert_eq!(naming.short(code("130821"), "行政审批局"), "承德县审");
    assert_ne!(naming.short(code("130104"), "行政审批局"), naming.short(code("130703"), "行政审批局"));
}

#[test]
fn review_goes_to_the_government_at_that_level() {
    for (division, organ, review) in [
        ("130102", "行政审批局", "石家庄市长安区人民政府"),
        ("130100", "行政审批局", "石家庄市人民政府"),
        ("130000", "药品监督管理局", "河北省人民政府"),
        ("130682", "行政审批局", "定州市人民政府"),
        ("130629", "行政审批局", "容城县人民政府"),
        ("133100", "行政审批局", "河北雄安新区管理委员会"),
        ("130102001", "", "石家庄市长安区人民政府"),
        ("130102", "人民政府", "石家庄市人民政府"),
        ("130682", "人民政府", "河北省人民政府"),
        ("130171", "行政审批局", "石家庄市人民政府"),
        ("130102", "烟草专卖局", "石家庄市烟草专卖局"),
        ("130000", "烟草专卖局", "国家烟草专卖局"),
    ] {
        assert_eq!(agency(division, organ).review_organ, review, "{division} {organ}");
    }
}

#[test]
fn suits_go_to_the_basic_court_of_the_county() {
    for (division, organ, court) in [
        ("130102", "行政审批局", "石家庄市长安区人民法院"),
        ("130102001", "", "石家庄市长安区人民法院"),
        ("130123", "公安局", "正定县人民法院"),
        ("130100", "行政审批局", "石家庄市有管辖权的基层人民法院"),
        ("130000", "药品监督管理局", "石家庄市有管辖权的基层人民法院"),
        ("130171", "行政审批局", "石家庄市有管辖权的基层人民法院"),
        ("130102", "人民政府", "石家庄市中级人民法院"),
        ("130682", "人民政府", "保定市中级人民法院"),
        ("130629", "人民政府", "河北雄安新区中级人民法院"),
    ] {
        assert_eq!(agency(division, organ).litigation_court, court, "{division} {organ}");
    }
}

#[test]
fn a_hall_is_named_after_its_place_and_has_two_telephones() {
    let tree = tree();
    let naming = Naming::new(&tree);
    for (division, name, phone, supervision) in [
        ("130000", "河北省政务服务大厅", "0311-00000000", "0311-12345"),
        ("130100", "石家庄市政务服务中心", "0311-00000000", "0311-12345"),
        ("130682", "定州市政务服务中心", "0312-00820000", "0312-12345"),
        ("133100", "河北雄安新区政务服务中心", "0312-00000000", "0312-12345"),
        ("130102001", "石家庄市长安区建北街道便民服务中心", "0311-00020010", "0311-12345"),
    ] {
        let hall = Hall::of(&naming, code(division));
        assert_eq!(hall.name, name);
        assert_eq!((hall.phone.as_str(), hall.supervision_phone.as_str()), (phone, supervision));
    }
}

#[test]
fn the_same_organ_always_gets_the_same_code() {
    let bureau = agency("130102", "行政审批局");
    assert_eq!(bureau.credit_code, agency("130102", "行政审批局").credit_code);
    assert_eq!(bureau.credit_code.as_str(), "11130102D0005LU35P", "stored codes must not change");
    assert_eq!(bureau.key, "130102:行政审批局");
    assert_eq!(bureau.scope_path, "001001002");
}

#[test]
fn the_organisation_code_has_its_check_character() {
    assert_eq!(organisation_check("D2143569"), 'X');
}
