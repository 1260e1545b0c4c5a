//! What differs between destinations that merge sets: how statements are run, and how rows come in bulk.

use super::Trouble;
use crate::destination::row::Put;
use crate::destination::shape::{Column, Dialect};
use crate::normalise::{Bounds, ColumnType};

/// Rows of a query as text.
pub(in crate::destination) type Told = Vec<Vec<Option<String>>>;

/// Columns of a table with their types.
pub(in crate::destination) type There = Vec<(String, String)>;

/// Rows that wait to be sent.
pub(in crate::destination) trait Lane: Send {
    /// A row of so many values begins.
    fn begin_row(&mut self, width: usize);

    /// Puts the next value of the row; nothing if the column cannot hold it.
    fn put(&mut self, kind: ColumnType, value: Put<'_>) -> Option<()>;

    /// The row is whole.
    fn end_row(&mut self);

    /// About how much memory the rows take; none if there is no row.
    fn bytes(&self) -> usize;
}

/// Where rows that wait are sent.
pub(in crate::destination) struct Target<'t> {
    /// The schema of the table as SQL writes it; none for temporary ones.
    pub(in crate::destination) schema: Option<&'t str>,
    /// The table's name, without quotes.
    pub(in crate::destination) table: &'t str,
    /// The columns in the order of the lane.
    pub(in crate::destination) columns: &'t [Column],
}

/// A session in which statements are run.
pub(in crate::destination) trait Session: Send {
    /// Rows on their way.
    type Lane: Lane;

    /// How things are called and declared.
    fn dialect(&self) -> &'static Dialect;

    /// Which values it cannot hold.
    fn bounds(&self) -> Bounds;

    /// No rows yet, for a table with these columns.
    fn lane(&self, columns: &[Column]) -> Self::Lane;

    /// Sends the rows of a lane, which is empty then.
    fn send(&self, lane: &mut Self::Lane, target: &Target<'_>) -> Result<(), Trouble>;

    /// Runs statements that give nothing.
    fn run(&self, sql: &str) -> Result<(), Trouble>;

    /// Runs statements and gives the rows of the last.
    fn ask(&self, sql: &str) -> Result<Told, Trouble>;

    /// Runs a statement and says how many rows it deletes.
    fn delete(&self, sql: &str) -> Result<u64, Trouble>;

    /// The columns of a table or view of this name; nothing if there is none.
    fn there(&self, schema: &str, table: &str) -> Result<Option<There>, Trouble>;

    /// The first value of the first row.
    fn one(&self, sql: &str) -> Result<Option<String>, Trouble> {
        Ok(self.ask(sql)?.into_iter().next().and_then(|row| row.into_iter().next()?))
    }

    /// A number: the first value of the first row, 0 if there is none.
    fn number(&self, sql: &str) -> Result<i64, Trouble> {
        Ok(self.one(sql)?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }
}
