//! The version of a case that a page has seen. The platform seals documents a moment after an act; that changes nothing a
//! reader decides on, so a page made before the seal is still up to date.

use tongban_domain::ids::CaseNo;

use crate::app::App;
use crate::casework::{self, Act, Done};
use crate::error::Error;
use crate::store::cases;

/// Seals that may fall between reading and writing before the caller is told to look again.
const TRIES: usize = 4;

/// Executes an act from a page that showed `seen`; what the platform sealed since then is no conflict.
///
/// # Errors
/// [`Error`]; nothing has changed then.
pub async fn execute(app: &App, act: Act, seen: Option<u32>) -> Result<Done, Error> {
    let Some(no) = act.case.clone() else { return casework::execute(app, act).await };
    let mut expected = seen;
    for _ in 0..TRIES {
        match casework::execute(app, act.clone().seen(expected)).await {
            Err(Error::Conflict(conflict)) if conflict.code == "stale_version" => {
                match (seen, only_sealed_since(app, &no, seen).await?) {
                    (Some(_), Some(now)) if Some(now) != expected => expected = Some(now),
                    _ => return Err(Error::Conflict(conflict)),
                }
            }
            other => return other,
        }
    }
    casework::execute(app, act.seen(expected)).await
}

/// The version now, when nothing but seals happened since the one that was seen.
async fn only_sealed_since(app: &App, no: &CaseNo, seen: Option<u32>) -> Result<Option<u32>, Error> {
    let mut conn = app.db.read().await?;
    let Some(case) = cases::id_of(&mut conn, no).await? else { return Ok(None) };
    let events = cases::events_of(&mut conn, case).await?;
    let since: Vec<_> = events.iter().filter(|e| seen.is_some_and(|s| e.sequence > s)).collect();
    let only_seals = since.iter().all(|e| e.kind == "document_sealed");
    Ok(since.last().filter(|_| only_seals).map(|e| e.sequence))
}
