//! What the way to log in needs that a configuration chooses.

use serde_json::{Map, Value as Json};

use super::variable;
use crate::diagnostic::Diagnostic;
use crate::expression::{Lack, Template};
use crate::grammar::list_names;
use crate::model::{Auth, ConfigField, Connector, Grant, Jwt, Scheme};
use crate::source::Source;

/// A value of the field that chooses, with the optional fields without which that choice cannot log in.
pub(super) struct Choice<'a> {
    /// The value.
    pub(super) value: &'a str,
    /// Names of fields, in the order of the form.
    pub(super) needs: Vec<&'a str>,
}

/// The field that chooses how to log in, with what each of its values needs.
pub(super) fn choices(connector: &Connector) -> Option<(&str, Vec<Choice<'_>>)> {
    let Auth::ByConfig { field, cases } = &connector.auth else { return None };
    let needed = |schemes: &[Scheme]| {
        let optional = connector.config.iter().filter(|field| super::may_be_left_out(field));
        let needs = optional.filter(|field| schemes.iter().any(|scheme| needs(scheme, field)));
        needs.map(|field| field.name.as_str()).collect::<Vec<_>>()
    };
    let all = cases.iter().map(|(value, schemes)| Choice { value, needs: needed(schemes) });
    Some((field, all.collect()))
}

/// What the choice needs and the configuration lacks.
pub(super) fn lacking(connector: &Connector, values: &Map<String, Json>, source: &Source) -> Option<Diagnostic> {
    let (field, choices) = choices(connector)?;
    let chosen = choices.into_iter().find(|choice| values.get(field).is_some_and(|value| value == choice.value))?;
    let missing: Vec<&str> = chosen.needs.into_iter().filter(|name| !values.contains_key(*name)).collect();
    let end = source.text().trim_end().len();
    (!missing.is_empty()).then(|| {
        let variables: Vec<String> = missing.iter().map(|name| variable(&connector.name, name)).collect();
        let pronoun = if missing.len() == 1 { "it" } else { "them" };
        let message = format!("with `{field}: {}` the configuration needs {}", chosen.value, list_names(missing));
        Diagnostic::new(message, end..end)
            .help(format!("add {pronoun} to the file, or set {}", variables.join(" and ")))
    })
}

/// Whether `scheme` cannot be used without a value of `field`.
fn needs(scheme: &Scheme, field: &ConfigField) -> bool {
    let name = format!("config.{}", field.name);
    let lacks = |read: &str| (read == name).then_some(Lack::Undefined);
    templates(scheme).into_iter().flat_map(Template::expressions).any(|one| !one.needs(&lacks).is_empty())
}

/// What a scheme must have computed before it can sign.
fn templates(scheme: &Scheme) -> Vec<&Template> {
    match scheme {
        Scheme::Basic { username, password } => vec![username, password],
        Scheme::Bearer { token } => vec![token],
        Scheme::ApiKey { value, .. } => vec![value],
        Scheme::OAuth1 { consumer_key, consumer_secret, token, token_secret, .. } => {
            vec![consumer_key, consumer_secret, token, token_secret]
        }
        Scheme::Jwt(jwt) => of_token(jwt),
        Scheme::Hmac(hmac) => vec![&hmac.key],
        Scheme::OAuth2(oauth) => {
            let granted = match &oauth.grant {
                Grant::ClientCredentials => Vec::new(),
                Grant::Password { username, password } => vec![username, password],
                Grant::RefreshToken { refresh_token } => vec![refresh_token],
                Grant::AuthorizationCode(authorize) => {
                    authorize.params.iter().map(|(_, value)| value).chain([&authorize.url]).collect()
                }
                Grant::JwtBearer { assertion } => of_token(assertion),
            };
            let client = [&oauth.client_id, &oauth.client_secret, &oauth.scope].into_iter().flatten();
            let pairs = oauth.params.iter().chain(&oauth.headers).map(|(_, value)| value);
            granted.into_iter().chain(client).chain(pairs).chain([&oauth.token_url]).collect()
        }
        // What of a login has no value is left out of it.
        Scheme::Session(session) => {
            session.login.iter().flat_map(|step| [&step.request.base_url, &step.request.path]).collect()
        }
        Scheme::Hook(_) => Vec::new(),
    }
}

fn of_token(jwt: &Jwt) -> Vec<&Template> {
    jwt.claims.iter().map(|(_, claim)| claim).chain([&jwt.key]).chain(&jwt.key_id).collect()
}
