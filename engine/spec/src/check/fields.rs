//! The columns of a stream.

use std::collections::HashSet;

use super::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Map, Path, Reader, Text, list_names};
use crate::language::{self, FieldForm, FieldSpec, ToldFields};
use crate::model::{Field, FieldType, Member, Pairs, SchemaPolicy, Stored, Unlisted};
use crate::time::TimeFormat;

pub(super) fn fields(whole: &Whole<'_>, form: &language::Stream, reader: &mut Reader<'_>) -> Vec<Field> {
    let added: HashSet<&str> = form.add.iter().flat_map(Map::names).collect();
    form.fields.iter().flat_map(|written| listed(whole, written, &added, reader)).collect()
}

/// What each of an API's words for types comes to, for its faults alone.
pub(super) fn types(whole: &Whole<'_>, told: &ToldFields, written: &Map<FieldForm>, reader: &mut Reader<'_>) {
    let lead_on = told.said("path").is_some();
    for spec in written.0.iter().filter_map(|(_, form)| Some(&form.as_ref()?.0)) {
        if let Some(place) = spec.said("from").filter(|_| !lead_on) {
            let fault = Diagnostic::new("a type holds for several fields, and this has the path of one", place.clone());
            reader.fault(fault.help(
                "say with `path` where each of them stands, and `from` leads on from there; or declare the one under \
                 `fields` of the `stream`",
            ));
        }
    }
    listed(whole, written, &HashSet::new(), reader);
}

fn listed(whole: &Whole<'_>, written: &Map<FieldForm>, added: &HashSet<&str>, reader: &mut Reader<'_>) -> Vec<Field> {
    written
        .0
        .iter()
        .filter_map(|(name, field)| {
            let spec = &field.as_ref()?.0;
            reserved(name, reader);
            references(whole, spec, reader);
            field_of(name, spec, added.contains(name.value.as_str()), reader)
        })
        .collect()
}

/// What becomes of members that no field reads. What `http` says of them is for streams that have fields.
pub(super) fn unlisted(
    whole: &Whole<'_>,
    stream: &At<String>,
    form: &language::Stream,
    reader: &mut Reader<'_>,
) -> Unlisted {
    let fieldless = !whole.fields_told && form.known_fields().is_some_and(|known| known.is_empty());
    if let Some(own) = &form.unlisted {
        if fieldless && matches!(own.value, Unlisted::Drop | Unlisted::Fail) {
            let message = format!("stream `{}` has no fields, so nothing of its records would be loaded", stream.value);
            let fault = Diagnostic::new(message, own.place.clone());
            reader
                .fault(fault.help("list its columns under `fields`, or take `unlisted` out: then all become columns"));
        }
        return own.value;
    }
    let shared = whole.spec.http.as_ref().and_then(|http| http.unlisted.as_ref());
    match shared {
        _ if fieldless => Unlisted::Add,
        Some(shared) => shared.value,
        None => Unlisted::Drop,
    }
}

/// What becomes of what the tables cannot take as they are.
pub(super) fn schema_changes(whole: &Whole<'_>, form: &language::Stream) -> SchemaPolicy {
    let shared = || whole.spec.http.as_ref().and_then(|http| http.schema_changes.as_ref());
    form.schema_changes.as_ref().or_else(shared).map(|policy| policy.value).unwrap_or_default()
}

/// Adds what helps where a name is no field: without any field, how one is declared beside inferred ones.
pub(super) fn undeclared(form: &language::Stream, fault: Diagnostic, help: &str) -> Diagnostic {
    let declare = "declare it with its type, as in `fields: {id: integer}`, and write `unlisted: add`: then all else \
                   still becomes columns";
    fault.help(if form.known_fields().is_some_and(|known| known.is_empty()) { declare } else { help })
}

