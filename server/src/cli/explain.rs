//! How the deadlines of a case are reckoned, on the command line: the explanation that pages, API and documents give.

use std::process::ExitCode;

use clap::Args;
use tongban_domain::case::{explain, staff_words};
use tongban_domain::ids::CaseNo;
use tongban_domain::permit::Scope;

use super::Place;
use crate::app::App;
use crate::clock::{Chance, Clock};
use crate::error::Fault;
use crate::store::cases;

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// 办件查询号 / public number of the case
    no: String,
    #[command(flatten)]
    place: Place,
}

pub(super) async fn run(asked: Explain) -> Result<ExitCode, Fault> {
    let no = CaseNo::parse(&asked.no).map_err(|e| Fault::plain(e.to_string()))?;
    let app = App::open(asked.place.config(), Clock::System, Chance::System).await?;
    let found = cases::find(&mut app.db.read().await?, &Scope::Everything, &no).await?;
    let Some(stored) = found else {
        app.db.close().await;
        return Err(Fault::plain(format!("没有办件 {no}，请核对编号和 --data")));
    };
    let catalogue = app.catalogue();
    let case = &stored.case;
    println!("{}　{}", case.no.grouped(), staff_words(case.state.name()));
    match catalogue.regime_of(case) {
        Some(regime) => {
            for step in explain(&case.ledger, regime, &catalogue.calendar) {
                let provisional = if step.provisional { "（暂定）" } else { "" };
                println!("{}{provisional}　{}　{}　[{}]", step.date, step.text, step.article, step.source);
                if !step.skipped.is_empty() {
                    println!("　　　　　　不计：{}", step.skipped_words());
                }
            }
        }
        None => println!("时限制度“{}”不在数据里", case.ledger.regime),
    }
    app.db.close().await;
    Ok(ExitCode::SUCCESS)
}
