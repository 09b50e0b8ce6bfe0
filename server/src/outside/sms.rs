//! SMS through a gateway: one JSON object per message, posted over HTTP or HTTPS. The names of its fields are settings,
//! because every gateway has its own.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Map, Value};
use tongban_domain::ids::{Id, MobileNumber};

use super::PATIENCE;
use crate::config::SmsSettings;
use crate::error::Fault;

/// More of an answer is not read.
const MOST_BYTES: usize = 64 * 1024;

/// A gateway.
pub struct Sms {
    wire: Wire,
    url: axum::http::Uri,
    settings: SmsSettings,
}

/// A gateway in one's own network may speak plain HTTP; then nobody has to have certificates installed.
enum Wire {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Sealed(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sms").field("gateway", &self.gateway()).finish_non_exhaustive()
    }
}

impl Sms {
    /// Reads the settings.
    ///
    /// # Errors
    /// In words that name the setting.
    pub(super) fn open(settings: &SmsSettings) -> Result<Self, Fault> {
        let unread =
            || Fault::plain("短信网关地址（--sms-url）读不懂，请写成 https://gateway.example.cn/send");
        let url: axum::http::Uri = settings.url.parse().map_err(|_| unread())?;
        if url.host().is_none() {
            return Err(unread());
        }
        let wire = match url.scheme_str() {
            Some("http") => Wire::Plain(Client::builder(TokioExecutor::new()).build_http()),
            Some("https") => {
                let roots = HttpsConnectorBuilder::new().with_native_roots().map_err(|_| {
                    Fault::plain("系统里没有可信的根证书，不能用 HTTPS 连接短信网关，请安装 ca-certificates")
                })?;
                let connector = roots.https_only().enable_http1().build();
                Wire::Sealed(Client::builder(TokioExecutor::new()).build(connector))
            }
            _ => return Err(unread()),
        };
        Ok(Self { wire, url, settings: settings.clone() })
    }

    /// Scheme and host.
    pub(super) fn gateway(&self) -> String {
        let scheme = self.url.scheme_str().unwrap_or_default();
        format!("{scheme}://{}", self.url.host().unwrap_or_default())
    }

    pub(super) async fn send(&self, to: &MobileNumber, text: &str, key: Id) -> Result<(), Fault> {
        let late = |_| Fault::plain("短信网关没有在规定时间里回答");
        tokio::time::timeout(PATIENCE, self.post(to, text, key)).await.map_err(late)?
    }

    async fn post(&self, to: &MobileNumber, text: &str, key: Id) -> Result<(), Fault> {
        let SmsSettings { fields, signature, token, .. } = &self.settings;
        let text = if signature.is_empty() { text.to_owned() } else { format!("【{signature}】{text}") };
        let body: Map<String, Value> = [
            (fields.to.clone(), to.as_str().into()),
            (fields.text.clone(), text.into()),
            (fields.key.clone(), key.to_string().into()),
        ]
        .into_iter()
        .collect();
        let mut request = axum::http::Request::post(self.url.clone())
            .header("content-type", "application/json; charset=utf-8")
            .header("idempotency-key", key.to_string());
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {}", token.0));
        }
        let request = request
            .body(Full::new(Bytes::from(Value::Object(body).to_string())))
            .map_err(|_| Fault::plain("短信网关的令牌里有不能用的字符"))?;
        // What the gateway says may repeat the number: only its status and the agreed field are told on.
        let unreachable = |_| Fault::plain(format!("连不上短信网关 {}", self.gateway()));
        let response = match &self.wire {
            Wire::Plain(client) => client.request(request).await,
            Wire::Sealed(client) => client.request(request).await,
        }
        .map_err(unreachable)?;
        let status = response.status();
        if !status.is_success() {
            return Err(Fault::plain(format!("短信网关回答 {}", status.as_u16())));
        }
        let Some((field, wanted)) = &self.settings.accepted else { return Ok(()) };
        let read = Limited::new(response.into_body(), MOST_BYTES).collect().await;
        let answer = read.map_err(|_| Fault::plain("短信网关的回答读不出来"))?.to_bytes();
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let given = match answer.get(field) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        if given == *wanted {
            return Ok(());
        }
        let given: String = given.chars().take(20).collect();
        Err(Fault::plain(format!("短信网关没有收下：{field}={given}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Secret, SmsFields};

    #[test]
    fn a_gateway_is_named_without_its_secrets() {
        let settings = |url: &str| SmsSettings {
            url: url.into(),
            token: Some(Secret("secret-token".into())),
            fields: SmsFields::default(),
            accepted: None,
            signature: "通办".into(),
        };
        let sms = Sms::open(&settings("http://gateway.example.cn:8080/send?user=a&password=b")).unwrap();
        assert_eq!(sms.gateway(), "http://gateway.example.cn");
        assert!(!format!("{sms:?} {:?}", sms.settings.token).contains("secret"));
        for wrong in ["gateway", "ftp://gateway.example.cn", "/send", ""] {
            assert!(Sms::open(&settings(wrong)).unwrap_err().to_string().contains("--sms-url"), "{wrong}");
        }
    }
}
