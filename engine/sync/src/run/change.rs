//! What the spec makes of a record before its fields are read: `split`, `keep_if`, `flatten`, `remove`, `rename`
//! and `add`, in this order.
//!
//! Only expressions build a tree, and only of the records of streams that have them.

use std::borrow::Cow;

use serde_json::{Map, Value};
use tapwright_spec::expression::{Condition, ExpressionFault, Scope, Template};
use tapwright_spec::model::{Split, Stream};

use crate::normalise::Added;
use crate::plan::Names;
use crate::reshape::{Reshape, split};

/// What a stream does with its records.
pub(crate) struct Change {
    split: Option<Split>,
    keep_if: Option<Condition>,
    reshape: Option<Reshape>,
    add: Vec<(usize, Template)>,
    scope: Scope,
}

/// What becomes of a record.
pub(crate) enum Changed<'r> {
    /// It is loaded.
    Kept(Kept<'r>),
    /// `keep_if` leaves it out.
    LeftOut,
    /// It cannot be loaded.
    Refused(Cow<'r, str>, String),
    /// It cannot be split, so nobody knows which records it holds.
    Unsplit(&'r str, String),
}

/// A record that is loaded.
pub(crate) struct Kept<'r> {
    /// Its JSON text.
    pub(crate) record: Cow<'r, str>,
    /// What `add` gives it.
    pub(crate) added: Vec<Added>,
}

/// What became of the records of a page.
#[derive(Default)]
pub(crate) struct Records<'r> {
    pub(crate) changed: Vec<Changed<'r>>,
    /// For each the number of the raw record that it was, from 1.
    pub(crate) numbers: Vec<usize>,
}

impl<'r> Records<'r> {
    /// Adds what `change` makes of the raw record of this number.
    pub(crate) fn add(&mut self, change: &Change, (number, record): (usize, &'r str), names: Option<&Names>) {
        change.apply(record, names, &mut self.changed);
        self.numbers.resize(self.changed.len(), number);
    }
}

impl Change {
    /// What `stream` says of its records. `config` and `now` are the same for the whole run.
    pub(crate) fn of(stream: &Stream, config: &Map<String, Value>, now: jiff::Timestamp) -> Change {
        let place = |name: &String| stream.fields.iter().position(|field| field.name == *name);
        let add = stream.add.iter().filter_map(|(name, template)| Some((place(name)?, template.clone())));
        let scope = Scope::new().with("config", config).with("now", &now.to_string());
        Change {
            split: stream.split.clone(),
            keep_if: stream.keep_if.clone(),
            reshape: Reshape::of(stream),
            add: add.collect(),
            scope: match &stream.object {
                Some(object) => scope.with("object", object.as_ref()),
                None => scope,
            },
        }
    }

    /// What becomes of one record, at the end of `out`.
    pub(crate) fn apply<'r>(&self, record: &'r str, names: Option<&Names>, out: &mut Vec<Changed<'r>>) {
        let Some(rule) = &self.split else {
            return out.push(self.one(Cow::Borrowed(record), names));
        };
        match split(rule, record) {
            Ok(records) => out.extend(records.into_iter().map(|record| self.one(record, names))),
            Err(reason) => out.push(Changed::Unsplit(record, reason)),
        }
    }

    fn one<'r>(&self, mut record: Cow<'r, str>, names: Option<&Names>) -> Changed<'r> {
        match self.changed(&mut record, names) {
            Ok(Some(added)) => Changed::Kept(Kept { record, added }),
            Ok(None) => Changed::LeftOut,
            Err(reason) => Changed::Refused(record, reason),
        }
    }

    /// Changes a record, and gives what `add` gives; nothing for one that is left out.
    fn changed(&self, record: &mut Cow<'_, str>, names: Option<&Names>) -> Result<Option<Vec<Added>>, String> {
        let computes = self.keep_if.is_some() || !self.add.is_empty();
        let mut scope = computes.then(|| self.scope.clone());
        if let (Some(known), Some(names)) = (&mut scope, names) {
            *known = names.iter().fold(known.clone(), |scope, (name, value)| scope.with(name.as_str(), value));
        }
        let added_reads = self.add.iter().any(|(_, template)| template.reads("record"));
        if let (Some(known), Some(condition)) = (&mut scope, &self.keep_if) {
            if condition.reads("record") || (added_reads && self.reshape.is_none()) {
                *known = known.clone().with("record", &tree(record)?);
            }
            if !condition.holds(known).map_err(|fault| format!("keep_if: {fault}"))? {
                return Ok(None);
            }
        }
        if let Some(reshape) = &self.reshape {
            *record = Cow::Owned(reshape.record(record)?);
        }
        let Some(mut scope) = scope else { return Ok(Some(Vec::new())) };
        if added_reads && (self.reshape.is_some() || self.keep_if.is_none()) {
            scope = scope.with("record", &tree(record)?);
        }
        let add = self.add.iter().map(|(field, template)| Ok((*field, template.value(&scope)?)));
        let added = add.collect::<Result<Vec<Added>, ExpressionFault>>();
        added.map(Some).map_err(|fault| format!("add: {fault}"))
    }
}

fn tree(record: &str) -> Result<Value, String> {
    serde_json::from_str(record).map_err(|error| format!("the record is no JSON: {error}"))
}
