//! A stream whose API does not filter, or gives the newest first: what is older than the bookmark is left out
//! here, and a walk ends where everything is older.

use jiff::Timestamp;
use tapwright_spec::model::{FieldType, Filter, Incremental, Order, Replication, Stream};

use crate::extract::Page;
use crate::normalise::{NameFault, Picker};
use crate::reshape::Shape;
use crate::state::KeyValue;

/// Compares the records of one walk with the bookmark.
pub(super) struct Recent {
    picker: Picker,
    shape: Option<Shape>,
    /// Strictly older than this is older than the bookmark.
    since: KeyValue,
    leaves_out: bool,
    descending: bool,
    last: Option<KeyValue>,
    disorder: Option<String>,
}

/// What came of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sifted {
    /// Records that were left out.
    pub(super) left_out: u64,
    /// Nothing newer is to be expected behind it.
    pub(super) is_last: bool,
}

impl Recent {
    /// For a walk from `since` on, where there is something to compare.
    pub(super) fn of(stream: &Stream, since: Option<&KeyValue>) -> Result<Option<Recent>, NameFault> {
        let (Replication::Incremental(incremental), Some(since)) = (&stream.replication, since) else {
            return Ok(None);
        };
        let leaves_out = incremental.filter == Filter::ClientSide;
        let descending = incremental.order == Order::Descending;
        if !leaves_out && !descending {
            return Ok(None);
        }
        let since = rounded(stream, incremental, since.clone());
        let picker = Picker::new(stream, &[])?;
        Ok(Some(Recent { picker, shape: Shape::of(stream), since, leaves_out, descending, last: None, disorder: None }))
    }

    /// Takes the older records out of a page. A record without a readable key is never old.
    pub(super) fn sift(&mut self, page: &mut Page) -> Sifted {
        let came = page.records.len();
        let keys: Vec<Option<KeyValue>> = (0..came).map(|at| self.newest(page.record(at))).collect();
        self.note_order(&keys);
        let is_older = |key: &Option<KeyValue>| key.as_ref().is_some_and(|key| *key < self.since);
        let older = keys.iter().filter(|key| is_older(key)).count();
        if self.leaves_out && older > 0 {
            let mut keys = keys.iter();
            page.records.retain(|_| !keys.next().is_some_and(&is_older));
        }
        Sifted {
            left_out: if self.leaves_out { older as u64 } else { 0 },
            is_last: self.descending && self.disorder.is_none() && came > 0 && older == came,
        }
    }

    /// The key of a record; of one that becomes several the greatest, and none if one of them has none.
    fn newest(&mut self, record: &str) -> Option<KeyValue> {
        let Some(shape) = &self.shape else { return self.picker.key_of(record) };
        let records = shape.each(record).ok()?;
        let keys: Option<Vec<KeyValue>> = records.iter().map(|one| self.picker.key_of(one)).collect();
        keys?.into_iter().reduce(|one, other| if one < other { other } else { one })
    }

    fn note_order(&mut self, keys: &[Option<KeyValue>]) {
        for key in keys.iter().flatten().filter(|_| self.descending) {
            if let Some(before) = self.last.as_ref().filter(|last| *last < key) {
                self.disorder.get_or_insert_with(|| {
                    format!(
                        "the spec says `order: descending`, and {key} came after {before}: read on to the end, since newer \
                         records may stand behind older ones; correct the order, or ask the API for it"
                    )
                });
            }
            self.last = Some(key.clone());
        }
    }

    /// From where on records are loaded, for people.
    pub(super) fn since(&self) -> &KeyValue {
        &self.since
    }

    /// What shows that the newest do not come first.
    pub(super) fn disorder(&self) -> Option<&str> {
        self.disorder.as_deref()
    }

    /// Whether the newest come first, as far as was read: then a record that moves while pages are read moves to
    /// where it was, or away from what was, and pushes others on to pages that are to come.
    pub(super) fn is_in_order(&self) -> bool {
        self.descending && self.disorder.is_none()
    }
}

/// `since`, down to what the records' times can tell apart: a bookmark may be the beginning of a run, to the
/// nanosecond, and a record of the same moment is written to the second, the minute or the day.
fn rounded(stream: &Stream, incremental: &Incremental, since: KeyValue) -> KeyValue {
    let KeyValue::Timestamp(moment) = since else { return since };
    let field = incremental.key().and_then(|key| stream.field(key));
    let coarse = |unit: i64| Timestamp::from_second(moment.as_second().div_euclid(unit) * unit).unwrap_or(moment);
    KeyValue::Timestamp(match field {
        Some(field) if field.kind == FieldType::Date => coarse(24 * 60 * 60),
        Some(field) => field.format.read(&field.format.write(moment)).unwrap_or(moment).min(coarse(60)),
        None => coarse(60),
    })
}
