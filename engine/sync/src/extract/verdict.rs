//! What an answer is: a page, a reason to try again, the end, or a fault. The rules of the spec come
//! first, then what is true of every API.

use std::collections::BTreeMap;

use tapwright_spec::exact;
use tapwright_spec::expression::{Condition, Scope, Template};
use tapwright_spec::model::{Action, Match, Rule, Wait};

use super::ExtractError;
use super::answer::Answer;
use super::archive::ArchiveFault;
use super::fault::FaultKind;
use super::form::{Cut, Form, is_html};
use super::graphql::errors;
use super::split::{Split, SplitFault, Wanted};
use super::waits::{from_now, moment};
use crate::auth::Redactor;
use crate::http::{Again, Fetched, Judged, Response};

/// An answer that is a page.
pub(super) struct Accepted {
    /// The body.
    pub(super) text: String,
    /// The text in which the records stand, if it is not the body.
    pub(super) made: Option<String>,
    /// The body as it came, if it is a document in another format.
    pub(super) written: Option<String>,
    pub(super) split: Split,
    pub(super) fetched: Fetched,
}

impl Accepted {
    /// The text in which the records stand.
    pub(super) fn records_text(&self) -> &str {
        self.made.as_ref().unwrap_or(&self.text)
    }
}

/// What becomes of a walk after an answer.
pub(super) enum Verdict {
    Page(Box<Accepted>),
    Skip(String),
    Stop(String),
    Fail(ExtractError),
}

/// By what answers are judged.
pub(super) struct Judge<'a> {
    pub(super) rules: &'a [Rule],
    /// What is wanted of a page: the records, and values of which the last are the rules' body paths.
    pub(super) page: Option<&'a Form>,
    /// The rules' body paths alone, for answers that are no page.
    pub(super) other: &'a Wanted,
    /// Where the rules' paths begin among the values of `page`.
    pub(super) first_of_rules: usize,
    /// The slot of the errors that an answer to a query in GraphQL may have.
    pub(super) errors: Option<usize>,
    pub(super) scope: &'a Scope,
    pub(super) number: u64,
    pub(super) redactor: &'a Redactor,
    pub(super) request: &'a str,
    /// What the credentials must be allowed to read.
    pub(super) permission: Option<&'a str>,
}

