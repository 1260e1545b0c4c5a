//! The job of cutting a stream into slices.

use crate::Json;

/// A hook that cuts a stream into slices, which are read one by one with a bookmark each.
pub trait CutSlices: Sized {
    /// What it does, in one sentence for the documentation page.
    const SUMMARY: &str;
    /// JSON Schema of its options; titles and descriptions are shown to readers.
    const OPTIONS: &str = r#"{"type": "object", "additionalProperties": false}"#;

    /// Takes the options of the spec, which keep to the schema.
    ///
    /// # Errors
    /// What is wrong with them, for the author of the spec.
    fn configure(options: Json<'_>) -> Result<Self, String>;

    /// Each slice as JSON: an object whose members the stream's expressions read.
    ///
    /// # Errors
    /// Why it cannot; the stream fails.
    fn cut(&mut self, question: &Question<'_>) -> Result<Vec<String>, String>;
}

/// The stream, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Name of the stream.
    pub stream: &'a str,
    /// What the user has configured, without secrets.
    pub config: Json<'a>,
    /// Bookmarks of the slices that are known: a list of `{"slice": {…}, "bookmark": …}`.
    pub state: Json<'a>,
    /// When the run began, in milliseconds since 1970 in UTC.
    pub now: u64,
}
