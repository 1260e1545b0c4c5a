//! The records of a page -> its rows, as the spec changes and normalises them.

use tapwright_spec::model::{Replication, Stream, Unlisted};

use super::counts::without_value;
use crate::normalise::{Batch, Changed, Kept, NameFault, Normaliser};

/// Reads the records of a stream, page by page.
pub(crate) struct RowReader {
    normaliser: Normaliser,
    /// The spec says `unlisted: fail`.
    strict: bool,
    /// What is not read is taken for gone.
    full: bool,
}

/// What the records of a page have become.
pub(crate) struct PageRows<'c> {
    /// The rows.
    pub(crate) batch: Batch<'c>,
    /// The places among the records of those that were set aside, from 0.
    pub(crate) rejected: Vec<usize>,
    /// Records that `keep_if` left out.
    pub(crate) left_out: u64,
    /// Why the stream cannot go on, with the place of the record that says so.
    pub(crate) fault: Option<(usize, String)>,
}

impl RowReader {
    /// For the records of `stream`.
    ///
    /// # Errors
    /// As [`Normaliser::new`].
    pub(crate) fn new(stream: &Stream) -> Result<RowReader, NameFault> {
        let full = matches!(stream.replication, Replication::FullTable);
        Ok(RowReader { normaliser: Normaliser::new(stream)?, strict: stream.unlisted == Unlisted::Fail, full })
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
        let batch = self.normaliser.batch(records.len());
        let mut read = PageRows { batch, rejected: Vec::new(), left_out: 0, fault: None };
        for (at, changed) in records.iter().enumerate() {
            let before = read.batch.rejected().len();
            match changed {
                Changed::Kept(Kept { record, added }) => self.normaliser.read(record, added, &mut read.batch),
                Changed::Gone(Kept { record, added }) => self.normaliser.read_gone(record, added, &mut read.batch),
                Changed::LeftOut => read.left_out += 1,
                Changed::Refused(record, reason) => self.normaliser.refuse(reason.clone(), record, &mut read.batch),
                Changed::Unsplit(_, reason) if self.full => {
                    read.fault = Some((at, format!("{reason}; without its records a full table would lose rows")));
                    return read;
                }
                Changed::Unsplit(record, reason) => self.normaliser.refuse(reason.clone(), record, &mut read.batch),
            }
            if read.batch.rejected().len() > before {
                read.rejected.push(at);
            }
            if let Some(reason) = self.normaliser.stopped() {
                read.fault = Some((at, format!("{}; the spec says `schema_changes: fail`", without_value(reason))));
                return read;
            }
            if self.strict
                && let Some(name) = self.normaliser.unlisted().first()
            {
                read.fault = Some((at, stray(name)));
                return read;
            }
        }
        read
    }
}

/// Why a stream fails whose spec says `unlisted: fail`.
fn stray(name: &str) -> String {
    format!(
        "no field reads `{name}`, and the spec says `unlisted: fail`; declare it under `fields`, name it under `remove`, \
         or choose another policy"
    )
}
