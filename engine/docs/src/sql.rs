//! SQL to start with: queries that run on the tables as they are loaded.

use tapwright_spec::Connector;
use tapwright_spec::model::{Field, FieldType, Stream};

use crate::context::shown;
use crate::markdown::code;
use crate::shape::{ChildTable, key_of_rows, source_key};

/// References that one query follows.
const MOST_JOINS: usize = 4;

shown! {
    /// A query to start with.
    pub(crate) struct Query {
        /// What it asks, Markdown.
        pub(crate) title: String,
        /// The SQL, of one statement.
        pub(crate) sql: String,
    }
}

/// Queries for the tables of a stream.
pub(crate) fn queries(connector: &Connector, stream: &Stream, children: &[ChildTable]) -> Vec<Query> {
    // Without a field nobody knows the columns.
    if stream.fields.is_empty() {
        return Vec::new();
    }
    let rows = std::iter::once(rows(stream));
    rows.chain(counted(stream))
        .chain(joined(connector, stream))
        .chain(children.first().map(|child| listed(stream, child)))
        .collect()
}

fn query(title: impl Into<String>, lines: &[String]) -> Query {
    Query { title: title.into(), sql: format!("{};", lines.join("\n")) }
}

/// The table of a stream, and a column for one of its fields.
fn table(stream: &Stream) -> String {
    name(&stream.naming().table(&stream.name))
}

fn column(stream: &Stream, field: &str) -> String {
    name(&stream.naming().column(field))
}

/// The rows that were read last, those that are deleted left out.
fn rows(stream: &Stream) -> Query {
    let mut lines = vec!["SELECT *".to_owned(), format!("FROM {}", table(stream))];
    lines.extend(stream.deleted.as_ref().map(|_| format!("WHERE {} IS NULL", stream.load_mode.deleted())));
    let is_time = |field: &&Field| matches!(field.kind, FieldType::Timestamp | FieldType::Date);
    let by = stream.own_key().or_else(|| stream.fields.iter().rev().find(is_time).map(|field| field.name.as_str()));
    lines.extend(by.map(|key| format!("ORDER BY {} DESC", column(stream, key))));
    lines.push("LIMIT 10".to_owned());
    query(if by.is_some() { "Latest rows" } else { "Some rows" }, &lines)
}

/// How many rows there are of each value of a column whose values are known.
fn counted(stream: &Stream) -> Option<Query> {
    let field = stream.fields.iter().find(|field| field.values.len() > 1 && !field.kind.is_nested())?;
    let column = column(stream, &field.name);
    let lines = [
        format!("SELECT {column}, count(*) AS amount"),
        format!("FROM {}", table(stream)),
        format!("GROUP BY {column}"),
        "ORDER BY amount DESC".to_owned(),
    ];
    Some(query(format!("Rows by {}", code(&field.name)), &lines))
}

/// Rows with those that they refer to.
fn joined(connector: &Connector, stream: &Stream) -> Option<Query> {
    let table = table(stream);
    let mut columns: Vec<String> =
        stream.primary_key.iter().map(|key| format!("{table}.{}", column(stream, key))).collect();
    let mut joins = Vec::new();
    let referring = stream.fields.iter().filter_map(|field| {
        let other = connector.stream(field.references.as_deref()?)?;
        let [key] = other.primary_key.as_slice() else { return None };
        Some((field, other, key))
    });
    for (field, other, key) in referring.take(MOST_JOINS) {
        let alias = alias(stream, field);
        columns.push(format!(
            "{alias}.{} AS {}",
            column(other, label(other)),
            name(&format!("{}_{}", alias.trim_matches('"'), label(other)))
        ));
        let on = format!("{alias}.{} = {table}.{}", column(other, key), column(stream, &field.name));
        joins.push(format!("LEFT JOIN {} AS {alias} ON {on}", self::table(other)));
    }
    if joins.is_empty() {
        return None;
    }
    let mut lines = vec![format!("SELECT {}", columns.join(", ")), format!("FROM {table}")];
    lines.extend(joins);
    lines.push("LIMIT 10".to_owned());
    Some(query("Joined with related tables", &lines))
}

/// `customer_id` refers to a `customer`; another name than that of a stream, which may be joined itself.
fn alias(stream: &Stream, field: &Field) -> String {
    let short = field.name.strip_suffix("_id").unwrap_or(&field.name);
    name(&if short == stream.name || short == field.name { format!("{short}_row") } else { short.to_owned() })
}

/// The column by which people know a row: its first text, else its key.
fn label(stream: &Stream) -> &str {
    let is_text = |field: &&Field| field.kind == FieldType::String && !stream.primary_key.contains(&field.name);
    let known = ["name", "first_name", "subject", "title", "label", "email"];
    let named = known.iter().find_map(|name| stream.fields.iter().filter(is_text).find(|field| field.name == *name));
    let found = named.or_else(|| stream.fields.iter().find(is_text));
    found.map_or_else(|| stream.primary_key.first().map_or("", String::as_str), |field| field.name.as_str())
}

/// The elements of a list with the rows that they belong to.
fn listed(stream: &Stream, child: &ChildTable) -> Query {
    let (table, of) = (table(stream), name(&child.name));
    let keys = key_of_rows(stream);
    let on: Vec<String> =
        keys.iter().map(|key| format!("{table}.{} = {of}.{}", name(key), name(&source_key(key)))).collect();
    let own = child.columns.iter().filter(|column| !column.nested && !column.added).take(MOST_JOINS);
    let columns = keys.iter().map(|key| format!("{table}.{}", name(key)));
    let columns: Vec<String> = columns.chain(own.map(|column| format!("{of}.{}", name(&column.name)))).collect();
    let lines = [
        format!("SELECT {}", columns.join(", ")),
        format!("FROM {of}"),
        format!("JOIN {table} ON {}", on.join(" AND ")),
        "LIMIT 10".to_owned(),
    ];
    query(format!("Elements of {}", code(&child.name)), &lines)
}

/// A name as SQL takes it, in quotes where it must be.
pub fn name(name: &str) -> String {
    let mut chars = name.chars();
    let is_plain = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if is_plain && RESERVED.binary_search(&name).is_err() {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// Words that are no names in PostgreSQL or SQLite without quotes, in their order.
#[rustfmt::skip]
const RESERVED: [&str; 116] = [
    "add", "all", "alter", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization",
    "autoincrement", "between", "binary", "both", "case", "cast", "check", "collate", "collation", "column",
    "commit", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date", "current_role",
    "current_schema", "current_time", "current_timestamp", "current_user", "default", "deferrable", "delete",
    "desc", "distinct", "do", "drop", "else", "end", "escape", "except", "exists", "false", "fetch", "for",
    "foreign", "freeze", "from", "full", "grant", "group", "having", "if", "ilike", "in", "index", "initially",
    "inner", "insert", "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left", "like", "limit",
    "localtime", "localtimestamp", "natural", "not", "notnull", "null", "offset", "on", "only", "or", "order",
    "outer", "overlaps", "placing", "primary", "references", "returning", "right", "select", "session_user", "set",
    "similar", "some", "symmetric", "table", "tablesample", "then", "to", "trailing", "transaction", "true",
    "union", "unique", "update", "user", "using", "values", "variadic", "verbose", "when", "where", "window",
    "with",
];
