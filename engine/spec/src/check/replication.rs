//! How a stream is replicated: a key that can be a bookmark, and what belongs to it.

use super::feeds::feed;
use super::identity::{Again, identified};
use super::streams::reads;
use super::told::told;
use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, Plain, Reader, Text};
use crate::language::{self, ReplicationForm, SinceForm};
use crate::model::{Bookmark, Bound, Field, FieldType, Filter, Incremental, Order, Replication};
use crate::time::TimeFormat;

pub(super) fn replication(
    name: &At<String>,
    form: &language::Stream,
    fields: &[Field],
    reader: &mut Reader<'_>,
) -> Option<Replication> {
    let written = match &form.replication {
        None if form.said("replication").is_some() => return None,
        None | Some(ReplicationForm::FullTable) => return Some(Replication::FullTable),
        Some(ReplicationForm::Form(written)) => written,
    };
    match written.method.as_ref()?.value {
        language::Method::FullTable => Some(full_table(written, reader)),
        language::Method::Feed => feed(name, form, written, reader),
        language::Method::Incremental => incremental(name, form, (written, fields), reader),
    }
}

fn full_table(written: &language::Replication, reader: &mut Reader<'_>) -> Replication {
    if let Some(extra) = written.said.iter().find(|key| key.text != "method") {
        let message = format!("a full table has no bookmark, and `{}` belongs to one", extra.text);
        let fault = Diagnostic::new(message, extra.place.clone());
        reader.fault(fault.help("write `method: incremental`, or `replication: full_table` and nothing else"));
    }
    Replication::FullTable
}

fn incremental(
    name: &At<String>,
    form: &language::Stream,
    (written, fields): (&language::Replication, &[Field]),
    reader: &mut Reader<'_>,
) -> Option<Replication> {
    of_feeds(written, reader);
    let (bookmark, place) = match written.said("bookmark") {
        Some(place) => (told(form, written, reader)?, place),
        None => {
            let key = named_key(name, written, reader)?;
            replication_key(name, form, fields, key, reader);
            of_key(fields, key, written, reader);
            seen_here(fields, key, written, reader);
            (Bookmark::Key(key.value.clone()), &key.place)
        }
    };
    let again = Again { is: "incremental", comes: "what is at the bookmark comes again", place };
    identified(name, form, written, &again, reader);
    let order = written.order.as_ref().map_or(Order::None, |order| order.value);
    let since = written.since.as_ref().and_then(SinceForm::form);
    let until = written.until.as_ref();
    let format = |text: Option<&Text<grammar::TimeFormat>>| text.map_or(TimeFormat::Rfc3339, |text| text.value.clone());
    Some(Replication::Incremental(Box::new(Incremental {
        bookmark,
        since: since.and_then(|since| bound(since.param.as_ref(), since.prefix.as_ref())),
        format: format(since.and_then(|since| since.format.as_ref())),
        exclusive: since.and_then(|since| since.exclusive.as_ref()).is_some_and(|exclusive| exclusive.value),
        until: until.and_then(|until| bound(until.param.as_ref(), until.prefix.as_ref())),
        until_format: format(until.and_then(|until| until.format.as_ref())),
        window: written.window.as_ref().map(|window| window.value.clone()),
        filter: filter(form, written, order),
        order,
        lookback: written.lookback.as_ref().map(|lookback| lookback.value.clone()),
        attribution: written.attribution.as_ref().map(|window| window.value.clone()),
    })))
}

/// Reports what belongs to a feed.
fn of_feeds(written: &language::Replication, reader: &mut Reader<'_>) {
    for part in ["token", "expired"] {
        if let Some(place) = written.said(part) {
            let fault = Diagnostic::new(format!("`{part}` belongs to a feed, and the stream has a key"), place.clone());
            reader.fault(fault.help(format!("take `{part}` out, or write `method: feed`")));
        }
    }
}

/// The replication key, which must be named.
fn named_key<'w>(
    name: &At<String>,
    written: &'w language::Replication,
    reader: &mut Reader<'_>,
) -> Option<&'w Text<Plain>> {
    if written.key.is_none() && written.said("key").is_none() {
        let message = format!("stream `{}` is incremental and names no replication key", name.value);
        let place = written.method.as_ref().map_or(&written.place, |method| &method.place);
        let fault = Diagnostic::new(message, place.clone());
        reader.fault(fault.help(
            "add `key:` with the field whose greatest value is the bookmark, or `bookmark:` where an answer tells it",
        ));
    }
    written.key.as_ref()
}

