//! What becomes of a record before its fields are read.

use crate::path::Path;

/// One record becomes the elements of a list in it.
#[derive(Debug, Clone)]
pub struct Split {
    /// Leads to the elements: names and at least one `[*]`.
    pub path: Path,
    /// What each element gets of the record around it, by the name that it gets there.
    pub keep: Vec<(String, Path)>,
    /// Whether a record without the list brings none, rather than being set aside.
    pub optional: bool,
}

/// The members of an object come up in its place.
#[derive(Debug, Clone)]
pub struct Flatten {
    /// Where the object stands in the record.
    pub member: String,
    /// Put before the names of its members.
    pub prefix: String,
    /// How many objects deep, from 1.
    pub depth: u32,
}
