//! Who is let in: whoever sends the credentials that the spec makes of the stand-in configuration.

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use tapwright_spec::Connector;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Auth, Kept, Request as Described, Scheme, TokenAnswer};
use tapwright_spec::settings::Settings;
use tapwright_sync::extract::Source;
use tapwright_sync::http::{Method, Request};
use url::Url;

use crate::Answer;
use crate::document::{put, put_at};

/// The access token that is given out.
const TOKEN: &str = "mock-access-token";

pub(crate) struct Gate {
    source: Source,
    /// Paths of the token endpoints, with their answers.
    tokens: Vec<(String, Answer)>,
    /// The requests with which a session begins and ends, by their path, with their answers.
    logins: Vec<(String, Answer)>,
    /// Signatures change with the time: that there is one is enough.
    is_signed: bool,
}

impl Gate {
    pub(crate) fn new(connector: &Connector, settings: &Settings, source: Source) -> Gate {
        let scope = Scope::new().with("config", &settings.values).with("now", &jiff::Timestamp::now());
        let schemes: Vec<&Scheme> = match &connector.auth {
            Auth::Always(schemes) => schemes.iter().collect(),
            Auth::ByConfig { field, cases } => {
                let chosen = settings.values.get(field).and_then(Value::as_str);
                cases
                    .iter()
                    .filter(|(case, _)| Some(case.as_str()) == chosen)
                    .flat_map(|(_, schemes)| schemes)
                    .collect()
            }
        };
        let endpoint = |scheme: &&Scheme| match scheme {
            Scheme::OAuth2(oauth) => {
                let path = oauth.token_url.render(&scope).ok()?.parse::<Url>().ok()?.path().to_owned();
                Some((path, Answer::json(200, &token(&oauth.answer))))
            }
            _ => None,
        };
        Gate {
            source,
            tokens: schemes.iter().filter_map(endpoint).collect(),
            logins: schemes.iter().flat_map(|scheme| logins(scheme, &scope)).collect(),
            is_signed: schemes.iter().any(|scheme| {
                matches!(scheme, Scheme::OAuth1 { .. } | Scheme::Jwt(_) | Scheme::Hmac(_) | Scheme::Hook(_))
            }),
        }
    }

    /// The answer of a token endpoint, or to a login.
    pub(crate) fn tokens(&self, request: &Request) -> Option<Answer> {
        let posted = self.tokens.iter().filter(|_| request.method == Method::Post);
        let known = posted.chain(&self.logins).find(|(path, _)| path == request.url.path());
        known.map(|(_, answer)| answer.clone())
    }

    /// Why a request is not let in.
    pub(crate) fn refuses(&self, request: &Request) -> Option<String> {
        let mut bare = Request::get(request.url.clone());
        bare.url.set_query(None);
        bare.method = request.method;
        let mut signed = bare.clone();
        self.source.sign_at_home(&mut signed);
        for (name, value) in signed.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Content-Type")) {
            match request.headers.get(name) {
                None => return Some(format!("the header `{name}` is missing")),
                Some(sent) if self.is_signed || sent.contains(value) || !self.tokens.is_empty() => {}
                // What a login gave is known only here.
                Some(sent) if !self.logins.is_empty() && sent.contains("mock-") => {}
                Some(_) => return Some(format!("the header `{name}` is not that of the stand-in configuration")),
            }
        }
        for (name, value) in signed.url.query_pairs() {
            let is_it = |sent: &(Cow<'_, str>, Cow<'_, str>)| sent.0 == name && (self.is_signed || sent.1 == value);
            if !request.url.query_pairs().any(|sent| is_it(&sent)) {
                return Some(format!("the parameter `{name}` is not that of the stand-in configuration"));
            }
        }
        let body = |request: &Request| -> Value {
            let Some(body) = request.body.as_deref() else { return Value::Null };
            let form = || url::form_urlencoded::parse(body).map(|(name, value)| (name.into(), value.into()));
            serde_json::from_slice(body).unwrap_or_else(|_| form().collect::<Map<_, _>>().into())
        };
        let (wanted, sent) = (body(&signed), body(request));
        let missing = wanted.as_object().into_iter().flatten().find(|(name, value)| match sent.get(*name) {
            Some(sent) => !self.is_signed && sent != *value,
            None => true,
        });
        if let Some((name, _)) = missing {
            return Some(format!("`{name}` in the body is not that of the stand-in configuration"));
        }
        let everywhere = || {
            let headers: Vec<&str> = request.headers.iter().map(|(_, value)| value).collect();
            format!("{} {} {}", headers.join(" "), request.url, sent)
        };
        (!self.tokens.is_empty() && !everywhere().contains(TOKEN)).then(|| "there is no access token".to_owned())
    }
}

/// The answer of a token endpoint, in the shape that the spec says.
fn token(shape: &TokenAnswer) -> Value {
    let mut answer = json!({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3_600});
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    for (path, value) in [
        (&shape.token, json!(TOKEN)),
        (&shape.refresh_token, json!("mock-refresh-token")),
        (&shape.expires_in, json!(3_600)),
        (&shape.expires_at, json!(later.to_string())),
    ] {
        path.iter().for_each(|path| put_at(&mut answer, path, value.clone()));
    }
    answer
}

/// What a login gives by this name.
fn mock(name: &str) -> String {
    format!("mock-{name}")
}

/// The requests of a session that are not for records, with what they are answered.
fn logins(scheme: &Scheme, scope: &Scope) -> Vec<(String, Answer)> {
    let Scheme::Session(session) = scheme else { return Vec::new() };
    let kept = session.login.iter().flat_map(|step| &step.keep).map(|(name, _)| (name.clone(), mock(name).into()));
    let scope = &scope.clone().with("session", &kept.collect::<Map<String, Value>>());
    let path = |request: &Described| {
        let path = request.path.render(scope).ok()?;
        let url = if path.contains("://") { path } else { format!("{}{path}", request.base_url.render(scope).ok()?) };
        Some(url.parse::<Url>().ok()?.path().to_owned())
    };
    let logout = session.logout.iter().filter_map(|request| Some((path(request)?, Answer::json(200, &json!({})))));
    let login = session.login.iter().filter_map(|step| {
        let mut document = json!({});
        let mut headers = Vec::new();
        if session.cookies {
            headers.push(("Set-Cookie".to_owned(), "mock_session=mock-cookie; Path=/".to_owned()));
        }
        for (name, kept) in &step.keep {
            let value = mock(name);
            match kept {
                Kept::Body(path) => put(&mut document, path.plain()?, value.into()),
                Kept::Header(header) => headers.push((header.clone(), value)),
                Kept::Cookie(cookie) => headers.push(("Set-Cookie".to_owned(), format!("{cookie}={value}; Path=/"))),
            }
        }
        let mut answer = Answer::json(200, &document);
        headers.iter().for_each(|(name, value)| answer.headers.add(name, value));
        Some((path(&step.request)?, answer))
    });
    login.chain(logout).collect()
}
