//! Records made of a spec's fields: keys that are unique, references that lead somewhere, replication keys that
//! ascend, and children of every parent.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tapwright_spec::Connector;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Field, FieldType, ForEach, Of, Replication, Stream};
use tapwright_spec::path::Segment;
use tapwright_spec::settings::Settings;
use tapwright_spec::time::TimeFormat;
use tapwright_sync::extract::Source;
use tapwright_sync::plan::{Occasions, Values};

use crate::arrange::{arrange, choices, literals, read_below};
use crate::document::{at, put, shown};
use crate::served::{Made, Served, Slice, numbered};
use crate::shape;
use crate::value::{Spot, key, value};

/// Records for each parent and each value.
const CHILDREN: usize = 3;
/// Records of one stream at most: children of children grow fast.
const MOST: usize = 2_000;

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    /// Records of each stream that is fetched once.
    pub records: usize,
    /// Decides on all values that are made up.
    pub seed: u64,
}

/// Makes the records of all streams.
pub(crate) struct Making<'m> {
    pub(crate) connector: &'m Connector,
    pub(crate) settings: &'m Settings,
    /// Has the hooks that cut slices.
    pub(crate) source: &'m Source,
    pub(crate) amount: Amount,
    pub(crate) now: Timestamp,
}

/// A stream in the making.
struct Table<'t> {
    stream: &'t Stream,
    slices: &'t [Slice],
    parents: &'t [Option<Served>],
    count: usize,
}

impl Table<'_> {
    /// The slice of a record.
    fn slice(&self, record: usize) -> usize {
        record * self.slices.len() / self.count.max(1)
    }

    fn parent(&self, slice: usize) -> Option<(&Stream, &Made)> {
        let (list, record) = self.slices[slice].parent?;
        let served = self.parents[list].as_ref()?;
        Some((&served.stream, &served.made[record]))
    }
}

