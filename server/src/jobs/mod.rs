//! Duties that outlive a request: rows leased and run by every node, retried with growing pauses, parked and shown after
//! five failures. One broken case stops no other.

pub mod calendar;
mod seal;
mod watch;

use std::time::Duration;

use tongban_domain::ids::Id;

use crate::app::App;
use crate::error::Error;
use crate::store::accounts;
use crate::store::jobs::{self, JobRow};

/// How often the clocks are looked at while nothing is due. Deadlines end at midnight; seconds do not matter.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How long a lease holds.
const LEASE_MS: i64 = 60_000;
/// How many duties are taken at once.
const AT_ONCE: i64 = 16;
/// Failures after which a duty is parked.
const PARK_AFTER: i64 = 5;
/// Idempotency keys are kept this long.
const KEEP_KEYS_MS: i64 = 90 * 24 * 3_600_000;

/// Runs duties as they come, until the program ends.
pub fn spawn(app: App) {
    let sweeping = app.clone();
    let watching = app.clone();
    tokio::spawn(async move {
        loop {
            match watch::drain(&watching).await {
                Ok(0) => tokio::time::sleep(LOOK_EVERY).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "timers could not be taken");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    });
    tokio::spawn(async move {
        if let Err(error) = calendar::resume(&app).await {
            tracing::warn!(%error, "an edit of the calendar was not taken up again");
        }
        loop {
            match drain(&app).await {
                Ok(0) => {
                    let rung = tokio::time::timeout(Duration::from_secs(5), app.writer.duties());
                    // A time-out is the other way to wake up: duties of other nodes and retries ring no bell here.
                    drop(rung.await);
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "duties could not be taken");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    });
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            let now = sweeping.clock.now();
            let swept = sweeping
                .writer
                .plain(move |conn| Box::pin(accounts::sweep(conn, now, now - KEEP_KEYS_MS)))
                .await;
            if let Err(error) = swept {
                tracing::warn!(%error, "sweeping failed");
            }
        }
    });
}

/// Looks at the clocks that are due now, once; gives how many. Tests call it on demand.
///
/// # Errors
/// When timers cannot be leased.
pub async fn look(app: &App) -> Result<usize, Error> {
    watch::drain(app).await
}

/// Runs the duties that are due now, once; gives how many. Tests call it on demand.
///
/// # Errors
/// When duties cannot be leased.
pub async fn drain(app: &App) -> Result<usize, Error> {
    let now = app.clock.now();
    let leased = app
        .writer
        .plain(move |conn| Box::pin(async move { jobs::lease(conn, now, now + LEASE_MS, AT_ONCE).await }))
        .await?;
    let count = leased.len();
    let mut running = tokio::task::JoinSet::new();
    for job in leased {
        let app = app.clone();
        running.spawn(async move { run(&app, job).await });
        if running.len() >= 2 {
            running.join_next().await;
        }
    }
    while running.join_next().await.is_some() {}
    Ok(count)
}

/// Runs the duty about one subject ahead of its turn; tells whether it was there to be run.
///
/// # Errors
/// When it cannot be leased.
pub async fn hurry(app: &App, subject: Id) -> Result<bool, Error> {
    let now = app.clock.now();
    let leased = app
        .writer
        .plain(move |conn| {
            Box::pin(async move { jobs::lease_about(conn, subject, now, now + LEASE_MS).await })
        })
        .await?;
    match leased {
        Some(job) => run(app, job).await,
        None => return Ok(false),
    }
    Ok(true)
}

async fn run(app: &App, job: JobRow) {
    let outcome = match job.kind.as_str() {
        "seal" => seal::run(app, &job).await,
        "calendar" => calendar::run(app).await,
        other => Err(Error::Fault(crate::error::Fault::plain(format!("unknown duty {other}")))),
    };
    let id = job.id;
    let settled = match outcome {
        Ok(()) => app.writer.plain(move |conn| Box::pin(async move { jobs::done(conn, id).await })).await,
        Err(error) => {
            let parked = job.attempts + 1 >= PARK_AFTER;
            let again = app.clock.now() + 1000 * (1 << job.attempts.clamp(0, 10));
            let text = error.to_string();
            tracing::warn!(job = id.get(), case = job.case.get(), %text, parked, "a duty failed");
            app.writer
                .plain(move |conn| {
                    let text = text.clone();
                    Box::pin(async move { jobs::failed(conn, id, again, parked, &text).await })
                })
                .await
        }
    };
    if let Err(error) = settled {
        // The lease runs out and the duty is taken again; sealing is idempotent.
        tracing::warn!(%error, "a duty's end was not recorded");
    }
}
