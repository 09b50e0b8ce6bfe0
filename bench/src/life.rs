//! The life of a case as its callers drive it over HTTP: submitted by the citizen, received and accepted at the window,
//! assigned and passed by the reviewer, granted by the representative. Answers are made from the item's own form.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::http::{Answer, Client, Request};
use crate::{Outcome, machine};

const PASSWORD: &str = "Tongban-demo-1";

/// The acts of a life, in order; a review step is passed as often as the item has steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Submit,
    Receive,
    Accept,
    Assign,
    Pass,
    Grant,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Submit, Self::Receive, Self::Accept, Self::Assign, Self::Pass, Self::Grant];

    /// The word of the command.
    pub fn word(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Receive => "receive",
            Self::Accept => "accept",
            Self::Assign => "assign",
            Self::Pass => "pass",
            Self::Grant => "grant",
        }
    }

    /// The word of the event that follows.
    pub fn event(self) -> &'static str {
        match self {
            Self::Submit => "submitted",
            Self::Receive => "received",
            Self::Accept => "accepted",
            Self::Assign => "assigned",
            Self::Pass => "passed",
            Self::Grant => "granted",
        }
    }
}

/// Bearer tokens of one client: a session of each account.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Who files: the citizen, or the clerk when the item asks for uploads.
    pub filer: Arc<str>,
    /// Window.
    pub clerk: Arc<str>,
    /// Review.
    pub reviewer: Arc<str>,
    /// Decision.
    pub representative: Arc<str>,
}

/// What every life needs to know.
#[derive(Debug)]
pub struct Plan {
    /// Item code.
    pub item: String,
    /// Its name.
    pub name: String,
    /// Whether the clerk files, because the item asks for uploads.
    pub at_window: bool,
    /// The acts in order.
    pub acts: Vec<Kind>,
    /// Sessions, one per client.
    pub sessions: Vec<Tokens>,
    situation: String,
    fields: Vec<Value>,
    checks: Value,
    officer: Value,
    run: String,
    numbers: AtomicU64,
}

impl Plan {
    /// Reads the item and signs everyone in, outside any measure.
    pub async fn make(address: SocketAddr, code: &str, sessions: usize) -> Outcome<Self> {
        let mut client = Client::new(address);
        let none: Arc<str> = "".into();
        let answer = client.send(&Request::get(format!("/api/v1/items/{code}"), &none)).await;
        let answer = answer.map_err(|e| e.to_string())?;
        if !answer.ok() {
            return Err(format!("item {code}: {}", answer.words()));
        }
        let item = answer.json();
        let entry = &item["entry"];
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let materials = list(&entry["materials"]);
        let uploads = |situation: &Value| {
            list(&situation["materials"])
                .iter()
                .filter(|key| materials.iter().any(|m| m["key"] == **key && asks_for_a_file(m)))
                .count()
        };
        let situations = list(&entry["situations"]);
        let situation = situations.iter().min_by_key(|s| uploads(s)).ok_or("the item has no situation")?;
        let checks: Vec<Value> = list(&situation["materials"])
            .iter()
            .map(|key| json!({"material": key, "verdict": "right"}))
            .collect();
        let steps = list(&entry["flow"]).iter().filter(|s| s["kind"] == "review").count().max(1);
        let mut acts = vec![Kind::Submit, Kind::Receive, Kind::Accept, Kind::Assign];
        acts.extend(std::iter::repeat_n(Kind::Pass, steps));
        acts.push(Kind::Grant);
        let at_window = uploads(situation) > 0;
        let (citizens, clerks, reviewers, representatives) = tokio::join!(
            sign_in(address, "citizen", if at_window { 0 } else { sessions }),
            sign_in(address, "clerk", sessions),
            sign_in(address, "reviewer", sessions),
            sign_in(address, "representative", sessions),
        );
        let (clerks, reviewers, representatives) = (clerks?, reviewers?, representatives?);
        let filers = if at_window { clerks.clone() } else { citizens? };
        let officer = reviewers.first().map(|(_, account)| account.clone()).unwrap_or_default();
        let sessions = filers
            .into_iter()
            .zip(clerks)
            .zip(reviewers.into_iter().zip(representatives))
            .map(|((filer, clerk), (reviewer, representative))| Tokens {
                filer: filer.0,
                clerk: clerk.0,
                reviewer: reviewer.0,
                representative: representative.0,
            })
            .collect();
        Ok(Self {
            item: code.to_owned(),
            name: entry["name"].as_str().unwrap_or_default().to_owned(),
            at_window,
            acts,
            sessions,
            situation: situation["key"].as_str().unwrap_or_default().to_owned(),
            fields: list(&entry["form"]["sections"]).iter().flat_map(|s| list(&s["fields"])).collect(),
            checks: checks.into(),
            officer,
            // A run may have plans of several items, and their keys must not meet.
            run: format!("{}-{}-{code}", machine::date(), std::process::id()),
            numbers: AtomicU64::new(1),
        })
    }

