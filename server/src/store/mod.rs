//! SQL and nothing else: plain functions, a file per group of tables. Knows the domain's types, refuses to know rights,
//! pages or the law.

pub mod accounts;
pub mod attachments;
pub mod calendar;
pub mod cases;
pub mod db;
pub mod dialect;
pub mod documents;
pub mod drafts;
pub mod enquiries;
pub mod jobs;
pub mod lists;
pub mod messages;
pub mod migrate;
pub mod outages;
pub mod staff;
pub mod watch;

pub use db::{Conn, Db, DbError, DbResult, Engine, Row, Value, waits_for_disk};
