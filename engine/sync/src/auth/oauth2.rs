//! OAuth 2.0 (RFC 6749): an access token, fetched when it is needed and kept while it is valid.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tapwright_spec::expression::{ExpressionFault, Scope, Template};
use tapwright_spec::model::{ClientPlace, Grant, Method, OAuth2};
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{AuthFault, Errand, Ticket};
use crate::http::{Again, Call, Fetched, Headers, Judged, Origins, Request, Signed, Toward};

/// How long before its end a token is fetched anew; of a short life a tenth.
const BEFORE_THE_END: SignedDuration = SignedDuration::from_secs(60);

/// The access tokens of a run, one after the other.
pub(super) struct Tokens {
    token_url: String,
    client: (String, Option<String>),
    send: ClientPlace,
    /// The grant with what it needs, scope and parameters; without the refresh token.
    form: Vec<(String, String)>,
    /// The configured refresh token, for that grant.
    refresh_token: Option<String>,
    held: Mutex<Held>,
    /// Whoever fetches a token holds it; the others wait for that token.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Held {
    token: Option<Token>,
    /// How many tokens there were.
    count: u64,
    /// Whether the API refuses the token.
    stale: bool,
    /// Why there will be no token in this run.
    refusal: Option<AuthFault>,
}

struct Token {
    text: String,
    /// When to fetch another one.
    until: Option<Timestamp>,
}

/// What a token endpoint gives.
struct Given {
    token: Token,
    refresh_token: Option<String>,
}

impl Tokens {
    pub(super) fn new(oauth: &OAuth2, scope: &Scope) -> Result<Tokens, ExpressionFault> {
        let optional = |template: &Option<Template>| template.as_ref().map(|text| text.render(scope)).transpose();
        let mut form = Vec::new();
        let mut add = |name: &str, value: String| form.push((name.to_owned(), value));
        let refresh_token = match &oauth.grant {
            Grant::ClientCredentials => {
                add("grant_type", "client_credentials".to_owned());
                None
            }
            Grant::Password { username, password } => {
                add("grant_type", "password".to_owned());
                add("username", username.render(scope)?);
                add("password", password.render(scope)?);
                None
            }
            Grant::RefreshToken { refresh_token } => {
                add("grant_type", "refresh_token".to_owned());
                Some(refresh_token.render(scope)?)
            }
        };
        if let Some(access) = optional(&oauth.scope)? {
            add("scope", access);
        }
        for (name, value) in &oauth.params {
            add(name, value.render(scope)?);
        }
        Ok(Tokens {
            token_url: oauth.token_url.render(scope)?,
            client: (oauth.client_id.render(scope)?, optional(&oauth.client_secret)?),
            send: oauth.send,
            form,
            refresh_token,
            held: Mutex::default(),
            turn: Arc::default(),
        })
    }

    /// What must not be shown, as far as it is known before a token is fetched.
    pub(super) fn secrets(&self) -> Vec<String> {
        let password = self.form.iter().find(|(name, _)| name == "password").map(|(_, value)| value.clone());
        let basic = self.client.1.as_ref().map(|secret| basic(&self.client.0, secret));
        [self.client.1.clone(), basic, self.refresh_token.clone(), password].into_iter().flatten().collect()
    }

    /// The token to sign with.
    pub(super) fn token(&self) -> Option<String> {
        self.held().token.as_ref().map(|token| token.text.clone())
    }

    /// Has a token that is valid, as far as can be told.
    pub(super) async fn ready(self: &Arc<Self>, errand: &Errand) -> Result<Ticket, AuthFault> {
        if let Some(known) = self.known(errand.clock.now()) {
            return known;
        }
        let turn = Arc::clone(&self.turn).lock_owned().await;
        // Whoever had the turn before may have fetched it.
        if let Some(known) = self.known(errand.clock.now()) {
            return known;
        }
        // In a task of its own: a walk that is stopped takes no answer with it that replaces a refresh token.
        let (tokens, errand) = (Arc::clone(self), errand.clone());
        let fetching = tokio::spawn(async move {
            let ticket = tokens.renew(&errand).await;
            drop(turn);
            ticket
        });
        fetching.await.unwrap_or_else(|ended| Err(AuthFault::Unkept(format!("no token was fetched: {ended}"))))
    }

    /// Comes back when no token is on its way.
    pub(super) async fn settled(&self) {
        drop(self.turn.lock().await);
    }

    async fn renew(&self, errand: &Errand) -> Result<Ticket, AuthFault> {
        let fetched = self.fetch(errand).await;
        let mut held = self.held();
        match fetched {
            Ok(token) => {
                *held = Held { token: Some(token), count: held.count + 1, stale: false, refusal: None };
                Ok(Ticket(held.count))
            }
            Err(fault) => {
                // No connection may pass; a refusal, asked for by every stream, may lock an account.
                held.refusal = (!matches!(fault, AuthFault::Unsent { .. })).then(|| fault.clone());
                Err(fault)
            }
        }
    }

