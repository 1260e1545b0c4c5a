//! Loads begin and end: tables are checked against the manifest, and files are listed in it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use tapwright_spec::counted;
use tapwright_spec::model::LoadMode;

use super::fold::Versions;
use super::format::Lane;
use super::load::{Load, columns_of};
use super::manifest::{Entry, Part};
use super::place::folder_of;
use super::{Files, REJECTED, Trouble};
use crate::destination::naming::distinct;
use crate::destination::shape::{self, Shape, rejected_columns};
use crate::destination::{Completion, Existing, Fault, Finished, Mode, Opening, Prospect};
use crate::normalise::{ColumnType, Tables};

impl Files {
    /// Checks the tables there are, and begins a load.
    pub(super) fn open_load(&mut self, opening: &Opening<'_>) -> Result<Existing, Trouble> {
        let anew = opening.mode == Mode::Rebuild;
        let mut shapes = self.shapes(opening)?;
        for shape in &mut shapes {
            self.owned(shape, opening)?;
        }
        if !anew {
            shape::follow(&mut shapes);
            shapes.iter().try_for_each(Shape::check_types)?;
        }
        let existing = shapes.iter().map(of_records).collect();
        let mut load = Load::new(opening, shapes);
        load.has_base = !anew && self.pending.tables.contains_key(&load.shapes[0].name);
        let rejected = self.pending.tables.get(REJECTED).into_iter().flat_map(|entry| &entry.files);
        load.earlier = rejected.map(|part| part.name.clone()).collect();
        if !load.staged() {
            self.register(&load);
        }
        self.loads.insert(opening.stream.to_owned(), load);
        Ok(existing)
    }

    /// What [`Files::open_load`] would find and do.
    pub(super) fn prospects(&self, opening: &Opening<'_>) -> Result<Vec<Prospect>, Trouble> {
        let mut shapes = match self.shapes(opening) {
            Ok(shapes) => shapes,
            Err(fault) => return Ok(vec![Prospect::refused(opening.stream, &fault)]),
        };
        let mut refused = Vec::new();
        for shape in &mut shapes {
            match self.owned(shape, opening) {
                Ok(()) => refused.push(None),
                Err(Trouble::Named(fault)) => refused.push(Some(Prospect::refused(&shape.name, &fault))),
                Err(trouble) => return Err(trouble),
            }
        }
        if opening.mode != Mode::Rebuild {
            shape::follow(&mut shapes);
        }
        let one = |(shape, refused): (&mut Shape, Option<Prospect>)| {
            let entry = self.pending.tables.get(&shape.name);
            if let Some(entry) = entry {
                shape.there.clone_from(&entry.columns);
                shape.key_before = Some(entry.primary_key.clone());
            }
            let found = refused.unwrap_or_else(|| shape.prospect(opening.mode, entry.is_some()));
            Prospect { columns: of_records(shape), ..found }
        };
        Ok(shapes.iter_mut().zip(refused).map(one).collect())
    }

    fn shapes(&self, opening: &Opening<'_>) -> Result<Vec<Shape>, Fault> {
        if opening.tables.load_mode() == LoadMode::Segment {
            return Err(Fault::NoMerging { place: self.place.clone() });
        }
        let (dialect, versioned) = (self.maker.format.dialect(), opening.version.is_some());
        let tables = opening.tables.all().iter();
        let shapes: Vec<Shape> = tables.map(|table| Shape::new(dialect, opening.tables, table, versioned)).collect();
        distinct(shapes.iter().map(|shape| (shape.said.as_str(), shape.name.as_str())))?;
        Ok(shapes)
    }

    /// Finds what the manifest says of a table; a fault if it is somebody else's, has another key or lacks files.
    fn owned(&self, shape: &mut Shape, opening: &Opening<'_>) -> Result<(), Trouble> {
        let foreign = |owner| Trouble::from(Fault::Foreign { table: shape.name.clone(), owner });
        let folder = self.paths.root.join(folder_of(&shape.name));
        let Some(entry) = self.pending.tables.get(&shape.name) else {
            let is_used = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
            return if is_used { Err(foreign("some other program made its folder".to_owned())) } else { Ok(()) };
        };
        if (entry.connector.as_str(), entry.stream.as_str()) != (self.connector.as_str(), opening.stream) {
            let owner = format!("the connector `{}` made it for `{}`", entry.connector, entry.stream);
            return Err(foreign(owner));
        }
        if opening.mode == Mode::Rebuild {
            return Ok(());
        }
        if entry.primary_key != shape.key_text() {
            let (before, now) = (entry.primary_key.clone(), shape.key_text());
            return Err(Fault::KeyChanged { table: shape.name.clone(), before, now }.into());
        }
        self.intact(entry)?;
        shape.there.clone_from(&entry.columns);
        Ok(())
    }

