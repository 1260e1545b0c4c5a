//! Parquet: a folder for each table, for DuckDB, Polars, Spark and whatever reads a pattern of files.
//!
//! `parquet:DIR`, or `parquet:DIR?compress=zstd`, `snappy` (as without) or `none`.

use super::files::{CAPABILITIES, DIALECT, Files, Format, PagesCompression, compact};
use super::options::Options;
use super::{Capabilities, Fault, Kind};
use crate::normalise::ColumnType;

/// A folder, made if there is none.
pub(super) const KIND: Kind = Kind {
    schemes: &["parquet"],
    has_login: false,
    dialect: &DIALECT,
    capabilities: Capabilities {
        title: "Parquet",
        form: "parquet:DIR",
        types,
        set_aside: "timestamps and times finer than a microsecond; decimals of more than 20 digits before the point or 18 behind it",
        ..CAPABILITIES
    },
    open: |rest, connector| {
        let (folder, format) = read(rest)?;
        Ok(Box::new(Files::open(folder, connector, format)?))
    },
    look: |rest, connector| {
        let (folder, format) = read(rest)?;
        Ok(Box::new(Files::look(folder, connector, format)?))
    },
    compact: Some(|rest| {
        let (folder, format) = read(rest)?;
        compact(folder, format)
    }),
};

fn types(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "string",
        ColumnType::Integer => "int64",
        ColumnType::Number => "double",
        ColumnType::Boolean => "boolean",
        ColumnType::Decimal => "decimal(38, 18)",
        ColumnType::Timestamp => "timestamp in microseconds, UTC",
        ColumnType::Date => "date",
        ColumnType::Time => "time in microseconds",
        ColumnType::Json => "json (a string of that logical type)",
    }
}

fn read(rest: &str) -> Result<(&str, Format), Fault> {
    let mut options = Options::of("parquet", rest);
    let compression = match options.take("compress").as_deref() {
        None | Some("snappy") => PagesCompression::SNAPPY,
        Some("zstd") => PagesCompression::ZSTD(Default::default()),
        Some("none") => PagesCompression::UNCOMPRESSED,
        Some(other) => return Err(options.wrong(&format!("`compress={other}`: write none, snappy or zstd"))),
    };
    Ok((options.end()?, Format::Pages(compression)))
}
