//! Values for what a configuration lacks: they go through every template as a value would, and are shown
//! by the name of their field.

use serde_json::Value;
use tapwright_spec::Connector;
use tapwright_spec::model::{Auth, ConfigField, ConfigType};
use tapwright_spec::settings::{Settings, key_stand_in};

use super::Requests;
use crate::extract::{Following, JobShown, Shown};

/// What stands for which field.
#[derive(Debug, Default)]
pub(super) struct Placeholders(Vec<(String, String)>);

/// `settings` with a value for every field that a run needs; a missing secret is a secret too.
pub(super) fn fill(connector: &Connector, settings: &Settings) -> (Settings, Placeholders) {
    let mut filled = settings.clone();
    let mut placeholders = Placeholders::default();
    // Where the user chooses how to log in, what the choice needs is optional.
    let chosen = matches!(connector.auth, Auth::ByConfig { .. });
    for (number, field) in connector.config.iter().enumerate() {
        let lacks = field.required || chosen && field.default.is_none();
        if !lacks || filled.values.contains_key(&field.name) {
            continue;
        }
        let (value, text) = match key_stand_in(connector, &field.name) {
            Some(key) => (key.clone().into(), Some(key)),
            None => stand_in(field, number),
        };
        filled.values.insert(field.name.clone(), value);
        match text {
            Some(text) if field.secret => filled.secrets.push(text),
            Some(text) => placeholders.0.push((text, format!("{{{}}}", field.name))),
            None => {}
        }
    }
    (filled, placeholders)
}

/// A value, and the text by which it is found again; a value of which there are few is its own example.
fn stand_in(field: &ConfigField, number: usize) -> (Value, Option<String>) {
    // Lower case, since a host is.
    let text = format!("tapwrightvalue{number}x");
    match &field.kind {
        ConfigType::Url => {
            let url = format!("https://{text}.invalid");
            (url.clone().into(), Some(url))
        }
        ConfigType::List => (vec![text.clone()].into(), Some(text)),
        ConfigType::Integer => {
            let number = 907_199_254_000 + number as i64;
            (number.into(), Some(number.to_string()))
        }
        ConfigType::Number => (1.5.into(), None),
        ConfigType::Boolean => (false.into(), None),
        ConfigType::Date => ("2026-01-01".into(), None),
        ConfigType::Timestamp => ("2026-01-01T00:00:00Z".into(), None),
        ConfigType::Enum(values) if !values.is_empty() => (values[0].clone().into(), None),
        ConfigType::String | ConfigType::Enum(_) => (text.clone().into(), Some(text)),
    }
}

impl Placeholders {
    /// The text with names in place of what stands for them.
    pub(super) fn named(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (placeholder, name)| text.replace(placeholder, name))
    }

    pub(super) fn show(&self, requests: Requests) -> Requests {
        let following = match requests.following {
            Following::Request(shown) => Following::Request(self.shown(shown)),
            Following::Restart(shown) => Following::Restart(self.shown(shown)),
            other => other,
        };
        let job = requests.job.map(|job| JobShown {
            create: self.shown(job.create),
            poll: self.shown(job.poll),
            cleanup: job.cleanup.map(|cleanup| self.shown(cleanup)),
        });
        Requests { job, first: self.shown(requests.first), following }
    }

    fn shown(&self, shown: Shown) -> Shown {
        Shown {
            request: self.named(&shown.request),
            headers: shown.headers.into_iter().map(|(name, value)| (name, self.named(&value))).collect(),
            body: shown.body.map(|body| self.named(&body)),
        }
    }
}
