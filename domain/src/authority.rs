//! Decision authority (决定权): the written power of a person to decide for an organ (C7, law.md 14).
//! One register, three kinds; a decision without one is impossible.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::Id;

/// 决定权: one entry of the register.
#[doc(alias = "决定权")]
#[doc(alias = "首席代表")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionAuthority {
    /// Row.
    pub id: Id,
    /// 首席代表, 局内签批权 or 机关负责人.
    pub kind: AuthorityKind,
    /// Agency that gave it, by key.
    pub agency: String,
    /// Who holds it.
    pub account: Id,
    /// Items it covers: entry ids; empty means all items of the agency.
    pub items: Vec<String>,
    /// Acts it covers.
    pub acts: Vec<AuthorityAct>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// 授权书文号
    pub document: String,
    /// The day it was taken back.
    pub revoked_on: Option<Date>,
}

/// Kinds of authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorityKind {
    /// 首席代表 (首席事务代表) of an agency in the hall
    ChiefRepresentative,
    /// 签批权 inside an approval bureau
    BureauSigning,
    /// 机关负责人
    Head,
}

impl AuthorityKind {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::ChiefRepresentative => "首席代表",
            Self::BureauSigning => "签批人",
            Self::Head => "机关负责人",
        }
    }
}

/// Acts an authority can cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorityAct {
    /// 准予
    Grant,
    /// 不予
    Refuse,
    /// 延期: for the head of the organ, who alone approves it (许可法 42)
    Extend,
}

impl AuthorityAct {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Grant => "准予",
            Self::Refuse => "不予",
            Self::Extend => "延期",
        }
    }
}

/// What is missing for a decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    /// Nothing on the register for this person at this agency.
    #[error("决定权登记簿里没有您在本机关的授权，请先由机关负责人签发授权书并登记")]
    None,
    /// Not begun.
    #[error("您的授权（{document}）自{from}起生效，现在还不能作决定")]
    NotYet {
        /// 文号
        document: String,
        /// First day.
        from: Date,
    },
    /// Over.
    #[error("您的授权（{document}）已于{to}到期，请续签授权书后再作决定")]
    Expired {
        /// 文号
        document: String,
        /// Last day.
        to: Date,
    },
    /// Taken back.
    #[error("您的授权（{document}）已于{on}撤回")]
    Revoked {
        /// 文号
        document: String,
        /// Day.
        on: Date,
    },
    /// Another item.
    #[error("您的授权（{document}）不包括这个事项，请由有权的人决定或补充授权")]
    Item {
        /// 文号
        document: String,
    },
    /// Another act.
    #[error("您的授权（{document}）不包括“{act}”，请由有权的人决定或补充授权", act = act.label())]
    Act {
        /// 文号
        document: String,
        /// Act.
        act: AuthorityAct,
    },
}

impl DecisionAuthority {
    fn lacks(&self, entry: &str, act: AuthorityAct, on: Date) -> Option<Lack> {
        let document = self.document.clone();
        if let Some(revoked) = self.revoked_on.filter(|r| *r <= on) {
            return Some(Lack::Revoked { document, on: revoked });
        }
        if on < self.from {
            return Some(Lack::NotYet { document, from: self.from });
        }
        if on > self.to {
            return Some(Lack::Expired { document, to: self.to });
        }
        if !self.items.is_empty() && !self.items.iter().any(|i| i == entry) {
            return Some(Lack::Item { document });
        }
        if !self.acts.contains(&act) {
            return Some(Lack::Act { document, act });
        }
        None
    }
}

/// The authority on which this person may decide this item today, or what is missing.
///
/// # Errors
/// The [`Lack`] of the entry that comes nearest.
pub fn find_authority<'a>(
    register: &'a [DecisionAuthority],
    account: Id,
    agency: &str,
    entry: &str,
    act: AuthorityAct,
    on: Date,
) -> Result<&'a DecisionAuthority, Lack> {
    let mut nearest = Lack::None;
    for authority in register.iter().filter(|a| a.account == account && a.agency == agency) {
        match authority.lacks(entry, act, on) {
            None => return Ok(authority),
            Some(lack) => nearest = lack,
        }
    }
    Err(nearest)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn authority() -> DecisionAuthority {
        DecisionAuthority {
            id: Id::from(1),
            kind: AuthorityKind::BureauSigning,
            agency: "a".into(),
            account: Id::from(9),
            items: vec!["X03".into()],
            acts: vec![AuthorityAct::Grant],
            from: date(2026, 1, 1),
            to: date(2026, 12, 31),
            document: "长审授〔2026〕1号".into(),
            revoked_on: None,
        }
    }

    fn try_it(change: impl Fn(&mut DecisionAuthority), act: AuthorityAct, on: Date) -> Result<(), Lack> {
        let mut entry = authority();
        change(&mut entry);
        find_authority(&[entry], Id::from(9), "a", "X03", act, on).map(|_| ())
    }

    #[test]
    fn a_valid_authority_is_found_on_its_first_and_last_day() {
        for on in [date(2026, 1, 1), date(2026, 6, 1), date(2026, 12, 31)] {
            assert_eq!(try_it(|_| {}, AuthorityAct::Grant, on), Ok(()));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let on = date(2026, 6, 1);
        assert!(matches!(try_it(|_| {}, AuthorityAct::Grant, date(2025, 12, 31)), Err(Lack::NotYet { .. })));
        assert!(matches!(try_it(|_| {}, AuthorityAct::Grant, date(2027, 1, 1)), Err(Lack::Expired { .. })));
        assert!(matches!(try_it(|_| {}, AuthorityAct::Refuse, on), Err(Lack::Act { .. })));
        assert!(matches!(
            try_it(|a| a.items = vec!["X04".into()], AuthorityAct::Grant, on),
            Err(Lack::Item { .. })
        ));
        assert!(matches!(
            try_it(|a| a.revoked_on = Some(on), AuthorityAct::Grant, on),
            Err(Lack::Revoked { .. })
        ));
        assert!(matches!(try_it(|a| a.account = Id::from(8), AuthorityAct::Grant, on), Err(Lack::None)));
        assert!(matches!(try_it(|a| a.agency = "b".into(), AuthorityAct::Grant, on), Err(Lack::None)));
    }

    #[test]
    fn an_authority_for_all_items_covers_any_item() {
        assert_eq!(try_it(|a| a.items.clear(), AuthorityAct::Grant, date(2026, 6, 1)), Ok(()));
    }
}
