//! Files: uploaded materials and sealed documents, each under the SM3 of its bytes. The object is written and synced
//! first, its row after; what has no row is an orphan and is swept later.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::error::Fault;

/// The file store.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
}

fn path(digest: &str) -> ObjectPath {
    ObjectPath::from(format!("{}/{digest}", digest.get(..2).unwrap_or("__")))
}

impl Files {
    /// A store in a folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Keeps bytes under their digest; the same bytes twice are one file. Durable when it returns.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn keep(&self, bytes: Bytes) -> Result<String, Fault> {
        let hashed = bytes.clone();
        let digest = tokio::task::spawn_blocking(move || tongban_documents::sm3_hex(&hashed))
            .await
            .map_err(|e| Fault::plain(e.to_string()))?;
        let path = path(&digest);
        if self.store.head(&path).await.is_err() {
            self.store.put(&path, PutPayload::from(bytes)).await?;
        }
        Ok(digest)
    }

    /// The bytes of a digest; a file that was changed on disk is a fault, not an answer.
    ///
    /// # Errors
    /// When it is gone or was changed.
    pub async fn read(&self, digest: &str) -> Result<Bytes, Fault> {
        let bytes = self.store.get(&path(digest)).await?.bytes().await?;
        if tongban_documents::sm3_hex(&bytes) == digest {
            return Ok(bytes);
        }
        Err(Fault::plain(format!("file {digest} was changed on disk")))
    }
}
