//! What an API may do wrong, by name, and when it does so.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};
use tapwright_spec::path::Segment;
use tapwright_sync::http::Request;

use crate::document::at;
use crate::{Answer, Content, Delivery};

/// A way to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Status 500.
    Status500,
    /// Status 429 with `Retry-After: 1`.
    RateLimit,
    /// Status 401.
    Unauthorised,
    /// Half of the body, as if it were the whole.
    Truncated,
    /// A page for people, with status 200.
    Html,
    /// No records, and all else as it should be.
    EmptyPage,
    /// `null` in place of the list of records.
    NullList,
    /// An error in place of the page, with status 200.
    ErrorIn200,
    /// No body, with status 200.
    EmptyBody,
    /// A few bytes a second.
    Slow,
    /// The first record twice.
    Duplicate,
    /// A next link that leads to its own page.
    LoopNext,
    /// A next link to another host.
    OtherHostLink,
    /// A byte that is no UTF-8.
    InvalidUtf8,
    /// A list where the first value of the first record should be.
    WrongType,
    /// The connection breaks in the middle of the body.
    CutConnection,
    /// The connection breaks before the answer.
    DropConnection,
}

/// The faults with their names and what they do.
pub const FAULTS: [(Fault, &str, &str); 17] = [
    (Fault::Status500, "status-500", "status 500"),
    (Fault::RateLimit, "rate-limit-429", "status 429 with Retry-After: 1"),
    (Fault::Unauthorised, "status-401", "status 401"),
    (Fault::Truncated, "truncated", "half of the body, as if it were the whole"),
    (Fault::Html, "html", "a page for people, with status 200"),
    (Fault::EmptyPage, "empty-page", "no records, and all else as it should be"),
    (Fault::NullList, "null-list", "null in place of the list of records"),
    (Fault::ErrorIn200, "error-in-200", "an error in place of the page, with status 200"),
    (Fault::EmptyBody, "empty-body", "no body, with status 200"),
    (Fault::Slow, "slow", "a few bytes a second"),
    (Fault::Duplicate, "duplicate", "the first record twice"),
    (Fault::LoopNext, "loop-next", "a next link that leads to its own page"),
    (Fault::OtherHostLink, "other-host-link", "a next link to another host"),
    (Fault::InvalidUtf8, "invalid-utf8", "a byte that is no UTF-8"),
    (Fault::WrongType, "wrong-type", "a list where the first value of the first record should be"),
    (Fault::CutConnection, "cut-connection", "the connection breaks in the middle of the body"),
    (Fault::DropConnection, "drop-connection", "the connection breaks before the answer"),
];

impl Fault {
    /// Its name.
    pub fn name(self) -> &'static str {
        FAULTS.iter().find(|(fault, ..)| *fault == self).map_or("", |(_, name, _)| name)
    }

    /// Spoils an answer; none is a connection that is dropped.
    pub fn strike(self, answer: Answer, request: &Request) -> Option<Answer> {
        Some(match self {
            Fault::DropConnection => return None,
            Fault::Status500 => Answer::refusal(500, "a fault of the mock API"),
            Fault::Unauthorised => Answer::refusal(401, "a fault of the mock API"),
            Fault::RateLimit => {
                let mut refusal = Answer::refusal(429, "a fault of the mock API");
                refusal.headers.add("Retry-After", "1");
                refusal
            }
            Fault::ErrorIn200 => Answer::refusal(200, "a fault of the mock API"),
            Fault::Html => {
                let mut page = bytes(answer, |_| b"<html><body>Maintenance</body></html>".to_vec());
                page.headers.set("Content-Type", "text/html");
                page
            }
            Fault::EmptyBody => bytes(answer, |_| Vec::new()),
            Fault::Truncated => bytes(answer, |body| body[..body.len() / 2].to_vec()),
            Fault::InvalidUtf8 => bytes(answer, |body| {
                let text = body.iter().position(u8::is_ascii_alphabetic);
                let spoilt = |(at, byte): (usize, &u8)| if Some(at) == text { 0xff } else { *byte };
                body.iter().enumerate().map(spoilt).collect()
            }),
            Fault::Slow => Answer { delivery: Delivery::Slow, ..answer },
            Fault::CutConnection => Answer { delivery: Delivery::Cut, ..answer },
            Fault::EmptyPage => list(answer, |_| json!([])),
            Fault::NullList => list(answer, |_| Value::Null),
            Fault::Duplicate => list(answer, |records| {
                let first = records.as_array().and_then(|records| records.first().cloned());
                let all = first.into_iter().chain(records.as_array().cloned().unwrap_or_default());
                all.collect::<Vec<_>>().into()
            }),
            Fault::WrongType => list(answer, |records| {
                let mut records = records.clone();
                if let Some((_, value)) = records[0].as_object_mut().and_then(|record| record.iter_mut().next()) {
                    *value = json!([[["wrong"]]]);
                }
                records
            }),
            Fault::LoopNext => link(answer, request.url.as_str().to_owned()),
            Fault::OtherHostLink => link(answer, format!("http://other-host.invalid{}?page=2", request.url.path())),
        })
    }
}

