//! Raw records -> typed rows, child rows and rejected records, in one pass and without a tree.
//!
//! The fields of a stream are compiled to a trie of JSON keys; a record's text is walked once, each
//! value goes straight into its cell and texts are borrowed from the record. What no field lists is
//! passed over and told of; a record that does not fit its types is rejected with the reason, never
//! rounded or guessed.

mod batch;
mod bounds;
mod changed;
mod compile;
mod convert;
mod emptied;
mod exact;
mod identity;
mod mark;
pub(crate) mod observe;
mod open;
mod pairs;
mod pick;
mod plan;
mod policy;
mod read;
mod run;
mod table;

use std::borrow::Cow;

use serde_json::Value;
use tapwright_spec::model::{Field, Stream, Unlisted};

pub(crate) use batch::precedes;
pub use batch::{Batch, Cell, Keys, Rejected, Row, Rows, Run};
pub use bounds::{Bounds, Refuses};
pub use changed::{Changed, Kept};
pub(crate) use mark::is_marked;
pub use pick::Picker;
pub use table::{Column, ColumnType, DELETED, MAX_COLUMNS, NameFault, RESERVED, Table, Tables};

use crate::reshape::text_at;
use compile::{Compiled, Source};
use policy::Only;
use read::{Reading, Refusal};

/// Reads the records of one stream.
#[derive(Debug)]
pub struct Normaliser {
    tables: Tables,
    plan: plan::Plan,
    bytes: Vec<u8>,
    widths: Vec<usize>,
    keys: Option<Box<KeyReader>>,
    stopped: Option<String>,
}

/// Reads the primary key of records that are rejected for something else.
#[derive(Debug)]
struct KeyReader {
    normaliser: Normaliser,
    /// By place among the key's fields: the place among the stream's.
    fields: Vec<usize>,
}

/// A field that `add` computed for a record.
pub type Added = (usize, Value);

impl Normaliser {
    /// Compiles the fields of `stream`.
    ///
    /// # Errors
    /// A [`NameFault`] for names that collide, are reserved or leave nothing, and for keys that are no
    /// single column.
    pub fn new(stream: &Stream) -> Result<Normaliser, NameFault> {
        Normaliser::of(source(stream))
    }

    /// The tables are there since an earlier run, with these columns by place of the table: from now on the stream's
    /// `schema_changes` counts, and may leave fields without a column: see [`Normaliser::lacking`].
    ///
    /// # Errors
    /// As [`Normaliser::new`].
    pub fn settle(&mut self, stream: &Stream, there: &[Vec<(String, ColumnType)>]) -> Result<(), NameFault> {
        if stream.schema_changes.keeps_tables() {
            let required = stream.fields.iter().filter(|field| field.required).map(|field| field.name.as_str());
            let keys = stream.primary_key.iter().map(String::as_str).chain(stream.own_key());
            let columns = keys.chain(required).map(|name| stream.naming().column(name));
            let only = Only::new(&self.tables, there, columns);
            *self = Normaliser::of(Source { only: Some(&only), ..source(stream) })?;
        }
        self.plan.policy.settled = true;
        Ok(())
    }

    fn of(source: Source<'_>) -> Result<Normaliser, NameFault> {
        let Compiled { tables, plan, .. } = compile::compile(source)?;
        Ok(Normaliser {
            tables,
            plan,
            bytes: Vec::new(),
            widths: Vec::new(),
            keys: KeyReader::of(source)?.map(Box::new),
            stopped: None,
        })
    }

    /// The tables that the stream fills, with the columns known so far.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// What brings columns that nobody declared, open objects and the members that no field reads: place of the
    /// table, and the prefix of the columns.
    pub fn open_objects(&self) -> impl Iterator<Item = (usize, &str)> {
        self.plan.nodes.iter().filter_map(|node| match &node.unknown {
            plan::Unknown::Infer { table, prefix } => Some((*table, prefix.as_str())),
            _ => None,
        })
    }

    /// Takes over the columns that a destination has from earlier runs, by place of the table, so that
    /// keys of open objects keep their types.
    pub fn adopt(&mut self, existing: &[Vec<(String, ColumnType)>]) {
        for (table, columns) in existing.iter().enumerate() {
            for (name, kind) in columns {
                self.plan.existing.insert((table, name.to_ascii_lowercase()), *kind);
            }
        }
    }

    /// Sets aside what the destination cannot hold; of columns that nobody declared it is kept as text.
    pub fn keep_within(&mut self, bounds: Bounds) {
        self.plan.bounds = bounds;
    }