    /// All files of a table are there, in full length.
    fn intact(&self, entry: &Entry) -> Result<(), Trouble> {
        for part in &entry.files {
            let path = self.paths.part(entry, &part.name);
            let bytes = std::fs::metadata(&path).ok().map(|told| told.len());
            let aside = std::fs::metadata(self.paths.aside.join(&part.name)).ok().map(|told| told.len());
            if bytes.or(aside) != Some(part.bytes) {
                let found = bytes.map_or("it is gone".to_owned(), |bytes| format!("it has {}", counted(bytes, "byte")));
                let reason =
                    format!("{} had {} when it was written, and {found}", path.display(), counted(part.bytes, "byte"));
                return Err(Fault::Damaged { place: self.place.clone(), reason }.into());
            }
        }
        Ok(())
    }

    /// Lists the tables of a load with their columns.
    fn register(&mut self, load: &Load) {
        let dialect = self.maker.format.dialect();
        for (shape, lane) in load.shapes.iter().zip(&load.lanes) {
            let entry = self.pending.tables.entry(shape.name.clone()).or_default();
            entry.folder = folder_of(&shape.name);
            entry.connector.clone_from(&self.connector);
            entry.stream.clone_from(&load.stream);
            entry.is_child = !shape.is_own;
            entry.primary_key = shape.key_text();
            let key = shape.key.iter().filter(|_| shape.recognises());
            entry.key = key.map(|column| column.name.clone()).collect();
            let declared = |kind: ColumnType| (dialect.declared)(kind).to_owned();
            entry.columns = lane.columns.iter().map(|column| (column.name.clone(), declared(column.kind))).collect();
        }
    }

    /// Gives the load the columns that were seen since.
    pub(super) fn extend(&mut self, load: &mut Load, tables: &Tables) -> Result<(), Trouble> {
        let mut is_wider = false;
        for (at, table) in tables.all().iter().enumerate() {
            let known = load.shapes[at].cells.len();
            if known == table.columns.len() {
                continue;
            }
            let mut wider = Shape::new(load.shapes[at].dialect, tables, table, load.version.is_some());
            wider.there = std::mem::take(&mut load.shapes[at].there);
            wider.follow();
            let added = wider.cells.split_off(known);
            load.shapes[at].there = wider.there;
            load.shapes[at].cells.extend(added);
            load.shapes[at].check_types()?;
            load.lanes[at].close()?;
            load.lanes[at].columns = columns_of(&load.shapes[at]);
            is_wider = true;
        }
        if is_wider && !load.staged() {
            self.register(load);
        }
        Ok(())
    }

    /// Lists the files of a load that the next commit makes visible.
    pub(super) fn collect(&mut self, load: &mut Load) -> Result<(), Trouble> {
        load.rejected.close()?;
        if !load.rejected.parts.is_empty() {
            let entry = self.pending.tables.entry(REJECTED.to_owned()).or_default();
            entry.folder = REJECTED.to_owned();
            let dialect = self.maker.format.dialect();
            let columns = rejected_columns().into_iter();
            entry.columns = columns.map(|one| (one.name, (dialect.declared)(one.kind).to_owned())).collect();
            let of_stream = |part: Part| Part { stream: Some(load.stream.clone()), ..part };
            entry.files.extend(load.rejected.parts.drain(..).map(of_stream));
        }
        if load.staged() {
            return Ok(());
        }
        for (shape, lane) in load.shapes.iter().zip(&mut load.lanes) {
            lane.close()?;
            let Some(entry) = self.pending.tables.get_mut(&shape.name) else { continue };
            if entry.files.is_empty() && lane.parts.is_empty() && self.maker.format.tells_columns() {
                lane.out(&mut self.maker)?;
                lane.close()?;
            }
            entry.is_compact &= lane.parts.is_empty();
            entry.files.append(&mut lane.parts);
        }
        Ok(())
    }

