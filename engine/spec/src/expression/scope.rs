//! The names that an expression may read, with their values.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Serde;

use super::digits;

/// The names in scope and their values, where an expression is computed.
#[derive(Debug, Clone, Default)]
pub struct Scope(Vec<(Arc<str>, Value)>);

impl Scope {
    /// No names.
    pub fn new() -> Scope {
        Scope::default()
    }

    /// The scope with one more name; a name given twice has its last value.
    #[must_use]
    pub fn with<T: serde::Serialize>(self, name: impl Into<Arc<str>>, value: &T) -> Scope {
        match serde_json::to_value(value) {
            Ok(tree) => self.with_tree(name, &tree),
            Err(_) => self.with_value(name.into(), Value::from(Serde(value))),
        }
    }

    /// As [`with`](Scope::with), for a tree with numbers that no double holds: see [`exact`](crate::exact).
    #[must_use]
    pub fn with_tree(self, name: impl Into<Arc<str>>, tree: &serde_json::Value) -> Scope {
        self.with_value(name.into(), digits::of_tree(tree))
    }

    fn with_value(mut self, name: Arc<str>, value: Value) -> Scope {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value));
        self
    }

    pub(super) fn context(&self) -> Value {
        Value::from_pairs(self.0.iter().cloned())
    }
}
