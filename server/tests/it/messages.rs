//! Messages: who is told what, by which way, once, and never with an identifier. The SMS gateway is a stand-in that can
//! fail; letters to a real SMTP server are in `smtp.rs`.

use serde_json::{Value, json};
use tongban::config::{MailSettings, Secret};
use tongban_domain::case::Topic;
use tongban_domain::item::FieldKind;

use crate::support::TestApp;
use crate::support::gateway::{Asked, Gateway, Mood};

const MOBILE: &str = "13911112222";
const BASE: &str = "https://tongban.example.cn";

async fn with_sms() -> (TestApp, Gateway) {
    let (gateway, settings) = Gateway::start().await;
    let t = TestApp::with(|config| {
        config.sms = Some(settings);
        config.base_url = BASE.into();
    })
    .await;
    (t, gateway)
}

async fn save_contact(t: &TestApp, name: &str, fields: &[(&str, &str)]) {
    let token = t.token(name).await;
    let page = t.submit_form("/account/contacts", &token, fields).await;
    assert_eq!((page.status, page.to.as_str()), (303, "/account?done=contacts"), "{}", page.html);
}

/// Duties of a kind that wait.
async fn waiting(t: &TestApp, kind: &'static str) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM jobs WHERE kind=$1";
    let mut conn = t.app.db.read().await.unwrap();
    conn.row(sql, vec![kind.into()]).await.unwrap().unwrap().int(0)
}

async fn topics(t: &TestApp, name: &str) -> Vec<String> {
    let token = t.token(name).await;
    let body = t.get("/api/v1/messages", &token).await.ok();
    let rows = body["messages"].as_array().unwrap();
    rows.iter().map(|m| m["topic"].as_str().unwrap().to_owned()).collect()
}

/// What no message may hold: every answer of the application that could point to a person, and the address itself.
fn secrets(t: &TestApp) -> Vec<String> {
    let entry = t.app.catalogue().entry("X03").unwrap().clone();
    let answers = tongban::seed::sample_answers(&entry, 1);
    let mut secrets: Vec<String> = answers
        .into_values()
        .filter(|answer| answer.chars().count() >= 2 && !entry.name.contains(answer.as_str()))
        .filter(|answer| answer.chars().any(|c| !c.is_ascii_digit()) || answer.len() >= 6)
        .collect();
    secrets.extend([MOBILE.to_owned(), "11010519491231002X".into(), "91133100MA0D8N1J7G".into()]);
    secrets
}

