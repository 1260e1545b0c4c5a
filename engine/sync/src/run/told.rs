//! What the journal is told of a run.

use tapwright_spec::Connector;
use tapwright_spec::counted;
use tapwright_spec::model::Stream;

use super::Ending;
use super::loading::Loading;
use crate::journal::{Journal, Level, Part};
use crate::plan::Plan;
use crate::report::Verdict;
use crate::state::{Draft, KeyValue, State};

/// The journal of a run, with the columns of the bookmarks.
#[derive(Default)]
pub(super) struct Told {
    pub(super) journal: Journal,
    /// By stream: the column whose greatest value is its bookmark.
    keys: Vec<(String, String)>,
}

impl Told {
    /// For the streams of a connector.
    pub(super) fn new(journal: &Journal, connector: &Connector) -> Told {
        let key = |stream: &Stream| {
            let key = connector.keyed_by(stream).own_key().unwrap_or("bookmark");
            (stream.name.clone(), key.to_owned())
        };
        Told { journal: journal.clone(), keys: connector.streams.iter().map(key).collect() }
    }

    /// Where each stream begins.
    pub(super) fn begun(&self, connector: &Connector, plan: &Plan, state: &State) {
        for step in plan.steps().into_iter().filter(|step| step.load) {
            let name = &connector.streams[step.stream].name;
            let known = state.of(name);
            let say = |words: String| self.journal.tell(Part::Tap, Level::Info, name, words);
            match (&known.bookmark, known.slices.len()) {
                (Some(bookmark), _) => say(format!("found current bookmark: {bookmark}")),
                (None, 0) => {}
                (None, slices) => say(format!("found current bookmarks of {}", counted(slices, "slice"))),
            }
            step.note.iter().for_each(|note| say(note.clone()));
        }
    }

    /// What a commit has made stay: rows, and bookmarks that moved.
    pub(super) fn committed<'l>(&self, streams: impl Iterator<Item = &'l mut Loading>, state: &State, draft: &Draft) {
        for loading in streams.filter(|loading| !loading.staged() || loading.ending.is_some()) {
            let rows = loading.counts.untold(loading.filling.rows.normaliser().tables());
            if !rows.is_empty() {
                let all = counted(rows.values().sum::<u64>(), "row");
                self.journal.committed(&loading.filling.name, format!("committed {all}"), rows);
            }
        }
        for (stream, next) in draft.changed() {
            let known = state.of(stream);
            let say = |words: String| self.journal.tell(Part::Target, Level::Info, stream, words);
            let moved = next.bookmark.as_ref().filter(|bookmark| known.bookmark.as_ref() != Some(bookmark));
            match moved {
                // It says nothing to people, and a log is no place for it.
                Some(KeyValue::Token(_)) => say("state update: the feed's token".to_owned()),
                Some(bookmark) => say(format!("state update: {} = {bookmark}", self.key(stream))),
                None => {}
            }
            let slices = next.slices.iter().filter(|(id, key)| known.slices.get(*id) != Some(key)).count();
            if slices > 0 {
                say(format!("state update: the bookmarks of {}", counted(slices, "slice")));
            }
        }
    }

    fn key(&self, stream: &str) -> &str {
        self.keys.iter().find(|(name, _)| name == stream).map_or("bookmark", |(_, key)| key)
    }

    /// What a stream came to.
    pub(super) fn ended(&self, loading: &Loading, ending: &Ending) {
        let say = |level, words: String| self.journal.tell(Part::Tap, level, &loading.filling.name, words);
        for one in loading.counts.rejections() {
            say(Level::Warning, format!("{} set aside: {}", counted(one.records, "record"), one.reason));
        }
        for one in loading.counts.discards() {
            say(Level::Warning, format!("{} left out: {}", counted(one.values, "value"), one.reason));
        }
        loading.filling.changes.all().for_each(|change| say(Level::Info, change.to_string()));
        ending.notes.iter().for_each(|note| say(Level::Info, note.clone()));
        let level = match ending.verdict {
            Verdict::Complete => Level::Info,
            Verdict::Bounded => Level::Warning,
            Verdict::Failed => Level::Error,
        };
        say(level, format!("{}: {}", ending.verdict.word(), ending.reason));
    }
}
