//! How a record says that it is deleted at the source.

use crate::path::Path;
use crate::time::TimeFormat;

/// The mark of a deleted record.
#[derive(Debug, Clone)]
pub struct Deleted {
    /// Where it stands in the record.
    pub from: Path,
    /// The values that mean deleted; empty: all but null, `false`, 0 and what is empty.
    pub is: Vec<String>,
    /// How a moment there is written.
    pub format: TimeFormat,
    /// A record with the mark carries no more than its key: all else in its row stays.
    pub tombstone: bool,
}
