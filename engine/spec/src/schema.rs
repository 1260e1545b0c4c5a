//! The JSON Schema of the language, for editors: made from the same definitions that read a spec.
//!
//! It says what can be said of one value at its place. What needs two places (a reference, a key that is
//! a field) or the inside of a text (a path, an expression) only `check` finds.

use serde_json::{Map, Value, json};

use crate::grammar::{
    ANCHOR, Choice, DAY, HEADER, HOST, HOSTS, NAME, Read, RecordShape, SHA256, SIZE, Shape, TextKind, VERSION,
};
use crate::language::Spec;

/// The JSON Schema (draft 2020-12) of a spec.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let root = value(&Spec::shape(), &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tapwright connector",
        "$ref": root["$ref"],
        "$defs": definitions,
    })
}

fn value(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Text(kind) => text(*kind),
        Shape::Integer { least } => json!({"type": "integer", "minimum": least, "maximum": u32::MAX}),
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Words(words) => choice(words),
        Shape::List(inner) => json!({"type": "array", "items": value(inner, definitions)}),
        Shape::Map(inner) => json!({"type": "object", "additionalProperties": value(inner, definitions)}),
        Shape::Record(record) => {
            define(record, definitions);
            json!({"$ref": format!("#/$defs/{}", record.name)})
        }
        Shape::Either(forms) => {
            let forms: Vec<Value> = forms.iter().map(|form| value(form, definitions)).collect();
            json!({"anyOf": forms})
        }
        Shape::Any => json!({}),
    }
}

fn choice(words: &[(&str, String)]) -> Value {
    let words: Vec<Value> = words
        .iter()
        .map(|(word, doc)| match word.parse::<i64>() {
            // `tapwright: 1`, quoted or not.
            Ok(number) => json!({"enum": [number, word], "description": doc}),
            Err(_) => json!({"const": word, "description": doc}),
        })
        .collect();
    json!({"oneOf": words})
}

/// A scalar in YAML's core schema: a text place takes `1.0` and `true` too, as the texts they are.
fn text(kind: TextKind) -> Value {
    let texts = |pattern: &str| json!({"type": "string", "pattern": pattern});
    match kind {
        TextKind::Name => texts(NAME.0),
        TextKind::Anchor => texts(ANCHOR.0),
        TextKind::Version => texts(VERSION.0),
        TextKind::Size => texts(SIZE),
        TextKind::Header | TextKind::Cookie => texts(HEADER.0),
        TextKind::Host => texts(HOST.0),
        TextKind::HostPattern => texts(HOSTS.0),
        TextKind::Day => texts(DAY),
        TextKind::Sha256 => texts(SHA256.0),
        TextKind::Path | TextKind::PathTemplate => texts(r"^\$"),
        TextKind::Url => texts("^https?://"),
        TextKind::Duration => texts("^[0-9]"),
        TextKind::Endpoint => texts(r"^(GET|POST) +(/|https?://|\{\{.*job)"),
        TextKind::JobEndpoint => texts("^(GET|POST|PUT|PATCH|DELETE) +(/|https?://)"),
        TextKind::FieldType => json!({"$ref": "#/$defs/field/properties/type"}),
        TextKind::Sendable | TextKind::Prefix => json!({"type": ["string", "number", "boolean"]}),
        TextKind::Plain
        | TextKind::Markdown
        | TextKind::Template
        | TextKind::Condition
        | TextKind::Pattern
        | TextKind::TimeFormat => {
            json!({"type": ["string", "number", "boolean"], "pattern": r"\S"})
        }
    }
}

fn define(record: &RecordShape, definitions: &mut Map<String, Value>) {
    if definitions.contains_key(record.name) {
        return;
    }
    // Taken before the keys are read, so that a record within itself ends.
    definitions.insert(record.name.to_owned(), Value::Null);
    let mut properties = Map::new();
    for key in &record.keys {
        let mut property = value(&(key.shape)(), definitions);
        if let Some(property) = property.as_object_mut() {
            property.insert("description".to_owned(), Value::from(key.doc.clone()));
        }
        properties.insert(key.name.to_owned(), property);
    }
    let required: Vec<&str> = record.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut definition = json!({
        "type": "object",
        "description": record.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let choices: Vec<Value> = record.choices.iter().map(|choice| json!({"oneOf": one_of(*choice)})).collect();
    match choices.as_slice() {
        [] => {}
        [one] => definition["oneOf"] = one["oneOf"].clone(),
        _ => definition["allOf"] = Value::from(choices),
    }
    definitions.insert(record.name.to_owned(), definition);
}

/// The ways to keep to a choice.
fn one_of(choice: Choice) -> Vec<Value> {
    let required = |keys: &[&str]| keys.iter().map(|key| json!({"required": [key]})).collect::<Vec<Value>>();
    match choice {
        Choice::ExactlyOne(keys) => required(keys),
        Choice::AtMostOne(keys) => [required(keys), vec![json!({"not": {"anyOf": required(keys)}})]].concat(),
    }
}
