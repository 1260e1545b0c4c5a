//! Follows the wanted paths down into a body in which all stands as it should, as most bodies do.
//!
//! Whatever is amiss ends it without a result: [`run`](super::descent::run) goes through the body again and says what
//! that is.

use super::Split;
use super::descent::{Node, Slot};
use crate::json::{Kind, Scanner};

/// Follows `plan` through `text`; nothing if there is something to tell.
pub(super) fn run(plan: &Node, text: &str, slots: usize) -> Option<Split> {
    let split = Split { values: vec![None; slots], ..Split::default() };
    let mut walk = Walk { text: Scanner::new(text), split, keys: Vec::new() };
    walk.step(plan, false)?;
    walk.text.end()?;
    Some(walk.split)
}

struct Walk<'t> {
    text: Scanner<'t>,
    split: Split,
    /// The keys of the last record.
    keys: Vec<&'t str>,
}

impl Walk<'_> {
    fn step(&mut self, node: &Node, in_list: bool) -> Option<()> {
        let kind = self.text.kind()?;
        let from = self.text.at();
        match kind {
            Kind::Object if !node.keys.is_empty() => self.object(node)?,
            Kind::List if node.each.is_some() || !node.indexes.is_empty() => self.list(node)?,
            _ if node.leads_to_records => return None,
            _ if node.takes_records() => self.text.skip_like(&mut self.keys)?,
            _ => self.text.skip()?,
        }
        for slot in &node.takes {
            let range = from..self.text.at();
            match slot {
                Slot::Value(at) => drop(self.split.values[*at].get_or_insert(range)),
                Slot::Record if in_list || kind == Kind::Object => self.split.records.push(range),
                Slot::Record => return None,
            }
        }
        Some(())
    }

    fn object(&mut self, node: &Node) -> Option<()> {
        let mut seen = vec![false; node.keys.len()];
        let mut inside = self.text.enter()?;
        while self.text.more(&mut inside)? {
            let key = self.text.key()?.text().ok()?;
            let Some(at) = node.keys.iter().position(|(name, _)| *name == key) else {
                self.text.skip()?;
                continue;
            };
            if std::mem::replace(&mut seen[at], true) {
                return None;
            }
            self.step(&node.keys[at].1, false)?;
        }
        let is_missing = |((_, child), seen): (&(String, Node), bool)| !seen && child.is_record_path();
        let faulty = node.keys.iter().zip(seen).any(is_missing);
        (!faulty && !node.each.as_ref().is_some_and(|each| each.is_record_path())).then_some(())
    }

    fn list(&mut self, node: &Node) -> Option<()> {
        if node.keys.iter().any(|(_, child)| child.is_record_path()) {
            return None;
        }
        let mut inside = self.text.enter()?;
        let mut index = 0;
        while self.text.more(&mut inside)? {
            match (node.each.as_deref(), node.indexes.get(&index)) {
                (Some(each), None) => self.step(each, true)?,
                (None, Some(one)) => self.step(one, false)?,
                (None, None) => self.text.skip()?,
                (Some(_), Some(_)) => return None,
            }
            index += 1;
        }
        Some(())
    }
}
