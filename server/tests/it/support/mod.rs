//! A whole program on a temporary database, with a clock that tests set and people who can act.

pub mod gateway;

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tongban::app::App;
use tongban::clock::{Chance, Clock};
use tongban::config::Config;
use tongban::{jobs, seed, serve};
use tower::ServiceExt;

/// Monday 2026-03-09 10:00 at +08:00, inside the known years.
pub const START: i64 = 1_773_021_600_000;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A program under test.
pub struct TestApp {
    pub app: App,
    pub router: Router,
    pub folder: PathBuf,
    database: Option<String>,
}

/// An answer of the API.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub bytes: Vec<u8>,
    pub headers: axum::http::HeaderMap,
}

impl Answer {
    /// The answer, which must be a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        self.body
    }

    /// The answer, which must be this status; gives its body.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }
}

/// A page.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub html: String,
    /// Where it sends the browser, if anywhere.
    pub to: String,
}

impl Page {
    fn of(answer: Answer) -> Self {
        let to = answer.headers.get(header::LOCATION).map_or("", |l| l.to_str().unwrap()).to_owned();
        // Templates escape the slash too; tests read addresses as a browser does.
        let html = String::from_utf8(answer.bytes).unwrap().replace("&#x2f;", "/");
        Self { status: answer.status.as_u16(), html, to }
    }
}

pub fn on_postgres() -> bool {
    std::env::var("TONGBAN_TEST_ENGINE").is_ok_and(|e| e == "postgres")
}

fn postgres_url() -> String {
    std::env::var("TONGBAN_TEST_DATABASE_URL").expect("TONGBAN_TEST_DATABASE_URL names a PostgreSQL server")
}

