//! Register of decision authorities (决定权登记簿): without an entry nobody decides. An entry is never changed, only
//! revoked; what is entered is checked as strictly as a decision that will stand on it.

use std::collections::BTreeMap;

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use serde_json::{Value, json};
use tongban_domain::authority::{AuthorityAct, AuthorityKind, DecisionAuthority};
use tongban_domain::calendar::add_calendar_days;
use tongban_domain::ids::Id;
use tongban_domain::item::{FieldError, parse_date};
use tongban_domain::permit::Role;

use super::member::Asked;
use super::{Visit, own_post, told, wrong};
use crate::error::Error;
use crate::secrets::{hex, random};
use crate::store::{Value as Arg, accounts, staff};
use crate::web::Form;
use crate::web::words::Light;

const KINDS: [(&str, AuthorityKind); 3] = [
    ("chief_representative", AuthorityKind::ChiefRepresentative),
    ("bureau_signing", AuthorityKind::BureauSigning),
    ("head", AuthorityKind::Head),
];
const ACTS: [(&str, AuthorityAct); 3] =
    [("grant", AuthorityAct::Grant), ("refuse", AuthorityAct::Refuse), ("extend", AuthorityAct::Extend)];
/// An entry that ends within so many days is shown yellow.
const SOON_DAYS: i32 = 30;

/// GET /manage/authorities
pub async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    page(&visit, &Form::default(), (Vec::new(), asked.done())).await
}

/// The agencies whose register the caller reads: the own one; a supervisor's whole scope.
fn agencies(visit: &Visit) -> Result<Vec<Arg>, Error> {
    let post = own_post(visit)?;
    if post.role != Role::Supervisor {
        return Ok(vec![post.agency.as_str().into()]);
    }
    let catalogue = visit.app.catalogue();
    let under = catalogue.directory.agencies().iter().filter(|a| a.scope_path.starts_with(&post.scope));
    Ok(under.map(|a| Arg::from(a.key.as_str())).collect())
}

async fn page(visit: &Visit, form: &Form, said: (Vec<FieldError>, &str)) -> Result<Response, Error> {
    let post = own_post(visit)?;
    let (errors, done) = said;
    let may_add = matches!(post.role, Role::Admin | Role::Manager);
    let mut conn = visit.app.db.read().await?;
    let mut register = accounts::authorities(&mut conn, &agencies(visit)?, false).await?;
    register.sort_by_key(|a| (a.revoked_on.is_some(), std::cmp::Reverse(a.to), a.id));
    let holders: Vec<Id> = register.iter().map(|a| a.account).collect();
    let names = accounts::names(&mut conn, &holders).await?;
    let people =
        if may_add { staff::of_agency(&mut conn, &post.agency, visit.app.today()).await? } else { vec![] };
    drop(conn);
    let rows: Vec<Value> = register
        .iter()
        .map(|a| row(visit, a, &names, may_add && a.agency == post.agency && a.revoked_on.is_none()))
        .collect();
    let own = json!({
        "rows": rows, "pager": {"first": null, "next": null, "note": ""}, "can": {"add": may_add},
        "form": blank(visit, form, &errors, &people), "key": hex(&random::<16>()),
    });
    visit.page("决定权登记簿").errors(errors).flash("good", told(done)).render("manage/authorities.html", own)
}

fn row(visit: &Visit, a: &DecisionAuthority, names: &BTreeMap<Id, String>, can_revoke: bool) -> Value {
    let catalogue = visit.app.catalogue();
    let item = |id: &String| catalogue.entry(id).map_or_else(|| id.clone(), |e| e.name.clone());
    let items = match a.items.as_slice() {
        [] => "全部事项".to_owned(),
        [one] => item(one),
        [first, ..] => format!("{}等{}项", item(first), a.items.len()),
    };
    json!({
        "id": a.id.to_string(), "light": light(a, visit.app.today()),
        "holder": names.get(&a.account).map_or("—", String::as_str),
        "agency": catalogue.directory.agency(&a.agency).map_or(a.agency.as_str(), |g| g.name.as_str()),
        "kind": a.kind.label(), "items": items,
        "acts": a.acts.iter().map(|x| x.label()).collect::<Vec<_>>().join("、"),
        "period": format!("{} 至 {}", a.from, a.to), "document": a.document, "can_revoke": can_revoke,
    })
}

