//! A user's configuration, checked against the config fields of a connector with the same diagnostics
//! as a spec.
//!
//! Values come from a YAML or JSON file, from the environment, and from the command line, the later
//! over the earlier; each is typed by its field.

mod chosen;
mod derived;
mod form;
mod stand_in;
mod start;
mod typed;

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::grammar::list_names;
use crate::model::{ConfigField, ConfigType, Connector};
use crate::source::Source;
use crate::tree::{self, Value};

pub use form::form;
pub use start::{Start, start};
pub(crate) use typed::node_value;
use typed::text_value;

pub use stand_in::{RSA, key_stand_in, stand_in_settings};

/// A checked configuration.
#[derive(Clone, Default)]
pub struct Settings {
    /// Values by field; every field that has one.
    pub values: serde_json::Map<String, Json>,
    /// The texts that must never be shown.
    pub secrets: Vec<String>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.values.keys()).finish()
    }
}

/// Where values come from. Later ones win.
#[derive(Debug, Default)]
pub struct Given {
    /// A file.
    pub file: Option<Source>,
    /// Name and text, such as from the environment or `--set`; `origin` is said in messages.
    pub texts: Vec<GivenText>,
}

/// A value that was given as text.
#[derive(Debug, Clone)]
pub struct GivenText {
    /// The config field.
    pub name: String,
    /// Its value.
    pub text: String,
    /// How messages call where it was given: `--set key=…`, `TAPWRIGHT_DESK_KEY`.
    pub origin: String,
}

/// Checks what was given.
///
/// # Errors
/// Every fault of the file and of the other values, with the fields that are missing.
pub fn settings(connector: &Connector, given: &Given) -> Result<Settings, Diagnostics> {
    read(connector, given, Lacking::IsFault)
}

/// Checks what was given, and leaves out what was not.
///
/// # Errors
/// Every fault of the file and of the other values.
pub fn incomplete_settings(connector: &Connector, given: &Given) -> Result<Settings, Diagnostics> {
    read(connector, given, Lacking::StaysOut)
}

/// What becomes of a required field without a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lacking {
    IsFault,
    StaysOut,
}

fn read(connector: &Connector, given: &Given, lacking: Lacking) -> Result<Settings, Diagnostics> {
    let nothing = Source::new("configuration", "");
    let source = given.file.as_ref().unwrap_or(&nothing);
    let mut faults = Vec::new();
    let mut settings = Settings::default();
    if given.file.is_some() {
        from_file(connector, source, &mut settings, &mut faults);
    }
    for one in &given.texts {
        from_text(connector, one, &mut settings, &mut faults);
    }
    for field in &connector.config {
        // An empty text is what a form sends of a field that is not filled.
        if may_be_left_out(field) && settings.values.get(&field.name).is_some_and(|value| value == "") {
            settings.values.remove(&field.name);
        }
        if settings.values.contains_key(&field.name) {
            continue;
        }
        match &field.default {
            Some(default) => {
                settings.values.insert(field.name.clone(), default.clone());
            }
            None if field.required
                && lacking == Lacking::IsFault
                && !faults.iter().any(|fault: &Diagnostic| fault.message.contains(&format!("`{}`", field.name))) =>
            {
                faults.push(missing(connector, field, source));
            }
            None => {}
        }
    }
    if lacking == Lacking::IsFault {
        faults.extend(chosen::lacking(connector, &settings.values, source));
    }
    for field in connector.config.iter().filter(|field| field.secret) {
        match settings.values.get(&field.name) {
            Some(Json::String(text)) if !text.is_empty() => settings.secrets.push(text.clone()),
            Some(Json::Array(items)) => {
                settings.secrets.extend(items.iter().filter_map(|item| item.as_str().map(str::to_owned)));
            }
            Some(Json::Number(number)) => settings.secrets.push(number.to_string()),
            _ => {}
        }
    }
    settings.secrets.extend(derived::derived(connector, &settings.values));
    if faults.is_empty() { Ok(settings) } else { Err(Diagnostics::new(without_secrets(connector, source), faults)) }
}

/// Whether a configuration may do without the field altogether.
fn may_be_left_out(field: &ConfigField) -> bool {
    !field.required && field.default.is_none()
}

