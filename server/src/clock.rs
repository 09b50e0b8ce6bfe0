//! Time and chance of the running program: the only place that asks the wall clock (clippy.toml forbids it elsewhere).

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tongban_domain::case::IDS_PER_ACT;
use tongban_domain::ids::Id;

/// 2020-01-01T00:00:00Z, where ids begin.
const EPOCH_2020_MS: i64 = 1_577_836_800_000;

/// The clock: the machine's, or one that a test or a simulation sets.
#[derive(Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// Set by hand, epoch milliseconds.
    Set(AtomicI64),
}

impl Clock {
    /// Epoch milliseconds.
    pub fn now(&self) -> i64 {
        match self {
            Self::System => system_ms(),
            Self::Set(now) => now.load(Ordering::SeqCst),
        }
    }

    /// Sets a settable clock; the machine's clock stays as it is.
    pub fn set(&self, now: i64) {
        if let Self::Set(at) = self {
            at.store(now, Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn system_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64)
}

/// Makes ids from time, node and sequence. Blocks of [`IDS_PER_ACT`] are handed out, so that an act's ids follow each
/// other whatever batch it stands in.
#[derive(Debug)]
pub struct Ids {
    node: u16,
    last: Mutex<(i64, u16)>,
}

impl Ids {
    /// Ids of a node (0 to 1023).
    pub fn new(node: u16) -> Self {
        Self { node, last: Mutex::new((0, 0)) }
    }

    /// The first id of a fresh block.
    pub fn block(&self, now: i64) -> Id {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let ms = (now - EPOCH_2020_MS).max(last.0);
        let step = IDS_PER_ACT as u16;
        let sequence = if ms == last.0 { last.1 + step } else { 0 };
        *last = if sequence >= 4096 { (ms + 1, 0) } else { (ms, sequence) };
        Id::compose(last.0, self.node, last.1)
    }
}

/// Chance: the operating system's, or derived from a seed so that a run can be repeated byte by byte.
#[derive(Debug, Clone, Copy)]
pub enum Chance {
    /// The operating system's generator.
    System,
    /// Derived from a seed and what it is for; never in production.
    Seeded(u64),
}

impl Chance {
    /// 32 bytes for one purpose.
    pub fn seed(self, purpose: &str) -> [u8; 32] {
        match self {
            Self::System => crate::secrets::random(),
            Self::Seeded(seed) => tongban_documents::sm3(format!("{seed}:{purpose}").as_bytes()),
        }
    }
}
