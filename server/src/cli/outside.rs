//! Settings of mail and SMS. Addresses that hold a password and tokens come by environment or file only: arguments are
//! visible to everyone on the machine.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::{Config, MailSettings, Secret, SmsFields, SmsSettings};
use crate::error::Fault;

/// 邮件和短信 / mail and SMS
#[derive(Debug, Args)]
pub(super) struct Outside {
    /// 存放发信服务器地址（环境变量 TONGBAN_MAIL_URL）的文件 / file with the mail relay's URL
    #[arg(long, env = "TONGBAN_MAIL_URL_FILE")]
    mail_url_file: Option<PathBuf>,
    /// 发件人 / who mail is from: 通办 <no-reply@example.gov.cn>
    #[arg(long, env = "TONGBAN_MAIL_FROM")]
    mail_from: Option<String>,
    /// 短信网关地址 / address of the SMS gateway
    #[arg(long, env = "TONGBAN_SMS_URL")]
    sms_url: Option<String>,
    /// 存放短信网关令牌（环境变量 TONGBAN_SMS_TOKEN）的文件 / file with the gateway's token
    #[arg(long, env = "TONGBAN_SMS_TOKEN_FILE")]
    sms_token_file: Option<PathBuf>,
    /// 短信网关的字段名 / what the gateway calls number, words and key
    #[arg(long, env = "TONGBAN_SMS_FIELDS", default_value = "to=to,text=text,key=key")]
    sms_fields: String,
    /// 网关表示收下的字段和值，如 code=0 / field and value of an answer that means accepted
    #[arg(long, env = "TONGBAN_SMS_ACCEPTED")]
    sms_accepted: Option<String>,
    /// 短信签名，网关自己加签名时留空 / signature before each SMS
    #[arg(long, env = "TONGBAN_SMS_SIGNATURE", default_value = "通办")]
    sms_signature: String,
}

impl Outside {
    /// Puts the settings into the configuration. A demo sends nothing, whatever is set.
    ///
    /// # Errors
    /// In words: a file that cannot be read, half a setting.
    pub(super) fn configure(self, config: &mut Config) -> Result<(), Fault> {
        let url = secret("TONGBAN_MAIL_URL", self.mail_url_file.as_deref())?;
        let token = secret("TONGBAN_SMS_TOKEN", self.sms_token_file.as_deref())?;
        config.mail = match (url, self.mail_from) {
            (Some(url), Some(from)) => Some(MailSettings { url, from }),
            (None, None) => None,
            (Some(_), None) => {
                return Err(Fault::plain("给了发信服务器，没有给发件人：请用 --mail-from 补上"));
            }
            (None, Some(_)) => {
                return Err(Fault::plain(
                    "给了发件人，没有给发信服务器：请用环境变量 TONGBAN_MAIL_URL 或 --mail-url-file 补上",
                ));
            }
        };
        let accepted = self.sms_accepted.as_deref().map(|text| {
            let unread = || Fault::plain("--sms-accepted 读不懂，请写成 字段=值，如 code=0");
            text.split_once('=').map(|(f, v)| (f.to_owned(), v.to_owned())).ok_or_else(unread)
        });
        let (accepted, fields) = (accepted.transpose()?, fields(&self.sms_fields)?);
        let signature = self.sms_signature;
        config.sms = self.sms_url.map(|url| SmsSettings { url, token, fields, accepted, signature });
        if config.demo && (config.mail.is_some() || config.sms.is_some()) {
            tracing::warn!("a demo sends neither mail nor SMS: the settings are left aside");
            (config.mail, config.sms) = (None, None);
        }
        Ok(())
    }
}

/// A secret from the environment or, when there is none, from a file.
fn secret(variable: &str, file: Option<&Path>) -> Result<Option<Secret>, Fault> {
    if let Some(value) = std::env::var(variable).ok().filter(|v| !v.trim().is_empty()) {
        return Ok(Some(Secret(value.trim().to_owned())));
    }
    let Some(file) = file else { return Ok(None) };
    let text = std::fs::read_to_string(file)
        .map_err(|e| Fault::plain(format!("{} 读不出来：{}", file.display(), e.kind())))?;
    Ok(Some(Secret(text.trim().to_owned())))
}

/// `to=mobile,text=content,key=out_id`; what is not named keeps its own name.
fn fields(text: &str) -> Result<SmsFields, Fault> {
    let unread = || Fault::plain("--sms-fields 读不懂，请写成 to=mobile,text=content,key=out_id");
    let mut fields = SmsFields::default();
    for pair in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (ours, theirs) = pair.split_once('=').ok_or_else(unread)?;
        if theirs.trim().is_empty() {
            return Err(unread());
        }
        let place = match ours.trim() {
            "to" => &mut fields.to,
            "text" => &mut fields.text,
            "key" => &mut fields.key,
            _ => return Err(unread()),
        };
        theirs.trim().clone_into(place);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_names_its_fields() {
        let named = fields("to=mobile, key=outId").unwrap();
        let wanted = SmsFields { to: "mobile".into(), key: "outId".into(), ..SmsFields::default() };
        assert_eq!(named, wanted);
        for wrong in ["mobile", "to=", "number=mobile"] {
            assert!(fields(wrong).unwrap_err().to_string().contains("--sms-fields"), "{wrong}");
        }
    }

    #[test]
    fn a_demo_sends_nothing_and_half_a_setting_is_named() {
        let given = |from: Option<&str>, sms: Option<&str>| Outside {
            mail_url_file: None,
            mail_from: from.map(str::to_owned),
            sms_url: sms.map(str::to_owned),
            sms_token_file: None,
            sms_fields: String::new(),
            sms_accepted: None,
            sms_signature: "通办".into(),
        };
        let mut demo = Config { demo: true, ..Config::new("unused") };
        given(None, Some("http://gateway.example.cn")).configure(&mut demo).unwrap();
        assert!(demo.sms.is_none() && demo.mail.is_none());
        let mut config = Config::new("unused");
        given(None, Some("http://gateway.example.cn")).configure(&mut config).unwrap();
        assert!(config.sms.is_some());
        let half = given(Some("通办 <a@example.cn>"), None).configure(&mut config).unwrap_err();
        assert!(half.to_string().contains("TONGBAN_MAIL_URL"), "{half}");
    }
}
