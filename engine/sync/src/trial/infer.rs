//! The type that values seem to have, as a spec would write it.

use serde_json::{Map, Value};
use tapwright_spec::time::TimeFormat;

/// Members of an object that a suggestion writes out.
const MEMBERS: usize = 20;

/// The narrowest type that takes all values; `None` if there are only nulls.
pub(super) fn infer(values: &[&Value]) -> Option<String> {
    let values: Vec<&Value> = values.iter().copied().filter(|value| !value.is_null()).collect();
    let all = |is: fn(&Value) -> bool| values.iter().all(|value| is(value));
    if values.is_empty() {
        return None;
    }
    Some(match () {
        () if all(Value::is_boolean) => "boolean".to_owned(),
        () if all(Value::is_i64) => "integer".to_owned(),
        // A whole number that no 64-bit integer holds would lose its digits as a double.
        () if all(Value::is_number) && values.iter().any(|value| value.is_u64() && !value.is_i64()) => {
            "decimal".to_owned()
        }
        () if all(Value::is_number) => "number".to_owned(),
        () if all(Value::is_string) => text(&values).to_owned(),
        () if all(Value::is_array) => list(&values),
        () if all(Value::is_object) => {
            object(&values).map_or_else(|| "object".to_owned(), |fields| format!("{{type: object, fields: {fields}}}"))
        }
        () => "json".to_owned(),
    })
}

/// A line of `fields:` for a key of this type.
pub(super) fn yaml(name: &str, kind: &str) -> String {
    format!("{}: {kind}", key(name))
}

fn key(name: &str) -> String {
    let first = name.chars().next();
    let plain = first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&name.to_lowercase().as_str());
    if plain { name.to_owned() } else { Value::from(name).to_string() }
}

fn text(values: &[&Value]) -> &'static str {
    let texts: Vec<&str> = values.iter().filter_map(|value| value.as_str()).filter(|text| !text.is_empty()).collect();
    let day = |text: &&str| TimeFormat::Date.read(text).is_some() && text.len() == 10;
    let moment = |text: &&str| text.len() > 10 && TimeFormat::Rfc3339.read(text).is_some();
    match () {
        () if texts.is_empty() => "string",
        () if texts.iter().all(day) => "date",
        () if texts.iter().all(moment) => "timestamp",
        () => "string",
    }
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
