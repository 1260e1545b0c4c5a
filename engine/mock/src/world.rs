//! Records made of a spec's fields: keys that are unique, references that lead somewhere, replication keys that
//! ascend, and children of every parent.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tapwright_spec::Connector;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Field, Replication, Stream};
use tapwright_spec::path::Segment;
use tapwright_spec::settings::Settings;
use tapwright_sync::clock::SystemClock;
use tapwright_sync::extract::Source;
use tapwright_sync::http::{Live, Request};

use crate::gate::Gate;
use crate::page::put;
use crate::route::Routes;
use crate::value::{Spot, key, value};
use crate::{Answer, page};

/// Children of each parent.
const CHILDREN: usize = 3;
/// Records of one stream at most: children of children grow fast.
const MOST: usize = 2_000;

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    /// Records of each stream that has no parent.
    pub records: usize,
    /// Decides on all values that are made up.
    pub seed: u64,
}

/// One record.
pub(crate) struct Made {
    /// As the API gives it.
    pub(crate) raw: Value,
    /// The values of its fields, with those that the spec computes.
    pub(crate) fields: Map<String, Value>,
    /// Number of its parent's record.
    pub(crate) parent: Option<usize>,
}

/// A connector with its records.
pub struct World {
    pub(crate) connector: Connector,
    pub(crate) tables: Vec<Vec<Made>>,
    routes: Routes,
    gate: Gate,
}

impl World {
    /// Makes the records of `connector`, for requests with the configuration `settings`.
    ///
    /// # Errors
    /// A stream whose answers cannot be made up, or credentials that cannot be computed.
    pub fn new(connector: Connector, settings: &Settings, amount: Amount) -> Result<World, String> {
        if let Some(family) = connector.dynamic.first() {
            let names = "it needs the names of streams that only the API can tell";
            return Err(format!(
                "`{}`: {names}, which no made-up answer has; mock a recording in its place",
                family.name
            ));
        }
        for stream in &connector.streams {
            page::makeable(stream)?;
        }
        let transport = std::sync::Arc::new(Live::new()?);
        let clock = std::sync::Arc::new(SystemClock);
        let source = Source::new(&connector, settings, transport, clock).map_err(|error| error.to_string())?;
        let tables = Making { connector: &connector, settings, amount, now: Timestamp::now() }.tables()?;
        let routes = Routes::new(&connector, &source, &tables)?;
        let gate = Gate::new(&connector, settings, source);
        Ok(World { connector, tables, routes, gate })
    }

    /// The path of the first request of each stream, for whoever looks around.
    pub fn paths(&self) -> Vec<String> {
        self.routes.paths()
    }

    /// Answers; says whether it is a page.
    pub(crate) fn answer(&self, request: &Request) -> (Answer, bool) {
        if let Some(tokens) = self.gate.tokens(request) {
            return (tokens, false);
        }
        if let Some(why) = self.gate.refuses(request) {
            return (Answer::refusal(401, &why), false);
        }
        match self.routes.find(&self.connector, request) {
            Some(route) => (page::answer(self, &route, request), true),
            None if self.routes.is_check(request) => (Answer::json(200, &json!({"mock": true})), false),
            None => (Answer::refusal(404, &self.routes.unknown(request)), false),
        }
    }
}

struct Making<'m> {
    connector: &'m Connector,
    settings: &'m Settings,
    amount: Amount,
    now: Timestamp,
}

