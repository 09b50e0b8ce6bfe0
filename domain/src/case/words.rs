//! The words for a state: one table, read by portal, desks, API and documents.

use jiff::civil::Date;

use super::{Case, Due, State, StateName};

/// 2026年7月23日
pub fn chinese_date(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// What the applicant reads. `due` is the pressing deadline, if any.
pub fn citizen_words(case: &Case, due: Option<Due>) -> String {
    let by =
        due.map(|d| format!("{}{}", chinese_date(d.last_day), if d.provisional { "（暂定）" } else { "" }));
    let by = by.as_deref();
    match case.state {
        State::Submitted { .. } => match by {
            Some(day) => format!("已提交，窗口最迟{day}答复"),
            None => "已提交，等待窗口答复".into(),
        },
        State::Received { .. } => "已收件，正在核对材料".into(),
        State::Supplementing { .. } => {
            let n = case.open_supplement().map_or(0, |s| s.fields.len() + s.materials.len());
            format!("请您补正{n}处，{}前", by.unwrap_or("规定日期"))
        }
        State::Accepted { .. } => match by {
            Some(day) => format!("已受理，承诺{day}前办结"),
            None => "已受理".into(),
        },
        State::Reviewing { .. } => match by {
            Some(day) => format!("正在审查，承诺{day}前办结"),
            None => "正在审查".into(),
        },
        State::Suspended { .. } => "已中止，恢复后继续计时".into(),
        State::Deciding { .. } => "首席代表正在审定".into(),
        State::Granted { .. } => "通过了，正在制证，请选领取方式".into(),
        State::Refused { .. } => "没有通过，原因见决定书；可以复议或起诉".into(),
        State::Issued { .. } => "证照已制好，等您领取".into(),
        State::Delivered { .. } => "已送达，请评价".into(),
        State::Closed { .. } => "已办结".into(),
        State::Archived { .. } => "已归档".into(),
        State::Declined { .. } => "不能受理，原因和该去哪里办见通知书".into(),
        State::Withdrawn { .. } => "您已撤回".into(),
        State::Terminated { .. } => "已终止，原因见办理记录".into(),
    }
}

/// What staff read.
pub fn staff_words(state: StateName) -> &'static str {
    match state {
        StateName::Submitted => "待收件",
        StateName::Received => "待受理",
        StateName::Supplementing => "待补正",
        StateName::Accepted => "待分派",
        StateName::Reviewing => "审查中",
        StateName::Suspended => "中止",
        StateName::Deciding => "待决定",
        StateName::Granted => "准予",
        StateName::Refused => "不予许可",
        StateName::Issued => "待送达",
        StateName::Delivered => "已送达",
        StateName::Closed => "办结",
        StateName::Archived => "归档",
        StateName::Declined => "不予受理",
        StateName::Withdrawn => "撤回",
        StateName::Terminated => "终止",
    }
}
