//! What a statutory document says (文书): composed when the act is decided and frozen then. How it becomes a page is
//! not known here. Required contents: domain facts 2.5, 许可法 32, 38, 44.

use serde::{Deserialize, Serialize};

use super::decide::{Facts, No, TextKind};
use super::intake::to_json;
use super::ruling::validity_words;
use super::{Case, DocumentRef, Ledger, LicenceGrant, SupplementRow, chinese_date};
use crate::item::{CatalogueEntry, ItemKind};

/// Version of the words in this file; a change of words raises it.
const WORDING: u16 = 2;

/// 文书种类
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperKind {
    /// 收件凭证
    Receipt,
    /// 受理通知书
    AcceptanceNotice,
    /// 补正告知书
    SupplementNotice,
    /// 不予受理通知书
    DeclinationNotice,
    /// 准予决定书
    GrantDecision,
    /// 不予决定书
    RefusalDecision,
    /// 中止办理通知书
    SuspensionNotice,
    /// 终止办理通知书
    TerminationNotice,
    /// 恢复办理通知书
    ResumptionNotice,
    /// 听证权利告知书
    HearingRightNotice,
    /// 特别程序告知书 (a hearing's is 听证通知书)
    SpecialNotice,
    /// 延期告知书
    ExtensionNotice,
    /// 证照
    Licence,
}

impl PaperKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Receipt,
        Self::AcceptanceNotice,
        Self::SupplementNotice,
        Self::DeclinationNotice,
        Self::GrantDecision,
        Self::RefusalDecision,
        Self::SuspensionNotice,
        Self::TerminationNotice,
        Self::ResumptionNotice,
        Self::HearingRightNotice,
        Self::SpecialNotice,
        Self::ExtensionNotice,
        Self::Licence,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::AcceptanceNotice => "acceptance_notice",
            Self::SupplementNotice => "supplement_notice",
            Self::DeclinationNotice => "declination_notice",
            Self::GrantDecision => "grant_decision",
            Self::RefusalDecision => "refusal_decision",
            Self::SuspensionNotice => "suspension_notice",
            Self::TerminationNotice => "termination_notice",
            Self::ResumptionNotice => "resumption_notice",
            Self::HearingRightNotice => "hearing_right_notice",
            Self::SpecialNotice => "special_notice",
            Self::ExtensionNotice => "extension_notice",
            Self::Licence => "licence",
        }
    }

    /// From the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }

    /// The short Chinese name in lists.
    pub fn label(self) -> &'static str {
        match self {
            Self::Receipt => "收件凭证",
            Self::AcceptanceNotice => "受理通知书",
            Self::SupplementNotice => "补正告知书",
            Self::DeclinationNotice => "不予受理通知书",
            Self::GrantDecision => "准予决定书",
            Self::RefusalDecision => "不予许可决定书",
            Self::SuspensionNotice => "中止办理通知书",
            Self::TerminationNotice => "终止办理通知书",
            Self::ResumptionNotice => "恢复办理通知书",
            Self::HearingRightNotice => "听证权利告知书",
            Self::SpecialNotice => "特别程序告知书",
            Self::ExtensionNotice => "延期告知书",
            Self::Licence => "证照",
        }
    }

    /// The full title on the page; licences law speaks of 行政许可, other kinds of item of their own kind.
    pub fn title(self, kind: ItemKind) -> String {
        match (self, kind) {
            (Self::GrantDecision, ItemKind::PublicService | ItemKind::Filing | ItemKind::Other) => {
                "办理结果通知书".into()
            }
            (Self::GrantDecision, ItemKind::Licence) => "准予行政许可决定书".into(),
            (Self::GrantDecision, ItemKind::Ruling) => "行政裁决书".into(),
            (Self::GrantDecision, _) => format!("{}决定书", kind.label()),
            (Self::RefusalDecision, ItemKind::PublicService | ItemKind::Filing | ItemKind::Other) => {
                "不予办理通知书".into()
            }
            (Self::RefusalDecision, _) => format!("{}决定书", refusing(kind)),
            _ => self.label().into(),
        }
    }

    /// The word inside a document number (`长审受字`).
    fn word(self) -> &'static str {
        match self {
            Self::Receipt => "收",
            Self::AcceptanceNotice => "受",
            Self::SupplementNotice => "补",
            Self::DeclinationNotice => "不受",
            Self::GrantDecision => "准",
            Self::RefusalDecision => "不准",
            Self::SuspensionNotice => "中",
            Self::TerminationNotice => "终",
            Self::ResumptionNotice => "恢",
            Self::HearingRightNotice => "听告",
            Self::SpecialNotice => "特",
            Self::ExtensionNotice => "延",
            Self::Licence => "证",
        }
    }

    /// Counter of the numbers of this kind at an agency in a year.
    pub fn counter(self, agency: &str, year: i16) -> String {
        format!("paper:{agency}:{}:{year}", self.as_str())
    }
}

