//! Columns from JSON Schemas: the files that specs name are read, and their properties become fields.

mod document;
mod property;

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::grammar::{Reader, Text};
use crate::language::{Spec, Stream};
use crate::source::Source;
use document::Document;

/// Puts the columns of each file where the spec names it. A list that cannot be read is as if it were unreadable
/// itself: nothing that names a field of it is a fault.
pub(super) fn add(spec: &mut Spec, reader: &mut Reader<'_>) {
    let streams = spec.streams.iter_mut().flat_map(|streams| &mut streams.0);
    let streams = streams.filter_map(|(_, stream)| stream.as_mut());
    let families = spec.dynamic_streams.iter_mut().flat_map(|families| &mut families.0);
    let families = families.filter_map(|(_, family)| family.as_mut()?.stream.as_mut());
    for stream in streams.chain(families) {
        complete(stream, reader);
    }
}

fn complete(stream: &mut Stream, reader: &mut Reader<'_>) {
    let Some(list) = &mut stream.fields else { return };
    let Some(file) = list.schema.take() else { return };
    match document(&file, reader) {
        Ok(document) => {
            let own: Vec<&str> = list.listed.names().collect();
            let columns = document.columns(&own, &file.place);
            reader.faults.extend(document.faults());
            match columns {
                // What the spec writes itself stands behind.
                Some(columns) => drop(list.listed.0.splice(0..0, columns)),
                None => stream.fields = None,
            }
        }
        Err(why) => {
            reader.fault(why);
            stream.fields = None;
        }
    }
}

fn document(file: &Text<crate::grammar::Plain>, reader: &mut Reader<'_>) -> Result<Document, Diagnostic> {
    let fault = |message: String| Diagnostic::new(message, file.place.clone());
    let name = file.value.trim();
    if Path::new(name).is_absolute() {
        return Err(fault(format!("`{name}` is there on this machine alone"))
            .help("write where it is, seen from the spec, as in `schemas/order.json`"));
    }
    let shown = shown(reader.source.name(), name);
    let source = match (reader.files.get(name), reader.source.folder()) {
        (Some(text), _) => Source::new(name, text.clone()),
        (None, None) => return Err(fault(format!("the spec is no file, so there is no `{name}` beside it"))),
        (None, Some(folder)) => {
            let path = folder.join(name);
            Source::read(&path).map_err(|why| {
                fault(why.replace(&path.display().to_string(), &shown))
                    .help("the path is seen from the spec's file, as in `schemas/order.json`")
            })?
        }
    };
    reader.files.insert(name.to_owned(), source.text().to_owned());
    Document::read(Arc::new(source.called(&shown))).map_err(|mut faults| faults.remove(0))
}

/// How messages call the file: as they call the spec, with its own name in the place of the spec's.
fn shown(spec: &str, name: &str) -> String {
    match spec.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}