fn light(a: &DecisionAuthority, today: Date) -> Light {
    match a.revoked_on {
        Some(on) if on <= today => Light::new("grey", "已撤回", format!("{on}撤回")),
        _ if today < a.from => Light::new("yellow", "未生效", format!("{}起生效", a.from)),
        _ if today > a.to => Light::new("red", "已到期", format!("{}到期", a.to)),
        _ if add_calendar_days(today, SOON_DAYS) > a.to => {
            Light::new("yellow", "将到期", format!("{}到期", a.to))
        }
        _ => Light::new("green", "有效", ""),
    }
}

fn blank(visit: &Visit, form: &Form, errors: &[FieldError], people: &[(Id, String, Role)]) -> Value {
    let mut holders: BTreeMap<Id, (&str, Vec<&str>)> = BTreeMap::new();
    for (id, name, role) in people {
        holders.entry(*id).or_insert((name, Vec::new())).1.push(role.label());
    }
    let catalogue = visit.app.catalogue();
    let agency = visit.caller.actor.post().map_or("", |p| p.agency.as_str());
    let mut items: Vec<&str> =
        catalogue.directory.items().iter().filter(|i| i.agency == agency).map(|i| i.entry.as_str()).collect();
    items.sort_unstable();
    items.dedup();
    let fresh = !form.has("csrf");
    let ticked = |name: &str, value: &str| form.all(name).iter().any(|v| v == value);
    json!({
        "accounts": holders.iter().map(|(id, (name, roles))| json!({
            "value": id.to_string(), "label": format!("{name}（{}）", roles.join("、")),
            "selected": form.text("account") == id.to_string(),
        })).collect::<Vec<_>>(),
        "account_error": wrong(errors, "account"),
        "kinds": KINDS.iter().map(|(word, kind)| json!({
            "value": word, "label": kind.label(), "selected": form.text("kind") == *word,
        })).collect::<Vec<_>>(),
        "kind_error": wrong(errors, "kind"),
        "from": if fresh { visit.app.today().to_string() } else { form.text("from").to_owned() },
        "from_error": wrong(errors, "from"),
        "to": form.text("to"), "to_error": wrong(errors, "to"),
        "document": form.text("document"), "document_error": wrong(errors, "document"),
        "acts": ACTS.iter().map(|(word, act)| json!({
            "value": word, "label": act.label(), "checked": fresh || ticked("acts", word),
        })).collect::<Vec<_>>(),
        "acts_error": wrong(errors, "acts"),
        "items": items.iter().map(|id| json!({
            "value": id, "label": catalogue.entry(id).map_or(*id, |e| e.name.as_str()), "checked": ticked("items", id),
        })).collect::<Vec<_>>(),
    })
}

/// POST /manage/authorities
pub async fn add(visit: Visit, form: Form) -> Result<Response, Error> {
    let post = own_post(&visit)?;
    let mut conn = visit.app.db.read().await?;
    let people = staff::of_agency(&mut conn, &post.agency, visit.app.today()).await?;
    let register = accounts::authorities(&mut conn, &[post.agency.as_str().into()], false).await?;
    drop(conn);
    let authority = match checked(&visit, &form, &people, &register) {
        Ok(authority) => authority,
        Err(errors) => return page(&visit, &form, (errors, "")).await,
    };
    visit
        .app
        .writer
        .plain(move |conn| {
            let authority = authority.clone();
            Box::pin(async move { accounts::insert_authority(conn, &authority).await })
        })
        .await?;
    Ok(Redirect::to("/manage/authorities?done=registered").into_response())
}

fn error(field: &str, label: &str, message: &str) -> FieldError {
    FieldError::new(field, label, message, format!("{field} is not right"))
}

