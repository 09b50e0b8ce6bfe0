//! The counter (窗口受理): the queues of the comprehensive window, and a case with its materials to check.

use axum::extract::{Path, Query};
use axum::response::Response;
use serde_json::{Map, Value, json};
use tongban_domain::case::{CommandKind as K, DeclineGround, StateName as S};
use tongban_domain::item::{Field, FieldKind, Need};

use super::offer::{offered, silent};
use super::queue::{self, Queue};
use super::{Asked, Typed, Visit, told, view};
use crate::casefile::{self, CaseFile};
use crate::error::Error;
use crate::showing::mask;

/// Path of the desk.
pub const BASE: &str = "/desk/counter";

/// The tabs of the counter.
pub fn queues() -> Vec<Queue> {
    vec![
        Queue::of("submitted", "待收件", &[S::Submitted]),
        Queue::of("received", "待受理", &[S::Received]),
        Queue::of("supplementing", "待补正", &[S::Supplementing]),
    ]
}

/// GET /desk/counter
pub async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let queues = queues();
    let (current, mut own) = queue::page(&visit.app, &visit.caller, BASE, &queues, &asked).await?;
    let label = queues[current].label;
    own["scope_words"] = format!("{}综合窗口", visit.agency_name()).into();
    own["current_label"] = label.into();
    own["empty_words"] = format!("没有{label}的件").into();
    visit.page("窗口受理").flash("good", told(&asked.done)).render("counter/list.html", own)
}

/// GET /desk/counter/{no}
pub async fn show(
    visit: Visit,
    Path(no): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(&visit, &no, &asked, Typed::default()).await
}

/// The page of a case, fresh or with what was typed.
pub async fn page(visit: &Visit, no: &str, asked: &Asked, typed: Typed) -> Result<Response, Error> {
    let file = casefile::open(&visit.app, &visit.caller, no, "counter").await?;
    let mut own = view::page(visit, &file, BASE, &queues(), asked).await?;
    let can = |kind| offered(visit, &file, kind);
    own.insert(
        "can".into(),
        json!({
            "check": can(K::Accept), "receive": can(K::Receive), "accept": can(K::Accept),
            "supplement": can(K::RequestSupplement), "amend": can(K::AmendOnTheSpot), "decline": can(K::Decline),
        }),
    );
    own.insert("told_before".into(), (!file.case.supplements.is_empty()).into());
    own.insert(
        "again".into(),
        json!({"value": typed.text("supplement", "again"), "error": typed.error("supplement", "again")}),
    );
    own.insert("materials".into(), materials(&file, &typed));
    own.insert("answers".into(), answers(&file, &typed));
    own.insert("amend_open".into(), typed.is("amend").into());
    own.insert("amend_fields".into(), amend_fields(&file, &typed));
    own.insert("decline".into(), decline(&file, &typed));
    own.insert("acts_hint".into(), acts_hint(visit, &file).into());
    let grouped = file.case.no.grouped();
    let crumbs = [(BASE, "窗口受理"), ("", grouped.as_str())];
    let title = format!("办件 {grouped}");
    let page = visit.page(&title).crumbs(&crumbs).errors(typed.errors).flash("good", told(&asked.done));
    page.render("counter/case.html", Value::Object(own))
}

fn acts_hint(visit: &Visit, file: &CaseFile) -> &'static str {
    match file.case.state.name() {
        S::Submitted => "收件后给申请人收件凭证和统一编号",
        S::Received if silent(visit, file) => "告知期已过，依法自收到材料之日起即为受理，请受理",
        S::Received if !file.case.supplements.is_empty() => {
            "已经告知过补正：符合的请受理，仍不符合的请不予受理"
        }
        S::Received => "受理后出受理通知书，承诺期限从今天起算",
        _ => "",
    }
}

/// What was typed beside a material or an answer.
fn asking(typed: &Typed, target: &str, in_answers: bool) -> Map<String, Value> {
    let (problem, fix) = (format!("problem.{target}"), format!("fix.{target}"));
    let sent = |name: &str| {
        if typed.is("accept") { typed.text("accept", name) } else { typed.text("supplement", name) }
    };
    let mut row = Map::new();
    row.insert("asked".into(), (!sent(&problem).is_empty() || !sent(&fix).is_empty()).into());
    row.insert("problem".into(), sent(&problem).into());
    row.insert("fix".into(), sent(&fix).into());
    row.insert("problem_error".into(), typed.error("supplement", &problem).into());
    row.insert("fix_error".into(), typed.error("supplement", &fix).into());
    row.insert("in_answers".into(), in_answers.into());
    row
}

