//! A hook that chooses the next page.

use serde_json::Value;

pub use crate::interface::exports::tapwright::hook::paginate::{Next, Pair, Response, Step};

use crate::carried;
use crate::fault::{Fault, Trouble};
use crate::interface::exports::tapwright::hook::paginate::Guest;
use crate::limits::{CARRIED_BYTES, WORDS};
use crate::load::{Hook, Job};
use crate::meter::{Log, Used, shown};
use crate::running::Running;

/// Chooses the pages of a walk.
pub struct Pages(Running<Guest>);

impl Pages {
    /// Starts the hook with its options.
    ///
    /// # Errors
    /// What went wrong on the way, or why the hook does not want to.
    pub fn open(hook: &Hook, options: &Value) -> Result<Pages, Fault> {
        Running::open_for(Job::Paginate, hook, options).map(Pages)
    }

    /// What comes after a page.
    ///
    /// # Errors
    /// Why that cannot be told. It is never the end.
    pub fn after(&mut self, page: &Response) -> Result<Step, Fault> {
        self.0.call(|guest, store| guest.call_after(store, page)).and_then(checked).map_err(|what| self.0.fault(what))
    }

    /// What the hook has told since this was asked last.
    pub fn log(&mut self) -> Log {
        self.0.log()
    }

    /// What the hook has used so far.
    pub fn used(&self) -> Used {
        self.0.used()
    }
}

fn checked(step: Step) -> Result<Step, Trouble> {
    match step {
        Step::Stop(reason) => match shown(reason.trim(), WORDS) {
            reason if reason.is_empty() => Err(answer("it stops and does not say why that is certain")),
            reason => Ok(Step::Stop(reason)),
        },
        Step::Next(next) => {
            carried::check(pairs(&next.headers), pairs(&next.params)).map_err(Trouble::Answer)?;
            match &next.url {
                Some(url) if url.is_empty() || url.len() > CARRIED_BYTES || url.chars().any(char::is_control) => {
                    Err(answer("the address that it gives is none"))
                }
                _ => Ok(Step::Next(next)),
            }
        }
    }
}

fn answer(what: &str) -> Trouble {
    Trouble::Answer(what.to_owned())
}

fn pairs(pairs: &[Pair]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|pair| (pair.name.as_str(), pair.value.as_str()))
}
