//! A transport that keeps what goes over it, in memory, and the clock that goes with it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::clock::Clock;
use crate::http::{Request, Response, Transport, TransportFault};

/// A request as it was sent, with what came back; nothing came of a request that was given up.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) request: Request,
    pub(super) came: Option<Result<Response, TransportFault>>,
}

/// Keeps exchanges. Its clock stands still until the first request is sent: whatever a run computes from the time
/// before that is the same when the recording is played.
pub(super) struct Capture {
    inner: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    began: Timestamp,
    sending: AtomicBool,
    taken: Mutex<Vec<Taken>>,
}

impl Capture {
    pub(super) fn new(inner: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Capture {
        let now = clock.now();
        // A whole second is easier to read, and no API tells moments apart by less.
        let began = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Capture { inner, clock, began, sending: AtomicBool::new(false), taken: Mutex::default() }
    }

    /// When the run began.
    pub(super) fn began(&self) -> Timestamp {
        self.began
    }

    /// The exchanges in the order in which they were begun.
    pub(super) fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for Capture {
    fn send<'a>(&'a self, request: &'a Request, most: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        async move {
            self.sending.store(true, Ordering::Relaxed);
            let at = {
                let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
                taken.push(Taken { request: request.clone(), came: None });
                taken.len() - 1
            };
            let came = self.inner.send(request, most).await;
            self.taken.lock().unwrap_or_else(PoisonError::into_inner)[at].came = Some(came.clone());
            came
        }
        .boxed()
    }
}

impl Clock for Capture {
    fn now(&self) -> Timestamp {
        if self.sending.load(Ordering::Relaxed) { self.clock.now() } else { self.began }
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.clock.sleep(duration)
    }
}
