//! Where each stream of a connector stands, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;
use tapwright_spec::Connector;
use tapwright_spec::model::{Replication, Stream};

use super::edit::{EditFault, known};
use super::{KeyValue, State};

/// Slices of a stream that the text shows among other streams; alone it shows all of them, as the JSON does.
const SHOWN: usize = 5;

/// Columns of a moment, to the second.
const WHEN: usize = 20;

/// Where a connector stands in a destination.
#[derive(Debug, Clone, Serialize)]
pub struct Standings {
    /// The connector.
    pub connector: String,
    /// The destination.
    pub destination: String,
    /// Its streams in the order of the spec, then those that only the state knows.
    pub streams: Vec<Standing>,
}

/// Where a stream stands.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// Its name.
    pub stream: String,
    /// `full_table`, `incremental` or `feed`; none for a stream that the spec does not list.
    pub replication: Option<&'static str>,
    /// The field whose greatest value is the bookmark.
    pub key: Option<String>,
    /// The stream whose bookmark its own is.
    pub keyed_by: Option<String>,
    /// The bookmark; of a feed, the token.
    pub bookmark: Option<KeyValue>,
    /// The bookmarks of slices.
    pub slices: BTreeMap<String, KeyValue>,
    /// The start date with which its first run began, if it was asked for one.
    pub start: Option<Timestamp>,
    /// When the last complete read was committed.
    pub completed: Option<Timestamp>,
}

impl Standings {
    /// Where the named streams stand, or all.
    ///
    /// # Errors
    /// [`EditFault::NoStream`].
    pub fn of(
        connector: &Connector,
        state: &State,
        destination: &str,
        wanted: &[String],
    ) -> Result<Standings, EditFault> {
        wanted.iter().try_for_each(|name| known(connector, state, name))?;
        let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
        let listed = connector.streams.iter().map(|stream| Standing::of(connector, &stream.name, state));
        let told = state.0.iter().filter(|(name, one)| connector.stream(name).is_none() && **one != Default::default());
        let told = told.map(|(name, _)| Standing::of(connector, name, state));
        let streams = listed.chain(told).filter(|one| is_wanted(&one.stream)).collect();
        Ok(Standings { connector: connector.name.clone(), destination: destination.to_owned(), streams })
    }

    /// As a table for people.
    pub fn to_text(&self) -> String {
        let width = self.streams.iter().map(|one| one.stream.len()).max().unwrap_or(0).max(6);
        let mut out = format!("{:width$}  {:WHEN$}  bookmark\n", "stream", "read whole");
        for one in &self.streams {
            let completed = one.completed.map_or_else(|| "never".to_owned(), |at| format!("{at:.0}"));
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{:width$}  {completed:WHEN$}  {}", one.stream, one.words());
            let most = if self.streams.len() == 1 { usize::MAX } else { SHOWN };
            for (id, key) in one.slices.iter().take(most) {
                let _ = writeln!(out, "{:width$}  {:WHEN$}  slice {id}: {key}", "", "");
            }
            if one.slices.len() > most {
                let more = one.slices.len() - most;
                let _ = writeln!(out, "{:width$}  {:WHEN$}  … and {more} more: --stream {}", "", "", one.stream);
            }
        }
        out
    }
}

impl Standing {
    fn of(connector: &Connector, name: &str, state: &State) -> Standing {
        let stream = connector.stream(name);
        let keyed = stream.map(|stream| connector.keyed_by(stream));
        let known = state.of(name);
        Standing {
            stream: name.to_owned(),
            replication: keyed.map(|keyed| match keyed.replication {
                Replication::FullTable => "full_table",
                Replication::Incremental(_) => "incremental",
                Replication::Feed(_) => "feed",
            }),
            key: keyed.and_then(Stream::own_key).map(str::to_owned),
            keyed_by: keyed.map(|keyed| keyed.name.clone()).filter(|keyed| keyed != name),
            bookmark: known.bookmark,
            slices: known.slices,
            start: known.start,
            completed: known.completed,
        }
    }

    /// The bookmark in words.
    fn words(&self) -> String {
        let key = match (&self.keyed_by, &self.key) {
            (Some(keyed), Some(key)) => format!("`{key}` of `{keyed}`: "),
            (Some(keyed), None) => format!("of `{keyed}`: "),
            (None, Some(key)) => format!("{key}: "),
            (None, None) => String::new(),
        };
        let own = match (&self.bookmark, self.slices.len(), self.replication) {
            (Some(bookmark), _, _) => format!("{key}{bookmark}"),
            (None, 0, Some("full_table")) => "none: every run reads all".to_owned(),
            (None, 0, Some(_)) => "none yet".to_owned(),
            (None, 0, None) => "none".to_owned(),
            (None, slices, _) => format!("{key}{}", tapwright_spec::counted(slices, "slice")),
        };
        let start = self.start.map(|start| format!(", read from {start} on")).unwrap_or_default();
        let gone = if self.replication.is_none() { "; not in the spec" } else { "" };
        format!("{own}{start}{gone}")
    }
}
