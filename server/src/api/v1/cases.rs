//! Cases over the API: submit, list, show, act.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::case::{Command, FileSet, StateName, Submission, staff_words};
use tongban_domain::ids::{CaseNo, Id};
use tongban_domain::item::Answers;
use tongban_domain::party::mask_name;
use tongban_domain::permit::{Actor, Denial, Role, visible};

use super::super::problem::{Body, answer, body_of};
use super::drafts::{FileQuery, id};
use super::{catalogue, views};
use crate::app::App;
use crate::casework::{self, Act, Done};
use crate::error::{Error, invalid};
use crate::signin::Caller;
use crate::store::cases::{self, Cursor, Listed, Narrow};
use crate::{casefile, filing};

/// How many rows a page has unless told, and at most.
const PAGE: usize = 50;
const MOST: usize = 200;

pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    match key.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= 200 => Ok(Some(key.to_owned())),
        _ => Err(invalid(
            "Idempotency-Key",
            "幂等键",
            "请把幂等键改为200个以内的可见字符",
            "Idempotency-Key is 1 to 200 visible characters",
        )),
    }
}

/// A draft by id, or everything at once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    #[serde(default)]
    draft: Option<Id>,
    #[serde(default)]
    item: String,
    #[serde(default)]
    situation: String,
    #[serde(default)]
    division: String,
    #[serde(default)]
    answers: Answers,
    #[serde(default)]
    files: BTreeMap<String, Vec<Id>>,
    /// At a window only: the day an application on paper came in.
    #[serde(default)]
    paper_received_on: Option<jiff::civil::Date>,
}

pub async fn submit(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(body): Body<NewCase>,
) -> Result<Response, Error> {
    let key = idempotency_key(&headers)?;
    let actor = caller.actor.clone();
    let done = match body.draft {
        Some(draft) => {
            // A repeated request finds its draft gone and its case there: the key answers before the draft is asked for.
            match filing::find(&app, caller.account()?, draft).await {
                Ok(draft) => filing::submit(&app, actor, &draft, key).await?,
                Err(Error::NotFound(_)) if key.is_some() => {
                    filing::replayed(&app, &caller.actor, key).await?
                }
                Err(error) => return Err(error),
            }
        }
        None => {
            let catalogue = app.catalogue();
            let item = catalogue
                .item(&body.item)
                .ok_or_else(|| invalid("item", "事项", "请选择一个事项：没有这个事项编号", "no such item"))?;
            let division = match body.division.as_str() {
                "" => item.local.division,
                text => catalogue::division(text)?,
            };
            let account = caller.account()?;
            let again = filing::is_known(&app, account, key.as_deref()).await?;
            let submission = Submission {
                item: body.item,
                situation: body.situation,
                division,
                answers: body.answers,
                files: filing::file_sets(&app, account, &body.files, again).await?,
                paper_received_on: body.paper_received_on,
            };
            let command = Command::Submit(Box::new(submission));
            casework::execute(&app, Act { actor, case: None, command, key, expected: None }).await?
        }
    };
    let status = if done.replayed { StatusCode::OK } else { StatusCode::CREATED };
    Ok(answer(status, &brief(&done)))
}

fn brief(done: &Done) -> Value {
    let case = &done.case;
    json!({
        "no": case.no,
        "national_no": case.national_no,
        "state": case.state.name(),
        "state_label": staff_words(case.state.name()),
        "version": case.version,
        "head": case.head,
        "replayed": done.replayed,
    })
}

#[derive(Debug, Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    view: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

