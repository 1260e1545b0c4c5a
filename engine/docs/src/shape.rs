//! The tables of a stream as they are loaded: flattened columns and child tables.

use tapwright_spec::model::{
    Field, FieldType, LoadMode, Member, Naming, RECEIVED_AT, Stream, Take, UUID, UUID_TS, Unlisted,
};
use tapwright_spec::time::TimeFormat;

use crate::anchor::Anchors;
use crate::context::shown;
use crate::markdown::code;

/// What is said of a column that tells of a person.
const PERSONAL: &str = "Personal data.";

shown! {
    /// One column of a table.
    pub(crate) struct Column {
        /// Anchor; columns of child tables have none.
        pub(crate) id: Option<String>,
        /// Name in the table.
        pub(crate) name: String,
        /// Name of the field that fills it, where the table calls it otherwise.
        pub(crate) field: Option<String>,
        /// Whether it is one that Tapwright adds to those of the records.
        pub(crate) added: bool,
        /// Label, if it says more than the name.
        pub(crate) title: Option<String>,
        /// Type in words.
        pub(crate) kind: String,
        /// `primary key`, `replication key`.
        pub(crate) roles: Vec<&'static str>,
        /// Whether a row may be without a value.
        pub(crate) nullable: bool,
        /// Whether it is a list or an object, which becomes further columns or a table.
        pub(crate) nested: bool,
        /// Whether it is a member of the object above it, which is a column for the whole of it.
        pub(crate) member: bool,
        /// The hook that gives it.
        pub(crate) hook: Option<String>,
        /// What it says, Markdown.
        pub(crate) description: String,
        /// The values that it takes, where they are known.
        pub(crate) values: Vec<String>,
        /// A value as the API might send it.
        pub(crate) example: Option<String>,
        /// Whether it tells of a person.
        pub(crate) personal: bool,
        /// What the model adds to the description, Markdown, one sentence each.
        pub(crate) remarks: Vec<String>,
    }
}

shown! {
    /// The table of a list.
    pub(crate) struct ChildTable {
        /// Anchor.
        pub(crate) id: String,
        /// Name of the table.
        pub(crate) name: String,
        /// The table above it.
        pub(crate) parent: String,
        /// What a row is, Markdown.
        pub(crate) description: String,
        /// Its columns, the keys first.
        pub(crate) columns: Vec<Column>,
    }
}

/// All tables of a stream.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// Columns of the stream's own table.
    pub(crate) columns: Vec<Column>,
    /// Tables of lists, the outer ones first.
    pub(crate) children: Vec<ChildTable>,
}

impl Shape {
    /// The tables that `stream` fills.
    pub(crate) fn of(stream: &Stream, anchors: &mut Anchors) -> Shape {
        let naming = stream.naming();
        let mut shape = Shape { columns: ahead(naming, stream), ..Shape::default() };
        for field in &stream.fields {
            let mut column = field_column(stream, field);
            column.id = Some(anchors.claim(&tapwright_spec::anchors::field(&stream.name, &field.name)));
            let at = Place { stream, naming, table: &stream.name, level: 0 };
            column.remarks.extend(nesting(&at, &field.name, &field.kind));
            shape.columns.push(column);
            let mut members = Vec::new();
            shape.spread(&at, &field.name, &field.kind, &mut members, anchors);
            shape.columns.append(&mut members);
        }
        shape.columns.extend(behind(naming, stream));
        shape
    }

    /// Adds the columns and child tables that a nested value makes, beside its own column.
    fn spread(
        &mut self,
        at: &Place<'_>,
        path: &str,
        kind: &FieldType,
        columns: &mut Vec<Column>,
        anchors: &mut Anchors,
    ) {
        match kind {
            FieldType::Object(Some(members)) => {
                for member in members {
                    let path = at.naming.member(path, &member.name);
                    columns.push(Column { member: true, ..member_column(at, &path, member) });
                    self.spread(at, &path, &member.kind, columns, anchors);
                }
            }
            FieldType::List(element) if !at.naming.keeps_lists() => self.add_child(at, path, element, anchors),
            _ => {}
        }
    }

    fn add_child(&mut self, at: &Place<'_>, name: &str, element: &FieldType, anchors: &mut Anchors) {
        let table = format!("{}__{name}", at.table);
        let position = self.children.len();
        self.children.push(ChildTable {
            id: anchors.claim(&tapwright_spec::anchors::table(&table)),
            name: table.clone(),
            parent: at.table.to_owned(),
            description: format!("One row for each element of {}.", code(name)),
            columns: Vec::new(),
        });
        let mut columns = key_columns(at);
        let inner = Place { table: &table, level: at.level + 1, ..*at };
        match element {
            FieldType::Object(Some(members)) => {
                for member in members {
                    columns.push(member_column(&inner, &member.name, member));
                    self.spread(&inner, &member.name, &member.kind, &mut columns, anchors);
                }
            }
            FieldType::Object(None) => {
                self.children[position]
                    .description
                    .push_str(" Each key of an element becomes a column when a value comes with it.");
            }
            other => {
                let mut value = blank("value", other.to_string(), "The element.");
                value.nested = other.is_nested();
                value.remarks.extend(nesting(&inner, "value", other));
                columns.push(value);
                self.spread(&inner, "value", other, &mut Vec::new(), anchors);
            }
        }
        self.children[position].columns = columns;
    }
}

