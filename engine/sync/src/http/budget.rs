//! The rate budgets that all streams of a run share.
//!
//! In no span of `per` are more than `requests` sent, each by its weight, until the server says what is left and when its
//! window ends: from then on its count decides, be it smaller or greater, for the plan a user pays for
//! may allow more than the spec knows.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tapwright_spec::model::RateLimit;

use super::Response;
use super::retry::{reset_after, retry_after};
use super::throttle::is_too_much;

/// The rate budgets, all of which hold; without any it only obeys a server that says when to come back.
#[derive(Debug, Default)]
pub struct Budget {
    ledger: Mutex<Ledger>,
}

#[derive(Debug, Default)]
struct Ledger {
    accounts: Vec<Account>,
    /// Nothing is sent before.
    held_until: Option<Timestamp>,
}

/// Why nothing can be taken now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Full {
    /// How long to wait.
    pub(crate) wait: Duration,
    /// The spec's budget that says so, in words; none if the server does.
    pub(crate) budget: Option<String>,
}

/// What was taken from one budget.
#[derive(Debug)]
struct Account {
    limit: RateLimit,
    /// When requests of the last `per` were sent, and their weights, which are at most `requests` together.
    sent: VecDeque<(Timestamp, u32)>,
    /// The sum of these weights.
    taken: u64,
    /// The weights of requests that have no answer yet: the server's count may or may not hold them.
    unanswered: u64,
    /// What the server says is left, until its window ends.
    left: Option<(u64, Timestamp)>,
}

impl Budget {
    /// A budget that obeys `limits`.
    pub fn new(limits: Vec<RateLimit>) -> Budget {
        let account = |limit| Account { limit, sent: VecDeque::new(), taken: 0, unanswered: 0, left: None };
        let accounts = limits.into_iter().map(account).collect();
        Budget { ledger: Mutex::new(Ledger { accounts, held_until: None }) }
    }

    /// Takes one request of this weight out of the budget, or says how long to wait before asking again.
    pub(crate) fn take(&self, weight: u32, now: Timestamp) -> Result<(), Full> {
        let mut ledger = self.ledger();
        let held = ledger.held(now).map(|wait| Full { wait, budget: None });
        let full = ledger.accounts.iter_mut().filter_map(|account| account.full(weight, now));
        match full.chain(held).max_by_key(|full| full.wait) {
            Some(full) if !full.wait.is_zero() => Err(full),
            _ => {
                ledger.accounts.iter_mut().for_each(|account| account.book(weight, now));
                Ok(())
            }
        }
    }

    /// A request of this weight has its answer, or will have none.
    pub(crate) fn answered(&self, weight: u32) {
        for account in &mut self.ledger().accounts {
            account.unanswered = account.unanswered.saturating_sub(weight.into());
        }
    }

    /// Takes over what an answer says about the budget.
    pub(crate) fn learn(&self, response: &Response, now: Timestamp) {
        let told = self.told(response, now);
        let mut ledger = self.ledger();
        for account in &mut ledger.accounts {
            if let Some((left, window)) = account.window(response, now) {
                account.left = Some((left.saturating_sub(account.unanswered), later(now, window)));
            }
        }
        if is_too_much(response)
            && let Some(wait) = told
        {
            let until = later(now, wait);
            ledger.held_until = Some(ledger.held_until.map_or(until, |held| held.max(until)));
        }
    }

    /// How long the answer tells us to wait before the next request, if it does.
    pub(crate) fn told(&self, response: &Response, now: Timestamp) -> Option<Duration> {
        retry_after(&response.headers, now)
            .or_else(|| self.ledger().accounts.iter().filter_map(|account| account.told(response, now)).max())
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
}

impl Account {
    /// How long until there is room for so much, if there is none.
    fn full(&mut self, weight: u32, now: Timestamp) -> Option<Full> {
        if let Some((count, until)) = self.left {
            if until > now {
                return (count < u64::from(weight)).then(|| Full { wait: left(until, now), budget: None });
            }
            // The server's next window begins with a full count.
            self.left = None;
            self.sent.clear();
            self.taken = 0;
        }
        let per = self.limit.per.as_std();
        while let Some((first, weight)) = self.sent.front().copied()
            && later(first, per) <= now
        {
            self.sent.pop_front();
            self.taken -= u64::from(weight);
        }
        let wanted = self.taken + u64::from(weight);
        let mut over = wanted.saturating_sub(u64::from(self.limit.requests.max(1)));
        if over == 0 {
            return None;
        }
        // Room comes when enough of what was sent is `per` ago.
        let makes_room = self.sent.iter().find(|(_, weight)| {
            over = over.saturating_sub(u64::from(*weight));
            over == 0
        });
        let plural = if self.limit.requests == 1 { "" } else { "s" };
        let budget = || Some(format!("{} request{plural} in {}", self.limit.requests, self.limit.per.words()));
        makes_room.or(self.sent.back()).map(|(sent, _)| Full { wait: left(later(*sent, per), now), budget: budget() })
    }

    fn book(&mut self, weight: u32, now: Timestamp) {
        self.unanswered += u64::from(weight);
        self.sent.push_back((now, weight));
        self.taken += u64::from(weight);
        if let Some((count, _)) = &mut self.left {
            *count = count.saturating_sub(weight.into());
        }
    }

