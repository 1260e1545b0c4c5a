//! Places in a document.

use serde_json::{Value, json};
use tapwright_spec::path::{Path, Segment};

/// What stands at a place of a document.
pub(crate) fn at<'d>(document: &'d mut Value, path: &[Segment]) -> Option<&'d mut Value> {
    path.iter().try_fold(document, |value, step| match step {
        Segment::Key(key) => value.get_mut(key),
        Segment::Index(index) => value.get_mut(index),
        Segment::Each => value.get_mut(0),
    })
}

/// Puts a value to where a path leads; a path that is more than names and indices leads nowhere.
pub(crate) fn put_at(document: &mut Value, path: &Path, value: Value) {
    if let Some(path) = path.plain() {
        put(document, path, value);
    }
}

/// Puts a value into a document, with the objects and lists on the way to it.
pub(crate) fn put(document: &mut Value, path: &[Segment], value: Value) {
    let Some((step, rest)) = path.split_first() else {
        *document = value;
        return;
    };
    match step {
        Segment::Key(key) => {
            if !document.is_object() {
                *document = json!({});
            }
            put(&mut document[key.as_str()], rest, value);
        }
        Segment::Index(_) | Segment::Each => {
            let index = if let Segment::Index(index) = step { *index } else { 0 };
            let mut list = document.as_array().cloned().unwrap_or_default();
            list.resize(list.len().max(index + 1), Value::Null);
            put(&mut list[index], rest, value);
            *document = list.into();
        }
    }
}

/// A single value as a text.
pub(crate) fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Names, one within the other, as a path.
pub(crate) fn path_of(keys: &[String]) -> Vec<Segment> {
    keys.iter().cloned().map(Segment::Key).collect()
}
