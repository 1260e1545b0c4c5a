//! Bookmarks moved by hand. What cannot be right is refused, and nothing is changed.

use std::fmt;

use jiff::Timestamp;
use tapwright_spec::Connector;
use tapwright_spec::model::{FieldType, Replication, Stream};
use tapwright_spec::time::parse_moment;

use super::{Draft, KeyValue, State, StreamState};

/// Why a bookmark cannot be moved so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditFault {
    /// Neither the spec nor the state knows the stream.
    #[error("{connector} has no stream `{stream}`{hint}; its streams are {streams}")]
    NoStream {
        /// The connector.
        connector: String,
        /// What was asked for.
        stream: String,
        /// `, did you mean …?`
        hint: String,
        /// All streams.
        streams: String,
    },
    /// It is read whole each time.
    #[error(
        "`{0}` has no bookmark: it is a full table, which every run reads whole; `tapwright sync --full-refresh` makes its \
         table anew"
    )]
    FullTable(String),
    /// Only a run can tell what its bookmarks are.
    #[error("`{0}` is not in the spec and no run has set a bookmark for it; run `tapwright sync` first")]
    Unknown(String),
    /// Its rows come from a hub.
    #[error(
        "the rows of `{0}` come from a hub, and extraction into that has the bookmark: move it there, with --hub DIR"
    )]
    OfHub(String),
    /// Its bookmark is of another type.
    #[error("the bookmark of `{stream}` is {wanted}, and `{value}` is none; write {example}")]
    Type {
        /// The stream.
        stream: String,
        /// What a bookmark of it is.
        wanted: &'static str,
        /// What was given.
        value: String,
        /// How one is written.
        example: &'static str,
    },
    /// The moment is still to come.
    #[error(
        "{value} lies in the future: it is {now:.0}, and what changes until then would never be read; write a moment that is past"
    )]
    Future {
        /// What was given.
        value: Timestamp,
        /// What time it is.
        now: Timestamp,
    },
    /// The stream has one bookmark.
    #[error("`{0}` is not read in slices, each with a bookmark of its own; leave --slice out")]
    NoSlices(String),
    /// All slices share one bookmark.
    #[error("one bookmark stands for all slices of `{0}`, because there are so many; leave --slice out to move it")]
    Shared(String),
    /// No slice is called so.
    #[error("`{stream}` has no slice `{slice}`{hint}; `tapwright state show --stream {stream}` lists them")]
    NoSlice {
        /// The stream.
        stream: String,
        /// What was asked for.
        slice: String,
        /// `, did you mean …?`
        hint: String,
    },
    /// No slice has a bookmark.
    #[error("no slice of `{0}` has a bookmark yet, so there is none to move; run `tapwright sync` first")]
    NoneYet(String),
}

/// A bookmark as it was and as it will be.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The stream.
    pub stream: String,
    /// The slice whose bookmark it is, in streams that have one for each.
    pub slice: Option<String>,
    /// Where it was.
    pub before: Option<KeyValue>,
    /// Where it will be; `None`: the next run begins as the first one does.
    pub now: Option<KeyValue>,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stream)?;
        if let Some(slice) = &self.slice {
            write!(f, ", slice {slice}")?;
        }
        let Some(now) = &self.now else {
            return f.write_str(": reset: the next run begins as the first one did; the rows stay");
        };
        let before = self.before.as_ref().map_or_else(|| "no bookmark".to_owned(), ToString::to_string);
        let next = match &self.before {
            Some(before) if now > before => "what changed between them is not read",
            Some(before) if now < before => "the next run reads again from there",
            _ => "the next run goes on from there",
        };
        write!(f, ": {before} → {now}: {next}")
    }
}

/// A bookmark to set.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'w> {
    /// The stream.
    pub stream: &'w str,
    /// One of its slices; without it all that are known.
    pub slice: Option<&'w str>,
    /// The bookmark, as people write it.
    pub value: &'w str,
}

/// Forgets what is known of the named streams, of all if none is named. Their tables stay as they are.
///
/// # Errors
/// [`EditFault::NoStream`].
pub fn reset(connector: &Connector, state: &State, streams: &[String]) -> Result<(Draft, Vec<Moved>), EditFault> {
    for stream in streams {
        known(connector, state, stream)?;
    }
    let wanted = |name: &String| streams.is_empty() || streams.contains(name);
    let (mut draft, mut moved) = (Draft::default(), Vec::new());
    for (name, one) in state.0.iter().filter(|(name, one)| wanted(name) && **one != StreamState::default()) {
        draft.change(state, name, |state| *state = StreamState::default());
        moved.push(Moved { stream: name.clone(), slice: None, before: one.bookmark.clone(), now: None });
    }
    Ok((draft, moved))
}

