//! Time as a run sees it: the clock on the wall, or one that a test moves.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// What a run asks for the time, and what it waits with.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// Comes back when `duration` has gone by.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that stands still, except that whoever sleeps moves it on and wakes at once.
#[derive(Debug)]
pub struct TestClock {
    now: Mutex<Timestamp>,
}

impl TestClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> TestClock {
        TestClock { now: Mutex::new(start) }
    }

    fn advance(&self, duration: Duration) {
        let mut now = self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.saturating_add(duration).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.advance(duration);
            tokio::task::yield_now().await;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, TestClock};
    use jiff::Timestamp;
    use std::time::Duration;

    #[tokio::test]
    async fn a_test_clock_moves_when_somebody_sleeps() {
        let clock = TestClock::new(Timestamp::UNIX_EPOCH);
        clock.sleep(Duration::from_secs(3_600)).await;
        assert_eq!(clock.now().as_second(), 3_600);
    }
}
