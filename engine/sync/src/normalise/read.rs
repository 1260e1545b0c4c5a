//! One pass over a record's text: the plan's actions as serde seeds.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::batch::{Batch, Cell};
use super::convert::cut;
use super::open::{NoPlace, Seen};
use super::plan::{Action, Entered, NONE, Plan, ROOT};
use super::single::Single;
use super::table::Tables;

/// Objects and lists in each other, as deep as a record may go where we look.
const DEPTH: usize = 64;

/// A record under way.
pub(super) struct Reading<'r, 'a> {
    pub(super) plan: &'r mut Plan,
    pub(super) tables: &'r mut Tables,
    pub(super) out: &'r mut Batch<'a>,
    levels: Vec<i64>,
    pub(super) depth: usize,
    pub(super) refusal: Option<Refusal>,
    /// Members for the column of what no field reads, by the entry of their key.
    extra: Vec<(u32, &'a str)>,
}

/// Why a record is not done.
pub(super) enum Refusal {
    /// It is rejected.
    Reason(String),
    /// The stream cannot go on.
    Stop(String),
    /// A number's digits are needed: read again, now that its leaf says so.
    Again,
}

impl<'r, 'a> Reading<'r, 'a> {
    pub(super) fn new(plan: &'r mut Plan, tables: &'r mut Tables, out: &'r mut Batch<'a>) -> Self {
        Reading { plan, tables, out, levels: Vec::new(), depth: 0, refusal: None, extra: Vec::new() }
    }

    /// Reads a record into the open rows.
    pub(super) fn record(&mut self, record: &'a str) -> Result<(), serde_json::Error> {
        self.open_row(0);
        let mut text = serde_json::Deserializer::from_str(record);
        text.deserialize_any(Record { reading: self })?;
        text.end()?;
        for at in 0..self.plan.whole.len() {
            self.text(self.plan.whole[at], record.trim())?;
        }
        self.put_extra();
        Ok(())
    }

    /// What no field reads, as one JSON object: in the order of the names, so that an API which shuffles them
    /// changes nothing.
    fn put_extra(&mut self) {
        let Some(column) = self.plan.extra.filter(|_| !self.extra.is_empty()) else { return };
        let mut members: Vec<(&str, &str)> =
            self.extra.iter().map(|(entry, raw)| (self.plan.name(ROOT, *entry), *raw)).collect();
        members.sort_unstable();
        let members: Vec<String> =
            members.into_iter().map(|(name, raw)| format!("{}:{raw}", serde_json::Value::from(name))).collect();
        self.put(0, column, Cell::Text(Cow::Owned(format!("{{{}}}", members.join(",")))));
    }

    /// Does `action` with a value of its own text.
    pub(super) fn text(&mut self, action: Action, text: &'a str) -> Result<(), serde_json::Error> {
        Value { reading: self, action }.deserialize(&mut serde_json::Deserializer::from_str(text))
    }

    pub(super) fn put(&mut self, table: usize, column: usize, cell: Cell<'a>) {
        let rows = &mut self.out.tables[table];
        let at = rows.open + column;
        if at >= rows.cells.len() {
            self.tables.fill(&mut rows.cells, at + 1);
        }
        rows.cells[at] = cell;
    }

    pub(super) fn refuse<E: Error>(&mut self, reason: String) -> E {
        self.refusal.get_or_insert(Refusal::Reason(reason));
        E::custom("refused")
    }

    fn open_row(&mut self, table: usize) {
        let rows = &mut self.out.tables[table];
        rows.open = rows.cells.len();
        let end = rows.open + self.tables.all[table].fixed;
        self.tables.fill(&mut rows.cells, end);
        if let Some(deleted) = self.tables.deleted.filter(|_| table == 0) {
            // A record without the mark is not deleted.
            rows.cells[rows.open + deleted] = Cell::Null;
        }
    }

    fn close_row(&mut self, table: usize) {
        let root = self.out.hashes.len();
        let rows = &mut self.out.tables[table];
        rows.close(rows.open, root);
        rows.levels.extend_from_slice(&self.levels);
    }

