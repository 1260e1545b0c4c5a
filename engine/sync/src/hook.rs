//! Hooks: the components that a spec names, loaded and asked what they do; and records as they leave them.
//!
//! [`load`] is the one way from a spec to its hooks, for every command. It gives the connector with the columns of its
//! hooks, so that pages, tables and runs know them. What only the API can tell a hook is fetched when a run begins.

mod begin;
mod change;
mod given;
mod options;
mod words;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Map, Value};
use tapwright_hook::{Capability, Grant, Host, Job, Limits, Records, Table, Unfit};
use tapwright_spec::Connector;
use tapwright_spec::diagnostic::{Diagnostic, Diagnostics};
use tapwright_spec::model::{self, Hook, HookAbout, HookEffect, Loaded, Stream, UsedHook};

use crate::auth::Redactor;
use options::Options;
use words::split;

pub use begin::{HookFault, begin, begin_unasked};
pub use change::{Hooked, Left, StreamHooks};
pub use given::{GivenFault, Why};

/// What all hooks of the program run in: one engine, one clock, and compiled code that is kept for the next run.
static HOST: LazyLock<Result<Host, String>> = LazyLock::new(Host::on_this_machine);

/// The hooks of a connector, loaded.
pub struct Hooks {
    ready: Vec<Ready>,
    /// Records of streams that hooks are given, as JSON Lines.
    given: Vec<(String, Vec<u8>)>,
}

/// A component that fits what the spec says of it.
struct Ready {
    name: String,
    component: tapwright_hook::Hook,
    options: Options,
}

/// Loads the hooks of a connector, and gives the connector with their columns. Without `config` what they are told of
/// it is made up, and nothing is held against them that may come of that.
///
/// # Errors
/// Every fault of the components and of what the spec says of them, at its place in the spec.
pub fn load(connector: &Connector, config: Option<&Map<String, Value>>) -> Result<(Connector, Hooks), Diagnostics> {
    if connector.hooks.is_empty() {
        return Ok((connector.clone(), Hooks { ready: Vec::new(), given: Vec::new() }));
    }
    let mut faults = Vec::new();
    let ready = connector.hooks.iter().filter_map(|hook| {
        let made = ready(connector, hook, config);
        made.map_err(|mut found| faults.append(&mut found)).ok()
    });
    let hooks = Hooks { ready: ready.collect(), given: Vec::new() };
    if !faults.is_empty() {
        return Err(Diagnostics::new(connector.source().clone(), faults));
    }
    Ok((hooks.tell(connector)?, hooks))
}

fn ready(connector: &Connector, hook: &Hook, config: Option<&Map<String, Value>>) -> Result<Ready, Vec<Diagnostic>> {
    let host = HOST.as_ref().map_err(|fault| vec![Diagnostic::new(fault.clone(), hook.places.component.clone())])?;
    let component = host.load(grant(connector, hook)).map_err(|fault| {
        let pinned = hook.places.sha256.as_ref().filter(|_| matches!(fault.what, Unfit::Pinned { .. }));
        let place = pinned.unwrap_or(&hook.places.component).clone();
        let told =
            split(&format!("the hook `{}` cannot be loaded: {}: {}", hook.name, hook.component, fault.what), place);
        vec![match fault.what {
            Unfit::Unreadable(_) => told.help("its path is seen from the spec's file; `tapwright hook build` makes it"),
            _ => told,
        }]
    })?;
    let options = Options::of(connector, hook, config)?;
    let faults = options.faults(hook, &component);
    if faults.is_empty() { Ok(Ready { name: hook.name.clone(), component, options }) } else { Err(faults) }
}

/// What the spec says of a component.
fn grant(connector: &Connector, hook: &Hook) -> Grant {
    let allowed = |capability: &model::Capability| match capability {
        model::Capability::Log => Capability::Log,
    };
    let memory = usize::try_from(hook.limits.memory).unwrap_or(usize::MAX);
    Grant {
        name: hook.name.clone(),
        path: beside(connector, &hook.component),
        sha256: hook.sha256.clone(),
        allow: hook.allow.iter().map(allowed).collect(),
        limits: Limits { time: hook.limits.time, memory, ..Limits::default() },
    }
}

/// A file as the spec's file sees it.
fn beside(connector: &Connector, file: &str) -> PathBuf {
    Path::new(connector.source().name()).with_file_name("").join(file)
}

impl Hooks {
    /// The connector with what its hooks tell of their work.
    ///
    /// # Errors
    /// Hooks that do not do what the spec asks of them, and columns that do not fit.
    pub fn tell(&self, connector: &Connector) -> Result<Connector, Diagnostics> {
        let about = self.ready.iter().map(|ready| (ready.name.clone(), ready.about())).collect();
        let mut loaded = Loaded { about, effects: Vec::new() };
        let mut faults = Vec::new();
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
        let Some(ready) = self.ready(&used.name) else { return Ok(None) };
        if !ready.component.jobs().contains(&Job::Records) {
            let does: Vec<&str> = ready.component.jobs().iter().map(|job| words::does(*job)).collect();
            let message = format!("the hook `{}` does not change records; it {}", used.name, does.join(" and "));
            let fault = Diagnostic::new(message, used.place.clone());
            return Err(fault.help("name a hook that exports the job `records`"));
        }
        let records = match self.open(connector, stream, ready) {
            Ok(records) => records,
            Err(_) if ready.options.are_made_up() => return Ok(None),
            Err(fault) => return Err(split(&fault.to_string(), used.place.clone())),
        };
        let wrong = |fault: String| split(&format!("the hook `{}` {fault}", used.name), used.place.clone());
        words::effect(stream, &used.name, records.effect()).map(Some).map_err(wrong)
    }

    fn ready(&self, name: &str) -> Option<&Ready> {
        self.ready.iter().find(|ready| ready.name == name)
    }

    fn open(&self, connector: &Connector, stream: &Stream, ready: &Ready) -> Result<Records, tapwright_hook::Fault> {
        let given = connector.hook(&ready.name).map(|hook| hook.given.as_slice()).unwrap_or_default();
        let tables = given.iter().map(|(name, of)| Table {
            name: name.clone(),
            records: self.given.iter().find(|(known, _)| known == of).map(|(_, records)| records.clone()),
        });
        let described = words::described(connector, stream);
        Records::open(&ready.component, ready.options.value(), described, tables.collect())
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
            let (Some(ready), Some(hook)) = (self.ready(&used.name), connector.hook(&used.name)) else { continue };
            let records = self.open(connector, stream, ready);
            let records = records.map_err(|fault| redactor.redact(&fault.to_string()))?;
            steps.push((records, hook));
        }
        Ok(StreamHooks::of(steps, redactor))
    }
}

impl Ready {
    fn about(&self) -> HookAbout {
        HookAbout { summary: self.component.summary().to_owned(), options: self.component.options_schema().clone() }
    }
}
