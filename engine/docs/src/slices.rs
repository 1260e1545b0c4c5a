//! For what a stream is fetched again and again, and what that means for its bookmark, in sentences.

use tapwright_spec::Connector;
use tapwright_spec::counted;
use tapwright_spec::model::{ConfigType, Each, ForEach, Incremental, MOST_SLICES, Of, Stream};

use crate::markdown::code;
use crate::replication::{link_to, listed};

/// How often the requests are made.
pub(crate) fn repeated(connector: &Connector, for_each: &ForEach) -> String {
    let parts: Vec<String> = for_each.parts.iter().map(|each| part(connector, each)).collect();
    match parts.as_slice() {
        [one] => format!("Once for {one}."),
        several => format!("Once for {}, in every combination.", listed(several)),
    }
}

fn part(connector: &Connector, each: &Each) -> String {
    match &each.of {
        Of::Parents(parents) => {
            let names: Vec<String> = parents.streams.iter().map(|name| link_to(name)).collect();
            let changed = if parents.changed_only { " that the run finds changed" } else { "" };
            let both = if parents.changed_only { " and" } else { "" };
            let kept = parents
                .keep_if
                .as_ref()
                .map_or_else(String::new, |kept| format!("{both} for which {} holds", code(kept.condition.bare())));
            match parents.batch {
                Some(batch) => format!("every {} of {}{changed}{kept}", counted(batch, "record"), listed(&names)),
                None => format!("each record of {}{changed}{kept}", names.join(" and of ")),
            }
        }
        Of::Slices { hook, names } => {
            let names: Vec<String> = names.iter().map(|name| code(name)).collect();
            format!("each slice that the hook {} cuts when a run begins, by {}", code(&hook.name), listed(&names))
        }
        Of::Values(values) => match values.as_slice() {
            [one] => code(one),
            several => format!("each of {}", listed(&several.iter().map(|value| code(value)).collect::<Vec<_>>())),
        },
        Of::Config(name) => {
            let is_list = |kind: &ConfigType| matches!(kind, ConfigType::List);
            match connector.config.iter().any(|field| field.name == *name && is_list(&field.kind)) {
                true => format!("each value of the config field {}", code(name)),
                false => format!("the value of the config field {}", code(name)),
            }
        }
    }
}

/// How a stream with a bookmark for each slice keeps them.
pub(crate) fn bookmarks(for_each: &ForEach, incremental: &Incremental, timely: bool) -> String {
    let own = crate::bookmark::of_a_slice(incremental);
    let names: Vec<String> = for_each.streams().iter().map(|name| link_to(name)).collect();
    let each = match (names.as_slice(), for_each.parts.len()) {
        ([], 1) if for_each.hook().is_some() => "Each slice".to_owned(),
        ([], 1) => "Each value".to_owned(),
        (names, 1) => format!("Each record of {}", names.join(" and of ")),
        _ => "Each combination".to_owned(),
    };
    let cap = if timely { ", or the start of the run if that is earlier" } else { "" };
    let batch = for_each.parents().and_then(|parents| parents.batch);
    let batch = if batch.is_some() { " A request for several of them starts from the earliest." } else { "" };
    let uncut =
        if for_each.hook().is_some() { " One that the hook does not cut this time keeps its bookmark." } else { "" };
    let shared = match timely {
        true => "the greatest of all",
        false => "the least that any of them reached",
    };
    format!(
        "{each} has its own bookmark: {own}{cap}. It advances when everything that belongs to it is read, even if another \
         fails. A new one is read from the beginning, or from the start date.{uncut}{batch} Beyond {} of them they share one \
         bookmark, {shared}, which advances when all are read; one that appears later is then read only from there, and the \
         report says so.",
        crate::evidence::grouped(MOST_SLICES as u64)
    )
}

/// The streams that are read for every record of `stream`, directly or by way of children of changed records.
pub(crate) fn readers_of_all<'a>(connector: &'a Connector, stream: &'a Stream) -> Vec<&'a Stream> {
    let mut found = Vec::new();
    let mut open = vec![stream];
    while let Some(parent) = open.pop() {
        for child in connector.children_of(&parent.name) {
            if child.is_changed_only() { open.push(child) } else { found.push(child) }
        }
    }
    found
}
