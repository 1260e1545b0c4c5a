//! Where rows go: rows and state in one commit, answered by a receipt.
//!
//! A run opens a load for each stream with [`Destination::begin`], writes batches as they come, ends
//! the load with [`Destination::finish`], and says with [`Destination::commit`] when what was written
//! so far is to stay. Loads of several streams may be under way in one commit. After a fault nothing of
//! the uncommitted is kept, and every call but [`Destination::rollback`] is refused.

pub mod sqlite;

use jiff::Timestamp;
use tapwright_spec::model::{Replication, Stream};

use crate::normalise::{Batch, ColumnType, Tables};
use crate::state::{Draft, Receipt, State};

/// What a load does with the rows that the table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Rows are inserted or overwritten by primary key; a parent's child rows are replaced with it.
    Upsert,
    /// Rows are added, for streams that are append-only: each row gets a `__sdc_primary_key` made of its values, and one
    /// that is there already is left alone.
    Append,
    /// When the load is complete the table holds its rows and no others; until then the old ones.
    Replace,
    /// As `Replace`, and the table itself is made anew: `--full-refresh`, whatever key and types it had.
    Rebuild,
}

impl Mode {
    /// What the stream's replication and primary key ask for.
    pub fn of(stream: &Stream) -> Mode {
        match stream.replication {
            Replication::FullTable => Mode::Replace,
            _ if stream.is_append_only() => Mode::Append,
            Replication::Incremental(_) | Replication::Feed(_) => Mode::Upsert,
        }
    }
}

/// A load that begins.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'o> {
    /// Name of the stream.
    pub stream: &'o str,
    /// Its tables, as far as they are known.
    pub tables: &'o Tables,
    /// What to do with the rows there are.
    pub mode: Mode,
    /// `_sdc_table_version` of the rows that this load writes, for full tables.
    pub version: Option<i64>,
}

/// The columns that the tables of a stream have already, by place of the table: for
/// [`crate::normalise::Normaliser::adopt`].
pub type Existing = Vec<Vec<(String, ColumnType)>>;

/// Rows to write.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'d, 'a> {
    /// The tables as the batch knows them: perhaps with more columns than at the beginning.
    pub tables: &'d Tables,
    /// The rows.
    pub batch: &'d Batch<'a>,
    /// When the answer came that held the records.
    pub received: Timestamp,
}

/// What became of the records of a batch; each is counted once, those deleted once more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Inserted.
    pub new: u64,
    /// In the table with other values: overwritten.
    pub changed: u64,
    /// In the table just so: left alone, with the `_sdc_` columns of the load that wrote them; tombstones too of which
    /// there is no row.
    pub unchanged: u64,
    /// Of those that were inserted or overwritten: marked as deleted.
    pub deleted: u64,
    /// Their key came before in this load. The version with the greater replication key stays; of two
    /// equal ones the later.
    pub repeated: u64,
    /// Set aside in `_sdc_rejected`.
    pub rejected: u64,
}

impl std::ops::AddAssign for Written {
    fn add_assign(&mut self, other: Written) {
        self.new += other.new;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.deleted += other.deleted;
        self.repeated += other.repeated;
        self.rejected += other.rejected;
    }
}

/// How a load ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// Every record was read: a replaced table takes the new rows, and rows that are gone at the source go.
    Complete,
    /// Not every record was read: a replaced table stays as it was; what was upserted or appended stays.
    Discard,
}

/// What the end of a load did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Finished {
    /// Rows that were in the table and no more at the source.
    pub deleted: u64,
}

/// A place for rows and state.
pub trait Destination: Send {
    /// What earlier runs of the connector have committed.
    ///
    /// # Errors
    /// A [`Fault`] if the place cannot be read.
    fn load_state(&mut self) -> Result<State, Fault>;

