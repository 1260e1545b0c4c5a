//! Settings for an API that is made up: what is required and not given has a value that says so.

use super::{Given, GivenText, Settings, settings};
use crate::diagnostic::Diagnostics;
use crate::model::{Auth, ConfigField, ConfigType, Connector};

/// Checks what was given, with stand-ins for what is required and was not.
///
/// # Errors
/// Every fault of what was given, and fields for which no stand-in will do.
pub fn stand_in_settings(connector: &Connector, given: Given) -> Result<Settings, Diagnostics> {
    // Where the user chooses how to log in, what the choice needs is optional.
    let chosen = matches!(connector.auth, Auth::ByConfig { .. });
    let lacking = connector.config.iter().filter(|field| field.required || chosen && field.default.is_none());
    let mut texts: Vec<GivenText> = lacking
        .map(|field| GivenText { name: field.name.clone(), text: stand_in(field), origin: "a stand-in".to_owned() })
        .collect();
    texts.retain(|one| !given.texts.iter().any(|known| known.name == one.name));
    texts.extend(given.texts);
    settings(connector, &Given { file: given.file, texts })
}

fn stand_in(field: &ConfigField) -> String {
    let named = || format!("mock-{}", field.name);
    match (&field.kind, &field.example) {
        // The example of a secret may be somebody's.
        (_, Some(example)) if !field.secret || field.pattern.is_some() => example.clone(),
        (ConfigType::Enum(values), _) => values.first().cloned().unwrap_or_default(),
        (ConfigType::Url, _) => "https://mock.example".to_owned(),
        (ConfigType::Integer, _) => "1".to_owned(),
        (ConfigType::Number, _) => "1.5".to_owned(),
        (ConfigType::Boolean, _) => "false".to_owned(),
        (ConfigType::Date, _) => "2020-01-01".to_owned(),
        (ConfigType::Timestamp, _) => "2020-01-01T00:00:00Z".to_owned(),
        _ => named(),
    }
}
