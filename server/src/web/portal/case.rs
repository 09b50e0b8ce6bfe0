//! One case as its applicant reads it: where it stands, who has it, what comes next, how the days are counted.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value as Json, json};
use tongban_domain::calendar::date_of_ms;
use tongban_domain::case::{
    Back, Case, CommandKind, DocumentRef, Event, PaperKind, State as CaseState, StateName, citizen_words,
};
use tongban_domain::item::Answers;
use tongban_domain::permit::may;

use super::{Done, messages, see, words};
use crate::app::App;
use crate::casefile::{self, CaseFile, Happened};
use crate::error::Error;
use crate::showing;
use crate::signin::Caller;
use crate::web::page::Page;

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
    Query(query): Query<Done>,
) -> Result<Response, Error> {
    if caller.role().is_some() {
        return Ok(see(&format!("/desk/cases/{no}")));
    }
    let file = casefile::open(&app, &caller, &no, "page").await?;
    messages::read_with_case(&app, &caller, file.case.id);
    let state = file.case.state.name();
    let offered = |kind: CommandKind| may(&caller.actor, kind, Some(&file.case)).is_ok();
    let own = json!({
        "case": head(&app, &file),
        "stages": stages(&file.case),
        "clock": clock(&app, &file),
        "can": {
            "supplement": state == StateName::Supplementing && offered(CommandKind::Resubmit),
            "withdraw": withdrawable(state) && offered(CommandKind::WithdrawApplication),
            "hearing": hearing_open(&app, &file.case) && offered(CommandKind::RequestHearing),
            "rate": rateable(&file.case) && offered(CommandKind::Rate),
        },
        "reasons": reasons(&app, &file),
        "documents": documents_of(&file),
        "answers": answers(&file),
        "materials": materials(&file),
        "timeline": timeline(&file),
    });
    Page::new(&app, &caller, &headers, &format!("/cases/{no}"), "办件进度")
        .crumbs(&[("/cases", "我的办件"), ("", &file.entry.name)])
        .flash("good", words::done(query.done.as_deref()))
        .render("portal/case.html", own)
}

/// Whether an application in this state can still be taken back; the law decides again when it is asked.
pub fn withdrawable(state: StateName) -> bool {
    use StateName as S;
    matches!(
        state,
        S::Submitted
            | S::Received
            | S::Supplementing
            | S::Accepted
            | S::Reviewing
            | S::Suspended
            | S::Deciding
    )
}

/// Whether a hearing can still be asked for; the law decides again when it is asked.
pub fn hearing_open(app: &App, case: &Case) -> bool {
    use StateName as S;
    let under_way = matches!(case.state.name(), S::Accepted | S::Reviewing | S::Deciding);
    let told = case.hearing.as_ref().filter(|h| h.asked_on.is_none());
    under_way && told.is_some_and(|h| app.today() <= h.ask_by)
}

fn rateable(case: &Case) -> bool {
    let state = case.state.name();
    case.rating.is_none()
        && (state == StateName::Delivered || state.is_over())
        && state != StateName::Archived
}

/// What a page about a case says on top.
pub fn brief(app: &App, file: &CaseFile) -> Json {
    let case = &file.case;
    let catalogue = app.catalogue();
    let agency = catalogue.directory.agency(&case.places.deciding).map_or("", |a| a.name.as_str());
    json!({
        "no": case.no, "no_spaced": words::spaced(&case.no), "item": file.entry.name,
        "situation": file.entry.situation(&case.item.situation).map_or("", |s| s.name.as_str()),
        "agency": agency,
    })
}

fn head(app: &App, file: &CaseFile) -> Json {
    let case = &file.case;
    let officer = case.officer.map_or("", |o| file.person(o.get()));
    let (holder, phone) = holder(app, case, officer);
    let mut head = brief(app, file);
    head["national_no"] = json!(case.national_no.as_ref().map_or(String::new(), ToString::to_string));
    head["tone"] = json!(tone(case));
    head["words"] = json!(citizen_words(case, file.due));
    head["first_asked"] = json!(first_asked(file));
    head["holder"] = json!(holder);
    head["holder_phone"] = json!(phone);
    head["next"] = json!(next(case));
    head
}

