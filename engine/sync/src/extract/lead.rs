//! What leads from one page to the next, in words.

use std::fmt;

use crate::paginate::{Delta, Turn};

/// Why there is another request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// The page names the address of the next one.
    Link,
    /// The next page has this value in its place, such as `page=2`.
    Place(String),
    /// A hook chose this request.
    Chosen(String),
    /// The job has a further result.
    Result,
    /// A new walk begins from this key on.
    Restart(String),
}

impl Lead {
    pub(super) fn of(turn: &Turn) -> Option<Lead> {
        match turn {
            Turn::End(_) => None,
            Turn::Go(Delta::Url(_)) => Some(Lead::Link),
            Turn::Go(Delta::Request(request)) => Some(Lead::Chosen(request.to_string())),
            // The page size stands before the place.
            Turn::Go(Delta::Values(values)) => values.last().map(|value| Lead::Place(value.to_string())),
            Turn::Restart(key) => Some(Lead::Restart(key.value.to_string())),
        }
    }
}

impl fmt::Display for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lead::Link => f.write_str("the page names the next one"),
            Lead::Chosen(request) => write!(f, "the hook chose {request}"),
            Lead::Result => f.write_str("the job has a further result"),
            Lead::Place(place) => write!(f, "the next page is {place}"),
            Lead::Restart(key) => write!(f, "a new walk goes on from {key}, the last key of the page"),
        }
    }
}
