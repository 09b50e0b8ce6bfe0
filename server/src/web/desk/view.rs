//! The pieces of a case that every desk shows: head, clock, answers, materials, documents, applicant, timeline, findings.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use tongban_domain::calendar::date_of_ms;
use tongban_domain::case::{Case, DocumentRef, Event, Mark, StateName, TextRef, staff_words};
use tongban_domain::ids::Id;
use tongban_domain::item::{Answers, Field, FieldKind, Material};
use tongban_domain::party::PartyKind;

use super::queue::{self, Queue};
use super::{Asked, Visit};
use crate::app::App;
use crate::casefile::{CaseFile, Happened};
use crate::error::Error;
use crate::secrets::{hex, random};
use crate::showing::mask;
use crate::web::portal::{holder, messages, post_and_name};
use crate::web::words::{self, Light, Standing};

/// How a case stands today.
pub fn standing(app: &App, case: &Case) -> Standing {
    let catalogue = app.catalogue();
    match catalogue.regimes.get(&case.ledger.regime) {
        Some(regime) => words::standing(case, regime, &catalogue.calendar, app.today()),
        None => Standing {
            light: Light::new("grey", "不计时", "没有在走的时限"),
            left: "—".into(),
            due: None,
            used: 0,
        },
    }
}

/// What every case page of a desk needs: head, side, documents, neighbours, and what its forms carry.
pub async fn page(
    visit: &Visit,
    file: &CaseFile,
    base: &str,
    queues: &[Queue],
    asked: &Asked,
) -> Result<serde_json::Map<String, Value>, Error> {
    let queue = match asked.tab.as_str() {
        "" => queue::of_state(queues, file.case.state.name()),
        tab => queue::named(queues, tab),
    };
    let (prev, next) = queue::neighbours(&visit.app, &visit.caller, base, queue, (file, asked)).await?;
    messages::read_with_case(&visit.app, &visit.caller, file.case.id);
    let standing = standing(&visit.app, &file.case);
    let mut page = serde_json::Map::new();
    page.insert("case".into(), head(file, &standing));
    page.insert("clock".into(), clock(file, &standing));
    page.insert("documents".into(), documents(file, |_| true));
    page.insert("duty".into(), duty(visit, file));
    page.insert("applicant".into(), applicant(file));
    page.insert("timeline".into(), timeline(file, &standing, false).into());
    page.insert("prev".into(), prev.into());
    page.insert("next".into(), next.into());
    page.insert("key".into(), hex(&random::<16>()).into());
    page.insert("version".into(), file.case.version.into());
    Ok(page)
}

/// The head of a case.
pub fn head(file: &CaseFile, standing: &Standing) -> Value {
    let case = &file.case;
    let flags = [
        (case.at_window, "窗口提交"),
        (case.flags.deferred, "容缺受理"),
        (case.flags.committed, "告知承诺"),
        (case.flags.deemed, "视为受理"),
        (case.flags.extended, "已延期"),
        (case.flags.special, "特别程序"),
    ];
    json!({
        "no": case.no,
        "no_spaced": case.no.grouped(),
        "national_no": case.national_no.as_ref().map_or("", |n| n.as_str()),
        "item": file.entry.name,
        "situation": file.entry.situation(&case.item.situation).map_or("", |s| s.name.as_str()),
        "state": staff_words(case.state.name()),
        "light": standing.light,
        "left": standing.left,
        "due": standing.due.map_or("—".to_owned(), words::due_day),
        "officer": case.officer.map_or("", |o| file.person(o.get())),
        "flags": flags
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, word)| (*word).to_owned())
            .chain(lamps(case))
            .collect::<Vec<_>>(),
    })
}

/// The lamps that are on: `R03 红灯`.
fn lamps(case: &Case) -> impl Iterator<Item = String> {
    case.marks.iter().filter(|m| !m.state.is_closed()).map(|m| format!("{} {}", m.rule, m.light.label()))
}

/// The clock and how it was reckoned.
pub fn clock(file: &CaseFile, standing: &Standing) -> Value {
    let summary = match standing.due {
        Some(due) if standing.used > 0 => {
            format!("已用{}个工作日，{}，最迟{}", standing.used, standing.left, words::due_day(due))
        }
        Some(due) => format!("{}，最迟{}", standing.left, words::due_day(due)),
        None => match file.case.state.name() {
            StateName::Suspended => "中止期间不计时，恢复后继续".to_owned(),
            _ => "没有在走的时限".to_owned(),
        },
    };
    let steps: Vec<Value> = file
        .explanation
        .iter()
        .map(|s| {
            json!({"date": tongban_domain::case::chinese_date(s.date), "text": s.text, "article": s.article, "provisional": s.provisional, "skipped": s.skipped_words()})
        })
        .collect();
    let moved: Vec<String> = file.moved.iter().map(crate::calendar::moved_words).collect();
    json!({"summary": summary, "light": standing.light, "steps": steps, "moved": moved})
}

