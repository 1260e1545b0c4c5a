//! From a tree to a checked [`Connector`], or every fault at once.
//!
//! [`language`](crate::language) has read what each key says on its own; here is checked what the parts say
//! of each other, and the model is made. Nothing of a faulty spec gets out.

mod about;
mod absent;
mod answers;
mod auth;
mod bodies;
mod bookmark;
mod budgets;
mod carriers;
mod change;
mod deletions;
mod dynamic;
mod families;
mod feeds;
mod fields;
mod for_each;
mod hooks;
mod hosts;
mod identity;
mod jobs;
mod load_mode;
mod named;
mod names;
mod pages;
mod prose;
mod replication;
mod requests;
mod routed;
mod rules;
mod schemas;
mod scope;
mod streams;
mod tables;
mod told;
mod types;

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::grammar::{Read, Reader};
use crate::language::{self, Spec};
use crate::model::{Beside, Connector, LoadMode, Sealed};
use crate::source::Source;
use crate::tree;

/// Checks a spec.
///
/// # Errors
/// Every fault of the file, each with its place.
pub fn check(source: &Source) -> Result<Connector, Diagnostics> {
    check_beside(source, Beside::default())
}

/// Checks a spec with what was told beside it.
pub(crate) fn check_beside(source: &Source, told: Beside) -> Result<Connector, Diagnostics> {
    let mut connector = checked(source, &told)?;
    for stream in &mut connector.streams {
        let one = told.found.iter().find(|one| one.name == stream.name);
        stream.object = one.map(|one| Arc::new(one.object.clone()));
    }
    Ok(Connector { told, ..connector })
}

fn checked(source: &Source, told: &Beside) -> Result<Connector, Diagnostics> {
    let mut reader = Reader::new(source);
    let (root, faults) = tree::read(source);
    reader.faults = faults;
    let connector = root.and_then(|root| {
        let mut spec = Spec::read(&root, &mut reader)?;
        schemas::add(&mut spec, &mut reader);
        dynamic::add(&mut spec, &told.found, &mut reader);
        hooks::add(&mut spec, &told.loaded, &mut reader);
        if let Some(newer) = spec.tapwright.as_ref().and_then(|version| version.newer.clone()) {
            reader.faults = vec![newer];
            return None;
        }
        connector(&spec, told, &mut reader)
    });
    match connector {
        Some(connector) if reader.faults.is_empty() => Ok(connector),
        _ => Err(Diagnostics::new(source.clone(), reader.faults)),
    }
}

/// What the checks of a part need to know of the whole.
#[derive(Clone)]
struct Whole<'a> {
    spec: &'a Spec,
    /// The keys of `config:`.
    config: Vec<&'a str>,
    /// Whether every key could be read: what is missing otherwise may only be misspelt.
    all_read: bool,
    /// Whether `config:` could be read.
    config_known: bool,
    /// How records become rows.
    load_mode: LoadMode,
    streams: &'a [(crate::grammar::At<String>, Option<language::Stream>)],
    by_name: HashMap<&'a str, Option<&'a language::Stream>>,
    /// Whether the part is of streams that only the API can tell.
    object: bool,
    /// Whether the API tells its fields, which are not known here.
    fields_told: bool,
    /// Whether a config field has chosen the part: credentials.
    chosen: bool,
}

impl<'a> Whole<'a> {
    fn stream(&self, name: &str) -> Option<&'a language::Stream> {
        *self.by_name.get(name)?
    }

    fn is_stream(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    fn stream_names(&self) -> impl Iterator<Item = &'a str> {
        self.streams.iter().map(|(name, _)| name.value.as_str())
    }
}

fn connector(spec: &Spec, told: &Beside, reader: &mut Reader<'_>) -> Option<Connector> {
    let streams = spec.streams.as_ref().map(|map| map.0.as_slice()).unwrap_or_default();
    let config = spec.config.iter().flat_map(crate::grammar::Map::names).collect();
    let config_known = spec.config.is_some() || spec.said("config").is_none();
    let by_name = streams.iter().map(|(name, stream)| (name.value.as_str(), stream.as_ref())).collect();
    let all_read = reader.faults.is_empty();
    let (object, fields_told, chosen) = (false, false, false);
    let load_mode = load_mode::of(spec, told);
    let whole =
        Whole { spec, config, all_read, config_known, load_mode, streams, by_name, object, fields_told, chosen };
    if spec.streams.is_some() && streams.is_empty() && spec.said("dynamic_streams").is_none() {
        let place = spec.said("streams").cloned().unwrap_or(0..0);
        reader.fault(Diagnostic::new("the spec has no stream", place).help("a stream is a list of records in the API"));
    }
    let config = about::config(spec, reader);
    let auth = auth::auth(&whole, reader);
    let check = requests::check(&whole, reader);
    let of_object = Whole { object: true, ..whole.clone() };
    let mut lowered = Vec::new();
    for (name, stream) in streams {
        let Some(stream) = stream.as_ref().filter(|stream| stream.said("routed_from").is_none()) else { continue };
        let by_api = told.found.iter().any(|one| one.name == name.value);
        let whole = if by_api { &of_object } else { &whole };
        lowered.extend(streams::stream(whole, name, stream, reader));
    }
    routed::add(&whole, &mut lowered, reader);
    let mut dynamic = dynamic::families(&whole, reader);
    hooks::mark(&told.loaded, &mut lowered, &mut dynamic);
    let hooks = hooks::hooks(&whole, &told.loaded, reader);
    requests::shared(&whole, reader);
    families::families(&whole, reader);
    names::unused_config(&whole, reader);
    tables::collisions(&whole, &lowered, reader);
    load_mode::keyless(&whole, (&lowered, &dynamic), reader);
    prose::contradictions(&whole, reader);
    let about = about::about(spec, reader);
    let allowed = spec.http.iter().flat_map(|http| http.allow_hosts.iter().flatten());
    let downloads = spec.http.iter().flat_map(|http| http.download_hosts.iter().flatten());
    Some(Connector {
        name: spec.name.as_ref()?.value.clone(),
        title: spec.title.as_ref()?.value.clone(),
        version: spec.version.as_ref()?.value.clone(),
        about: about?,
        supports: about::supports(spec),
        load_mode,
        schedule: about::schedule(spec),
        config,
        auth: auth?,
        check,
        allow_hosts: allowed.map(|host| host.value.clone()).collect(),
        download_hosts: downloads.map(|host| host.value.clone()).collect(),
        rate_limit: budgets::all(&whole),
        hooks,
        streams: lowered,
        dynamic,
        told: Beside::default(),
        source: reader.source.clone().with(reader.files.clone()),
        sealed: Sealed,
    })
}