/// Who was asked first, as the applicant may know them.
fn first_asked(file: &CaseFile) -> String {
    let Some(first) = file.first_asked() else { return String::new() };
    format!("{}（{}{}）", post_and_name(file, first), words::moment(first.row.at), first.event.label())
}

fn tone(case: &Case) -> &'static str {
    use StateName as S;
    let refused = case.decision.as_ref().is_some_and(|d| !d.granted);
    match case.state.name() {
        S::Supplementing => "action",
        S::Refused | S::Declined | S::Terminated => "bad",
        S::Issued | S::Delivered | S::Closed | S::Archived if refused => "bad",
        S::Granted | S::Issued | S::Delivered | S::Closed | S::Archived => "good",
        S::Submitted
        | S::Received
        | S::Accepted
        | S::Reviewing
        | S::Suspended
        | S::Deciding
        | S::Withdrawn => "info",
    }
}

/// Who has the case now, and the number to call.
pub fn holder(app: &App, case: &Case, officer: &str) -> (String, String) {
    use StateName as S;
    let catalogue = app.catalogue();
    let agency = |key: &str| catalogue.directory.agency(key).map_or(String::new(), |a| a.name.clone());
    let item = catalogue.item(&case.item.local);
    let phone = item.map_or(String::new(), |i| i.phone().to_owned());
    let office = item.map_or(String::new(), |i| i.entry.office.clone());
    let window = || format!("{}综合窗口", agency(&case.places.receiving));
    match case.state.name() {
        S::Submitted | S::Received => (window(), phone),
        S::Supplementing => ("您本人".into(), String::new()),
        S::Accepted => (format!("{}，等待分派经办人", agency(&case.places.deciding)), phone),
        S::Reviewing | S::Suspended => (format!("{office} {officer}").trim().to_owned(), phone),
        S::Deciding => (format!("{}首席代表", agency(&case.places.deciding)), phone),
        S::Granted | S::Refused | S::Issued => (window(), phone),
        S::Delivered | S::Closed | S::Archived | S::Declined | S::Withdrawn | S::Terminated => {
            ("已办完".into(), String::new())
        }
    }
}

fn next(case: &Case) -> &'static str {
    use StateName as S;
    match case.state.name() {
        S::Submitted => "等窗口收件、核对材料",
        S::Received => "窗口告诉您受理、要补正什么，或者不能受理的原因",
        S::Supplementing => "改好指出的地方，提交补正",
        S::Accepted => "分派经办人，开始审查",
        S::Reviewing => "审查完后，由首席代表决定",
        S::Suspended => "中止的原因消除后恢复办理，会告诉您新的期限",
        S::Deciding => "首席代表作出决定",
        S::Granted => "制作证照或者决定书，准备送达",
        S::Refused => "决定书送达给您；不服决定的，可以复议或者起诉",
        S::Issued => "到窗口领取，或者等邮寄、电子送达",
        S::Delivered | S::Closed if case.rating.is_none() => "请花10秒评价这次办事",
        S::Delivered | S::Closed | S::Archived => "没有要您做的事了",
        S::Declined => "请看原因；备齐条件后可以重新申请",
        S::Withdrawn => "以后还想办，可以重新申请",
        S::Terminated => "请看原因；材料可以到窗口取回",
    }
}

