//! The keys that Rails derives from the label of a fixture, by the type of the key; it knows no tables.

use fixpoints_core::cell::Cell;

/// The key of the row with a label, in a column that Rails gives such keys.
pub(crate) fn key(label: &str, declared: &str) -> Option<Cell> {
    let declared = declared.to_ascii_lowercase();
    if declared == "uuid" {
        Some(Cell::Text(uuid(label).into_bytes()))
    } else {
        declared
            .contains("int")
            .then(|| Cell::Integer(identify(label)))
    }
}

fn identify(label: &str) -> i64 {
    const MOST: u32 = (1 << 30) - 1;
    i64::from(crc32(label.as_bytes()) % MOST)
}

/// The CRC of zip files and of IEEE 802.3, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let mask = (crc & 1).wrapping_neg();
            crc = (crc >> 1) ^ (0xedb8_8320 & mask);
        }
    }
    !crc
}

/// A UUID of version 5 (RFC 9562, section 5.5) in the namespace of object identifiers.
fn uuid(label: &str) -> String {
    const OID: [u8; 16] = *b"\x6b\xa7\xb8\x12\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8";
    let mut hash = sha1(&[&OID, label.as_bytes()].concat());
    hash[6] = hash[6] & 0x0f | 0x50;
    hash[8] = hash[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in hash.iter().take(16).enumerate() {
        if [4, 6, 8, 10].contains(&at) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// FIPS 180-4, section 6.1; it identifies and secures nothing.
fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize((message.len() + 9).div_ceil(64) * 64 - 8, 0);
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    let mut state = [
        0x6745_2301_u32,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    for block in padded.chunks_exact(64) {
        let mixed = compress(state, block);
        for (word, mixed) in state.iter_mut().zip(mixed) {
            *word = word.wrapping_add(mixed);
        }
    }
    let mut hash = [0; 20];
    for (bytes, word) in hash.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

fn compress([mut a, mut b, mut c, mut d, mut e]: [u32; 5], block: &[u8]) -> [u32; 5] {
    let mut words = [0_u32; 80];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes
            .iter()
            .fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    for at in 16..80 {
        let mixed = words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16];
        words[at] = mixed.rotate_left(1);
    }
    for (at, word) in words.iter().enumerate() {
        let (mixed, constant) = match at / 20 {
            0 => (b & c | !b & d, 0x5a82_7999),
            1 => (b ^ c ^ d, 0x6ed9_eba1),
            2 => (b & c | b & d | c & d, 0x8f1b_bcdc),
            _ => (b ^ c ^ d, 0xca62_c1d6_u32),
        };
        let next = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e);
        let next = next.wrapping_add(constant).wrapping_add(*word);
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
    }
    [a, b, c, d, e]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_the_keys_that_rails_gives_them() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let george = crc32(b"george") % 0x3fff_ffff;
        assert_eq!(
            key("george", "BIGINT"),
            Some(Cell::Integer(i64::from(george)))
        );
        // As `Digest::UUID.uuid_v5(Digest::UUID::OID_NAMESPACE, "george")` says, and Python's `uuid.uuid5`.
        let uuid = b"cd6a9e3b-1b93-5f18-b25c-a4218d3f5849".to_vec();
        assert_eq!(key("george", "uuid"), Some(Cell::Text(uuid)));
        assert_eq!(key("george", "text"), None);
    }

    #[test]
    fn long_messages_are_hashed_block_by_block() {
        let hex = |hash: [u8; 20]| hash.map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(
            hex(sha1(b"abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert_eq!(
            hex(sha1(&[b'a'; 1_000])),
            "291e9a6c66994949b57ba5e650361e98fc36b1ba"
        );
    }
}
