//! Everyday queries against the sample items: the share whose item is among the first three.

use std::path::PathBuf;

use serde::Deserialize;
use tongban_domain::item::{CatalogueEntry, Index, Synonyms};

/// The share that must be found.
const SHARE: f64 = 0.9;

#[derive(Deserialize)]
struct Query {
    qid: String,
    query: String,
    expected: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn entries() -> Vec<CatalogueEntry> {
    let mut entries: Vec<CatalogueEntry> = std::fs::read_dir(root().join("../data/items"))
        .expect("data/items is missing")
        .filter_map(|file| {
            let text = std::fs::read_to_string(file.ok()?.path()).ok()?;
            serde_json::from_str(&text).ok()
        })
        .collect();
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    entries
}

/// Asserts the share of a file of queries, and prints the misses.
#[track_caller]
fn found(file: &str) {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect(path);
    let queries: Vec<Query> = serde_json::from_str(&read(file)).expect(file);
    let synonyms = Synonyms::from_json(&read("../data/synonyms.json")).expect("synonyms.json");
    let entries = entries();
    let index = Index::new(&entries, synonyms);
    let mut misses = Vec::new();
    let mut first = 0;
    for query in &queries {
        let found = index.search(&query.query, 3);
        first += usize::from(found.first().is_some_and(|(id, _)| query.expected.contains(id)));
        if !found.iter().any(|(id, _)| query.expected.contains(id)) {
            misses.push(format!(
                "{} {} expected {:?}, found {found:?}",
                query.qid, query.query, query.expected
            ));
        }
    }
    let (hits, all) = (queries.len() - misses.len(), queries.len());
    let misses = misses.join("\n");
    println!(
        "{file}: {hits} of {all} among the first three, {first} first, {} items\n{misses}",
        entries.len()
    );
    assert!(
        hits as f64 >= SHARE * all as f64,
        "{file}: only {hits} of {all} among {} items:\n{misses}",
        entries.len()
    );
}

#[test]
fn nine_of_ten_everyday_queries_find_their_item_among_the_first_three() {
    found("tests-data/queries.json");
}

/// Written after the search, without a look at its answers: synonyms, typing errors, scenes.
#[test]
fn nine_of_ten_further_queries_find_their_item_among_the_first_three() {
    found("tests-data/queries_more.json");
}
