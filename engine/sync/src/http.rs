//! Requests and answers: how one is sent, tried again, held back and bounded.
//!
//! A [`Transport`] carries one request; [`Client`] puts around it what every API needs: a rate
//! budget, tries, redirects, a time limit and limits on what comes back. Texts in this module may
//! hold secrets; whoever shows them redacts them first.

mod body;
mod budget;
mod client;
mod counters;
mod form;
mod inflate;
mod live;
mod prepare;
mod recorded;
mod rerouted;
mod retry;
mod throttle;
mod tries;

use std::fmt;

use futures_util::future::BoxFuture;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tapwright_spec::counted;
use tapwright_spec::model::HostPattern;
use thiserror::Error;
use url::Url;

pub(crate) use body::json;
pub use budget::Budget;
pub(crate) use budget::Share;
pub use client::{Again, Call, Client, Fetched, Hearer, HttpFault, Judged, Signed, Signer, Toward};
pub use counters::Counters;
pub(crate) use inflate::{InflateFault, inflate};
pub use live::Live;
pub(crate) use prepare::{Given, PrepareFault, Prepared, escape, prepare};
pub use recorded::{Known, Miss, Recorded, Recording};
pub use rerouted::Rerouted;
pub(crate) use retry::retry_after;
use tapwright_spec::model::KeyPlace;
pub use tapwright_spec::model::Method;
pub use throttle::Slowed;

/// What RFC 3986 leaves as it is, and OAuth 1.0a with it; all else is percent-encoded.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request, ready to be signed and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Absolute URL.
    pub url: Url,
    /// Headers.
    pub headers: Headers,
    /// Body, if there is one.
    pub body: Option<Vec<u8>>,
    /// Whether the query is a key of its own, which is not shown: that of a signed address.
    pub veiled: bool,
    /// Where it carries what a hook has signed it with.
    pub signed: Vec<KeyPlace>,
}

impl Request {
    /// A GET without headers.
    pub fn get(url: Url) -> Request {
        Request { method: Method::Get, url, headers: Headers::default(), body: None, veiled: false, signed: Vec::new() }
    }

    /// Gives the query parameter `name` this one value; what it had before is gone.
    pub fn set_query(&mut self, name: &str, value: &str) {
        self.remove_query(name);
        self.add_query(name, value);
    }

    /// Takes the query parameter `name` away; the others stay as they are written.
    pub fn remove_query(&mut self, name: &str) {
        let rest: Vec<&str> = self
            .url
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty() && !is_named(pair, name))
            .collect();
        let rest = rest.join("&");
        self.url.set_query((!rest.is_empty()).then_some(&*rest));
    }

    /// Adds a query parameter, also beside one of the same name.
    pub fn add_query(&mut self, name: &str, value: &str) {
        let mut query = self.url.query().unwrap_or_default().to_owned();
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(utf8_percent_encode(name, RESERVED));
        query.push('=');
        query.extend(utf8_percent_encode(value, RESERVED));
        self.url.set_query(Some(&query));
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.word();
        match self.url.as_str().split_once('?') {
            Some((address, _)) if self.veiled => write!(f, "{method} {address}?***"),
            _ => write!(f, "{method} {}", self.url),
        }
    }
}

fn is_named(pair: &str, name: &str) -> bool {
    let raw = pair.split('=').next().unwrap_or(pair).replace('+', " ");
    percent_decode_str(&raw).decode_utf8_lossy() == name
}

/// Headers in their order; names are compared without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// What every request of ours says of itself.
    pub(crate) fn ours() -> Headers {
        let mut headers = Headers::default();
        headers.add("Accept", "application/json");
        headers.add("Accept-Encoding", "gzip, deflate");
        headers.add("User-Agent", concat!("tapwright/", env!("CARGO_PKG_VERSION")));
        headers
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Gives `name` this one value.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.add(name, value);
    }

    /// Takes `name` away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Adds a header, also beside one of the same name.
    pub fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// One answer, as it came.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Headers,
    /// Body: from a [`Transport`] as sent, from a [`Client`] decompressed.
    pub body: Vec<u8>,
}