    fn told(&self, response: &Response, now: Timestamp) -> Option<Duration> {
        let spent = response.status == 429 || self.remaining(response) == Some(0);
        let reset = response.headers.get(self.limit.reset.as_deref()?)?;
        spent.then(|| reset_after(reset, now)).flatten()
    }

    fn remaining(&self, response: &Response) -> Option<u64> {
        let name = self.limit.remaining.as_deref()?;
        let left: f64 = response.headers.get(name)?.trim().parse().ok()?;
        Some(left.max(0.0) as u64)
    }

    fn window(&self, response: &Response, now: Timestamp) -> Option<(u64, Duration)> {
        let left = self.remaining(response)?;
        let reset = self.limit.reset.as_deref();
        let window = reset.and_then(|name| reset_after(response.headers.get(name)?, now));
        Some((left, window.unwrap_or_else(|| self.limit.per.as_std())))
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
        Budget::new(vec![RateLimit {
            requests,
            per: tapwright_spec::time::Duration::parse("1 minute").expect("a duration"),
            remaining: Some("X-Left".into()),
            reset: Some("X-Reset".into()),
        }])
    }

    fn take(budget: &Budget, weight: u32, now: Timestamp) -> Result<(), Duration> {
        budget.take(weight, now).map_err(|full| full.wait)
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
            assert_eq!(take(&budget, 1, at(second)), Ok(()));
        }
        assert_eq!(take(&budget, 1, at(30)), Err(Duration::from_secs(30)));
        assert_eq!(take(&budget, 1, at(60)), Ok(()));
        assert_eq!(take(&budget, 1, at(60)), Err(Duration::from_secs(10)));
    }

    #[test]
    fn a_request_takes_its_weight() {
        let budget = budget(10);
        assert_eq!(take(&budget, 4, at(0)), Ok(()));
        assert_eq!(take(&budget, 5, at(10)), Ok(()));
        assert_eq!(take(&budget, 1, at(20)), Ok(()));
        assert_eq!(take(&budget, 4, at(20)), Err(Duration::from_secs(40)));
        assert_eq!(take(&budget, 5, at(20)), Err(Duration::from_secs(50)), "the first alone makes too little room");
        assert_eq!(take(&budget, 4, at(60)), Ok(()));
        budget.learn(&answer(200, "8", "30"), at(60));
        assert_eq!(take(&budget, 5, at(61)), Err(Duration::from_secs(29)), "some of what is left is under way");
    }

    #[test]
    fn every_budget_holds() {
        let limit = |requests, per| RateLimit {
            requests,
            per: tapwright_spec::time::Duration::parse(per).expect("a duration"),
            remaining: None,
            reset: None,
        };
        let budget = Budget::new(vec![limit(2, "1 second"), limit(3, "1 minute")]);
        for second in [0, 0, 1] {
            assert_eq!(take(&budget, 1, at(second)), Ok(()));
        }
        assert_eq!(take(&budget, 1, at(1)), Err(Duration::from_secs(59)));
        assert_eq!(take(&budget, 1, at(60)), Ok(()));
    }

    #[test]
    fn what_the_server_says_is_left_counts() {
        let budget = budget(300);
        assert_eq!(take(&budget, 1, at(0)), Ok(()));
        budget.answered(1);
        budget.learn(&answer(200, "1", "20"), at(0));
        assert_eq!(take(&budget, 1, at(1)), Ok(()));
        assert_eq!(take(&budget, 1, at(2)), Err(Duration::from_secs(18)));
        assert_eq!(take(&budget, 1, at(20)), Ok(()));
    }

    #[test]
    fn the_servers_count_may_be_greater_than_the_specs() {
        let budget = budget(2);
        assert_eq!(take(&budget, 1, at(0)), Ok(()));
        budget.answered(1);
        budget.learn(&answer(200, "500", "20"), at(0));
        for _ in 0..10 {
            assert_eq!(take(&budget, 1, at(1)), Ok(()));
        }
        assert_eq!(take(&budget, 1, at(20)), Ok(()));
        assert_eq!(take(&budget, 1, at(20)), Ok(()));
        assert_eq!(take(&budget, 1, at(21)), Err(Duration::from_secs(59)));
    }

    #[test]
    fn requests_under_way_are_not_counted_as_left() {
        let budget = budget(300);
        for _ in 0..3 {
            assert_eq!(take(&budget, 1, at(0)), Ok(()));
        }
        budget.answered(1);
        budget.learn(&answer(200, "2", "20"), at(0));
        assert_eq!(take(&budget, 1, at(0)), Err(Duration::from_secs(20)));
    }

    #[test]
    fn a_429_holds_every_stream() {
        let budget = budget(300);
        let mut refusal = answer(429, "5", "3");
        refusal.headers.add("Retry-After", "9");
        budget.learn(&refusal, at(0));
        assert_eq!(take(&budget, 1, at(1)), Err(Duration::from_secs(8)));
        assert_eq!(take(&budget, 1, at(9)), Ok(()));
        assert_eq!(budget.told(&answer(429, "5", "3"), at(0)), Some(Duration::from_secs(3)));
        assert_eq!(budget.told(&answer(500, "5", "3"), at(0)), None);
    }
}
