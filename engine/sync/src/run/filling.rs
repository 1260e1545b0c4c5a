//! The tables of a stream while they are filled: what reads its rows, and what the load changes of the tables.

use tapwright_spec::Connector;
use tapwright_spec::model::{LoadMode, Stream};

use super::rows::RowReader;
use crate::destination::{Destination, Fault, Mode, Opening};
use crate::normalise::NameFault;
use crate::state::StreamState;
use crate::survey::{Changes, bind, has_asking_hooks, is_bound};

/// The tables of a stream while they are filled.
pub(crate) struct Filling {
    pub(crate) name: String,
    pub(crate) rows: RowReader,
    pub(crate) mode: Mode,
    pub(crate) version: Option<i64>,
    /// What the load changes of the tables that were there.
    pub(crate) changes: Changes,
    /// Its hooks tell columns that nobody knows before.
    hooked: bool,
    /// The stream, if its tables may not simply get what its records need.
    bound: Option<Box<Stream>>,
}

impl Filling {
    /// For a load of `stream`, of which `known` is known.
    ///
    /// # Errors
    /// As [`RowReader::new`].
    pub(crate) fn of(
        connector: &Connector,
        stream: &Stream,
        known: &StreamState,
        (mode, version): (Mode, Option<i64>),
    ) -> Result<Filling, NameFault> {
        Ok(Filling {
            name: stream.name.clone(),
            rows: RowReader::new(stream)?,
            mode,
            version,
            changes: Changes::default(),
            hooked: has_asking_hooks(connector, stream),
            bound: is_bound(stream, known, mode).then(|| Box::new(stream.clone())),
        })
    }

    /// Whether rows wait until the load is complete.
    pub(crate) fn staged(&self) -> bool {
        self.mode.is_staged()
    }

    /// Whether it is loaded in the load mode `segment`.
    pub(super) fn merges(&self) -> bool {
        self.rows.normaliser().tables().load_mode() == LoadMode::Segment
    }

    fn opening(&self) -> Opening<'_> {
        let tables = self.rows.normaliser().tables();
        Opening { stream: &self.name, tables, mode: self.mode, version: self.version }
    }

    /// Opens the tables. Says why the stream cannot be loaded into them, if its spec asks for that.
    pub(crate) fn begin(&mut self, destination: &mut dyn Destination) -> Result<Option<String>, Fault> {
        if let Some(wide) = destination.bounds().too_wide(self.rows.normaliser().tables()).first() {
            return Ok(Some(wide.to_string()));
        }
        let refused = match &self.bound {
            Some(stream) => bind(destination, stream, self.rows.normaliser_mut(), (self.mode, self.version))?,
            None => None,
        };
        let mut changes = std::mem::take(&mut self.changes);
        changes.begin(destination, &self.opening(), self.rows.normaliser(), self.hooked)?;
        self.changes = changes;
        let existing = destination.begin(&self.opening())?;
        let normaliser = self.rows.normaliser_mut();
        normaliser.adopt(&existing);
        normaliser.keep_within(destination.bounds());
        Ok(refused)
    }

    /// Looks at what rows with columns that were seen since will change of the tables.
    pub(crate) fn grow(&mut self, destination: &mut dyn Destination) -> Result<(), Fault> {
        let mut changes = std::mem::take(&mut self.changes);
        changes.grow(destination, &self.opening(), self.rows.normaliser())?;
        self.changes = changes;
        Ok(())
    }

    /// Looks at what the end of the load changes of the tables.
    pub(crate) fn settle(&mut self, destination: &mut dyn Destination, complete: bool) -> Result<(), Fault> {
        let mut changes = std::mem::take(&mut self.changes);
        match complete {
            false if self.staged() => changes.discard(),
            true if self.mode.is_anew() => changes.end_anew(destination, &self.opening())?,
            _ => {}
        }
        self.changes = changes;
        Ok(())
    }
}
