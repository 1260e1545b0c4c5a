//! What the spec makes of a record, as hooks leave it, before its fields are read: `split`, `keep_if`, `flatten`, `remove`, `rename`
//! and `add`, in this order.
//!
//! Only expressions build a tree, and only of the records of streams that have them.
//!
//! A deletion is not lost: `keep_if` is not asked about a tombstone, and of a deleted record that it leaves out the row
//! is marked, if there is one.

use std::borrow::Cow;

use serde_json::{Map, Value};
use tapwright_spec::exact;
use tapwright_spec::expression::{Condition, ExpressionFault, Scope, Template};
use tapwright_spec::model::{Deleted, Replication, Split, Stream};
use tapwright_spec::path::Segment;

use crate::normalise::{Added, Changed, Kept, is_marked};
use crate::plan::Names;
use crate::reshape::{Reshape, split, text_at};

/// What a stream does with its records.
pub(crate) struct Change {
    split: Option<Split>,
    keep_if: Option<Condition>,
    reshape: Option<Reshape>,
    add: Vec<Computed>,
    deleted: Option<Deleted>,
    /// What is not read is taken for gone.
    full: bool,
    scope: Scope,
}

/// A field that is computed.
struct Computed {
    field: usize,
    template: Template,
    /// Where its value stands in the record, if it is no more than that: then it is taken as it is written.
    path: Option<Vec<Segment>>,
    /// Whether it identifies the record.
    in_key: bool,
}

/// What a record says of its deletion.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    /// It is deleted, and all of it is there.
    Whole,
    /// It is deleted, and its key alone is there.
    Tombstone,
}

/// What became of the records of a page.
#[derive(Default)]
pub(crate) struct Records<'r> {
    pub(crate) changed: Vec<Changed<'r>>,
    /// For each the number of the raw record that it was, from 1.
    pub(crate) numbers: Vec<usize>,
}

