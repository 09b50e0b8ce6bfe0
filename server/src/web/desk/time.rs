//! Time (时限): how the days of a case are reckoned, its special procedures and hearing, and its extension, on one page.

use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::civil::Date;
use serde_json::{Value, json};
use tongban_domain::case::{
    Command, CommandKind as K, Procedure, SpecialPerson, SpecialPlan, StateName as S, chinese_date,
};
use tongban_domain::ids::Id;
use tongban_domain::item::{FieldError, SpecialKind};

use super::offer::offered;
use super::queue::Queue;
use super::{Asked, Asking, Outcome, Typed, Visit, told, view};
use crate::casefile::{self, CaseFile};
use crate::error::Error;
use crate::store::accounts;
use crate::web::Form;

const BASE: &str = "/desk/time";

/// Kinds of special procedure with their words in a form.
const KINDS: [(&str, SpecialKind); 11] = [
    ("hearing", SpecialKind::Hearing),
    ("tender", SpecialKind::Tender),
    ("auction", SpecialKind::Auction),
    ("test", SpecialKind::Test),
    ("detection", SpecialKind::Detection),
    ("quarantine", SpecialKind::Quarantine),
    ("appraisal", SpecialKind::Appraisal),
    ("expert_review", SpecialKind::ExpertReview),
    ("site_visit", SpecialKind::SiteVisit),
    ("public_notice", SpecialKind::PublicNotice),
    ("technical_assessment", SpecialKind::TechnicalAssessment),
];

fn word(kind: SpecialKind) -> &'static str {
    KINDS.iter().find(|(_, k)| *k == kind).map_or("", |(word, _)| word)
}

/// GET /desk/time/{no}
pub async fn show(
    visit: Visit,
    Path(no): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(&visit, &no, &asked, Typed::default()).await
}

async fn page(visit: &Visit, no: &str, asked: &Asked, typed: Typed) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, no, "time").await?;
    let queues: [Queue; 0] = [];
    let mut own = view::page(visit, &file, BASE, &queues, asked).await?;
    let can = |kind| offered(visit, &file, kind);
    own.insert(
        "can".into(),
        json!({
            "tell": can(K::TellHearingRight), "notify": can(K::NotifySpecial), "ask": can(K::RequestExtension),
            "extend": can(K::Extend), "refuse": can(K::RefuseExtension),
        }),
    );
    own.insert("procedures".into(), procedures(visit, &file, &typed));
    own.insert("hearing_words".into(), hearing_words(&file).into());
    own.insert("notify".into(), notify(visit, &file, &typed).await?);
    own.insert("tell".into(), fields(&typed, "tell", &["reason"]));
    own.insert("extension".into(), extension(visit, &file, &typed));
    own.insert("desk_href".into(), desk_of(&file).into());
    let grouped = file.case.no.grouped();
    let title = format!("时限 {grouped}");
    let desk = desk_of(&file);
    let crumbs = [(desk.as_str(), "办件"), ("", grouped.as_str())];
    visit
        .page(&title)
        .crumbs(&crumbs)
        .errors(placed(&typed))
        .flash("good", told(&asked.done))
        .render("desk/time.html", Value::Object(own))
}

/// The page of the desk that the case stands on.
fn desk_of(file: &CaseFile) -> String {
    let desk = if file.case.state.name() == S::Deciding { "decisions" } else { "review" };
    format!("/desk/{desk}/{}", file.case.no)
}

/// What was typed into an act's boxes, with what is wrong.
fn fields(typed: &Typed, act: &str, names: &[&str]) -> Value {
    let mut all = serde_json::Map::new();
    for name in names {
        all.insert((*name).to_owned(), json!(typed.text(act, name)));
        all.insert(format!("{name}_error"), json!(typed.error(act, name)));
    }
    all.insert("open".into(), typed.is(act).into());
    Value::Object(all)
}

/// Errors with the ids their boxes have on this page: act and field.
fn placed(typed: &Typed) -> Vec<FieldError> {
    let place = |e: &FieldError| FieldError { field: format!("{}-{}", typed.act, e.field), ..e.clone() };
    typed.errors.iter().map(place).collect()
}

