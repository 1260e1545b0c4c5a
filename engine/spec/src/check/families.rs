//! Streams that are fetched for records of others: no circle, and parents that can tell what changed.

use std::collections::{HashMap, HashSet};

use super::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::language::{self, ReplicationForm};

/// Parents that are children of their own children, and children of changed parents of a full table.
pub(super) fn families(whole: &Whole<'_>, reader: &mut Reader<'_>) {
    let circle = own_ancestors(whole);
    for (name, form) in whole.streams {
        let Some(written) = form.as_ref().and_then(|form| form.for_each.as_ref()) else { continue };
        if let Some(ancestor) = circle.get(name.value.as_str()) {
            let parent = written.streams().find(|parent| parent.value == *ancestor);
            let place = parent.map_or(written.place.clone(), |parent| parent.place.clone());
            let fault = Diagnostic::new(format!("`{}` would be its own ancestor", name.value), place);
            reader.fault(fault.help("one of the streams on this circle must be fetched without a parent"));
        }
        let Some(changed) = written.changed_only() else { continue };
        if let Some(full) = written.streams().find(|parent| is_full_table(whole, &parent.value)) {
            let message = format!("`{}` is a full table, so nothing tells which of its records changed", full.value);
            let fault = Diagnostic::new(message, changed.place.clone());
            reader.fault(fault.help("leave `changed_only` out, or make the parent incremental"));
        }
    }
}

fn is_full_table(whole: &Whole<'_>, stream: &str) -> bool {
    let Some(form) = whole.stream(stream) else { return false };
    match &form.replication {
        Some(ReplicationForm::Form(form)) => {
            form.method.as_ref().is_some_and(|method| method.value == language::Method::FullTable)
        }
        Some(ReplicationForm::FullTable) => true,
        None => form.said("replication").is_none(),
    }
}

/// The streams that are their own ancestors, each with its parent on the circle.
fn own_ancestors<'a>(whole: &Whole<'a>) -> HashMap<&'a str, &'a str> {
    let parents = |name: &str| -> Vec<&'a str> {
        let for_each = whole.stream(name).and_then(|stream| stream.for_each.as_ref());
        for_each.into_iter().flat_map(language::ForEachForm::streams).map(|parent| parent.value.as_str()).collect()
    };
    let mut settled: HashSet<&str> = HashSet::new();
    let mut circles: HashMap<&str, &str> = HashMap::new();
    for (name, _) in whole.streams {
        // The line of ancestors that is followed, each with the parents that are still to be looked at.
        let mut line: Vec<(&str, Vec<&str>)> = Vec::new();
        let mut on_line: HashMap<&str, usize> = HashMap::new();
        let mut next = Some(name.value.as_str()).filter(|name| !settled.contains(name));
        loop {
            if let Some(name) = next {
                on_line.insert(name, line.len());
                line.push((name, parents(name)));
            }
            let Some((name, open)) = line.last_mut() else { break };
            let Some(parent) = open.pop() else {
                settled.insert(name);
                on_line.remove(name);
                line.pop();
                next = None;
                continue;
            };
            next = Some(parent).filter(|parent| !settled.contains(parent) && !on_line.contains_key(parent));
            if let Some(begin) = on_line.get(parent) {
                let circle: Vec<&str> = line[*begin..].iter().map(|(name, _)| *name).collect();
                let onward = circle.iter().skip(1).chain([&parent]);
                circles.extend(circle.iter().copied().zip(onward.copied()));
            }
        }
    }
    circles
}
