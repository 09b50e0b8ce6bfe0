//! The batching writer: one wins, nothing twice, a fixed number of statements, the same bytes in any batches.

use std::sync::Arc;

use serde_json::json;
use tongban::casework::{Act, execute};
use tongban::error::Error;
use tongban_domain::case::{Command, Submission};
use tongban_domain::ids::CaseNo;

use crate::support::TestApp;

async fn actor(t: &TestApp, name: &str) -> tongban_domain::permit::Actor {
    let token = t.token(name).await;
    tongban::signin::caller(&t.app, &token).await.unwrap().actor
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_act_at_once_and_one_wins() {
    let t = Arc::new(TestApp::new().await);
    let no = CaseNo::parse(&t.case_in("received").await).unwrap();
    let clerk = actor(&t, "clerk").await;
    let checks = tongban::seed::all_right(t.app.catalogue().entry("X03").unwrap());
    let acts = (0..8).map(|_| {
        let (t, clerk, no, checks) = (Arc::clone(&t), clerk.clone(), no.clone(), checks.clone());
        tokio::spawn(async move {
            let act = Act::on(clerk, no, Command::Accept { checks: checks.clone() }).seen(Some(2));
            execute(&t.app, act).await
        })
    });
    let mut won = 0;
    for act in acts {
        match act.await.unwrap() {
            Ok(done) => {
                won += 1;
                assert_eq!(done.case.version, 3);
            }
            Err(Error::Conflict(conflict)) => assert_eq!(conflict.state, "accepted"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_statements_does_not_grow_with_the_batch() {
    let t = Arc::new(TestApp::new().await);
    let clerk = actor(&t, "clerk").await;
    let mut nos = Vec::new();
    for number in 0..20 {
        nos.push(CaseNo::parse(&t.submit(number).await).unwrap());
        t.later(1000);
    }
    let run = |nos: Vec<CaseNo>| {
        let (t, clerk) = (Arc::clone(&t), clerk.clone());
        async move {
            let (before, (batches, _)) = (t.app.db.statements(), t.app.writer.counted());
            // A slow first write holds the writer, so that what follows waits together.
            let gate = {
                let t = Arc::clone(&t);
                tokio::spawn(async move {
                    t.app
                        .writer
                        .plain(|_| {
                            Box::pin(async {
                                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                                Ok(())
                            })
                        })
                        .await
                })
            };
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            let acts = nos.into_iter().map(|no| {
                let (t, clerk) = (Arc::clone(&t), clerk.clone());
                tokio::spawn(async move { execute(&t.app, Act::on(clerk, no, Command::Receive)).await })
            });
            for act in acts.collect::<Vec<_>>() {
                act.await.unwrap().unwrap();
            }
            gate.await.unwrap().unwrap();
            (t.app.db.statements() - before, t.app.writer.counted().0 - batches)
        }
    };
    // The first receipts of the day make the counters; what follows only draws from them.
    run(nos.drain(..2).collect()).await;
    let two = run(nos.drain(..2).collect()).await;
    let many = run(nos).await;
    assert_eq!((two.1, many.1), (2, 2), "each ran as one batch behind the gate");
    assert_eq!(two.0, many.0, "2 acts took {} statements, 16 took {}", two.0, many.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_says_come_back_and_loses_nothing() {
    let t = Arc::new(TestApp::with(|c| c.queue = 2).await);
    let no = CaseNo::parse(&t.submit(1).await).unwrap();
    let clerk = actor(&t, "clerk").await;
    let gate = {
        let t = Arc::clone(&t);
        tokio::spawn(async move {
            t.app
                .writer
                .plain(|_| {
                    Box::pin(async {
                        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
                        Ok(())
                    })
                })
                .await
        })
    };
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let acts: Vec<_> = (0..10)
        .map(|_| {
            let (t, clerk, no) = (Arc::clone(&t), clerk.clone(), no.clone());
            tokio::spawn(async move { execute(&t.app, Act::on(clerk, no, Command::Receive)).await })
        })
        .collect();
    let mut busy = 0;
    for act in acts {
        if let Err(Error::Busy) = act.await.unwrap() {
            busy += 1;
        }
    }
    gate.await.unwrap().unwrap();
    assert!(busy >= 7, "{busy}");
    let token = t.token("clerk").await;
    let seen = t.get(&format!("/api/v1/cases/{no}"), &token).await.ok();
    assert_eq!(seen["version"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_acts_in_any_batches_leave_the_same_bytes() {
    async fn record(together: bool) -> Vec<String> {
        let t = Arc::new(TestApp::new().await);
        let mut nos = Vec::new();
        let clerk = actor(&t, "clerk").await;
        let entry = t.app.catalogue().entry("X03").unwrap().clone();
        // Filed at the window, where nothing is uploaded: what an upload adds is chance by design (salts, nonces).
        for number in 0..6 {
            let submission = Submission {
                item: crate::support::ITEM.into(),
                situation: entry.situations[0].key.clone(),
                division: tongban_domain::ids::DivisionCode::parse("130102001001").unwrap(),
                answers: tongban::seed::sample_answers(&entry, number),
                files: Vec::new(),
                paper_received_on: None,
            };
            let act = Act {
                actor: clerk.clone(),
                case: None,
                command: Command::Submit(Box::new(submission)),
                key: None,
                expected: None,
            };
            nos.push(execute(&t.app, act).await.unwrap().case.no.as_str().to_owned());
        }
        let checks = tongban::seed::all_right(t.app.catalogue().entry("X03").unwrap());
        let acts: Vec<Act> = nos
            .iter()
            .flat_map(|no| {
                let no = CaseNo::parse(no).unwrap();
                [
                    Act::on(clerk.clone(), no.clone(), Command::Receive),
                    Act::on(clerk.clone(), no, Command::Accept { checks: checks.clone() }),
                ]
            })
            .collect();
        if together {
            let waiting: Vec<_> = acts.into_iter().map(|act| execute(&t.app, act)).collect();
            for done in futures_util::future::join_all(waiting).await {
                done.unwrap();
            }
        } else {
            for act in acts {
                execute(&t.app, act).await.unwrap();
            }
        }
        let mut conn = t.app.db.read().await.unwrap();
        let rows = conn
            .rows("SELECT kind, payload, digest, node, number FROM events ORDER BY node, number", vec![])
            .await
            .unwrap();
        let cases = conn.rows("SELECT body, due_at, head FROM cases ORDER BY id", vec![]).await.unwrap();
        rows.iter().chain(&cases).map(|r| format!("{r:?}")).collect()
    }
    let (alone, together) = (record(false).await, record(true).await);
    assert_eq!(alone.len(), 24);
    assert_eq!(alone, together);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_knows_the_writer() {
    let t = TestApp::new().await;
    let health = t.get("/healthz", "").await.ok();
    assert_eq!(health["ready"], true);
    assert_eq!(health["writer"], json!(true));
}
