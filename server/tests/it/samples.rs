//! Every template rendered with every sample: an undefined variable is an error.

use std::path::Path;

use minijinja::Value;
use tongban::web::{Pages, templates};

fn samples() -> serde_json::Value {
    let common = include_str!("../../templates/samples/_common.json");
    serde_json::from_str(common).unwrap()
}

#[test]
fn every_page_renders_with_every_sample() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let pages = Pages::built_in().unwrap();
    let common = samples();
    let mut rendered = 0;
    for (name, text) in templates() {
        let file = root.join("samples").join(format!("{name}.json"));
        if !text.contains("extends") {
            continue;
        }
        if name.ends_with("base.html") {
            continue;
        }
        let variants = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{name} has no sample"));
        let variants: Vec<serde_json::Value> = serde_json::from_str(&variants).unwrap();
        assert!(!variants.is_empty(), "{name}");
        for variant in variants {
            let who = variant["as"].as_str().unwrap();
            let mut context = common[who].as_object().unwrap_or_else(|| panic!("{name}: no {who}")).clone();
            context.extend(variant["context"].as_object().unwrap().clone());
            let html = pages
                .render(name, Value::from(minijinja::value::Serde(serde_json::Value::Object(context))))
                .unwrap_or_else(|e| panic!("{name} ({}): {e}", variant["name"]));
            assert!(html.contains("<h1"), "{name}: no heading");
            assert!(
                !html.contains("style=\""),
                "{name}: inline style is against the content security policy"
            );
            rendered += 1;
        }
    }
    assert!(rendered >= 50, "only {rendered} pages were rendered");
}
