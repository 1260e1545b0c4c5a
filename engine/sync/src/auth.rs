//! Credentials: how a request is signed with them, and how they are kept out of every text.

mod carry;
mod cookies;
mod fetch;
mod fetched;
mod find;
mod hmac;
mod hooked;
mod jwt;
mod keep;
mod oauth1;
mod oauth2;
mod redactor;
mod session;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use tapwright_spec::expression::{ExpressionFault, Scope, Template};
use tapwright_spec::model::{Auth, KeyPlace, Scheme};
use url::Url;

use crate::component::Components;
use crate::http::{Request, Response, Toward};
use fetched::{Fetched, How};

pub use fetch::{AuthFault, Errand, Ticket};
pub use keep::Keep;
pub use oauth2::{Attempt, Endpoint, Standing};
pub use redactor::Redactor;
pub(crate) use redactor::forms;

/// The credentials of a run, computed from the config: what goes together on each request.
#[derive(Clone, Default)]
pub struct Credentials(Vec<Kind>);

#[derive(Clone)]
enum Kind {
    Key { place: KeyPlace, value: String },
    OAuth1(oauth1::Keys),
    Fetched(Arc<Fetched>),
    Jwt(Arc<jwt::Tokens>),
    Hmac(Arc<hmac::Signer>),
    Hook(Arc<hooked::Signer>),
}

impl Credentials {
    /// What `auth` says with the values of `scope`. A hook without a component signs nothing.
    ///
    /// # Errors
    /// An expression that cannot be computed, or a hook that cannot begin.
    pub fn new(auth: &Auth, scope: &Scope, components: &Components) -> Result<Credentials, ExpressionFault> {
        let mut kinds = Vec::new();
        for scheme in chosen(auth, scope)? {
            kinds.extend(match scheme.hook() {
                Some(hook) => hooked::Signer::of(&hook.name, components)?.map(|signer| Kind::Hook(Arc::new(signer))),
                None => Kind::new(scheme, scope)?,
            });
        }
        // Those that sign the whole request come last, and a hook sees what all others have made of it.
        kinds.sort_by_key(|kind| match kind {
            Kind::Hook(_) => 3,
            Kind::Hmac(_) => 2,
            Kind::OAuth1(_) => 1,
            _ => 0,
        });
        Ok(Credentials(kinds))
    }

    /// Signs a request that goes home; out of one to a stranger it takes the key in the query, which
    /// a redirect or a link may have carried along. Called for each try.
    /// `redactor` learns of every token that is made here.
    ///
    /// # Errors
    /// What is to be signed cannot be computed, or a hook cannot sign.
    pub fn sign(
        &self,
        request: &mut Request,
        toward: Toward,
        now: Timestamp,
        redactor: &Redactor,
    ) -> Result<(), ExpressionFault> {
        for kind in &self.0 {
            match (kind, toward) {
                (Kind::Key { place, value }, Toward::Home) => carry::put(request, place, value),
                (Kind::Fetched(fetched), Toward::Home) => fetched.put(request, now),
                (Kind::Hmac(signer), Toward::Home) => signer.sign(request, now, &oauth1::nonce())?,
                (Kind::Hook(signer), Toward::Home) => signer.sign(request, now, redactor)?,
                (Kind::Jwt(tokens), Toward::Home) => {
                    tokens.carried(now, redactor).iter().for_each(|(place, value)| carry::put(request, place, value));
                }
                (Kind::OAuth1(keys), Toward::Home) => {
                    let value = keys.authorization(request, now, &oauth1::nonce());
                    request.headers.set("Authorization", &value);
                }
                (kind, Toward::Stranger) => kind.places().iter().for_each(|place| carry::take(request, place)),
            }
        }
        Ok(())
    }

    /// Hears of every answer: it may set cookies of a session.
    pub fn hear(&self, url: &Url, response: &Response, now: Timestamp, redactor: &Redactor) {
        let secrets: Vec<String> = self.fetched().flat_map(|fetched| fetched.hear(url, response, now)).collect();
        if !secrets.is_empty() {
            redactor.hide(&secrets);
        }
    }

    /// Whether an answer says that credentials that were fetched are not valid any more.
    pub fn are_over(&self, response: &Response) -> bool {
        self.fetched().any(|fetched| fetched.is_over(response))
    }

