//! The compiled form of a stream's fields: a trie of JSON keys that says what to do with each value.

use std::collections::{HashMap, HashSet};

use tapwright_spec::model::Naming;
use tapwright_spec::path::{Path, Segment};

use super::bounds::Bounds;
use super::convert::Leaf;
use super::mark::Mark;
use super::policy::Policy;
use super::table::{ColumnType, Table};

/// What to do with the value that stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Nothing.
    Skip,
    /// Convert it to the cell of [`Plan::leaves`] at this place.
    Leaf(usize),
    /// Keep its raw text in the cell of this leaf.
    Json(usize),
    /// It must be an object (or null); go on with [`Plan::nodes`] at this place.
    Object(usize),
    /// If it is an object, go on with this node: a field's `from` leads through it.
    Through(usize),
    /// It must be a list (or null): each element becomes a row, see [`Plan::lists`].
    List(usize),
    /// It must be a list (or null): keep its raw text in the cell of this leaf.
    Listed(usize),
    /// Whatever it is, find or make a column for it, see [`Plan::inferred`].
    Infer(usize),
    /// It must be a list of names with values (or null), see [`Plan::pairs`].
    Pairs(usize),
    /// It says whether the record is deleted, see [`Plan::mark`].
    Mark,
    /// Each of these, see [`Plan::several`].
    Several(usize),
    /// Keep it with its key for the column of what no field reads.
    Extra(u32),
    /// The tables have no column for it and get none, see [`Plan::lacking`].
    Lacking(usize),
    /// An open object has more keys than we can follow.
    TooMany,
}

/// A key of an object.
#[derive(Debug)]
pub(super) struct Entry {
    name: Box<str>,
    /// The key as it is written where nothing says otherwise, colon and all.
    written: Box<str>,
    /// It is the name of the column that its value goes to.
    is_column: bool,
    pub(super) action: Action,
    /// The entry that followed last time: most APIs keep the order of keys.
    next: u32,
    /// The visit in which the key was seen, to notice it a second time.
    seen: u64,
}

/// An object.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) entries: Vec<Entry>,
    by_name: HashMap<Box<str>, u32>,
    first: u32,
    /// What a person calls the object, for messages; empty for the record itself.
    pub(super) label: String,
    pub(super) unknown: Unknown,
    /// Columns of earlier runs that its members may have; none: nobody asked for them.
    pub(super) recalled: Option<Vec<usize>>,
}

/// What to do with a key that the spec does not list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unknown {
    /// Pass over it.
    Skip,
    /// Pass over it and remember its name.
    Tell,
    /// Make a column of it: in this table, with this prefix.
    Infer { table: usize, prefix: String },
    /// Keep it for the column of what no field reads.
    Extra,
}

/// A list.
#[derive(Debug)]
pub(super) struct List {
    pub(super) table: usize,
    pub(super) name: String,
    pub(super) element: Action,
}

/// A list of names with values.
#[derive(Debug)]
pub(super) struct Pairs {
    /// Where an element has its name.
    pub(super) key: Vec<Segment>,
    /// Where it has its value.
    pub(super) value: Vec<Segment>,
    /// The node of an open object that has these names.
    pub(super) node: usize,
}

/// A key of an open object, and the columns it has so far.
#[derive(Debug)]
pub(super) struct Inferred {
    pub(super) table: usize,
    /// Where it stands, as [`Naming::column`] takes it.
    pub(super) path: String,
    pub(super) name: String,
    pub(super) main: Option<ColumnType>,
    pub(super) columns: Vec<(ColumnType, usize)>,
    /// The type that takes all values of the page on which the column is made, if the first one's does not.
    pub(super) wish: Option<ColumnType>,
    /// Node of the object that stands there, once one was seen.
    pub(super) node: Option<usize>,
    /// Its columns of earlier runs are among these.
    pub(super) recalled: bool,
}

