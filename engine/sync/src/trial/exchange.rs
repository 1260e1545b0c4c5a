//! A transport that tells what goes over it, without secrets.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Serialize;
use tapwright_spec::model::{RateLimit, Teller};

use super::{Event, Listener, Trial};
use crate::auth::Redactor;
use crate::clock::Clock;
use crate::http::{Request, Response, Transport, TransportFault};

/// Headers of answers that say something about paging, limits and form, beside those that the spec names.
const HEADERS: [&str; 5] = ["Content-Type", "Content-Encoding", "Link", "Location", "Retry-After"];

/// One request and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// Method and URL.
    pub request: String,
    /// Whether it repeats the one before it.
    pub again: bool,
    /// What came.
    pub answer: Answer,
    /// How long that took.
    pub milliseconds: i64,
}

/// What came back.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// An answer.
    Came {
        /// Status.
        status: u16,
        /// Bytes of the body, as it was sent.
        bytes: usize,
        /// The headers that matter.
        headers: Vec<(String, String)>,
    },
    /// None.
    Fault {
        /// Why not.
        fault: String,
    },
}

/// Tells of each exchange.
pub(super) struct Watched {
    inner: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    listener: Listener,
    headers: Vec<String>,
    redactor: OnceLock<Redactor>,
    last: Mutex<String>,
}

impl Watched {
    pub(super) fn new(trial: &Trial, listener: Listener) -> Arc<Watched> {
        let limits = trial.connector.rate_limit.iter();
        let of_limit = limits.flat_map(RateLimit::tellers).filter_map(|teller| match teller {
            Teller::Header(name) => Some(name.clone()),
            Teller::Body(_) => None,
        });
        Arc::new(Watched {
            inner: Arc::clone(&trial.transport),
            clock: Arc::clone(&trial.clock),
            listener,
            headers: HEADERS.into_iter().map(str::to_owned).chain(of_limit).collect(),
            redactor: OnceLock::new(),
            last: Mutex::default(),
        })
    }

    /// Hides secrets from now on.
    pub(super) fn hide(&self, redactor: &Redactor) {
        // It is set once, before anything is sent.
        let _ = self.redactor.set(redactor.clone());
    }

    pub(super) fn tell(&self, event: &Event) {
        (self.listener)(event);
    }

    /// A text without secrets; before they are known, none.
    fn hidden(&self, text: &str) -> String {
        self.redactor.get().map_or_else(|| "***".to_owned(), |redactor| redactor.redact(text))
    }

    fn answer(&self, came: &Result<Response, TransportFault>) -> Answer {
        match came {
            Err(fault) => Answer::Fault { fault: self.hidden(&fault.to_string()) },
            Ok(response) => Answer::Came {
                status: response.status,
                bytes: response.body.len(),
                headers: self
                    .headers
                    .iter()
                    .filter_map(|name| Some((name.clone(), self.hidden(response.headers.get(name)?))))
                    .collect(),
            },
        }
    }
}

impl Transport for Watched {
    fn send<'a>(&'a self, request: &'a Request, most: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        async move {
            let began = self.clock.now();
            let came = self.inner.send(request, most).await;
            let took = self.clock.now() - began;
            let request = self.hidden(&request.to_string());
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            let again = std::mem::replace(&mut *last, request.clone()) == request;
            drop(last);
            let milliseconds = took.total(jiff::Unit::Millisecond).map_or(0, |time| time as i64);
            self.tell(&Event::Exchange(Exchange { request, again, answer: self.answer(&came), milliseconds }));
            came
        }
        .boxed()
    }
}