/// The states a view shows; the same views stand behind the desks' pages.
pub fn narrow(view: &str, caller: &Caller) -> Result<Narrow, Error> {
    use StateName as S;
    let states = |states: &[S]| Narrow { states: states.to_vec(), ..Narrow::default() };
    Ok(match view {
        "all" => Narrow { newest: true, ..Narrow::default() },
        "open" => Narrow { over: Some(false), ..Narrow::default() },
        "over" => Narrow { over: Some(true), newest: true, ..Narrow::default() },
        "intake" => states(&[S::Submitted, S::Received]),
        "supplementing" => states(&[S::Supplementing]),
        "review" => states(&[S::Accepted, S::Reviewing]),
        "unassigned" => Narrow { unassigned: true, ..states(&[S::Accepted]) },
        "mine" => Narrow { officer: Some(caller.account()?), ..states(&[S::Reviewing]) },
        "deciding" => states(&[S::Deciding]),
        "delivery" => states(&[S::Granted, S::Refused, S::Issued, S::Delivered]),
        _ => {
            return Err(invalid(
                "view",
                "视图",
                "请选择视图：all、open、over、intake、supplementing、review、unassigned、mine、deciding、delivery",
                "no such view",
            ));
        }
    })
}

/// The view an account sees when it names none: its own desk.
pub fn own_view(caller: &Caller) -> &'static str {
    match caller.role() {
        Some(Role::Clerk) => "intake",
        Some(Role::Reviewer) => "review",
        Some(Role::Representative) => "deciding",
        _ => "all",
    }
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Response, Error> {
    let mut narrow = narrow(query.view.as_deref().unwrap_or_else(|| own_view(&caller)), &caller)?;
    if let Some(state) = &query.state {
        let state = StateName::parse(state)
            .ok_or_else(|| invalid("state", "状态", "请选择一个办件状态", "no such state"))?;
        narrow.states = vec![state];
    }
    let after = match query.after.as_deref() {
        None | Some("") => None,
        Some(text) => Some(Cursor::parse(text).ok_or_else(|| {
            invalid("after", "翻页位置", "请使用上一页给出的 next 值", "after is not a cursor of ours")
        })?),
    };
    let limit = query.limit.unwrap_or(PAGE).clamp(1, MOST);
    let mut conn = app.db.read().await?;
    let (rows, next) = cases::list(&mut conn, &visible(&caller.actor), &narrow, after, limit).await?;
    drop(conn);
    let rows: Vec<Value> = rows.iter().map(|row| listed(&app, &caller, row)).collect();
    Ok(answer(StatusCode::OK, &json!({"cases": rows, "next": next.map(Cursor::to_text)})))
}

fn listed(app: &App, caller: &Caller, row: &Listed) -> Value {
    let case = &row.stored.case;
    let catalogue = app.catalogue();
    let entry = catalogue.entry_at(&case.item.entry, case.item.version);
    let due = entry
        .and_then(|e| catalogue.regimes.get(&e.regime))
        .and_then(|regime| case.pressing(regime, &catalogue.calendar));
    let open = matches!(caller.actor, Actor::Applicant { .. }) || row.party_kind == "organisation";
    json!({
        "no": case.no,
        "national_no": case.national_no,
        "state": case.state.name(),
        "state_label": staff_words(case.state.name()),
        "version": case.version,
        "item": case.item.local,
        "item_name": entry.map(|e| e.name.clone()),
        "applicant": if open { row.party_name.clone() } else { mask_name(&row.party_name) },
        "submitted_at": row.stored.submitted_at,
        "due": views::due(due),
        "officer": case.officer,
    })
}

pub async fn show(State(app): State<App>, caller: Caller, Path(no): Path<String>) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "api").await?;
    let mut response = answer(StatusCode::OK, &views::case(&file, &caller));
    if let Ok(tag) = format!("\"{}\"", file.case.version).parse() {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

pub async fn events(
    State(app): State<App>,
    caller: Caller,
    Path(no): Path<String>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "api").await?;
    let inside = caller.role().is_some();
    let rows: Vec<Value> = file
        .timeline
        .iter()
        .map(|h| {
            let mut shown = views::event(&file, h);
            if !inside && !h.event.is_public() {
                shown["words"] = Value::Null;
            }
            shown
        })
        .collect();
    Ok(answer(
        StatusCode::OK,
        &json!({"no": file.case.no, "case": file.case.id, "head": file.case.head, "events": rows}),
    ))
}