/// The road of the case: six stations, how far it came, and where it stopped.
fn stages(case: &Case) -> Vec<Json> {
    const STATIONS: [&str; 6] = ["提交", "收件", "受理", "审查", "决定", "送达"];
    let reached = match (case.ledger.decided, case.ledger.accepted, &case.national_no) {
        (Some(_), _, _) => 5,
        (None, Some(_), _) => 3,
        (None, None, Some(_)) => 2,
        (None, None, None) => 1,
    };
    // The station where it is now (none: all are behind it), and a word beside it.
    let (now, note) = match case.state {
        CaseState::Submitted { .. } => (0, ""),
        CaseState::Received { .. } => (1, ""),
        CaseState::Supplementing { .. } => (1, "等您补正"),
        CaseState::Accepted { .. } => (2, ""),
        CaseState::Reviewing { .. } => (3, ""),
        CaseState::Suspended { back: Back::Accepted | Back::Reviewing { .. }, .. } => (3, "中止"),
        CaseState::Suspended { back: Back::Deciding, .. } => (4, "中止"),
        CaseState::Deciding { .. } => (4, ""),
        CaseState::Granted { .. } => (5, "正在制证"),
        CaseState::Refused { .. } => (5, ""),
        CaseState::Issued { .. } => (5, "等您领取"),
        CaseState::Delivered { .. } | CaseState::Closed { .. } | CaseState::Archived { .. } => (6, ""),
        CaseState::Declined { .. } => (2, "不予受理"),
        CaseState::Withdrawn { .. } => (reached, "已撤回"),
        CaseState::Terminated { .. } => (reached, "已终止"),
    };
    STATIONS
        .iter()
        .enumerate()
        .map(|(at, label)| {
            let state = if at < now {
                "done"
            } else if at == now {
                "now"
            } else {
                "todo"
            };
            json!({"label": label, "state": state, "note": if at == now { note } else { "" }})
        })
        .collect()
}

fn clock(app: &App, file: &CaseFile) -> Json {
    let case = &file.case;
    let catalogue = app.catalogue();
    let steps: Vec<Json> = file
        .explanation
        .iter()
        .map(|e| {
            json!({"date": words::stored_day(&e.date.to_string()), "text": e.text, "article": e.article, "provisional": e.provisional, "skipped": e.skipped_words()})
        })
        .collect();
    let regime = catalogue.regimes.get(&file.entry.regime);
    let (summary, light) = match (case.state.name(), file.due, regime) {
        (StateName::Supplementing, Some(due), _) => (
            format!("补正期间不计窗口的时间，您最迟{}补正", words::due_day(due)),
            words::standing("停表", "等您补正，窗口的时钟停着"),
        ),
        (StateName::Suspended, _, _) => {
            ("中止期间不计入期限".to_owned(), words::standing("停表", "中止办理，期限停着"))
        }
        (_, Some(due), Some(regime)) => {
            let pressing = words::pressing(case, due, regime, &catalogue.calendar, app.today());
            let used = format!("已用{}个工作日，{}，", pressing.used, pressing.words());
            (format!("{used}最迟{}", words::due_day(due)), pressing.light())
        }
        _ => return Json::Null,
    };
    let moved: Vec<String> = file.moved.iter().map(crate::calendar::moved_words).collect();
    json!({"summary": summary, "light": light, "steps": steps, "moved": moved})
}

/// Why it stands as it stands: what to put right, or the reasons of a decision with the way out.
fn reasons(app: &App, file: &CaseFile) -> Vec<Json> {
    let line = |label: &str, text: &str| json!({"label": format!("{label}："), "text": text});
    if let Some(open) = file.case.open_supplement() {
        return file
            .supplement_rows(&open.rows)
            .iter()
            .map(|row| {
                line(
                    name_of(file, &row.target),
                    &format!("{}。{}", row.problem.trim_end_matches('。'), row.fix),
                )
            })
            .collect();
    }
    let wanted = file.timeline.iter().rev().find(|h| {
        matches!(
            (&h.event, file.case.state.name()),
            (Event::Declined { .. }, StateName::Declined)
                | (Event::Terminated { .. }, StateName::Terminated)
                | (Event::Suspended { .. }, StateName::Suspended)
                | (Event::Refused { .. }, _)
        )
    });
    let Some(happened) = wanted else { return Vec::new() };
    let mut lines = Vec::new();
    match &happened.event {
        Event::Declined { ground, .. } => lines.push(line("情形", ground.label())),
        Event::Terminated { ground, .. } => lines.push(line("情形", ground.label())),
        _ => {}
    }
    for text in file.words_of(&happened.event).lines().filter(|l| !l.trim().is_empty()) {
        let (label, text) = text.strip_prefix("依据：").map_or(("原因", text), |basis| ("依据", basis));
        lines.push(line(label, text));
    }
    let catalogue = app.catalogue();
    if let Some(item) =
        catalogue.item(&file.case.item.local).filter(|_| !matches!(happened.event, Event::Suspended { .. }))
    {
        let way = format!(
            "向{}申请行政复议，或者向{}提起行政诉讼；期限写在文书里。",
            item.review_organ(),
            item.litigation_court()
        );
        lines.push(line("您可以", &way));
    }
    lines
}

