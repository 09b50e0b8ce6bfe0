//! Kills under load: whatever was acknowledged must be there afterwards, whatever was not may be asked for again, and
//! `tongban verify` must find nothing. Then: what the writer says of its own durability, and flushes per batch.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::engine::{Engine, Work};
use crate::http::{Client, Request};
use crate::life::{Kind, Life, Plan};
use crate::options::Options;
use crate::report::{Column, publish};
use crate::server::{Server, Setup};
use crate::trace::Trace;
use crate::{Outcome, machine};

/// Length of the run under strace.
const TRACED: Duration = Duration::from_secs(5);

/// An act that was acknowledged: the case, its version after the act, and the event that must stand there; version 0
/// where only the event is known.
#[derive(Debug, Clone)]
struct Promise {
    no: String,
    version: u64,
    event: &'static str,
}

/// What one client leaves behind when the server dies.
#[derive(Debug, Default)]
struct Left {
    promises: Vec<Promise>,
    /// The act without an answer.
    open: Option<Life>,
    errors: Vec<String>,
}

/// What a run found.
#[derive(Debug, Default)]
struct Found {
    rounds: u32,
    postgres_killed: u32,
    acts: usize,
    cases: usize,
    lost: Vec<String>,
    again: usize,
    replayed: usize,
    failed: Vec<String>,
    unverified: Vec<String>,
    slowest: Duration,
}

/// Runs every engine asked for; false when anything acknowledged is missing or anything else is wrong.
pub async fn run(options: &Options) -> Outcome<bool> {
    let work = Work::open(options)?;
    let mut columns = Vec::new();
    let mut clean = true;
    for mut engine in Engine::all(options, &work.path).await? {
        let mut column = Column::new(engine.name);
        let measured = one(options, &mut engine, &mut column).await;
        engine.close().await?;
        clean &= measured?;
        columns.push(column);
    }
    let note = format!(
        "{} clients, kill -9 after 0.2 to 1.5 s, seed {}; duties on in every other round; one data folder for all rounds",
        options.clients, options.seed
    );
    publish(options, &[note], &columns)?;
    Ok(clean)
}

async fn one(options: &Options, engine: &mut Engine, column: &mut Column) -> Outcome<bool> {
    let place = engine.place().await?;
    let server = place.start(true).await?;
    // The sessions live through every kill: a sign-in that was acknowledged is work that must not be lost either.
    let plan =
        Arc::new(Plan::make(server.address, &options.item, options.sessions.min(options.clients)).await?);
    server.stop().await?;
    column.put("engine", engine.durability(&place).await?);
    column.put("load average before", machine::load_average());
    let mut found = Found::default();
    let mut chance = options.seed;
    let mut everything = Vec::new();
    for round in 1..=options.rounds {
        let promises = kill_once(options, engine, &place, &plan, round, &mut chance, &mut found).await;
        let promises = promises.map_err(|e| format!("round {round}: {e}"))?;
        everything.extend(promises);
        eprintln!(
            "{} round {round}/{}: {} acts acknowledged so far, {} lost, {} unclean",
            engine.name,
            options.rounds,
            found.acts,
            found.lost.len(),
            found.unverified.len()
        );
    }
    // Once more, everything from the first round on.
    let server = place.start(false).await?;
    found.cases = check(&plan, server.address, &everything, &mut found.lost).await?;
    // What a round missed is missed again here.
    found.lost.sort_unstable();
    found.lost.dedup();
    let flushed = flushes(engine, &place, &plan, &server, options.clients).await;
    server.stop().await?;
    verify(&place, &mut found).await?;
    figures(column, engine, &found);
    let flushed = match flushed {
        Ok((words, fine)) => {
            column.put("flushes under load", words);
            fine
        }
        Err(error) => {
            column.put("flushes under load", format!("not counted: {error}"));
            false
        }
    };
    let full = told_synchronous(engine, &place, column).await?;
    column.put("load average after", machine::load_average());
    for words in found.lost.iter().chain(&found.failed).chain(&found.unverified).take(10) {
        eprintln!("{words}");
    }
    let nothing_wrong = found.lost.is_empty() && found.failed.is_empty() && found.unverified.is_empty();
    Ok(nothing_wrong && flushed && full)
}

