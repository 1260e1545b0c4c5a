//! The columns of a stream: their types, where their values stand, and what becomes of what no field lists.

use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, Map, Read, Reader, Shape, Text, TextKind, record, words};
use crate::model::{self, FieldType};
use crate::source::Place;
use crate::tree::{Node, Value};

type Line = Text<grammar::Plain>;
type Markdown = Text<grammar::Markdown>;

/// A field: its type, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct FieldForm(pub(crate) FieldSpec);

record! {
    /// A column.
    FieldSpec = "field";
    /// Its type.
    kind as "type": required FieldTypeText,
    /// Label on the page; the name if it is left out.
    title: optional Line,
    /// What it says.
    description: optional Markdown,
    /// Where it stands in the record, if not under its own name: a path to one value.
    from: optional Text<grammar::Path>,
    /// What part of a text is taken, for a string, an integer or a decimal.
    take: optional At<model::Take>,
    /// Whether every record has it: one without it, or with null there, is set aside; default false.
    required: optional At<bool>,
    /// Of `pairs`: where an element has its name; default `$.name`.
    key: optional Text<grammar::Path>,
    /// Of `pairs`: where an element has its value; default `$.value`.
    value: optional Text<grammar::Path>,
    /// The stream whose primary key, one field, it holds.
    references: optional Line,
    /// The values that occur, for the page; others are loaded too.
    values: optional Vec<Line>,
    /// A value as it might be.
    example: optional Line,
    /// Whether it tells of a person. `tapwright record` writes a stand-in in its place, with all that stands below it,
    /// and the page says so; default false.
    personal: optional At<bool>,
    /// How a timestamp or date is written; default `rfc3339`, of a date `date`.
    format: optional Text<grammar::TimeFormat>,
    /// The members of an `object`, or of the objects in a list.
    fields: optional Map<FieldForm>,
    /// What becomes of a list or an object; default `table`. Expressions read it as it comes either way.
    stored as "as": optional At<model::Stored>,
}

