//! The search: connectors, tables and fields as scripts, so that it needs no server. Fields of a large site are cut by
//! the letters with which their words begin, and a page asks for those that are typed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::chapter::Entry;
use crate::page::{Page, Section};
use crate::site::PageFile;

/// Bytes of fields that one script holds.
const MOST_FIELDS: usize = 48 * 1024;

/// What can be found in a connector.
#[derive(Debug, Clone)]
pub(crate) struct Finds {
    tables: Vec<Table>,
}

#[derive(Debug, Clone)]
struct Table {
    name: String,
    title: String,
    /// The stream, if it is not one itself.
    stream: Option<String>,
    fields: Vec<String>,
}

/// The tables by their places, by name of a field.
type Fields<'a> = BTreeMap<&'a str, Vec<usize>>;

impl Finds {
    /// What there is on the pages of a connector.
    pub(crate) fn of(page: &Page) -> Finds {
        Finds { tables: page.streams.iter().flat_map(tables).collect() }
    }
}

fn tables(stream: &Section) -> Vec<Table> {
    let names = |columns: &[crate::shape::Column]| {
        let names = columns.iter().filter(|column| !column.added).map(|column| &column.name);
        names.cloned().collect()
    };
    let own =
        Table { name: stream.name.clone(), title: stream.title.clone(), stream: None, fields: names(&stream.columns) };
    let children = stream.children.iter().map(|child| Table {
        name: child.name.clone(),
        title: String::new(),
        stream: Some(stream.name.clone()),
        fields: names(&child.columns),
    });
    std::iter::once(own).chain(children).collect()
}

/// The scripts of the search over these connectors.
pub(crate) fn scripts(entries: &[&Entry]) -> Vec<PageFile> {
    let connectors = entries.iter().map(|entry| {
        let card = &entry.card;
        json!([card.name, card.title, card.keywords.join(" ")])
    });
    let connectors: Vec<_> = connectors.collect();
    let all =
        entries.iter().enumerate().flat_map(|(at, entry)| entry.finds.tables.iter().map(move |table| (at, table)));
    let all: Vec<(usize, &Table)> = all.collect();
    let tables = all.iter().map(|(at, table)| match &table.stream {
        None => json!([at, table.name, table.title]),
        Some(stream) => json!([at, table.name, table.title, stream]),
    });
    let tables: Vec<_> = tables.collect();
    let mut fields = Fields::new();
    for (place, (_, table)) in all.iter().enumerate() {
        for field in &table.fields {
            fields.entry(field).or_default().push(place);
        }
    }
    let whole = json!(fields).to_string();
    if whole.len() <= MOST_FIELDS {
        let index = json!({"connectors": connectors, "tables": tables, "fields": fields});
        return vec![script("search", &format!("tapwright.found({index});\n"))];
    }
    let shards = by_letter(&fields);
    let letters: String = shards.keys().collect();
    let index = json!({"connectors": connectors, "tables": tables, "letters": letters});
    let first = script("search", &format!("tapwright.found({index});\n"));
    let others = shards.iter().map(|(letter, fields)| {
        script(&format!("search-{letter}"), &format!("tapwright.fields({}, {});\n", json!(letter), json!(fields)))
    });
    std::iter::once(first).chain(others).collect()
}

fn script(name: &str, text: &str) -> PageFile {
    PageFile { name: format!("static/{name}.js"), text: text.to_owned() }
}

/// Fields by the letters with which their words begin.
fn by_letter<'a>(fields: &Fields<'a>) -> BTreeMap<char, Fields<'a>> {
    let mut shards: BTreeMap<char, Fields<'a>> = BTreeMap::new();
    for (name, places) in fields {
        for letter in letters(name) {
            shards.entry(letter).or_default().insert(name, places.clone());
        }
    }
    shards
}

/// `createdAt_by` begins with c, a and b; what is no letter and no digit of ASCII stands for itself as `_`.
fn letters(name: &str) -> BTreeSet<char> {
    let mut letters = BTreeSet::new();
    let mut before = '_';
    for c in name.chars() {
        let begins = !before.is_alphanumeric() || (c.is_uppercase() && !before.is_uppercase());
        if c.is_alphanumeric() && begins {
            letters.insert(if c.is_ascii() { c.to_ascii_lowercase() } else { '_' });
        }
        before = c;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn words_begin_behind_signs_and_with_capitals() {
        assert_eq!(letters("createdAt_by").into_iter().collect::<String>(), "abc");
        assert_eq!(letters("_sku2").into_iter().collect::<String>(), "s");
        assert_eq!(letters("größe_Übergabe").into_iter().collect::<String>(), "_g");
    }
}
