//! OAuth 2.0 (RFC 6749): a token endpoint, and what it is asked.

mod answer;
mod request;

use tapwright_spec::expression::{ExpressionFault, Scope, Template};
use tapwright_spec::model::{Grant, OAuth2, TokenAnswer};
use url::Url;

use self::answer::{Given, given};
use self::request::Question;
use super::fetched::Got;
use super::jwt::Signed as SignedToken;
use super::{AuthFault, Errand};
use crate::http::{Again, Call, Judged, Origins, Signed, Toward};

/// A token endpoint.
pub(super) struct Endpoint {
    token_url: String,
    question: Question,
    exchange: Exchange,
    answer: TokenAnswer,
}

/// What is given for a token, where it is not always the same.
enum Exchange {
    /// Client or user, which stand in the question.
    Always,
    /// The configured refresh token, or one that took its place.
    RefreshToken(String),
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
        })
    }

    /// What must not be shown, as far as it is known before a token is fetched.
    pub(super) fn secrets(&self) -> Vec<String> {
        let exchanged = match &self.exchange {
            Exchange::Always => None,
            Exchange::RefreshToken(token) => Some(token.clone()),
            Exchange::Assertion(signed) => Some(signed.secret().to_owned()),
        };
        self.question.secrets().into_iter().chain(exchanged).collect()
    }

    pub(super) async fn fetch(&self, errand: &Errand) -> Result<Got, AuthFault> {
        let given = match &self.exchange {
            Exchange::Always => self.ask(errand, None).await?,
            Exchange::Assertion(signed) => {
                let token = signed.token(errand.clock.now(), &errand.redactor);
                self.ask(errand, Some(("assertion", &token))).await?
            }
            Exchange::RefreshToken(configured) => self.refresh(errand, configured).await?,
        };
        Ok(given.got)
    }

    async fn refresh(&self, errand: &Errand, configured: &str) -> Result<Given, AuthFault> {
        let account = format!("{}\n{}\n{configured}", self.token_url, self.question.client());
        let kept = errand.keep.open(&account, &*errand.clock).await?;
        let refresh_token = kept.token.clone().unwrap_or_else(|| configured.to_owned());
        errand.redactor.hide(std::slice::from_ref(&refresh_token));
        let mut given =
            self.ask(errand, Some(("refresh_token", &refresh_token))).await.map_err(|fault| match fault {
                AuthFault::Refused { request, why } if kept.token.is_some() => AuthFault::Refused {
                    request,
                    why: format!("{why}; the refresh token was kept in {}: configure a new one", kept.path().display()),
                },
                other => other,
            })?;
        // What is not on the disk is not used: a run that is killed from here on finds it there.
        match given.refresh_token.take().filter(|new| *new != refresh_token) {
            Some(new) => kept.replace(&new)?,
            None => drop(kept),
        }
        Ok(given)
    }

    /// One token request, with the tries of the limits.
    async fn ask(&self, errand: &Errand, exchanged: Option<(&str, &str)>) -> Result<Given, AuthFault> {
        let refused = |why: String| AuthFault::Refused { request: format!("POST {}", self.token_url), why };
        let url: Option<Url> = self.token_url.parse().ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or_else(|| refused("this is no URL".to_owned()))?;
        let request = self.question.request(url.clone(), exchanged);
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
