//! Duties that outlive a request: rows leased and run by every node, retried with growing pauses, parked and shown after
//! five failures. One broken case stops no other.

pub mod calendar;
mod seal;
mod send;
mod watch;

use std::time::Duration;

use tongban_domain::ids::Id;

use crate::app::App;
use crate::error::Error;
use crate::outside::Channel;
use crate::store::jobs::{self, JobRow, Lane};
use crate::store::{accounts, messages};

/// How often the clocks are looked at while nothing is due. Deadlines end at midnight; seconds do not matter.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How long a lease holds.
const LEASE_MS: i64 = 60_000;
/// How many duties of a lane are taken at once. What waits for the other side of a network is few and run together, so
/// that the slowest is answered within the lease.
const AT_ONCE: [i64; 2] = [16, 8];
/// Failures after which a duty is parked.
const PARK_AFTER: i64 = 5;
/// Idempotency keys are kept this long.
const KEEP_KEYS_MS: i64 = 90 * 24 * 3_600_000;

/// Runs duties as they come, until the program ends.
pub fn spawn(app: App) {
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
    let resuming = app.clone();
    tokio::spawn(async move {
        if let Err(error) = calendar::resume(&resuming).await {
            tracing::warn!(%error, "an edit of the calendar was not taken up again");
        }
    });
    for lane in [Lane::Inside, Lane::Outside] {
        tokio::spawn(run_lane(app.clone(), lane));
    }
    let sweeping = app;
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

async fn run_lane(app: App, lane: Lane) {
    loop {
        match take(&app, lane).await {
            Ok(0) => {
                let rung = tokio::time::timeout(Duration::from_secs(5), app.writer.duties(lane));
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
}

/// Runs the duties that are due now, once; gives how many. Tests call it on demand.
///
/// # Errors
/// When duties cannot be leased.
pub async fn drain(app: &App) -> Result<usize, Error> {
    Ok(take(app, Lane::Inside).await? + take(app, Lane::Outside).await?)
}

async fn take(app: &App, lane: Lane) -> Result<usize, Error> {
    let now = app.clock.now();
    let most = AT_ONCE[lane as usize];
    let leased = app
        .writer
        .plain(move |conn| Box::pin(async move { jobs::lease(conn, lane, now, now + LEASE_MS, most).await }))
        .await?;
    let count = leased.len();
    let together = if lane == Lane::Inside { 2 } else { count };
    let mut running = tokio::task::JoinSet::new();
    for job in leased {
        let app = app.clone();
        running.spawn(async move { run(&app, job).await });
        if running.len() >= together {
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

/// What came of a duty.
enum Done {
    /// Nothing else is to be noted.
    Quietly,
    /// The message went out.
    Sent(Channel),
}

async fn run(app: &App, job: JobRow) {
    let channel = Channel::parse(&job.kind);
    let outcome = match (job.kind.as_str(), channel) {
        ("seal", _) => seal::run(app, &job).await.map(|()| Done::Quietly),
        ("calendar", _) => calendar::run(app).await.map(|()| Done::Quietly),
        (_, Some(channel)) => {
            let sent = send::run(app, &job, channel).await;
            sent.map(|sent| if sent { Done::Sent(channel) } else { Done::Quietly })
        }
        (other, None) => Err(Error::Fault(crate::error::Fault::plain(format!("unknown duty {other}")))),
    };
    let settled = match outcome {
        Ok(done) => finish(app, &job, done).await,
        Err(error) => put_off(app, &job, &error).await,
    };
    if let Err(error) = settled {
        // The lease runs out and the duty is taken again; sealing is idempotent, and a message keeps its key.
        tracing::warn!(%error, "a duty's end was not recorded");
    }
}

async fn finish(app: &App, job: &JobRow, done: Done) -> Result<u64, Error> {
    let (id, message, now) = (job.id, job.subject, app.clock.now());
    let by_mail = match done {
        Done::Quietly => None,
        Done::Sent(channel) => Some(channel == Channel::Mail),
    };
    app.writer
        .plain(move |conn| {
            Box::pin(async move {
                if let Some(by_mail) = by_mail {
                    messages::went_out(conn, message, by_mail, now).await?;
                }
                jobs::done(conn, id).await
            })
        })
        .await
}

async fn put_off(app: &App, job: &JobRow, error: &Error) -> Result<u64, Error> {
    let id = job.id;
    let parked = job.attempts + 1 >= PARK_AFTER;
    let again = app.clock.now() + pause(Lane::of(&job.kind), job.attempts);
    let text = error.to_string();
    tracing::warn!(job = id.get(), case = job.case.get(), %text, parked, "a duty failed");
    app.writer
        .plain(move |conn| {
            let text = text.clone();
            Box::pin(async move { jobs::failed(conn, id, again, parked, &text).await })
        })
        .await
}

/// How long a duty rests after a failure. Outside the house things take longer to come back: a relay that restarts
/// within half an hour parks nothing.
fn pause(lane: Lane, failures: i64) -> i64 {
    match lane {
        Lane::Inside => 1000 << failures.clamp(0, 10),
        Lane::Outside => 30_000 << (2 * failures.clamp(0, 5)),
    }
}
