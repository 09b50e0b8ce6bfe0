//! Pages for those who run the place: staff, posts, authorities, self-check. They see no cases.

mod authorities;
mod calendar;
mod member;
mod ops;
mod staff;

use serde_json::{Value, json};
use tongban_domain::item::FieldError;
use tongban_domain::permit::{Post, Role};

use super::{Form, Visit};
use crate::door::{Access, Routes};
use crate::error::Error;

/// The pages of administration.
pub fn routes() -> Routes {
    const ADMIN: Access = Access::Staff(&[Role::Admin]);
    const REGISTER: Access = Access::Staff(&[Role::Admin, Role::Manager]);
    const READ: Access = Access::Staff(&[Role::Admin, Role::Manager, Role::Supervisor]);
    Routes::default()
        .get("/manage/staff", ADMIN, "Staff under one's own scope", staff::list)
        .get("/manage/staff/new", ADMIN, "Form for a new member of staff", staff::blank)
        .post("/manage/staff/new", ADMIN, "Add a member of staff with a post", staff::add)
        .get("/manage/staff/{id}", ADMIN, "A member of staff with posts", member::show)
        .post("/manage/staff/{id}/posts", ADMIN, "Add a post", member::add_post)
        .post("/manage/staff/{id}/posts/{post}/end", ADMIN, "End a post at once", member::end_post)
        .post("/manage/staff/{id}/password", ADMIN, "Set a new password", member::password)
        .post("/manage/staff/{id}/close", ADMIN, "Close the account", member::close)
        .post("/manage/staff/{id}/reopen", ADMIN, "Open a closed account again", member::reopen)
        .get("/manage/authorities", READ, "Register of decision authorities", authorities::list)
        .post("/manage/authorities", REGISTER, "Register an authority", authorities::add)
        .post("/manage/authorities/{id}/revoke", REGISTER, "Revoke an authority", authorities::revoke)
        .get("/manage/calendar", ADMIN, "The working calendar of a year, and its edits", calendar::show)
        .post("/manage/calendar", ADMIN, "Change one day of the calendar", calendar::set)
        .post("/manage/calendar/import", ADMIN, "Import the arrangement of whole years", calendar::import)
        .get("/ops", ADMIN, "Self-check in plain sentences", ops::show)
        .post("/ops/jobs/{id}/retry", ADMIN, "Try a parked duty again", ops::retry)
}

/// Most agencies a select offers.
const MOST_AGENCIES: usize = 600;

/// The caller's post; every route here asks for one.
fn own_post(visit: &Visit) -> Result<&Post, Error> {
    visit.caller.actor.post().ok_or(Error::Denial(tongban_domain::permit::Denial::Role))
}

/// The roles, one of them chosen.
fn roles(chosen: &str) -> Value {
    Role::ALL
        .iter()
        .map(|r| json!({"value": r.as_str(), "label": r.label(), "selected": r.as_str() == chosen}))
        .collect()
}

/// The agencies under the caller's scope, the own one first.
fn agencies(visit: &Visit, chosen: &str) -> Result<Value, Error> {
    let post = own_post(visit)?;
    let catalogue = visit.app.catalogue();
    let chosen = if chosen.is_empty() { post.agency.as_str() } else { chosen };
    let mut under: Vec<_> = catalogue
        .directory
        .agencies()
        .iter()
        .filter(|a| a.scope_path.starts_with(&post.scope) || a.key == post.agency)
        .collect();
    under.sort_by_key(|a| (a.key != post.agency, a.key != chosen, a.scope_path.len()));
    under.truncate(MOST_AGENCIES);
    Ok(under.iter().map(|a| json!({"value": a.key, "label": a.name, "selected": a.key == chosen})).collect())
}

/// A post as the form names it: a role, an agency under the caller's scope, a first day.
fn post_asked(
    visit: &Visit,
    form: &Form,
    errors: &mut Vec<FieldError>,
) -> Result<Option<(Post, String)>, Error> {
    let own = own_post(visit)?;
    let role = Role::parse(form.text("role"));
    if role.is_none() {
        errors.push(FieldError::new("role", "岗位", "请选择岗位", "role is required"));
    }
    let catalogue = visit.app.catalogue();
    let agency = catalogue.directory.agency(form.text("agency"));
    let agency = agency.filter(|a| a.scope_path.starts_with(&own.scope) || a.key == own.agency);
    if agency.is_none() {
        errors.push(FieldError::new(
            "agency",
            "单位",
            "请选择您管辖范围内的单位",
            "agency is outside the scope",
        ));
    }
    let from = tongban_domain::item::parse_date(form.text("from"));
    if from.is_none() {
        errors.push(FieldError::new(
            "from",
            "从哪天起",
            "请输入日期，样子如 2026-08-01",
            "from is not a date",
        ));
    }
    Ok(role.zip(agency).zip(from).map(|((role, agency), from)| {
        let post = Post {
            id: visit.app.ids.block(visit.app.clock.now()),
            role,
            agency: agency.key.clone(),
            division: agency.division,
            scope: agency.scope_path.clone(),
        };
        (post, from.to_string())
    }))
}

/// What is wrong with a field.
fn wrong<'a>(errors: &'a [FieldError], field: &str) -> &'a str {
    errors.iter().find(|e| e.field == field).map_or("", |e| e.message.as_str())
}

/// The words after a change.
fn told(done: &str) -> &'static str {
    match done {
        "added" => "已新增人员，可以把用户名和初始密码当面交给本人",
        "post" => "已增加岗位，对方重新登录后生效",
        "ended" => "已结束岗位，对方的登录已经退出",
        "password" => "已设置新密码，对方的登录已经退出",
        "closed" => "账号已停用，对方的登录已经退出",
        "reopened" => "账号已恢复使用",
        "registered" => "授权已登记",
        "revoked" => "授权已撤回，从今天起不能再用来作决定",
        "day" => "已修订日历，十秒后开始重新推算在办件的期限",
        "imported" => "已导入，十秒后开始重新推算在办件的期限",
        "retry" => "已重新排队，稍后刷新看结果",
        _ => "",
    }
}
