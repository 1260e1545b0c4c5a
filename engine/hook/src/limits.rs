//! What a hook may use. The doc comments are the rows of `docs/reference/hooks.md`.

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

/// A bound that no spec moves, for the reference page.
pub(crate) struct Bound {
    pub(crate) doc: &'static str,
    pub(crate) most: u64,
}

/// Defines the bounds and lists them.
macro_rules! bounds {
    ($(#[doc = $doc:literal] $name:ident: $kind:ty = $most:expr;)*) => {
        $(#[doc = $doc] pub(crate) const $name: $kind = $most;)*

        /// All of them, in this order.
        pub(crate) const BOUNDS: &[Bound] = &[$(Bound { doc: $doc, most: $most as u64 }),*];
    };
}

bounds! {
    /// Bytes of a component's file.
    FILE: u64 = 64 << 20;
    /// Bytes of stack.
    STACK: usize = 512 << 10;
    /// Core instances, memories and tables of a component, each.
    PARTS: usize = 256;
    /// Entries of a table of functions.
    TABLE: usize = 1 << 20;
    /// Records of a batch. What is more goes in several: large ones cost more a record, since they leave the processor's caches.
    BATCH_RECORDS: usize = 200;
    /// Bytes of the records of a batch; one that is larger goes alone.
    BATCH_BYTES: usize = 256 << 10;
    /// Fields that a hook tells, names that it reads, and notes, each.
    NAMES: usize = 2_000;
    /// Characters that are shown of a summary, a description, a note or a reason.
    WORDS: usize = 500;
    /// Lines of the log that are kept of one stream.
    LOG_LINES: usize = 100;
    /// Characters of such a line.
    LOG_LINE: usize = 500;
    /// Headers and parameters that a hook gives to a request, together.
    CARRIED: usize = 100;
    /// Bytes of these, and of an address that it gives.
    CARRIED_BYTES: usize = 64 << 10;
    /// Slices of a stream.
    SLICES: usize = 100_000;
    /// Bytes of a slice.
    SLICE_BYTES: usize = 64 << 10;
}

/// How often a running call is looked at.
pub(crate) const TICK: Duration = Duration::from_millis(10);