/// Load, kill, restart, ask again what was not answered, look for what was, verify.
async fn kill_once(
    options: &Options,
    engine: &mut Engine,
    place: &Setup,
    plan: &Arc<Plan>,
    round: u32,
    chance: &mut u64,
    found: &mut Found,
) -> Outcome<Vec<Promise>> {
    let server = place.start(round % 2 == 1).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..options.clients)
        .map(|client| tokio::spawn(drive(Arc::clone(plan), server.address, client, Arc::clone(&stop))))
        .collect();
    tokio::time::sleep(Duration::from_millis(200 + next(chance) % 1301)).await;
    if let Some(postgres) = engine.own.as_mut().filter(|_| round % 4 >= 2) {
        postgres.kill().await?;
        found.postgres_killed += 1;
    }
    server.kill().await?;
    stop.store(true, Ordering::Relaxed);
    let mut promises = Vec::new();
    let mut open = Vec::new();
    for client in clients {
        let left = tokio::time::timeout(Duration::from_secs(40), client).await;
        let left = left.map_err(|_| "a client hangs")?.map_err(|e| e.to_string())?;
        promises.extend(left.promises);
        open.extend(left.open);
        found.failed.extend(left.errors.into_iter().map(|e| format!("round {round}: {e}")));
    }
    if let Some(postgres) = engine.own.as_mut().filter(|p| p.pid().is_none()) {
        postgres.start().await?;
    }
    let server = place.start(round % 2 == 1).await?;
    found.slowest = found.slowest.max(server.ready_after);
    ask_again(server.address, open, &mut promises, found).await;
    check(plan, server.address, &promises, &mut found.lost).await?;
    server.stop().await?;
    verify(place, found).await?;
    found.rounds += 1;
    found.acts += promises.len();
    Ok(promises)
}

/// xorshift: moments have to be scattered, not secret, and the seed repeats them.
fn next(chance: &mut u64) -> u64 {
    *chance ^= *chance << 13;
    *chance ^= *chance >> 7;
    *chance ^= *chance << 17;
    *chance >> 16
}

async fn drive(plan: Arc<Plan>, address: SocketAddr, client: usize, stop: Arc<AtomicBool>) -> Left {
    let mut connection = Client::new(address);
    let mut left = Left::default();
    let mut life = Life::new(&plan, client);
    while !stop.load(Ordering::Relaxed) {
        let Some(kind) = life.next() else {
            life = Life::new(&plan, client);
            continue;
        };
        let Ok(answer) = connection.send(&life.request()).await else {
            // Sent and not answered, or not even sent: in both cases it may be asked again.
            left.open = Some(life);
            return left;
        };
        match answer.status {
            200..=299 => match life.answered(&answer) {
                Ok(()) => left.promises.push(promise(&life, kind)),
                Err(error) => left.errors.push(error),
            },
            // The database went away under the server: nothing was promised.
            500..=599 => {
                left.open = Some(life);
                return left;
            }
            _ => {
                left.errors.push(format!("{}: {}", kind.word(), answer.words()));
                life = Life::new(&plan, client);
            }
        }
    }
    left
}

fn promise(life: &Life, kind: Kind) -> Promise {
    Promise { no: life.no.clone(), version: life.version, event: kind.event() }
}

/// The acts without an answer, with the same Idempotency-Key: each must succeed, done before the kill or done now.
async fn ask_again(address: SocketAddr, open: Vec<Life>, promises: &mut Vec<Promise>, found: &mut Found) {
    let mut connection = Client::new(address);
    for mut life in open {
        let Some(kind) = life.next() else { continue };
        found.again += 1;
        let outcome = match connection.send(&life.request()).await {
            Ok(answer) => life.answered(&answer).map(|()| answer.json()["replayed"] == true),
            Err(error) => Err(error.to_string()),
        };
        match outcome {
            // The version that a replay tells is the case's version now; a duty may have moved it on.
            Ok(true) => {
                found.replayed += 1;
                promises.push(Promise { version: 0, ..promise(&life, kind) });
            }
            Ok(false) => promises.push(promise(&life, kind)),
            Err(error) => found.failed.push(format!("asked again: {error}")),
        }
    }
}

