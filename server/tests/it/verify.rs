//! `verify` finds any changed byte: one column of one row at a time, in every table it covers.

use serde_json::json;
use tongban::store::{Engine, Value};

use crate::support::TestApp;

async fn problems(t: &TestApp) -> Vec<String> {
    tongban::verify::verify(&t.app).await.unwrap().problems
}

async fn columns(t: &TestApp, table: &'static str) -> Vec<String> {
    let mut conn = t.app.db.read().await.unwrap();
    let sql: &'static str = match t.app.db.engine() {
        Engine::Sqlite => "SELECT name FROM pragma_table_info($1)",
        Engine::Postgres => {
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_name = $1"
        }
    };
    conn.rows(sql, vec![table.into()]).await.unwrap().iter().map(|r| r.text(0).to_owned()).collect()
}

async fn rated_case(t: &TestApp) -> String {
    let no = t.case_in("closed").await;
    let citizen = t.token("citizen").await;
    t.act(&no, &citizen, json!({"type": "rate", "grade": 5, "comment": "等得太久"})).await.ok();
    no
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untouched_record_is_clean() {
    let t = TestApp::new().await;
    rated_case(&t).await;
    assert_eq!(problems(&t).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_in_any_column_is_found_and_named() {
    let t = TestApp::new().await;
    let no = rated_case(&t).await;
    for table in ["cases", "events", "texts", "parties", "documents", "seals", "licenses", "attachments"] {
        for column in columns(&t, table).await {
            // Values a reader could not trust: a number moved by one, a text with one character changed.
            let read: &'static str = leak(format!(
                "SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {column} DESC LIMIT 1"
            ));
            let mut conn = t.app.db.read().await.unwrap();
            let Some(row) = conn.row(read, vec![]).await.unwrap() else {
                drop(conn);
                continue;
            };
            drop(conn);
            let (before, after) = match &row.0[0] {
                Value::Int(n) => (Value::Int(*n), Value::Int(n + 1)),
                Value::Text(text) => (Value::Text(text.clone()), Value::Text(changed(text))),
                other => panic!("{table}.{column}: {other:?}"),
            };
            // One row only: that is what a stray byte or a hand in the database changes.
            let place = if t.app.db.engine() == Engine::Sqlite { "rowid" } else { "ctid" };
            let set: &'static str = leak(format!(
                "UPDATE {table} SET {column}=$1 WHERE {place} = (SELECT {place} FROM {table} WHERE {column}=$2 LIMIT 1)"
            ));
            write(&t, set, after.clone(), before.clone()).await;
            let found = problems(&t).await;
            assert!(!found.is_empty(), "{table}.{column}: nothing found");
            if !matches!((table, column.as_str()), ("cases", "no") | ("events", "node" | "number")) {
                assert!(
                    found.iter().any(|p| p.contains(&no) && p.contains("sequence"))
                        || found.iter().any(|p| p.contains("row(s)")),
                    "{table}.{column}: {found:?}"
                );
            }
            write(&t, set, before, after).await;
        }
    }
    assert_eq!(problems(&t).await, Vec::<String>::new());
}

fn leak(sql: String) -> &'static str {
    Box::leak(sql.into_boxed_str())
}

async fn write(t: &TestApp, sql: &'static str, to: Value, from: Value) {
    let changed = t
        .app
        .writer
        .plain(move |conn| {
            let args = vec![to.clone(), from.clone()];
            Box::pin(async move { conn.run(sql, args).await })
        })
        .await
        .unwrap();
    assert!(changed > 0, "{sql}");
}

fn changed(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = chars.len() / 2;
    match chars.get(at).copied() {
        Some('a') => chars[at] = 'b',
        Some(_) => chars[at] = 'a',
        None => chars.push('a'),
    }
    chars.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_event_cannot_be_deleted_unnoticed() {
    let t = TestApp::new().await;
    let no = rated_case(&t).await;
    t.tamper("DELETE FROM events WHERE number = (SELECT MAX(number) FROM events)").await;
    let found = problems(&t).await;
    assert!(found.iter().any(|p| p.contains(&no)), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_on_disk_is_found() {
    let t = TestApp::new().await;
    let no = rated_case(&t).await;
    let mut files = Vec::new();
    for folder in std::fs::read_dir(t.folder.join("files")).unwrap().flatten().filter(|e| e.path().is_dir()) {
        files.extend(std::fs::read_dir(folder.path()).unwrap().flatten().map(|e| e.path()));
    }
    assert!(files.len() >= 4, "{files:?}");
    for path in files {
        let good = std::fs::read(&path).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        std::fs::write(&path, bad).unwrap();
        let found = problems(&t).await;
        assert!(found.iter().any(|p| p.contains(&no)), "{}: {found:?}", path.display());
        std::fs::write(&path, good).unwrap();
    }
    assert_eq!(problems(&t).await, Vec::<String>::new());
}
