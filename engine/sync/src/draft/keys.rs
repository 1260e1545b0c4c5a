//! What identifies a record, and what says when it changed.

use std::collections::HashSet;

use serde_json::Value;

use super::list::List;
use super::{Draft, Guess, flat, scalar};
use crate::trial::infer::infer;

const PRIMARY: [&str; 5] = ["id", "uuid", "guid", "gid", "key"];
const CHANGED: [&str; 16] = [
    "updatedat",
    "modifiedat",
    "changedat",
    "lastmodifiedat",
    "lastupdatedat",
    "updatedon",
    "modifiedon",
    "lastmodified",
    "lastupdated",
    "dateupdated",
    "datemodified",
    "lastmodifieddate",
    "modifieddate",
    "updated",
    "modified",
    "changed",
];

/// Guesses of the two.
pub(super) struct Keys {
    /// The name of the primary key.
    pub(super) primary: Option<String>,
    replication: Option<Guess>,
}

impl Keys {
    /// Looks for both; a parameter that filters by time goes from `params` to the replication.
    pub(super) fn find(list: &List<'_>, params: &mut Vec<(String, String)>) -> Keys {
        let primary = primary(list);
        let changed = primary.as_ref().and_then(|_| changed(list));
        let replication = changed.map(|key| {
            let asked = params.iter().position(|(name, _)| is_since(name));
            let (since, how) = match asked.map(|at| params.remove(at)) {
                Some((param, _)) => (format!("{{param: {}}}", scalar(&param)), "the request filters by it".to_owned()),
                None => {
                    let how = "if the API can filter by it, name its parameter: `since: {param: …}`";
                    ("client_side".to_owned(), how.to_owned())
                }
            };
            Guess::new(
                format!("{{method: incremental, key: {}, since: {since}}}", scalar(&key)),
                format!("`{key}` is a time in every record and is called as times of changes are; {how}."),
            )
        });
        Keys { primary, replication }
    }

    pub(super) fn write(&self, draft: &mut Draft) {
        match &self.primary {
            Some(key) => {
                draft.guess("primary_key", &Guess::new(scalar(key), "Called as keys are, and differs in each record."));
            }
            None => {
                draft.line(4, "# No field is called as keys are and differs in each record: name it as `primary_key`.");
            }
        }
        match &self.replication {
            Some(guess) => draft.guess("replication", guess),
            None => {
                let why = "Not each record has a key and a time of its change: everything is read each time.";
                draft.guess("replication", &Guess::new("full_table", why));
            }
        }
    }
}

fn primary(list: &List<'_>) -> Option<String> {
    let names: Vec<&String> = list.records.first()?.keys().collect();
    let usual = PRIMARY.iter().filter_map(|usual| names.iter().find(|name| flat(name) == *usual));
    let others = names.iter().filter(|name| name.ends_with("_id") || name.ends_with("Id") || name.ends_with("ID"));
    usual
        .chain(others.filter(|_| list.records.len() > 1))
        .find(|name| is_unique(list, name))
        .map(|name| (*name).clone())
}

fn is_unique(list: &List<'_>, name: &str) -> bool {
    let mut seen = HashSet::new();
    list.records.iter().all(|record| match record.get(name) {
        Some(value @ (Value::String(_) | Value::Number(_))) => seen.insert(value.to_string()),
        _ => false,
    })
}

fn changed(list: &List<'_>) -> Option<String> {
    let first = list.records.first()?;
    let is_time = |name: &str| {
        let values: Option<Vec<&Value>> = list.records.iter().map(|record| record.get(name)).collect();
        values.and_then(|values| {
            let whole = values.iter().all(|value| value.as_str().is_some_and(|text| !text.is_empty()));
            (whole && infer(&values)? == "timestamp").then_some(())
        })
    };
    let called = |usual: &&str| first.keys().find(|name| flat(name) == **usual && is_time(name).is_some());
    CHANGED.iter().find_map(called).cloned()
}

/// Whether a query parameter says from when on records are wanted.
fn is_since(name: &str) -> bool {
    let name = flat(name);
    name.starts_with("since")
        || ["since", "updatedafter", "modifiedafter", "changedafter", "updatedatmin", "updatedatgte"]
            .iter()
            .any(|end| name.ends_with(end))
}
