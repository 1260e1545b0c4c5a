//! The job of choosing the next page.

use crate::{Json, Pair};

/// A hook that chooses the next page where no pagination of the spec can.
pub trait ChoosePages: Sized {
    /// What it does, in one sentence for the documentation page.
    const SUMMARY: &str;
    /// JSON Schema of its options; titles and descriptions are shown to readers.
    const OPTIONS: &str = r#"{"type": "object", "additionalProperties": false}"#;

    /// Takes the options of the spec, which keep to the schema.
    ///
    /// # Errors
    /// What is wrong with them, for the author of the spec.
    fn configure(options: Json<'_>) -> Result<Self, String>;

    /// Tells what comes after a page.
    ///
    /// # Errors
    /// Why it cannot tell; the stream fails.
    fn after(&mut self, page: &Response) -> Result<Step, String>;
}

/// A page that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The address of the request, whole.
    pub url: String,
    /// Status of HTTP.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<Pair>,
    /// As UTF-8 where it is text.
    pub body: Vec<u8>,
    /// How many records the engine found in it.
    pub records: u32,
    /// Number of this page within the walk, from 1.
    pub page: u32,
}

/// What differs in the next request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// Another address, whole or relative to the one before.
    pub url: Option<String>,
    /// Take the place of those of the same name.
    pub params: Vec<Pair>,
    /// Take the place of those of the same name.
    pub headers: Vec<Pair>,
    /// Another body.
    pub body: Option<Vec<u8>>,
}

/// What comes after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Another page.
    Next(Next),
    /// None, and why that is certain.
    Stop(String),
}
