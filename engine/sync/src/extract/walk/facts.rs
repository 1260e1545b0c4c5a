//! What is known of a page: what leads on from it, its totals, its last key.

use serde_json::Value;
use tapwright_spec::exact;
use tapwright_spec::model::{Next, Replication, Stop, Token, Total};
use xxhash_rust::xxh3::xxh3_64;

use super::Walk;
use crate::extract::ExtractError;
use crate::extract::fault::FaultKind;
use crate::extract::key::{identity, key, key_of};
use crate::extract::verdict::{Accepted, Seen, holds};
use crate::paginate::{Facts, Key, PagingFault, Turn};

impl Walk<'_> {
    pub(super) fn facts<'p>(&self, accepted: &'p Accepted, shown: &str) -> Result<Facts<'p>, ExtractError> {
        let fetched = &accepted.fetched;
        Ok(Facts {
            url: &fetched.url,
            records: accepted.split.records.len() as u64,
            next: self.leads_on(accepted),
            more: None,
            link: fetched.response.headers.get("Link"),
            total: None,
            content: content(accepted),
            ends: self.ends(accepted),
            repeats: self.repeats(accepted),
            last_key: self.last_key(accepted, shown)?,
            stop: self.stops(accepted)?,
        })
    }

    /// What stands where the next URL, the cursor or the object to merge should.
    fn leads_on(&self, accepted: &Accepted) -> Option<Value> {
        match &self.slice.stream.pagination.next {
            Next::Cursor { token: Token::Header(name), .. } => {
                accepted.fetched.response.headers.get(name).map(Value::from)
            }
            Next::Cursor { token: Token::Last(keys), .. } => {
                let last = accepted.split.records.last()?;
                let record = exact::read(&accepted.records_text()[last.clone()]).ok()?;
                keys.iter().try_fold(&record, |value, key| value.get(key)).cloned()
            }
            _ => self.asking.wanted.next.and_then(|slot| value_at(accepted, slot)),
        }
    }

    pub(super) fn more(&self, accepted: &Accepted) -> Result<Option<bool>, PagingFault> {
        let Some(slot) = self.asking.wanted.more else {
            return Ok(None);
        };
        match value_at(accepted, slot) {
            Some(Value::Bool(more)) => Ok(Some(more)),
            Some(other) => Err(PagingFault::More(format!("{} stands there, not true or false", exact::write(&other)))),
            None => Err(PagingFault::More("the answer has no such value".to_owned())),
        }
    }

    pub(super) fn total(&self, accepted: &Accepted) -> Result<Option<u64>, PagingFault> {
        let told = match &self.slice.stream.pagination.total {
            Some(Total::Header(name)) => accepted.fetched.response.headers.get(name).map(Value::from),
            _ => self.asking.wanted.total.and_then(|slot| value_at(accepted, slot)),
        };
        let Some(value) = told else {
            return Ok(None);
        };
        let number = match &value {
            Value::Null => return Ok(None),
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.map(Some).ok_or_else(|| PagingFault::Total(exact::write(&value)))
    }

    fn stops(&self, accepted: &Accepted) -> Result<bool, ExtractError> {
        for stop in &self.slice.stream.pagination.stop {
            if let Stop::When(condition) = stop {
                let seen = Seen {
                    response: &accepted.fetched.response,
                    text: &accepted.text,
                    number: self.number,
                    records: accepted.split.records.len(),
                };
                if holds("pagination.stop", condition, &self.scope, seen)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// What tells the first and the last record from others, where a page begins with the last of the one before.
    fn ends(&self, accepted: &Accepted) -> Option<(u64, u64)> {
        let stream = self.slice.stream;
        let records = accepted.split.records.as_slice();
        let ([first, ..], [.., last], true) = (records, records, stream.pagination.overlaps()) else { return None };
        let text = accepted.records_text();
        Some((identity(stream, &text[first.clone()]), identity(stream, &text[last.clone()])))
    }

    /// Whether a record of the page stood on an earlier one, where a walk begins anew from keys.
    fn repeats(&self, accepted: &Accepted) -> bool {
        !self.seen.is_empty() && hashes(accepted).any(|hash| self.seen.contains(&hash))
    }

    /// Remembers the page's records as long as no new walk begins.
    pub(super) fn see(&mut self, accepted: &Accepted, turn: &Turn) {
        match turn {
            Turn::Go(_) if self.slice.stream.pagination.restart_after.is_some() => self.seen.extend(hashes(accepted)),
            _ => self.seen.clear(),
        }
    }

    /// The replication key of the page's last record, where a walk begins anew from it.
    fn last_key(&self, accepted: &Accepted, shown: &str) -> Result<Option<Key>, ExtractError> {
        let stream = self.slice.stream;
        let (Some(_), Replication::Incremental(incremental), Some(last)) =
            (stream.pagination.restart_after, &stream.replication, accepted.split.records.last())
        else {
            return Ok(None);
        };
        let Some(name) = incremental.key() else { return Ok(None) };
        let record = crate::reshape::last(stream, &accepted.records_text()[last.clone()]);
        let value = stream.field(name).zip(record).and_then(|(field, record)| key_of(field, &record));
        match value {
            Some(value) => Ok(Some(key(stream, value))),
            None => Err(ExtractError::new(
                &self.source.redactor,
                FaultKind::Paging,
                shown,
                &format!("the page's last record has no readable `{name}`, from which the walk would begin anew"),
            )),
        }
    }
}

pub(super) fn value_at(accepted: &Accepted, slot: usize) -> Option<Value> {
    let range = accepted.split.values.get(slot).cloned().flatten()?;
    exact::read(&accepted.text[range]).ok()
}

/// Hashes of the records.
fn hashes(accepted: &Accepted) -> impl Iterator<Item = u64> {
    let text = accepted.records_text();
    accepted.split.records.iter().map(|record| xxh3_64(&text.as_bytes()[record.clone()]))
}

/// Hash of the text from the first record to the last.
fn content(accepted: &Accepted) -> u64 {
    let records = &accepted.split.records;
    match (records.first(), records.last()) {
        (Some(first), Some(last)) => xxh3_64(&accepted.records_text().as_bytes()[first.start..last.end]),
        _ => 0,
    }
}
