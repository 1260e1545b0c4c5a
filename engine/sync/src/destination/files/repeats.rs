//! Which versions of a row count in one load: not one that came before, nor one that is older by its replication key
//! than another that came before.

use std::io;
use std::path::Path;

use super::seen::{Seen, Written as Before};
use crate::destination::Written;
use crate::normalise::{Cell, precedes};

/// A version of a row.
pub(in crate::destination) struct Version<'v> {
    /// A hash of its key.
    pub(in crate::destination) key: u128,
    /// A hash of its values.
    pub(in crate::destination) hash: u64,
    /// The replication key.
    pub(in crate::destination) order: &'v Cell<'v>,
    /// There is no more than a tombstone.
    pub(in crate::destination) is_bare: bool,
    /// Without a replication key it is as new as the one before it.
    pub(in crate::destination) may_lack_order: bool,
    /// It is marked as deleted.
    pub(in crate::destination) is_marked: bool,
}

/// The rows that a load has written.
#[derive(Default)]
pub(in crate::destination) struct Repeats {
    pub(super) seen: Seen,
    /// Some key has several versions.
    pub(super) are_some: bool,
}

impl Repeats {
    /// Whether a version is to be written. `told` is told what became of it; of many keys some go into files in
    /// `folder`.
    pub(in crate::destination) fn is_news(
        &mut self,
        version: &Version<'_>,
        told: &mut Written,
        folder: &Path,
    ) -> io::Result<bool> {
        let Version { key, hash, order, is_bare, may_lack_order, is_marked } = *version;
        let lacks_order = may_lack_order && order.is_empty();
        let before = self.seen.get(key)?;
        match &before {
            Some(before) if before.hash == hash => {
                *(if is_bare { &mut told.unchanged } else { &mut told.repeated }) += 1;
                return Ok(false);
            }
            Some(before) if !lacks_order && precedes(order, &before.order) => {
                told.repeated += 1;
                return Ok(false);
            }
            _ if is_bare => {
                told.changed += 1;
                told.deleted += 1;
            }
            Some(before) if !before.is_bare => told.repeated += 1,
            _ => count_new(told, is_marked),
        }
        self.are_some |= before.is_some() || is_bare;
        let order = match (is_bare || lacks_order, &before) {
            (true, Some(before)) => before.order.clone(),
            _ => owned(order),
        };
        let is_bare = is_bare && before.is_none_or(|before| before.is_bare);
        self.seen.insert(key, Before { hash, order, is_bare }, folder)?;
        Ok(true)
    }
}

/// Counts a row that nothing is known of.
pub(in crate::destination) fn count_new(told: &mut Written, is_marked: bool) {
    told.new += 1;
    told.deleted += u64::from(is_marked);
}

fn owned(cell: &Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Absent | Cell::Null => Cell::Null,
        Cell::Bool(value) => Cell::Bool(*value),
        Cell::Integer(value) => Cell::Integer(*value),
        Cell::Number(value) => Cell::Number(*value),
        Cell::Text(text) => Cell::Text(text.clone().into_owned().into()),
    }
}