    /// Fetches what must be fetched before a request can be signed, and gives a ticket for what it is signed with:
    /// none where nothing is fetched.
    ///
    /// # Errors
    /// Why it cannot be had. A refusal is not asked for twice.
    pub async fn ready(&self, errand: &Errand) -> Result<Option<Ticket>, AuthFault> {
        let mut numbers = Vec::new();
        for fetched in self.fetched() {
            numbers.push(fetched.ready(errand).await?);
        }
        Ok((!numbers.is_empty()).then_some(Ticket(numbers)))
    }

    /// The API refuses what this ticket stands for: the next request needs something newer.
    pub fn refused(&self, Ticket(numbers): &Ticket) {
        self.fetched().zip(numbers).for_each(|(fetched, number)| fetched.refused(*number));
    }

    /// Comes back when nothing is being fetched: a token that is on its way may have to be kept.
    pub async fn settled(&self) {
        for fetched in self.fetched() {
            fetched.settled().await;
        }
    }

    /// The token endpoint at which a person logs in, if one does.
    pub fn login(&self) -> Option<&Endpoint> {
        self.fetched().find_map(|fetched| fetched.login())
    }

    /// Ends what was begun: logs out of sessions. Gives what came in the way.
    pub async fn end(&self, errand: &Errand) -> Vec<AuthFault> {
        let mut faults = Vec::new();
        for fetched in self.fetched() {
            faults.extend(fetched.end(errand).await.err());
        }
        faults
    }

    fn fetched(&self) -> impl Iterator<Item = &Arc<Fetched>> {
        self.0.iter().filter_map(|kind| match kind {
            Kind::Fetched(fetched) => Some(fetched),
            _ => None,
        })
    }

    /// What the hooks that sign have told since this was asked last.
    pub fn log(&self) -> Vec<String> {
        let hooks = self.0.iter().filter_map(|kind| match kind {
            Kind::Hook(signer) => Some(signer),
            _ => None,
        });
        hooks.flat_map(|signer| signer.log()).collect()
    }

    /// The texts beside the config's secrets that must not be shown.
    fn derived(&self) -> Vec<String> {
        self.0.iter().flat_map(Kind::derived).collect()
    }
}

/// The schemes that are used with this configuration.
fn chosen<'a>(auth: &'a Auth, scope: &Scope) -> Result<&'a [Scheme], ExpressionFault> {
    match auth {
        Auth::Always(schemes) => Ok(schemes),
        Auth::ByConfig { field, cases } => {
            let value = Template::compile(&format!("{{{{ config.{field} }}}}"))?.render(scope)?;
            // The check has seen to it that each value has a case.
            Ok(cases.iter().find(|(case, _)| *case == value).map(|(_, schemes)| schemes.as_slice()).unwrap_or_default())
        }
    }
}

impl Kind {
    /// One that the engine signs with; none of a hook.
    fn new(scheme: &Scheme, scope: &Scope) -> Result<Option<Kind>, ExpressionFault> {
        Ok(Some(match scheme {
            Scheme::Basic { username, password } => {
                let pair = format!("{}:{}", username.render(scope)?, password.render(scope)?);
                Kind::authorization(format!("Basic {}", STANDARD.encode(pair)))
            }
            Scheme::Bearer { token } => Kind::authorization(format!("Bearer {}", token.render(scope)?)),
            Scheme::ApiKey { place, value } => Kind::Key { place: place.clone(), value: value.render(scope)? },
            Scheme::OAuth1 { consumer_key, consumer_secret, token, token_secret, signature } => {
                Kind::OAuth1(oauth1::Keys {
                    consumer_key: consumer_key.render(scope)?,
                    consumer_secret: consumer_secret.render(scope)?,
                    token: token.render(scope)?,
                    token_secret: token_secret.render(scope)?,
                    signature: *signature,
                })
            }
            Scheme::Jwt(jwt) => Kind::Jwt(Arc::new(jwt::Tokens::new(jwt, scope)?)),
            Scheme::OAuth2(oauth) => {
                let how = How::OAuth2(Box::new(oauth2::Endpoint::new(oauth, scope)?));
                Kind::Fetched(Arc::new(Fetched::new(how, &oauth.send, scope)?))
            }
            Scheme::Session(form) => {
                let how = How::Session(Box::new(session::Session::new(form, scope)));
                Kind::Fetched(Arc::new(Fetched::new(how, &form.send, scope)?))
            }
            Scheme::Hmac(form) => Kind::Hmac(Arc::new(hmac::Signer::new(form, scope)?)),
            Scheme::Hook(_) => return Ok(None),
        }))
    }

