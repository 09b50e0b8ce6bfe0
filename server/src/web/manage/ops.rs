//! Self-check (平台自检): whether the program is well, in plain sentences with the way out.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use tongban_domain::ids::{CaseNo, Id};

use super::member::Asked;
use super::{Visit, told};
use crate::app::App;
use crate::error::Error;
use crate::store::{Engine, jobs, waits_for_disk};
use crate::web::Form;
use crate::web::words::{self, Light};

/// One finding.
struct Check {
    color: &'static str,
    title: &'static str,
    sentence: String,
    fix: &'static str,
}

impl Check {
    fn good(title: &'static str, sentence: impl Into<String>) -> Self {
        Self { color: "green", title, sentence: sentence.into(), fix: "" }
    }

    fn bad(color: &'static str, title: &'static str, sentence: impl Into<String>, fix: &'static str) -> Self {
        Self { color, title, sentence: sentence.into(), fix }
    }

    fn shown(&self) -> Value {
        let word = match self.color {
            "green" => "正常",
            "yellow" => "注意",
            _ => "要处理",
        };
        json!({"light": Light::new(self.color, word, ""), "title": self.title, "sentence": self.sentence, "fix": self.fix})
    }
}

/// GET /ops
pub async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let app = &visit.app;
    let checks = [
        database(app).await,
        disk(app).await,
        writer(app),
        duties(app).await,
        outside(app),
        calendar(app),
        files(app),
        fonts(app).await,
    ];
    let troubles = checks.iter().filter(|c| c.color != "green").count();
    let overall = match troubles {
        0 => json!({"color": "green", "word": "一切正常", "why": ""}),
        n => {
            let color = if checks.iter().any(|c| c.color == "red") { "red" } else { "yellow" };
            json!({"color": color, "word": format!("有{n}处要处理"), "why": ""})
        }
    };
    let demo = if app.config.demo {
        "演示方式已打开：登录页会列出演示账号，页面上方有样本提示，文书上标明样本。正式使用时，请不带 --demo 启动。"
    } else {
        "演示方式已关闭。"
    };
    let own = json!({
        "overall": overall, "checked_at": format!("{} 检查", words::moment(app.clock.now())),
        "checks": checks.iter().map(Check::shown).collect::<Vec<_>>(), "parked": parked(app).await?, "demo_words": demo,
    });
    visit.page("平台自检").flash("good", told(asked.done())).render("ops/ops.html", own)
}

async fn database(app: &App) -> Check {
    let name = match app.db.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    let backlog = async { jobs::backlog(&mut app.db.read().await?).await };
    match backlog.await {
        Ok(_) => Check::good("数据库", format!("{name} 有应答。")),
        Err(_) => Check::bad(
            "red",
            "数据库",
            format!("{name} 没有应答。"),
            "请检查数据库进程、磁盘空间和网络，再刷新本页。",
        ),
    }
}

/// Asked over the writing connection: that is the one whose commits must wait for the disk.
async fn disk(app: &App) -> Check {
    match app.writer.plain(|conn| Box::pin(waits_for_disk(conn))).await {
        Ok(true) => Check::good("落盘", "每次提交都等数据写到磁盘以后才答复，断电不会丢失已答复的办理。"),
        Ok(false) => Check::bad(
            "red",
            "落盘",
            "提交不等数据写到磁盘就答复，断电可能丢失已答复的办理。",
            "SQLite 请保持 synchronous=FULL；PostgreSQL 请把 synchronous_commit 设为 on。",
        ),
        Err(_) => Check::bad("red", "落盘", "没有查到，写入程序没有应答。", "请先处理“写入”一项。"),
    }
}

fn writer(app: &App) -> Check {
    let (batches, acts) = app.writer.counted();
    if app.writer.is_alive() {
        return Check::good("写入", format!("写入程序在运行，启动以来办理{acts}步，分{batches}批提交。"));
    }
    Check::bad(
        "red",
        "写入",
        "写入程序没有在运行，新的申请和操作都会得到“请稍后再试”。",
        "重新启动 tongban serve；如果再次停止，请查看日志里最后一个故障编号。",
    )
}

async fn duties(app: &App) -> Check {
    let backlog = async { jobs::backlog(&mut app.db.read().await?).await };
    match backlog.await {
        Ok((waiting, 0)) => Check::good("任务", format!("有{waiting}个任务在等，没有停放的任务。")),
        Ok((waiting, parked)) => Check::bad(
            "yellow",
            "任务",
            format!("有{waiting}个任务在等，{parked}个任务失败五次后停放。"),
            "看下面的错误，处理后点“再试一次”。",
        ),
        Err(_) => Check::bad("red", "任务", "没有查到。", "请先处理“数据库”一项。"),
    }
}

fn outside(app: &App) -> Check {
    let [mail, sms] = app.outside.words();
    Check::good("消息", format!("{mail}{sms}"))
}

fn calendar(app: &App) -> Check {
    let outlook = crate::calendar::outlook(&app.catalogue().calendar, app.today());
    let fix = "国务院办公厅公布后，在“工作日历”里导入全年安排。";
    match outlook.color {
        "green" => Check::good("工作日历", outlook.sentence),
        color => Check::bad(color, "工作日历", outlook.sentence, fix),
    }
}

fn files(app: &App) -> Check {
    let probe = app.config.data.join(".write-check");
    match std::fs::write(&probe, b"ok").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Check::good("文件", "数据目录可以写。"),
        Err(error) => Check::bad(
            "red",
            "文件",
            format!("数据目录不能写（{}）。", error.kind()),
            "请检查磁盘剩余空间和目录权限。",
        ),
    }
}

async fn fonts(app: &App) -> Check {
    let fix = "请安装一种中文字体（例如 fonts-noto-cjk），或用 --fonts 指定字体目录，再重新启动。";
    let found = app.clone();
    match tokio::task::spawn_blocking(move || found.typesetter().map(drop)).await {
        Ok(Ok(())) => Check::good("字体", "找到了中文字体，可以生成文书。"),
        _ => Check::bad("red", "字体", "没有找到中文字体，文书不能生成。", fix),
    }
}

async fn parked(app: &App) -> Result<Vec<Value>, Error> {
    let rows = jobs::parked(&mut app.db.read().await?).await?;
    Ok(rows
        .iter()
        .map(|job| {
            let kind = match job.kind.as_str() {
                "seal" => "生成并签章文书",
                "calendar" => "按新日历重新推算期限",
                "mail" => "发送邮件",
                "sms" => "发送短信",
                other => other,
            };
            let no = if job.no.is_empty() { "—" } else { job.no.as_str() };
            let no = CaseNo::parse(no).map_or_else(|_| no.to_owned(), |no| no.grouped());
            json!({
                "id": job.id.to_string(), "kind": kind, "case_no": no,
                "attempts": format!("{}次", job.attempts), "error": job.error,
            })
        })
        .collect())
}

/// POST /ops/jobs/{id}/retry
pub async fn retry(visit: Visit, Path(id): Path<String>, _: Form) -> Result<Response, Error> {
    let id = id.parse::<i64>().map(Id::from).map_err(|_| Error::NotFound("这个任务"))?;
    let now = visit.app.clock.now();
    let queued = visit
        .app
        .writer
        .plain(move |conn| Box::pin(async move { jobs::unpark(conn, id, now).await }))
        .await?;
    if queued == 0 {
        return Err(Error::NotFound("停放的任务"));
    }
    Ok(Redirect::to("/ops?done=retry").into_response())
}
