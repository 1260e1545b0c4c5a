//! For what a stream is fetched: parents and values become slices, each with the names that expressions read and
//! the identifiers by which the state knows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use tapwright_spec::exact;
use tapwright_spec::expression::{Condition, Scope};
use tapwright_spec::model::{ForEach, Of, Stream};
use xxhash_rust::xxh3::xxh3_128;

use crate::state::KeyValue;

/// The values that a `for_each` gives, by the names under which expressions read them.
pub type Names = Arc<Map<String, Value>>;

/// An identifier that is longer becomes a hash.
const MOST_BYTES: usize = 100;

/// What a slice is fetched for.
#[derive(Debug, Clone, PartialEq)]
pub struct Occasion {
    /// What expressions read.
    pub names: Names,
    /// How the state knows it; each parent of a batch has its own. Empty where the stream keeps no bookmarks of slices.
    pub ids: Vec<String>,
}

/// Makes the slices of one stream, of parents as they come.
#[derive(Debug, Clone)]
pub struct Occasions {
    parts: Vec<Part>,
    batch: Option<usize>,
    keeps_ids: bool,
    several_parents: bool,
    kept: Option<Kept>,
    waiting: Vec<Parent>,
}

/// Which parents count.
#[derive(Debug, Clone)]
struct Kept {
    condition: Condition,
    /// The name by which it reads one.
    name: String,
    scope: Scope,
}

#[derive(Debug, Clone)]
enum Part {
    Parents { name: String, reads: Vec<String> },
    Values { name: String, values: Vec<String> },
    Slices { names: Vec<String>, slices: Vec<Map<String, Value>> },
}

/// Of what slices are made, beside parents.
#[derive(Debug, Clone, Copy)]
pub struct Values<'m> {
    /// The user's configuration.
    pub config: &'m Map<String, Value>,
    /// When the run began.
    pub now: jiff::Timestamp,
    /// What a hook cuts.
    pub cut: &'m [Map<String, Value>],
}

impl<'m> Values<'m> {
    /// Without anything that a hook cuts.
    pub fn of(config: &'m Map<String, Value>, now: jiff::Timestamp) -> Values<'m> {
        Values { config, now, cut: &[] }
    }
}

/// A parent's record.
#[derive(Debug, Clone)]
struct Parent {
    values: Map<String, Value>,
    id: Vec<Value>,
}

impl Occasions {
    /// For a stream with a `for_each`.
    pub fn of(stream: &Stream, for_each: &ForEach, made: Values<'_>) -> Occasions {
        let part = |each: &tapwright_spec::model::Each| {
            let name = each.name.clone();
            match &each.of {
                Of::Parents(parents) => Part::Parents { name, reads: parents.reads.clone() },
                Of::Values(values) => Part::Values { name, values: values.clone() },
                Of::Config(field) => Part::Values { name, values: given(made.config.get(field)) },
                Of::Slices { names, .. } => Part::Slices { names: names.clone(), slices: made.cut.to_vec() },
            }
        };
        let kept = for_each.parents().and_then(|parents| parents.keep_if.as_ref()).map(|kept| {
            let scope = Scope::new().with("config", made.config).with("now", &made.now.to_string());
            let scope = match &stream.object {
                Some(object) => scope.with("object", object.as_ref()),
                None => scope,
            };
            Kept { condition: kept.condition.clone(), name: kept.name.clone(), scope }
        });
        Occasions {
            parts: for_each.parts.iter().map(part).collect(),
            batch: for_each.parents().and_then(|parents| parents.batch),
            keeps_ids: stream.keeps_slices(),
            several_parents: for_each.streams().len() > 1,
            kept,
            waiting: Vec::new(),
        }
    }

    /// The slices that `values`, a record of `parent`, makes; none as long as a batch fills, and of one that does not
    /// count.
    ///
    /// # Errors
    /// Nobody can tell whether it counts.
    pub fn parent(&mut self, parent: &Stream, values: Map<String, Value>) -> Result<Vec<Occasion>, String> {
        if let Some(Kept { condition, name, scope }) = &self.kept {
            let scope = scope.clone().with_tree(name.as_str(), &Value::Object(values.clone()));
            let holds = condition.holds(&scope);
            if !holds.map_err(|fault| format!("`keep_if: {}`: {fault}", condition.source()))? {
                return Ok(Vec::new());
            }
        }
        let mut id: Vec<Value> = Vec::new();
        if self.keeps_ids {
            id.extend(self.several_parents.then(|| Value::from(parent.name.as_str())));
            id.extend(parent.primary_key.iter().map(|key| values.get(key).cloned().unwrap_or_default()));
        }
        self.waiting.push(Parent { values, id });
        Ok(if self.waiting.len() < self.batch.unwrap_or(1) { Vec::new() } else { self.rest() })
    }