    /// Answers that pass every check and are different for each number.
    fn answers(&self, number: u64) -> Value {
        let mut answers = serde_json::Map::new();
        for field in &self.fields {
            let when = &field["when"];
            let asked = when.is_null()
                || when["field"].as_str().and_then(|f| answers.get(f)).is_some_and(|v| *v == when["is"]);
            let wanted = field["required"] == true || number.is_multiple_of(2);
            if let Some(key) = field["key"].as_str().filter(|_| asked && wanted) {
                answers.insert(key.to_owned(), typed(field, number).into());
            }
        }
        answers.into()
    }
}

/// Whether a material must come as a file with an online application (the same rule as the domain's intake).
fn asks_for_a_file(material: &Value) -> bool {
    let not = |key: &str| material[key] != true;
    material["need"] == "required"
        && material["format"] != "paper"
        && not("blank_form")
        && not("shared")
        && not("commitment")
}

fn typed(field: &Value, number: u64) -> String {
    let max = field["max"].as_u64();
    let text = |words: String| words.chars().take(max.unwrap_or(200) as usize).collect::<String>();
    match field["type"].as_str().unwrap_or_default() {
        "resident_id" => resident_id(number),
        "credit_code" => "91133100MA0D8N1J7G".into(),
        "mobile" => format!("138{:08}", number % 100_000_000),
        "address" => text(format!("河北省石家庄市长安区建设北大街{number}号（测量）")),
        "number" | "money" => (60 + number % 900).min(max.unwrap_or(1000)).to_string(),
        "date" => format!("2026-12-{:02}", 1 + number % 28),
        "choice" | "choices" => field["options"][0].as_str().unwrap_or_default().to_owned(),
        "yes_no" => "否".into(),
        _ => text(format!("测量{number}")),
    }
}

/// A number of nobody with a right check character (GB 11643).
fn resident_id(number: u64) -> String {
    let body = format!(
        "130102{:04}{:02}{:02}{:03}",
        1950 + number / 1000 / 28 / 12 % 50,
        1 + number / 1000 / 28 % 12,
        1 + number / 1000 % 28,
        number % 1000
    );
    format!("{body}{}", check_character(&body))
}

fn check_character(body: &str) -> char {
    const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u64 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    char::from(b"10X98765432"[(sum % 11) as usize])
}

async fn sign_in(address: SocketAddr, name: &str, times: usize) -> Outcome<Vec<(Arc<str>, Value)>> {
    let mut client = Client::new(address);
    let mut tokens = Vec::with_capacity(times);
    let request = Request {
        method: "POST",
        path: "/api/v1/session".into(),
        body: json!({"name": name, "password": PASSWORD}).to_string(),
        ..Request::default()
    };
    for _ in 0..times {
        let answer = client.send(&request).await.map_err(|e| format!("signing in {name}: {e}"))?;
        let session = answer.json();
        let token =
            session["token"].as_str().ok_or_else(|| format!("signing in {name}: {}", answer.words()))?;
        tokens.push((token.into(), session["account"].clone()));
    }
    Ok(tokens)
}

