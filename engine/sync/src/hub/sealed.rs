//! Small files of a hub: a line of JSON, and a line with its checksum.

use serde::Serialize;
use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::xxh3_64;

/// A value as the text of such a file.
pub(super) fn sealed(value: &impl Serialize) -> Result<String, String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    Ok(format!("{text}\n{}\n", checksum(text.as_bytes())))
}

/// The value of such a file.
///
/// # Errors
/// What is wrong with it.
pub(super) fn opened<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let halves = || {
        let lines = bytes.strip_suffix(b"\n")?;
        let at = lines.iter().rposition(|byte| *byte == b'\n')?;
        Some((&lines[..at], &lines[at + 1..]))
    };
    match halves() {
        Some((text, sum)) if sum == checksum(text).as_bytes() => {
            serde_json::from_slice(text).map_err(|error| error.to_string())
        }
        Some(_) => Err("they are not as they were written (the checksum differs)".to_owned()),
        None => Err("they end before the checksum".to_owned()),
    }
}

/// What tells a text from others.
pub(super) fn checksum(text: &[u8]) -> String {
    format!("{:016x}", xxh3_64(text))
}