/// The columns that the engine adds in front of those of the records.
fn ahead(naming: Naming, stream: &Stream) -> Vec<Column> {
    let keys: Vec<String> = stream.primary_key.iter().map(|key| code(&naming.column(key))).collect();
    let id = || {
        added("id", "string", &format!("The values of {} with `:` between them.", crate::replication::listed(&keys)))
    };
    naming.makes_id().then(id).into_iter().collect()
}

/// Those that it adds behind them, as far as they tell of the record; in the load mode `segment` all.
fn behind(naming: Naming, stream: &Stream) -> Vec<Column> {
    let mut columns = Vec::new();
    if stream.unlisted == Unlisted::Json {
        columns.push(added(naming.mode.extra(), "json", "The members of the record that no other column holds."));
    }
    if stream.deleted.is_some() {
        let text =
            "When the record was deleted, or if it does not say, when that was noticed; null while it is not deleted.";
        columns.push(added(naming.mode.deleted(), "timestamp", text));
    }
    if naming.mode == LoadMode::Segment {
        let said = match stream.primary_key.is_empty() {
            true => "Made of all values of the record: the primary key of the table.",
            false => "Made of what the record said last: the same as long as it says the same.",
        };
        columns.push(added(RECEIVED_AT, "timestamp", "When the answer with the record was received."));
        columns.push(added(UUID, "string", said));
        columns.push(added(UUID_TS, "timestamp", "When the row was written; greater for each that was written later."));
    }
    columns
}

fn added(name: &str, kind: &str, description: &str) -> Column {
    Column { added: true, ..blank(name, kind.to_owned(), description) }
}

/// Where in the nest of tables we are.
#[derive(Clone, Copy)]
struct Place<'a> {
    stream: &'a Stream,
    naming: Naming,
    table: &'a str,
    level: usize,
}

/// The columns that tie a child row to its parent's: the keys of the stream's row, then the positions.
fn key_columns(at: &Place<'_>) -> Vec<Column> {
    let keys = key_of_rows(at.stream).into_iter().map(|key| {
        let kind = at.stream.field(&key).map_or_else(|| "string".to_owned(), |field| field.kind.to_string());
        let text = format!("{} of the row in {}.", code(&key), code(&at.stream.name));
        added(&source_key(&key), &kind, &text)
    });
    let levels = (0..=at.level).map(|level| {
        let text = match at.level - level {
            0 => "Position in the list, from 0.",
            _ => "Position of the outer element in its list, from 0.",
        };
        added(&format!("_sdc_level_{level}_id"), "integer", text)
    });
    keys.chain(levels).collect()
}

/// A column of which no more is known.
fn blank(name: &str, kind: String, description: &str) -> Column {
    Column {
        id: None,
        name: name.to_owned(),
        field: None,
        added: false,
        title: None,
        kind,
        roles: Vec::new(),
        nullable: true,
        nested: false,
        member: false,
        hook: None,
        description: description.to_owned(),
        values: Vec::new(),
        example: None,
        personal: false,
        remarks: Vec::new(),
    }
}

fn member_column(at: &Place<'_>, path: &str, member: &Member) -> Column {
    let description = member.description.as_deref().unwrap_or_default();
    let mut column = of_kind(at.naming, path, &member.kind, description);
    column.personal = member.personal;
    column.remarks.extend(member.personal.then(|| PERSONAL.to_owned()));
    column.remarks.extend(nesting(at, path, &member.kind));
    column
}

/// The column of a field or of a member, or what stands for those that are made of it.
fn of_kind(naming: Naming, path: &str, kind: &FieldType, description: &str) -> Column {
    let is_text = naming.keeps_lists() && matches!(kind, FieldType::List(_));
    let nested = kind.is_nested() && !is_text;
    let name = if nested { path.to_owned() } else { naming.column(path) };
    let kind = if is_text { FieldType::String.to_string() } else { kind.to_string() };
    Column { nested, ..blank(&name, kind, description) }
}