/// One case on its way.
#[derive(Debug)]
pub struct Life {
    plan: Arc<Plan>,
    session: usize,
    number: u64,
    at: usize,
    /// Its public number, once it has one.
    pub no: String,
    /// Its version after the last act that was acknowledged.
    pub version: u64,
}

impl Life {
    /// A case not yet filed, driven with one client's sessions.
    pub fn new(plan: &Arc<Plan>, client: usize) -> Self {
        Self {
            plan: Arc::clone(plan),
            session: client % plan.sessions.len().max(1),
            number: plan.numbers.fetch_add(1, Ordering::Relaxed),
            at: 0,
            no: String::new(),
            version: 0,
        }
    }

    /// The act that comes next; none when the case is decided.
    pub fn next(&self) -> Option<Kind> {
        self.plan.acts.get(self.at).copied()
    }

    /// The request of that act.
    pub fn request(&self) -> Request {
        let kind = self.next().unwrap_or(Kind::Grant);
        let tokens = &self.plan.sessions[self.session];
        let (token, body) = match kind {
            Kind::Submit => (
                &tokens.filer,
                json!({"item": self.plan.item, "situation": self.plan.situation, "answers": self.plan.answers(self.number)}),
            ),
            Kind::Receive => (&tokens.clerk, json!({"type": "receive"})),
            Kind::Accept => (&tokens.clerk, json!({"type": "accept", "checks": self.plan.checks})),
            Kind::Assign => (&tokens.reviewer, json!({"type": "assign", "officer": self.plan.officer})),
            Kind::Pass => (&tokens.reviewer, json!({"type": "pass", "opinion": "符合条件（测量）"})),
            Kind::Grant => (&tokens.representative, json!({"type": "grant", "opinion": "同意（测量）"})),
        };
        Request {
            method: "POST",
            path: match kind {
                Kind::Submit => "/api/v1/cases".into(),
                _ => format!("/api/v1/cases/{}/commands", self.no),
            },
            token: Arc::clone(token),
            key: format!("bench-{}-{}-{}", self.plan.run, self.number, self.at),
            body: body.to_string(),
        }
    }

    /// Takes the answer to the act in; refuses any but a success.
    pub fn answered(&mut self, answer: &Answer) -> Outcome<()> {
        let case = answer.json();
        match (case["no"].as_str(), case["version"].as_u64()) {
            (Some(no), Some(version)) if answer.ok() => {
                self.no = no.to_owned();
                self.version = version;
                self.at += 1;
                Ok(())
            }
            _ => Err(format!("{}: {}", self.next().map_or("nothing", Kind::word), answer.words())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_ids_carry_the_right_check_character_and_differ() {
        // The standard's own example.
        assert_eq!(check_character("11010519491231002"), 'X');
        let all: std::collections::BTreeSet<String> = (0..50_000).map(resident_id).collect();
        assert_eq!(all.len(), 50_000);
        assert!(all.iter().all(|id| id.len() == 18 && id.starts_with("13010219")));
    }

    #[test]
    fn conditional_fields_follow_the_answers_before_them() {
        let plan = Plan {
            item: "X".into(),
            name: String::new(),
            at_window: false,
            acts: vec![Kind::Submit],
            sessions: Vec::new(),
            situation: String::new(),
            fields: vec![
                json!({"key": "a", "type": "choice", "required": true, "options": ["一", "二"]}),
                json!({"key": "b", "type": "text", "required": true, "max": 3, "when": {"field": "a", "is": "一"}}),
                json!({"key": "c", "type": "text", "required": true, "when": {"field": "a", "is": "二"}}),
                json!({"key": "d", "type": "money", "required": false, "max": 10}),
            ],
            checks: Value::Null,
            officer: Value::Null,
            run: String::new(),
            numbers: AtomicU64::new(0),
        };
        assert_eq!(plan.answers(7), json!({"a": "一", "b": "测量7"}));
        assert_eq!(plan.answers(8), json!({"a": "一", "b": "测量8", "d": "10"}));
    }
}
