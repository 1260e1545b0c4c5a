//! What a token endpoint is asked: parameters, client and headers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use tapwright_spec::expression::{ExpressionFault, Scope};
use tapwright_spec::model::{ClientPlace, Grant, Method, OAuth2, TokenBody};
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::optional;
use crate::http::{Headers, Request};

/// What all token requests have in common.
pub(super) struct Question {
    client: (Option<String>, Option<String>),
    client_auth: ClientPlace,
    /// The grant with what it needs, scope and parameters; without what changes from one request to the next.
    form: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: TokenBody,
}

impl Question {
    /// `form` has what the grant needs.
    pub(super) fn new(
        oauth: &OAuth2,
        mut form: Vec<(String, String)>,
        scope: &Scope,
    ) -> Result<Question, ExpressionFault> {
        // A person has agreed to it already where a login came before.
        let asked = oauth.scope.as_ref().filter(|_| !matches!(oauth.grant, Grant::AuthorizationCode(_)));
        if let Some(access) = optional(asked, scope)? {
            form.push(("scope".to_owned(), access));
        }
        for (name, value) in &oauth.params {
            form.push((name.clone(), value.render(scope)?));
        }
        let headers = oauth.headers.iter().map(|(name, value)| Ok((name.clone(), value.render(scope)?)));
        Ok(Question {
            client: (optional(oauth.client_id.as_ref(), scope)?, optional(oauth.client_secret.as_ref(), scope)?),
            client_auth: oauth.client_auth,
            form,
            headers: headers.collect::<Result<_, ExpressionFault>>()?,
            body: oauth.body,
        })
    }

    /// The identifier of the client.
    pub(super) fn client(&self) -> &str {
        self.client.0.as_deref().unwrap_or_default()
    }

    pub(super) fn secrets(&self) -> Vec<String> {
        let password = self.form.iter().find(|(name, _)| name == "password").map(|(_, value)| value.clone());
        let basic = self.client.1.as_ref().map(|secret| basic(self.client(), secret));
        [self.client.1.clone(), basic, password].into_iter().flatten().collect()
    }

    /// A token request; `exchanged` is what changes from one to the next.
    pub(super) fn request(&self, url: Url, exchanged: &[(&str, &str)]) -> Request {
        let mut request = Request::get(url);
        request.method = Method::Post;
        request.headers = Headers::ours();
        let mut pairs: Vec<(&str, &str)> = self.form.iter().map(|(name, value)| (&**name, &**value)).collect();
        pairs.extend_from_slice(exchanged);
        match (&self.client, self.client_auth) {
            ((Some(id), Some(secret)), ClientPlace::Basic) => {
                request.headers.set("Authorization", &format!("Basic {}", basic(id, secret)));
            }
            ((id, secret), _) => {
                pairs.extend(id.as_deref().map(|id| ("client_id", id)));
                pairs.extend(secret.as_deref().map(|secret| ("client_secret", secret)));
            }
        }
        let (kind, body) = match self.body {
            TokenBody::Form => {
                ("application/x-www-form-urlencoded", Serializer::new(String::new()).extend_pairs(pairs).finish())
            }
            TokenBody::Json => {
                let members = pairs.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
                ("application/json", Value::Object(members.collect::<Map<_, _>>()).to_string())
            }
        };
        request.headers.add("Content-Type", kind);
        self.headers.iter().for_each(|(name, value)| request.headers.set(name, value));
        request.body = Some(body.into_bytes());
        request
    }
}

/// RFC 6749 section 2.3.1: both are form-encoded first.
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)))
}