/// The name of a field or material that a request for supplements points at.
pub fn name_of<'a>(file: &'a CaseFile, target: &'a str) -> &'a str {
    let field = file.entry.form.field(target).map(|f| f.label.as_str());
    field.or_else(|| file.entry.material(target).map(|m| m.name.as_str())).unwrap_or(target)
}

fn label_of<'a>(file: &'a CaseFile, document: &DocumentRef) -> &'a str {
    if document.kind == PaperKind::Licence { &file.entry.result.name } else { document.kind.label() }
}

fn documents_of(file: &CaseFile) -> Vec<Json> {
    let made = |id| file.timeline.iter().find(|h| h.event.documents().iter().any(|d| d.id == id));
    file.case
        .documents
        .iter()
        .rev()
        .map(|d| {
            let sealed = d.seal.is_some();
            json!({
                "label": label_of(file, d), "number": d.number,
                "date": made(d.id).map_or(String::new(), |h| words::stored_day(&date_of_ms(h.row.at).to_string())),
                "href": sealed.then(|| format!("/cases/{}/documents/{}", file.case.no, d.id)),
                "verify_href": sealed.then(|| format!("/verify/{}", d.check_code())),
            })
        })
        .collect()
}

/// What was filled in, identifiers masked, with what stood there before a change.
fn answers(file: &CaseFile) -> Vec<Json> {
    let first: Answers = file
        .timeline
        .iter()
        .find_map(|h| if let Event::Submitted(s) = &h.event { Some(&s.answers) } else { None })
        .and_then(|text| serde_json::from_str(file.text(text)).ok())
        .unwrap_or_default();
    let form = &file.entry.form;
    form.sections
        .iter()
        .map(|section| {
            let rows: Vec<Json> = section
                .fields
                .iter()
                .filter(|f| form.asked(f, &file.answers))
                .map(|f| {
                    let shown = |answers: &Answers| {
                        let value = answers.get(&f.key).map(|v| showing::mask(Some(f.kind), v)).unwrap_or_default();
                        if value.is_empty() || f.unit.is_empty() { value } else { format!("{value} {}", f.unit) }
                    };
                    let changed = first.get(&f.key) != file.answers.get(&f.key);
                    json!({"label": f.label, "value": shown(&file.answers), "was": if changed { shown(&first) } else { String::new() }})
                })
                .collect();
            json!({"title": section.title, "rows": rows})
        })
        .collect()
}

fn materials(file: &CaseFile) -> Vec<Json> {
    let Some(situation) = file.entry.situation(&file.case.item.situation) else { return Vec::new() };
    file.entry
        .materials_of(situation)
        .map(|m| {
            let files: Vec<Json> = file
                .case
                .files_of(&m.key)
                .iter()
                .map(|f| {
                    json!({
                        "name": file.file_names.get(&f.id).map_or("文件", String::as_str),
                        "size": words::size(f.size), "preview": null,
                        "href": format!("/cases/{}/files/{}", file.case.no, f.id),
                    })
                })
                .collect();
            json!({"name": m.name, "verdict": "", "files": files})
        })
        .collect()
}

fn timeline(file: &CaseFile) -> Vec<Json> {
    let mut rows = Vec::new();
    if let Some(due) = file.due {
        let (title, who) = match file.case.state.name() {
            StateName::Submitted | StateName::Received => ("窗口答复", ""),
            StateName::Supplementing => ("您提交补正", ""),
            StateName::Granted | StateName::Refused | StateName::Issued => ("送达", ""),
            _ => ("作出决定", ""),
        };
        rows.push(json!({"at": format!("最迟{}", words::due_day(due)), "title": title, "who": who, "text": "", "state": "next"}));
    }
    let over = file.case.state.name().is_over();
    let public = file.timeline.iter().rev().filter(|h| h.event.is_public());
    rows.extend(public.enumerate().map(|(at, h)| {
        let state = if at == 0 && !over { "now" } else { "done" };
        json!({"at": words::moment(h.row.at), "title": h.event.label(), "who": who(file, h), "text": text(file, h), "state": state})
    }));
    rows
}

