//! The options of a hook: computed from the configuration, and held against the schema that the hook brings along.

use serde_json::{Map, Value};
use tapwright_hook::OptionFault;
use tapwright_spec::Connector;
use tapwright_spec::diagnostic::Diagnostic;
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Hook, JsonTemplate};
use tapwright_spec::settings::{Given, stand_in_settings};

use super::split;
use crate::http::json;

/// What a hook is told.
#[derive(Clone)]
pub(super) struct Options {
    value: Value,
    /// Some of it would come from a configuration that is not there.
    made_up: bool,
}

impl Options {
    /// The options as the configuration makes them; without one, with stand-ins.
    pub(super) fn of(
        connector: &Connector,
        hook: &Hook,
        config: Option<&Map<String, Value>>,
    ) -> Result<Options, Vec<Diagnostic>> {
        let computed = hook.options.templates().iter().any(|template| template.reads("config"));
        let made_up = computed && config.is_none();
        let config = match config {
            Some(config) => config.clone(),
            None if computed => {
                stand_in_settings(connector, Given::default()).map(|made| made.values).unwrap_or_default()
            }
            None => Map::new(),
        };
        match json(&hook.options, &Scope::new().with("config", &config), "options") {
            Ok(value) => Ok(Options { value: value.unwrap_or_else(|| Map::new().into()), made_up }),
            Err(_) if made_up => Ok(Options { value: Map::new().into(), made_up }),
            Err(fault) => Err(vec![split(&format!("hook `{}`: {fault}", hook.name), hook.places.name.clone())]),
        }
    }

    pub(super) fn value(&self) -> &Value {
        &self.value
    }

    /// Whether some of them stand in for what a user will configure.
    pub(super) fn are_made_up(&self) -> bool {
        self.made_up
    }

    /// What the component has against them.
    pub(super) fn faults(&self, hook: &Hook, component: &tapwright_hook::Hook) -> Vec<Diagnostic> {
        let faults = component.options_faults(&self.value);
        let certain = |fault: &&OptionFault| {
            !self.made_up || unknown(hook, fault).is_some() || is_written(&hook.options, &fault.path)
        };
        faults.iter().filter(certain).map(|fault| diagnostic(hook, component, fault)).collect()
    }
}

fn diagnostic(hook: &Hook, component: &tapwright_hook::Hook, fault: &OptionFault) -> Diagnostic {
    let name = fault.path.first().map(String::as_str).or(unknown(hook, fault));
    let place = name.map_or(hook.places.name.clone(), |name| hook.places.option(name));
    if fault.reason.contains("; ") {
        return split(&format!("hook `{}`: {fault}", hook.name), place);
    }
    let known = component.options_schema().get("properties").and_then(Value::as_object);
    let known: Vec<String> = known.into_iter().flat_map(Map::keys).map(|name| format!("`{name}`")).collect();
    let help = match known.is_empty() {
        true => format!("`{}` has no options", hook.name),
        false => format!("the options of `{}` are {}", hook.name, known.join(", ")),
    };
    Diagnostic::new(format!("hook `{}`: {fault}", hook.name), place).help(help)
}

/// The option that a fault of them all names: one that the hook does not have.
fn unknown<'h>(hook: &'h Hook, fault: &OptionFault) -> Option<&'h str> {
    let named = |name: &&str| fault.path.is_empty() && fault.reason.contains(&format!("no option `{name}`"));
    hook.places.options.iter().map(|(name, _)| name.as_str()).find(named)
}

/// Whether the spec itself says what stands there, so that no configuration makes it right.
fn is_written(tree: &JsonTemplate, path: &[String]) -> bool {
    let inner = match (tree, path.split_first()) {
        (JsonTemplate::Object(members), Some((name, rest))) => {
            members.iter().find(|(known, _)| known == name).map(|(_, member)| (member, rest))
        }
        (JsonTemplate::List(items), Some((at, rest))) => {
            at.parse().ok().and_then(|at: usize| items.get(at)).map(|item| (item, rest))
        }
        _ => None,
    };
    match inner {
        Some((inner, rest)) => is_written(inner, rest),
        None => !tree.templates().iter().any(|template| template.reads("config")),
    }
}
