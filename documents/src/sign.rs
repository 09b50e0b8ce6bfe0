//! SM3 digests and SM2 signatures (GB/T 32905, GB/T 32918): DER signatures with the default identity, keys as
//! encrypted PKCS#8 that OpenSSL 3 reads too. Knows bytes and keys; what is sealed and why is not its business.

use std::fmt;

use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, EncryptedPrivateKeyInfoRef,
    LineEnding, PrivateKeyInfoRef, SecretDocument,
};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::{PublicKey, SecretKey};
use sm3::{Digest, Sm3};

/// The signer's identity everyone uses unless agreed otherwise (GM/T 0009).
const IDENTITY: &str = "1234567812345678";

const ENCRYPTED_LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// 签章错误: why something could not be sealed, or a seal not be believed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The signature is well formed but does not belong to these bytes and this key.
    #[error("the signature does not match the bytes and the key")]
    Mismatch,
    /// The signature is not a DER sequence of two numbers in range.
    #[error("the signature is not a DER-encoded SM2 signature")]
    Signature,
    /// The public key is not a PEM-encoded SM2 key.
    #[error("the public key is not an SM2 key in PEM form")]
    PublicKey,
    /// The key file is not an encrypted PKCS#8 SM2 key.
    #[error("the key file is not an encrypted PKCS#8 SM2 key: {0}")]
    KeyFile(String),
    /// The passphrase is wrong (or the file was changed, which looks the same).
    #[error("the passphrase does not open this key")]
    Passphrase,
    /// Keys are never written without a passphrase.
    #[error("the passphrase must not be empty")]
    EmptyPassphrase,
    /// The system gave no random bytes.
    #[error("the system's random source failed: {0}")]
    Random(getrandom::Error),
    /// The signing device or library failed.
    #[error("signing failed: {0}")]
    Device(String),
}

/// 杂凑: the SM3 digest of some bytes.
pub fn sm3(bytes: &[u8]) -> [u8; 32] {
    Sm3::digest(bytes).into()
}

/// 杂凑值: the SM3 digest in 64 lower-case hexadecimal digits.
pub fn sm3_hex(bytes: &[u8]) -> String {
    hex(&sm3(bytes))
}

/// 分段杂凑: SM3 over a stream, piece by piece.
#[derive(Clone, Default)]
pub struct Sm3Hasher(Sm3);

impl Sm3Hasher {
    /// A hasher that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything seen, in 64 hexadecimal digits.
    pub fn finish_hex(self) -> String {
        hex(&self.0.finalize())
    }
}

impl fmt::Debug for Sm3Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sm3Hasher")
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

/// 签名器: whoever holds the private key: a file today, a signature server or card tomorrow.
pub trait Signer: Send + Sync {
    /// 密钥标识: the first 16 hexadecimal digits of the SM3 digest of the public key (SPKI, DER).
    fn key_id(&self) -> &str;
    /// 公钥: in PEM, to be given to anyone.
    fn public_key_pem(&self) -> &str;
    /// 签名: SM2 with SM3 over the message, as DER.
    ///
    /// # Errors
    /// [`SealError::Device`] when the key cannot be used.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SealError>;
}

/// 软件密钥: an SM2 key pair in memory.
pub struct SoftKey {
    secret: SecretKey,
    signing: SigningKey,
    key_id: String,
    public_key_pem: String,
}