/// The file as a message may show it: keys, the values of fields that are no secret, and the signs of YAML.
/// Whatever else stands there may be a secret and is covered, column for column and byte for byte, so that
/// every place stays where it is.
fn without_secrets(connector: &Connector, source: &Source) -> Source {
    let text = source.text();
    let mut open: Vec<crate::source::Place> = Vec::new();
    if let Some(Value::Map(entries)) = tree::read(source).0.map(|root| root.value) {
        for (key, node) in entries {
            let known = connector.config.iter().find(|field| field.name == key.text);
            open.extend(known.filter(|field| !field.secret).map(|_| node.place));
            open.push(key.place);
        }
    }
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    for word in text.split(|c: char| !in_word(c)) {
        if connector.config.iter().any(|field| field.name == word) {
            let start = word.as_ptr().addr() - text.as_ptr().addr();
            open.push(start..start + word.len());
        }
    }
    open.sort_by_key(|place| place.start);
    let mut open = open.into_iter().peekable();
    let mut shown_to = 0;
    let shown = text.char_indices().map(|(at, c)| {
        while let Some(place) = open.next_if(|place| place.start <= at) {
            shown_to = shown_to.max(place.end);
        }
        if at < shown_to || "{}[],:\"'".contains(c) { c } else { covered(c) }
    });
    Source::new(source.name(), shown.collect::<String>())
}

/// A character that says nothing and takes as many bytes as `c`; white space stays.
fn covered(c: char) -> char {
    match c.len_utf8() {
        _ if c.is_whitespace() => c,
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '\u{10ffff}',
    }
}

/// `TAPWRIGHT_DESK_SITE_URL` for `site_url` of `desk`.
pub fn variable(connector: &str, field: &str) -> String {
    format!("TAPWRIGHT_{}_{}", connector.to_uppercase(), field.to_uppercase())
}

fn missing(connector: &Connector, field: &ConfigField, source: &Source) -> Diagnostic {
    let end = source.text().trim_end().len();
    let about = field.description.as_deref().map(|text| format!(" {text}")).unwrap_or_default();
    Diagnostic::new(format!("the configuration lacks `{}` ({})", field.name, field.title), end..end).help(format!(
        "add it to the file, or set {}.{}",
        variable(&connector.name, &field.name),
        about.lines().next().unwrap_or_default()
    ))
}

fn from_file(connector: &Connector, source: &Source, settings: &mut Settings, faults: &mut Vec<Diagnostic>) {
    // Comments alone are what `tapwright config` begins with where nothing is required.
    let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if source.text().lines().all(says_nothing) {
        return;
    }
    let (root, unreadable) = tree::read(source);
    faults.extend(unreadable);
    let Some(root) = root else { return };
    let Value::Map(entries) = &root.value else {
        let fault =
            Diagnostic::new("a configuration is a mapping of fields to values", root.place.start..root.place.start);
        return faults.push(fault.help("write lines such as `site_url: https://…`"));
    };
    for (key, node) in entries {
        let Some(field) = connector.config.iter().find(|field| field.name == key.text) else {
            let names: Vec<&str> = connector.config.iter().map(|field| field.name.as_str()).collect();
            let fault =
                Diagnostic::new(format!("{} has no config field `{}`", connector.name, key.text), key.place.clone());
            faults.push(
                fault
                    .nearest(&key.text, names.iter().copied())
                    .help(format!("its fields are {}", list_names(names.iter().copied()))),
            );
            continue;
        };
        match node_value(field, node) {
            Ok(Some(value)) => {
                settings.values.insert(field.name.clone(), value);
            }
            Ok(None) => {}
            Err(reason) => faults.push(wrong(field, &reason, node.place.clone())),
        }
    }
}

fn wrong(field: &ConfigField, reason: &str, place: crate::source::Place) -> Diagnostic {
    let fault = Diagnostic::new(format!("`{}`: {reason}", field.name), place);
    match &field.example {
        Some(example) if !field.secret => fault.help(format!("for example {example}")),
        _ => fault,
    }
}

fn from_text(connector: &Connector, given: &GivenText, settings: &mut Settings, faults: &mut Vec<Diagnostic>) {
    let Some(field) = connector.config.iter().find(|field| field.name == given.name) else {
        let names: Vec<&str> = connector.config.iter().map(|field| field.name.as_str()).collect();
        let hint = crate::nearest(&given.name, names.iter().copied()).map(|name| format!("; did you mean `{name}`?"));
        let message = format!(
            "{}: {} has no config field `{}`{}",
            given.origin,
            connector.name,
            given.name,
            hint.unwrap_or_default()
        );
        return faults.push(Diagnostic::new(message, 0..0).help(format!("its fields are {}", list_names(names))));
    };
    let text = if field.kind == ConfigType::String { given.text.as_str() } else { given.text.trim() };
    match text_value(field, text) {
        Ok(value) => {
            settings.values.insert(field.name.clone(), value);
        }
        Err(reason) => faults.push(wrong(field, &format!("{reason} ({})", given.origin), 0..0)),
    }
}
