//! Where rows go: rows and state in one commit, answered by a receipt.
//!
//! A run opens a load for each stream with [`Destination::begin`], writes batches as they come, ends
//! the load with [`Destination::finish`], and says with [`Destination::commit`] when what was written
//! so far is to stay. Loads of several streams may be under way in one commit. After a fault nothing of
//! the uncommitted is kept, and every call but [`Destination::rollback`] is refused.

mod address;
pub(crate) mod alone;
mod arrow;
mod columns;
mod duckdb;
mod exact;
mod fault;
mod files;
mod jsonl;
mod layout;
mod loads;
mod naming;
mod options;
pub mod page;
mod parquet;
mod postgres;
mod prospect;
mod row;
mod sets;
mod shape;
pub mod sqlite;
mod surrogate;
mod versions;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tapwright_spec::Connector;
use tapwright_spec::model::{Replication, Stream};

use crate::normalise::{Batch, Bounds, Changed, ColumnType, Tables};
use crate::state::{Draft, Receipt, State};
use address::merging;
pub use address::{forms, identity, shown};
pub(crate) use columns::is_of_loads;
pub use columns::{BATCHED, TOMBSTONE, meaning};
pub use fault::Fault;
pub(crate) use files::sync_folder;
pub use layout::{Layout, Named, layout};
pub use prospect::{NewColumn, Prospect, Rekeyed, Retyped};
use shape::Dialect;
pub(crate) use versions::Versions;

/// What a load does with the rows that the table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
            Replication::FullTable => Mode::Replace.of_load(stream),
            _ if stream.is_append_only() => Mode::Append,
            Replication::Incremental(_) | Replication::Feed(_) => Mode::Upsert,
        }
    }

    /// The same as the stream is loaded: where records are merged onto rows, nothing is replaced.
    pub(crate) fn of_load(self, stream: &Stream) -> Mode {
        if self == Mode::Replace && stream.merges() { Mode::Upsert } else { self }
    }

    /// Whether rows wait until the load is complete.
    pub(crate) fn is_staged(self) -> bool {
        matches!(self, Mode::Replace | Mode::Rebuild)
    }

    /// Whether the tables are made anew.
    pub fn is_anew(self) -> bool {
        self == Mode::Rebuild
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
    /// The records that they are made of, as the spec leaves them: for a destination that keeps records.
    pub records: &'d [Changed<'a>],
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
///
/// A destination that works row by row counts as it writes. One that works on sets takes rows as they come, merges
/// them when it is asked for figures, and at the latest when it commits.
pub trait Destination: Send {
    /// The connector as a run knows it when all that only the API can tell is told; before anything is loaded.
    fn meet(&mut self, _connector: &Connector) {}

    /// Whether it makes rows of records now, so that it has columns to tell of.
    fn has_rows(&self) -> bool {
        true
    }

    /// Which values it cannot hold: records with such are set aside before they come here.
    fn bounds(&self) -> Bounds {
        Bounds::default()
    }

    /// What earlier runs of the connector have committed.
    ///
    /// # Errors
    /// A [`Fault`] if the place cannot be read.
    fn load_state(&mut self) -> Result<State, Fault>;

