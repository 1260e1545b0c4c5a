//! The rate budgets that all streams of a run share.
//!
//! In no span of `per` are more than `requests` sent, each by its weight, until the server says what is left and when its
//! window ends: from then on its count decides, be it smaller or greater, for the plan a user pays for
//! may allow more than the spec knows.

mod account;
mod told;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tapwright_spec::model::{Limits, RateLimit};

use super::Response;
use super::retry::retry_after;
use super::throttle::is_too_much;
use account::{Account, left};

/// In which budgets a request counts, and how much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share<'a> {
    weight: u32,
    /// The stream whose own budgets it counts in, beside those of all.
    of: Option<&'a str>,
}

impl<'a> Share<'a> {
    pub(crate) fn of(limits: &'a Limits) -> Share<'a> {
        Share { weight: limits.weight, of: limits.budget.as_deref() }
    }
}

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

impl Budget {
    /// A budget that obeys `limits`.
    pub fn new(limits: Vec<RateLimit>) -> Budget {
        let accounts = limits.into_iter().map(Account::new).collect();
        Budget { ledger: Mutex::new(Ledger { accounts, held_until: None }) }
    }

    /// Takes one request out of its budgets, or says how long to wait before asking again.
    pub(crate) fn take(&self, share: Share<'_>, now: Timestamp) -> Result<(), Full> {
        let mut ledger = self.ledger();
        let held = ledger.held(now).map(|wait| Full { wait, budget: None });
        let full = ledger.of(share).filter_map(|account| account.full(share.weight, now));
        match full.chain(held).max_by_key(|full| full.wait) {
            Some(full) if !full.wait.is_zero() => Err(full),
            _ => {
                ledger.of(share).for_each(|account| account.book(share.weight, now));
                Ok(())
            }
        }
    }

    /// A request has its answer, or will have none.
    pub(crate) fn answered(&self, share: Share<'_>) {
        for account in self.ledger().of(share) {
            account.answered(share.weight);
        }
    }

    /// Takes over what an answer says about the budget.
    pub(crate) fn learn(&self, response: &Response, share: Share<'_>, now: Timestamp) {
        let told = self.told(response, share, now);
        let mut ledger = self.ledger();
        for account in ledger.of(share) {
            account.learn(response, share.weight, now);
        }
        if is_too_much(response)
            && let Some(wait) = told
        {
            let until = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
            ledger.held_until = Some(ledger.held_until.map_or(until, |held| held.max(until)));
        }
    }

