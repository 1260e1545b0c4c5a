//! What is wrong with a file of a hub, and where.

use std::fmt;
use std::ops::Range;

/// A part of a file that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file, seen from the hub's folder.
    pub file: String,
    /// Number of the segment that it is; none for other files.
    pub segment: Option<u64>,
    /// The bytes that cannot be trusted.
    pub bytes: Range<u64>,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(segment) = self.segment {
            write!(f, " (segment {segment})")?;
        }
        write!(f, ", bytes {} to {}: {}", self.bytes.start, self.bytes.end, self.why)
    }
}
