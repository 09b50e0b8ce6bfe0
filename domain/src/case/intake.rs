//! Intake (收件受理): from submission to acceptance or declination. 许可法 29–32.

use jiff::civil::Date;

use super::decide::{Facts, No, Refusal, TextKind, not_now, required, serial_counter};
use super::{
    Case, DeclineGround, Event, FileSet, ItemRef, Ledger, MaterialCheck, Paper, PaperKind, Places, State,
    Submission, Submitted, TextRef, Verdict, paper,
};
use crate::ids::{CaseNo, NationalCaseNo};
use crate::item::{Answers, FieldError, FileProblem, Form, ItemKind, Material, MaterialFormat, Need};
use crate::party::Party;
use crate::permit::Actor;

/// Working days after which a paper receipt can no longer be entered (a parameter of ours, not a law).
const OLDEST_PAPER: i64 = 20;

/// 提交申请. Checks the form, the files and that somebody applies; creates the case.
pub(super) fn submit(submission: &Submission, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let subject = &facts.subject;
    let entry = subject.entry;
    if !subject.open {
        return Err(Refusal::new(
            "item_closed",
            format!("“{}”现在不受理新的申请。", entry.name),
            "请查看办事指南上的说明，或拨打12345咨询。",
        )
        .into());
    }
    if facts.actor.post().is_some_and(|post| post.agency != subject.receiving) {
        return Err(Refusal::new(
            "not_your_window",
            format!("“{}”不由您所在的窗口收件。", entry.name),
            "请在您的窗口承接的同名事项下代为提交，或请申请人网上提交。",
        )
        .into());
    }
    let Some(situation) = entry.situation(&submission.situation) else {
        let names: Vec<&str> = entry.situations.iter().map(|s| s.name.as_str()).collect();
        return Err(No::Invalid(vec![FieldError::new(
            "situation",
            "办理情形",
            format!("请选择办理情形：{}", names.join("、")),
            "situation is not one of this item's",
        )]));
    };
    let at_window = matches!(facts.actor, Actor::Staff { .. });
    let answers = entry.form.tidy(&submission.answers);
    let mut errors = unknown_fields(&entry.form, &submission.answers);
    errors.extend(entry.form.check(&answers));
    let asked: Vec<&Material> = entry.materials_of(situation).collect();
    for set in &submission.files {
        if !asked.iter().any(|m| m.key == set.material) {
            errors.push(FieldError::new(
                &set.material,
                "申请材料",
                "这个情形不需要这份材料，请移除后再提交",
                "this situation does not ask for this material",
            ));
        }
    }
    errors.extend(submission.paper_received_on.and_then(|day| paper_date_error(day, at_window, facts)));
    let files = one_set_each(&submission.files);
    for material in &asked {
        let set = files.iter().find(|s| s.material == material.key);
        errors.extend(check_files(material, set, !at_window && needs_file(material)));
    }
    let party = Party::from_answers(&entry.form, &answers).or_else(|| facts.party.cloned());
    let Some(party) = party.filter(|_| errors.is_empty()) else {
        if errors.is_empty() {
            errors.push(FieldError::new(
                "applicant",
                "申请人",
                "请输入申请人姓名或名称",
                "who applies is missing",
            ));
        }
        return Err(No::Invalid(errors));
    };
    let mint = facts.mint;
    let no = CaseNo::from_random(mint.bytes("case-no"));
    let entered = submission.paper_received_on.unwrap_or_else(|| facts.today());
    let ledger = Ledger::open(entry.regime.clone(), entry.statutory, subject.promised, entered);
    let applicant = match facts.actor {
        Actor::Applicant { account } => Some(*account),
        _ => None,
    };
    Ok(vec![Event::Submitted(Box::new(Submitted {
        no,
        item: ItemRef {
            entry: entry.id.clone(),
            version: subject.version,
            local: subject.local.to_owned(),
            code: subject.code.clone(),
            situation: situation.key.clone(),
        },
        places: Places {
            applicant: submission.division,
            receiving: subject.receiving.to_owned(),
            accepting: subject.organ.key.clone(),
            deciding: subject.organ.key.clone(),
            regulating: subject.regulator.to_owned(),
            scope: subject.organ.scope_path.clone(),
        },
        party: mint.keep(TextKind::Party, to_json(&party)),
        applicant,
        at_window,
        answers: mint.keep(TextKind::Answers, to_json(&answers)),
        files,
        ledger,
    }))])
}

