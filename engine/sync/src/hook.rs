//! Hooks: what the components of a spec do to its records, their columns in the connector, and records as they leave
//! them.
//!
//! [`load`] gives the connector with the columns of its hooks, so that pages, tables and runs know them. What only the
//! API can tell a hook is fetched when a run begins.

mod begin;
mod change;
mod given;
mod named;
mod words;

use serde_json::{Map, Value};
use tapwright_hook::{Job, Records, Table};
use tapwright_spec::Connector;
use tapwright_spec::diagnostic::{Diagnostic, Diagnostics};
use tapwright_spec::model::{HookEffect, Loaded, Stream, UsedHook};

use crate::auth::Redactor;
use crate::component::{Components, Ready, split};

pub use begin::{Begun, HookFault, Proof, begin, begin_proven, begin_unasked};
pub use change::{Hooked, Left, StreamHooks};
pub use given::{GivenFault, Why};

/// The hooks of a connector, loaded.
pub struct Hooks {
    components: Components,
    /// Records of streams that hooks are given, as JSON Lines.
    given: Vec<(String, Vec<u8>)>,
}

/// Loads the hooks of a connector, and gives the connector with their columns. Without `config` what they are told of
/// it is made up, and nothing is held against them that may come of that.
///
/// # Errors
/// Every fault of the components and of what the spec says of them, at its place in the spec.
pub fn load(connector: &Connector, config: Option<&Map<String, Value>>) -> Result<(Connector, Hooks), Diagnostics> {
    let components = Components::load(connector, config);
    let components = components.map_err(|faults| Diagnostics::new(connector.source().clone(), faults))?;
    Hooks::of(connector, components)
}

impl Hooks {
    /// The hooks of a connector whose components are loaded, and the connector with their columns.
    ///
    /// # Errors
    /// Hooks that do not do what the spec asks of them, and columns that do not fit.
    pub fn of(connector: &Connector, components: Components) -> Result<(Connector, Hooks), Diagnostics> {
        let hooks = Hooks { components, given: Vec::new() };
        match connector.hooks.is_empty() {
            true => Ok((connector.clone(), hooks)),
            false => Ok((hooks.tell(connector)?, hooks)),
        }
    }

    /// The connector with what its hooks tell of their work.
    ///
    /// # Errors
    /// Hooks that do not do what the spec asks of them, and columns that do not fit.
    pub fn tell(&self, connector: &Connector) -> Result<Connector, Diagnostics> {
        let mut loaded = Loaded { about: self.components.about(), effects: Vec::new() };
        let mut faults = named::faults(connector, &self.components);
        let patterns = connector.dynamic.iter().map(|family| &family.pattern);
        for stream in connector.streams.iter().chain(patterns) {
            for used in &stream.hooks {
                match self.effect(connector, stream, used) {
                    Ok(effect) => loaded.effects.extend(effect),
                    Err(fault) => faults.push(fault),
                }
            }
        }
        match faults.is_empty() {
            true => connector.hooked(loaded),
            false => Err(Diagnostics::new(connector.source().clone(), faults)),
        }
    }

    /// What a hook does to the records of a stream; nothing where only a real configuration will tell.
    fn effect(
        &self,
        connector: &Connector,
        stream: &Stream,
        used: &UsedHook,
    ) -> Result<Option<HookEffect>, Diagnostic> {
        let Some(ready) = self.components.get(&used.name) else { return Ok(None) };
        if let Some(fault) = named::without(ready, Job::Records, &used.place) {
            return Err(fault);
        }
        let records = match self.open(connector, stream, ready) {
            Ok(records) => records,
            Err(_) if ready.is_told_stand_ins() => return Ok(None),
            Err(fault) => return Err(split(&fault.to_string(), used.place.clone())),
        };
        let wrong = |fault: String| split(&format!("the hook `{}` {fault}", used.name), used.place.clone());
        words::effect(stream, &used.name, records.effect()).map(Some).map_err(wrong)
    }

    fn open(&self, connector: &Connector, stream: &Stream, ready: &Ready) -> Result<Records, tapwright_hook::Fault> {
        let given = connector.hook(&ready.name).map(|hook| hook.given.as_slice()).unwrap_or_default();
        let tables = given.iter().map(|(name, of)| Table {
            name: name.clone(),
            records: self.given.iter().find(|(known, _)| known == of).map(|(_, records)| records.clone()),
        });
        let described = words::described(connector, stream);
        Records::open(&ready.component, ready.options(), described, tables.collect())
    }

    /// What changes the records of a stream, if it has hooks. What it says is without the secrets that `redactor` knows.
    ///
    /// # Errors
    /// Why one of them cannot begin.
    pub fn of_stream(
        &self,
        connector: &Connector,
        stream: &Stream,
        redactor: &Redactor,
    ) -> Result<Option<StreamHooks>, String> {
        let mut steps = Vec::new();
        for used in &stream.hooks {
            let (Some(ready), Some(hook)) = (self.components.get(&used.name), connector.hook(&used.name)) else {
                continue;
            };
            let records = self.open(connector, stream, ready);
            let records = records.map_err(|fault| redactor.redact(&fault.to_string()))?;
            steps.push((records, hook));
        }
        Ok(StreamHooks::of(steps, redactor))
    }
}