fn bound(param: Option<&Text<Plain>>, prefix: Option<&Text<Plain>>) -> Option<Bound> {
    let prefix = prefix.map_or_else(String::new, |prefix| prefix.value.clone());
    Some(Bound { param: param?.value.clone(), prefix })
}

/// Records are left out here if the spec says so, and where newest come first and nothing sends the bookmark.
fn filter(form: &language::Stream, written: &language::Replication, order: Order) -> Filter {
    match &written.since {
        Some(SinceForm::ClientSide(_)) => Filter::ClientSide,
        None if order == Order::Descending && !reads(form, "since") => Filter::ClientSide,
        _ => Filter::Api,
    }
}

/// Reports what does not belong to a key of its type.
fn of_key(fields: &[Field], key: &Text<Plain>, written: &language::Replication, reader: &mut Reader<'_>) {
    let Some(field) = fields.iter().find(|field| field.name == key.value) else { return };
    if !matches!(field.kind, FieldType::Integer | FieldType::String) {
        return;
    }
    let since = written.since.as_ref().and_then(SinceForm::form);
    if let (FieldType::String, Some(place)) = (&field.kind, since.and_then(|since| since.said("exclusive"))) {
        let message = format!("no text comes right before another, and `{}` is of type string", key.value);
        let help = "let the API compare with `>=`, or leave `exclusive` out if it does";
        reader.fault(Diagnostic::new(message, place.clone()).help(help));
    }
    let what = format!("`{}` is of type {}", key.value, field.kind);
    time_only(written, (&what, "the field's type `timestamp` or `date`"), reader);
}

/// Reports what belongs to a point in time where the bookmark is none: what it is, and what could be another.
pub(super) fn time_only(written: &language::Replication, (is, other): (&str, &str), reader: &mut Reader<'_>) {
    let since = written.since.as_ref().and_then(SinceForm::form);
    let format = since.and_then(|since| since.said("format"));
    let said = |what| (what, written.said(what));
    for (what, place) in [("format", format), said("until"), said("window"), said("lookback"), said("attribution")] {
        if let Some(place) = place {
            let message = format!("`{what}` is about points in time, and {is}");
            let fault = Diagnostic::new(message, place.clone());
            reader.fault(fault.help(format!("take `{what}` out, or make {other}")));
        }
    }
}

fn replication_key(
    name: &At<String>,
    form: &language::Stream,
    fields: &[Field],
    key: &Text<Plain>,
    reader: &mut Reader<'_>,
) {
    if let Some(known) = form.known_fields().filter(|known| !known.contains(&key.value.as_str())) {
        let message = format!("stream `{}` has no field `{}`, which its replication key names", name.value, key.value);
        let fault = Diagnostic::new(message, key.place.clone()).nearest(&key.value, known.iter().copied());
        return reader.fault(super::fields::undeclared(form, fault, "a replication key is a field of the stream"));
    }
    let kind = fields.iter().find(|field| field.name == key.value).map(|field| &field.kind);
    if let Some(kind) = kind
        && !matches!(kind, FieldType::Timestamp | FieldType::Date | FieldType::Integer | FieldType::String)
    {
        let message = format!("`{}` cannot be a bookmark: its type is {kind}", key.value);
        let fault = Diagnostic::new(message, key.place.clone());
        reader.fault(fault.help("a replication key is a timestamp, a date, an integer or a string"));
    }
}

/// Reports a key that no record has where records are compared with the bookmark as they come.
fn seen_here(fields: &[Field], key: &Text<Plain>, written: &language::Replication, reader: &mut Reader<'_>) {
    let here = match (&written.since, &written.order) {
        (Some(SinceForm::ClientSide(place)), _) => Some(("since: client_side", place)),
        (_, Some(order)) if order.value == Order::Descending => Some(("order: descending", &order.place)),
        _ => None,
    };
    let added = fields.iter().any(|field| field.name == key.value && field.added);
    if let Some((what, place)) = here.filter(|_| added) {
        let message =
            format!("`{what}` looks at the key of each record as it comes, and `add` computes `{}`", key.value);
        let fault = Diagnostic::new(message, place.clone());
        reader.fault(fault.help("give the field its place in the record, with `from`, or take another key"));
    }
}