impl Read for FieldForm {
    fn shape() -> Shape {
        // The members of a field are fields again: the record is named, so that the schema can refer to it.
        Shape::Either(vec![FieldTypeText::shape(), FieldSpec::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            return FieldSpec::read(node, reader).map(FieldForm);
        }
        FieldTypeText::read(node, reader).map(FieldForm::of)
    }
}

impl FieldForm {
    /// A field of which only the type is said.
    pub(crate) fn of(kind: FieldTypeText) -> FieldForm {
        FieldForm(FieldSpec {
            place: kind.place.clone(),
            said: Vec::new(),
            kind: Some(kind),
            title: None,
            description: None,
            from: None,
            take: None,
            required: None,
            key: None,
            value: None,
            references: None,
            values: None,
            example: None,
            personal: None,
            format: None,
            fields: None,
            stored: None,
        })
    }
}

words! {
    /// What becomes of a list or an object.
    model::Stored = "form" {
        /// The elements of a list become rows of a table of their own, `STREAM__FIELD`; the members of an object columns,
        /// `FIELD__MEMBER`.
        "table" => model::Stored::Table,
        /// It stays one column with JSON text, as the API writes it. `fields` then tells readers what stands in it.
        "json" => model::Stored::Json,
    }
}

words! {
    /// What becomes of what the tables of a stream cannot take as they are. A field that the spec newly lists, and a member
    /// that becomes a column by `unlisted: add`, an open `object` or `pairs`, need a new column; a value that its column
    /// cannot hold would need another type. Columns that nobody declared come freely until the stream was read whole once,
    /// and again with `--full-refresh`; then this counts. A value of a key is never left out: its record is set aside.
    model::SchemaPolicy = "policy" {
        /// New columns are added. Of columns that nobody declared, a value of another type stands beside its column, in
        /// `NAME__st` and the like; one that a declared field's type cannot hold sets its record aside.
        "evolve" => model::SchemaPolicy::Evolve,
        /// The tables stay as they are: what needs a new column is left out and counted, also a field that the spec newly
        /// lists; a value that its column cannot hold sets its record aside.
        "freeze" => model::SchemaPolicy::Freeze,
        /// A value that needs a new column, or that its column cannot hold, is left out and counted; the rest of the record
        /// is loaded. A field that the spec newly lists gets its column.
        "discard_value" => model::SchemaPolicy::DiscardValue,
        /// A record with such a value is set aside in `_sdc_rejected`, with the reason. A field that the spec newly lists
        /// gets its column.
        "discard_row" => model::SchemaPolicy::DiscardRow,
        /// The stream fails at such a value, and names it; also where the spec newly lists a field. Its tables stay as they
        /// are.
        "fail" => model::SchemaPolicy::Fail,
    }
}

words! {
    /// What part of a value is taken.
    model::Take = "part" {
        /// What stands after the last `/`, as in `/api/v2/users/17`.
        "last_segment" => model::Take::LastSegment,
    }
}

words! {
    /// What becomes of members of a record that no field reads.
    model::Unlisted = "policy" {
        /// Each becomes a column when its first value comes, named after it and typed by its values.
        "add" => model::Unlisted::Add,
        /// Together they become one column, `_sdc_extra`: a JSON object.
        "json" => model::Unlisted::Json,
        /// They are not loaded, and the report names them.
        "drop" => model::Unlisted::Drop,
        /// The stream fails, and names the member and the record.
        "fail" => model::Unlisted::Fail,
    }
}

/// A type: a word, or a list with one type in it.
#[derive(Debug, Clone)]
pub(crate) struct FieldTypeText {
    /// Objects have no members here; they come from `fields`.
    pub(crate) value: FieldType,
    pub(crate) place: Place,
}

/// The words for the types of fields, with what they mean.
pub(crate) const FIELD_TYPES: [(&str, &str); 11] = [
    ("string", "Text."),
    ("integer", "A 64-bit whole number. What does not fit is set aside, never rounded."),
    ("number", "A number with a fraction, 64-bit."),
    ("decimal", "An exact decimal number."),
    ("boolean", "True or false."),
    ("timestamp", "A point in time; stored in UTC."),
    ("date", "A day."),
    ("time", "A time of day."),
    ("json", "Whatever stands there, kept as JSON text."),
    (
        "object",
        "An object. Its members become columns `field__member`: those of `fields`, or without it whichever come.",
    ),
    (
        "pairs",
        "A list of names with values, such as `[{name: color, value: red}]`. Each name becomes a column `field__name`, \
         typed by its values; a name that comes twice in a record sets it aside.",
    ),
];

impl Read for FieldTypeText {
    fn shape() -> Shape {
        let words = FIELD_TYPES.map(|(word, doc)| (word, doc.to_owned())).to_vec();
        Shape::Either(vec![Shape::Words(words), Shape::List(Box::new(Shape::Text(TextKind::FieldType)))])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let place = node.place.clone();
        if let Value::List(items) = &node.value {
            let [item] = items.as_slice() else {
                let message = format!("the items of a list have one type, and here stand {}", items.len());
                reader.fault(Diagnostic::new(message, place).help("write `[string]`, or `json` for whatever comes"));
                return None;
            };
            let inner = FieldTypeText::read(item, reader)?;
            return Some(FieldTypeText { value: FieldType::List(Box::new(inner.value)), place });
        }
        let text = reader.text(node, "a type")?;
        let nested = || match text {
            "object" => Some(FieldType::Object(None)),
            "pairs" => Some(FieldType::Pairs(model::Pairs::default())),
            _ => None,
        };
        let value = FieldType::named(text).or_else(nested);
        if value.is_none() {
            unknown(text, &place, reader);
        }
        Some(FieldTypeText { value: value?, place })
    }
}

fn unknown(word: &str, place: &Place, reader: &mut Reader<'_>) {
    let names = FIELD_TYPES.map(|(word, _)| word);
    // A block may hold several lines, a message has one.
    let first = word.lines().next().unwrap_or_default();
    let fault = Diagnostic::new(format!("`{first}` is no type"), place.clone());
    let fault = match elsewhere(word) {
        Some(here) => fault.label(format!("did you mean `{here}`?")),
        None => fault.nearest(word, names),
    };
    reader.fault(fault.help(format!("the types are {}, and lists such as `[string]`", grammar::list_names(names))));
}

/// How this language calls a type that other languages call otherwise.
fn elsewhere(word: &str) -> Option<&'static str> {
    Some(match word {
        "text" | "str" | "varchar" | "uuid" => "string",
        "int" | "bigint" | "long" => "integer",
        "float" | "double" | "real" => "number",
        "bool" => "boolean",
        "datetime" | "date-time" | "date_time" => "timestamp",
        "array" | "list" => "[string]",
        "map" | "dict" | "record" => "object",
        "numeric" | "money" => "decimal",
        "any" => "json",
        _ => return None,
    })
}
