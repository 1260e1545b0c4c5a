//! What SQLite's error codes mean to a person.

use rusqlite::ErrorCode;

use crate::destination::Fault;

/// Names an error of the database at `place`.
pub(super) fn name(place: &str, error: &rusqlite::Error) -> Fault {
    let place = place.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::Locked { place },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Fault::ReadOnly { place },
        Some(ErrorCode::DiskFull) => Fault::Full { place },
        Some(ErrorCode::NotADatabase) => Fault::NotADatabase { place, kind: "SQLite" },
        Some(ErrorCode::CannotOpen) => Fault::Open { place, reason: error.to_string() },
        Some(ErrorCode::DatabaseCorrupt) => Fault::Corrupt { place, reason: error.to_string() },
        _ => Fault::Other { place, reason: error.to_string() },
    }
}
