//! What must not be written of a configuration and of what authentication makes of it.

use jiff::Timestamp;
use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::model::{Auth, KeyPlace, Scheme};
use tapwright_spec::settings::{Settings, key_stand_in};

use super::stand_in::StandIns;
use crate::auth::{Redactor, forms};

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
    /// Keys of the configuration that are stand-ins themselves, in all their forms.
    open: Vec<String>,
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
        let mut open = Vec::new();
        for field in connector.config.iter().filter(|field| field.secret) {
            if let Some(value) = config.get_mut(&field.name) {
                match (&value, key_stand_in(connector, &field.name)) {
                    (Value::String(known), Some(key)) if *known == key => open.extend(forms(&key)),
                    (Value::String(_), Some(key)) => pairs.extend(exchanged(value, key)),
                    _ => hide(value, stand_ins, &mut pairs),
                }
            }
        }
        let mut both: Vec<(String, String)> =
            pairs.iter().flat_map(|(secret, stand_in)| forms(secret).into_iter().zip(forms(stand_in))).collect();
        both.retain(|(form, _)| !form.is_empty());
        both.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        Secrets { redactor, config, forms: both, open, places: places(&connector.auth) }
    }

    /// The configuration with stand-ins.
    pub(super) fn config(&self) -> &Map<String, Value> {
        &self.config
    }

    /// A text without secrets: those of the configuration have stand-ins, all others are hidden.
    pub(super) fn without(&self, text: &str) -> String {
        let replaced = self.forms.iter().fold(text.to_owned(), |text, (form, stand_in)| text.replace(form, stand_in));
        self.redactor.redact_for_good(&replaced)
    }

    /// Whether a secret is left.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let text = self.open.iter().fold(text.to_owned(), |text, key| text.replace(key, ""));
        self.without(&text) != text
    }

    /// An answer with tokens: nothing in it is shown but what kind they are and how long they last.
    pub(super) fn tokens_hidden(&self, body: &str) -> String {
        let Ok(Value::Object(mut members)) = serde_json::from_str(body) else { return self.without(body) };
        for (name, value) in &mut members {
            let is_moment = value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok());
            if value.is_string() && !is_moment && !OPEN.contains(&name.as_str()) {
                *value = HIDDEN.into();
            }
        }
        self.without(&Value::Object(members).to_string())
    }
}

/// Puts a key that protects nothing in the place of one; gives both.
fn exchanged(value: &mut Value, key: String) -> Option<(String, String)> {
    let before = std::mem::replace(value, key.clone().into());
    before.as_str().map(|before| (before.to_owned(), key))
}

/// Puts stand-ins into a value, and notes what they stand for.
fn hide(value: &mut Value, stand_ins: &mut StandIns, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if !text.is_empty() => {
            let stand_in = stand_ins.of(text);
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
    let of_scheme = |scheme: &Scheme| match scheme {
        Scheme::ApiKey { place, .. } => vec![place.clone()],
        // What is signed differs from try to try: a moment, a text that comes once.
        Scheme::Hmac(hmac) => {
            let headers = hmac.headers.iter().map(|(name, _)| KeyPlace::Header(name.clone()));
            let params = hmac.params.iter().map(|(name, _)| KeyPlace::Query(name.clone()));
            headers.chain(params).chain(hmac.send.iter().map(|sent| sent.place.clone())).collect()
        }
        _ => Vec::new(),
    };
    schemes.into_iter().flat_map(of_scheme).collect()
}
