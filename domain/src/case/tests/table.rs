//! Every state against every command. The result is `docs/case-states.md`; a test fails when they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use super::*;
use crate::permit::Role;
use crate::sample::people;

/// What came of a command in a state, tried from every way the state can stand: as it is, with everything sealed,
/// after the applicant's last day, at a later review step, suspended from elsewhere.
#[derive(Default)]
struct Cell {
    to: BTreeSet<StateName>,
    refusals: BTreeSet<String>,
}

type Condition = (StateName, &'static [CommandKind], u32);

/// How to come to a state: the state to build, commands after it, working days that pass.
fn conditions(state: StateName) -> Vec<Condition> {
    use CommandKind as K;
    let mut all: Vec<Condition> = vec![(state, &[], 0), (state, &[], 16)];
    match state {
        StateName::Reviewing => all.push((state, &[K::Pass], 0)),
        StateName::Suspended => {
            all.push((StateName::Accepted, &[K::Suspend], 0));
            all.push((StateName::Deciding, &[K::Suspend], 0));
        }
        _ => {}
    }
    all
}

/// What has to have happened for a command to have its object: a hearing that was told of, a procedure that was begun, a
/// mark that was raised.
fn preludes(kind: CommandKind) -> &'static [CommandKind] {
    use CommandKind as K;
    match kind {
        K::RequestHearing => &[K::TellHearingRight],
        K::StartSpecial => &[K::NotifySpecial],
        K::EndSpecial => &[K::NotifySpecial, K::StartSpecial],
        K::RefuseExtension => &[K::RequestExtension],
        K::AnswerMark | K::ContestMark => &[K::Watch],
        K::CloseMark => &[K::Watch, K::AnswerMark],
        K::AnswerRating => &[K::Rate],
        _ => &[],
    }
}

fn cell(state: StateName, kind: CommandKind) -> Cell {
    let mut cell = Cell::default();
    for (base, then, days) in conditions(state) {
        for sealed in [false, true] {
            let mut world = World::new();
            let mut docket = world.case_in(base).unwrap();
            then.iter().for_each(|k| drop(world.proper(&mut docket, *k).unwrap()));
            assert_eq!(case(&docket).state.name(), state);
            world.pass_working_days(days);
            if sealed {
                world.seal_all(&mut docket).unwrap();
            }
            let mut with_object = docket.clone();
            try_it(&mut cell, &mut world, &mut docket, kind);
            if !preludes(kind).is_empty() {
                // A prelude that the state forbids leaves the case as it was.
                preludes(kind).iter().for_each(|k| drop(world.proper(&mut with_object, *k)));
                if case(&with_object).state.name() == state {
                    try_it(&mut cell, &mut world, &mut with_object, kind);
                }
            }
        }
    }
    cell
}

fn try_it(cell: &mut Cell, world: &mut World, docket: &mut Docket, kind: CommandKind) {
    let before = docket.case.clone();
    let state = case(docket).state.name();
    match world.proper(docket, kind) {
        Ok(events) => {
            // The platform may look and find nothing due.
            assert!(!events.is_empty() || kind == CommandKind::Watch);
            cell.to.insert(case(docket).state.name());
        }
        Err(Stopped::No(No::Refused(refusal))) => {
            assert_eq!(before, docket.case);
            cell.refusals.insert(told(&refusal, state));
        }
        // There is no document to seal yet: the job's mistake, not the law's.
        Err(Stopped::No(No::Missing("document"))) => {}
        Err(other) => panic!("{kind:?} in {state:?}: {other:?}"),
    }
}

/// A refusal as the document lists it, the same for every state.
fn told(refusal: &Refusal, state: StateName) -> String {
    let words = refusal.to_string().replace(&format!("“{}”", staff_words(state)), "“…”");
    let article =
        if refusal.article.is_empty() { String::new() } else { format!("（{}）", refusal.article) };
    format!("`{}` {words}{article}", refusal.code)
}

