//! Credentials: how a request is signed with them, and how they are kept out of every text.

mod oauth1;
mod redactor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use tapwright_spec::expression::{ExpressionFault, Scope};
use tapwright_spec::model::{Auth, KeyPlace};

use crate::http::{Request, Toward};

pub use redactor::Redactor;

/// The credentials of a run, computed from the config.
#[derive(Clone)]
pub struct Credentials(Kind);

#[derive(Clone)]
enum Kind {
    None,
    Header { name: String, value: String },
    Query { name: String, value: String },
    OAuth1(oauth1::Keys),
}

impl Credentials {
    /// What `auth` says with the values of `scope`.
    ///
    /// # Errors
    /// An expression that cannot be computed.
    pub fn new(auth: &Auth, scope: &Scope) -> Result<Credentials, ExpressionFault> {
        let authorization = |value| Kind::Header { name: "Authorization".to_owned(), value };
        Ok(Credentials(match auth {
            Auth::None => Kind::None,
            Auth::Basic { username, password } => {
                let pair = format!("{}:{}", username.render(scope)?, password.render(scope)?);
                authorization(format!("Basic {}", STANDARD.encode(pair)))
            }
            Auth::Bearer { token } => authorization(format!("Bearer {}", token.render(scope)?)),
            Auth::ApiKey { place, value } => {
                let value = value.render(scope)?;
                match place.clone() {
                    KeyPlace::Header(name) => Kind::Header { name, value },
                    KeyPlace::Query(name) => Kind::Query { name, value },
                }
            }
            Auth::OAuth1 { consumer_key, consumer_secret, token, token_secret, signature } => {
                Kind::OAuth1(oauth1::Keys {
                    consumer_key: consumer_key.render(scope)?,
                    consumer_secret: consumer_secret.render(scope)?,
                    token: token.render(scope)?,
                    token_secret: token_secret.render(scope)?,
                    signature: *signature,
                })
            }
        }))
    }

    /// Signs a request that goes home; out of one to a stranger it takes the key in the query, which
    /// a redirect or a link may have carried along. Called for each try.
    pub fn sign(&self, request: &mut Request, toward: Toward, now: Timestamp) {
        match (&self.0, toward) {
            (Kind::None, _) => {}
            (Kind::Header { name, value }, Toward::Home) => request.headers.set(name, value),
            (Kind::Header { name, .. }, Toward::Stranger) => request.headers.remove(name),
            (Kind::Query { name, value }, Toward::Home) => request.set_query(name, value),
            (Kind::Query { name, .. }, Toward::Stranger) => request.remove_query(name),
            (Kind::OAuth1(keys), Toward::Home) => {
                let value = keys.authorization(request, now, &oauth1::nonce());
                request.headers.set("Authorization", &value);
            }
            (Kind::OAuth1(_), Toward::Stranger) => request.headers.remove("Authorization"),
        }
    }

    /// The texts beside the config's secrets that must not be shown.
    fn derived(&self) -> Vec<String> {
        match &self.0 {
            Kind::None => Vec::new(),
            Kind::Header { value, .. } => {
                let bare = value.split_once(' ').map(|(_, bare)| bare.to_owned());
                bare.into_iter().chain([value.clone()]).collect()
            }
            Kind::Query { value, .. } => vec![value.clone()],
            Kind::OAuth1(keys) => vec![keys.consumer_secret.clone(), keys.token_secret.clone()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Redactor};
    use crate::http::{Request, Toward};
    use jiff::Timestamp;
    use serde_json::json;
    use tapwright_spec::expression::{Scope, Template};
    use tapwright_spec::model::{Auth, KeyPlace};

    fn text(source: &str) -> Template {
        Template::compile(source).expect("a template")
    }

    fn signed(auth: &Auth, toward: Toward) -> Request {
        let scope = Scope::new().with("config", &json!({"user": "Ann", "key": "s3 cret"}));
        let credentials = Credentials::new(auth, &scope).expect("credentials");
        let mut request = Request::get("http://a.example/x?key=old&n=1".parse().expect("a url"));
        credentials.sign(&mut request, toward, Timestamp::UNIX_EPOCH);
        request
    }

    #[test]
    fn each_kind_signs_in_its_place() {
        let basic = Auth::Basic { username: text("{{ config.user }}"), password: text("{{ config.key }}") };
        let request = signed(&basic, Toward::Home);
        assert_eq!(request.headers.get("authorization"), Some("Basic QW5uOnMzIGNyZXQ="));
        let bearer = Auth::Bearer { token: text("{{ config.key }}") };
        let request = signed(&bearer, Toward::Home);
        assert_eq!(request.headers.get("authorization"), Some("Bearer s3 cret"));
        let header = Auth::ApiKey { place: KeyPlace::Header("X-Key".into()), value: text("{{ config.key }}") };
        assert_eq!(signed(&header, Toward::Home).headers.get("x-key"), Some("s3 cret"));
        assert_eq!(signed(&header, Toward::Stranger).headers.get("x-key"), None);
        let none = signed(&Auth::None, Toward::Home);
        assert_eq!(none.headers.iter().count(), 0);
    }

    #[test]
    fn a_key_in_the_query_is_set_at_home_and_gone_elsewhere() {
        let query = Auth::ApiKey { place: KeyPlace::Query("key".into()), value: text("{{ config.key }}") };
        assert_eq!(signed(&query, Toward::Home).url.query(), Some("n=1&key=s3%20cret"));
        assert_eq!(signed(&query, Toward::Stranger).url.query(), Some("n=1"));
    }

    #[test]
    fn what_is_derived_is_redacted_too() {
        let scope = Scope::new().with("config", &json!({"user": "Ann", "key": "s3 cret"}));
        let auth = Auth::Basic { username: text("{{ config.user }}"), password: text("{{ config.key }}") };
        let credentials = Credentials::new(&auth, &scope).expect("credentials");
        let redactor = Redactor::new(&["s3 cret".to_owned()], &credentials);
        assert_eq!(redactor.redact("got QW5uOnMzIGNyZXQ= and s3%20cret"), "got *** and ***");
    }
}
