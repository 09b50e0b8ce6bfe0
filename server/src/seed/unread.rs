//! What the demo people have not read yet.

use std::collections::BTreeMap;

use tongban_domain::permit::Actor;

use crate::app::App;
use crate::error::Error;
use crate::store::messages::{self, Reader};

/// Messages of the demo people that stay unread; a badge that says a hundred helps nobody to look around.
const UNREAD: usize = 3;

/// Marks what the sample cases told as read, save the newest few.
pub(super) async fn leave_few(app: &App, people: &BTreeMap<&'static str, Actor>) -> Result<(), Error> {
    let now = app.clock.now();
    for actor in people.values() {
        let account = actor.account();
        let reader = Reader { account, post: actor.post() };
        let newest = messages::list(&mut app.db.read().await?, reader, i64::MAX, UNREAD + 1).await?;
        let Some(last) = newest.get(UNREAD).map(|m| m.id) else { continue };
        app.writer
            .plain(move |conn| Box::pin(async move { messages::mark_up_to(conn, account, last, now).await }))
            .await?;
    }
    Ok(())
}