/// A paper receipt is entered at the window, soon after: the clock counts from the day on the paper.
fn paper_date_error(day: Date, at_window: bool, facts: &Facts<'_>) -> Option<FieldError> {
    let message = if !at_window {
        "网上提交以进入系统之时为收到，请移除纸质收件日期"
    } else if day > facts.today() {
        "请选择今天或者今天以前的日期"
    } else if facts.calendar.working_days_between(day, facts.today()) > OLDEST_PAPER {
        "纸质材料收到已经太久，请先向监督部门说明，再由申请人重新提交"
    } else {
        return None;
    };
    Some(FieldError::new("paper_received_on", "纸质收件日期", message, "paper_received_on is not possible"))
}

fn unknown_fields(form: &Form, answers: &Answers) -> Vec<FieldError> {
    answers
        .keys()
        .filter(|key| form.field(key).is_none())
        .map(|key| FieldError::new(key, key, format!("申请表里没有“{key}”这一项，请移除"), "no such field"))
        .collect()
}

/// Whether a material must come as a file with an online application.
pub fn needs_file(material: &Material) -> bool {
    material.need == Need::Required
        && material.format != MaterialFormat::Paper
        && !material.blank_form
        && !material.shared
        && !material.commitment
}

/// The files by material: each material once, none without files.
pub(super) fn one_set_each(files: &[FileSet]) -> Vec<FileSet> {
    let mut sets: Vec<FileSet> = Vec::new();
    for set in files.iter().filter(|s| !s.files.is_empty()) {
        match sets.iter_mut().find(|s| s.material == set.material) {
            Some(known) => known.files.extend(set.files.iter().cloned()),
            None => sets.push(set.clone()),
        }
    }
    sets
}

pub(super) fn check_files(material: &Material, set: Option<&FileSet>, needed: bool) -> Option<FieldError> {
    let name = &material.name;
    let files = set.map_or(&[][..], |s| &s.files);
    let count = files.len();
    if count > usize::from(material.max_files) {
        let max = material.max_files;
        return Some(FieldError::new(
            &material.key,
            name,
            format!("“{name}”最多上传{max}个文件，现在有{count}个，请删去多余的"),
            format!("{} takes at most {max} files", material.key),
        ));
    }
    for file in files {
        let problem = if !material.accepts.contains(&file.kind) {
            FileProblem::Kind { material: name.clone(), allowed: material.accepts_label() }
        } else if file.size > u64::from(material.max_mib) * 1024 * 1024 {
            FileProblem::Size { material: name.clone(), max_mib: material.max_mib, size: file.size }
        } else {
            continue;
        };
        let english = format!("{} has a file of the wrong kind or size", material.key);
        return Some(FieldError::new(&material.key, name, problem.to_string(), english));
    }
    (count == 0 && needed).then(|| {
        FieldError::new(
            &material.key,
            name,
            format!("请上传“{name}”（{}，每个不超过{}MB）", material.accepts_label(), material.max_mib),
            format!("{} is required", material.key),
        )
    })
}

