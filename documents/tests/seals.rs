//! Digests, signatures and keys, judged with OpenSSL 3.

mod support;

use support::{Scratch, run, succeed};
use tongban_documents::{SealError, Signer, Sm3Hasher, SoftKey, sm3, sm3_hex, verify};

const OPENSSL: &str = "openssl (version 3)";

/// Whether OpenSSL believes the signature.
fn openssl_verifies(public_pem: &str, message: &[u8], signature: &[u8]) -> bool {
    let scratch = Scratch::new();
    let (key, message, signature) = (
        scratch.file("pub.pem", public_pem.as_bytes()),
        scratch.file("message", message),
        scratch.file("signature", signature),
    );
    run(
        "openssl",
        OPENSSL,
        &[
            &"pkeyutl",
            &"-verify",
            &"-rawin",
            &"-digest",
            &"sm3",
            &"-pubin",
            &"-inkey",
            &key,
            &"-in",
            &message,
            &"-sigfile",
            &signature,
            &"-pkeyopt",
            &"distid:1234567812345678",
        ],
    )
    .status
    .success()
}

#[test]
fn sm3_gives_the_published_digests() {
    assert_eq!(sm3_hex(b"abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    assert_eq!(
        sm3_hex(&b"abcd".repeat(16)),
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    );
    assert_eq!(sm3(b"abc")[..2], [0x66, 0xc7]);
}

#[test]
fn a_stream_has_the_digest_of_its_bytes() {
    let bytes: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let mut hasher = Sm3Hasher::new();
    bytes.chunks(977).for_each(|piece| hasher.update(piece));
    assert_eq!(hasher.finish_hex(), sm3_hex(&bytes));
    assert_eq!(Sm3Hasher::new().finish_hex(), sm3_hex(b""));
}

#[test]
fn openssl_believes_our_signature_and_no_changed_one() {
    let key = SoftKey::generate().expect("key");
    let message = "受理通知书（2026）长审受字第00012号".as_bytes();
    let signature = key.sign(message).expect("signed");
    assert!(openssl_verifies(key.public_key_pem(), message, &signature));
    verify(key.public_key_pem(), message, &signature).expect("ours");

    let mut changed = message.to_vec();
    changed[3] ^= 1;
    assert!(!openssl_verifies(key.public_key_pem(), &changed, &signature));
    assert!(matches!(verify(key.public_key_pem(), &changed, &signature), Err(SealError::Mismatch)));

    let mut broken = signature.clone();
    *broken.last_mut().expect("a byte") ^= 1;
    assert!(!openssl_verifies(key.public_key_pem(), message, &broken));
    assert!(matches!(verify(key.public_key_pem(), message, &broken), Err(SealError::Mismatch)));
}

#[test]
fn we_believe_openssl_and_read_its_keys() {
    let scratch = Scratch::new();
    let (plain, sealed, public) =
        (scratch.path("key.pem"), scratch.path("sealed.pem"), scratch.path("pub.pem"));
    succeed("openssl", OPENSSL, &[&"genpkey", &"-algorithm", &"SM2", &"-out", &plain]);
    succeed(
        "openssl",
        OPENSSL,
        &[&"pkcs8", &"-topk8", &"-in", &plain, &"-out", &sealed, &"-passout", &"pass:secret"],
    );
    succeed("openssl", OPENSSL, &[&"pkey", &"-in", &plain, &"-pubout", &"-out", &public]);
    let public = std::fs::read_to_string(public).expect("public key");
    let message = scratch.file("message", b"signed elsewhere");
    let signature = scratch.path("signature");
    succeed(
        "openssl",
        OPENSSL,
        &[
            &"pkeyutl",
            &"-sign",
            &"-rawin",
            &"-digest",
            &"sm3",
            &"-inkey",
            &plain,
            &"-in",
            &message,
            &"-out",
            &signature,
            &"-pkeyopt",
            &"distid:1234567812345678",
        ],
    );
    let mut signature = std::fs::read(signature).expect("signature");
    verify(&public, b"signed elsewhere", &signature).expect("believed");
    assert!(matches!(verify(&public, b"signed Elsewhere", &signature), Err(SealError::Mismatch)));
    signature[10] ^= 1;
    assert!(verify(&public, b"signed elsewhere", &signature).is_err());

    let key = SoftKey::from_encrypted_pem(&std::fs::read_to_string(sealed).expect("key"), b"secret")
        .expect("opens");
    assert_eq!(key.public_key_pem(), public);
    verify(&public, b"x", &key.sign(b"x").expect("signed")).expect("the same key");
}

#[test]
fn openssl_reads_our_encrypted_key() {
    let key = SoftKey::generate().expect("key");
    let scratch = Scratch::new();
    let file =
        scratch.file("key.pem", key.to_encrypted_pem("口令 secret".as_bytes()).expect("written").as_bytes());
    let public =
        succeed("openssl", OPENSSL, &[&"pkey", &"-in", &file, &"-passin", &"pass:口令 secret", &"-pubout"]);
    assert_eq!(String::from_utf8(public).expect("PEM"), key.public_key_pem());
    let wrong = run("openssl", OPENSSL, &[&"pkey", &"-in", &file, &"-passin", &"pass:other", &"-pubout"]);
    assert!(!wrong.status.success());
}

#[test]
fn an_encrypted_key_comes_back_with_its_passphrase_only() {
    let key = SoftKey::generate().expect("key");
    let pem = key.to_encrypted_pem(b"correct horse").expect("written");
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    let back = SoftKey::from_encrypted_pem(&pem, b"correct horse").expect("opens");
    assert_eq!(back.key_id(), key.key_id());
    assert_eq!(back.public_key_pem(), key.public_key_pem());
    let error = SoftKey::from_encrypted_pem(&pem, b"wrong").expect_err("opened with a wrong passphrase");
    assert!(matches!(error, SealError::Passphrase), "{error:?}");
    assert_eq!(error.to_string(), "the passphrase does not open this key");
    assert!(matches!(key.to_encrypted_pem(b""), Err(SealError::EmptyPassphrase)));
}

#[test]
fn files_that_are_no_sm2_key_are_told_apart_from_wrong_passphrases() {
    let scratch = Scratch::new();
    let (plain, other) = (scratch.path("plain.pem"), scratch.path("p256.pem"));
    succeed("openssl", OPENSSL, &[&"genpkey", &"-algorithm", &"SM2", &"-out", &plain]);
    succeed(
        "openssl",
        OPENSSL,
        &[
            &"genpkey",
            &"-algorithm",
            &"EC",
            &"-pkeyopt",
            &"ec_paramgen_curve:P-256",
            &"-aes-256-cbc",
            &"-pass",
            &"pass:secret",
            &"-out",
            &other,
        ],
    );
    for pem in [
        std::fs::read_to_string(plain).expect("key"),
        std::fs::read_to_string(other).expect("key"),
        String::from("not a key"),
        String::new(),
    ] {
        let error = SoftKey::from_encrypted_pem(&pem, b"secret").expect_err("no SM2 key");
        assert!(matches!(error, SealError::KeyFile(_)), "{error:?} for {pem}");
    }
}

#[test]
fn the_key_id_is_taken_from_the_public_key() {
    let key = SoftKey::generate().expect("key");
    let scratch = Scratch::new();
    let public = scratch.file("pub.pem", key.public_key_pem().as_bytes());
    let der = succeed("openssl", OPENSSL, &[&"pkey", &"-pubin", &"-in", &public, &"-outform", &"DER"]);
    assert_eq!(key.key_id(), &sm3_hex(&der)[..16]);
    assert_ne!(key.key_id(), SoftKey::generate().expect("key").key_id());
}

#[test]
fn a_thousand_signatures_are_all_well_formed() {
    // Numbers with leading zeros (one in 128) and with the top bit set need care in DER.
    let key = SoftKey::generate().expect("key");
    for number in 0..1000_u32 {
        let message = number.to_be_bytes();
        let signature = key.sign(&message).expect("signed");
        verify(key.public_key_pem(), &message, &signature).expect("believed");
    }
}

#[test]
fn malformed_signatures_and_keys_are_told_apart_and_never_panic() {
    let key = SoftKey::generate().expect("key");
    let signature = key.sign(b"x").expect("signed");
    for cut in 0..signature.len() {
        assert!(verify(key.public_key_pem(), b"x", &signature[..cut]).is_err());
    }
    let mut longer = signature.clone();
    longer.push(0);
    for junk in [&b""[..], b"\x30\x06\x02\x01\x00\x02\x01\x00", &[0xff; 80], &longer] {
        assert!(matches!(verify(key.public_key_pem(), b"x", junk), Err(SealError::Signature)), "{junk:?}");
    }
    assert!(matches!(verify("no key", b"x", &signature), Err(SealError::PublicKey)));
    assert!(matches!(verify("", b"x", &signature), Err(SealError::PublicKey)));
    let other = SoftKey::generate().expect("key");
    assert!(matches!(verify(other.public_key_pem(), b"x", &signature), Err(SealError::Mismatch)));
}

#[test]
fn a_key_never_shows_its_secret_when_printed() {
    let key = SoftKey::generate().expect("key");
    assert_eq!(format!("{key:?}"), format!("SoftKey {{ key_id: {:?}, .. }}", key.key_id()));
}
