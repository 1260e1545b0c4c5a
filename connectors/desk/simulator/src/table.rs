//! The records of one kind, in order of id, with an index of their last change.

use std::ops::Range;

use crate::moment::Moment;

/// What a list can be narrowed and sorted by, whatever it lists.
pub(crate) trait Record {
    fn id(&self) -> u64;
    fn created_at(&self) -> Moment;
    fn updated_at(&self) -> Moment;
}

/// Rows ascend by id and by creation alike, so one order serves both.
#[derive(Clone, Debug)]
pub(crate) struct Table<T> {
    rows: Vec<T>,
    by_change: Vec<u32>,
}

impl<T: Record> Table<T> {
    pub(crate) fn new(rows: Vec<T>) -> Self {
        let mut by_change: Vec<u32> = (0..rows.len()).map(row_number).collect();
        by_change.sort_by_key(|&row| rows[row as usize].updated_at());
        Self { rows, by_change }
    }

    pub(crate) fn rows(&self) -> &[T] {
        &self.rows
    }

    pub(crate) fn get(&self, id: u64) -> Option<&T> {
        self.position(id).map(|row| &self.rows[row])
    }

    pub(crate) fn position(&self, id: u64) -> Option<usize> {
        self.rows.binary_search_by_key(&id, T::id).ok()
    }

    pub(crate) fn next_id(&self) -> u64 {
        self.rows.last().map_or(1, |row| row.id() + 1)
    }

    /// Adds a record, which must be the youngest.
    pub(crate) fn push(&mut self, record: T) -> usize {
        let row = self.rows.len();
        let place = self.place(record.updated_at(), row);
        self.by_change.insert(place, row_number(row));
        self.rows.push(record);
        row
    }

    /// Changes a record and moves it to where its `updated_at` now belongs.
    pub(crate) fn change(&mut self, row: usize, change: impl FnOnce(&mut T)) {
        let number = row_number(row);
        let before = self.place(self.rows[row].updated_at(), row);
        self.by_change.remove(before);
        change(&mut self.rows[row]);
        let after = self.place(self.rows[row].updated_at(), row);
        self.by_change.insert(after, number);
    }

    pub(crate) fn remove(&mut self, row: usize) -> T {
        let removed = self.rows.remove(row);
        let number = row_number(row);
        self.by_change.retain(|&other| other != number);
        for other in self.by_change.iter_mut().filter(|other| **other > number) {
            *other -= 1;
        }
        removed
    }

    /// The rows whose key lies within, in order of id; `key` must ascend with the id.
    pub(crate) fn span<K: Ord>(&self, key: impl Fn(&T) -> K, within: &Bounds<K>) -> Range<usize> {
        let start = (within.since.as_ref()).map_or(0, |since| self.rows.partition_point(|row| key(row) < *since));
        let end =
            (within.max.as_ref()).map_or(self.rows.len(), |max| self.rows.partition_point(|row| key(row) <= *max));
        start..end.max(start)
    }

    /// The rows last changed within, in order of that change.
    pub(crate) fn changed(&self, within: &Bounds<Moment>) -> &[u32] {
        let at = |row: &u32| self.rows[*row as usize].updated_at();
        let start = within.since.map_or(0, |since| self.by_change.partition_point(|row| at(row) < since));
        let end = within.max.map_or(self.by_change.len(), |max| self.by_change.partition_point(|row| at(row) <= max));
        &self.by_change[start..end.max(start)]
    }

    /// Rows that changed in the same second stand in order of id.
    fn place(&self, updated_at: Moment, row: usize) -> usize {
        self.by_change
            .partition_point(|&other| (self.rows[other as usize].updated_at(), other as usize) < (updated_at, row))
    }
}

/// Both ends inclusive: the filters of cases and customers mean `>=` and `<=`, as the official
/// migration tool found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds<K> {
    pub(crate) since: Option<K>,
    pub(crate) max: Option<K>,
}

impl<K: Ord> Bounds<K> {
    pub(crate) const OPEN: Self = Self { since: None, max: None };

    pub(crate) fn hold(&self, key: &K) -> bool {
        self.since.as_ref().is_none_or(|since| key >= since) && self.max.as_ref().is_none_or(|max| key <= max)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.since.is_none() && self.max.is_none()
    }
}

fn row_number(row: usize) -> u32 {
    u32::try_from(row).expect("a site has fewer than four billion records of a kind")
}
