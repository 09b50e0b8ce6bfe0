//! The account: who is signed in, in which post, how they are reached, what they were told, and who looked.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value as Json, json};
use tongban_domain::ids::{Id, MailAddress, MobileNumber};
use tongban_domain::item::{FieldError, FieldKind};
use tongban_domain::party::{Party, PartyKind};
use tongban_domain::permit::{Denial, Role};

use super::{Done, messages, see, with_cookie, words};
use crate::app::App;
use crate::contacts::Contact;
use crate::door::COOKIE;
use crate::error::Error;
use crate::outside::Channel;
use crate::showing;
use crate::signin::{self, Caller, Session};
use crate::store::{accounts, messages as store_messages};
use crate::web::form::Form;
use crate::web::page::Page;

const SHOWN: i64 = 30;

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<Done>,
) -> Result<Response, Error> {
    let page = Page::new(&app, &caller, &headers, "/account", "我的账号");
    page_with(&app, &caller, page.flash("good", words::done(query.done.as_deref())), Typed::default()).await
}

/// What was typed into the form that was not accepted, with what is wrong; empty on a fresh page.
#[derive(Debug, Default)]
struct Typed {
    form: Option<Form>,
    errors: Vec<FieldError>,
}

async fn page_with(app: &App, caller: &Caller, page: Page<'_>, typed: Typed) -> Result<Response, Error> {
    let session = caller.session.as_ref().ok_or(Error::Denial(Denial::SignIn))?;
    let staff = caller.role().is_some();
    let kind = if staff { "工作人员" } else { "申请人" };
    let seen = if staff { None } else { Some(seen(app, session).await?) };
    let told = messages::newest(app, &mut app.db.read().await?, caller).await?;
    let own = json!({
        "account": {"name": session.display, "kind": kind, "rows": rows(app, session).await?},
        "posts": posts(app, caller, session).await?,
        "messages": told,
        "contact": contact(app, &contact_of(app, session).await?, &typed),
        "seen": seen,
    });
    page.errors(typed.errors).render("account/account.html", own)
}

/// The addresses of the account as they are kept.
async fn contact_of(app: &App, session: &Session) -> Result<Contact, Error> {
    let rows = store_messages::contacts(&mut app.db.read().await?, &[session.account.into()]).await?;
    let row = rows.first().ok_or(Error::NotFound("账号"))?;
    Ok(Contact::read(&app.secrets, row)?)
}

/// The form: addresses masked unless they were just typed, ways out as they were chosen.
fn contact(app: &App, contact: &Contact, typed: &Typed) -> Json {
    let text = |field: &str, kept: Option<String>| match &typed.form {
        Some(form) => form.text(field).to_owned(),
        None => kept.unwrap_or_default(),
    };
    let wanted = |field: &str, kept: bool| typed.form.as_ref().map_or(kept, |form| form.has(field));
    let error = |field: &str| {
        typed.errors.iter().find(|e| e.field == field).map_or("", |e| e.message.as_str()).to_owned()
    };
    let note = match Channel::ALL.map(|c| app.outside.has(c)) {
        [true, true] => "",
        [true, false] => "本平台还没有开通短信，手机号码先记下来。",
        [false, true] => "本平台还没有开通邮件，邮箱先记下来。",
        [false, false] => "本平台还没有开通邮件和短信，联系方式先记下来。",
    };
    json!({
        "mail": text("mail", contact.mail.as_ref().map(MailAddress::masked)), "mail_error": error("mail"),
        "mobile": text("mobile", contact.mobile.as_ref().map(MobileNumber::masked)), "mobile_error": error("mobile"),
        "by_mail": wanted("by_mail", contact.by_mail), "by_sms": wanted("by_sms", contact.by_sms), "note": note,
    })
}

