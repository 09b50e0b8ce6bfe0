//! Dates, sizes, lights and fixed messages in the words citizens read. Knows no storage and no law.

use jiff::civil::Date;
use serde_json::{Value as Json, json};
use tongban_domain::calendar::{Calendar, date_of_ms};
use tongban_domain::case::{Case, Due, chinese_date};
use tongban_domain::ids::CaseNo;
use tongban_domain::item::{FieldError, Limit, LimitUnit, Regime};

const HOUR_MS: i64 = 3_600_000;

/// 2026年7月20日（周一）
pub fn day(date: Date) -> String {
    let names = ["一", "二", "三", "四", "五", "六", "日"];
    let weekday = date.weekday().to_monday_zero_offset();
    let name = usize::try_from(weekday).ok().and_then(|at| names.get(at)).copied().unwrap_or_default();
    format!("{}（周{name}）", chinese_date(date))
}

/// A deadline's day, with 暂定 where the calendar is not published yet.
pub fn due_day(due: Due) -> String {
    format!("{}{}", day(due.last_day), if due.provisional { "（暂定）" } else { "" })
}

/// 7月20日
pub fn short_day(date: Date) -> String {
    format!("{}月{}日", date.month(), date.day())
}

/// 14:05
fn clock(ms: i64) -> String {
    let minutes = (ms + 8 * HOUR_MS).rem_euclid(24 * HOUR_MS) / 60_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// 2026年7月20日 14:05
pub fn moment(ms: i64) -> String {
    format!("{} {}", chinese_date(date_of_ms(ms)), clock(ms))
}

/// 2026年7月20日（周一）14:05
pub fn full_moment(ms: i64) -> String {
    format!("{}{}", day(date_of_ms(ms)), clock(ms))
}

/// 7月20日 14:05
pub fn short_moment(ms: i64) -> String {
    format!("{} {}", short_day(date_of_ms(ms)), clock(ms))
}

/// 0.4MB, 12KB
pub fn size(bytes: u64) -> String {
    if bytes < 100 * 1024 {
        return format!("{}KB", bytes.div_ceil(1024).max(1));
    }
    format!("{:.1}MB", bytes as f64 / 1_048_576.0)
}

/// `2026-07-27` as 2026年7月27日; anything else as it is.
pub fn stored_day(text: &str) -> String {
    text.parse::<Date>().map_or_else(|_| text.to_owned(), chinese_date)
}

/// K7MP 2QXR 9DTA
pub fn spaced(no: &CaseNo) -> String {
    no.grouped().replace('-', " ")
}

/// A check code in groups of four.
pub fn grouped(code: &str) -> String {
    let chars: Vec<char> = code.to_uppercase().chars().collect();
    chars.chunks(4).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// 5个工作日内, or 当场.
pub fn within(limit: Limit) -> String {
    if limit.unit == LimitUnit::OnTheSpot { "当场".into() } else { format!("{}内", limit.label()) }
}

/// Working days used and left of the deadline that presses.
#[derive(Debug, Clone, Copy)]
pub struct Pressing {
    /// Used up to today.
    pub used: i64,
    /// Left after today; negative when it is past.
    pub left: i64,
}

/// Reckons the deadline that presses against today.
pub fn pressing(case: &Case, due: Due, regime: &Regime, calendar: &Calendar, today: Date) -> Pressing {
    let ledger = &case.ledger;
    let from = match (ledger.decided, ledger.accepted) {
        (Some(decided), _) => decided,
        (None, Some(_)) => ledger.starts_on(regime).unwrap_or(ledger.submitted),
        (None, None) => ledger.notice_from,
    };
    let left = calendar.working_days_between(today, due.last_day);
    let total = calendar.working_days_between(from, due.last_day);
    Pressing { used: (total - left).max(0), left }
}

impl Pressing {
    /// 还剩3个工作日
    pub fn words(self) -> String {
        match self.left {
            n if n < 0 => format!("已超过{}个工作日", -n),
            0 => "今天是最后一天".into(),
            n => format!("还剩{n}个工作日"),
        }
    }

    /// Green, yellow when a fifth or one working day is left, red when it is past.
    pub fn light(self) -> Json {
        let total = self.used + self.left;
        let (color, word) = match self.left {
            n if n < 0 => ("red", "已超期"),
            n if n <= 1 || n * 5 <= total => ("yellow", "快到期"),
            _ => ("green", "正常"),
        };
        json!({"color": color, "word": word, "why": format!("已用{}个工作日，{}", self.used, self.words())})
    }
}

/// A grey light: no clock of ours runs.
pub fn standing(word: &str, why: &str) -> Json {
    json!({"color": "grey", "word": word, "why": why})
}

/// The fixed message of `?done=`; never free text from an address.
pub fn done(word: Option<&str>) -> &'static str {
    match word.unwrap_or_default() {
        "saved" => "已保存。",
        "uploaded" => "文件已上传。",
        "removed" => "文件已删除。",
        "supplemented" => "补正已提交，窗口会重新核对。",
        "withdrawn" => "申请已撤回。",
        "hearing" => "已提出听证要求，机关会书面通知您时间和地点。",
        "rated" => "评价已提交，谢谢您。",
        "discarded" => "草稿已删除。",
        "place" => "地区已切换。",
        "post" => "岗位已切换。",
        "contacts" => "联系方式已保存。",
        _ => "",
    }
}

/// Errors for the summary, each with the address that leads to its field.
pub fn error_list(errors: &[FieldError], href: impl Fn(&FieldError) -> Option<String>) -> Json {
    errors
        .iter()
        .map(|e| json!({"field": e.field, "label": e.label, "message": e.message, "href": href(e)}))
        .collect::<Vec<_>>()
        .into()
}

/// The message beside one field, or nothing.
pub fn error_of<'a>(errors: &'a [FieldError], field: &str) -> &'a str {
    errors.iter().find(|e| e.field == field).map_or("", |e| e.message.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_zone_of_hebei() {
        // 2026-07-20T06:05:00Z
        let ms = 1_784_527_500_000;
        assert_eq!(moment(ms), "2026年7月20日 14:05");
        assert_eq!(full_moment(ms), "2026年7月20日（周一）14:05");
        assert_eq!(short_moment(ms), "7月20日 14:05");
    }

    #[test]
    fn sizes_are_told_in_two_units() {
        assert_eq!(size(1), "1KB");
        assert_eq!(size(419_430), "0.4MB");
    }

    #[test]
    fn the_light_turns_before_the_day_comes() {
        let color = |used, left| Pressing { used, left }.light()["color"].clone();
        assert_eq!(color(2, 3), "green");
        assert_eq!(color(4, 1), "yellow");
        assert_eq!(color(16, 4), "yellow");
        assert_eq!(color(6, -1), "red");
    }
}
