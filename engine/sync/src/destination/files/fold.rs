//! Of the versions of each row the latest stays: when a full table ends, and when a folder is compacted.
//!
//! `_sdc_sequence` names a version, and child rows carry that of the row that they belong to. So the stream's own table
//! is read for its keys alone, which tells the sequences that stay, and then each table's rows are copied by sequence.
//! Of many rows so many keys are judged at a time as memory holds.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::Trouble;
use super::format::{Fate, Lane, Maker, Met};
use crate::normalise::ColumnType;

/// Rows that are judged at a time.
const AT_A_TIME: u64 = 500_000;

/// Files that become fewer.
#[derive(Default)]
pub(super) struct Versions<'f> {
    /// The key of the stream's own table; none: rows are never the same, and all stay.
    pub(super) key: Vec<(String, ColumnType)>,
    /// By table, the stream's own first: files in the order in which they were written.
    pub(super) files: Vec<Vec<PathBuf>>,
    /// The same of the version before, of which the rows with some keys stay.
    pub(super) before: Vec<Vec<PathBuf>>,
    /// These keys.
    pub(super) kept: Option<&'f HashSet<u128>>,
    /// How many rows the stream's own table has, about.
    pub(super) rows: u64,
}

/// The version of a row that stays.
struct Latest {
    sequence: i64,
    mark: Option<Box<str>>,
    /// The mark is another than the version has itself.
    is_marked: bool,
}

impl Versions<'_> {
    /// Writes the latest versions into `lanes`, one a table.
    pub(super) fn fold(&self, maker: &mut Maker, lanes: &mut [Lane]) -> Result<(), Trouble> {
        let passes = if self.key.is_empty() { 1 } else { self.rows / AT_A_TIME + 1 };
        for pass in 0..passes {
            let stays = self.judge(maker, (pass, passes))?;
            let mut fate = |sequence: i64| match &stays {
                None => Fate::Keep,
                Some(stays) => stays.get(&sequence).cloned().unwrap_or(Fate::Drop),
            };
            for files in [&self.before, &self.files] {
                for (lane, paths) in lanes.iter_mut().zip(files) {
                    paths.iter().try_for_each(|path| lane.copy(maker, path, &mut fate))?;
                }
            }
        }
        lanes.iter_mut().try_for_each(Lane::close)
    }

    /// The sequences that stay; nothing if all do.
    fn judge(&self, maker: &Maker, (pass, passes): (u64, u64)) -> Result<Option<HashMap<i64, Fate>>, Trouble> {
        if self.key.is_empty() {
            return Ok(None);
        }
        let mut latest: HashMap<u128, Latest> = HashMap::new();
        let empty = HashSet::new();
        let kept = self.kept.unwrap_or(&empty);
        for (files, all) in [(&self.before, false), (&self.files, true)] {
            for path in files.first().into_iter().flatten() {
                maker.format.scan(path, &self.key, &mut |met| {
                    let is_due = met.key as u64 % passes == pass && (all || kept.contains(&met.key));
                    if is_due {
                        take(&mut latest, &met);
                    }
                    Ok(())
                })?;
            }
        }
        let fate = |one: Latest| match one.is_marked {
            true => (one.sequence, one.mark.map_or(Fate::Keep, Fate::Mark)),
            false => (one.sequence, Fate::Keep),
        };
        Ok(Some(latest.into_values().map(fate).collect()))
    }
}

/// A later version takes the place of an earlier; a tombstone gives its mark to it. Where a record does not say since
/// when it is deleted, the moment at which that was noticed first stays.
fn take(latest: &mut HashMap<u128, Latest>, met: &Met<'_>) {
    let mark = || met.mark.map(Box::from);
    match latest.entry(met.key) {
        Slot::Vacant(slot) if !met.is_bare => {
            slot.insert(Latest { sequence: met.sequence, mark: mark(), is_marked: false });
        }
        Slot::Vacant(_) => {}
        Slot::Occupied(mut slot) => {
            let one = slot.get_mut();
            let noticed_before = met.on_receipt && one.mark.is_some();
            if !noticed_before {
                one.mark = mark();
            }
            one.is_marked = noticed_before || met.is_bare;
            if !met.is_bare {
                one.sequence = met.sequence;
            }
        }
    }
}
