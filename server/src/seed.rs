//! Demo accounts and sample cases, in demo mode only. Everything goes through the same doors as real life: accounts as
//! plain records, cases through `casework::execute`. Names and numbers are invented; documents say that they are samples.

mod answers;
mod unread;

use std::collections::BTreeMap;

use jiff::civil::Date;
use tongban_domain::authority::{AuthorityAct, AuthorityKind, DecisionAuthority};
use tongban_domain::case::{
    Command, DeclineGround, DeliveryMethod, MaterialCheck, PaperKind, Submission, SupplementRow,
    TerminateGround, Verdict,
};
use tongban_domain::ids::{CaseNo, DivisionCode, Id};
use tongban_domain::item::{Answers, CatalogueEntry, FieldKind};
use tongban_domain::permit::{Actor, Post, Role};

use crate::app::App;
use crate::casework::{self, Act};
use crate::error::{Error, Fault};
use crate::store::accounts::{self, Account, PostRow};
use crate::{jobs, signin};

pub use answers::sample_answers;

/// Password of every demo account.
pub const PASSWORD: &str = "Tongban-demo-1";

/// The demo county.
pub const CHANGAN: &str = "130102000000";
const QIAOXI: &str = "130104000000";

/// One demo account: sign-in name, name shown, role (none: applicant), division.
struct Demo {
    name: &'static str,
    display: &'static str,
    role: Option<Role>,
    division: &'static str,
    what: &'static str,
}

const ACCOUNTS: [Demo; 11] = [
    Demo {
        name: "citizen", display: "赵晨", role: None, division: "130102001001", what: "群众（长安区）"
    },
    Demo {
        name: "company",
        display: "河北晨光餐饮有限公司",
        role: None,
        division: CHANGAN,
        what: "企业（长安区）",
    },
    Demo {
        name: "clerk",
        display: "李娜",
        role: Some(Role::Clerk),
        division: CHANGAN,
        what: "窗口人员（长安区行政审批局）",
    },
    Demo {
        name: "reviewer",
        display: "王志强",
        role: Some(Role::Reviewer),
        division: CHANGAN,
        what: "审查人员（长安区行政审批局）",
    },
    Demo {
        name: "representative",
        display: "孙立新",
        role: Some(Role::Representative),
        division: CHANGAN,
        what: "首席代表（长安区行政审批局）",
    },
    Demo {
        name: "head",
        display: "郭建平",
        role: Some(Role::Representative),
        division: CHANGAN,
        what: "机关负责人（长安区行政审批局，批准延期）",
    },
    Demo {
        name: "manager",
        display: "高磊",
        role: Some(Role::Manager),
        division: CHANGAN,
        what: "事项管理员（长安区行政审批局）",
    },
    Demo {
        name: "supervisor",
        display: "周敏",
        role: Some(Role::Supervisor),
        division: CHANGAN,
        what: "效能监督员（长安区行政审批局）",
    },
    Demo {
        name: "admin",
        display: "何静",
        role: Some(Role::Admin),
        division: CHANGAN,
        what: "系统管理员（长安区行政审批局）",
    },
    Demo {
        name: "clerk2",
        display: "刘洋",
        role: Some(Role::Clerk),
        division: QIAOXI,
        what: "窗口人员（桥西区行政审批局）",
    },
    Demo {
        name: "reviewer2",
        display: "陈静",
        role: Some(Role::Reviewer),
        division: CHANGAN,
        what: "审查人员（长安区行政审批局，第二人）",
    },
];

/// Sign-in names and what they are, for the login page and the console.
pub fn account_list() -> impl Iterator<Item = (&'static str, &'static str)> {
    ACCOUNTS.iter().map(|a| (a.name, a.what))
}

/// Makes accounts and sample cases once.
///
/// # Errors
/// [`Fault`].
pub async fn demo(app: &App) -> Result<(), Fault> {
    let done = accounts::setting(&mut app.db.read().await?, "demo").await?;
    if done.as_deref() == Some("ready") {
        return Ok(());
    }
    let people = people(app, None).await.map_err(as_fault)?;
    tell(sample_cases(app, &people).await.map_err(as_fault)?);
    unread::leave_few(app, &people).await.map_err(as_fault)?;
    app.writer
        .plain(|conn| Box::pin(async move { accounts::set_setting(conn, "demo", "ready").await }))
        .await
        .map_err(as_fault)?;
    Ok(())
}

