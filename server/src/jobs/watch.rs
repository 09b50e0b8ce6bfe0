//! The watch over the clocks: timers that are due are leased and run as commands, so that many cases are looked at in one
//! transaction. What a look leaves to do is set by the act itself; here only failures are kept.

use tongban_domain::case::Command;
use tongban_domain::ids::CaseNo;
use tongban_domain::permit::Actor;

use super::{LEASE_MS, PARK_AFTER};
use crate::app::App;
use crate::casework::{self, Act};
use crate::error::Error;
use crate::store::watch::{self, TimerRow};

/// How many timers are taken at once: half a transaction of the writer, so that people's acts stand in the same one and
/// wait for no more than that.
const AT_ONCE: i64 = 32;

/// Runs the timers that are due now, once; gives how many.
pub(super) async fn drain(app: &App) -> Result<usize, Error> {
    let now = app.clock.now();
    let leased = app
        .writer
        .plain(move |conn| {
            Box::pin(async move { watch::lease_timers(conn, now, now + LEASE_MS, AT_ONCE).await })
        })
        .await?;
    let count = leased.len();
    let mut looking = tokio::task::JoinSet::new();
    for timer in leased {
        let app = app.clone();
        looking.spawn(async move { look(&app, timer).await });
    }
    while looking.join_next().await.is_some() {}
    Ok(count)
}

/// One look. It needs no key: a mark is raised once for what it is about, silence accepts once, and the timer moves in the
/// same transaction; a look that is repeated finds nothing to do.
async fn look(app: &App, timer: TimerRow) {
    let outcome = match CaseNo::parse(&timer.no) {
        Ok(no) => casework::execute(app, Act::on(Actor::Platform, no, Command::Watch)).await.map(|_| ()),
        Err(_) => Err(Error::NotFound("办件")),
    };
    let Err(error) = outcome else { return };
    let parked = timer.attempts + 1 >= PARK_AFTER;
    let again = app.clock.now() + 1000 * (1 << timer.attempts.clamp(0, 10));
    let text = error.to_string();
    tracing::warn!(case = timer.case.get(), %text, parked, "a look at the clock failed");
    let case = timer.case;
    let noted = app
        .writer
        .plain(move |conn| {
            let text = text.clone();
            Box::pin(async move { watch::timer_failed(conn, case, again, parked, &text).await })
        })
        .await;
    if let Err(error) = noted {
        // The lease runs out and the timer is taken again.
        tracing::warn!(%error, "a failed look was not recorded");
    }
}
