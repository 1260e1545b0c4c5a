//! OAuth 2.0 (RFC 6749): a token endpoint, and what it is asked.

mod answer;
mod authorize;
mod request;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use tapwright_spec::expression::{ExpressionFault, Scope, Template};
use tapwright_spec::model::{Grant, OAuth2, TokenAnswer};
use url::Url;

use self::answer::{Given, given};
pub use self::authorize::Attempt;
use self::authorize::Authorization;
use self::request::Question;
use super::fetched::Got;
use super::jwt::Signed as SignedToken;
use super::keep::{Content, Keep, Kept};
use super::{AuthFault, Errand};
use crate::http::{Again, Call, Hosts, Judged, Origins, Signed, Toward};

/// What a person does who is not logged in.
const LOGIN: &str = "run `tapwright login SPEC`";

/// A token endpoint.
pub struct Endpoint {
    token_url: String,
    question: Question,
    exchange: Exchange,
    answer: TokenAnswer,
    /// Whether an access token without a refresh token was given out in this run.
    used: AtomicBool,
}

/// Where a login stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The file that keeps what the login gave.
    pub file: PathBuf,
    /// Whether it is a refresh token, with which runs fetch access tokens.
    pub refreshes: bool,
    /// Otherwise, when the access token ends, if the API says it.
    pub ends: Option<Timestamp>,
}

impl Standing {
    fn of(file: PathBuf, content: &Content) -> Standing {
        Standing { file, refreshes: content.refresh_token.is_some(), ends: content.expires_at }
    }
}

/// What is given for a token, where it is not always the same.
enum Exchange {
    /// Client or user, which stand in the question.
    Always,
    /// The configured refresh token, or one that took its place.
    RefreshToken(String),
    /// What a login has left.
    Login(Box<Authorization>),
    /// A token that is signed for each question.
    Assertion(Box<SignedToken>),
}