/// Refusals that need more than a state to come about.
fn provoked() -> Vec<(CommandKind, Refusal)> {
    use CommandKind as K;
    let mut all = Vec::new();
    let mut provoke =
        |kind: K, state: Option<StateName>, set: &dyn Fn(&mut World, &mut Docket) -> Option<Command>| {
            let mut world = World::new();
            let mut docket = state.map_or_else(Docket::default, |s| world.case_in(s).unwrap());
            let command =
                set(&mut world, &mut docket).unwrap_or_else(|| world.sample(kind, docket.case.as_ref(), 0));
            assert_eq!(command.kind(), kind);
            all.push((kind, refusal(ask(&mut world, &mut docket, command))));
        };
    provoke(K::Submit, None, &|world, _| {
        world.open = false;
        None
    });
    provoke(K::AmendOnTheSpot, Some(StateName::Received), &|world, docket| {
        let answers = world.answers_of(case(docket))?;
        Some(Command::AmendOnTheSpot { answers })
    });
    provoke(K::RequestSupplement, Some(StateName::Supplementing), &|world, docket| {
        world.proper(docket, K::Resubmit).unwrap();
        None
    });
    for kind in [K::RequestSupplement, K::Decline] {
        provoke(kind, Some(StateName::Received), &|world, _| {
            world.pass_working_days(6);
            None
        });
    }
    provoke(K::Decline, Some(StateName::Received), &|_, _| {
        let ground = DeclineGround::NotSupplemented;
        Some(Command::Decline { ground, reason: "缺平面图".into(), go_to: String::new() })
    });
    provoke(K::Assign, Some(StateName::Reviewing), &|_, _| {
        Some(Command::Assign { officer: Id::from(people::REVIEWER) })
    });
    for kind in [K::Grant, K::Refuse] {
        provoke(kind, Some(StateName::Deciding), &|world, _| {
            world.authorities.clear();
            None
        });
    }
    provoke(K::Rate, Some(StateName::Closed), &|world, docket| {
        world.proper(docket, K::Rate).unwrap();
        None
    });
    for kind in [K::Pass, K::Return] {
        let mut world = World::new();
        let mut docket = world.case_in(StateName::Reviewing).unwrap();
        let other = world.staff(people::SECOND_REVIEWER, Role::Reviewer);
        let command = world.sample(kind, docket.case.as_ref(), 0);
        all.push((kind, refusal(world.drive(&mut docket, &other, &command))));
    }
    all
}

fn clock(state: StateName) -> &'static str {
    match state {
        StateName::Submitted => "告知期（许可五个工作日），自提交起",
        StateName::Received => "同一告知期继续",
        StateName::Supplementing => "机关不计时；申请人的补正期限",
        StateName::Accepted | StateName::Reviewing | StateName::Deciding => "法定期限与承诺期限",
        StateName::Suspended => "停止",
        StateName::Granted | StateName::Issued => "法定、承诺期限已止；颁发送达十个工作日",
        StateName::Refused => "法定、承诺期限已止；送达十个工作日",
        StateName::Delivered
        | StateName::Closed
        | StateName::Archived
        | StateName::Declined
        | StateName::Withdrawn
        | StateName::Terminated => "—",
    }
}

const INTRO: &str = "\
# 办件状态与动作

Written by the test `the_document_says_what_the_law_does` in `domain/src/case/tests/table.rs`; do not edit by hand.
To write it anew: `UPDATE_DOCS=1 cargo test -p tongban-domain case_states`.

Every cell was tried: a case was built in the state and the command asked with proper content by somebody who may ask
it: as the case was, with all documents sealed, after the applicant's last day, at a later review step, suspended from
elsewhere. ✓ means it was allowed in at least one of these, → names the states that can follow (when it is always the
same state, none is named); — means the law says no. What a command further needs stands in the list of refusals.
";

