//! Lists: keyset pages and the same scope as single loads.

use serde_json::Value;

use crate::support::TestApp;

async fn all(t: &TestApp, token: &str, view: &str) -> Vec<String> {
    let mut nos = Vec::new();
    let mut after = String::new();
    loop {
        let page = t.get(&format!("/api/v1/cases?view={view}&limit=2&after={after}"), token).await.ok();
        nos.extend(page["cases"].as_array().unwrap().iter().map(|c| c["no"].as_str().unwrap().to_owned()));
        match &page["next"] {
            Value::String(next) => after.clone_from(next),
            _ => return nos,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let t = TestApp::new().await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(t.submit(number).await);
        t.later(60_000);
    }
    for (who, view) in [("citizen", "all"), ("clerk", "intake"), ("supervisor", "all"), ("reviewer", "all")] {
        let token = t.token(who).await;
        let mut seen = all(&t, &token, view).await;
        assert_eq!(seen.len(), 5, "{who}");
        seen.sort();
        let mut expected = made.clone();
        expected.sort();
        assert_eq!(seen, expected, "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn items_of_a_village_are_found_in_everyday_words() {
    let t = TestApp::new().await;
    let found = t.get("/api/v1/items?q=%E9%A5%AD%E9%A6%86%E5%8D%AB%E7%94%9F%E8%AE%B8%E5%8F%AF%E8%AF%81%E6%80%8E%E4%B9%88%E5%8A%9E&division=130102001001", "").await.ok();
    let codes: Vec<&str> =
        found["items"].as_array().unwrap().iter().take(3).map(|i| i["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"X03@130102000000"), "{codes:?}");
    let unknown = t.get("/api/v1/items?division=999999999999", "").await.is(422);
    assert_eq!(unknown["errors"][0]["field"], "division");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_tree_is_there_and_every_level_carries_its_items() {
    let t = TestApp::new().await;
    let catalogue = t.app.catalogue();
    assert_eq!(catalogue.tree.statistical_count(), 56_712);
    let village = catalogue.tree.iter().find(|d| d.level == tongban_domain::item::Level::Village).unwrap();
    assert_eq!(catalogue.serving(village.code).len(), 48);
    for division in catalogue.tree.iter().filter(|d| !d.administrative_only) {
        let served = catalogue.serving(division.code).len();
        let least = match division.level {
            tongban_domain::item::Level::Province => 5,
            tongban_domain::item::Level::City => 17,
            tongban_domain::item::Level::County => 41,
            _ => 48,
        };
        assert!(served >= least, "{} {} carries only {served}", division.code, division.name);
    }
}
