//! Follows the wanted paths down into a body and skips all else, and says what is amiss.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use tapwright_spec::path::Segment;

use super::{Split, SplitFault, syntax};

/// Where slots stand: the paths that lead on from here, and what is taken here.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) keys: Vec<(String, Node)>,
    pub(super) each: Option<Box<Node>>,
    pub(super) indexes: BTreeMap<usize, Node>,
    pub(super) takes: Vec<Slot>,
    /// Whether records lie on from here; their absence is a fault.
    pub(super) leads_to_records: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    Record,
    Value(usize),
}

/// Whether a value is an element of a list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Alone,
    InList,
}

impl Node {
    /// Adds a path.
    pub(super) fn insert(&mut self, segments: &[Segment], slot: Slot) {
        self.leads_to_records |= matches!(slot, Slot::Record) && !segments.is_empty();
        let Some((first, rest)) = segments.split_first() else {
            self.takes.push(slot);
            return;
        };
        let child = match first {
            Segment::Key(name) => {
                let known = self.keys.iter().position(|(key, _)| key == name);
                let at = known.unwrap_or_else(|| {
                    self.keys.push((name.clone(), Node::default()));
                    self.keys.len() - 1
                });
                &mut self.keys[at].1
            }
            Segment::Index(index) => self.indexes.entry(*index).or_default(),
            Segment::Each => self.each.get_or_insert_default(),
        };
        child.insert(rest, slot);
    }

    fn has_children(&self) -> bool {
        !self.keys.is_empty() || self.each.is_some() || !self.indexes.is_empty()
    }

    pub(super) fn is_record_path(&self) -> bool {
        self.leads_to_records || self.takes_records()
    }

    pub(super) fn takes_records(&self) -> bool {
        self.takes.iter().any(|slot| matches!(slot, Slot::Record))
    }
}

/// Follows `plan` through `text`.
pub(super) fn run(plan: &Node, text: &str, slots: usize) -> Split {
    let mut sink = Sink {
        start: text.as_ptr() as usize,
        length: text.len(),
        split: Split { values: vec![None; slots], ..Split::default() },
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let outcome = Descent { node: plan, sink: &mut sink, at: "the document", standing: Standing::Alone }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    let mut split = sink.split;
    if let Err(error) = outcome {
        split.fault = Some(syntax(text, &error));
    }
    split
}

/// What was cut so far.
struct Sink {
    /// Where in memory the text begins.
    start: usize,
    length: usize,
    split: Split,
}

impl Sink {
    fn take(&mut self, slots: &[Slot], raw: &RawValue, standing: Standing) {
        let start = raw.get().as_ptr() as usize - self.start;
        let range = start..start + raw.get().len();
        for slot in slots {
            match slot {
                Slot::Value(at) => {
                    self.split.values[*at].get_or_insert(range.clone());
                }
                Slot::Record => match raw.get().as_bytes().first() {
                    Some(b'{') => self.split.records.push(range.clone()),
                    // What is no object in a list is judged with the other records.
                    _ if standing == Standing::InList => self.split.records.push(range.clone()),
                    Some(b'[') => {
                        self.no_records("a list stands there; its records are at `[*]` of it");
                    }
                    Some(b'n') => self.no_records("null stands there"),
                    _ => self.no_records("no object stands there"),
                },
            }
        }
    }

    fn no_records(&mut self, why: &str) {
        let fault = || SplitFault::NoRecords(why.to_owned());
        self.split.fault.get_or_insert_with(fault);
    }
}

/// Goes down one step of the plan.
struct Descent<'n, 's> {
    node: &'n Node,
    sink: &'s mut Sink,
    at: &'n str,
    standing: Standing,
}

impl<'de> DeserializeSeed<'de> for Descent<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.node.takes.is_empty() {
            return deserializer.deserialize_any(self);
        }
        let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?;
        self.sink.take(&self.node.takes, raw, self.standing);
        if self.node.has_children() {
            // The text is known to be sound, so that reading it again cannot fail.
            let mut again = serde_json::Deserializer::from_str(raw.get());
            again.deserialize_any(self).map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

impl<'n> Descent<'n, '_> {
    fn step(&mut self, node: &'n Node, standing: Standing) -> Descent<'n, '_> {
        Descent { node, sink: &mut *self.sink, at: self.at, standing }
    }

    fn no_container(self, what: &str) {
        if self.node.leads_to_records {
            let expected = if self.node.each.is_some() { "a list" } else { "an object" };
            let why = format!("{} is {what}, not {expected}", self.name());
            self.sink.no_records(&why);
        }
    }

    fn name(&self) -> String {
        if self.at == "the document" { self.at.to_owned() } else { format!("`{}`", self.at) }
    }
}

impl<'de> Visitor<'de> for Descent<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = vec![false; self.node.keys.len()];
        while let Some((found, text)) = map.next_key_seed(KeyOf(&self.node.keys))? {
            let Some(at) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let (name, child) = &self.node.keys[at];
            if std::mem::replace(&mut seen[at], true) {
                // A key with escapes was copied, and does not stand in the text as it is.
                let offset = text.checked_sub(self.sink.start).filter(|offset| *offset <= self.sink.length);
                let fault =
                    || SplitFault::Duplicate { key: name.clone(), offset: offset.map(|at| at.saturating_sub(1)) };
                self.sink.split.fault.get_or_insert_with(fault);
            }
            map.next_value_seed(Descent { node: child, sink: &mut *self.sink, at: name, standing: Standing::Alone })?;
        }
        for ((name, child), seen) in self.node.keys.iter().zip(seen) {
            if !seen && child.is_record_path() {
                self.sink.no_records(&format!("there is no `{name}`"));
            }
        }
        if self.node.each.as_ref().is_some_and(|each| each.is_record_path()) {
            self.no_container("an object");
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        if self.node.keys.iter().any(|(_, child)| child.is_record_path()) {
            let why = format!("{} is a list, not an object", self.name());
            self.sink.no_records(&why);
        }
        let each = self.node.each.as_deref();
        for index in 0.. {
            let indexed = self.node.indexes.get(&index);
            let more = match (each, indexed) {
                (Some(node), None) => seq.next_element_seed(self.step(node, Standing::InList))?.is_some(),
                (None, Some(node)) => seq.next_element_seed(self.step(node, Standing::Alone))?.is_some(),
                (None, None) => seq.next_element::<IgnoredAny>()?.is_some(),
                (Some(node), Some(other)) => match seq.next_element::<&RawValue>()? {
                    Some(raw) => {
                        for (node, standing) in [(node, Standing::InList), (other, Standing::Alone)] {
                            self.step(node, standing).deserialize(raw).map_err(serde::de::Error::custom)?;
                        }
                        true
                    }
                    None => false,
                },
            };
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.no_container("null");
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.no_container("a boolean");
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.no_container("a number");
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.no_container("a number");
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.no_container("a number");
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.no_container("a text");
        Ok(())
    }
}

/// Which of the keys that lead on the next one is, if it is one of them; and where in memory it was read.
struct KeyOf<'n>(&'n [(String, Node)]);

impl<'de> DeserializeSeed<'de> for KeyOf<'_> {
    type Value = (Option<usize>, usize);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyOf<'_> {
    type Value = (Option<usize>, usize);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok((self.0.iter().position(|(name, _)| name == key), key.as_ptr() as usize))
    }
}
