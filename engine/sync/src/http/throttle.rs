//! How many requests may be under way at once to an origin that has said that it is too many.
//!
//! A 429, or a 503 that says when to come back, halves what was under way to its origin; as many good answers
//! as may be under way let one more go. Once there are as many again as there ever were, nothing is held back.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::Response;
use tapwright_spec::counted;

/// Holds back what is too much at once.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    origins: Mutex<BTreeMap<String, Gate>>,
    changed: Notify,
}

/// An origin that was slowed down for.
#[derive(Debug, Clone, PartialEq)]
pub struct Slowed {
    /// Its host.
    pub origin: String,
    /// The status that said that it was too much.
    pub status: u16,
    /// The fewest requests that were let go at once.
    pub to: u32,
    /// How long fewer were let go than before.
    pub time: Duration,
}

/// Whether an answer says that too much was asked for at once.
pub(crate) fn is_too_much(response: &Response) -> bool {
    response.status == 429 || (response.status == 503 && response.headers.get("Retry-After").is_some())
}

impl fmt::Display for Slowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Slowed { origin, status, to, time } = self;
        let to = counted(to, "request");
        write!(f, "{origin}: slowed down by {status} to {to} at once, for {:.1} s", time.as_secs_f64())
    }
}

#[derive(Debug, Default)]
struct Gate {
    under_way: u32,
    /// The most that were under way at once.
    peak: u32,
    /// The most that may be; without it nothing is held back.
    most: Option<u32>,
    /// Good answers since `most` changed.
    good: u32,
    /// How often it was halved: what was sent before the last time says nothing new.
    halved: u32,
    status: u16,
    lowest: u32,
    since: Option<Timestamp>,
    time: Duration,
}

/// A request that is under way.
pub(crate) struct Permit<'t> {
    throttle: &'t Throttle,
    origin: String,
    halved: u32,
}

impl Throttle {
    /// Waits until one more request may go to `origin`.
    pub(crate) async fn enter(&self, origin: &str) -> Permit<'_> {
        loop {
            let changed = self.changed.notified();
            if let Some(permit) = self.try_enter(origin) {
                return permit;
            }
            changed.await;
        }
    }

    fn try_enter(&self, origin: &str) -> Option<Permit<'_>> {
        let mut origins = self.origins();
        let gate = origins.entry(origin.to_owned()).or_default();
        if gate.most.is_some_and(|most| gate.under_way >= most) {
            return None;
        }
        gate.under_way += 1;
        gate.peak = gate.peak.max(gate.under_way);
        Some(Permit { throttle: self, origin: origin.to_owned(), halved: gate.halved })
    }

    /// The origins that were slowed down for.
    pub(crate) fn slowed(&self, now: Timestamp) -> Vec<Slowed> {
        let origins = self.origins();
        let slowed = origins.iter().filter(|(_, gate)| gate.halved > 0 && gate.peak > 1);
        slowed
            .map(|(origin, gate)| Slowed {
                origin: origin.clone(),
                status: gate.status,
                to: gate.lowest,
                time: gate.time + gate.since.map_or(Duration::ZERO, |since| between(since, now)),
            })
            .collect()
    }

    fn origins(&self) -> MutexGuard<'_, BTreeMap<String, Gate>> {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// Takes over what the answer says of the host.
    pub(crate) fn learn(&self, response: &Response, now: Timestamp) {
        match response.status {
            status if is_too_much(response) => self.refused(status, now),
            500.. => {}
            _ => self.accepted(now),
        }
    }

    /// The answer says that it was too much.
    fn refused(&self, status: u16, now: Timestamp) {
        let mut origins = self.throttle.origins();
        let Some(gate) = origins.get_mut(&self.origin).filter(|gate| gate.halved == self.halved) else { return };
        let most = (gate.under_way / 2).max(1);
        gate.lowest = if gate.halved == 0 { most } else { gate.lowest.min(most) };
        gate.most = Some(most);
        (gate.good, gate.status) = (0, status);
        gate.halved += 1;
        gate.since.get_or_insert(now);
    }

    /// The answer is a good one.
    fn accepted(&self, now: Timestamp) {
        let mut origins = self.throttle.origins();
        let Some(gate) = origins.get_mut(&self.origin) else { return };
        let Some(most) = gate.most else { return };
        gate.good += 1;
        if gate.good < most {
            return;
        }
        gate.good = 0;
        gate.most = Some(most + 1).filter(|most| *most < gate.peak);
        if gate.most.is_none()
            && let Some(since) = gate.since.take()
        {
            gate.time += between(since, now);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(gate) = self.throttle.origins().get_mut(&self.origin) {
            gate.under_way = gate.under_way.saturating_sub(1);
        }
        self.throttle.changed.notify_waiters();
    }
}

fn between(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::{Permit, Slowed, Throttle};
    use jiff::Timestamp;
    use std::time::Duration;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    /// As many requests as may go, to the most of `wanted`.
    fn enter(throttle: &Throttle, wanted: usize) -> Vec<Permit<'_>> {
        (0..wanted).map_while(|_| throttle.try_enter("a.example")).collect()
    }

    #[test]
    fn a_refusal_halves_and_good_answers_let_one_more_go() {
        let throttle = Throttle::default();
        let burst = enter(&throttle, 8);
        assert_eq!(burst.len(), 8, "nothing is held back before");
        burst[0].refused(429, at(0));
        burst[1].refused(429, at(0));
        drop(burst);
        let mut most = Vec::new();
        for second in 1..=5 {
            let round = enter(&throttle, 20);
            most.push(round.len());
            round.iter().for_each(|permit| permit.accepted(at(second)));
        }
        assert_eq!(most, [4, 5, 6, 7, 20], "one burst halves once; at the old peak nothing is held back");
        let slowed = Slowed { origin: "a.example".into(), status: 429, to: 4, time: Duration::from_secs(4) };
        assert_eq!(throttle.slowed(at(9)), [slowed]);
    }

    #[test]
    fn a_refusal_of_what_was_let_go_halves_again() {
        let throttle = Throttle::default();
        enter(&throttle, 8)[0].refused(429, at(0));
        enter(&throttle, 8)[0].refused(503, at(1));
        assert_eq!(enter(&throttle, 8).len(), 2);
        enter(&throttle, 8)[0].refused(503, at(2));
        enter(&throttle, 8)[0].refused(503, at(3));
        assert_eq!(enter(&throttle, 8).len(), 1, "one may always go");
        assert_eq!((throttle.slowed(at(7))[0].to, throttle.slowed(at(7))[0].time.as_secs()), (1, 7));
        assert_eq!(throttle.try_enter("b.example").map(|permit| permit.halved), Some(0), "another host is free");
    }

    #[test]
    fn what_was_alone_is_not_told_of() {
        let throttle = Throttle::default();
        enter(&throttle, 1)[0].refused(429, at(0));
        assert_eq!(throttle.slowed(at(1)), []);
    }
}
