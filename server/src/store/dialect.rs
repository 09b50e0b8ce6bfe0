//! What the two engines say differently, and the multi-row statements: built once per shape, in a few fixed sizes, so
//! that prepared statements are reused and a batch sends as many statements as it touches tables.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::db::{Conn, DbError, DbResult, Engine, Row, Value};

/// Sizes a multi-row statement comes in.
const SIZES: [usize; 4] = [1, 8, 64, 256];

/// A column of a multi-row statement: its name and whether it is BIGINT (else TEXT).
pub type Columns = &'static [(&'static str, bool)];

static STATEMENTS: LazyLock<Mutex<HashMap<(usize, String), &'static str>>> = LazyLock::new(Mutex::default);

fn remembered(size: usize, shape: String, build: impl FnOnce() -> String) -> &'static str {
    let mut statements = STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = statements.get(&(size, shape.clone())) {
        return known;
    }
    let sql: &'static str = Box::leak(build().into_boxed_str());
    statements.insert((size, shape), sql);
    sql
}

fn size_for(rows: usize) -> usize {
    SIZES.into_iter().find(|s| *s >= rows).unwrap_or(SIZES[SIZES.len() - 1])
}

fn values_clause(size: usize, columns: usize) -> String {
    let mut sql = String::with_capacity(size * columns * 6);
    for row in 0..size {
        sql.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            if column > 0 {
                sql.push(',');
            }
            sql.push('$');
            sql.push_str(&(row * columns + column + 1).to_string());
        }
        sql.push(')');
    }
    sql
}

fn padded(chunk: &[Vec<Value>], size: usize, columns: Columns) -> Vec<Value> {
    let mut args: Vec<Value> = chunk.iter().flatten().cloned().collect();
    for _ in chunk.len()..size {
        args.extend(columns.iter().map(|(_, int)| if *int { Value::NoInt } else { Value::NoText }));
    }
    args
}

fn names(columns: Columns) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",")
}

/// Inserts rows with one statement per 256. The first column is the key and never null: rows of nulls are padding.
///
/// # Errors
/// [`DbError`], constraint names included.
pub async fn insert(
    conn: &mut Conn,
    table: &'static str,
    columns: Columns,
    suffix: &'static str,
    rows: &[Vec<Value>],
) -> DbResult<()> {
    for chunk in rows.chunks(SIZES[SIZES.len() - 1]) {
        let size = size_for(chunk.len());
        let sql = remembered(size, format!("insert {table} {suffix}"), || {
            let names = names(columns);
            let key = columns[0].0;
            format!(
                "WITH v({names}) AS (VALUES {}) INSERT INTO {table}({names}) SELECT {names} FROM v WHERE v.{key} IS NOT NULL {suffix}",
                values_clause(size, columns.len())
            )
        });
        conn.run(sql, padded(chunk, size, columns)).await?;
    }
    Ok(())
}

/// Updates rows guarded by their version: the columns are `id`, `guard` (the version read) and the new values; the
/// table's `version` must equal the guard.
///
/// # Errors
/// [`DbError::Stale`] when a row changed in between.
pub async fn update_guarded(
    conn: &mut Conn,
    table: &'static str,
    columns: Columns,
    rows: &[Vec<Value>],
) -> DbResult<()> {
    for chunk in rows.chunks(SIZES[SIZES.len() - 1]) {
        let size = size_for(chunk.len());
        let sql = remembered(size, format!("update {table}"), || {
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
        let touched = conn.run(sql, padded(chunk, size, columns)).await?;
        if touched != chunk.len() as u64 {
            return Err(DbError::Stale(table));
        }
    }
    Ok(())
}

/// Updates rows without a version, each by its first column, where a fixed condition holds; gives how many it touched.
///
/// # Errors
/// [`DbError`].
pub async fn update_where(
    conn: &mut Conn,
    table: &'static str,
    columns: Columns,
    condition: &'static str,
    rows: &[Vec<Value>],
) -> DbResult<u64> {
    let mut touched = 0;
    for chunk in rows.chunks(SIZES[SIZES.len() - 1]) {
        let size = size_for(chunk.len());
        let sql = remembered(size, format!("set {table} {condition}"), || {
            let key = columns[0].0;
            let names: Vec<String> = columns.iter().map(|(name, _)| format!("new_{name}")).collect();
            let set: Vec<String> =
                columns.iter().skip(1).map(|(name, _)| format!("{name}=v.new_{name}")).collect();
            format!(
                "WITH v({}) AS (VALUES {}) UPDATE {table} SET {} FROM v WHERE {table}.{key}=v.new_{key} AND {condition}",
                names.join(","),
                values_clause(size, columns.len()),
                set.join(",")
            )
        });
        touched += conn.run(sql, padded(chunk, size, columns)).await?;
    }
    Ok(touched)
}

/// Reads rows whose key is in a list: `select` is everything before `WHERE`, `key` the column, `tail` what follows.
/// The list is passed as one JSON (SQLite) or array (PostgreSQL) of text or numbers, expanded here and nowhere else.
///
/// # Errors
/// [`DbError`].
pub async fn select_in(
    conn: &mut Conn,
    select: &'static str,
    key: &'static str,
    keys: &[Value],
    lock: bool,
) -> DbResult<Vec<Row>> {
    let mut found = Vec::new();
    let engine = conn.engine();
    for chunk in keys.chunks(SIZES[SIZES.len() - 1]) {
        let size = size_for(chunk.len());
        let sql = remembered(size, format!("select {select} {key} {lock} {engine:?}"), || {
            let list: Vec<String> = (1..=size).map(|n| format!("${n}")).collect();
            let tail = if lock && engine == Engine::Postgres {
                // Rows are locked in key order, so that two nodes never wait for each other in a circle.
                format!(" ORDER BY {key} FOR UPDATE")
            } else {
                String::new()
            };
            format!("{select} WHERE {key} IN ({}){tail}", list.join(","))
        });
        // Padding repeats the last key: it changes nothing in an IN list.
        let mut args = chunk.to_vec();
        args.resize(size, chunk[chunk.len() - 1].clone());
        found.extend(conn.rows(sql, args).await?);
    }
    Ok(found)
}

/// A statement built at run time from fixed parts (filters of lists); the parts never hold user input.
pub fn fixed(parts: &[&str]) -> &'static str {
    remembered(0, parts.concat(), || parts.concat())
}
