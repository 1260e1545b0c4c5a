//! How deep a body nests.

use std::ops::Range;

/// Lists and objects within each other.
pub(in crate::extract) const DEEPEST: usize = 128;

/// Where it nests too deep, if it does. The parts of a document can nest no deeper than they have opening
/// brackets, which is quickly counted; only where that leaves a doubt is the text gone through.
pub(in crate::extract) fn too_deep(text: &str, records: &[Range<usize>]) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut around = openings(bytes);
    let mut most_within = 0;
    for record in records {
        let within = openings(&bytes[record.clone()]);
        around = around.saturating_sub(within);
        most_within = most_within.max(within);
    }
    if around + most_within > DEEPEST { first_too_deep(bytes) } else { None }
}

fn openings(bytes: &[u8]) -> usize {
    // `[` and `{` differ in one bit. A short inner sum lets the compiler count many bytes at once.
    bytes.chunks(128).map(|chunk| usize::from(chunk.iter().map(|byte| u8::from(byte | 0x20 == b'{')).sum::<u8>())).sum()
}

fn first_too_deep(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut bytes = bytes.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > DEEPEST {
                    return Some(at);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some((_, inner)) = bytes.next() {
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
    None
}