    /// The slices of what is left.
    pub fn rest(&mut self) -> Vec<Occasion> {
        let parents = std::mem::take(&mut self.waiting);
        if parents.is_empty() { Vec::new() } else { self.combined(&parents) }
    }

    /// Whether parents wait for others of their batch.
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The slices of a stream that has no parent.
    pub fn alone(&self) -> Vec<Occasion> {
        self.combined(&[])
    }

    /// Every combination of the values with these parents.
    fn combined(&self, parents: &[Parent]) -> Vec<Occasion> {
        let mut made: Vec<Making> = vec![(Map::new(), vec![Vec::new()])];
        for part in &self.parts {
            made = match part {
                Part::Parents { name, reads } => {
                    let value = self.names_of(parents, reads);
                    made.into_iter().map(|one| with_parents(one, (name, &value), parents)).collect()
                }
                Part::Values { name, values } => {
                    let all = made.iter().flat_map(|one| values.iter().map(move |value| (one, value)));
                    all.map(|(one, value)| with_value(one.clone(), name, value)).collect()
                }
                Part::Slices { names, slices } => {
                    let all = made.iter().flat_map(|one| slices.iter().map(move |slice| (one, slice)));
                    all.map(|(one, slice)| with_slice(one.clone(), names, slice)).collect()
                }
            };
        }
        let occasion = |(names, ids): Making| {
            let ids = if self.keeps_ids { ids.into_iter().map(canonical).collect() } else { Vec::new() };
            Occasion { names: Arc::new(names), ids }
        };
        made.into_iter().map(occasion).collect()
    }

    /// A parent's fields; of a batch a list of each.
    fn names_of(&self, parents: &[Parent], reads: &[String]) -> Value {
        if self.batch.is_none() {
            return parents.first().map_or(Value::Null, |parent| Value::Object(parent.values.clone()));
        }
        let of = |name: &String| {
            let values = parents.iter().map(|parent| parent.values.get(name).cloned().unwrap_or_default());
            (name.clone(), values.collect::<Vec<_>>().into())
        };
        Value::Object(reads.iter().map(of).collect())
    }
}

/// Names, and the identifiers so far: those of a batch are several.
type Making = (Map<String, Value>, Vec<Vec<Value>>);

fn with_parents((mut names, ids): Making, (name, value): (&str, &Value), parents: &[Parent]) -> Making {
    names.insert(name.to_owned(), value.clone());
    let joined = |id: &Vec<Value>| parents.iter().map(|parent| [&id[..], &parent.id].concat()).collect::<Vec<_>>();
    (names, ids.iter().flat_map(joined).collect())
}

fn with_value((mut names, mut ids): Making, name: &str, value: &str) -> Making {
    names.insert(name.to_owned(), value.into());
    ids.iter_mut().for_each(|id| id.push(value.into()));
    (names, ids)
}

fn with_slice((mut known, mut ids): Making, names: &[String], slice: &Map<String, Value>) -> Making {
    for name in names {
        let value = slice.get(name).cloned().unwrap_or_default();
        ids.iter_mut().for_each(|id| id.push(value.clone()));
        known.insert(name.clone(), value);
    }
    (known, ids)
}

/// What a hook cut into the slices that the state knows, with their bookmarks; without those whose identifier is a hash.
pub fn known(for_each: &ForEach, state: &BTreeMap<String, KeyValue>) -> Vec<(Map<String, Value>, KeyValue)> {
    // Parents do not stand beside what a hook cuts, so that each part has as many values as names.
    let width = |of: &Of| match of {
        Of::Slices { names, .. } => names.len(),
        _ => 1,
    };
    let before = for_each.parts.iter().take_while(|each| !matches!(each.of, Of::Slices { .. }));
    let (before, all): (usize, usize) =
        (before.map(|each| width(&each.of)).sum(), for_each.parts.iter().map(|each| width(&each.of)).sum());
    let Some((_, names)) = for_each.hook() else { return Vec::new() };
    let read = |(id, key): (&String, &KeyValue)| {
        let value: Value = serde_json::from_str(id).ok()?;
        let values = if all == 1 { vec![value] } else { value.as_array()?.clone() };
        let own = values.get(before..before + names.len()).filter(|_| values.len() == all)?;
        Some((names.iter().cloned().zip(own.iter().cloned()).collect(), key.clone()))
    };
    state.iter().filter_map(read).collect()
}

/// The values of a config field, each once.
fn given(value: Option<&Value>) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    let all = match value {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    for value in all.iter().filter_map(Value::as_str) {
        if !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    }
    values
}

/// A short JSON text: the value alone where there is one, a list of them otherwise.
fn canonical(mut id: Vec<Value>) -> String {
    let id = if id.len() == 1 { id.remove(0) } else { Value::Array(id) };
    let text = exact::write(&id);
    if text.len() > MOST_BYTES { format!("#{:032x}", xxh3_128(text.as_bytes())) } else { text }
}
