//! Components: the hooks that a spec names, loaded and ready, each with what the configuration tells it.
//!
//! [`Components::load`] is the one way from a spec to its components, for every command. What they are called for is the
//! business of the modules behind this one: records are changed, requests signed, pages turned, slices cut.

mod options;
mod told;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Map, Value};
use tapwright_hook::paginate::Pages;
use tapwright_hook::sign::Signer;
use tapwright_hook::slices::Cutter;
use tapwright_hook::{Capability, Fault, Grant, Hook as Component, Host, Limits, Unfit};
use tapwright_spec::Connector;
use tapwright_spec::diagnostic::Diagnostic;
use tapwright_spec::model::{self, Hook, HookAbout};

use options::Options;

pub(crate) use told::{left_out, lines, sentences, split};

/// What all hooks of the program run in: one engine, one clock, and compiled code that is kept for the next run.
static HOST: LazyLock<Result<Host, String>> = LazyLock::new(Host::on_this_machine);

/// What to do where a component cannot be read.
const APART: &str = "a spec needs the files that it names, seen from its own place: copy them along with it; \
     `tapwright hook build` makes a component of its sources";

/// The components of a connector.
#[derive(Clone, Default)]
pub struct Components(Vec<Ready>);

/// A component that fits what the spec says of it.
#[derive(Clone)]
pub(crate) struct Ready {
    pub(crate) name: String,
    pub(crate) component: Component,
    options: Options,
}

impl Components {
    /// Loads the components that a connector names. Without `config` what they are told of it is made up, and nothing is
    /// held against them that may come of that.
    ///
    /// # Errors
    /// Every fault of the components and of what the spec says of them, at its place in the spec.
    pub fn load(connector: &Connector, config: Option<&Map<String, Value>>) -> Result<Components, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let ready = connector.hooks.iter().filter_map(|hook| {
            let made = ready(connector, hook, config);
            made.map_err(|mut found| faults.append(&mut found)).ok()
        });
        let components = Components(ready.collect());
        if faults.is_empty() { Ok(components) } else { Err(faults) }
    }

    /// Whether none is loaded.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What each says of itself, by the name of its hook.
    pub(crate) fn about(&self) -> Vec<(String, HookAbout)> {
        self.0.iter().map(|ready| (ready.name.clone(), ready.about())).collect()
    }

    /// That of a hook.
    pub(crate) fn get(&self, hook: &str) -> Option<&Ready> {
        self.0.iter().find(|ready| ready.name == hook)
    }
}

impl Ready {
    /// What it is told.
    pub(crate) fn options(&self) -> &Value {
        self.options.value()
    }

    /// Whether some of that stands in for what a user will configure.
    pub(crate) fn is_told_stand_ins(&self) -> bool {
        self.options.are_made_up()
    }

    /// Begins to sign.
    pub(crate) fn signer(&self) -> Result<Signer, Fault> {
        Signer::open(&self.component, self.options())
    }

    /// Begins to choose pages.
    pub(crate) fn pages(&self) -> Result<Pages, Fault> {
        Pages::open(&self.component, self.options())
    }

    /// Begins to cut.
    pub(crate) fn cutter(&self) -> Result<Cutter, Fault> {
        Cutter::open(&self.component, self.options())
    }

    fn about(&self) -> HookAbout {
        HookAbout { summary: self.component.summary().to_owned(), options: self.component.options_schema().clone() }
    }
}

fn ready(connector: &Connector, hook: &Hook, config: Option<&Map<String, Value>>) -> Result<Ready, Vec<Diagnostic>> {
    let host = HOST.as_ref().map_err(|fault| vec![Diagnostic::new(fault.clone(), hook.places.component.clone())])?;
    let component = host.load(grant(connector, hook)).map_err(|fault| {
        let pinned = hook.places.sha256.as_ref().filter(|_| matches!(fault.what, Unfit::Pinned { .. }));
        let place = pinned.unwrap_or(&hook.places.component).clone();
        let told =
            split(&format!("the hook `{}` cannot be loaded: {}: {}", hook.name, hook.component, fault.what), place);
        vec![match fault.what {
            Unfit::Unreadable(_) => told.help(APART),
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