/// Sets a bookmark, at the moment `now`.
///
/// # Errors
/// An [`EditFault`] for what cannot be right.
pub fn set(
    connector: &Connector,
    state: &State,
    wish: Wish<'_>,
    now: Timestamp,
) -> Result<(Draft, Vec<Moved>), EditFault> {
    let name = wish.stream.to_owned();
    known(connector, state, wish.stream)?;
    let stream = connector.stream(wish.stream);
    let before = state.of(wish.stream);
    if before.mark.is_some() {
        return Err(EditFault::OfHub(name));
    }
    let value = value(connector, stream, &before, wish, now)?;
    let keyed = stream.map(|stream| connector.keyed_by(stream));
    let sliced = keyed.map_or(!before.slices.is_empty(), Stream::keeps_slices);
    let mut draft = Draft::default();
    if !sliced || before.bookmark.is_some() {
        match wish.slice {
            Some(_) if sliced => return Err(EditFault::Shared(name)),
            Some(_) => return Err(EditFault::NoSlices(name)),
            None => draft.change(state, &name, |state| state.bookmark = Some(value.clone())),
        }
        return Ok((draft, vec![Moved { stream: name, slice: None, before: before.bookmark, now: Some(value) }]));
    }
    let ids = slices(&before, wish)?;
    draft.change(state, &name, |state| {
        ids.iter().for_each(|id| drop(state.slices.insert(id.clone(), value.clone())));
    });
    let moved = |id: &String| Moved {
        stream: name.clone(),
        slice: Some(id.clone()),
        before: before.slices.get(id).cloned(),
        now: Some(value.clone()),
    };
    Ok((draft, ids.iter().map(moved).collect()))
}

/// Whether the spec or the state knows a stream.
pub(super) fn known(connector: &Connector, state: &State, stream: &str) -> Result<(), EditFault> {
    if connector.stream(stream).is_some() || state.0.contains_key(stream) {
        return Ok(());
    }
    let names: Vec<&str> = connector.streams.iter().map(|one| one.name.as_str()).collect();
    Err(EditFault::NoStream {
        connector: connector.name.clone(),
        stream: stream.to_owned(),
        hint: hint(stream, names.iter().copied()),
        streams: names.join(", "),
    })
}

fn hint<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> String {
    tapwright_spec::nearest(wrong, names).map_or_else(String::new, |name| format!(", did you mean `{name}`?"))
}

/// The slices that are meant.
fn slices(state: &StreamState, wish: Wish<'_>) -> Result<Vec<String>, EditFault> {
    let stream = wish.stream.to_owned();
    match wish.slice {
        None if state.slices.is_empty() => Err(EditFault::NoneYet(stream)),
        None => Ok(state.slices.keys().cloned().collect()),
        Some(id) if state.slices.contains_key(id) => Ok(vec![id.to_owned()]),
        Some(id) => {
            let hint = hint(id, state.slices.keys().map(String::as_str));
            Err(EditFault::NoSlice { stream, slice: id.to_owned(), hint })
        }
    }
}

/// The bookmark that a text is, of the stream's type.
fn value(
    connector: &Connector,
    stream: Option<&Stream>,
    state: &StreamState,
    wish: Wish<'_>,
    now: Timestamp,
) -> Result<KeyValue, EditFault> {
    let keyed = stream.map(|stream| connector.keyed_by(stream));
    let kind = match keyed {
        Some(keyed) => match (&keyed.replication, keyed.bookmark_type()) {
            (Replication::FullTable, _) => return Err(EditFault::FullTable(wish.stream.to_owned())),
            (Replication::Feed(_), _) => Kind::Token,
            (_, Some(FieldType::Timestamp)) => Kind::Timestamp,
            (_, Some(FieldType::Date)) => Kind::Date,
            (_, Some(FieldType::Integer)) => Kind::Integer,
            _ => Kind::Text,
        },
        // Only the API tells of it: its bookmarks are of the type that they have.
        None => match state.keys().next() {
            Some(KeyValue::Timestamp(_)) => Kind::Timestamp,
            Some(KeyValue::Integer(_)) => Kind::Integer,
            Some(KeyValue::Text(_)) => Kind::Text,
            Some(KeyValue::Token(_)) => Kind::Token,
            None => return Err(EditFault::Unknown(wish.stream.to_owned())),
        },
    };
    let value = kind.read(wish.value, now).ok_or_else(|| {
        let (wanted, example) = kind.words();
        EditFault::Type { stream: wish.stream.to_owned(), wanted, value: wish.value.to_owned(), example }
    })?;
    match value {
        KeyValue::Timestamp(value) if value > now => Err(EditFault::Future { value, now }),
        value => Ok(value),
    }
}

/// What bookmarks a stream has.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Timestamp,
    Date,
    Integer,
    Text,
    Token,
}

impl Kind {
    fn read(self, text: &str, now: Timestamp) -> Option<KeyValue> {
        let is_plain = !text.trim().is_empty() && !text.chars().any(char::is_control);
        match self {
            Kind::Timestamp => parse_moment(text, now).ok().map(KeyValue::Timestamp),
            Kind::Date => text.parse::<jiff::civil::Date>().ok().and_then(midnight).map(KeyValue::Timestamp),
            Kind::Integer => text.trim().parse().ok().map(KeyValue::Integer),
            Kind::Text => is_plain.then(|| KeyValue::Text(text.to_owned())),
            Kind::Token => is_plain.then(|| KeyValue::Token(text.to_owned())),
        }
    }

    /// What it is, and how it is written.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Kind::Timestamp => ("a point in time", "2026-01-31, 2026-01-31T12:00:00Z or \"30 days\""),
            Kind::Date => ("a date", "2026-01-31"),
            Kind::Integer => ("an integer", "it in digits"),
            Kind::Text => ("a text", "it on one line, and not empty"),
            Kind::Token => {
                ("the token of a feed", "one that the API has given, as `state show --format json` tells it")
            }
        }
    }
}

fn midnight(day: jiff::civil::Date) -> Option<Timestamp> {
    day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|moment| moment.timestamp())
}

#[cfg(test)]
mod tests;
