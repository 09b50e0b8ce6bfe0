//! Secrets of one installation: the key that encrypts identifiers, the key that hashes them for exact search, the seal.
//! They stand in files outside the database; lose them and the personal data is gone, so the backup takes them too.

use std::collections::BTreeMap;
use std::path::Path;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{AesGcm, Nonce};
use hmac::{Hmac, Mac};
use sm3::Sm3;
use sm4::Sm4;
use tongban_documents::{Signer, SoftKey};

use crate::error::Fault;

type Sm4Gcm = AesGcm<Sm4, aes_gcm::aead::consts::U12>;

/// Length of a nonce.
const NONCE: usize = 12;

/// The keys of this installation.
pub struct Secrets {
    cipher: Sm4Gcm,
    key_id: String,
    search_key: [u8; 32],
    /// The installation's seal.
    pub seal: Box<dyn Signer>,
    /// Public keys of this seal and of those it replaced, by key id.
    public_keys: BTreeMap<String, String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// Fills a buffer from the operating system's generator.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system for chance")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The generator of the operating system does not fail once the machine is up; without it nothing here is safe.
    if getrandom::fill(&mut bytes).is_err() {
        tracing::error!("the operating system gives no random bytes");
        std::process::abort();
    }
    bytes
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads hex.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

impl Secrets {
    /// Opens the keys of a data folder, making them at first start.
    ///
    /// # Errors
    /// When the folder cannot be written, a key file cannot be read back, or a database that was made with keys (their
    /// id is `known`) has lost them: new ones would make its personal data unreadable without a word.
    pub fn open(folder: &Path, passphrase: Option<&str>, known: Option<&str>) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder)?;
        if let Some(known) = known {
            for name in ["data.key", "search.key", "seal.pem"] {
                if !folder.join(name).exists() {
                    return Err(Fault::plain(format!(
                        "数据库用密钥 {known} 加密，但密钥文件 {} 不见了。请从备份恢复 keys 目录后再启动；程序没有生成新的密钥。",
                        folder.join(name).display()
                    )));
                }
            }
        }
        let data_key = read_or_make(&folder.join("data.key"))?;
        let search_key = read_or_make(&folder.join("search.key"))?;
        let passphrase = match passphrase {
            Some(given) => given.as_bytes().to_vec(),
            None => hex(&read_or_make(&folder.join("seal.passphrase"))?).into_bytes(),
        };
        let path = folder.join("seal.pem");
        let seal = if path.exists() {
            SoftKey::from_encrypted_pem(&std::fs::read_to_string(&path)?, &passphrase).map_err(|e| {
                Fault::plain(format!("签章密钥 {} 打不开（口令不对或文件损坏）：{e}", path.display()))
            })?
        } else {
            let key = SoftKey::generate().map_err(|e| Fault::plain(e.to_string()))?;
            let pem = key.to_encrypted_pem(&passphrase).map_err(|e| Fault::plain(e.to_string()))?;
            write_private(&path, pem.as_bytes())?;
            key
        };
        let public_keys = public_keys(&folder.join("public"), &seal)?;
        let secrets = Self::assemble(data_key, search_key, Box::new(seal), public_keys);
        match known {
            Some(known) if known != secrets.key_id => Err(Fault::plain(format!(
                "数据库用密钥 {known} 加密，keys 目录里的是 {}：两者不配，请换回原来的 keys 目录。",
                secrets.key_id
            ))),
            _ => Ok(secrets),
        }
    }

    /// Id of the key that encrypts personal data.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public key (PEM) of a seal by its id: today's, or one that it replaced.
    pub fn public_key(&self, id: &str) -> Option<&str> {
        self.public_keys.get(id).map(String::as_str)
    }

    fn assemble(
        data_key: [u8; 32],
        search_key: [u8; 32],
        seal: Box<dyn Signer>,
        public_keys: BTreeMap<String, String>,
    ) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&data_key[..16]);
        let cipher = Sm4Gcm::new(&key.into());
        let key_id = tongban_documents::sm3_hex(&data_key)[..8].to_owned();
        Self { cipher, key_id, search_key, seal, public_keys }
    }

    /// Encrypts a text for a row: `key id : hex(nonce ‖ ciphertext ‖ tag)`, bound to the row it stands in.
    pub fn lock(&self, row: i64, text: &str) -> String {
        let nonce: [u8; NONCE] = random();
        let payload = Payload { msg: text.as_bytes(), aad: &row.to_be_bytes() };
        // Encryption of a few kilobytes in memory has no way to fail; an empty text would be found by `verify`.
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), payload).unwrap_or_default();
        format!("{}:{}{}", self.key_id, hex(&nonce), hex(&sealed))
    }

    /// Decrypts what [`Secrets::lock`] made for the same row.
    ///
    /// # Errors
    /// When the key is another, or one byte was changed.
    pub fn unlock(&self, row: i64, locked: &str) -> Result<String, Fault> {
        let broken = || Fault::plain("encrypted text was changed or belongs to another key");
        let (key_id, body) = locked.split_once(':').ok_or_else(broken)?;
        if key_id != self.key_id {
            return Err(broken());
        }
        let bytes = unhex(body).ok_or_else(broken)?;
        if bytes.len() < NONCE || body.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(broken());
        }
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&bytes[..NONCE]);
        let payload = Payload { msg: &bytes[NONCE..], aad: &row.to_be_bytes() };
        let plain = self.cipher.decrypt(&Nonce::from(nonce), payload).map_err(|_| broken())?;
        String::from_utf8(plain).map_err(|_| broken())
    }

    /// Keyed hash for exact search of identifiers.
    pub fn search_hash(&self, purpose: &str, text: &str) -> String {
        let Ok(mut mac) = <Hmac<Sm3> as hmac::KeyInit>::new_from_slice(&self.search_key) else {
            return String::new();
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// Keeps today's public key beside those of earlier seals, so that what they signed stays verifiable.
fn public_keys(folder: &Path, seal: &SoftKey) -> Result<BTreeMap<String, String>, Fault> {
    std::fs::create_dir_all(folder)?;
    let own = folder.join(format!("{}.pem", seal.key_id()));
    if !own.exists() {
        std::fs::write(&own, seal.public_key_pem())?;
    }
    let mut keys = BTreeMap::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        if let Some(id) =
            path.file_stem().and_then(|s| s.to_str()).filter(|_| path.extension().is_some_and(|e| e == "pem"))
        {
            keys.insert(id.to_owned(), std::fs::read_to_string(&path)?);
        }
    }
    Ok(keys)
}

fn read_or_make(path: &Path) -> Result<[u8; 32], Fault> {
    if path.exists() {
        let text = std::fs::read_to_string(path)?;
        return unhex(text.trim())
            .and_then(|b| b.try_into().ok())
            .ok_or_else(|| Fault::plain(format!("密钥文件 {} 不是64位十六进制", path.display())));
    }
    let key: [u8; 32] = random();
    write_private(path, hex(&key).as_bytes())?;
    Ok(key)
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}
