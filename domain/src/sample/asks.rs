//! Commands of the right content, and a few wrong ones, for a case as it stands; and who may ask them.

use super::{World, people, staff};
use crate::case::{
    AttachmentRef, Case, Command, CommandKind, DeclineGround, DeliveryMethod, FileSet, MaterialCheck,
    PointFinding, SpecialPerson, SpecialPlan, State, Submission, SupplementRow, TerminateGround, Verdict,
};
use crate::ids::Id;
use crate::item::{Answers, FileKind, SpecialKind};
use crate::permit::{Actor, Role};

/// What a company's application says that no event may hold.
pub const COMPANY_SECRETS: [&str; 5] =
    ["石家庄禾香餐饮管理有限公司", "91130102MA0FBKQP3A", "赵晓晨", "13900005678", "长安区柳荫街六号一层"];

/// What a person's application says that no event may hold.
pub const PERSON_SECRETS: [&str; 4] = ["王建军", "11010519491231002X", "13800001234", "长安区槐花巷九号"];

fn answers(pairs: &[(&str, &str)]) -> Answers {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

/// A company's answers, complete.
pub fn company_answers() -> Answers {
    let [name, code, representative, mobile, address] = COMPANY_SECRETS;
    answers(&[
        ("applicant_type", "企业"),
        ("company_name", name),
        ("credit_code", code),
        ("representative", representative),
        ("mobile", mobile),
        ("premises_address", address),
        ("business_type", "餐饮服务"),
        ("kitchen_area", "4173.5"),
    ])
}

/// A person's answers, complete.
pub fn person_answers() -> Answers {
    let [name, id, mobile, address] = PERSON_SECRETS;
    answers(&[
        ("applicant_type", "自然人"),
        ("name", name),
        ("resident_id", id),
        ("mobile", mobile),
        ("premises_address", address),
        ("business_type", "食品销售"),
    ])
}

/// The newest mark that can be dealt with; none that there is (variant 1).
fn mark_of(case: Option<&Case>, variant: u8) -> Id {
    let newest = case.and_then(|c| c.marks.iter().rev().find(|m| !m.state.is_closed()));
    newest.filter(|_| variant != 1).map_or(Id::from(0), |m| m.id)
}

/// So many files for a material.
pub fn files(material: &str, count: usize) -> FileSet {
    let file = |n: usize| AttachmentRef {
        id: Id::from(5000 + n as i64),
        digest: format!("{n:064x}"),
        row: format!("{:064x}", n + 77),
        size: 2048,
        kind: FileKind::Pdf,
    };
    FileSet { material: material.into(), files: (0..count).map(file).collect() }
}

impl World {
    /// Somebody who may ask this of a case of the sample organ.
    pub fn actor_for(&self, kind: CommandKind, case: Option<&Case>) -> Actor {
        use CommandKind as K;
        match kind {
            K::Submit | K::Resubmit | K::WithdrawApplication | K::RequestHearing | K::Rate => {
                self.applicant()
            }
            K::Receive
            | K::AmendOnTheSpot
            | K::RequestSupplement
            | K::Accept
            | K::Decline
            | K::Issue
            | K::Deliver
            | K::Close
            | K::Archive => self.staff(people::CLERK, Role::Clerk),
            K::Assign | K::Pass => self.reviewer(case),
            K::Return => match case.map(|c| c.state) {
                Some(State::Deciding { .. }) => self.representative(),
                _ => self.reviewer(case),
            },
            K::Grant | K::Refuse | K::Terminate | K::Suspend | K::Resume => self.representative(),
            K::TellHearingRight
            | K::NotifySpecial
            | K::StartSpecial
            | K::EndSpecial
            | K::RequestExtension => self.reviewer(case),
            K::Extend | K::RefuseExtension => self.staff(people::HEAD, Role::Representative),
            K::AnswerMark | K::ContestMark | K::AnswerRating => self.representative(),
            K::CloseMark => self.staff(people::SUPERVISOR, Role::Supervisor),
            K::RecordSeal | K::Watch => Actor::Platform,
        }
    }

    /// Staff of the sample organ.
    pub fn staff(&self, account: i64, role: Role) -> Actor {
        staff(account, role, &self.agency.key, &self.agency.scope_path).unwrap_or(Actor::Anonymous)
    }

    /// The account that files.
    pub fn applicant(&self) -> Actor {
        Actor::Applicant { account: Id::from(people::APPLICANT) }
    }

    /// The representative, who holds an authority.
    pub fn representative(&self) -> Actor {
        self.staff(people::REPRESENTATIVE, Role::Representative)
    }

    /// The officer in charge, or the first reviewer.
    pub fn reviewer(&self, case: Option<&Case>) -> Actor {
        let officer = case.and_then(|c| c.officer).map_or(people::REVIEWER, Id::get);
        self.staff(officer, Role::Reviewer)
    }

    /// A submission of the new situation: a company's (0), a person's (2, 3), or one with a wrong code (1).
    pub fn submission(&self, variant: u8) -> Submission {
        let mut answers = if variant >= 2 { person_answers() } else { company_answers() };
        if variant == 1 {
            answers.insert("credit_code".into(), "91130102MA0FBKQP3K".into());
        }
        Submission {
            item: self.local.clone(),
            situation: "new".into(),
            division: self.agency.division,
            answers,
            files: vec![files("floor_plan", 1), files("lease", 2)],
            paper_received_on: None,
        }
    }

    /// A command of this kind for the case as it stands: right (variant 0), wrong (1), or right in another way.
    pub fn sample(&self, kind: CommandKind, case: Option<&Case>, variant: u8) -> Command {
        use CommandKind as K;
        let words = |right: &str| if variant == 1 { " ".to_owned() } else { right.to_owned() };
        match kind {
            K::Submit => Command::Submit(Box::new(self.submission(variant))),
            K::Receive => Command::Receive,
            K::AmendOnTheSpot => {
                let value = words(&format!("长安区柳荫街{}号", self.now));
                let change =
                    if variant == 3 { ("mobile", "13600007777") } else { ("premises_address", &*value) };
                Command::AmendOnTheSpot { answers: answers(&[change]) }
            }
            K::RequestSupplement => Command::RequestSupplement {
                rows: self.rows(variant),
                due: None,
                again: if variant == 3 { "电话换了号码".into() } else { String::new() },
            },
            K::Resubmit => self.resubmission(case, variant),
            K::Accept => {
                let verdict = if variant == 1 { Verdict::Wrong } else { Verdict::Right };
                let right = ["floor_plan", "lease", "health"]
                    .map(|m| MaterialCheck { material: m.into(), verdict })
                    .into();
                Command::Accept { checks: right }
            }
            K::Decline => self.declination(case, variant),
            K::Assign => {
                let other = case.and_then(|c| c.officer) == Some(Id::from(people::REVIEWER));
                let right = if other { people::SECOND_REVIEWER } else { people::REVIEWER };
                Command::Assign { officer: Id::from(if variant == 1 { people::CLERK } else { right }) }
            }
            K::Pass => {
                let met = variant == 0;
                let note = if variant == 2 { "冷食间未单独设置".into() } else { String::new() };
                let points = vec![PointFinding { point: "premises".into(), met, note }];
                Command::Pass { opinion: "经查看，符合。".into(), points }
            }
            K::Return => Command::Return { reason: words("平面图看不清") },
            K::Grant => Command::Grant { opinion: "同意。".into() },
            K::Refuse => Command::Refuse {
                reason: words("操作间与卫生间相通"),
                basis: "《中华人民共和国食品安全法》第三十三条".into(),
            },
            K::Issue => Command::Issue,
            K::Deliver => Command::Deliver {
                method: if variant == 0 { DeliveryMethod::Counter } else { DeliveryMethod::Mail },
                note: words("EMS1234567890"),
            },
            K::Close => Command::Close,
            K::Archive => Command::Archive,
            K::WithdrawApplication => Command::WithdrawApplication { reason: words("换了地方") },
            K::Terminate => Command::Terminate {
                ground: TerminateGround::ApplicantGone,
                reason: words("企业已经注销"),
            },
            K::Suspend => Command::Suspend { reason: words("场所权属正在诉讼") },
            K::Resume => Command::Resume,
            K::TellHearingRight => Command::TellHearingRight { reason: words("相邻住户的采光") },
            K::RequestHearing => Command::RequestHearing { reason: words("想当面说明") },
            K::NotifySpecial => Command::NotifySpecial(Box::new(self.plan(variant))),
            K::StartSpecial => Command::StartSpecial { procedure: self.plan(variant).procedure },
            K::EndSpecial => Command::EndSpecial {
                procedure: case
                    .and_then(|c| c.ledger.procedures.iter().find(|p| p.is_open() && p.started.is_some()))
                    .map_or(SpecialKind::Hearing, |p| p.kind),
                record: words("双方陈述完毕，没有新的意见"),
                passed: variant != 2,
            },
            K::RequestExtension => Command::RequestExtension {
                days: if variant == 2 { 40 } else { 10 },
                reason: words("案情复杂"),
            },
            K::Extend => Command::Extend {
                days: if variant == 2 { 40 } else { 10 },
                reason: words("案情复杂"),
                approval: "长政批〔2026〕1号".into(),
            },
            K::RefuseExtension => Command::RefuseExtension { reason: words("应在期限内办结") },
            K::Watch => Command::Watch,
            K::AnswerMark => {
                Command::AnswerMark { mark: mark_of(case, variant), answer: words("已经加派人手") }
            }
            K::ContestMark => {
                Command::ContestMark { mark: mark_of(case, variant), reason: words("当天平台停机") }
            }
            K::CloseMark => Command::CloseMark {
                mark: mark_of(case, variant),
                upheld: variant == 0,
                note: words("经核实"),
            },
            K::AnswerRating => Command::AnswerRating { answer: words("已经改进窗口引导") },
            K::RecordSeal => {
                let documents = case.map_or(&[][..], |c| &c.documents);
                let next = documents.iter().find(|d| d.seal.is_none()).or(documents.first());
                Command::RecordSeal {
                    document: next.map_or(Id::from(0), |d| d.id),
                    file: "ab".repeat(32),
                    size: 40_960,
                    key: "seal-key-1".into(),
                    signature: "3045".into(),
                }
            }
            K::Rate => {
                Command::Rate { grade: if variant == 1 { 9 } else { 1 }, comment: "办得很快".into() }
            }
        }
    }

    /// A hearing on the agency's own motion (0), an expert review (2), a site visit (3), nothing right (1).
    fn plan(&self, variant: u8) -> SpecialPlan {
        let person = |name: &str, part: &str| SpecialPerson {
            name: name.into(),
            part: part.into(),
            badge: String::new(),
        };
        let plan = SpecialPlan {
            procedure: SpecialKind::Hearing,
            days: 10,
            reason: "涉及相邻住户".into(),
            own_motion: true,
            held_on: Some(self.calendar.nth_working_day(self.today(), 8)),
            place: "长安区政务服务中心三楼".into(),
            presider: Some(Id::from(people::REPRESENTATIVE)),
            people: Vec::new(),
        };
        match variant {
            1 => SpecialPlan { days: 0, reason: " ".into(), held_on: None, presider: None, ..plan },
            2 => SpecialPlan {
                procedure: SpecialKind::ExpertReview,
                people: vec![person("钱工", "专家")],
                held_on: None,
                presider: None,
                ..plan
            },
            3 => SpecialPlan {
                procedure: SpecialKind::SiteVisit,
                days: 3,
                people: vec![person("甲", "核查人员"), person("乙", "核查人员")],
                held_on: None,
                presider: None,
                ..plan
            },
            _ => plan,
        }
    }

    fn rows(&self, variant: u8) -> Vec<SupplementRow> {
        let row = |target: &str, problem: &str, fix: &str| SupplementRow {
            target: target.into(),
            problem: problem.into(),
            fix: fix.into(),
        };
        match variant {
            0 => vec![
                row("premises_address", "没有写到门牌号", "写到门牌号和楼层"),
                row("floor_plan", "看不清尺寸", "标明各区的面积"),
            ],
            1 => Vec::new(),
            2 => vec![row("lease", "缺最后一页", "补齐全部页")],
            _ => vec![row("mobile", "打不通", "填写能接通的号码")],
        }
    }

    /// Everything that was asked for; nothing (variant 1).
    fn resubmission(&self, case: Option<&Case>, variant: u8) -> Command {
        let mut changed = Answers::new();
        let mut sets = Vec::new();
        if let Some(open) = case.and_then(Case::open_supplement).filter(|_| variant != 1) {
            for key in &open.fields {
                let value = match key.as_str() {
                    "mobile" => "13700009999".to_owned(),
                    _ => format!("长安区柳荫街{}号二层", self.now),
                };
                changed.insert(key.clone(), value);
            }
            sets = open.materials.iter().map(|m| files(m, 1)).collect();
        }
        Command::Resubmit { answers: changed, files: sets }
    }

    fn declination(&self, case: Option<&Case>, variant: u8) -> Command {
        let told = case.is_some_and(|c| !c.supplements.is_empty());
        let ground = if told { DeclineGround::NotSupplemented } else { DeclineGround::NotOurs };
        Command::Decline {
            ground,
            reason: if variant == 1 { String::new() } else { "场所在桥西区".into() },
            go_to: "石家庄市桥西区行政审批局".into(),
        }
    }
}
