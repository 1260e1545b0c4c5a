//! The records that hooks are given: streams, read whole before all else.

use tapwright_spec::Connector;
use tapwright_spec::model::Stream;

use super::Hooks;
use crate::extract::{ExtractError, Slice, Source};

/// Records and bytes of a stream that a hook may be given.
const MOST_RECORDS: usize = 10_000;
const MOST_BYTES: usize = 16 << 20;

/// Why a hook cannot be given the records of a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the hook `{hook}` cannot be given the records of `{stream}`: {why}")]
pub struct GivenFault {
    /// The hook.
    pub hook: String,
    /// The stream.
    pub stream: String,
    /// Why not.
    pub why: Why,
}

/// What is wrong with the records of a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// A request failed.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// They are not all there.
    #[error("they were not read to their end: {0}")]
    Bounded(String),
    /// There are more than fit.
    #[error("there are more than {MOST_RECORDS} of them, or more than {} MiB", MOST_BYTES >> 20)]
    TooMany,
}

impl Hooks {
    /// The streams whose records hooks of `streams` want, each with the first hook that does.
    pub fn wanted<'c>(&self, connector: &'c Connector, streams: &[&Stream]) -> Vec<(&'c str, &'c Stream)> {
        let mut wanted: Vec<(&str, &Stream)> = Vec::new();
        for hook in &connector.hooks {
            if !streams.iter().any(|stream| stream.hooks.iter().any(|used| used.name == hook.name)) {
                continue;
            }
            for stream in hook.given.iter().filter_map(|(_, name)| connector.stream(name)) {
                if !wanted.iter().any(|(_, known)| known.name == stream.name) {
                    wanted.push((&hook.name, stream));
                }
            }
        }
        wanted
    }

    /// Reads the streams that hooks are given.
    ///
    /// # Errors
    /// A [`GivenFault`]; nothing of a stream that is not whole is given.
    pub async fn give(&mut self, wanted: &[(&str, &Stream)], source: &Source) -> Result<(), GivenFault> {
        for (hook, stream) in wanted {
            let fault = |why| GivenFault { hook: (*hook).to_owned(), stream: stream.name.clone(), why };
            let records = whole(stream, source).await.map_err(fault)?;
            self.given.push((stream.name.clone(), records));
        }
        Ok(())
    }
}

/// All records of a stream, as JSON Lines.
async fn whole(stream: &Stream, source: &Source) -> Result<Vec<u8>, Why> {
    let mut walk = source.walk(Slice { stream, since: None, until: None, names: None });
    let (mut lines, mut count) = (Vec::new(), 0);
    while let Some(page) = walk.next().await? {
        count += page.records.len();
        for at in 0..page.records.len() {
            on_one_line(page.record(at), &mut lines);
        }
        if count > MOST_RECORDS || lines.len() > MOST_BYTES {
            return Err(Why::TooMany);
        }
    }
    match walk.end() {
        Some(end) if !end.bounded && end.slid.is_none() => Ok(lines),
        end => Err(Why::Bounded(
            end.map_or_else(String::new, |end| end.slid.clone().unwrap_or_else(|| end.reason.to_string())),
        )),
    }
}

/// A JSON text with its line feeds, which stand only between its values, as spaces.
fn on_one_line(record: &str, lines: &mut Vec<u8>) {
    lines.extend(record.bytes().map(|byte| if byte == b'\n' || byte == b'\r' { b' ' } else { byte }));
    lines.push(b'\n');
}
