//! A hook that cuts a stream into slices.

use std::collections::HashSet;

use serde_json::{Map, Value};

pub use crate::interface::exports::tapwright::hook::slices::Question;

use crate::fault::{Fault, Trouble};
use crate::interface::exports::tapwright::hook::slices::Guest;
use crate::limits::{SLICE_BYTES, SLICES};
use crate::load::{Hook, Job};
use crate::meter::{Log, Used};
use crate::running::Running;

/// Cuts streams into slices.
pub struct Cutter(Running<Guest>);

impl Cutter {
    /// Starts the hook with its options.
    ///
    /// # Errors
    /// What went wrong on the way, or why the hook does not want to.
    pub fn open(hook: &Hook, options: &Value) -> Result<Cutter, Fault> {
        Running::open_for(Job::Slices, hook, options).map(Cutter)
    }

    /// The slices of a stream: objects, each with exactly the members that `names` says.
    ///
    /// # Errors
    /// Why they cannot be told.
    pub fn cut(&mut self, question: &Question, names: &[String]) -> Result<Vec<Map<String, Value>>, Fault> {
        let slices = self.0.call(|guest, store| guest.call_cut(store, question));
        let slices = slices.and_then(|slices| checked(&slices, names).map_err(Trouble::Answer));
        slices.map_err(|what| self.0.fault(what))
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

fn checked(slices: &[String], names: &[String]) -> Result<Vec<Map<String, Value>>, String> {
    if slices.len() > SLICES {
        return Err(format!("it cuts {} slices, and there may be {SLICES}", slices.len()));
    }
    let mut seen = HashSet::with_capacity(slices.len());
    let slices = slices.iter().enumerate().map(|(at, text)| {
        let number = at + 1;
        if text.len() > SLICE_BYTES {
            return Err(format!("slice {number} has more than {SLICE_BYTES} bytes"));
        }
        let slice: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| format!("slice {number} is no JSON object: {error}"))?;
        if slice.len() != names.len() || !names.iter().all(|name| slice.contains_key(name)) {
            return Err(format!(
                "slice {number} has not exactly the members that the spec names: {}",
                names.join(", ")
            ));
        }
        match seen.insert(Value::Object(slice.clone()).to_string()) {
            true => Ok(slice),
            false => Err(format!("slice {number} was there before")),
        }
    });
    slices.collect()
}
