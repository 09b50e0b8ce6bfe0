//! Enquiries (咨询) under first-asked responsibility (首问负责): whoever is asked first answers for it until somebody else
//! takes it over and says so. Knows no text of what was asked; storage keeps it encrypted.

use jiff::civil::Date;

use crate::calendar::Calendar;
use crate::case::Refusal;
use crate::ids::Id;
use crate::permit::{Actor, Role};

/// 答复期限: an enquiry is answered within so many working days, unless an installation says otherwise.
pub const ANSWER_WITHIN_WORKING_DAYS: u32 = 1;

/// 咨询: what somebody asked outside or beside a case, and who answers for it.
#[doc(alias = "咨询")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enquiry {
    /// Agency where it was asked.
    pub agency: String,
    /// Scope path of that agency.
    pub scope: String,
    /// 首问负责人
    pub first: Id,
    /// Who answers for it now.
    pub holder: Id,
    /// Their agency.
    pub holder_agency: String,
    /// Scope path of that agency.
    pub holder_scope: String,
    /// To whom it was handed over without having been taken yet.
    pub offered: Option<Offer>,
    /// Whether it was answered.
    pub answered: bool,
}

/// 交接: to a colleague, or to the window of an agency, whoever is there.
#[doc(alias = "交接")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Agency.
    pub agency: String,
    /// The colleague; none: anyone of the agency.
    pub account: Option<Id>,
}

/// What can be asked of an enquiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnquiryAct {
    /// Hand it over; until the receiver acknowledges, the giver stays answerable.
    HandOver(Offer),
    /// Take it over.
    Acknowledge,
    /// Answer it.
    Answer,
    /// Say which case it is about.
    Link,
}

/// The enquiries somebody can see; becomes the WHERE of list, page, export and API alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnquirySight {
    /// None.
    Nothing,
    /// Those asked at, held by or handed to an agency.
    Agency(String),
    /// Those asked or held anywhere under a scope path.
    Under(String),
}

/// The enquiries an actor can see.
pub fn enquiries_seen(actor: &Actor) -> EnquirySight {
    match actor.post() {
        Some(post) => match post.role {
            Role::Clerk | Role::Reviewer | Role::Representative => EnquirySight::Agency(post.agency.clone()),
            Role::Supervisor if !post.scope.is_empty() => EnquirySight::Under(post.scope.clone()),
            Role::Supervisor | Role::Manager | Role::Admin => EnquirySight::Nothing,
        },
        None => EnquirySight::Nothing,
    }
}

impl EnquirySight {
    /// Whether an enquiry lies in it; the same rule as the WHERE that storage builds.
    pub fn holds(&self, enquiry: &Enquiry) -> bool {
        match self {
            Self::Nothing => false,
            Self::Agency(agency) => {
                enquiry.agency == *agency
                    || enquiry.holder_agency == *agency
                    || enquiry.offered.as_ref().is_some_and(|o| o.agency == *agency)
            }
            Self::Under(path) => {
                enquiry.scope.starts_with(path.as_str()) || enquiry.holder_scope.starts_with(path.as_str())
            }
        }
    }
}

/// The last day on which an enquiry is still answered in time.
pub fn answer_due(asked: Date, calendar: &Calendar) -> Date {
    calendar.nth_working_day(asked, ANSWER_WITHIN_WORKING_DAYS)
}

impl Enquiry {
    /// Whether the actor answers for it: the holder, or the chief representative of the holder's agency when the holder is
    /// away.
    fn answers_for(&self, actor: &Actor) -> bool {
        let chief =
            actor.is(&[Role::Representative]) && actor.post().is_some_and(|p| p.agency == self.holder_agency);
        self.holder == actor.account() || chief
    }

    /// Whether the actor may do this now.
    ///
    /// # Errors
    /// Why not, and what to do instead.
    pub fn allows(&self, actor: &Actor, act: &EnquiryAct) -> Result<(), Refusal> {
        if self.answered && *act != EnquiryAct::Link {
            return Err(Refusal::new("answered", "这个咨询已经答复", "还有问题的，请登记新的咨询"));
        }
        let theirs = || {
            if self.answers_for(actor) {
                return Ok(());
            }
            let way_out = "请联系现在负责的人，或者请本机关的首席代表办理";
            Err(Refusal::new("not_holder", "这个咨询现在不由您负责", way_out))
        };
        match act {
            EnquiryAct::Answer | EnquiryAct::Link => theirs(),
            EnquiryAct::HandOver(to) => {
                theirs()?;
                if self.offered.is_some() {
                    let way_out = "请等对方确认；对方不接的，请直接答复";
                    return Err(Refusal::new("handover_pending", "已经交给别人，对方还没有确认", way_out));
                }
                if to.account == Some(self.holder) {
                    return Err(Refusal::new("own", "这个咨询已经由这个人负责", "请选择别人"));
                }
                Ok(())
            }
            EnquiryAct::Acknowledge => {
                let offered = self.offered.as_ref().ok_or_else(|| {
                    Refusal::new("not_offered", "这个咨询没有等待确认的交接", "请刷新后再看")
                })?;
                let taker = match offered.account {
                    Some(account) => account == actor.account(),
                    None => actor.post().is_some_and(|p| p.agency == offered.agency),
                };
                let way_out = "请由被交给的人确认";
                if taker {
                    Ok(())
                } else {
                    Err(Refusal::new("not_receiver", "这个交接不是给您的", way_out))
                }
            }
        }
    }

