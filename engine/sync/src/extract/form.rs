//! What the answers of a stream look like, and how records are cut out of them.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use tapwright_spec::model::{Compression, FieldType, Format, Stream};
use tapwright_spec::path::{Path, Segment};

use super::archive::{ArchiveFault, File, files};
use super::rows::{Made, csv, json_lines};
use super::split::{Split, SplitFault, Wanted};
use super::xml::{Lists, to_json};
use crate::http::Headers;

/// How the answers of a stream are cut.
pub(super) struct Form {
    /// In what bodies are packed.
    pub(super) compression: Option<Compression>,
    format: Format,
    /// The records' key, with the slot of the object that they stand in.
    keyed: Option<Keyed>,
    records: Path,
    /// What is wanted of the JSON document that the body is, or may be instead of a page.
    pub(super) wanted: Wanted,
    /// The names of members that the spec knows of a record; none where it lists no fields.
    known: Vec<String>,
    /// Which elements of an XML document are lists.
    lists: Lists,
    most: u64,
}

struct Keyed {
    name: String,
    slot: usize,
}

/// What was cut out of an answer.
pub(super) struct Cut {
    pub(super) split: Split,
    /// The text in which the records stand, if it is not the body.
    pub(super) made: Option<String>,
}

impl Cut {
    /// Nothing, and why.
    pub(super) fn failed(fault: SplitFault) -> Cut {
        Cut { split: Split { fault: Some(fault), ..Split::default() }, made: None }
    }
}

impl Form {
    /// The form of a stream's answers, of which the values at `values` are wanted too.
    pub(super) fn of(stream: &Stream, mut values: Vec<Path>) -> Form {
        let records = &stream.records;
        let keyed = records.key.clone().map(|name| {
            values.push(records.path.clone());
            Keyed { name, slot: values.len() - 1 }
        });
        let listed = (keyed.is_none() && records.format.is_document()).then(|| records.path.clone());
        Form {
            compression: records.compression.clone(),
            format: records.format.clone(),
            keyed,
            records: records.path.clone(),
            lists: lists(stream, &values),
            wanted: Wanted::new(listed, values),
            known: known(stream),
            most: stream.limits.decompressed_bytes,
        }
    }

    /// Where the records should be.
    pub(super) fn records_path(&self) -> &str {
        self.records.source()
    }

    /// What a request says that it accepts, if it is not JSON.
    pub(super) fn accept(&self) -> Option<&'static str> {
        match &self.format {
            _ if self.compression.is_some() => Some("application/zip, application/gzip, */*;q=0.5"),
            Format::Json => None,
            Format::JsonLines => Some("application/x-ndjson, application/json;q=0.5, */*;q=0.1"),
            Format::Csv(_) => Some("text/csv, */*;q=0.1"),
            Format::Xml => Some("application/xml, text/xml;q=0.9, */*;q=0.1"),
        }
    }

    /// Whether a body without anything in it is a page without records.
    pub(super) fn may_be_empty(&self) -> bool {
        match &self.format {
            Format::Json | Format::Xml => false,
            Format::JsonLines => true,
            Format::Csv(csv) => csv.header.is_some(),
        }
    }

    /// Whether the body of a page is one document.
    pub(super) fn is_document(&self) -> bool {
        self.format.is_document()
    }

    /// The files of a body that is packed.
    pub(super) fn files(&self, body: &[u8], headers: &Headers) -> Result<Vec<File>, ArchiveFault> {
        match &self.compression {
            Some(compression) => files(body, headers, compression, self.most),
            None => Ok(vec![File { name: None, body: body.to_vec() }]),
        }
    }

    /// The JSON of a body that is a document of another format.
    pub(super) fn to_json(&self, text: &str) -> Option<Result<String, SplitFault>> {
        (self.format == Format::Xml).then(|| match is_html(text) {
            true => Err(SplitFault::Html),
            false => to_json(text, &self.lists, self.most),
        })
    }

    /// Cuts a body that may have been split before.
    pub(super) fn cut(&self, text: &str, split: Option<Split>) -> Cut {
        let rows = |outcome: Result<Made, SplitFault>| match outcome {
            Ok(made) => Cut { split: Split { records: made.records, ..Split::default() }, made: Some(made.text) },
            Err(fault) => Cut::failed(fault),
        };
        match (&self.format, &self.keyed) {
            (Format::JsonLines, _) => match json_lines(text) {
                Ok(records) => Cut { split: Split { records, ..Split::default() }, made: None },
                Err(fault) => rows(Err(fault)),
            },
            (Format::Csv(rules), _) => rows(csv(text, rules, &self.known, self.most)),
            (Format::Json | Format::Xml, None) => {
                Cut { split: split.unwrap_or_else(|| self.wanted.split(text)), made: None }
            }
            (Format::Json | Format::Xml, Some(keyed)) => {
                let split = split.unwrap_or_else(|| self.wanted.split(text));
                if split.fault.is_some() {
                    return Cut { split, made: None };
                }
                let object = split.values.get(keyed.slot).cloned().flatten().map(|range| &text[range]);
                let cut = rows(members(object, &keyed.name, self.most));
                Cut { split: Split { values: split.values, ..cut.split }, ..cut }
            }
        }
    }
}