    /// Ends a load: a complete full table takes the place of the old one with the next commit.
    pub(super) fn close_load(&mut self, mut load: Load, completion: Completion) -> Result<Finished, Trouble> {
        self.collect(&mut load)?;
        if !load.staged() {
            return Ok(Finished::default());
        }
        load.lanes.iter_mut().try_for_each(Lane::close)?;
        if completion == Completion::Discard {
            self.drop_parts(&load)?;
            return Ok(Finished::default());
        }
        let deleted = self.gone(&load)?;
        if load.repeats.are_some || !load.kept.is_empty() {
            self.fold(&mut load)?;
        }
        self.register(&load);
        for (shape, lane) in load.shapes.iter().zip(&mut load.lanes) {
            let Some(entry) = self.pending.tables.get_mut(&shape.name) else { continue };
            entry.files.clear();
            if lane.parts.is_empty() && self.maker.format.tells_columns() {
                lane.out(&mut self.maker)?;
                lane.close()?;
            }
            entry.files.append(&mut lane.parts);
            entry.is_compact = true;
        }
        if let Some(entry) = self.pending.tables.get_mut(REJECTED) {
            // What was set aside before is not there any more, or was set aside again.
            let stream = Some(load.stream);
            entry.files.retain(|part| part.stream != stream || !load.earlier.contains(&part.name));
        }
        Ok(Finished { deleted })
    }

    fn drop_parts(&self, load: &Load) -> Result<(), Trouble> {
        let parts = load.lanes.iter().flat_map(|lane| &lane.parts);
        Ok(parts.map(|part| self.paths.aside.join(&part.name)).try_for_each(std::fs::remove_file)?)
    }

    /// How many rows of a full table did not come again.
    fn gone(&self, load: &Load) -> Result<u64, Trouble> {
        let Some(entry) = self.committed.tables.get(&load.shapes[0].name).filter(|_| load.has_base) else {
            return Ok(0);
        };
        if !load.shapes[0].recognises() {
            return Ok(entry.files.iter().map(|part| part.rows).sum());
        }
        let (key, mut gone) = (key_of(&load.shapes[0]), BTreeSet::new());
        for part in &entry.files {
            self.maker.format.scan(&self.paths.part(entry, &part.name), &key, &mut |met| {
                if !load.kept.contains(&met.key) && !load.repeats.seen.contains(met.key)? {
                    gone.insert(met.key);
                }
                Ok(())
            })?;
        }
        Ok(gone.len() as u64)
    }

    /// Writes the files of a full table anew, with one version of each row, and the rows that stay as they are.
    fn fold(&mut self, load: &mut Load) -> Result<(), Trouble> {
        let aside = |lane: &Lane| lane.parts.iter().map(|part| self.paths.aside.join(&part.name)).collect();
        let before = |shape: &Shape| -> Vec<PathBuf> {
            let entry = self.committed.tables.get(&shape.name).filter(|_| !load.kept.is_empty());
            entry
                .map(|entry| entry.files.iter().map(|part| self.paths.part(entry, &part.name)).collect())
                .unwrap_or_default()
        };
        let versions = Versions {
            key: key_of(&load.shapes[0]),
            files: load.lanes.iter().map(aside).collect(),
            before: load.shapes.iter().map(before).collect(),
            kept: Some(&load.kept),
            rows: load.lanes[0].parts.iter().map(|part| part.rows).sum(),
        };
        let mut lanes: Vec<Lane> = load.lanes.iter().map(|lane| Lane::new(lane.columns.clone())).collect();
        versions.fold(&mut self.maker, &mut lanes)?;
        self.drop_parts(load)?;
        load.lanes = lanes;
        Ok(())
    }
}

/// The columns that are not the engine's own.
fn of_records(shape: &Shape) -> Vec<(String, ColumnType)> {
    let columns = shape.there.iter().filter(|(name, _)| !name.starts_with("_sdc_"));
    columns.filter_map(|(name, kind)| Some((name.clone(), shape.dialect.kind_of(kind)?))).collect()
}

fn key_of(own: &Shape) -> Vec<(String, ColumnType)> {
    own.key.iter().map(|column| (column.name.clone(), column.kind)).collect()
}
