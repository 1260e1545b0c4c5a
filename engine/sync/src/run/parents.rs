//! What a page of parents gives to the streams that are fetched for each of its records.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use tapwright_spec::model::Replication;
use xxhash_rust::xxh3::xxh3_64;

use super::change::{Change, Changed};
use super::family::{Broken, Reading};
use crate::extract::Page;
use crate::normalise::Picker;
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
    /// The stream's fields, by place.
    names: Vec<String>,
    /// Hashes of the last page's records: a walk that restarts from a key brings some of them again, and
    /// their children need not come twice.
    last: HashSet<u64>,
}

fn no_parent(page: &Page, at: usize, reason: &str) -> Broken {
    Broken::Failed(format!("{}: record {} cannot be a parent: {reason}", page.request, at + 1))
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
    /// For the children of `step`.
    pub(super) fn new(reading: &Reading, step: &Step) -> Result<Parents, Broken> {
        let stream = &reading.connector.streams[step.stream];
        let picker = |names: &[String]| Picker::new(stream, names).map_err(|fault| Broken::Failed(fault.to_string()));
        let reads = |child: &Step| {
            reading.connector.streams[child.stream]
                .for_each
                .as_ref()
                .map(|for_each| for_each.reads.clone())
                .unwrap_or_default()
        };
        let pickers = step.children.iter().map(|child| picker(&reads(child))).collect::<Result<_, _>>()?;
        let incremental = matches!(stream.replication, Replication::Incremental(_));
        let key = if incremental && !step.children.is_empty() { Some(picker(&[])?) } else { None };
        let change =
            if step.children.is_empty() { None } else { Change::of(stream, &reading.config, reading.clock.now()) };
        let names = stream.fields.iter().map(|field| field.name.clone()).collect();
        Ok(Parents { pickers, key, change, names, last: HashSet::new() })
    }

    /// What the records of a page give.
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
            let added = match self.change.as_ref().map(|change| change.record(record, grandparent)) {
                None => Vec::new(),
                Some(Changed::Kept(added)) => added,
                Some(Changed::LeftOut) => continue,
                Some(Changed::Refused(reason)) => return Err(no_parent(page, at, &reason)),
            };
            for (picker, values) in self.pickers.iter_mut().zip(&mut found.values) {
                let mut read = picker.read(record).map_err(|reason| no_parent(page, at, &reason))?;
                for (field, value) in &added {
                    read.insert(self.names[*field].clone(), value.clone());
                }
                values.push(Arc::new(read));
            }
            let key = self.key.as_mut().and_then(|picker| picker.key_of(record));
            if key.as_ref().is_some_and(|key| found.key.as_ref().is_none_or(|greatest| greatest < key)) {
                found.key = key;
            }
        }
        Ok(found)
    }
}