fn tell(count: usize) {
    tracing::info!(count, "sample cases are ready");
}

fn as_fault(error: Error) -> Fault {
    match error {
        Error::Fault(fault) => fault,
        Error::Invalid(errors) => Fault::plain(
            errors.iter().map(|e| format!("{}: {}", e.field, e.message)).collect::<Vec<_>>().join("; "),
        ),
        other => Fault::plain(other.to_string()),
    }
}

/// Makes the demo accounts with their posts and the representative's authority; gives who they are. A ready-made hash
/// is for tests, which do not measure hashing.
///
/// # Errors
/// [`Error`].
pub async fn people(app: &App, hash: Option<&str>) -> Result<BTreeMap<&'static str, Actor>, Error> {
    let today = app.today();
    let now = app.clock.now();
    let first = Date::new(today.year(), 1, 1).unwrap_or(today);
    let hashes = match hash {
        Some(hash) => vec![hash.to_owned(); ACCOUNTS.len()],
        None => {
            let hashing = ACCOUNTS.iter().map(|_| signin::hash_password(PASSWORD));
            futures_util::future::try_join_all(hashing).await?
        }
    };
    let mut people = BTreeMap::new();
    for (demo, hash) in ACCOUNTS.iter().zip(hashes) {
        let division = DivisionCode::parse(demo.division).map_err(|e| Fault::plain(e.to_string()))?;
        let id = match accounts::by_name(&mut app.db.read().await?, demo.name).await? {
            Some(known) => known.id,
            None => {
                let id = app.ids.block(now);
                let account = Account {
                    id,
                    name: demo.name.into(),
                    password: hash,
                    kind: if demo.role.is_some() { "staff" } else { "applicant" }.into(),
                    display: demo.display.into(),
                    party: None,
                    division: division.to_string(),
                    state: "active".into(),
                    created_at: now,
                };
                app.writer
                    .plain(move |conn| {
                        let account = account.clone();
                        Box::pin(async move { accounts::insert_account(conn, &account).await })
                    })
                    .await?;
                id
            }
        };
        people.insert(demo.name, make_post(app, demo, id, division, first).await?);
    }
    make_authority(app, &people, first, today).await?;
    Ok(people)
}

async fn make_post(
    app: &App,
    demo: &Demo,
    account: Id,
    division: DivisionCode,
    first: Date,
) -> Result<Actor, Error> {
    let Some(role) = demo.role else { return Ok(Actor::Applicant { account }) };
    let known = accounts::posts_of(&mut app.db.read().await?, account).await?;
    if let Some(known) = known.into_iter().next() {
        return Ok(Actor::Staff { account, post: known.post });
    }
    let catalogue = app.catalogue();
    let agency = tongban_domain::agency::Agency::key_of(&catalogue.tree, division, "行政审批局");
    let agency = catalogue.directory.agency(&agency).ok_or(Error::NotFound("机关"))?;
    let post = Post {
        id: app.ids.block(app.clock.now()),
        role,
        agency: agency.key.clone(),
        division,
        scope: agency.scope_path.clone(),
    };
    let row = PostRow { post: post.clone(), account, starts: first.to_string(), ends: None };
    app.writer
        .plain(move |conn| {
            let row = row.clone();
            Box::pin(async move { accounts::insert_post(conn, &row).await })
        })
        .await?;
    Ok(Actor::Staff { account, post })
}

