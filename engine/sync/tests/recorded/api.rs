//! The recorded API, with an eye on what is sent to it.

use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use tapwright_sync::http::{Recorded, Recording, Request, Response, Transport, TransportFault};

/// Plays a recording and notes the requests.
pub(crate) struct Watched {
    recorded: Recorded,
    sent: Mutex<Vec<String>>,
}

impl Watched {
    pub(crate) fn new(recording: Recording) -> Watched {
        Watched { recorded: Recorded::new(recording), sent: Mutex::default() }
    }

    /// The requests in their order, and what of the recording nobody asked for.
    pub(crate) fn told(&self) -> (Vec<String>, Vec<&str>) {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        (sent.clone(), self.recorded.unused())
    }
}

impl Transport for Watched {
    fn send<'a>(&'a self, request: &'a Request, most: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        let url = request.url.as_str().replace("http://api.example", "");
        let mut shown = request.to_string().replace(request.url.as_str(), &url);
        for name in ["Authorization", "X-Api-Key"] {
            if request.headers.get(name).is_some() {
                shown.push_str(&format!(" with {name}"));
            }
        }
        if let Some(body) = &request.body {
            shown.push_str(&format!(" and {}", String::from_utf8_lossy(body)));
        }
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(shown);
        self.recorded.send(request, most)
    }
}