    fn leaf<E: Error>(&mut self, at: usize, cell: Result<Cell<'a>, String>) -> Result<(), E> {
        let cell = match cell {
            Ok(cell) => cell,
            Err(reason) => return self.misfits(Some(at), reason),
        };
        let (table, column) = (self.plan.leaves[at].table, self.plan.leaves[at].column);
        self.put(table, column, cell);
        Ok(())
    }

    fn raw_leaf<E: Error>(&mut self, at: usize, raw: &'a str) -> Result<(), E> {
        let leaf = &self.plan.leaves[at];
        let cell = match raw.as_bytes().first() {
            Some(b'"') => match unquote(raw) {
                Ok(text) => leaf.text(text),
                Err(error) => return Err(E::custom(error)),
            },
            Some(b'n') => Ok(Cell::Null),
            Some(b't' | b'f') => leaf.boolean(raw == "true"),
            Some(b'{') => Err(leaf.refusal("an object")),
            Some(b'[') => Err(leaf.refusal("a list")),
            _ => leaf.number(raw),
        };
        self.leaf(at, cell)
    }

    fn listed<E: Error>(&mut self, at: usize, raw: &'a str) -> Result<(), E> {
        let cell = match raw.as_bytes().first() {
            Some(b'[') => Ok(Cell::Text(Cow::Borrowed(raw))),
            Some(b'n') => Ok(Cell::Null),
            _ => Err(format!("field `{}`: {} is no list", self.plan.leaves[at].name, cut(raw))),
        };
        self.leaf(at, cell)
    }

    fn infer<E: Error>(&mut self, at: usize, raw: &'a str) -> Result<(), E> {
        let seen = match raw.as_bytes().first() {
            Some(b'n') => return self.empty(Action::Infer(at)),
            Some(b'{') => return self.open_object(at, raw),
            _ => Seen::of(raw, self.plan.naming).map_err(E::custom)?,
        };
        match self.plan.place(self.tables, at, &seen) {
            Ok((column, cell)) => {
                self.empty(Action::Infer(at))?;
                self.put(self.plan.inferred[at].table, column, cell);
                Ok(())
            }
            Err(NoPlace::Name(fault)) => Err(self.refuse(fault.to_string())),
            Err(NoPlace::Policy(unplaced)) => self.unplaced(unplaced),
        }
    }

    fn open_object<E: Error>(&mut self, at: usize, raw: &'a str) -> Result<(), E> {
        let node = self.plan.node_of(at);
        self.empty_columns(at)?;
        self.text(Action::Object(node), raw).map_err(E::custom)
    }

    pub(super) fn deeper<E: Error>(&mut self) -> Result<(), E> {
        self.depth += 1;
        match self.depth > DEPTH {
            true => Err(self.refuse(format!("nested more than {DEPTH} deep"))),
            false => Ok(()),
        }
    }
}

/// The text in quotes, borrowed unless it has escapes.
pub(super) fn unquote(raw: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    match raw.contains('\\') {
        true => serde_json::from_str(raw).map(Cow::Owned),
        false => Ok(Cow::Borrowed(&raw[1..raw.len() - 1])),
    }
}

struct Record<'s, 'r, 'a> {
    reading: &'s mut Reading<'r, 'a>,
}

impl<'a> Visitor<'a> for Record<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record, which is an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, map: M) -> Result<(), M::Error> {
        self.reading.object(ROOT, map)
    }
}

impl<'a> Reading<'_, 'a> {
    fn object<M: MapAccess<'a>>(&mut self, node: usize, mut map: M) -> Result<(), M::Error> {
        self.deeper()?;
        self.plan.visit += 1;
        let visit = self.plan.visit;
        let mut after = NONE;
        while let Some(entered) = map.next_key_seed(Key { plan: self.plan, node, after, visit })? {
            after = entered.position;
            if entered.again {
                let key = self.plan.key(node, after);
                return Err(self.refuse(format!("the key {key} stands twice in the record")));
            }
            map.next_value_seed(Value { reading: self, action: entered.action })?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn list<S: SeqAccess<'a>>(&mut self, list: usize, mut elements: S) -> Result<(), S::Error> {
        self.deeper()?;
        let (table, action) = (self.plan.lists[list].table, self.plan.lists[list].element);
        self.levels.push(0);
        loop {
            self.open_row(table);
            if elements.next_element_seed(Value { reading: self, action })?.is_none() {
                let open = self.out.tables[table].open;
                self.out.tables[table].cells.truncate(open);
                break;
            }
            self.close_row(table);
            if let Some(level) = self.levels.last_mut() {
                *level += 1;
            }
        }
        self.levels.pop();
        self.depth -= 1;
        Ok(())
    }
}

