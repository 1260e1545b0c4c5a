//! What changed in the streams: tables as they are loaded, keys, methods, and how they are read.

use std::collections::{BTreeMap, BTreeSet};

use tapwright_spec::Connector;
use tapwright_spec::model::Stream;

use super::{Changes, Weight};
use crate::anchor::Anchors;
use crate::markdown::code;
use crate::replication::{key_of, kind_of, listed, method_of, points};
use crate::shape::{Column, Shape};

pub(super) fn compare(old: &Connector, new: &Connector, changes: &mut Changes) {
    for was in &old.streams {
        match new.stream(&was.name) {
            None => changes.add(Weight::Breaking, format!("the table {} is gone", code(&was.name))),
            Some(is) => stream((old, was), (new, is), changes),
        }
    }
    for is in new.streams.iter().filter(|is| old.stream(&is.name).is_none()) {
        changes.add(Weight::Additive, format!("there is a new table {}", code(&is.name)));
    }
    let family = |connector: &Connector, name: &str| connector.dynamic.iter().any(|family| family.name == name);
    for was in old.dynamic.iter().filter(|was| !family(new, &was.name)) {
        changes.add(Weight::Breaking, format!("the dynamic tables {} are gone", code(&was.name)));
    }
    for is in new.dynamic.iter().filter(|is| !family(old, &is.name)) {
        changes.add(Weight::Additive, format!("there are new dynamic tables {}", code(&is.name)));
    }
}

fn keys(stream: &Stream) -> String {
    listed(&stream.primary_key.iter().map(|key| code(key)).collect::<Vec<_>>())
}

fn stream(old: (&Connector, &Stream), new: (&Connector, &Stream), changes: &mut Changes) {
    let (was, is) = (old.1, new.1);
    let before = changes.0.len();
    let of = |what: &str| format!("{what} of {}", code(&was.name));
    changes.unless_same(Weight::Breaking, &of("the primary key"), &keys(was), &keys(is));
    changes.unless_same(Weight::Breaking, &of("the replication method"), method_of(was), method_of(is));
    let key = |stream: &Stream| key_of(stream).map(code).unwrap_or_default();
    changes.unless_same(Weight::Breaking, &of("the replication key"), &key(was), &key(is));
    let bookmark = |stream: &Stream| stream.bookmark_type().map(ToString::to_string).unwrap_or_default();
    if key(was) == key(is) {
        changes.unless_same(Weight::Breaking, &of("the bookmark's type"), &bookmark(was), &bookmark(is));
    }
    changes.unless_same(Weight::Breaking, &of("the kind"), kind_of(was), kind_of(is));
    // Another key or method is told already, and changes half of what is said of how the stream is read.
    if changes.0.len() == before {
        read(old, new, changes);
    }
    tables(was, is, changes);
    changes.unless_same(
        Weight::Behaviour,
        &of("the permission"),
        was.permission.as_deref().unwrap_or_default(),
        is.permission.as_deref().unwrap_or_default(),
    );
    let told =
        |stream: &Stream| (stream.title.clone(), stream.description.clone(), stream.notes.clone(), stream.link.clone());
    if told(was) != told(is) {
        changes.add(Weight::Documentation, format!("{} is explained otherwise", code(&was.name)));
    }
}

/// Points and rules as the page has them, by label.
fn read((old, was): (&Connector, &Stream), (new, is): (&Connector, &Stream), changes: &mut Changes) {
    let said = |connector: &Connector, stream: &Stream| {
        let mut said: BTreeMap<&'static str, String> = BTreeMap::new();
        for point in points(connector, stream) {
            let text = said.entry(point.label).or_default();
            text.push_str(&point.plain());
        }
        said.insert("Rules for answers", crate::answer::rules(&stream.on_response).join(" "));
        said.insert("Bounds", crate::answer::limits(&stream.limits));
        said
    };
    let (was_said, is_said) = (said(old, was), said(new, is));
    let labels: BTreeSet<&&str> = was_said.keys().chain(is_said.keys()).collect();
    for label in labels.into_iter().filter(|label| was_said.get(**label) != is_said.get(**label)) {
        let text = |said: &BTreeMap<&'static str, String>| said.get(*label).cloned().unwrap_or_default();
        let what = format!("{}, {label}: it", code(&was.name));
        changes.unless_same(Weight::Behaviour, &what, &quoted(&text(&was_said)), &quoted(&text(&is_said)));
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("“{}”", text.trim_end_matches('.')) }
}

/// The tables of a stream with their columns.
fn shape(stream: &Stream) -> BTreeMap<String, Vec<Column>> {
    let Shape { columns, children } = Shape::of(stream, &mut Anchors::default());
    let own = (stream.name.clone(), columns);
    let children = children.into_iter().map(|child| {
        // What is made of the primary key changes with it, and is told with it.
        let columns = child.columns.into_iter().filter(|column| !column.added);
        (child.name, columns.collect())
    });
    std::iter::once(own).chain(children).collect()
}

fn tables(was: &Stream, is: &Stream, changes: &mut Changes) {
    let (old, new) = (shape(was), shape(is));
    for (name, columns) in &old {
        match new.get(name) {
            None => changes.add(Weight::Breaking, format!("the table {} is gone", code(name))),
            Some(now) => table(name, (columns, now), changes),
        }
    }
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        changes.add(Weight::Additive, format!("there is a new table {}", code(name)));
    }
    if was.unlisted != is.unlisted {
        let text = format!("members of records of {} that no field reads are treated otherwise", code(&was.name));
        changes.add(Weight::Behaviour, text);
    }
}

fn table(name: &str, (was, is): (&[Column], &[Column]), changes: &mut Changes) {
    let find = |columns: &[Column], name: &str| columns.iter().find(|column| column.name == name).cloned();
    let at = |column: &Column| code(&format!("{name}.{}", column.name));
    for old in was {
        let Some(new) = find(is, &old.name) else {
            changes.add(Weight::Breaking, format!("the column {} is gone", at(old)));
            continue;
        };
        changes.unless_same(Weight::Breaking, &format!("the type of {}", at(old)), &old.kind, &new.kind);
        let told = |column: &Column| {
            (column.title.clone(), column.description.clone(), column.remarks.clone(), column.example.clone())
        };
        if old.kind == new.kind && told(old) != told(&new) {
            changes.add(Weight::Documentation, format!("{} is explained otherwise", at(old)));
        }
    }
    for new in is.iter().filter(|new| find(was, &new.name).is_none()) {
        changes.add(Weight::Additive, format!("there is a new column {}", at(new)));
    }
}
