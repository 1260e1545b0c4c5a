//! `__sdc_primary_key`: the key of rows whose records have none, in the form of a UUID.

use std::hash::{BuildHasher, RandomState};

const VARIANT: u64 = 0x8000_0000_0000_0000;
const OF_VARIANT: u64 = 0x3fff_ffff_ffff_ffff;

/// Keys for so many records, whatever they hold: of version 7, in the order of time.
pub(in crate::destination) fn made_up(count: usize, first: i64) -> Vec<String> {
    let random = RandomState::new();
    let nanos = first.max(0) as u64;
    let millis = nanos / 1_000_000;
    let one = |number: usize| {
        // Twelve bits of order within the batch; the batch's own time is in front.
        let order = (nanos % 1_000_000 / 1_000 + number as u64 / 4_096) & 0xfff;
        written(millis << 16 | 0x7000 | order, random.hash_one((first, number)))
    };
    (0..count).map(one).collect()
}

/// The key of a record that is known by its values: of version 8.
pub(in crate::destination) fn of_values(identity: &u128) -> String {
    let high = (identity >> 64) as u64;
    written(high & !0xf000 | 0x8000, *identity as u64)
}

fn written(high: u64, low: u64) -> String {
    let low = low & OF_VARIANT | VARIANT;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}
