//! How often a request is tried, and how long it waits before the next try.

use std::time::Duration;

use tapwright_spec::model::LONGEST_WAIT;

use super::HttpFault;
use super::retry::backoff;

/// Tries that a server asked for, with a time to wait, are free up to so many for each try of the limit.
const TOLD_FOR_EACH_TRY: u32 = 10;

/// Who says how long to wait.
#[derive(Clone, Copy)]
pub(super) enum Told {
    Server(Duration),
    Rule(Duration),
}

/// How often a request was tried.
pub(super) struct Tries {
    most: u32,
    failed: u32,
    told: u32,
    waited: Duration,
}

impl Tries {
    pub(super) fn new(most: u32) -> Tries {
        Tries { most: most.max(1), failed: 0, told: 0, waited: Duration::ZERO }
    }

    /// How long to wait before the next try, if there is one. A server or a rule that says when to come back
    /// is believed, for an hour in all.
    pub(super) fn next(&mut self, told: Option<Told>, why: String) -> Result<Duration, HttpFault> {
        let tries = self.failed + self.told + 1;
        let gave_up = |why| Err(HttpFault::GaveUp { tries, why });
        let own = backoff(self.failed + 1);
        let (told, too_long) = match told {
            None => {
                self.failed += 1;
                return if self.failed >= self.most { gave_up(why) } else { Ok(own) };
            }
            Some(Told::Server(told)) => (told, HttpFault::WaitTooLong(told)),
            Some(Told::Rule(told)) => (told, HttpFault::RuleTooLong(told)),
        };
        self.told += 1;
        self.waited += told;
        if self.waited > LONGEST_WAIT {
            Err(too_long)
        } else if self.most == 1 || self.told >= self.most.saturating_mul(TOLD_FOR_EACH_TRY) {
            gave_up(why)
        } else {
            Ok(told.max(own.min(Duration::from_millis(500))))
        }
    }
}
