//! Sessions: one or several requests log in, and what they give goes with all others.

mod expired;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{self, Kept, KeyPlace, LoginStep};
use url::Url;

use super::cookies::Jar;
use super::fetched::Got;
use super::find::find;
use super::{AuthFault, Errand, carry};
use crate::http::{Again, Call, Fetched, Given, Hosts, Judged, Prepared, Request, Response, Signed, Toward, prepare};

/// A shorter text is no secret, and hiding it would hide much else.
const LEAST_SECRET: usize = 6;

/// A session that is begun, kept and ended.
pub(super) struct Session {
    form: model::Session,
    scope: Scope,
    jar: Jar,
}

impl Session {
    pub(super) fn new(form: &model::Session, scope: &Scope) -> Session {
        Session { form: form.clone(), scope: scope.clone(), jar: Jar::default() }
    }

    /// What stands for what a login keeps where there is none.
    pub(super) fn blank(&self) -> Value {
        let names = self.form.login.iter().flat_map(|step| &step.keep).map(|(name, _)| (name.clone(), "***".into()));
        Value::Object(names.collect())
    }

    /// Logs in: every step, in order.
    pub(super) async fn log_in(&self, errand: &Errand) -> Result<Got, AuthFault> {
        self.jar.clear();
        let mut kept = Map::new();
        for (at, step) in self.form.login.iter().enumerate() {
            let name = match self.form.login.len() {
                1 => "login".to_owned(),
                steps => format!("login, step {} of {steps}", at + 1),
            };
            let answer = self.send(errand, &Step { name: &name, request: &step.request, parts: &[] }, &kept).await?;
            for (name, value) in self.parts(step, &answer).map_err(|why| answer.refused(&why))? {
                hide(errand, &value);
                kept.insert(name, value);
            }
        }
        if self.form.cookies && kept.is_empty() && self.jar.is_empty() {
            return Err(AuthFault::Refused {
                request: "login".to_owned(),
                why: "the API has set no cookie".to_owned(),
            });
        }
        let life = self.form.expires_after.unwrap_or(Duration::MAX);
        Ok(Got { value: Value::Object(kept), ends: errand.clock.now().checked_add(life).ok() })
    }

    /// Logs out, if the spec says how, with what the login kept and what of it goes with all requests.
    pub(super) async fn log_out(
        &self,
        errand: &Errand,
        kept: &Value,
        parts: &[(KeyPlace, String)],
    ) -> Result<(), AuthFault> {
        let Some(logout) = &self.form.logout else { return Ok(()) };
        let none = Map::new();
        let step = Step { name: "logout", request: logout, parts };
        self.send(errand, &step, kept.as_object().unwrap_or(&none)).await.map(drop)
    }

    /// Whether an answer says that the session is over.
    pub(super) fn is_over(&self, response: &Response) -> bool {
        response.status == 401
            || self.form.expired.as_ref().is_some_and(|when| expired::matches(when, response, &self.scope))
    }

    /// Adds the cookies that go with a request.
    pub(super) fn attach(&self, request: &mut Request, now: Timestamp) {
        if self.form.cookies {
            self.jar.attach(request, now);
        }
    }

    /// Keeps the cookies that an answer sets; gives the secrets among them.
    pub(super) fn hear(&self, url: &Url, response: &Response, now: Timestamp) -> Vec<String> {
        let mut new = self.jar.keep(url, &response.headers, now);
        new.retain(|value| value.len() >= LEAST_SECRET);
        new
    }

    async fn send(&self, errand: &Errand, step: &Step<'_>, kept: &Map<String, Value>) -> Result<Answer, AuthFault> {
        let &Step { name, request: described, parts } = step;
        let scope = self.scope.clone().with("session", kept).with("now", &errand.clock.now());
        let refused = |request: &str, why: String| AuthFault::Refused { request: request.to_owned(), why };
        // What a login sends goes to its own hosts alone.
        let hosts = Hosts::default();
        let Prepared { request, origins } =
            prepare(described, &scope, &Given::to_hosts(&hosts)).map_err(|fault| refused(name, fault.to_string()))?;
        let name = format!("{name} ({request})");
        let call = Call {
            request: &request,
            origins: &origins,
            limits: &errand.limits,
            sign: &|request, toward| self.sign(request, (toward, parts), errand),
            hear: &|url, response| {
                errand.redactor.hide(&self.hear(url, response, errand.clock.now()));
            },
            counters: &errand.counters,
        };
        let answered = errand.client.fetch(call, |fetched| match fetched.response.status {
            200..=299 => Judged::Done(Ok(fetched)),
            status @ (429 | 500..=599) => Judged::Again(Again { why: format!("HTTP {status}"), wait: None }),
            status => {
                let body = errand.redactor.beginning(&fetched.response.body);
                Judged::Done(Err(format!("the API refuses it (HTTP {status}: {body})")))
            }
        });
        let fetched = answered.await.map_err(|fault| AuthFault::Unsent { request: name.clone(), fault })?;
        Ok(Answer { fetched: fetched.map_err(|why| refused(&name, why))?, request: name })
    }

    /// Within a login every cookie goes where it says, as in a browser.
    fn sign(&self, request: &mut Request, (toward, parts): (Toward, &[(KeyPlace, String)]), errand: &Errand) -> Signed {
        let url = request.url.as_str();
        match toward {
            Toward::Stranger if errand.redactor.redact(url) != url => return Signed::Leaking,
            Toward::Stranger => {}
            Toward::Home => {
                parts.iter().for_each(|(place, value)| carry::put(request, place, value));
                self.jar.attach(request, errand.clock.now());
            }
        }
        Signed::Sendable
    }

    fn parts(&self, step: &LoginStep, answer: &Answer) -> Result<Vec<(String, Value)>, String> {
        let response = &answer.fetched.response;
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let part = |kept: &Kept| match kept {
            Kept::Body(path) => match find(path, &body) {
                Some(value @ (Value::String(_) | Value::Number(_))) if value != "" => Ok(value.clone()),
                _ => Err(format!("the answer has nothing to keep at `{path}`{}", said(&body))),
            },
            Kept::Header(name) => {
                let value = response.headers.get(name).filter(|value| !value.is_empty());
                value.map(Value::from).ok_or_else(|| format!("the answer has no header `{name}`{}", said(&body)))
            }
            Kept::Cookie(name) => {
                let value = self.jar.value(name).filter(|value| !value.is_empty());
                value.map(Value::from).ok_or_else(|| format!("the API has set no cookie `{name}`{}", said(&body)))
            }
        };
        step.keep.iter().map(|(name, kept)| Ok((name.clone(), part(kept)?))).collect()
    }
}

/// A request of a login or a logout.
struct Step<'a> {
    name: &'a str,
    request: &'a model::Request,
    parts: &'a [(KeyPlace, String)],
}

/// The answer to a step.
struct Answer {
    request: String,
    fetched: Fetched,
}

impl Answer {
    fn refused(&self, why: &str) -> AuthFault {
        AuthFault::Refused { request: self.request.clone(), why: why.to_owned() }
    }
}

/// What an answer says of an error. Other parts of it are not shown: they may hold what was not found.
fn said(body: &Value) -> String {
    let names = ["error", "error_description", "message", "detail"];
    let said: Vec<&str> = names.iter().filter_map(|name| body[*name].as_str()).collect();
    if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) }
}

fn hide(errand: &Errand, value: &Value) {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.len() >= LEAST_SECRET {
        errand.redactor.hide(&[text]);
    }
}
