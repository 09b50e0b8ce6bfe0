//! Messages as rows of the act that caused them: one to each account that is told, one to each desk, and a duty for every
//! way outside that is configured and that the reader has an address for and wants.

use tongban_domain::case::{Audience, Case, Command, Due, IDS_PER_ACT, Telling, Urgency};
use tongban_domain::ids::Id;

use super::Act;
use super::batch::Desk;
use super::decide::Change;
use crate::app::Core;
use crate::contacts::Contact;
use crate::outside::Channel;
use crate::store::jobs::JobRow;
use crate::store::messages::{DeskMessageRow, MessageRow, News};

/// The accounts an act may tell something by mail or SMS; none when there is no way outside.
pub(super) fn reachable<'a>(
    core: &'a Core,
    act: &'a Act,
    case: Option<&'a Case>,
) -> impl Iterator<Item = Id> + 'a {
    let configured = Channel::ALL.into_iter().any(|c| core.outside.has(c));
    let new = matches!(act.command, Command::Submit(_)).then(|| act.actor.account());
    let assigned = if let Command::Assign { officer } = &act.command { Some(*officer) } else { None };
    // A mark concerns whoever received or decided the case, too.
    let known = case
        .into_iter()
        .flat_map(|c| [c.applicant, c.officer, c.hands.received_by, c.hands.decided_by])
        .flatten();
    known.chain(new).chain(assigned).filter(move |_| configured)
}

/// What an act told, ready to become rows.
pub(super) struct Told<'a> {
    /// The case after the act.
    pub case: &'a Case,
    /// The deadline that presses now.
    pub due: Option<Due>,
    /// Who acted.
    pub by: Id,
    /// Epoch milliseconds.
    pub now: i64,
    /// Who is told what, with the event's position.
    pub tellings: Vec<(Telling, u32)>,
}

/// Adds the rows of what was told.
pub(super) fn rows(core: &Core, desk: &Desk, told: Told<'_>, change: &mut Change) {
    let news = told.tellings.iter().filter(|(telling, _)| telling.is_news_after(told.by));
    // One block of ids after another: a look that raises many marks tells many.
    let blocks = std::iter::repeat_with(|| core.ids.block(told.now).get());
    let mut ids = blocks.flat_map(|first| (first..first + IDS_PER_ACT).map(Id::from));
    for (telling, sequence) in news {
        let Some(id) = ids.next() else { continue };
        let news = News {
            case: told.case.id,
            sequence: *sequence,
            at: told.now,
            topic: telling.topic.as_str(),
            due: told.due.map(|d| d.last_day.to_string()),
        };
        match &telling.audience {
            Audience::Desk { agency, role } => {
                change.desk_messages.push(DeskMessageRow {
                    id,
                    agency: agency.clone(),
                    role: role.as_str(),
                    news,
                });
            }
            Audience::Applicant(account) | Audience::Officer(account) => {
                change.messages.push(MessageRow { id, account: *account, news });
                if telling.topic.urgency() == Urgency::Sent {
                    let ways = Channel::ALL.into_iter().filter(|c| wants(core, desk, *account, *c));
                    change.jobs.extend(ways.zip(ids.by_ref()).map(|(channel, job)| JobRow {
                        id: job,
                        kind: channel.as_str().into(),
                        case: told.case.id,
                        subject: id,
                        run_at: told.now,
                        attempts: 0,
                    }));
                }
            }
        }
    }
}

fn wants(core: &Core, desk: &Desk, account: Id, channel: Channel) -> bool {
    let Some(row) = desk.contacts.iter().find(|c| c.account == account && c.active) else { return false };
    // An address that cannot be read back stops no case: whoever sends will say so.
    core.outside.has(channel) && Contact::read(&core.secrets, row).is_ok_and(|contact| contact.wants(channel))
}