fn procedures(visit: &Visit, file: &CaseFile, typed: &Typed) -> Value {
    let catalogue = visit.app.catalogue();
    let unit = catalogue.regimes.get(&file.case.ledger.regime).map(|r| r.day_unit);
    let ending = typed.text("end", "procedure");
    let row = |p: &Procedure| {
        let told: Vec<String> =
            p.notices.iter().map(|n| format!("{}书面告知需{}日", chinese_date(n.on), n.days)).collect();
        let until = unit.and_then(|unit| p.announced_until(&catalogue.calendar, unit));
        let word = word(p.kind);
        json!({
            "name": p.kind.label(), "word": word, "basis": p.basis,
            "told": if told.is_empty() { "没有书面告知，不扣除期限".to_owned() } else { told.join("；") },
            "excluded": p.excluded,
            "started": p.started.map_or("还没有开始".to_owned(), |day| format!("{}开始", chinese_date(day))),
            "ended": p.ended.map_or(String::new(), |day| format!("{}结束", chinese_date(day))),
            "until": until.filter(|_| p.is_open()).map_or(String::new(), |day| format!("告知的时间到{}", chinese_date(day))),
            "can_start": p.is_open() && p.started.is_none() && offered(visit, file, K::StartSpecial),
            "can_end": p.is_open() && p.started.is_some() && offered(visit, file, K::EndSpecial),
            "record": if ending == word { typed.text("end", "record") } else { "" },
            "record_error": if ending == word { typed.error("end", "record") } else { "" },
        })
    };
    file.case.ledger.procedures.iter().rev().map(row).collect()
}

fn hearing_words(file: &CaseFile) -> String {
    let Some(hearing) = &file.case.hearing else { return String::new() };
    match (hearing.asked_on, hearing.hold_by) {
        (Some(asked), Some(by)) => {
            format!("申请人{}申请听证，应在{}前组织。", chinese_date(asked), chinese_date(by))
        }
        _ => format!(
            "已告知听证权利，申请人可以在{}前提出；期满前不能作出决定。",
            chinese_date(hearing.ask_by)
        ),
    }
}

/// The form of a notice: the procedures this item may go through, a hearing always.
async fn notify(visit: &Visit, file: &CaseFile, typed: &Typed) -> Result<Value, Error> {
    let chosen = typed.text("notify", "procedure");
    let own = |kind: SpecialKind| file.entry.special_procedures.iter().find(|p| p.kind == kind);
    let kinds: Vec<Value> = KINDS
        .iter()
        .filter(|(_, kind)| *kind == SpecialKind::Hearing || own(*kind).is_some())
        .map(|(word, kind)| {
            let usual = own(*kind).map_or(String::new(), |p| format!("（通常{}日）", p.days));
            json!({"value": word, "label": format!("{}{usual}", kind.label()), "selected": *word == chosen})
        })
        .collect();
    let agency = visit.caller.actor.post().map_or("", |p| p.agency.as_str());
    let mut conn = visit.app.db.read().await?;
    let people = accounts::officers_of(&mut conn, agency, visit.app.today()).await?;
    drop(conn);
    let reviews = |id: &Id| file.case.officer == Some(*id) || file.case.hands.reviewed_by.contains(id);
    let presider = typed.text("notify", "presider");
    let presiders: Vec<Value> = people
        .iter()
        .filter(|(id, _)| !reviews(id))
        .map(|(id, name)| {
            json!({"value": id.to_string(), "label": name, "selected": id.to_string() == presider})
        })
        .collect();
    let mut form =
        fields(typed, "notify", &["procedure", "days", "reason", "held_on", "place", "presider", "people"]);
    form["kinds"] = kinds.into();
    form["presiders"] = presiders.into();
    let asked = file.case.hearing.as_ref().is_some_and(|h| h.asked_on.is_some());
    form["own_motion"] =
        (typed.text("notify", "own_motion") == "1" || (!typed.is("notify") && !asked)).into();
    form["own_motion_error"] = typed.error("notify", "own_motion").into();
    Ok(form)
}

fn extension(visit: &Visit, file: &CaseFile, typed: &Typed) -> Value {
    let catalogue = visit.app.catalogue();
    let regime = catalogue.regimes.get(&file.case.ledger.regime);
    let extension = regime.and_then(|r| r.extension.as_ref());
    let words = match (extension, file.case.ledger.extension) {
        (_, Some(given)) => {
            format!("{}已经{}批准延长{}日。", chinese_date(given.on), given.by.label(), given.n)
        }
        (None, None) => "这个事项的法律没有规定延期。".to_owned(),
        (Some(e), None) => format!(
            "法定期限届满前，经{}批准可以延长一次，最多{}日（{}）；承诺期限不变。",
            e.approver.label(),
            e.days,
            e.basis
        ),
    };
    let asked = file.case.extension_asked.as_ref();
    let government = extension.is_some_and(|e| e.approver == tongban_domain::item::Approver::GovernmentHead);
    let mut ask = fields(typed, "ask", &["days", "reason"]);
    let mut extend = fields(typed, "extend", &["days", "reason", "approval"]);
    if !typed.is("extend")
        && let Some(asked) = asked
    {
        extend["days"] = asked.days.to_string().into();
        extend["reason"] = file.text(&asked.reason).into();
    }
    ask["possible"] = (extension.is_some() && file.case.ledger.extension.is_none()).into();
    json!({
        "words": words,
        "asked": asked.map_or(String::new(), |a| format!(
            "{}于{}提请延长{}日：{}", file.person(a.by.get()), chinese_date(a.on), a.days, file.text(&a.reason)
        )),
        "ask": ask, "extend": extend, "government": government,
        "refuse": fields(typed, "refuse", &["reason"]),
    })
}

