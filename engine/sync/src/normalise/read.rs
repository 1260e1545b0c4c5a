//! One pass over a record's text: what the plan says is done with each value where it stands.

use std::borrow::Cow;

use super::batch::{Batch, Cell};
use super::convert::cut;
use super::open::{NoPlace, Seen};
use super::plan::{Action, NONE, Plan, ROOT, Visit};
use super::run::{Running, is_as_written, is_one_line, is_text_as_written};
use super::table::Tables;
use crate::json::{Kind, Scanner};

/// Objects and lists in each other, as deep as a record may go where we look.
const DEPTH: usize = 64;

/// A record under way.
pub(super) struct Reading<'r, 'a> {
    pub(super) plan: &'r mut Plan,
    pub(super) tables: &'r mut Tables,
    pub(super) out: &'r mut Batch<'a>,
    /// The record, or a value of it that is read on its own.
    text: Scanner<'a>,
    levels: Vec<i64>,
    pub(super) depth: usize,
    /// Members for the column of what no field reads, by the entry of their key.
    extra: Vec<(u32, &'a str)>,
    /// The column of the last value, and its bytes in the record, if it would be written as it stands.
    stands: Option<(usize, usize)>,
    running: Running,
}

/// Why a record is not done.
pub(super) enum Refusal {
    /// It is rejected.
    Reason(String),
    /// It is rejected: its text is no JSON.
    NoJson,
    /// The stream cannot go on.
    Stop(String),
}

impl From<serde_json::Error> for Refusal {
    /// What is wrong is told of the whole record, with the place there.
    fn from(_: serde_json::Error) -> Refusal {
        Refusal::NoJson
    }
}

impl<'r, 'a> Reading<'r, 'a> {
    pub(super) fn new(plan: &'r mut Plan, tables: &'r mut Tables, out: &'r mut Batch<'a>) -> Self {
        let (text, running) = (Scanner::new(""), Running::default());
        Reading { plan, tables, out, text, levels: Vec::new(), depth: 0, extra: Vec::new(), stands: None, running }
    }

