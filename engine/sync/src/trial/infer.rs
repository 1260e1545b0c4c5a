//! The type that values seem to have, as a spec would write it.

use serde_json::{Map, Value};

use crate::normalise::ColumnType;
use crate::normalise::observe::{kind_of, widest};

/// Members of an object that a suggestion writes out.
const MEMBERS: usize = 20;

/// The narrowest type that takes all values, as a run would find it; `None` if there are only nulls.
pub(crate) fn infer(values: &[&Value]) -> Option<String> {
    // An API that writes "" for what is missing says nothing more with it.
    let says = |value: &&&Value| !value.is_null() && value.as_str() != Some("");
    let mut values: Vec<&Value> = values.iter().copied().filter(|value| !value.is_null()).collect();
    if values.iter().any(|value| says(&value)) {
        values.retain(|value| says(&value));
    }
    let first = values.first()?;
    if values.iter().all(|value| value.is_array()) {
        return Some(list(&values));
    }
    if values.iter().all(|value| value.is_object()) {
        let fields = object(&values).map(|fields| format!("{{type: object, fields: {fields}}}"));
        return Some(fields.unwrap_or_else(|| "object".to_owned()));
    }
    let kinds: Option<Vec<ColumnType>> = values.iter().map(|value| kind_of(&value.to_string())).collect();
    let widest = kinds.and_then(|kinds| kinds.into_iter().try_fold(kind_of(&first.to_string())?, widest));
    Some(widest.map_or("json", ColumnType::in_spec).to_owned())
}

/// A line of `fields:` for a key of this type.
pub(crate) fn yaml(name: &str, kind: &str) -> String {
    format!("{}: {kind}", key(name))
}

/// A key as YAML takes it for a text.
pub(crate) fn key(name: &str) -> String {
    let first = name.chars().next();
    let plain = first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&name.to_lowercase().as_str());
    if plain { name.to_owned() } else { Value::from(name).to_string() }
}

fn list(values: &[&Value]) -> String {
    let elements: Vec<&Value> = values.iter().filter_map(|value| value.as_array()).flatten().collect();
    if !elements.is_empty() && elements.iter().all(|element| element.is_object()) {
        return match object(&elements) {
            Some(fields) => format!("{{type: [object], fields: {fields}}}"),
            None => "[object]".to_owned(),
        };
    }
    match infer(&elements) {
        Some(kind) if !kind.contains('[') && kind != "json" => format!("[{kind}]"),
        _ => "json".to_owned(),
    }
}

/// `{key: type, …}`; what is nested once more stays JSON.
fn object(values: &[&Value]) -> Option<String> {
    let objects: Vec<&Map<String, Value>> = values.iter().filter_map(|value| value.as_object()).collect();
    let mut names: Vec<&String> = Vec::new();
    for name in objects.iter().flat_map(|object| object.keys()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() || names.len() > MEMBERS {
        return None;
    }
    let member = |name: &&String| {
        let values: Vec<&Value> = objects.iter().filter_map(|object| object.get(name.as_str())).collect();
        let kind = infer(&values).filter(|kind| !kind.contains('{') && !kind.contains('[') && kind != "object");
        yaml(name, &kind.unwrap_or_else(|| "json".to_owned()))
    };
    Some(format!("{{{}}}", names.iter().map(member).collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{infer, yaml};
    use serde_json::{Value, json};

    fn kind(values: &Value) -> Option<String> {
        infer(&values.as_array().expect("a list").iter().collect::<Vec<_>>())
    }

    #[test]
    fn the_narrowest_type_that_takes_all_values() {
        for (values, expected) in [
            (json!([1, null, 2]), "integer"),
            (json!([1, 2.5]), "number"),
            (json!([18446744073709551615u64, 1]), "decimal"),
            (json!([true, false]), "boolean"),
            (json!(["2026-01-31", ""]), "date"),
            (json!(["2026-01-31T12:00:00Z", "2026-01-31T12:00:00+02:00"]), "timestamp"),
            (json!(["2026-01-31", "later"]), "string"),
            (json!([1, "a"]), "json"),
            (json!([["a"], []]), "[string]"),
            (json!([[], []]), "json"),
            (json!([{"a": 1, "b": {"c": 2}}, {"a": null}]), "{type: object, fields: {a: integer, b: json}}"),
            (json!([[{"no": "x"}]]), "{type: [object], fields: {\"no\": string}}"),
        ] {
            assert_eq!(kind(&values).as_deref(), Some(expected), "{values}");
        }
        assert_eq!(kind(&json!([null])), None);
        assert_eq!(yaml("odd name", "string"), "\"odd name\": string");
    }
}