/// Carries one request and brings its answer: no redirect, no second try, no decompression.
pub trait Transport: Send + Sync {
    /// Sends `request`; a body of more than `most` bytes is given up.
    fn send<'a>(&'a self, request: &'a Request, most: u64) -> BoxFuture<'a, Result<Response, TransportFault>>;
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportFault {
    /// No connection.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// The server's certificate does not hold.
    #[error("the server's certificate was refused: {0}")]
    Certificate(String),
    /// The connection broke before the answer was whole.
    #[error("the answer broke off: {0}")]
    Cut(String),
    /// The body is larger than allowed.
    #[error("the body is larger than {}", counted(.0, "byte"))]
    TooLarge(u64),
    /// The request cannot be sent as it is, or was never recorded.
    #[error("{0}")]
    Unsendable(String),
}

impl TransportFault {
    /// Whether the same request may fare better.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, TransportFault::Connect(_) | TransportFault::Cut(_))
    }
}

/// The hosts that a spec names beside that of its base URL.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    /// Those that may know the credentials: `host`, or `host:port` for another port than the scheme's own.
    pub allowed: Vec<String>,
    /// Those that are told nothing.
    pub downloads: Vec<HostPattern>,
}

/// Where credentials may go: the origin of the base URL, and the hosts that the spec names for it.
#[derive(Debug, Clone)]
pub struct Origins {
    home: Url,
    hosts: Hosts,
}

impl Origins {
    /// The origin of `home`, and other hosts.
    pub fn new(home: Url, hosts: Hosts) -> Origins {
        Origins { home, hosts }
    }

    /// Whether credentials may go to `url`. Never from https to http.
    pub fn trusts(&self, url: &Url) -> bool {
        if url.origin() == self.home.origin() {
            return true;
        }
        if self.home.scheme() == "https" && url.scheme() != "https" {
            return false;
        }
        self.hosts.allowed.iter().any(|allowed| is_host(url, allowed))
    }

    /// Whether an answer may come from `url`, be it without credentials. Never from https to http.
    pub(crate) fn lead_to(&self, url: &Url) -> bool {
        let downgrade = self.is_secure() && url.scheme() != "https";
        let named = || self.hosts.downloads.iter().any(|meant| meant.means(&authority(url)));
        self.trusts(url) || matches!(url.scheme(), "http" | "https") && !downgrade && named()
    }

    /// Whether the host at home is spoken to over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.home.scheme() == "https"
    }

    /// The host that is at home here, with its port if it is not the scheme's own.
    pub fn home(&self) -> String {
        authority(&self.home)
    }
}

fn is_host(url: &Url, allowed: &str) -> bool {
    matches!(url.scheme(), "http" | "https") && authority(url).eq_ignore_ascii_case(allowed)
}

/// Host, and port if it is not the scheme's own.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Headers, Hosts, Origins, Request};
    use url::Url;

    fn url(text: &str) -> Url {
        text.parse().expect("a url")
    }

    #[test]
    fn a_query_parameter_is_replaced_and_others_stay_as_they_were() {
        let mut request = Request::get(url("http://a.example/x?q=a%2Fb&page=1&page=2&r"));
        request.set_query("page", "3 4");
        assert_eq!(request.url.as_str(), "http://a.example/x?q=a%2Fb&r&page=3%204");
    }

    #[test]
    fn headers_know_no_case() {
        let mut headers = Headers::default();
        headers.add("Retry-After", "3");
        headers.set("retry-after", "4");
        assert_eq!(headers.get("RETRY-AFTER"), Some("4"));
        assert_eq!(headers.iter().count(), 1);
    }

    #[test]
    fn credentials_stay_at_their_origin() {
        let origins = Origins::new(
            url("https://a.example/api"),
            Hosts { allowed: vec!["files.example".into(), "c.example:8443".into()], ..Hosts::default() },
        );
        for trusted in ["https://a.example/other", "https://files.example/1", "https://c.example:8443/"] {
            assert!(origins.trusts(&url(trusted)), "{trusted}");
        }
        for foreign in [
            "http://a.example/",
            "https://a.example:444/",
            "http://files.example/",
            "https://files.example:81/",
            "https://c.example/",
            "https://xa.example/",
            "https://a.example.evil.example/",
        ] {
            assert!(!origins.trusts(&url(foreign)), "{foreign}");
        }
    }
}
