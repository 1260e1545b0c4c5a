//! Tables and columns whose names would become one.

use super::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::model::{Field, FieldType, Stream};

/// A list under a field is the table `stream__field`, a member of an object the column
/// `field__member`: either may have been taken by another name.
pub(super) fn collisions(whole: &Whole<'_>, streams: &[Stream], reader: &mut Reader<'_>) {
    let mut tables: Vec<(String, String)> = Vec::new();
    for stream in streams {
        let mut found = vec![(stream.name.to_lowercase(), stream.name.clone())];
        for field in &stream.fields {
            children(&stream.name, &field.name, &field.kind, &mut found);
        }
        for (table, owner) in found {
            match tables.iter().find(|(known, _)| *known == table) {
                Some((_, other)) => told(whole, &stream.name, &format!("table `{table}`"), (&owner, other), reader),
                None => tables.push((table, owner)),
            }
        }
        columns(whole, stream, reader);
    }
}

fn columns(whole: &Whole<'_>, stream: &Stream, reader: &mut Reader<'_>) {
    let mut columns: Vec<(String, &str)> = Vec::new();
    for field in &stream.fields {
        for column in flattened(&field.name, &field.kind) {
            let column = column.to_lowercase();
            match columns.iter().find(|(known, _)| *known == column) {
                Some((_, other)) => {
                    let what = format!("column `{column}` of `{}`", stream.name);
                    told_field(whole, stream, field, (&what, other), reader);
                }
                None => columns.push((column, &field.name)),
            }
        }
    }
}

fn flattened(name: &str, kind: &FieldType) -> Vec<String> {
    match kind {
        FieldType::Object(Some(members)) => {
            members.iter().flat_map(|member| flattened(&format!("{name}__{}", member.name), &member.kind)).collect()
        }
        FieldType::Object(None) | FieldType::List(_) => Vec::new(),
        _ => vec![name.to_owned()],
    }
}

fn children(table: &str, name: &str, kind: &FieldType, found: &mut Vec<(String, String)>) {
    let child = format!("{table}__{name}");
    match kind {
        FieldType::List(inner) => {
            found.push((child.to_lowercase(), child.clone()));
            if let FieldType::Object(Some(members)) = &**inner {
                members.iter().for_each(|member| children(&child, &member.name, &member.kind, found));
            }
        }
        FieldType::Object(Some(members)) => {
            members.iter().for_each(|member| children(&child, &member.name, &member.kind, found));
        }
        _ => {}
    }
}

fn told(whole: &Whole<'_>, stream: &str, what: &str, (one, other): (&str, &str), reader: &mut Reader<'_>) {
    let place =
        whole.streams.iter().find(|(name, _)| name.value == stream).map_or(0..0, |(name, _)| name.place.clone());
    let fault = Diagnostic::new(format!("`{one}` and `{other}` would share the {what}"), place);
    reader.fault(fault.help("give one of them another name; a field can read its old place with `from`"));
}

fn told_field(whole: &Whole<'_>, stream: &Stream, field: &Field, (what, other): (&str, &str), reader: &mut Reader<'_>) {
    let place = whole
        .stream(&stream.name)
        .and_then(|form| form.fields.as_ref()?.0.iter().find(|(name, _)| name.value == field.name))
        .map_or(0..0, |(name, _)| name.place.clone());
    let fault = Diagnostic::new(format!("`{}` and `{other}` would share the {what}", field.name), place);
    reader.fault(fault.help("give one of them another name; it can read its old place with `from`"));
}
