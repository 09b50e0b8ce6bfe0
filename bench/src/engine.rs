//! One engine under measure: its databases, its server process, and a fresh place for each start of the program.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::database::Db;
use crate::options::Options;
use crate::postgres::Postgres;
use crate::server::Setup;
use crate::{Outcome, machine};

/// SQLite or a PostgreSQL.
#[derive(Debug)]
pub struct Engine {
    /// The word in tables and file names.
    pub name: &'static str,
    bin: PathBuf,
    work: PathBuf,
    admin: Option<String>,
    /// The server, when it is the bench's own.
    pub own: Option<Postgres>,
    postmaster: Option<u32>,
    made: Vec<String>,
}

static PLACES: AtomicU32 = AtomicU32::new(0);

impl Engine {
    /// The engines that were asked for.
    pub async fn all(options: &Options, work: &Path) -> Outcome<Vec<Self>> {
        let bin = options.bin.canonicalize().map_err(|e| format!("{}: {e}", options.bin.display()))?;
        let mut engines = Vec::new();
        let engine = |name, admin, own, postmaster| Self {
            name,
            bin: bin.clone(),
            work: work.to_owned(),
            admin,
            own,
            postmaster,
            made: Vec::new(),
        };
        if options.sqlite {
            engines.push(engine("sqlite", None, None, None));
        }
        if options.postgres {
            let own = match &options.pg_bin {
                Some(bin) => {
                    let data = options.pg_data.clone().unwrap_or_else(|| work.join("pg"));
                    Some(Postgres::open(bin, &data).await?)
                }
                None => None,
            };
            let admin = own.as_ref().map(|p| p.url("postgres")).or_else(|| options.database_url.clone());
            let admin = admin.ok_or("PostgreSQL needs --database-url or --pg-bin")?;
            let postmaster = match own.as_ref().and_then(Postgres::pid) {
                Some(pid) => Some(pid),
                None => postmaster_of(&admin).await?,
            };
            engines.push(engine("postgres", Some(admin), own, postmaster));
        }
        Ok(engines)
    }

    /// A new empty place for the program: a data folder and, on PostgreSQL, a database.
    pub async fn place(&mut self) -> Outcome<Setup> {
        let number = PLACES.fetch_add(1, Ordering::Relaxed);
        let data = self.work.join(format!("{}-{number}", self.name));
        std::fs::create_dir_all(&data).map_err(|e| e.to_string())?;
        let mut database_url = None;
        if let Some(admin) = &self.admin {
            let name = format!("tongban_bench_{}_{number}", std::process::id());
            let sql = format!(
                "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
            );
            Db::postgres(admin).await?.script(&sql).await?;
            database_url = Some(other_database(admin, &name)?);
            self.made.push(name);
        }
        Ok(Setup { bin: self.bin.clone(), data, database_url })
    }

    /// A connection to a place, past the program.
    pub async fn connect(&self, place: &Setup, read_only: bool) -> Outcome<Db> {
        match &place.database_url {
            Some(url) => Db::postgres(url).await,
            None => Db::sqlite(&place.data.join("tongban.db"), read_only).await,
        }
    }

    /// Process of the database server, where there is one and it is here.
    pub fn database_pid(&self) -> Option<u32> {
        self.own.as_ref().and_then(Postgres::pid).or(self.postmaster)
    }

    /// CPU microseconds the database server took so far; 0 when the database is inside the program.
    pub fn database_cpu_us(&self) -> u64 {
        self.database_pid().map_or(0, machine::cpu_us_with_children)
    }

    /// What the engine says of itself and of its durability.
    pub async fn durability(&self, place: &Setup) -> Outcome<String> {
        let mut db = self.connect(place, false).await?;
        if place.database_url.is_none() {
            return Ok(format!(
                "SQLite {}, journal {}",
                db.word("SELECT sqlite_version()").await?,
                db.word("PRAGMA journal_mode").await?
            ));
        }
        Ok(format!(
            "PostgreSQL {}, fsync={}, synchronous_commit={}, full_page_writes={}, wal_sync_method={}",
            db.word("SHOW server_version").await?,
            db.word("SHOW fsync").await?,
            db.word("SHOW synchronous_commit").await?,
            db.word("SHOW full_page_writes").await?,
            db.word("SHOW wal_sync_method").await?
        ))
    }

    /// Drops what was made and stops what was started.
    pub async fn close(self) -> Outcome<()> {
        if let (Some(admin), None) = (&self.admin, &self.own) {
            let mut db = Db::postgres(admin).await?;
            for name in &self.made {
                db.script(&format!("DROP DATABASE IF EXISTS {name}")).await?;
            }
        }
        match self.own {
            Some(own) => own.stop().await,
            None => Ok(()),
        }
    }
}

/// The postmaster behind a connection, when it runs on this machine.
async fn postmaster_of(url: &str) -> Outcome<Option<u32>> {
    let mut db = Db::postgres(url).await?;
    let backend = db.number("SELECT CAST(pg_backend_pid() AS BIGINT)").await? as u32;
    let here = machine::name(backend).is_some_and(|n| n == "postgres");
    Ok(if here { machine::parent(backend) } else { None })
}

/// The same server, another database.
fn other_database(url: &str, name: &str) -> Outcome<String> {
    let (front, back) = url.split_once("://").ok_or("not a connection URL")?;
    let (place, query) = back.split_once('?').map_or((back, None), |(p, q)| (p, Some(q)));
    let server = place.split('/').next().unwrap_or_default();
    let query = query.map_or(String::new(), |q| format!("?{q}"));
    Ok(format!("{front}://{server}/{name}{query}"))
}

/// The work folder: the one named, or a new one; taken away at the end unless it is kept.
#[derive(Debug)]
pub struct Work {
    /// Where.
    pub path: PathBuf,
    remove: bool,
}

impl Work {
    /// Makes the folder.
    pub fn open(options: &Options) -> Outcome<Self> {
        let path = options.work.clone().unwrap_or_else(|| {
            std::env::temp_dir().join(format!("tongban-bench-{}-{}", std::process::id(), options.seed))
        });
        std::fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self {
            path: path.canonicalize().map_err(|e| e.to_string())?,
            remove: options.work.is_none() && !options.keep,
        })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if self.remove {
            // A folder left behind is untidy, not wrong.
            drop(std::fs::remove_dir_all(&self.path));
        } else {
            eprintln!("work folder: {}", self.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_changed_and_nothing_else() {
        let other = |url| other_database(url, "b");
        assert_eq!(other("postgres://u:p@127.0.0.1:5/a?x=1"), Ok("postgres://u:p@127.0.0.1:5/b?x=1".into()));
        assert_eq!(other("postgresql://localhost"), Ok("postgresql://localhost/b".into()));
        assert!(other("nonsense").is_err());
    }
}
