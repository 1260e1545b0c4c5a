//! Settings for an API that is made up: what is required and not given has a value that says so.

use crate::expression::Template;
use crate::model::{Algorithm, Grant, KeyEncoding, Scheme};

use super::{Given, GivenText, Settings, settings};
use crate::diagnostic::Diagnostics;
use crate::model::{Auth, ConfigField, ConfigType, Connector};

/// Private keys in PKCS #8 that protect nothing: for RS256, and for ES256.
pub const RSA: &str = include_str!("stand_in/rsa.pem");
const EC: &str = include_str!("stand_in/ec.pem");

/// Checks what was given, with stand-ins for what is required and was not.
///
/// # Errors
/// Every fault of what was given, and fields for which no stand-in will do.
pub fn stand_in_settings(connector: &Connector, given: Given) -> Result<Settings, Diagnostics> {
    // Where the user chooses how to log in, what the choice needs is optional.
    let chosen = matches!(connector.auth, Auth::ByConfig { .. });
    let lacking = connector.config.iter().filter(|field| field.required || chosen && field.default.is_none());
    let text = |field: &ConfigField| key_stand_in(connector, &field.name).unwrap_or_else(|| stand_in(field));
    let mut texts: Vec<GivenText> = lacking
        .map(|field| GivenText { name: field.name.clone(), text: text(field), origin: "a stand-in".to_owned() })
        .collect();
    texts.retain(|one| !given.texts.iter().any(|known| known.name == one.name));
    texts.extend(given.texts);
    settings(connector, &Given { file: given.file, texts })
}

/// What stands for the config field `name`, if requests are signed with it and it must be written as a key is.
pub fn key_stand_in(connector: &Connector, name: &str) -> Option<String> {
    let schemes: Vec<&Scheme> = match &connector.auth {
        Auth::Always(schemes) => schemes.iter().collect(),
        Auth::ByConfig { cases, .. } => cases.iter().flat_map(|(_, schemes)| schemes).collect(),
    };
    let path = format!("config.{name}");
    let is_it = |key: &Template| key.names().any(|(read, _)| read == path);
    schemes.into_iter().find_map(|scheme| match scheme {
        Scheme::Jwt(jwt) if is_it(&jwt.key) => private_key(jwt.algorithm),
        Scheme::OAuth2(oauth) => match &oauth.grant {
            Grant::JwtBearer { assertion } if is_it(&assertion.key) => private_key(assertion.algorithm),
            _ => None,
        },
        Scheme::Hmac(hmac) if is_it(&hmac.key) => match hmac.key_encoding {
            KeyEncoding::Text => None,
            // Of the same value in both.
            KeyEncoding::Hex => Some("6d6f636b2d6b6579".to_owned()),
            KeyEncoding::Base64 => Some("bW9jay1rZXk=".to_owned()),
        },
        _ => None,
    })
}

fn private_key(algorithm: Algorithm) -> Option<String> {
    match algorithm {
        Algorithm::Hs256 => None,
        Algorithm::Rs256 => Some(RSA.to_owned()),
        Algorithm::Es256 => Some(EC.to_owned()),
    }
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