fn bytes(answer: Answer, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Answer {
    let body = change(answer.bytes());
    Answer { content: Content::Bytes(body), ..answer }
}

/// Changes the list of records, where the answer is a page.
fn list(mut answer: Answer, change: impl FnOnce(&Value) -> Value) -> Answer {
    if let Content::Page(page) = &mut answer.content {
        let list: Vec<Segment> = page.list.clone();
        if let Some(records) = at(&mut page.document, &list) {
            *records = change(records);
        }
    }
    answer
}

/// Changes where the next link leads, in the body or in the header.
fn link(mut answer: Answer, url: String) -> Answer {
    if answer.headers.get("Link").is_some() {
        answer.headers.set("Link", &format!("<{url}>; rel=\"next\""));
    }
    if let Content::Page(page) = &mut answer.content
        && let Some(path) = page.link.clone()
        && let Some(link) = at(&mut page.document, &path)
    {
        *link = url.into();
    }
    answer
}

/// A fault, and which requests for pages it strikes, counted from one: `html@2` the second, `html@2+` all from there
/// on, `html` every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strike {
    /// What happens.
    pub fault: Fault,
    first: u64,
    last: u64,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.fault.name();
        match (self.first, self.last) {
            (1, u64::MAX) => f.write_str(name),
            (first, u64::MAX) => write!(f, "{name}@{first}+"),
            (first, _) => write!(f, "{name}@{first}"),
        }
    }
}

impl FromStr for Strike {
    type Err = String;

    fn from_str(text: &str) -> Result<Strike, String> {
        let (name, when) = text.split_once('@').map_or((text, None), |(name, when)| (name, Some(when)));
        let Some((fault, ..)) = FAULTS.iter().find(|(_, known, _)| *known == name) else {
            let names: Vec<&str> = FAULTS.iter().map(|(_, name, _)| *name).collect();
            return Err(format!("`{name}` is no fault; they are {}", names.join(", ")));
        };
        let Some(when) = when else { return Ok(Strike { fault: *fault, first: 1, last: u64::MAX }) };
        let open = when.strip_suffix('+');
        match open.unwrap_or(when).parse() {
            Ok(first) if first > 0 => {
                Ok(Strike { fault: *fault, first, last: if open.is_some() { u64::MAX } else { first } })
            }
            _ => {
                Err(format!("`{text}`: write `{name}@2` for the second request, or `{name}@2+` for all from there on"))
            }
        }
    }
}

/// Counts requests for pages, and says which faults strike.
#[derive(Debug)]
pub(crate) struct Switch {
    faults: Vec<Strike>,
    requests: u64,
}

impl Switch {
    pub(crate) fn new(faults: Vec<Strike>) -> Switch {
        Switch { faults, requests: 0 }
    }

    pub(crate) fn faults(&self) -> &[Strike] {
        &self.faults
    }

    /// The faults that strike the request which comes now.
    pub(crate) fn next(&mut self) -> Vec<Fault> {
        self.requests += 1;
        let now = self.requests;
        self.faults.iter().filter(|one| (one.first..=one.last).contains(&now)).map(|one| one.fault).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{FAULTS, Strike, Switch};

    #[test]
    fn a_fault_strikes_when_it_is_said_to() {
        let strikes = |text: &str| -> Vec<bool> {
            let mut switch = Switch::new(vec![text.parse().expect("a fault")]);
            (0..3).map(|_| !switch.next().is_empty()).collect()
        };
        assert_eq!(strikes("html"), [true, true, true]);
        assert_eq!(strikes("html@2"), [false, true, false]);
        assert_eq!(strikes("html@2+"), [false, true, true]);
        for wrong in ["htm", "html@", "html@0", "html@x"] {
            assert!(wrong.parse::<Strike>().is_err(), "{wrong}");
        }
        for (_, name, _) in FAULTS {
            assert_eq!(name.parse::<Strike>().expect("a fault").to_string(), name);
        }
    }
}
