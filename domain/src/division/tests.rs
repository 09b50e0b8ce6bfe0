use super::*;

const L1_L4: &str = include_str!("../../../data/divisions/l1_l4.csv");
/// A few villages of the townships that matter here; the whole list is loaded by a test of the server.
const L5_SAMPLE: &str = include_str!("../../tests-data/l5_sample.csv");
const HEADER: &str = "code12,name,level,parent_code,flag";

fn tree() -> DivisionTree {
    DivisionTree::from_csv(L1_L4, L5_SAMPLE).unwrap()
}

fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).unwrap()
}

fn names<'a>(divisions: impl IntoIterator<Item = DivisionRef<'a>>) -> Vec<&'a str> {
    divisions.into_iter().map(|division| division.name).collect()
}

#[test]
fn the_province_counts_its_statistical_units_without_xiongan() {
    let tree = tree();
    let villages = L5_SAMPLE.lines().count() - 1;
    let counts = tree.counts_by_level().map(|(_, count)| count);
    assert_eq!(counts, [1, 11, 190, 2_365, villages]);
    assert_eq!(tree.statistical_count(), 1 + 11 + 190 + 2_365 + villages);
    assert_eq!(tree.iter().len(), tree.statistical_count() + 1);
    assert_eq!(tree.root().unwrap().name, "河北省");
}

#[test]
fn places_come_in_code_order_and_are_found_by_code() {
    let tree = tree();
    let codes: Vec<_> = tree.iter().map(|division| division.code).collect();
    assert!(codes.is_sorted());
    assert!(codes.iter().all(|&code| tree.get(code).unwrap().code == code));
    assert_eq!(tree.get(code("110000")), None);
}

#[test]
fn dingzhou_and_xinji_report_straight_to_the_province() {
    let tree = tree();
    for (own, statistical) in [("130682", "130600"), ("130181", "130100")] {
        let city = tree.get(code(own)).unwrap();
        assert_eq!(city.parent, Some(code(statistical)));
        assert_eq!(city.administrative_parent, Some(code("130000")));
        assert_eq!((city.level, tree.organ_level(city.code)), (Level::County, Some(Level::City)));
        assert!(tree.acts_as_city(city.code));
        assert!(!tree.contains(code(statistical), city.code));
        assert!(tree.contains(code("130000"), city.code));
        assert!(tree.children(city.code).len() > 10);
    }
}

#[test]
fn xiongan_governs_three_counties_and_is_no_statistical_unit() {
    let tree = tree();
    let xiongan = tree.get(code("133100")).unwrap();
    assert_eq!((xiongan.name, xiongan.level, xiongan.administrative_only), ("雄安新区", Level::City, true));
    assert_eq!((xiongan.parent, xiongan.administrative_parent), (None, Some(code("130000"))));
    assert_eq!(names(tree.children(xiongan.code)), ["容城县", "安新县", "雄县"]);
    assert!(tree.acts_as_city(xiongan.code) && !tree.is_counted(xiongan.code));
    for county in tree.children(xiongan.code) {
        assert_eq!(county.parent, Some(code("130600")));
        assert!(!tree.contains(code("130600"), county.code) && !tree.acts_as_city(county.code));
    }
    assert_eq!(tree.full_name(code("130629")).unwrap(), "河北省雄安新区容城县");
}

#[test]
fn the_province_governs_eleven_cities_xiongan_dingzhou_and_xinji() {
    let tree = tree();
    let governed = names(tree.children(code("130000")));
    assert_eq!(governed.len(), 14);
    assert_eq!((governed[0], governed[1], governed[13]), ("石家庄市", "辛集市", "雄安新区"));
    assert_eq!(tree.iter().filter(|division| tree.acts_as_city(division.code)).count(), 14);
    assert_eq!(tree.children(code("110000")).len(), 0);
    assert_eq!(tree.children(code("130102001001")).len(), 0);
}

#[test]
fn twenty_three_zones_count_in_no_denominator() {
    let tree = tree();
    let zones: Vec<_> = tree.iter().filter(|division| division.zone).collect();
    assert_eq!(zones.len(), 23);
    assert!(zones.iter().all(|zone| !tree.is_counted(zone.code) && zone.level == Level::County));
    let counted = |level| tree.iter().filter(|d| d.level == level && tree.is_counted(d.code)).count();
    assert_eq!((counted(Level::City), counted(Level::County), counted(Level::Township)), (11, 167, 2_365));
    assert_eq!(tree.iter().filter(|division| division.quasi_township).count(), 119);
    assert!(tree.children(code("130171")).all(|township| tree.is_counted(township.code)));
    assert!(!tree.is_counted(code("110000")));
}

#[test]
fn a_full_name_reads_from_the_province_down() {
    let tree = tree();
    let village = code("130102001001");
    assert_eq!(tree.full_name(village).unwrap(), "河北省石家庄市长安区建北街道棉一东社区居民委员会");
    assert_eq!(names(tree.ancestors(village)), ["河北省", "石家庄市", "长安区", "建北街道"]);
    assert_eq!(tree.full_name(code("130682")).unwrap(), "河北省定州市");
    assert_eq!(tree.full_name(code("110000")), None);
    assert!(tree.ancestors(code("130000")).is_empty() && tree.ancestors(code("110000")).is_empty());
}