impl Judge<'_> {
    /// Judges an answer.
    pub(super) fn judge(&self, fetched: Fetched) -> Judged<Verdict> {
        let mut answer = Answer::new(fetched, self.page);
        for (at, rule) in self.rules.iter().enumerate() {
            match self.holds(at, &rule.when, &mut answer) {
                Ok(false) => {}
                Ok(true) => return self.act(rule, &answer),
                Err(error) => return Judged::Done(Verdict::Fail(error)),
            }
        }
        self.by_default(answer)
    }

    fn fail(&self, kind: FaultKind, what: &str) -> Judged<Verdict> {
        Judged::Done(Verdict::Fail(self.error(kind, what)))
    }

    fn error(&self, kind: FaultKind, what: &str) -> ExtractError {
        ExtractError::new(self.redactor, kind, self.request, what)
    }

    fn holds(&self, at: usize, when: &Match, answer: &mut Answer) -> Result<bool, ExtractError> {
        let response = &answer.fetched.response;
        let status = response.status;
        let in_range = |range: &tapwright_spec::model::StatusRange| (range.from..=range.to).contains(&status);
        if !when.status.is_empty() && !when.status.iter().any(in_range) {
            return Ok(false);
        }
        if let Some((name, part)) = &when.header {
            let value = response.headers.get(name);
            let part = part.as_deref().unwrap_or_default();
            if !value.is_some_and(|value| value.contains(part)) {
                return Ok(false);
            }
        }
        if when.text.as_ref().is_some_and(|text| !answer.written().contains(text.as_str())) {
            return Ok(false);
        }
        if when.body.is_some() && !self.has_body_path(at, answer) {
            return Ok(false);
        }
        match &when.condition {
            None => Ok(true),
            Some(condition) => {
                let scope = self.scope_for(condition.names().map(|(name, _)| name), answer);
                match condition.holds(&scope) {
                    Ok(holds) => Ok(holds),
                    // An error page need not have what a condition asks of a page.
                    Err(_) if !answer.is_success() => Ok(false),
                    Err(fault) => Err(ExtractError::expression("on_response", &fault)),
                }
            }
        }
    }

    fn has_body_path(&self, at: usize, answer: &mut Answer) -> bool {
        let paths_before = self.rules[..at].iter().filter(|rule| rule.when.body.is_some());
        let mut slot = paths_before.count();
        let (wanted, document) = match self.page {
            Some(page) if answer.is_success() => {
                slot += self.first_of_rules;
                (&page.wanted, page.is_document())
            }
            _ => (self.other, true),
        };
        let text = &answer.text;
        let split = answer.split.get_or_insert_with(|| wanted.split(text));
        // Of several lines of JSON the first would be taken for the whole.
        if !document && split.fault.is_some() {
            return false;
        }
        let found = split.values.get(slot).cloned().flatten();
        found.is_some_and(|range| &text[range] != "null")
    }

    fn scope_for<'n>(&self, names: impl Iterator<Item = &'n str>, answer: &Answer) -> Scope {
        let records = answer.split.as_ref().map_or(0, |split| split.records.len());
        scope_of_answer(
            self.scope,
            names,
            Seen { response: &answer.fetched.response, text: &answer.text, number: self.number, records },
        )
    }

    fn act(&self, rule: &Rule, answer: &Answer) -> Judged<Verdict> {
        let message = match &rule.message {
            None => None,
            Some(message) => match self.compute(message, answer) {
                Ok(text) => Some(text),
                Err(error) => return Judged::Done(Verdict::Fail(error)),
            },
        };
        let said = self.said(message.as_deref(), answer);
        match &rule.action {
            Action::Retry => Judged::Again(Again { why: said, wait: None }),
            Action::Wait(wait) => self.wait(wait, said, answer),
            Action::RefreshAuth => Judged::Renew(Verdict::Fail(self.error(FaultKind::Rule, &said))),
            Action::Skip => Judged::Done(Verdict::Skip(self.redactor.redact(&said))),
            Action::Stop => Judged::Done(Verdict::Stop(self.redactor.redact(&said))),
            Action::Fail => self.fail(FaultKind::Rule, &said),
        }
    }

    fn compute(&self, template: &Template, answer: &Answer) -> Result<String, ExtractError> {
        let scope = self.scope_for(template.names().map(|(name, _)| name), answer);
        template.render(&scope).map_err(|fault| ExtractError::expression("on_response", &fault))
    }

    fn wait(&self, wait: &Wait, why: String, answer: &Answer) -> Judged<Verdict> {
        let (place, template) = match wait {
            Wait::For(template) => ("for", template),
            Wait::Until(template) => ("until", template),
        };
        let words = match self.compute(template, answer) {
            Ok(words) => words,
            Err(error) => return Judged::Done(Verdict::Fail(error)),
        };
        let wait = match wait {
            Wait::For(_) => tapwright_spec::time::Duration::parse(&words).map(|wait| wait.as_std()),
            Wait::Until(_) => moment(&words).map(|moment| from_now(moment, answer.fetched.received_at)),
        };
        match wait {
            Ok(wait) => Judged::Again(Again { why, wait: Some(wait) }),
            Err(fault) => self.fail(FaultKind::Expression, &format!("on_response, {place}: {fault}")),
        }
    }

    fn said(&self, message: Option<&str>, answer: &Answer) -> String {
        let response = &answer.fetched.response;
        let status = response.status;
        let body = self.redactor.beginning(&response.body);
        match (message, body.is_empty()) {
            (Some(message), true) => format!("{message} (HTTP {status})"),
            (Some(message), false) => format!("{message} (HTTP {status}: {body})"),
            (None, true) => format!("HTTP {status} without a body"),
            (None, false) => format!("HTTP {status}: {body}"),
        }
    }

    fn by_default(&self, answer: Answer) -> Judged<Verdict> {
        match answer.fetched.response.status {
            200..=299 => self.page(answer),
            429 | 500..=599 => Judged::Again(Again { why: self.said(None, &answer), wait: None }),
            401 => self.fail(FaultKind::Credentials, &self.said(Some("the API refuses the credentials"), &answer)),
            403 => {
                let needed = self.permission.map_or_else(String::new, |permission| format!(" (needed: {permission})"));
                let message = format!("the credentials are not allowed to read this{needed}");
                self.fail(FaultKind::Credentials, &self.said(Some(&message), &answer))
            }
            _ => self.fail(FaultKind::Status, &self.said(None, &answer)),
        }
    }

    fn page(&self, answer: Answer) -> Judged<Verdict> {
        if let Some(what) = &answer.unreadable {
            return self.fail(FaultKind::Charset, what);
        }
        let may_be_empty = self.page.is_some_and(Form::may_be_empty) || answer.cut.is_some();
        if answer.text.trim_ascii().is_empty() && !may_be_empty {
            let status = answer.fetched.response.status;
            let expected = if self.page.is_some() { "; records were expected" } else { "" };
            let what = format!("the answer (HTTP {status}) is empty{expected}");
            return self.fail(FaultKind::Empty, &what);
        }
        let Answer { fetched, text, written, encoded, split, cut, .. } = answer;
        let is_html = self.page.is_some_and(|page| !page.is_document()) && is_html(&text);
        let Cut { split, made } = match (cut, self.page) {
            _ if is_html => Cut::failed(SplitFault::Html),
            (Some(cut), _) => cut,
            (None, Some(page)) => page.cut(&text, split),
            (None, None) => Cut { split: split.unwrap_or_else(|| self.other.split(&text)), made: None },
        };
        if let Some(what) = self.errors.and_then(|slot| errors(&text, split.values.get(slot)?.clone()?)) {
            return self.fail(FaultKind::GraphQl, &what);
        }
        let came = written.as_ref().unwrap_or(&text);
        let in_body = |offset| encoded.map_or(offset, |encoded| encoded.offset_in_body(came, offset));
        match split.fault.clone().map(|fault| fault.at(&in_body)) {
            None => Judged::Done(Verdict::Page(Box::new(Accepted { text, made, written, split, fetched }))),
            Some(fault) => {
                let (kind, what) = self.fault(&fault, &text);
                let body = self.redactor.beginning(came.as_bytes());
                match body.is_empty() {
                    true => self.fail(kind, &what),
                    false => self.fail(kind, &format!("{what}; the answer begins: {body}")),
                }
            }
        }
    }

    fn fault(&self, fault: &SplitFault, text: &str) -> (FaultKind, String) {
        let kind = match fault {
            SplitFault::NotJson { .. } | SplitFault::Truncated { .. } => {
                if text.trim_ascii_start().starts_with('<') {
                    return (FaultKind::Html, "the answer is HTML, not JSON".to_owned());
                }
                FaultKind::NotJson
            }
            SplitFault::TooDeep { .. } => FaultKind::TooDeep,
            SplitFault::NoRecords(why) => {
                let path = self.page.map_or("$", Form::records_path);
                let what = format!("there are no records at `{path}`: {why}");
                return (FaultKind::NoRecords, what);
            }
            SplitFault::NotXml { .. } => FaultKind::NotXml,
            SplitFault::Unreadable(_) => FaultKind::Charset,
            SplitFault::Nothing => FaultKind::Empty,
            SplitFault::Duplicate { .. } => FaultKind::DuplicateKey,
            SplitFault::Html => FaultKind::Html,
            SplitFault::Line { .. } | SplitFault::Json | SplitFault::Header { .. } => FaultKind::NoRows,
            SplitFault::TooLarge(_) | SplitFault::Packed(ArchiveFault::TooLarge(_)) => FaultKind::Http,
            SplitFault::Packed(_) => FaultKind::Archive,
            SplitFault::InFile { name, fault } => {
                let (kind, what) = self.fault(fault, text);
                return (kind, format!("in `{name}` of the archive: {what}"));
            }
        };
        (kind, fault.to_string())
    }
}

