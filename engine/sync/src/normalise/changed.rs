//! What comes to be normalised: records as the spec leaves them.

use std::borrow::Cow;

use super::Added;

/// What becomes of a record.
#[derive(Debug)]
pub enum Changed<'r> {
    /// It is loaded.
    Kept(Kept<'r>),
    /// `keep_if` leaves it out.
    LeftOut,
    /// `keep_if` leaves it out, and it is deleted: its row is marked, if there is one.
    Gone(Kept<'r>),
    /// It cannot be loaded.
    Refused(Cow<'r, str>, String),
    /// It cannot be split, so nobody knows which records it holds.
    Unsplit(Cow<'r, str>, String),
}

/// A record that is loaded.
#[derive(Debug)]
pub struct Kept<'r> {
    /// Its JSON text.
    pub record: Cow<'r, str>,
    /// What `add` gives it.
    pub added: Vec<Added>,
}

impl Changed<'_> {
    /// The text of the record, unless it is left out.
    pub fn text(&self) -> Option<&str> {
        match self {
            Changed::Kept(kept) | Changed::Gone(kept) => Some(&kept.record),
            Changed::Refused(record, _) | Changed::Unsplit(record, _) => Some(record),
            Changed::LeftOut => None,
        }
    }
}
