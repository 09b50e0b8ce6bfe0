//! The tamper-evident record: how an event and a kept text become digests (C12).
//! Every part is length-prefixed, so no two records share their hashed bytes.

use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};

use crate::ids::Id;

/// Who did it and when; stands beside every event.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    /// Case.
    pub case: Id,
    /// Epoch milliseconds.
    pub at: i64,
    /// Account; 0 for the platform.
    pub account: Id,
    /// Position in the case, from 1.
    pub sequence: u32,
    /// Digest of the event, hex.
    pub digest: String,
}

/// A kept text (form answers, reason, document data): the row can be erased, the digest stays in the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRef {
    /// Row that holds it.
    pub id: Id,
    /// Salted SM3, hex.
    pub digest: String,
}

/// What goes into an event's digest besides the previous digest.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Case.
    pub case: Id,
    /// Position in the case, from 1.
    pub sequence: u32,
    /// Epoch milliseconds.
    pub at: i64,
    /// Account that acted; 0 for the platform itself.
    pub account: i64,
    /// Post it acted in; 0 for none.
    pub post: i64,
    /// On whose behalf; 0 for none.
    pub on_behalf: i64,
    /// Event kind, snake case.
    pub kind: &'a str,
    /// Version of the payload's shape.
    pub shape: u32,
    /// Payload as stored.
    pub payload: &'a str,
}

fn put(hash: &mut Sm3, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn hex(bytes: &[u8]) -> String {
    // Every event is hashed several times: the formatter would cost more than the hash.
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The digest a case starts from, before its first event.
pub fn genesis(case: Id) -> String {
    let mut hash = Sm3::new();
    put(&mut hash, b"tongban-case-v1");
    put(&mut hash, &case.get().to_be_bytes());
    hex(&hash.finalize())
}

/// SM3 over tag, previous digest, case, sequence, time, actor, kind, shape and payload.
pub fn digest_event(previous: &str, link: Link<'_>) -> String {
    let mut hash = Sm3::new();
    put(&mut hash, b"tongban-event-v1");
    put(&mut hash, previous.as_bytes());
    put(&mut hash, &link.case.get().to_be_bytes());
    put(&mut hash, &link.sequence.to_be_bytes());
    put(&mut hash, &link.at.to_be_bytes());
    put(&mut hash, &link.account.to_be_bytes());
    put(&mut hash, &link.post.to_be_bytes());
    put(&mut hash, &link.on_behalf.to_be_bytes());
    put(&mut hash, link.kind.as_bytes());
    put(&mut hash, &link.shape.to_be_bytes());
    put(&mut hash, link.payload.as_bytes());
    hex(&hash.finalize())
}

/// Salted SM3 of a kept text.
pub fn digest_text(salt: &str, kind: &str, body: &str) -> String {
    let mut hash = Sm3::new();
    put(&mut hash, b"tongban-text-v1");
    put(&mut hash, salt.as_bytes());
    put(&mut hash, kind.as_bytes());
    put(&mut hash, body.as_bytes());
    hex(&hash.finalize())
}

/// SM3 of raw bytes, hex; used for salts and keys derived inside an act.
pub(super) fn digest_bytes(parts: &[&[u8]]) -> String {
    let mut hash = Sm3::new();
    for part in parts {
        put(&mut hash, part);
    }
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(payload: &str) -> Link<'_> {
        Link {
            case: Id::from(7),
            sequence: 1,
            at: 1,
            account: 2,
            post: 3,
            on_behalf: 0,
            kind: "submitted",
            shape: 1,
            payload,
        }
    }

    #[test]
    fn every_part_of_an_event_changes_its_digest() {
        let base = digest_event("p", link("{}"));
        let others = [
            digest_event("q", link("{}")),
            digest_event("p", link("{ }")),
            digest_event("p", Link { sequence: 2, ..link("{}") }),
            digest_event("p", Link { at: 2, ..link("{}") }),
            digest_event("p", Link { account: 3, ..link("{}") }),
            digest_event("p", Link { post: 4, ..link("{}") }),
            digest_event("p", Link { on_behalf: 1, ..link("{}") }),
            digest_event("p", Link { kind: "received", ..link("{}") }),
            digest_event("p", Link { shape: 2, ..link("{}") }),
            digest_event("p", Link { case: Id::from(8), ..link("{}") }),
        ];
        for other in others {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn moving_a_byte_between_two_parts_changes_the_digest() {
        assert_ne!(digest_text("ab", "c", "d"), digest_text("a", "bc", "d"));
    }

    #[test]
    fn sm3_gives_the_published_vector() {
        let digest = Sm3::digest(b"abc");
        assert_eq!(hex(&digest), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }
}
