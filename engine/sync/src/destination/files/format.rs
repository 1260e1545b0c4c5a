//! What files are made of: lines of JSON, or Parquet.

use std::path::{Path, PathBuf};

use super::Trouble;
use super::lines::{self, Lines};
use super::manifest::Part;
use super::pages::{self, Pages};
use super::place::part_name;
use crate::destination::arrow;
use crate::destination::naming::Rules;
use crate::destination::row::{self, Put};
use crate::destination::shape::{Column, Dialect};
use crate::normalise::{Bounds, ColumnType};

/// Bytes of a file; a table that is larger has several.
const MOST: u64 = 256 << 20;

/// What files are made of.
#[derive(Debug, Clone, Copy)]
pub(in crate::destination) enum Format {
    /// Lines of JSON.
    Lines(lines::Compression),
    /// Parquet.
    Pages(pages::Compression),
}

/// Types by the words of the spec, as the manifest has them; a folder's name has room for 200 bytes.
pub(in crate::destination) static DIALECT: Dialect = Dialect {
    columns: Rules { bytes: usize::MAX, kept: &[] },
    tables: Rules { bytes: 200, kept: &[] },
    declared: ColumnType::in_spec,
    by_bytes: "",
    indexed: false,
    temporary: "",
    most_columns: usize::MAX,
};

/// The columns of a key, with their types.
pub(super) type KeyColumns<'k> = &'k [(String, ColumnType)];

/// A row of a stream's own table, as far as its versions are told apart.
pub(super) struct Met<'m> {
    pub(super) key: u128,
    pub(super) sequence: i64,
    /// It holds no more than its key and the mark.
    pub(super) is_bare: bool,
    /// The mark of a deletion, as the format writes it.
    pub(super) mark: Option<&'m str>,
    /// The mark is the moment of receipt.
    pub(super) on_receipt: bool,
}

/// What becomes of a row that is copied.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate {
    Drop,
    Keep,
    /// It gets this mark of its deletion.
    Mark(Box<str>),
}

impl Format {
    pub(super) fn dialect(self) -> &'static Dialect {
        &DIALECT
    }

    /// Which values it cannot hold.
    pub(super) fn bounds(self) -> Bounds {
        match self {
            Format::Lines(_) => Bounds { takes_members: true, keeps_versions: true, ..Bounds::default() },
            Format::Pages(_) => Bounds { refuses: Some(arrow::refuses), keeps_versions: true, ..Bounds::default() },
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Format::Lines(lines::Compression::None) => "jsonl",
            Format::Lines(lines::Compression::Gzip) => "jsonl.gz",
            Format::Lines(lines::Compression::Zstd) => "jsonl.zst",
            Format::Pages(_) => "parquet",
        }
    }

    /// The format of a file: that of the folder, in the compression that it was written with.
    fn of(self, path: &Path) -> Format {
        match (self, path.extension().and_then(|extension| extension.to_str())) {
            (Format::Lines(_), Some("gz")) => Format::Lines(lines::Compression::Gzip),
            (Format::Lines(_), Some("zst")) => Format::Lines(lines::Compression::Zstd),
            (Format::Lines(_), _) => Format::Lines(lines::Compression::None),
            (pages, _) => pages,
        }
    }

    /// Puts a value of a key as it is told apart; nothing if that cannot be.
    pub(super) fn put_key(self, into: &mut Vec<u8>, kind: ColumnType, value: Put<'_>) -> Option<()> {
        match self {
            Format::Lines(_) => lines::put_key(into, kind, value),
            Format::Pages(_) => row::put_key(into, kind, value),
        }
    }

    /// Tells of each row of a file of a stream's own table.
    pub(super) fn scan(
        self,
        path: &Path,
        key: KeyColumns<'_>,
        each: &mut dyn FnMut(Met<'_>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        match self.of(path) {
            Format::Lines(compression) => lines::scan(path, compression, key, each),
            Format::Pages(_) => pages::scan(path, key, each),
        }
    }

    /// Whether a table without rows has a file nevertheless, which tells its columns.
    pub(super) fn tells_columns(self) -> bool {
        matches!(self, Format::Pages(_))
    }
}