/// POST /account/contacts
pub async fn change_contact(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Error> {
    let session = caller.session.as_ref().ok_or(Error::Denial(Denial::SignIn))?;
    let known = contact_of(&app, session).await?;
    let typed = known.typed(form.text("mail"), form.text("mobile"), form.has("by_mail"), form.has("by_sms"));
    let contact = match typed {
        Ok(contact) => contact,
        Err(errors) => {
            let page = Page::new(&app, &caller, &headers, "/account", "我的账号");
            return page_with(&app, &caller, page, Typed { form: Some(form), errors }).await;
        }
    };
    let (account, now) = (session.account, app.clock.now());
    let said = contact.lock(&app.secrets, account);
    app.writer
        .plain(move |conn| {
            let said = said.clone();
            Box::pin(async move { store_messages::save_contact(conn, account, &said, now).await })
        })
        .await?;
    Ok(see("/account?done=contacts"))
}

async fn rows(app: &App, session: &Session) -> Result<Vec<Json>, Error> {
    let account = accounts::by_id(&mut app.db.read().await?, session.account).await?;
    let account = account.ok_or(Error::NotFound("账号"))?;
    let party: Option<Party> = match &account.party {
        Some(locked) => Some(serde_json::from_str(&app.secrets.unlock(account.id.get(), locked)?)?),
        None => None,
    };
    let mut rows = vec![("用户名", account.name.clone()), ("显示名称", account.display.clone())];
    if let Some(party) = &party {
        let (name, number) = match party.kind {
            PartyKind::Person => ("姓名", "身份证号"),
            PartyKind::Organisation => ("名称", "统一社会信用代码"),
        };
        rows.push((name, party.name.clone()));
        rows.push((number, party.masked_identifier()));
        let mobile = party.mobile.as_ref().map(|m| showing::mask(Some(FieldKind::Mobile), m.as_str()));
        rows.push(("手机号码", mobile.unwrap_or_default()));
        rows.push(("法定代表人", party.representative.clone().unwrap_or_default()));
    }
    let place = account.division.parse().ok().and_then(|code| app.catalogue().tree.full_name(code));
    rows.push(("所在地区", place.unwrap_or_default()));
    rows.push(("本次登录最迟到", words::moment(session.expires_at)));
    Ok(rows
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| json!({"label": label, "value": value}))
        .collect())
}

async fn posts(app: &App, caller: &Caller, session: &Session) -> Result<Vec<Json>, Error> {
    if session.posts.is_empty() {
        return Ok(Vec::new());
    }
    let all = accounts::posts_of(&mut app.db.read().await?, session.account).await?;
    let catalogue = app.catalogue();
    let current = caller.actor.post().map(|p| p.id);
    Ok(all
        .iter()
        .filter(|row| session.posts.iter().any(|p| p.id == row.post.id))
        .map(|row| {
            let agency = catalogue.directory.agency(&row.post.agency).map_or("", |a| a.name.as_str());
            json!({
                "id": row.post.id, "role": row.post.role.label(), "agency": agency,
                "since": format!("{}起", words::stored_day(&row.starts)), "current": Some(row.post.id) == current,
            })
        })
        .collect())
}

/// Which staff looked at the applicant's cases, newest first.
async fn seen(app: &App, session: &Session) -> Result<Vec<Json>, Error> {
    let rows = accounts::looks_at(&mut app.db.read().await?, session.account, SHOWN).await?;
    let catalogue = app.catalogue();
    Ok(rows
        .iter()
        .map(|look| {
            let agency = look.agency.as_deref().and_then(|key| catalogue.directory.agency(key));
            let role = look.role.as_deref().and_then(Role::parse).map_or("", Role::label);
            let item = catalogue.entry(&look.entry).map_or("", |e| e.name.as_str());
            json!({
                "who": format!("{} {role} {}", agency.map_or("", |a| a.name.as_str()), look.name).trim(),
                "at": words::short_moment(look.at),
                "what": format!("{}{item}", if look.act.contains("document") || look.act.contains("file") { "查看文件：" } else { "办理" }),
            })
        })
        .collect())
}

/// Another post is another session: the rights of the old one end with it.
pub async fn change_post(State(app): State<App>, caller: Caller, form: Form) -> Result<Response, Error> {
    let session = caller.session.as_ref().ok_or(Error::Denial(Denial::SignIn))?;
    let wanted: Option<Id> = form.text("post").parse::<i64>().ok().map(Id::from);
    let post = session.posts.iter().find(|p| Some(p.id) == wanted).ok_or(Error::Denial(Denial::Role))?;
    let account = accounts::by_id(&mut app.db.read().await?, session.account).await?;
    let account = account.ok_or(Error::NotFound("账号"))?;
    let token = signin::start(&app, &account, "web", Some(post.id)).await?;
    signin::end(&app, session).await?;
    Ok(with_cookie(&app, see("/account?done=post"), COOKIE, &token, "; HttpOnly"))
}
