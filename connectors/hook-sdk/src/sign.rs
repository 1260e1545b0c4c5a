//! The job of signing requests.

use crate::Json;

/// A hook that signs requests where no way of authentication in the spec does.
pub trait SignRequests: Sized {
    /// What it does, in one sentence for the documentation page.
    const SUMMARY: &str;
    /// JSON Schema of its options; titles and descriptions are shown to readers.
    const OPTIONS: &str = r#"{"type": "object", "additionalProperties": false}"#;

    /// Takes the options of the spec, which keep to the schema.
    ///
    /// # Errors
    /// What is wrong with them, for the author of the spec.
    fn configure(options: Json<'_>) -> Result<Self, String>;

    /// Signs one request.
    ///
    /// # Errors
    /// Why it cannot; the stream fails.
    fn sign(&mut self, request: &Request) -> Result<Signature, String>;
}

/// A name and a value that go with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Pair {
    /// A name and a value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Pair { name: name.into(), value: value.into() }
    }
}

/// A request that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// In upper case.
    pub method: String,
    /// Whole, with its query, as it will be sent.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<Pair>,
    /// As it will be sent.
    pub body: Option<Vec<u8>>,
    /// Milliseconds since 1970 in UTC.
    pub now: u64,
    /// 16 bytes that no request had before.
    pub nonce: Vec<u8>,
}

/// What goes along with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Take the place of those of the same name.
    pub headers: Vec<Pair>,
    /// Go behind the query, in this order.
    pub params: Vec<Pair>,
}