fn document() -> String {
    let mut text = INTRO.to_owned();
    let mut refusals: BTreeMap<CommandKind, BTreeSet<String>> = BTreeMap::new();
    text.push_str("\n## 状态\n\n| 状态 | 工作人员看到 | 申请人看到（例） | 时限 |\n|---|---|---|---|\n");
    for state in StateName::ALL {
        let mut world = World::new();
        let docket = world.case_in(state).unwrap();
        let pressing = case(&docket).pressing(&world.regime, &world.calendar);
        let citizen = citizen_words(case(&docket), pressing);
        let word = state.as_str();
        let _ = writeln!(text, "| `{word}` | {} | {citizen} | {} |", staff_words(state), clock(state));
    }
    text.push_str("\n## 状态 × 动作\n\n| 动作 | （未提交） |");
    for state in StateName::ALL {
        let _ = write!(text, " {} |", staff_words(state));
    }
    let _ = writeln!(text, "\n|{}", "---|".repeat(StateName::ALL.len() + 2));
    for kind in CommandKind::ALL {
        let first = if *kind == CommandKind::Submit { "✓→待收件" } else { "—" };
        let _ = write!(text, "| {} `{}` | {first} |", kind.label(), kind.as_str());
        for state in StateName::ALL {
            let cell = cell(state, *kind);
            refusals.entry(*kind).or_default().extend(cell.refusals);
            let to: Vec<&str> = cell.to.iter().map(|to| staff_words(*to)).collect();
            let words = match to[..] {
                [] => "—".to_owned(),
                [only] if only == staff_words(state) => "✓".to_owned(),
                _ => format!("✓→{}", to.join("、")),
            };
            let _ = write!(text, " {words} |");
        }
        text.push('\n');
    }
    for (kind, refusal) in provoked() {
        refusals.entry(kind).or_default().insert(told(&refusal, StateName::Submitted));
    }
    text.push_str("\n## 各动作的不予理由\n");
    for kind in CommandKind::ALL {
        let _ = writeln!(text, "\n### {} `{}`\n", kind.label(), kind.as_str());
        for line in refusals.get(kind).into_iter().flatten() {
            let _ = writeln!(text, "- {line}");
        }
    }
    text
}

#[test]
fn the_document_says_what_the_law_does_case_states() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/case-states.md"));
    let right = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &right).unwrap();
        return;
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    if let Some((n, (is, should))) =
        written.lines().zip(right.lines()).enumerate().find(|(_, (is, should))| is != should)
    {
        panic!(
            "docs/case-states.md differs from the rules at line {}:\n  it says   {is}\n  should be {should}\n\
             If the rules are meant so, run: UPDATE_DOCS=1 cargo test -p tongban-domain case_states",
            n + 1
        );
    }
    assert_eq!(
        written.len(),
        right.len(),
        "docs/case-states.md is missing or cut; run: UPDATE_DOCS=1 cargo test -p tongban-domain case_states"
    );
}

#[test]
fn a_case_can_always_come_to_an_end() {
    use StateName as S;
    // From every state that is not over, some command leads on; nobody's case hangs for ever.
    for state in S::ALL.into_iter().filter(|s| !s.is_over()) {
        let onward = CommandKind::ALL
            .iter()
            .flat_map(|kind| cell(state, *kind).to)
            .filter(|to| *to != state && *to != S::Withdrawn);
        assert!(onward.count() > 0, "{state:?} is a dead end");
    }
}

#[test]
fn nothing_is_asked_of_a_case_before_it_is_submitted() {
    let world = World::new();
    for kind in CommandKind::ALL.iter().filter(|k| **k != CommandKind::Submit) {
        let (actor, command) = (world.actor_for(*kind, None), world.sample(*kind, None, 0));
        let mint = world.mint(&command, [0; 32]);
        assert_eq!(world.ask(None, &actor, &command, &mint), Err(No::Missing("case")), "{kind:?}");
    }
}