/// A member of staff who acted, by post and name; a submission by staff was taken at the window.
pub fn post_and_name(file: &CaseFile, happened: &Happened) -> String {
    match &happened.event {
        Event::Submitted(_) if happened.row.post != 0 => {
            format!("综合窗口 {}", file.person(happened.row.account))
        }
        _ => who(file, happened),
    }
}

/// Who acted, as the applicant may know them (四公开): the post and the name.
fn who(file: &CaseFile, happened: &Happened) -> String {
    let name = file.person(happened.row.account);
    if happened.row.account == 0 {
        return name.to_owned();
    }
    match &happened.event {
        Event::Submitted(_)
        | Event::Supplemented { .. }
        | Event::Withdrawn { .. }
        | Event::HearingRequested { .. }
        | Event::Rated { .. } => file.party.name.clone(),
        Event::Assigned { .. }
        | Event::Passed { .. }
        | Event::Returned { .. }
        | Event::HearingRightTold { .. }
        | Event::SpecialNotified { .. }
        | Event::SpecialStarted { .. }
        | Event::SpecialEnded { .. }
        | Event::ExtensionRequested { .. }
        | Event::MarkAnswered { .. }
        | Event::MarkContested { .. }
        | Event::RatingAnswered { .. } => format!("{} {name}", file.entry.office),
        Event::Extended { .. } | Event::ExtensionRefused { .. } => format!("机关负责人 {name}"),
        Event::Marked(_) | Event::MarkClosed { .. } => format!("效能监督 {name}"),
        Event::Granted { .. }
        | Event::Refused { .. }
        | Event::Suspended { .. }
        | Event::Resumed { .. }
        | Event::Terminated { .. } => format!("首席代表 {name}"),
        Event::Received { .. }
        | Event::Amended { .. }
        | Event::SupplementRequested { .. }
        | Event::Accepted { .. }
        | Event::Declined { .. }
        | Event::DocumentSealed { .. }
        | Event::Issued { .. }
        | Event::Delivered { .. }
        | Event::Closed
        | Event::Archived => format!("综合窗口 {name}"),
    }
}

fn text(file: &CaseFile, happened: &Happened) -> String {
    let papers: Vec<String> =
        happened.event.documents().iter().map(|d| format!("{} {}", label_of(file, d), d.number)).collect();
    match &happened.event {
        Event::Assigned { officer, .. } => format!("经办人：{}", file.person(officer.get())),
        Event::Delivered { method, .. } => method.label().to_owned(),
        Event::SupplementRequested { fields, materials, due, .. } => format!(
            "{}处，请在{}前补正。{}",
            fields.len() + materials.len(),
            words::day(*due),
            papers.join("；")
        ),
        Event::Declined { .. }
        | Event::Refused { .. }
        | Event::Terminated { .. }
        | Event::Suspended { .. } => {
            format!("{} {}", file.words_of(&happened.event).replace('\n', " "), papers.join("；"))
        }
        Event::HearingRightTold { ask_by, .. } => {
            format!("您可以在{}前申请听证。{}", words::day(*ask_by), papers.join("；"))
        }
        Event::HearingRequested { hold_by, .. } => format!("机关将在{}前组织听证", words::day(*hold_by)),
        Event::SpecialNotified { procedure, days, held_on, excluded, .. } => format!(
            "{}，需{days}日{}{}。{}",
            procedure.label(),
            held_on.map_or(String::new(), |day| format!("，{}举行", words::day(day))),
            if *excluded { "，不计入办理期限" } else { "，在办理期限内进行" },
            papers.join("；")
        ),
        Event::SpecialStarted { procedure, .. } => procedure.label().to_owned(),
        Event::SpecialEnded { procedure, passed, .. } => format!(
            "{}：{}。{}",
            procedure.label(),
            if *passed { "通过" } else { "未通过" },
            file.words_of(&happened.event)
        ),
        Event::Extended { n, by, .. } => {
            format!("经{}批准延长{n}日。{}", by.label(), papers.join("；"))
        }
        Event::RatingAnswered { .. } => file.words_of(&happened.event).to_owned(),
        Event::Withdrawn { .. } | Event::Rated { .. } => file.words_of(&happened.event).to_owned(),
        _ => papers.join("；"),
    }
}
