//! Credentials that are fetched: the same for all who need them, kept while they are valid, fetched anew when the API
//! refuses them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tapwright_spec::expression::{ExpressionFault, Scope};
use tapwright_spec::model::{KeyPlace, Sent};
use url::Url;

use super::oauth2::Endpoint;
use super::session::Session;
use super::{AuthFault, Errand, carry};
use crate::http::{Request, Response};

/// How long before their end credentials are fetched anew; of a short life a tenth.
const BEFORE_THE_END: SignedDuration = SignedDuration::from_secs(60);

/// The fetched credentials of a run, one after the other.
pub(super) struct Fetched {
    how: How,
    send: Vec<Sent>,
    scope: Scope,
    /// What goes where, for a rehearsal: nothing was fetched for it.
    blank: Vec<(KeyPlace, String)>,
    held: Mutex<Held>,
    /// Whoever fetches holds it; the others wait for what is fetched.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// By what they are fetched.
pub(super) enum How {
    OAuth2(Box<Endpoint>),
    Session(Box<Session>),
}

#[derive(Default)]
struct Held {
    got: Option<Carried>,
    /// How often something was fetched.
    count: u64,
    /// Whether the API refuses what is held.
    stale: bool,
    /// Why there will be nothing in this run.
    refusal: Option<AuthFault>,
}

/// What was fetched: the value of the name by which `send` knows it.
pub(super) struct Got {
    pub(super) value: Value,
    /// When it ends.
    pub(super) ends: Option<Timestamp>,
}

/// What goes where, and when to fetch anew.
struct Carried {
    value: Value,
    parts: Vec<(KeyPlace, String)>,
    until: Option<Timestamp>,
}

impl Fetched {
    pub(super) fn new(how: How, send: &[Sent], scope: &Scope) -> Result<Fetched, ExpressionFault> {
        let mut fetched = Fetched {
            blank: Vec::new(),
            how,
            send: send.to_vec(),
            scope: scope.clone(),
            held: Mutex::default(),
            turn: Arc::default(),
        };
        fetched.blank = fetched.parts(&fetched.how.blank())?;
        Ok(fetched)
    }

    /// What must not be shown, as far as it is known before anything is fetched.
    pub(super) fn secrets(&self) -> Vec<String> {
        match &self.how {
            How::OAuth2(endpoint) => endpoint.secrets(),
            How::Session(_) => Vec::new(),
        }
    }

    /// Puts what was fetched into a request.
    pub(super) fn put(&self, request: &mut Request, now: Timestamp) {
        let parts = self.held().got.as_ref().map_or_else(|| self.blank.clone(), |got| got.parts.clone());
        parts.iter().for_each(|(place, value)| carry::put(request, place, value));
        if let How::Session(session) = &self.how {
            session.attach(request, now);
        }
    }

    /// Hears of an answer to a request; gives the secrets in it.
    pub(super) fn hear(&self, url: &Url, response: &Response, now: Timestamp) -> Vec<String> {
        match &self.how {
            How::OAuth2(_) => Vec::new(),
            How::Session(session) => session.hear(url, response, now),
        }
    }

    /// Whether an answer says that what was fetched is not valid any more.
    pub(super) fn is_over(&self, response: &Response) -> bool {
        match &self.how {
            How::OAuth2(_) => response.status == 401,
            How::Session(session) => session.is_over(response),
        }
    }

    /// Where a request carries them.
    pub(super) fn places(&self) -> Vec<KeyPlace> {
        self.send.iter().map(|sent| sent.place.clone()).collect()
    }

    /// The token endpoint at which a person logs in.
    pub(super) fn login(&self) -> Option<&Endpoint> {
        match &self.how {
            How::OAuth2(endpoint) => endpoint.login().is_some().then_some(&**endpoint),
            How::Session(_) => None,
        }
    }

    /// Has credentials that are valid, as far as can be told, and gives their number.
    pub(super) async fn ready(self: &Arc<Self>, errand: &Errand) -> Result<u64, AuthFault> {
        if let Some(known) = self.known(errand.clock.now()) {
            return known;
        }
        let turn = Arc::clone(&self.turn).lock_owned().await;
        // Whoever had the turn before may have fetched them.
        if let Some(known) = self.known(errand.clock.now()) {
            return known;
        }
        // In a task of its own: a walk that is stopped takes no answer with it that replaces a refresh token.
        let (fetched, errand) = (Arc::clone(self), errand.clone());
        let fetching = tokio::spawn(async move {
            let number = fetched.renew(&errand).await;
            drop(turn);
            number
        });
        fetching.await.unwrap_or_else(|ended| Err(AuthFault::Unkept(format!("nothing was fetched: {ended}"))))
    }

    /// Comes back when nothing is on its way.
    pub(super) async fn settled(&self) {
        drop(self.turn.lock().await);
    }

    /// Ends what was begun, if anything was: a session that the spec logs out of.
    pub(super) async fn end(&self, errand: &Errand) -> Result<(), AuthFault> {
        let held = self.held().got.take();
        match (&self.how, held) {
            (How::Session(session), Some(got)) => session.log_out(errand, &got.value, &got.parts).await,
            _ => Ok(()),
        }
    }

    /// The API refuses the credentials of this number.
    pub(super) fn refused(&self, number: u64) {
        let mut held = self.held();
        held.stale |= held.count == number;
    }

    async fn renew(&self, errand: &Errand) -> Result<u64, AuthFault> {
        let fetched = match &self.how {
            How::OAuth2(endpoint) => endpoint.fetch(errand).await,
            How::Session(session) => session.log_in(errand).await,
        };
        let carried = fetched.and_then(|got| self.carry(&got, errand));
        let mut held = self.held();
        match carried {
            Ok(got) => {
                *held = Held { got: Some(got), count: held.count + 1, stale: false, refusal: None };
                Ok(held.count)
            }
            Err(fault) => {
                // No connection may pass; a refusal, asked for by every stream, may lock an account.
                held.refusal = (!matches!(fault, AuthFault::Unsent { .. })).then(|| fault.clone());
                Err(fault)
            }
        }
    }

    fn carry(&self, got: &Got, errand: &Errand) -> Result<Carried, AuthFault> {
        let parts = self.parts(&got.value).map_err(|fault| AuthFault::Unkept(format!("auth, send: {fault}")))?;
        let now = errand.clock.now();
        let until = got.ends.and_then(|ends| {
            let life = ends.duration_since(now);
            ends.checked_sub(BEFORE_THE_END.min(life / 10)).ok()
        });
        Ok(Carried { value: got.value.clone(), parts, until })
    }

    fn parts(&self, value: &Value) -> Result<Vec<(KeyPlace, String)>, ExpressionFault> {
        let scope = self.scope.clone().with(self.how.name(), value);
        self.send.iter().map(|sent| Ok((sent.place.clone(), sent.value.render(&scope)?))).collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, now: Timestamp) -> Option<Result<u64, AuthFault>> {
        let held = self.held();
        if let Some(refusal) = &held.refusal {
            return Some(Err(refusal.clone()));
        }
        let got = held.got.as_ref().filter(|got| !held.stale && got.until.is_none_or(|until| now < until));
        got.map(|_| Ok(held.count))
    }
}

impl How {
    /// By what name `send` knows what is fetched.
    fn name(&self) -> &'static str {
        match self {
            How::OAuth2(_) => "token",
            How::Session(_) => "session",
        }
    }

    /// What stands for it where nothing is fetched.
    fn blank(&self) -> Value {
        match self {
            How::OAuth2(_) => "***".into(),
            How::Session(session) => session.blank(),
        }
    }
}
