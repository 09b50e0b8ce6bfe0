//! What is known of the applicant already, by the meaning of fields: asked once, filled in after.

use std::collections::BTreeMap;

use tongban_domain::ids::Id;
use tongban_domain::item::{Answers, Form};
use tongban_domain::party::{Party, PartyKind};
use tongban_domain::permit::visible;

use crate::app::App;
use crate::error::Error;
use crate::signin::Caller;
use crate::store::cases::{self, Narrow};
use crate::store::{Value, accounts};

/// How many earlier applications are asked.
const APPLICATIONS: usize = 3;

/// Values by concept, each with where it comes from.
#[derive(Debug, Default)]
pub struct Known {
    values: BTreeMap<String, (String, &'static str)>,
}

impl Known {
    /// The account's own party first, then the newest applications.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn of(app: &App, caller: &Caller) -> Result<Self, Error> {
        let mut known = Self::default();
        let mut conn = app.db.read().await?;
        let account = accounts::by_id(&mut conn, caller.account()?).await?;
        if let Some((id, locked)) = account.and_then(|a| Some((a.id, a.party?))) {
            known.learn_party(&serde_json::from_str(&app.secrets.unlock(id.get(), &locked)?)?);
        }
        let narrow = Narrow { newest: true, ..Narrow::default() };
        let (rows, _) = cases::list(&mut conn, &visible(&caller.actor), &narrow, None, APPLICATIONS).await?;
        let ids: Vec<Value> = rows.iter().map(|r| Value::from(r.stored.case.answers.id)).collect();
        let texts = cases::texts(&mut conn, &ids).await?;
        drop(conn);
        let catalogue = app.catalogue();
        for row in &rows {
            let case = &row.stored.case;
            let id: Id = case.answers.id;
            let (Some(entry), Some(text)) =
                (catalogue.entry_at(&case.item.entry, case.item.version), texts.get(&id))
            else {
                continue;
            };
            let answers: Answers = serde_json::from_str(&app.secrets.unlock(id.get(), &text.body)?)?;
            known.learn_answers(&entry.form, &answers);
        }
        Ok(known)
    }

    fn learn(&mut self, concept: &str, value: Option<&str>, from: &'static str) {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            self.values.entry(concept.to_owned()).or_insert((value.to_owned(), from));
        }
    }

    fn learn_party(&mut self, party: &Party) {
        let from = "您的账号";
        let name = Some(party.name.as_str());
        let mobile = party.mobile.as_ref().map(|m| m.as_str());
        match party.kind {
            PartyKind::Person => {
                self.learn("person.name", name, from);
                self.learn("person.resident_id", party.identifier(), from);
                self.learn("person.mobile", mobile, from);
            }
            PartyKind::Organisation => {
                self.learn("company.name", name, from);
                self.learn("company.credit_code", party.identifier(), from);
                self.learn("company.legal_representative", party.representative.as_deref(), from);
                self.learn("agent.mobile", mobile, from);
            }
        }
    }

    fn learn_answers(&mut self, form: &Form, answers: &Answers) {
        for field in form.fields() {
            if let Some(concept) = &field.concept {
                self.learn(concept, answers.get(&field.key).map(String::as_str), "您上次的申请");
            }
        }
    }

    /// First answers of a new draft; only those that would pass the form's own check.
    pub fn answers(&self, form: &Form) -> Answers {
        let mut answers: Answers = form
            .fields()
            .filter_map(|f| {
                let (value, _) = self.values.get(f.concept.as_deref()?)?;
                Some((f.key.clone(), value.clone()))
            })
            .collect();
        for wrong in form.check(&answers) {
            answers.remove(&wrong.field);
        }
        answers
    }

    /// Where an answer came from, while it is still the one that was filled in.
    pub fn source(&self, concept: Option<&str>, value: &str) -> &'static str {
        let known = concept.and_then(|c| self.values.get(c));
        known.filter(|(known, _)| known == value).map_or("", |(_, from)| from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_source_wins_and_a_changed_value_has_none() {
        let mut known = Known::default();
        known.learn("person.name", Some("赵晨"), "您的账号");
        known.learn("person.name", Some("赵宸"), "您上次的申请");
        known.learn("person.mobile", Some(""), "您的账号");
        assert_eq!(known.source(Some("person.name"), "赵晨"), "您的账号");
        assert_eq!(known.source(Some("person.name"), "赵宸"), "");
        assert_eq!(known.source(Some("person.mobile"), ""), "");
        assert_eq!(known.source(None, "赵晨"), "");
    }
}
