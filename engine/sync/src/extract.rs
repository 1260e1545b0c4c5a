//! Pages of raw records: what a stream's requests bring, whole or with a named fault.
//!
//! A [`Source`] is one connector with its settings; [`Source::walk`] reads one slice of one stream,
//! page by page. A record stays a slice of the body that it came in.

mod fault;
mod prepare;
mod proof;
mod split;
mod verdict;
mod walk;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Auth, Limits, RateLimit, Request as Template, Stream};
use tapwright_spec::settings::Settings;

use crate::auth::{Credentials, Redactor};
use crate::clock::Clock;
use crate::http::{Budget, Client, Counters, Transport};
use crate::state::KeyValue;

pub use crate::paginate::{End, StopReason};
pub use fault::{ExtractError, FaultKind};
pub use walk::Walk;

/// Which part of a stream is read.
pub struct Slice<'a> {
    /// The stream.
    pub stream: &'a Stream,
    /// Only records from this key on.
    pub since: Option<KeyValue>,
    /// The parent's record, for a stream that is fetched for each of them.
    pub parent: Option<Map<String, Value>>,
}

/// A page of records.
#[derive(Clone)]
pub struct Page {
    /// The body as it came, decompressed.
    pub text: String,
    /// Where the records stand in it.
    pub records: Vec<Range<usize>>,
    /// Number of the page in the walk, from 1.
    pub number: u64,
    /// Whether the walk begins with it, or begins anew from a key.
    pub begins: bool,
    /// Whether all before its last key is read for sure; not while the pages of one key are read again.
    pub settled: bool,
    /// When it was received.
    pub received_at: Timestamp,
    /// How many records there are in all, if the API says so.
    pub total: Option<u64>,
    /// The request, without secrets.
    pub request: String,
}

impl Page {
    /// The raw JSON text of record number `at`, from 0.
    pub fn record(&self, at: usize) -> &str {
        self.records.get(at).and_then(|range| self.text.get(range.clone())).unwrap_or_default()
    }
}

impl fmt::Debug for Page {
    /// Without the body, which is the user's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {} of {}: {} records", self.number, self.request, self.records.len())
    }
}

/// How a connection test went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// The API answered as it should; the request, without secrets, and the status.
    Passed {
        /// Method and URL.
        request: String,
        /// Status of the answer.
        status: u16,
    },
    /// The spec names no request for it.
    NotDeclared,
}

/// One connector with its settings: where pages come from.
pub struct Source {
    api: Api,
    scope: Scope,
    credentials: Credentials,
    redactor: Redactor,
    client: Client,
    clock: Arc<dyn Clock>,
    counters: BTreeMap<String, Arc<Counters>>,
}

/// What a source needs of its connector.
#[derive(Debug, Clone)]
struct Api {
    auth: Auth,
    allow_hosts: Vec<String>,
    rate_limit: Option<RateLimit>,
    check: Option<Template>,
    streams: Vec<String>,
}

impl Source {
    /// The source of `connector`. All walks share its rate budget.
    ///
    /// # Errors
    /// Credentials that cannot be computed from the settings.
    pub fn new(
        connector: &Connector,
        settings: &Settings,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Result<Source, ExtractError> {
        let api = Api {
            auth: connector.auth.clone(),
            allow_hosts: connector.allow_hosts.clone(),
            rate_limit: connector.rate_limit.clone(),
            check: connector.check.clone(),
            streams: connector.streams.iter().map(|s| s.name.clone()).collect(),
        };
        Source::assemble(api, settings, transport, clock)
    }

    fn assemble(
        api: Api,
        settings: &Settings,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Result<Source, ExtractError> {
        let scope = Scope::new().with("config", &settings.values).with("now", &clock.now());
        let credentials =
            Credentials::new(&api.auth, &scope).map_err(|fault| ExtractError::expression("auth", &fault))?;
        let counters = api.streams.iter().map(|name| (name.clone(), Arc::default())).collect();
        let budget = Budget::new(api.rate_limit.clone());
        Ok(Source {
            redactor: Redactor::new(&settings.secrets, &credentials),
            client: Client::new(transport, clock.clone(), budget),
            api,
            scope,
            credentials,
            clock,
            counters,
        })
    }

    /// Begins to read a slice; nothing is sent before [`Walk::next`].
    pub fn walk<'a>(&'a self, slice: Slice<'a>) -> Walk<'a> {
        Walk::new(self, slice)
    }

    /// What the requests of `stream` have cost so far.
    pub fn counters(&self, stream: &str) -> Arc<Counters> {
        self.counters.get(stream).cloned().unwrap_or_default()
    }

    /// What keeps this source's secrets out of texts.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Sends the request that proves that the credentials work.
    ///
    /// # Errors
    /// Why they do not, or why that cannot be told.
    pub async fn check(&self) -> Result<Checked, ExtractError> {
        match &self.api.check {
            Some(request) => proof::check(self, request, &Limits::default()).await,
            None => Ok(Checked::NotDeclared),
        }
    }
}

#[cfg(test)]
mod tests;
