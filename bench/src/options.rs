//! The command line, read by hand: the bench has no dependency for it.

use std::path::PathBuf;
use std::time::Duration;

use crate::Outcome;

/// Shown when the command line makes no sense.
pub const USAGE: &str = "\
tongban-bench load|documents|durability|watch [options]

  --bin PATH           server binary (target/release/tongban)
  --engine WHICH       sqlite, postgres or both (sqlite; both when PostgreSQL is given)
  --database-url URL   a PostgreSQL on loopback, as a user who may create databases
  --pg-bin DIR         programs of PostgreSQL: the bench makes and starts a server of its own (needed to kill it)
  --pg-data DIR        its data folder (in the work folder)
  --seconds N          length of the measure (20)        --warm-up N     seconds before it (3)
  --bare-seconds N     length of each bare loop (10)     --clients N     64 for load, 16 for durability, watch
  --sessions N         sign-ins per account (clients)    --item CODE     X02@130102000000
  --cases N            backlog for documents (200)       --limit N       seconds it may take to empty (900)
                       all open cases for watch (1000000)
  --marks N            cases whose promise ended, for watch (50000)
  --ends N             cases that silence accepts (5000) --ends-item CODE  X07@130102000000, where silence accepts
  --rounds N           kills for durability (50)         --seed N        of its moments (from the clock)
  --work DIR           work folder (a new one in the temp folder)        --keep   leave it there
  --out DIR            where the reports go (bench/out)";

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Acts and cases per second beside the bare limit.
    Load,
    /// Documents per second and time to empty a backlog.
    Documents,
    /// Kills under load.
    Durability,
    /// Acts beside the daily pass of the clocks.
    Watch,
}

impl Measure {
    /// The word in titles and file names.
    pub fn word(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Documents => "documents",
            Self::Durability => "durability",
            Self::Watch => "watch",
        }
    }
}

/// The command line.
#[derive(Debug, Clone)]
pub struct Options {
    pub measure: Measure,
    pub bin: PathBuf,
    pub sqlite: bool,
    pub postgres: bool,
    pub database_url: Option<String>,
    pub pg_bin: Option<PathBuf>,
    pub pg_data: Option<PathBuf>,
    pub seconds: u64,
    pub warm_up: u64,
    pub bare_seconds: u64,
    pub clients: usize,
    pub sessions: usize,
    pub item: String,
    pub cases: u64,
    pub marks: u64,
    pub ends: u64,
    pub ends_item: String,
    pub limit: Duration,
    pub rounds: u32,
    pub seed: u64,
    pub work: Option<PathBuf>,
    pub keep: bool,
    pub out: PathBuf,
}

impl Options {
    /// Reads the words after the program's name.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Outcome<Self> {
        let measure = match words.next().as_deref() {
            Some("load") => Measure::Load,
            Some("documents") => Measure::Documents,
            Some("durability") => Measure::Durability,
            Some("watch") => Measure::Watch,
            other => return Err(format!("what to measure? {}", other.unwrap_or_default())),
        };
        let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let mut options = Self {
            measure,
            bin: "target/release/tongban".into(),
            sqlite: true,
            postgres: false,
            database_url: None,
            pg_bin: None,
            pg_data: None,
            seconds: 20,
            warm_up: 3,
            bare_seconds: 10,
            clients: if matches!(measure, Measure::Durability | Measure::Watch) { 16 } else { 64 },
            sessions: 0,
            item: "X02@130102000000".into(),
            cases: if measure == Measure::Watch { 1_000_000 } else { 200 },
            marks: 50_000,
            ends: 5_000,
            ends_item: "X07@130102000000".into(),
            limit: Duration::from_secs(900),
            rounds: 50,
            seed: clock.map_or(1, |d| d.as_nanos() as u64) | 1,
            work: None,
            keep: false,
            out: "bench/out".into(),
        };
        let mut engine = None;
        while let Some(word) = words.next() {
            if word == "--keep" {
                options.keep = true;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--bin" => options.bin = value.into(),
                "--engine" => engine = Some(value),
                "--database-url" => options.database_url = Some(value),
                "--pg-bin" => options.pg_bin = Some(value.into()),
                "--pg-data" => options.pg_data = Some(value.into()),
                "--seconds" => options.seconds = number(&word, &value, 1, 3600)?,
                "--warm-up" => options.warm_up = number(&word, &value, 0, 600)?,
                "--bare-seconds" => options.bare_seconds = number(&word, &value, 1, 600)?,
                "--clients" => options.clients = number(&word, &value, 1, 1024)? as usize,
                "--sessions" => options.sessions = number(&word, &value, 1, 1024)? as usize,
                "--item" => options.item = value,
                "--ends-item" => options.ends_item = value,
                "--cases" => options.cases = number(&word, &value, 1, 10_000_000)?,
                "--marks" => options.marks = number(&word, &value, 1, 1_000_000)?,
                "--ends" => options.ends = number(&word, &value, 0, 1_000_000)?,
                "--limit" => options.limit = Duration::from_secs(number(&word, &value, 1, 36_000)?),
                "--rounds" => options.rounds = number(&word, &value, 1, 10_000)? as u32,
                "--seed" => options.seed = number(&word, &value, 1, u64::MAX)?,
                "--work" => options.work = Some(value.into()),
                "--out" => options.out = value.into(),
                _ => return Err(format!("no such option: {word}")),
            }
        }
        let given = options.database_url.is_some() || options.pg_bin.is_some();
        (options.sqlite, options.postgres) = match engine.as_deref() {
            None => (true, given),
            Some("sqlite") => (true, false),
            Some("postgres") => (false, true),
            Some("both") => (true, true),
            Some(other) => return Err(format!("no such engine: {other}")),
        };
        if options.postgres && !given {
            return Err("PostgreSQL needs --database-url or --pg-bin".into());
        }
        if let Some(url) = &options.database_url
            && !["127.0.0.1", "localhost", "[::1]"].iter().any(|host| url.contains(host))
        {
            return Err("--database-url must be on loopback".into());
        }
        if options.measure == Measure::Watch && options.cases < options.marks + options.ends {
            return Err("--cases counts all open cases, those of --marks and --ends among them".into());
        }
        if options.sessions == 0 {
            options.sessions = options.clients;
        }
        Ok(options)
    }
}

fn number(word: &str, value: &str, least: u64, most: u64) -> Outcome<u64> {
    match value.parse() {
        Ok(n) if (least..=most).contains(&n) => Ok(n),
        _ => Err(format!("{word} is a number from {least} to {most}")),
    }
}
