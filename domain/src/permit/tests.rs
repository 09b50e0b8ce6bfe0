//! The whole matrix of rights, and that what cannot be seen cannot be asked about.

use proptest::prelude::*;

use super::*;
use crate::case::StateName;
use crate::sample::{World, people, staff};

const HERE: &str = "130102:行政审批局";
const THERE: &str = "130104:行政审批局";

/// Which case is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Which {
    /// Filed by the applicant, received and decided by the agency here.
    Own,
    /// Of another applicant, received and decided by another agency.
    Others,
    /// Received by the window here, decided by another agency.
    OnlyReceived,
    /// Received by another window, decided by the agency here.
    OnlyDecided,
}

const WHICH: [Which; 4] = [Which::Own, Which::Others, Which::OnlyReceived, Which::OnlyDecided];

fn case(which: Which) -> Case {
    let mut case = World::new().case_in(StateName::Received).unwrap().case.unwrap();
    let there = THERE.to_owned();
    match which {
        Which::Own => {}
        Which::Others => {
            case.applicant = Some(Id::from(people::STRANGER));
            (case.places.receiving, case.places.accepting, case.places.deciding) =
                (there.clone(), there.clone(), there);
            case.places.scope = "001001004".into();
        }
        Which::OnlyReceived => {
            (case.places.accepting, case.places.deciding) = (there.clone(), there);
            case.places.scope = "001001004".into();
        }
        Which::OnlyDecided => case.places.receiving = there,
    }
    case
}

fn of_staff(role: Role) -> Actor {
    staff(300, role, HERE, "001001002").unwrap()
}

fn actors() -> Vec<Actor> {
    let applicant = Actor::Applicant { account: Id::from(people::APPLICANT) };
    let mut all = vec![Actor::Anonymous, applicant, Actor::Platform];
    all.extend(Role::ALL.map(of_staff));
    all
}

fn sign(answer: Result<(), Denial>) -> char {
    match answer {
        Ok(()) => '+',
        Err(Denial::Role) => '.',
        Err(Denial::Hidden) => 'h',
        Err(Denial::SignIn) => 's',
    }
}

/// `+` may, `.` may not, `h` does not even see it, `s` is asked to sign in. In each group: a case of one's own, of
/// others, only received here, only decided here.
const MATRIX: &str =
    "                      anon applicant platform clerk reviewer representative manager supervisor admin
submit                ssss +h++      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
receive               ssss .h..      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
amend_on_the_spot     ssss .h..      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
request_supplement    ssss .h..      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
resubmit              ssss +h++      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
accept                ssss .h..      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
decline               ssss .h..      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
assign                ssss .h..      ....     .h.h  +hh+     +hh+           hhhh    .hh.       hhhh
pass                  ssss .h..      ....     .h.h  +hh+     .hh.           hhhh    .hh.       hhhh
return                ssss .h..      ....     .h.h  +hh+     +hh+           hhhh    .hh.       hhhh
grant                 ssss .h..      ....     .h.h  .hh.     +hh+           hhhh    .hh.       hhhh
refuse                ssss .h..      ....     .h.h  .hh.     +hh+           hhhh    .hh.       hhhh
issue                 ssss .h..      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
deliver               ssss .h..      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
close                 ssss .h..      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
archive               ssss .h..      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
withdraw_application  ssss +h++      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
terminate             ssss .h..      ....     .h.h  .hh.     +hh+           hhhh    .hh.       hhhh
suspend               ssss .h..      ....     .h.h  .hh.     +hh+           hhhh    .hh.       hhhh
resume                ssss .h..      ....     .h.h  .hh.     +hh+           hhhh    .hh.       hhhh
tell_hearing_right    ssss .h..      ....     .h.h  +hh+     +hh+           hhhh    .hh.       hhhh
request_hearing       ssss +h++      ....     +h+h  .hh.     .hh.           hhhh    .hh.       hhhh
notify_special        ssss .h..      ....     .h.h  +hh+     +hh+           hhhh    .hh.       hhhh
start_special         ssss .h..      ....     .h.h  +hh+     +hh+           hhhh    .hh.       hhhh
end_special           ssss .h..      ....     .h.h  +hh+     +hh+           hhhh    .hh.       hhhh
request_extension     ssss .h..      ....     .h.h  +hh+     +hh+           hhhh    .hh.       hhhh
extend                ssss .h..      ....     .h.h  .hh.     +hh+           hhhh    .hh.       hhhh
refuse_extension      ssss .h..      ....     .h.h  .hh.     +hh+           hhhh    .hh.       hhhh
watch                 ssss .h..      ++++     .h.h  .hh.     .hh.           hhhh    .hh.       hhhh
answer_mark           ssss .h..      ....     +h+h  +hh+     +hh+           hhhh    .hh.       hhhh
contest_mark          ssss .h..      ....     +h+h  +hh+     +hh+           hhhh    .hh.       hhhh
close_mark            ssss .h..      ....     .h.h  .hh.     .hh.           hhhh    +hh+       hhhh
answer_rating         ssss .h..      ....     +h+h  +hh+     +hh+           hhhh    .hh.       hhhh
record_seal           ssss .h..      ++++     .h.h  .hh.     .hh.           hhhh    .hh.       hhhh
rate                  ssss +h++      ....     .h.h  .hh.     .hh.           hhhh    .hh.       hhhh
";

