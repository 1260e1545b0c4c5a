//! Where in an answer the records are.

use serde_json::{Map, Value};

use super::{Guess, below, flat, scalar};
use tapwright_spec::counted;

/// Objects around a list that are looked into.
const DEPTH: usize = 4;
/// Members that are called as lists of records mostly are.
const USUAL: [&str; 8] = ["data", "items", "results", "records", "entries", "values", "value", "list"];

/// The records of a sample.
pub(super) struct List<'a> {
    /// The path to them, and why that.
    pub(super) found: Guess,
    /// The member of the answer that holds them.
    pub(super) member: Option<&'a str>,
    pub(super) records: Vec<&'a Map<String, Value>>,
    /// Whether the answer is one record and no list.
    pub(super) is_single: bool,
}

impl<'a> List<'a> {
    /// The list that holds the records, or the one record that an answer is.
    pub(super) fn find(body: &'a Value, name: &str) -> Result<List<'a>, String> {
        let mut lists = Vec::new();
        gather(body, ("$", None), DEPTH, &mut lists);
        let rank = |(_, member, list): &(String, Option<&str>, &Vec<Value>)| {
            let called = member.is_some_and(|member| is_usual(member) || flat(member) == flat(name));
            (called, list.len())
        };
        // The last of equals is taken, and those further up come first.
        let best = lists.iter().rev().max_by_key(|list| rank(list));
        let Some((path, member, list)) = best else { return List::single(body) };
        if list.is_empty() {
            return Err(format!("the list at `{path}` is empty; give a sample with at least one record"));
        }
        let why = match (*member, lists.len()) {
            (None, _) => format!("The answer is a list of {}.", counted(list.len(), "object")),
            (_, 1) => format!("The only list of objects in the answer; it has {}.", list.len()),
            (_, count) => format!("Of {count} lists in the answer the one of a usual name, or else the longest."),
        };
        let records = list.iter().filter_map(Value::as_object).collect();
        Ok(List { found: Guess::new(scalar(&format!("{path}[*]")), why), member: *member, records, is_single: false })
    }

    fn single(body: &'a Value) -> Result<List<'a>, String> {
        let none = "no list of objects was found in the sample, and it is no record of its own";
        let object = body.as_object().filter(|object| !object.is_empty()).ok_or(none)?;
        if object.iter().any(|(name, value)| ["error", "errors"].contains(&&*flat(name)) && !value.is_null()) {
            return Err(format!("{none}: it tells of an error"));
        }
        let within =
            object.iter().find_map(|(name, value)| Some((name, value.as_object().filter(|it| is_record(it))?)));
        let (path, member, record) = match within {
            Some((name, record)) if !is_record(object) => (below("$", name), Some(name.as_str()), record),
            _ => ("$".to_owned(), None, object),
        };
        let why = "The answer has no list of objects: it is one record.";
        Ok(List { found: Guess::new(scalar(&path), why), member, records: vec![record], is_single: true })
    }
}

/// Whether a member is called as lists of whatever are.
pub(super) fn is_usual(member: &str) -> bool {
    USUAL.contains(&&*flat(member))
}

/// Whether an object says of itself what it is; lists in it are then its own.
fn is_record(object: &Map<String, Value>) -> bool {
    object.get("id").is_some_and(|id| !id.is_null())
}

/// Lists of objects below `value`, those further up first.
fn gather<'a>(
    value: &'a Value,
    (path, member): (&str, Option<&'a str>),
    depth: usize,
    lists: &mut Vec<(String, Option<&'a str>, &'a Vec<Value>)>,
) {
    match value {
        Value::Array(list) if list.iter().all(Value::is_object) => lists.push((path.to_owned(), member, list)),
        Value::Object(object) if depth > 0 && !is_record(object) => {
            let (flat_ones, nested): (Vec<_>, Vec<_>) = object.iter().partition(|(_, value)| value.is_array());
            for (name, value) in flat_ones.into_iter().chain(nested) {
                if !["error", "errors", "warnings"].contains(&&*flat(name)) {
                    gather(value, (&below(path, name), Some(name)), depth - 1, lists);
                }
            }
        }
        _ => {}
    }
}