fn field_of(name: &At<String>, spec: &FieldSpec, added: bool, reader: &mut Reader<'_>) -> Option<Field> {
    let kind = with_members(spec, reader)?;
    if let (true, Some(from)) = (added, &spec.from) {
        let fault =
            Diagnostic::new(format!("`{}` comes from `add` and from the record", name.value), from.place.clone());
        reader.fault(fault.help("keep one of the two"));
    }
    if added && matches!(kind, FieldType::List(_) | FieldType::Object(_) | FieldType::Pairs(_)) {
        let place = spec.kind.as_ref().map_or(&name.place, |kind| &kind.place);
        let message =
            format!("`{}` is given by `add`, and is of type {kind}: only a single value can be added", name.value);
        let help = "make it `json`, which keeps a list or an object as it is, or read it from the record with `from`";
        reader.fault(Diagnostic::new(message, place.clone()).help(help));
    }
    if let Some(from) = &spec.from
        && from.plain().is_some_and(|steps| steps.contains(&crate::path::Segment::Each))
    {
        let fault = Diagnostic::new("a field holds one value, and this path may lead to several", from.place.clone());
        reader.fault(fault.help("a list is read whole: give its path without `[*]` and the type `[…]`"));
    }
    let textual = matches!(kind, FieldType::String | FieldType::Integer | FieldType::Decimal);
    if let (Some(take), false) = (&spec.take, textual) {
        let fault = Diagnostic::new(format!("a part of a text is no {kind}"), take.place.clone());
        reader.fault(fault.help("`take` goes with string, integer and decimal"));
    }
    let timely = matches!(kind, FieldType::Timestamp | FieldType::Date);
    if let (Some(format), false) = (&spec.format, timely) {
        let fault = Diagnostic::new("only timestamps and dates have a format", format.place.clone());
        reader.fault(fault.help("take `format` out, or make the type `timestamp` or `date`"));
    }
    let default = if kind == FieldType::Date { TimeFormat::Date } else { TimeFormat::Rfc3339 };
    Some(Field {
        name: name.value.clone(),
        title: spec.title.as_ref().map_or_else(|| name.value.clone(), |title| title.value.clone()),
        description: spec.description.as_ref().map(|text| text.value.clone()),
        from: spec.from.as_ref().map(|path| path.value.clone()),
        take: spec.take.as_ref().map(|take| take.value),
        required: required(spec, &kind, reader),
        kind,
        added,
        references: spec.references.as_ref().map(|stream| stream.value.clone()),
        values: spec.values.iter().flatten().map(|value| value.value.clone()).collect(),
        example: spec.example.as_ref().map(|example| example.value.clone()),
        personal: is_personal(spec),
        hook: None,
        format: spec.format.as_ref().map_or(default, |format| format.value.clone()),
    })
}

/// Whether a record without the field is set aside.
fn required(spec: &FieldSpec, kind: &FieldType, reader: &mut Reader<'_>) -> bool {
    let Some(required) = spec.required.as_ref().filter(|required| required.value) else { return false };
    if matches!(kind, FieldType::List(_) | FieldType::Object(_) | FieldType::Pairs(_)) {
        let fault = Diagnostic::new(
            format!("only a single value can be required, and this is of type {kind}"),
            required.place.clone(),
        );
        reader
            .fault(fault.help("take `required` out, or require a value in it that is a field of its own, with `from`"));
    }
    true
}

/// The type with the members that `fields` gives to the object in it, kept as `as` says.
fn with_members(spec: &FieldSpec, reader: &mut Reader<'_>) -> Option<FieldType> {
    let kind = spread(spec, reader)?;
    let Some(stored) = &spec.stored else { return Some(kind) };
    if !matches!(kind, FieldType::List(_) | FieldType::Object(_) | FieldType::Pairs(_)) {
        let fault = Diagnostic::new(
            format!("`as` goes with a list or an object, and this is of type {kind}"),
            stored.place.clone(),
        );
        reader.fault(fault.help("take `as` out: a single value is one column anyway, and `json` is JSON text anyway"));
        return Some(kind);
    }
    Some(match stored.value {
        Stored::Table => kind,
        Stored::Json => FieldType::AsJson(Box::new(kind)),
    })
}

fn spread(spec: &FieldSpec, reader: &mut Reader<'_>) -> Option<FieldType> {
    let written = spec.kind.as_ref()?;
    if let FieldType::Pairs(usual) = &written.value {
        return Some(FieldType::Pairs(pairs(spec, usual, reader)));
    }
    for (what, place) in ["key", "value"].iter().filter_map(|what| Some((what, spec.said(what)?))) {
        let fault = Diagnostic::new(format!("only pairs have a `{what}`"), place.clone());
        reader.fault(fault.help("take it out, or make the type `pairs`"));
    }
    let Some(members) = &spec.fields else { return Some(written.value.clone()) };
    let members: Vec<Member> =
        members.0.iter().filter_map(|(name, form)| member(name, form.as_ref()?, reader)).collect();
    match filled(&written.value, &members) {
        Some(kind) => Some(kind),
        None => {
            let message = format!("a {} has no members", written.value);
            let fault = Diagnostic::new(message, written.place.clone());
            reader.fault(fault.help("`fields` goes with `object` and `[object]`"));
            None
        }
    }
}

