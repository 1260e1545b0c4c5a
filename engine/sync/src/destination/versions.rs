//! Which of the records that a load brings are news, for a place that keeps records and makes no rows of them.

use std::path::Path;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::files::{Repeats, Version, count_new};
use super::row::{Put, put_key, tagged};
use super::{Delivery, Fault, Written};
use crate::normalise::{Cell, Changed, Kept};

/// The rows that the records of a load have made so far.
#[derive(Default)]
pub(crate) struct Versions {
    repeats: Repeats,
    bytes: Vec<u8>,
}

impl Versions {
    /// For each row of a delivery whether it is news; `told` is told what became of it, `place` is a folder.
    ///
    /// # Errors
    /// A [`Fault`] if the keys find no room.
    pub(crate) fn judge(
        &mut self,
        delivery: &Delivery<'_, '_>,
        place: &str,
        told: &mut Written,
    ) -> Result<Vec<bool>, Fault> {
        let (batch, tables) = (delivery.batch, delivery.tables);
        let mut news = Vec::with_capacity(batch.records());
        let said: Vec<u64> = rows(delivery).map(said).collect();
        for root in 0..batch.records() {
            let own = batch.table(0);
            let cell = |column: usize| own.cells(own.all()[root]).get(column).unwrap_or(&Cell::Null);
            let is_marked = tables.deleted().is_some_and(|column| !cell(column).is_empty());
            let key = match batch.identities().get(root) {
                Some(identity) => *identity,
                None if tables.key().is_empty() => {
                    count_new(told, is_marked);
                    news.push(true);
                    continue;
                }
                None => {
                    self.bytes.clear();
                    let kinds = tables.key().iter().map(|column| tables.all()[0].columns[*column].kind);
                    for (kind, column) in kinds.zip(tables.key()) {
                        let value = cell(*column);
                        let put = put_key(&mut self.bytes, kind, Put::Cell(value));
                        // What no destination could tell by its meaning is told by its text.
                        put.or_else(|| tagged(&mut self.bytes, format!("{value:?}").as_bytes()));
                    }
                    xxh3_128(&self.bytes)
                }
            };
            let order = tables.replication_key().map_or(&Cell::Null, cell);
            let is_bare = batch.tombstones().binary_search(&root).is_ok();
            let hash = said.get(root).copied().unwrap_or(batch.hashes()[root]);
            // Whether it is older a place says that has the row.
            let may_lack_order = true;
            let version = Version { key, hash, order, is_bare, may_lack_order, is_marked };
            let is_news = self.repeats.is_news(&version, told, Path::new(place));
            news.push(is_news.map_err(|error| Fault::of_files(place, &error))?);
        }
        Ok(news)
    }
}

/// The records that became rows, in their order.
fn rows<'d>(delivery: &'d Delivery<'_, '_>) -> impl Iterator<Item = &'d Changed<'d>> {
    let mut aside = delivery.batch.rejected().iter().peekable();
    delivery.records.iter().filter(move |record| {
        let Some(text) = record.text() else { return false };
        aside.next_if(|rejected| std::ptr::eq(rejected.record, text)).is_none()
    })
}

/// A hash of all that a record says: whether a member is null or not there may count where it is loaded.
fn said(record: &Changed<'_>) -> u64 {
    match record {
        Changed::Kept(Kept { record, added }) | Changed::Gone(Kept { record, added }) if !added.is_empty() => {
            xxh3_64(format!("{record}{added:?}").as_bytes())
        }
        other => xxh3_64(other.text().unwrap_or_default().as_bytes()),
    }
}
