//! The two engines without the application: one connection set up like the writer's, and the writer's statement shapes
//! (the store's `db.rs` and `dialect.rs` say why they look like this; keep both in step).

use std::collections::HashMap;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection, Executor, Postgres, Row, Sqlite, TypeInfo, ValueRef,
};

use crate::Outcome;

/// Sizes a multi-row statement comes in.
const SIZES: [usize; 4] = [1, 8, 64, 256];

/// A parameter or a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// BIGINT
    Int(i64),
    /// TEXT
    Text(String),
    /// TEXT that lives as long as the program: bodies taken over from a finished run.
    Kept(&'static str),
    /// BIGINT NULL
    NoInt,
    /// TEXT NULL
    NoText,
}

impl Value {
    /// The number; 0 when it is none.
    pub fn int(&self) -> i64 {
        if let Self::Int(n) = self { *n } else { 0 }
    }

    /// The text; empty when it is none.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Kept(text) => text,
            _ => "",
        }
    }
}

/// A column of a multi-row statement: its name and whether it is BIGINT (else TEXT).
pub type Columns = &'static [(&'static str, bool)];

/// One connection of either engine.
#[derive(Debug)]
pub struct Db {
    inner: Inner,
    statements: HashMap<(usize, String), &'static str>,
}

#[derive(Debug)]
enum Inner {
    Lite(Box<SqliteConnection>),
    Pg(Box<PgConnection>),
}

impl Db {
    /// The embedded database, as the writer opens it.
    pub async fn sqlite(path: &Path, read_only: bool) -> Outcome<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(read_only)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(512)
            .pragma("cache_size", "-32000")
            .disable_statement_logging();
        let options = if read_only {
            options
        } else {
            options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
        };
        let conn = options.connect().await.map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self { inner: Inner::Lite(Box::new(conn)), statements: HashMap::new() })
    }

    /// PostgreSQL with the durability it is set up with.
    pub async fn postgres(url: &str) -> Outcome<Self> {
        let options = PgConnectOptions::from_str(url).map_err(|e| e.to_string())?;
        let options = options.statement_cache_capacity(512).disable_statement_logging();
        let conn = options.connect().await.map_err(|e| e.to_string())?;
        Ok(Self { inner: Inner::Pg(Box::new(conn)), statements: HashMap::new() })
    }

    /// Statements without parameters.
    pub async fn script(&mut self, sql: &str) -> Outcome<()> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &mut self.inner {
            Inner::Lite(conn) => conn.execute(sqlx::raw_sql(sql)).await.map(drop),
            Inner::Pg(conn) => conn.execute(sqlx::raw_sql(sql)).await.map(drop),
        }
        .map_err(|e| e.to_string())
    }

    /// Runs a statement; gives the number of rows it touched.
    pub async fn run(&mut self, sql: &'static str, args: Vec<Value>) -> Outcome<u64> {
        match &mut self.inner {
            Inner::Lite(conn) => bind_lite(sql, args).execute(&mut **conn).await.map(|r| r.rows_affected()),
            Inner::Pg(conn) => bind_pg(sql, args).execute(&mut **conn).await.map(|r| r.rows_affected()),
        }
        .map_err(|e| format!("{e}: {}", sql.chars().take(120).collect::<String>()))
    }

    /// Fetches rows and counts them, without looking at them: the bare limit decodes nothing.
    pub async fn touch(&mut self, sql: &'static str, args: Vec<Value>) -> Outcome<usize> {
        match &mut self.inner {
            Inner::Lite(conn) => bind_lite(sql, args).fetch_all(&mut **conn).await.map(|r| r.len()),
            Inner::Pg(conn) => bind_pg(sql, args).fetch_all(&mut **conn).await.map(|r| r.len()),
        }
        .map_err(|e| format!("{e}: {}", sql.chars().take(120).collect::<String>()))
    }

    /// Fetches rows.
    pub async fn rows(&mut self, sql: &'static str, args: Vec<Value>) -> Outcome<Vec<Vec<Value>>> {
        match &mut self.inner {
            Inner::Lite(conn) => bind_lite(sql, args)
                .fetch_all(&mut **conn)
                .await
                .and_then(|rows| rows.iter().map(read_lite).collect::<Result<_, _>>()),
            Inner::Pg(conn) => bind_pg(sql, args)
                .fetch_all(&mut **conn)
                .await
                .and_then(|rows| rows.iter().map(read_pg).collect::<Result<_, _>>()),
        }
        .map_err(|e| format!("{e}: {}", sql.chars().take(120).collect::<String>()))
    }

    /// The first column of the first row as a number.
    pub async fn number(&mut self, sql: &'static str) -> Outcome<i64> {
        Ok(self.rows(sql, vec![]).await?.first().and_then(|r| r.first()).map_or(0, Value::int))
    }

    /// The first column of the first row as text; empty when there is none.
    pub async fn word(&mut self, sql: &'static str) -> Outcome<String> {
        let rows = self.rows(sql, vec![]).await?;
        Ok(rows.first().and_then(|r| r.first()).map_or(String::new(), |v| v.text().to_owned()))
    }

    /// Starts a transaction like the writer's.
    pub async fn begin(&mut self) -> Outcome<()> {
        let sql = if matches!(self.inner, Inner::Lite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.script(sql).await
    }

    /// Ends the connection; on SQLite the log is folded into the file.
    pub async fn close(self) -> Outcome<()> {
        match self.inner {
            Inner::Lite(conn) => conn.close().await,
            Inner::Pg(conn) => conn.close().await,
        }
        .map_err(|e| e.to_string())
    }

    fn statement(&mut self, size: usize, shape: &str, build: impl FnOnce() -> String) -> &'static str {
        if let Some(known) = self.statements.get(&(size, shape.to_owned())) {
            return known;
        }
        let sql: &'static str = Box::leak(build().into_boxed_str());
        self.statements.insert((size, shape.to_owned()), sql);
        sql
    }

    /// The writer's multi-row INSERT.
    pub async fn insert(
        &mut self,
        table: &'static str,
        columns: Columns,
        suffix: &'static str,
        rows: &[Vec<Value>],
    ) -> Outcome<()> {
        for chunk in rows.chunks(SIZES[3]) {
            let size = size_for(chunk.len());
            let sql = self.statement(size, table, || {
                let names = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
                let key = columns[0].0;
                let values = values_clause(size, columns.len());
                format!(
                    "WITH v({names}) AS (VALUES {values}) INSERT INTO {table}({names}) SELECT {names} FROM v WHERE v.{key} IS NOT NULL {suffix}"
                )
            });
            self.run(sql, padded(chunk, size, columns)).await?;
        }
        Ok(())
    }

    /// The writer's multi-row UPDATE, guarded by the version read.
    pub async fn update_guarded(
        &mut self,
        table: &'static str,
        columns: Columns,
        rows: &[Vec<Value>],
    ) -> Outcome<()> {
        for chunk in rows.chunks(SIZES[3]) {
            let size = size_for(chunk.len());
            let sql = self.statement(size, &format!("update {table}"), || {
                let set: Vec<String> =
                    columns.iter().skip(2).map(|(name, _)| format!("{name}=v.new_{name}")).collect();
                let names: Vec<String> = columns
                    .iter()
                    .enumerate()
                    .map(|(i, (name, _))| if i < 2 { (*name).to_owned() } else { format!("new_{name}") })
                    .collect();
                format!(
                    "WITH v({}) AS (VALUES {}) UPDATE {table} SET {} FROM v WHERE {table}.id=v.id AND {table}.version=v.guard",
                    names.join(","),
                    values_clause(size, columns.len()),
                    set.join(",")
                )
            });
            let touched = self.run(sql, padded(chunk, size, columns)).await?;
            if touched != chunk.len() as u64 {
                return Err(format!("{table}: {touched} of {} rows were touched", chunk.len()));
            }
        }
        Ok(())
    }

    /// The writer's SELECT by a list of keys; gives how many rows came.
    pub async fn select_in(
        &mut self,
        select: &'static str,
        key: &'static str,
        keys: &[Value],
        lock: bool,
    ) -> Outcome<usize> {
        let mut found = 0;
        let locking = lock && matches!(self.inner, Inner::Pg(_));
        for chunk in keys.chunks(SIZES[3]) {
            let size = size_for(chunk.len());
            let sql = self.statement(size, select, || {
                let list: Vec<String> = (1..=size).map(|n| format!("${n}")).collect();
                let tail = if locking { format!(" ORDER BY {key} FOR UPDATE") } else { String::new() };
                format!("{select} WHERE {key} IN ({}){tail}", list.join(","))
            });
            let mut args = chunk.to_vec();
            args.resize(size, chunk[chunk.len() - 1].clone());
            found += self.touch(sql, args).await?;
        }
        Ok(found)
    }
}