    /// What beginning this load would find and do, table by table; changes nothing.
    ///
    /// # Errors
    /// A [`Fault`] if the place cannot be read. What is in the way of the load is told of its tables.
    fn survey(&mut self, opening: &Opening<'_>) -> Result<Vec<Prospect>, Fault>;

    /// Begins a load, and makes or extends its tables.
    ///
    /// # Errors
    /// A [`Fault`]. One that says that a table is not ours or does not fit the spec leaves the loads of
    /// other streams under way.
    fn begin(&mut self, opening: &Opening<'_>) -> Result<Existing, Fault>;

    /// Takes a batch of a stream whose load has begun, and says what is known by then of its records.
    ///
    /// # Errors
    /// A [`Fault`]; nothing that was not committed before is kept.
    fn write(&mut self, stream: &str, delivery: &Delivery<'_, '_>) -> Result<Written, Fault>;

    /// What became of records of the stream's load that was not told before.
    ///
    /// # Errors
    /// A [`Fault`]; nothing that was not committed before is kept.
    fn flush(&mut self, _stream: &str) -> Result<Written, Fault> {
        Ok(Written::default())
    }

    /// What the user should know of the stream's tables.
    fn notes(&self, _stream: &str) -> Vec<String> {
        Vec::new()
    }

    /// Ends the load of a stream, whose figures are told.
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

/// What a kind of destination can do, for its line on the page of destinations.
#[derive(Debug, Clone, Copy)]
pub struct Capabilities {
    /// How people call it.
    pub title: &'static str,
    /// How a user names one.
    pub form: &'static str,
    /// The type of a column there.
    pub types: fn(ColumnType) -> &'static str,
    /// How rows and state are committed together.
    pub commit: &'static str,
    /// What becomes of a row that changes.
    pub changed: &'static str,
    /// What keeps two runs apart.
    pub alone: &'static str,
    /// What names may be, and what becomes of others.
    pub names: &'static str,
    /// Columns that a table may have.
    pub columns: &'static str,
    /// Values that it cannot hold, so that their records are set aside.
    pub set_aside: &'static str,
    /// Whether records are merged onto rows, in the load mode `segment`.
    pub merges: bool,
}

/// A kind of destination.
#[derive(Debug)]
pub struct Kind {
    /// What its addresses begin with, before the colon.
    pub schemes: &'static [&'static str],
    /// Whether its addresses may hold a password.
    has_login: bool,
    /// How it calls things.
    dialect: &'static Dialect,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Opens one for a connector; takes what stands behind the colon.
    open: fn(&str, &str) -> Opened,
    /// Opens one to look at what is there, if anything: nothing is made, and no run is kept out. Only what reads may be
    /// called: `load_state` and `survey`.
    look: fn(&str, &str) -> Opened,
    /// Keeps the latest version of each row, where rows have several; takes what stands behind the colon.
    compact: Option<fn(&str) -> CompactedTables>,
}

/// A table that was compacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compacted {
    /// Its name.
    pub table: String,
    /// Rows before and after.
    pub rows: [u64; 2],
    /// Files before and after.
    pub files: [usize; 2],
}

/// A destination that was opened, or why it was not.
pub type Opened = Result<Box<dyn Destination>, Fault>;

/// The tables that were compacted, or why none was.
pub type CompactedTables = Result<Vec<Compacted>, Fault>;

/// All kinds of destinations.
pub const KINDS: [&Kind; 5] = [&sqlite::KIND, &postgres::KIND, &duckdb::KIND, &parquet::KIND, &jsonl::KIND];

/// Opens the destination that `url` names, for a connector.
///
/// # Errors
/// A [`Fault`] for an unknown scheme, or if the place cannot be opened.
pub fn open(url: &str, connector: &str) -> Opened {
    let (kind, rest) = kind(url)?;
    (kind.open)(rest, connector)
}

/// Opens the destination that `url` names to look at what is there, if anything: nothing is made, and no run is kept
/// out. Only [`Destination::load_state`] and [`Destination::survey`] may be called.
///
/// # Errors
/// A [`Fault`] for an unknown scheme, or if the place cannot be read.
pub fn look(url: &str, connector: &str) -> Opened {
    let (kind, rest) = kind(url)?;
    (kind.look)(rest, connector)
}

/// Opens the destination that `url` names, if the connector has loaded into it before.
///
/// # Errors
/// [`Fault::Empty`] if it has not; else as [`open`].
pub fn open_again(url: &str, connector: &str) -> Opened {
    if look(url, connector)?.load_state()?.0.is_empty() {
        return Err(Fault::Empty { place: shown(url), connector: connector.to_owned() });
    }
    open(url, connector)
}

/// Keeps the latest version of each row in the destination that `url` names.
///
/// # Errors
/// A [`Fault`] for an unknown scheme, a destination whose rows have one version, and a place that cannot be opened.
pub fn compact(url: &str) -> CompactedTables {
    let (kind, rest) = kind(url)?;
    match kind.compact {
        Some(compact) => compact(rest),
        None => Err(Fault::OneVersion { place: shown(url) }),
    }
}

/// The kind of the destination that `url` names; without one, the first of all.
///
/// # Errors
/// A [`Fault`] for an unknown scheme.
pub fn kind_of(url: Option<&str>) -> Result<&'static Kind, Fault> {
    url.map_or(Ok(KINDS[0]), |url| kind(url).map(|(kind, _)| kind))
}

fn kind(url: &str) -> Result<(&'static Kind, &str), Fault> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    let found = KINDS.into_iter().find(|kind| kind.schemes.contains(&scheme) && !rest.is_empty());
    found.map(|kind| (kind, rest)).ok_or_else(|| Fault::Scheme { url: shown(url) })
}
