//! Brings the database to this program's schema, and refuses one that a newer program made.

use include_dir::{Dir, include_dir};

use super::{Conn, Db, DbResult, Engine};
use crate::args;
use crate::error::Fault;

static MIGRATIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/migrations");

/// The migrations in order: number, name and text.
fn migrations() -> Vec<(i64, &'static str, &'static str)> {
    let mut all: Vec<_> = MIGRATIONS
        .files()
        .filter_map(|f| {
            let name = f.path().file_name()?.to_str()?;
            let number = name.strip_suffix(".sql")?.split('_').next()?.parse().ok()?;
            Some((number, name, f.contents_utf8()?))
        })
        .collect();
    all.sort_unstable();
    all
}

/// The schema version this program needs.
pub fn newest() -> i64 {
    migrations().last().map_or(0, |m| m.0)
}

/// Runs what is missing, each migration in its own transaction.
///
/// # Errors
/// A [`Fault`] in plain words when the database is newer than the program, or not made with the C locale.
pub async fn migrate(db: &Db, now: i64) -> Result<(), Fault> {
    let mut conn = db.write().await?;
    if db.engine() == Engine::Postgres {
        check_postgres(&mut conn).await?;
    }
    conn.script("CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, at BIGINT NOT NULL)")
        .await?;
    let done = current(&mut conn).await?;
    if done > newest() {
        return Err(Fault::plain(format!(
            "数据库的版本（{done}）比程序（{}）新，为免损坏数据，程序不启动。请换用新版本的程序，或恢复升级前的备份。 \
             The database is newer than the program.",
            newest()
        )));
    }
    for (number, name, text) in migrations().into_iter().filter(|m| m.0 > done) {
        conn.begin().await?;
        let step = async {
            conn.script(text).await?;
            conn.run(
                "INSERT INTO schema_versions(version, name, at) VALUES ($1,$2,$3)",
                args![number, name, now],
            )
            .await
        };
        if let Err(error) = step.await {
            conn.rollback().await?;
            return Err(error.into());
        }
        conn.commit().await?;
    }
    Ok(())
}

async fn current(conn: &mut Conn) -> DbResult<i64> {
    let row =
        conn.row("SELECT CAST(COALESCE(MAX(version),0) AS BIGINT) FROM schema_versions", vec![]).await?;
    Ok(row.map_or(0, |r| r.int(0)))
}

async fn check_postgres(conn: &mut Conn) -> Result<(), Fault> {
    let sql = "SELECT datcollate FROM pg_database WHERE datname = current_database()";
    let collate = conn.row(sql, vec![]).await?.map(|r| r.text(0).to_owned()).unwrap_or_default();
    if !matches!(collate.as_str(), "C" | "POSIX" | "C.UTF-8" | "C.utf8") {
        return Err(Fault::plain(format!(
            "PostgreSQL 数据库的排序规则是 {collate}，请用 CREATE DATABASE … TEMPLATE template0 LOCALE 'C' 新建数据库。 \
             The database must use the C locale."
        )));
    }
    Ok(())
}
