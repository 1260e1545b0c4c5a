//! Feeds: the token goes into the first request, and comes with the pages.

use serde_json::Value;
use tapwright_spec::exact;
use tapwright_spec::model::{Feed, Replication, StatusRange, Token};
use url::Url;

use super::Walk;
use super::facts::value_at;
use crate::extract::ExtractError;
use crate::extract::carry::carry;
use crate::extract::fault::FaultKind;
use crate::extract::verdict::Accepted;
use crate::http::{Origins, Prepared};
use crate::paginate::{Carried, Key};
use crate::state::KeyValue;

impl Walk<'_> {
    fn feed(&self) -> Option<&Feed> {
        match &self.slice.stream.replication {
            Replication::Feed(feed) => Some(feed),
            _ => None,
        }
    }

    pub(super) fn fault(&self, kind: FaultKind, shown: &str, what: &str) -> ExtractError {
        ExtractError::new(&self.source.redactor, kind, shown, what)
    }

    /// Gives the first request of a feed the token, or what a first run sends in its place.
    pub(super) fn go_on(&self, prepared: &mut Prepared, since: Option<&Key>) -> Result<(), ExtractError> {
        let Some(feed) = self.feed() else { return Ok(()) };
        let token = since.map(|since| &since.sent).or(feed.initial.as_ref());
        match (&feed.send, token) {
            (_, None) => Ok(()),
            (Some(carrier), Some(token)) => {
                let value = Value::from(token.as_str());
                carry(&mut prepared.request, &[Carried { carrier: carrier.clone(), value }]);
                Ok(())
            }
            (None, Some(token)) => {
                let url = Self::url(&prepared.request.url, token, &prepared.origins);
                prepared.request.url =
                    url.map_err(|what| self.fault(FaultKind::Paging, &self.slice.stream.name, &what))?;
                Ok(())
            }
        }
    }

    /// The URL that a token is.
    fn url(from: &Url, token: &str, origins: &Origins) -> Result<Url, String> {
        let url = from.join(token).map_err(|error| format!("the feed's token is no URL: {error}"))?;
        if origins.trusts(&url) {
            return Ok(url);
        }
        let (host, home) = (url.origin().ascii_serialization(), origins.home());
        Err(format!("the feed goes on at {host}, which is neither {home} nor in `allow_hosts`"))
    }

    /// The token that a page of a feed brings.
    pub(super) fn token(&self, accepted: &Accepted, shown: &str) -> Result<Option<KeyValue>, ExtractError> {
        let Some(feed) = self.feed() else { return Ok(None) };
        let token = match self.stands_at(accepted, &feed.token) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(token)) if token.is_empty() => return Ok(None),
            Some(Value::String(token)) => token,
            Some(other) => exact::digits(&other)
                .ok_or_else(|| self.fault(FaultKind::Paging, shown, "the feed's token is no text and no number"))?,
        };
        if self.source.redactor.redact(&token) != token {
            let what = "the feed's token holds a secret of the configuration, which must not be stored; \
                        let credentials go in a header";
            return Err(self.fault(FaultKind::Paging, shown, what));
        }
        let token = match (&feed.send, &self.first) {
            // Kept whole, since the next run has nothing that it is relative to.
            (None, Some(first)) => {
                let url = Self::url(&accepted.fetched.url, &token, &first.origins);
                url.map_err(|what| self.fault(FaultKind::Paging, shown, &what))?.to_string()
            }
            _ => token,
        };
        Ok(Some(KeyValue::Token(token)))
    }

    /// What the answer has at a place from which the next run goes on.
    pub(super) fn stands_at(&self, accepted: &Accepted, place: &Token) -> Option<Value> {
        match place {
            Token::Header(name) => accepted.fetched.response.headers.get(name).map(Value::from),
            _ => self.asking.wanted.token.and_then(|slot| value_at(accepted, slot)),
        }
    }

    /// What the API answers to the page of this number when it knows the token no more.
    pub(super) fn expired(&self, number: u64) -> Vec<StatusRange> {
        let goes_on = matches!(self.slice.since, Some(KeyValue::Token(_))) && number == 1;
        self.feed().filter(|_| goes_on).map(|feed| feed.expired.clone()).unwrap_or_default()
    }
}