pub async fn command(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(no): Path<String>,
    Body(mut body): Body<Value>,
) -> Result<Response, Error> {
    let no = CaseNo::parse(&no).map_err(|_| Error::Denial(Denial::Hidden))?;
    let key = idempotency_key(&headers)?;
    let expected = expected_version(&headers, &mut body)?;
    if body.get("type").and_then(Value::as_str) == Some("resubmit")
        && let Some(files) = body.get_mut("files")
    {
        let named: BTreeMap<String, Vec<Id>> = body_of(files.take())?;
        let account = caller.account()?;
        let again = filing::is_known(&app, account, key.as_deref()).await?;
        let sets: Vec<FileSet> = filing::file_sets(&app, account, &named, again).await?;
        *files = serde_json::to_value(sets)?;
    }
    let command: Command = body_of(body)?;
    if matches!(command, Command::Submit(_)) {
        return Err(invalid(
            "type",
            "动作",
            "提交申请请用 POST /api/v1/cases",
            "submit with POST /api/v1/cases",
        ));
    }
    let act = Act::on(caller.actor.clone(), no, command).keyed(key).seen(expected);
    let done = casework::execute(&app, act).await?;
    Ok(answer(StatusCode::OK, &brief(&done)))
}

/// The version the caller saw: `If-Match: "5"` or `"version": 5` in the body.
fn expected_version(headers: &HeaderMap, body: &mut Value) -> Result<Option<u32>, Error> {
    let wrong =
        || invalid("version", "版本", "请改为办件的版本号（整数）", "version is the case's version number");
    let in_body = body.as_object_mut().and_then(|o| o.remove("version"));
    if let Some(value) = in_body.filter(|v| !v.is_null()) {
        return value.as_u64().and_then(|v| v.try_into().ok()).map(Some).ok_or_else(wrong);
    }
    let Some(tag) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = tag.to_str().map_err(|_| wrong())?.trim_matches('"');
    text.parse().map(Some).map_err(|_| wrong())
}

pub async fn upload(
    State(app): State<App>,
    caller: Caller,
    Path(no): Path<String>,
    Query(query): Query<FileQuery>,
    bytes: Bytes,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "upload").await?;
    let material = file
        .case
        .open_supplement()
        .filter(|s| s.materials.contains(&query.material))
        .and_then(|_| file.entry.material(&query.material));
    let material = material.ok_or_else(|| {
        invalid("material", "申请材料", "请选择补正告知书里列出的材料", "not asked for in the open notice")
    })?;
    let row = filing::keep_file(&app, caller.account()?, material, &query.name, bytes).await?;
    Ok(answer(
        StatusCode::CREATED,
        &json!({"id": row.id, "digest": row.digest, "size": row.size, "kind": row.kind}),
    ))
}

pub async fn document(
    State(app): State<App>,
    caller: Caller,
    Path((no, document)): Path<(String, String)>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "document").await?;
    let document = file.case.document(id(&document, "文书")?).ok_or(Error::NotFound("文书"))?;
    let bytes = casefile::document_bytes(&app, document).await?;
    Ok(([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response())
}

pub async fn file(
    State(app): State<App>,
    caller: Caller,
    Path((no, wanted)): Path<(String, String)>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "file").await?;
    let wanted = id(&wanted, "文件")?;
    let known = file.timeline.iter().flat_map(|h| h.event.files()).find(|f| f.id == wanted);
    let known = known.ok_or(Error::NotFound("文件"))?;
    let bytes = app.files.read(&known.digest).await?;
    Ok((
        [(header::CONTENT_TYPE, known.kind.media_type()), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")],
        bytes,
    )
        .into_response())
}
