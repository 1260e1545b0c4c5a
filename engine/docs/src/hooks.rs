//! Hooks, in sentences: what each does, and what it does to the records of a stream.

use serde_json::Value;
use tapwright_spec::Connector;
use tapwright_spec::model::{Capability, ForEach, Hook, JsonTemplate, NamedHook, OnError, Scheme, Stream, UsedHook};

use crate::filter::continued;
use crate::markdown::{code, words};
use crate::replication::{Point, link_to, listed, point};

/// What is known of each hook of a connector.
pub fn hooks(connector: &Connector) -> Vec<Point> {
    connector.hooks.iter().map(|hook| point("Hook", sentences(connector, hook))).collect()
}

fn sentences(connector: &Connector, hook: &Hook) -> String {
    let summary = hook.about.as_ref().map(|about| format!(". {}", words(about.summary.trim()))).unwrap_or_default();
    let mut text = format!("{}{summary}", code(&hook.name));
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    let uses = |stream: &&Stream| stream.hooks.iter().any(|used| used.name == hook.name);
    let streams: Vec<String> = connector.streams.iter().filter(uses).map(|stream| link_to(&stream.name)).collect();
    if !streams.is_empty() {
        text.push_str(&format!(" It changes the records of {}.", listed(&streams)));
    }
    for work in works(connector, hook) {
        text.push_str(&work);
    }
    options(hook, &mut text);
    for (name, stream) in &hook.given {
        text.push_str(&format!(" At the start of a run it is given all of {}, as {}.", link_to(stream), code(name)));
    }
    if hook.allow.contains(&Capability::Log) {
        text.push_str(" It may add lines to the report of a run.");
    }
    text
}

/// What it does beside changing records.
fn works(connector: &Connector, hook: &Hook) -> Vec<String> {
    let is_it = |named: &NamedHook| named.name == hook.name;
    let streams = |uses: &dyn Fn(&Stream) -> bool| {
        let own = connector.streams.iter().filter(|stream| stream.routed_from.is_none() && uses(stream));
        own.map(|stream| link_to(&stream.name)).collect::<Vec<String>>()
    };
    let signs = connector.auth.schemes().into_iter().filter_map(Scheme::hook).any(is_it);
    let pages = streams(&|stream| stream.pagination.hook().is_some_and(is_it));
    let cuts = streams(&|stream| stream.for_each.as_ref().and_then(ForEach::hook).is_some_and(|(hook, _)| is_it(hook)));
    let signs = signs.then(|| " It signs each request.".to_owned());
    let pages = (!pages.is_empty()).then(|| format!(" It chooses the pages of {}.", listed(&pages)));
    let cuts = (!cuts.is_empty()).then(|| format!(" It cuts {} into slices.", listed(&cuts)));
    [signs, pages, cuts].into_iter().flatten().collect()
}

/// What it is told, and what its options mean.
fn options(hook: &Hook, text: &mut String) {
    let JsonTemplate::Object(told) = &hook.options else { return };
    let meaning = |name: &str| {
        let meaning = hook.about.as_ref()?.options.get("properties")?.get(name)?.get("description")?;
        meaning.as_str().map(|meaning| format!(": {}", continued(&words(meaning.trim().trim_end_matches('.')), "")))
    };
    for (name, value) in told {
        let value = code(&shown(value));
        text.push_str(&format!(" Its option {} is {value}{}.", code(name), meaning(name).unwrap_or_default()));
    }
}

/// A value as the spec writes it: expressions stay what they are.
fn shown(value: &JsonTemplate) -> String {
    match value {
        JsonTemplate::Text(template) => template.source().to_owned(),
        other => json(other).to_string(),
    }
}

fn json(value: &JsonTemplate) -> Value {
    match value {
        JsonTemplate::Fixed(value) => value.clone(),
        JsonTemplate::Text(template) => template.source().into(),
        JsonTemplate::List(items) => items.iter().map(json).collect(),
        JsonTemplate::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), json(value))).collect())
        }
    }
}

/// What hooks do to the records of a stream, and where the records of a stream without requests come from.
pub(crate) fn points(connector: &Connector, stream: &Stream) -> Vec<Point> {
    stream.hooks.iter().map(|used| point("Hook", used_by(connector, stream, used))).collect()
}

fn used_by(connector: &Connector, stream: &Stream, used: &UsedHook) -> String {
    let hook = connector.hook(&used.name);
    let first = stream.hooks.first() == Some(used);
    let mut text = match first {
        true => format!("{} changes the records first.", code(&used.name)),
        false => format!("Then {} changes them.", code(&used.name)),
    };
    if let Some(about) = hook.and_then(|hook| hook.about.as_ref()) {
        text.push_str(&format!(" {}", words(about.summary.trim())));
    }
    if let Some(others) = used.effect.as_ref().and_then(|effect| effect.others.as_ref()) {
        text.push_str(&format!(" It adds columns: {}", others.trim()));
        if !text.ends_with('.') {
            text.push('.');
        }
    }
    let routed: Vec<String> = connector.routed_from(&stream.name).map(|routed| link_to(&routed.name)).collect();
    if first && !routed.is_empty() {
        text.push_str(&format!(" It may send records to {}.", listed(&routed)));
    }
    text.push_str(match hook.map(|hook| hook.on_error) {
        Some(OnError::Fail) => " A record that it refuses fails the read.",
        _ => " A record that it refuses is set aside as it came.",
    });
    text
}

/// How a stream is read whose records hooks of another send.
pub(crate) fn routed(connector: &Connector, stream: &Stream, origin: &str) -> Vec<Point> {
    let link = link_to(origin);
    let comes = format!("Its records are sent by the hooks of {link}; it makes no requests of its own.");
    let run = format!("Runs together with {link}, and takes what the hooks make of the records that come.");
    let mut points = vec![point("Comes from", comes), point("Each run", run)];
    if let Some(key) = connector.keyed_by(stream).own_key() {
        let keyed = code(&connector.keyed_by(stream).name);
        points.push(point("Bookmark", format!("The {} of {keyed} up to which this table is complete.", code(key))));
    }
    points
}