fn size_for(rows: usize) -> usize {
    SIZES.into_iter().find(|s| *s >= rows).unwrap_or(SIZES[3])
}

fn values_clause(size: usize, columns: usize) -> String {
    let row = |row: usize| {
        let marks: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", marks.join(","))
    };
    (0..size).map(row).collect::<Vec<_>>().join(",")
}

fn padded(chunk: &[Vec<Value>], size: usize, columns: Columns) -> Vec<Value> {
    let mut args: Vec<Value> = chunk.iter().flatten().cloned().collect();
    for _ in chunk.len()..size {
        args.extend(columns.iter().map(|(_, int)| if *int { Value::NoInt } else { Value::NoText }));
    }
    args
}

type Query<D> = sqlx::query::Query<'static, D, <D as sqlx::Database>::Arguments>;

fn bind_lite(sql: &'static str, args: Vec<Value>) -> Query<Sqlite> {
    args.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(n) => query.bind(n),
        Value::Text(text) => query.bind(text),
        Value::Kept(text) => query.bind(text),
        Value::NoInt => query.bind(None::<i64>),
        Value::NoText => query.bind(None::<String>),
    })
}

fn bind_pg(sql: &'static str, args: Vec<Value>) -> Query<Postgres> {
    args.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(n) => query.bind(n),
        Value::Text(text) => query.bind(text),
        Value::Kept(text) => query.bind(text),
        Value::NoInt => query.bind(None::<i64>),
        Value::NoText => query.bind(None::<String>),
    })
}

fn read_lite(row: &sqlx::sqlite::SqliteRow) -> Result<Vec<Value>, sqlx::Error> {
    (0..row.len())
        .map(|at| {
            let raw = row.try_get_raw(at)?;
            Ok(if raw.is_null() {
                Value::NoText
            } else if raw.type_info().name() == "INTEGER" {
                Value::Int(row.try_get(at)?)
            } else {
                Value::Text(row.try_get(at)?)
            })
        })
        .collect()
}

fn read_pg(row: &sqlx::postgres::PgRow) -> Result<Vec<Value>, sqlx::Error> {
    (0..row.len())
        .map(|at| {
            if row.try_get_raw(at)?.is_null() {
                return Ok(Value::NoText);
            }
            Ok(match row.column(at).type_info().name() {
                "INT8" => Value::Int(row.try_get(at)?),
                "INT4" => Value::Int(i64::from(row.try_get::<i32, _>(at)?)),
                _ => Value::Text(row.try_get(at)?),
            })
        })
        .collect()
}
