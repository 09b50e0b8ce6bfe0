//! The sample items that ship (data/items): every file is read strictly, linted and counted.
//!
//! `ITEMS=P01,P02 cargo test --test items` restricts the check to those files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tongban_domain::item::{CatalogueEntry, Regimes, lint};

const ENTRIES: usize = 48;

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../data")
}

fn regimes() -> Regimes {
    let text = std::fs::read_to_string(data().join("regimes.json")).expect("data/regimes.json is missing");
    Regimes::from_json(&text).expect("data/regimes.json cannot be read")
}

/// Keys named in ITEMS, or nothing for all of them.
fn wanted() -> Option<Vec<String>> {
    let list = std::env::var("ITEMS").ok()?;
    let keys: Vec<String> = list
        .split([',', ' '])
        .filter(|k| !k.is_empty())
        .map(|k| k.trim_end_matches(".json").to_owned())
        .collect();
    (!keys.is_empty()).then_some(keys)
}

/// (file stem, text) of every file asked for, in order, and what is missing.
fn files(wanted: Option<&[String]>) -> (Vec<(String, String)>, Vec<String>) {
    let mut problems = Vec::new();
    let mut stems: Vec<String> = match wanted {
        Some(keys) => keys.to_vec(),
        None => std::fs::read_dir(data().join("items"))
            .expect("data/items is missing")
            .filter_map(Result::ok)
            .filter_map(|f| f.file_name().to_str()?.strip_suffix(".json").map(str::to_owned))
            .collect(),
    };
    stems.sort();
    let mut read = Vec::new();
    for stem in stems {
        match std::fs::read_to_string(data().join("items").join(format!("{stem}.json"))) {
            Ok(text) => read.push((stem, text)),
            Err(e) => problems.push(format!("{stem}.json: cannot be read: {e}")),
        }
    }
    (read, problems)
}

/// The line a JSON error points at, with the line before it.
fn excerpt(text: &str, line: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    (line.saturating_sub(2)..line)
        .filter_map(|i| lines.get(i).map(|l| format!("      {:>4} | {}", i + 1, l.trim_end())))
        .collect::<Vec<_>>()
        .join("\n")
}

fn read(files: &[(String, String)], problems: &mut Vec<String>) -> Vec<CatalogueEntry> {
    let mut entries = Vec::new();
    for (stem, text) in files {
        match serde_json::from_str::<CatalogueEntry>(text) {
            Ok(entry) => {
                if entry.id != *stem {
                    problems.push(format!("{stem}.json: id is {:?}, the file name says {stem:?}", entry.id));
                }
                entries.push(entry);
            }
            Err(e) => problems.push(format!("{stem}.json: {e}\n{}", excerpt(text, e.line()))),
        }
    }
    entries
}

fn report(problems: &[String]) {
    assert!(problems.is_empty(), "{} problem(s):\n  {}\n", problems.len(), problems.join("\n  "));
}

#[test]
fn every_shipped_item_is_read_strictly_and_passes_the_lint() {
    let wanted = wanted();
    let (files, mut problems) = files(wanted.as_deref());
    let entries = read(&files, &mut problems);
    let regimes = regimes();
    for entry in &entries {
        if !entry.sample {
            problems
                .push(format!("{}.json: sample: must be true for an item that ships as a sample", entry.id));
        }
        for f in lint(entry, &regimes) {
            problems.push(format!("{}.json: {}: {} → {}", entry.id, f.field, f.message, f.fix));
        }
    }
    report(&problems);
}

#[test]
fn ids_and_catalogue_codes_are_unique_and_none_is_missing() {
    let (files, _) = files(None);
    let mut problems = Vec::new();
    let mut unread = Vec::new();
    let entries = read(&files, &mut unread);
    let mut codes: BTreeMap<String, &str> = BTreeMap::new();
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in &entries {
        if let Some(other) = ids.insert(&entry.id, &entry.name) {
            problems.push(format!("id {} is used twice: {other} and {}", entry.id, entry.name));
        }
        let code = entry.code.to_string();
        if let Some(other) = codes.insert(code.clone(), &entry.id) {
            problems.push(format!("code {code} is used twice: {other} and {}", entry.id));
        }
    }
    if wanted().is_none() && entries.len() != ENTRIES {
        problems.push(format!(
            "{} entries could be read, {ENTRIES} ship; unreadable: {unread:#?}",
            entries.len()
        ));
    }
    report(&problems);
}