struct Key<'s> {
    plan: &'s mut Plan,
    node: usize,
    after: u32,
    visit: u64,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Entered;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entered, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = Entered;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Entered, E> {
        Ok(self.plan.enter(self.node, key, self.after, self.visit))
    }
}

struct Value<'s, 'r, 'a> {
    reading: &'s mut Reading<'r, 'a>,
    action: Action,
}

impl<'a> DeserializeSeed<'a> for Value<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        let reading = self.reading;
        match self.action {
            Action::Skip => IgnoredAny::deserialize(deserializer).map(|_| ()),
            Action::Leaf(at) if !reading.plan.leaves[at].raw => {
                let leaf = &mut reading.plan.leaves[at];
                match deserializer.deserialize_any(Single { leaf })? {
                    Some(cell) => reading.leaf(at, cell),
                    None => {
                        reading.refusal = Some(Refusal::Again);
                        Err(D::Error::custom("read again"))
                    }
                }
            }
            Action::Object(_) | Action::Through(_) | Action::List(_) => {
                deserializer.deserialize_any(Nested { reading, action: self.action })
            }
            Action::TooMany => Err(reading.refuse("an open object has too many different keys".into())),
            action => {
                let raw = <&'a RawValue>::deserialize(deserializer)?.get();
                reading.raw(action, raw)
            }
        }
    }
}

impl<'a> Reading<'_, 'a> {
    fn raw<E: Error>(&mut self, action: Action, raw: &'a str) -> Result<(), E> {
        match action {
            Action::Leaf(at) => self.raw_leaf(at, raw),
            Action::Json(at) if raw == "null" => self.leaf(at, Ok(Cell::Null)),
            Action::Json(at) => self.leaf(at, Ok(Cell::Text(Cow::Borrowed(raw)))),
            Action::Listed(at) => self.listed(at, raw),
            Action::Infer(at) => self.infer(at, raw),
            Action::Pairs(at) => self.pairs(at, raw),
            Action::Extra(entry) => {
                self.extra.push((entry, raw));
                Ok(())
            }
            Action::Mark => self.mark(raw),
            Action::Lacking(field) if raw != "null" => self.unlisted_there(field),
            Action::Several(at) => {
                for number in 0..self.plan.several[at].len() {
                    let action = self.plan.several[at][number];
                    self.text(action, raw).map_err(E::custom)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// An object or a list, as the action says; null is neither and nothing.
struct Nested<'s, 'r, 'a> {
    reading: &'s mut Reading<'r, 'a>,
    action: Action,
}

impl<'a> Nested<'_, '_, 'a> {
    fn scalar<E: Error>(self, seen: &str) -> Result<(), E> {
        let plan = &self.reading.plan;
        let reason = match self.action {
            Action::Object(node) => {
                format!("field `{}`: {seen} is no object", plan.nodes[node].label)
            }
            Action::List(list) => format!("field `{}`: {seen} is no list", plan.lists[list].name),
            _ => return Ok(()),
        };
        self.reading.misfits(None, reason)
    }
}

impl<'a> Visitor<'a> for Nested<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        if let Action::Object(node) | Action::Through(node) = self.action {
            return self.reading.object(node, map);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.scalar("an object")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<(), S::Error> {
        if let Action::List(at) = self.action {
            return self.reading.list(at, list);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.scalar("a list")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.scalar(&format!("\"{}\"", cut(text)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(&value.to_string())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(if value { "true" } else { "false" })
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.reading.empty(self.action)
    }
}
