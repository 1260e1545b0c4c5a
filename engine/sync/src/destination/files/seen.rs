//! The keys that a load has written, so that of the versions of a key one stays. Many of them go to the disk in sorted
//! runs, which are gone with the load.

mod run;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::path::Path;

use parquet::bloom_filter::Sbbf;

use crate::normalise::Cell;
use run::Run;

/// Keys that are kept in memory, and keys of a run.
const IN_MEMORY: usize = 100_000;

/// Bytes of a key in the filter of its group: one key in forty is looked for in the group in vain.
const FILTER: usize = 1;

/// The version of a key that was written last.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    pub(super) hash: u64,
    /// The replication key.
    pub(super) order: Cell<'static>,
    /// There was no more than a tombstone.
    pub(super) is_bare: bool,
}

/// The keys that a load has written; each is a hash itself.
#[derive(Default)]
pub(super) struct Seen {
    keys: HashMap<u128, Written, BuildHasherDefault<Itself>>,
    /// Each has room for twice as many runs as the one before, so that a key that is new, as most are, is told by few
    /// filters.
    groups: Vec<Group>,
}

/// Runs with one filter before those of each. Of a key that several runs hold, the last one counts.
struct Group {
    filter: Sbbf,
    room: usize,
    runs: Vec<Run>,
}

/// The hash of what is a hash.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u128(&mut self, key: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
        let half = key as u64;
        self.0 = half;
    }
}

impl Seen {
    pub(super) fn get(&self, key: u128) -> io::Result<Option<Written>> {
        if let Some(written) = self.keys.get(&key) {
            return Ok(Some(written.clone()));
        }
        let sought = key.to_be_bytes();
        for group in self.groups.iter().rev().filter(|group| group.filter.check(sought.as_slice())) {
            for run in group.runs.iter().rev() {
                if let Some(written) = run.get(sought)? {
                    return Ok(Some(written));
                }
            }
        }
        Ok(None)
    }

    pub(super) fn contains(&self, key: u128) -> io::Result<bool> {
        Ok(self.get(key)?.is_some())
    }

    /// Notes a version; where there are many, those before it go into a file in `folder`.
    pub(super) fn insert(&mut self, key: u128, written: Written, folder: &Path) -> io::Result<()> {
        self.keys.insert(key, written);
        if self.keys.len() >= IN_MEMORY {
            let mut keys: Vec<(u128, Written)> = self.keys.drain().collect();
            keys.sort_unstable_by_key(|(key, _)| *key);
            let run = Run::write(&keys, folder)?;
            let group = self.group();
            keys.iter().for_each(|(key, _)| group.filter.insert(key.to_be_bytes().as_slice()));
            group.runs.push(run);
        }
        Ok(())
    }

    /// The group of the next run.
    fn group(&mut self) -> &mut Group {
        let full = |group: &Group| group.runs.len() == group.room;
        if self.groups.last().is_none_or(full) {
            let room = 1 << self.groups.len();
            let filter = Sbbf::new_with_num_of_bytes(FILTER * IN_MEMORY * room);
            self.groups.push(Group { filter, room, runs: Vec::new() });
        }
        let last = self.groups.len() - 1;
        &mut self.groups[last]
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_128;

    use super::{IN_MEMORY, Seen, Written};
    use crate::normalise::Cell;

    fn key(number: usize) -> u128 {
        xxh3_128(&number.to_be_bytes())
    }

    fn written(number: usize) -> Written {
        let order = match number % 4 {
            0 => Cell::Null,
            1 => Cell::Integer(-(number as i64)),
            2 => Cell::Number(number as f64 / 7.0),
            _ => Cell::Text("x".repeat(number % 50).into()),
        };
        Written { hash: number as u64, order, is_bare: number.is_multiple_of(3) }
    }

    #[test]
    fn keys_are_found_in_memory_and_on_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut seen = Seen::default();
        for number in 0..4 * IN_MEMORY + 10 {
            seen.insert(key(number), written(number), folder.path()).expect("room");
        }
        let runs: Vec<usize> = seen.groups.iter().map(|group| group.runs.len()).collect();
        assert_eq!((seen.keys.len(), runs), (10, vec![1, 2, 1]));
        for number in 0..4 * IN_MEMORY + 10 {
            assert_eq!(seen.get(key(number)).expect("an answer"), Some(written(number)));
        }
        for number in 4 * IN_MEMORY + 10..5 * IN_MEMORY {
            assert!(!seen.contains(key(number)).expect("an answer"));
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "its files have no names");
    }

    #[test]
    fn the_latest_version_of_a_key_counts_also_on_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut seen = Seen::default();
        for version in 1..=2 {
            for number in 0..IN_MEMORY {
                seen.insert(key(number), written(version * number), folder.path()).expect("room");
            }
        }
        assert!(seen.keys.is_empty());
        assert_eq!(seen.get(key(7)).expect("an answer"), Some(written(14)));
    }
}
