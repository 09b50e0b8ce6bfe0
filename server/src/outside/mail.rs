//! Mail by SMTP: plain to a relay of one's own, STARTTLS, or TLS from the first byte, as the URL says.

use std::time::{Duration, SystemTime};

use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Message, Tokio1Executor};
use tongban_domain::ids::{Id, MailAddress};

use super::PATIENCE;
use crate::config::MailSettings;
use crate::error::Fault;

/// What a letter says.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Subject.
    pub subject: &'a str,
    /// Plain text.
    pub text: &'a str,
    /// Its key: a letter sent again carries the same Message-ID.
    pub key: Id,
    /// Epoch milliseconds.
    pub at: i64,
}

/// A mail relay.
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    relay: String,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("relay", &self.relay).finish_non_exhaustive()
    }
}

impl Mail {
    /// Reads the settings.
    ///
    /// # Errors
    /// In words that name the setting and never repeat it: it may hold a password.
    pub(super) fn open(settings: &MailSettings) -> Result<Self, Fault> {
        let url = &settings.url.0;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| {
            Fault::plain(
                "邮件服务器地址（TONGBAN_MAIL_URL）读不懂，请写成 smtp://relay:25、smtp://host:587?tls=required \
                 或 smtps://用户名:密码@host:465，密码里的特殊字符用百分号编码",
            )
        })?;
        let from: Mailbox = settings.from.parse().map_err(|_| {
            Fault::plain("发件人（--mail-from）读不懂，请写成 通办 <no-reply@example.gov.cn>")
        })?;
        Ok(Self { transport: transport.timeout(Some(PATIENCE)).build(), from, relay: relay(url) })
    }

    /// Where it goes, without user and password.
    pub(super) fn relay(&self) -> &str {
        &self.relay
    }

    pub(super) async fn answers(&self) -> bool {
        let asked = tokio::time::timeout(PATIENCE, self.transport.test_connection()).await;
        matches!(asked, Ok(Ok(true)))
    }

    pub(super) async fn send(&self, to: &MailAddress, letter: Letter<'_>) -> Result<(), Fault> {
        let broken = |_| Fault::plain("这封邮件写不成：收件地址或标题不合邮件的格式");
        let to = to.as_str().parse().map_err(|_| Fault::plain("收件地址不合邮件的格式"))?;
        let key = format!("<tongban-{}@{}>", letter.key, self.from.email.domain());
        let at = Duration::from_millis(u64::try_from(letter.at).unwrap_or_default());
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .message_id(Some(key))
            .date(SystemTime::UNIX_EPOCH + at)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.to_owned())
            .map_err(broken)?;
        let sent = tokio::time::timeout(3 * PATIENCE, self.transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Fault::plain(format!("{} 没有收下邮件：{}", self.relay, told(&error)))),
            Err(_) => Err(Fault::plain(format!("{} 没有在规定时间里收下邮件", self.relay))),
        }
    }
}

/// Scheme, host and port of an address.
fn relay(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("smtp", url));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let sealed = scheme == "smtps" || url.contains("tls=required");
    format!("{host}（{}）", if sealed { "加密" } else { "不强制加密" })
}

/// What a failure may say: the code and the words of the other side, without anything that looks like an address.
fn told(error: &lettre::transport::smtp::Error) -> String {
    let text = error.to_string();
    let words: Vec<&str> = text.split_whitespace().map(|w| if w.contains('@') { "***" } else { w }).collect();
    words.join(" ").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn settings(url: &str) -> MailSettings {
        MailSettings { url: Secret(url.into()), from: "通办 <no-reply@example.cn>".into() }
    }

    #[test]
    fn neither_words_nor_debug_nor_errors_hold_the_password() {
        let mail = Mail::open(&settings("smtps://user:hunter%402@mail.example.cn:465")).unwrap();
        assert_eq!(mail.relay(), "mail.example.cn:465（加密）");
        assert!(!format!("{mail:?} {:?}", settings("smtp://u:hunter@h")).contains("hunter"));
        let error = Mail::open(&settings("imap://user:hunter@mail.example.cn")).unwrap_err();
        assert!(!error.to_string().contains("hunter"), "{error}");
        assert!(error.to_string().contains("TONGBAN_MAIL_URL"));
    }

    #[test]
    fn every_kind_of_address_is_read() {
        for url in ["smtp://relay:25", "smtp://host:587?tls=required", "smtps://user:pass@host:465"] {
            assert!(Mail::open(&settings(url)).is_ok(), "{url}");
        }
    }
}