async fn make_authority(
    app: &App,
    people: &BTreeMap<&'static str, Actor>,
    first: Date,
    today: Date,
) -> Result<(), Error> {
    use AuthorityAct::{Extend, Grant, Refuse};
    let given = [
        ("representative", AuthorityKind::ChiefRepresentative, vec![Grant, Refuse], 1),
        ("head", AuthorityKind::Head, vec![Grant, Refuse, Extend], 2),
    ];
    for (name, kind, acts, number) in given {
        let Some(Actor::Staff { account, post }) = people.get(name) else { continue };
        let register =
            accounts::authorities(&mut app.db.read().await?, &[post.agency.as_str().into()], false).await?;
        if register.iter().any(|a| a.account == *account) {
            continue;
        }
        let authority = DecisionAuthority {
            id: app.ids.block(app.clock.now()),
            kind,
            agency: post.agency.clone(),
            account: *account,
            items: Vec::new(),
            acts,
            from: first,
            to: Date::new(today.year() + 1, 12, 31).unwrap_or(today),
            document: format!("长审授〔{}〕{number}号（演示）", today.year()),
            revoked_on: None,
        };
        app.writer
            .plain(move |conn| {
                let authority = authority.clone();
                Box::pin(async move { accounts::insert_authority(conn, &authority).await.map(drop) })
            })
            .await?;
    }
    Ok(())
}

/// How far a sample case goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    Submitted,
    Received,
    Supplementing,
    Resubmitted,
    Declined,
    Withdrawn,
    Accepted,
    Reviewing,
    Suspended,
    Deciding,
    Terminated,
    Refused,
    RefusedDelivered,
    Granted,
    Issued,
    Delivered,
    Closed,
    Archived,
}

const PLAN: [(Stop, usize); 18] = [
    (Stop::Submitted, 5),
    (Stop::Received, 3),
    (Stop::Supplementing, 2),
    (Stop::Resubmitted, 1),
    (Stop::Declined, 1),
    (Stop::Withdrawn, 1),
    (Stop::Accepted, 3),
    (Stop::Reviewing, 4),
    (Stop::Suspended, 1),
    (Stop::Deciding, 3),
    (Stop::Terminated, 1),
    (Stop::Refused, 1),
    (Stop::RefusedDelivered, 1),
    (Stop::Granted, 2),
    (Stop::Issued, 2),
    (Stop::Delivered, 2),
    (Stop::Closed, 2),
    (Stop::Archived, 1),
];

/// Items of the demo county whose organ is its approval bureau: entries by id.
const ITEMS: [&str; 6] = ["X03", "X05", "X06", "X02", "X11", "X07"];

async fn sample_cases(app: &App, people: &BTreeMap<&'static str, Actor>) -> Result<usize, Error> {
    let catalogue = app.catalogue();
    let division = DivisionCode::parse(CHANGAN).map_err(|e| Fault::plain(e.to_string()))?;
    let bureau = people.get("clerk").and_then(|a| a.post()).map(|p| p.agency.clone()).unwrap_or_default();
    let entries: Vec<_> = ITEMS
        .iter()
        .filter_map(|id| catalogue.entry(id))
        .filter(|e| {
            catalogue.directory.serving(&catalogue.tree, division, &e.id).is_some_and(|l| l.agency == bureau)
        })
        .cloned()
        .collect();
    if entries.is_empty() {
        return Err(Error::NotFound("演示事项"));
    }
    let stops: Vec<Stop> = PLAN.iter().flat_map(|(stop, n)| std::iter::repeat_n(*stop, *n)).collect();
    let mut walks = Vec::new();
    for (i, stop) in stops.iter().enumerate() {
        let entry = &entries[i % entries.len()];
        let applicant = if i % 3 == 2 { "company" } else { "citizen" };
        walks.push(walk(app, people, entry, applicant, i, *stop));
    }
    // Side by side, so that the writer batches them as it would for real callers.
    let done = futures_util::future::try_join_all(walks).await?;
    Ok(done.len())
}

