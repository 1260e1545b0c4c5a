//! What the spec's `add` and `keep_if` make of a record before it is read.
//!
//! Only these build a tree, and only of the records of streams that have them.

use std::sync::Arc;

use serde_json::{Map, Value};
use tapwright_spec::expression::{Scope, Template};
use tapwright_spec::model::Stream;

use crate::normalise::Added;

/// The expressions of a stream's records.
pub(crate) struct Change {
    keep_if: Option<tapwright_spec::expression::Condition>,
    add: Vec<(usize, Template)>,
    reads_record: bool,
    scope: Scope,
}

/// What becomes of a record.
pub(crate) enum Changed {
    /// It is loaded, with these fields more.
    Kept(Vec<Added>),
    /// `keep_if` leaves it out.
    LeftOut,
    /// An expression cannot be computed.
    Refused(String),
}

impl Change {
    /// The expressions of `stream`, if it has any. `config` and `now` are the same for the whole run.
    pub(crate) fn of(stream: &Stream, config: &Map<String, Value>, now: jiff::Timestamp) -> Option<Change> {
        if stream.add.is_empty() && stream.keep_if.is_none() {
            return None;
        }
        let place = |name: &String| stream.fields.iter().position(|field| field.name == *name);
        let add: Vec<_> =
            stream.add.iter().filter_map(|(name, template)| Some((place(name)?, template.clone()))).collect();
        let reads_record = add.iter().any(|(_, template)| template.reads("record"))
            || stream.keep_if.as_ref().is_some_and(|condition| condition.reads("record"));
        let scope = Scope::new().with("config", config).with("now", &now.to_string());
        Some(Change { keep_if: stream.keep_if.clone(), add, reads_record, scope })
    }

    /// Computes the expressions for one record.
    pub(crate) fn record(&self, record: &str, parent: Option<&Arc<Map<String, Value>>>) -> Changed {
        let mut scope = self.scope.clone();
        if let Some(parent) = parent {
            scope = scope.with("parent", parent.as_ref());
        }
        if self.reads_record {
            match serde_json::from_str::<Value>(record) {
                Ok(tree) => scope = scope.with("record", &tree),
                Err(error) => return Changed::Refused(format!("the record is no JSON: {error}")),
            }
        }
        match self.keep_if.as_ref().map(|condition| condition.holds(&scope)) {
            None | Some(Ok(true)) => {}
            Some(Ok(false)) => return Changed::LeftOut,
            Some(Err(fault)) => return Changed::Refused(format!("keep_if: {fault}")),
        }
        let add = self.add.iter().map(|(field, template)| Ok((*field, template.value(&scope)?)));
        match add.collect::<Result<Vec<Added>, tapwright_spec::expression::ExpressionFault>>() {
            Ok(added) => Changed::Kept(added),
            Err(fault) => Changed::Refused(format!("add: {fault}")),
        }
    }
}
