//! Every construct of the language, and which of them a spec uses: so that a test can tell which case holds what.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::expression::FILTERS;
use crate::grammar::{Read, RecordShape, Shape};
use crate::language::Spec;

/// Every key of every mapping as `pagination.offset`, every word as `replication.order: ascending`, and every filter of
/// expressions as `filter: lower`.
pub fn constructs() -> BTreeSet<String> {
    let mut all = FILTERS.iter().map(|one| filter(one.name)).collect();
    let mut met = BTreeSet::new();
    collect(&Spec::shape(), &mut met, &mut all);
    all
}

/// The constructs in a spec, or in a part of one that stands where it would in a whole one.
pub fn constructs_in(spec: &Value) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    walk(&Spec::shape(), spec, &mut used);
    let text = spec.to_string();
    let piped: BTreeSet<&str> = text
        .split('|')
        .skip(1)
        .map(|rest| {
            rest.trim_start().split(|sign: char| !sign.is_alphanumeric() && sign != '_').next().unwrap_or_default()
        })
        .collect();
    used.extend(FILTERS.iter().filter(|one| piped.contains(one.name)).map(|one| filter(one.name)));
    used
}

fn filter(name: &str) -> String {
    format!("filter: {name}")
}

fn collect(shape: &Shape, met: &mut BTreeSet<&'static str>, all: &mut BTreeSet<String>) {
    match shape {
        Shape::Record(record) if met.insert(record.name) => {
            for key in &record.keys {
                let shape = (key.shape)();
                all.insert(format!("{}.{}", record.name, key.name));
                words(&shape, &mut |word| all.extend([said(record, key.name, word)]));
                collect(&shape, met, all);
            }
        }
        Shape::List(inner) | Shape::Map(inner) => collect(inner, met, all),
        Shape::Either(forms) => forms.iter().for_each(|form| collect(form, met, all)),
        _ => {}
    }
}

fn walk(shape: &Shape, value: &Value, used: &mut BTreeSet<String>) {
    match (shape, value) {
        (Shape::Record(record), Value::Object(members)) => {
            for key in &record.keys {
                let Some(value) = members.get(key.name) else { continue };
                let shape = (key.shape)();
                used.insert(format!("{}.{}", record.name, key.name));
                words(&shape, &mut |word| {
                    let number = word.parse::<i64>().ok();
                    let there =
                        |value: &Value| value.as_str() == Some(word) || number.is_some() && value.as_i64() == number;
                    if there(value) || value.as_array().is_some_and(|values| values.iter().any(there)) {
                        used.insert(said(record, key.name, word));
                    }
                });
                walk(&shape, value, used);
            }
        }
        (Shape::Map(inner), Value::Object(members)) => members.values().for_each(|value| walk(inner, value, used)),
        (Shape::List(inner), Value::Array(values)) => values.iter().for_each(|value| walk(inner, value, used)),
        (Shape::Either(forms), value) => {
            forms.iter().filter(|form| fits(form, value)).for_each(|form| walk(form, value, used));
        }
        _ => {}
    }
}

/// Whether a value may be of this form of several: a mapping is of the one that knows all its keys.
fn fits(shape: &Shape, value: &Value) -> bool {
    match (shape, value) {
        (Shape::Record(record), Value::Object(members)) => {
            members.keys().all(|name| record.keys.iter().any(|key| key.name == name))
        }
        _ => true,
    }
}

/// The words that may stand for a value, also for one of several.
fn words(shape: &Shape, each: &mut dyn FnMut(&str)) {
    match shape {
        Shape::Words(words) => words.iter().for_each(|(word, _)| each(word)),
        Shape::List(inner) => words(inner, each),
        Shape::Either(forms) => forms.iter().for_each(|form| words(form, each)),
        _ => {}
    }
}

fn said(record: &RecordShape, key: &str, word: &str) -> String {
    format!("{}.{key}: {word}", record.name)
}
