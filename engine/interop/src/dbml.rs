//! The tables as DBML, for diagrams and tools of databases.

use std::fmt::Write;

use tapwright_spec::Connector;
use tapwright_sync::normalise::NameFault;

use crate::place::Place;
use crate::table::{Column, Reference, Table, tables};

/// The tables of a connector as a document of DBML, as they are in `place`.
///
/// # Errors
/// A [`NameFault`] for names that collide or are reserved.
pub fn dbml(connector: &Connector, place: &Place) -> Result<String, NameFault> {
    let tables = tables(connector, place.kind)?;
    let mut out = format!(
        "Project {} {{\n  database_type: {}\n  Note: {}\n}}\n",
        name(&connector.name),
        text(place.kind.capabilities.title),
        text(&format!("{} {}", connector.title, connector.version))
    );
    for one in &tables {
        table(one, &mut out);
    }
    for one in &tables {
        let all: String = one.references.iter().map(|reference| format!("\n{}\n", refers(one, reference))).collect();
        out.push_str(&all);
    }
    for own in tables.iter().filter(|table| table.parent.is_none()) {
        group(own, &tables, &mut out);
    }
    Ok(out)
}

fn table(table: &Table<'_>, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "\nTable {} {{", name(&table.name));
    for one in &table.columns {
        let _ = writeln!(out, "  {} {} [{}]", name(&one.name), kind(one.declared), settings(table, one));
    }
    if table.key.len() > 1 {
        let key: Vec<String> = table.key.iter().map(|column| name(column)).collect();
        let _ = writeln!(out, "\n  indexes {{\n    ({}) [pk]\n  }}", key.join(", "));
    }
    if !table.description.is_empty() {
        let _ = writeln!(out, "\n  Note: {}", text(&table.description));
    }
    out.push_str("}\n");
}

fn settings(table: &Table<'_>, column: &Column) -> String {
    let mut settings = Vec::new();
    if table.key == [column.name.clone()] {
        settings.push("pk".to_owned());
    }
    settings.push(if column.nullable { "null" } else { "not null" }.to_owned());
    if !column.description.is_empty() {
        settings.push(format!("note: {}", text(&column.description)));
    }
    settings.join(", ")
}

fn refers(table: &Table<'_>, reference: &Reference) -> String {
    let end = |table: &str, columns: &[String]| match columns {
        [one] => format!("{}.{}", name(table), name(one)),
        all => {
            let all: Vec<String> = all.iter().map(|column| name(column)).collect();
            format!("{}.({})", name(table), all.join(", "))
        }
    };
    format!("Ref: {} > {}", end(&table.name, &reference.columns), end(&reference.table, &reference.to))
}

/// A stream's own table with those of its lists, if it has some.
fn group(own: &Table<'_>, tables: &[Table<'_>], out: &mut String) {
    let of_stream: Vec<&Table<'_>> = tables.iter().filter(|table| table.stream.name == own.stream.name).collect();
    if of_stream.len() < 2 {
        return;
    }
    let _ = writeln!(out, "\nTableGroup {} {{", name(&own.stream.name));
    for one in of_stream {
        let _ = writeln!(out, "  {}", name(&one.name));
    }
    out.push_str("}\n");
}

/// A type; one of several words stands in quotes.
fn kind(declared: &str) -> String {
    if declared.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') { declared.to_owned() } else { name(declared) }
}

fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

fn text(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
