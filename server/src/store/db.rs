//! The one place that speaks to a database driver. Both engines take one SQL text with `$1` parameters; every column is
//! BIGINT or TEXT (docs/decisions/0004), so a row is a list of [`Value`]s and no function is written twice.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, PgPool, Postgres, Row as _, Sqlite, SqlitePool, TypeInfo, ValueRef,
};

/// A parameter or a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// BIGINT
    Int(i64),
    /// TEXT
    Text(String),
    /// BIGINT NULL
    NoInt,
    /// TEXT NULL
    NoText,
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<tongban_domain::ids::Id> for Value {
    fn from(value: tongban_domain::ids::Id) -> Self {
        Self::Int(value.get())
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::NoInt, Self::Int)
    }
}
impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::NoText, Self::Text)
    }
}

/// Builds a parameter list.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::db::Value::from($value)),*] };
}

/// One row, by position.
#[derive(Debug, Clone)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// A BIGINT that is not null; 0 if it is.
    pub fn int(&self, at: usize) -> i64 {
        self.opt_int(at).unwrap_or_default()
    }

    /// A BIGINT.
    pub fn opt_int(&self, at: usize) -> Option<i64> {
        match self.0.get(at) {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        }
    }

    /// An id.
    pub fn id(&self, at: usize) -> tongban_domain::ids::Id {
        tongban_domain::ids::Id::from(self.int(at))
    }

    /// A TEXT that is not null; empty if it is.
    pub fn text(&self, at: usize) -> &str {
        match self.0.get(at) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// A TEXT.
    pub fn opt_text(&self, at: usize) -> Option<String> {
        match self.0.get(at) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }
}

/// What went wrong in storage.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique or check constraint, by name.
    #[error("constraint {0}")]
    Constraint(String),
    /// The row changed since it was read.
    #[error("stale row in {0}")]
    Stale(&'static str),
    /// Everything else.
    #[error(transparent)]
    Driver(sqlx::Error),
    /// Content that cannot be read back.
    #[error("unreadable {0}: {1}")]
    Content(&'static str, String),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(db) = &error
            && (db.is_unique_violation() || db.is_check_violation() || db.is_foreign_key_violation())
        {
            return Self::Constraint(db.constraint().unwrap_or_else(|| db.message()).to_owned());
        }
        Self::Driver(error)
    }
}

/// A result of storage.
pub type DbResult<T> = Result<T, DbError>;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one file.
    Sqlite,
    /// PostgreSQL 15 or later.
    Postgres,
}

/// The database.
#[derive(Debug, Clone)]
pub struct Db {
    pools: Pools,
    statements: Arc<AtomicU64>,
}

#[derive(Debug, Clone)]
enum Pools {
    Lite { read: SqlitePool, write: SqlitePool },
    Pg(PgPool),
}

impl Db {
    /// Opens the embedded database: WAL, synchronous=FULL, one write connection.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn sqlite(path: &std::path::Path) -> DbResult<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(512)
            .pragma("cache_size", "-32000")
            .disable_statement_logging();
        let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self { pools: Pools::Lite { read, write }, statements: Arc::default() })
    }

    /// Connects to PostgreSQL.
    ///
    /// # Errors
    /// When the server cannot be reached, or the database was not made with the C locale (decision 22).
    pub async fn postgres(url: &str) -> DbResult<Self> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("tongban")
            .statement_cache_capacity(512)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(12)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await?;
        Ok(Self { pools: Pools::Pg(pool), statements: Arc::default() })
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Lite { .. } => Engine::Sqlite,
            Pools::Pg(_) => Engine::Postgres,
        }
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// When none is free in time.
    pub async fn read(&self) -> DbResult<Conn> {
        self.conn(true).await
    }

    /// A connection for the writer; on SQLite there is one.
    ///
    /// # Errors
    /// When none is free in time.
    pub async fn write(&self) -> DbResult<Conn> {
        self.conn(false).await
    }

    async fn conn(&self, read: bool) -> DbResult<Conn> {
        let inner = match &self.pools {
            Pools::Lite { read: pool, .. } if read => Inner::Lite(pool.acquire().await?),
            Pools::Lite { write: pool, .. } => Inner::Lite(pool.acquire().await?),
            Pools::Pg(pool) => Inner::Pg(pool.acquire().await?),
        };
        Ok(Conn { inner, statements: Arc::clone(&self.statements) })
    }

    /// Statements sent so far; a test counts them per batch.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Closes all connections; on SQLite the log is folded into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Lite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Pg(pool) => pool.close().await,
        }
    }
}

/// One connection of either engine.
#[derive(Debug)]
pub struct Conn {
    inner: Inner,
    statements: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Inner {
    Lite(PoolConnection<Sqlite>),
    Pg(PoolConnection<Postgres>),
}

impl Conn {
    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.inner {
            Inner::Lite(_) => Engine::Sqlite,
            Inner::Pg(_) => Engine::Postgres,
        }
    }

