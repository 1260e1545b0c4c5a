//! How deep a body nests.

use std::ops::Range;

/// Lists and objects within each other.
pub(super) const DEEPEST: usize = 128;

/// Whether anything nests too deep. The parts of a document can nest no deeper than they have opening
/// brackets, which is quickly counted; only where that leaves a doubt is the text gone through.
pub(in crate::extract) fn is_too_deep(text: &str, records: &[Range<usize>]) -> bool {
    let bytes = text.as_bytes();
    let mut around = openings(bytes);
    let mut most_within = 0;
    for record in records {
        let within = openings(&bytes[record.clone()]);
        around = around.saturating_sub(within);
        most_within = most_within.max(within);
    }
    around + most_within > DEEPEST && depth(bytes) > DEEPEST
}

fn openings(bytes: &[u8]) -> usize {
    // `[` and `{` differ in one bit. A short inner sum lets the compiler count many bytes at once.
    bytes.chunks(128).map(|chunk| usize::from(chunk.iter().map(|byte| u8::from(byte | 0x20 == b'{')).sum::<u8>())).sum()
}

fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(inner) = bytes.next() {
                    match inner {
                        b'\\' => {
                            bytes.next();
                        }
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}
