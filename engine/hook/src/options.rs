//! The options of a hook, checked against the schema that it exports.
//!
//! Of JSON Schema only what options need, and a word that is not among it is told: nothing that a schema says is
//! passed over.

use serde_json::{Map, Value};

/// Words that describe, and do not judge.
const WORDS: [&str; 6] = ["$schema", "title", "description", "default", "examples", "deprecated"];
/// How deep a schema may be.
const DEPTH: usize = 32;

/// A fault in the options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionFault {
    /// Where: the names and numbers that lead there from the options.
    pub path: Vec<String>,
    /// What is wrong there. It tells no value, which may be a secret.
    pub reason: String,
}

impl std::fmt::Display for OptionFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("options")?;
        self.path.iter().try_for_each(|name| write!(f, ".{name}"))?;
        write!(f, ": {}", self.reason)
    }
}

/// Reads a schema of options.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn schema(text: &str) -> Result<Value, String> {
    let schema: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return Err("it is not one of an object: `\"type\": \"object\"` is missing".to_owned());
    }
    understood(&schema, 0)?;
    Ok(schema)
}

/// Whether all of a schema is understood.
fn understood(schema: &Value, depth: usize) -> Result<(), String> {
    let Some(members) = schema.as_object() else { return Err(format!("`{schema}` is no object")) };
    if depth > DEPTH {
        return Err(format!("it is more than {DEPTH} deep"));
    }
    members.iter().try_for_each(|(word, value)| understood_word(word, value, depth))
}

fn understood_word(word: &str, value: &Value, depth: usize) -> Result<(), String> {
    let wants = |right: bool, what: &str| if right { Ok(()) } else { Err(format!("`{word}` is not {what}")) };
    match word {
        "type" => {
            wants(types(value).iter().all(|name| is_type(name)) && !types(value).is_empty(), "a type, or several")
        }
        "properties" => match value.as_object() {
            Some(members) => members.values().try_for_each(|member| understood(member, depth + 1)),
            None => wants(false, "an object"),
        },
        "additionalProperties" if value.is_boolean() => Ok(()),
        "additionalProperties" | "propertyNames" | "items" => understood(value, depth + 1),
        "required" => wants(texts(value).is_some(), "a list of names"),
        "enum" => wants(value.is_array(), "a list"),
        "const" => Ok(()),
        "pattern" => match value.as_str().map(regex::Regex::new) {
            Some(Ok(_)) => Ok(()),
            _ => wants(false, "a regular expression (without looking around)"),
        },
        "minimum" | "maximum" => wants(value.is_number(), "a number"),
        "minLength" | "maxLength" | "minItems" | "maxItems" => wants(value.is_u64(), "a count"),
        _ => wants(WORDS.contains(&word), "a word of JSON Schema that options may use"),
    }
}

/// What is wrong with options, or with what is in them at `path`.
pub(crate) fn faults(schema: &Value, value: &Value) -> Vec<OptionFault> {
    let mut faults = Vec::new();
    if let Some(schema) = schema.as_object() {
        Place { path: &mut Vec::new(), faults: &mut faults }.check(schema, value);
    }
    faults
}

/// Where a check has come to.
struct Place<'f> {
    path: &'f mut Vec<String>,
    faults: &'f mut Vec<OptionFault>,
}

impl Place<'_> {
    fn check(&mut self, schema: &Map<String, Value>, value: &Value) {
        if let Some(reason) = schema.iter().find_map(|(word, wanted)| broken(word, wanted, value)) {
            self.told(reason);
        }
        if let Some(members) = value.as_object() {
            self.check_members(schema, members);
        }
        if let (Some(elements), Some(items)) = (value.as_array(), schema.get("items").and_then(Value::as_object)) {
            elements.iter().enumerate().for_each(|(at, element)| self.within(&at.to_string(), items, element));
        }
    }

    fn check_members(&mut self, schema: &Map<String, Value>, members: &Map<String, Value>) {
        for name in schema.get("required").and_then(texts).unwrap_or_default() {
            if !members.contains_key(name) {
                self.told(format!("`{name}` is missing"));
            }
        }
        let known = schema.get("properties").and_then(Value::as_object);
        let names = schema.get("propertyNames").and_then(Value::as_object);
        for (name, member) in members {
            let named = Value::from(name.as_str());
            if let Some(reason) = names.and_then(|names| names.iter().find_map(|(word, is)| broken(word, is, &named))) {
                self.told(format!("the name `{name}`: {reason}"));
            }
            match (known.and_then(|known| known.get(name)), schema.get("additionalProperties")) {
                (Some(Value::Object(schema)), _) | (None, Some(Value::Object(schema))) => {
                    self.within(name, schema, member);
                }
                (None, Some(Value::Bool(false))) => {
                    let names: Vec<&str> = known.iter().flat_map(|known| known.keys()).map(String::as_str).collect();
                    self.told(format!("the hook has no option `{name}`; it has {}", names.join(", ")));
                }
                _ => {}
            }
        }
    }

    fn within(&mut self, name: &str, schema: &Map<String, Value>, value: &Value) {
        self.path.push(name.to_owned());
        self.check(schema, value);
        self.path.pop();
    }

    fn told(&mut self, reason: String) {
        self.faults.push(OptionFault { path: self.path.clone(), reason });
    }
}

