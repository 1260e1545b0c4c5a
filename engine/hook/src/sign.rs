//! A hook that signs requests.

use serde_json::Value;

pub use crate::interface::exports::tapwright::hook::sign::{Pair, Request, Signature};

use crate::carried;
use crate::fault::{Fault, Trouble};
use crate::interface::exports::tapwright::hook::sign::Guest;
use crate::load::{Hook, Job};
use crate::meter::{Log, Used};
use crate::running::Running;

/// Signs the requests of a run.
pub struct Signer(Running<Guest>);

impl Signer {
    /// Starts the hook with its options.
    ///
    /// # Errors
    /// What went wrong on the way, or why the hook does not want to.
    pub fn open(hook: &Hook, options: &Value) -> Result<Signer, Fault> {
        Running::open_for(Job::Sign, hook, options).map(Signer)
    }

    /// What goes with a request.
    ///
    /// # Errors
    /// Why it cannot be signed. The hook may be asked again: then a new instance is, if this one broke.
    pub fn sign(&mut self, request: &Request) -> Result<Signature, Fault> {
        self.0.call(|guest, store| guest.call_sign(store, request)).and_then(checked).map_err(|what| self.0.fault(what))
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

fn checked(signature: Signature) -> Result<Signature, Trouble> {
    carried::check(pairs(&signature.headers), pairs(&signature.params)).map_err(Trouble::Answer)?;
    Ok(signature)
}

fn pairs(pairs: &[Pair]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|pair| (pair.name.as_str(), pair.value.as_str()))
}
