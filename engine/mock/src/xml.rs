//! A document as XML, as paths of a spec read it: members are elements, `@name` attributes, `#text` the text.

use serde_json::Value;

/// The document; its one member is the outermost element.
pub(crate) fn of(document: &Value) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    for (name, value) in document.as_object().into_iter().flatten() {
        element(name, value, &mut out);
    }
    out
}

fn element(name: &str, value: &Value, out: &mut String) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| element(name, one, out)),
        Value::Object(members) => {
            *out += &format!("<{name}");
            for (key, value) in members.iter().filter_map(|(key, value)| Some((key.strip_prefix('@')?, value))) {
                *out += &format!(" {key}=\"{}\"", escaped(value));
            }
            out.push('>');
            for (key, value) in members.iter().filter(|(key, _)| !key.starts_with('@')) {
                match key.as_str() {
                    "#text" => *out += &escaped(value),
                    key => element(key, value, out),
                }
            }
            *out += &format!("</{name}>");
        }
        value => *out += &format!("<{name}>{}</{name}>", escaped(value)),
    }
}

fn escaped(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