    /// The API refuses the token of this ticket.
    pub(super) fn refused(&self, Ticket(count): Ticket) {
        let mut held = self.held();
        held.stale |= held.count == count;
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, now: Timestamp) -> Option<Result<Ticket, AuthFault>> {
        let held = self.held();
        if let Some(refusal) = &held.refusal {
            return Some(Err(refusal.clone()));
        }
        let token = held.token.as_ref().filter(|token| !held.stale && token.until.is_none_or(|until| now < until));
        token.map(|_| Ok(Ticket(held.count)))
    }

    async fn fetch(&self, errand: &Errand) -> Result<Token, AuthFault> {
        let Some(configured) = &self.refresh_token else {
            return Ok(self.ask(errand, None).await?.token);
        };
        let account = format!("{}\n{}\n{configured}", self.token_url, self.client.0);
        let kept = errand.keep.open(&account, &*errand.clock).await?;
        let refresh_token = kept.token.clone().unwrap_or_else(|| configured.clone());
        errand.redactor.hide(std::slice::from_ref(&refresh_token));
        let given = self.ask(errand, Some(&refresh_token)).await.map_err(|fault| match fault {
            AuthFault::Refused { request, why } if kept.token.is_some() => AuthFault::Refused {
                request,
                why: format!("{why}; the refresh token was kept in {}: configure a new one", kept.path().display()),
            },
            other => other,
        })?;
        // What is not on the disk is not used: a run that is killed from here on finds it there.
        match given.refresh_token.filter(|new| *new != refresh_token) {
            Some(new) => kept.replace(&new)?,
            None => drop(kept),
        }
        Ok(given.token)
    }

    /// One token request, with the tries of the limits.
    async fn ask(&self, errand: &Errand, refresh_token: Option<&str>) -> Result<Given, AuthFault> {
        let refused = |why: String| AuthFault::Refused { request: format!("POST {}", self.token_url), why };
        let url: Option<Url> = self.token_url.parse().ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or_else(|| refused("this is no URL".to_owned()))?;
        let request = self.request(url.clone(), refresh_token);
        let call = Call {
            request: &request,
            origins: &Origins::new(url, Vec::new()),
            limits: &errand.limits,
            sign: &|request, toward| match toward {
                Toward::Stranger if errand.redactor.redact(request.url.as_str()) != request.url.as_str() => {
                    Signed::Leaking
                }
                _ => Signed::Sendable,
            },
            counters: &errand.counters,
        };
        let answered = errand.client.fetch(call, |fetched| match fetched.response.status {
            200..=299 => Judged::Done(given(&fetched, errand)),
            status @ (429 | 500..=599) => Judged::Again(Again { why: format!("HTTP {status}"), wait: None }),
            status => {
                let body = errand.redactor.beginning(&fetched.response.body);
                Judged::Done(Err(format!("no access token is given (HTTP {status}: {body})")))
            }
        });
        let unsent = |fault| AuthFault::Unsent { request: request.to_string(), fault };
        answered.await.map_err(unsent)?.map_err(refused)
    }

    fn request(&self, url: Url, refresh_token: Option<&str>) -> Request {
        let mut request = Request::get(url);
        request.method = Method::Post;
        request.headers = Headers::ours();
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        let mut form = Serializer::new(String::new());
        form.extend_pairs(&self.form);
        form.extend_pairs(refresh_token.map(|token| ("refresh_token", token)));
        match (&self.client, self.send) {
            ((id, Some(secret)), ClientPlace::Basic) => {
                request.headers.set("Authorization", &format!("Basic {}", basic(id, secret)));
            }
            ((id, secret), _) => {
                form.append_pair("client_id", id);
                form.extend_pairs(secret.iter().map(|secret| ("client_secret", secret)));
            }
        }
        request.body = Some(form.finish().into_bytes());
        request
    }
}

/// RFC 6749 section 2.3.1: both are form-encoded first.
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)))
}

/// What an answer gives; its secrets are hidden before anybody sees them. A body without a token is not shown
/// whole: it may hold one under another name.
fn given(fetched: &Fetched, errand: &Errand) -> Result<Given, String> {
    let body: Value = serde_json::from_slice(&fetched.response.body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let (access, refresh_token) = (text("access_token"), text("refresh_token"));
    errand.redactor.hide(&[&access, &refresh_token].into_iter().flatten().cloned().collect::<Vec<_>>());
    let Some(access) = access else {
        let said: Vec<String> = ["error", "error_description"].iter().filter_map(|name| text(name)).collect();
        let said = if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) };
        return Err(format!("the answer holds no `access_token`{said}"));
    };
    let life = match &body["expires_in"] {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_f64(),
    };
    let until = life.filter(|life| *life > 0.0).and_then(|life| {
        let life = SignedDuration::try_from_secs_f64(life).ok()?;
        fetched.received_at.checked_add(life - BEFORE_THE_END.min(life / 10)).ok()
    });
    Ok(Given { token: Token { text: access, until }, refresh_token })
}
