//! The columns that the engine adds to the tables of every destination, by load mode.

use tapwright_spec::model::{ID, LoadMode, RECEIVED_AT, UUID, UUID_TS};

/// Key of rows whose records have none.
pub(super) const SURROGATE: &str = "__sdc_primary_key";
/// When the answer came that held the record.
pub(super) const RECEIVED: &str = "_sdc_received_at";
/// When the row was written.
pub const BATCHED: &str = "_sdc_batched_at";
/// Hash of the row and its child rows.
pub(super) const HASH: &str = "_sdc_record_hash";
/// Greater for a later version of a record.
pub(super) const SEQUENCE: &str = "_sdc_sequence";
/// Of full tables: the read that wrote the row.
pub(super) const VERSION: &str = "_sdc_table_version";
/// Of files: whether a version of a row holds no more than its key and the mark of its deletion.
pub const TOMBSTONE: &str = "_sdc_tombstone";

/// Key of rows whose records have none.
pub(super) fn surrogate(mode: LoadMode) -> &'static str {
    match mode {
        LoadMode::Stitch => SURROGATE,
        LoadMode::Segment => UUID,
    }
}

/// The mode in which a table with columns of these names was loaded.
pub(super) fn load_mode<'n>(mut names: impl Iterator<Item = &'n str>) -> LoadMode {
    if names.any(|name| name == SEQUENCE) { LoadMode::Stitch } else { LoadMode::Segment }
}

/// Whether a column tells of the load, and not of the record.
pub(crate) fn is_of_loads(mode: LoadMode, name: &str) -> bool {
    match mode {
        LoadMode::Stitch => name.starts_with("_sdc_"),
        LoadMode::Segment => [RECEIVED_AT, UUID, UUID_TS].contains(&name),
    }
}

/// What a column that the engine adds is for, in a few words; nothing for the columns of a spec. That the engine adds a
/// column `id` the stream tells.
pub fn meaning(mode: LoadMode, name: &str) -> Option<&'static str> {
    match mode {
        LoadMode::Stitch => of_stitch(name),
        LoadMode::Segment => of_segment(name),
    }
}

fn of_segment(name: &str) -> Option<&'static str> {
    Some(match name {
        ID => "The values of the primary key, with `:` between them",
        RECEIVED_AT => "When the answer with the record was received",
        UUID => "Made of what the record said last, by which one that says the same is known",
        UUID_TS => "When the row was written; greater for each that was written later",
        _ => return None,
    })
}

fn of_stitch(name: &str) -> Option<&'static str> {
    Some(match name {
        SURROGATE => "Of streams without a primary key: what tells rows apart",
        RECEIVED => "When the answer with the record was received",
        BATCHED => "When the row was written",
        HASH => "Hash of the row and its child rows, by which unchanged ones are known",
        SEQUENCE => "Greater for a later version of the record",
        VERSION => "Of full tables: the read that wrote the row",
        TOMBSTONE => "Of files: whether the version holds no more than the key and the mark of a deletion",
        _ => return None,
    })
}

/// Bytes of a rejected record that are kept.
const KEPT: usize = 64 << 10;

/// The record and the reason as `_sdc_rejected` holds them: a long record is cut, and the reason says so.
pub(super) fn kept<'r>(record: &'r str, reason: &str) -> (&'r str, String) {
    let mut end = record.len().min(KEPT);
    while !record.is_char_boundary(end) {
        end -= 1;
    }
    match end < record.len() {
        true => (&record[..end], format!("{reason} (record cut after {end} of {} bytes)", record.len())),
        false => (record, reason.to_owned()),
    }
}
