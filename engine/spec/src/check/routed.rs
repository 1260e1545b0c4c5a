//! Streams to which the hooks of another send records: they have a table, and no requests of their own.

use super::names::Names;
use super::scope::Scope;
use super::{Whole, change, deletions, fields, names, streams};
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Reader, Text, list_names};
use crate::language;
use crate::model::{Replication, Stream};

/// What only a stream with requests has.
const OF_REQUESTS: [&str; 17] = [
    "job",
    "base_url",
    "params",
    "headers",
    "body",
    "form",
    "text",
    "graphql",
    "format",
    "records",
    "pagination",
    "replication",
    "for_each",
    "hooks",
    "on_response",
    "limits",
    "permission",
];

/// Adds the streams to which hooks send records, in the order of the file.
pub(super) fn add(whole: &Whole<'_>, lowered: &mut Vec<Stream>, reader: &mut Reader<'_>) {
    for (at, (name, form)) in whole.streams.iter().enumerate() {
        let Some(form) = form.as_ref().filter(|form| form.said("routed_from").is_some()) else { continue };
        let Some(stream) = routed(whole, name, form, lowered, reader) else { continue };
        let before =
            whole.streams[..at].iter().filter(|(earlier, _)| lowered.iter().any(|one| one.name == earlier.value));
        let place = before.count();
        lowered.insert(place, stream);
    }
}

fn routed<'a>(
    whole: &Whole<'a>,
    name: &At<String>,
    form: &'a language::Stream,
    lowered: &[Stream],
    reader: &mut Reader<'_>,
) -> Option<Stream> {
    names::is_name(name, "stream", reader);
    let origin = form.routed_from.as_ref();
    if let Some(origin) = origin {
        comes_from(whole, name, origin, reader);
    }
    for (key, place) in OF_REQUESTS.iter().filter_map(|key| Some((key, form.said(key)?))) {
        let fault =
            Diagnostic::new(format!("`{}` sends no requests, and `{key}` is about them", name.value), place.clone());
        let help = match origin {
            Some(origin) => format!("its records come with those of `{}`: take `{key}` out", origin.value),
            None => format!("its records come with those of another stream: take `{key}` out"),
        };
        reader.fault(fault.help(help));
    }
    let fields = fields::fields(whole, form, reader);
    let at_record = Names { whole, stream: Some(form), scope: Scope::Record };
    let add = streams::added(&at_record, form, reader);
    if let Some(condition) = &form.keep_if {
        at_record.condition(&condition.value, &condition.place, reader);
    }
    change::contradictions(form, reader);
    let primary_key = streams::primary_key(name, form, &fields, reader);
    let parent = origin.and_then(|origin| lowered.iter().find(|stream| stream.name == origin.value));
    if let Some(parent) = parent {
        again(name, form, parent, reader);
    }
    let deleted = deletions::deleted(name, form, parent.map(|parent| &parent.replication), reader);
    let (split, unlisted) = (change::split(form, reader), fields::unlisted(whole, name, form, reader));
    Some(Stream {
        name: name.value.clone(),
        title: form.title.as_ref().map_or_else(|| names::spoken(&name.value), |title| title.value.clone()),
        description: form.description.as_ref()?.value.clone(),
        link: form.link.as_ref().map(|link| link.value.clone()),
        notes: form.notes.as_ref().map(|notes| notes.value.clone()),
        routed_from: Some(origin?.value.clone()),
        primary_key,
        deleted,
        for_each: None,
        hooks: Vec::new(),
        split,
        keep_if: form.keep_if.as_ref().map(|condition| condition.value.clone()),
        flatten: change::flatten(form),
        remove: change::remove(form),
        rename: change::rename(form),
        add,
        fields,
        unlisted,
        schema_changes: fields::schema_changes(whole, form),
        ..parent?.clone()
    })
}

/// Reports rows that would be there twice.
fn again(name: &At<String>, form: &language::Stream, parent: &Stream, reader: &mut Reader<'_>) {
    let comes_once = matches!(parent.replication, Replication::FullTable) || parent.is_append_only();
    if comes_once || form.said("primary_key").is_some() {
        return;
    }
    let message = format!("`{}` has no primary key, and `{}` is read from its bookmark on", name.value, parent.name);
    let fault = Diagnostic::new(message, name.place.clone());
    reader.fault(fault.help("records at the bookmark come again; a `primary_key` keeps them from being there twice"));
}

/// Reports a stream whose hooks cannot send records.
fn comes_from(whole: &Whole<'_>, name: &At<String>, origin: &Text<crate::grammar::Plain>, reader: &mut Reader<'_>) {
    let told = |message: String| Diagnostic::new(message, origin.place.clone());
    if origin.value == name.value {
        let fault = told(format!("`{}` cannot send records to itself", name.value));
        return reader.fault(fault.help("name the stream whose hooks send them"));
    }
    if !whole.is_stream(&origin.value) {
        let fault = told(format!("there is no stream `{}`", origin.value));
        let fault = fault.nearest(&origin.value, whole.stream_names());
        return reader.fault(fault.help(format!("the streams are {}", list_names(whole.stream_names()))));
    }
    let Some(stream) = whole.stream(&origin.value) else { return };
    if stream.said("routed_from").is_some() {
        let fault = told(format!("`{}` has no hooks: its own records come from elsewhere", origin.value));
        reader.fault(fault.help("name the stream whose hooks send the records"));
    } else if stream.said("hooks").is_none() {
        let fault = told(format!("`{}` has no hook that could send records here", origin.value));
        reader.fault(fault.help(format!("name the hook in `{}`, as `hooks: NAME`", origin.value)));
    }
}
