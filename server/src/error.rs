//! What can go wrong, once: each kind becomes a page, a problem+json or an exit code elsewhere.

use tongban_domain::case::{No, Refusal};
use tongban_domain::item::FieldError;
use tongban_domain::permit::Denial;

use crate::store::DbError;

/// Why a request was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The law says no.
    #[error("{0}")]
    Refusal(Refusal),
    /// Not yours.
    #[error("{0}")]
    Denial(#[from] Denial),
    /// Fields to put right.
    #[error("有{}处需要修改", .0.len())]
    Invalid(Vec<FieldError>),
    /// Nothing there.
    #[error("没有找到{0}")]
    NotFound(&'static str),
    /// Someone else was faster, or the same thing exists already.
    #[error("{}", .0.detail)]
    Conflict(Box<Conflict>),
    /// The same idempotency key came with another body.
    #[error("这个幂等键已经用在另一个内容不同的请求上，请换一个新的键")]
    KeyReused,
    /// Too many attempts.
    #[error("尝试次数太多，请{0}秒后再试")]
    TooMany(u64),
    /// The queue is full.
    #[error("现在办理的人太多，请稍后再试；已经填写的内容不会丢失")]
    Busy,
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Someone else was faster, or a twin exists.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// Stable code.
    pub code: &'static str,
    /// In words, with what changed.
    pub detail: String,
    /// The case it is about, by public number.
    pub no: String,
    /// Its current version.
    pub version: u32,
    /// Its current state.
    pub state: String,
}

impl From<No> for Error {
    fn from(no: No) -> Self {
        match no {
            No::Refused(refusal) => Self::Refusal(refusal),
            No::Invalid(errors) => Self::Invalid(errors),
            No::Missing(what) => Self::Fault(Fault::plain(format!("missing fact: {what}"))),
        }
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        Self::Fault(error.into())
    }
}

/// Our own failure, logged with an id that the page shows.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Storage.
    #[error("storage: {0}")]
    Db(#[from] DbError),
    /// Files.
    #[error("files: {0}")]
    Files(#[from] object_store::Error),
    /// Input and output.
    #[error("io: {0}")]
    Io(#[from] std::io::Error),
    /// JSON of our own that does not read back.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    /// A page template.
    #[error("template: {0:#}")]
    Template(#[from] minijinja::Error),
    /// Said in words.
    #[error("{0}")]
    Plain(String),
}

impl Fault {
    /// Whether two writers met on one row: the caller may simply try again.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Db(DbError::Stale(_)))
    }

    /// A fault in words.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Plain(text.into())
    }
}

macro_rules! fault_from {
    ($($source:ty),*) => { $(impl From<$source> for Error {
        fn from(error: $source) -> Self { Self::Fault(error.into()) }
    })* };
}
fault_from!(std::io::Error, serde_json::Error, object_store::Error, minijinja::Error);

/// One field error, as the only one.
pub fn invalid(field: &str, label: &str, message: impl Into<String>, english: impl Into<String>) -> Error {
    Error::Invalid(vec![FieldError::new(field, label, message, english)])
}
