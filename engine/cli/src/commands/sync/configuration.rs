//! Where configuration comes from: a file, `.env`, the environment, `--set`; the later over the earlier.

use std::path::Path;
use std::sync::Arc;

use tapwright_spec::settings::{
    Given, GivenText, Settings, incomplete_settings, settings, stand_in_settings, variable,
};
use tapwright_spec::{Connector, Source};

use tapwright_sync::auth::Keep;
use tapwright_sync::http::{Live, Rerouted, Transport};

use crate::commands::{Refusal, say};

/// Reads and checks the configuration; faults go to standard error.
pub(in crate::commands) fn read(
    connector: &Connector,
    file: Option<&Path>,
    values: &[String],
) -> Result<Settings, Refusal> {
    settings(connector, &given(connector, file, values)?).map_err(|faults| Refusal::of(&faults))
}

/// With what a command reaches an API.
pub(in crate::commands) struct Towards {
    pub(in crate::commands) settings: Settings,
    pub(in crate::commands) transport: Arc<dyn Transport>,
    /// Where tokens are kept, if not where this machine keeps them.
    pub(in crate::commands) keep: Option<Keep>,
}

/// What a command uses: the configuration, and how it is sent; with a mock API stand-ins take the place of what is
/// configured elsewhere, so that no credentials go there, and no rate budget is kept, since a mock has none.
pub(in crate::commands) fn towards(
    mock: Option<&str>,
    connector: &mut Connector,
    file: Option<&Path>,
    values: &[String],
) -> Result<Towards, Refusal> {
    let live = Arc::new(Live::new().map_err(Refusal::Said)?);
    let Some(url) = mock else {
        return Ok(Towards { settings: read(connector, file, values)?, transport: live, keep: None });
    };
    let rerouted = Rerouted::new(live, url).map_err(|why| Refusal::Said(format!("--mock {why}")))?;
    say("note: ", &format!("everything goes to the mock API at {url}, with stand-ins for the configuration"));
    connector.rate_limit.clear();
    let keep = Some(Keep::for_a_mock(&connector.name)?);
    Ok(Towards { settings: stand_ins(connector, values)?, transport: Arc::new(rerouted), keep })
}

/// Stand-ins for the configuration, but for what `--set` says.
pub(in crate::commands) fn stand_ins(connector: &Connector, values: &[String]) -> Result<Settings, Refusal> {
    let given = Given { file: None, texts: set(values)? };
    stand_in_settings(connector, given).map_err(|faults| Refusal::of(&faults))
}

/// Reads and checks what there is of the configuration.
pub(in crate::commands) fn read_incomplete(
    connector: &Connector,
    file: Option<&Path>,
    values: &[String],
) -> Result<Settings, Refusal> {
    incomplete_settings(connector, &given(connector, file, values)?).map_err(|faults| Refusal::of(&faults))
}

fn given(connector: &Connector, file: Option<&Path>, values: &[String]) -> Result<Given, Refusal> {
    let file = file.map(Source::read).transpose().map_err(Refusal::Said)?;
    let mut texts = dotenv(connector)?;
    texts.extend(connector.config.iter().filter_map(|field| {
        let name = variable(&connector.name, &field.name);
        let text = std::env::var(&name).ok()?;
        Some(GivenText { name: field.name.clone(), text, origin: name })
    }));
    texts.extend(set(values)?);
    Ok(Given { file, texts })
}

/// What `--set` says.
fn set(values: &[String]) -> Result<Vec<GivenText>, Refusal> {
    let pair = |value: &String| match value.split_once('=') {
        Some((name, text)) => {
            Ok(GivenText { name: name.to_owned(), text: text.to_owned(), origin: format!("--set {name}=…") })
        }
        None => Err(Refusal::Said(format!("--set {value}: write it as KEY=VALUE"))),
    };
    values.iter().map(pair).collect()
}

/// The connector's variables in `.env` of the current folder; others in it are none of our business.
fn dotenv(connector: &Connector) -> Result<Vec<GivenText>, Refusal> {
    let text = match std::fs::read_to_string(".env") {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Refusal::Said(format!("`.env` cannot be read: {error}"))),
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='));
    Ok(pairs
        .filter_map(|(name, value)| {
            let name = name.trim();
            let field = connector.config.iter().find(|field| variable(&connector.name, &field.name) == name)?;
            Some(GivenText {
                name: field.name.clone(),
                text: unquoted(value.trim()).to_owned(),
                origin: format!(".env: {name}"),
            })
        })
        .collect())
}

fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or_else(|| value.split(" #").next().unwrap_or(value).trim_end())
}
