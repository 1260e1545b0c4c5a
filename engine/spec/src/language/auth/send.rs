//! Where a token or a signature goes in each request.

use super::{Line, Template};
use crate::grammar::{self, OneOrMany, Read, Reader, Shape, Text, record};
use crate::tree::{Node, Value};

record! {
    /// Where a token or a signature goes in each request.
    SendToken = "send_token", ExactlyOne of &["header", "query", "body", "cookie"];
    /// Name of the header that carries it.
    header: optional Text<grammar::Header>,
    /// Name of the query parameter that carries it.
    query: optional Line,
    /// Name of the member of the JSON body that carries it, where every request is a `POST`.
    body: optional Line,
    /// Name of the cookie that carries it.
    cookie: optional Text<grammar::Cookie>,
    /// What is sent, such as `"Token {{ token }}"`; default the token or the signature alone.
    value: optional Template,
}

/// One place, or several.
#[derive(Debug, Clone)]
pub(crate) struct SendTokens(pub(crate) Vec<SendToken>);

impl Read for SendTokens {
    fn shape() -> Shape {
        OneOrMany::<SendToken>::shape()
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) | Value::List(_) => OneOrMany::read(node, reader).map(|send| SendTokens(send.0)),
            _ => reader.expected(node, "a place in the request, such as `{header: X-Token}`"),
        }
    }
}
