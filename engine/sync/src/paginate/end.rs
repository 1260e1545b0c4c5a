//! How a walk ends, well or not.

use std::fmt;

use tapwright_spec::model::NamedHook;
use thiserror::Error;

/// So many empty pages in a row, before the total is reached, are an error.
pub(super) const MOST_EMPTY: u32 = 3;

/// So often a key that fills more than a page is read again, until nothing has slid within it.
pub(super) const MOST_REREADS: u32 = 5;

/// How a walk ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Why.
    pub reason: StopReason,
    /// Whether there is more that was not read.
    pub bounded: bool,
    /// What shows that rows slid between pages while they were read.
    pub slid: Option<String>,
}

/// Why a walk is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// The stream has one page.
    SinglePage,
    /// The page names no next one.
    NoNext,
    /// The page says that there is no more.
    NoMore,
    /// A page without records.
    EmptyPage,
    /// A page with fewer records than were asked for.
    ShortPage,
    /// As many records as there are in all.
    TotalReached(u64),
    /// The hook that chooses the pages says that this is the last, and why.
    Hook {
        /// Its name.
        hook: String,
        /// Why.
        why: String,
    },
    /// The stop condition of the spec holds.
    Condition,
    /// As many pages as the spec allows.
    MaxPages(u64),
    /// As many records as the spec allows.
    MaxRecords(u64),
    /// The job is done, and there is nothing to read of it.
    NothingToRead,
    /// Newest records come first, and this page has none from this key on.
    AllOlder(String),
    /// A rule of the spec says that this answer is the end.
    Rule(String),
    /// A rule of the spec says that this answer is skipped.
    Skipped(String),
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StopReason::SinglePage => f.write_str("the stream is a single page"),
            StopReason::NoNext => f.write_str("the last page names no next one"),
            StopReason::NoMore => f.write_str("the last page says that there is no more"),
            StopReason::EmptyPage => f.write_str("a page came without records"),
            StopReason::ShortPage => f.write_str("a page came with fewer records than asked for"),
            StopReason::TotalReached(1) => write!(f, "the one record that there is was read"),
            StopReason::TotalReached(total) => write!(f, "all {total} records were read"),
            StopReason::Hook { hook, why } => write!(f, "the hook `{hook}` ended the pages: {why}"),
            StopReason::Condition => f.write_str("the stop condition holds"),
            StopReason::MaxPages(pages) => write!(f, "max_pages is {pages}"),
            StopReason::MaxRecords(records) => write!(f, "max_records is {records}"),
            StopReason::NothingToRead => f.write_str("the job is done, and it brought nothing"),
            StopReason::AllOlder(since) => {
                write!(f, "newest come first, and everything on the last page is older than {since}")
            }
            StopReason::Rule(message) => write!(f, "stopped by a rule: {message}"),
            StopReason::Skipped(message) => write!(f, "skipped by a rule: {message}"),
        }
    }
}

/// Why a walk cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PagingFault {
    /// The walk goes round in a circle.
    #[error("the pages go round in a circle: {0}")]
    Loop(String),
    /// The next URL leads to a host that may not know the credentials.
    #[error("the next page is at {host}, which is neither {home} nor in `allow_hosts`")]
    ForeignHost {
        /// Where it leads.
        host: String,
        /// Where the walk is at home.
        home: String,
    },
    /// What should lead on does not.
    #[error("the next page cannot be asked for: {0}")]
    Next(String),
    /// The hook that chooses the pages cannot, or its choice cannot be sent.
    #[error("{0}")]
    Hook(String),
    /// The total is no count.
    #[error("the total {0} is no count")]
    Total(String),
    /// What should say whether there is more does not.
    #[error("nothing says whether there is more: {0}")]
    More(String),
    /// There is more, and nothing leads there.
    #[error("the page says that there is more, and names no next one")]
    MoreWithoutNext,
    /// The last record has no value to go on from.
    #[error("the page's last record has no `{0}`, from which the walk would go on")]
    NoLast(String),
    /// Empty pages where records should be.
    #[error("{MOST_EMPTY} empty pages in a row after {read} {}records", of(*total))]
    EmptyPages {
        /// Records read.
        read: u64,
        /// Records that there are, if the API says so.
        total: Option<u64>,
    },
    /// The spec says that records ascend by the key, and they do not.
    #[error("the records do not ascend by the replication key: {after} follows {before}")]
    Unordered {
        /// Last key of the page before.
        before: String,
        /// Last key of this page.
        after: String,
    },
    /// Rows of one key slid between its pages, whenever they were read.
    #[error(
        "the records with the key {0} slid between their pages in each of {MOST_REREADS} reads; let the API sort them by a second key, such as their id"
    )]
    Slides(String),
}

impl PagingFault {
    /// The same, with the name of the hook whose choice it is.
    pub(super) fn of(self, hook: Option<&NamedHook>) -> PagingFault {
        match (hook, self) {
            (Some(hook), fault @ (PagingFault::Loop(_) | PagingFault::ForeignHost { .. })) => {
                PagingFault::Hook(format!("hook `{}`: {fault}", hook.name))
            }
            (Some(hook), PagingFault::MoreWithoutNext) => {
                PagingFault::Hook(format!("hook `{}`: it stops at a page that says that there is more", hook.name))
            }
            (_, fault) => fault,
        }
    }
}

fn of(total: Option<u64>) -> String {
    total.map_or_else(String::new, |total| format!("of {total} "))
}
