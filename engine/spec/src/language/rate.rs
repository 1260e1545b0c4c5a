//! Rate budgets: of all streams, of one, shared by several.

use super::about::Positive;
use crate::grammar::{self, OneOrMany, Read, Reader, Shape, Text, record};
use crate::tree::{Node, Value};

type Line = Text<grammar::Plain>;

record! {
    /// A rate budget. It is kept from the start, and corrected by what answers tell: in a header, such as
    /// `X-RateLimit-Remaining`, or in the body, at a path such as `$.data.rateLimit.remaining`. Requests for tokens count
    /// too, in those of `http`.
    RateLimit = "rate_limit";
    /// How many requests may be sent in the time `per`; where requests have weights, what they may weigh together.
    requests: required Positive,
    /// The time for which `requests` counts.
    per: required Text<grammar::Duration>,
    /// Header or path that tells how much is left.
    remaining: optional Teller,
    /// Header or path that tells when the count starts anew: seconds from now, a Unix time, or a timestamp.
    reset: optional Teller,
    /// Header or path that tells how much comes back each second, of a budget that fills up bit by bit: a request then
    /// waits only until there is enough for it. It needs `remaining`.
    restore: optional Teller,
    /// Header or path that tells what the request took, such as `$.extensions.cost.actualQueryCost`. That counts in place
    /// of the `weight` of `limits`, which is what must be left for a request to be sent.
    cost: optional Teller,
}

/// Where an answer tells something of a budget: a header, or a path in the body.
#[derive(Debug, Clone)]
pub(crate) enum Teller {
    Header(Text<grammar::Header>),
    Body(Text<grammar::Path>),
}

impl Read for Teller {
    fn shape() -> Shape {
        Shape::Either(vec![Text::<grammar::Header>::shape(), Text::<grammar::Path>::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Scalar(scalar) if scalar.text.starts_with('$') => Read::read(node, reader).map(Teller::Body),
            _ => Read::read(node, reader).map(Teller::Header),
        }
    }
}

/// Budgets of a stream's own, or the name of the stream whose own ones it shares.
#[derive(Debug, Clone)]
pub(crate) enum StreamRate {
    Own(Vec<RateLimit>),
    Of(Line),
}

impl Read for StreamRate {
    fn shape() -> Shape {
        Shape::Either(vec![Line::shape(), RateLimit::shape(), Shape::List(Box::new(RateLimit::shape()))])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Scalar(_) => Line::read(node, reader).map(StreamRate::Of),
            _ => OneOrMany::read(node, reader).map(|limits| StreamRate::Own(limits.0)),
        }
    }
}