/// What an expression may ask about an answer.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) response: &'a Response,
    pub(super) text: &'a str,
    pub(super) number: u64,
    pub(super) records: usize,
}

/// Whether the condition at `place` of the spec holds after an answer.
pub(super) fn holds(place: &str, condition: &Condition, scope: &Scope, seen: Seen<'_>) -> Result<bool, ExtractError> {
    let scope = scope_of_answer(scope, condition.names().map(|(name, _)| name), seen);
    condition.holds(&scope).map_err(|fault| ExtractError::expression(place, &fault))
}

/// The scope with `response` and `page`; the body becomes a tree only where it is read.
pub(super) fn scope_of_answer<'n>(scope: &Scope, mut names: impl Iterator<Item = &'n str>, seen: Seen<'_>) -> Scope {
    let reads_body = names.any(|name| name == "response" || name.starts_with("response.body"));
    let body = reads_body.then(|| exact::read(seen.text).unwrap_or_else(|_| seen.text.into()));
    let headers: BTreeMap<String, &str> =
        seen.response.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let response = serde_json::json!({
        "status": seen.response.status,
        "headers": headers,
        "body": body,
    });
    let page = serde_json::json!({"number": seen.number, "records": seen.records});
    scope.clone().with_tree("response", &response).with_tree("page", &page)
}
