//! One budget: what was taken from it, and what the server says is left.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use tapwright_spec::counted;
use tapwright_spec::model::RateLimit;

use super::super::Response;
use super::Full;
use super::told::Told;

/// What was taken from one budget.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) limit: RateLimit,
    /// When requests of the last `per` were sent, and their weights, which are at most `requests` together.
    sent: VecDeque<(Timestamp, u32)>,
    /// The sum of these weights.
    taken: u64,
    /// The weights of requests that have no answer yet: the server's count may or may not hold them.
    unanswered: u64,
    /// What the server says.
    said: Option<Said>,
}

/// What the server says is left.
#[derive(Debug, Clone, Copy)]
struct Said {
    /// So much at that moment, less what was sent since.
    left: f64,
    at: Timestamp,
    /// So much comes back in a second; without it all of it at the end.
    restore: Option<f64>,
    /// The end of its window, from which on it says nothing.
    until: Timestamp,
}

impl Account {
    pub(super) fn new(limit: RateLimit) -> Account {
        Account { limit, sent: VecDeque::new(), taken: 0, unanswered: 0, said: None }
    }

    /// How long until there is room for so much, if there is none.
    pub(super) fn full(&mut self, weight: u32, now: Timestamp) -> Option<Full> {
        if let Some(said) = self.said {
            if said.until > now || said.restore.is_some() {
                return said.wait(weight, f64::from(self.limit.requests), now).map(|wait| Full { wait, budget: None });
            }
            // The server's next window begins with a full count.
            self.said = None;
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
        let budget = || Some(format!("{} in {}", counted(self.limit.requests, "request"), self.limit.per.words()));
        makes_room.or(self.sent.back()).map(|(sent, _)| Full { wait: left(later(*sent, per), now), budget: budget() })
    }

    pub(super) fn book(&mut self, weight: u32, now: Timestamp) {
        self.unanswered += u64::from(weight);
        self.put(weight, now);
        if let Some(said) = &mut self.said {
            let there = said.there(f64::from(self.limit.requests), now);
            *said = Said { left: there - f64::from(weight), at: now, ..*said };
        }
    }

    fn put(&mut self, weight: u32, now: Timestamp) {
        self.sent.push_back((now, weight));
        self.taken += u64::from(weight);
    }

    pub(super) fn answered(&mut self, weight: u32) {
        self.unanswered = self.unanswered.saturating_sub(weight.into());
    }

    /// Takes over what the answer to a request of this weight says.
    pub(super) fn learn(&mut self, response: &Response, weight: u32, now: Timestamp) {
        let told = Told::of(&self.limit, response, now);
        if let Some(cost) = told.cost {
            self.settle(weight, cost.ceil() as u32, now);
        }
        if let Some(left) = told.left {
            let window = told.reset.unwrap_or_else(|| self.limit.per.as_std());
            let left = (left - self.unanswered as f64).max(0.0);
            self.said = Some(Said { left, at: now, restore: told.restore, until: later(now, window) });
        }
    }

    /// A request took so much in place of its weight.
    fn settle(&mut self, weight: u32, cost: u32, now: Timestamp) {
        if cost > weight {
            return self.put(cost - weight, now);
        }
        // What is given back is that of the earliest ones: what they leave comes back later.
        let mut back = weight - cost;
        for (_, sent) in &mut self.sent {
            let less = back.min(*sent);
            *sent -= less;
            back -= less;
            self.taken -= u64::from(less);
        }
    }

    /// How long the answer tells us to wait, if it does.
    pub(super) fn told(&self, response: &Response, now: Timestamp) -> Option<Duration> {
        let told = Told::of(&self.limit, response, now);
        let spent = response.status == 429 || told.left.is_some_and(|left| left < 1.0);
        told.reset.filter(|_| spent)
    }
}

impl Said {
    /// How long until so much is left; none if it is. No more than `most` comes back by waiting.
    fn wait(&self, weight: u32, most: f64, now: Timestamp) -> Option<Duration> {
        let wanted = f64::from(weight);
        let Some(restore) = self.restore else {
            return (self.left < wanted).then(|| left(self.until, now));
        };
        // A weight beyond what the server ever gives is sent when it gives most.
        let lacking = wanted.min(most.max(self.left)) - self.there(most, now);
        (lacking > 0.0).then(|| Duration::from_secs_f64((lacking / restore).min(1e9)))
    }

    /// How much is left now.
    fn there(&self, most: f64, now: Timestamp) -> f64 {
        let back = self.restore.map_or(0.0, |restore| restore * left(now, self.at).as_secs_f64());
        (self.left + back).min(most.max(self.left))
    }
}

fn later(moment: Timestamp, by: Duration) -> Timestamp {
    moment.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// The time from `now` until then.
pub(super) fn left(until: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
}
