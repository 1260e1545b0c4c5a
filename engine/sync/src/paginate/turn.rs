//! What is known of a page, and what follows it.

use std::fmt;

use serde_json::Value;
use tapwright_spec::model::Carrier;
use url::Url;

use super::End;
use crate::http::Request;
use crate::state::KeyValue;

/// A replication key and how it is written in a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key.
    pub value: KeyValue,
    /// As it is sent; two keys that are written alike ask for the same records.
    pub sent: String,
}

/// What is known of a page.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Where it came from.
    pub url: &'a Url,
    /// Records on it, before any filter.
    pub records: u64,
    /// What stands where the next URL, the cursor or the object to merge should.
    pub next: Option<Value>,
    /// Whether the page says that there is more.
    pub more: Option<bool>,
    /// The `Link` header.
    pub link: Option<&'a str>,
    /// How many records there are in all, as the page says.
    pub total: Option<u64>,
    /// Hash of the records' text.
    pub content: u64,
    /// What tells the first record from others, and the last, where a page begins with the last of the one before.
    pub ends: Option<(u64, u64)>,
    /// Whether a record stood on an earlier page since the walk began, or began anew.
    pub repeats: bool,
    /// Replication key of the last record.
    pub last_key: Option<Key>,
    /// Whether a stop condition of the spec holds.
    pub stop: bool,
}

/// What follows a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// One more request of this walk.
    Go(Delta),
    /// A new walk that asks for records from this key on.
    Restart(Key),
    /// Nothing.
    End(End),
}

/// What a hook chooses after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// Another request.
    Next {
        /// The request of the page.
        before: Box<Request>,
        /// The one that is to follow.
        next: Box<Request>,
    },
    /// Nothing, for this reason.
    Stop(String),
}

/// How the next request differs from the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// It is this one.
    Request(Box<Request>),
    /// It has this URL.
    Url(Url),
    /// It has these values at their places.
    Values(Vec<Carried>),
}

/// A value and its place in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Where it stands.
    pub carrier: Carrier,
    /// A text or a number.
    pub value: Value,
}

impl Carried {
    /// The value as a text.
    pub fn text(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            other => tapwright_spec::exact::write(other),
        }
    }
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.carrier {
            Carrier::Query(name) | Carrier::Form(name) => write!(f, "{name}={}", self.text()),
            Carrier::Header(name) => write!(f, "{name}: {}", self.text()),
            Carrier::Body(keys) => write!(f, "{}={}", keys.join("."), self.text()),
            Carrier::Path(_) => write!(f, "cursor={}", self.text()),
        }
    }
}