/// 首问负责: who was asked first, who has it now, and the hand-overs so far.
fn duty(visit: &Visit, file: &CaseFile) -> Value {
    let first = file.first_asked().map_or(String::new(), |h| {
        format!("{}（{} {}）", post_and_name(file, h), words::short_moment(h.row.at), h.event.label())
    });
    let officer = file.case.officer.map_or("", |o| file.person(o.get()));
    let (now, _) = holder(&visit.app, &file.case, officer);
    let over: Vec<String> = file
        .handed_over()
        .map(|(h, officer)| {
            let (by, to) = (file.person(h.row.account), file.person(officer.get()));
            format!("{} {by} → {to}", words::short_moment(h.row.at))
        })
        .collect();
    let rows = [("首问负责人", first), ("现在由谁办", now), ("交接", over.join("；"))];
    rows.into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| json!({"label": label, "value": value}))
        .collect()
}

/// A section of the form as it was answered.
#[derive(Debug, Serialize)]
pub struct Section {
    /// Title.
    pub title: String,
    /// Rows.
    pub rows: Vec<Row>,
}

/// One answer.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Field key.
    pub key: String,
    /// Label.
    pub label: String,
    /// Value with its unit, identifiers masked.
    pub value: String,
    /// The value at submission, when it was another.
    pub was: String,
}

/// The answers by section, with what they were at submission.
pub fn answers(file: &CaseFile) -> Vec<Section> {
    let before = first_answers(file);
    let form = &file.entry.form;
    let row = |field: &Field| {
        let now = file.answers.get(&field.key).map_or("", String::as_str);
        let was = before.get(&field.key).map_or("", String::as_str);
        Row {
            key: field.key.clone(),
            label: field.label.clone(),
            value: shown(field, now),
            was: if was == now { String::new() } else { shown(field, was) },
        }
    };
    form.sections
        .iter()
        .map(|section| Section {
            title: section.title.clone(),
            rows: section.fields.iter().filter(|f| form.asked(f, &file.answers)).map(row).collect(),
        })
        .filter(|section| !section.rows.is_empty())
        .collect()
}

fn first_answers(file: &CaseFile) -> Answers {
    let first: Option<&TextRef> = file.timeline.first().and_then(|h| match &h.event {
        Event::Submitted(submitted) => Some(&submitted.answers),
        _ => None,
    });
    first.and_then(|text| serde_json::from_str(file.text(text)).ok()).unwrap_or_else(|| file.answers.clone())
}

fn shown(field: &Field, value: &str) -> String {
    let value = mask(Some(field.kind), value);
    match (value.is_empty(), field.kind) {
        (true, _) => value,
        (_, FieldKind::Money) => format!("{value} 元"),
        _ if field.unit.is_empty() => value,
        _ => format!("{value} {}", field.unit),
    }
}

/// The materials of the case's situation.
pub fn asked_materials(file: &CaseFile) -> Vec<&Material> {
    let situation = file.entry.situation(&file.case.item.situation);
    situation.map(|s| file.entry.materials_of(s).collect()).unwrap_or_default()
}

/// The materials with their files, read only.
pub fn materials(file: &CaseFile) -> Vec<Value> {
    asked_materials(file)
        .into_iter()
        .map(|m| json!({"name": m.name, "verdict": "", "files": files(file, &m.key)}))
        .collect()
}

/// The files of a material.
pub fn files(file: &CaseFile, material: &str) -> Vec<Value> {
    file.case
        .files_of(material)
        .iter()
        .map(|f| {
            json!({
                "name": file.file_names.get(&f.id).map_or("文件", String::as_str),
                "size": words::size(f.size),
                "href": format!("/desk/cases/{}/files/{}", file.case.no, f.id),
                "preview": null,
            })
        })
        .collect()
}

