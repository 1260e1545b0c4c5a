//! JSON Lines: a folder for each table, one line a row.
//!
//! `jsonl:DIR`, or `jsonl:DIR?compress=gzip` or `zstd`. Numbers of 64 bits stand as they are; decimals are texts, since
//! most readers take a number with a point for a double; what is JSON at the source is JSON here.

use super::files::{CAPABILITIES, DIALECT, Files, Format, LinesCompression, compact};
use super::options::Options;
use super::{Capabilities, Fault, Kind};
use crate::normalise::ColumnType;

/// A folder, made if there is none.
pub(super) const KIND: Kind = Kind {
    schemes: &["jsonl"],
    has_login: false,
    dialect: &DIALECT,
    capabilities: Capabilities { title: "JSON Lines", form: "jsonl:DIR", types, ..CAPABILITIES },
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
        ColumnType::Integer | ColumnType::Number => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Json => "the JSON itself",
        ColumnType::Decimal => "text, with all digits",
        ColumnType::Timestamp => "text: 2026-01-31T12:00:00Z",
        ColumnType::Date => "text: 2026-01-31",
        ColumnType::Time => "text: 12:00:00",
        ColumnType::Text => "text",
    }
}

fn read(rest: &str) -> Result<(&str, Format), Fault> {
    let mut options = Options::of("jsonl", rest);
    let compression = match options.take("compress").as_deref() {
        None | Some("none") => LinesCompression::None,
        Some("gzip") => LinesCompression::Gzip,
        Some("zstd") => LinesCompression::Zstd,
        Some(other) => return Err(options.wrong(&format!("`compress={other}`: write none, gzip or zstd"))),
    };
    Ok((options.end()?, Format::Lines(compression)))
}
