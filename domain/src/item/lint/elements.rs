//! Rules about the elements of an entry (要素): missing ones, and those that contradict each other.

use jiff::civil::Date;

use super::Report;
use crate::item::{
    Audience, CatalogueEntry, Channel, ItemKind, Limit, OrganNature, PowerSource, ResultKind, StepKind,
    Validity,
};

pub(super) fn check(entry: &CatalogueEntry, report: &mut Report) {
    missing(entry, report);
    identity(entry, report);
    legal_bases(entry, report);
    organ(entry, report);
    doors(entry, report);
    topics(entry, report);
    fee(entry, report);
    result(entry, report);
    flow(entry, report);
}

fn missing(entry: &CatalogueEntry, report: &mut Report) {
    for (value, field, label) in [
        (&entry.id, "id", "条目键"),
        (&entry.name, "name", "事项名称"),
        (&entry.exercise_content, "exercise_content", "行使内容"),
        (&entry.regulator, "regulator", "行业主管（监管）部门"),
        (&entry.organ, "organ", "实施主体"),
        (&entry.office, "office", "承办机构"),
        (&entry.statutory_basis, "statutory_basis", "法定时限依据"),
        (&entry.result.name, "result.name", "结果名称"),
    ] {
        report.text(value, field, label);
    }
    for (values, field, label) in [
        (&entry.aliases, "aliases", "俗称"),
        (&entry.conditions, "conditions", "受理条件"),
        (&entry.rights, "rights", "申请人权利"),
        (&entry.duties, "duties", "申请人义务"),
    ] {
        report.texts(values, field, label);
    }
    for (empty, field, label) in [
        (entry.legal_bases.is_empty(), "legal_bases", "设定依据"),
        (entry.audiences.is_empty(), "audiences", "服务对象"),
        (entry.channels.is_empty(), "channels", "办理形式"),
        (entry.flow.is_empty(), "flow", "办理环节"),
        (entry.situations.is_empty(), "situations", "情形"),
        (entry.materials.is_empty(), "materials", "申请材料"),
        (entry.review_points.is_empty(), "review_points", "审查要点"),
    ] {
        report.require(
            !empty,
            field,
            format!("“{label}”一条也没有"),
            &format!("请至少填写一条{label}；没有要素的事项不得发布"),
        );
    }
    if entry.sample {
        report.text(&entry.source_note, "source_note", "样例来源说明");
    }
    if let Some(limit) = &entry.quantity_limit {
        let told = |words: &[&str]| words.iter().any(|w| limit.contains(w));
        report.require(
            told(&["顺序", "先后", "排序"]) && told(&["公布", "公告", "公示", "公开"]),
            "quantity_limit",
            format!("数量限制“{limit}”没有写清排序和公布方式"),
            "请写明按受理先后顺序作出决定以及数量如何公布（行政许可法第五十七条）",
        );
    }
}

fn identity(entry: &CatalogueEntry, report: &mut Report) {
    let code = entry.code.to_string();
    report.require(
        code.get(2..4) == Some(entry.kind.code()),
        "code",
        format!("基本编码{code}的类型段与事项类型{}（{}）不一致", entry.kind.label(), entry.kind.code()),
        "请更正基本编码第3、4位或者事项类型",
    );
    let mut names: Vec<&str> = entry.aliases.iter().map(String::as_str).collect();
    names.push(&entry.name);
    names.sort_unstable();
    for pair in names.windows(2) {
        report.require(pair[0] != pair[1], "aliases", format!("“{}”重复", pair[0]), "请删去重复的俗称");
    }
}

fn legal_bases(entry: &CatalogueEntry, report: &mut Report) {
    for (i, basis) in entry.legal_bases.iter().enumerate() {
        let at = |part: &str| format!("legal_bases[{i}].{part}");
        report.text(&basis.law, &at("law"), "法律名称");
        report.text(&basis.article, &at("article"), "条款号");
        report.text(&basis.text, &at("text"), "条款内容");
        report.text(&basis.issued_by, &at("issued_by"), "颁布机关");
        report.require(
            !basis.law.contains(['《', '》']),
            &at("law"),
            format!("法律名称“{}”带有书名号", basis.law),
            "请去掉书名号，页面会自动加上",
        );
        report.require(
            basis.effective_on.len() == 10 && basis.effective_on.parse::<Date>().is_ok(),
            &at("effective_on"),
            format!("实施日期“{}”不是日期", basis.effective_on),
            "请写成 YYYY-MM-DD，填所引版本的施行日期",
        );
    }
}