impl Inferred {
    fn new(table: usize, path: String, naming: Naming) -> Inferred {
        let (name, columns, recalled) = (naming.column(&path), Vec::new(), false);
        Inferred { table, path, name, main: None, columns, wish: None, node: None, recalled }
    }
}

/// A field that a path gives that is not just names.
#[derive(Debug)]
pub(super) struct Elsewhere {
    pub(super) path: Path,
    pub(super) name: String,
    pub(super) action: Action,
}

/// Everything that a record is read by.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) nodes: Vec<Node>,
    pub(super) naming: Naming,
    pub(super) leaves: Vec<Leaf>,
    pub(super) lists: Vec<List>,
    pub(super) pairs: Vec<Pairs>,
    pub(super) inferred: Vec<Inferred>,
    pub(super) several: Vec<Vec<Action>>,
    pub(super) elsewhere: Vec<Elsewhere>,
    /// How the mark of a deleted record is read, if there is one.
    pub(super) mark: Option<Mark>,
    /// What is read from the record as a whole (`from: $`).
    pub(super) whole: Vec<Action>,
    /// By field: the leaf that `add` fills.
    pub(super) added: Vec<Option<usize>>,
    /// Columns that the destination has already, by table and lower-case name.
    pub(super) existing: HashMap<(usize, String), ColumnType>,
    /// Columns among the tables' that only earlier runs have filled, and no key of this one yet.
    pub(super) orphans: HashSet<(usize, usize)>,
    /// What the destination cannot hold.
    pub(super) bounds: Bounds,
    /// What is done about values that do not fit.
    pub(super) policy: Policy,
    /// Fields for which the tables have no column, and get none.
    pub(super) lacking: Vec<String>,
    pub(super) unlisted: Vec<String>,
    /// The column of what no field reads, if there is one.
    pub(super) extra: Option<usize>,
    /// Columns of each table when the page began; empty where nobody counts pages.
    pub(super) page: Vec<usize>,
    /// A column that the page made should be wider.
    pub(super) widens: bool,
    pub(super) visit: u64,
}

/// The record itself.
pub(super) const ROOT: usize = 0;

/// No entry.
pub(super) const NONE: u32 = u32::MAX;

/// Keys that are remembered to be passed over or told of, per object.
const REMEMBERED: usize = 2_000;

/// Keys that become columns, or are kept for one, per stream.
const INFERRED: usize = 20_000;

impl Node {
    pub(super) fn new(label: String, unknown: Unknown) -> Node {
        Node { entries: Vec::new(), by_name: HashMap::new(), first: NONE, label, unknown, recalled: None }
    }

    pub(super) fn entry(&mut self, name: &str, action: Action) -> u32 {
        let position = self.entries.len() as u32;
        self.by_name.insert(name.into(), position);
        let written = format!("{}:", serde_json::Value::from(name)).into();
        self.entries.push(Entry { name: name.into(), written, is_column: false, action, next: NONE, seen: 0 });
        position
    }

    pub(super) fn position(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// Whether the value of this entry goes to a column of its name.
    pub(super) fn is_column(&self, position: u32) -> bool {
        self.entries.get(position as usize).is_some_and(|entry| entry.is_column)
    }

    /// The entry that followed the entry `after` last time, and how it is written.
    pub(super) fn expected(&self, after: u32) -> Option<(u32, &str)> {
        let guess = self.entries.get(after as usize).map_or(self.first, |entry| entry.next);
        self.entries.get(guess as usize).map(|entry| (guess, &*entry.written))
    }

    /// The entry of `key`, which followed the entry `after` in the record.
    fn find(&mut self, key: &str, after: u32) -> Option<u32> {
        let found = *self.by_name.get(key)?;
        match self.entries.get_mut(after as usize) {
            Some(entry) => entry.next = found,
            None => self.first = found,
        }
        Some(found)
    }
}

impl Plan {
    pub(super) fn node(&mut self, label: &str, unknown: Unknown) -> usize {
        self.nodes.push(Node::new(label.to_owned(), unknown));
        self.nodes.len() - 1
    }