    /// The actor took it over.
    #[must_use]
    pub fn taken_by(mut self, actor: &Actor) -> Self {
        if let Some(post) = actor.post() {
            self.holder = actor.account();
            self.holder_agency.clone_from(&post.agency);
            self.holder_scope.clone_from(&post.scope);
            self.offered = None;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::ids::DivisionCode;
    use crate::permit::Post;

    fn staff(account: i64, role: Role, agency: &str) -> Actor {
        let post = Post {
            id: Id::from(account + 100),
            role,
            agency: agency.into(),
            division: DivisionCode::from_packed(130_102_000_000),
            scope: if agency == "a" { "010101".into() } else { "010102".into() },
        };
        Actor::Staff { account: Id::from(account), post }
    }

    fn enquiry() -> Enquiry {
        Enquiry {
            agency: "a".into(),
            scope: "010101".into(),
            first: Id::from(1),
            holder: Id::from(1),
            holder_agency: "a".into(),
            holder_scope: "010101".into(),
            offered: None,
            answered: false,
        }
    }

    fn offer(agency: &str, account: Option<i64>) -> Offer {
        Offer { agency: agency.into(), account: account.map(Id::from) }
    }

    #[test]
    fn whoever_was_asked_first_stays_answerable_until_somebody_takes_it() {
        let (first, other) = (staff(1, Role::Clerk, "a"), staff(2, Role::Clerk, "b"));
        let mut asked = enquiry();
        asked.allows(&first, &EnquiryAct::HandOver(offer("b", None))).unwrap();
        assert_eq!(asked.allows(&other, &EnquiryAct::Acknowledge).unwrap_err().code, "not_offered");
        asked.offered = Some(offer("b", None));
        asked.allows(&first, &EnquiryAct::Answer).unwrap();
        assert_eq!(asked.allows(&other, &EnquiryAct::Answer).unwrap_err().code, "not_holder");
        let again = EnquiryAct::HandOver(offer("b", None));
        assert_eq!(asked.allows(&first, &again).unwrap_err().code, "handover_pending");
        assert_eq!(asked.allows(&first, &EnquiryAct::Acknowledge).unwrap_err().code, "not_receiver");
        asked.allows(&other, &EnquiryAct::Acknowledge).unwrap();
        let taken = asked.taken_by(&other);
        assert_eq!((taken.holder, taken.first), (Id::from(2), Id::from(1)));
        assert_eq!(taken.allows(&first, &EnquiryAct::Answer).unwrap_err().code, "not_holder");
        taken.allows(&other, &EnquiryAct::Answer).unwrap();
    }

    #[test]
    fn a_colleague_takes_what_was_handed_to_them_and_the_chief_answers_for_all() {
        let mut asked = enquiry();
        asked.offered = Some(offer("a", Some(3)));
        let (third, fourth) = (staff(3, Role::Reviewer, "a"), staff(4, Role::Reviewer, "a"));
        asked.allows(&third, &EnquiryAct::Acknowledge).unwrap();
        assert_eq!(asked.allows(&fourth, &EnquiryAct::Acknowledge).unwrap_err().code, "not_receiver");
        asked.allows(&staff(9, Role::Representative, "a"), &EnquiryAct::Answer).unwrap();
        let elsewhere = staff(9, Role::Representative, "b");
        assert!(asked.allows(&elsewhere, &EnquiryAct::Answer).is_err());
        asked.answered = true;
        assert_eq!(asked.allows(&third, &EnquiryAct::Acknowledge).unwrap_err().code, "answered");
    }

    #[test]
    fn an_enquiry_is_seen_where_it_was_asked_is_held_or_is_offered() {
        let mut asked = enquiry();
        let seen = |actor: &Actor, asked: &Enquiry| enquiries_seen(actor).holds(asked);
        let (ours, theirs) = (staff(5, Role::Clerk, "a"), staff(6, Role::Clerk, "b"));
        assert!(seen(&ours, &asked) && !seen(&theirs, &asked));
        assert!(!seen(&staff(7, Role::Supervisor, "b"), &asked));
        assert!(!seen(&staff(7, Role::Admin, "a"), &asked) && !seen(&Actor::Anonymous, &asked));
        asked.offered = Some(offer("b", None));
        assert!(seen(&theirs, &asked));
        let taken = asked.taken_by(&theirs);
        assert!(seen(&ours, &taken) && seen(&theirs, &taken));
        assert!(seen(&staff(7, Role::Supervisor, "b"), &taken));
    }

    #[test]
    fn an_answer_is_due_on_the_next_working_day() {
        let calendar = Calendar::weekdays_only();
        assert_eq!(answer_due(date(2026, 3, 13), &calendar), date(2026, 3, 16));
    }
}
