//! What tells the records of a stream apart that come again: a primary key, or all of their values.

use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Reader};
use crate::language;
use crate::source::Place;

/// Why records of a stream come again.
pub(super) struct Again<'a> {
    /// What the stream is.
    pub(super) is: &'a str,
    /// What of it comes again.
    pub(super) comes: &'a str,
    /// Where the spec says so.
    pub(super) place: &'a Place,
}

/// Reports a stream with neither a primary key nor `append_only`, and what `append_only` contradicts.
pub(super) fn identified(
    name: &At<String>,
    form: &language::Stream,
    written: &language::Replication,
    again: &Again<'_>,
    reader: &mut Reader<'_>,
) {
    let unread = written.append_only.is_none() && written.said("append_only").is_some();
    let append_only = written.append_only.as_ref().filter(|append_only| append_only.value);
    match (append_only, form.said("primary_key")) {
        (None, None) if !unread => {
            let message = format!("stream `{}` is {} and has no primary key", name.value, again.is);
            let help = format!(
                "{}; a `primary_key` keeps it from being there twice, or `append_only: true` where records never change",
                again.comes
            );
            reader.fault(Diagnostic::new(message, again.place.clone()).help(help));
        }
        (Some(append_only), Some(_)) => {
            let message = format!("`append_only` is for records without a key, and `{}` has a primary key", name.value);
            let help = "take `append_only` out: a record that comes again finds its row by the key";
            reader.fault(Diagnostic::new(message, append_only.place.clone()).help(help));
        }
        (Some(append_only), None) => unchanging(form, written, append_only, reader),
        _ => {}
    }
}

/// Reports what makes another record of one that comes again.
fn unchanging(
    form: &language::Stream,
    written: &language::Replication,
    append_only: &At<bool>,
    reader: &mut Reader<'_>,
) {
    if written.said("attribution").is_some() {
        let message = "`append_only` says that records never change, and `attribution` for how long they do";
        let fault = Diagnostic::new(message, append_only.place.clone());
        reader.fault(fault.help("take one of them out; for records that become visible late there is `lookback`"));
    }
    for (name, template) in form.add.iter().flat_map(|add| &add.0) {
        if let Some(template) = template.as_ref().filter(|template| template.value.reads("now")) {
            let message =
                format!("a record is known by all of its values, and `{}` differs from run to run", name.value);
            let fault = Diagnostic::new(message, template.place.clone());
            reader.fault(fault.help("take `now` out: `_sdc_batched_at` tells when a row was loaded"));
        }
    }
}
