//! The only way a case changes. Pages, API, jobs and the command line build an [`Act`] and call [`execute`]; the writer
//! takes the acts that are waiting, decides each in memory, commits them together and answers everyone after the commit.

mod batch;
mod decide;
mod tell;
mod writer;

use std::sync::Arc;

use tongban_domain::case::{Case, Command};
use tongban_domain::ids::CaseNo;
use tongban_domain::permit::Actor;

pub(crate) use batch::licence_row;
pub(crate) use decide::{mark_row, party_kind};
pub use writer::{Writer, start};

use crate::app::App;
use crate::error::Error;

/// 一次办理: who asks what of which case.
#[derive(Debug, Clone)]
pub struct Act {
    /// Who.
    pub actor: Actor,
    /// Which case; none for a submission.
    pub case: Option<CaseNo>,
    /// What.
    pub command: Command,
    /// Idempotency key, unique per account.
    pub key: Option<String>,
    /// Version the caller saw; a mismatch is a conflict. None: whatever it is now.
    pub expected: Option<u32>,
}

impl Act {
    /// An act on a case.
    pub fn on(actor: Actor, case: CaseNo, command: Command) -> Self {
        Self { actor, case: Some(case), command, key: None, expected: None }
    }

    /// With an idempotency key.
    #[must_use]
    pub fn keyed(mut self, key: Option<String>) -> Self {
        self.key = key.filter(|k| !k.is_empty());
        self
    }

    /// With the version the caller saw.
    #[must_use]
    pub fn seen(mut self, version: Option<u32>) -> Self {
        self.expected = version;
        self
    }
}

/// What came of an act.
#[derive(Debug, Clone)]
pub struct Done {
    /// The case afterwards.
    pub case: Arc<Case>,
    /// The same request had been fulfilled before: nothing happened twice.
    pub replayed: bool,
}

/// Asks for an act and waits until it is durable.
///
/// # Errors
/// [`Error`]; nothing has changed then.
pub async fn execute(app: &App, act: Act) -> Result<Done, Error> {
    app.writer.act(act).await
}
