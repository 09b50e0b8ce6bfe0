//! The daily pass of the clocks in a house full of open cases: how long it takes, and what people's acts wait meanwhile,
//! beside what they waited just before it in the same run.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::database::Value;
use crate::engine::{Engine, Work};
use crate::fill::{self, FIRST, House};
use crate::http::Client;
use crate::life::{Kind, Life, Plan};
use crate::load::{Clients, Mark, Seen, mark};
use crate::options::Options;
use crate::report::{Column, percentile, publish};
use crate::{Outcome, machine};

/// Cases brought to each state over HTTP: so many different parties and answers are read by the looks of a batch.
const TEMPLATES: usize = 64;
/// What the program may take to start on the full house; quiet begins later when it takes more.
const START: Duration = Duration::from_secs(10);

const LEFT: &str = "SELECT case_id FROM timers WHERE parked=0 AND run_at<=$1 LIMIT 1";
const LOOKED: &str = "SELECT case_id FROM marks WHERE case_id>=$1 AND case_id<$2 LIMIT 1";
const RAISED: &str = "SELECT CAST(COUNT(*) AS BIGINT), CAST(MIN(raised_at) AS BIGINT) FROM marks WHERE case_id>=$1 AND case_id<$2";
const SILENT: &str =
    "SELECT CAST(COUNT(*) AS BIGINT) FROM events WHERE case_id>=$1 AND case_id<$2 AND kind='accepted'";
const PARKED: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM timers WHERE parked<>0";
const SEALING: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM jobs WHERE parked=0";

/// Measures every engine asked for; false when an act failed or the pass did not end.
pub async fn run(options: &Options) -> Outcome<bool> {
    let work = Work::open(options)?;
    let house = House { cases: options.cases as i64, marks: options.marks as i64, ends: options.ends as i64 };
    let mut columns = Vec::new();
    let mut clean = true;
    for mut engine in Engine::all(options, &work.path).await? {
        let mut column = Column::new(engine.name);
        let measured = one(options, house, &mut engine, &mut column).await;
        engine.close().await?;
        clean &= measured?;
        columns.push(column);
    }
    let notes = [
        format!(
            "{} open cases of item {}: the promise of {} has ended (one mark each), silence accepts {} of item {} (two marks and a notice each), all at one moment",
            house.cases, options.item, house.marks, house.ends, options.ends_item
        ),
        format!("{} clients, quiet for {} s after {} s", options.clients, options.seconds, options.warm_up),
        "duties are on: sealing what the clients' acts and silence leave competes for the cores before and during the pass"
            .to_owned(),
        "target: the pass ends within minutes, and p99 during it is not more than a few times the quiet figure"
            .to_owned(),
    ];
    publish(options, &notes, &columns)?;
    Ok(clean)
}

/// The figures at the three ends: quiet begins, it ends, the pass begins and ends.
struct Marks {
    quiet: [Mark; 2],
    pass: [Mark; 2],
}

