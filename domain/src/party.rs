//! Parties (当事人): who applies, and how their data is masked wherever it leaves the case.

use serde::{Deserialize, Serialize};

use crate::ids::{CreditCode, MobileNumber, ResidentId};
use crate::item::{Answers, Form};

/// 当事人: the applicant as the law sees them.
#[doc(alias = "申请人")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Party {
    /// Natural person or organisation.
    pub kind: PartyKind,
    /// 姓名或名称
    pub name: String,
    /// 公民身份号码, of a natural person.
    #[serde(default)]
    pub resident_id: Option<ResidentId>,
    /// 统一社会信用代码, of an organisation.
    #[serde(default)]
    pub credit_code: Option<CreditCode>,
    /// 手机号码 for notices.
    #[serde(default)]
    pub mobile: Option<MobileNumber>,
    /// 法定代表人, of an organisation.
    #[serde(default)]
    pub representative: Option<String>,
}

/// Kind of party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// 自然人
    Person,
    /// 法人或其他组织
    Organisation,
}

impl Party {
    /// Reads the party out of checked answers by the meanings of the form's fields; `None` when the form does not
    /// ask who applies (then the account's own party applies).
    pub fn from_answers(form: &Form, answers: &Answers) -> Option<Self> {
        let by = |concept: &str| {
            form.fields()
                .find(|f| f.concept.as_deref() == Some(concept) && answers.contains_key(&f.key))
                .and_then(|f| answers.get(&f.key))
        };
        let mobile = by("person.mobile").or_else(|| by("agent.mobile"));
        let mobile = mobile.and_then(|m| MobileNumber::parse(m).ok());
        // A company that is still to be founded has a name and no code yet.
        let code = by("company.credit_code");
        if let Some(name) = by("company.name").filter(|_| code.is_some() || by("person.name").is_none()) {
            return Some(Self {
                kind: PartyKind::Organisation,
                name: name.clone(),
                resident_id: None,
                credit_code: code.and_then(|c| CreditCode::parse(c).ok()),
                mobile,
                representative: by("company.legal_representative").cloned(),
            });
        }
        let name = by("person.name").or_else(|| by("agent.name"))?;
        let id = by("person.resident_id").or_else(|| by("agent.resident_id"));
        Some(Self {
            kind: PartyKind::Person,
            name: name.clone(),
            resident_id: id.and_then(|i| ResidentId::parse(i).ok()),
            credit_code: None,
            mobile,
            representative: None,
        })
    }

    /// The identifier that tells this party from others of the same name.
    pub fn identifier(&self) -> Option<&str> {
        match self.kind {
            PartyKind::Person => self.resident_id.as_ref().map(ResidentId::as_str),
            PartyKind::Organisation => self.credit_code.as_ref().map(CreditCode::as_str),
        }
    }

    /// The name as the public sees it: organisations are open, persons are masked.
    pub fn public_name(&self) -> String {
        match self.kind {
            PartyKind::Organisation => self.name.clone(),
            PartyKind::Person => mask_name(&self.name),
        }
    }

    /// The identifier as lists and the public see it.
    pub fn masked_identifier(&self) -> String {
        match self.kind {
            PartyKind::Person => self.resident_id.as_ref().map(ResidentId::masked).unwrap_or_default(),
            PartyKind::Organisation => {
                self.credit_code.as_ref().map(|c| c.as_str().to_owned()).unwrap_or_default()
            }
        }
    }
}

const COMPOUND_SURNAMES: [&str; 16] = [
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯", "长孙",
    "宇文", "端木", "南宫",
];

/// 张* / 张*明 / 欧阳**: the one mask of personal names.
pub fn mask_name(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let compound = COMPOUND_SURNAMES.iter().any(|s| name.starts_with(s)) && chars.len() > 2;
    let surname = if compound { 2 } else { 1 };
    if chars.len() <= surname {
        return "*".into();
    }
    let hidden = chars.len() - surname;
    let head: String = chars[..surname].iter().collect();
    if hidden == 1 || compound {
        return head + &"*".repeat(hidden);
    }
    head + &"*".repeat(hidden - 1) + &chars[chars.len() - 1].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_masked_one_way_everywhere() {
        for (name, masked) in [
            ("张三", "张*"),
            ("张晓明", "张*明"),
            ("欧阳娜娜", "欧阳**"),
            ("李", "*"),
            ("阿卜杜拉", "阿**拉"),
            ("", "*"),
        ] {
            assert_eq!(mask_name(name), masked);
        }
    }

    #[test]
    fn a_company_to_be_founded_applies_in_its_own_name_and_not_as_its_contact() {
        let mut entry = crate::sample::entry().unwrap();
        for field in entry.form.sections.iter_mut().flat_map(|s| &mut s.fields) {
            let concept = field.concept.take();
            field.concept = match concept.as_deref() {
                Some("person.name") => Some("agent.name".into()),
                Some("person.resident_id") => Some("agent.resident_id".into()),
                Some("company.credit_code") => None,
                _ => concept,
            };
        }
        let mut answers = crate::sample::company_answers();
        answers.extend(crate::sample::person_answers());
        let party = Party::from_answers(&entry.form, &answers).unwrap();
        assert_eq!((party.kind, party.identifier()), (PartyKind::Organisation, None));
        assert_eq!(party.name, crate::sample::COMPANY_SECRETS[0]);
        assert!(party.mobile.is_some());
    }
}
