//! One member of staff: posts, password, closing. Whatever takes rights away also ends the sessions.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;
use tongban_domain::ids::Id;
use tongban_domain::item::FieldError;

use super::staff::period;
use super::{Visit, agencies, own_post, post_asked, roles, told, wrong};
use crate::error::{Error, invalid};
use crate::secrets::{hex, random};
use crate::signin;
use crate::store::accounts::{self, Account, PostRow};
use crate::web::Form;

/// What the address asks for.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    done: String,
}

/// A member of staff with a post under the caller's scope; anyone else is not found.
async fn find(visit: &Visit, id: &str) -> Result<(Account, Vec<PostRow>), Error> {
    let missing = || Error::NotFound("这个人员");
    let scope = &own_post(visit)?.scope;
    let id = id.parse::<i64>().map(Id::from).map_err(|_| missing())?;
    let mut conn = visit.app.db.read().await?;
    let account = accounts::by_id(&mut conn, id).await?.filter(|a| a.kind == "staff").ok_or_else(missing)?;
    let posts = accounts::posts_of(&mut conn, id).await?;
    if posts.iter().any(|p| p.post.scope.starts_with(scope.as_str())) {
        return Ok((account, posts));
    }
    Err(missing())
}

/// GET /manage/staff/{id}
pub async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let form = Form::parse(&format!("from={}", visit.app.today()));
    page(&visit, &id, &form, (Vec::new(), &asked.done)).await
}

async fn page(
    visit: &Visit,
    id: &str,
    form: &Form,
    said: (Vec<FieldError>, &str),
) -> Result<Response, Error> {
    let (account, posts) = find(visit, id).await?;
    let (errors, done) = said;
    let scope = &own_post(visit)?.scope;
    let catalogue = visit.app.catalogue();
    let today = visit.app.today().to_string();
    let shown = posts.iter().map(|p| {
        let agency = catalogue.directory.agency(&p.post.agency);
        let open = p.ends.as_ref().is_none_or(|e| *e >= today);
        json!({
            "id": p.post.id.to_string(), "role": p.post.role.label(),
            "agency": agency.map_or(p.post.agency.as_str(), |a| a.name.as_str()),
            "period": period(p), "active": open && p.post.scope.starts_with(scope.as_str()),
        })
    });
    let active = account.state == "active";
    let me = account.id == visit.caller.actor.account();
    let own = json!({
        "person": {
            "id": account.id.to_string(), "name": account.display, "username": account.name,
            "active": active, "state": if active { "在用" } else { "已停用" },
        },
        "posts": shown.collect::<Vec<_>>(),
        "form": {
            "roles": roles(form.text("role")), "role_error": wrong(&errors, "role"),
            "agencies": agencies(visit, form.text("agency"))?, "agency_error": wrong(&errors, "agency"),
            "from": form.text("from"), "from_error": wrong(&errors, "from"),
            "password_error": wrong(&errors, "password"),
        },
        "can": {"close": active && !me, "reopen": !active},
        "key": hex(&random::<16>()),
    });
    let crumbs = [("/manage/staff", "人员"), ("", account.display.as_str())];
    let page = visit.page(&account.display).crumbs(&crumbs).errors(errors).flash("good", told(done));
    page.render("manage/staff_member.html", own)
}

fn back(id: Id, done: &str) -> Response {
    Redirect::to(&format!("/manage/staff/{id}?done={done}")).into_response()
}

/// POST /manage/staff/{id}/posts
pub async fn add_post(visit: Visit, Path(id): Path<String>, form: Form) -> Result<Response, Error> {
    let (account, posts) = find(&visit, &id).await?;
    let mut errors = Vec::new();
    let asked = post_asked(&visit, &form, &mut errors)?;
    if let Some((post, _)) = &asked
        && posts.iter().any(|p| p.ends.is_none() && p.post.role == post.role && p.post.agency == post.agency)
    {
        errors.push(FieldError::new(
            "role",
            "岗位",
            "请换一个岗位或单位：对方已经有这个岗位",
            "the post is held",
        ));
    }
    let Some((post, starts)) = asked.filter(|_| errors.is_empty()) else {
        return page(&visit, &id, &form, (errors, "")).await;
    };
    let row = PostRow { post, account: account.id, starts, ends: None };
    visit
        .app
        .writer
        .plain(move |conn| {
            let row = row.clone();
            Box::pin(async move { accounts::insert_post(conn, &row).await })
        })
        .await?;
    visit.app.sessions.forget_all();
    Ok(back(account.id, "post"))
}

