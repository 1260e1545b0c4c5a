//! The way through the pages.

use super::NamedHook;
use crate::expression::{Condition, Template};
use crate::path::Path;

/// How to come to the next page.
#[derive(Debug, Clone)]
pub struct Pagination {
    /// What leads on.
    pub next: Next,
    /// How many records to ask for.
    pub size: Option<PageSize>,
    /// What ends the walk, beside what `next` itself says.
    pub stop: Vec<Stop>,
    /// Where the answer says how many records there are in all.
    pub total: Option<Total>,
    /// Stop after so many pages, with the verdict `bounded`.
    pub max_pages: Option<u64>,
    /// Stop after the page with which so many records came, with the verdict `bounded`.
    pub max_records: Option<u64>,
    /// Begin a new walk from the last replication key after some pages.
    pub restart_after: Option<RestartAfter>,
    /// Pages that are asked for at once; 1 where only a page says what follows it.
    pub ahead: u64,
}

impl Pagination {
    /// The hook that chooses the next page, if one does.
    pub fn hook(&self) -> Option<&NamedHook> {
        match &self.next {
            Next::Hook(hook) => Some(hook),
            _ => None,
        }
    }

    /// Whether each page begins with the last record of the one before.
    pub fn overlaps(&self) -> bool {
        matches!(self.next, Next::Offset { overlap: true, .. })
    }
}

/// Where an answer says how many records there are in all.
#[derive(Debug, Clone)]
pub enum Total {
    /// In the body.
    Body(Path),
    /// In the header of this name.
    Header(String),
}

/// What leads to the next page.
#[derive(Debug, Clone)]
pub enum Next {
    /// One page is all.
    Single,
    /// A URL in the body: absolute, relative to the host (`/…`) or to the request. Null or absent ends the walk.
    NextUrl {
        /// Where it stands.
        path: Path,
    },
    /// The `Link` header (RFC 8288) with `rel="next"`; its absence ends the walk.
    LinkHeader,
    /// A page number.
    PageNumber {
        /// Where it stands.
        send: Carrier,
        /// Number of the first page.
        first: i64,
    },
    /// An offset, moved on by the number of records that came.
    Offset {
        /// Where it stands.
        send: Carrier,
        /// First offset, 0 if not said.
        first: i64,
        /// Whether each page begins with the last record of the one before.
        overlap: bool,
    },
    /// A token of the answer that goes into the next request.
    Cursor {
        /// What it is.
        token: Token,
        /// Where it stands in the request.
        send: Carrier,
    },
    /// An object in the body whose members go into the query of the next request. Null, absent or `{}` ends the walk.
    Merge {
        /// Where it stands.
        path: Path,
    },
    /// What a hook makes of the page.
    Hook(NamedHook),
}

/// What of an answer is the token that leads on.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// What stands in the body at this path. Null, absent or "" ends the walk.
    Body(Path),
    /// What this header says. Absent or "" ends the walk.
    Header(String),
    /// What stands in the last record, one key within the other. A page without records ends the walk.
    Last(Vec<String>),
}

/// Where in a request a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carrier {
    /// In this query parameter.
    Query(String),
    /// In this header.
    Header(String),
    /// In the JSON body, one key within the other.
    Body(Vec<String>),
    /// Under this name in the form.
    Form(String),
    /// In this path, which takes the place of the request's own, as `cursor`.
    Path(Template),
}

/// How many records a page should hold.
#[derive(Debug, Clone)]
pub struct PageSize {
    /// Where it stands.
    pub send: Carrier,
    /// Records per page.
    pub value: u64,
}

/// A positive sign that a walk is at its end.
#[derive(Debug, Clone)]
pub enum Stop {
    /// A page with no record.
    EmptyPage,
    /// A page with fewer records than `size`.
    ShortPage,
    /// As many records as `total` says were read.
    Total,
    /// The boolean at this path is false. While it is true there is more; anything else there is an error.
    More(Path),
    /// This condition holds (names: `config`, `response`, `page`).
    When(Condition),
}

/// Begin a new walk from the last replication key after some pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartAfter {
    /// As soon as this many pages were read and the key has moved on.
    pub pages: u64,
}