/// Makes files.
#[derive(Debug)]
pub(super) struct Maker {
    pub(super) format: Format,
    /// The folder in which they are written.
    pub(super) aside: PathBuf,
    /// The commit that they are for, or a later one.
    pub(super) commit: u64,
    pub(super) number: u64,
}

enum Body {
    Lines(Box<Lines>),
    Pages(Box<Pages>),
}

/// A file that is written.
pub(super) struct Out {
    name: String,
    path: PathBuf,
    rows: u64,
    body: Body,
}

impl Out {
    /// Puts the next value of the row; nothing if the file cannot hold it.
    pub(super) fn put(&mut self, kind: ColumnType, value: Put<'_>) -> Option<()> {
        match &mut self.body {
            Body::Lines(lines) => lines.put(kind, value),
            Body::Pages(pages) => pages.put(value),
        }
    }

    /// Ends a row; columns of which nothing was told are empty.
    pub(super) fn end_row(&mut self) -> Result<(), Trouble> {
        self.rows += 1;
        match &mut self.body {
            Body::Lines(lines) => lines.end_row(),
            Body::Pages(pages) => pages.end_row(),
        }
    }

    fn bytes(&self) -> u64 {
        match &self.body {
            Body::Lines(lines) => lines.bytes(),
            Body::Pages(pages) => pages.bytes(),
        }
    }

    fn finish(self) -> Result<Part, Trouble> {
        match self.body {
            Body::Lines(lines) => lines.finish()?,
            Body::Pages(pages) => pages.finish()?,
        }
        let bytes = std::fs::metadata(&self.path)?.len();
        Ok(Part { name: self.name, rows: self.rows, bytes, stream: None })
    }
}

/// Rows of a table on their way into files.
#[derive(Default)]
pub(super) struct Lane {
    pub(super) columns: Vec<Column>,
    out: Option<Out>,
    /// Files that are whole.
    pub(super) parts: Vec<Part>,
}

impl Lane {
    pub(super) fn new(columns: Vec<Column>) -> Lane {
        Lane { columns, ..Lane::default() }
    }

    /// The file for the next row.
    pub(super) fn out(&mut self, maker: &mut Maker) -> Result<&mut Out, Trouble> {
        if self.out.as_ref().is_some_and(|out| out.bytes() >= MOST) {
            self.close()?;
        }
        match &mut self.out {
            Some(out) => Ok(out),
            none => Ok(none.insert(maker.create(&self.columns)?)),
        }
    }

    /// Ends the file under way.
    pub(super) fn close(&mut self) -> Result<(), Trouble> {
        if let Some(out) = self.out.take() {
            self.parts.push(out.finish()?);
        }
        Ok(())
    }

    /// Copies rows of a file.
    pub(super) fn copy(
        &mut self,
        maker: &mut Maker,
        path: &Path,
        fate: &mut dyn FnMut(i64) -> Fate,
    ) -> Result<(), Trouble> {
        let format = maker.format.of(path);
        let out = self.out(maker)?;
        out.rows += match (&mut out.body, format) {
            (Body::Lines(lines), Format::Lines(compression)) => lines.copy(path, compression, fate)?,
            (Body::Pages(pages), _) => pages.copy(path, fate)?,
            (Body::Lines(_), Format::Pages(_)) => 0,
        };
        Ok(())
    }
}

impl Maker {
    fn create(&mut self, columns: &[Column]) -> Result<Out, Trouble> {
        self.number += 1;
        let name = part_name(self.commit, self.number, self.format.extension());
        let path = self.aside.join(&name);
        let body = match self.format {
            Format::Lines(compression) => Body::Lines(Box::new(Lines::create(&path, columns, compression)?)),
            Format::Pages(compression) => Body::Pages(Box::new(Pages::create(&path, columns, compression)?)),
        };
        Ok(Out { name, path, rows: 0, body })
    }
}
