//! Outages (停机): declared, ended and taken back by supervisors and administrators, or found by the program when it starts
//! after a silence. They keep marks away and are shown to everyone; they move no legal deadline.

use tongban_domain::case::{Outage, touches_working_hours};
use tongban_domain::ids::Id;
use tongban_domain::item::{FieldError, parse_date};

use crate::app::App;
use crate::error::{Error, Fault, invalid};
use crate::store::outages::{self, OutageRow};
use crate::store::{Conn, DbResult, accounts};

/// How often the program notes that it is alive.
pub const BEAT_MS: i64 = 60_000;
/// A silence longer than this was an outage, if it touched office hours.
const SILENCE_MS: i64 = 30 * 60_000;
/// Longest reason, in characters.
const MOST_REASON: usize = 200;
const HEARTBEAT: &str = "heartbeat";

/// What somebody declares.
#[derive(Debug, Clone)]
pub struct Declared {
    /// From when, and until when if it is over.
    pub span: Outage,
    /// Why, for everyone to read.
    pub reason: String,
}

/// A moment as people write it: 2026-03-09 09:30.
pub fn moment_asked(text: &str) -> Option<i64> {
    let text = text.trim().replace('T', " ").replace('：', ":");
    let (day, time) = text.rsplit_once(' ')?;
    let (hour, minute) = time.split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let inside = (0..24).contains(&hour) && (0..60).contains(&minute);
    let day = parse_date(day.trim()).filter(|_| inside)?;
    Some(tongban_domain::calendar::start_of_day_ms(day) + (hour * 60 + minute) * 60_000)
}

/// Checks what is declared: begun, and over after it began.
///
/// # Errors
/// Every field that is not right.
pub fn checked(now: i64, span: Outage, reason: &str) -> Result<Declared, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, label: &str, message: &str| {
        errors.push(FieldError::new(field, label, message, format!("{field} is not right")));
    };
    if span.from > now {
        wrong("from", "从何时起", "请改为已经过去的时间：还没有发生的停机不能登记");
    }
    if span.to.is_some_and(|to| to <= span.from || to > now) {
        wrong("to", "到何时止", "请改为开始之后、现在之前的时间；还没有恢复的请留空");
    }
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MOST_REASON {
        wrong("reason", "原因", "请输入原因，200个字以内，所有人都看得到");
    }
    if errors.is_empty() { Ok(Declared { span, reason: reason.to_owned() }) } else { Err(errors) }
}

/// Declares an outage.
///
/// # Errors
/// [`Error`].
pub async fn declare(app: &App, by: Id, declared: Declared) -> Result<OutageRow, Error> {
    let now = app.clock.now();
    let row = OutageRow {
        id: app.ids.block(now),
        span: declared.span,
        reason: declared.reason,
        declared_by: by,
        declared_at: now,
        withdrawn_at: None,
    };
    let kept = row.clone();
    app.writer
        .plain(move |conn| {
            let row = kept.clone();
            Box::pin(async move { outages::insert(conn, &row).await })
        })
        .await?;
    refresh(app).await?;
    Ok(row)
}

/// Ends an outage, now or at a moment before.
///
/// # Errors
/// [`Error::NotFound`] when there is none that lasts; [`Error::Invalid`] when it would end before it began.
pub async fn end(app: &App, id: Id, at: Option<i64>) -> Result<(), Error> {
    let now = app.clock.now();
    let at = at.unwrap_or(now);
    let known = outages::find(&mut app.db.read().await?, id).await?;
    let known = known.filter(|o| o.span.to.is_none() && o.withdrawn_at.is_none());
    let known = known.ok_or(Error::NotFound("还没有结束的停机"))?;
    if at > now || at <= known.span.from {
        let message = "请改为开始之后、现在之前的时间";
        return Err(invalid("to", "到何时止", message, "the end lies outside"));
    }
    app.writer.plain(move |conn| Box::pin(async move { outages::end(conn, id, at).await })).await?;
    refresh(app).await
}

/// Takes an outage back: it was none, or was declared wrongly.
///
/// # Errors
/// [`Error::NotFound`] when there is none to take back.
pub async fn withdraw(app: &App, id: Id) -> Result<(), Error> {
    let now = app.clock.now();
    let withdrawn =
        app.writer.plain(move |conn| Box::pin(async move { outages::withdraw(conn, id, now).await })).await?;
    if withdrawn == 0 {
        return Err(Error::NotFound("可以撤回的停机记录"));
    }
    refresh(app).await
}

/// Looks whether an outage lasts, for the notice on every page.
///
/// # Errors
/// [`Error`].
pub async fn refresh(app: &App) -> Result<(), Error> {
    let open = outages::open(&mut app.db.read().await?).await?;
    app.show_outage(open);
    Ok(())
}

/// Notes that the program is alive.
///
/// # Errors
/// [`Error`].
pub async fn beat(app: &App) -> Result<(), Error> {
    let now = app.clock.now().to_string();
    app.writer
        .plain(move |conn| {
            let now = now.clone();
            Box::pin(async move { accounts::set_setting(conn, HEARTBEAT, &now).await })
        })
        .await?;
    Ok(())
}

/// At the start: a long silence that touched office hours is recorded as an outage, once, whichever node starts first.
/// Gives whether one was recorded.
///
/// # Errors
/// [`Fault`].
pub async fn notice_silence(app: &App) -> Result<bool, Fault> {
    let now = app.clock.now();
    let (catalogue, id) = (app.catalogue(), app.ids.block(now));
    let recorded = app
        .writer
        .plain(move |conn| {
            let catalogue = catalogue.clone();
            Box::pin(async move {
                let Some(last) = last_beat(conn, now).await? else { return Ok(false) };
                if now - last <= SILENCE_MS || !touches_working_hours(last, now, &catalogue.calendar) {
                    return Ok(false);
                }
                let found = OutageRow {
                    id,
                    span: Outage { from: last, to: Some(now) },
                    reason: "程序没有运行，重新启动时发现".into(),
                    declared_by: Id::from(0),
                    declared_at: now,
                    withdrawn_at: None,
                };
                outages::insert(conn, &found).await?;
                Ok(true)
            })
        })
        .await;
    match recorded {
        Ok(recorded) => refresh(app).await.map(|()| recorded).map_err(|e| Fault::plain(e.to_string())),
        Err(error) => Err(Fault::plain(error.to_string())),
    }
}

/// The last sign of life, taken over: only one of two nodes that start together gets it.
async fn last_beat(conn: &mut Conn, now: i64) -> DbResult<Option<i64>> {
    let last = accounts::setting(conn, HEARTBEAT).await?;
    match last {
        None => accounts::set_setting(conn, HEARTBEAT, &now.to_string()).await.map(|_| None),
        Some(last) => {
            let taken = accounts::replace_setting(conn, HEARTBEAT, &last, &now.to_string()).await?;
            Ok(last.parse().ok().filter(|_| taken == 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_people_write_it() {
        let at = moment_asked("2026-03-09 10:00");
        assert_eq!(at, Some(1_773_021_600_000));
        assert_eq!(moment_asked("2026-03-09T10:00"), at);
        assert_eq!(moment_asked("2026年3月9日 10：00"), at);
        for wrong in ["2026-03-09", "10:00", "2026-03-09 24:00", "2026-02-30 10:00", ""] {
            assert_eq!(moment_asked(wrong), None, "{wrong}");
        }
    }
}
