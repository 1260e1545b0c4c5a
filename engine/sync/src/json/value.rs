//! Where what begins at a byte ends: values, keys, texts, numbers. Places are handed on, so that they stay in registers.

use super::DEEPEST;
use super::text;

/// The next byte that is no blank, and where it is.
#[inline(always)]
pub(super) fn sign(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    match bytes.get(at) {
        Some(byte) if *byte > b' ' => Some((*byte, at)),
        _ => sign_behind_blanks(bytes, at),
    }
}

#[cold]
fn sign_behind_blanks(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
    let blanks = bytes.get(at..)?.iter().take_while(|byte| is_blank(byte)).count();
    Some((*bytes.get(at + blanks)?, at + blanks))
}

/// The end of the value that comes next, which stands so deep.
pub(super) fn end(bytes: &[u8], from: usize, depth: u32) -> Option<usize> {
    // A bit for each level within the value, set for objects; the lowest is the innermost.
    let (mut objects, mut levels, mut at) = (0_u128, 0, from);
    loop {
        let (sign, place) = sign(bytes, at)?;
        match sign {
            b'{' | b'[' => {
                let is_object = sign == b'{';
                (objects, levels, at) = (objects << 1 | u128::from(is_object), levels + 1, place + 1);
                if levels + depth > DEEPEST {
                    return None;
                }
                // `]` and `}` are two behind `[` and `{`.
                match (self::sign(bytes, at)?, is_object) {
                    ((first, _), _) if first == sign + 2 => {}
                    ((_, place), true) => {
                        at = key(bytes, place)?.1;
                        continue;
                    }
                    (_, false) => continue,
                }
            }
            scalar => at = self::scalar(bytes, (scalar, place))?,
        }
        // Behind a value, or at the end of an empty list or object: what ends here, and whether a value follows.
        loop {
            if levels == 0 {
                return Some(at);
            }
            let is_object = objects & 1 == 1;
            let (sign, place) = self::sign(bytes, at)?;
            at = place + 1;
            match sign {
                b',' if is_object => {
                    at = key(bytes, self::sign(bytes, at)?.1)?.1;
                    break;
                }
                b',' => break,
                b'}' if is_object => {}
                b']' if !is_object => {}
                _ => return None,
            }
            (objects, levels) = (objects >> 1, levels - 1);
        }
    }
}

/// The end of a text, number or word.
#[inline(always)]
pub(super) fn scalar(bytes: &[u8], (sign, at): (u8, usize)) -> Option<usize> {
    match sign {
        b'"' => Some(text(bytes, at)?.0),
        b't' => word(bytes, at, b"true"),
        b'f' => word(bytes, at, b"false"),
        b'n' => word(bytes, at, b"null"),
        _ => number(bytes, at),
    }
}

/// The end of the text whose quote is at `at`, and whether it has escapes.
#[inline(always)]
pub(super) fn text(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    let (end, stop) = text::stop(bytes, at + 1)?;
    match stop {
        b'"' => Some((end + 1, false)),
        _ => Some((text::end_of_escaped(bytes, end)?, true)),
    }
}

/// The end of the key whose quote should be at `at`, with what follows its colon; and whether it has escapes.
#[inline(always)]
pub(super) fn key(bytes: &[u8], at: usize) -> Option<((usize, bool), usize)> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let key = text(bytes, at)?;
    match sign(bytes, key.0)? {
        (b':', colon) => Some((key, colon + 1)),
        _ => None,
    }
}

#[inline(always)]
fn word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let end = at + word.len();
    (bytes.get(at..end)? == word).then_some(end)
}

#[inline(always)]
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let whole = at + usize::from(bytes.get(at) == Some(&b'-'));
    let mut end = match bytes.get(whole)? {
        b'0' => whole + 1,
        b'1'..=b'9' => digits(bytes, whole)?,
        _ => return None,
    };
    if bytes.get(end) == Some(&b'.') {
        end = digits(bytes, end + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let signed = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        end = digits(bytes, end + 1 + usize::from(signed))?;
    }
    // `01` is a number, and then something else.
    (!bytes.get(end).is_some_and(u8::is_ascii_digit)).then_some(end)
}

/// The end of one digit or more.
#[inline(always)]
fn digits(bytes: &[u8], from: usize) -> Option<usize> {
    let mut end = from;
    while bytes.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    (end > from).then_some(end)
}
