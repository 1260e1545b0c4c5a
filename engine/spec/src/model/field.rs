//! The columns of a stream.

use serde::{Deserialize, Serialize};

use crate::path::Path;
use crate::time::TimeFormat;

/// What becomes of members of a record that no field reads, not even in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlisted {
    /// Each becomes a column, typed by its values.
    Add,
    /// Together they become one column with a JSON object.
    Json,
    /// They are left out and told of.
    Drop,
    /// The stream fails.
    Fail,
}

/// What becomes of what the tables of a stream cannot take as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SchemaPolicy {
    /// Columns are added, also for values of other types.
    #[default]
    Evolve,
    /// The tables stay as they are.
    Freeze,
    /// Values that do not fit are left out.
    DiscardValue,
    /// Records with such values are set aside.
    DiscardRow,
    /// The stream fails.
    Fail,
}

/// What is done about a value that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// It gets a column of its own, if nobody declared the one that it has.
    AddColumn,
    /// It is left out.
    LeaveOut,
    /// Its record is set aside.
    SetAside,
    /// The stream fails.
    Fail,
}

impl SchemaPolicy {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            SchemaPolicy::Evolve => "evolve",
            SchemaPolicy::Freeze => "freeze",
            SchemaPolicy::DiscardValue => "discard_value",
            SchemaPolicy::DiscardRow => "discard_row",
            SchemaPolicy::Fail => "fail",
        }
    }

    /// For a value that needs a new column.
    pub fn on_new_column(self) -> Remedy {
        match self {
            SchemaPolicy::Evolve => Remedy::AddColumn,
            SchemaPolicy::Freeze | SchemaPolicy::DiscardValue => Remedy::LeaveOut,
            SchemaPolicy::DiscardRow => Remedy::SetAside,
            SchemaPolicy::Fail => Remedy::Fail,
        }
    }

    /// For a value that its column cannot hold.
    pub fn on_misfit(self) -> Remedy {
        match self {
            SchemaPolicy::Evolve => Remedy::AddColumn,
            SchemaPolicy::DiscardValue => Remedy::LeaveOut,
            SchemaPolicy::Freeze | SchemaPolicy::DiscardRow => Remedy::SetAside,
            SchemaPolicy::Fail => Remedy::Fail,
        }
    }

    /// Whether fields that the spec newly lists get no columns.
    pub fn keeps_tables(self) -> bool {
        matches!(self, SchemaPolicy::Freeze | SchemaPolicy::Fail)
    }
}

/// A column.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name of the column.
    pub name: String,
    /// Label on the page; the name if the spec gives none.
    pub title: String,
    /// What it says.
    pub description: Option<String>,
    /// Type.
    pub kind: FieldType,
    /// Where the value stands in the record; `None`: under the field's own name.
    pub from: Option<Path>,
    /// What part of the value is taken.
    pub take: Option<Take>,
    /// Whether a record without a value is set aside.
    pub required: bool,
    /// Whether the value comes from `add`.
    pub added: bool,
    /// The stream whose primary key this field holds.
    pub references: Option<String>,
    /// The values that occur, if they are few.
    pub values: Vec<String>,
    /// A value as it might be.
    pub example: Option<String>,
    /// Whether it tells of a person.
    pub personal: bool,
    /// The hook that gives it.
    pub hook: Option<String>,
    /// How a timestamp or date is written in the record.
    pub format: TimeFormat,
}

/// Type of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Text.
    String,
    /// 64-bit integer; anything that does not fit is set aside, never rounded.
    Integer,
    /// Double.
    Number,
    /// Exact decimal, kept as text where the destination has no decimals.
    Decimal,
    /// Boolean.
    Boolean,
    /// Instant; stored in UTC.
    Timestamp,
    /// Day.
    Date,
    /// Time of day.
    Time,
    /// Whatever stands there, as JSON text.
    Json,
    /// A list or an object that is known, kept as JSON text.
    AsJson(Box<FieldType>),
    /// A list: a child table.
    List(Box<FieldType>),
    /// An object, flattened into prefixed columns. `None`: its keys are the site's own and become
    /// columns as they are seen.
    Object(Option<Vec<Member>>),
    /// A list of names with values: the names become columns as they are seen.
    Pairs(Pairs),
}

/// Where the elements of a list have a name and a value: the members that lead there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairs {
    /// To the name.
    pub key: Vec<String>,
    /// To the value.
    pub value: Vec<String>,
}

impl Default for Pairs {
    fn default() -> Pairs {
        Pairs { key: vec!["name".to_owned()], value: vec!["value".to_owned()] }
    }
}

/// A member of an object type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Key in the object.
    pub name: String,
    /// Type.
    pub kind: FieldType,
    /// What it says.
    pub description: Option<String>,
    /// Whether it tells of a person.
    pub personal: bool,
}

/// What becomes of a list or an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The elements of a list become rows of a table of their own, the members of an object columns.
    Table,
    /// It is kept whole, as JSON text.
    Json,
}

/// What part of a value is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// What stands after the last `/`, as in `/api/v2/customers/17`; null stays null.
    LastSegment,
}

impl FieldType {
    /// The type of single values that a word of the spec names.
    pub fn named(word: &str) -> Option<FieldType> {
        Some(match word {
            "string" => FieldType::String,
            "integer" => FieldType::Integer,
            "number" => FieldType::Number,
            "decimal" => FieldType::Decimal,
            "boolean" => FieldType::Boolean,
            "timestamp" => FieldType::Timestamp,
            "date" => FieldType::Date,
            "time" => FieldType::Time,
            "json" => FieldType::Json,
            _ => return None,
        })
    }

    /// Whether it becomes child tables or prefixed columns.
    pub fn is_nested(&self) -> bool {
        matches!(self, FieldType::List(_) | FieldType::Object(_) | FieldType::Pairs(_))
    }
}

impl std::fmt::Display for FieldType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            FieldType::String => "string",
            FieldType::Integer => "integer",
            FieldType::Number => "number",
            FieldType::Decimal => "decimal",
            FieldType::Boolean => "boolean",
            FieldType::Timestamp => "timestamp",
            FieldType::Date => "date",
            FieldType::Time => "time",
            FieldType::Json | FieldType::AsJson(_) => "json",
            FieldType::Object(_) => "object",
            FieldType::Pairs(_) => "pairs",
            FieldType::List(inner) => return write!(f, "list of {inner}"),
        })
    }
}
