//! Pages: templates, what every page needs, and the error page.

use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use include_dir::{Dir, include_dir};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use serde::Serialize;
use serde_json::{Value as Json, json};
use tongban_domain::ids::DivisionCode;
use tongban_domain::item::FieldError;
use tongban_domain::permit::{Denial, Role};

use super::form::{decode, encode};
use super::words::moment;
use crate::app::App;
use crate::door::cookie;
use crate::error::{Error, Fault};
use crate::secrets::{hex, random};
use crate::signin::Caller;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets");

/// Cookie of the chosen region.
pub const DIVISION_COOKIE: &str = "tongban_division";
/// Cookie of elder mode.
pub const ELDER_COOKIE: &str = "tongban_elder";

/// Changes whenever an asset changes, so that browsers may keep them for a year.
static BUILD: LazyLock<String> = LazyLock::new(|| {
    let mut hash = tongban_documents::Sm3Hasher::new();
    for file in ASSETS.files() {
        hash.update(file.contents());
    }
    hash.finish_hex()[..12].to_owned()
});

/// The template environment.
#[derive(Debug)]
pub struct Pages {
    built_in: Environment<'static>,
}

fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(
        |name| if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None },
    );
    // The hook for other languages: texts pass through it from the first template on (decision 25).
    env.add_function("t", |text: String| text);
    env
}

impl Pages {
    /// The built-in templates.
    ///
    /// # Errors
    /// When one does not parse.
    pub fn built_in() -> Result<&'static Self, Fault> {
        static PAGES: OnceLock<Pages> = OnceLock::new();
        if let Some(ready) = PAGES.get() {
            return Ok(ready);
        }
        let mut env = environment();
        for (name, text) in templates() {
            env.add_template(name, text)?;
        }
        Ok(PAGES.get_or_init(|| Self { built_in: env }))
    }

    /// Renders a template.
    ///
    /// # Errors
    /// When a name is undefined.
    pub fn render(&self, name: &str, context: Value) -> Result<String, Fault> {
        Ok(self.built_in.get_template(name)?.render(context)?)
    }
}

/// Every built-in template: name and text.
pub fn templates() -> Vec<(&'static str, &'static str)> {
    fn walk(dir: &'static Dir<'static>, all: &mut Vec<(&'static str, &'static str)>) {
        for file in dir.files() {
            let name = file.path().to_str().unwrap_or_default();
            if name.ends_with(".html") {
                all.extend(file.contents_utf8().map(|text| (name, text)));
            }
        }
        dir.dirs().for_each(|d| walk(d, all));
    }
    let mut all = Vec::new();
    walk(&TEMPLATES, &mut all);
    all
}

/// An asset by path.
pub fn asset(path: &str) -> Option<&'static [u8]> {
    ASSETS.get_file(path).map(include_dir::File::contents)
}

/// Renders with the templates of a folder in place of the built-in ones, read anew each time.
fn render_with_folder(folder: &Path, name: &str, context: Value) -> Result<String, Fault> {
    let mut env = environment();
    for (name, text) in templates() {
        let own = std::fs::read_to_string(folder.join(name)).ok();
        env.add_template_owned(name, own.unwrap_or_else(|| text.to_owned()))?;
    }
    Ok(env.get_template(name)?.render(context)?)
}

/// A link in a navigation.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// Address.
    pub href: String,
    /// Words.
    pub label: String,
    /// Icon, or empty.
    pub icon: String,
    /// Whether it is where we are.
    pub current: bool,
}

/// A crumb of the way back.
#[derive(Debug, Clone, Serialize)]
pub struct Crumb {
    /// Address; empty for the page itself.
    pub href: String,
    /// Words.
    pub label: String,
}

/// One page being made.
#[derive(Debug)]
pub struct Page<'a> {
    app: &'a App,
    caller: &'a Caller,
    headers: &'a HeaderMap,
    path: String,
    title: String,
    crumbs: Vec<Crumb>,
    errors: Vec<FieldError>,
    flash: Option<(String, String)>,
    status: StatusCode,
}

impl<'a> Page<'a> {
    /// A page at a path.
    pub fn new(app: &'a App, caller: &'a Caller, headers: &'a HeaderMap, path: &str, title: &str) -> Self {
        Self {
            app,
            caller,
            headers,
            path: path.to_owned(),
            title: title.to_owned(),
            crumbs: Vec::new(),
            errors: Vec::new(),
            flash: None,
            status: StatusCode::OK,
        }
    }