impl fmt::Debug for SoftKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftKey").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl SoftKey {
    /// A new key pair from the system's random source.
    ///
    /// # Errors
    /// [`SealError::Random`] when the system has no randomness to give.
    pub fn generate() -> Result<Self, SealError> {
        let mut bytes = [0_u8; 32];
        loop {
            getrandom::fill(&mut bytes).map_err(SealError::Random)?;
            // Zero and numbers above the group's order are no keys: about one draw in four billion.
            if let Ok(secret) = SecretKey::from_slice(&bytes) {
                return Self::new(secret);
            }
        }
    }

    fn new(secret: SecretKey) -> Result<Self, SealError> {
        let signing = SigningKey::new(IDENTITY, &secret).map_err(device)?;
        let public = secret.public_key();
        let der = public.to_public_key_der().map_err(device)?;
        let key_id = hex(&sm3(der.as_bytes())[..8]);
        let public_key_pem = public.to_public_key_pem(LineEnding::LF).map_err(device)?;
        Ok(Self { secret, signing, key_id, public_key_pem })
    }

    /// Writes the key as encrypted PKCS#8: PBES2 with scrypt (N 16,384, r 8, p 5: the most that OpenSSL 3 reads by
    /// default is 32 MB of memory) and AES-256-CBC.
    ///
    /// # Errors
    /// When the passphrase is empty or the system's random source fails.
    pub fn to_encrypted_pem(&self, passphrase: &[u8]) -> Result<String, SealError> {
        if passphrase.is_empty() {
            return Err(SealError::EmptyPassphrase);
        }
        let (mut salt, mut iv) = ([0_u8; 16], [0_u8; 16]);
        getrandom::fill(&mut salt).map_err(SealError::Random)?;
        getrandom::fill(&mut iv).map_err(SealError::Random)?;
        let cost = scrypt::Params::new(14, 8, 5).map_err(device)?;
        let scheme = pbes2::Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).map_err(device)?;
        let plain = self.secret.to_pkcs8_der().map_err(device)?;
        let sealed = PrivateKeyInfoRef::try_from(plain.as_bytes())
            .map_err(device)?
            .encrypt_with_params(scheme, passphrase)
            .map_err(device)?;
        let pem = sealed.to_pem(ENCRYPTED_LABEL, LineEnding::LF).map_err(device)?;
        Ok(pem.to_string())
    }

    /// Reads a key that [`SoftKey::to_encrypted_pem`] or OpenSSL wrote.
    ///
    /// # Errors
    /// [`SealError::Passphrase`] when it does not open, [`SealError::KeyFile`] when the file is something else.
    pub fn from_encrypted_pem(pem: &str, passphrase: &[u8]) -> Result<Self, SealError> {
        let (label, sealed) = SecretDocument::from_pem(pem).map_err(key_file)?;
        if label != ENCRYPTED_LABEL {
            return Err(SealError::KeyFile(format!("it holds a {label}, not an {ENCRYPTED_LABEL}")));
        }
        let plain = EncryptedPrivateKeyInfoRef::try_from(sealed.as_bytes())
            .map_err(key_file)?
            .decrypt(passphrase)
            .map_err(|_| SealError::Passphrase)?;
        // One wrong passphrase in 256 decrypts to bytes that look padded but are no key.
        PrivateKeyInfoRef::try_from(plain.as_bytes()).map_err(|_| SealError::Passphrase)?;
        Self::new(SecretKey::from_pkcs8_der(plain.as_bytes()).map_err(key_file)?)
    }
}

impl Signer for SoftKey {
    fn key_id(&self) -> &str {
        &self.key_id
    }

    fn public_key_pem(&self) -> &str {
        &self.public_key_pem
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SealError> {
        let signature: Signature = self.signing.try_sign(message).map_err(device)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

/// 验签: checks an SM2 signature (DER, SM3, default identity) over a message.
///
/// # Errors
/// [`SealError::Mismatch`] when it does not belong to the message and key; [`SealError::Signature`] or
/// [`SealError::PublicKey`] when one of them is malformed.
pub fn verify(public_key_pem: &str, message: &[u8], signature_der: &[u8]) -> Result<(), SealError> {
    let public = PublicKey::from_public_key_pem(public_key_pem).map_err(|_| SealError::PublicKey)?;
    let key = VerifyingKey::new(IDENTITY, public).map_err(|_| SealError::PublicKey)?;
    let signature = Signature::from_der(signature_der).map_err(|_| SealError::Signature)?;
    key.verify(message, &signature).map_err(|_| SealError::Mismatch)
}

fn device(error: impl fmt::Display) -> SealError {
    SealError::Device(error.to_string())
}

fn key_file(error: impl fmt::Display) -> SealError {
    SealError::KeyFile(error.to_string())
}
