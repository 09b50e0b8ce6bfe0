use std::collections::BTreeMap;

use super::*;
use crate::agency::AgencyKind;
use crate::division::DivisionTree;
use crate::item::*;

/// The province down to the townships, and two villages.
fn tree() -> DivisionTree {
    let villages = "code12,name,level,parent_code,flag\n\
        130102001001,棉一东社区居民委员会,5,130102001000,\n\
        130629100200,上坡村民委员会,5,130629100000,\n";
    DivisionTree::from_csv(include_str!("../../../../data/divisions/l1_l4.csv"), villages).unwrap()
}

fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).unwrap()
}

fn entry(id: &str, level: Level, organ: &str, reallocated: bool) -> CatalogueEntry {
    let sample = CatalogueEntry::sample();
    CatalogueEntry {
        id: id.into(),
        level,
        organ: organ.into(),
        regulator: organ.into(),
        reallocated,
        ..sample
    }
}

/// One entry per level.
fn entries() -> Vec<CatalogueEntry> {
    vec![
        entry("P01", Level::Province, "药品监督管理局", false),
        entry("C01", Level::City, "住房和城乡建设局", true),
        entry("X03", Level::County, "市场监督管理局", true),
        entry("X14", Level::County, "民政局", false),
        entry("T01", Level::Township, "人民政府", false),
        entry("V02", Level::Village, "人力资源和社会保障局", false),
    ]
}

fn directory(tree: &DivisionTree) -> Directory {
    Directory::new(carry(tree, &entries()).unwrap()).unwrap()
}

#[test]
fn every_level_carries_its_entries() {
    let carried = carry(&tree(), &entries()).unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for item in &carried.items {
        *counts.entry(&item.entry).or_default() += 1;
    }
    let expected = [("C01", 14), ("P01", 1), ("T01", 2365), ("V02", 2365), ("X03", 190), ("X14", 190)];
    assert_eq!(counts, BTreeMap::from(expected));
    assert_eq!(carried.halls.len(), 1 + 12 + 190 + 2365);
    let bureaus = carried.agencies.iter().filter(|a| a.kind == AgencyKind::ApprovalBureau).count();
    assert_eq!(bureaus, 12 + 190);
}

#[test]
fn a_reallocated_power_is_exercised_by_the_bureau_and_regulated_by_the_department() {
    let tree = tree();
    let directory = directory(&tree);
    let entries = entries();
    let item = directory.item("X03@130102000000").unwrap();
    assert_eq!(item.agency, "130102:行政审批局");
    let effective = directory.effective(&entries[2], item).unwrap();
    assert_eq!(effective.agency.name, "石家庄市长安区行政审批局");
    assert_eq!(effective.regulator.name, "石家庄市长安区市场监督管理局");
    let marriage = directory.item("X14@130102000000").unwrap();
    assert_eq!(directory.agency(&marriage.agency).unwrap().name, "石家庄市长安区民政局");
}

#[test]
fn a_township_exercises_in_its_own_name_and_the_county_regulates() {
    let tree = tree();
    let directory = directory(&tree);
    for entry in ["T01", "V02"] {
        let item = directory.carried_by(code("130102001"), entry).unwrap();
        assert_eq!(directory.agency(&item.agency).unwrap().name, "石家庄市长安区建北街道办事处");
        assert_eq!(directory.agency(&item.regulator).unwrap().division, code("130102"));
    }
}

#[test]
fn the_implementation_code_is_organ_level_and_entry() {
    let tree = tree();
    let directory = directory(&tree);
    for item in directory.items() {
        let agency = directory.agency(&item.agency).unwrap();
        let entry = entries().into_iter().find(|e| e.id == item.entry).unwrap();
        assert_eq!(item.code.agency(), agency.credit_code);
        assert_eq!(item.code.use_level(), entry.level.use_level());
        assert_eq!(item.code.catalogue(), entry.code);
    }
}

#[test]
fn a_villager_finds_township_county_city_and_province_items() {
    let tree = tree();
    let directory = directory(&tree);
    let village = code("130102001001");
    let found = |entry: &str| directory.serving(&tree, village, entry).map(|i| i.division.to_string());
    assert_eq!(found("V02").as_deref(), Some("130102001000"));
    assert_eq!(found("T01").as_deref(), Some("130102001000"));
    assert_eq!(found("X03").as_deref(), Some("130102000000"));
    assert_eq!(found("C01").as_deref(), Some("130100000000"));
    assert_eq!(found("P01").as_deref(), Some("130000000000"));
    assert_eq!(found("Z99"), None);
    let all: Vec<_> = directory.serving_all(&tree, village).iter().map(|i| i.entry.as_str()).collect();
    assert_eq!(all, ["T01", "V02", "X03", "X14", "C01", "P01"]);
    assert!(directory.serving_all(&tree, code("990000")).is_empty());
}

#[test]
fn city_items_serve_dingzhou_from_dingzhou_and_xiongan_from_xiongan() {
    let tree = tree();
    let directory = directory(&tree);
    for (place, carrier) in [
        ("130682", "130682000000"),
        ("130181", "130181000000"),
        ("130629", "133100000000"),
        ("130629100200", "133100000000"),
        ("130602", "130600000000"),
    ] {
        let item = directory.serving(&tree, code(place), "C01").unwrap();
        assert_eq!(item.division.to_string(), carrier, "{place}");
    }
    assert!(directory.carried_by(code("130629"), "C01").is_none());
}

