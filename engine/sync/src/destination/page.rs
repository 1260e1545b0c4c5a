//! The page of destinations: what each can do, from its capabilities.

use std::fmt::Write;

use super::{Capabilities, KINDS};
use crate::normalise::ColumnType;

/// The head of the page.
const HEAD: &str = "# Destinations

<!-- Generated from engine/sync/src/destination: UPDATE_PAGES=1 cargo test -p tapwright-sync --test destinations -->

What every destination does: rows and state are committed together; rows are inserted, overwritten by primary key or
appended, full tables are replaced at their end; child tables follow their parents; what cannot be a row goes to
`_sdc_rejected`. In the load mode `segment` records are merged onto rows, and nothing is deleted. The cases in `tests/destinations` hold each of them to it.

";

const TYPES: [(&str, ColumnType); 9] = [
    ("string", ColumnType::Text),
    ("integer", ColumnType::Integer),
    ("number", ColumnType::Number),
    ("decimal", ColumnType::Decimal),
    ("boolean", ColumnType::Boolean),
    ("timestamp", ColumnType::Timestamp),
    ("date", ColumnType::Date),
    ("time", ColumnType::Time),
    ("json", ColumnType::Json),
];

/// The whole page, as Markdown.
pub fn page() -> String {
    let mut out = HEAD.to_owned();
    let all = || KINDS.iter().map(|kind| &kind.capabilities);
    row(&mut out, "", all().map(|one| one.title.to_owned()));
    row(&mut out, "---", all().map(|_| "---".to_owned()));
    let mut say = |what: &str, value: fn(&Capabilities) -> String| row(&mut out, what, all().map(value));
    say("`--to`", |one| format!("`{}`", one.form));
    say("rows and state in", |one| one.commit.to_owned());
    say("a row that changes", |one| one.changed.to_owned());
    say("load modes", |one| if one.merges { "`stitch`, `segment`" } else { "`stitch`" }.to_owned());
    say("two runs at once", |one| one.alone.to_owned());
    say("names", |one| one.names.to_owned());
    say("columns of a table", |one| one.columns.to_owned());
    say("values it cannot hold", |one| one.set_aside.to_owned());
    for (word, kind) in TYPES {
        row(&mut out, &format!("`{word}`"), all().map(|one| (one.types)(kind).to_lowercase()));
    }
    out
}

fn row(out: &mut String, what: &str, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.collect();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "| {what} | {} |", cells.join(" | "));
}
