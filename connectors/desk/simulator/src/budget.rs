//! The rate limit: so many requests in a window, and what the headers say about it.

use std::time::{Duration, Instant};

use crate::json::Generation;

/// What is left after a request was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
    /// Whole seconds until the window ends.
    pub(crate) reset: u64,
    pub(crate) is_exceeded: bool,
}

/// The two generations count apart, as was recorded within one second.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: u64,
    window: Duration,
    since: Instant,
    used: [u64; 2],
}

impl Budget {
    pub(crate) fn new(limit: u64, window: Duration, now: Instant) -> Self {
        Self { limit, window: window.max(Duration::from_millis(1)), since: now, used: [0; 2] }
    }

    pub(crate) fn count(&mut self, generation: Generation, now: Instant) -> Left {
        if now.duration_since(self.since) >= self.window {
            self.since = now;
            self.used = [0; 2];
        }
        let used = &mut self.used[usize::from(generation == Generation::B)];
        *used += 1;
        let rest = self.window.saturating_sub(now.duration_since(self.since));
        Left {
            limit: self.limit,
            remaining: self.limit.saturating_sub(*used),
            reset: rest.as_secs() + u64::from(rest.subsec_nanos() > 0),
            is_exceeded: *used > self.limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_and_generations_count_apart() {
        let start = Instant::now();
        let mut budget = Budget::new(2, Duration::from_secs(60), start);
        let first = budget.count(Generation::A, start);
        assert_eq!((first.limit, first.remaining, first.reset), (2, 1, 60));
        let later = start + Duration::from_millis(1500);
        assert_eq!(budget.count(Generation::A, later).reset, 59);
        assert!(budget.count(Generation::A, later).is_exceeded);
        assert!(!budget.count(Generation::B, later).is_exceeded);
        let next = budget.count(Generation::A, start + Duration::from_secs(60));
        assert_eq!((next.remaining, next.is_exceeded), (1, false));
    }
}
