//! The command line: serve, verify, and what an operator needs besides.

mod admin;
mod calendar;
mod explain;
mod outside;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app::App;
use crate::clock::{Chance, Clock};
use crate::config::Config;
use crate::error::Fault;
use crate::{checkup, seed, serve, verify};

#[derive(Debug, Parser)]
#[command(
    name = "tongban",
    version,
    about = "通办：行政审批平台 / an open platform for administrative approval"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 启动平台 / start the platform
    Serve(Serve),
    /// 核验全部办件记录、文书和附件 / check every record, document and file
    Verify(Place),
    /// 建立管理员账号，密码从标准输入读取 / make an administrator, password from standard input
    Admin(Admin),
    /// 自检：数据库、持久化设置、后台任务、日历、邮件和短信 / self-check in plain sentences
    Check(Check),
    /// 工作日历：查看、导入全年安排、改一天 / the working calendar: show, import, set a day
    Calendar(calendar::Calendar),
    /// 一个办件的期限怎样算出来 / how the deadlines of a case are reckoned
    Explain(explain::Explain),
}

#[derive(Debug, Args)]
struct Place {
    /// 数据目录 / data folder
    #[arg(long, default_value = "tongban-data", env = "TONGBAN_DATA")]
    data: PathBuf,
    /// PostgreSQL 连接串，不给则用内置数据库 / PostgreSQL instead of the embedded file
    #[arg(long, env = "TONGBAN_DATABASE_URL")]
    database_url: Option<String>,
    /// 签章密钥口令 / passphrase of the seal
    #[arg(long, env = "TONGBAN_KEY_PASSPHRASE", hide_env_values = true)]
    passphrase: Option<String>,
}

#[derive(Debug, Args)]
struct Check {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    outside: outside::Outside,
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    outside: outside::Outside,
    /// 监听地址 / address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// 演示模式：演示账号和样本办件 / demo accounts and sample cases
    #[arg(long)]
    demo: bool,
    /// 对外网址，印在二维码里 / public address, printed in QR codes
    #[arg(long, env = "TONGBAN_BASE_URL")]
    base_url: Option<String>,
    /// 字体目录 / folder with fonts
    #[arg(long)]
    fonts: Vec<PathBuf>,
    /// 节点号，0到1023，同一数据库上的各进程不同 / node number
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..1024))]
    node: u16,
    /// 替换内置模板的目录 / folder with templates that replace the built-in ones
    #[arg(long, env = "TONGBAN_TEMPLATES")]
    templates: Option<PathBuf>,
    /// 等待办理的最大数量 / most acts waiting
    #[arg(long, default_value_t = 1024)]
    queue: usize,
    /// 本平台服务的地区，12位区划代码；未选地区的访客看到它的事项 / the place this installation serves
    #[arg(long, env = "TONGBAN_DIVISION")]
    division: Option<String>,
    /// 本进程不办后台任务（文书签章、发送消息），由别的节点办 / leave duties to other nodes
    #[arg(long)]
    no_jobs: bool,
}

#[derive(Debug, Args)]
struct Admin {
    #[command(flatten)]
    place: Place,
    /// 登录名 / sign-in name
    #[arg(long)]
    name: String,
    /// 姓名 / name shown
    #[arg(long)]
    display: String,
    /// 机关所在区划，12位 / division of the agency
    #[arg(long)]
    division: String,
    /// 机关 / organ, without place name
    #[arg(long, default_value = "行政审批局")]
    organ: String,
}

impl Place {
    fn config(self) -> Config {
        Config { database_url: self.database_url, passphrase: self.passphrase, ..Config::new(self.data) }
    }
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info,sqlx=warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(cli.command)) {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: Command) -> Result<ExitCode, Fault> {
    match command {
        Command::Serve(options) => start(options).await,
        Command::Verify(place) => verify_all(place).await,
        Command::Check(options) => check(options).await,
        Command::Admin(options) => admin::make(options).await,
        Command::Calendar(asked) => calendar::run(asked).await,
        Command::Explain(asked) => explain::run(asked).await,
    }
}

async fn start(options: Serve) -> Result<ExitCode, Fault> {
    let base_url = options.base_url.unwrap_or_else(|| format!("http://{}", options.listen));
    let mut config = Config {
        listen: options.listen,
        demo: options.demo,
        base_url: base_url.trim_end_matches('/').to_owned(),
        fonts: options.fonts,
        node: options.node,
        templates: options.templates,
        queue: options.queue.max(1),
        division: options.division.or_else(|| options.demo.then(|| seed::CHANGAN.to_owned())),
        jobs: !options.no_jobs,
        ..options.place.config()
    };
    options.outside.configure(&mut config)?;
    let app = App::open(config, Clock::System, Chance::System).await?;
    if app.config.demo {
        seed::demo(&app).await?;
    }
    let demo = app.config.demo;
    serve::serve(app, move |address| {
        println!("通办已启动 / ready: http://{address}");
        if demo {
            println!("演示账号 / demo accounts (password {}):", seed::PASSWORD);
            for (name, what) in seed::account_list() {
                println!("  {name:<16}{what}");
            }
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

async fn verify_all(place: Place) -> Result<ExitCode, Fault> {
    let config = place.config();
    if config.database_url.is_none() && !config.sqlite_path().exists() {
        return Err(Fault::plain(format!(
            "没有找到数据库 {}，请用 --data 指定数据目录",
            config.sqlite_path().display()
        )));
    }
    let app = App::open(config, Clock::System, Chance::System).await?;
    let report = verify::verify(&app).await?;
    for problem in &report.problems {
        println!("{problem}");
    }
    println!(
        "cases {} events {} texts {} documents {} attachments {} problems {}",
        report.cases,
        report.events,
        report.texts,
        report.documents,
        report.attachments,
        report.problems.len()
    );
    app.db.close().await;
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn check(options: Check) -> Result<ExitCode, Fault> {
    let mut config = options.place.config();
    options.outside.configure(&mut config)?;
    let app = App::open(config, Clock::System, Chance::System).await?;
    let mut good = true;
    for line in checkup::checkup(&app).await? {
        good &= line.good;
        let mark = match (line.good, line.soon) {
            (false, _) => "✗",
            (true, true) => "!",
            (true, false) => "✓",
        };
        println!("{mark} {}", line.text);
    }
    app.db.close().await;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