/// 文书内容: frozen data of one document.
#[doc(alias = "文书")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// Kind.
    pub kind: PaperKind,
    /// 标题
    pub title: String,
    /// 机关全称
    pub organ: String,
    /// 文号
    pub number: String,
    /// 申请人 / 持证主体
    pub recipient: String,
    /// Text before the table.
    pub paragraphs: Vec<String>,
    /// Label and value rows.
    pub facts: Vec<(String, String)>,
    /// A table.
    pub table: Option<PaperTable>,
    /// Text after the table.
    pub closing: Vec<String>,
    /// 咨询、监督电话和地点
    pub contact: String,
    /// 日期, in words.
    pub date: String,
    /// Licence only: 电子证照标识.
    #[serde(default)]
    pub licence: Option<String>,
    /// Licence only: 有效期.
    #[serde(default)]
    pub valid: String,
    /// The seal that belongs on it.
    pub seal: String,
    /// Made with sample data: printed on the page.
    pub sample: bool,
}

/// A table of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaperTable {
    /// 表题
    pub caption: String,
    /// Column heads.
    pub columns: Vec<String>,
    /// Relative widths.
    pub widths: Vec<f32>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

impl Paper {
    /// A document with what all have in common.
    pub(super) fn begin(kind: PaperKind, case: &Case, facts: &Facts<'_>) -> Result<Self, No> {
        let subject = &facts.subject;
        let party = facts.party.ok_or(No::Missing("party"))?;
        let mut paper = Self {
            kind,
            title: kind.title(subject.entry.kind),
            organ: subject.organ.name.clone(),
            number: String::new(),
            recipient: party.name.clone(),
            paragraphs: Vec::new(),
            facts: Vec::new(),
            table: None,
            closing: Vec::new(),
            contact: subject.contact.to_owned(),
            date: chinese_date(facts.today()),
            licence: None,
            valid: String::new(),
            seal: seal_caption(kind).into(),
            sample: subject.sample,
        };
        paper.fact("申请人", &party.name);
        paper.fact("证件号码", &party.masked_identifier());
        paper.fact("事项名称", &subject.entry.name);
        paper.fact("事项编码", subject.code.as_str());
        paper.fact("查询号", case.no.as_str());
        if let Some(no) = &case.national_no {
            paper.fact("办件编号", no.as_str());
        }
        Ok(paper)
    }

    /// Adds a paragraph before the table.
    pub(super) fn say(&mut self, text: &str) {
        self.paragraphs.push(text.to_owned());
    }

    /// Adds a label and value, unless the value is empty.
    pub(super) fn fact(&mut self, label: &str, value: &str) {
        if !value.is_empty() {
            self.facts.push((label.to_owned(), value.to_owned()));
        }
    }

    /// Adds a paragraph after the table.
    pub(super) fn close(&mut self, text: &str) {
        self.closing.push(text.to_owned());
    }

    /// 救济途径: told in every document that may be unfavourable (行政复议法 20, 24; 行政诉讼法 46).
    pub(super) fn remedies(&mut self, facts: &Facts<'_>) {
        self.closing.push(format!(
            "如不服本决定，可以自收到之日起六十日内向{}申请行政复议，或者自收到之日起六个月内向{}提起行政诉讼。",
            facts.subject.review_organ, facts.subject.court
        ));
    }

    /// The last days of a case and how they are reckoned: the same explanation as pages and API give (N1).
    pub(super) fn clock(&mut self, ledger: &Ledger, facts: &Facts<'_>) {
        let (regime, calendar) = (facts.subject.regime, facts.calendar);
        let due = super::deadlines(ledger, regime, calendar);
        let day = |due: Option<super::Due>| {
            due.map_or("—".to_owned(), |d| {
                chinese_date(d.last_day) + if d.provisional { "（暂定）" } else { "" }
            })
        };
        self.fact("承诺办结期限", &format!("{}，最迟{}", ledger.promised.label(), day(due.promised)));
        self.fact("法定办结期限", &format!("{}，最迟{}", ledger.statutory.label(), day(due.statutory)));
        let rows = super::explain(ledger, regime, calendar)
            .into_iter()
            .map(|step| {
                let left_out = step.skipped_words();
                let text = if left_out.is_empty() {
                    step.text
                } else {
                    format!("{}（不计：{left_out}）", step.text)
                };
                vec![chinese_date(step.date), text, step.article]
            })
            .collect();
        self.table = Some(PaperTable {
            caption: "期限怎样计算".into(),
            columns: ["日期", "计算", "依据"].map(String::from).into(),
            widths: vec![2.4, 6.2, 4.0],
            rows,
        });
    }

    /// Gives the document its number, keeps its data and gives what the event says of it.
    pub(super) fn freeze(mut self, facts: &Facts<'_>) -> Result<DocumentRef, No> {
        let today = facts.today();
        let organ = facts.subject.organ;
        if self.number.is_empty() {
            let n = facts.mint.next(&self.kind.counter(&organ.key, today.year()))?;
            self.number = number(&organ.short, self.kind, today.year(), n);
        }
        let id = facts.mint.id();
        self.freeze_as(id, facts)
    }