#[test]
fn every_place_below_the_county_is_served_by_every_entry() {
    let tree = tree();
    let directory = directory(&tree);
    for place in tree.iter().filter(|d| d.level >= Level::Township) {
        for entry in entries() {
            assert!(directory.serving(&tree, place.code, &entry.id).is_some(), "{} {}", place.name, entry.id);
        }
    }
}

#[test]
fn an_item_says_only_what_differs() {
    let tree = tree();
    let mut carried = carry(&tree, &entries()).unwrap();
    let entries = entries();
    let at = carried.items.iter().position(|i| i.key == "X03@130102000000").unwrap();
    carried.items[at].differs = Differs {
        promised: Some(Limit::working_days(3)),
        phone: Some("0311-12340".into()),
        ..Differs::default()
    };
    let json = serde_json::to_value(&carried.items[at].differs).unwrap();
    assert_eq!(json.as_object().unwrap().len(), 2);
    let directory = Directory::new(carried).unwrap();
    let here = directory.effective(&entries[2], directory.item("X03@130102000000").unwrap()).unwrap();
    let there = directory.effective(&entries[2], directory.item("X03@130123000000").unwrap()).unwrap();
    assert_eq!((here.promised().n, there.promised().n), (3.0, 5.0));
    assert_eq!((here.phone(), there.phone()), ("0311-12340", "0311-00230000"));
    assert_eq!(here.name(), there.name());
    assert_eq!(here.review_organ(), "石家庄市长安区人民政府");
    assert_eq!(there.litigation_court(), "正定县人民法院");
    assert_eq!(here.hours(), there.hours());
    assert_eq!(here.supervision_phone(), "0311-12345");
    assert!(here.place().starts_with("石家庄市长安区政务服务中心"));
    assert!(here.handling_code(&entries[2].situations[0]).unwrap().to_string().ends_with("01"));
    assert!(lint_local(&here).is_empty(), "{:?}", lint_local(&here));
}

#[test]
fn what_a_place_says_is_linted_too() {
    let tree = tree();
    let entries = entries();
    let carried = carry(&tree, &entries).unwrap();
    let wrong = |differs: Differs| {
        let mut carried = carried.clone();
        let at = carried.items.iter().position(|i| i.key == "X03@130102000000").unwrap();
        carried.items[at].differs = differs;
        let directory = Directory::new(carried).unwrap();
        let item = directory.effective(&entries[2], directory.item("X03@130102000000").unwrap()).unwrap();
        lint_local(&item).into_iter().map(|f| f.field).collect::<Vec<_>>()
    };
    let promised = |n| Differs { promised: Some(Limit::working_days(n)), ..Differs::default() };
    assert_eq!(wrong(promised(21)), ["X03@130102000000.promised"]);
    assert_eq!(wrong(promised(6)), ["X03@130102000000.promised"]);
    let phone = |phone: &str| Differs { phone: Some(phone.into()), ..Differs::default() };
    assert_eq!(wrong(phone("12345678")), ["X03@130102000000.phone"]);
    assert_eq!(wrong(phone("0311-12345")), ["X03@130102000000.supervision_phone"]);
}

#[test]
fn closed_items_are_kept_and_flagged() {
    let tree = tree();
    let mut carried = carry(&tree, &entries()).unwrap();
    let at = carried.items.iter().position(|i| i.key == "X03@130102000000").unwrap();
    carried.items[at].status = LocalStatus::Suspended;
    let directory = Directory::new(carried).unwrap();
    let item = directory.serving(&tree, code("130102001"), "X03").unwrap();
    let day = "2026-03-02".parse().unwrap();
    assert!(!item.open_on(day));
    let planned = LocalItem {
        status: LocalStatus::InUse,
        effective_on: Some("2026-03-02".parse().unwrap()),
        cancelled_on: Some("2026-05-01".parse().unwrap()),
        ..item.clone()
    };
    let open = |day: &str| planned.open_on(day.parse().unwrap());
    assert_eq!(
        ["2026-03-01", "2026-03-02", "2026-04-30", "2026-05-01"].map(open),
        [false, true, true, false]
    );
}

#[test]
fn a_directory_refuses_doubles_and_loose_ends() {
    let tree = tree();
    let carried = carry(&tree, &entries()[..1]).unwrap();
    let mut twice = carried.clone();
    twice.items.push(twice.items[0].clone());
    assert!(matches!(Directory::new(twice), Err(DirectoryError::Twice(_))));
    let mut loose = carried.clone();
    loose.agencies.clear();
    assert!(matches!(Directory::new(loose), Err(DirectoryError::NoAgency { .. })));
    let mut homeless = carried.clone();
    homeless.halls.clear();
    assert!(matches!(Directory::new(homeless), Err(DirectoryError::NoHall { .. })));
    let directory = Directory::new(carried).unwrap();
    assert!(directory.effective(&entries()[1], &directory.items()[0]).is_none());
}

#[test]
fn carrying_twice_gives_the_same() {
    let tree = tree();
    let (a, b) = (carry(&tree, &entries()).unwrap(), carry(&tree, &entries()).unwrap());
    assert_eq!((a.agencies, a.halls, a.items), (b.agencies, b.halls, b.items));
}