    /// With the way back: address and words, the last one without address.
    #[must_use]
    pub fn crumbs(mut self, crumbs: &[(&str, &str)]) -> Self {
        self.crumbs = crumbs
            .iter()
            .map(|(href, label)| Crumb { href: (*href).into(), label: (*label).into() })
            .collect();
        self
    }

    /// With errors beside the fields; the answer is then 422.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        if !errors.is_empty() {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        self.errors = errors;
        self
    }

    /// With a message on top: kind `good` or `bad`, and words.
    #[must_use]
    pub fn flash(mut self, kind: &str, text: &str) -> Self {
        if !text.is_empty() {
            self.flash = Some((kind.into(), text.into()));
        }
        self
    }

    /// With another status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    fn common(&self) -> Json {
        let session = self.caller.session.as_ref();
        let division = division(self.app, self.caller, self.headers);
        let catalogue = self.app.catalogue();
        let name = catalogue.tree.full_name(division).unwrap_or_default();
        let short = catalogue.tree.get(division).map_or("", |d| d.name).to_owned();
        let role = self.caller.role();
        let agency = self.caller.actor.post().and_then(|p| catalogue.directory.agency(&p.agency));
        let user = session.map(|s| {
            json!({
                "name": s.display,
                "kind": if role.is_some() { "staff" } else { "applicant" },
                "role": role.map_or("", Role::as_str),
                "role_label": role.map_or("", Role::label),
                "agency": agency.map_or("", |a| a.name.as_str()),
                "unread": s.unread,
            })
        });
        json!({
            "title": self.title,
            "csrf": session.map_or("", |s| s.csrf.as_str()),
            "build": *BUILD,
            "elder": cookie(self.headers, ELDER_COOKIE) == Some("1"),
            "demo": self.app.config.demo,
            "path": self.path,
            "here": encode(&self.path),
            "user": user,
            "nav": nav(role, &self.path),
            "division": {"code": division, "name": name, "short": short},
            "phone": "12345",
            "year": self.app.today().year().to_string(),
            "outage": self.app.outage().map(|o| json!({"since": moment(o.span.from), "reason": o.reason})),
            "flash": self.flash.as_ref().map(|(kind, text)| json!({"kind": kind, "text": text})),
            "crumbs": self.crumbs,
            "errors": self.errors.iter().map(|e| json!({
                "field": e.field, "label": e.label, "message": e.message, "href": format!("#f-{}", e.field),
            })).collect::<Vec<_>>(),
        })
    }

    /// Renders a template with what it needs besides.
    ///
    /// # Errors
    /// When a name is undefined.
    pub fn render(self, template: &str, own: Json) -> Result<Response, Error> {
        let mut context = self.common();
        if let (Some(common), Json::Object(own)) = (context.as_object_mut(), own) {
            common.extend(own);
        }
        let context = Value::from(minijinja::value::Serde(context));
        let html = match &self.app.config.templates {
            Some(folder) => render_with_folder(folder, template, context)?,
            None => Pages::built_in()?.render(template, context)?,
        };
        Ok((self.status, Html(html)).into_response())
    }
}

/// The region pages speak of: chosen by cookie, else the account's own, else the province.
pub fn division(app: &App, caller: &Caller, headers: &HeaderMap) -> DivisionCode {
    let catalogue = app.catalogue();
    let chosen = cookie(headers, DIVISION_COOKIE)
        .map(decode)
        .and_then(|text| DivisionCode::parse(&text).ok())
        .filter(|code| catalogue.tree.get(*code).is_some());
    chosen
        .or_else(|| caller.actor.post().map(|p| p.division))
        .or_else(|| caller.session.as_ref().and_then(|s| DivisionCode::parse(&s.division).ok()))
        .filter(|code| catalogue.tree.get(*code).is_some())
        .unwrap_or_else(|| app.home())
}