async fn walk(
    app: &App,
    people: &BTreeMap<&'static str, Actor>,
    entry: &CatalogueEntry,
    applicant: &'static str,
    number: usize,
    stop: Stop,
) -> Result<(), Error> {
    let catalogue = app.catalogue();
    let county = DivisionCode::parse(CHANGAN).map_err(|e| Fault::plain(e.to_string()))?;
    let village = DivisionCode::parse("130102001001").map_err(|e| Fault::plain(e.to_string()))?;
    let local =
        catalogue.directory.serving(&catalogue.tree, county, &entry.id).ok_or(Error::NotFound("事项"))?;
    let key = |act: &str| Some(format!("demo-{number}-{act}"));
    let who = |name: &str| people.get(name).cloned().unwrap_or(Actor::Anonymous);
    let no = match begun(app, who(applicant).account(), key("submit")).await? {
        Some(no) => no,
        None => {
            let submission = Submission {
                item: local.key.clone(),
                situation: entry.situations.first().map(|s| s.key.clone()).unwrap_or_default(),
                division: if number.is_multiple_of(2) { village } else { county },
                answers: sample_answers(entry, number),
                files: sample_files(app, people, entry, applicant).await?,
                paper_received_on: None,
            };
            let command = Command::Submit(Box::new(submission));
            let act = Act { actor: who(applicant), case: None, command, key: key("submit"), expected: None };
            casework::execute(app, act).await?.case.no.clone()
        }
    };
    for (step, (name, command)) in script(entry, people, stop).into_iter().enumerate() {
        if matches!(command, Command::Issue) || (matches!(command, Command::Deliver { .. })) {
            wait_for_seal(app, &no).await?;
        }
        let name = if name == "applicant" { applicant } else { name };
        let act = Act::on(who(name), no.clone(), command).keyed(key(&step.to_string()));
        casework::execute(app, act).await?;
    }
    Ok(())
}

/// The case of a walk that an earlier start broke off: it goes on where it stood, every act under its own key.
async fn begun(app: &App, account: Id, key: Option<String>) -> Result<Option<CaseNo>, Error> {
    let key = format!("{account}:{}", key.unwrap_or_default());
    let known = crate::store::cases::remembered(&mut app.db.read().await?, &[key.into()]).await?;
    Ok(known.first().and_then(|k| CaseNo::parse(&k.no).ok()))
}

