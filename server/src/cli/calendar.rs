//! The working calendar on the command line: the same edit as the page and the API, in the name of the program.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use tongban_domain::ids::Id;
use tongban_domain::item::FieldError;

use super::Place;
use crate::app::App;
use crate::calendar::{self, Change};
use crate::clock::{Chance, Clock};
use crate::error::{Error, Fault};

#[derive(Debug, Args)]
pub(super) struct Calendar {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// 查看一年的放假和调休 / the exceptional days of a year
    Show {
        /// 年 / year
        year: i16,
        #[command(flatten)]
        place: Place,
    },
    /// 导入全年安排，格式与 data/calendar.json 相同 / import whole years
    Import {
        /// 文件 / file
        file: PathBuf,
        /// 文号 / number of the notice
        #[arg(long)]
        document: String,
        #[command(flatten)]
        place: Place,
    },
    /// 改一天 / set one day
    Set {
        /// 日期，如 2027-01-04 / date
        date: String,
        /// 放假、上班，或按星期 / off, work, or as the weekday is
        kind: Kind,
        /// 节日名称；按星期时不写 / name of the holiday
        #[arg(default_value = "")]
        name: String,
        /// 文号 / number of the notice
        #[arg(long)]
        document: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Off,
    Work,
    Plain,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Work => "work",
            Self::Plain => "plain",
        }
    }
}

/// Does what was asked.
///
/// # Errors
/// [`Fault`] in words; nothing has changed then.
pub(super) async fn run(asked: Calendar) -> Result<ExitCode, Fault> {
    match asked.what {
        What::Show { year, place } => show(year, place).await,
        What::Import { file, document, place } => {
            let text = std::fs::read_to_string(&file)
                .map_err(|e| Fault::plain(format!("不能读取 {}：{e}", file.display())))?;
            let change = calendar::years_asked(&text).map_err(|e| told(&e))?;
            edit(place, &document, change).await
        }
        What::Set { date, kind, name, document, place } => {
            let change = calendar::day_asked(&date, kind.word(), &name).map_err(|e| told(&e))?;
            edit(place, &document, change).await
        }
    }
}

fn told(errors: &[FieldError]) -> Fault {
    Fault::plain(errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join("；"))
}

async fn show(year: i16, place: Place) -> Result<ExitCode, Fault> {
    let app = App::open(place.config(), Clock::System, Chance::System).await?;
    let calendar = &app.catalogue().calendar;
    for (date, rule) in calendar.rules_of(year) {
        println!("{date}  {}  {}", if rule.works() { "上班" } else { "放假" }, rule.name());
    }
    let known =
        if calendar.knows(year) { "已公布" } else { "没有导入，涉及它的期限都是暂定" };
    println!("{year}年的放假安排{known}。日历版本 {}。", app.catalogue().calendar_version);
    app.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn edit(place: Place, document: &str, change: Change) -> Result<ExitCode, Fault> {
    let document = calendar::document_asked(document).map_err(|e| told(&[e]))?;
    let app = App::open(place.config(), Clock::System, Chance::System).await?;
    let edited = calendar::edit(&app, Id::from(0), document, change).await;
    app.db.close().await;
    let (version, days) = edited.map_err(|error| match error {
        Error::Invalid(errors) => told(&errors),
        other => Fault::plain(other.to_string()),
    })?;
    println!(
        "已修订，日历版本 {version}，{days}天与以前不同。正在运行的各节点几秒内按新日历办理，并重新推算在办件的期限。"
    );
    Ok(ExitCode::SUCCESS)
}