impl Making<'_> {
    /// Every stream with its records, in the order of the connector.
    ///
    /// # Errors
    /// Records that the spec would not take.
    pub(crate) fn served(&self) -> Result<Vec<Served>, String> {
        let streams = &self.connector.streams;
        let mut served: Vec<Option<Served>> = streams.iter().map(|_| None).collect();
        // A parent stands before its children in no particular place: as many rounds as there are generations.
        for _ in 0..streams.len() {
            for (at, stream) in streams.iter().enumerate().filter(|(at, _)| served[*at].is_none()).collect::<Vec<_>>() {
                if let Some(slices) = self.slices(stream, &served)? {
                    served[at] = Some(self.list(stream, slices, &served)?);
                }
            }
        }
        Ok(served.into_iter().flatten().collect())
    }

    /// For what a stream is asked; `None` as long as a parent has no records yet.
    fn slices(&self, stream: &Stream, served: &[Option<Served>]) -> Result<Option<Vec<Slice>>, String> {
        if stream.routed_from.is_some() {
            // Hooks make its records of those of another stream.
            return Ok(Some(Vec::new()));
        }
        let Some(each) = &stream.for_each else { return Ok(Some(vec![Slice { names: None, parent: None }])) };
        if !stream.parents().is_empty() {
            return self.of_parents(stream, each, served);
        }
        let cut = self.source.cut(stream, &BTreeMap::new())?;
        let made = Values { config: &self.settings.values, now: self.now, cut: &cut };
        let alone = Occasions::of(stream, each, made).alone().into_iter();
        Ok(Some(alone.map(|one| Slice { names: Some(one.names), parent: None }).collect()))
    }

    /// The slices of a stream that is asked for records of others.
    fn of_parents(
        &self,
        stream: &Stream,
        each: &ForEach,
        served: &[Option<Served>],
    ) -> Result<Option<Vec<Slice>>, String> {
        let mut occasions = Occasions::of(stream, &one_by_one(each), Values::of(&self.settings.values, self.now));
        let mut slices = Vec::new();
        for name in stream.parents() {
            let list = self.connector.streams.iter().position(|known| known.name == *name);
            let Some((list, parents)) = list.and_then(|list| Some((list, served[list].as_ref()?))) else {
                return Ok(None);
            };
            for (record, made) in parents.made.iter().enumerate() {
                let made = occasions.parent(&parents.stream, made.fields.clone());
                let made =
                    made.map_err(|why| format!("stream `{}`: of made-up records of `{name}`: {why}", stream.name))?;
                slices
                    .extend(made.into_iter().map(|one| Slice { names: Some(one.names), parent: Some((list, record)) }));
            }
        }
        Ok(Some(slices))
    }

    fn list(&self, stream: &Stream, slices: Vec<Slice>, parents: &[Option<Served>]) -> Result<Served, String> {
        let count = count(stream, &slices, self.amount.records);
        let table = Table { stream, slices: &slices, parents, count };
        let made = (0..if slices.is_empty() { 0 } else { count }).map(|record| self.made(&table, record));
        let made = made.collect::<Result<_, _>>()?;
        Ok(Served { stream: stream.clone(), slices, made })
    }

    fn made(&self, table: &Table<'_>, record: usize) -> Result<Made, String> {
        let Table { stream, slices, .. } = table;
        let slice = table.slice(record);
        let spot = Spot { seed: self.amount.seed, stream: &stream.name, record, now: self.now };
        let mut raw = json!({});
        let mut fields = Map::new();
        for field in stream.fields.iter().filter(|field| !field.added && field.hook.is_none()) {
            let made = self.field(table, field, &spot);
            let Some(path) = place(field) else { continue };
            let written = match (&field.take, &made) {
                (Some(_), Value::String(text)) => json!(format!("/mock/{text}")),
                (Some(_), other) => json!(format!("/mock/{other}")),
                (None, other) => other.clone(),
            };
            put(&mut raw, &path, written);
            fields.insert(field.name.clone(), made);
        }
        self.unlisted(stream, &spot, &mut raw, &mut fields);
        let batched = stream.for_each.as_ref().and_then(ForEach::parents).is_some_and(|one| one.batch.is_some());
        let names = slices[slice].names.as_deref().filter(|_| !batched);
        let scope = self.scope(stream, names);
        add(stream, &spot, (&mut raw, &mut fields), &scope)?;
        let raw = shape::before_changes(stream, raw);
        let raw = shape::before_split(stream, kept(stream, raw, names, &scope));
        Ok(Made { raw: numbered(stream, raw, record), fields, slice })
    }

    /// What expressions of a stream read, beside a record.
    fn scope(&self, stream: &Stream, names: Option<&Map<String, Value>>) -> Scope {
        let scope = Scope::new().with("config", &self.settings.values).with("now", &self.now);
        let scope = match &stream.object {
            Some(object) => scope.with("object", object.as_ref()),
            None => scope,
        };
        names
            .into_iter()
            .flatten()
            .fold(scope, |scope, (name, value)| scope.with(Arc::<str>::from(name.as_str()), value))
    }

    /// Members that no field lists, where something reads them, or where there is no field at all.
    fn unlisted(&self, stream: &Stream, spot: &Spot<'_>, raw: &mut Value, fields: &mut Map<String, Value>) {
        let children = self.connector.children_of(&stream.name).filter_map(|child| child.for_each.as_ref()?.parents());
        let read = children.flat_map(|parents| parents.reads.iter().map(String::as_str));
        let mut names: Vec<&str> = stream.primary_key.iter().map(String::as_str).chain(read).collect();
        if stream.fields.iter().all(|field| field.added) {
            names.extend(["id", "name"]);
        }
        for name in names.into_iter().filter(|name| stream.field(name).is_none()) {
            let made = if name == "id" { json!(spot.record + 1) } else { json!(format!("{name}-{}", spot.record + 1)) };
            put(raw, &[Segment::Key(name.to_owned())], made.clone());
            fields.insert(name.to_owned(), made);
        }
    }

    fn field(&self, table: &Table<'_>, field: &Field, spot: &Spot<'_>) -> Value {
        let stream = table.stream;
        let replication = match &stream.replication {
            Replication::Incremental(incremental) => incremental.key(),
            Replication::FullTable | Replication::Feed(_) => None,
        };
        let referenced = field.references.as_deref().and_then(|name| self.connector.stream(name));
        if let (Some((parent, made)), Some(other)) = (table.parent(table.slice(spot.record)), referenced)
            && parent.name == other.name
            && let Some(key) = other.primary_key.first()
        {
            return made.fields.get(key).cloned().unwrap_or_default();
        }
        if let Some(named) = referenced.and_then(|other| other.field(other.primary_key.first()?))
            && let Some(other) = referenced
        {
            // As a part of the primary key it differs from that of the record before.
            let is_key = stream.primary_key.contains(&field.name);
            let number = if is_key { spot.record } else { spot.roll(&field.name) as usize };
            let there = Spot { stream: &other.name, record: number % self.amount.records.max(1), ..*spot };
            return key(&named.kind, &named.format, &there, self.amount.records);
        }
        if stream.primary_key.contains(&field.name) || replication == Some(field.name.as_str()) {
            return key(&field.kind, &field.format, spot, table.count);
        }
        value(field, spot)
    }
}