/// The entry as it was typed, or everything that is wrong with it.
fn checked(
    visit: &Visit,
    form: &Form,
    people: &[(Id, String, Role)],
    register: &[DecisionAuthority],
) -> Result<DecisionAuthority, Vec<FieldError>> {
    let mut errors = Vec::new();
    let holder =
        people.iter().find(|(id, _, _)| id.to_string() == form.text("account")).map(|(id, _, _)| *id);
    if holder.is_none() {
        errors.push(error("account", "授予谁", "请选择授予谁：只能是本机关在岗的人员"));
    }
    let kind = KINDS.iter().find(|(word, _)| *word == form.text("kind")).map(|(_, kind)| *kind);
    if kind.is_none() {
        errors.push(error("kind", "种类", "请选择授权的种类"));
    }
    let period = period(form, visit.app.today(), &mut errors);
    let document = form.text("document");
    if document.is_empty() || document.chars().count() > 60 {
        errors.push(error("document", "授权书文号", "请输入授权书文号，例如 长审授〔2026〕3号"));
    }
    let twin =
        |a: &DecisionAuthority| a.revoked_on.is_none() && a.document == document && Some(a.account) == holder;
    if register.iter().any(twin) {
        errors.push(error("document", "授权书文号", "请核对文号：这份授权书已经为同一人登记过"));
    }
    let ticked = |word: &str| form.all("acts").iter().any(|v| v == word);
    let acts: Vec<AuthorityAct> = ACTS.iter().filter(|(word, _)| ticked(word)).map(|(_, act)| *act).collect();
    if acts.is_empty() {
        errors.push(error("acts", "可作的决定", "请选择至少一种决定"));
    }
    let (agency, items) = scope(visit, form, &mut errors);
    match (holder, kind, period) {
        (Some(account), Some(kind), Some((from, to))) if errors.is_empty() => {
            let id = visit.app.ids.block(visit.app.clock.now());
            let document = document.to_owned();
            Ok(DecisionAuthority {
                id,
                kind,
                agency,
                account,
                items,
                acts,
                from,
                to,
                document,
                revoked_on: None,
            })
        }
        _ => Err(errors),
    }
}

fn period(form: &Form, today: Date, errors: &mut Vec<FieldError>) -> Option<(Date, Date)> {
    let (from, to) = (parse_date(form.text("from")), parse_date(form.text("to")));
    if from.is_none() {
        errors.push(error("from", "从哪天起", "请输入日期，样子如 2026-08-01"));
    }
    match (from, to) {
        (_, None) => errors.push(error("to", "到哪天止", "请输入日期，样子如 2027-07-31")),
        (Some(from), Some(to)) if to < from => {
            errors.push(error("to", "到哪天止", "请改为不早于起始日的日期"))
        }
        (_, Some(to)) if to < today => {
            errors.push(error("to", "到哪天止", "请改为今天或以后的日期：已经到期的授权不能登记"));
        }
        _ => {}
    }
    from.zip(to)
}

/// The agency and the items of its own that were ticked; none ticked means all.
fn scope(visit: &Visit, form: &Form, errors: &mut Vec<FieldError>) -> (String, Vec<String>) {
    let items = form.all("items").to_vec();
    let agency = visit.caller.actor.post().map_or(String::new(), |p| p.agency.clone());
    let catalogue = visit.app.catalogue();
    let ours = |id: &String| catalogue.directory.items().iter().any(|i| i.agency == agency && i.entry == *id);
    if !items.iter().all(ours) {
        errors.push(error("items", "事项范围", "请只选择本机关的事项"));
    }
    (agency, items)
}

/// POST /manage/authorities/{id}/revoke: from today on.
pub async fn revoke(visit: Visit, Path(id): Path<String>, _: Form) -> Result<Response, Error> {
    let agency = own_post(&visit)?.agency.clone();
    let id = id.parse::<i64>().map(Id::from).map_err(|_| Error::NotFound("这份授权"))?;
    let today = visit.app.today();
    let revoked = visit
        .app
        .writer
        .plain(move |conn| {
            let agency = agency.clone();
            Box::pin(async move { accounts::revoke_authority(conn, id, &agency, today).await })
        })
        .await?;
    if revoked == 0 {
        return Err(Error::NotFound("可以撤回的授权"));
    }
    Ok(Redirect::to("/manage/authorities?done=revoked").into_response())
}