    /// Reads a record into the open rows.
    pub(super) fn record(&mut self, record: &'a str) -> Result<(), Refusal> {
        self.open_row(0);
        self.text = Scanner::new(record).of_any_depth();
        match self.text.kind() {
            Some(Kind::Object) => self.object(ROOT)?,
            _ => return Err(Refusal::NoJson),
        }
        self.text.end().ok_or(Refusal::NoJson)?;
        self.out.tables[0].runs.extend(self.running.end(&self.text));
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
    pub(super) fn text(&mut self, action: Action, text: &'a str) -> Result<(), Refusal> {
        let around = std::mem::replace(&mut self.text, Scanner::new(text).of_any_depth());
        self.value(action)?;
        self.text = around;
        Ok(())
    }

    #[inline(always)]
    pub(super) fn put(&mut self, table: usize, column: usize, cell: Cell<'a>) {
        let rows = &mut self.out.tables[table];
        let at = rows.open + column;
        if at >= rows.cells.len() {
            self.tables.fill(&mut rows.cells, at + 1);
        }
        rows.cells[at] = cell;
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

    pub(super) fn deeper(&mut self) -> Result<(), Refusal> {
        self.depth += 1;
        match self.depth > DEPTH {
            true => Err(Refusal::Reason(format!("nested more than {DEPTH} deep"))),
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

/// Objects and lists.
impl Reading<'_, '_> {
    fn object(&mut self, node: usize) -> Result<(), Refusal> {
        self.deeper()?;
        self.plan.visit += 1;
        let mut visit = Visit { after: NONE, number: self.plan.visit };
        let mut inside = self.text.enter().ok_or(Refusal::NoJson)?;
        while self.text.more(&mut inside).ok_or(Refusal::NoJson)? {
            let from = self.text.at();
            let mut key = None;
            self.stands = None;
            let entered = match self.plan.nodes[node].expected(visit.after) {
                Some((position, written)) if self.text.passes(written) => {
                    key = Some(written.len());
                    self.plan.enter_at(node, position, visit)
                }
                _ => {
                    let key = self.text.key().ok_or(Refusal::NoJson)?.text()?;
                    self.plan.enter(node, &key, visit)
                }
            };
            visit.after = entered.position;
            if entered.again {
                let key = self.plan.key(node, visit.after);
                return Err(Refusal::Reason(format!("the key {key} stands twice in the record")));
            }
            self.value(entered.action)?;
            if node == ROOT && self.plan.bounds.takes_members && self.plan.nodes[ROOT].is_column(entered.position) {
                self.note_member(from, key);
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// A member of the record is read that begins here, with a key of so many bytes if that is written as it should be.
    fn note_member(&mut self, from: usize, key: Option<usize>) {
        let to = self.text.at();
        if let Some((column, bytes)) = self.stands.take()
            && key.is_some_and(|key| from + key + bytes == to)
            && let Some(run) = self.running.add(column, (from, to), &self.text)
        {
            self.out.tables[0].runs.push(run);
        }
    }

    fn list(&mut self, list: usize) -> Result<(), Refusal> {
        self.deeper()?;
        let (table, action) = (self.plan.lists[list].table, self.plan.lists[list].element);
        self.levels.push(0);
        let mut inside = self.text.enter().ok_or(Refusal::NoJson)?;
        while self.text.more(&mut inside).ok_or(Refusal::NoJson)? {
            self.open_row(table);
            self.value(action)?;
            self.close_row(table);
            if let Some(level) = self.levels.last_mut() {
                *level += 1;
            }
        }
        self.levels.pop();
        self.depth -= 1;
        Ok(())
    }

    /// An object or a list, as the action says; null is neither and nothing.
    fn nested(&mut self, action: Action) -> Result<(), Refusal> {
        match (self.text.kind().ok_or(Refusal::NoJson)?, action) {
            (Kind::Object, Action::Object(node) | Action::Through(node)) => self.object(node),
            (Kind::List, Action::List(list)) => self.list(list),
            (Kind::Null, action) => {
                self.text.skip().ok_or(Refusal::NoJson)?;
                self.empty(action)
            }
            (kind, action) => self.no_container(kind, action),
        }
    }

    fn no_container(&mut self, kind: Kind, action: Action) -> Result<(), Refusal> {
        let raw = self.text.value().ok_or(Refusal::NoJson)?;
        let seen = match kind {
            Kind::Object => "an object".to_owned(),
            Kind::List => "a list".to_owned(),
            Kind::Text => format!("\"{}\"", cut(&unquote(raw)?)),
            _ => raw.to_owned(),
        };
        let reason = match action {
            Action::Object(node) => format!("field `{}`: {seen} is no object", self.plan.nodes[node].label),
            Action::List(list) => format!("field `{}`: {seen} is no list", self.plan.lists[list].name),
            _ => return Ok(()),
        };
        self.misfits(None, reason)
    }
}

/// Values.
impl<'a> Reading<'_, 'a> {
    /// Does `action` with the value that comes next.
    fn value(&mut self, action: Action) -> Result<(), Refusal> {
        match action {
            Action::Skip => self.text.skip().ok_or(Refusal::NoJson),
            Action::Leaf(at) => self.single(at),
            Action::Object(_) | Action::Through(_) | Action::List(_) => self.nested(action),
            Action::TooMany => Err(Refusal::Reason("an open object has too many different keys".into())),
            action => {
                let raw = self.text.value().ok_or(Refusal::NoJson)?;
                self.raw(action, raw)
            }
        }
    }

    fn single(&mut self, at: usize) -> Result<(), Refusal> {
        let leaf = &self.plan.leaves[at];
        let kind = self.text.kind().ok_or(Refusal::NoJson)?;
        let (table, column) = (leaf.table, leaf.column);
        if kind == Kind::Text {
            let quoted = self.text.quoted().ok_or(Refusal::NoJson)?;
            let text = quoted.text()?;
            // Most texts, put where they go without a detour.
            if let Cow::Borrowed(text) = text
                && leaf.takes(text)
            {
                self.stands = Some((column, quoted.written.len()));
                self.put(table, column, Cell::Text(Cow::Borrowed(text)));
                return Ok(());
            }
            let cell = leaf.text(text);
            let stands = cell.as_ref().is_ok_and(|cell| is_text_as_written(cell, quoted.written));
            self.stands = stands.then_some((column, quoted.written.len()));
            return self.leaf(at, cell);
        }
        let raw = self.text.value().ok_or(Refusal::NoJson)?;
        let cell = match kind {
            Kind::Null => Ok(Cell::Null),
            Kind::Boolean => leaf.boolean(raw == "true"),
            Kind::Object => Err(leaf.refusal("an object")),
            Kind::List => Err(leaf.refusal("a list")),
            Kind::Number | Kind::Text => match leaf.whole(raw) {
                Some(number) => Ok(Cell::Integer(number)),
                None => leaf.number(raw),
            },
        };
        let stands =
            self.plan.bounds.takes_members && cell.as_ref().is_ok_and(|cell| is_as_written(leaf.kind, kind, cell, raw));
        self.stands = stands.then_some((column, raw.len()));
        self.leaf(at, cell)
    }

    #[inline(always)]
    fn leaf(&mut self, at: usize, cell: Result<Cell<'a>, String>) -> Result<(), Refusal> {
        let cell = match cell {
            Ok(cell) => cell,
            Err(reason) => return self.misfits(Some(at), reason),
        };
        let (table, column) = (self.plan.leaves[at].table, self.plan.leaves[at].column);
        self.put(table, column, cell);
        Ok(())
    }

    fn raw(&mut self, action: Action, raw: &'a str) -> Result<(), Refusal> {
        match action {
            Action::Json(at) => {
                let column = self.plan.leaves[at].column;
                self.stands = (self.plan.bounds.takes_members && is_one_line(raw)).then_some((column, raw.len()));
                self.leaf(at, Ok(if raw == "null" { Cell::Null } else { Cell::Text(Cow::Borrowed(raw)) }))
            }
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
                    self.text(self.plan.several[at][number], raw)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn listed(&mut self, at: usize, raw: &'a str) -> Result<(), Refusal> {
        let cell = match raw.as_bytes().first() {
            Some(b'[') => Ok(Cell::Text(Cow::Borrowed(raw))),
            Some(b'n') => Ok(Cell::Null),
            _ => Err(format!("field `{}`: {} is no list", self.plan.leaves[at].name, cut(raw))),
        };
        self.leaf(at, cell)
    }

    fn infer(&mut self, at: usize, raw: &'a str) -> Result<(), Refusal> {
        let seen = match raw.as_bytes().first() {
            Some(b'n') => return self.empty(Action::Infer(at)),
            Some(b'{') => {
                let node = self.plan.node_of(at);
                self.empty_columns(at)?;
                return self.text(Action::Object(node), raw);
            }
            _ => Seen::of(raw, self.plan.naming)?,
        };
        match self.plan.place(self.tables, at, &seen) {
            Ok((column, cell)) => {
                self.empty(Action::Infer(at))?;
                self.put(self.plan.inferred[at].table, column, cell);
                Ok(())
            }
            Err(NoPlace::Name(fault)) => Err(Refusal::Reason(fault.to_string())),
            Err(NoPlace::Policy(unplaced)) => self.unplaced(unplaced),
        }
    }
}