/// How a value breaks with one word of a schema.
fn broken(word: &str, wanted: &Value, value: &Value) -> Option<String> {
    let count = |least: bool, of: Option<usize>, what: &str| {
        let (of, limit) = (of? as u64, wanted.as_u64()?);
        let right = if least { of >= limit } else { of <= limit };
        (!right).then(|| format!("it has {of} {what}; at {} {limit}", if least { "least" } else { "most" }))
    };
    let letters = || value.as_str().map(|text| text.chars().count());
    let elements = || value.as_array().map(Vec::len);
    match word {
        "type" if !types(wanted).iter().any(|name| is_of(name, value)) => {
            Some(format!("it is not of type {}", types(wanted).join(" or ")))
        }
        "enum" if !wanted.as_array()?.contains(value) => Some(format!("it is none of {wanted}")),
        "const" if wanted != value => Some(format!("it is not {wanted}")),
        "pattern" => {
            let pattern = regex::Regex::new(wanted.as_str()?).ok()?;
            (!pattern.is_match(value.as_str()?)).then(|| format!("it does not match {wanted}"))
        }
        "minimum" if value.as_f64()? < wanted.as_f64()? => Some(format!("it is less than {wanted}")),
        "maximum" if value.as_f64()? > wanted.as_f64()? => Some(format!("it is more than {wanted}")),
        "minLength" => count(true, letters(), "characters"),
        "maxLength" => count(false, letters(), "characters"),
        "minItems" => count(true, elements(), "elements"),
        "maxItems" => count(false, elements(), "elements"),
        _ => None,
    }
}

/// The names under `type`: one or several.
fn types(value: &Value) -> Vec<&str> {
    value.as_str().map(|name| vec![name]).or_else(|| texts(value)).unwrap_or_default()
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

fn is_type(name: &str) -> bool {
    ["object", "array", "string", "integer", "number", "boolean", "null"].contains(&name)
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => value.is_null(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{faults, schema};

    fn told(options: &Value) -> String {
        let schema = schema(
            &json!({"type": "object", "additionalProperties": false, "required": ["key"], "properties": {
                "prefix": {"type": ["string", "null"], "maxLength": 3, "description": "Before each name."},
                "key": {"type": "string", "pattern": "^[a-z]+$"},
                "sizes": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1},
                "kind": {"enum": ["a", "b"]},
                "names": {
                    "type": "object", "propertyNames": {"enum": ["x", "y"]}, "additionalProperties": {"type": "boolean"},
                },
            }})
            .to_string(),
        );
        let told = faults(&schema.expect("a schema"), options);
        told.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn right_options_have_no_faults() {
        for options in
            [json!({"key": "a"}), json!({"key": "a", "prefix": null, "sizes": [1, 2.0], "names": {"x": true}})]
        {
            assert_eq!(told(&options), "");
        }
    }

    #[test]
    fn faults_tell_their_place_and_no_value() {
        assert_eq!(
            told(
                &json!({"key": "S3CRET", "sizes": [0, "x"], "more": 1, "prefix": "abcd", "kind": "c", "names": {"x": 1, "z": true}})
            ),
            "options.key: it does not match \"^[a-z]+$\"\n\
             options.kind: it is none of [\"a\",\"b\"]\n\
             options: the hook has no option `more`; it has key, kind, names, prefix, sizes\n\
             options.names.x: it is not of type boolean\n\
             options.names: the name `z`: it is none of [\"x\",\"y\"]\n\
             options.prefix: it has 4 characters; at most 3\n\
             options.sizes.0: it is less than 1\n\
             options.sizes.1: it is not of type integer"
        );
        assert_eq!(
            told(&json!({"sizes": []})),
            "options: `key` is missing\noptions.sizes: it has 0 elements; at least 1"
        );
        assert_eq!(told(&json!(7)), "options: it is not of type object");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (text, reason) in [
            ("{", "it is no JSON: EOF while parsing"),
            ("true", "it is not one of an object"),
            (r#"{"type": "object", "required": 7}"#, "`required` is not a list of names"),
            (
                r#"{"type": "object", "$ref": "http://h.example/x"}"#,
                "`$ref` is not a word of JSON Schema that options may use",
            ),
            (r#"{"type": "object", "properties": {"a": {"type": "text"}}}"#, "`type` is not a type, or several"),
            (
                r#"{"type": "object", "properties": {"a": {"pattern": "(?=x)"}}}"#,
                "`pattern` is not a regular expression",
            ),
        ] {
            let told = schema(text).expect_err(text);
            assert!(told.contains(reason), "{told}");
        }
    }
}
