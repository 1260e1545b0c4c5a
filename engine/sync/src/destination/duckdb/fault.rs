//! What DuckDB's messages mean to a person.

use crate::destination::Fault;

/// Names an error of the file at `place`.
pub(super) fn name(place: &str, message: &str) -> Fault {
    let place = place.to_owned();
    // `IO: IO Error: Could not …`, and what stands below is a place in our own statement.
    let reason = message.split("\n\nLINE ").next().unwrap_or_default().trim().replace('\n', "; ");
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if says(&["Could not set lock", "Conflicting lock"]) {
        Fault::Locked { place }
    } else if says(&["No space left", "File too large", "Disk full"]) {
        Fault::Full { place }
    } else if says(&["not a valid DuckDB database file"]) {
        Fault::NotADatabase { place, kind: "DuckDB" }
    } else if says(&["Permission denied", "Read-only file system", "read-only mode"]) {
        Fault::ReadOnly { place }
    } else if says(&["Cannot open file", "No such file", "Is a directory"]) {
        Fault::Open { place, reason }
    } else if says(&["Corrupt", "corrupt", "checksum"]) {
        Fault::Corrupt { place, reason }
    } else {
        Fault::Other { place, reason }
    }
}
