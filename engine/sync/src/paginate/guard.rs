//! Sees when a walk goes round in a circle.

use std::collections::HashSet;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::{Delta, PagingFault};
use crate::http::Request;

/// What tells a request from others.
fn hash(request: &Request) -> u64 {
    let Request { method, url, headers, body, .. } = request;
    let head = format!("{} {url} {headers:?}", method.word());
    xxh3_64_with_seed(body.as_deref().unwrap_or_default(), xxh3_64(head.as_bytes()))
}

/// What a walk has seen, eight bytes for each page and each link.
#[derive(Debug, Default)]
pub(super) struct Guard {
    pages: HashSet<u64>,
    links: HashSet<u64>,
    /// First pages of the walks before the last one, and of the last one: the walk that begins anew
    /// may repeat the page from which it began, but none before.
    firsts: HashSet<u64>,
    last_first: Option<u64>,
    /// A first page that may come once more, because its key is read again.
    shelved: Option<u64>,
}

impl Guard {
    /// A page with records came, the `number`th of its walk.
    pub(super) fn page(&mut self, content: u64, number: u64) -> Result<(), PagingFault> {
        if !self.pages.insert(content) {
            return Err(PagingFault::Loop("the records of this page came before".into()));
        }
        if number == 1 {
            if self.firsts.contains(&content) {
                return Err(PagingFault::Loop(
                    "the walk began anew from a later key and got the same records; the API does \
                     not obey it"
                        .into(),
                ));
            }
            self.firsts.extend(self.last_first.replace(content));
        }
        Ok(())
    }

    /// The request of a page after which a hook chose another: it may not be chosen again.
    pub(super) fn came_of(&mut self, request: &Request) {
        self.links.insert(hash(request));
    }

    /// The page leads on by `delta`.
    pub(super) fn next(&mut self, delta: &Delta) -> Result<(), PagingFault> {
        let (hash, text) = match delta {
            Delta::Request(request) => (hash(request), request.to_string()),
            Delta::Url(url) => (xxh3_64(url.as_str().as_bytes()), url.to_string()),
            Delta::Values(values) => {
                let text: Vec<String> = values.iter().map(ToString::to_string).collect();
                (xxh3_64(format!("{values:?}").as_bytes()), text.join("&"))
            }
        };
        if self.links.insert(hash) { Ok(()) } else { Err(PagingFault::Loop(format!("`{text}` was followed before"))) }
    }

    /// The walk begins anew from the same key.
    pub(super) fn read_again(&mut self) {
        self.begin_anew();
        self.shelved = self.last_first.take().filter(|first| self.firsts.remove(first));
    }

    /// The walk begins anew from a later key, and may see again what it has seen.
    pub(super) fn begin_anew(&mut self) {
        self.firsts.extend(self.shelved.take());
        self.pages.clear();
        self.links.clear();
    }
}
