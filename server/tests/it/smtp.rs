//! Letters to a real, independent SMTP server. `scripts/test.sh` starts one (`scripts/smtp.sh`) and runs these with
//! `TONGBAN_TEST_SMTP` and with `SSL_CERT_FILE` naming its authority; a plain run leaves them out and says so.

use std::time::Duration;

use serde_json::Value;
use tongban::config::{MailSettings, Secret};

use crate::support::TestApp;

/// The server's doors, as it printed them.
fn door(wanted: impl Fn(&str) -> bool) -> String {
    let addresses = std::env::var("TONGBAN_TEST_SMTP").expect(
        "TONGBAN_TEST_SMTP holds what `scripts/smtp.sh start FOLDER` printed; `scripts/test.sh` does all of it",
    );
    addresses.split_whitespace().find(|a| wanted(a)).expect("such a door").to_owned()
}

/// The letters to an address, as the server's own parser read them.
async fn letters(to: &str) -> Vec<Value> {
    let folder = std::env::var("TONGBAN_TEST_SMTP_FOLDER").expect("the folder of the server");
    // The server answers before its file has its name.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut found: Vec<Value> = std::fs::read_dir(format!("{folder}/mail"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
        .filter(|letter: &Value| letter["recipients"][0] == to)
        .collect();
    found.sort_by_key(|letter| letter["message_id"].as_str().unwrap().to_owned());
    found
}

async fn with_mail(url: &str, to: &str) -> TestApp {
    let url = Secret(url.to_owned());
    let t = TestApp::with(|config| {
        config.mail = Some(MailSettings { url, from: "通办 <no-reply@tongban.example.cn>".into() });
        config.base_url = "https://tongban.example.cn".into();
    })
    .await;
    let token = t.token("citizen").await;
    let page = t.submit_form("/account/contacts", &token, &[("mail", to), ("by_mail", "1")]).await;
    assert_eq!(page.status, 303, "{}", page.html);
    t
}

fn unique(name: &str) -> String {
    format!("{name}-{}@example.cn", std::process::id())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an SMTP server: scripts/test.sh starts one and runs this"]
async fn a_letter_arrives_as_it_was_meant_and_once() {
    let to = unique("plain");
    let t = with_mail(&door(|a| a.starts_with("smtp://127")), &to).await;
    let no = t.case_in("delivered").await;
    t.drain().await;
    let letters = letters(&to).await;
    assert_eq!(letters.len(), 5, "{letters:?}");
    let item = t.app.catalogue().entry("X03").unwrap().name.clone();
    for letter in &letters {
        let text = letter["text"].as_str().unwrap();
        assert!(letter["subject"].as_str().unwrap().starts_with(&item), "{letter}");
        assert_eq!(letter["sender"], "no-reply@tongban.example.cn");
        assert_eq!(letter["from"], "通办 <no-reply@tongban.example.cn>");
        assert_eq!(text.matches("http").count(), 1, "{text}");
        assert!(text.contains(&format!("https://tongban.example.cn/cases/{no}")), "{text}");
        for secret in ["11010519491231002X", "91133100MA0D8N1J7G", "13800000001", "李红"] {
            assert!(!letter.to_string().contains(secret), "{letter}");
        }
    }
    let keys: std::collections::BTreeSet<&str> =
        letters.iter().map(|l| l["message_id"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), 5);
    let told = t.app.outside.mail_answers().await;
    assert_eq!(told, Some(true));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an SMTP server: scripts/test.sh starts one and runs this"]
async fn a_letter_sent_again_carries_the_same_message_id() {
    let to = unique("again");
    let t = with_mail(&door(|a| a.starts_with("smtp://127")), &to).await;
    t.submit(1).await;
    let mut conn = t.app.db.read().await.unwrap();
    let columns = "SELECT id, case_id, subject, run_at FROM jobs WHERE kind='mail'";
    let job = conn.row(columns, vec![]).await.unwrap().unwrap();
    drop(conn);
    t.drain().await;
    // As if the program had died after the server took the letter and before that was noted.
    let again = format!(
        "INSERT INTO jobs(id, kind, case_id, subject, run_at, attempts, leased_until, parked, lane) VALUES ({},'mail',{},{},{},0,0,0,1)",
        job.int(0),
        job.int(1),
        job.int(2),
        job.int(3)
    );
    t.tamper(Box::leak(again.into_boxed_str())).await;
    t.drain().await;
    let letters = letters(&to).await;
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0]["message_id"], letters[1]["message_id"]);
    assert_eq!(letters[0]["message_id"], format!("<tongban-{}@tongban.example.cn>", job.int(0)));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an SMTP server: scripts/test.sh starts one and runs this"]
async fn letters_travel_sealed_when_the_address_says_so() {
    for (name, url) in
        [("upgraded", door(|a| a.contains("tls=required"))), ("sealed", door(|a| a.starts_with("smtps://")))]
    {
        let to = unique(name);
        let t = with_mail(&url, &to).await;
        t.submit(1).await;
        t.drain().await;
        let letters = letters(&to).await;
        assert_eq!(letters.len(), 1, "{name}: SSL_CERT_FILE must name the server's authority");
        assert_eq!(letters[0]["door"], name);
        assert_eq!(letters[0]["signed_in"], name == "sealed");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an SMTP server: scripts/test.sh starts one and runs this"]
async fn a_wrong_password_or_an_unknown_mailbox_is_told_without_either() {
    let wrong = door(|a| a.starts_with("smtps://")).replace(":secret@", ":guessed@");
    for (url, to) in [(wrong, unique("wrong")), (door(|a| a.starts_with("smtp://127")), unique("nobody"))] {
        let t = with_mail(&url, &to).await;
        t.submit(1).await;
        t.drain().await;
        assert!(letters(&to).await.is_empty());
        let mut conn = t.app.db.read().await.unwrap();
        let row = conn.row("SELECT attempts, last_error FROM jobs WHERE kind='mail'", vec![]).await.unwrap();
        let row = row.expect("the duty is tried again later");
        assert_eq!(row.int(0), 1);
        assert!(row.text(1).contains("没有收下邮件"), "{}", row.text(1));
        assert!(!row.text(1).contains("guessed") && !row.text(1).contains(&to), "{}", row.text(1));
    }
}
