//! What the children of a page's records need of them.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use tapwright_spec::model::Replication;
use xxhash_rust::xxh3::xxh3_64;

use super::change::{Change, Changed, Kept};
use super::family::{Broken, Reading};
use crate::extract::Page;
use crate::normalise::{Added, Picker};
use crate::plan::Step;
use crate::state::KeyValue;

/// A parent's values, as its children's expressions read them.
pub(super) type Parent = Arc<Map<String, Value>>;

/// Reads from a page what the children of its records need.
pub(super) struct Parents {
    /// One for each child, in order.
    pickers: Vec<Picker>,
    /// Gives the replication key, where a child's bookmark hangs on it.
    key: Option<Picker>,
    change: Option<Change>,
    primary_key: Vec<String>,
    /// Names of the fields, for those that `add` gives.
    fields: Vec<String>,
    /// Whether the records are loaded themselves.
    loaded: bool,
    /// Hashes of the last page's records: a walk that restarts from a key brings some of them again, and
    /// their children need not come twice.
    last: HashSet<u64>,
}

/// What the children of a page's records need.
#[derive(Default)]
pub(super) struct Found {
    /// For each child, the values of each parent.
    pub(super) values: Vec<Vec<Parent>>,
    /// The greatest replication key on the page.
    pub(super) key: Option<KeyValue>,
}

impl Parents {
    pub(super) fn new(reading: &Reading, step: &Step) -> Result<Parents, Broken> {
        let streams = &reading.connector.streams;
        let stream = &streams[step.stream];
        let picker = |names: &[String]| Picker::new(stream, names).map_err(|fault| Broken::Failed(fault.to_string()));
        let reads = |child: &Step| {
            streams[child.stream].for_each.as_ref().map(|for_each| for_each.reads.clone()).unwrap_or_default()
        };
        let pickers = step.children.iter().map(|child| picker(&reads(child))).collect::<Result<_, _>>()?;
        let incremental = matches!(stream.replication, Replication::Incremental(_));
        let key = if incremental && !step.children.is_empty() { Some(picker(&[])?) } else { None };
        let wanted = !step.children.is_empty();
        let change = wanted.then(|| Change::of(stream, &reading.config, reading.clock.now()));
        let primary_key = stream.primary_key.clone();
        let fields = stream.fields.iter().map(|field| field.name.clone()).collect();
        Ok(Parents { pickers, key, change, primary_key, fields, loaded: step.load, last: HashSet::new() })
    }

    /// What `add` gives, by name.
    fn named(&self, added: Vec<Added>) -> Map<String, Value> {
        added.into_iter().filter_map(|(at, value)| Some((self.fields.get(at)?.clone(), value))).collect()
    }

    pub(super) fn of(&mut self, page: &Page, grandparent: Option<&Parent>) -> Result<Found, Broken> {
        let mut found = Found { values: vec![Vec::new(); self.pickers.len()], key: None };
        if self.pickers.is_empty() {
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
                change.apply(record, grandparent, &mut changed);
            }
            for one in changed {
                let read = match one {
                    Changed::LeftOut => continue,
                    Changed::Kept(kept) => self.read(kept, &mut found),
                    Changed::Refused(_, reason) | Changed::Unsplit(_, reason) => Err(reason),
                };
                // The loader sets it aside and tells of it; what is set aside has no children.
                if let (Err(reason), false) = (read, self.loaded) {
                    let place = format!("{}: record {}", page.request, at + 1);
                    return Err(Broken::Failed(format!("{place} cannot be a parent: {reason}")));
                }
            }
        }
        Ok(found)
    }

    /// Reads what the children need of one record.
    fn read(&mut self, kept: Kept<'_>, found: &mut Found) -> Result<(), String> {
        let added = self.named(kept.added);
        let key = self.key.as_mut().and_then(|picker| picker.key_of(&kept.record));
        if key.as_ref().is_some_and(|key| found.key.as_ref().is_none_or(|greatest| greatest < key)) {
            found.key = key;
        }
        for (picker, values) in self.pickers.iter_mut().zip(&mut found.values) {
            let read = picker.read(&kept.record)?.into_iter().chain(added.clone()).collect();
            values.push(Arc::new(keyed(&self.primary_key, read)?));
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
