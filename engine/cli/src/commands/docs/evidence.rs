//! What pages tell beyond the spec: what streams cost, as `explain` knows it, and rows, as a recording gives them.

use std::path::{Path, PathBuf};

use tapwright_docs::{Cost, Evidence};
use tapwright_spec::Connector;
use tapwright_spec::settings::{Given, incomplete_settings};
use tapwright_sync::explain::{self, Unit};
use tapwright_sync::replay::Case;

use crate::commands::sync::runtime;
use crate::commands::{Refusal, say};

/// Records for which pages tell the cost.
const AMOUNT: u64 = 1_000;

/// What is known of a connector, whose spec is this file.
///
/// What cannot be known of it is told, and left out.
pub(super) fn evidence(connector: &Connector, spec: &Path) -> Result<Evidence, Refusal> {
    let mut evidence = Evidence::default();
    // The same on every machine: no environment is read.
    let settings = incomplete_settings(connector, &Given { file: None, texts: Vec::new() });
    let settings = settings.map_err(|faults| Refusal::of(&faults))?;
    match explain::costs(connector, &settings, AMOUNT) {
        Ok(costs) => evidence.costs.extend(costs.iter().map(|(stream, cost)| (stream.clone(), known_cost(cost)))),
        Err(fault) => say("warning: ", &format!("what `{}` costs is not told: {fault}", connector.name)),
    }
    let recorded = recordings(connector, spec)
        .into_iter()
        .find_map(|path| Some(Case::of(&path)?).filter(|case| is_of(case, spec)));
    if let Some(case) = recorded {
        match runtime()?.block_on(case.play()) {
            Ok((_, played)) => evidence.rows.extend(played.tables),
            Err(fault) => say("warning: ", &format!("no sample rows of `{}`: {fault}", connector.name)),
        }
    }
    Ok(evidence)
}

/// Where a recording of the spec may be: beside it, or in the folder of what the connector has beyond its spec.
pub(super) fn recordings(connector: &Connector, spec: &Path) -> Vec<PathBuf> {
    let stem = spec.file_stem().unwrap_or_default().to_string_lossy();
    let own = spec.with_file_name("..").join("connectors").join(&connector.name).join("recording.yaml");
    let mut places = vec![spec.with_file_name(format!("{stem}.recording.yaml")), own];
    if stem == "spec" {
        places.push(spec.with_file_name("recording.yaml"));
    }
    places.retain(|path| path.is_file());
    places
}

fn is_of(case: &Case, spec: &Path) -> bool {
    let real = |path: PathBuf| std::fs::canonicalize(path).ok();
    case.spec().ok().and_then(real) == real(spec.to_owned())
}

/// A cost as pages tell it.
pub(crate) fn known_cost(cost: &explain::Cost) -> Cost {
    Cost {
        amount: cost.amount,
        of_parents: cost.unit == Unit::Parents,
        requests: cost.requests,
        waits_seconds: cost.waits_seconds,
        is_bounded: cost.bounded,
    }
}
