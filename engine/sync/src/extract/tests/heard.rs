//! A recording that remembers what was sent to it.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;

use crate::http::{Recorded, Request, Response, Transport, TransportFault};

/// Answers as its recording does.
pub(super) struct Heard {
    recorded: Arc<Recorded>,
    sent: Mutex<Vec<String>>,
}

impl Heard {
    pub(super) fn new(recorded: Arc<Recorded>) -> Arc<Heard> {
        Arc::new(Heard { recorded, sent: Mutex::default() })
    }

    /// Each request on a line: method, URL, credentials, headers that begin with `X-Seen-` and body, as far as it has them.
    pub(super) fn sent(&self) -> Vec<String> {
        self.sent.lock().expect("a lock").clone()
    }
}

impl Transport for Heard {
    fn send<'a>(&'a self, request: &'a Request, most: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        let body = request.body.as_deref().map(String::from_utf8_lossy);
        let credentials = [request.headers.get("Authorization"), request.headers.get("Cookie")];
        let named: Vec<String> = request
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with("X-Seen-"))
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        let mut line = request.to_string();
        credentials.into_iter().flatten().chain(named.iter().map(String::as_str)).chain(body.as_deref()).for_each(
            |part| {
                line.push(' ');
                line.push_str(part);
            },
        );
        self.sent.lock().expect("a lock").push(line);
        self.recorded.send(request, most)
    }
}
