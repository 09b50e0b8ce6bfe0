//! Staff (人员): the list under one's own scope, and adding someone with a first post.

use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_domain::item::FieldError;

use super::{Visit, agencies, own_post, post_asked, roles, told, wrong};
use crate::error::{Error, Fault};
use crate::secrets::{hex, random};
use crate::signin;
use crate::store::accounts::{self, Account, PostRow};
use crate::store::{DbError, staff};
use crate::web::Form;

const PAGE: usize = 50;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    after: String,
    done: String,
}

/// GET /manage/staff
pub async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let post = own_post(&visit)?;
    let q = asked.q.trim();
    let after = asked.after.parse().unwrap_or(0);
    let (people, next) = staff::under(&mut visit.app.db.read().await?, &post.scope, q, after, PAGE).await?;
    let catalogue = visit.app.catalogue();
    let today = visit.app.today().to_string();
    let rows = people.iter().map(|person| {
        let held: Vec<&PostRow> =
            person.posts.iter().filter(|p| p.ends.as_ref().is_none_or(|e| *e >= today)).collect();
        let mut places: Vec<&str> = held
            .iter()
            .filter_map(|p| catalogue.directory.agency(&p.post.agency))
            .map(|a| a.name.as_str())
            .collect();
        places.dedup();
        let active = person.state == "active";
        json!({
            "href": format!("/manage/staff/{}", person.id), "name": person.display, "username": person.name,
            "posts": held.iter().map(|p| p.post.role.label()).collect::<Vec<_>>(),
            "agency": places.join("、"), "active": active, "state": if active { "在用" } else { "已停用" },
        })
    });
    let link = format!("/manage/staff?q={}", crate::web::encode(q));
    let pager = json!({
        "first": (after > 0).then_some(&link), "next": next.map(|id| format!("{link}&after={id}")), "note": "",
    });
    let place = catalogue.tree.full_name(post.division).unwrap_or_default();
    let own = json!({
        "scope_words": format!("{place}及所辖各单位"), "q": q, "people": rows.collect::<Vec<_>>(), "pager": pager,
    });
    visit.page("人员").flash("good", told(&asked.done)).render("manage/staff.html", own)
}

/// GET /manage/staff/new
pub async fn blank(visit: Visit) -> Result<Response, Error> {
    page(&visit, &Form::parse(&format!("from={}", visit.app.today())), Vec::new())
}

fn page(visit: &Visit, form: &Form, errors: Vec<FieldError>) -> Result<Response, Error> {
    let own = json!({
        "form": {
            "display": form.text("display"), "display_error": wrong(&errors, "display"),
            "username": form.text("username"), "username_error": wrong(&errors, "username"),
            "password_error": wrong(&errors, "password"),
            "roles": roles(form.text("role")), "role_error": wrong(&errors, "role"),
            "agencies": agencies(visit, form.text("agency"))?, "agency_error": wrong(&errors, "agency"),
            "from": form.text("from"), "from_error": wrong(&errors, "from"),
        },
        "key": hex(&random::<16>()),
    });
    let crumbs = [("/manage/staff", "人员"), ("", "新增")];
    visit.page("新增人员").crumbs(&crumbs).errors(errors).render("manage/staff_new.html", own)
}

/// POST /manage/staff/new
pub async fn add(visit: Visit, form: Form) -> Result<Response, Error> {
    let mut errors = Vec::new();
    let (display, username, password) = (form.text("display"), form.text("username"), form.text("password"));
    if display.is_empty() || display.chars().count() > 40 {
        errors.push(FieldError::new("display", "姓名", "请输入姓名，40个字以内", "display is required"));
    }
    if !is_username(username) {
        let message = "请改为3到32位小写字母和数字，字母开头，例如 lina";
        errors.push(FieldError::new("username", "用户名", message, "username is a-z and 0-9"));
    }
    if let Some(problem) = signin::password_problem(username, password) {
        errors.push(FieldError::new("password", "初始密码", problem, "the password is too weak"));
    }
    let post = post_asked(&visit, &form, &mut errors)?;
    let Some((post, starts)) = post.filter(|_| errors.is_empty()) else { return page(&visit, &form, errors) };
    let now = visit.app.clock.now();
    let account = Account {
        id: visit.app.ids.block(now),
        name: username.to_owned(),
        password: signin::hash_password(password).await?,
        kind: "staff".into(),
        display: display.to_owned(),
        party: None,
        division: post.division.to_string(),
        state: "active".into(),
        created_at: now,
    };
    let id = account.id;
    let row = PostRow { post, account: id, starts, ends: None };
    let written = visit
        .app
        .writer
        .plain(move |conn| {
            let (account, row) = (account.clone(), row.clone());
            Box::pin(async move {
                accounts::insert_account(conn, &account).await?;
                accounts::insert_post(conn, &row).await
            })
        })
        .await;
    match written {
        Ok(_) => Ok(Redirect::to(&format!("/manage/staff/{id}?done=added")).into_response()),
        Err(Error::Fault(Fault::Db(DbError::Constraint(_)))) => {
            let taken =
                FieldError::new("username", "用户名", "请换一个用户名：这个已经有人用", "name is taken");
            page(&visit, &form, vec![taken])
        }
        Err(error) => Err(error),
    }
}

fn is_username(name: &str) -> bool {
    (3..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// Words of a post's time: 2026年1月1日起, 2025年1月1日至2025年12月31日.
pub fn period(row: &PostRow) -> Value {
    let words = |text: &str| {
        text.parse::<jiff::civil::Date>().map_or_else(|_| text.to_owned(), tongban_domain::case::chinese_date)
    };
    match &row.ends {
        None => format!("{}起", words(&row.starts)).into(),
        Some(ends) if *ends < row.starts => "没有生效".into(),
        Some(ends) => format!("{}至{}", words(&row.starts), words(ends)).into(),
    }
}
