//! What to do on which answer.

use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, OneOrMany, Read, Reader, Shape, Text, record, words};
use crate::model;
use crate::tree::{Node, Value};

type Line = Text<grammar::Plain>;
type Template = Text<grammar::Template>;
type Path = Text<grammar::Path>;

record! {
    /// What to do on which answer.
    Rule = "rule";
    /// What the answer must look like; all parts must hold.
    when: required When,
    /// What to do.
    action as "do": required At<Do>,
    /// How long to wait: a text that is a duration, such as `30 seconds`; with `do: wait`, and only there.
    how_long as "for": optional Template,
    /// Until when to wait, in place of `for`: a timestamp (RFC 3339), or a Unix time in seconds or milliseconds, as in
    /// `"{{ response.headers['x-reset'] }}"`. A time in the past means to go on at once.
    until: optional Template,
    /// What the user reads about it, with the name of the stream.
    message: optional Template,
}

record! {
    /// What an answer must look like. Every part that is given must hold.
    When = "when";
    /// A status, a class such as `5xx`, or a list of them.
    status: optional OneOrMany<StatusForm>,
    /// A header that is present, or `{NAME: text it contains}`.
    header: optional HeaderForm,
    /// A path that is present in the body and not null.
    body: optional Path,
    /// A text that the body contains.
    text: optional Line,
    /// A condition that holds.
    condition: optional Text<grammar::Condition>,
}

/// A status or a class.
#[derive(Debug, Clone)]
pub(crate) struct StatusForm(pub(crate) At<model::StatusRange>);

impl Read for StatusForm {
    fn shape() -> Shape {
        let classes = [("2xx", "200 to 299"), ("3xx", "300 to 399"), ("4xx", "400 to 499"), ("5xx", "500 to 599")];
        let classes = classes.map(|(word, doc)| (word, doc.to_owned())).to_vec();
        Shape::Either(vec![Shape::Integer { least: 100 }, Shape::Words(classes)])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(node, "a status such as `429` or `5xx`")?;
        let range = match text.strip_suffix("xx").map(str::parse::<u16>) {
            Some(Ok(class @ 2..=5)) => Some((class * 100, class * 100 + 99)),
            Some(_) => None,
            None => text.parse().ok().filter(|status| (100..600).contains(status)).map(|status| (status, status)),
        };
        match range {
            Some((from, to)) => {
                Some(StatusForm(At { value: model::StatusRange { from, to }, place: node.place.clone() }))
            }
            None => {
                let fault = Diagnostic::new(format!("`{text}` is no HTTP status"), node.place.clone());
                reader.fault(fault.help("write a status from 100 to 599, or a class such as `5xx`"));
                None
            }
        }
    }
}

/// A header's name, or its name with a text that it contains.
#[derive(Debug, Clone)]
pub(crate) struct HeaderForm {
    pub(crate) name: String,
    pub(crate) contains: Option<String>,
}

impl Read for HeaderForm {
    fn shape() -> Shape {
        Shape::Either(vec![Text::<grammar::Header>::shape(), Shape::Map(Box::new(Line::shape()))])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            return Some(HeaderForm { name: Text::<grammar::Header>::read(node, reader)?.value, contains: None });
        };
        match entries.as_slice() {
            [(name, text)] => {
                Some(HeaderForm { name: name.text.clone(), contains: Some(Line::read(text, reader)?.value) })
            }
            _ => reader.expected(node, "one header with the text that it contains"),
        }
    }
}

/// The word for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Do {
    Retry,
    Wait,
    Skip,
    Stop,
    Fail,
    RefreshAuth,
}

words! {
    /// What to do on an answer.
    Do = "action" {
        /// Send again, with backoff.
        "retry" => Do::Retry,
        /// Wait `for` so long or `until` then, an hour in all at most, then send again.
        "wait" => Do::Wait,
        /// Fetch the token or log in anew, then send again: for an API that says it otherwise than by a 401, after which
        /// that is done by itself. Once for each request; if the answer is the same again, the stream fails.
        "refresh_auth" => Do::RefreshAuth,
        /// Take it for a page without records; a child goes on with the next parent.
        "skip" => Do::Skip,
        /// The walk is at its end.
        "stop" => Do::Stop,
        /// The stream fails.
        "fail" => Do::Fail,
    }
}
