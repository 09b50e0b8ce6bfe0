//! Which acts a page offers: what the caller's rights allow and the case's state is open for. Only buttons hang on it;
//! whether an act is done is decided by the law when it is asked for.

use tongban_domain::case::{CommandKind, MarkState, PaperKind, StateName};
use tongban_domain::permit::{Role, may};

use super::Visit;
use crate::casefile::CaseFile;

/// Whether the page offers an act.
pub fn offered(visit: &Visit, file: &CaseFile, kind: CommandKind) -> bool {
    may(&visit.caller.actor, kind, Some(&file.case)).is_ok() && open(visit, file, kind)
}

fn open(visit: &Visit, file: &CaseFile, kind: CommandKind) -> bool {
    use CommandKind as K;
    use StateName as S;
    let case = &file.case;
    let state = case.state.name();
    let caller = &visit.caller;
    let mine = case.officer == Some(caller.actor.account());
    match kind {
        K::Receive => state == S::Submitted,
        K::AmendOnTheSpot => matches!(state, S::Submitted | S::Received),
        K::Accept => state == S::Received,
        K::RequestSupplement => state == S::Received && !silent(visit, file),
        K::Decline => (state == S::Received && !silent(visit, file)) || overdue(visit, file),
        K::Assign => matches!(state, S::Accepted | S::Reviewing),
        K::Pass => state == S::Reviewing && mine,
        K::Return => {
            (state == S::Reviewing && mine)
                || (state == S::Deciding && caller.role() == Some(Role::Representative))
        }
        K::Grant | K::Refuse => state == S::Deciding,
        K::Suspend => matches!(state, S::Accepted | S::Reviewing | S::Deciding),
        K::Terminate => matches!(state, S::Accepted | S::Reviewing | S::Deciding | S::Suspended),
        K::Resume => state == S::Suspended,
        K::TellHearingRight => under_way(state) && case.hearing.is_none(),
        K::NotifySpecial | K::StartSpecial => under_way(state),
        K::EndSpecial => under_way(state) && case.flags.special,
        K::RequestExtension => {
            under_way(state) && case.extension_asked.is_none() && case.ledger.extension.is_none()
        }
        K::Extend => under_way(state) && case.ledger.extension.is_none(),
        K::RefuseExtension => under_way(state) && case.extension_asked.is_some(),
        K::AnswerMark => case.marks.iter().any(|m| m.state == MarkState::Open),
        K::ContestMark => case.marks.iter().any(|m| matches!(m.state, MarkState::Open | MarkState::Answered)),
        K::CloseMark => {
            case.marks.iter().any(|m| matches!(m.state, MarkState::Answered | MarkState::Contested))
        }
        K::AnswerRating => case.rating.is_some() && !case.rating_answered,
        K::Issue => state == S::Granted && sealed(file),
        K::Deliver => matches!(state, S::Issued | S::Refused) && sealed(file),
        K::Close => state == S::Delivered,
        K::Archive => state.is_over() && state != S::Archived,
        K::Submit
        | K::Resubmit
        | K::WithdrawApplication
        | K::RequestHearing
        | K::Watch
        | K::Rate
        | K::RecordSeal => false,
    }
}

/// Accepted and not decided: where special procedures and extensions have their place.
pub fn under_way(state: StateName) -> bool {
    matches!(state, StateName::Accepted | StateName::Reviewing | StateName::Deciding)
}

/// Whether the notice period ran out where silence accepts.
pub fn silent(visit: &Visit, file: &CaseFile) -> bool {
    let catalogue = visit.app.catalogue();
    let silence = catalogue.regimes.get(&file.entry.regime).is_some_and(|r| r.notice.silence_accepts);
    silence && file.deadlines.notice.is_some_and(|d| visit.app.clock.now() >= d.at())
}

/// Whether the applicant's last day for supplements is over.
fn overdue(visit: &Visit, file: &CaseFile) -> bool {
    file.case.state.name() == StateName::Supplementing
        && file.case.supplements.last().is_some_and(|s| visit.app.today() > s.due)
}

/// Whether every document of the decision is sealed.
pub fn sealed(file: &CaseFile) -> bool {
    [PaperKind::Licence, PaperKind::GrantDecision, PaperKind::RefusalDecision]
        .into_iter()
        .filter_map(|kind| file.case.document_of(kind))
        .all(|d| d.seal.is_some())
}
