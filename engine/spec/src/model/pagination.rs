//! The way through the pages.

use crate::expression::Condition;
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
    pub total: Option<Path>,
    /// Stop after so many pages, with the verdict `bounded`.
    pub max_pages: Option<u64>,
    /// Begin a new walk from the last replication key after some pages.
    pub restart_after: Option<RestartAfter>,
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
    /// A page number in the query.
    PageNumber {
        /// Parameter.
        param: String,
        /// Number of the first page.
        first: i64,
    },
    /// An offset in the query, moved on by the number of records that came.
    Offset {
        /// Parameter of the offset.
        param: String,
        /// First offset, 0 if not said.
        first: i64,
    },
    /// A token in the body that goes into the query of the next request. Null, absent or "" ends the walk.
    Cursor {
        /// Where it stands.
        path: Path,
        /// Parameter that carries it.
        param: String,
    },
}

/// How many records a page should hold.
#[derive(Debug, Clone)]
pub struct PageSize {
    /// Query parameter.
    pub param: String,
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
    /// This condition holds (names: `config`, `response`, `page`).
    When(Condition),
}

/// Begin a new walk from the last replication key after some pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartAfter {
    /// As soon as this many pages were read and the key has moved on.
    pub pages: u64,
}
