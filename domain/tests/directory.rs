//! The implementation lists of the whole province, carried from the sample items.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use tongban_domain::agency::AgencyKind;
use tongban_domain::division::DivisionTree;
use tongban_domain::item::{CatalogueEntry, Directory, Level, carry, lint_local};

fn data(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../data").join(path)
}

/// The province down to the townships; villages carry nothing themselves.
fn tree() -> DivisionTree {
    let upper = std::fs::read_to_string(data("divisions/l1_l4.csv")).expect("data/divisions/l1_l4.csv");
    DivisionTree::from_csv(&upper, "code12,name,level,parent_code,flag\n").expect("a tree")
}

fn entries() -> Vec<CatalogueEntry> {
    let mut entries: Vec<CatalogueEntry> = std::fs::read_dir(data("items"))
        .expect("data/items is missing")
        .filter_map(|file| serde_json::from_str(&std::fs::read_to_string(file.ok()?.path()).ok()?).ok())
        .collect();
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    entries
}

#[expect(clippy::disallowed_methods, reason = "prints how long the province takes")]
#[test]
fn the_whole_province_is_carried_linted_and_looked_up() {
    let tree = tree();
    let entries = entries();
    let start = Instant::now();
    let carried = carry(&tree, &entries).expect("carried");
    let made = start.elapsed();
    let start = Instant::now();
    let directory = Directory::new(carried).expect("a directory");
    println!(
        "{} entries, {} agencies, {} halls, {} items; carried in {made:?}, sorted and checked in {:?}",
        entries.len(),
        directory.agencies().len(),
        directory.halls().len(),
        directory.items().len(),
        start.elapsed()
    );

    let places = |level| match level {
        Level::Province => 1,
        Level::City => 11 + 3,
        Level::County => 190,
        Level::Township | Level::Village => 2365,
    };
    let expected: usize = entries.iter().map(|e| places(e.level)).sum();
    assert_eq!(directory.items().len(), expected);
    assert_eq!(directory.halls().len(), 1 + 12 + 190 + 2365);

    let by_id: BTreeMap<&str, &CatalogueEntry> = entries.iter().map(|e| (e.id.as_str(), e)).collect();
    let mut findings = Vec::new();
    for local in directory.items() {
        let item =
            directory.effective(by_id[local.entry.as_str()], local).expect("organ, regulator and hall");
        findings.extend(lint_local(&item));
    }
    assert!(findings.is_empty(), "{} findings, first {:?}", findings.len(), findings.first());
}

#[test]
fn names_codes_and_words_for_document_numbers_are_unique() {
    let carried = carry(&tree(), &entries()).expect("carried");
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut doubles = Vec::new();
    for agency in &carried.agencies {
        for text in [&agency.key, &agency.name, &agency.short, &agency.credit_code.to_string()] {
            if let Some(other) = seen.insert(text.clone(), &agency.key)
                && other != agency.key
            {
                doubles.push(format!("{text}: {other} and {}", agency.key));
            }
        }
    }
    assert!(doubles.is_empty(), "{} doubles: {:?}", doubles.len(), &doubles[..doubles.len().min(20)]);
    let bureaus = carried.agencies.iter().filter(|a| a.kind == AgencyKind::ApprovalBureau).count();
    assert_eq!(bureaus, 12 + 190, "every city and county has its approval bureau");
}
