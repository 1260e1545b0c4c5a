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
    let (connector, hooks) = loaded(connector, (settings, source))?;
    given(connector, hooks, names, source).await
}

/// Hooks with the records that they want.
async fn given(
    connector: Connector,
    mut hooks: Hooks,
    names: &[String],
    source: &Source,
) -> Result<(Connector, Hooks), HookFault> {
    let wanted = wanted(&connector, names, &hooks);
    if wanted.is_empty() {
        return Ok((connector, hooks));
    }
    hooks.give(&wanted, source).await?;
    let told = hooks.tell(&connector).map_err(|faults| said(&faults, source))?;
    Ok((told, hooks))
}

/// What a run begins with.
pub struct Begun {
    /// The connector, with the columns of its hooks.
    pub connector: Connector,
    /// Its hooks.
    pub hooks: Hooks,
    /// Whether the credentials are good.
    pub proof: Proof,
}

/// Whether the credentials are good, by the request of the spec that proves it.
pub enum Proof {
    /// It was not sent.
    Unasked,
    /// They are, or the spec names no such request.
    Good,
    /// Why they are not.
    Bad(String),
}

/// The same as [`begin`], but nothing is read for a hook before the credentials are proven: an API that answers strangers
/// too would tell it less than there is.
///
/// # Errors
/// As [`begin`].
pub async fn begin_proven(
    connector: &Connector,
    names: &[String],
    (settings, source): (&Settings, &Source),
) -> Result<Begun, HookFault> {
    let (connector, hooks) = loaded(connector, (settings, source))?;
    if wanted(&connector, names, &hooks).is_empty() {
        return Ok(Begun { connector, hooks, proof: Proof::Unasked });
    }
    if let Err(error) = source.check().await {
        return Ok(Begun { connector, hooks, proof: Proof::Bad(error.to_string()) });
    }
    let (connector, hooks) = given(connector, hooks, names, source).await?;
    Ok(Begun { connector, hooks, proof: Proof::Good })
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
