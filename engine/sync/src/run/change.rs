//! What the spec makes of a record before its fields are read: `keep_if` and `add`.
//!
//! Only expressions build a tree, and only of the records of streams that have them.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};
use tapwright_spec::expression::{Condition, ExpressionFault, Scope, Template};
use tapwright_spec::model::Stream;

use crate::normalise::Added;

/// What a stream does with its records.
pub(crate) struct Change {
    keep_if: Option<Condition>,
    add: Vec<(usize, Template)>,
    reads_record: bool,
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
}

/// A record that is loaded.
pub(crate) struct Kept<'r> {
    /// Its JSON text.
    pub(crate) record: Cow<'r, str>,
    /// What `add` gives it.
    pub(crate) added: Vec<Added>,
}

impl Change {
    /// What `stream` says of its records. `config` and `now` are the same for the whole run.
    pub(crate) fn of(stream: &Stream, config: &Map<String, Value>, now: jiff::Timestamp) -> Change {
        let place = |name: &String| stream.fields.iter().position(|field| field.name == *name);
        let add: Vec<_> =
            stream.add.iter().filter_map(|(name, template)| Some((place(name)?, template.clone()))).collect();
        let reads_record = add.iter().any(|(_, template)| template.reads("record"))
            || stream.keep_if.as_ref().is_some_and(|condition| condition.reads("record"));
        let scope = Scope::new().with("config", config).with("now", &now.to_string());
        Change { keep_if: stream.keep_if.clone(), add, reads_record, scope }
    }

    /// What becomes of one record, at the end of `out`.
    pub(crate) fn apply<'r>(
        &self,
        record: &'r str,
        parent: Option<&Arc<Map<String, Value>>>,
        out: &mut Vec<Changed<'r>>,
    ) {
        out.push(self.computed(Cow::Borrowed(record), parent));
    }

    fn computed<'r>(&self, record: Cow<'r, str>, parent: Option<&Arc<Map<String, Value>>>) -> Changed<'r> {
        if self.keep_if.is_none() && self.add.is_empty() {
            return Changed::Kept(Kept { record, added: Vec::new() });
        }
        let mut scope = self.scope.clone();
        if let Some(parent) = parent {
            scope = scope.with("parent", parent.as_ref());
        }
        if self.reads_record {
            match serde_json::from_str::<Value>(&record) {
                Ok(tree) => scope = scope.with("record", &tree),
                Err(error) => return Changed::Refused(record, format!("the record is no JSON: {error}")),
            }
        }
        match self.keep_if.as_ref().map(|condition| condition.holds(&scope)) {
            None | Some(Ok(true)) => {}
            Some(Ok(false)) => return Changed::LeftOut,
            Some(Err(fault)) => return Changed::Refused(record, format!("keep_if: {fault}")),
        }
        let add = self.add.iter().map(|(field, template)| Ok((*field, template.value(&scope)?)));
        match add.collect::<Result<Vec<Added>, ExpressionFault>>() {
            Ok(added) => Changed::Kept(Kept { record, added }),
            Err(fault) => Changed::Refused(record, format!("add: {fault}")),
        }
    }
}
