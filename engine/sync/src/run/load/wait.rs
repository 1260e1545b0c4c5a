//! Waits for a message on a thread of its own, without the runtime that sends it: a timer there would wake it for every
//! message.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

/// What came of waiting.
#[derive(Debug, PartialEq)]
pub(super) enum Next<T> {
    /// A message.
    Message(T),
    /// None in time.
    Nothing,
    /// None, and no more will come.
    Closed,
}

struct Waiting(Thread);

impl Wake for Waiting {
    fn wake(self: Arc<Waiting>) {
        self.0.unpark();
    }
}

/// The next message, if it comes within this time.
pub(super) fn next<T>(queue: &mut mpsc::Receiver<T>, most: Duration) -> Next<T> {
    let until = Instant::now() + most;
    let waker = Waker::from(Arc::new(Waiting(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match queue.poll_recv(&mut context) {
            Poll::Ready(message) => return message.map_or(Next::Closed, Next::Message),
            Poll::Pending => {}
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Next::Nothing;
        }
        // It may come back early, without a message.
        thread::park_timeout(left);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;

    use super::{Next, next};

    #[test]
    fn a_message_comes_whenever_it_is_sent_and_the_end_is_seen() {
        let (sender, mut queue) = mpsc::channel(1);
        assert_eq!(next(&mut queue, Duration::from_millis(10)), Next::Nothing);
        let sending = std::thread::spawn(move || {
            for number in 0..100 {
                std::thread::sleep(Duration::from_micros(number % 7 * 50));
                sender.blocking_send(number).expect("somebody listens");
            }
        });
        for number in 0..100 {
            assert_eq!(next(&mut queue, Duration::from_secs(60)), Next::Message(number));
        }
        assert_eq!(next(&mut queue, Duration::from_secs(60)), Next::Closed);
        sending.join().expect("all sent");
    }
}
