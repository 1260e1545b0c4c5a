//! Does natively what the engine does in a run, for unit tests.

use crate::{Answer, ChangeRecords, Effect, Given, Json, Output, Stream, Text};

/// A hook in use for one stream.
pub struct Rehearsal<H> {
    hook: H,
    /// What the hook told of the stream.
    pub effect: Effect,
}

/// Configures a hook and tells it of a stream.
///
/// # Errors
/// What the hook said against the options, or against the stream.
pub fn rehearse<H: ChangeRecords>(options: &str, stream: &Stream, given: &Given) -> Result<Rehearsal<H>, String> {
    let mut hook = H::configure(Json::new(options))?;
    let effect = hook.fields(stream, given)?;
    Ok(Rehearsal { hook, effect })
}

impl<H: ChangeRecords> Rehearsal<H> {
    /// Hands a batch of JSON Lines to the hook: only the members that it reads are to stand in them.
    pub fn change(&mut self, batch: &str) -> Answer {
        self.changed(batch).into()
    }

    /// The same as it crosses to the engine.
    #[doc(hidden)]
    pub fn changed(&mut self, batch: &str) -> Answer<Text> {
        Output::of(batch, Text::new(), |record, output| self.hook.change(record, output))
    }
}
