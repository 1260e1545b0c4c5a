//! The rate budget that all streams of a run share.
//!
//! In no span of `per` are more than `requests` sent, until the server says what is left and when its
//! window ends: from then on its count decides, be it smaller or greater, for the plan a user pays for
//! may allow more than the spec knows.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tapwright_spec::model::RateLimit;

use super::Response;
use super::retry::{reset_after, retry_after};

/// A rate budget; without a limit it only obeys a server that says when to come back.
#[derive(Debug, Default)]
pub struct Budget {
    limit: Option<RateLimit>,
    ledger: Mutex<Ledger>,
}

#[derive(Debug, Default)]
struct Ledger {
    /// When the requests of the last `per` were sent, at most `requests` of them.
    sent: VecDeque<Timestamp>,
    /// Requests that have no answer yet: the server's count may or may not hold them.
    unanswered: u64,
    /// What the server says is left, until its window ends.
    left: Option<(u64, Timestamp)>,
    /// Nothing is sent before.
    held_until: Option<Timestamp>,
}

impl Budget {
    /// A budget that obeys `limit`.
    pub fn new(limit: Option<RateLimit>) -> Budget {
        Budget { limit, ledger: Mutex::default() }
    }

    /// Takes one request out of the budget, or says how long to wait before asking again.
    pub(crate) fn take(&self, now: Timestamp) -> Result<(), Duration> {
        let mut ledger = self.ledger();
        let (held, spent) = (ledger.held(now), ledger.spent(now));
        let full = if ledger.left.is_some() { None } else { self.full(&mut ledger, now) };
        let wait = [held, spent, full];
        match wait.into_iter().flatten().max() {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                ledger.book(now, self.limit.is_some());
                Ok(())
            }
        }
    }

    /// A request has its answer, or will have none.
    pub(crate) fn answered(&self) {
        let mut ledger = self.ledger();
        ledger.unanswered = ledger.unanswered.saturating_sub(1);
    }

    /// Takes over what an answer says about the budget.
    pub(crate) fn learn(&self, response: &Response, now: Timestamp) {
        let mut ledger = self.ledger();
        if let Some((left, window)) = self.window(response, now) {
            let left = left.saturating_sub(ledger.unanswered);
            ledger.left = Some((left, later(now, window)));
        }
        if response.status == 429
            && let Some(wait) = self.told(response, now)
        {
            let until = later(now, wait);
            ledger.held_until = Some(ledger.held_until.map_or(until, |held| held.max(until)));
        }
    }

    /// How long the answer tells us to wait before the next request, if it does.
    pub(crate) fn told(&self, response: &Response, now: Timestamp) -> Option<Duration> {
        if let Some(wait) = retry_after(&response.headers, now) {
            return Some(wait);
        }
        let limit = self.limit.as_ref()?;
        let spent = response.status == 429 || self.remaining(response) == Some(0);
        let reset = response.headers.get(limit.reset.as_deref()?)?;
        spent.then(|| reset_after(reset, now)).flatten()
    }

    fn remaining(&self, response: &Response) -> Option<u64> {
        let name = self.limit.as_ref()?.remaining.as_deref()?;
        let left: f64 = response.headers.get(name)?.trim().parse().ok()?;
        Some(left.max(0.0) as u64)
    }

    fn window(&self, response: &Response, now: Timestamp) -> Option<(u64, Duration)> {
        let limit = self.limit.as_ref()?;
        let left = self.remaining(response)?;
        let window = limit
            .reset
            .as_deref()
            .and_then(|name| reset_after(response.headers.get(name)?, now))
            .unwrap_or_else(|| limit.per.as_std());
        Some((left, window))
    }

    /// How long until one of the last `requests` requests is `per` ago.
    fn full(&self, ledger: &mut Ledger, now: Timestamp) -> Option<Duration> {
        let limit = self.limit.as_ref()?;
        let per = limit.per.as_std();
        while let Some(first) = ledger.sent.front()
            && later(*first, per) <= now
        {
            ledger.sent.pop_front();
        }
        if (ledger.sent.len() as u64) < u64::from(limit.requests.max(1)) {
            return None;
        }
        ledger.sent.front().map(|first| left(later(*first, per), now))
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    fn held(&mut self, now: Timestamp) -> Option<Duration> {
        let until = self.held_until?;
        if until <= now {
            self.held_until = None;
            return None;
        }
        Some(left(until, now))
    }

    fn spent(&mut self, now: Timestamp) -> Option<Duration> {
        let (count, until) = self.left?;
        if until <= now {
            // The server's next window begins with a full count.
            self.left = None;
            self.sent.clear();
            return None;
        }
        (count == 0).then(|| left(until, now))
    }

    fn book(&mut self, now: Timestamp, keeps_count: bool) {
        self.unanswered += 1;
        if keeps_count {
            self.sent.push_back(now);
        }
        if let Some((count, _)) = &mut self.left {
            *count = count.saturating_sub(1);
        }
    }
}

