//! The hooks of a run or a trial: loaded with the real configuration, and given what only the API can tell.

use tapwright_spec::model::Stream;
use tapwright_spec::settings::Settings;
use tapwright_spec::{Connector, Diagnostics};

use super::given::GivenFault;
use super::{Hooks, load};
use crate::component::sentences;
use crate::extract::Source;

/// Why the hooks of a run cannot begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HookFault {
    /// They do not fit the spec, the configuration, or what the API tells.
    #[error("{0}")]
    Spec(String),
    /// One of them cannot be given what it wants.
    #[error(transparent)]
    Given(#[from] GivenFault),
    /// One of them wants records of the API, and it may not be asked.
    #[error("the hook `{0}` is given records of the API, and it is not asked here")]
    Unasked(String),
}

/// Loads the hooks of a connector and gives them their records, for a run of the streams of these names, or of all.
/// Gives the connector with their columns.
///
/// # Errors
/// A [`HookFault`]; no secret is in it.
pub async fn begin(
    connector: &Connector,
    names: &[String],
    (settings, source): (&Settings, &Source),
) -> Result<(Connector, Hooks), HookFault> {
    let (connector, mut hooks) = loaded(connector, (settings, source))?;
    let wanted = wanted(&connector, names, &hooks);
    if wanted.is_empty() {
        return Ok((connector, hooks));
    }
    hooks.give(&wanted, source).await?;
    let told = hooks.tell(&connector).map_err(|faults| said(&faults, source))?;
    Ok((told, hooks))
}

/// The same where the API may not be asked.
///
/// # Errors
/// As [`begin`], and for hooks that are given records.
pub fn begin_unasked(
    connector: &Connector,
    names: &[String],
    (settings, source): (&Settings, &Source),
) -> Result<(Connector, Hooks), HookFault> {
    let (connector, hooks) = loaded(connector, (settings, source))?;
    match wanted(&connector, names, &hooks).first() {
        Some((hook, _)) => Err(HookFault::Unasked((*hook).to_owned())),
        None => Ok((connector, hooks)),
    }
}

fn loaded(connector: &Connector, (settings, source): (&Settings, &Source)) -> Result<(Connector, Hooks), HookFault> {
    let loaded = match source.components().is_empty() {
        true => load(connector, Some(&settings.values)),
        false => Hooks::of(connector, source.components().clone()),
    };
    loaded.map_err(|faults| said(&faults, source))
}

/// The streams whose records hooks are to be given, each with such a hook.
fn wanted<'c>(connector: &'c Connector, names: &[String], hooks: &Hooks) -> Vec<(&'c str, &'c Stream)> {
    let of_run = connector.streams.iter().filter(|stream| names.is_empty() || names.contains(&stream.name));
    let origins = of_run.clone().filter_map(|stream| connector.stream(stream.routed_from.as_deref()?));
    hooks.wanted(connector, &of_run.chain(origins).collect::<Vec<_>>())
}

fn said(faults: &Diagnostics, source: &Source) -> HookFault {
    HookFault::Spec(source.redactor().redact(&sentences(faults.faults())))
}