impl TestApp {
    /// A program with the demo people but no cases.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("tongban_test_{}_{number}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        drop(std::fs::remove_dir_all(&folder));
        let mut config = Config { demo: true, ..Config::new(&folder) };
        let database = on_postgres().then_some(name);
        if let Some(name) = &database {
            let server = tongban::store::Db::postgres(&postgres_url()).await.expect("PostgreSQL answers");
            let mut conn = server.write().await.unwrap();
            conn.script(&format!("CREATE DATABASE {name} TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'"))
                .await
                .unwrap();
            drop(conn);
            server.close().await;
            config.database_url = Some(sibling(&postgres_url(), name));
        }
        change(&mut config);
        let app = App::open(config, Clock::Set(AtomicI64::new(START)), Chance::Seeded(7)).await.unwrap();
        seed::people(&app, Some(&cheap_hash())).await.unwrap();
        let router = serve::router(&app);
        Self { app, router, folder, database }
    }

    /// The clock, moved on.
    pub fn later(&self, ms: i64) {
        self.app.clock.set(self.app.clock.now() + ms);
        self.app.sessions.forget_all();
    }

    /// A bearer token for a demo account, without the cost of hashing its password.
    pub async fn token(&self, name: &str) -> String {
        let mut conn = self.app.db.read().await.unwrap();
        let account =
            tongban::store::accounts::by_name(&mut conn, name).await.unwrap().expect("a demo account");
        drop(conn);
        tongban::signin::start(&self.app, &account, "api", None).await.unwrap()
    }

    /// Sends one request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, body, bytes, headers }
    }

    /// Sends JSON, or nothing for a null body.
    pub async fn call(&self, method: Method, path: &str, token: &str, body: Value) -> Answer {
        self.keyed(method, path, token, body, None).await
    }

    /// Sends JSON with an idempotency key.
    pub async fn keyed(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
        key: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Method::GET, path, token, Value::Null).await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.call(Method::POST, path, token, body).await
    }

    /// A page as a signed-in browser sees it.
    pub async fn page(&self, path: &str, token: &str) -> Page {
        let request = Request::get(path).header(header::COOKIE, format!("{}={token}", tongban::door::COOKIE));
        Page::of(self.send(request.body(Body::empty()).unwrap()).await)
    }

    /// A form sent by that browser, with its token against forged forms.
    pub async fn submit_form(&self, path: &str, token: &str, fields: &[(&str, &str)]) -> Page {
        let caller = tongban::signin::caller(&self.app, token).await.unwrap();
        let mut body = format!("csrf={}", caller.session.unwrap().csrf);
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", tongban::web::encode(value)));
        }
        let request = Request::post(path)
            .header(header::COOKIE, format!("{}={token}", tongban::door::COOKIE))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        Page::of(self.send(request.body(Body::from(body)).unwrap()).await)
    }

    /// Uploads raw bytes.
    pub async fn upload(&self, path: &str, token: &str, bytes: &[u8]) -> Answer {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(bytes.to_vec()))
            .unwrap();
        self.send(request).await
    }

    /// Acts on a case.
    pub async fn act(&self, no: &str, token: &str, command: Value) -> Answer {
        self.post(&format!("/api/v1/cases/{no}/commands"), token, command).await
    }

    /// Submits the sample application of the demo citizen; gives the case's public number.
    pub async fn submit(&self, number: usize) -> String {
        let token = self.token("citizen").await;
        let body = self.application(number).await;
        self.post("/api/v1/cases", &token, body).await.ok()["no"].as_str().unwrap().to_owned()
    }

    /// A complete application for the sample item, its files uploaded.
    pub async fn application(&self, number: usize) -> Value {
        let token = self.token("citizen").await;
        let catalogue = self.app.catalogue();
        let entry = catalogue.entry("X03").unwrap().clone();
        let situation = entry.situations[0].key.clone();
        let draft = self
            .post(
                "/api/v1/drafts",
                &token,
                json!({"item": ITEM, "situation": situation, "division": "130102001001"}),
            )
            .await
            .ok();
        let id = draft["id"].as_str().unwrap().to_owned();
        let mut files = json!({});
        for material in
            entry.materials_of(&entry.situations[0]).filter(|m| tongban_domain::case::needs_file(m))
        {
            let bytes = sample_file(material.accepts[0]);
            let path = format!("/api/v1/drafts/{id}/files?material={}", material.key);
            let answer = self.upload(&path, &token, bytes).await.ok();
            files[&material.key] = json!([answer["file"]["id"]]);
        }
        self.call(Method::DELETE, &format!("/api/v1/drafts/{id}"), &token, Value::Null).await.ok();
        json!({
            "item": ITEM, "situation": situation, "division": "130102001001",
            "answers": seed::sample_answers(&entry, number), "files": files,
        })
    }

    /// Brings a case to a state by the shortest way; gives its public number.
    pub async fn case_in(&self, state: &str) -> String {
        let no = self.submit(1).await;
        let (clerk, reviewer, chief) =
            (self.token("clerk").await, self.token("reviewer").await, self.token("representative").await);
        let officer = self.get("/api/v1/session", &reviewer).await.ok()["account"].clone();
        let checks = self.checks();
        let steps: Vec<(&str, &String, Value)> = vec![
            ("received", &clerk, json!({"type": "receive"})),
            ("accepted", &clerk, json!({"type": "accept", "checks": checks})),
            ("reviewing", &reviewer, json!({"type": "assign", "officer": officer})),
            ("deciding", &reviewer, json!({"type": "pass", "opinion": "符合"})),
            ("granted", &chief, json!({"type": "grant"})),
            ("issued", &clerk, json!({"type": "issue"})),
            ("delivered", &clerk, json!({"type": "deliver", "method": "counter"})),
            ("closed", &clerk, json!({"type": "close"})),
        ];
        if state == "submitted" {
            return no;
        }
        for (reached, token, command) in steps {
            loop {
                let answer = self.act(&no, token, command.clone()).await.ok();
                if command["type"] != "pass" || answer["state"] == "deciding" {
                    break;
                }
            }
            if reached == "granted" {
                self.drain().await;
            }
            if reached == state {
                return no;
            }
        }
        panic!("no way to {state}");
    }

    /// The window saw every material and found it right.
    pub fn checks(&self) -> Value {
        json!(seed::all_right(self.app.catalogue().entry("X03").unwrap()))
    }

    /// Runs all duties that are due.
    pub async fn drain(&self) {
        while jobs::drain(&self.app).await.unwrap() > 0 {}
    }

    /// Changes the database behind the program's back.
    pub async fn tamper(&self, sql: &'static str) -> u64 {
        self.app.writer.plain(move |conn| Box::pin(async move { conn.run(sql, vec![]).await })).await.unwrap()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
        let Some(name) = self.database.take() else { return };
        let url = postgres_url();
        // The runtime of the test is going down: another thread says goodbye to the database.
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                if let Ok(server) = tongban::store::Db::postgres(&url).await
                    && let Ok(mut conn) = server.write().await
                {
                    drop(conn.script(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await);
                }
            });
        });
        drop(gone.join());
    }
}

fn sibling(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, None), |(b, q)| (b, Some(q)));
    let (server, _) = base.rsplit_once('/').unwrap();
    match query {
        Some(query) => format!("{server}/{name}?{query}"),
        None => format!("{server}/{name}"),
    }
}

/// The sample item of the demo county.
pub const ITEM: &str = "X03@130102000000";

/// A hash of the demo password with cheap parameters: tests do not measure hashing.
fn cheap_hash() -> String {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    cheap.hash_password(seed::PASSWORD.as_bytes()).unwrap().to_string()
}

pub fn sample_file(kind: tongban_domain::item::FileKind) -> &'static [u8] {
    match kind {
        tongban_domain::item::FileKind::Png => include_bytes!("../../../../data/demo/sample.png"),
        tongban_domain::item::FileKind::Jpg => include_bytes!("../../../../data/demo/sample.jpg"),
        _ => include_bytes!("../../../../data/demo/sample.pdf"),
    }
}