/// The members of a record that the spec reads or names; none where a field can be read from anywhere.
fn known(stream: &Stream) -> Vec<String> {
    let mut known = Vec::new();
    for field in stream.fields.iter().filter(|field| !field.added) {
        match field.from.as_ref().map(|from| from.plain().and_then(<[Segment]>::first)) {
            None => known.push(field.name.clone()),
            Some(Some(Segment::Key(key))) => known.push(key.clone()),
            Some(_) => return Vec::new(),
        }
    }
    if !known.is_empty() {
        known.extend(stream.rename.iter().map(|(_, old)| old.clone()));
        known.extend(stream.remove.iter().cloned());
        known.extend(stream.flatten.iter().map(|rule| rule.member.clone()));
    }
    known
}

/// Which elements of a document are lists: what a path goes through with `[*]`, and fields that are lists.
fn lists(stream: &Stream, values: &[Path]) -> Lists {
    if stream.records.format != Format::Xml {
        return Lists::default();
    }
    let record = stream.records.path.plain().unwrap_or_default();
    let mut paths: Vec<Vec<Segment>> = vec![record.to_vec()];
    paths.extend(values.iter().filter_map(|path| path.plain().map(<[Segment]>::to_vec)));
    let split = stream.split.as_ref().and_then(|split| split.path.plain());
    paths.extend(split.map(|split| [record, split].concat()));
    for field in stream.fields.iter().filter(|field| !field.added) {
        let own = [Segment::Key(field.name.clone())];
        let from = field.from.as_ref().map_or(Some(&own[..]), Path::plain);
        if let Some(from) = from {
            of_type(&field.kind, [record, from].concat(), &mut paths);
        }
    }
    Lists::of(paths.iter().map(Vec::as_slice))
}

/// The lists in a value of this type.
fn of_type(kind: &FieldType, at: Vec<Segment>, paths: &mut Vec<Vec<Segment>>) {
    match kind {
        FieldType::List(element) => of_type(element, [at, vec![Segment::Each]].concat(), paths),
        FieldType::AsJson(kept) => of_type(kept, at, paths),
        FieldType::Pairs(_) => paths.push([at, vec![Segment::Each]].concat()),
        FieldType::Object(Some(members)) => {
            for member in members {
                of_type(&member.kind, [at.clone(), vec![Segment::Key(member.name.clone())]].concat(), paths);
            }
        }
        _ => paths.push(at),
    }
}

/// Whether a body that should be something else is a page for people.
pub(super) fn is_html(text: &str) -> bool {
    let beginning: String = text.trim_ascii_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    beginning == "<!doctype html" || beginning.starts_with("<html")
}

/// The members of an object, each with its key in it under `name`.
fn members(object: Option<&str>, name: &str, most: u64) -> Result<Made, SplitFault> {
    let missing = |why: &str| SplitFault::NoRecords(why.to_owned());
    let object = object.ok_or_else(|| missing("nothing stands there"))?;
    let members = match object.as_bytes().first() {
        Some(b'{') => Members::read(object).map_err(|error| missing(&error.to_string()))?,
        // PHP writes an object without members as a list.
        Some(b'[') if object[1..].trim_ascii_start() == "]" => Members(Vec::new()),
        Some(b'[') => return Err(missing("a list stands there; its records are at `[*]` of it, without a key")),
        _ => return Err(missing("no object stands there")),
    };
    let mut made = Made::default();
    let name = Value::from(name).to_string();
    for (key, raw) in members.0 {
        match raw.get().strip_prefix('{').map(str::trim_ascii_start) {
            Some("}") => made.add(&format!("{{{name}:{}}}", Value::from(key)), most)?,
            Some(rest) => made.add(&format!("{{{name}:{},{rest}", Value::from(key)), most)?,
            // What is no object is judged with the other records.
            None => made.add(raw.get(), most)?,
        }
    }
    Ok(made)
}

/// The members of an object in their order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    fn read(object: &'a str) -> Result<Members<'a>, serde_json::Error> {
        serde_json::Deserializer::from_str(object).deserialize_map(Members(Vec::new()))
    }
}

impl<'de> Visitor<'de> for Members<'de> {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(member) = map.next_entry::<String, &RawValue>()? {
            self.0.push(member);
        }
        Ok(self)
    }
}