/// The documents, newest first.
pub fn documents(file: &CaseFile, which: impl Fn(&DocumentRef) -> bool) -> Value {
    let made: BTreeMap<Id, i64> =
        file.timeline.iter().flat_map(|h| h.event.documents().iter().map(|d| (d.id, h.row.at))).collect();
    file.case
        .documents
        .iter()
        .rev()
        .filter(|d| which(d))
        .map(|d| {
            let sealed = d.seal.is_some();
            let date = made
                .get(&d.id)
                .map_or(String::new(), |at| tongban_domain::case::chinese_date(date_of_ms(*at)));
            json!({
                "label": d.kind.title(file.entry.kind),
                "number": d.number,
                "date": date,
                "href": sealed.then(|| format!("/desk/cases/{}/documents/{}", file.case.no, d.id)),
                "verify_href": sealed.then(|| format!("/verify/{}", d.check_code())),
            })
        })
        .collect()
}

/// The applicant; identifiers masked.
pub fn applicant(file: &CaseFile) -> Value {
    let party = &file.party;
    let (name, number) = match party.kind {
        PartyKind::Person => ("姓名", "证件号码"),
        PartyKind::Organisation => ("名称", "信用代码"),
    };
    let mobile = party.mobile.as_ref().map(|m| m.masked()).unwrap_or_default();
    let rows = [
        (name, party.name.clone()),
        (number, party.masked_identifier()),
        ("法定代表人", party.representative.clone().unwrap_or_default()),
        ("联系电话", mobile),
        ("提交方式", if file.case.at_window { "窗口提交" } else { "网上提交" }.to_owned()),
    ];
    rows.into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| json!({"label": label, "value": value}))
        .collect()
}

/// What happened, newest first, below what comes next. The sealing of documents only when everything is asked for.
pub fn timeline(file: &CaseFile, standing: &Standing, everything: bool) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    if let (Some(due), Some(title)) = (standing.due, next_act(file.case.state.name())) {
        let at = format!("最迟{}", words::due_day(due));
        events.push(json!({"at": at, "title": title, "who": "", "text": "", "state": "next"}));
    }
    let told = file.timeline.iter().rev();
    events.extend(
        told.filter(|h| everything || !matches!(h.event, Event::DocumentSealed { .. }))
            .map(|h| happened(file, h)),
    );
    events
}

fn happened(file: &CaseFile, happened: &Happened) -> Value {
    json!({
        "at": words::moment(happened.row.at),
        "title": happened.event.label(),
        // What the watch raises is the platform's own, whoever's act it followed.
        "who": if matches!(happened.event, Event::Marked(_)) { "平台" } else { file.person(happened.row.account) },
        "text": event_text(file, &happened.event),
        "state": "done",
    })
}

fn next_act(state: StateName) -> Option<&'static str> {
    Some(match state {
        StateName::Submitted | StateName::Received => "答复是否受理",
        StateName::Supplementing => "申请人补正",
        StateName::Accepted | StateName::Reviewing | StateName::Deciding => "作出决定",
        StateName::Granted | StateName::Refused | StateName::Issued => "颁发、送达",
        _ => return None,
    })
}

