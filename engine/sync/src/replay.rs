//! Recordings played as tests: a spec, what its API answered, and what must come of it. No network.
//!
//! A recording is `NAME.recording.yaml` beside the spec `NAME.yaml`, or `recording.yaml` in a folder with
//! `spec.yaml`; its key `spec:` names another file. What must come of it stands beside it, in `NAME.expected.yaml` or
//! `expected.yaml`.

mod api;
mod case;
mod difference;
mod format;
mod play;
mod tables;
mod through;
mod told;

pub(crate) use api::home;
pub use case::{Case, Judged, Judgement, find};
pub use format::{Asked, Runs};
pub(crate) use play::cut;
pub use play::{Played, Way, play};
