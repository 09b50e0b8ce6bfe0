//! The operator's self-check in plain sentences: what is right, what is not, and the fix. `tongban check` prints it;
//! the page `/ops` still has words of its own.

use crate::app::App;
use crate::error::Fault;
use crate::store::{Engine, jobs};

/// One sentence.
#[derive(Debug, Clone)]
pub struct Line {
    /// Whether all is well.
    pub good: bool,
    /// The sentence, with the fix when it is not.
    pub text: String,
}

fn line(good: bool, text: String) -> Line {
    Line { good, text }
}

/// Looks at everything an operator should know.
///
/// # Errors
/// When the database cannot be asked at all.
pub async fn checkup(app: &App) -> Result<Vec<Line>, Fault> {
    let mut lines = Vec::new();
    lines.push(durability(app).await?);
    lines.push(line(
        app.writer.is_alive(),
        if app.writer.is_alive() {
            "写入任务在运行。".into()
        } else {
            "写入任务已停止，请重启程序并查看日志。".to_owned()
        },
    ));
    let (waiting, parked) = jobs::backlog(&mut app.db.read().await?).await?;
    lines.push(line(
        parked == 0,
        match parked {
            0 => format!("后台任务：{waiting}个在等待，没有搁置的。"),
            n => format!("后台任务：{n}个连续失败后被搁置，请查看日志里的原因，改正后重新投入。"),
        },
    ));
    let catalogue = app.catalogue();
    let (year, years) = (app.today().year(), catalogue.calendar.years());
    let (first, last) = (years.start(), years.end());
    lines.push(line(
        catalogue.calendar.knows(year),
        if catalogue.calendar.knows(year) {
            format!("工作日历有{first}年到{last}年；{}年的安排公布后请导入，此前的期限标为暂定。", last + 1)
        } else {
            format!("工作日历没有{year}年，期限按周一至周五计算并标为暂定，请尽快导入。")
        },
    ));
    lines.push(match app.typesetter() {
        Ok(_) => line(true, "中文字体可用，文书可以生成。".into()),
        Err(fault) => line(false, format!("文书不能生成：{fault}")),
    });
    lines.extend(ways_out(app).await);
    if app.config.demo {
        lines.push(line(true, "演示模式：演示账号可以登录，请勿用于正式办件。".into()));
    }
    Ok(lines)
}

/// Where messages go; the relay is asked whether it answers, the gateway is not, because asking would cost a message.
async fn ways_out(app: &App) -> [Line; 2] {
    let [mail, sms] = app.outside.words();
    let mail = match app.outside.mail_answers().await {
        Some(false) => line(false, format!("{mail}服务器没有应答，请核对地址、用户名和密码。")),
        Some(true) => line(true, format!("{mail}服务器有应答。")),
        None => line(true, mail),
    };
    [mail, line(true, sms)]
}

/// On SQLite the writer's own connection must say FULL (2); on PostgreSQL synchronous_commit must not be off.
async fn durability(app: &App) -> Result<Line, Fault> {
    let mut conn = app.db.write().await?;
    Ok(match app.db.engine() {
        Engine::Sqlite => {
            let mode = conn.row("PRAGMA synchronous", vec![]).await?.map_or(-1, |r| r.int(0));
            let word = match mode {
                2 => "FULL",
                3 => "EXTRA",
                1 => "NORMAL",
                _ => "OFF",
            };
            line(mode >= 2, format!("内置数据库的写入连接 synchronous={word}，提交即落盘。"))
        }
        Engine::Postgres => {
            let row = conn.row("SELECT CAST(current_setting('synchronous_commit') AS TEXT)", vec![]).await?;
            let mode = row.map(|r| r.text(0).to_owned()).unwrap_or_default();
            let good = mode != "off";
            line(
                good,
                format!(
                    "PostgreSQL synchronous_commit={mode}{}。",
                    if good { "，提交即落盘" } else { "，会丢失已确认的办件，请改为 on" }
                ),
            )
        }
    })
}