fn field_column(stream: &Stream, field: &Field) -> Column {
    let naming = stream.naming();
    let mut column = of_kind(naming, &field.name, &field.kind, field.description.as_deref().unwrap_or_default());
    column.title = (field.title != field.name).then(|| field.title.clone());
    column.field = (column.name != field.name).then(|| field.name.clone());
    column.nullable = !field.required && !stream.primary_key.contains(&field.name);
    column.personal = field.personal;
    column.hook.clone_from(&field.hook);
    column.values.clone_from(&field.values);
    column.example.clone_from(&field.example);
    if stream.primary_key.contains(&field.name) {
        column.roles.push("primary key");
    }
    if crate::replication::key_of(stream) == Some(&field.name) {
        column.roles.push("replication key");
    }
    column.remarks = field_remarks(stream, field);
    if let Some(field) = &column.field {
        column.remarks.insert(0, format!("Filled by the field {}.", code(field)));
    }
    column
}

fn field_remarks(stream: &Stream, field: &Field) -> Vec<String> {
    let mut remarks = Vec::new();
    if !field.values.is_empty() {
        let values: Vec<String> = field.values.iter().map(|value| code(value)).collect();
        remarks.push(format!("Values: {}.", values.join(", ")));
    }
    if let Some(example) = &field.example {
        remarks.push(format!("Example: {}.", code(example)));
    }
    if let Some(other) = &field.references {
        remarks.push(format!("Refers to {}.", crate::replication::link_to(other)));
    }
    if let Some(path) = &field.from {
        remarks.push(match field.take {
            Some(Take::LastSegment) => {
                format!("From {}: what follows the last `/`.", code(path.source()))
            }
            None => format!("From {}.", code(path.source())),
        });
    }
    let added = stream.add.iter().find(|(name, _)| *name == field.name);
    if let Some((_, template)) = added {
        remarks.push(format!("Computed as {}.", code(template.source())));
    }
    if field.required {
        remarks.push("Never null: a record without it is set aside.".to_owned());
    }
    remarks.extend(field.hook.as_ref().map(|hook| format!("Given by the hook {}.", code(hook))));
    remarks.extend(written_as(field));
    remarks.extend(field.personal.then(|| PERSONAL.to_owned()));
    remarks
}

fn written_as(field: &Field) -> Option<String> {
    let usual = match (&field.kind, &field.format) {
        (FieldType::Timestamp, format) => *format == TimeFormat::Rfc3339,
        (FieldType::Date, format) => matches!(format, TimeFormat::Rfc3339 | TimeFormat::Date),
        _ => true,
    };
    (!usual).then(|| format!("The API sends it as {}.", code(field.format.name())))
}

/// What becomes of a nested value.
fn nesting(at: &Place<'_>, path: &str, kind: &FieldType) -> Option<String> {
    let table = at.table;
    let of_members = |word: &str| code(&format!("{}{word}", at.naming.prefix(path)));
    match kind {
        FieldType::List(_) if at.naming.keeps_lists() => Some(format!("Kept as JSON text: {}.", held(kind))),
        FieldType::List(_) => Some(format!(
            "A list: its elements are the rows of [{}](#{}).",
            code(&format!("{table}__{path}")),
            crate::anchor::slug(&tapwright_spec::anchors::table(&format!("{table}__{path}")))
        )),
        FieldType::Object(None) => {
            Some(format!("An open object: each key that comes with a value becomes a column, {}.", of_members("KEY")))
        }
        FieldType::Pairs(_) => Some(format!(
            "Names with values: each name that comes with a value becomes a column, {}.",
            of_members("NAME")
        )),
        FieldType::Object(Some(_)) => Some(format!("An object: its members are columns, {}.", of_members("MEMBER"))),
        FieldType::AsJson(kept) => Some(format!("Kept as JSON text: {}.", held(kept))),
        _ => None,
    }
}

/// What stands in a value that is kept as JSON text.
fn held(kind: &FieldType) -> String {
    match kind {
        FieldType::Object(Some(members)) => {
            let told = members.iter().map(|member| {
                let description = member.description.as_deref().map_or(String::new(), |text| format!(", {text}"));
                let description = description.trim_end_matches('.');
                format!("{} ({}{description})", code(&member.name), held(&member.kind))
            });
            format!("an object with {}", told.collect::<Vec<_>>().join(", "))
        }
        FieldType::List(element) => match element.as_ref() {
            FieldType::Object(Some(_)) => format!("a list, each element {}", held(element)),
            other => format!("a list of {}", held(other)),
        },
        other => other.to_string(),
    }
}

/// The columns that identify a row of the stream's own table. Rows without a primary key get one made.
pub(crate) fn key_of_rows(stream: &Stream) -> Vec<String> {
    let naming = stream.naming();
    match (stream.primary_key.as_slice(), naming.mode) {
        ([], LoadMode::Stitch) => vec!["__sdc_primary_key".to_owned()],
        ([], LoadMode::Segment) => vec![UUID.to_owned()],
        (keys, _) => keys.iter().map(|key| naming.column(key)).collect(),
    }
}

/// The column of a child table that holds `key` of the stream's row.
pub(crate) fn source_key(key: &str) -> String {
    format!("_sdc_source_key_{key}")
}