    /// Runs a statement; gives the number of rows it touched.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn run(&mut self, sql: &'static str, args: Vec<Value>) -> DbResult<u64> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.inner {
            Inner::Lite(conn) => Ok(bind_lite(sql, args).execute(&mut **conn).await?.rows_affected()),
            Inner::Pg(conn) => Ok(bind_pg(sql, args).execute(&mut **conn).await?.rows_affected()),
        }
    }

    /// Runs statements that take no parameters and are not prepared (migrations, BEGIN, PRAGMA).
    ///
    /// # Errors
    /// [`DbError`].
    #[expect(clippy::disallowed_methods, reason = "the one place that speaks to the driver")]
    pub async fn script(&mut self, sql: &str) -> DbResult<()> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let sql = AssertSqlSafe(sql.to_owned());
        match &mut self.inner {
            Inner::Lite(conn) => sqlx::raw_sql(sql).execute(&mut **conn).await.map(drop)?,
            Inner::Pg(conn) => sqlx::raw_sql(sql).execute(&mut **conn).await.map(drop)?,
        }
        Ok(())
    }

    /// Runs a query and gives all rows.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn rows(&mut self, sql: &'static str, args: Vec<Value>) -> DbResult<Vec<Row>> {
        let mut rows = Vec::new();
        self.each(sql, args, |row| {
            rows.push(row);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// Runs a query and hands each row on as it comes.
    ///
    /// # Errors
    /// [`DbError`], or what `see` gives.
    pub async fn each(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
        mut see: impl FnMut(Row) -> DbResult<()>,
    ) -> DbResult<()> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.inner {
            Inner::Lite(conn) => {
                let mut stream = bind_lite(sql, args).fetch(&mut **conn);
                while let Some(row) = stream.try_next().await? {
                    see(read_lite(&row)?)?;
                }
            }
            Inner::Pg(conn) => {
                let mut stream = bind_pg(sql, args).fetch(&mut **conn);
                while let Some(row) = stream.try_next().await? {
                    see(read_pg(&row)?)?;
                }
            }
        }
        Ok(())
    }

    /// The first row, if any.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn row(&mut self, sql: &'static str, args: Vec<Value>) -> DbResult<Option<Row>> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Starts a transaction; on SQLite it takes the write lock at once.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(&mut self) -> DbResult<()> {
        match self.engine() {
            Engine::Sqlite => self.script("BEGIN IMMEDIATE").await,
            Engine::Postgres => self.script("BEGIN").await,
        }
    }

    /// Starts a read-only transaction: one snapshot for everything read in it.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_read(&mut self) -> DbResult<()> {
        match self.engine() {
            Engine::Sqlite => self.script("BEGIN").await,
            Engine::Postgres => {
                self.script("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await
            }
        }
    }

    /// Commits; after this returns the work is on disk.
    ///
    /// # Errors
    /// [`DbError`]; the transaction is then undone.
    pub async fn commit(&mut self) -> DbResult<()> {
        self.script("COMMIT").await
    }

    /// Undoes the transaction.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn rollback(&mut self) -> DbResult<()> {
        self.script("ROLLBACK").await
    }
}

/// Whether a commit waits for the disk: SQLite's `synchronous` is FULL or EXTRA, PostgreSQL's `synchronous_commit` on.
///
/// # Errors
/// [`DbError`].
pub async fn waits_for_disk(conn: &mut Conn) -> DbResult<bool> {
    Ok(match conn.engine() {
        Engine::Sqlite => conn.row("PRAGMA synchronous", vec![]).await?.is_some_and(|r| r.int(0) >= 2),
        Engine::Postgres => {
            conn.row("SHOW synchronous_commit", vec![]).await?.is_some_and(|r| r.text(0) == "on")
        }
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that speaks to the driver")]
fn bind_lite(
    sql: &'static str,
    args: Vec<Value>,
) -> sqlx::query::Query<'static, Sqlite, <Sqlite as sqlx::Database>::Arguments> {
    args.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(n) => query.bind(n),
        Value::Text(text) => query.bind(text),
        Value::NoInt => query.bind(None::<i64>),
        Value::NoText => query.bind(None::<String>),
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that speaks to the driver")]
fn bind_pg(
    sql: &'static str,
    args: Vec<Value>,
) -> sqlx::query::Query<'static, Postgres, <Postgres as sqlx::Database>::Arguments> {
    args.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(n) => query.bind(n),
        Value::Text(text) => query.bind(text),
        Value::NoInt => query.bind(None::<i64>),
        Value::NoText => query.bind(None::<String>),
    })
}

fn read_lite(row: &sqlx::sqlite::SqliteRow) -> DbResult<Row> {
    let mut values = Vec::with_capacity(row.len());
    for at in 0..row.len() {
        let raw = row.try_get_raw(at)?;
        values.push(if raw.is_null() {
            Value::NoText
        } else if raw.type_info().name() == "INTEGER" {
            Value::Int(row.try_get(at)?)
        } else {
            Value::Text(row.try_get(at)?)
        });
    }
    Ok(Row(values))
}

fn read_pg(row: &sqlx::postgres::PgRow) -> DbResult<Row> {
    let mut values = Vec::with_capacity(row.len());
    for at in 0..row.len() {
        if row.try_get_raw(at)?.is_null() {
            values.push(Value::NoText);
            continue;
        }
        values.push(match row.column(at).type_info().name() {
            "INT8" => Value::Int(row.try_get(at)?),
            "INT4" => Value::Int(i64::from(row.try_get::<i32, _>(at)?)),
            _ => Value::Text(row.try_get(at)?),
        });
    }
    Ok(Row(values))
}