#[track_caller]
fn holds_no_secret(text: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(!text.contains(secret.as_str()), "{secret} in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_is_told_of_every_step_once_with_one_link_and_no_identifier() {
    let (t, gateway) = with_sms().await;
    save_contact(&t, "citizen", &[("mobile", MOBILE), ("by_sms", "1")]).await;
    let no = t.case_in("delivered").await;
    t.drain().await;
    let told = gateway.asked();
    let mut texts: Vec<&str> = told.iter().map(|a| a.text.as_str()).collect();
    texts.sort_unstable();
    let item = t.app.catalogue().entry("X03").unwrap().name.clone();
    assert_eq!(told.len(), 5, "submitted, accepted, granted, issued, delivered: {texts:?}");
    let secrets = secrets(&t);
    for Asked { key, to, text, authorization, .. } in &told {
        assert_eq!((to.as_str(), authorization.as_str()), (MOBILE, "Bearer gateway-token"));
        assert!(text.starts_with("【通办】") && text.contains(&item) && text.contains(&no), "{text}");
        assert_eq!(text.matches("http").count(), 1, "{text}");
        assert!(text.contains(&format!("{BASE}/cases/{no}")), "{text}");
        assert_eq!(told.iter().filter(|other| other.key == *key).count(), 1);
        holds_no_secret(text, &secrets);
    }
    assert!(texts.iter().any(|t| t.ends_with(&format!("/cases/{no}/rating"))));
    assert!(texts.iter().any(|t| t.contains("已受理") && t.contains("承诺2026年")), "{texts:?}");
    assert_eq!(waiting(&t, "sms").await, 0);
    let sent =
        "SELECT CAST(COUNT(*) AS BIGINT) FROM messages WHERE texted_at IS NOT NULL AND mailed_at IS NULL";
    let mut conn = t.app.db.read().await.unwrap();
    assert_eq!(conn.row(sent, vec![]).await.unwrap().unwrap().int(0), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_fails_twice_gets_the_message_once_under_one_key() {
    let (t, gateway) = with_sms().await;
    save_contact(&t, "citizen", &[("mobile", MOBILE), ("by_sms", "1")]).await;
    gateway.will(&[Mood::Fail, Mood::Decline]);
    t.submit(1).await;
    t.drain().await;
    assert_eq!((gateway.asked().len(), gateway.taken().len()), (1, 0), "the first pause is not over");
    for _ in 0..3 {
        t.later(10 * 60_000);
        t.drain().await;
    }
    let asked = gateway.asked();
    assert_eq!((asked.len(), gateway.taken().len()), (3, 1));
    assert!(asked.iter().all(|a| a.key == asked[0].key && a.text == asked[0].text));
    assert_eq!(waiting(&t, "sms").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_sending_and_bookkeeping_the_same_key_comes_again() {
    let (t, gateway) = with_sms().await;
    save_contact(&t, "citizen", &[("mobile", MOBILE), ("by_sms", "1")]).await;
    gateway.will(&[Mood::Dawdle]);
    t.submit(1).await;
    let app = t.app.clone();
    let dies = tokio::spawn(async move { tongban::jobs::drain(&app).await });
    while gateway.asked().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    dies.abort();
    assert!(dies.await.unwrap_err().is_cancelled());
    t.drain().await;
    assert_eq!(gateway.asked().len(), 1, "the lease still holds");
    t.later(61_000);
    t.drain().await;
    assert_eq!((gateway.asked().len(), gateway.taken().len()), (2, 1), "the gateway can tell it is the same");
    assert_eq!(waiting(&t, "sms").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_park_a_message_and_the_operator_sees_it_without_the_number() {
    let (t, gateway) = with_sms().await;
    save_contact(&t, "citizen", &[("mobile", MOBILE), ("by_sms", "1")]).await;
    gateway.will(&[Mood::Fail; 5]);
    let no = t.submit(1).await;
    for _ in 0..8 {
        t.drain().await;
        t.later(3 * 3_600_000 / 2);
    }
    assert_eq!(gateway.asked().len(), 5);
    let admin = t.token("admin").await;
    let page = t.page("/ops", &admin).await;
    let grouped = tongban_domain::ids::CaseNo::parse(&no).unwrap().grouped();
    assert!(page.html.contains("发送短信") && page.html.contains(&grouped), "{}", page.html);
    assert!(page.html.contains("短信网关回答 500") && !page.html.contains(MOBILE));
    let mut conn = t.app.db.read().await.unwrap();
    let id = conn.row("SELECT id FROM jobs WHERE parked=1", vec![]).await.unwrap().unwrap().int(0);
    drop(conn);
    assert_eq!(t.submit_form(&format!("/ops/jobs/{id}/retry"), &admin, &[]).await.status, 303);
    t.drain().await;
    assert_eq!((gateway.asked().len(), gateway.taken().len()), (6, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_off_or_has_no_address_or_is_not_configured_gets_nothing() {
    let (t, gateway) = with_sms().await;
    save_contact(&t, "citizen", &[("mail", "zhao@example.cn"), ("by_mail", "1"), ("by_sms", "1")]).await;
    t.submit(1).await;
    assert_eq!((waiting(&t, "sms").await, waiting(&t, "mail").await), (0, 0), "no number; no mail relay");
    save_contact(&t, "citizen", &[("mobile", MOBILE)]).await;
    t.later(1000);
    t.submit(2).await;
    assert_eq!(waiting(&t, "sms").await, 0, "switched off");
    save_contact(&t, "citizen", &[("mobile", MOBILE), ("by_sms", "1")]).await;
    t.later(1000);
    t.submit(3).await;
    assert_eq!(waiting(&t, "sms").await, 1);
    save_contact(&t, "citizen", &[("mobile", MOBILE)]).await;
    t.drain().await;
    assert_eq!((waiting(&t, "sms").await, gateway.asked().len()), (0, 0), "switched off before it went out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_relay_keeps_no_document_from_its_seal() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let t = TestApp::with(|config| {
        let url = Secret(format!("smtp://{closed}"));
        config.mail = Some(MailSettings { url, from: "通办 <no-reply@example.cn>".into() });
    })
    .await;
    save_contact(&t, "citizen", &[("mail", "zhao@example.cn"), ("by_mail", "1")]).await;
    t.case_in("issued").await;
    assert_eq!((waiting(&t, "seal").await, waiting(&t, "mail").await), (0, 4));
    let mut conn = t.app.db.read().await.unwrap();
    let failed = conn.row("SELECT last_error FROM jobs WHERE last_error IS NOT NULL", vec![]).await.unwrap();
    let error = failed.unwrap().text(0).to_owned();
    assert!(error.contains("没有收下邮件") && !error.contains("zhao"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_are_told_of_what_waits_for_them_and_of_nothing_they_did() {
    let t = TestApp::new().await;
    let no = t.case_in("received").await;
    let (clerk, citizen) = (t.token("clerk").await, t.token("citizen").await);
    assert_eq!(topics(&t, "clerk").await, [""; 0]);
    let entry = t.app.catalogue().entry("X03").unwrap().clone();
    let plain = |f: &&tongban_domain::item::Field| f.kind == FieldKind::Address || f.kind == FieldKind::Text;
    let field = entry.form.fields().find(|f| plain(f) && f.concept.is_none()).or(entry.form.fields().next());
    let field = field.unwrap().key.clone();
    let rows = json!([{"target": field, "problem": "不一致", "fix": "请改正"}]);
    t.act(&no, &clerk, json!({"type": "request_supplement", "rows": rows})).await.ok();
    let address = "河北省石家庄市长安区建设北大街100号一层（演示）";
    let changed = json!({"type": "resubmit", "answers": {&field: address}});
    t.act(&no, &citizen, changed).await.ok();
    assert_eq!(topics(&t, "clerk").await, ["supplemented"]);
    assert_eq!(topics(&t, "clerk2").await, [""; 0], "another agency's window");
    t.act(&no, &clerk, json!({"type": "accept", "checks": t.checks()})).await.ok();
    let (reviewer, second) = (t.token("reviewer").await, t.token("reviewer2").await);
    let account = |token: String| {
        let t = &t;
        async move { t.get("/api/v1/session", &token).await.ok()["account"].clone() }
    };
    let own = account(reviewer.clone()).await;
    t.act(&no, &reviewer, json!({"type": "assign", "officer": own})).await.ok();
    assert_eq!(topics(&t, "reviewer").await, [""; 0], "they assigned it to themselves");
    let other = account(second.clone()).await;
    t.act(&no, &reviewer, json!({"type": "assign", "officer": other})).await.ok();
    assert_eq!(topics(&t, "reviewer2").await, ["assigned"]);
    while t.act(&no, &second, json!({"type": "pass", "opinion": "符合"})).await.ok()["state"] != "deciding"
    {
    }
    assert_eq!(topics(&t, "representative").await, ["waits_for_decision"]);
    let chief = t.token("representative").await;
    t.act(&no, &chief, json!({"type": "return", "reason": "请补充意见"})).await.ok();
    t.act(&no, &citizen, json!({"type": "withdraw_application", "reason": ""})).await.ok();
    assert_eq!(topics(&t, "reviewer2").await, ["withdrawn", "returned", "assigned"]);
    assert!(!topics(&t, "citizen").await.contains(&"withdrawn".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_the_messages_reads_them_each_reader_for_themselves() {
    let t = TestApp::new().await;
    let no = t.case_in("deciding").await;
    let (chief, citizen) = (t.token("representative").await, t.token("citizen").await);
    let day = t.page("/desk", &chief).await;
    assert!(
        day.html.contains("等待决定") && day.html.contains(&format!("/desk/decisions/{no}")),
        "{}",
        day.html
    );
    assert!(day.html.contains("发给本岗位") && day.html.contains("<span class=\"count\">"));
    let all = t.page("/account/messages", &chief).await;
    assert!(all.html.contains("未读") && !all.html.contains("<span class=\"count\">"), "{}", all.html);
    assert!(!t.page("/account/messages", &chief).await.html.contains("未读"));
    let unread =
        |body: Value| body["messages"].as_array().unwrap().iter().filter(|m| m["unread"] == true).count();
    assert_eq!(unread(t.get("/api/v1/messages", &chief).await.ok()), 0);
    assert_eq!(
        unread(t.get("/api/v1/messages", &citizen).await.ok()),
        3,
        "reading over the API marks nothing"
    );
    assert_eq!(unread(t.get("/api/v1/messages", &citizen).await.ok()), 3);
    t.page("/account/messages", &citizen).await;
    assert_eq!(unread(t.get("/api/v1/messages", &citizen).await.ok()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_is_not_told_what_happened_before_it_was_manned() {
    let t = TestApp::new().await;
    t.case_in("deciding").await;
    t.later(60_000);
    let late = t.app.ids.block(t.app.clock.now()).get();
    assert_eq!(topics(&t, "representative").await.len(), 1);
    let sql = Box::leak(
        format!(
            "UPDATE posts SET id={late} WHERE account=(SELECT id FROM accounts WHERE name='representative')"
        )
        .into_boxed_str(),
    );
    t.tamper(sql).await;
    assert_eq!(topics(&t, "representative").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_page_by_page_each_once() {
    let t = TestApp::new().await;
    for number in 0..35 {
        t.submit(number).await;
        t.later(1000);
    }
    let token = t.token("citizen").await;
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let page = t.get(&format!("/api/v1/messages?limit=10&after={after}"), &token).await.ok();
        let rows = page["messages"].as_array().unwrap();
        ids.extend(rows.iter().map(|m| m["id"].as_str().unwrap().parse::<i64>().unwrap()));
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    assert_eq!(ids.len(), 35);
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]));
    let first = t.page("/account/messages", &token).await.html;
    assert_eq!(first.matches("申请已提交").count(), 30);
    let older = first.split("/account/messages?before=").nth(1).unwrap().split('"').next().unwrap();
    let second = t.page(&format!("/account/messages?before={older}"), &token).await.html;
    assert_eq!(second.matches("申请已提交").count(), 5);
    assert!(!second.contains("?before="));
    assert_eq!(t.page("/account/messages?before=x", &token).await.status, 404);
    assert_eq!(t.get("/api/v1/messages?after=x", &token).await.status.as_u16(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_kept_locked_shown_masked_and_wrong_ones_stay_as_typed() {
    let t = TestApp::new().await;
    for name in ["citizen", "clerk"] {
        let token = t.token(name).await;
        let fields = [("mail", "Zhao.Chen@Example.cn"), ("mobile", " 139 1111 2222 "), ("by_mail", "1")];
        save_contact(&t, name, &fields).await;
        let page = t.page("/account?done=contacts", &token).await.html;
        assert!(page.contains("联系方式已保存") && page.contains("Z***@example.cn"), "{page}");
        assert!(page.contains("139****2222") && !page.contains(MOBILE) && !page.contains("Zhao.Chen"));
        let wrong = [("mail", "zhao chen"), ("mobile", "1391111"), ("by_sms", "1")];
        let page = t.submit_form("/account/contacts", &token, &wrong).await;
        assert_eq!(page.status, 422);
        for words in [
            "value=\"zhao chen\"",
            "value=\"1391111\"",
            "请核对邮箱地址",
            "请输入11位手机号码，现在少4位",
            "#f-mobile",
        ] {
            assert!(page.html.contains(words), "{words}: {}", page.html);
        }
        let boxes: Vec<bool> = page
            .html
            .split("type=\"checkbox\"")
            .skip(1)
            .take(2)
            .map(|b| b.split('>').next().unwrap().contains("checked"))
            .collect();
        assert_eq!(boxes, [false, true], "what was ticked stays ticked");
        // Saving the masked forms changes the channels and keeps the addresses.
        save_contact(&t, name, &[("mail", "Z***@example.cn"), ("mobile", "139****2222"), ("by_sms", "1")])
            .await;
        let page = t.page("/account", &token).await.html;
        assert!(page.contains("Z***@example.cn") && page.contains("139****2222"), "{page}");
    }
    let mut conn = t.app.db.read().await.unwrap();
    let rows = conn
        .rows("SELECT account, mail, mail_hash, mobile, mobile_hash FROM contacts", vec![])
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert!(!format!("{row:?}").to_lowercase().contains("zhao"), "{row:?}");
        let mobile = t.app.secrets.unlock(row.int(0), row.text(3)).unwrap();
        assert_eq!(mobile, MOBILE);
        assert_eq!(row.text(4), t.app.secrets.search_hash("mobile", MOBILE));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn until_an_account_says_otherwise_its_own_partys_number_counts() {
    let (t, gateway) = with_sms().await;
    let mut conn = t.app.db.read().await.unwrap();
    let citizen = tongban::store::accounts::by_name(&mut conn, "citizen").await.unwrap().unwrap().id;
    drop(conn);
    let party = json!({"kind": "person", "name": "赵晨", "mobile": MOBILE}).to_string();
    let locked = t.app.secrets.lock(citizen.get(), &party);
    let sql = Box::leak(
        format!("UPDATE accounts SET party='{locked}' WHERE id={}", citizen.get()).into_boxed_str(),
    );
    t.tamper(sql).await;
    t.submit(1).await;
    t.drain().await;
    assert_eq!(gateway.taken().iter().map(|a| a.to.as_str()).collect::<Vec<_>>(), [MOBILE]);
    save_contact(&t, "citizen", &[("mobile", ""), ("by_sms", "1")]).await;
    t.later(1000);
    t.submit(2).await;
    t.drain().await;
    assert_eq!(gateway.taken().len(), 1, "the account took its number away");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_words_for_any_item_and_topic_hold_what_an_application_holds() {
    use tongban::wording::About;
    let t = TestApp::new().await;
    let catalogue = t.app.catalogue();
    let no = "7K3M9QXP2R4T";
    let mut told = 0;
    for entry in catalogue.entries() {
        for number in 0..6 {
            let answers = tongban::seed::sample_answers(entry, number);
            let secrets: Vec<String> = answers
                .into_values()
                .filter(|a| a.chars().count() >= 4 && !entry.name.contains(a.as_str()))
                .collect();
            for topic in Topic::ALL {
                for due in [None, Some("2026-07-27"), Some("2031-01-05")] {
                    let about = About { topic, no, entry: &entry.id, due };
                    let words = t.app.wording.tell(about, &catalogue, BASE);
                    for text in [&words.title, &words.text, &words.letter] {
                        holds_no_secret(text, &secrets);
                        assert!(text.contains(&entry.name) && !text.contains(['{', '}', '[', ']']), "{text}");
                    }
                    assert_eq!(words.text.matches("http").count(), 1);
                    assert_eq!(words.letter.matches("http").count(), 1);
                    assert!(words.text.contains(&format!("{BASE}{}", words.page)) && words.page.contains(no));
                    assert!(words.text.chars().count() <= 160, "too long for an SMS: {}", words.text);
                    assert_eq!(
                        words.title.contains("暂定"),
                        due == Some("2031-01-05") && words.title.contains("2031")
                    );
                    told += 1;
                }
            }
        }
    }
    assert!(told > 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_where_messages_go_and_never_with_which_password() {
    let (t, _gateway) = with_sms().await;
    let lines = tongban::checkup::checkup(&t.app).await.unwrap();
    let said: String = lines.iter().map(|l| l.text.as_str()).collect();
    assert!(said.contains("邮件没有配置") && said.contains("短信经 http://127.0.0.1 发出"), "{said}");
    assert!(!said.contains("gateway-token") && !format!("{:?}", t.app.config).contains("gateway-token"));
    let admin = t.token("admin").await;
    assert!(t.page("/ops", &admin).await.html.contains("邮件没有配置"));
}