pub(super) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// 收件: gives the case its national number and the applicant a receipt. Receipt is not acceptance.
pub(super) fn receive(case: &Case, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let State::Submitted { .. } = case.state else { return Err(not_now(case, "收件")) };
    let today = facts.today();
    let serial = facts.mint.next(&serial_counter(&case.item.code, today))?;
    let national_no =
        NationalCaseNo::compose(&case.item.code, today, serial).map_err(|_| No::Missing("case serial"))?;
    let mut body = Paper::begin(PaperKind::Receipt, case, facts)?;
    body.fact("办件编号", national_no.as_str());
    body.say("您提交的申请材料已经收到。本凭证只证明收到材料，不表示已经受理。");
    let due = super::notice_due(&case.ledger, facts.subject.regime, facts.calendar);
    if let Some(due) = due.filter(|d| facts.now < d.at()) {
        body.say(&format!(
            "我们将在{}{}前告知您是否受理；需要补正的，会一次性告知全部内容。",
            super::chinese_date(due.last_day),
            if due.provisional { "（暂定，当年工作日安排尚未公布）" } else { "" },
        ));
    }
    body.table = Some(paper::materials_table(case, facts.subject.entry));
    let document = body.freeze(facts)?;
    Ok(vec![Event::Received { national_no, document }])
}

/// 当场更正 (许可法 32(三)): the window changes what is plainly wrong, in front of the applicant.
pub(super) fn amend_on_the_spot(case: &Case, changes: &Answers, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    if !matches!(case.state, State::Submitted { .. } | State::Received { .. }) {
        return Err(not_now(case, "当场更正"));
    }
    let form = &facts.subject.entry.form;
    let errors = unknown_fields(form, changes);
    if !errors.is_empty() {
        return Err(No::Invalid(errors));
    }
    let (answers, fields) = change_answers(form, facts, changes)?;
    let party = change_party(form, &answers, facts);
    if fields.is_empty() {
        return Err(Refusal::new("nothing_changed", "没有任何一项与原来不同。", "请修改后再保存。").into());
    }
    Ok(vec![Event::Amended { answers: facts.mint.keep(TextKind::Answers, to_json(&answers)), fields, party }])
}

/// The party to keep when changed answers name another one, or the same one by another name or number.
pub(super) fn change_party(form: &Form, answers: &Answers, facts: &Facts<'_>) -> Option<TextRef> {
    let party = Party::from_answers(form, answers).filter(|p| facts.party != Some(p))?;
    Some(facts.mint.keep(TextKind::Party, to_json(&party)))
}

pub(super) fn merged(before: &Answers, changes: &Answers) -> Answers {
    let mut typed = before.clone();
    typed.extend(changes.clone());
    typed
}

pub(super) fn change_answers(
    form: &Form,
    facts: &Facts<'_>,
    changes: &Answers,
) -> Result<(Answers, Vec<String>), No> {
    let before = facts.answers.ok_or(No::Missing("answers"))?;
    let after = form.tidy(&merged(before, changes));
    let errors = form.check(&after);
    if !errors.is_empty() {
        return Err(No::Invalid(errors));
    }
    let fields = form.fields().map(|f| f.key.clone()).filter(|k| before.get(k) != after.get(k)).collect();
    Ok((after, fields))
}

/// 许可法 governs 行政许可 only: its articles are not cited for other kinds of item.
pub(super) fn of_licences(facts: &Facts<'_>, article: &'static str) -> &'static str {
    if facts.subject.entry.kind == ItemKind::Licence { article } else { "" }
}

pub(super) fn asked_materials<'a>(case: &Case, facts: &Facts<'a>) -> Vec<&'a Material> {
    let entry = facts.subject.entry;
    let situation = entry.situation(&case.item.situation);
    situation.map(|s| entry.materials_of(s).collect()).unwrap_or_default()
}

/// Whether the notice period ran out without written notice and the regime takes silence for acceptance.
fn is_accepted_by_silence(case: &Case, facts: &Facts<'_>) -> bool {
    super::accepted_by_silence(&case.ledger, facts.subject.regime, facts.calendar, facts.now).is_some()
}

/// 视为受理 by the clock: the platform receives what nobody received, and says that it is accepted since the day of receipt.
pub(super) fn accept_by_silence(case: &Case, from: Date, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let mut events = Vec::new();
    let mut known = case.clone();
    if case.national_no.is_none() {
        events.extend(receive(case, facts)?);
        if let Some(Event::Received { national_no, .. }) = events.first() {
            known.national_no = Some(national_no.clone());
        }
    }
    let document = acceptance_notice(&known, Some(from), facts)?;
    events.push(Event::Accepted { document, deemed_from: Some(from) });
    Ok(events)
}

