//! What an answer looks like: its format, and where its records stand.

use crate::grammar::{self, At, Read, Reader, Shape, Text, record, words};
use crate::model;
use crate::source::Place;
use crate::tree::{Node, Value};

type Line = Text<grammar::Plain>;
type Path = Text<grammar::Path>;

/// `json`, `json_lines`, `csv`, `xml`, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct FormatForm(pub(crate) model::Format);

/// The words of [`FormatForm`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum FormatWord {
    Json,
    JsonLines,
    Csv,
    Xml,
}

words! {
    /// How the body of an answer is written.
    FormatWord = "format" {
        /// One JSON document; the default.
        "json" => FormatWord::Json,
        /// One JSON object a line, each of them a record.
        "json_lines" => FormatWord::JsonLines,
        /// Comma separated values (RFC 4180), columns named by the first line. What is empty without quotes is null.
        "csv" => FormatWord::Csv,
        /// One XML document, which paths read as JSON: `$.orders.order[*]`. An element is its text, or an object of
        /// its attributes (`@name`), its elements (by their names as written, a list where a name comes more than
        /// once) and its own text (`#text`). Where `[*]` goes through an element, or its field is a list, one alone
        /// is a list too, and none an empty one. An empty element is null. A document that declares entities of its
        /// own is refused.
        "xml" => FormatWord::Xml,
    }
}

record! {
    /// A format with its details.
    FormatMap = "format";
    /// Separated values.
    csv: required CsvForm,
}

record! {
    /// How separated values are written.
    CsvForm = "csv";
    /// What stands between two values; default `comma`.
    delimiter: optional At<model::Delimiter>,
    /// The names of the columns, where the answer has no line with them. A first line that names no field of the
    /// stream, if it lists any, is an error and no empty table.
    header: optional Vec<Line>,
}

words! {
    /// What stands between two values.
    model::Delimiter = "delimiter" {
        /// `,`
        "comma" => model::Delimiter::Comma,
        /// `;`
        "semicolon" => model::Delimiter::Semicolon,
        /// A tabulator.
        "tab" => model::Delimiter::Tab,
        /// `|`
        "pipe" => model::Delimiter::Pipe,
    }
}

impl Read for FormatForm {
    fn shape() -> Shape {
        Shape::Either(vec![At::<FormatWord>::shape(), FormatMap::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            let csv = FormatMap::read(node, reader)?.csv?;
            let header = csv.header.map(|names| names.into_iter().map(|name| name.value).collect());
            let delimiter = csv.delimiter.map_or(model::Delimiter::Comma, |delimiter| delimiter.value);
            return Some(FormatForm(model::Format::Csv(model::Csv { delimiter, header })));
        }
        let word: At<FormatWord> = Read::read(node, reader)?;
        Some(FormatForm(match word.value {
            FormatWord::Json => model::Format::Json,
            FormatWord::JsonLines => model::Format::JsonLines,
            FormatWord::Xml => model::Format::Xml,
            FormatWord::Csv => model::Format::Csv(model::Csv { delimiter: model::Delimiter::Comma, header: None }),
        }))
    }
}

/// A path, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct RecordsForm {
    pub(crate) path: Option<Path>,
    /// The field that takes the key of each record.
    pub(crate) key: Option<Line>,
    pub(crate) place: Place,
}

record! {
    /// Records that stand in an object, each under a key of its own.
    KeyedRecords = "records";
    /// Path to the object whose members are the records, such as `$.items`.
    path: required Path,
    /// The name under which a record has its key.
    key: required Line,
}

impl Read for RecordsForm {
    fn shape() -> Shape {
        Shape::Either(vec![Path::shape(), KeyedRecords::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let place = node.place.clone();
        if let Value::Map(_) = &node.value {
            let form = KeyedRecords::read(node, reader)?;
            return Some(RecordsForm { path: form.path, key: form.key, place });
        }
        Some(RecordsForm { path: Some(Path::read(node, reader)?), key: None, place })
    }
}
