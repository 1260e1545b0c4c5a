//! What was asked so far, so that a test can say what a sync cost.

use std::collections::BTreeMap;

use serde::Serialize;

/// Counts of the requests a server has answered; its own control endpoint is not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    /// All of them.
    pub total: u64,
    /// By path, ids and locales taken out: `/cases/{id}/replies`.
    pub by_path: BTreeMap<String, u64>,
    /// By status of the answer.
    pub by_status: BTreeMap<u16, u64>,
}

impl Requests {
    pub(crate) fn count(&mut self, pattern: String, status: u16) {
        *self.by_path.entry(pattern).or_default() += 1;
        *self.by_status.entry(status).or_default() += 1;
    }
}
