//! The mark of deleted records leads to one value, and there is a row that can be marked.

use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Reader};
use crate::language;
use crate::model::{Deleted, Replication};
use crate::path::Segment;
use crate::time::TimeFormat;

pub(super) fn deleted(
    name: &At<String>,
    form: &language::Stream,
    replication: Option<&Replication>,
    reader: &mut Reader<'_>,
) -> Option<Deleted> {
    let written = &form.deleted.as_ref()?.0;
    if form.said("primary_key").is_none() {
        let message = format!("stream `{}` has no primary key, so no row can be marked as deleted", name.value);
        let fault = Diagnostic::new(message, written.place.clone());
        reader.fault(fault.help("add `primary_key:` with the field that identifies a record, or take `deleted` out"));
    }
    let from = written.from.as_ref()?;
    match from.plain() {
        Some([]) => {
            let fault = Diagnostic::new("this path leads to the whole record, which is no mark", from.place.clone());
            reader.fault(fault.help("name the member that tells, as in `$.deleted_at`"));
        }
        Some(steps) if steps.contains(&Segment::Each) => {
            let fault = Diagnostic::new("a mark is one value, and this path may lead to several", from.place.clone());
            reader.fault(fault.help("name the member that tells, as in `$.deleted_at`"));
        }
        _ => {}
    }
    let is = written.is.iter().flat_map(|is| &is.0).map(|value| value.value.clone()).collect();
    if let (Some(format), Some(_)) = (&written.format, &written.is) {
        let fault = Diagnostic::new("values that are listed are no moments", format.place.clone());
        reader.fault(fault.help("keep one of `is` and `format`"));
    }
    let format = written.format.as_ref().map_or(TimeFormat::Rfc3339, |format| format.value.clone());
    let tombstone = written.tombstone.as_ref().filter(|tombstone| tombstone.value);
    if let (Some(tombstone), Some(Replication::FullTable)) = (tombstone, replication) {
        let message = "a full table holds what a read brought, and a tombstone brings no values";
        let fault = Diagnostic::new(message, tombstone.place.clone());
        reader.fault(
            fault.help("take `tombstone` out, or say under `replication` how a run goes on where the last one ended"),
        );
    }
    Some(Deleted { from: from.value.clone(), is, format, tombstone: tombstone.is_some() })
}