    /// How long the answer tells us to wait before the next request, if it does.
    pub(crate) fn told(&self, response: &Response, share: Share<'_>, now: Timestamp) -> Option<Duration> {
        retry_after(&response.headers, now)
            .or_else(|| self.ledger().of(share).filter_map(|account| account.told(response, now)).max())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    /// The budgets in which a request counts.
    fn of<'l>(&'l mut self, share: Share<'l>) -> impl Iterator<Item = &'l mut Account> {
        let counts =
            move |account: &&mut Account| account.limit.of.is_none() || account.limit.of.as_deref() == share.of;
        self.accounts.iter_mut().filter(counts)
    }

    fn held(&mut self, now: Timestamp) -> Option<Duration> {
        let until = self.held_until?;
        if until <= now {
            self.held_until = None;
            return None;
        }
        Some(left(until, now))
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Share};
    use crate::http::{Headers, Response};
    use jiff::Timestamp;
    use std::time::Duration;
    use tapwright_spec::model::{RateLimit, Teller};
    use tapwright_spec::path::Path;

    const ONE: Share<'_> = Share { weight: 1, of: None };

    fn header(name: &str) -> Option<Teller> {
        Some(Teller::Header(name.to_owned()))
    }

    fn place(path: &str) -> Option<Teller> {
        Some(Teller::Body(Path::compile(path).expect("a path")))
    }

    fn budget(requests: u32) -> Budget {
        Budget::new(vec![RateLimit {
            of: None,
            requests,
            per: tapwright_spec::time::Duration::parse("1 minute").expect("a duration"),
            remaining: header("X-Left"),
            reset: header("X-Reset"),
            restore: None,
            cost: None,
        }])
    }

    fn take(budget: &Budget, weight: u32, now: Timestamp) -> Result<(), Duration> {
        budget.take(Share { weight, of: None }, now).map_err(|full| full.wait)
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
        budget.learn(&answer(200, "8", "30"), ONE, at(60));
        assert_eq!(take(&budget, 5, at(61)), Err(Duration::from_secs(29)), "some of what is left is under way");
    }

    #[test]
    fn every_budget_holds() {
        let limit = |requests, per| RateLimit {
            of: None,
            requests,
            per: tapwright_spec::time::Duration::parse(per).expect("a duration"),
            remaining: None,
            reset: None,
            restore: None,
            cost: None,
        };
        let budget = Budget::new(vec![limit(2, "1 second"), limit(3, "1 minute")]);
        for second in [0, 0, 1] {
            assert_eq!(take(&budget, 1, at(second)), Ok(()));
        }
        assert_eq!(take(&budget, 1, at(1)), Err(Duration::from_secs(59)));
        assert_eq!(take(&budget, 1, at(60)), Ok(()));
    }

    #[test]
    fn a_budget_of_a_stream_holds_its_requests_alone() {
        let limit = |of: Option<&str>, requests| RateLimit {
            of: of.map(str::to_owned),
            requests,
            per: tapwright_spec::time::Duration::parse("1 minute").expect("a duration"),
            remaining: header("X-Left"),
            reset: header("X-Reset"),
            restore: None,
            cost: None,
        };
        let budget = Budget::new(vec![limit(None, 3), limit(Some("search"), 1)]);
        let search = Share { weight: 1, of: Some("search") };
        assert!(budget.take(search, at(0)).is_ok());
        assert_eq!(budget.take(search, at(10)).expect_err("full").wait, Duration::from_secs(50));
        assert_eq!(take(&budget, 1, at(10)), Ok(()));
        assert_eq!(take(&budget, 1, at(10)), Ok(()));
        assert_eq!(take(&budget, 1, at(10)), Err(Duration::from_secs(50)), "its requests count in that of all");
        budget.learn(&answer(200, "0", "300"), ONE, at(60));
        assert_eq!(budget.take(search, at(61)).expect_err("full").wait, Duration::from_secs(299));
    }

    fn points(cost: u32, left: u32) -> Response {
        let body = format!(r#"{{"data": {{}}, "cost": {{"took": {cost}, "left": {left}, "back": 50}}}}"#);
        Response { status: 200, headers: Headers::default(), body: body.into_bytes() }
    }

    fn of_points(left: Option<Teller>) -> Budget {
        Budget::new(vec![RateLimit {
            of: None,
            requests: 1_000,
            per: tapwright_spec::time::Duration::parse("20 seconds").expect("a duration"),
            restore: left.as_ref().and(place("$.cost.back")),
            remaining: left,
            reset: None,
            cost: place("$.cost.took"),
        }])
    }

    #[test]
    fn what_a_request_took_counts_in_place_of_its_weight() {
        let budget = of_points(None);
        let heavy = Share { weight: 600, of: None };
        assert_eq!(take(&budget, 600, at(0)), Ok(()));
        assert_eq!(take(&budget, 600, at(1)), Err(Duration::from_secs(19)));
        budget.learn(&points(100, 0), heavy, at(1));
        assert_eq!(take(&budget, 600, at(1)), Ok(()), "the first took a hundred alone");
        budget.learn(&points(900, 0), heavy, at(2));
        assert_eq!(take(&budget, 1, at(2)), Err(Duration::from_secs(18)), "and the second more than its weight");
    }

    #[test]
    fn a_budget_that_fills_up_bit_by_bit_is_waited_for_no_longer_than_needed() {
        let budget = of_points(place("$.cost.left"));
        assert_eq!(take(&budget, 10, at(0)), Ok(()));
        budget.answered(Share { weight: 10, of: None });
        budget.learn(&points(10, 100), ONE, at(0));
        assert_eq!(take(&budget, 200, at(0)), Err(Duration::from_secs(2)), "50 of the missing 100 come in a second");
        assert_eq!(take(&budget, 200, at(2)), Ok(()));
        assert_eq!(take(&budget, 50, at(2)), Err(Duration::from_secs(1)), "what was sent since is gone");
        assert_eq!(take(&budget, 5_000, at(9_000)), Ok(()), "it fills up, and more than all is not to be had");
    }

    #[test]
    fn what_the_server_says_is_left_counts() {
        let budget = budget(300);
        assert_eq!(take(&budget, 1, at(0)), Ok(()));
        budget.answered(ONE);
        budget.learn(&answer(200, "1", "20"), ONE, at(0));
        assert_eq!(take(&budget, 1, at(1)), Ok(()));
        assert_eq!(take(&budget, 1, at(2)), Err(Duration::from_secs(18)));
        assert_eq!(take(&budget, 1, at(20)), Ok(()));
    }

    #[test]
    fn the_servers_count_may_be_greater_than_the_specs() {
        let budget = budget(2);
        assert_eq!(take(&budget, 1, at(0)), Ok(()));
        budget.answered(ONE);
        budget.learn(&answer(200, "500", "20"), ONE, at(0));
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
        budget.answered(ONE);
        budget.learn(&answer(200, "2", "20"), ONE, at(0));
        assert_eq!(take(&budget, 1, at(0)), Err(Duration::from_secs(20)));
    }

    #[test]
    fn a_429_holds_every_stream() {
        let budget = budget(300);
        let mut refusal = answer(429, "5", "3");
        refusal.headers.add("Retry-After", "9");
        budget.learn(&refusal, ONE, at(0));
        assert_eq!(take(&budget, 1, at(1)), Err(Duration::from_secs(8)));
        assert_eq!(take(&budget, 1, at(9)), Ok(()));
        assert_eq!(budget.told(&answer(429, "5", "3"), ONE, at(0)), Some(Duration::from_secs(3)));
        assert_eq!(budget.told(&answer(500, "5", "3"), ONE, at(0)), None);
    }
}
