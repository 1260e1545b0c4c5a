//! The bookmark reaches the API, and what relies on it can do so.

use super::Whole;
use super::streams::{reads, unread_entries};
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::language::{self, ReplicationForm, SinceForm};
use crate::model::{Field, FieldType, Filter, ForEach, Incremental, Order, Replication};
use crate::source::Place;

pub(super) fn bookmark_is_sent(
    form: &language::Stream,
    replication: &Replication,
    for_each: Option<&ForEach>,
    reader: &mut Reader<'_>,
) {
    let (Replication::Incremental(incremental), Some(ReplicationForm::Form(written))) =
        (replication, &form.replication)
    else {
        return full_of_changed(form, reader);
    };
    if form.said("for_each").is_some() && for_each.is_none() {
        return;
    }
    let place: Place = written.key.as_ref().map_or(written.place.clone(), |key| key.place.clone());
    if for_each.and_then(ForEach::parents).is_some_and(|parents| parents.changed_only) {
        return since_of_changed(written, incremental, place, reader);
    }
    let told = (written.said("since").is_some() && incremental.since.is_none() && since_unread(written))
        || form.for_each.as_ref().is_some_and(language::ForEachForm::is_unread);
    if told || (written.order.is_none() && written.said("order").is_some()) || unread_entries(form) {
        return;
    }
    let expressions = reads(form, "since");
    if let (Some(SinceForm::ClientSide(place)), true) = (&written.since, expressions) {
        let fault = Diagnostic::new(
            "`client_side` says that the API cannot filter, and an expression sends it `since`",
            place.clone(),
        );
        return reader.fault(fault.help("take `since: client_side` out, or `since` out of the expression"));
    }
    if incremental.filter != Filter::ClientSide && incremental.since.is_none() && !expressions {
        unsent(form, place, reader);
    }
}

/// Reports a full table of what belongs to changed parents.
fn full_of_changed(form: &language::Stream, reader: &mut Reader<'_>) {
    if let Some(changed) = form.for_each.as_ref().and_then(language::ForEachForm::changed_only) {
        let message = "a full table of the children of changed parents alone would lose the others";
        let fault = Diagnostic::new(message, changed.place.clone());
        reader.fault(
            fault.help("give the stream `replication: {method: incremental, key: …}`, or leave `changed_only` out"),
        );
    }
}

/// Reports a `since` where the parent's walk decides what is read.
fn since_of_changed(written: &language::Replication, incremental: &Incremental, key: Place, reader: &mut Reader<'_>) {
    if incremental.since.is_some() || matches!(written.since, Some(SinceForm::ClientSide(_))) {
        let place = written.said("since").cloned().unwrap_or(key);
        let fault = Diagnostic::new("children of changed parents are read whole; `since` has no use here", place);
        reader.fault(fault.help("take `since` out, or `changed_only`"));
    }
}

/// Reports a bookmark that nothing sends.
fn unsent(form: &language::Stream, place: Place, reader: &mut Reader<'_>) {
    if form.for_each.as_ref().is_none_or(|for_each| for_each.streams().next().is_none()) {
        let fault = Diagnostic::new("nothing sends the bookmark to the API, so every run would read everything", place);
        reader.fault(fault.help(match form.job {
            Some(_) => "send it when the job is created: `body: {from: \"{{ since }}\"}`",
            None => {
                "add `since: {param: …}`, use `since` in an expression, or write `replication: full_table`; where the API \
                 cannot filter, `since: client_side` or `order: descending`"
            }
        }));
    } else {
        let fault = Diagnostic::new("nothing says which records of a parent are new", place);
        reader.fault(fault.help(
            "add `since: {param: …}`, or read only changed parents: `for_each: {stream: …, changed_only: true}`",
        ));
    }
}

/// Whether `since` could not be read, or its parameter.
fn since_unread(written: &language::Replication) -> bool {
    match &written.since {
        None => true,
        Some(SinceForm::ClientSide(_)) => false,
        Some(SinceForm::Form(since)) => since.param.is_none() && since.said("param").is_some(),
    }
}

pub(super) fn restart(
    form: &language::Stream,
    pages: Option<&language::Pagination>,
    replication: &Replication,
    reader: &mut Reader<'_>,
) {
    let Some(restart) = pages.and_then(|pages| pages.restart_after.as_ref()) else { return };
    let own = matches!(&form.pagination, Some(language::PaginationForm::Form(own)) if own.restart_after.is_some());
    let sends = match replication {
        Replication::Incremental(incremental) => {
            incremental.order == Order::Ascending && (incremental.since.is_some() || reads(form, "since"))
        }
        Replication::FullTable | Replication::Feed(_) => false,
    };
    let unread = match &form.replication {
        Some(ReplicationForm::Form(written)) => {
            (written.said("since").is_some() && since_unread(written))
                || (written.order.is_none() && written.said("order").is_some())
        }
        _ => false,
    };
    if !sends && own && !unread {
        let fault = Diagnostic::new("a walk can restart only where the last key can be sent", restart.place.clone());
        reader.fault(fault.help("it needs `replication: {method: incremental, since: …, order: ascending}`"));
    }
}

/// Reports windows whose ends do not reach the API, or with no beginning.
pub(super) fn windows(whole: &Whole<'_>, form: &language::Stream, fields: &[Field], reader: &mut Reader<'_>) {
    let Some(ReplicationForm::Form(written)) = &form.replication else { return };
    let Some(window) = &written.window else { return };
    let key = fields.iter().find(|field| written.key.as_ref().is_some_and(|key| key.value == field.name));
    if key.is_some_and(|key| !matches!(key.kind, FieldType::Timestamp | FieldType::Date)) {
        return;
    }
    let since = match &written.since {
        // One that could not be read may have said it.
        None => written.said("since").is_some(),
        Some(since) => since.form().is_some_and(|since| since.said("param").is_some()),
    };
    let until = written.until.as_ref().map_or(written.said("until").is_some(), |until| until.said("param").is_some());
    let both = (since || reads(form, "since")) && (until || reads(form, "until"));
    if !both && !unread_entries(form) {
        let fault = Diagnostic::new("both ends of a window must reach the API", window.place.clone());
        reader.fault(
            fault.help("add `since: {param: …}` and `until: {param: …}`, or use `since` and `until` in expressions"),
        );
    }
    let schedule = whole.spec.schedule.as_ref();
    let begins = schedule.is_some_and(|schedule| schedule.said("historical").is_some());
    if !begins && (schedule.is_some() || whole.spec.said("schedule").is_none()) {
        let fault = Diagnostic::new("nothing says where the windows of a first run begin", window.place.clone());
        reader.fault(fault.help("add `schedule: {historical: 1 year}`; a user may choose another `--start`"));
    }
}

/// Reports an `until` that nothing sends.
pub(super) fn until_is_sent(form: &language::Stream, reader: &mut Reader<'_>) {
    let Some(ReplicationForm::Form(written)) = &form.replication else { return };
    let Some(until) = &written.until else { return };
    if until.said("param").is_none() && !reads(form, "until") && !unread_entries(form) {
        let place = written.said("until").cloned().unwrap_or(until.place.clone());
        let fault = Diagnostic::new("nothing sends `until` to the API", place);
        reader.fault(
            fault.help("add `param:` with the query parameter that carries it, or use `until` in an expression"),
        );
    }
}
