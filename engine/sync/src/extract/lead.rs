//! What leads from one page to the next, in words.

use std::fmt;

use crate::paginate::{Delta, Turn};

/// Why there is another request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// The page names the address of the next one.
    Link,
    /// The next page has this query parameter.
    Place {
        /// Its name.
        param: String,
        /// Its value.
        value: String,
    },
    /// A new walk begins from this key on.
    Restart(String),
}

impl Lead {
    pub(super) fn of(turn: &Turn) -> Option<Lead> {
        match turn {
            Turn::End(_) => None,
            Turn::Go(Delta::Url(_)) => Some(Lead::Link),
            Turn::Go(Delta::Query(pairs)) => {
                // The page size stands before the place.
                pairs.last().map(|(param, value)| Lead::Place { param: param.clone(), value: value.clone() })
            }
            Turn::Restart(key) => Some(Lead::Restart(key.value.to_string())),
        }
    }
}

impl fmt::Display for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lead::Link => f.write_str("the page names the next one"),
            Lead::Place { param, value } => write!(f, "the next page is {param}={value}"),
            Lead::Restart(key) => write!(f, "a new walk goes on from {key}, the last key of the page"),
        }
    }
}
