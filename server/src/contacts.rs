//! Addresses outside the platform (联系方式): read from locked rows, checked, masked, and who wants to be reached how.

use tongban_domain::ids::{Id, IdError, MailAddress, MobileNumber};
use tongban_domain::item::FieldError;
use tongban_domain::party::Party;

use crate::error::Fault;
use crate::outside::Channel;
use crate::secrets::Secrets;
use crate::store::messages::{ContactRow, Said};

/// 联系方式 of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// Mail address.
    pub mail: Option<MailAddress>,
    /// Mobile number.
    pub mobile: Option<MobileNumber>,
    /// Whether mail is wanted.
    pub by_mail: bool,
    /// Whether SMS is wanted.
    pub by_sms: bool,
}

impl Contact {
    /// Reads a row; until the account says otherwise its own party's mobile number counts, and both ways are wanted.
    ///
    /// # Errors
    /// When a locked text was changed.
    pub fn read(secrets: &Secrets, row: &ContactRow) -> Result<Self, Fault> {
        let Some(said) = &row.said else {
            let party: Option<Party> = match &row.party {
                Some(locked) => Some(serde_json::from_str(&secrets.unlock(row.account.get(), locked)?)?),
                None => None,
            };
            return Ok(Self {
                mail: None,
                mobile: party.and_then(|p| p.mobile),
                by_mail: true,
                by_sms: true,
            });
        };
        let unlock = |locked: &Option<String>| {
            locked.as_ref().map(|text| secrets.unlock(row.account.get(), text)).transpose()
        };
        let broken = |e: IdError| Fault::plain(e.to_string());
        Ok(Self {
            mail: unlock(&said.mail)?.map(|t| MailAddress::parse(&t)).transpose().map_err(broken)?,
            mobile: unlock(&said.mobile)?.map(|t| MobileNumber::parse(&t)).transpose().map_err(broken)?,
            by_mail: said.by_mail,
            by_sms: said.by_sms,
        })
    }

    /// Locks it into a row.
    pub fn lock(&self, secrets: &Secrets, account: Id) -> Said {
        let mail = self.mail.as_ref().map(MailAddress::as_str);
        let mobile = self.mobile.as_ref().map(MobileNumber::as_str);
        Said {
            mail: mail.map(|text| secrets.lock(account.get(), text)),
            mail_hash: mail.map(|text| secrets.search_hash("mail", text)),
            mobile: mobile.map(|text| secrets.lock(account.get(), text)),
            mobile_hash: mobile.map(|text| secrets.search_hash("mobile", text)),
            by_mail: self.by_mail,
            by_sms: self.by_sms,
        }
    }

    /// Whether the account can and wants to be reached this way.
    pub fn wants(&self, channel: Channel) -> bool {
        match channel {
            Channel::Mail => self.by_mail && self.mail.is_some(),
            Channel::Sms => self.by_sms && self.mobile.is_some(),
        }
    }

    /// What a person typed instead: an empty field takes the address away, the masked form of the old one keeps it.
    ///
    /// # Errors
    /// The fields that are wrong, each with its fix.
    pub fn typed(
        &self,
        mail: &str,
        mobile: &str,
        by_mail: bool,
        by_sms: bool,
    ) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mail = match mail.trim() {
            "" => None,
            same if self.mail.as_ref().is_some_and(|m| m.masked() == same) => self.mail.clone(),
            text => MailAddress::parse(text).map_err(|e| errors.push(wrong("mail", "邮箱", e))).ok(),
        };
        let mobile = match mobile.trim() {
            "" => None,
            same if self.mobile.as_ref().is_some_and(|m| m.masked() == same) => self.mobile.clone(),
            text => MobileNumber::parse(text).map_err(|e| errors.push(wrong("mobile", "手机号码", e))).ok(),
        };
        if errors.is_empty() { Ok(Self { mail, mobile, by_mail, by_sms }) } else { Err(errors) }
    }
}

fn wrong(field: &str, label: &str, error: IdError) -> FieldError {
    FieldError::new(field, label, error.to_string(), error.english())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> Contact {
        Contact {
            mail: MailAddress::parse("zhao.chen@example.cn").ok(),
            mobile: MobileNumber::parse("13800001234").ok(),
            by_mail: true,
            by_sms: true,
        }
    }

    #[test]
    fn the_masked_form_keeps_what_is_there_and_an_empty_field_takes_it_away() {
        let kept = contact().typed("z***@example.cn", "138****1234", true, false).unwrap();
        assert_eq!(kept, Contact { by_sms: false, ..contact() });
        assert!(!kept.wants(Channel::Sms) && kept.wants(Channel::Mail));
        let gone = contact().typed("", " ", true, true).unwrap();
        assert_eq!((gone.mail.clone(), gone.mobile.clone()), (None, None));
        assert!(!gone.wants(Channel::Mail) && !gone.wants(Channel::Sms));
    }

    #[test]
    fn both_wrong_fields_are_named_with_the_way_out() {
        let errors = contact().typed("zhao.chen", "1380000", true, true).unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["mail", "mobile"]);
        assert!(errors.iter().all(|e| e.message.contains('请')));
        assert!(contact().typed("y***@example.cn", "", true, true).is_err(), "another mask is no address");
    }
}
