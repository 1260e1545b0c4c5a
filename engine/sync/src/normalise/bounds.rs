//! What a destination cannot hold: a record with such a value is set aside with the reason, never cut or rounded.

use super::batch::{Batch, Cell};
use super::table::{ColumnType, MAX_COLUMNS, NameFault, Tables};

/// Says why a value cannot be held by a column of this type, if that is so.
pub type Refuses = fn(ColumnType, &Cell<'_>) -> Option<&'static str>;

/// The bounds of a destination. Without any it holds whatever the engine reads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    /// Which values it cannot hold.
    pub refuses: Option<Refuses>,
    /// Bytes that the texts of a primary key may have together.
    pub key_bytes: Option<usize>,
    /// Columns of records that a table may have, if fewer than [`MAX_COLUMNS`](super::MAX_COLUMNS).
    pub columns: Option<usize>,
    /// Bytes that a row may have where texts that are long lie elsewhere.
    pub row_bytes: Option<usize>,
    /// It keeps each version of a row and changes none: records cannot be merged onto rows.
    pub keeps_versions: bool,
    /// It writes rows as JSON, so it may take over members of records as they stand: see [`Run`](super::Run).
    pub takes_members: bool,
}

/// Bytes of a text that lies elsewhere.
const ELSEWHERE: usize = 18;

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
        let wide = (0..tables.all.len()).find_map(|at| self.width_refusal(batch, tables, at));
        wide.or_else(|| self.key_refusal(batch.under_way(0).next()?, tables))
    }

    /// Tables whose fields fill more columns than one can have.
    pub fn too_wide(&self, tables: &Tables) -> Vec<NameFault> {
        let most = self.most_columns();
        let wide = tables.all.iter().filter(|table| table.columns.len() > most);
        wide.map(|table| NameFault::TooWide { table: table.name.clone(), count: table.columns.len(), most }).collect()
    }

    /// Columns of records that a table may have.
    pub(super) fn most_columns(&self) -> usize {
        self.columns.unwrap_or(MAX_COLUMNS)
    }

    /// Why a row of a table is too wide.
    fn width_refusal(&self, batch: &Batch<'_>, tables: &Tables, at: usize) -> Option<String> {
        let (most, table) = (self.row_bytes?, &tables.all[at]);
        // No value takes more.
        if table.columns.len() * ELSEWHERE <= most {
            return None;
        }
        let kinds = || table.columns.iter().map(|column| column.kind);
        let bytes = batch.under_way(at).map(|cells| width(cells.iter().zip(kinds()))).max()?;
        let name = &table.name;
        (bytes > most).then(|| {
            format!("its row of `{name}` has {bytes} bytes, long texts not counted, and the destination holds rows of {most}")
        })
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

/// Bytes of a row whose values lie one after the other, numbers and moments at multiples of 8; nulls take none.
fn width<'c, 'a: 'c>(cells: impl Iterator<Item = (&'c Cell<'a>, ColumnType)>) -> usize {
    let mut bytes = 0_usize;
    for (cell, kind) in cells {
        bytes = match (cell, kind) {
            (Cell::Null | Cell::Absent, _) => bytes,
            (Cell::Bool(_), ColumnType::Boolean) => bytes + 1,
            (_, ColumnType::Date) => bytes.next_multiple_of(4) + 4,
            (Cell::Text(text), ColumnType::Text | ColumnType::Json | ColumnType::Decimal) => {
                bytes + (text.len() + 1).min(ELSEWHERE)
            }
            _ => bytes.next_multiple_of(8) + 8,
        };
    }
    bytes
}
