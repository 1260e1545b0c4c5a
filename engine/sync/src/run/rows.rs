//! The records of a page -> its rows, as the spec changes and normalises them.

use tapwright_spec::model::{Stream, Unlisted};

use super::change::{Changed, Kept};
use crate::normalise::{Batch, NameFault, Normaliser};

/// Reads the records of a stream, page by page.
pub(crate) struct RowReader {
    normaliser: Normaliser,
    /// The spec says `unlisted: fail`.
    strict: bool,
}

/// What the records of a page have become.
pub(crate) struct PageRows<'c> {
    /// The rows.
    pub(crate) batch: Batch<'c>,
    /// The places among the records of those that were set aside, from 0.
    pub(crate) rejected: Vec<usize>,
    /// Records that `keep_if` left out.
    pub(crate) left_out: u64,
    /// Why the stream cannot go on: the place of the record that has what no field reads, and the member.
    pub(crate) unlisted: Option<(usize, String)>,
}

impl RowReader {
    /// For the records of `stream`.
    ///
    /// # Errors
    /// As [`Normaliser::new`].
    pub(crate) fn new(stream: &Stream) -> Result<RowReader, NameFault> {
        Ok(RowReader { normaliser: Normaliser::new(stream)?, strict: stream.unlisted == Unlisted::Fail })
    }

    /// The reader of single records.
    pub(crate) fn normaliser(&self) -> &Normaliser {
        &self.normaliser
    }

    /// As [`RowReader::normaliser`].
    pub(crate) fn normaliser_mut(&mut self) -> &mut Normaliser {
        &mut self.normaliser
    }

    /// Reads a page: once more where it shows that a column which it made should be of a wider type.
    pub(crate) fn page<'c>(&mut self, records: &'c [Changed<'_>]) -> PageRows<'c> {
        self.normaliser.begin_page();
        loop {
            let read = self.once(records);
            if !self.normaliser.widened() {
                return read;
            }
        }
    }

    fn once<'c>(&mut self, records: &'c [Changed<'_>]) -> PageRows<'c> {
        let mut read = PageRows { batch: Batch::new(), rejected: Vec::new(), left_out: 0, unlisted: None };
        for (at, changed) in records.iter().enumerate() {
            let before = read.batch.rejected().len();
            match changed {
                Changed::Kept(Kept { record, added }) => self.normaliser.read(record, added, &mut read.batch),
                Changed::LeftOut => read.left_out += 1,
                Changed::Refused(record, reason) => read.batch.refuse(reason.clone(), record),
            }
            if read.batch.rejected().len() > before {
                read.rejected.push(at);
            }
            if self.strict
                && let Some(name) = self.normaliser.unlisted().first()
            {
                read.unlisted = Some((at, name.clone()));
                return read;
            }
        }
        read
    }
}

/// Why a stream fails whose spec says `unlisted: fail`.
pub(crate) fn stray(place: &str, name: &str) -> String {
    format!(
        "{place} has `{name}`, which no field reads, and the spec says `unlisted: fail`; declare it under \
         `fields`, or choose another policy"
    )
}
