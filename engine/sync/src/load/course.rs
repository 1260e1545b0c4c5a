//! From where each stream is loaded, and how far all are: what the destination has, what the hub still holds, and what
//! of it cannot be read.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{Index, Span};
use super::streams::Streams;
use crate::destination::{Fault, Mode};
use crate::hub::{Damage, Hub, Standing};
use crate::state::{Position, State, StreamState};

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// A part of the hub is not as it was written.
    Damage(Damage),
    /// The tables of a stream do not take what stands there.
    Unfit { stream: String, at: Position, why: String },
}

/// The way through a hub.
#[derive(Debug)]
pub(super) struct Course {
    /// By stream, what stands before is not loaded any more.
    pub(super) from: BTreeMap<String, Position>,
    /// What stands from here on is not loaded.
    pub(super) until: Position,
    /// Streams that end before, and why.
    pub(super) held: BTreeMap<String, (Position, String)>,
    /// Why it ends before the hub does.
    pub(super) blocked: Option<String>,
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

impl Course {
    /// Whether what a stream brings there is loaded.
    pub(super) fn takes(&self, stream: &str, at: Position) -> bool {
        self.from.get(stream).is_some_and(|from| at >= *from) && at < self.end_of(stream)
    }

    /// Where a stream ends.
    pub(super) fn end_of(&self, stream: &str) -> Position {
        self.held.get(stream).map_or(self.until, |(held, _)| (*held).min(self.until))
    }

    /// Where what is not loaded yet begins.
    pub(super) fn low(&self) -> Position {
        self.from.values().min().copied().unwrap_or(self.until).min(self.until)
    }
}

impl Hindrance {
    fn at(&self) -> Position {
        match self {
            Hindrance::Damage(damage) => {
                Position { segment: damage.segment.unwrap_or_default(), byte: damage.bytes.start }
            }
            Hindrance::Unfit { at, .. } => *at,
        }
    }
}

/// Plans the way.
pub(super) struct Planner<'p> {
    pub(super) hub: &'p Hub,
    pub(super) index: &'p Index,
    /// What the hub knew of the destination before this load.
    pub(super) standing: Option<&'p Standing>,
    /// What is loaded.
    pub(super) streams: &'p Streams,
}

