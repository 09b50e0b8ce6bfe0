//! Acts and cases per second over HTTP, beside the bare limit of the same engine in the same run.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use crate::engine::{Engine, Work};
use crate::http::Client;
use crate::life::{Kind, Life, Plan};
use crate::options::Options;
use crate::report::{Column, percentile, publish};
use crate::template::Template;
use crate::{Outcome, bare, machine};

/// One act that was acknowledged.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    kind: Kind,
    /// When the answer came, microseconds after the clients began.
    pub at_us: u64,
    /// How long it took.
    pub took_us: u32,
}

/// What clients saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Acts that were acknowledged.
    pub samples: Vec<Sample>,
    /// How often the program said that it was busy.
    pub busy: u64,
    /// Everything else.
    pub errors: Vec<String>,
}

/// What stood at one end of the measure.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub server_us: u64,
    pub database_us: u64,
    pub own_us: u64,
    pub machine_us: u64,
    pub batches: Option<u64>,
}

/// The normal load, until it is told to stop.
#[derive(Debug)]
pub struct Clients {
    /// When they began.
    pub began: Instant,
    stop: Arc<AtomicBool>,
    running: Vec<tokio::task::JoinHandle<Seen>>,
}

impl Clients {
    /// Starts them.
    pub fn start(plan: &Arc<Plan>, address: SocketAddr, clients: usize) -> Self {
        let (began, stop) = (Instant::now(), Arc::new(AtomicBool::new(false)));
        let client = |n| tokio::spawn(drive(Arc::clone(plan), address, n, began, Arc::clone(&stop)));
        Self { began, running: (0..clients).map(client).collect(), stop }
    }

    /// Lets them finish what they asked last; gives what all of them saw.
    pub async fn stop(self) -> Outcome<Seen> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Seen::default();
        for client in self.running {
            let seen = client.await.map_err(|e| e.to_string())?;
            all.samples.extend(seen.samples);
            all.errors.extend(seen.errors);
            all.busy += seen.busy;
        }
        for error in all.errors.iter().take(3) {
            eprintln!("failed: {error}");
        }
        Ok(all)
    }
}

/// Measures every engine asked for; false when an act failed.
pub async fn run(options: &Options) -> Outcome<bool> {
    let work = Work::open(options)?;
    let mut columns = Vec::new();
    let mut notes = Vec::new();
    let mut clean = true;
    for mut engine in Engine::all(options, &work.path).await? {
        eprintln!("load on {} …", engine.name);
        let measured = one(options, &mut engine).await;
        engine.close().await?;
        let (column, note, fine) = measured?;
        columns.push(column);
        notes = vec![note];
        clean &= fine;
    }
    publish(options, &notes, &columns)?;
    Ok(clean)
}

async fn one(options: &Options, engine: &mut Engine) -> Outcome<(Column, String, bool)> {
    let mut column = Column::new(engine.name);
    let place = engine.place().await?;
    let server = place.start(false).await?;
    let plan = Arc::new(Plan::make(server.address, &options.item, options.sessions).await?);
    let note = format!(
        "{} clients, {} sessions per account, {} s after {} s; item {} {}, filed {}, {} acts from submission to decision",
        options.clients,
        options.sessions,
        options.seconds,
        options.warm_up,
        plan.item,
        plan.name,
        if plan.at_window { "by the clerk at the window" } else { "by the citizen online" },
        plan.acts.len(),
    );
    column.put("engine", engine.durability(&place).await?);
    column.put("load average before", machine::load_average());
    let clients = Clients::start(&plan, server.address, options.clients);
    let from = clients.began + Duration::from_secs(options.warm_up);
    let until = from + Duration::from_secs(options.seconds);
    tokio::time::sleep_until(from.into()).await;
    let first = mark(engine, server.pid, &server).await;
    tokio::time::sleep_until(until.into()).await;
    let last = mark(engine, server.pid, &server).await;
    let mut all = clients.stop().await?;
    let window = options.warm_up * 1_000_000..(options.warm_up + options.seconds) * 1_000_000;
    all.samples.retain(|s| window.contains(&s.at_us));
    let rate = figures(&mut column, &all, first, last, options.seconds);
    column.put("load average after", machine::load_average());
    column.put("first start until ready, s", format!("{:.2}", server.ready_after.as_secs_f64()));
    column.put("server's peak memory, MiB", machine::peak_mib(server.pid));
    server.stop().await?;
    limit(options, engine, &place, &plan, rate, &mut column).await?;
    Ok((column, note, all.errors.is_empty()))
}

/// The bare limit twice: with the writer's reads, and with its writes alone.
async fn limit(
    options: &Options,
    engine: &mut Engine,
    finished: &crate::server::Setup,
    plan: &Plan,
    rate: f64,
    column: &mut Column,
) -> Outcome<()> {
    let mut db = engine.connect(finished, true).await?;
    let template = Template::read(&mut db, &plan.item, plan.acts.len()).await?;
    db.close().await?;
    for (reads, label) in [(true, "same statements"), (false, "writes alone")] {
        eprintln!("bare limit on {}, {label} …", engine.name);
        let place = engine.place().await?;
        // The program makes its own tables.
        place.start(false).await?.stop().await?;
        let mut db = engine.connect(&place, false).await?;
        let (own, database) = (machine::own_cpu_us(), engine.database_cpu_us());
        let bare = bare::run(&mut db, &template, reads, Duration::from_secs(options.bare_seconds)).await?;
        let cpu = (machine::own_cpu_us() - own) + (engine.database_cpu_us() - database);
        db.close().await?;
        column.put(format!("bare limit, {label}: acts/s"), format!("{:.0}", bare.rate));
        column.put(
            format!("bare limit, {label}: CPU per act, µs"),
            format!("{:.0}", cpu as f64 / bare.all_acts.max(1) as f64),
        );
        column.put(format!("application / bare, {label}"), format!("{:.2}", rate / bare.rate.max(1.0)));
    }
    column.put("load average after the bare loops", machine::load_average());
    Ok(())
}