/// Once the notice period is over in silence, the application counts as accepted (许可法 32): no more questions.
pub(super) fn refuse_after_silence(case: &Case, facts: &Facts<'_>) -> Result<(), No> {
    if is_accepted_by_silence(case, facts) {
        return Err(Refusal::new(
            "silence_accepted",
            "告知期已过，依法自收到材料之日起即为受理，不能再要求补正或不予受理。",
            "请受理。",
        )
        .under(of_licences(facts, "《中华人民共和国行政许可法》第三十二条第一款第四项"))
        .into());
    }
    Ok(())
}

/// Whether somebody must have seen a material before it counts as handed in: neither generated from the form, nor
/// called up from the organ that issued it. A material that may be promised or follow later is no exception until the
/// promise is on record (no grant while one is missing).
fn must_be_seen(material: &Material) -> bool {
    material.need != Need::Conditional && !material.blank_form && !material.shared
}

/// 受理 (许可法 32(五)): materials complete and in the legal form; or accepted already, because nothing was said in
/// time: then from the day of receipt, whatever the materials.
pub(super) fn accept(case: &Case, checks: &[MaterialCheck], facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let State::Received { .. } = case.state else { return Err(not_now(case, "受理")) };
    let asked = asked_materials(case, facts);
    let deemed_from = is_accepted_by_silence(case, facts).then_some(case.ledger.notice_from);
    let instead = if case.supplements.is_empty() {
        "请先一次性告知补正"
    } else {
        "已经告知过补正，请不予受理"
    };
    let verdict = |key: &str| checks.iter().find(|c| c.material == key).map(|c| c.verdict);
    let mut errors: Vec<FieldError> = checks
        .iter()
        .filter(|c| !asked.iter().any(|m| m.key == c.material))
        .map(|c| {
            FieldError::new(
                &c.material,
                "核对结论",
                "办件的情形没有这份材料，请移除",
                "no such material here",
            )
        })
        .collect();
    for material in asked.into_iter().filter(|_| deemed_from.is_none()) {
        let name = &material.name;
        let problem = match verdict(&material.key) {
            Some(Verdict::Right) => None,
            Some(Verdict::Wrong) => Some(format!("“{name}”核对为不符合，{instead}")),
            Some(Verdict::Missing) if material.need == Need::Conditional => None,
            Some(Verdict::Missing) => Some(format!("“{name}”核对为缺少，{instead}")),
            None if must_be_seen(material) && case.files_of(&material.key).is_empty() => {
                Some(format!("请核对“{name}”：没有上传文件，窗口看过原件的请选择“符合”"))
            }
            None => None,
        };
        if let Some(message) = problem {
            errors.push(FieldError::new(
                &material.key,
                name,
                message,
                format!("{} is not right", material.key),
            ));
        }
    }
    if !errors.is_empty() {
        return Err(No::Invalid(errors));
    }
    let document = acceptance_notice(case, deemed_from, facts)?;
    Ok(vec![Event::Accepted { document, deemed_from }])
}

/// 受理通知书, with the last days and how they are reckoned.
fn acceptance_notice(
    case: &Case,
    deemed_from: Option<Date>,
    facts: &Facts<'_>,
) -> Result<super::DocumentRef, No> {
    let entry = facts.subject.entry;
    let mut body = Paper::begin(PaperKind::AcceptanceNotice, case, facts)?;
    let mut ledger = case.ledger.clone();
    let accepted = deemed_from.unwrap_or_else(|| facts.today());
    ledger.accepted = Some(accepted);
    ledger.asked = None;
    body.say(&match deemed_from {
        None => "您的申请材料齐全、符合法定形式，现予受理。".to_owned(),
        Some(day) => format!(
            "您的申请在告知期内没有收到书面告知，依法自{}收到材料之日起即为受理。",
            super::chinese_date(day)
        ),
    });
    body.fact("受理日期", &super::chinese_date(accepted));
    body.clock(&ledger, facts);
    let special: Vec<&str> =
        entry.special_procedures.iter().filter(|p| p.excluded).map(|p| p.kind.label()).collect();
    if !special.is_empty() {
        body.close(&format!("依法需要{}的，所需时间不计入上述期限，届时另行书面告知。", special.join("、")));
    }
    body.close("您依法享有陈述、申辩的权利，作出决定前可以撤回申请。");
    body.close("您可以凭办件编号在平台上查询进度；对办理有意见的，可以拨打监督电话或12345。");
    body.freeze(facts)
}

