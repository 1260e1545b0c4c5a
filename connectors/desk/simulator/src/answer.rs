//! An answer before it is sent: status, body, and by what a client may recognise it.

use crate::json::{self, Generation};

/// How an answer can be asked for again conditionally. The newer service has no entity tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    None,
    /// A digest of the body.
    OfBody,
    /// Recorded for the users' and labels' lists: one timestamp for every page of them.
    Timestamp(i64),
    /// Recorded for article searches: one tag whatever was searched. Never to be trusted.
    Careless,
}

/// What a route gives.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) tag: Tag,
    pub(crate) generation: Generation,
}

impl Answer {
    pub(crate) fn found(body: Vec<u8>, generation: Generation) -> Self {
        let tag = match generation {
            Generation::A => Tag::OfBody,
            Generation::B => Tag::None,
        };
        Self { status: 200, body, tag, generation }
    }

    /// Every recorded error has a `message` and nothing else one could rely on.
    pub(crate) fn refused(status: u16, message: &str) -> Self {
        let mut body = b"{\"message\":".to_vec();
        json::value(&mut body, message);
        body.push(b'}');
        Self { status, body, tag: Tag::None, generation: Generation::A }
    }

    pub(crate) fn not_found() -> Self {
        Self::refused(404, "Resource Not Found")
    }

    pub(crate) fn tagged(mut self, tag: Tag) -> Self {
        if self.status == 200 && self.tag != Tag::None {
            self.tag = tag;
        }
        self
    }
}
