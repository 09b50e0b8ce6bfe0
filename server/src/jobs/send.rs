//! A message on its way outside: words and address are looked up when it is sent, so that a channel switched off or an
//! address changed in the meantime counts. The duty's row is the key: the other side sees the same one every time.

use tongban_domain::case::Topic;

use crate::app::App;
use crate::contacts::Contact;
use crate::error::Error;
use crate::outside::{Channel, Letter};
use crate::store::jobs::JobRow;
use crate::store::messages;
use crate::wording::About;

/// Sends it; false when its reader does not want it any more.
pub(super) async fn run(app: &App, job: &JobRow, channel: Channel) -> Result<bool, Error> {
    let mut conn = app.db.read().await?;
    let message = messages::outgoing(&mut conn, job.subject).await?.ok_or(Error::NotFound("消息"))?;
    let rows = messages::contacts(&mut conn, &[message.account.into()]).await?;
    drop(conn);
    let Some(row) = rows.first().filter(|r| r.active) else { return Ok(false) };
    let contact = Contact::read(&app.secrets, row)?;
    if !contact.wants(channel) {
        return Ok(false);
    }
    let about = About {
        topic: Topic::parse(&message.topic),
        no: &message.no,
        entry: &message.entry,
        due: message.due.as_deref(),
    };
    let told = app.wording.tell(about, &app.catalogue(), &app.config.base_url);
    match (channel, &contact.mail, &contact.mobile) {
        (Channel::Mail, Some(to), _) => {
            let letter =
                Letter { subject: &told.title, text: &told.letter, key: job.id, at: app.clock.now() };
            app.outside.mail(to, letter).await?;
        }
        (Channel::Sms, _, Some(to)) => app.outside.sms(to, &told.text, job.id).await?,
        _ => return Ok(false),
    }
    Ok(true)
}
