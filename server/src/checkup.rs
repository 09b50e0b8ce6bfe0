//! The operator's self-check in plain sentences: what is right, what is not, and the fix. `tongban check` prints it;
//! the page `/ops` still has words of its own.

use crate::app::App;
use crate::calendar;
use crate::error::Fault;
use crate::store::cases::NEVER;
use crate::store::{self, Engine, jobs, watch};

/// A timer that waits longer than this is late.
const TIMERS_LATE_MS: i64 = 600_000;

/// Whether the clocks of cases are looked at in time.
async fn clocks(app: &App) -> Result<Line, Fault> {
    let now = app.clock.now();
    let (late, parked) = watch::timers_due(&mut app.db.read().await?, now - TIMERS_LATE_MS).await?;
    Ok(line(
        late == 0 && parked == 0,
        match (late, parked) {
            (0, 0) => "时限检查：没有拖延的，没有搁置的。".into(),
            (late, 0) => {
                format!("时限检查：{late}个办件到时未查，请确认后台任务在运行（没有用 --no-jobs）。")
            }
            (_, parked) => {
                format!("时限检查：{parked}个办件连续失败后被搁置，请查看日志里的原因，改正后重新投入。")
            }
        },
    ))
}

/// One sentence.
#[derive(Debug, Clone)]
pub struct Line {
    /// Whether all is well.
    pub good: bool,
    /// Whether it asks for something before long, though all is well.
    pub soon: bool,
    /// The sentence, with the fix when it is not.
    pub text: String,
}

fn line(good: bool, text: String) -> Line {
    Line { good, soon: false, text }
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
    lines.push(clocks(app).await?);
    let (waiting, parked) = jobs::backlog(&mut app.db.read().await?).await?;
    lines.push(line(
        parked == 0,
        match parked {
            0 => format!("后台任务：{waiting}个在等待，没有搁置的。"),
            n => format!("后台任务：{n}个连续失败后被搁置，请查看日志里的原因，改正后重新投入。"),
        },
    ));
    let outlook = calendar::outlook(&app.catalogue().calendar, app.today());
    lines.push(Line { soon: outlook.color == "yellow", ..line(outlook.color != "red", outlook.sentence) });
    lines.push(match deadlines(app).await {
        Ok(line) => line,
        Err(fault) => line(false, format!("在办件的最迟日期没有核对完，有办件读不出来：{fault}")),
    });
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

/// Most open cases whose deadline is recomputed, and how many are read at once.
const MOST_CASES: usize = 200_000;
const AT_ONCE: usize = 500;

/// Recomputes the deadline that stands beside every open case: the ledger is the truth, `due_at` only an index.
async fn deadlines(app: &App) -> Result<Line, Fault> {
    let catalogue = app.catalogue();
    let mut conn = app.db.read().await?;
    let (mut after, mut seen, mut differ) = (0, 0, 0);
    while seen < MOST_CASES {
        let open = store::calendar::open_cases(&mut conn, after, AT_ONCE).await?;
        let Some(last) = open.last() else { break };
        after = last.case.id.get();
        seen += open.len();
        for stored in &open {
            let due = catalogue.pressing(&stored.case).map_or(NEVER, |due| due.at());
            differ += usize::from(due != stored.due_at);
        }
    }
    let pending = store::calendar::is_pending(&mut conn).await?;
    let bound = if seen >= MOST_CASES { format!("（只看了前{MOST_CASES}件）") } else { String::new() };
    Ok(match (differ, pending) {
        (0, _) => line(true, format!("在办的{seen}件{bound}，最迟日期与台账推算一致。")),
        (n, true) => Line {
            soon: true,
            ..line(true, format!("工作日历刚修订，在办的{seen}件{bound}里还有{n}件的最迟日期正在重新推算。"))
        },
        (n, false) => line(
            false,
            format!(
                "在办的{seen}件{bound}里有{n}件的最迟日期与台账推算不同：请重新启动程序，它会重新推算；仍不同的，请查看日志。"
            ),
        ),
    })
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
