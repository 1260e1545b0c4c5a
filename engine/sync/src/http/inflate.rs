//! Bodies out of their compression, with a bound on what comes out.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// Why a body cannot be decompressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InflateFault {
    /// More came out than allowed.
    TooLarge,
    /// What came in is no such compression, or is not whole.
    Broken(String),
    /// An encoding that was not asked for.
    Unknown(String),
}

/// By how many times a body is smaller at most, if it is no attempt to fill the memory.
const USUAL: usize = 16;

/// Undoes the `Content-Encoding`s, the last first; at most `most` bytes.
pub(crate) fn inflate(body: Vec<u8>, encodings: Option<&str>, most: u64) -> Result<Vec<u8>, InflateFault> {
    let encodings: Vec<String> = encodings
        .unwrap_or_default()
        .split(',')
        .map(|one| one.trim().to_ascii_lowercase())
        .filter(|one| !one.is_empty() && one != "identity")
        .collect();
    let mut body = body;
    for encoding in encodings.iter().rev() {
        if body.is_empty() {
            break;
        }
        let expected = expected(&body, encoding);
        body = match encoding.as_str() {
            "gzip" | "x-gzip" => bounded(MultiGzDecoder::new(body.as_slice()), expected, most)?,
            // Servers disagree on whether `deflate` has the zlib frame; its first byte tells.
            "deflate" if body.first().is_some_and(|first| first & 0x0f == 8) => {
                bounded(ZlibDecoder::new(body.as_slice()), expected, most)?
            }
            "deflate" => bounded(DeflateDecoder::new(body.as_slice()), expected, most)?,
            other => return Err(InflateFault::Unknown(other.to_owned())),
        };
    }
    if body.len() as u64 > most {
        return Err(InflateFault::TooLarge);
    }
    Ok(body)
}

/// As many bytes as will come out, as far as that can be told beforehand: gzip says it in its last four.
fn expected(body: &[u8], encoding: &str) -> usize {
    let told = body.last_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize);
    let usual = body.len().saturating_mul(USUAL);
    if encoding == "deflate" { usual } else { told.min(usual) }
}

fn bounded(reader: impl Read, expected: usize, most: u64) -> Result<Vec<u8>, InflateFault> {
    // One more, so that the end is seen without making room for more.
    let mut out = Vec::with_capacity(expected.min(usize::try_from(most).unwrap_or(usize::MAX)) + 1);
    reader
        .take(most.saturating_add(1))
        .read_to_end(&mut out)
        .map_err(|error| InflateFault::Broken(error.to_string()))?;
    if out.len() as u64 > most {
        return Err(InflateFault::TooLarge);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{InflateFault, bounded, inflate};
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).expect("written");
        encoder.finish().expect("finished")
    }

    #[test]
    fn gzip_and_both_kinds_of_deflate_are_undone() {
        let text = b"one two three".to_vec();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text).expect("written");
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(&text).expect("written");
        let cases = [
            (gzip(&text), "gzip"),
            (gzip(&gzip(&text)), "gzip, x-gzip"),
            (zlib.finish().expect("finished"), "deflate"),
            (raw.finish().expect("finished"), "deflate"),
            (text.clone(), "identity"),
        ];
        for (body, encoding) in cases {
            assert_eq!(inflate(body, Some(encoding), 100), Ok(text.clone()));
        }
    }

    #[test]
    fn no_more_is_inflated_than_allowed() {
        /// A body without end, of which nobody should want this much.
        struct Endless(usize);
        impl std::io::Read for Endless {
            fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
                self.0 += into.len();
                assert!(self.0 < 1 << 20, "{} bytes were read", self.0);
                Ok(into.len())
            }
        }
        assert_eq!(bounded(Endless(0), 0, 1_000), Err(InflateFault::TooLarge));
    }

    #[test]
    fn a_bomb_a_cut_and_a_stranger_are_refused() {
        let bomb = gzip(&vec![b' '; 1 << 20]);
        assert_eq!(inflate(bomb.clone(), Some("gzip"), 1000), Err(InflateFault::TooLarge));
        let cut = bomb[..bomb.len() / 2].to_vec();
        assert!(matches!(inflate(cut, Some("gzip"), 1 << 21), Err(InflateFault::Broken(_))));
        assert_eq!(inflate(vec![1], Some("br"), 10), Err(InflateFault::Unknown("br".into())));
    }
}