    fn authorization(value: String) -> Kind {
        Kind::Key { place: KeyPlace::Header("Authorization".to_owned()), value }
    }

    /// Where a request carries it.
    fn places(&self) -> Vec<KeyPlace> {
        match self {
            Kind::Key { place, .. } => vec![place.clone()],
            Kind::OAuth1(_) => vec![KeyPlace::Header("Authorization".to_owned())],
            Kind::Fetched(fetched) => fetched.places(),
            Kind::Jwt(tokens) => tokens.places(),
            Kind::Hmac(signer) => signer.places(),
            Kind::Hook(signer) => signer.places(),
        }
    }

    fn derived(&self) -> Vec<String> {
        match self {
            Kind::Key { place: KeyPlace::Header(_), value } => {
                let bare = value.split_once(' ').map(|(_, bare)| bare.to_owned());
                bare.into_iter().chain([value.clone()]).collect()
            }
            Kind::Key { place: KeyPlace::Cookie(_), value } => vec![value.clone(), carry::cookie_value(value)],
            Kind::Key { value, .. } => vec![value.clone()],
            Kind::Fetched(fetched) => fetched.secrets(),
            Kind::Jwt(tokens) => vec![tokens.secret().to_owned()],
            Kind::Hmac(signer) => vec![signer.secret().to_owned()],
            // Secrets among its options are the configuration's.
            Kind::Hook(_) => Vec::new(),
            Kind::OAuth1(keys) => vec![keys.consumer_secret.clone(), keys.token_secret.clone()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Components, Credentials, Redactor};
    use crate::http::{Request, Toward};
    use jiff::Timestamp;
    use serde_json::json;
    use tapwright_spec::expression::{Scope, Template};
    use tapwright_spec::model::{Auth, KeyPlace, Method, Scheme};

    fn text(source: &str) -> Template {
        Template::compile(source).expect("a template")
    }

    fn signed(scheme: Scheme, toward: Toward) -> Request {
        let scope = Scope::new().with("config", &json!({"user": "Ann", "key": "s3 cret"}));
        let credentials =
            Credentials::new(&Auth::Always(vec![scheme]), &scope, &Components::default()).expect("credentials");
        let mut request = Request::get("http://a.example/x?key=old&n=1".parse().expect("a url"));
        credentials
            .sign(&mut request, toward, Timestamp::UNIX_EPOCH, &Redactor::new(&[], &credentials))
            .expect("signed");
        request
    }

    #[test]
    fn each_kind_signs_in_its_place() {
        let basic = Scheme::Basic { username: text("{{ config.user }}"), password: text("{{ config.key }}") };
        let request = signed(basic, Toward::Home);
        assert_eq!(request.headers.get("authorization"), Some("Basic QW5uOnMzIGNyZXQ="));
        let bearer = Scheme::Bearer { token: text("{{ config.key }}") };
        let request = signed(bearer, Toward::Home);
        assert_eq!(request.headers.get("authorization"), Some("Bearer s3 cret"));
        let header = Scheme::ApiKey { place: KeyPlace::Header("X-Key".into()), value: text("{{ config.key }}") };
        assert_eq!(signed(header.clone(), Toward::Home).headers.get("x-key"), Some("s3 cret"));
        assert_eq!(signed(header, Toward::Stranger).headers.get("x-key"), None);
    }

    #[test]
    fn a_key_in_the_query_is_set_at_home_and_gone_elsewhere() {
        let query = Scheme::ApiKey { place: KeyPlace::Query("key".into()), value: text("{{ config.key }}") };
        assert_eq!(signed(query.clone(), Toward::Home).url.query(), Some("n=1&key=s3%20cret"));
        assert_eq!(signed(query, Toward::Stranger).url.query(), Some("n=1"));
    }

    #[test]
    fn what_is_derived_is_redacted_too() {
        let scope = Scope::new().with("config", &json!({"user": "Ann", "key": "s3 cret"}));
        let auth = Scheme::Basic { username: text("{{ config.user }}"), password: text("{{ config.key }}") };
        let credentials =
            Credentials::new(&Auth::Always(vec![auth]), &scope, &Components::default()).expect("credentials");
        let redactor = Redactor::new(&["s3 cret".to_owned()], &credentials);
        assert_eq!(redactor.redact("got QW5uOnMzIGNyZXQ= and s3%20cret"), "got *** and ***");
    }

    #[test]
    fn a_key_in_the_body_stands_beside_what_is_there() {
        let auth = Scheme::ApiKey { place: KeyPlace::Body("key".into()), value: text("{{ config.key }}") };
        let scope = Scope::new().with("config", &json!({"key": "s3 cret"}));
        let credentials =
            Credentials::new(&Auth::Always(vec![auth]), &scope, &Components::default()).expect("credentials");
        for (body, expected) in [(None, r#"{"key":"s3 cret"}"#), (Some(r#"{"a":1}"#), r#"{"a":1,"key":"s3 cret"}"#)] {
            let mut request = Request::get("http://a.example/x".parse().expect("a url"));
            request.method = Method::Post;
            request.body = body.map(|body| body.as_bytes().to_vec());
            credentials
                .sign(&mut request, Toward::Home, Timestamp::UNIX_EPOCH, &Redactor::new(&[], &credentials))
                .expect("signed");
            assert_eq!(request.body.as_deref(), Some(expected.as_bytes()));
            assert_eq!(request.headers.get("content-type"), Some("application/json"));
        }
        // A redirect may have made a GET of it.
        let mut request = Request::get("http://a.example/x".parse().expect("a url"));
        credentials
            .sign(&mut request, Toward::Home, Timestamp::UNIX_EPOCH, &Redactor::new(&[], &credentials))
            .expect("signed");
        assert_eq!(request.body, None);
    }

    #[test]
    fn a_cookie_is_one_of_several_and_ends_no_other() {
        let scope = Scope::new().with("config", &json!({"key": "a;b c"}));
        let cookie =
            |name: &str| Scheme::ApiKey { place: KeyPlace::Cookie(name.into()), value: text("{{ config.key }}") };
        let auth = Auth::Always(vec![cookie("sid"), cookie("csrf")]);
        let credentials = Credentials::new(&auth, &scope, &Components::default()).expect("credentials");
        let mut request = Request::get("http://a.example/x".parse().expect("a url"));
        request.headers.add("Cookie", "theme=dark");
        credentials
            .sign(&mut request, Toward::Home, Timestamp::UNIX_EPOCH, &Redactor::new(&[], &credentials))
            .expect("signed");
        assert_eq!(request.headers.get("cookie"), Some("theme=dark; sid=a%3Bb%20c; csrf=a%3Bb%20c"));
        assert_eq!(Redactor::new(&[], &credentials).redact("sid=a%3Bb%20c"), "sid=***");
        credentials
            .sign(&mut request, Toward::Stranger, Timestamp::UNIX_EPOCH, &Redactor::new(&[], &credentials))
            .expect("signed");
        assert_eq!(request.headers.get("cookie"), None);
    }

    #[test]
    fn the_config_chooses_and_only_what_it_chooses_is_computed() {
        let auth = Auth::ByConfig {
            field: "method".into(),
            cases: vec![
                ("token".into(), vec![Scheme::Bearer { token: text("{{ config.token }}") }]),
                ("open".into(), Vec::new()),
            ],
        };
        let signed = |config: serde_json::Value| {
            let scope = Scope::new().with("config", &config);
            let credentials = Credentials::new(&auth, &scope, &Components::default()).expect("credentials");
            let mut request = Request::get("http://a.example/x".parse().expect("a url"));
            credentials
                .sign(&mut request, Toward::Home, Timestamp::UNIX_EPOCH, &Redactor::new(&[], &credentials))
                .expect("signed");
            request.headers.get("authorization").map(str::to_owned)
        };
        assert_eq!(signed(json!({"method": "token", "token": "t"})).as_deref(), Some("Bearer t"));
        assert_eq!(signed(json!({"method": "open"})), None);
    }
}