/// What stands now.
pub async fn mark(engine: &Engine, pid: u32, server: &crate::server::Server) -> Mark {
    let batches = server.health().await.and_then(|h| h.batches);
    Mark {
        server_us: machine::cpu_us(pid),
        database_us: engine.database_cpu_us(),
        own_us: machine::own_cpu_us(),
        machine_us: machine::busy_us(),
        batches,
    }
}

async fn drive(
    plan: Arc<Plan>,
    address: SocketAddr,
    client: usize,
    began: Instant,
    stop: Arc<AtomicBool>,
) -> Seen {
    let mut connection = Client::new(address);
    let mut seen = Seen::default();
    let mut life = Life::new(&plan, client);
    while !stop.load(Ordering::Relaxed) && seen.errors.len() < 10 {
        let Some(kind) = life.next() else {
            life = Life::new(&plan, client);
            continue;
        };
        let request = life.request();
        let asked = Instant::now();
        let outcome = match connection.send(&request).await {
            Ok(answer) if answer.status == 503 => {
                seen.busy += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            Ok(answer) => life.answered(&answer),
            Err(error) => Err(format!("{}: {error}", kind.word())),
        };
        match outcome {
            Ok(()) => {
                let at_us = began.elapsed().as_micros() as u64;
                seen.samples.push(Sample { kind, at_us, took_us: asked.elapsed().as_micros() as u32 });
            }
            Err(error) => {
                seen.errors.push(error);
                life = Life::new(&plan, client);
            }
        }
    }
    seen
}

/// Drives this many cases to their decision, side by side; for a backlog of duties.
pub async fn decide_cases(plan: &Arc<Plan>, address: SocketAddr, clients: usize, cases: u64) -> Outcome<()> {
    let left = Arc::new(AtomicI64::new(cases as i64));
    let work = |client: usize| {
        let (plan, left) = (Arc::clone(plan), Arc::clone(&left));
        async move {
            let mut connection = Client::new(address);
            while left.fetch_sub(1, Ordering::Relaxed) > 0 {
                let mut life = Life::new(&plan, client);
                while life.next().is_some() {
                    let answer = connection.send(&life.request()).await.map_err(|e| e.to_string())?;
                    life.answered(&answer)?;
                }
            }
            Ok::<(), String>(())
        }
    };
    let running: Vec<_> = (0..clients).map(|client| tokio::spawn(work(client))).collect();
    for client in running {
        client.await.map_err(|e| e.to_string())??;
    }
    Ok(())
}

fn figures(column: &mut Column, seen: &Seen, first: Mark, last: Mark, seconds: u64) -> f64 {
    let acts = seen.samples.len();
    let rate = acts as f64 / seconds as f64;
    let decided = seen.samples.iter().filter(|s| s.kind == Kind::Grant).count();
    let per_act = |us: u64| format!("{:.0}", us as f64 / acts.max(1) as f64);
    let milliseconds = |us: u32| format!("{:.1}", f64::from(us) / 1000.0);
    let sorted = |kind: Option<Kind>| {
        let chosen = seen.samples.iter().filter(|s| kind.is_none_or(|k| s.kind == k));
        let mut took: Vec<u32> = chosen.map(|s| s.took_us).collect();
        took.sort_unstable();
        took
    };
    let (server, database, own) =
        (last.server_us - first.server_us, last.database_us - first.database_us, last.own_us - first.own_us);
    let all = sorted(None);
    column.put("acts/s", format!("{rate:.0}"));
    column.put("cases/s to decision", format!("{:.1}", decided as f64 / seconds as f64));
    column.put("p50 per act, ms", milliseconds(percentile(&all, 0.5)));
    column.put("p99 per act, ms", milliseconds(percentile(&all, 0.99)));
    column.put("server's CPU per act, µs", per_act(server));
    if last.database_us > 0 {
        column.put("PostgreSQL's CPU per act, µs", per_act(database));
    }
    column.put("load generator's CPU per act, µs", per_act(own));
    let others = (last.machine_us - first.machine_us).saturating_sub(server + database + own);
    let capacity = seconds as f64 * 1e6 * machine::cores() as f64;
    column.put("CPU taken by others, % of all cores", format!("{:.0}", 100.0 * others as f64 / capacity));
    let batches = first.batches.zip(last.batches).map(|(a, b)| b - a).filter(|b| *b > 0);
    column.put("acts per batch", batches.map_or("—".into(), |b| format!("{:.1}", acts as f64 / b as f64)));
    for kind in Kind::ALL {
        let took = sorted(Some(kind));
        let both =
            format!("{} / {}", milliseconds(percentile(&took, 0.5)), milliseconds(percentile(&took, 0.99)));
        column.put(format!("{}: p50 / p99, ms", kind.word()), both);
    }
    column.put("acts measured", acts);
    column.put("answered 503 / failed", format!("{} / {}", seen.busy, seen.errors.len()));
    rate
}
