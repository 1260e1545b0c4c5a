//! A bookmark that an answer tells: one value, and nothing beside it that is about the keys of records.

use super::Whole;
use super::answers::format;
use super::replication::time_only;
use crate::diagnostic::Diagnostic;
use crate::grammar::{Path, Reader, Text};
use crate::language::{self, ReplicationForm, SinceForm, ToldType};
use crate::model::{Bookmark, Token, Told};
use crate::path::Segment;
use crate::time::TimeFormat;

/// What is about the keys of records.
const OF_KEYS: [&str; 3] = ["order", "window", "attribution"];

pub(super) fn told(
    form: &language::Stream,
    written: &language::Replication,
    reader: &mut Reader<'_>,
) -> Option<Bookmark> {
    let told = written.bookmark.as_ref()?;
    without_keys(form, written, reader);
    let kind = told.kind.as_ref().map_or(ToldType::Timestamp, |kind| kind.value);
    if kind == ToldType::Integer {
        time_only(written, ("the bookmark is of type integer", "its type `timestamp`"), reader);
        if let Some(place) = told.said("format") {
            let fault =
                Diagnostic::new("`format` is about points in time, and the bookmark is an integer", place.clone());
            reader.fault(fault.help("take `format` out, or `type: integer`"));
        }
    }
    let at = match (&told.from, &told.header) {
        (Some(path), _) => Token::Body(one_value(path, reader)),
        (None, Some(header)) => Token::Header(header.value.clone()),
        (None, None) => return None,
    };
    let written_so = told.format.as_ref().map_or(TimeFormat::Rfc3339, |format| format.value.clone());
    Some(Bookmark::Told(Told { at, format: (kind == ToldType::Timestamp).then_some(written_so) }))
}

fn one_value(path: &Text<Path>, reader: &mut Reader<'_>) -> crate::path::Path {
    if path.plain().is_none_or(|steps| steps.is_empty() || steps.contains(&Segment::Each)) {
        let message = "a bookmark is one value, and this path does not lead to one alone";
        let fault = Diagnostic::new(message, path.place.clone());
        reader.fault(fault.help("name the member that tells it, as in `$.meta.as_of`"));
    }
    path.value.clone()
}

/// Reports what looks at the keys of records, where the bookmark is none of them.
fn without_keys(form: &language::Stream, written: &language::Replication, reader: &mut Reader<'_>) {
    if let Some(place) = written.said("key") {
        let fault = Diagnostic::new("`key` and `bookmark` exclude each other", place.clone());
        reader.fault(fault.help("keep `key` if the records tell how far they go, and `bookmark` if an answer does"));
    }
    for part in OF_KEYS {
        if let Some(place) = written.said(part) {
            let message = format!("`{part}` is about the keys of records, and here an answer tells the bookmark");
            let fault = Diagnostic::new(message, place.clone());
            reader.fault(fault.help(format!("take `{part}` out, or `bookmark`")));
        }
    }
    if let Some(SinceForm::ClientSide(place)) = &written.since {
        let message = "`client_side` compares the keys of records with the bookmark, and here an answer tells it";
        let fault = Diagnostic::new(message, place.clone());
        reader.fault(fault.help("write how the bookmark is sent, or name a `key` in place of `bookmark`"));
    }
    if let Some(place) = form.said("job") {
        let message = "what a job brings was gathered before the answer that would tell the bookmark";
        let fault = Diagnostic::new(message, place.clone());
        reader.fault(fault.help("name a `key` in place of `bookmark`"));
    }
    let changed_only = form.for_each.as_ref().and_then(language::ForEachForm::changed_only);
    if let (Some(_), Some(place)) = (changed_only, written.said("bookmark")) {
        let message = "children of changed parents go on from the bookmark of their parent; their own has no use here";
        let fault = Diagnostic::new(message, place.clone());
        reader.fault(fault.help("name a `key` in place of `bookmark`, or leave `changed_only` out"));
    }
}

/// Reports a bookmark or a token that would be read from a document where there is none.
pub(super) fn in_a_document(whole: &Whole<'_>, form: &language::Stream, reader: &mut Reader<'_>) {
    let Some(ReplicationForm::Form(written)) = &form.replication else { return };
    let bookmark = written.bookmark.as_ref().and_then(|bookmark| bookmark.from.as_ref());
    let token = written.token.as_ref().and_then(|token| token.from.as_ref().or(token.url.as_ref()));
    let Some(format) = format(whole, form).filter(|format| !format.is_document()) else { return };
    for path in [bookmark, token].into_iter().flatten() {
        let message = format!(
            "`{}` is read from a JSON document, and the answer is {}",
            path.source(),
            super::answers::spoken(&format)
        );
        let fault = Diagnostic::new(message, path.place.clone());
        reader.fault(fault.help("a header can tell it: write `header:` in place of the path"));
    }
}
