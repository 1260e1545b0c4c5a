//! What a hook may use, unless its spec says otherwise.

use std::time::Duration;

/// What one call of a hook may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Processor time of one call, with what the engine takes out of its answer. A machine under load does not use it up.
    pub time: Duration,
    /// Bytes of memory, all told.
    pub memory: usize,
    /// Bytes of an answer, as they take room here.
    pub output: usize,
    /// So many crashes in the records of one stream, and the stream fails.
    pub crashes: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { time: Duration::from_secs(1), memory: 64 << 20, output: 32 << 20, crashes: 10 }
    }
}

/// Bytes of a component's file.
pub(crate) const FILE: u64 = 64 << 20;
/// How often a running call is looked at.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Bytes of stack.
pub(crate) const STACK: usize = 512 << 10;
/// Lines of the log that are kept of one hook in one stream, and characters of each.
pub(crate) const LOG_LINES: usize = 100;
pub(crate) const LOG_LINE: usize = 500;
/// Characters of a reason, a note or a summary that are shown.
pub(crate) const WORDS: usize = 500;
/// Fields, names and notes that a hook may tell.
pub(crate) const NAMES: usize = 2_000;
/// Core instances, memories and tables of a component; entries of a table.
pub(crate) const PARTS: usize = 256;
pub(crate) const TABLE: usize = 1 << 20;
/// Records and bytes of a batch that is handed over. What is more goes in several: large ones cost more a record, since
/// they leave the processor's caches.
pub(crate) const BATCH_RECORDS: usize = 200;
pub(crate) const BATCH_BYTES: usize = 256 << 10;
/// Headers and parameters that a hook may give to a request, and their bytes.
pub(crate) const CARRIED: usize = 100;
pub(crate) const CARRIED_BYTES: usize = 64 << 10;
/// Slices of a stream, and bytes of each.
pub(crate) const SLICES: usize = 100_000;
pub(crate) const SLICE_BYTES: usize = 64 << 10;