/// How many records a stream has.
fn count(stream: &Stream, slices: &[Slice], records: usize) -> usize {
    let is_document = stream.records.format.is_document();
    let single = is_document
        && stream.records.key.is_none()
        && stream.records.path.plain().is_some_and(|path| path.last() != Some(&Segment::Each));
    match (&stream.for_each, single) {
        (None, true) => 1,
        (None, false) => records,
        (Some(_), true) => slices.len(),
        (Some(_), false) => (slices.len() * CHILDREN).min(MOST.max(slices.len())),
    }
}

/// The same, with one parent in each batch.
fn one_by_one(each: &ForEach) -> ForEach {
    let mut each = each.clone();
    for part in &mut each.parts {
        if let Of::Parents(parents) = &mut part.of {
            parents.batch = parents.batch.map(|_| 1);
        }
    }
    each
}

/// Where a field stands in a record; nowhere if its path is more than names and indices.
fn place(field: &Field) -> Option<Vec<Segment>> {
    match &field.from {
        Some(path) => path.plain().map(<[Segment]>::to_vec),
        None => Some(vec![Segment::Key(field.name.clone())]),
    }
}

/// What the spec computes from a record; what it reads there and no field declares is made up first.
fn add(
    stream: &Stream,
    spot: &Spot<'_>,
    (raw, fields): (&mut Value, &mut Map<String, Value>),
    scope: &Scope,
) -> Result<(), String> {
    for (name, template) in &stream.add {
        let read = read_below(template.names(), "record");
        for path in &read {
            if at(raw, path).is_none() {
                let is_path = template.source().contains("last_segment");
                let made = json!(spot.record + 1);
                put(raw, path, if is_path { json!(format!("/mock/{made}")) } else { made });
            }
        }
        let kind = stream.field(name).map(|field| &field.kind);
        let compute = |raw: &Value| template.value(&scope.clone().with("record", raw));
        let free: Vec<_> = read.into_iter().filter(|place| is_free(stream, place)).collect();
        let choices = choices([template.source()], &written(template.source(), spot));
        arrange(raw, &free, &choices, |raw| compute(raw).is_ok_and(|value| fits(kind, &value)));
        let computed = compute(raw).map_err(|fault| {
            format!(
                "stream `{}`: add.{name} cannot be computed of made-up records: {fault}; give the fields that it reads an \
                 `example`, or mock a recording",
                stream.name
            )
        })?;
        fields.insert(name.clone(), computed);
    }
    Ok(())
}

/// Whether a place may hold whatever an expression wants: no field reads it, or one that may be any text.
fn is_free(stream: &Stream, place: &[Segment]) -> bool {
    let is_text = |field: &Field| {
        field.kind == FieldType::String && !stream.primary_key.contains(&field.name) && field.values.is_empty()
    };
    let mut reading = stream.fields.iter().filter(|field| !field.added && self::place(field).as_deref() == Some(place));
    reading.all(is_text)
}

/// Values as expressions take them apart: numbers, moments, addresses, encoded texts.
fn written(source: &str, spot: &Spot<'_>) -> Vec<Value> {
    let number = spot.record + 1;
    let formats = source.split(['\'', '"']).filter(|text| text.contains('%'));
    let moments =
        formats.filter_map(|format| TimeFormat::parse(format).ok()).map(|format| json!(format.write(spot.now)));
    // What is asked for by its name is there: in a query, and in a list of objects.
    let names: Vec<String> = literals(source).iter().map(shown).collect();
    let query: Vec<String> = names.iter().map(|name| format!("&{name}={number}")).collect();
    let members: Map<String, Value> = names.into_iter().map(|name| (name, json!(number))).collect();
    let usual = [
        json!(number),
        json!(number.to_string()),
        json!("2026-01-31T00:00:00Z"),
        json!(format!("https://mock.example/{number}?mock=1{}", query.concat())),
        json!([members]),
        json!("{\"mock\": true}"),
        json!("bW9jaw=="),
    ];
    moments.chain(usual).collect()
}

/// Whether a computed value may be one of a field of this type.
fn fits(kind: Option<&FieldType>, value: &Value) -> bool {
    match kind {
        Some(FieldType::Integer) => value.is_i64() || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
        Some(FieldType::Timestamp) => value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok()),
        _ => true,
    }
}

/// A record with values for which `keep_if` holds, if there are such.
fn kept(stream: &Stream, mut raw: Value, names: Option<&Map<String, Value>>, scope: &Scope) -> Value {
    let Some(condition) = &stream.keep_if else { return raw };
    let values: Vec<Value> =
        names.into_iter().flat_map(Map::values).filter(|value| value.is_string()).cloned().collect();
    let places = read_below(condition.names(), "record");
    arrange(&mut raw, &places, &choices([condition.source()], &values), |raw| {
        condition.holds(&scope.clone().with("record", raw)) == Ok(true)
    });
    raw
}
