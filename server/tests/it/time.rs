//! The clock at every door: silence, special procedures, extension, marks, timers, and the clock for trying.

use jiff::civil::date;
use serde_json::{Value, json};
use tongban::jobs;
use tongban_domain::calendar::start_of_day_ms;

use crate::support::{START, TestApp};

const HOUR: i64 = 3_600_000;

impl TestApp {
    /// Goes to an hour of a day and looks at every clock that is due then.
    async fn at(&self, day: jiff::civil::Date, hour: i64) {
        let now = start_of_day_ms(day) + hour * HOUR;
        self.later(now - self.app.clock.now());
        while jobs::look(&self.app).await.unwrap() > 0 {}
    }

    async fn case(&self, no: &str, who: &str) -> Value {
        let token = self.token(who).await;
        self.get(&format!("/api/v1/cases/{no}"), &token).await.ok()
    }

    async fn asks(&self, no: &str, who: &str, command: Value) -> crate::support::Answer {
        let token = self.token(who).await;
        self.act(no, &token, command).await
    }
}

fn marks(case: &Value) -> Vec<String> {
    let one = |m: &Value| format!("{} {}", m["rule"].as_str().unwrap(), m["light"].as_str().unwrap());
    case["marks"].as_array().unwrap().iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_accepts_by_itself_with_a_notice_and_a_red_mark() {
    let t = TestApp::new().await;
    // Submitted on Monday 9 March 2026; nobody at the window does anything.
    let no = t.submit(1).await;
    t.at(date(2026, 3, 13), 9).await;
    assert_eq!(marks(&t.case(&no, "clerk").await), ["R01 yellow"]);
    t.at(date(2026, 3, 16), 23).await;
    assert_eq!(t.case(&no, "clerk").await["state"], "submitted");
    t.at(date(2026, 3, 17), 0).await;
    let seen = t.case(&no, "clerk").await;
    assert_eq!(seen["state"], "accepted");
    assert_eq!(seen["flags"]["deemed"], true);
    assert_eq!(seen["ledger"]["accepted"], "2026-03-09");
    assert!(marks(&seen).contains(&"R01 red".to_owned()), "{seen}");
    t.drain().await;
    let seen = t.case(&no, "citizen").await;
    assert_eq!(seen["marks"], json!([]), "marks are between the agency and its supervisor");
    assert!(seen["documents"].as_array().unwrap().iter().all(|d| d["sealed"] == true));
    assert!(seen["explanation"].to_string().contains("自收到材料之日起即为受理"));
    // A look that is repeated finds nothing, and the record verifies.
    t.at(date(2026, 3, 17), 1).await;
    let again = t.case(&no, "clerk").await;
    assert_eq!(again["version"], seen["version"]);
    let report = tongban::verify::verify(&t.app).await.unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_that_is_broken_is_marked_answered_contested_and_closed() {
    let t = TestApp::new().await;
    let no = t.case_in("reviewing").await;
    let promised = t.case(&no, "reviewer").await["deadlines"]["promised"]["last_day"].clone();
    let day: jiff::civil::Date = promised.as_str().unwrap().parse().unwrap();
    t.at(day.tomorrow().unwrap(), 9).await;
    let seen = t.case(&no, "reviewer").await;
    assert!(marks(&seen).contains(&"R03 red".to_owned()), "{:?}", marks(&seen));
    let red = seen["marks"].as_array().unwrap().iter().find(|m| m["rule"] == "R03").unwrap();
    let id = red["id"].as_str().unwrap().to_owned();
    let reviewer = t.token("reviewer").await;
    let listed = t.get("/api/v1/marks?mine=true", &reviewer).await.ok();
    let mine = listed["marks"].as_array().unwrap();
    assert!(mine.iter().any(|m| m["id"] == id.as_str() && m["case"] == no.as_str()), "{listed}");
    assert!(!t.get("/api/v1/marks", &t.token("clerk2").await).await.ok().to_string().contains(&no));
    t.get("/api/v1/marks", &t.token("citizen").await).await.is(403);

    // Through the pages: the answer, the contest, the closing.
    let path = format!("/desk/marks/{no}/{id}");
    let page = t.page(&path, &reviewer).await;
    assert!(page.html.contains("超过承诺期限未作出决定"), "{}", page.html);
    let empty = t.submit_form(&format!("{path}/answer"), &reviewer, &[("answer", " ")]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.html.contains("请输入原因和整改情况"));
    let done = t.submit_form(&format!("{path}/answer"), &reviewer, &[("answer", "平台停机，已补办")]).await;
    assert_eq!(done.status, 303, "{}", done.html);
    let done = t.submit_form(&format!("{path}/contest"), &reviewer, &[("reason", "当日停机")]).await;
    assert_eq!(done.status, 303);
    let supervisor = t.token("supervisor").await;
    assert!(t.page("/desk/marks?tab=contested", &supervisor).await.html.contains(&no));
    let refused =
        t.submit_form(&format!("{path}/close"), &reviewer, &[("upheld", "no"), ("note", "x")]).await;
    assert_eq!(refused.status, 403);
    let done =
        t.submit_form(&format!("{path}/close"), &supervisor, &[("upheld", "no"), ("note", "停机属实")]).await;
    assert_eq!(done.status, 303);
    let seen = t.case(&no, "supervisor").await;
    let mark = seen["marks"].as_array().unwrap().iter().find(|m| m["id"] == id.as_str()).unwrap();
    assert_eq!(mark["state"], "cleared");
    assert_eq!(mark["words"], json!(["平台停机，已补办", "当日停机", "停机属实"]));
    assert!(t.page("/desk/marks?tab=closed", &supervisor).await.html.contains(&no));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hearing_stops_the_clock_from_its_notice_on_and_the_documents_say_so() {
    let t = TestApp::new().await;
    let no = t.case_in("deciding").await;
    let before = t.case(&no, "reviewer").await["deadlines"]["statutory"]["last_day"].clone();
    t.asks(&no, "reviewer", json!({"type": "tell_hearing_right", "reason": "相邻住户"})).await.ok();
    let early = t.asks(&no, "representative", json!({"type": "grant"})).await.is(422);
    assert_eq!(early["code"], "hearing_period", "{early}");
    t.asks(&no, "citizen", json!({"type": "request_hearing", "reason": "想当面说明"})).await.ok();
    let head = t.get("/api/v1/session", &t.token("head").await).await.ok()["account"].clone();
    let reviewer = t.token("reviewer").await;
    let page = t.page(&format!("/desk/time/{no}"), &reviewer).await;
    assert!(page.html.contains("申请听证"), "{}", page.html);
    let head = head.as_str().unwrap().to_owned();
    let notify = |held_on: &'static str| {
        vec![
            ("procedure", "hearing"),
            ("days", "10"),
            ("reason", "申请人要求听证"),
            ("held_on", held_on),
            ("place", "三楼会议室"),
            ("presider", head.as_str()),
        ]
    };
    let soon = t.submit_form(&format!("/desk/time/{no}/notify"), &reviewer, &notify("2026-03-12")).await;
    assert_eq!(soon.status, 422);
    assert!(
        soon.html.contains("听证应提前7日通知") && soon.html.contains("三楼会议室"),
        "what was typed is kept"
    );
    let done = t.submit_form(&format!("/desk/time/{no}/notify"), &reviewer, &notify("2026-03-19")).await;
    assert_eq!(done.status, 303, "{}", done.html);
    assert_eq!(t.case(&no, "reviewer").await["deadlines"]["statutory"]["last_day"], before);
    let done = t.submit_form(&format!("/desk/time/{no}/start"), &reviewer, &[("procedure", "hearing")]).await;
    assert_eq!(done.status, 303);
    let running = t.case(&no, "reviewer").await;
    assert_eq!(running["flags"]["special"], true);
    assert_ne!(running["deadlines"]["statutory"]["last_day"], before);
    t.at(date(2026, 3, 11), 15).await;
    let reviewer = t.token("reviewer").await;
    let end = [("procedure", "hearing"), ("record", "双方陈述完毕"), ("passed", "yes")];
    let done = t.submit_form(&format!("/desk/time/{no}/end"), &reviewer, &end).await;
    assert_eq!(done.status, 303, "{}", done.html);
    let seen = t.case(&no, "citizen").await;
    let explained = seen["explanation"].to_string();
    assert!(explained.contains("听证") && explained.contains("第四十五条"), "{explained}");
    assert!(seen["documents"].to_string().contains("特别程序告知书"));
    let public = t.page(&format!("/cases/{no}"), &t.token("citizen").await).await;
    assert!(public.html.contains("听证"), "the applicant reads it too");
    t.asks(&no, "representative", json!({"type": "grant"})).await.ok();
    t.drain().await;
    let report = tongban::verify::verify(&t.app).await.unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_head_approves_an_extension_and_the_applicant_is_told() {
    let t = TestApp::new().await;
    let no = t.case_in("reviewing").await;
    let reviewer = t.token("reviewer").await;
    let path = format!("/desk/time/{no}");
    let asked = [("days", "5"), ("reason", "案情复杂")];
    assert_eq!(t.submit_form(&format!("{path}/ask"), &reviewer, &asked).await.status, 303);
    assert_eq!(t.submit_form(&format!("{path}/extend"), &reviewer, &asked).await.status, 403);
    let chief =
        t.asks(&no, "representative", json!({"type": "extend", "days": 5, "reason": "x"})).await.is(422);
    assert_eq!(chief["code"], "no_authority", "{chief}");
    let before = t.case(&no, "head").await;
    let head = t.token("head").await;
    assert!(t.page(&path, &head).await.html.contains("案情复杂"));
    assert_eq!(t.submit_form(&format!("{path}/extend"), &head, &asked).await.status, 303);
    let after = t.case(&no, "head").await;
    assert_eq!(after["deadlines"]["promised"], before["deadlines"]["promised"]);
    assert_ne!(after["deadlines"]["statutory"], before["deadlines"]["statutory"]);
    assert_eq!(after["flags"]["extended"], true);
    let citizen = t.token("citizen").await;
    assert!(t.get("/api/v1/messages", &citizen).await.ok().to_string().contains("延期"));
    let twice = t.asks(&no, "head", json!({"type": "extend", "days": 5, "reason": "x"})).await.is(422);
    assert_eq!(twice["code"], "no_extension");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_supplement_needs_a_reason_and_is_marked() {
    let t = TestApp::new().await;
    let no = t.case_in("received").await;
    let field = {
        let catalogue = t.app.catalogue();
        let entry = catalogue.entry("X03").unwrap();
        let found = entry.form.fields().find(|f| f.concept.as_deref() == Some("premises.address"));
        found.unwrap().key.clone()
    };
    let ask = |again: &str| json!({"type": "request_supplement", "again": again, "rows": [{"target": field, "problem": "门牌号不对", "fix": "按营业执照填写"}]});
    t.asks(&no, "clerk", ask("")).await.ok();
    t.drain().await;
    t.asks(&no, "citizen", json!({"type": "resubmit", "answers": {(field.as_str()): "长安区建设北大街1号"}}))
        .await
        .ok();
    assert_eq!(t.asks(&no, "clerk", ask("")).await.is(422)["code"], "told_once");
    t.asks(&no, "clerk", ask("补正时新填的地址有误")).await.ok();
    assert_eq!(marks(&t.case(&no, "clerk").await), ["R06 yellow"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_keeps_marks_away_until_the_working_day_after_it() {
    let t = TestApp::new().await;
    let no = t.case_in("reviewing").await;
    let promised = t.case(&no, "reviewer").await["deadlines"]["promised"]["last_day"].clone();
    let due: jiff::civil::Date = promised.as_str().unwrap().parse().unwrap();
    let calendar = t.app.catalogue().calendar.clone();
    // Down on the last day; declared when it is over.
    let from = start_of_day_ms(due) + 9 * HOUR;
    t.later(from + 8 * HOUR - t.app.clock.now());
    let declared = json!({"from": from, "to": from + 7 * HOUR, "reason": "机房停电"});
    let answer = t.post("/api/v1/outages", &t.token("supervisor").await, declared).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    t.at(due.tomorrow().unwrap(), 1).await;
    let red = |case: &Value| marks(case).contains(&"R03 red".to_owned());
    assert!(!red(&t.case(&no, "reviewer").await));
    let next = calendar.next_working_day(due);
    t.at(next.tomorrow().unwrap(), 0).await;
    t.at(next.tomorrow().unwrap(), 13).await;
    assert!(red(&t.case(&no, "reviewer").await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_case_stops_no_other_and_is_parked_after_five_looks() {
    let t = TestApp::new().await;
    let (bad, good) = (t.submit(1).await, t.submit(2).await);
    // A body that no longer reads: every look at this case fails.
    t.app
        .writer
        .plain({
            let bad = bad.clone();
            move |conn| {
                let bad = bad.clone();
                Box::pin(
                    async move { conn.run("UPDATE cases SET body='{}' WHERE no=$1", vec![bad.into()]).await },
                )
            }
        })
        .await
        .unwrap();
    for hour in 0..6 {
        t.later(start_of_day_ms(date(2026, 3, 17)) + hour * HOUR - t.app.clock.now());
        jobs::look(&t.app).await.unwrap();
    }
    let seen = t.case(&good, "clerk").await;
    assert_eq!(seen["state"], "accepted");
    let lines = tongban::checkup::checkup(&t.app).await.unwrap();
    let said: Vec<&str> = lines.iter().filter(|l| !l.good).map(|l| l.text.as_str()).collect();
    assert!(said.iter().any(|text| text.contains("1个办件连续失败后被搁置")), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_for_trying_is_the_one_that_counts() {
    let t = TestApp::new().await;
    let body = json!({
        "regime": "licence", "statutory": {"n": 20, "unit": "working_day"}, "promised": {"n": 7, "unit": "working_day"},
        "today": "2024-03-06",
        "events": [{"type": "accepted", "on": "2024-02-01"}, {"type": "decided", "on": "2024-03-05"}],
    });
    t.post("/api/v1/clock/explain", "", body.clone()).await.is(401);
    t.post("/api/v1/clock/explain", &t.token("citizen").await, body.clone()).await.is(403);
    let manager = t.token("manager").await;
    let tried = t.post("/api/v1/clock/explain", &manager, body).await.ok();
    // February 2024: the festival from the 10th to the 17th, made up for on the 4th and the 18th.
    assert_eq!(tried["deadlines"]["promised"], "2024-02-09");
    assert_eq!(tried["deadlines"]["statutory"], "2024-03-05");
    assert_eq!(tried["deadlines"]["issue"], "2024-03-19");
    assert_eq!(tried["deadlines"]["notice"], Value::Null);
    assert_eq!(tried["deemed_accepted_on"], Value::Null);
    assert_eq!(tried["refused"], json!([]));
    assert!(tried["explanation"].as_array().unwrap().iter().any(|s| s["rule"] == "statutory"));

    let silent = json!({
        "regime": "licence", "today": "2024-03-11",
        "events": [
            {"type": "received", "on": "2024-03-01"},
            {"type": "supplement_requested", "on": "2024-03-11"},
            {"type": "extended", "on": "2024-03-11", "by": "representative", "n": 5},
            {"type": "extended", "on": "2024-03-11", "by": "agency_head", "n": 11},
            {"type": "extended", "on": "2024-03-11", "by": "agency_head", "n": 10},
        ],
    });
    let tried = t.post("/api/v1/clock/explain", &manager, silent).await.ok();
    assert_eq!(tried["deemed_accepted_on"], "2024-03-01");
    let refused: Vec<i64> =
        tried["refused"].as_array().unwrap().iter().map(|r| r["event"].as_i64().unwrap()).collect();
    assert_eq!(refused, [1, 2, 3]);
    // Thirty working days after 1 March 2024: Qingming is off from 4 to 6 April, 7 April is worked.
    assert_eq!(tried["deadlines"]["statutory"], "2024-04-15");

    let special = json!({
        "regime": "licence_joint", "today": "2026-12-31",
        "events": [
            {"type": "accepted", "on": "2026-11-02"},
            {"type": "special_started", "on": "2026-11-03", "kind": "expert_review"},
            {"type": "special_noticed", "on": "2026-11-05", "kind": "expert_review", "n": 5},
            {"type": "special_ended", "on": "2026-11-20", "kind": "expert_review"},
        ],
    });
    let tried = t.post("/api/v1/clock/explain", &manager, special).await.ok();
    assert_eq!(tried["excluded_working_days"], 5);
    assert_eq!(tried["provisional"], json!(["statutory", "promised"]));

    for (wrong, field) in [
        (json!({"regime": "x", "today": "2024-01-01", "events": []}), "regime"),
        (json!({"regime": "service", "today": "2024-01-01", "events": []}), "statutory"),
        (json!({"regime": "licence", "today": "1024-01-01", "events": []}), "today"),
        (
            json!({"regime": "licence", "today": "2024-01-01", "events": [], "promised": {"n": 1e9, "unit": "month"}}),
            "promised",
        ),
    ] {
        let answer = t.post("/api/v1/clock/explain", &manager, wrong).await.is(422);
        assert_eq!(answer["errors"][0]["field"], field, "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_receipt_starts_the_clock_on_its_own_day() {
    let t = TestApp::new().await;
    assert_eq!(tongban_domain::calendar::date_of_ms(START), date(2026, 3, 9));
    let entry = t.app.catalogue().entry("X03").unwrap().clone();
    let clerk = t.token("clerk").await;
    let file = |number: usize, day: &str| {
        json!({
            "item": crate::support::ITEM, "situation": entry.situations[0].key, "division": "130102001001",
            "answers": tongban::seed::sample_answers(&entry, number), "paper_received_on": day,
        })
    };
    let no = t.post("/api/v1/cases", &clerk, file(1, "2026-03-05")).await.ok()["no"].clone();
    let seen = t.case(no.as_str().unwrap(), "clerk").await;
    assert_eq!(seen["deadlines"]["notice"]["last_day"], "2026-03-12");
    assert_eq!(marks(&seen), ["P05 yellow"]);
    let wrong = t.post("/api/v1/cases", &clerk, file(2, "2026-03-10")).await.is(422);
    assert_eq!(wrong["errors"][0]["field"], "paper_received_on");
}
