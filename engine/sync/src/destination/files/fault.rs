//! What can go wrong with files, and what it means to a person.

use std::io::Error;

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
        match self {
            Trouble::Named(fault) => *fault,
            Trouble::Said(reason) => Fault::Other { place: place.to_owned(), reason },
            Trouble::Io(error) => Fault::of_files(place, &error),
        }
    }
}