    /// Begins a load, and makes or extends its tables.
    ///
    /// # Errors
    /// A [`Fault`]. One that says that a table is not ours or does not fit the spec leaves the loads of
    /// other streams under way.
    fn begin(&mut self, opening: &Opening<'_>) -> Result<Existing, Fault>;

    /// Writes a batch of a stream whose load has begun.
    ///
    /// # Errors
    /// A [`Fault`]; nothing that was not committed before is kept.
    fn write(&mut self, stream: &str, delivery: &Delivery<'_, '_>) -> Result<Written, Fault>;

    /// Ends the load of a stream.
    ///
    /// # Errors
    /// A [`Fault`]; nothing that was not committed before is kept.
    fn finish(&mut self, stream: &str, completion: Completion) -> Result<Finished, Fault>;

    /// Makes everything since the last commit stay, together with the state in `draft`.
    ///
    /// # Errors
    /// A [`Fault`]; nothing that was not committed before is kept.
    fn commit(&mut self, draft: &Draft) -> Result<Receipt, Fault>;

    /// Drops everything since the last commit and all loads under way.
    ///
    /// # Errors
    /// A [`Fault`] if not even that can be done.
    fn rollback(&mut self) -> Result<(), Fault>;
}

/// The schemes of destinations, as a user writes them, for messages.
pub const SCHEMES: [&str; 1] = ["sqlite:PATH"];

/// Opens the destination that `url` names, for a connector.
///
/// # Errors
/// A [`Fault`] for an unknown scheme, or if the place cannot be opened.
pub fn open(url: &str, connector: &str) -> Result<Box<dyn Destination>, Fault> {
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => Ok(Box::new(sqlite::Sqlite::open(path, connector)?)),
        _ => Err(Fault::Scheme { url: url.to_owned() }),
    }
}

/// Why a destination cannot go on, and what helps.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No destination is called so.
    #[error("`{url}` names no destination; write {}", SCHEMES.join(" or "))]
    Scheme {
        /// What was asked for.
        url: String,
    },
    /// It cannot be opened.
    #[error("cannot open {place}: {reason}; check the path and that its folder exists and is writable")]
    Open {
        /// Path of the database.
        place: String,
        /// What the system says.
        reason: String,
    },
    /// Another run loads into it.
    #[error("another tapwright run is loading into {place}; wait for its end, or load into another file")]
    Busy {
        /// Path of the database.
        place: String,
    },
    /// Another program holds its lock.
    #[error("{place} is locked by another program; close what writes to it, then run again")]
    Locked {
        /// Path of the database.
        place: String,
    },
    /// It may not be written.
    #[error("{place} is read-only; make the file and its folder writable, then run again")]
    ReadOnly {
        /// Path of the database.
        place: String,
    },
    /// No room is left.
    #[error("no space is left for {place}; free some, then run again: what was committed is intact")]
    Full {
        /// Path of the database.
        place: String,
    },
    /// A file of another kind.
    #[error("{place} is no SQLite database; name another file")]
    NotADatabase {
        /// Path of the database.
        place: String,
    },
    /// The file is damaged.
    #[error("{place} is damaged: {reason}; restore a copy, or load into a new file")]
    Corrupt {
        /// Path of the database.
        place: String,
        /// What SQLite says.
        reason: String,
    },
    /// A table was made by somebody else.
    #[error(
        "the table `{table}` was not made by this connector's stream ({owner}); rename it, or load into another file"
    )]
    Foreign {
        /// The table.
        table: String,
        /// Whose it is.
        owner: String,
    },
    /// The primary key is no longer the one of the table.
    #[error("the primary key of `{table}` was {before} and is now {now}; run with --full-refresh to load it anew")]
    KeyChanged {
        /// The table.
        table: String,
        /// Columns.
        before: String,
        /// Columns.
        now: String,
    },
    /// A column's type is no longer the one of the table.
    #[error(
        "the column `{column}` of `{table}` holds {before} and the spec now says {now}; run with --full-refresh to load it anew"
    )]
    TypeChanged {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Declared type in the table.
        before: String,
        /// Type in the spec.
        now: String,
    },
    /// The order of calls is wrong, or an earlier fault was not rolled back.
    #[error("no load of `{stream}` is under way{hint}")]
    NoLoad {
        /// The stream.
        stream: String,
        /// Why, if it is known.
        hint: &'static str,
    },
    /// State that this version cannot read.
    #[error("the state of `{stream}` in {place} cannot be read: {reason}; run with --full-refresh to begin anew")]
    State {
        /// Path of the database.
        place: String,
        /// The stream.
        stream: String,
        /// What is wrong.
        reason: String,
    },
    /// Anything else.
    #[error("{place}: {reason}")]
    Other {
        /// Path of the database.
        place: String,
        /// What SQLite says.
        reason: String,
    },
}