/// Where names and values stand in the elements of a list.
fn pairs(spec: &FieldSpec, usual: &Pairs, reader: &mut Reader<'_>) -> Pairs {
    if let Some(place) = spec.said("fields") {
        let fault = Diagnostic::new("the names of pairs are the API's own", place.clone());
        reader.fault(fault.help("take `fields` out, or declare a list: `{type: [object], fields: …}`"));
    }
    let mut names = |path: &Option<Text<Path>>, usual: &[String]| {
        let Some(path) = path else { return usual.to_vec() };
        crate::path::names(&path.value).filter(|names| !names.is_empty()).unwrap_or_else(|| {
            let fault = Diagnostic::new("this path leads to more than one member of an element", path.place.clone());
            reader.fault(fault.help("name the members that lead there, as in `$.field.title`"));
            Vec::new()
        })
    };
    Pairs { key: names(&spec.key, &usual.key), value: names(&spec.value, &usual.value) }
}

fn filled(kind: &FieldType, members: &[Member]) -> Option<FieldType> {
    match kind {
        FieldType::Object(None) => Some(FieldType::Object(Some(members.to_vec()))),
        FieldType::List(inner) => Some(FieldType::List(Box::new(filled(inner, members)?))),
        _ => None,
    }
}

fn member(name: &At<String>, form: &FieldForm, reader: &mut Reader<'_>) -> Option<Member> {
    let spec = &form.0;
    reserved(name, reader);
    let misplaced = ["from", "take", "references", "format", "required"];
    for key in misplaced {
        if let Some(place) = spec.said(key) {
            let fault = Diagnostic::new(format!("a member of an object has no `{key}`"), place.clone());
            reader.fault(fault.help("lift it to a field of its own, with `from`"));
        }
    }
    Some(Member {
        name: name.value.clone(),
        kind: with_members(spec, reader)?,
        description: spec.description.as_ref().map(|text| text.value.clone()),
        personal: is_personal(spec),
    })
}

fn is_personal(spec: &FieldSpec) -> bool {
    spec.personal.as_ref().is_some_and(|personal| personal.value)
}

fn reserved(name: &At<String>, reader: &mut Reader<'_>) {
    if let Some(why) = unusable(&name.value) {
        let about =
            if is_of_loads(&name.value) { "names that begin with `_sdc` are columns about the load; " } else { "" };
        let fault = Diagnostic::new(why, name.place.clone());
        reader.fault(fault.help(format!("{about}use another name and `from`")));
    }
}

/// Why no field can be called so, if none can.
pub(super) fn unusable(name: &str) -> Option<String> {
    if is_of_loads(name) {
        return Some(format!("`{name}` is a name that loading keeps for itself"));
    }
    let is_wrong = name.trim().is_empty() || name.chars().any(|c| c.is_control() || c == '"');
    is_wrong.then(|| "a field's name is not empty, and has no quotes and no control characters".to_owned())
}

fn is_of_loads(name: &str) -> bool {
    name.starts_with("_sdc") || name.starts_with("__sdc")
}

fn references(whole: &Whole<'_>, spec: &FieldSpec, reader: &mut Reader<'_>) {
    let Some(target) = &spec.references else { return };
    if !whole.is_stream(&target.value) {
        let fault = Diagnostic::new(format!("there is no stream `{}`", target.value), target.place.clone())
            .nearest(&target.value, whole.stream_names());
        return reader.fault(fault.help(format!("the streams are {}", list_names(whole.stream_names()))));
    }
    let Some(stream) = whole.stream(&target.value) else { return };
    let keys = stream.primary_key.as_ref().map_or(0, |keys| keys.0.len());
    let unreadable = stream.primary_key.is_none() && stream.said("primary_key").is_some();
    if keys != 1 && !unreadable {
        let message = format!("`{}` is not identified by one field, so none can refer to it", target.value);
        reader.fault(
            Diagnostic::new(message, target.place.clone()).help("refer to a stream whose primary key is one field"),
        );
    }
}