    /// An empty batch with room for so many records.
    pub(crate) fn batch<'a>(&self, records: usize) -> Batch<'a> {
        Batch::for_records(records, &self.tables)
    }

    /// A page begins. Where one call of [`Normaliser::read`] follows the other without it, each column has the type of
    /// its first value.
    pub fn begin_page(&mut self) {
        self.plan.begin_page(&self.tables);
    }

    /// Whether values of the page show that a column which it made should be of a wider type. Then the page's columns
    /// are forgotten, and the page is to be read again, into a new batch.
    #[must_use]
    pub fn widened(&mut self) -> bool {
        self.plan.widened(&mut self.tables)
    }

    /// What there is to tell of columns that nobody declared: whose values did not all fit, and where they are.
    pub fn split_columns(&self) -> Vec<String> {
        self.plan.split_columns(&self.tables)
    }

    /// The column of a table beside which this one stands, for values that it does not take.
    pub fn beside(&self, table: usize, column: &str) -> Option<&str> {
        self.plan.beside(&self.tables, table, column)
    }

    /// Keys at the top of records that no field lists and no column takes, in the order in which they were seen.
    pub fn unlisted(&self) -> &[String] {
        &self.plan.unlisted
    }

    /// Fields for which the tables have no column, and get none.
    pub fn lacking(&self) -> &[String] {
        &self.plan.lacking
    }

    /// Why the stream cannot go on, where the spec says `schema_changes: fail`.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// Reads one record: a row with its child rows, or a rejected record, at the end of `batch`.
    /// `added` holds what `add` gives, by the place of its field in the stream.
    pub fn read<'a>(&mut self, record: &'a str, added: &[Added], batch: &mut Batch<'a>) {
        batch.start_record(&self.tables);
        self.widths.clear();
        self.widths.extend(self.tables.all.iter().map(|table| table.columns.len()));
        let read = self.attempt(record, added, batch);
        let read = read.and_then(|()| match self.plan.bounds.refusal(batch, &self.tables) {
            Some(reason) => Err(Refusal::Reason(reason)),
            None => Ok(()),
        });
        let reason = match read {
            Ok(()) => return batch.end_record(&self.tables, &mut self.bytes),
            Err(Refusal::Reason(reason)) => reason,
            Err(Refusal::NoJson) => no_record(record),
            Err(Refusal::Stop(reason)) => {
                self.plan.forget(&mut self.tables, &self.widths);
                self.stopped.get_or_insert(reason);
                return batch.cut();
            }
        };
        self.plan.forget(&mut self.tables, &self.widths);
        let key = self.keys.as_mut().and_then(|keys| keys.read(record, added));
        batch.reject(Rejected { reason, record, key });
    }

    /// Reads a record of which no more counts than its key and the mark of its deletion.
    pub(crate) fn read_gone<'a>(&mut self, record: &'a str, added: &[Added], batch: &mut Batch<'a>) {
        let usual = self.plan.mark.as_mut().map(|mark| std::mem::replace(&mut mark.tombstone, true));
        self.read(record, added, batch);
        if let (Some(mark), Some(usual)) = (&mut self.plan.mark, usual) {
            mark.tombstone = usual;
        }
    }

    /// Sets a record aside that cannot be read at all, at the end of `batch`.
    pub(crate) fn refuse<'a>(&mut self, reason: String, record: &'a str, batch: &mut Batch<'a>) {
        let key = self.keys.as_mut().and_then(|keys| keys.read(record, &[]));
        batch.refuse(Rejected { reason, record, key });
    }

    fn attempt<'a>(&mut self, record: &'a str, added: &[Added], batch: &mut Batch<'a>) -> Result<(), Refusal> {
        let mut reading = Reading::new(&mut self.plan, &mut self.tables, batch);
        reading.record(record)?;
        elsewhere(&mut reading, record)?;
        for (field, value) in added {
            let leaf = reading.plan.added.get(*field).copied().flatten();
            add(&mut reading, leaf, value).or_else(|reason| reading.misfits(leaf, reason))?;
        }
        let own = &batch.tables[0];
        let missing = |columns: &[usize]| {
            let column = columns.iter().find(|column| own.cells[own.open + **column].is_empty())?;
            Some(&self.tables.all[0].columns[*column].name)
        };
        let tombstone = self.plan.mark.as_ref().filter(|mark| mark.tombstone);
        let tombstone = tombstone.is_some_and(|mark| !own.cells[own.open + mark.column].is_empty());
        match (missing(&self.tables.key), missing(&self.tables.required)) {
            (None, _) if tombstone => batch.entomb(),
            (Some(name), _) => return Err(Refusal::Reason(format!("the primary key `{name}` is missing or null"))),
            (_, Some(name)) => return Err(Refusal::Reason(format!("field `{name}` is required, and missing or null"))),
            (None, None) => {}
        }
        self.tables.identify(&mut batch.tables[0]);
        Ok(())
    }
}