async fn ask(
    visit: &Visit,
    no: &str,
    act: &'static str,
    form: Form,
    command: Result<Command, Vec<FieldError>>,
) -> Result<Response, Error> {
    let asking = Asking { visit, base: BASE, queues: &[], no, act };
    match asking.run(form, command).await? {
        Outcome::Done(response) => Ok(response),
        Outcome::Again(typed) => page(visit, no, &Asked::default(), typed).await,
    }
}

fn wrong(field: &str, label: &str, message: &str) -> FieldError {
    FieldError::new(field, label, message, format!("{field} is not right"))
}

fn days(form: &Form) -> Result<u16, FieldError> {
    form.text("days").parse().map_err(|_| wrong("days", "天数", "请输入天数，例如10"))
}

fn kind_of(form: &Form) -> Result<SpecialKind, FieldError> {
    let chosen = KINDS.iter().find(|(word, _)| *word == form.text("procedure"));
    chosen.map(|(_, kind)| *kind).ok_or_else(|| wrong("procedure", "特别程序", "请选择特别程序"))
}

/// POST /desk/time/{no}/tell
pub async fn tell(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let reason = form.text("reason").to_owned();
    ask(&visit, &no, "tell", form, Ok(Command::TellHearingRight { reason })).await
}

/// POST /desk/time/{no}/notify
pub async fn notify_special(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let mut errors = Vec::new();
    let mut take = |outcome: Result<u16, FieldError>| outcome.map_err(|e| errors.push(e)).unwrap_or_default();
    let days = take(days(&form));
    let procedure = kind_of(&form).map_err(|e| errors.push(e)).ok();
    let held_on = match form.text("held_on") {
        "" => None,
        text => match text.parse::<Date>() {
            Ok(day) => Some(day),
            Err(_) => {
                errors.push(wrong("held_on", "举行日期", "请按年-月-日填写，例如2026-03-20"));
                None
            }
        },
    };
    let presider = form.text("presider").parse::<i64>().ok().map(Id::from);
    let command = match procedure {
        Some(procedure) if errors.is_empty() => Ok(Command::NotifySpecial(Box::new(SpecialPlan {
            procedure,
            days,
            reason: form.text("reason").to_owned(),
            own_motion: form.text("own_motion") == "1",
            held_on,
            place: form.text("place").to_owned(),
            presider,
            people: people(form.text("people")),
        }))),
        _ => Err(errors),
    };
    ask(&visit, &no, "notify", form, command).await
}

/// One person a line: name, part, badge, with spaces or commas between.
fn people(text: &str) -> Vec<SpecialPerson> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let mut parts = line.split(['，', ',', '、', ' ', '\t']).map(str::trim).filter(|p| !p.is_empty());
            let mut next = || parts.next().unwrap_or_default().to_owned();
            let (name, part, badge) = (next(), next(), next());
            SpecialPerson { name, part, badge }
        })
        .collect()
}

/// POST /desk/time/{no}/start
pub async fn start(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let command = kind_of(&form).map(|procedure| Command::StartSpecial { procedure }).map_err(|e| vec![e]);
    ask(&visit, &no, "start", form, command).await
}

/// POST /desk/time/{no}/end
pub async fn end(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let command = kind_of(&form).map_err(|e| vec![e]).map(|procedure| Command::EndSpecial {
        procedure,
        record: form.text("record").to_owned(),
        passed: form.text("passed") != "no",
    });
    ask(&visit, &no, "end", form, command).await
}

/// POST /desk/time/{no}/ask
pub async fn ask_extension(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let reason = form.text("reason").to_owned();
    let command = days(&form).map(|days| Command::RequestExtension { days, reason }).map_err(|e| vec![e]);
    ask(&visit, &no, "ask", form, command).await
}

/// POST /desk/time/{no}/extend
pub async fn extend(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let (reason, approval) = (form.text("reason").to_owned(), form.text("approval").to_owned());
    let command = days(&form).map(|days| Command::Extend { days, reason, approval }).map_err(|e| vec![e]);
    ask(&visit, &no, "extend", form, command).await
}

/// POST /desk/time/{no}/refuse
pub async fn refuse(visit: Visit, Path(no): Path<String>, form: Form) -> Result<Response, Error> {
    let reason = form.text("reason").to_owned();
    ask(&visit, &no, "refuse", form, Ok(Command::RefuseExtension { reason })).await
}
