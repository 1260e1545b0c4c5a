//! Pages of raw records: what a stream's requests bring, whole or with a named fault.
//!
//! A [`Source`] is one connector with its settings; [`Source::walk`] reads one slice of one stream,
//! page by page. A record stays a slice of the body that it came in.

mod answer;
mod archive;
mod ask;
mod carry;
mod charset;
mod check;
mod fault;
mod form;
mod graphql;
mod hooked;
mod job;
mod key;
mod lead;
mod login;
mod places;
mod rehearse;
mod rows;
mod send;
mod split;
mod under_way;
mod verdict;
mod waits;
mod walk;
mod xml;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use jiff::Timestamp;
use tapwright_spec::Connector;
use tapwright_spec::counted;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{self, Limits, Stream};
use tapwright_spec::settings::Settings;

use crate::auth::{Credentials, Errand, Keep, Redactor};
use crate::clock::Clock;
use crate::component::Components;
use crate::http::{Budget, Client, Counters, Hosts, Request, Signed, Slowed, Toward, Transport};
use crate::plan::Names;
use crate::state::KeyValue;

pub use crate::paginate::{End, StopReason};
pub(crate) use charset::text_of;
pub use fault::{ExtractError, FaultKind};
pub use hooked::Cut;
pub use job::MadeUp;
pub(crate) use job::{elements_at, marked};
pub use lead::Lead;
pub(crate) use rehearse::nth_key;
pub use rehearse::{Following, JobShown, Rehearsal, Sample, Shown};
pub use walk::Walk;

/// How long a logout may take: nobody waits for its answer.
const LOGOUT: Duration = Duration::from_secs(5);

/// Which part of a stream is read.
pub struct Slice<'a> {
    /// The stream.
    pub stream: &'a Stream,
    /// Only records from this key on.
    pub since: Option<KeyValue>,
    /// Only records up to this moment.
    pub until: Option<Timestamp>,
    /// What its `for_each` gives to expressions, if it has one.
    pub names: Option<Names>,
}

/// A page of records.
#[derive(Clone)]
pub struct Page {
    /// The body as it came, decompressed; of separated values, and of records under keys, JSON texts made of it.
    pub text: String,
    /// Where the records stand in it.
    pub records: Vec<Range<usize>>,
    /// Number of the page in the walk, from 1.
    pub number: u64,
    /// Whether the walk begins with it, or began anew with it from a key.
    pub anew: bool,
    /// Whether all before its last key is read for sure; not while the pages of one key are read again.
    pub settled: bool,
    /// When it was received.
    pub received_at: Timestamp,
    /// What the answer told from which the next run goes on: the token of a feed, or on the first page a bookmark.
    pub token: Option<KeyValue>,
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
        write!(f, "page {} of {}: {}", self.number, self.request, counted(self.records.len(), "record"))
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
    hosts: Hosts,
    check: Option<model::Check>,
    scope: Scope,
    credentials: Credentials,
    redactor: Redactor,
    keep: Keep,
    client: Arc<Client>,
    clock: Arc<dyn Clock>,
    counters: BTreeMap<String, Arc<Counters>>,
    jobs: job::Jobs,
    hooked: hooked::Hooked,
}

