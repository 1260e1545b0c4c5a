//! Tables and columns whose names would become one.

use std::collections::HashMap;

use super::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::model::{Field, FieldType, Naming, Stream};

/// A list under a field is the table `stream__field`, a member of an object the column
/// `field__member`: either may have been taken by another name. In the load mode `segment` names whose words are the same
/// are one.
pub(super) fn collisions(whole: &Whole<'_>, streams: &[Stream], reader: &mut Reader<'_>) {
    let mut tables: HashMap<String, String> = HashMap::new();
    for stream in streams {
        let naming = stream.naming();
        let mut found = vec![(naming.table(&stream.name).to_lowercase(), stream.name.clone())];
        for field in stream.fields.iter().filter(|_| !naming.keeps_lists()) {
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
    let naming = stream.naming();
    for field in &stream.fields {
        for (column, path) in flattened(naming, (&field.name, &field.name), &field.kind) {
            match columns.get(&column) {
                Some(other) => told_field(whole, stream, field, (&column, &path, other), reader),
                None => drop(columns.insert(column, path)),
            }
        }
    }
}

/// The columns of a field in lower case, each with its path in the record.
fn flattened(naming: Naming, (name, path): (&str, &str), kind: &FieldType) -> Vec<(String, String)> {
    match kind {
        FieldType::Object(Some(members)) => members
            .iter()
            .flat_map(|member| {
                let (name, path) = (naming.member(name, &member.name), format!("{path}.{}", member.name));
                flattened(naming, (&name, &path), &member.kind)
            })
            .collect(),
        FieldType::List(_) if naming.keeps_lists() => vec![(naming.column(name).to_lowercase(), path.to_owned())],
        FieldType::Object(None) | FieldType::Pairs(_) | FieldType::List(_) => Vec::new(),
        _ => vec![(naming.column(name).to_lowercase(), path.to_owned())],
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
