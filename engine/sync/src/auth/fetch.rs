//! With what credentials are fetched, and why they cannot be.

use std::sync::Arc;

use tapwright_spec::model::Limits;
use thiserror::Error;

use super::{Keep, Redactor};
use crate::clock::Clock;
use crate::http::{Client, Counters, HttpFault};

/// With what credentials are fetched: the bounds are those of the request that needs them.
#[derive(Clone)]
pub struct Errand {
    /// Sends the request for them.
    pub client: Arc<Client>,
    /// Says whether they are still valid.
    pub clock: Arc<dyn Clock>,
    /// The bounds.
    pub limits: Limits,
    /// What it costs.
    pub counters: Arc<Counters>,
    /// Learns of every new secret before anybody else.
    pub redactor: Redactor,
    /// Keeps what must outlive the run.
    pub keep: Keep,
}

/// Stands for the credentials that a request was signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket(pub(super) Vec<u64>);

/// Why credentials cannot be fetched. Its text may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuthFault {
    /// The request for them brought no answer.
    #[error("{request}: {fault}")]
    Unsent {
        /// The request.
        request: String,
        /// What came in its way.
        fault: HttpFault,
    },
    /// The answer gives none.
    #[error("{request}: {why}")]
    Refused {
        /// The request.
        request: String,
        /// What it says.
        why: String,
    },
    /// What must outlive the run cannot be kept, or not be read again.
    #[error("{0}")]
    Unkept(String),
}
