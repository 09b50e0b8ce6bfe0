//! The one batching writer of a node (decision 14). Its queue is bounded and says so; it outlives a panicking command.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::{Notify, mpsc, oneshot};

use super::batch::{self, Stream};
use super::{Act, Done};
use crate::app::Core;
use crate::error::{Error, Fault};
use crate::store::jobs::Lane;
use crate::store::{Conn, DbError, DbResult};

/// Most acts in one transaction.
pub(super) const BATCH: usize = 64;

/// A plain write: run inside the batch's transaction, possibly again when the batch is replayed one by one.
pub(super) type Plain = Box<
    dyn for<'c> Fn(&'c mut Conn) -> Pin<Box<dyn Future<Output = DbResult<Box<dyn Any + Send>>> + Send + 'c>>
        + Send
        + Sync,
>;

/// What waits for the writer.
pub(super) enum Work {
    /// An act on a case.
    Act(Box<Act>, oneshot::Sender<Result<Done, Error>>),
    /// A plain record without law.
    Plain(Plain, oneshot::Sender<DbResult<Box<dyn Any + Send>>>),
}

/// Handle to the writer.
#[derive(Debug, Clone)]
pub struct Writer {
    queue: mpsc::Sender<Work>,
    state: Arc<WriterState>,
}

/// What others may know of the writer.
#[derive(Debug, Default)]
pub struct WriterState {
    alive: AtomicBool,
    batches: AtomicU64,
    acts: AtomicU64,
    /// Rung when a batch left new duties, one for each lane: neither takes the other's bell.
    duties: [Notify; 2],
}

impl Writer {
    /// Queues an act and waits for its commit.
    pub(super) async fn act(&self, act: Act) -> Result<Done, Error> {
        let (answer, wait) = oneshot::channel();
        self.queue.try_send(Work::Act(Box::new(act), answer)).map_err(|_| Error::Busy)?;
        wait.await.map_err(|_| Error::Fault(Fault::plain("the writer stopped")))?
    }

    /// Queues a plain write and waits for its commit.
    ///
    /// # Errors
    /// [`Error::Busy`] when the queue is full, or what the write gives.
    pub async fn plain<T, F>(&self, write: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut Conn) -> Pin<Box<dyn Future<Output = DbResult<T>> + Send + 'c>>
            + Send
            + Sync
            + 'static,
    {
        let write = Arc::new(write);
        let boxed: Plain = Box::new(move |conn| {
            let write = Arc::clone(&write);
            Box::pin(async move { Ok(Box::new(write(conn).await?) as Box<dyn Any + Send>) })
        });
        let (answer, wait) = oneshot::channel();
        self.queue.try_send(Work::Plain(boxed, answer)).map_err(|_| Error::Busy)?;
        let value = wait.await.map_err(|_| Error::Fault(Fault::plain("the writer stopped")))??;
        value.downcast().map(|v| *v).map_err(|_| Error::Fault(Fault::plain("a write gave another type")))
    }

    /// Whether the writer takes work.
    pub fn is_alive(&self) -> bool {
        self.state.alive.load(Ordering::SeqCst) && !self.queue.is_closed()
    }

    /// Batches committed and acts done so far.
    pub fn counted(&self) -> (u64, u64) {
        (self.state.batches.load(Ordering::Relaxed), self.state.acts.load(Ordering::Relaxed))
    }

    /// Waits until a batch leaves new duties; each lane has one who waits.
    pub async fn duties(&self, lane: Lane) {
        self.state.duties[lane as usize].notified().await;
    }
}

/// Starts the writer on its own task.
///
/// # Errors
/// When the event stream cannot be read.
pub async fn start(core: Arc<Core>, queue: usize) -> Result<Writer, Fault> {
    let (sender, receiver) = mpsc::channel(queue);
    let state = Arc::new(WriterState::default());
    let mut conn = core.db.write().await?;
    let stream = Stream::open(&mut conn, core.node).await?;
    drop(conn);
    state.alive.store(true, Ordering::SeqCst);
    let writer = Writer { queue: sender, state: Arc::clone(&state) };
    tokio::spawn(run(core, receiver, stream, state));
    Ok(writer)
}

async fn run(core: Arc<Core>, mut queue: mpsc::Receiver<Work>, mut stream: Stream, state: Arc<WriterState>) {
    let mut waiting = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        let works = std::mem::take(&mut waiting);
        let acts = works.iter().filter(|w| matches!(w, Work::Act(..))).count() as u64;
        let duties = settle(&core, &mut stream, works).await;
        state.batches.fetch_add(1, Ordering::Relaxed);
        state.acts.fetch_add(acts, Ordering::Relaxed);
        if duties {
            state.duties.iter().for_each(Notify::notify_one);
        }
    }
    state.alive.store(false, Ordering::SeqCst);
}

/// Commits a batch; when a constraint or a stale row spoils it, replays it one by one, so that one bad act fails alone.
async fn settle(core: &Core, stream: &mut Stream, works: Vec<Work>) -> bool {
    match attempt(core, stream, &works).await {
        Ok(outcome) => outcome.answer(works),
        Err(error) if works.len() == 1 => {
            for work in works {
                refuse(work, &error);
            }
            false
        }
        Err(error) => {
            tracing::debug!(%error, size = works.len(), "a batch is replayed one by one");
            let mut duties = false;
            for work in works {
                let alone = vec![work];
                match attempt(core, stream, &alone).await {
                    Ok(outcome) => duties |= outcome.answer(alone),
                    Err(error) => alone.into_iter().for_each(|work| refuse(work, &error)),
                }
            }
            duties
        }
    }
}

fn refuse(work: Work, error: &DbError) {
    let again = match error {
        DbError::Constraint(name) => DbError::Constraint(name.clone()),
        DbError::Stale(table) => DbError::Stale(table),
        other => DbError::Content("transaction", other.to_string()),
    };
    // Whoever asked may have gone away; then nobody needs the answer.
    match work {
        Work::Act(_, answer) => drop(answer.send(Err(again.into()))),
        Work::Plain(_, answer) => drop(answer.send(Err(again))),
    }
}

async fn attempt(core: &Core, stream: &mut Stream, works: &[Work]) -> DbResult<batch::Outcome> {
    let mut conn = core.db.write().await?;
    conn.begin().await?;
    match batch::run(core, &mut conn, stream, works).await {
        Ok(outcome) => match conn.commit().await {
            Ok(()) => {
                stream.keep();
                Ok(outcome)
            }
            Err(error) => {
                stream.undo();
                Err(error)
            }
        },
        Err(error) => {
            stream.undo();
            // A connection that cannot even roll back is thrown away with its transaction by the pool.
            if let Err(undo) = conn.rollback().await {
                tracing::warn!(%undo, "rollback failed");
            }
            Err(error)
        }
    }
}