impl Making<'_> {
    /// The records of every stream, in the order of the connector.
    fn tables(&self) -> Result<Vec<Vec<Made>>, String> {
        let mut tables: Vec<Option<Vec<Made>>> = self.connector.streams.iter().map(|_| None).collect();
        // A parent stands before its children in no particular place: as many rounds as there are generations.
        for _ in 0..self.connector.streams.len() {
            for (at, stream) in self.connector.streams.iter().enumerate() {
                let parents = match stream.parents().first() {
                    None => None,
                    Some(parent) => match self.position(parent).and_then(|at| tables[at].as_ref()) {
                        Some(parents) => Some(parents),
                        None => continue,
                    },
                };
                if tables[at].is_none() {
                    tables[at] = Some(self.table(stream, parents.map(Vec::as_slice))?);
                }
            }
        }
        Ok(tables.into_iter().map(Option::unwrap_or_default).collect())
    }

    fn position(&self, stream: &str) -> Option<usize> {
        self.connector.streams.iter().position(|known| known.name == stream)
    }

    /// How many records a stream has.
    fn count(&self, stream: &Stream) -> usize {
        let single = stream.records.path.plain().is_some_and(|path| path.last() != Some(&Segment::Each))
            && stream.records.key.is_none()
            && !path_is_all(stream);
        match stream.parents().first().and_then(|parent| self.connector.stream(parent)) {
            Some(parent) => (self.count(parent) * if single { 1 } else { CHILDREN }).min(MOST),
            None if single => 1,
            None => self.amount.records,
        }
    }

    fn table(&self, stream: &Stream, parents: Option<&[Made]>) -> Result<Vec<Made>, String> {
        let count = self.count(stream);
        (0..count)
            .map(|record| {
                let each = parents.map(|parents| (record * parents.len() / count.max(1)).min(parents.len() - 1));
                self.made(stream, record, each.zip(parents).map(|(at, parents)| (at, &parents[at])))
            })
            .collect()
    }

    fn made(&self, stream: &Stream, record: usize, parent: Option<(usize, &Made)>) -> Result<Made, String> {
        let spot = Spot { seed: self.amount.seed, stream: &stream.name, record, now: self.now };
        let mut raw = json!({});
        let mut fields = Map::new();
        for field in stream.fields.iter().filter(|field| !field.added) {
            let made = self.field(stream, field, &spot, parent.map(|(_, parent)| parent));
            let path = match &field.from {
                Some(path) => path.plain().map(<[Segment]>::to_vec).unwrap_or_default(),
                None => vec![Segment::Key(field.name.clone())],
            };
            let written = match (&field.take, &made) {
                (Some(_), Value::String(text)) => json!(format!("/mock/{text}")),
                (Some(_), other) => json!(format!("/mock/{other}")),
                (None, other) => other.clone(),
            };
            put(&mut raw, &path, written);
            fields.insert(field.name.clone(), made);
        }
        self.add(stream, &spot, (&mut raw, &mut fields), parent.map(|(_, parent)| parent))?;
        Ok(Made { raw, fields, parent: parent.map(|(at, _)| at) })
    }

    fn field(&self, stream: &Stream, field: &Field, spot: &Spot<'_>, parent: Option<&Made>) -> Value {
        let replication = match &stream.replication {
            Replication::Incremental(incremental) => incremental.key(),
            Replication::FullTable | Replication::Feed(_) => None,
        };
        let parent_name = stream.parents().first().map(String::as_str);
        if let (Some(parent), Some(name), Some(other)) = (parent, parent_name, &field.references)
            && name == other
            && let Some(key) = self.connector.stream(name).and_then(|stream| stream.primary_key.first())
        {
            return parent.fields.get(key).cloned().unwrap_or_default();
        }
        if let Some(other) = field.references.as_deref().and_then(|name| self.connector.stream(name))
            && let Some(named) = other.primary_key.first().and_then(|key| other.field(key))
        {
            // As a part of the primary key it differs from that of the record before.
            let is_key = stream.primary_key.contains(&field.name);
            let number = if is_key { spot.record } else { spot.roll(&field.name) as usize };
            let record = number % self.count(other).max(1);
            let there = Spot { stream: &other.name, record, ..*spot };
            return key(&named.kind, &named.format, &there, self.count(other));
        }
        if stream.primary_key.contains(&field.name) || replication == Some(field.name.as_str()) {
            return key(&field.kind, &field.format, spot, self.count(stream));
        }
        value(field, spot)
    }

    /// What the spec computes from a record; what it reads there and no field declares is made up first.
    fn add(
        &self,
        stream: &Stream,
        spot: &Spot<'_>,
        (raw, fields): (&mut Value, &mut Map<String, Value>),
        parent: Option<&Made>,
    ) -> Result<(), String> {
        for (name, template) in &stream.add {
            for path in read_of_record(template.source()) {
                if page::at(raw, &path).is_none() {
                    let made = match template.source().contains("last_segment") {
                        true => json!(format!("/mock/{}", spot.record + 1)),
                        false => json!(spot.record + 1),
                    };
                    put(raw, &path, made);
                }
            }
            let scope = Scope::new()
                .with("config", &self.settings.values)
                .with("now", &spot.now)
                .with("record", raw)
                .with("parent", &parent.map(|parent| &parent.fields));
            let computed = template.value(&scope).map_err(|fault| {
                format!("stream `{}`: add.{name} cannot be computed of made-up records: {fault}; give the fields that it reads an `example`, or mock a recording", stream.name)
            })?;
            fields.insert(name.clone(), computed);
        }
        Ok(())
    }
}

/// Whether the whole document is the list of records.
fn path_is_all(stream: &Stream) -> bool {
    !stream.records.format.is_document()
}

/// The members of `record` that an expression reads: `record._links.self.href`.
fn read_of_record(source: &str) -> Vec<Vec<Segment>> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    source
        .match_indices("record.")
        .map(|(at, _)| source[at + "record.".len()..].split(|c| !is_name(c)).next().unwrap_or_default())
        .map(|path| path.split('.').map(|name| Segment::Key(name.to_owned())).collect())
        .collect()
}
