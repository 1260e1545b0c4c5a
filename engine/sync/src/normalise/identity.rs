//! Records that are known by all of their values: the same record always has the same identity, and the second of
//! two that are alike in one answer another one, unless records are merged onto the row of their key.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_128;

use crate::state::KeyValue;

/// Bits that tell records of one key apart; those above them hold the key, so that rows lie in its order.
const BITS: u32 = 80;

/// Greatest key that has room above them.
const MOST: u64 = (1 << (u128::BITS - BITS)) - 1;

/// The identities of the records of one answer.
#[derive(Debug, Default)]
pub(super) struct Identities {
    all: Vec<u128>,
    /// How often each came so far.
    times: HashMap<u128, u64>,
}

impl Identities {
    /// The identity of each record, in order.
    pub(super) fn all(&self) -> &[u128] {
        &self.all
    }

    /// Adds a record by the bytes of what it says alone.
    pub(super) fn note(&mut self, said: &[u8]) {
        self.all.push(xxh3_128(said));
    }

    /// Adds a record by the bytes of its values, and its replication key.
    pub(super) fn add(&mut self, values: &[u8], key: Option<&KeyValue>) {
        let hash = xxh3_128(values);
        let times = self.times.entry(hash).or_default();
        let own = match *times {
            0 => hash,
            times => xxh3_128(&[hash.to_le_bytes(), u128::from(times).to_le_bytes()].concat()),
        };
        *times += 1;
        self.all.push(u128::from(place(key)) << BITS | own & ((1 << BITS) - 1));
    }
}

/// Where a key lies among others, as far as that is easily told.
fn place(key: Option<&KeyValue>) -> u64 {
    let number = match key {
        Some(KeyValue::Timestamp(moment)) => moment.as_millisecond(),
        Some(KeyValue::Integer(number)) => *number,
        _ => 0,
    };
    u64::try_from(number).unwrap_or(0).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::Identities;
    use crate::state::KeyValue;

    fn identities(records: &[(&str, i64)]) -> Vec<u128> {
        let mut identities = Identities::default();
        for (values, key) in records {
            identities.add(values.as_bytes(), Some(&KeyValue::Integer(*key)));
        }
        identities.all().to_vec()
    }

    #[test]
    fn the_second_of_two_alike_is_another_and_always_the_same() {
        let once = identities(&[("a", 1), ("a", 1), ("b", 1)]);
        let again = identities(&[("b", 1), ("a", 1), ("a", 1)]);
        assert_ne!(once[0], once[1]);
        assert_eq!(once, [again[1], again[2], again[0]]);
    }

    #[test]
    fn identities_lie_in_the_order_of_keys() {
        let found = identities(&[("a", -5), ("b", 1), ("c", 2), ("d", i64::MAX)]);
        assert!(found.is_sorted());
    }
}
