//! Values of expressions, from trees and back, without the loss of a digit. What no number of an expression holds is
//! a value by its text: it can be handed on, put into texts and written, but not computed or compared with.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Object, ObjectRepr, Serde, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value};
use serde_json::Value as Json;

use crate::exact;

/// A number that neither a 128-bit integer nor a double holds.
#[derive(Debug)]
struct Long(String);

impl Object for Long {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    // Zero has no digits that could be lost.
    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.0.cmp(&other.downcast_ref::<Self>()?.0))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of a tree.
pub(super) fn of_tree(tree: &Json) -> Value {
    match (tree, exact::number(tree)) {
        (_, Some(text)) => of_number(text),
        (Json::Array(elements), None) => elements.iter().map(of_tree).collect(),
        (Json::Object(members), None) => {
            Value::from_pairs(members.iter().map(|(name, member)| (name.as_str(), of_tree(member))))
        }
        (other, None) => Value::from(Serde(other)),
    }
}

fn of_number(text: &str) -> Value {
    match (text.parse::<i128>(), text.parse::<f64>()) {
        (Ok(whole), _) => Value::from(whole),
        (_, Ok(double)) if exact::holds(text) => Value::from(double),
        _ => Value::from_object(Long(text.to_owned())),
    }
}

/// The tree of a value, or why there is none.
pub(super) fn to_tree(value: &Value) -> Result<Json, String> {
    if let Some(long) = long(value) {
        return Ok(exact::marked(long));
    }
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => each(value)?.iter().map(to_tree).collect(),
        ValueKind::Map => {
            let member = |key: Value| Ok((key.to_string(), to_tree(&value.get_item(&key).unwrap_or_default())?));
            each(value)?.into_iter().map(member).collect::<Result<_, String>>().map(Json::Object)
        }
        ValueKind::Number if value.is_integer() && i64::try_from(value.clone()).is_err() => {
            let text = value.to_string();
            Ok(text.parse::<u64>().map_or_else(|_| exact::marked(&text), Json::from))
        }
        _ => serde_json::to_value(Serde(value).0).map_err(|error| error.to_string()),
    }
}

fn each(value: &Value) -> Result<Vec<Value>, String> {
    value.try_iter().map(Iterator::collect).map_err(|error| error.to_string())
}

/// The text of a number that can only be handed on.
pub(super) fn long(value: &Value) -> Option<&str> {
    value.downcast_object_ref::<Long>().map(|long| long.0.as_str())
}

/// The first such number in a value.
pub(super) fn long_within(value: &Value) -> Option<String> {
    if let Some(text) = long(value) {
        return Some(text.to_owned());
    }
    match value.kind() {
        ValueKind::Seq => value.try_iter().ok()?.find_map(|element| long_within(&element)),
        ValueKind::Map => value.try_iter().ok()?.find_map(|key| long_within(&value.get_item(&key).ok()?)),
        _ => None,
    }
}

/// What is said of a number with which nothing can be computed.
pub(super) fn too_long(number: &str) -> String {
    format!(
        "`{number}` has more digits than an expression can compute or compare with; alone or in a text, as in \
         `record.amount ~ ''`, it keeps them all"
    )
}

/// What every operand of a comparison and of arithmetic goes through.
pub(super) const OPERAND: &str = "operand";
/// The same for `/`, which gives a number with a fraction.
pub(super) const DIVIDED: &str = "divided";

pub(super) fn register(environment: &mut Environment<'static>) {
    let refused = |text: String| Err(Error::new(ErrorKind::InvalidOperation, too_long(&text)));
    environment.add_filter(OPERAND, move |value: Value| match long_within(&value) {
        Some(text) => refused(text),
        None => Ok(value),
    });
    environment.add_filter(DIVIDED, move |value: Value| match long_within(&value) {
        Some(text) => refused(text),
        None if is_rounded(&value) => refused(value.to_string()),
        None => Ok(value),
    });
}

/// Whether an integer is another number as a double.
pub(super) fn is_rounded(value: &Value) -> bool {
    let whole = i128::try_from(value.clone()).ok().filter(|_| value.is_integer());
    whole.is_some_and(|whole| (whole as f64) as i128 != whole)
}
