//! Tombstones: of a record that carries only its key and the mark of its deletion, the row gets the mark, and all
//! else in it stays.

use super::Trouble;
use super::load::Load;
use super::rows::Source;
use super::shape::quote;
use crate::destination::Written;

impl Load {
    /// Marks the row with the key of this tombstone. Where there is none, or it is marked so already, there is
    /// nothing to do. The row's hash is the tombstone's from then on: whatever record comes with its key is a change.
    pub(super) fn bury(&mut self, source: &Source<'_, '_>, root: usize, written: &mut Written) -> Result<(), Trouble> {
        let own = &self.shapes[0];
        let found = self.find_in(&own.target, source, root)?;
        let Some(found) = found.filter(|found| !found.is_same) else {
            written.unchanged += 1;
            return Ok(());
        };
        let in_this_load = found.sequence >= self.base.start;
        if in_this_load && source.has_replication_key(root) && self.is_older(&own.target, source, root)? {
            written.repeated += 1;
            return Ok(());
        }
        let deleted = own.deleted();
        let moment = match source.is_marked_on_receipt(root) {
            true => format!("coalesce({deleted}, ?)"),
            false => "?".to_owned(),
        };
        let stamp: Vec<String> = own.stamp().iter().map(|name| format!("{name} = ?")).collect();
        let (target, stamp, by_key) = (quote(&own.target), stamp.join(", "), own.by_key());
        let sql = format!("UPDATE {target} SET {deleted} = {moment}, {stamp} {by_key}");
        let mut statement = source.connection.prepare_cached(&sql)?;
        source.bind_tombstone(&mut statement, root)?;
        statement.raw_execute()?;
        written.changed += 1;
        written.deleted += 1;
        Ok(())
    }
}
