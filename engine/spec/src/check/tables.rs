//! Tables and columns whose names would become one.

use std::collections::HashMap;

use super::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::model::{Field, FieldType, Stream};

/// A list under a field is the table `stream__field`, a member of an object the column
/// `field__member`: either may have been taken by another name.
pub(super) fn collisions(whole: &Whole<'_>, streams: &[Stream], reader: &mut Reader<'_>) {
    let mut tables: HashMap<String, String> = HashMap::new();
    for stream in streams {
        let mut found = vec![(stream.name.to_lowercase(), stream.name.clone())];
        for field in &stream.fields {
            children((&stream.name, &stream.name), &field.name, &field.kind, &mut found);
        }
        for (table, owner) in found {
            match tables.get(&table) {
                Some(other) => told(whole, &stream.name, &format!("table `{table}`"), (&owner, other), reader),
                None => drop(tables.insert(table, owner)),
            }
        }
        columns(whole, stream, reader);
    }
}

fn columns(whole: &Whole<'_>, stream: &Stream, reader: &mut Reader<'_>) {
    let mut columns: HashMap<String, String> = HashMap::new();
    for field in &stream.fields {
        for (column, path) in flattened((&field.name, &field.name), &field.kind) {
            match columns.get(&column) {
                Some(other) => told_field(whole, stream, field, (&column, &path, other), reader),
                None => drop(columns.insert(column, path)),
            }
        }
    }
}

/// The columns of a field in lower case, each with its path in the record.
fn flattened((name, path): (&str, &str), kind: &FieldType) -> Vec<(String, String)> {
    match kind {
        FieldType::Object(Some(members)) => members
            .iter()
            .flat_map(|member| {
                let (name, path) = (format!("{name}__{}", member.name), format!("{path}.{}", member.name));
                flattened((&name, &path), &member.kind)
            })
            .collect(),
        FieldType::Object(None) | FieldType::Pairs(_) | FieldType::List(_) => Vec::new(),
        _ => vec![(name.to_lowercase(), path.to_owned())],
    }
}

/// The child tables of a field in lower case, each with its path in the record.
fn children((table, path): (&str, &str), name: &str, kind: &FieldType, found: &mut Vec<(String, String)>) {
    let (child, path) = (format!("{table}__{name}"), format!("{path}.{name}"));
    let inner = match kind {
        FieldType::List(inner) => {
            found.push((child.to_lowercase(), path.clone()));
            inner
        }
        other => other,
    };
    if let FieldType::Object(Some(members)) = inner {
        members.iter().for_each(|member| children((&child, &path), &member.name, &member.kind, found));
    }
}

fn told(whole: &Whole<'_>, stream: &str, what: &str, (one, other): (&str, &str), reader: &mut Reader<'_>) {
    let place =
        whole.streams.iter().find(|(name, _)| name.value == stream).map_or(0..0, |(name, _)| name.place.clone());
    let fault = Diagnostic::new(format!("`{one}` and `{other}` would share the {what}"), place);
    reader.fault(fault.help("give one of them another name; a field can read its old place with `from`"));
}

fn told_field(
    whole: &Whole<'_>,
    stream: &Stream,
    field: &Field,
    (column, one, other): (&str, &str, &str),
    reader: &mut Reader<'_>,
) {
    let place = whole
        .stream(&stream.name)
        .and_then(|form| form.fields.as_ref()?.0.iter().find(|(name, _)| name.value == field.name))
        .map_or(0..0, |(name, _)| name.place.clone());
    let message = format!("`{one}` and `{other}` would share the column `{column}` of `{}`", stream.name);
    let fault = Diagnostic::new(message, place);
    reader.fault(fault.help("give one of them another name; a field can read its old place with `from`"));
}
