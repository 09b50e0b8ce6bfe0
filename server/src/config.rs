//! How one process is set up: where its data is, what it listens on, whether it shows the demo.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Settings of a process.
#[derive(Debug, Clone)]
pub struct Config {
    /// Data folder: database file, keys, uploaded and sealed files.
    pub data: PathBuf,
    /// PostgreSQL, when the embedded file is outgrown.
    pub database_url: Option<String>,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Demo accounts and sample cases.
    pub demo: bool,
    /// Address people type, without trailing slash; stands in QR codes.
    pub base_url: String,
    /// Folders with fonts.
    pub fonts: Vec<PathBuf>,
    /// Passphrase of the seal; a file in the data folder when absent.
    pub passphrase: Option<String>,
    /// Node number, 0 to 1023, different for each process on one PostgreSQL.
    pub node: u16,
    /// Folder with templates that replace the built-in ones, read again at every request.
    pub templates: Option<PathBuf>,
    /// Most acts waiting for the writer before callers are told to come back.
    pub queue: usize,
    /// The place this installation serves: what pages and searches speak of until someone chooses another.
    pub division: Option<String>,
    /// Whether this process runs duties (sealing documents); another node may do it instead.
    pub jobs: bool,
}

impl Config {
    /// Settings for a data folder, everything else as it comes.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            database_url: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            demo: false,
            base_url: "http://127.0.0.1:8080".into(),
            fonts: Vec::new(),
            passphrase: None,
            node: 0,
            templates: None,
            queue: 1024,
            division: None,
            jobs: true,
        }
    }

    /// The embedded database's file.
    pub fn sqlite_path(&self) -> PathBuf {
        self.data.join("tongban.db")
    }

    /// Whether the session cookie may only travel over HTTPS.
    pub fn secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}