async fn one(options: &Options, house: House, engine: &mut Engine, column: &mut Column) -> Outcome<bool> {
    eprintln!("watch on {}: filling …", engine.name);
    let place = engine.place().await?;
    let server = place.start(false).await?;
    let plan = Arc::new(Plan::make(server.address, &options.item, options.sessions).await?);
    let reviewing = bring(&plan, server.address, Kind::Assign).await?;
    let silent = Arc::new(Plan::make(server.address, &options.ends_item, 1).await?);
    let received = bring(&silent, server.address, Kind::Receive).await?;
    server.stop().await?;
    let filling = Instant::now();
    let mut db = engine.connect(&place, false).await?;
    let sqlite = place.database_url.is_none();
    // Nothing is measured yet, and a power cut would only end the measure.
    db.script(if sqlite {
        "PRAGMA synchronous=OFF; PRAGMA cache_size=-256000"
    } else {
        "SET synchronous_commit=off"
    })
    .await?;
    fill::multiply(&mut db, house, &reviewing, &received).await?;
    let filled = filling.elapsed();
    let lead = START + Duration::from_secs(options.warm_up + options.seconds);
    for tidy in
        if sqlite { &["PRAGMA wal_checkpoint(TRUNCATE)"][..] } else { &["VACUUM ANALYZE", "CHECKPOINT"][..] }
    {
        db.script(tidy).await?;
    }
    let moment = now_ms() + lead.as_millis() as i64;
    let due = fill::come_due(&mut db, moment).await?;
    db.close().await?;
    column.put("engine", engine.durability(&place).await?);
    column.put("open cases / due at one moment", format!("{} / {due}", house.cases));
    column.put("filling, s", format!("{:.0}", filled.as_secs_f64()));
    column.put("load average before", machine::load_average());

    let server = place.start(true).await?;
    column.put("start until ready, s", format!("{:.1}", server.ready_after.as_secs_f64()));
    let mut db = engine.connect(&place, true).await?;
    eprintln!("watch on {}: quiet …", engine.name);
    let clients = Clients::start(&plan, server.address, options.clients);
    let began_ms = now_ms() - clients.began.elapsed().as_millis() as i64;
    tokio::time::sleep(Duration::from_secs(options.warm_up)).await;
    let first = mark(engine, server.pid, &server).await;
    let quiet_from = clients.began.elapsed().as_micros() as u64;
    let left = (moment - now_ms()).max(0) as u64;
    if left < options.seconds * 500 {
        return Err(
            "the program took too long to start: nothing quiet is left; ask for more --seconds".into()
        );
    }
    tokio::time::sleep(Duration::from_millis(left)).await;
    let second = mark(engine, server.pid, &server).await;
    let quiet = quiet_from..clients.began.elapsed().as_micros() as u64;
    let sealing = db.number(SEALING).await?;
    eprintln!("watch on {}: the pass …", engine.name);
    let range = || vec![Value::Int(FIRST), Value::Int(FIRST + house.cases)];
    let limit = Instant::now() + options.limit;
    while db.rows(LOOKED, range()).await?.is_empty() && Instant::now() < limit {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let third = mark(engine, server.pid, &server).await;
    while !db.rows(LEFT, vec![Value::Int(moment)]).await?.is_empty() && Instant::now() < limit {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let fourth = mark(engine, server.pid, &server).await;
    let ended = clients.began.elapsed().as_micros() as u64;
    let seen = clients.stop().await?;
    let ended_well = db.rows(LEFT, vec![Value::Int(moment)]).await?.is_empty();
    let raised = db.rows(RAISED, range()).await?.pop().unwrap_or_default();
    let started_ms = raised.get(1).map_or(0, Value::int).max(moment);
    let pass = (started_ms - began_ms).max(0) as u64 * 1000..ended;
    column.put("from the moment to the first look, s", seconds((started_ms - moment) as u64 * 1000));
    let took = pass.end.saturating_sub(pass.start);
    let more = if ended_well { "" } else { "more than " };
    column.put("the pass, s", format!("{more}{}", seconds(took)));
    column.put("cases looked at per second", format!("{:.0}", due as f64 * 1e6 / took.max(1) as f64));
    let marks = Marks { quiet: [first, second], pass: [third, fourth] };
    figures(column, &seen, [quiet, pass], &marks);
    let parked = db.number(PARKED).await?;
    let silent = db.rows(SILENT, range()).await?.first().map_or(0, |r| r[0].int());
    column.put("marks raised / accepted by silence", format!("{} / {silent}", raised[0].int()));
    column.put("looks that were parked", parked);
    let after = db.number(SEALING).await?;
    column.put("duties waiting when the pass began / ended", format!("{sealing} / {after}"));
    column.put("server's peak memory, MiB", machine::peak_mib(server.pid));
    column.put("load average after", machine::load_average());
    db.close().await?;
    server.stop().await?;
    Ok(ended_well && parked == 0 && seen.errors.is_empty())
}

/// Brings cases up to this act, the last one included; gives their references.
async fn bring(plan: &Arc<Plan>, address: std::net::SocketAddr, last: Kind) -> Outcome<Vec<String>> {
    let mut client = Client::new(address);
    let mut nos = Vec::with_capacity(TEMPLATES);
    for n in 0..TEMPLATES {
        let mut life = Life::new(plan, n);
        while let Some(kind) = life.next() {
            let answer = client.send(&life.request()).await.map_err(|e| e.to_string())?;
            life.answered(&answer)?;
            if kind == last {
                break;
            }
        }
        nos.push(life.no);
    }
    Ok(nos)
}

fn figures(column: &mut Column, seen: &Seen, windows: [Range<u64>; 2], marks: &Marks) {
    let mut p99 = [0; 2];
    let parts = [("quiet", marks.quiet), ("during the pass", marks.pass)];
    for (n, (name, [from, to])) in parts.into_iter().enumerate() {
        let window = &windows[n];
        let inside = seen.samples.iter().filter(|s| window.contains(&s.at_us));
        let mut took: Vec<u32> = inside.map(|s| s.took_us).collect();
        took.sort_unstable();
        p99[n] = percentile(&took, 0.99);
        let acts = took.len().max(1) as f64;
        let length = (window.end.saturating_sub(window.start)).max(1) as f64;
        let ms = |share| format!("{:.1}", f64::from(percentile(&took, share)) / 1000.0);
        column.put(format!("{name}: acts/s"), format!("{:.0}", took.len() as f64 * 1e6 / length));
        column.put(
            format!("{name}: p50 / p99 / longest per act, ms"),
            format!("{} / {} / {}", ms(0.5), ms(0.99), ms(1.0)),
        );
        let (server, database, own) =
            (to.server_us - from.server_us, to.database_us - from.database_us, to.own_us - from.own_us);
        column.put(
            format!("{name}: server's / PostgreSQL's CPU per act, µs"),
            format!("{:.0} / {:.0}", server as f64 / acts, database as f64 / acts),
        );
        let others = (to.machine_us - from.machine_us).saturating_sub(server + database + own);
        let capacity = length * machine::cores() as f64;
        column.put(
            format!("{name}: CPU taken by others, % of all cores"),
            format!("{:.0}", 100.0 * others as f64 / capacity),
        );
        if let (Some(a), Some(b)) = (from.batches, to.batches) {
            column.put(format!("{name}: batches/s"), format!("{:.0}", (b - a) as f64 * 1e6 / length));
        }
    }
    column.put("p99 during / quiet", format!("{:.1}", f64::from(p99[1]) / f64::from(p99[0].max(1))));
    column.put("acts measured", seen.samples.len());
    column.put("answered 503 / failed", format!("{} / {}", seen.busy, seen.errors.len()));
}

fn seconds(us: u64) -> String {
    format!("{:.1}", us as f64 / 1e6)
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64)
}
