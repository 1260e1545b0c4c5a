//! What the server's error codes mean to a person.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::destination::Fault;

/// Names an error of a session.
pub(super) fn name(place: &str, error: &Error) -> Fault {
    let (place, reason) = (place.to_owned(), told(error));
    let Some(code) = error.code() else {
        return Fault::Lost { place, reason };
    };
    match *code {
        SqlState::DISK_FULL => Fault::Full { place },
        SqlState::LOCK_NOT_AVAILABLE | SqlState::T_R_DEADLOCK_DETECTED => Fault::Locked { place },
        SqlState::QUERY_CANCELED => Fault::TooSlow { place, reason },
        SqlState::INSUFFICIENT_PRIVILEGE | SqlState::READ_ONLY_SQL_TRANSACTION => Fault::Denied { place, reason },
        SqlState::TOO_MANY_COLUMNS | SqlState::PROGRAM_LIMIT_EXCEEDED => Fault::TooWide { place, reason },
        SqlState::DEPENDENT_OBJECTS_STILL_EXIST => {
            let hanging = error.as_db_error().and_then(|error| error.detail()).unwrap_or(&reason);
            let table = reason.split(" table ").nth(1).and_then(|rest| rest.split(" because").next());
            let table = table.unwrap_or_default().to_owned();
            Fault::Needed { table, reason: hanging.replace('\n', "; ") }
        }
        SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => {
            Fault::Lost { place, reason }
        }
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => Fault::Corrupt { place, reason },
        _ => Fault::Other { place, reason },
    }
}

/// Names an error of connecting and logging in.
pub(super) fn connecting(place: &str, error: &Error) -> Fault {
    let (place, reason) = (place.to_owned(), told(error));
    match error.code() {
        None if broke_off(error) => Fault::Unreachable { place, reason },
        None if reason.contains("TLS") => Fault::Tls { place, reason },
        None if reason.contains("authentication") || reason.contains("password") => Fault::Login { place, reason },
        None => Fault::Unreachable { place, reason },
        Some(code) if code.code().starts_with("28") => Fault::Login { place, reason },
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => {
            Fault::Address { place, reason: format!("{reason}; create it, or name another") }
        }
        Some(code) if code.code().starts_with("57P") || code.code().starts_with("53") => {
            Fault::Unreachable { place, reason }
        }
        Some(_) => Fault::Other { place, reason },
    }
}

/// Whether the other side went away in the middle, which says nothing of what was being said: not of TLS, for one.
fn broke_off(error: &Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let mut cause = error.source();
    while let Some(one) = cause {
        let kind = one.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if matches!(kind, Some(BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)) {
            return true;
        }
        cause = one.source();
    }
    false
}

/// The server's own words, or what the system says, with its causes.
fn told(error: &Error) -> String {
    if let Some(error) = error.as_db_error() {
        return error.message().to_owned();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        let one_text = one.to_string();
        if !text.contains(&one_text) {
            text = format!("{text}: {one_text}");
        }
        cause = one.source();
    }
    text
}