fn nav(role: Option<Role>, path: &str) -> Vec<Link> {
    let mut links: Vec<(&str, &str, &str)> = match role {
        None => vec![
            ("/", "首页", "home"),
            ("/items?audience=person", "个人办事", "user"),
            ("/items?audience=company", "法人办事", "building"),
            ("/cases", "我的办件", "folder"),
            ("/licenses", "我的证照", "stamp"),
        ],
        Some(_) => vec![("/desk", "我的一天", "home")],
    };
    links.extend_from_slice(match role {
        Some(Role::Clerk) => {
            &[("/desk/counter", "窗口收件", "inbox"), ("/desk/deliveries", "统一出件", "send")]
        }
        Some(Role::Reviewer) => &[("/desk/review", "审查", "search")],
        Some(Role::Representative) => {
            &[("/desk/decisions", "审定", "stamp"), ("/desk/review", "审查进度", "search")]
        }
        Some(Role::Manager) => &[("/items", "事项", "folder")],
        Some(Role::Admin) => &[
            ("/manage/staff", "人员岗位", "user"),
            ("/manage/authorities", "决定权登记", "stamp"),
            ("/manage/calendar", "工作日历", "calendar"),
            ("/supervise/outages", "停机登记", "alert"),
            ("/ops", "运行自检", "info"),
        ],
        Some(Role::Supervisor) | None => &[],
    });
    if matches!(role, Some(Role::Clerk | Role::Reviewer | Role::Representative | Role::Supervisor)) {
        links.push(("/desk/marks", "督办", "alert"));
        links.push(("/desk/cases", "全部办件", "folder"));
        links.push(("/desk/enquiries", "咨询", "info"));
    }
    if role == Some(Role::Supervisor) {
        links.push(("/manage/authorities", "决定权登记", "stamp"));
        links.push(("/supervise/outages", "停机登记", "alert"));
    }
    let bare = path.split('?').next().unwrap_or(path);
    links
        .into_iter()
        .map(|(href, label, icon)| Link {
            href: href.into(),
            label: label.into(),
            icon: icon.into(),
            current: if href.contains('?') { path.starts_with(href) } else { bare == href },
        })
        .collect()
}

/// The page an error becomes.
pub fn error(app: &App, caller: &Caller, headers: &HeaderMap, path: &str, error: &Error) -> Response {
    let status = error.status();
    let heading: String;
    let (mut message, mut way_out, mut fault_id, mut kept) =
        (error.to_string(), String::new(), String::new(), String::new());
    let mut links = vec![];
    match error {
        Error::Refusal(refusal) => {
            heading = "这一步现在不能办".into();
            message.clone_from(&refusal.reason);
            way_out.clone_from(&refusal.way_out);
            if !refusal.article.is_empty() {
                message.push_str(&format!("（依据{}）", refusal.article));
            }
        }
        Error::Denial(Denial::Hidden) | Error::NotFound(_) => heading = "没有找到".into(),
        Error::Denial(Denial::Role) => heading = "您当前的岗位不能办理这一步".into(),
        Error::Denial(Denial::SignIn) => {
            heading = "请先登录".into();
            links.push(("/login".to_owned(), "去登录".to_owned()));
        }
        Error::Invalid(errors) => {
            heading = format!("有{}处需要修改", errors.len());
            message = errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join("；");
            kept = "没有任何内容被改动。请返回上一页修改，已填写的内容还在。".into();
        }
        Error::Conflict(conflict) => {
            heading = "别人先办了一步".into();
            if !conflict.no.is_empty() {
                let base = if caller.role().is_some() { "/desk/cases" } else { "/cases" };
                links.push((format!("{base}/{}", conflict.no), "打开最新的办件".into()));
            }
        }
        Error::KeyReused => heading = "这个页面已经提交过".into(),
        Error::TooMany(_) => heading = "请稍候".into(),
        Error::Busy => {
            heading = "现在办理的人太多".into();
            kept = "您填的内容没有丢失，请过几秒钟再试。".into();
        }
        Error::Fault(fault) if fault.is_stale() => {
            heading = "别人先办了一步".into();
            message = "刚刚有人同时在办这个办件，您的操作没有执行。".into();
            way_out = "请刷新后再办。".into();
        }
        Error::Fault(fault) => {
            fault_id = hex(&random::<6>());
            tracing::error!(%fault, number = fault_id, "fault");
            heading = "这一步没有办成".into();
            message = "是我们的故障，已经记下来了；您的内容没有改变。".into();
            way_out = "请过几分钟再试一次，或者打电话。".into();
        }
    }
    let home = if caller.role().is_some() { ("/desk", "回到我的一天") } else { ("/", "回到首页") };
    links.push((home.0.to_owned(), home.1.to_owned()));
    let own = json!({
        "heading": heading, "message": message, "way_out": way_out, "kept": kept, "fault_id": fault_id,
        "changes": [],
        "links": links.iter().map(|(href, label)| json!({"href": href, "label": label})).collect::<Vec<_>>(),
    });
    let page = Page::new(app, caller, headers, path, &heading).status(status);
    page.render("error.html", own).unwrap_or_else(|fault| {
        tracing::error!(%fault, "the error page itself failed");
        (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], heading).into_response()
    })
}