impl Planner<'_> {
    /// The way for a destination in this state, past what stands in it.
    ///
    /// # Errors
    /// A [`Fault`] for a destination that cannot be loaded of this hub, with what helps.
    pub(super) fn course(&self, state: &State, hindrances: &[Hindrance]) -> Result<Course, Fault> {
        let end = self.hub.manifest.end();
        let mut course =
            Course { from: BTreeMap::new(), held: BTreeMap::new(), until: end, blocked: None, notes: Vec::new() };
        let of_hub = |state: &StreamState| state.mark.as_ref().is_some_and(|mark| mark.hub == self.hub.manifest.hub);
        let marked = state.0.iter().filter(|(_, state)| of_hub(state)).map(|(name, _)| name.as_str());
        let begun = self.index.spans.iter().map(|span| span.begun.stream.as_str());
        let streams: BTreeSet<&str> = begun.chain(marked).filter(|name| self.streams.has(name)).collect();
        let mut refused = Vec::new();
        for stream in streams {
            match self.beginning(stream, &state.of(stream)) {
                Ok(from) => drop(course.from.insert(stream.to_owned(), from)),
                Err(why) => refused.push(why),
            }
        }
        if !refused.is_empty() {
            refused.dedup();
            return Err(Fault::Other { place: self.hub.place(), reason: refused.join("; ") });
        }
        let mut hindrances: Vec<&Hindrance> = hindrances.iter().collect();
        hindrances.sort_by_key(|hindrance| hindrance.at());
        for hindrance in hindrances {
            self.avoid(&mut course, hindrance);
        }
        Ok(course)
    }

    /// From where a stream is loaded, or why it cannot be.
    fn beginning(&self, stream: &str, known: &StreamState) -> Result<Position, String> {
        let first = self.hub.manifest.first();
        match &known.mark {
            Some(mark) if mark.hub == self.hub.manifest.hub => {
                let held = self.standing.and_then(|standing| standing.streams.get(stream));
                let kept = held.is_some_and(|held| *held <= mark.up_to);
                if mark.up_to.segment >= first.segment || kept {
                    return Ok(mark.up_to.max(first));
                }
                // Whoever was away for too long goes on where nothing of before counts.
                let whole = self.index.of_stream(stream).find(|span| span.is_staged());
                whole.map(|span| span.begin).ok_or_else(|| {
                    format!(
                        "segments that hold records of `{stream}` which the destination does not have are gone; {}",
                        self.anew(&[stream])
                    )
                })
            }
            Some(_) => Err(format!(
                "`{stream}` was loaded there from another hub; go on with that one, or begin anew after `tapwright state \
                 reset`"
            )),
            None if *known != StreamState::default() => Err(format!(
                "`{stream}` was loaded there by `tapwright sync`; go on with that, or begin anew after `tapwright state \
                 reset`"
            )),
            None => {
                let fresh = self.index.of_stream(stream).find(|span| span.begun.fresh);
                fresh.map(|span| span.begin).ok_or_else(|| {
                    format!("the beginning of `{stream}` is in the hub no more; {}", self.anew(&[stream]))
                })
            }
        }
    }

    /// Leads past a hindrance the streams that a later load brings whole; where not all can pass, the way ends there.
    fn avoid(&self, course: &mut Course, hindrance: &Hindrance) {
        let at = hindrance.at();
        if at >= course.until {
            return;
        }
        let concerned = |name: &&String| match hindrance {
            Hindrance::Damage(_) => true,
            Hindrance::Unfit { stream, .. } => stream == *name,
        };
        let stopped: Vec<String> = course
            .from
            .iter()
            .filter(|(_, from)| **from <= at)
            .map(|(name, _)| name)
            .filter(concerned)
            .cloned()
            .collect();
        let later = |name: &String| {
            let span = self.index.of_stream(name).find(|span| self.leads_past(span, hindrance));
            span.map(|span| span.begin)
        };
        let lost: Vec<&str> = stopped.iter().filter(|name| later(name).is_none()).map(String::as_str).collect();
        match hindrance {
            _ if lost.is_empty() => {}
            Hindrance::Damage(damage) => {
                let why = self.hub.damaged(damage, &self.cure(&lost)).to_string();
                (course.until, course.blocked) = (self.index.commit_before(at), Some(why));
                return;
            }
            Hindrance::Unfit { stream, why, .. } => {
                let why = format!("{why}; {}", self.anew(&lost));
                course.held.insert(stream.clone(), (self.index.commit_before(at), why));
                return;
            }
        }
        for name in &stopped {
            if let Some(begin) = later(name) {
                course.from.insert(name.clone(), begin);
            }
        }
        if !stopped.is_empty() {
            let streams: Vec<String> = stopped.iter().map(|name| format!("`{name}`")).collect();
            let past = match hindrance {
                Hindrance::Damage(damage) => damage.to_string(),
                Hindrance::Unfit { why, .. } => why.clone(),
            };
            course
                .notes
                .push(format!("{} went on from a later load that is whole, past this: {past}", streams.join(", ")));
        }
    }

    fn leads_past(&self, span: &Span, hindrance: &Hindrance) -> bool {
        let is_anew = match hindrance {
            Hindrance::Damage(_) => true,
            Hindrance::Unfit { .. } => span.begun.mode == Mode::Rebuild,
        };
        is_anew && span.begin > hindrance.at() && span.replaces_before(self.hub.manifest.end())
    }

    fn cure(&self, streams: &[&str]) -> String {
        format!("restore the file from a copy, or {}", self.anew(streams))
    }

    /// What brings streams anew.
    fn anew(&self, streams: &[&str]) -> String {
        let streams: Vec<String> = streams.iter().map(|name| format!(" --stream {name}")).collect();
        format!(
            "extract anew with `tapwright extract SPEC --hub {} --full-refresh{}`, then load again",
            self.hub.place(),
            streams.concat()
        )
    }
}