/// POST /manage/staff/{id}/posts/{post}/end: at once, so yesterday was the last day.
pub async fn end_post(
    visit: Visit,
    Path((id, post)): Path<(String, String)>,
    _: Form,
) -> Result<Response, Error> {
    let (account, posts) = find(&visit, &id).await?;
    let own = own_post(&visit)?;
    let row = posts
        .iter()
        .find(|p| p.post.id.to_string() == post && p.post.scope.starts_with(&own.scope))
        .ok_or(Error::NotFound("这个岗位"))?;
    if row.post.id == own.id {
        let message = "请由另一位管理员结束：不能结束自己正在用的岗位";
        return Err(invalid("post", "岗位", message, "one's own post"));
    }
    let (post, account) = (row.post.id, account.id);
    let last = visit.app.today().yesterday().unwrap_or_else(|_| visit.app.today());
    visit
        .app
        .writer
        .plain(move |conn| {
            Box::pin(async move {
                accounts::end_post(conn, post, last).await?;
                accounts::end_sessions_of(conn, account).await
            })
        })
        .await?;
    visit.app.sessions.forget_all();
    Ok(back(account, "ended"))
}

/// POST /manage/staff/{id}/password
pub async fn password(visit: Visit, Path(id): Path<String>, form: Form) -> Result<Response, Error> {
    let (account, _) = find(&visit, &id).await?;
    if let Some(problem) = signin::password_problem(&account.name, form.text("password")) {
        let errors = vec![FieldError::new("password", "新密码", problem, "the password is too weak")];
        let blank = Form::parse(&format!("from={}", visit.app.today()));
        return page(&visit, &id, &blank, (errors, "")).await;
    }
    let hash = signin::hash_password(form.text("password")).await?;
    let id = account.id;
    visit
        .app
        .writer
        .plain(move |conn| {
            let hash = hash.clone();
            Box::pin(async move {
                accounts::set_password(conn, id, &hash).await?;
                accounts::end_sessions_of(conn, id).await
            })
        })
        .await?;
    visit.app.sessions.forget_all();
    Ok(back(id, "password"))
}

/// POST /manage/staff/{id}/close
pub async fn close(visit: Visit, Path(id): Path<String>, _: Form) -> Result<Response, Error> {
    let (account, _) = find(&visit, &id).await?;
    if account.id == visit.caller.actor.account() {
        return Err(invalid(
            "account",
            "账号",
            "请由另一位管理员停用：不能停用自己的账号",
            "one's own account",
        ));
    }
    set_state(&visit, account, "closed").await.map(|id| back(id, "closed"))
}

/// POST /manage/staff/{id}/reopen
pub async fn reopen(visit: Visit, Path(id): Path<String>, _: Form) -> Result<Response, Error> {
    let (account, _) = find(&visit, &id).await?;
    set_state(&visit, account, "active").await.map(|id| back(id, "reopened"))
}

async fn set_state(visit: &Visit, account: Account, state: &'static str) -> Result<Id, Error> {
    let (id, display) = (account.id, account.display);
    visit
        .app
        .writer
        .plain(move |conn| {
            let display = display.clone();
            Box::pin(async move {
                accounts::update_account(conn, id, &display, state).await?;
                accounts::end_sessions_of(conn, id).await
            })
        })
        .await?;
    visit.app.sessions.forget_all();
    Ok(id)
}

impl Asked {
    /// What was just done.
    pub fn done(&self) -> &str {
        &self.done
    }
}
