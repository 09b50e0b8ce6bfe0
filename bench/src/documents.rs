//! Rendering and sealing apart from the acts: how fast a backlog of documents is worked off.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::{Engine, Work};
use crate::life::Plan;
use crate::options::Options;
use crate::report::{Column, publish};
use crate::{Outcome, load, machine};

const WAITING: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM jobs WHERE parked=0";
const PARKED: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM jobs WHERE parked<>0";
const SEALED: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM seals";

/// Measures every engine asked for; false when the backlog was not emptied.
pub async fn run(options: &Options) -> Outcome<bool> {
    let work = Work::open(options)?;
    let mut columns = Vec::new();
    let mut clean = true;
    for mut engine in Engine::all(options, &work.path).await? {
        eprintln!("documents on {} …", engine.name);
        let mut column = Column::new(engine.name);
        let measured = one(options, &mut engine, &mut column).await;
        engine.close().await?;
        clean &= measured?;
        columns.push(column);
    }
    let note = format!(
        "backlog of {} decided cases of item {}; duties off while it is made, on while it is worked off",
        options.cases, options.item
    );
    publish(options, &[note], &columns)?;
    Ok(clean)
}

async fn one(options: &Options, engine: &mut Engine, column: &mut Column) -> Outcome<bool> {
    let place = engine.place().await?;
    let server = place.start(false).await?;
    let clients = options.clients.min(32);
    let plan = Arc::new(Plan::make(server.address, &options.item, clients).await?);
    load::decide_cases(&plan, server.address, clients, options.cases).await?;
    server.stop().await?;
    column.put("engine", engine.durability(&place).await?);
    column.put("load average before", machine::load_average());
    let mut db = engine.connect(&place, true).await?;
    let (backlog, before) = (db.number(WAITING).await?, db.number(SEALED).await?);
    let server = place.start(true).await?;
    let began = Instant::now();
    let early = db.number(SEALED).await?;
    let cpu = machine::cpu_us(server.pid);
    let mut left = db.number(WAITING).await?;
    while left > 0 && began.elapsed() < options.limit {
        tokio::time::sleep(Duration::from_millis(200)).await;
        left = db.number(WAITING).await?;
    }
    let took = began.elapsed().as_secs_f64();
    let sealed = db.number(SEALED).await?;
    let parked = db.number(PARKED).await?;
    let made = (sealed - early).max(0);
    column.put("documents waiting", backlog);
    column.put("documents made", sealed - before);
    column.put("documents/s", format!("{:.1}", made as f64 / took));
    column.put(
        "time to empty, s",
        if left == 0 { format!("{took:.1}") } else { format!("more than {took:.0}") },
    );
    let cpu = machine::cpu_us(server.pid) - cpu;
    column.put("server's CPU per document, ms", format!("{:.1}", cpu as f64 / 1000.0 / made.max(1) as f64));
    column.put("server's peak memory, MiB", machine::peak_mib(server.pid));
    column.put("left / parked", format!("{left} / {parked}"));
    column.put("load average after", machine::load_average());
    db.close().await?;
    server.stop().await?;
    Ok(left == 0 && parked == 0)
}
