//! A folder is compacted: of each row its latest version stays, in few files.

use std::path::PathBuf;

use super::fold::Versions;
use super::format::{Format, Lane};
use super::manifest::Entry;
use super::{Files, REJECTED, Trouble};
use crate::destination::shape::Column;
use crate::destination::{Compacted, Fault};
use crate::normalise::ColumnType;

/// Compacts all tables of a folder.
///
/// # Errors
/// A [`Fault`] for a folder that cannot be read or written; nothing has changed then.
pub(in crate::destination) fn compact(path: &str, format: Format) -> Result<Vec<Compacted>, Fault> {
    let mut files = Files::open(path, "", format)?;
    files.guard(|files| {
        let mut done = Vec::new();
        let tables = files.committed.tables.clone();
        let own = tables.iter().filter(|(name, entry)| !entry.is_child && *name != REJECTED);
        for (name, entry) in own {
            let is_of_stream = |other: &Entry| {
                other.is_child && (&other.connector, &other.stream) == (&entry.connector, &entry.stream)
            };
            let children = tables.iter().filter(|(_, other)| is_of_stream(other));
            let all: Vec<(&String, &Entry)> = std::iter::once((name, entry)).chain(children).collect();
            if all.iter().any(|(_, entry)| !entry.is_compact || entry.files.len() > 1) {
                done.extend(files.compact_stream(&all)?);
            }
        }
        files.publish()?;
        Ok(done)
    })
}

impl Files {
    fn compact_stream(&mut self, tables: &[(&String, &Entry)]) -> Result<Vec<Compacted>, Trouble> {
        let dialect = self.maker.format.dialect();
        let column = |(name, declared): &(String, String)| {
            let kind = dialect.kind_of(declared).unwrap_or(ColumnType::Text);
            Column::ours(name, kind)
        };
        let columns = |entry: &Entry| entry.columns.iter().map(column).collect::<Vec<_>>();
        let paths = |entry: &Entry| -> Vec<PathBuf> {
            entry.files.iter().map(|part| self.paths.part(entry, &part.name)).collect()
        };
        let own = tables[0].1;
        let of_key = |column: &Column| own.key.contains(&column.name).then(|| (column.name.clone(), column.kind));
        let versions = Versions {
            key: columns(own).iter().filter_map(of_key).collect(),
            files: tables.iter().map(|(_, entry)| paths(entry)).collect(),
            rows: own.files.iter().map(|part| part.rows).sum(),
            ..Versions::default()
        };
        let mut lanes: Vec<Lane> = tables.iter().map(|(_, entry)| Lane::new(columns(entry))).collect();
        versions.fold(&mut self.maker, &mut lanes)?;
        let mut done = Vec::new();
        for ((name, before), lane) in tables.iter().zip(lanes) {
            let rows = |entry: &Entry| entry.files.iter().map(|part| part.rows).sum();
            let Some(entry) = self.pending.tables.get_mut(*name) else { continue };
            entry.files = lane.parts;
            entry.is_compact = true;
            let (rows_before, rows_after) = (rows(before), rows(entry));
            done.push(Compacted {
                table: (*name).clone(),
                rows: [rows_before, rows_after],
                files: [before.files.len(), entry.files.len()],
            });
        }
        Ok(done)
    }
}