    pub(super) fn leaf(&mut self, leaf: Leaf) -> usize {
        self.leaves.push(leaf);
        self.leaves.len() - 1
    }

    /// Notes which members of a record have the name of their column, once all are known.
    pub(super) fn name_columns(&mut self, own: &Table) {
        for entry in &mut self.nodes[ROOT].entries {
            if let Action::Leaf(at) | Action::Json(at) = entry.action {
                let leaf = &self.leaves[at];
                entry.is_column = leaf.table == 0 && own.columns[leaf.column].name == *entry.name;
            }
        }
    }

    /// The entry of a key in a node, and whether it was seen before in this visit. `NONE` for a key
    /// that is one too many to remember.
    pub(super) fn enter(&mut self, node: usize, key: &str, visit: Visit) -> Entered {
        let position = match self.nodes[node].find(key, visit.after) {
            Some(position) => position,
            None => self.meet(node, key),
        };
        self.enter_at(node, position, visit)
    }

    /// The same for a key whose entry is known.
    pub(super) fn enter_at(&mut self, node: usize, position: u32, visit: Visit) -> Entered {
        let Visit { after, number } = visit;
        let node = &mut self.nodes[node];
        let Some(entry) = node.entries.get_mut(position as usize) else {
            let action = match node.unknown {
                Unknown::Infer { .. } | Unknown::Extra => Action::TooMany,
                _ => Action::Skip,
            };
            return Entered { position: after, action, again: false };
        };
        let again = entry.seen == number && entry.action != Action::Skip;
        entry.seen = number;
        Entered { position, action: entry.action, again }
    }

    /// A key that the record has not shown yet.
    pub(super) fn meet(&mut self, node: usize, key: &str) -> u32 {
        let action = match &self.nodes[node].unknown {
            Unknown::Infer { .. } if self.inferred.len() >= INFERRED => return NONE,
            Unknown::Infer { table, prefix } => {
                let inferred = Inferred::new(*table, format!("{prefix}{key}"), self.naming);
                self.inferred.push(inferred);
                Action::Infer(self.inferred.len() - 1)
            }
            Unknown::Extra if self.nodes[node].entries.len() >= INFERRED => return NONE,
            Unknown::Extra => Action::Extra(self.nodes[node].entries.len() as u32),
            _ if self.nodes[node].entries.len() >= REMEMBERED => return NONE,
            Unknown::Tell => {
                self.unlisted.push(key.to_owned());
                Action::Skip
            }
            Unknown::Skip => Action::Skip,
        };
        self.nodes[node].entry(key, action)
    }
}

/// How far an object is gone through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    /// The entry of the key before, or `NONE`.
    pub(super) after: u32,
    /// Its number among all objects.
    pub(super) number: u64,
}

/// A key that was met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entered {
    pub(super) position: u32,
    pub(super) action: Action,
    pub(super) again: bool,
}

impl Plan {
    /// A key as the record has it.
    pub(super) fn name(&self, node: usize, position: u32) -> &str {
        self.nodes[node].entries.get(position as usize).map_or("", |entry| &*entry.name)
    }

    /// A key as a message names it.
    pub(super) fn key(&self, node: usize, position: u32) -> String {
        let key = self.name(node, position);
        match self.nodes[node].label.as_str() {
            "" => format!("`{key}`"),
            label => format!("`{key}` of `{label}`"),
        }
    }

    /// The node of the object that stands under a key of an open object.
    pub(super) fn node_of(&mut self, inferred: usize) -> usize {
        if let Some(node) = self.inferred[inferred].node {
            return node;
        }
        let one = &self.inferred[inferred];
        let unknown = Unknown::Infer { table: one.table, prefix: self.naming.prefix(&one.path) };
        let label = one.name.clone();
        let node = self.node(&label, unknown);
        self.inferred[inferred].node = Some(node);
        node
    }
}
