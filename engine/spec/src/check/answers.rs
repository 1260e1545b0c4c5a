//! What an answer looks like: where its records stand, and what can be read of it beside them.

use super::{Whole, told};
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Reader};
use crate::language::{self, RecordsForm, StopForm, TotalForm};
use crate::model::{Compression, Format, Records};
use crate::path::{Path, Segment};

/// How a stream's answers are written; `None` where that could not be read.
pub(super) fn format(whole: &Whole<'_>, form: &language::Stream) -> Option<Format> {
    if form.said("format").is_some() {
        return form.format.as_ref().map(|format| format.0.clone());
    }
    match &whole.spec.http {
        Some(http) if http.said("format").is_some() => http.format.as_ref().map(|format| format.0.clone()),
        _ => Some(Format::Json),
    }
}

/// In what a stream's answers are packed; `None` where that could not be read.
fn compression(whole: &Whole<'_>, form: &language::Stream) -> Option<Option<Compression>> {
    if form.said("compression").is_some() {
        return form.compression.as_ref().map(|compression| compression.value.clone());
    }
    match &whole.spec.http {
        Some(http) if http.said("compression").is_some() => {
            http.compression.as_ref().map(|compression| compression.value.clone())
        }
        _ => Some(None),
    }
}

/// How a format is called.
pub(super) fn spoken(format: &Format) -> &'static str {
    match format {
        Format::Json => "JSON",
        Format::JsonLines => "JSON Lines",
        Format::Csv(_) => "CSV",
        Format::Xml => "XML",
    }
}

/// Where the records of a stream stand.
pub(super) fn records(
    whole: &Whole<'_>,
    name: &At<String>,
    form: &language::Stream,
    reader: &mut Reader<'_>,
) -> Option<Records> {
    let format = format(whole, form)?;
    let compression = compression(whole, form)?;
    if let Format::Csv(csv) = &format {
        header(csv.header.as_deref().unwrap_or_default(), form, reader);
    }
    if !format.is_document() {
        if let Some(own) = &form.records {
            let message = format!("of {} each line is a record, and `records` is a path in JSON", spoken(&format));
            reader.fault(Diagnostic::new(message, own.place.clone()).help("take `records` out"));
        }
        return Some(Records { compression, format, path: Path::compile("$").ok()?, key: None });
    }
    let http = whole.spec.http.as_ref();
    let records = form.records.as_ref().or(http.and_then(|http| http.records.as_ref()));
    let told = form.said("records").is_some() || http.is_none_or(|http| http.said("records").is_some());
    if records.is_none() && !told {
        let fault =
            Diagnostic::new(format!("nothing says where the records of `{}` stand", name.value), name.place.clone());
        reader.fault(fault.help("give the stream, or `http`, a path: `records: $.items[*]`; `$` is the whole answer"));
    }
    let records = records?;
    keyed(records, reader);
    if format == Format::Xml {
        in_xml(records, reader);
    }
    let key = records.key.as_ref().map(|key| key.value.clone());
    Some(Records { compression, format, path: records.path.as_ref()?.value.clone(), key })
}

/// A header that names a column twice.
fn header(names: &[String], form: &language::Stream, reader: &mut Reader<'_>) {
    if let Some(twice) = names.iter().enumerate().find_map(|(at, name)| names[..at].contains(name).then_some(name)) {
        let place = form.said("format").cloned().unwrap_or(form.place.clone());
        let fault = Diagnostic::new(format!("the header names the column `{twice}` twice"), place);
        reader.fault(fault.help("name each column once"));
    }
}

/// An XML document is one element, and a path in it begins with the element's name.
fn in_xml(records: &RecordsForm, reader: &mut Reader<'_>) {
    let Some(path) = &records.path else { return };
    if path.value.plain().and_then(<[Segment]>::first).is_some_and(|first| !matches!(first, Segment::Key(_))) {
        let message = format!("`{}` begins with a list, and an XML document is one element", path.source());
        let fault = Diagnostic::new(message, path.place.clone());
        reader.fault(fault.help("begin with the name of the outermost element, as in `$.orders.order[*]`"));
    }
}

/// Records under keys need the path to the object that has the keys.
fn keyed(records: &RecordsForm, reader: &mut Reader<'_>) {
    let (Some(path), Some(_)) = (&records.path, &records.key) else { return };
    let leads_to_one = |segments: &[Segment]| !segments.contains(&Segment::Each);
    if !path.plain().is_some_and(leads_to_one) {
        let message = format!("`{}` does not lead to one object whose members have keys", path.source());
        let fault = Diagnostic::new(message, path.place.clone());
        reader.fault(fault.help("write the path to the object itself, as in `$.items`"));
    }
}

/// Reports what would be read from one document where there is none: of the pages, a bookmark, a token.
pub(super) fn read_from_json(
    whole: &Whole<'_>,
    form: &language::Stream,
    pages: Option<&language::Pagination>,
    reader: &mut Reader<'_>,
) {
    pages_in_json(whole, form, pages, reader);
    told::in_a_document(whole, form, reader);
}

fn pages_in_json(
    whole: &Whole<'_>,
    form: &language::Stream,
    pages: Option<&language::Pagination>,
    reader: &mut Reader<'_>,
) {
    let (Some(pages), Some(format)) = (pages, format(whole, form)) else { return };
    let archive = matches!(compression(whole, form), Some(Some(Compression::Zip(_))));
    if format.is_document() && !archive {
        return;
    }
    let answer = if archive { "an archive of files" } else { spoken(&format) };
    let more = pages.stop.iter().flat_map(|stop| &stop.0).find_map(|stop| match stop {
        StopForm::More(path) => Some(path),
        _ => None,
    });
    let total = match &pages.total {
        Some(TotalForm::Body(path)) => Some(path),
        _ => None,
    };
    let from = pages.cursor.as_ref().and_then(|cursor| cursor.from.as_ref());
    let paths = [&pages.next_url.as_ref(), &from, &pages.merge.as_ref(), &total, &more];
    for path in paths.into_iter().flatten() {
        let message = format!("`{}` is read from a JSON document, and the answer is {answer}", path.source());
        let fault = Diagnostic::new(message, path.place.clone());
        reader.fault(fault.help("a header, the last record or the number of records can lead on from such a page"));
    }
}
