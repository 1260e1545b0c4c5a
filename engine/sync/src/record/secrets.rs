//! What must not be written of a configuration and of what authentication makes of it.

use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::model::{Auth, KeyPlace, Scheme};
use tapwright_spec::settings::Settings;

use super::stand_in::StandIns;
use crate::auth::{Redactor, forms};

/// A key that protects nothing, in place of one with which tokens are signed.
const RSA: &str = include_str!("../../tests/keys/rsa.pem");
/// What stands for a secret that is in no configuration.
pub(super) const HIDDEN: &str = "***";
/// Members of an answer with tokens that are none.
const OPEN: [&str; 4] = ["token_type", "scope", "expires_in", "refresh_token_expires_in"];

/// The secrets of a run, and what stands in their place.
pub(super) struct Secrets<'r> {
    redactor: &'r Redactor,
    config: Map<String, Value>,
    /// Each form of each secret of the configuration with the same form of its stand-in, the longest first.
    forms: Vec<(String, String)>,
    /// Where keys stand in requests.
    pub(super) places: Vec<KeyPlace>,
}

impl<'r> Secrets<'r> {
    pub(super) fn new(
        connector: &Connector,
        settings: &Settings,
        redactor: &'r Redactor,
        stand_ins: &mut StandIns,
    ) -> Secrets<'r> {
        let mut config = settings.values.clone();
        let mut pairs = Vec::new();
        for field in connector.config.iter().filter(|field| field.secret) {
            if let Some(value) = config.get_mut(&field.name) {
                hide(value, stand_ins, &mut pairs);
            }
        }
        let mut both: Vec<(String, String)> =
            pairs.iter().flat_map(|(secret, stand_in)| forms(secret).into_iter().zip(forms(stand_in))).collect();
        both.retain(|(form, _)| !form.is_empty());
        both.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        Secrets { redactor, config, forms: both, places: places(&connector.auth) }
    }

    /// The configuration with stand-ins.
    pub(super) fn config(&self) -> &Map<String, Value> {
        &self.config
    }

    /// A text without secrets: those of the configuration have stand-ins, all others are hidden.
    pub(super) fn without(&self, text: &str) -> String {
        let replaced = self.forms.iter().fold(text.to_owned(), |text, (form, stand_in)| text.replace(form, stand_in));
        self.redactor.redact(&replaced)
    }

    /// Whether a secret is left.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.without(text) != text
    }

    /// An answer with tokens: nothing in it is shown but what kind they are and how long they last.
    pub(super) fn tokens_hidden(&self, body: &str) -> String {
        let Ok(Value::Object(mut members)) = serde_json::from_str(body) else { return self.without(body) };
        for (name, value) in &mut members {
            if value.is_string() && !OPEN.contains(&name.as_str()) {
                *value = HIDDEN.into();
            }
        }
        self.without(&Value::Object(members).to_string())
    }
}

/// Puts stand-ins into a value, and notes what they stand for.
fn hide(value: &mut Value, stand_ins: &mut StandIns, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if !text.is_empty() => {
            let stand_in = if text.contains("-----BEGIN") { RSA.to_owned() } else { stand_ins.of(text) };
            pairs.push((std::mem::replace(text, stand_in.clone()), stand_in));
        }
        Value::Number(number) => {
            let stand_in = stand_ins.of(&number.to_string());
            pairs.push((number.to_string(), stand_in.clone()));
            *value = serde_json::from_str(&stand_in).unwrap_or_default();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, stand_ins, pairs)),
        _ => {}
    }
}

fn places(auth: &Auth) -> Vec<KeyPlace> {
    let schemes: Vec<&Scheme> = match auth {
        Auth::Always(schemes) => schemes.iter().collect(),
        Auth::ByConfig { cases, .. } => cases.iter().flat_map(|(_, schemes)| schemes).collect(),
    };
    let place = |scheme: &Scheme| match scheme {
        Scheme::ApiKey { place, .. } => Some(place.clone()),
        _ => None,
    };
    schemes.into_iter().filter_map(place).collect()
}
