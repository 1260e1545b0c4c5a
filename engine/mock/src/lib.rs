//! An API on this machine, made of a spec's fields or of a recording, with faults that are switched on and off: for
//! an author who has no account, and for tests of what a sync does when an API misbehaves.
//!
//! [`Api`] answers requests and knows nothing of sockets; [`Server`] puts it behind one, on 127.0.0.1 alone.

pub mod fault;

mod arrange;
mod csv;
mod document;
mod gate;
mod goes_on;
mod job;
mod making;
mod marks;
mod page;
mod played;
mod route;
mod served;
mod server;
mod shape;
mod told;
mod value;
mod world;
mod xml;

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tapwright_spec::path::Segment;
use tapwright_sync::http::{Headers, Request};

use fault::{Fault, Strike, Switch};
pub use making::Amount;
pub use played::Played;
pub use server::Server;
pub use world::World;

/// How an answer is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// At once.
    #[default]
    Whole,
    /// A few bytes a second.
    Slow,
    /// The connection breaks in the middle.
    Cut,
}

/// What a body is made of.
#[derive(Debug, Clone)]
pub enum Content {
    /// A page, as long as faults may still change it.
    Page(Box<Page>),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A page as a document, with what a fault must know of it.
#[derive(Debug, Clone)]
pub struct Page {
    /// The document.
    pub document: Value,
    /// The list of records in it.
    pub list: Vec<Segment>,
    /// Where the link to the next page stands, if the spec reads one in the body.
    pub link: Option<Vec<Segment>>,
    /// In which format it goes out.
    pub written: Written,
}

/// In which format a document goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// As JSON.
    Json,
    /// As XML.
    Xml,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Headers,
    /// Body.
    pub content: Content,
    /// How it is brought.
    pub delivery: Delivery,
}

impl Answer {
    /// A JSON document.
    pub fn json(status: u16, document: &Value) -> Answer {
        let mut headers = Headers::default();
        headers.add("Content-Type", "application/json");
        let content = Content::Bytes(document.to_string().into_bytes());
        Answer { status, headers, content, delivery: Delivery::Whole }
    }

    /// Why there is nothing else.
    pub fn refusal(status: u16, why: &str) -> Answer {
        Answer::json(status, &json!({"error": {"message": why}}))
    }

    /// The body as it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        match &self.content {
            Content::Page(page) => match page.written {
                Written::Json => page.document.to_string().into_bytes(),
                Written::Xml => xml::of(&page.document).into_bytes(),
            },
            Content::Bytes(bytes) => bytes.clone(),
        }
    }
}

/// Where answers come from.
pub enum Origin {
    /// Records that are made of the spec's fields.
    World(Box<World>),
    /// A recording.
    Played(Played),
}

/// An API with its faults.
pub struct Api {
    origin: Origin,
    switch: Mutex<Switch>,
}

impl Api {
    /// An API that misbehaves as `faults` say.
    pub fn new(origin: Origin, faults: Vec<Strike>) -> Api {
        Api { origin, switch: Mutex::new(Switch::new(faults)) }
    }

    /// Other faults from now on; requests are counted from one again.
    pub fn set_faults(&self, faults: Vec<Strike>) {
        *self.switch.lock().unwrap_or_else(PoisonError::into_inner) = Switch::new(faults);
    }

    /// The faults that are switched on.
    pub fn faults(&self) -> Vec<Strike> {
        self.switch.lock().unwrap_or_else(PoisonError::into_inner).faults().to_vec()
    }

    /// Answers a request. No answer is a connection that is dropped.
    pub async fn answer(&self, request: &Request) -> Option<Answer> {
        let (answer, is_page) = match &self.origin {
            Origin::World(world) => world.answer(request),
            Origin::Played(played) => (played.answer(request).await, true),
        };
        if !is_page {
            return Some(answer);
        }
        let struck: Vec<Fault> = self.switch.lock().unwrap_or_else(PoisonError::into_inner).next();
        struck.into_iter().try_fold(answer, |answer, fault| fault.strike(answer, request))
    }
}
