//! The job of changing records.

use crate::{Json, Output};

/// A hook that changes records: members added, changed and taken away; records left out, split, or sent to another
/// stream.
pub trait ChangeRecords: Sized {
    /// What it does, in one sentence for the documentation page.
    const SUMMARY: &str;
    /// JSON Schema of its options; titles and descriptions are shown to readers.
    const OPTIONS: &str = r#"{"type": "object", "additionalProperties": false}"#;

    /// Takes the options of the spec, which keep to the schema.
    ///
    /// # Errors
    /// What is wrong with them, for the author of the spec.
    fn configure(options: Json<'_>) -> Result<Self, String>;

    /// Told of the stream before its first record: tells which members it reads and which columns it gives. Called
    /// without records of other streams first, for the tables and the page.
    ///
    /// # Errors
    /// Why it can do nothing with this stream, for the author of the spec.
    fn fields(&mut self, stream: &Stream, given: &Given) -> Result<Effect, String>;

    /// Changes one record: it has the members that [`Effect::reads`] names, and the lines that are put out take their
    /// place. No line leaves the record out.
    ///
    /// # Errors
    /// Why it can make nothing of this record. It is set aside, or the stream fails, as the spec says.
    fn change(&mut self, record: Json<'_>, output: &mut Output) -> Result<(), String>;
}

/// A stream whose records come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// Its name in the spec.
    pub name: String,
    /// The fields that the spec declares for it.
    pub fields: Vec<Field>,
    /// Names of the fields that make its key.
    pub primary_key: Vec<String>,
    /// Names of the streams that records may be sent to.
    pub routes: Vec<String>,
}

/// A field of a stream, and so a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name of the member of the record, and of the column.
    pub name: String,
    /// What its values are.
    pub kind: Type,
    /// Whether it is a list of them.
    pub list: bool,
    /// For the documentation page.
    pub description: Option<String>,
}

/// Types in the words of the spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// A whole number of 64 bits.
    Integer,
    /// A double.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A decimal number that must stay exact.
    Decimal,
    /// A moment.
    Timestamp,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// Any JSON, kept as text.
    Json,
}

impl Type {
    /// The word of the spec.
    pub fn word(self) -> &'static str {
        match self {
            Type::String => "string",
            Type::Integer => "integer",
            Type::Number => "number",
            Type::Boolean => "boolean",
            Type::Decimal => "decimal",
            Type::Timestamp => "timestamp",
            Type::Date => "date",
            Type::Time => "time",
            Type::Json => "json",
        }
    }

    /// The type that a word of the spec names; what a hook does not know is JSON.
    fn of(word: &str) -> Type {
        let all = [
            Type::String,
            Type::Integer,
            Type::Number,
            Type::Boolean,
            Type::Decimal,
            Type::Timestamp,
            Type::Date,
            Type::Time,
        ];
        all.into_iter().find(|kind| kind.word() == word).unwrap_or(Type::Json)
    }
}

impl Field {
    /// A field of single values.
    pub fn new(name: impl Into<String>, kind: Type) -> Self {
        Field { name: name.into(), kind, list: false, description: None }
    }

    /// A field whose values are lists.
    pub fn list(name: impl Into<String>, kind: Type) -> Self {
        Field { list: true, ..Field::new(name, kind) }
    }

    /// With what the documentation page says of it.
    #[must_use]
    pub fn described(self, description: impl Into<String>) -> Self {
        Field { description: Some(description.into()), ..self }
    }

    /// The type as the spec writes it: `string`, or `[string]`.
    pub fn word(&self) -> String {
        if self.list { format!("[{}]", self.kind.word()) } else { self.kind.word().to_owned() }
    }

    #[doc(hidden)]
    pub fn spoken(name: String, word: &str, description: Option<String>) -> Self {
        let inner = word.strip_prefix('[').and_then(|word| word.strip_suffix(']'));
        Field { name, kind: Type::of(inner.unwrap_or(word)), list: inner.is_some(), description }
    }
}

/// Records of other streams that the spec gives to the hook.
#[derive(Clone, Debug, Default)]
pub struct Given(Vec<(String, Option<String>)>);

impl Given {
    /// With the records of one more, as JSON Lines; none where they are not known yet.
    #[must_use]
    pub fn and(mut self, name: impl Into<String>, records: Option<String>) -> Self {
        self.0.push((name.into(), records));
        self
    }

    /// Whether the spec gives records under that name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }

    /// The records under that name; none where the spec gives none, or where nothing was asked of the API yet.
    pub fn records(&self, name: &str) -> Option<impl Iterator<Item = Json<'_>>> {
        let (_, records) = self.0.iter().find(|(own, _)| own == name)?;
        Some(records.as_ref()?.lines().map(Json::new))
    }
}

/// What will become of the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Names of the members that the hook reads; none: it reads whole records.
    pub reads: Option<Vec<String>>,
    /// The columns that it gives, in order.
    pub fields: Vec<Field>,
    /// Columns that only the records will tell, in a reader's words.
    pub others: Option<String>,
    /// What the person who runs the sync should know.
    pub notes: Vec<String>,
}

impl Effect {
    /// Of a hook that reads whole records and gives whole records.
    pub fn on_whole_records() -> Self {
        Effect::default()
    }

    /// Of a hook that reads some members, in whose place stands what it gives.
    pub fn on<const N: usize>(members: [&str; N]) -> Self {
        Effect { reads: Some(members.map(str::to_owned).into()), ..Effect::default() }
    }
}