#[test]
fn a_short_name_is_what_people_say() {
    let tree = tree();
    let said = [
        ("130000", "河北省"),
        ("130100", "石家庄市"),
        ("130102", "石家庄市长安区"),
        ("130123", "正定县"),
        ("130183", "晋州市"),
        ("130682", "定州市"),
        ("130171", "石家庄高新技术产业开发区"),
        ("130272", "唐山市汉沽管理区"),
        ("130372", "秦皇岛市北戴河新区"),
        ("130672", "保定白沟新城"),
        ("133100", "雄安新区"),
        ("130629", "容城县"),
        ("130102001", "长安区建北街道"),
        ("130102001001", "建北街道棉一东社区居民委员会"),
    ];
    for (own, name) in said {
        assert_eq!(tree.short_name(code(own)).as_deref(), Some(name));
    }
}

#[test]
fn a_scope_path_has_three_digits_a_step_and_is_the_place_s_own() {
    let tree = tree();
    let paths = [
        ("130000", "001"),
        ("130100", "001001"),
        ("130102", "001001002"),
        ("130102001001", "001001002001001"),
        ("130181", "001181"),
        ("130181100001", "001181100001"),
        ("130682", "001682"),
        ("133100", "001031"),
        ("130629", "001031029"),
        ("130600", "001006"),
    ];
    for (own, path) in paths {
        assert_eq!(tree.scope_path(code(own)).as_deref(), Some(path), "{own}");
    }
    assert_eq!(tree.scope_path(code("110000")), None);
    let all: std::collections::BTreeSet<_> = tree.iter().map(|d| tree.scope_path(d.code).unwrap()).collect();
    assert_eq!(all.len(), tree.iter().len());
    assert!(all.iter().all(|path| path.len() <= 15 && path.len() % 3 == 0));
}

#[test]
fn lying_in_a_place_is_a_prefix_of_the_scope_path() {
    let tree = tree();
    let few: Vec<_> = tree.iter().filter(|d| d.level <= Level::County || d.level == Level::Village).collect();
    let paths: Vec<_> = few.iter().map(|division| tree.scope_path(division.code).unwrap()).collect();
    for (above, prefix) in few.iter().zip(&paths) {
        for (below, path) in few.iter().zip(&paths) {
            assert_eq!(tree.contains(above.code, below.code), path.starts_with(prefix.as_str()));
        }
    }
}

#[test]
fn a_new_township_moves_no_neighbour() {
    let (first, rest) = ("130101000000,试验区,3,130100000000,", "130102099000,试验街道,4,130102000000,");
    let grown = DivisionTree::from_csv(&format!("{}\n{first}\n{rest}\n", L1_L4.trim_end()), L5_SAMPLE);
    let (tree, grown) = (tree(), grown.unwrap());
    assert_eq!(grown.iter().len(), tree.iter().len() + 2);
    for division in tree.iter() {
        assert_eq!(tree.scope_path(division.code), grown.scope_path(division.code));
    }
}

#[test]
fn finding_by_name_puts_exact_names_and_higher_levels_first() {
    let tree = tree();
    let found = tree.find("新华区", 10);
    assert_eq!(names(found.iter().copied()), ["新华区", "新华区"]);
    let found = tree.find("长安", 3);
    assert_eq!(found[0].name, "长安区");
    assert!(found.is_sorted_by_key(|division| division.level));
    assert_eq!(tree.find("雄安", 5)[0].code, code("133100"));
    assert_eq!(names(tree.find("棉一东", 5)), ["棉一东社区居民委员会"]);
    assert_eq!(tree.find("县", 4).len(), 4);
    for nothing in ["", "  ", "不存在的地方", "市\n唐"] {
        assert!(tree.find(nothing, 5).is_empty(), "{nothing:?}");
    }
}

#[test]
fn a_wrong_file_is_refused_with_the_place_to_put_right() {
    let load = |lines: &str| DivisionTree::from_csv(&format!("{HEADER}\n{lines}"), HEADER).unwrap_err();
    let root = "130000000000,河北省,1,,";
    assert_eq!(DivisionTree::from_csv("", HEADER).unwrap_err(), DivisionError::Header);
    assert_eq!(DivisionTree::from_csv(L1_L4, "code\n").unwrap_err(), DivisionError::Header);
    assert_eq!(load("130100000000,石家庄市,2,130000000000,"), DivisionError::Root);
    assert_eq!(load(&format!("{root}\n{root}")), DivisionError::Root);
    let city = "130100000000,石家庄市,2,130000000000,";
    assert_eq!(load(&format!("{root}\n{city}\n{city}")), DivisionError::Duplicate(code("130100")));
    let orphan = "130102000000,长安区,3,130100000000,";
    assert_eq!(load(&format!("{root}\n{orphan}")), DivisionError::Parent(code("130102")));
    let twin = "130103000000,桥东区,2,130000000000,";
    assert_eq!(load(&format!("{root}\n{city}\n{twin}")), DivisionError::Scope(code("130103")));
    for line in [
        "13010000000,石家庄市,2,130000000000,",
        "130100000000,石家庄市,7,130000000000,",
        "130100000000,,2,130000000000,",
        "130100000000,石家庄市,2,130000000000",
        "130100000000,石家庄市,2,130000000000,,",
        "130100000000,石家庄市,2,,",
        "130100000000,石家庄市,2,130000000000,capital",
        "130100000000,石家庄市,2,130000000000,xiongan",
    ] {
        let error = load(&format!("{root}\n{line}"));
        assert!(matches!(error, DivisionError::Line { file: "l1_l4", line: 3, .. }), "{line}: {error}");
    }
}

#[test]
fn a_tree_without_xiongan_counties_has_no_xiongan() {
    let tree =
        DivisionTree::from_csv(&format!("\u{feff}{HEADER}\r\n130000000000,河北省,1,,\r\n"), HEADER).unwrap();
    assert_eq!(tree.iter().len(), 1);
    assert!(!tree.is_counted(code("133100")));
}
