//! A frame: what is written to a segment at once, with a checksum.

use xxhash_rust::xxh3::Xxh3;

/// Bytes before the payload.
pub(super) const AHEAD: usize = 24;
/// What each frame begins with.
const MARK: [u8; 4] = *b"TWHB";
/// Level of Zstandard: its own default.
const LEVEL: i32 = 3;
/// Bytes that a payload may have: more than any answer of an API that is taken.
const MOST: u32 = 1 << 30;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What the segment is.
    Head = 1,
    /// A load begins or ends, or a commit.
    Event = 2,
    /// Records.
    Rows = 3,
}

/// What stands before a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ahead {
    pub(super) kind: Kind,
    /// Bytes of the payload as it is stored.
    pub(super) stored: u32,
    whole: u32,
    checksum: u64,
}

/// A payload as a frame.
///
/// # Errors
/// It is too large, or cannot be compressed.
pub(super) fn framed(kind: Kind, payload: &[u8]) -> std::io::Result<Vec<u8>> {
    let too_large = || std::io::Error::other(format!("a page of {} bytes is too large for a hub", payload.len()));
    let length = |bytes: usize| u32::try_from(bytes).ok().filter(|bytes| *bytes <= MOST).ok_or_else(too_large);
    let whole = length(payload.len())?;
    let stored = zstd::bulk::compress(payload, LEVEL)?;
    let mut frame = Vec::with_capacity(AHEAD + stored.len());
    frame.extend_from_slice(&MARK);
    frame.extend_from_slice(&[kind as u8, 0, 0, 0]);
    frame.extend_from_slice(&length(stored.len())?.to_le_bytes());
    frame.extend_from_slice(&whole.to_le_bytes());
    let checksum = checksum(&frame, &stored);
    frame.extend_from_slice(&checksum.to_le_bytes());
    frame.extend_from_slice(&stored);
    Ok(frame)
}

fn checksum(ahead: &[u8], stored: &[u8]) -> u64 {
    let mut hasher = Xxh3::new();
    hasher.update(ahead);
    hasher.update(stored);
    hasher.digest()
}

impl Ahead {
    /// Reads what stands before a payload; nothing, if no frame begins there.
    pub(super) fn read(bytes: &[u8; AHEAD]) -> Option<Ahead> {
        let number = |from: usize| u32::from_le_bytes([bytes[from], bytes[from + 1], bytes[from + 2], bytes[from + 3]]);
        let kind = [Kind::Head, Kind::Event, Kind::Rows].into_iter().find(|kind| *kind as u8 == bytes[4])?;
        let (stored, whole) = (number(8), number(12));
        let checksum = u64::from(number(16)) | u64::from(number(20)) << 32;
        let sound = bytes[..4] == MARK && bytes[5..8] == [0; 3] && stored <= MOST && whole <= MOST;
        sound.then_some(Ahead { kind, stored, whole, checksum })
    }

    /// The payload, if it is as it was written.
    pub(super) fn payload(&self, bytes: &[u8; AHEAD], stored: &[u8]) -> Result<Vec<u8>, String> {
        if checksum(&bytes[..16], stored) != self.checksum {
            return Err("they are not as they were written (the checksum differs)".to_owned());
        }
        let payload = zstd::bulk::decompress(stored, self.whole as usize).map_err(|error| error.to_string())?;
        match payload.len() == self.whole as usize {
            true => Ok(payload),
            false => Err("they are shorter than they say".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AHEAD, Ahead, Kind, framed};

    fn opened(frame: &[u8]) -> Option<Vec<u8>> {
        let ahead: &[u8; AHEAD] = frame.first_chunk()?;
        Ahead::read(ahead)?.payload(ahead, &frame[AHEAD..]).ok()
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let payload = b"{\"id\": 1, \"name\": \"one\"}".repeat(9);
        let frame = framed(Kind::Rows, &payload).expect("a frame");
        assert!(frame.len() < payload.len());
        assert_eq!(opened(&frame), Some(payload));
        for bit in 0..frame.len() * 8 {
            let mut flipped = frame.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(opened(&flipped), None, "bit {bit}");
        }
    }
}