fn organ(entry: &CatalogueEntry, report: &mut Report) {
    for (value, field) in [(&entry.organ, "organ"), (&entry.regulator, "regulator")] {
        report.require(
            !["大厅", "服务中心", "便民中心"].iter().any(|place| value.ends_with(place)),
            field,
            format!("“{value}”是办事场所，不是行政机关"),
            "请填写行使职权的机关；大厅只是场所，不能作实施主体",
        );
    }
    let by_entrustment =
        matches!(entry.power_source, PowerSource::EntrustedFromAbove | PowerSource::EntrustedSameLevel);
    report.require(
        entry.organ_nature != OrganNature::Entrusted || by_entrustment,
        "organ_nature",
        "实施主体是受委托组织，权力来源却不是委托",
        "请把权力来源改为上级委托或者同级委托，或者更正实施主体性质",
    );
    for (value, field) in [(&entry.organ, "organ"), (&entry.regulator, "regulator")] {
        let kind = ["市场", "市政", "市容"].iter().any(|w| value.starts_with(w));
        report.require(
            kind || !["省", "市", "县", "区", "河北", "石家庄"].iter().any(|place| value.starts_with(place)),
            field,
            format!("“{value}”带有地名或者层级"),
            "请只写机关种类，例如 民政局；全称由承接的地方自动生成",
        );
    }
}

fn doors(entry: &CatalogueEntry, report: &mut Report) {
    let has = |channel: Channel| entry.channels.contains(&channel);
    let online = has(Channel::Web) || has(Channel::Mobile);
    report.require(
        entry.visits == 0 || entry.visit_reason.as_ref().is_some_and(|r| !r.trim().is_empty()),
        "visit_reason",
        format!("到现场次数是{}，没有写必须现场的原因", entry.visits),
        "请写明必须到现场的原因；没有原因的，把次数改为 0",
    );
    report.require(
        entry.visits > 0 || online || has(Channel::Express),
        "channels",
        "到现场次数为 0，又不能网上办理，办理形式却没有快递申请",
        "请增加快递申请，或者开通网上办理，或者更正到现场次数",
    );
    report.require(
        (1..=4).contains(&entry.online_depth),
        "online_depth",
        format!("网办深度“{}”不存在", entry.online_depth),
        "请填写 1 到 4（Ⅰ咨询 Ⅱ收件预审 Ⅲ受理办理 Ⅳ全程网办）",
    );
    report.require(
        entry.online_depth != 4 || entry.visits == 0,
        "visits",
        format!("网办深度为Ⅳ级（全程网办），到现场次数却是{}", entry.visits),
        "全程网办的到现场次数必须为 0；需要到现场的，把网办深度改为 3",
    );
    report.require(
        entry.online_depth < 3 || online,
        "channels",
        format!("网办深度为{}级，办理形式却没有网上办理或者手机办理", entry.online_depth),
        "请增加网上办理，或者更正网办深度",
    );
    report.require(
        entry.visits == 0 || has(Channel::Window),
        "channels",
        format!("需要到现场{}次，办理形式却没有窗口办理", entry.visits),
        "请增加窗口办理，或者把到现场次数改为 0",
    );
    let mut seen = Vec::new();
    for channel in &entry.channels {
        report.require(
            !seen.contains(channel),
            "channels",
            format!("办理形式“{}”重复", channel.label()),
            "请删去重复的一项",
        );
        seen.push(*channel);
    }
    report.require(
        !entry.facilities.booking || entry.facilities.bookings_per_day.is_some_and(|n| n > 0),
        "facilities.bookings_per_day",
        "可以预约，却没有写每日可约量",
        "请填写每日可约量；不预约的把 booking 改为 false",
    );
    report.require(
        entry.facilities.booking || entry.facilities.bookings_per_day.is_none(),
        "facilities.bookings_per_day",
        "不可预约，却写了每日可约量",
        "请删去每日可约量，或者把 booking 改为 true",
    );
}

fn topics(entry: &CatalogueEntry, report: &mut Report) {
    let person = entry.audiences.contains(&Audience::Person);
    let company = entry
        .audiences
        .iter()
        .any(|a| matches!(a, Audience::Enterprise | Audience::Institution | Audience::SocialOrganisation));
    let open = entry.audiences.iter().any(|a| matches!(a, Audience::Other | Audience::Agency));
    for (served, open, topics, field, label, audience) in [
        (person, false, &entry.person_topics, "person_topics", "个人主题", "自然人"),
        (company, open, &entry.company_topics, "company_topics", "法人主题", "法人"),
    ] {
        report.require(
            !served || !topics.is_empty(),
            field,
            format!("服务对象有{audience}，{label}却是空的"),
            &format!("请至少选一个{label}"),
        );
        report.require(
            served || open || topics.is_empty(),
            field,
            format!("服务对象没有{audience}，却写了{label}"),
            &format!("请删去{label}，或者在服务对象中增加{audience}"),
        );
        for topic in topics {
            report.text(topic, field, label);
        }
    }
}