impl KeyReader {
    fn of(source: Source<'_>) -> Result<Option<KeyReader>, NameFault> {
        let in_key = |field: &Field| source.primary_key.contains(&field.name);
        let (fields, places): (Vec<Field>, Vec<usize>) = source
            .fields
            .iter()
            .zip(0..)
            .filter(|(field, _)| in_key(field))
            .map(|(field, place)| (field.clone(), place))
            .unzip();
        let reads_no_more = fields.len() == source.fields.len() && source.unlisted != Unlisted::Add;
        if fields.is_empty() || reads_no_more {
            return Ok(None);
        }
        let source = Source { primary_key: source.primary_key, ..Source::of_fields(source.name, &fields) };
        Ok(Some(KeyReader { normaliser: Normaliser::of(source)?, fields: places }))
    }

    fn read<'a>(&mut self, record: &'a str, added: &[Added]) -> Option<Vec<Cell<'a>>> {
        let place = |field: &usize| self.fields.iter().position(|one| one == field);
        let added: Vec<Added> =
            added.iter().filter_map(|(field, value)| Some((place(field)?, value.clone()))).collect();
        let mut batch = Batch::new();
        self.normaliser.read(record, &added, &mut batch);
        let row = batch.tables.first()?.rows.first()?;
        let cells = batch.tables[0].cells(*row);
        Some(self.normaliser.tables.key.iter().map(|column| cells[*column].clone()).collect())
    }
}

fn source(stream: &Stream) -> Source<'_> {
    Source {
        name: &stream.name,
        fields: &stream.fields,
        primary_key: &stream.primary_key,
        replication_key: stream.own_key(),
        unlisted: stream.unlisted,
        deleted: stream.deleted.as_ref(),
        append_only: stream.is_append_only(),
        policy: stream.schema_changes,
        naming: stream.naming(),
        only: None,
    }
}

/// What is wrong with a record that is none.
fn no_record(record: &str) -> String {
    if !record.trim_start().starts_with('{') {
        return "the record is no object".to_owned();
    }
    let read: Result<Value, serde_json::Error> = serde_json::from_str(record);
    match read {
        Err(error) => format!("the record is no JSON: {error}"),
        Ok(_) => "the record is no JSON".to_owned(),
    }
}

/// Fields whose paths are more than names: they are located in a tree and read from the text there.
fn elsewhere<'a>(reading: &mut Reading<'_, 'a>, record: &'a str) -> Result<(), Refusal> {
    if reading.plan.elsewhere.is_empty() {
        return Ok(());
    }
    let tree: Value = serde_json::from_str(record)?;
    for at in 0..reading.plan.elsewhere.len() {
        let one = &reading.plan.elsewhere[at];
        let action = one.action;
        let places = one.path.locate(&tree);
        if places.len() > 1 {
            let path = one.path.source();
            let told = format!("field `{}`: {path} leads to {} places", one.name, places.len());
            return Err(Refusal::Reason(told));
        }
        if let Some(text) = places.first().and_then(|steps| text_at(record, steps)) {
            reading.text(action, text)?;
        }
    }
    Ok(())
}

fn add(reading: &mut Reading<'_, '_>, leaf: Option<usize>, value: &Value) -> Result<(), String> {
    let Some(leaf) = leaf else { return Ok(()) };
    let leaf = &reading.plan.leaves[leaf];
    let cell = match value {
        Value::Null => Cell::Null,
        _ if leaf.kind == ColumnType::Json => Cell::Text(Cow::Owned(tapwright_spec::exact::write(value))),
        _ if let Some(number) = tapwright_spec::exact::number(value) => convert::owned(leaf.number(number)?),
        Value::Bool(value) => leaf.boolean(*value)?,
        Value::Number(number) => convert::owned(leaf.number(&number.to_string())?),
        Value::String(text) => convert::owned(leaf.text(Cow::Borrowed(text))?),
        Value::Array(_) => return Err(leaf.refusal("a list")),
        Value::Object(_) => return Err(leaf.refusal("an object")),
    };
    let (table, column) = (leaf.table, leaf.column);
    reading.put(table, column, cell);
    Ok(())
}