/// Looks for every promise through the API; gives the number of cases looked at.
async fn check(
    plan: &Plan,
    address: SocketAddr,
    promises: &[Promise],
    lost: &mut Vec<String>,
) -> Outcome<usize> {
    let mut by_case: BTreeMap<&str, Vec<&Promise>> = BTreeMap::new();
    for promise in promises {
        by_case.entry(&promise.no).or_default().push(promise);
    }
    let token = &plan.sessions.first().ok_or("nobody is signed in")?.clerk;
    let mut connection = Client::new(address);
    for (no, promises) in &by_case {
        let mut get =
            async |path: String| connection.send(&Request::get(path, token)).await.map_err(|e| e.to_string());
        let case = get(format!("/api/v1/cases/{no}")).await?;
        let events = get(format!("/api/v1/cases/{no}/events")).await?;
        if !case.ok() || !events.ok() {
            lost.push(format!("case {no} is missing: {}", case.words()));
            continue;
        }
        let version = case.json()["version"].as_u64().unwrap_or(0);
        let events = events.json();
        for promise in promises {
            let there = events["events"].as_array().is_some_and(|events| {
                let at = |e: &serde_json::Value| promise.version == 0 || e["sequence"] == promise.version;
                events.iter().any(|e| at(e) && e["kind"] == promise.event)
            });
            if version < promise.version || !there {
                lost.push(format!("case {no}: {} at {} is missing", promise.event, promise.version));
            }
        }
    }
    Ok(by_case.len())
}

async fn verify(place: &Setup, found: &mut Found) -> Outcome<()> {
    let (clean, words) = place.run("verify").await?;
    if !clean {
        found.unverified.push(format!("verify: {}", words.chars().take(600).collect::<String>()));
    }
    Ok(())
}

/// A short run under strace, duties off: at least one flush for every batch that was committed.
async fn flushes(
    engine: &Engine,
    place: &Setup,
    plan: &Arc<Plan>,
    server: &Server,
    clients: usize,
) -> Outcome<(String, bool)> {
    let counted = async || server.health().await.and_then(|h| h.batches);
    let mut pids = vec![server.pid];
    if place.database_url.is_some() {
        let postmaster = engine.database_pid().ok_or("the database server is not on this machine")?;
        pids = machine::children(postmaster);
        pids.push(postmaster);
    }
    let trace = Trace::attach(&pids, &place.data).await?;
    // Counted inside the trace at both ends: every batch between is one whose flush was watched.
    let before = counted().await.ok_or("/healthz does not tell its batches")?;
    let stop = Arc::new(AtomicBool::new(false));
    let running: Vec<_> = (0..clients)
        .map(|client| tokio::spawn(drive(Arc::clone(plan), server.address, client, Arc::clone(&stop))))
        .collect();
    let until = Instant::now() + TRACED;
    tokio::time::sleep_until(until.into()).await;
    stop.store(true, Ordering::Relaxed);
    let mut acts = 0;
    for client in running {
        let left = client.await.map_err(|e| e.to_string())?;
        if let Some(error) = left.errors.first() {
            return Err(error.clone());
        }
        acts += left.promises.len();
    }
    let batches = counted().await.ok_or("/healthz does not answer")? - before;
    let seen = trace.end().await?;
    let words =
        format!("{} fdatasync and {} fsync for {batches} batches ({acts} acts)", seen.fdatasync, seen.fsync);
    Ok((words, batches > 0 && (seen.fdatasync + seen.fsync) as u64 >= batches))
}

/// What the program says its writer's connection is set to.
async fn told_synchronous(engine: &Engine, place: &Setup, column: &mut Column) -> Outcome<bool> {
    let (_, words) = place.run("check").await?;
    let line = words.lines().find(|l| l.to_lowercase().contains("synchronous"));
    column.put("writer says", line.map_or("nothing (tongban check)", str::trim));
    let wanted = if engine.name == "sqlite" { "synchronous=FULL" } else { "synchronous_commit=on" };
    Ok(line.is_some_and(|l| l.contains(wanted)))
}

fn figures(column: &mut Column, engine: &Engine, found: &Found) {
    column.put("kills of the server", found.rounds);
    if engine.name != "sqlite" {
        column.put("of them with PostgreSQL killed too", found.postgres_killed);
    }
    column.put("acts acknowledged", found.acts);
    column.put("cases looked at again at the end", found.cases);
    column.put("acknowledged and missing", found.lost.len());
    column.put("unanswered, asked again with the same key", found.again);
    column.put("of them done before the kill", found.replayed);
    column.put("failed otherwise", found.failed.len());
    column.put("`verify` not clean", found.unverified.len());
    column.put("slowest restart until ready, s", format!("{:.2}", found.slowest.as_secs_f64()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_moments() {
        let moments = |seed| {
            let mut chance = seed;
            (0..20).map(|_| next(&mut chance) % 1301).collect::<Vec<_>>()
        };
        assert_eq!(moments(42), moments(42));
        assert_ne!(moments(42), moments(43));
        assert!(moments(42).iter().any(|m| *m < 650) && moments(42).iter().any(|m| *m > 650));
    }
}
