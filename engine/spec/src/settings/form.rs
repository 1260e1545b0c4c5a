//! The JSON Schema of a configuration: for editors, forms, and whatever else fills one in.
//!
//! It accepts what [`settings`](super::settings) accepts of a file of JSON, and refuses what that refuses, as far as a
//! schema can tell: a text with a pattern must be written as a text, and that a number has more digits than can be
//! computed with is seen by `settings` alone.

use serde_json::{Map, Value, json};

use super::chosen::{self, Choice};
use super::typed::{ADDRESS, DAY, MOMENT};
use super::{may_be_left_out, variable};
use crate::model::{ConfigField, ConfigType, Connector};

/// The JSON Schema (draft 2020-12) of the configuration of a connector.
pub fn form(connector: &Connector) -> Value {
    let properties: Map<String, Value> =
        connector.config.iter().map(|field| (field.name.clone(), property(connector, field))).collect();
    let required: Vec<&str> =
        connector.config.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Configuration of {}", connector.title),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let chosen = chosen::choices(connector).map(|(field, choices)| rules(connector, field, &choices));
    if let (Some(schema), Some(rules)) = (schema.as_object_mut(), chosen.filter(|rules| !rules.is_empty())) {
        schema.insert("allOf".to_owned(), Value::Array(rules));
    }
    schema
}

/// What is required with each value of the field that chooses how to log in.
fn rules(connector: &Connector, by: &str, choices: &[Choice<'_>]) -> Vec<Value> {
    let default = connector.config.iter().find(|field| field.name == by).and_then(|field| field.default.clone());
    let needing = choices.iter().filter(|choice| !choice.needs.is_empty());
    let rule = |choice: &Choice<'_>| {
        let is_default = default.as_ref().is_some_and(|default| default == choice.value);
        let chooses = match is_default {
            true => json!({"properties": {by: {"enum": [choice.value, null]}}}),
            false => json!({"properties": {by: {"const": choice.value}}, "required": [by]}),
        };
        let given: Map<String, Value> =
            choice.needs.iter().map(|name| ((*name).to_owned(), json!({"not": {"enum": [null, ""]}}))).collect();
        json!({"if": chooses, "then": {"required": choice.needs, "properties": given}})
    };
    needing.map(rule).collect()
}

fn property(connector: &Connector, field: &ConfigField) -> Value {
    let mut schema = match admitted(field) {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    let mut say = |key: &str, value: Value| drop(schema.insert(key.to_owned(), value));
    say("title", json!(field.title));
    if let Some(description) = &field.description {
        say("description", json!(description));
    }
    if let (Some(default), false) = (&field.default, field.secret) {
        say("default", default.clone());
    }
    if let (Some(example), false) = (&field.example, field.secret) {
        say("examples", json!([example]));
    }
    if field.secret {
        say("writeOnly", json!(true));
        say("format", json!("password"));
    }
    say("$comment", json!(format!("In the environment: {}", variable(&connector.name, &field.name))));
    Value::Object(schema)
}

/// What the field takes: a value of its type, and where there need be none, what says so.
fn admitted(field: &ConfigField) -> Value {
    let mut forms = vec![typed(field)];
    if !field.required {
        forms.push(json!({"type": "null"}));
    }
    let is_text =
        !matches!(field.kind, ConfigType::Integer | ConfigType::Number | ConfigType::Boolean | ConfigType::List);
    // What a form sends of a field that is not filled.
    if may_be_left_out(field) && is_text && !(field.kind == ConfigType::String && field.pattern.is_none()) {
        forms.push(json!({"const": ""}));
    }
    match forms.len() {
        1 => forms.remove(0),
        _ => json!({ "anyOf": forms }),
    }
}

fn typed(field: &ConfigField) -> Value {
    let pattern = field.pattern.as_deref();
    match &field.kind {
        ConfigType::String => match pattern {
            Some(pattern) => text(&[format!("^(?:{pattern})$")], field),
            // A key of digits alone is a text whether or not it stands in quotes.
            None if field.required => json!({"type": ["string", "number", "boolean"], "minLength": 1}),
            None => json!({"type": ["string", "number", "boolean"]}),
        },
        ConfigType::Integer => json!({"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX}),
        ConfigType::Number => json!({"type": "number"}),
        ConfigType::Boolean => json!({"type": "boolean"}),
        ConfigType::Date => dated("date", DAY, field),
        ConfigType::Timestamp => dated("date-time", MOMENT, field),
        ConfigType::Url => {
            let own = pattern.map(|pattern| format!(r"^\s*(?:{pattern})/*\s*$"));
            text(&own.into_iter().chain([ADDRESS.to_owned()]).collect::<Vec<_>>(), field)
        }
        ConfigType::Enum(values) => {
            json!({"enum": values.iter().flat_map(|value| spellings(value)).collect::<Vec<_>>()})
        }
        ConfigType::List => json!({"type": "array", "items": {"type": ["string", "number", "boolean"]}}),
    }
}

fn dated(format: &str, written: &str, field: &ConfigField) -> Value {
    let own = field.pattern.as_ref().map(|pattern| format!("^(?:{pattern})$"));
    let mut schema = text(&own.into_iter().chain([written.to_owned()]).collect::<Vec<_>>(), field);
    schema["format"] = json!(format);
    schema
}

/// A text that matches all of these, as far as readers of schemas know such patterns.
fn text(patterns: &[String], field: &ConfigField) -> Value {
    let mut schema = json!({"type": "string"});
    if field.required {
        schema["minLength"] = json!(1);
    }
    let known: Vec<&String> = patterns.iter().filter(|pattern| is_known_elsewhere(pattern)).collect();
    match known.as_slice() {
        [] => {}
        [one] => schema["pattern"] = json!(one),
        several => schema["allOf"] = several.iter().map(|pattern| json!({"pattern": pattern})).collect(),
    }
    schema
}

/// Whether a pattern says the same in ECMA-262, which schemas go by.
fn is_known_elsewhere(pattern: &str) -> bool {
    let foreign =
        ["(?P", "(?i", "(?m", "(?s", "(?x", "(?U", "(?u", "(?-", r"\A", r"\z", r"\x{", "[[:", "&&", "--", "~~"];
    !foreign.iter().any(|sign| pattern.contains(sign))
}

/// A value as a text, and as what else reads the same.
fn spellings(value: &str) -> Vec<Value> {
    let bare = serde_json::from_str::<Value>(value).ok().filter(|one| one.is_boolean() || one.is_number());
    bare.filter(|one| serde_json::to_string(one).is_ok_and(|text| text == value))
        .into_iter()
        .chain([json!(value)])
        .collect()
}
