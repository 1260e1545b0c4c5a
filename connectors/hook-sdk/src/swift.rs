//! Finds bytes eight at a time. Within WebAssembly each turn of a loop costs a look at the clock besides, and most of a
//! record is texts.

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGHS: u64 = ONES << 7;

/// Place of the first quotation mark or backslash, from `at` on.
#[inline]
pub(crate) fn mark(bytes: &[u8], at: usize) -> Option<usize> {
    first(bytes, at, |word| equal(word, b'"') | equal(word, b'\\'), |byte| matches!(byte, b'"' | b'\\'))
}

/// Place of the first line feed.
pub(crate) fn line_feed(bytes: &[u8]) -> Option<usize> {
    first(bytes, 0, |word| equal(word, b'\n'), |byte| byte == b'\n')
}

/// Place of the first backslash.
pub(crate) fn backslash(bytes: &[u8]) -> Option<usize> {
    first(bytes, 0, |word| equal(word, b'\\'), |byte| byte == b'\\')
}

/// Place of the first byte that JSON escapes.
pub(crate) fn escaped(bytes: &[u8]) -> Option<usize> {
    let control = |word: u64| word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
    first(
        bytes,
        0,
        |word| equal(word, b'"') | equal(word, b'\\') | control(word),
        |byte| byte < 0x20 || matches!(byte, b'"' | b'\\'),
    )
}

/// The high bit of each byte that is `byte`; above the lowest one that is, others may be set too.
fn equal(word: u64, byte: u8) -> u64 {
    let differs = word ^ (ONES * u64::from(byte));
    differs.wrapping_sub(ONES) & !differs & HIGHS
}

#[inline]
fn first(bytes: &[u8], mut at: usize, word: impl Fn(u64) -> u64, byte: impl Fn(u8) -> bool) -> Option<usize> {
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let found = word(u64::from_le_bytes(*eight));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    rest.iter().position(|one| byte(*one)).map(|place| at + place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_walk_finds(bytes in proptest::collection::vec(
            prop_oneof![Just(b'"'), Just(b'\\'), Just(b'!'), Just(b'['), Just(0x1f), Just(0x20), Just(0xa2), Just(b'\n'), Just(0), any::<u8>()], 0..40), at in 0usize..44) {
            let from = |test: &dyn Fn(u8) -> bool| (at..bytes.len()).find(|place| test(bytes[*place]));
            prop_assert_eq!(super::mark(&bytes, at), from(&|byte| byte == b'"' || byte == b'\\'));
            let whole = |test: &dyn Fn(u8) -> bool| bytes.iter().position(|byte| test(*byte));
            prop_assert_eq!(super::backslash(&bytes), whole(&|byte| byte == b'\\'));
            prop_assert_eq!(super::line_feed(&bytes), whole(&|byte| byte == b'\n'));
            prop_assert_eq!(super::escaped(&bytes), whole(&|byte| byte < 0x20 || byte == b'"' || byte == b'\\'));
        }
    }
}
