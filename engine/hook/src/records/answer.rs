//! What a hook gives for a batch: nothing of it is believed. Members that stayed here rejoin.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Place;
use super::batch::Batch;
use crate::interface::exports::tapwright::hook::records::{Answer, Refusal, Route};
use crate::limits::WORDS;
use crate::meter::shown;

/// An answer that keeps to the interface.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// The records, whole again.
    pub(super) text: String,
    /// Where they stand in the text. Origins are places in the batch.
    pub(super) lines: Vec<Place>,
    /// Places in the batch, and why these records were refused.
    pub(super) refused: Vec<(usize, Why)>,
}

/// Why a record was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The hook says so.
    Said(String),
    /// A member that the hook gives stands in the record already, and the hook did not read it.
    Clash(String),
}

/// Takes an answer apart.
///
/// # Errors
/// How it breaks with the interface. Nothing of it is taken then.
pub(super) fn take(answer: Answer, batch: &Batch<'_>, routes: &[String]) -> Result<Taken, String> {
    let text = String::from_utf8(answer.records).map_err(|_| "its records are not in UTF-8".to_owned())?;
    if !(text.is_empty() || text.ends_with('\n')) {
        return Err("its last line is not ended by a line feed".to_owned());
    }
    let lines = text.bytes().filter(|byte| *byte == b'\n').count();
    let routed = routed(&answer.routes, lines, routes)?;
    let origins = Origins::told(&answer.origins, lines, batch.len(), &answer.refused)?;
    let mut taken = Taken {
        text: String::with_capacity(text.len() + batch.rest_bytes()),
        lines: Vec::with_capacity(lines),
        ..Taken::default()
    };
    let (mut names, mut routed) = (Vec::new(), routed.into_iter().peekable());
    for (at, line) in text.split_terminator('\n').enumerate() {
        let wrong = |reason: String| format!("line {} of {lines} {reason}", at + 1);
        read_names(line, &mut names).map_err(wrong)?;
        let route = routed.next_if(|(line, _)| *line == at).map(|(_, route)| route);
        taken.join(line, &names, batch, (origins.of(at), route));
    }
    let said = answer.refused.into_iter();
    taken.refused.extend(said.map(|refusal| (refusal.record as usize, Why::Said(shown(refusal.reason.trim(), WORDS)))));
    Ok(taken)
}

/// By line the place in the batch of the record that it comes of.
enum Origins<'a> {
    Same,
    Told(&'a [u32]),
}

impl Origins<'_> {
    fn of(&self, line: usize) -> usize {
        match self {
            Origins::Same => line,
            Origins::Told(told) => told.get(line).map_or(line, |origin| *origin as usize),
        }
    }
}

impl<'a> Origins<'a> {
    fn told(told: &'a [u32], lines: usize, records: usize, refused: &[Refusal]) -> Result<Origins<'a>, String> {
        let mut before = None;
        for refusal in refused {
            let record = refusal.record as usize;
            if record >= records || before.is_some_and(|before| record <= before) {
                return Err(format!("it refuses record {record} of {records} (from 0), by ascending place"));
            }
            before = Some(record);
        }
        if told.is_empty() && lines == records && refused.is_empty() {
            return Ok(Origins::Same);
        }
        if told.len() != lines {
            let count = told.len();
            return Err(format!(
                "how many lines it gives ({lines}) is not how many records it was given ({records}), and it tells the origin of {count}"
            ));
        }
        let mut before = 0;
        for origin in told {
            if *origin as usize >= records || *origin < before {
                return Err(format!(
                    "an origin is {origin} after {before}; origins ascend, and those of this batch are below {records}"
                ));
            }
            if refused.binary_search_by_key(origin, |refusal| refusal.record).is_ok() {
                return Err(format!("it gives lines for record {origin} (from 0), which it refuses"));
            }
            before = *origin;
        }
        Ok(Origins::Told(told))
    }
}

/// The lines that go elsewhere, with the place of the stream in the routes.
fn routed(told: &[Route], lines: usize, routes: &[String]) -> Result<Vec<(usize, usize)>, String> {
    let mut routed: Vec<(usize, usize)> = Vec::with_capacity(told.len());
    for route in told {
        let line = route.line as usize;
        if line >= lines || routed.last().is_some_and(|(before, _)| line <= *before) {
            return Err(format!("it routes line {line} of {lines} (from 0), by ascending place"));
        }
        let Some(stream) = routes.iter().position(|name| *name == route.stream) else {
            let (stream, streams) = (shown(&route.stream, WORDS), routes.join(", "));
            let streams = if routes.is_empty() { "none" } else { &streams };
            return Err(format!("it sends a record to `{stream}`; the streams that it may send to: {streams}"));
        };
        routed.push((line, stream));
    }
    Ok(routed)
}

impl Taken {
    /// Adds a line, whose names are unescaped, with what stayed here of its origin.
    fn join(&mut self, line: &str, names: &[Name<'_>], batch: &Batch<'_>, (origin, route): (usize, Option<usize>)) {
        if self.refused.last().is_some_and(|(record, _)| *record == origin) {
            return;
        }
        let rest = batch.rest(origin);
        if let Some(name) = names.iter().find(|name| rest.has(&name.0)) {
            self.lines.retain(|line| line.origin != origin);
            self.refused.push((origin, Why::Clash(shown(&name.0, WORDS))));
            return;
        }
        let from = self.text.len();
        self.text.push('{');
        for stretch in rest.stretches {
            self.text.push_str(stretch);
            self.text.push(',');
        }
        match names.is_empty() {
            // The last comma, if there is one, has nothing behind it.
            true => self.text.truncate(self.text.len() - usize::from(!rest.stretches.is_empty())),
            false => self.text.push_str(inner(line)),
        }
        self.text.push('}');
        self.lines.push(Place { text: 0, within: from..self.text.len(), origin, route });
    }
}

/// What stands between the braces of an object.
fn inner(line: &str) -> &str {
    let line = line.trim_ascii();
    line.get(1..line.len() - 1).unwrap_or_default()
}

/// A name of a member, borrowed unless it has escapes.
#[derive(Deserialize)]
struct Name<'t>(#[serde(borrow)] Cow<'t, str>);

/// Reads the names of the members of an object, and checks all its JSON.
fn read_names<'t>(line: &'t str, names: &mut Vec<Name<'t>>) -> Result<(), String> {
    names.clear();
    if !line.trim_ascii_start().starts_with('{') {
        return Err("is no JSON object".to_owned());
    }
    let mut json = serde_json::Deserializer::from_str(line);
    let read = Names(names).deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|error| format!("is no JSON: {error}"))?;
    match twice(names) {
        Some(name) => Err(format!("has the member `{}` twice", shown(name, WORDS))),
        None => Ok(()),
    }
}

/// A name that stands there twice. Comparing each with each is quickest for the usual few.
fn twice<'n>(names: &'n [Name<'_>]) -> Option<&'n str> {
    if names.len() <= 16 {
        let again = |at: &usize| names[..*at].iter().any(|name| name.0 == names[*at].0);
        return (1..names.len()).find(again).map(|at| &*names[at].0);
    }
    let mut seen = HashSet::with_capacity(names.len());
    names.iter().find(|name| !seen.insert(&*name.0)).map(|name| &*name.0)
}

struct Names<'n, 't>(&'n mut Vec<Name<'t>>);

impl<'t> DeserializeSeed<'t> for Names<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'t> Visitor<'t> for Names<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'t>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some((name, IgnoredAny)) = map.next_entry::<Name<'t>, IgnoredAny>()? {
            self.0.push(name);
        }
        Ok(())
    }
}
