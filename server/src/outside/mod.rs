//! What reaches outside the house: mail by SMTP, SMS by an HTTP gateway. Takes an address and words and says whether the
//! other side has them; refuses to know cases, accounts and the database. What it says of a failure never holds an
//! address, a number or a secret, because failures are shown and logged.

mod mail;
mod sms;

use std::time::Duration;

use tongban_domain::ids::{Id, MailAddress, MobileNumber};

use crate::config::Config;
use crate::error::Fault;

pub use mail::{Letter, Mail};
pub use sms::Sms;

/// Longest wait for the other side: three such attempts one after another still fit into a lease.
const PATIENCE: Duration = Duration::from_secs(15);

/// 渠道: a way out of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// 邮件
    Mail,
    /// 短信
    Sms,
}

impl Channel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Sms];

    /// The stored word; also the kind of the duty.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }

    /// From the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == word)
    }
}

/// The ways out of this installation.
#[derive(Debug, Default)]
pub struct Outside {
    mail: Option<Mail>,
    sms: Option<Sms>,
}

impl Outside {
    /// Gets the configured ways ready; nothing is connected yet.
    ///
    /// # Errors
    /// A setting that cannot be read, in words that say which one.
    pub fn open(config: &Config) -> Result<Self, Fault> {
        Ok(Self {
            mail: config.mail.as_ref().map(Mail::open).transpose()?,
            sms: config.sms.as_ref().map(Sms::open).transpose()?,
        })
    }

    /// Whether a way is configured.
    pub fn has(&self, channel: Channel) -> bool {
        match channel {
            Channel::Mail => self.mail.is_some(),
            Channel::Sms => self.sms.is_some(),
        }
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// When the relay did not take it, or there is none.
    pub async fn mail(&self, to: &MailAddress, letter: Letter<'_>) -> Result<(), Fault> {
        let mail = self.mail.as_ref().ok_or_else(|| Fault::plain("邮件已经停用：没有配置发信服务器"))?;
        mail.send(to, letter).await
    }

    /// Sends an SMS.
    ///
    /// # Errors
    /// When the gateway did not take it, or there is none.
    pub async fn sms(&self, to: &MobileNumber, text: &str, key: Id) -> Result<(), Fault> {
        let sms = self.sms.as_ref().ok_or_else(|| Fault::plain("短信已经停用：没有配置短信网关"))?;
        sms.send(to, text, key).await
    }

    /// Whether the mail relay answers; none when there is none.
    pub async fn mail_answers(&self) -> Option<bool> {
        match &self.mail {
            Some(mail) => Some(mail.answers().await),
            None => None,
        }
    }

    /// Where messages go, in words: mail, then SMS.
    pub fn words(&self) -> [String; 2] {
        [
            self.mail.as_ref().map_or_else(
                || "邮件没有配置，消息只在站内显示。".to_owned(),
                |mail| format!("邮件经 {} 发出。", mail.relay()),
            ),
            self.sms.as_ref().map_or_else(
                || "短信没有配置，消息只在站内显示。".to_owned(),
                |sms| format!("短信经 {} 发出。", sms.gateway()),
            ),
        ]
    }
}