/// 不予受理 (许可法 32(一)(二)): in writing, with the reason and where to go.
pub(super) fn decline(
    case: &Case,
    ground: DeclineGround,
    reason: &str,
    go_to: &str,
    facts: &Facts<'_>,
) -> Result<Vec<Event>, No> {
    let told = case.supplements.last();
    let overdue =
        matches!(case.state, State::Supplementing { .. }) && told.is_some_and(|s| facts.today() > s.due);
    if !matches!(case.state, State::Received { .. }) && !overdue {
        return Err(not_now(case, "不予受理"));
    }
    if ground == DeclineGround::NotSupplemented && told.is_none() {
        return Err(Refusal::new(
            "not_told_yet",
            "还没有一次性告知过补正，不能以未补正为由不予受理。",
            "请先一次性告知全部需要补正的内容。",
        )
        .under(of_licences(facts, "《中华人民共和国行政许可法》第三十二条第一款第四项"))
        .into());
    }
    if reason.trim().is_empty() {
        return Err(required("reason", "不予受理的理由"));
    }
    if ground == DeclineGround::NotOurs && go_to.trim().is_empty() {
        return Err(required("go_to", "应当向哪个机关申请"));
    }
    if !overdue {
        refuse_after_silence(case, facts)?;
    }
    let mut body = Paper::begin(PaperKind::DeclinationNotice, case, facts)?;
    let (words, article) = ground_of(ground, facts);
    body.fact("依据", article);
    body.say(&format!("您的申请经核对，{words}，决定不予受理。"));
    body.say(&format!("理由：{}", reason.trim()));
    if !go_to.trim().is_empty() {
        body.say(&format!("请向{}申请。", go_to.trim()));
    }
    body.remedies(facts);
    let document = body.freeze(facts)?;
    let words = format!("{}\n{}", reason.trim(), go_to.trim());
    let reason = facts.mint.keep(TextKind::Words, words.trim().to_owned());
    Ok(vec![Event::Declined { ground, reason, document }])
}

/// The ground in words, and the provision it stands on.
fn ground_of(ground: DeclineGround, facts: &Facts<'_>) -> (&'static str, &'static str) {
    let article = match ground {
        DeclineGround::NotNeeded => "《中华人民共和国行政许可法》第三十二条第一款第一项",
        DeclineGround::NotOurs => "《中华人民共和国行政许可法》第三十二条第一款第二项",
        DeclineGround::Barred => "",
        DeclineGround::NotSupplemented => "《中华人民共和国行政许可法》第三十二条第一款第四项、第五项",
    };
    let words = match (ground, facts.subject.entry.kind) {
        (DeclineGround::NotNeeded, kind) if kind != ItemKind::Licence => "申请事项依法不需要办理",
        _ => ground.label(),
    };
    (words, of_licences(facts, article))
}

/// 撤回申请: the applicant may, until the decision.
pub(super) fn withdraw(case: &Case, reason: &str, facts: &Facts<'_>) -> Result<Vec<Event>, No> {
    let open = matches!(
        case.state,
        State::Submitted { .. }
            | State::Received { .. }
            | State::Supplementing { .. }
            | State::Accepted { .. }
            | State::Reviewing { .. }
            | State::Suspended { .. }
            | State::Deciding { .. }
    );
    if !open {
        return Err(not_now(case, "撤回申请"));
    }
    Ok(vec![Event::Withdrawn { reason: facts.mint.keep_words(reason) }])
}
