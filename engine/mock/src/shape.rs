//! A record as the API gives it, made of one as the fields read it: what a sync splits, flattens and renames, undone.

use serde_json::{Map, Value, json};
use tapwright_spec::model::{Flatten, Next, Stream, Token};

use crate::document::{put, put_at};

/// The record before `rename` and `flatten`.
pub(crate) fn before_changes(stream: &Stream, record: Value) -> Value {
    let Value::Object(mut members) = record else { return record };
    let old = |new: &str| stream.rename.iter().find(|(known, _)| known == new).map(|(_, old)| old.clone());
    members = members.into_iter().map(|(name, value)| (old(&name).unwrap_or(name), value)).collect();
    for rule in stream.flatten.iter().rev() {
        members = gathered(stream, rule, members);
    }
    Value::Object(members)
}

/// The members with those in an object of their own that `rule` brings up.
fn gathered(stream: &Stream, rule: &Flatten, members: Map<String, Value>) -> Map<String, Value> {
    let is_object = |name: &str| stream.flatten.iter().any(|other| other.member == name);
    let below = |name: &str| match rule.prefix.as_str() {
        // What identifies a record stands beside its attributes.
        "" if is_object(name) || stays(stream, name) => None,
        prefix => name.strip_prefix(prefix).filter(|rest| !rest.is_empty()).map(str::to_owned),
    };
    let mut object = Map::new();
    let mut left = Map::new();
    for (name, value) in members {
        match below(&name) {
            Some(inner) => object.insert(inner, value),
            None => left.insert(name, value),
        };
    }
    left.insert(rule.member.clone(), object.into());
    left
}

/// Whether something else reads the member where it stands.
fn stays(stream: &Stream, name: &str) -> bool {
    let leads = matches!(&stream.pagination.next, Next::Cursor { token: Token::Last(keys), .. } if keys[0] == name);
    leads || stream.primary_key.iter().any(|key| key == name)
}

/// The record around the list of which `split` makes records.
pub(crate) fn before_split(stream: &Stream, record: Value) -> Value {
    let Some(split) = &stream.split else { return record };
    let mut element = record;
    let mut around = json!({});
    for (name, path) in &split.keep {
        if let Some(value) = element.as_object_mut().and_then(|members| members.remove(name)) {
            put_at(&mut around, path, value);
        }
    }
    put(&mut around, split.path.plain().unwrap_or_default(), element);
    around
}
