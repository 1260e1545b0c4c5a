//! What can go wrong with files, and what it means to a person.

use std::io::{Error, ErrorKind};

use parquet::errors::ParquetError;

use crate::destination::Fault;

/// Trouble with files, named when it leaves the destination.
#[derive(Debug)]
pub(in crate::destination) enum Trouble {
    Io(Error),
    Named(Box<Fault>),
    Said(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Io(error)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::Named(Box::new(fault))
    }
}

impl From<ParquetError> for Trouble {
    fn from(error: ParquetError) -> Trouble {
        match error {
            ParquetError::External(inner) => match inner.downcast::<Error>() {
                Ok(error) => Trouble::Io(*error),
                Err(other) => Trouble::Said(other.to_string()),
            },
            other => Trouble::Said(other.to_string()),
        }
    }
}

impl Trouble {
    /// Names it, for the folder `place`.
    pub(in crate::destination) fn name(self, place: &str) -> Fault {
        let place = place.to_owned();
        match self {
            Trouble::Named(fault) => *fault,
            Trouble::Said(reason) => Fault::Other { place, reason },
            Trouble::Io(error) => match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Fault::Full { place },
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Fault::ReadOnly { place },
                _ => Fault::Other { place, reason: error.to_string() },
            },
        }
    }
}