fn event_text(file: &CaseFile, event: &Event) -> String {
    let labels = |keys: &[String]| -> String {
        let form = &file.entry.form;
        let known = |key: &String| {
            let field = form.field(key).map(|f| f.label.clone());
            field.or_else(|| file.entry.material(key).map(|m| m.name.clone())).unwrap_or_else(|| key.clone())
        };
        keys.iter().map(known).collect::<Vec<_>>().join("、")
    };
    let mut parts: Vec<String> = match event {
        Event::Amended { fields, .. } => vec![format!("更正：{}", labels(fields))],
        Event::SupplementRequested { rows, .. } => file
            .supplement_rows(rows)
            .iter()
            .map(|r| format!("{}：{}；{}", labels(std::slice::from_ref(&r.target)), r.problem, r.fix))
            .collect(),
        Event::Supplemented { fields, files, .. } => {
            let keys: Vec<String> =
                fields.iter().cloned().chain(files.iter().map(|f| f.material.clone())).collect();
            vec![format!("补正：{}", labels(&keys))]
        }
        Event::SpecialNotified { procedure, days, excluded, held_on, .. } => vec![
            format!("{}，告知需{days}日", procedure.label()),
            if *excluded { "不计入期限".to_owned() } else { "在期限内进行".to_owned() },
            held_on.map_or(String::new(), |day| format!("{}举行", words::day(day))),
        ],
        Event::SpecialStarted { procedure, .. } => vec![procedure.label().to_owned()],
        Event::SpecialEnded { procedure, passed, .. } => {
            vec![format!("{}：{}", procedure.label(), if *passed { "通过" } else { "未通过" })]
        }
        Event::ExtensionRequested { days, .. } => vec![format!("提请延长{days}日")],
        Event::Extended { n, by, .. } => vec![format!("经{}批准延长{n}日", by.label())],
        Event::HearingRightTold { ask_by, .. } => {
            vec![format!("申请人可在{}前申请听证", words::day(*ask_by))]
        }
        Event::HearingRequested { hold_by, .. } => vec![format!("应在{}前组织听证", words::day(*hold_by))],
        Event::Marked(mark) => mark_words(mark),
        Event::MarkAnswered { mark, .. }
        | Event::MarkContested { mark, .. }
        | Event::MarkClosed { mark, .. } => {
            file.case.mark(*mark).map(|m| format!("{} {}", m.rule, m.light.label())).into_iter().collect()
        }
        Event::Declined { ground, .. } => vec![ground.label().to_owned()],
        Event::Terminated { ground, .. } => vec![ground.label().to_owned()],
        Event::Assigned { officer, .. } => vec![format!("经办人：{}", file.person(officer.get()))],
        Event::Passed { .. } => Vec::new(),
        Event::Delivered { method, .. } => vec![method.label().to_owned()],
        Event::DocumentSealed { document, .. } => {
            file.case.document(*document).map(|d| d.kind.label().to_owned()).into_iter().collect()
        }
        _ => Vec::new(),
    };
    parts.retain(|part| !part.is_empty());
    let said = match event {
        Event::Passed { .. } => String::new(),
        event => file.words_of(event).to_owned(),
    };
    parts.extend(Some(said).filter(|s| !s.is_empty()));
    parts.extend(event.documents().iter().map(|d| format!("{} {}", d.kind.label(), d.number)));
    parts.join("；")
}

/// A mark in words: rule, light, figures.
pub fn mark_words(mark: &Mark) -> Vec<String> {
    let mut words = vec![format!("{} {}", mark.rule, mark.light.label())];
    words.extend(mark.figures.iter().map(|f| format!("{}{}", f.label, f.value)));
    words
}

/// What a review step found.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Name of the step.
    pub name: String,
    /// Who passed it.
    pub officer: String,
    /// When.
    pub at: String,
    /// Point by point.
    pub findings: Vec<Finding>,
    /// Opinion.
    pub opinion: String,
}

/// What was found on one review point.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Point key.
    pub key: String,
    /// Whether it is met.
    pub met: bool,
    /// The point.
    pub text: String,
    /// The provision behind it.
    pub basis: String,
    /// Note.
    pub note: String,
}

/// The review steps that stand passed, each as it was passed last.
pub fn steps(file: &CaseFile) -> Vec<Step> {
    let mut passed: BTreeMap<u8, Step> = BTreeMap::new();
    for happened in &file.timeline {
        let Event::Passed { step, points, .. } = &happened.event else { continue };
        let words = file.words_of(&happened.event);
        let noted = |key: &str| words.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('：'));
        let is_note = |line: &&str| points.iter().any(|p| noted_by(line, &p.point));
        let findings = points
            .iter()
            .filter_map(|p| {
                let point = file.entry.review_points.iter().find(|r| r.key == p.point)?;
                Some(Finding {
                    key: p.point.clone(),
                    met: p.met,
                    text: point.text.clone(),
                    basis: point.basis.clone(),
                    note: noted(&p.point).unwrap_or_default().to_owned(),
                })
            })
            .collect();
        let opinion: Vec<&str> = words.lines().filter(|l| !l.is_empty() && !is_note(l)).collect();
        passed.insert(
            *step,
            Step {
                name: step_name(file, *step),
                officer: file.person(happened.row.account).to_owned(),
                at: words::short_moment(happened.row.at),
                findings,
                opinion: opinion.join("\n"),
            },
        );
    }
    passed.into_iter().filter(|(step, _)| *step < file.case.steps_passed).map(|(_, step)| step).collect()
}

fn noted_by(line: &str, point: &str) -> bool {
    line.strip_prefix(point).is_some_and(|rest| rest.starts_with('：'))
}

/// Name of a review step.
pub fn step_name(file: &CaseFile, step: u8) -> String {
    file.entry.review_steps().nth(usize::from(step)).map_or_else(|| "审查".to_owned(), |s| s.name.clone())
}
