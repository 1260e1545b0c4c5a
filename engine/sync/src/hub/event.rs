//! What a hub tells beside records: which segment this is, loads that begin and end, and commits.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tapwright_spec::model::Stream;

use crate::destination::{Completion, Mode};
use crate::state::StreamState;

/// What a segment is: its first frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The hub's name.
    pub(crate) hub: String,
    /// The segment's number.
    pub(crate) segment: u64,
    /// The name of the spec.
    pub(crate) spec: String,
    /// When the run began.
    pub(crate) run: Timestamp,
    /// The loads that go on from the segment before.
    pub(crate) under_way: Vec<Begun>,
}

/// A load that begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Begun {
    pub(crate) stream: String,
    pub(crate) mode: Mode,
    /// `_sdc_table_version` of its rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<i64>,
    /// It is read from its beginning: whoever has nothing of the stream may begin here.
    pub(crate) fresh: bool,
}

impl Begun {
    /// The same as the stream is loaded.
    pub(crate) fn of_load(&self, stream: &Stream) -> Begun {
        Begun { mode: self.mode.of_load(stream), ..self.clone() }
    }
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// A load begins.
    Begin(Begun),
    /// A load ends.
    Finish {
        /// Of this stream.
        stream: String,
        /// How.
        completion: Completion,
    },
    /// Everything before belongs together; the states that came with it.
    Commit(Vec<(String, StreamState)>),
}