/// What is handed over is sealed by the same duty as everyone's, ahead of the rest: the first start waits for no other.
async fn wait_for_seal(app: &App, no: &CaseNo) -> Result<(), Error> {
    for _ in 0..6000 {
        let mut conn = app.db.read().await?;
        let everything = tongban_domain::permit::Scope::Everything;
        let stored = crate::store::cases::find(&mut conn, &everything, no).await?;
        drop(conn);
        let wanted = [PaperKind::Licence, PaperKind::GrantDecision, PaperKind::RefusalDecision];
        let next = stored.as_ref().and_then(|s| {
            let mut documents = wanted.iter().filter_map(|kind| s.case.document_of(*kind));
            documents.find(|d| d.seal.is_none())
        });
        let Some(document) = next else { return Ok(()) };
        if !jobs::hurry(app, document.id).await? {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    Err(Error::NotFound("签章"))
}

fn script(
    entry: &CatalogueEntry,
    people: &BTreeMap<&'static str, Actor>,
    stop: Stop,
) -> Vec<(&'static str, Command)> {
    let officer = people.get("reviewer").map_or(Id::from(0), Actor::account);
    let field = entry
        .form
        .fields()
        .find(|f| matches!(f.kind, FieldKind::Text | FieldKind::Address) && f.concept.is_none());
    let field = field.or_else(|| entry.form.fields().next());
    let mut acts = Vec::new();
    if stop == Stop::Submitted {
        return acts;
    }
    if stop == Stop::Withdrawn {
        acts.push(("applicant", Command::WithdrawApplication { reason: "暂时不办了（演示）".into() }));
        return acts;
    }
    acts.push(("clerk", Command::Receive));
    match stop {
        Stop::Received => return acts,
        Stop::Declined => {
            acts.push((
                "clerk",
                Command::Decline {
                    ground: DeclineGround::NotOurs,
                    reason: "经营场所不在本区（演示）".into(),
                    go_to: "石家庄市桥西区行政审批局".into(),
                },
            ));
            return acts;
        }
        Stop::Supplementing | Stop::Resubmitted => {
            let Some(field) = field else { return acts };
            acts.push((
                "clerk",
                Command::RequestSupplement {
                    rows: vec![SupplementRow {
                        target: field.key.clone(),
                        problem: format!("{}与营业执照上的不一致（演示）", field.label),
                        fix: "请按营业执照上登记的内容填写".into(),
                    }],
                    due: None,
                    again: String::new(),
                },
            ));
            if stop == Stop::Supplementing {
                return acts;
            }
            let changes = Answers::from([(
                field.key.clone(),
                "河北省石家庄市长安区建设北大街100号一层（演示）".into(),
            )]);
            acts.push(("applicant", Command::Resubmit { answers: changes, files: Vec::new() }));
            return acts;
        }
        _ => acts.push(("clerk", Command::Accept { checks: all_right(entry) })),
    }
    if stop == Stop::Accepted {
        return acts;
    }
    acts.push(("reviewer", Command::Assign { officer }));
    if stop == Stop::Reviewing {
        return acts;
    }
    if stop == Stop::Suspended {
        acts.push(("representative", Command::Suspend { reason: "场所权属正在诉讼（演示）".into() }));
        return acts;
    }
    for _ in 0..entry.review_steps().count().max(1) {
        acts.push(("reviewer", Command::Pass { opinion: "符合条件（演示）".into(), points: Vec::new() }));
    }
    match stop {
        Stop::Deciding => return acts,
        Stop::Terminated => {
            acts.push((
                "representative",
                Command::Terminate {
                    ground: TerminateGround::ApplicantGone,
                    reason: "申请人已注销（演示）".into(),
                },
            ));
            return acts;
        }
        Stop::Refused | Stop::RefusedDelivered => {
            acts.push((
                "representative",
                Command::Refuse {
                    reason: "经营场所不符合规定的条件（演示）".into(),
                    basis: entry
                        .legal_bases
                        .first()
                        .map_or(String::new(), |b| format!("《{}》{}", b.law, b.article)),
                },
            ));
            if stop == Stop::RefusedDelivered {
                acts.push((
                    "clerk",
                    Command::Deliver { method: DeliveryMethod::Electronic, note: String::new() },
                ));
            }
            return acts;
        }
        _ => acts.push(("representative", Command::Grant { opinion: "同意（演示）".into() })),
    }
    let rest: [(Stop, &'static str, Command); 4] = [
        (Stop::Issued, "clerk", Command::Issue),
        (
            Stop::Delivered,
            "clerk",
            Command::Deliver { method: DeliveryMethod::Counter, note: "本人领取（演示）".into() },
        ),
        (Stop::Closed, "clerk", Command::Close),
        (Stop::Archived, "clerk", Command::Archive),
    ];
    acts.extend(rest.into_iter().filter(|(from, _, _)| stop >= *from).map(|(_, who, act)| (who, act)));
    acts
}

/// The window saw every material of the first situation and found it right.
pub fn all_right(entry: &CatalogueEntry) -> Vec<MaterialCheck> {
    let Some(situation) = entry.situations.first() else { return Vec::new() };
    entry
        .materials_of(situation)
        .map(|m| MaterialCheck { material: m.key.clone(), verdict: Verdict::Right })
        .collect()
}

async fn sample_files(
    app: &App,
    people: &BTreeMap<&'static str, Actor>,
    entry: &CatalogueEntry,
    applicant: &'static str,
) -> Result<Vec<tongban_domain::case::FileSet>, Error> {
    let owner = people.get(applicant).map_or(Id::from(0), Actor::account);
    let mut named = BTreeMap::new();
    let Some(situation) = entry.situations.first() else { return Ok(Vec::new()) };
    for material in entry.materials_of(situation).filter(|m| tongban_domain::case::needs_file(m)) {
        let bytes: &'static [u8] = match material.accepts.first() {
            Some(tongban_domain::item::FileKind::Png) => SAMPLE_PNG,
            Some(tongban_domain::item::FileKind::Jpg) => SAMPLE_JPG,
            _ => SAMPLE_PDF,
        };
        let name = format!("{}（演示）", material.name);
        let row =
            crate::filing::keep_file(app, owner, material, &name, bytes::Bytes::from_static(bytes)).await?;
        named.insert(material.key.clone(), vec![row.id]);
    }
    crate::filing::file_sets(app, owner, &named, false).await
}

const SAMPLE_PDF: &[u8] = include_bytes!("../../data/demo/sample.pdf");
const SAMPLE_PNG: &[u8] = include_bytes!("../../data/demo/sample.png");
const SAMPLE_JPG: &[u8] = include_bytes!("../../data/demo/sample.jpg");
