//! What the requests of a stream have cost so far, readable while it runs.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// Who is told of requests that are sent again.
struct Listener(Box<dyn Fn(String) + Send + Sync>);

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a listener")
    }
}

/// Counts of one stream.
#[derive(Debug, Default)]
pub struct Counters {
    listener: OnceLock<Listener>,
    requests: AtomicU64,
    retries: AtomicU64,
    bytes: AtomicU64,
    waited_ms: AtomicU64,
    waiting_until_ms: AtomicI64,
}

impl Counters {
    /// Requests sent, tries and redirects included.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Of these, how many repeated one that failed.
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Bytes of bodies, as they were sent.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Time spent waiting for rate limits and before second tries.
    pub fn waited(&self) -> Duration {
        Duration::from_millis(self.waited_ms.load(Ordering::Relaxed))
    }

    /// Until when the stream waits now, if it does. Of several requests under way, the last that began to.
    pub fn waiting_until(&self) -> Option<Timestamp> {
        match self.waiting_until_ms.load(Ordering::Relaxed) {
            0 => None,
            moment => Timestamp::from_millisecond(moment).ok(),
        }
    }

    /// Tells of each request that is sent again, and why.
    pub(crate) fn telling(&self, listener: impl Fn(String) + Send + Sync + 'static) {
        // One is enough.
        let _ = self.listener.set(Listener(Box::new(listener)));
    }

    pub(crate) fn sends_again(&self, why: &str, wait: Duration) {
        if let Some(listener) = self.listener.get() {
            (listener.0)(format!("{why}; sent again after {:.1} s", wait.as_secs_f64()));
        }
    }

    pub(crate) fn sent(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn wait_begins(&self, until: Timestamp) {
        self.waiting_until_ms.store(until.as_millisecond(), Ordering::Relaxed);
    }

    pub(crate) fn wait_ended(&self, waited: Duration) {
        self.waiting_until_ms.store(0, Ordering::Relaxed);
        let waited = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        self.waited_ms.fetch_add(waited, Ordering::Relaxed);
    }
}
