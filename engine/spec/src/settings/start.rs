//! A configuration to start from: every field with what it is, to be filled in.

use serde_json::Value;

use super::chosen;
use super::variable;
use crate::model::{ConfigField, ConfigType, Connector};

/// How a configuration is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// As variables of the environment, for `.env`.
    Environment,
    /// As a file of YAML, for `--config`.
    Yaml,
}

/// A configuration to fill in. What must be given stands there without a value, what may be left out behind `#`.
pub fn start(connector: &Connector, form: Start) -> String {
    let head = match form {
        Start::Environment => "as a file `.env`, or as variables",
        Start::Yaml => "for `--config`",
    };
    let fields = connector.config.iter().map(|field| block(connector, field, form));
    let fields: String = fields.collect();
    format!("# Configuration of {} {}, {head}.\n{fields}", connector.title, connector.version)
}

fn block(connector: &Connector, field: &ConfigField, form: Start) -> String {
    let mut lines = vec![String::new()];
    let comment = |text: &str| format!("# {text}").trim_end().to_owned();
    lines.push(comment(&format!("{}: {}", field.title, remarks(connector, field).join(", "))));
    lines.extend(field.description.iter().flat_map(|text| text.lines()).map(comment));
    if let (Some(example), false) = (&field.example, field.secret) {
        lines.push(comment(&format!("For example {example}")));
    }
    let value = field.default.as_ref().map(|default| written(default, form)).unwrap_or_default();
    let line = match form {
        Start::Environment => format!("{}={value}", variable(&connector.name, &field.name)),
        Start::Yaml => format!("{}: {value}", field.name),
    };
    lines.push(if field.required { line.trim_end().to_owned() } else { comment(&line) });
    lines.join("\n") + "\n"
}

/// What there is to know of a field beside its description.
fn remarks(connector: &Connector, field: &ConfigField) -> Vec<String> {
    let mut remarks = vec![if field.required { "required" } else { "optional" }.to_owned()];
    remarks.extend(field.secret.then(|| "secret".to_owned()));
    remarks.extend(match &field.kind {
        ConfigType::String | ConfigType::Url => None,
        ConfigType::Integer => Some("a whole number".to_owned()),
        ConfigType::Number => Some("a number".to_owned()),
        ConfigType::Boolean => Some("true or false".to_owned()),
        ConfigType::Date => Some("a day such as 2026-01-31".to_owned()),
        ConfigType::Timestamp => Some("a moment such as 2026-01-31T12:00:00Z".to_owned()),
        ConfigType::Enum(values) => Some(format!("one of {}", values.join(", "))),
        ConfigType::List => Some("a list".to_owned()),
    });
    let (by, choices) = chosen::choices(connector).unwrap_or(("", Vec::new()));
    let needing = choices.iter().filter(|choice| choice.needs.contains(&field.name.as_str()));
    remarks.extend(needing.map(|choice| format!("needed with {by}: {}", choice.value)));
    remarks
}

/// A default as the form writes it.
fn written(default: &Value, form: Start) -> String {
    match (default, form) {
        (Value::String(text), Start::Environment) => format!("\"{text}\""),
        (Value::Array(items), Start::Environment) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            items.join(",")
        }
        // JSON is YAML.
        (other, _) => other.to_string(),
    }
}
