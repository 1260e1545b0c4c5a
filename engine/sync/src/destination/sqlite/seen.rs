//! The rows of a table that a load has met and left alone, by rowid: one word for 64 neighbours, so a
//! million rows in a row take some 400 KB.

use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct Seen {
    words: HashMap<i64, u64>,
    /// The word under work: keys mostly come in order.
    last: (i64, u64),
}

impl Seen {
    /// Marks a row; says whether it was not marked before.
    pub(super) fn insert(&mut self, rowid: i64) -> bool {
        let (word, bit) = (rowid >> 6, 1_u64 << (rowid & 63));
        self.turn_to(word);
        let first = self.last.1 & bit == 0;
        self.last.1 |= bit;
        first
    }

    /// Whether a row is marked.
    pub(super) fn contains(&mut self, rowid: i64) -> bool {
        self.turn_to(rowid >> 6);
        self.last.1 & (1_u64 << (rowid & 63)) != 0
    }

    fn turn_to(&mut self, word: i64) {
        if self.last.0 == word {
            return;
        }
        if self.last.1 != 0 {
            self.words.insert(self.last.0, self.last.1);
        }
        self.last = (word, self.words.get(&word).copied().unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn a_row_is_new_once() {
        let mut seen = Seen::default();
        for rowid in [0, 63, 64, -1, i64::MAX, i64::MIN, 5] {
            assert!(!seen.contains(rowid));
            assert!(seen.insert(rowid));
            assert!(!seen.insert(rowid));
        }
        assert!(seen.contains(0) && seen.contains(-1) && seen.contains(64));
        assert!(!seen.contains(1));
    }
}
