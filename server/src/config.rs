//! How one process is set up: where its data is, what it listens on, whether it shows the demo.

use std::net::SocketAddr;
use std::path::PathBuf;

/// What must never be printed: it comes by environment or file and shows itself as stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// How mail leaves the house.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// `smtp://relay:25` (plain), `smtp://host:587?tls=required` (STARTTLS), `smtps://user:password@host:465`.
    pub url: Secret,
    /// Who it is from: `通办 <no-reply@example.gov.cn>`.
    pub from: String,
}

/// How SMS leave the house: as a JSON object posted to a gateway.
#[derive(Debug, Clone)]
pub struct SmsSettings {
    /// The gateway's address.
    pub url: String,
    /// Sent as a bearer token.
    pub token: Option<Secret>,
    /// What the gateway calls the fields.
    pub fields: SmsFields,
    /// A field of the answer and the value that means accepted, for gateways that answer 200 to everything.
    pub accepted: Option<(String, String)>,
    /// Stands in 【】 before each text; none when the gateway adds its own.
    pub signature: String,
}

/// Names of the fields of an SMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsFields {
    /// The mobile number.
    pub to: String,
    /// The words.
    pub text: String,
    /// The key under which the gateway takes it once.
    pub key: String,
}

impl Default for SmsFields {
    fn default() -> Self {
        Self { to: "to".into(), text: "text".into(), key: "key".into() }
    }
}

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
    /// Whether this process runs duties (sealing documents, sending messages); another node may do it instead.
    pub jobs: bool,
    /// Mail; none: messages stay in the platform.
    pub mail: Option<MailSettings>,
    /// SMS; none: messages stay in the platform.
    pub sms: Option<SmsSettings>,
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
            mail: None,
            sms: None,
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
