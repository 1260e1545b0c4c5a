//! What cannot be loaded in the load mode of a spec.

use super::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::language::Spec;
use crate::model::{Beside, Dynamic, LoadMode, Replication, Stream};

/// How records become rows: as a user says, or the spec.
pub(super) fn of(spec: &Spec, told: &Beside) -> LoadMode {
    told.load_mode.or_else(|| spec.load_mode.as_ref().map(|mode| mode.value)).unwrap_or_default()
}

/// Reports full tables that could only be replaced, where rows are merged.
pub(super) fn keyless(whole: &Whole<'_>, (streams, dynamic): (&[Stream], &[Dynamic]), reader: &mut Reader<'_>) {
    if whole.load_mode != LoadMode::Segment {
        return;
    }
    let is_keyless =
        |stream: &Stream| stream.primary_key.is_empty() && matches!(stream.replication, Replication::FullTable);
    let named = whole.streams.iter().filter(|(name, form)| {
        let unread = form.as_ref().is_some_and(|form| form.primary_key.is_none() && form.said("primary_key").is_some());
        !unread && streams.iter().any(|stream| stream.name == name.value && is_keyless(stream))
    });
    let patterns = dynamic.iter().filter(|family| is_keyless(&family.pattern));
    let families = whole.spec.dynamic_streams.iter().flat_map(|families| &families.0);
    let families = families.filter(|(name, _)| patterns.clone().any(|family| family.name == name.value));
    for name in named.map(|(name, _)| name).chain(families.map(|(name, _)| name)) {
        let message =
            format!("`{}` is a full table without a primary key, and the load mode `segment` merges by it", name.value);
        let help = "add `primary_key:` with the field that identifies a record, or load in the mode `stitch`, which replaces \
                    the table";
        reader.fault(Diagnostic::new(message, name.place.clone()).help(help));
    }
}