fn later(moment: Timestamp, by: Duration) -> Timestamp {
    moment.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn left(until: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use crate::http::{Headers, Response};
    use jiff::Timestamp;
    use std::time::Duration;
    use tapwright_spec::model::RateLimit;

    fn budget(requests: u32) -> Budget {
        Budget::new(Some(RateLimit {
            requests,
            per: tapwright_spec::time::Duration::parse("1 minute").expect("a duration"),
            remaining: Some("X-Left".into()),
            reset: Some("X-Reset".into()),
        }))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("a time")
    }

    fn answer(status: u16, left: &str, reset: &str) -> Response {
        let mut headers = Headers::default();
        headers.add("x-left", left);
        headers.add("x-reset", reset);
        Response { status, headers, body: Vec::new() }
    }

    #[test]
    fn no_minute_holds_more_than_the_budget() {
        let budget = budget(3);
        for second in [0, 10, 20] {
            assert_eq!(budget.take(at(second)), Ok(()));
        }
        assert_eq!(budget.take(at(30)), Err(Duration::from_secs(30)));
        assert_eq!(budget.take(at(60)), Ok(()));
        assert_eq!(budget.take(at(60)), Err(Duration::from_secs(10)));
    }

    #[test]
    fn what_the_server_says_is_left_counts() {
        let budget = budget(300);
        assert_eq!(budget.take(at(0)), Ok(()));
        budget.answered();
        budget.learn(&answer(200, "1", "20"), at(0));
        assert_eq!(budget.take(at(1)), Ok(()));
        assert_eq!(budget.take(at(2)), Err(Duration::from_secs(18)));
        assert_eq!(budget.take(at(20)), Ok(()));
    }

    #[test]
    fn the_servers_count_may_be_greater_than_the_specs() {
        let budget = budget(2);
        assert_eq!(budget.take(at(0)), Ok(()));
        budget.answered();
        budget.learn(&answer(200, "500", "20"), at(0));
        for _ in 0..10 {
            assert_eq!(budget.take(at(1)), Ok(()));
        }
        assert_eq!(budget.take(at(20)), Ok(()));
        assert_eq!(budget.take(at(20)), Ok(()));
        assert_eq!(budget.take(at(21)), Err(Duration::from_secs(59)));
    }

    #[test]
    fn requests_under_way_are_not_counted_as_left() {
        let budget = budget(300);
        for _ in 0..3 {
            assert_eq!(budget.take(at(0)), Ok(()));
        }
        budget.answered();
        budget.learn(&answer(200, "2", "20"), at(0));
        assert_eq!(budget.take(at(0)), Err(Duration::from_secs(20)));
    }

    #[test]
    fn a_429_holds_every_stream() {
        let budget = budget(300);
        let mut refusal = answer(429, "5", "3");
        refusal.headers.add("Retry-After", "9");
        budget.learn(&refusal, at(0));
        assert_eq!(budget.take(at(1)), Err(Duration::from_secs(8)));
        assert_eq!(budget.take(at(9)), Ok(()));
        assert_eq!(budget.told(&answer(429, "5", "3"), at(0)), Some(Duration::from_secs(3)));
        assert_eq!(budget.told(&answer(500, "5", "3"), at(0)), None);
    }
}