impl Source {
    /// The source of `connector`, with its hooks if one of them signs, chooses pages or cuts slices. All walks share its
    /// rate budget.
    ///
    /// # Errors
    /// Credentials that cannot be computed from the settings, and hooks that do not fit them.
    pub fn new(
        connector: &Connector,
        settings: &Settings,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Result<Source, ExtractError> {
        let components = match connector.named_hooks().is_empty() {
            true => Components::default(),
            false => Components::load(connector, Some(&settings.values))
                .map_err(|faults| ExtractError::of_hooks(&settings.secrets, &faults))?,
        };
        Source::hooked(connector, settings, (transport, clock), components)
    }

    /// The same with these components: a hook without one signs nothing, and neither chooses pages nor cuts.
    ///
    /// # Errors
    /// Credentials that cannot be computed from the settings.
    pub(crate) fn hooked(
        connector: &Connector,
        settings: &Settings,
        (transport, clock): (Arc<dyn Transport>, Arc<dyn Clock>),
        components: Components,
    ) -> Result<Source, ExtractError> {
        let scope = Scope::new().with("config", &settings.values).with("now", &clock.now());
        let credentials = Credentials::new(&connector.auth, &scope, &components)
            .map_err(|fault| ExtractError::unsigned(&settings.secrets, &fault))?;
        let counters = connector.streams.iter().map(|stream| (stream.name.clone(), Arc::default())).collect();
        let budget = Budget::new(connector.rate_limit.clone());
        Ok(Source {
            redactor: Redactor::new(&settings.secrets, &credentials),
            keep: Keep::on_this_machine(&connector.name),
            client: Arc::new(Client::new(transport, clock.clone(), budget)),
            hosts: Hosts { allowed: connector.allow_hosts.clone(), downloads: connector.download_hosts.clone() },
            check: connector.check.clone(),
            hooked: hooked::Hooked::of(components, connector, settings, clock.now()),
            scope,
            credentials,
            clock,
            counters,
            jobs: job::Jobs::default(),
        })
    }

    /// The names and values that all expressions may read.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The same source for a connector whose streams the API has told.
    pub(crate) fn told(self, connector: &Connector) -> Source {
        let mut counters = self.counters;
        for stream in &connector.streams {
            counters.entry(stream.name.clone()).or_default();
        }
        Source { counters, ..self }
    }

    /// Keeps tokens that an API replaces with `keep`, rather than where this machine keeps them.
    #[must_use]
    pub fn keeping(self, keep: Keep) -> Source {
        Source { keep, ..self }
    }

    /// Begins to read a slice; nothing is sent before [`Walk::next`].
    pub fn walk<'a>(&'a self, slice: Slice<'a>) -> Walk<'a> {
        Walk::new(self, slice)
    }

    /// What the requests of `stream` have cost so far.
    pub fn counters(&self, stream: &str) -> Arc<Counters> {
        self.counters.get(stream).cloned().unwrap_or_default()
    }

    /// Signs one try of a request.
    fn sign(&self, request: &mut Request, toward: Toward) -> Signed {
        if let Err(fault) = self.credentials.sign(request, toward, self.clock.now(), &self.redactor) {
            return Signed::Failed(fault.to_string());
        }
        let url = request.url.as_str();
        match toward {
            Toward::Stranger if self.redactor.redact(url) != url => Signed::Leaking,
            _ => Signed::Sendable,
        }
    }

    /// Ends the reading. Comes back when no credentials are on their way (a walk that is dropped leaves the request for
    /// them behind, because its answer may replace a refresh token that must be kept), jobs are removed that such a
    /// walk has left, and sessions are logged out of. Gives what came in the way of a logout: the data are whole
    /// without it.
    pub async fn close(&self) -> Vec<String> {
        join(self.credentials.settled(), self.jobs.clean_up_all(self)).await;
        let limits = Limits { timeout: LOGOUT, tries: 1, ..Limits::default() };
        let faults = self.credentials.end(&self.errand(&limits, &Arc::default())).await;
        faults.iter().map(|fault| self.redactor.redact(&fault.to_string())).collect()
    }

    /// With what credentials are fetched, within the limits of the request that needs them.
    fn errand(&self, limits: &Limits, counters: &Arc<Counters>) -> Errand {
        Errand {
            client: Arc::clone(&self.client),
            clock: Arc::clone(&self.clock),
            // What is asked of a token endpoint is one request, whatever the stream's weigh.
            limits: Limits { weight: 1, budget: None, ..limits.clone() },
            counters: Arc::clone(counters),
            redactor: self.redactor.clone(),
            keep: self.keep.clone(),
        }
    }

    /// Jobs that the API still has, and what hooks have said, by stream, in sentences. Asked when all is settled.
    pub fn notes(&self) -> BTreeMap<String, Vec<String>> {
        let mut notes = self.jobs.left_behind(self);
        for (stream, said) in self.said_by_hooks() {
            notes.entry(stream).or_default().extend(said);
        }
        notes
    }

    /// The hosts that were slowed down for.
    pub fn slowed(&self) -> Vec<Slowed> {
        self.client.slowed()
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
        match &self.check {
            Some(check) => check::check(self, check, &Limits::default()).await,
            None => Ok(Checked::NotDeclared),
        }
    }
}

#[cfg(test)]
mod tests;
