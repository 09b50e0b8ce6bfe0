//! Deriving deadlines anew after the calendar was edited: a walk over the open cases in small batches. Where it stands is
//! a row, written with each batch, so a restart goes on and two nodes never do one batch twice; the writer is asked only
//! for what changed.

use tongban_domain::calendar::{Calendar, ChangedDay};
use tongban_domain::case::{Case, Moved, moved, next_wake};

use crate::app::{App, edited_calendar};
use crate::calendar;
use crate::catalogue::Catalogue;
use crate::enquiries;
use crate::error::{Error, Fault};
use crate::store::calendar::{self as rows, MovedRow, Pass};
use crate::store::cases::{NEVER, Stored};
use crate::store::watch::{self, TimerRow};

/// Cases of one batch.
const BATCH: usize = 256;
/// Batches under one lease; a longer walk goes on under the next.
const BATCHES: usize = 16;

pub(super) async fn run(app: &App) -> Result<(), Error> {
    for _ in 0..BATCHES {
        if !step(app, BATCH).await? {
            return Ok(());
        }
    }
    let (id, now) = (app.ids.block(app.clock.now()), app.clock.now());
    let target = app.catalogue().calendar_version;
    app.writer.plain(move |conn| Box::pin(async move { calendar::queue(conn, id, target, now).await })).await
}

/// Leaves the duty again when an edit was never carried through, whatever became of its own.
///
/// # Errors
/// [`Error`].
pub async fn resume(app: &App) -> Result<(), Error> {
    let now = app.clock.now();
    if !rows::is_pending(&mut app.db.read().await?).await? {
        return Ok(());
    }
    let (id, target) = (app.ids.block(now), app.catalogue().calendar_version);
    app.writer
        .plain(move |conn| {
            Box::pin(async move { calendar::queue(conn, id, target, now + calendar::SETTLE_MS).await })
        })
        .await
}

/// What a pass compares.
struct Comparison {
    before: Calendar,
    after: Calendar,
    changed: Vec<ChangedDay>,
}

/// One batch of the pass under way, or of a new one when something was edited since the last; whether there is more.
///
/// # Errors
/// [`Error`]; nothing of the batch is kept then.
pub async fn step(app: &App, size: usize) -> Result<bool, Error> {
    calendar::refresh(app).await?;
    let Some(pass) = under_way(app).await? else { return Ok(false) };
    let catalogue = app.catalogue();
    let mut conn = app.db.read().await?;
    let (before, _) = edited_calendar(&mut conn, pass.base).await?;
    let (after, _) = edited_calendar(&mut conn, pass.target).await?;
    let edits = rows::edits(&mut conn, pass.target).await?;
    let open = rows::open_cases(&mut conn, pass.after, size).await?;
    drop(conn);
    let changed = calendar::changed_days(&edits, pass.base, &before, &after);
    let comparison = Comparison { before, after, changed };
    let now = app.clock.now();
    let (mut due, mut records, mut timers) = (Vec::new(), Vec::new(), Vec::new());
    for stored in &open {
        let due_at = catalogue.pressing(&stored.case).map_or(NEVER, |d| d.at());
        if due_at != stored.due_at {
            due.push((stored.case.id, stored.case.version, due_at));
        }
        timers.extend(timer(&catalogue, &comparison, &stored.case));
        records.extend(compare(&catalogue, &comparison, stored, (pass.target, now)));
    }
    let more = open.len() == size;
    let next = Pass {
        after: open.last().map_or(pass.after, |s| s.case.id.get()),
        seen: pass.seen + open.len() as i64,
        moved: pass.moved + records.len() as i64,
        ..pass
    };
    if !more {
        enquiries::derive_anew(app).await?;
    }
    app.writer
        .plain(move |conn| {
            let (due, records, timers) = (due.clone(), records.clone(), timers.clone());
            Box::pin(async move {
                rows::set_due(conn, &due).await?;
                rows::insert_moved(conn, &records).await?;
                watch::set_timers(conn, &timers).await?;
                rows::advance_pass(conn, pass, next, (!more).then_some(now)).await
            })
        })
        .await?;
    // Edits that came meanwhile get a pass of their own.
    Ok(more || rows::is_pending(&mut app.db.read().await?).await?)
}

/// The pass to go on with; begun when the last one ended before the newest edit.
async fn under_way(app: &App) -> Result<Option<Pass>, Error> {
    let mut conn = app.db.read().await?;
    if let Some(pass) = rows::open_pass(&mut conn).await? {
        return Ok(Some(pass));
    }
    let base = rows::last_pass(&mut conn).await?.map_or(0, |(pass, _)| pass.target);
    drop(conn);
    let (target, now) = (app.catalogue().calendar_version, app.clock.now());
    if target <= base {
        return Ok(None);
    }
    app.writer
        .plain(move |conn| Box::pin(async move { rows::begin_pass(conn, target, base, now).await }))
        .await?;
    let pass = rows::open_pass(&mut app.db.read().await?).await?;
    pass.map(Some).ok_or_else(|| Fault::plain("another node is deriving deadlines").into())
}

/// The timer of a case whose next look moved with the calendar.
fn timer(catalogue: &Catalogue, comparison: &Comparison, case: &Case) -> Option<TimerRow> {
    let regime = catalogue.regime_of(case)?;
    let wake = |calendar: &Calendar| next_wake(case, regime, calendar, &catalogue.rules);
    let after = wake(&comparison.after);
    (after != wake(&comparison.before)).then(|| TimerRow {
        case: case.id,
        no: case.no.as_str().to_owned(),
        run_at: after.unwrap_or(NEVER),
        attempts: 0,
    })
}

fn compare(
    catalogue: &Catalogue,
    comparison: &Comparison,
    stored: &Stored,
    (version, at): (i64, i64),
) -> Vec<MovedRow> {
    let Some(regime) = catalogue.regime_of(&stored.case) else { return Vec::new() };
    moved(&stored.case, regime, &comparison.before, &comparison.after)
        .into_iter()
        .map(|moved| MovedRow {
            case: stored.case.id,
            version,
            moved,
            rules: rules(&stored.case, comparison, moved),
            at,
        })
        .collect()
}

/// The changed days inside the count of a deadline: between the case's first day and the later of the two last days.
fn rules(case: &Case, comparison: &Comparison, moved: Moved) -> Vec<ChangedDay> {
    let last = moved.from.max(moved.to);
    let inside = |c: &&ChangedDay| case.ledger.submitted < c.date && c.date <= last;
    comparison.changed.iter().filter(inside).cloned().collect()
}