fn materials(file: &CaseFile, typed: &Typed) -> Value {
    let before = matches!(file.case.state.name(), S::Submitted | S::Received | S::Supplementing);
    let row = |m: &tongban_domain::item::Material| {
        let verdict = format!("verdict.{}", m.key);
        let act = if typed.is("supplement") { "supplement" } else { "accept" };
        let mut row = asking(typed, &m.key, false);
        let note = match (m.blank_form, m.shared) {
            (true, _) => "由申请表生成，不用另交文件",
            (_, true) => "共享免提交，由出具机关核验",
            _ => "",
        };
        row.extend([
            ("key".to_owned(), json!(m.key)),
            ("name".to_owned(), json!(m.name)),
            ("need".to_owned(), json!(m.need.label())),
            ("deferrable".to_owned(), json!(m.need == Need::Deferrable)),
            ("point".to_owned(), json!(m.standard)),
            ("files".to_owned(), json!(view::files(file, &m.key))),
            ("note".to_owned(), json!(note)),
            ("verdict".to_owned(), json!(typed.text(act, &verdict))),
            ("verdict_words".to_owned(), json!(if before { "未核对" } else { "已核对" })),
            ("error".to_owned(), json!(typed.error(act, &m.key))),
        ]);
        Value::Object(row)
    };
    view::asked_materials(file).into_iter().map(row).collect()
}

fn answers(file: &CaseFile, typed: &Typed) -> Value {
    let row = |r: view::Row| {
        let mut row = asking(typed, &r.key, true);
        row.extend([
            ("key".to_owned(), json!(r.key)),
            ("label".to_owned(), json!(r.label)),
            ("value".to_owned(), json!(r.value)),
            ("was".to_owned(), json!(r.was)),
        ]);
        Value::Object(row)
    };
    view::answers(file)
        .into_iter()
        .map(|s| json!({"title": s.title, "rows": s.rows.into_iter().map(row).collect::<Vec<_>>()}))
        .collect()
}

/// The form's fields to put right on the spot. Identifiers stand masked; sent back as they stand, they stay as they are.
fn amend_fields(file: &CaseFile, typed: &Typed) -> Value {
    let form = &file.entry.form;
    let typed_in = typed.is("amend");
    form.fields()
        .filter(|f| f.when.is_some() || form.asked(f, &file.answers))
        .map(|f| {
            let now = file.answers.get(&f.key).map_or("", String::as_str);
            let value = if typed_in { sent(typed, &f.key) } else { mask(Some(f.kind), now) };
            amend_field(f, &value, typed.error("amend", &f.key))
        })
        .collect()
}

fn sent(typed: &Typed, key: &str) -> String {
    typed.form.all(key).iter().map(|v| v.trim()).filter(|v| !v.is_empty()).collect::<Vec<_>>().join("、")
}

fn amend_field(f: &Field, value: &str, error: &str) -> Value {
    let yes_no = ["是".to_owned(), "否".to_owned()];
    let options: &[String] = if f.kind == FieldKind::YesNo { &yes_no } else { &f.options };
    let chosen: Vec<&str> = value.split('、').collect();
    json!({
        "key": f.key, "kind": f.kind, "label": f.label, "required": f.required, "hint": f.hint,
        "options": options.iter().map(|o| json!({"value": o, "checked": chosen.contains(&o.as_str())})).collect::<Vec<_>>(),
        "unit": f.unit, "max": f.max, "value": value, "error": error, "prefilled": "",
        "when": f.when.as_ref().map(|w| json!({"field": w.field, "is": w.is})),
    })
}

/// The grounds of a declination, with their words in an address or a form.
pub const GROUNDS: [(&str, DeclineGround); 4] = [
    ("not_needed", DeclineGround::NotNeeded),
    ("not_ours", DeclineGround::NotOurs),
    ("barred", DeclineGround::Barred),
    ("not_supplemented", DeclineGround::NotSupplemented),
];

fn decline(file: &CaseFile, typed: &Typed) -> Value {
    let told_once = !file.case.supplements.is_empty();
    let grounds: Vec<Value> = GROUNDS
        .iter()
        .filter(|(_, ground)| told_once || *ground != DeclineGround::NotSupplemented)
        .map(|(word, ground)| {
            let selected = typed.text("decline", "ground") == *word;
            json!({"value": word, "label": ground.label(), "selected": selected})
        })
        .collect();
    let act = "decline";
    json!({
        "open": typed.is(act), "grounds": grounds,
        "ground_error": typed.error(act, "ground"),
        "reason": typed.text(act, "reason"), "reason_error": typed.error(act, "reason"),
        "go_to": typed.text(act, "go_to"), "go_to_error": typed.error(act, "go_to"),
    })
}
