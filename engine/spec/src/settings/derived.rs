//! What expressions make of secrets: as secret as they are.

use serde_json::{Map, Value as Json};

use crate::Connector;
use crate::expression::Scope;
use crate::model::Request;

/// Shorter texts say too little of a secret, and occur in too many others.
const SHORTEST: usize = 6;

/// The texts that requests hold which are computed from nothing but the configuration, a secret field of it at least.
pub(super) fn derived(connector: &Connector, values: &Map<String, Json>) -> Vec<String> {
    let secret: Vec<&str> =
        connector.config.iter().filter(|field| field.secret).map(|field| field.name.as_str()).collect();
    let scope = Scope::new().with("config", values);
    let requests = connector
        .streams
        .iter()
        .map(|stream| &stream.request)
        .chain(connector.check.iter().map(|check| &check.request));
    let mut texts: Vec<String> = requests
        .flat_map(Request::templates)
        .flat_map(|template| template.made_of("config", &secret, &scope))
        .filter(|text| text.len() >= SHORTEST)
        .collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}