#[test]
fn who_may_ask_what_of_which_case() {
    let heads = [
        "anon",
        "applicant",
        "platform",
        "clerk",
        "reviewer",
        "representative",
        "manager",
        "supervisor",
        "admin",
    ];
    let mut table = format!("{:22}{}\n", "", heads.join(" "));
    let cases = WHICH.map(case);
    for kind in CommandKind::ALL {
        let mut line = format!("{:22}", kind.as_str());
        for (actor, head) in actors().iter().zip(heads) {
            let signs: String = cases.iter().map(|c| sign(may(actor, *kind, Some(c)))).collect();
            line.push_str(&format!("{signs:width$}", width = head.len() + 1));
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    assert_eq!(table, MATRIX, "\n{table}");
}

#[test]
fn only_applicants_and_windows_begin_a_case() {
    let may_submit: Vec<bool> = actors().iter().map(|a| may(a, CommandKind::Submit, None).is_ok()).collect();
    assert_eq!(may_submit, [false, true, false, true, false, false, false, false, false]);
    assert_eq!(may(&Actor::Anonymous, CommandKind::Submit, None), Err(Denial::SignIn));
}

#[test]
fn a_supervisor_sees_the_place_and_everything_below_and_nothing_beside() {
    let case = case(Which::Own);
    for (path, sees) in [
        ("001", true),
        ("001001", true),
        ("001001002", true),
        ("001001004", false),
        ("001002", false),
        ("001001002001", false),
        ("", false),
    ] {
        assert_eq!(Scope::Under(path.into()).holds(&case), sees, "{path}");
    }
}

#[test]
fn a_case_filed_at_the_window_belongs_to_no_account() {
    let mut case = case(Which::Own);
    case.applicant = None;
    assert!(!Scope::FiledBy(Id::from(0)).holds(&case));
    assert!(!Scope::FiledBy(Id::from(people::APPLICANT)).holds(&case));
}

fn some_actor() -> impl Strategy<Value = Actor> {
    let agency = prop::sample::select(&[HERE, THERE][..]);
    let scope = prop::sample::select(&["001", "001001", "001001002", "001001004", "001009", ""][..]);
    prop_oneof![
        Just(Actor::Anonymous),
        Just(Actor::Platform),
        (100..104i64).prop_map(|n| Actor::Applicant { account: Id::from(n) }),
        (prop::sample::select(&Role::ALL[..]), agency, scope)
            .prop_map(|(role, agency, scope)| staff(300, role, agency, scope).unwrap()),
    ]
}

proptest! {
    #[test]
    fn what_is_not_visible_is_hidden(
        actor in some_actor(),
        kind in prop::sample::select(CommandKind::ALL),
        which in prop::sample::select(&WHICH[..]),
    ) {
        let case = case(which);
        let answer = may(&actor, kind, Some(&case));
        if actor == Actor::Anonymous {
            // Asked to sign in, the same for a case that is there and for one that is not.
            prop_assert_eq!(answer, Err(Denial::SignIn));
        } else if visible(&actor).holds(&case) {
            prop_assert!(answer != Err(Denial::Hidden));
        } else {
            prop_assert_eq!(answer, Err(Denial::Hidden));
        }
    }
}
