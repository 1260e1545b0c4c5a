//! Where a text in quotes is interrupted: eight bytes are looked at at once. Sixteen would wait longer for the end of the
//! short texts that most are.

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES << 7;

/// The place of the first byte from `from` on that is no char of a text as it stands, and that byte: a quote, a
/// backslash, or what would have to be an escape.
#[inline(always)]
pub(super) fn stop(bytes: &[u8], from: usize) -> Option<(usize, u8)> {
    let mut at = from;
    while let Some(piece) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let stops = stops(*piece);
        if stops != 0 {
            at += stops.trailing_zeros() as usize / 8;
            return Some((at, *bytes.get(at)?));
        }
        at += 8;
    }
    last_stop(bytes, at)
}

/// The high bit of each byte that is a stop. Bytes behind the first one may be taken for stops that are none.
#[inline(always)]
fn stops(piece: [u8; 8]) -> u64 {
    let piece = u64::from_le_bytes(piece);
    let is = |byte: u8| (piece ^ (ONES * u64::from(byte))).wrapping_sub(ONES);
    let control = piece.wrapping_sub(ONES * u64::from(b' '));
    (control | is(b'"') | is(b'\\')) & !piece & HIGH
}

#[cold]
fn last_stop(bytes: &[u8], from: usize) -> Option<(usize, u8)> {
    let is_stop = |byte: &u8| matches!(byte, b'"' | b'\\' | ..b' ');
    let at = from + bytes.get(from..)?.iter().position(is_stop)?;
    Some((at, bytes[at]))
}

/// The end of a text that was interrupted for the first time at `at`.
#[cold]
pub(super) fn end_of_escaped(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => (at, _) = stop(bytes, behind_escape(bytes, at + 1)?)?,
            _ => return None,
        }
    }
}

fn behind_escape(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 1),
        b'u' => bytes.get(at + 1..at + 5)?.iter().all(u8::is_ascii_hexdigit).then_some(at + 5),
        _ => None,
    }
}
