//! What the children of a page's records need of them.

use std::collections::HashSet;

use serde_json::{Map, Value};
use tapwright_spec::model::{Replication, Stream};
use xxhash_rust::xxh3::xxh3_64;

use super::change::Change;
use super::family::{Broken, Reading};
use crate::extract::Page;
use crate::normalise::{Added, Changed, Kept, Picker};
use crate::plan::{Names, Occasion, Occasions, Step, Values};
use crate::state::KeyValue;

/// Reads from a page what the children of its records need.
pub(super) struct Parents<'r> {
    stream: &'r Stream,
    /// For each child, in order, what reads its parents and makes slices of them.
    children: Vec<Child<'r>>,
    /// Gives the replication key, where a child's bookmark hangs on it.
    key: Option<Picker>,
    change: Option<Change>,
    /// Whether the records are loaded themselves.
    loaded: bool,
    /// Hashes of the last page's records: a walk that restarts from a key brings some of them again, and
    /// their children need not come twice.
    last: HashSet<u64>,
}

/// A stream that is read for records.
struct Child<'r> {
    name: &'r str,
    picker: Picker,
    occasions: Occasions,
}

/// Why a record has no children.
enum Unread {
    /// It does not fit its table.
    Unfit(String),
    /// Whether it counts for this child, nobody can tell.
    Unjudged(String),
}

/// What the children of a page's records need.
#[derive(Default)]
pub(super) struct Found {
    /// For each child, what it is fetched for.
    pub(super) occasions: Vec<Vec<Occasion>>,
    /// The greatest replication key on the page.
    pub(super) key: Option<KeyValue>,
}

impl<'r> Parents<'r> {
    pub(super) fn new(reading: &'r Reading, step: &Step) -> Result<Parents<'r>, Broken> {
        let streams = &reading.connector.streams;
        let stream = &streams[step.stream];
        let picker = |names: &[String]| Picker::new(stream, names).map_err(|fault| Broken::Failed(fault.to_string()));
        let mut children = Vec::new();
        for child in step.children.iter().map(|child| &streams[*child]) {
            let Some(for_each) = &child.for_each else { continue };
            let mut reads = for_each.parents().map(|parents| parents.reads.clone()).unwrap_or_default();
            if child.keeps_slices() {
                reads.extend(stream.primary_key.iter().cloned());
            }
            let made = Values::of(&reading.config, reading.clock.now());
            children.push(Child {
                name: &child.name,
                picker: picker(&reads)?,
                occasions: Occasions::of(child, for_each, made),
            });
        }
        let incremental = matches!(stream.replication, Replication::Incremental(_));
        // Nobody else reads the key of a stream that is not loaded.
        let alone = !step.load && !step.routed.is_empty();
        let wanted = !children.is_empty() || alone;
        let key = if incremental && wanted { Some(picker(&[])?) } else { None };
        let change = wanted.then(|| Change::of(stream, &reading.config, reading.clock.now()));
        Ok(Parents { stream, children, key, change, loaded: step.load, last: HashSet::new() })
    }

    /// What `add` gives, by name.
    fn named(&self, added: Vec<Added>) -> Map<String, Value> {
        added.into_iter().filter_map(|(at, value)| Some((self.stream.fields.get(at)?.name.clone(), value))).collect()
    }

    /// Whether all parents so far were in a batch.
    pub(super) fn is_even(&self) -> bool {
        !self.children.iter().any(|child| child.occasions.is_waiting())
    }

    /// What is left when there are no more pages.
    pub(super) fn rest(&mut self) -> Vec<Vec<Occasion>> {
        self.children.iter_mut().map(|child| child.occasions.rest()).collect()
    }

    pub(super) fn of(&mut self, page: &Page, own: Option<&Names>) -> Result<Found, Broken> {
        let mut found = Found { occasions: vec![Vec::new(); self.children.len()], key: None };
        if self.children.is_empty() && self.key.is_none() {
            return Ok(found);
        }
        let before = std::mem::take(&mut self.last);
        for at in 0..page.records.len() {
            let record = page.record(at);
            let hash = xxh3_64(record.as_bytes());
            self.last.insert(hash);
            if before.contains(&hash) {
                continue;
            }
            let mut changed = Vec::new();
            if let Some(change) = &self.change {
                change.apply(record, own, &mut changed);
            }
            for one in changed {
                let read = match one {
                    Changed::LeftOut | Changed::Gone(_) => continue,
                    Changed::Kept(kept) => self.read(kept, &mut found),
                    Changed::Refused(_, reason) | Changed::Unsplit(_, reason) => Err(Unread::Unfit(reason)),
                };
                let place = || format!("{}: record {}", page.request, at + 1);
                match read {
                    Ok(()) => {}
                    // The loader sets it aside and tells of it; what is set aside has no children.
                    Err(Unread::Unfit(_)) if self.loaded => {}
                    Err(Unread::Unfit(reason)) => {
                        return Err(Broken::Failed(format!("{} cannot be a parent: {reason}", place())));
                    }
                    Err(Unread::Unjudged(why)) => return Err(Broken::Failed(format!("{}: {why}", place()))),
                }
            }
        }
        Ok(found)
    }

    /// Reads what the children need of one record.
    fn read(&mut self, kept: Kept<'_>, found: &mut Found) -> Result<(), Unread> {
        let added = self.named(kept.added);
        let key = self.key.as_mut().and_then(|picker| picker.key_of(&kept.record));
        if key.as_ref().is_some_and(|key| found.key.as_ref().is_none_or(|greatest| greatest < key)) {
            found.key = key;
        }
        for (child, made) in self.children.iter_mut().zip(&mut found.occasions) {
            let read =
                child.picker.read(&kept.record).map_err(Unread::Unfit)?.into_iter().chain(added.clone()).collect();
            let values = keyed(&self.stream.primary_key, read).map_err(Unread::Unfit)?;
            let unjudged = |why| Unread::Unjudged(format!("whether `{}` is read for it: {why}", child.name));
            made.extend(child.occasions.parent(self.stream, values).map_err(unjudged)?);
        }
        Ok(())
    }
}

/// The values of a parent, unless its key is missing.
fn keyed(key: &[String], read: Map<String, Value>) -> Result<Map<String, Value>, String> {
    match key.iter().find(|name| read.get(*name).is_some_and(Value::is_null)) {
        Some(name) => Err(format!("the primary key `{name}` is missing or null")),
        None => Ok(read),
    }
}