impl Endpoint {
    pub(super) fn new(oauth: &OAuth2, scope: &Scope) -> Result<Endpoint, ExpressionFault> {
        let mut form = Vec::new();
        let mut add = |name: &str, value: String| form.push((name.to_owned(), value));
        let exchange = match &oauth.grant {
            Grant::ClientCredentials => {
                add("grant_type", "client_credentials".to_owned());
                Exchange::Always
            }
            Grant::Password { username, password } => {
                add("grant_type", "password".to_owned());
                add("username", username.render(scope)?);
                add("password", password.render(scope)?);
                Exchange::Always
            }
            Grant::RefreshToken { refresh_token } => {
                add("grant_type", "refresh_token".to_owned());
                Exchange::RefreshToken(refresh_token.render(scope)?)
            }
            Grant::AuthorizationCode(authorize) => {
                let access = optional(oauth.scope.as_ref(), scope)?;
                Exchange::Login(Box::new(Authorization::new(authorize, access, scope)?))
            }
            Grant::JwtBearer { assertion } => {
                add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned());
                Exchange::Assertion(Box::new(SignedToken::new(assertion, scope)?))
            }
        };
        Ok(Endpoint {
            token_url: oauth.token_url.render(scope)?,
            question: Question::new(oauth, form, scope)?,
            exchange,
            answer: oauth.answer.clone(),
            used: AtomicBool::new(false),
        })
    }

    /// What must not be shown, as far as it is known before a token is fetched.
    pub(super) fn secrets(&self) -> Vec<String> {
        let exchanged = match &self.exchange {
            Exchange::Always | Exchange::Login(_) => None,
            Exchange::RefreshToken(token) => Some(token.clone()),
            Exchange::Assertion(signed) => Some(signed.secret().to_owned()),
        };
        self.question.secrets().into_iter().chain(exchanged).collect()
    }

    pub(super) async fn fetch(&self, errand: &Errand) -> Result<Got, AuthFault> {
        let given = match &self.exchange {
            Exchange::Always => self.ask(errand, &[]).await?,
            Exchange::Assertion(signed) => {
                let token = signed.token(errand.clock.now(), &errand.redactor);
                self.ask(errand, &[("assertion", &token)]).await?
            }
            Exchange::RefreshToken(_) | Exchange::Login(_) => return self.kept(errand).await,
        };
        Ok(given.got)
    }

    /// The token that is kept, or what a kept refresh token brings.
    async fn kept(&self, errand: &Errand) -> Result<Got, AuthFault> {
        let kept = errand.keep.open(&self.account(), &*errand.clock).await?;
        let refresh_token = match (kept.content.as_ref(), &self.exchange) {
            (Some(Content { refresh_token: Some(token), .. }), _) => token.clone(),
            (Some(content), _) => return self.long_lived(content, errand),
            (None, Exchange::RefreshToken(configured)) => configured.clone(),
            (None, _) => match errand.keep.stand_in() {
                Some(token) => token.to_owned(),
                None => return Err(AuthFault::Unkept(format!("nobody has logged in yet: {LOGIN}"))),
            },
        };
        errand.redactor.hide(std::slice::from_ref(&refresh_token));
        let mut exchanged = vec![("refresh_token", &*refresh_token)];
        if matches!(self.exchange, Exchange::Login(_)) {
            exchanged.push(("grant_type", "refresh_token"));
        }
        let mut given = self.ask(errand, &exchanged).await.map_err(|fault| self.with_remedy(fault, &kept))?;
        // What is not on the disk is not used: a run that is killed from here on finds it there.
        match given.refresh_token.take().filter(|new| *new != refresh_token) {
            Some(new) => kept.replace(&Content { refresh_token: Some(new), ..Content::default() })?,
            None => drop(kept),
        }
        Ok(given.got)
    }

    /// An access token without a refresh token: it is all that the login gave, and cannot be had twice.
    fn long_lived(&self, content: &Content, errand: &Errand) -> Result<Got, AuthFault> {
        let ended = |why: &str| Err(AuthFault::Unkept(format!("{why}: {LOGIN} again")));
        if content.expires_at.is_some_and(|ends| ends <= errand.clock.now()) {
            return ended("the access token that the login gave has expired");
        }
        if self.used.swap(true, Ordering::Relaxed) {
            return ended("the API refuses the access token that the login gave");
        }
        let token = content.access_token.clone().unwrap_or_default();
        errand.redactor.hide(std::slice::from_ref(&token));
        Ok(Got { value: token.into(), ends: content.expires_at })
    }

    fn with_remedy(&self, fault: AuthFault, kept: &Kept) -> AuthFault {
        let remedy = match (&self.exchange, &kept.content) {
            (Exchange::Login(_), _) => format!("{LOGIN} again"),
            (_, Some(_)) => format!("the refresh token was kept in {}: configure a new one", kept.path().display()),
            (_, None) => return fault,
        };
        match fault {
            AuthFault::Refused { request, why } => AuthFault::Refused { request, why: format!("{why}; {remedy}") },
            other => other,
        }
    }

    /// What its tokens are kept by: another configured refresh token has a place of its own.
    fn account(&self) -> String {
        let whose = match &self.exchange {
            Exchange::RefreshToken(configured) => configured,
            _ => "authorization_code",
        };
        format!("{}\n{}\n{whose}", self.token_url, self.question.client())
    }

    /// Whether a person logs in, and to which address the browser then comes back, if the spec names one.
    pub(crate) fn login(&self) -> Option<Option<&str>> {
        match &self.exchange {
            Exchange::Login(authorization) => Some(authorization.redirect_url()),
            _ => None,
        }
    }

    /// Begins a login that comes back to `redirect_url`.
    pub(crate) fn begin(&self, redirect_url: &str) -> Result<Attempt, AuthFault> {
        let Exchange::Login(authorization) = &self.exchange else {
            return Err(AuthFault::Unkept("nobody logs in with this grant".to_owned()));
        };
        let unkept = |why| AuthFault::Unkept(format!("no login can begin: {why}"));
        authorization.begin(self.question.client(), redirect_url).map_err(unkept)
    }

    /// Gives the code of a login for a token, and keeps it.
    pub(crate) async fn redeem(&self, errand: &Errand, attempt: &Attempt, code: &str) -> Result<Standing, AuthFault> {
        let account = self.account();
        let kept = errand.keep.open(&account, &*errand.clock).await?;
        let mut exchanged =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &*attempt.redirect_url)];
        exchanged.extend(attempt.verifier.as_deref().map(|verifier| ("code_verifier", verifier)));
        errand.redactor.hide(&[code.to_owned(), attempt.verifier.clone().unwrap_or_default()]);
        let given = self.ask(errand, &exchanged).await?;
        let content = match given.refresh_token {
            Some(token) => Content { refresh_token: Some(token), ..Content::default() },
            None => Content {
                access_token: given.got.value.as_str().map(str::to_owned),
                expires_at: given.got.ends,
                ..Content::default()
            },
        };
        let standing = Standing::of(kept.path().to_owned(), &content);
        kept.replace(&content)?;
        Ok(standing)
    }

    /// Where the login of this machine stands.
    pub(crate) fn standing(&self, keep: &Keep) -> Result<Option<Standing>, AuthFault> {
        Ok(keep.look(&self.account())?.map(|(path, content)| Standing::of(path, &content)))
    }

    /// Forgets the login of this machine; gives the file that is gone.
    pub(crate) fn forget(&self, keep: &Keep) -> Result<Option<PathBuf>, AuthFault> {
        keep.forget(&self.account())
    }

    /// One token request, with the tries of the limits.
    async fn ask(&self, errand: &Errand, exchanged: &[(&str, &str)]) -> Result<Given, AuthFault> {
        let refused = |why: String| AuthFault::Refused { request: format!("POST {}", self.token_url), why };
        let url: Option<Url> = self.token_url.parse().ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or_else(|| refused("this is no URL".to_owned()))?;
        let request = self.question.request(url.clone(), exchanged);
        let call = Call {
            request: &request,
            origins: &Origins::new(url, Hosts::default()),
            limits: &errand.limits,
            sign: &|request, toward| match toward {
                Toward::Stranger if errand.redactor.redact(request.url.as_str()) != request.url.as_str() => {
                    Signed::Leaking
                }
                _ => Signed::Sendable,
            },
            hear: &|_, _| {},
            counters: &errand.counters,
        };
        let answered = errand.client.fetch(call, |fetched| match fetched.response.status {
            200..=299 => Judged::Done(given(&fetched, &self.answer, &errand.redactor)),
            status @ (429 | 500..=599) => Judged::Again(Again { why: format!("HTTP {status}"), wait: None }),
            status => {
                let body = errand.redactor.beginning(&fetched.response.body);
                Judged::Done(Err(format!("no access token is given (HTTP {status}: {body})")))
            }
        });
        let unsent = |fault| AuthFault::Unsent { request: request.to_string(), fault };
        answered.await.map_err(unsent)?.map_err(refused)
    }
}

/// A text that may be left out.
fn optional(template: Option<&Template>, scope: &Scope) -> Result<Option<String>, ExpressionFault> {
    template.map(|text| text.render(scope)).transpose()
}
