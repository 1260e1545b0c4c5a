//! The columns by which a load knows its rows, as each load mode calls them.

use jiff::Timestamp;
use tapwright_spec::model::{LoadMode, RECEIVED_AT, UUID, UUID_TS};

use crate::destination::columns::{BATCHED, HASH, RECEIVED, SEQUENCE};
use crate::destination::shape::Dialect;
use crate::normalise::{ColumnType, Tables};

/// How they are called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    /// When the answer came.
    pub(super) received: &'static str,
    /// When the row was written, where that is a column of its own.
    pub(super) batched: Option<&'static str>,
    /// Greater for each later record.
    pub(super) sequence: &'static str,
    /// The same for records that say the same.
    pub(super) said: &'static str,
    /// The sequence is a moment.
    is_moment: bool,
}

impl Marks {
    pub(super) fn of(tables: &Tables) -> Marks {
        match tables.load_mode() {
            LoadMode::Stitch => {
                Marks { received: RECEIVED, batched: Some(BATCHED), sequence: SEQUENCE, said: HASH, is_moment: false }
            }
            LoadMode::Segment => {
                Marks { received: RECEIVED_AT, batched: None, sequence: UUID_TS, said: UUID, is_moment: true }
            }
        }
    }

    /// The sequence in a `CREATE TABLE`.
    pub(super) fn definition(self, dialect: &Dialect) -> String {
        let kind = if self.is_moment { ColumnType::Timestamp } else { ColumnType::Integer };
        format!("{} {} NOT NULL", self.sequence, (dialect.declared)(kind))
    }

    /// A number of [`Sequence`](crate::destination::loads::Sequence), as SQL compares the column with it.
    pub(super) fn number(self, sequence: i64) -> String {
        match Timestamp::from_microsecond(sequence / 1_000) {
            Ok(moment) if self.is_moment => format!("TIMESTAMP WITH TIME ZONE '{moment}'"),
            _ => sequence.to_string(),
        }
    }
}