fn fee(entry: &CatalogueEntry, report: &mut Report) {
    let fee = &entry.fee;
    if !fee.charged {
        report.require(
            fee.items.is_empty(),
            "fee.items",
            "不收费，却列了收费项目",
            "请删去收费项目，或者把 charged 改为 true",
        );
        report.require(
            !entry.facilities.online_payment,
            "facilities.online_payment",
            "不收费，却支持网上支付",
            "请把 online_payment 改为 false",
        );
        return;
    }
    report.text(&fee.basis, "fee.basis", "收费依据");
    report.require(
        !fee.items.is_empty(),
        "fee.items",
        "收费，却没有收费项目",
        "请逐项写明收费项目名称和标准",
    );
    for (i, item) in fee.items.iter().enumerate() {
        report.text(&item.name, &format!("fee.items[{i}].name"), "收费项目名称");
        report.text(&item.standard, &format!("fee.items[{i}].standard"), "收费标准");
        report.require(
            item.amount_fen.is_none_or(|fen| fen >= 0),
            &format!("fee.items[{i}].amount_fen"),
            "收费金额是负数",
            "请填写不小于 0 的金额，单位为分",
        );
    }
}

fn result(entry: &CatalogueEntry, report: &mut Report) {
    let result = &entry.result;
    report.require(
        !["证", "证书", "执照"].iter().any(|end| result.name.ends_with(end))
            || result.kind == ResultKind::Licence,
        "result.kind",
        format!("结果“{}”是证照，结果类型却不是", result.name),
        "请把结果类型改为证照（licence）",
    );
    report.require(
        result.kind == ResultKind::None || result.face.iter().any(|line| !line.trim().is_empty()),
        "result.face",
        "有审批结果，却没有结果样本",
        "请逐行写明结果上载明的内容",
    );
    report.require(
        !matches!(result.validity, Validity::Years(0) | Validity::Months(0) | Validity::Days(0)),
        "result.validity",
        "有效期是 0",
        "请填写大于 0 的有效期；长期有效的写 indefinite",
    );
    if let Some(kind) = &result.licence_type {
        let fits = kind.len() == 21
            && kind.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
            && kind.bytes().skip(18).all(|b| b.is_ascii_digit());
        report.require(
            fits,
            "result.licence_type",
            format!("电子证照类型代码“{kind}”不合规则"),
            "请写成定义机构信用代码18位加3位数字（GB/T 36904）",
        );
    }
}

fn flow(entry: &CatalogueEntry, report: &mut Report) {
    report.keys(entry.flow.iter().map(|s| s.key.as_str()), "flow", "办理环节");
    for step in &entry.flow {
        let at = |part: &str| format!("flow[{}].{part}", step.key);
        report.text(&step.name, &at("name"), "环节名称");
        report.text(&step.handler, &at("handler"), "办理人");
        report.text(&step.standard, &at("standard"), "审查标准");
        report.text(&step.outcome, &at("outcome"), "办理结果");
    }
    let order = |kind: StepKind| match kind {
        StepKind::Accept => 0,
        StepKind::Review => 1,
        StepKind::Decide => 2,
        StepKind::Issue => 3,
        StepKind::Deliver => 4,
    };
    for pair in entry.flow.windows(2) {
        report.require(
            order(pair[0].kind) <= order(pair[1].kind),
            "flow",
            format!("环节“{}”排在“{}”之后", pair[1].name, pair[0].name),
            "请按受理、审查、决定、制证、送达的先后排列",
        );
    }
    for (i, question) in entry.faq.iter().enumerate() {
        report.text(&question.question, &format!("faq[{i}].question"), "问题");
        report.text(&question.answer, &format!("faq[{i}].answer"), "回答");
    }
    if entry.kind != ItemKind::Licence {
        return;
    }
    report.require(
        entry.flow.len() >= 5,
        "flow",
        format!("行政许可的办理环节只有{}个", entry.flow.len()),
        "行政许可至少写五个环节：受理、审查、决定、制证、送达",
    );
    for (kind, label) in [
        (StepKind::Accept, "受理"),
        (StepKind::Review, "审查"),
        (StepKind::Decide, "决定"),
        (StepKind::Issue, "制证（办结）"),
        (StepKind::Deliver, "送达"),
    ] {
        report.require(
            entry.flow.iter().any(|s| s.kind == kind),
            "flow",
            format!("办理流程缺少“{label}”环节"),
            &format!("请补写{label}环节"),
        );
    }
    report.require(!entry.faq.is_empty(), "faq", "行政许可没有常见问题", "请至少写一条常见问题和回答");
    let most = Limit::working_days(10);
    for step in entry.flow.iter().filter(|s| matches!(s.kind, StepKind::Issue | StepKind::Deliver)) {
        report.require(
            !super::may_be_later(step.limit, most),
            &format!("flow[{}].limit", step.key),
            format!("环节“{}”的时限{}长于十个工作日", step.name, step.limit.label()),
            "应当自决定之日起十日内颁发、送达（行政许可法第四十四条），请缩短",
        );
    }
}
