//! Decimals in the binary form of `numeric`: digits to the base of 10,000, each in its place.

use bytes::{BufMut, BytesMut};

/// A decimal text in its parts: its digits without the point, and where the point is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    negative: bool,
    digits: Vec<u8>,
    /// Digits behind the point; negative where zeros are to be put before it.
    scale: i32,
}

/// Digits that `numeric` holds before the point, and behind it.
const BEFORE: i32 = 131_072;
const BEHIND: i32 = 16_383;

/// The parts of a decimal, if `numeric` holds it.
pub(super) fn parts(text: &str) -> Option<Parts> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: Vec<u8> = whole.bytes().chain(behind.bytes()).map(|digit| digit.wrapping_sub(b'0')).collect();
    if digits.is_empty() || digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    let scale = i32::try_from(behind.len()).ok()?.checked_sub(exponent)?;
    let leading = digits.iter().take_while(|digit| **digit == 0).count();
    let before = i32::try_from(digits.len() - leading).ok()?.checked_sub(scale)?;
    let is_zero = leading == digits.len();
    let fits = scale <= BEHIND && (is_zero || before <= BEFORE);
    fits.then_some(Parts { negative, digits, scale: if is_zero { scale.max(0) } else { scale } })
}

/// Puts a decimal with its length; `None` if `numeric` does not hold it.
pub(super) fn put(into: &mut BytesMut, text: &str) -> Option<()> {
    let Parts { negative, digits, scale } = parts(text)?;
    let places = digits.len() as i32 - scale;
    // Digits of a group of four that the first digit is behind, so that the point falls between groups.
    let offset = (4 - places.rem_euclid(4)) % 4;
    let mut groups: Vec<i16> = Vec::with_capacity(digits.len() / 4 + 2);
    for (at, digit) in (offset..).zip(&digits) {
        if at % 4 == 0 || groups.is_empty() {
            groups.push(0);
        }
        let value = i16::from(*digit) * [1_000, 100, 10, 1][(at % 4) as usize];
        *groups.last_mut()? += value;
    }
    let mut weight = (places + offset) / 4 - 1;
    let leading = groups.iter().take_while(|group| **group == 0).count();
    groups.drain(..leading);
    weight -= leading as i32;
    while groups.last() == Some(&0) {
        groups.pop();
    }
    if groups.is_empty() {
        weight = 0;
    }
    let negative = negative && !groups.is_empty();
    into.put_i32(8 + 2 * i32::try_from(groups.len()).ok()?);
    into.put_i16(i16::try_from(groups.len()).ok()?);
    into.put_i16(i16::try_from(weight).ok()?);
    into.put_u16(if negative { 0x4000 } else { 0 });
    into.put_u16(u16::try_from(scale.max(0)).ok()?);
    groups.iter().for_each(|group| into.put_i16(*group));
    Some(())
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::{parts, put};

    fn binary(text: &str) -> Vec<i16> {
        let mut bytes = BytesMut::new();
        put(&mut bytes, text).expect(text);
        bytes[4..].chunks(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect()
    }

    #[test]
    fn digits_stand_in_groups_of_four_around_the_point() {
        for (text, expected) in [
            ("0", vec![0, 0, 0, 0]),
            ("-0.00", vec![0, 0, 0, 2]),
            ("1", vec![1, 0, 0, 0, 1]),
            ("12345.678", vec![3, 1, 0, 3, 1, 2345, 6780]),
            ("-0.00012", vec![2, -1, 0x4000, 5, 1, 2000]),
            ("1e5", vec![1, 1, 0, 0, 10]),
            ("1.50E-3", vec![1, -1, 0, 5, 15]),
            ("1e131071", vec![1, 32767, 0, 0, 1000]),
        ] {
            assert_eq!(binary(text), expected, "{text}");
        }
        for text in ["1e131072", "1e-16384", "1e99999999999", "", "1.2.3", "x"] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
