//! What a destination cannot hold: a record with such a value is set aside with the reason, never cut or rounded.

use super::batch::{Batch, Cell};
use super::table::{ColumnType, Tables};

/// Says why a value cannot be held by a column of this type, if that is so.
pub type Refuses = fn(ColumnType, &Cell<'_>) -> Option<&'static str>;

/// The bounds of a destination. Without any it holds whatever the engine reads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    /// Which values it cannot hold.
    pub refuses: Option<Refuses>,
    /// Bytes that the texts of a primary key may have together.
    pub key_bytes: Option<usize>,
}

impl Bounds {
    /// Whether a column of this type holds the value.
    pub(super) fn hold(&self, kind: ColumnType, cell: &Cell<'_>) -> bool {
        self.refuses.is_none_or(|refuses| refuses(kind, cell).is_none())
    }

    /// Why the record under way cannot be held.
    pub(super) fn refusal(&self, batch: &Batch<'_>, tables: &Tables) -> Option<String> {
        let refuses = self.refuses?;
        for at in 0..tables.all.len() {
            let columns = &tables.all[at].columns;
            for cells in batch.under_way(at) {
                for (cell, column) in cells.iter().zip(columns) {
                    if let Some(reason) = refuses(column.kind, cell) {
                        return Some(format!("field `{}`: {reason}", column.name));
                    }
                }
            }
        }
        self.key_refusal(batch.under_way(0).next()?, tables)
    }

    fn key_refusal(&self, own: &[Cell<'_>], tables: &Tables) -> Option<String> {
        let most = self.key_bytes?;
        let bytes = |column: &usize| match own.get(*column) {
            Some(Cell::Text(text)) => text.len(),
            _ => 8,
        };
        let bytes: usize = tables.key.iter().map(bytes).sum();
        (bytes > most)
            .then(|| format!("the primary key has {bytes} bytes, and the destination holds keys of up to {most}"))
    }
}