impl<'r> Records<'r> {
    /// None, with room for so many.
    pub(crate) fn with_room(records: usize) -> Records<'r> {
        Records { changed: Vec::with_capacity(records), numbers: Vec::with_capacity(records) }
    }

    /// Adds what `change` makes of the raw record of this number.
    pub(crate) fn add(&mut self, change: &Change, (number, record): (usize, &'r str), names: Option<&Names>) {
        change.apply(record, names, &mut self.changed);
        self.numbers.resize(self.changed.len(), number);
    }

    /// Adds the raw record of this number, which a hook has refused.
    pub(crate) fn refuse(&mut self, (number, record): (usize, &'r str), reason: &str) {
        self.changed.push(Changed::Refused(Cow::Borrowed(record), reason.to_owned()));
        self.numbers.push(number);
    }
}

impl Change {
    /// What `stream` says of its records. `config` and `now` are the same for the whole run.
    pub(crate) fn of(stream: &Stream, config: &Map<String, Value>, now: jiff::Timestamp) -> Change {
        let place = |name: &String| stream.fields.iter().position(|field| field.name == *name);
        let computed = |(name, template): &(String, Template)| {
            let in_key = stream.primary_key.contains(name);
            let path = template.path_from("record");
            let path = path.map(|path| path.into_iter().map(|name| Segment::Key(name.to_owned())).collect());
            Some(Computed { field: place(name)?, template: template.clone(), path, in_key })
        };
        let scope = Scope::new().with("config", config).with("now", &now.to_string());
        Change {
            split: stream.split.clone(),
            keep_if: stream.keep_if.clone(),
            reshape: Reshape::of(stream),
            add: stream.add.iter().filter_map(computed).collect(),
            deleted: stream.deleted.clone(),
            full: matches!(stream.replication, Replication::FullTable) && !stream.merges(),
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
            Err(reason) => out.push(Changed::Unsplit(Cow::Borrowed(record), reason)),
        }
    }

    fn one<'r>(&self, mut record: Cow<'r, str>, names: Option<&Names>) -> Changed<'r> {
        match self.changed(&mut record, names) {
            Ok(Fate::Kept(added)) => Changed::Kept(Kept { record, added }),
            Ok(Fate::Gone(added)) => Changed::Gone(Kept { record, added }),
            Ok(Fate::LeftOut) => Changed::LeftOut,
            Err(reason) => Changed::Refused(record, reason),
        }
    }

    /// Changes a record, and says what becomes of it.
    fn changed(&self, record: &mut Cow<'_, str>, names: Option<&Names>) -> Result<Fate, String> {
        if self.keep_if.is_none() && self.add.is_empty() {
            self.reshape(record)?;
            return Ok(Fate::Kept(Vec::new()));
        }
        let scope = names.into_iter().flat_map(|names| names.iter());
        let scope = scope.fold(self.scope.clone(), |scope, (name, value)| scope.with_tree(name.as_str(), value));
        let reads = self.keep_if.as_ref().is_some_and(|condition| condition.reads("record"));
        let known = match reads {
            true => scope.clone().with_tree("record", &tree(record)?),
            false => scope.clone(),
        };
        let holds = || match &self.keep_if {
            Some(condition) => condition.holds(&known).map_err(|fault| format!("keep_if: {fault}")),
            None => Ok(true),
        };
        if self.deleted.is_none() && !holds()? {
            return Ok(Fate::LeftOut);
        }
        self.reshape(record)?;
        let mark = self.mark(record)?;
        let kept = self.deleted.is_none() || mark == Mark::Tombstone || holds()?;
        if !kept && (mark == Mark::None || self.full) {
            return Ok(Fate::LeftOut);
        }
        // Of a row that is only marked the other values stay.
        let of_key = !kept || mark == Mark::Tombstone;
        let wanted: Vec<&Computed> = self.add.iter().filter(|one| one.in_key || !of_key).collect();
        let known = (reads && self.reshape.is_none()).then_some(known);
        let added = added(&wanted, record, known, scope)?;
        Ok(if kept { Fate::Kept(added) } else { Fate::Gone(added) })
    }

    fn reshape(&self, record: &mut Cow<'_, str>) -> Result<(), String> {
        if let Some(reshape) = &self.reshape {
            *record = Cow::Owned(reshape.record(record)?);
        }
        Ok(())
    }

    fn mark(&self, record: &str) -> Result<Mark, String> {
        Ok(match &self.deleted {
            Some(deleted) if !is_marked(deleted, record)? => Mark::None,
            Some(deleted) if deleted.tombstone => Mark::Tombstone,
            Some(_) => Mark::Whole,
            None => Mark::None,
        })
    }
}

/// What becomes of a record, with what `add` gives it.
enum Fate {
    Kept(Vec<Added>),
    Gone(Vec<Added>),
    LeftOut,
}

/// What is computed for a record; `known` is the scope with the record, if it is there.
fn added(wanted: &[&Computed], record: &str, known: Option<Scope>, scope: Scope) -> Result<Vec<Added>, String> {
    let written: Vec<Option<Value>> = wanted.iter().map(|one| one.written(record)).collect();
    let reads = |(one, written): (&&Computed, &Option<Value>)| written.is_none() && one.template.reads("record");
    let scope = match known {
        Some(known) => known,
        None if wanted.iter().zip(&written).any(reads) => scope.with_tree("record", &tree(record)?),
        None => scope,
    };
    let computed = |(one, written): (&&Computed, Option<Value>)| match written {
        Some(value) => Ok((one.field, value)),
        None => Ok((one.field, one.template.value(&scope)?)),
    };
    let added: Result<_, ExpressionFault> = wanted.iter().zip(written).map(computed).collect();
    added.map_err(|fault| format!("add: {fault}"))
}

impl Computed {
    /// What stands in the record, where that is all; nothing where it has no such place.
    fn written(&self, record: &str) -> Option<Value> {
        exact::as_written(text_at(record, self.path.as_ref()?)?).ok()
    }
}

fn tree(record: &str) -> Result<Value, String> {
    exact::read(record).map_err(|error| format!("the record is no JSON: {error}"))
}
