//! A stand-in for an SMS gateway: an HTTP server of its own that can fail, dawdle and count.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tongban::config::{Secret, SmsFields, SmsSettings};

/// What it does with the next request; when nothing is left it accepts.
#[derive(Debug, Clone, Copy)]
pub enum Mood {
    /// 500, and the request as an echo, number and all.
    Fail,
    /// 200 with a code that means no.
    Decline,
    /// Takes it and does not get round to answering.
    Dawdle,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub key: String,
    pub to: String,
    pub text: String,
    pub authorization: String,
    pub taken: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Gateway {
    asked: Arc<Mutex<Vec<Asked>>>,
    moods: Arc<Mutex<VecDeque<Mood>>>,
}

impl Gateway {
    /// Listens on a free port; gives itself and the settings that lead to it.
    pub async fn start() -> (Self, SmsSettings) {
        let gateway = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        let router = Router::new().route("/send", post(take)).with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let settings = SmsSettings {
            url,
            token: Some(Secret("gateway-token".into())),
            fields: SmsFields { to: "mobile".into(), text: "content".into(), key: "outId".into() },
            accepted: Some(("code".into(), "0".into())),
            signature: "通办".into(),
        };
        (gateway, settings)
    }

    /// What it will do with the next requests.
    pub fn will(&self, moods: &[Mood]) {
        self.moods.lock().unwrap().extend(moods);
    }

    /// Everything that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// What it took, once per key.
    pub fn taken(&self) -> Vec<Asked> {
        let mut taken: Vec<Asked> = Vec::new();
        for asked in self.asked().into_iter().filter(|a| a.taken) {
            if taken.iter().all(|t| t.key != asked.key) {
                taken.push(asked);
            }
        }
        taken
    }
}

async fn take(State(gateway): State<Gateway>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let message: Value = serde_json::from_str(&body).unwrap();
    let text = |field: &str| message[field].as_str().unwrap().to_owned();
    let header = |name: &str| headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
    assert_eq!(header("idempotency-key"), text("outId"));
    let mood = gateway.moods.lock().unwrap().pop_front();
    gateway.asked.lock().unwrap().push(Asked {
        key: text("outId"),
        to: text("mobile"),
        text: text("content"),
        authorization: header("authorization"),
        taken: !matches!(mood, Some(Mood::Fail | Mood::Decline)),
    });
    match mood {
        None => (StatusCode::OK, json!({"code": 0}).to_string()),
        Some(Mood::Fail) => (StatusCode::INTERNAL_SERVER_ERROR, body),
        Some(Mood::Decline) => (StatusCode::OK, json!({"code": "LIMIT"}).to_string()),
        Some(Mood::Dawdle) => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            (StatusCode::OK, String::new())
        }
    }
}