    fn freeze_as(self, id: crate::ids::Id, facts: &Facts<'_>) -> Result<DocumentRef, No> {
        Ok(DocumentRef {
            id,
            kind: self.kind,
            number: self.number.clone(),
            template: WORDING,
            data: facts.mint.keep(TextKind::Document, to_json(&self)),
            seal: None,
        })
    }
}

/// 文号: `长审受字〔2026〕第00001号`.
pub(super) fn number(organ: &str, kind: PaperKind, year: i16, n: u32) -> String {
    format!("{organ}{}字〔{year}〕第{n:05}号", kind.word())
}

/// What a refusal refuses, by kind of item: 许可法 speaks of 行政许可 only.
pub(super) fn refusing(kind: ItemKind) -> String {
    match kind {
        ItemKind::PublicService | ItemKind::Filing | ItemKind::Other => "不予办理".into(),
        kind => format!("不予{}", kind.label()),
    }
}

fn seal_caption(kind: PaperKind) -> &'static str {
    match kind {
        PaperKind::Receipt
        | PaperKind::AcceptanceNotice
        | PaperKind::SupplementNotice
        | PaperKind::DeclinationNotice => "受理专用章",
        PaperKind::GrantDecision
        | PaperKind::RefusalDecision
        | PaperKind::SuspensionNotice
        | PaperKind::TerminationNotice
        | PaperKind::ResumptionNotice
        | PaperKind::HearingRightNotice
        | PaperKind::SpecialNotice
        | PaperKind::ExtensionNotice
        | PaperKind::Licence => "行政审批专用章",
    }
}

/// The materials handed in, as a receipt lists them.
pub(super) fn materials_table(case: &Case, entry: &CatalogueEntry) -> PaperTable {
    let asked = entry.situation(&case.item.situation).map(|s| entry.materials_of(s).collect::<Vec<_>>());
    let rows = asked
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(i, material)| {
            let count = case.files_of(&material.key).len();
            let how = match (count, case.at_window, material.blank_form) {
                (0, _, true) => "由申请表生成".to_owned(),
                (0, true, _) => "窗口核验".to_owned(),
                (0, false, _) if material.shared => "共享核验，免提交".to_owned(),
                (0, false, _) => "未提交".to_owned(),
                (n, _, _) => format!("电子件{n}个"),
            };
            vec![(i + 1).to_string(), material.name.clone(), material.kind.label().into(), how]
        })
        .collect();
    PaperTable {
        caption: "收到的申请材料".into(),
        columns: ["序号", "材料名称", "原件/复印件", "收取情况"].map(String::from).into(),
        widths: vec![1.0, 6.0, 2.5, 3.0],
        rows,
    }
}

/// What to put right, row by row.
pub(super) fn supplement_table(rows: &[SupplementRow], entry: &CatalogueEntry) -> PaperTable {
    let name = |target: &str| {
        entry
            .form
            .field(target)
            .map(|f| format!("申请表：{}", f.label))
            .or_else(|| entry.material(target).map(|m| m.name.clone()))
            .unwrap_or_else(|| target.to_owned())
    };
    PaperTable {
        caption: "需要补正的内容".into(),
        columns: ["序号", "补正的地方", "存在的问题", "应当怎样改"].map(String::from).into(),
        widths: vec![1.0, 3.5, 4.0, 4.5],
        rows: rows
            .iter()
            .enumerate()
            .map(|(i, r)| {
                vec![
                    (i + 1).to_string(),
                    name(&r.target),
                    r.problem.trim().to_owned(),
                    r.fix.trim().to_owned(),
                ]
            })
            .collect(),
    }
}

/// The licence itself: its face is filled from the answers by the labels the item names.
pub(super) fn licence(case: &Case, grant: &LicenceGrant, facts: &Facts<'_>) -> Result<DocumentRef, No> {
    let party = facts.party.ok_or(No::Missing("party"))?;
    let answers = facts.answers.ok_or(No::Missing("answers"))?;
    let entry = facts.subject.entry;
    let mut paper = Paper::begin(PaperKind::Licence, case, facts)?;
    paper.title.clone_from(&entry.result.name);
    paper.number.clone_from(&grant.number);
    paper.licence = Some(grant.id.as_str().to_owned());
    paper.valid = validity_words(grant.from, grant.to);
    paper.facts.clear();
    for label in &entry.result.face {
        let value = match label.as_str() {
            "持证主体" => Some(party.name.clone()),
            "法定代表人" => party.representative.clone().or_else(|| by_label(entry, answers, label)),
            label => by_label(entry, answers, label),
        };
        paper.fact(label, &value.unwrap_or_default());
    }
    paper.freeze_as(grant.document, facts)
}

fn by_label(entry: &CatalogueEntry, answers: &crate::item::Answers, label: &str) -> Option<String> {
    let field = entry.form.fields().find(|f| f.label == label)?;
    let value = answers.get(&field.key)?;
    Some(match field.kind {
        crate::item::FieldKind::ResidentId => {
            crate::ids::ResidentId::parse(value).map(|i| i.masked()).unwrap_or_default()
        }
        _ => format!("{value}{}", field.unit),
    })
}
