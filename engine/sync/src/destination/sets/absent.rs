//! Records that tell a part of their row. Which values came stands beside them as they come in; a value that did not come
//! stays as it is in the row.

use super::Trouble;
use super::load::Load;
use super::session::Session;
use crate::destination::shape::{Column, equal, list, quote};
use crate::normalise::{Cell, ColumnType};

/// The column that says which values came. No field is called so: names of this load mode never begin with `_` and a
/// letter.
const CAME: &str = "_came";

/// Values that a letter of the column tells of. Letters from `@` on are one byte each, so that the column is a text.
const LETTER: usize = 6;

/// What of the records that wait did not come.
#[derive(Debug, Default)]
pub(super) struct Absent {
    /// By place of the column: whether a record lacks it.
    ever: Vec<bool>,
    letters: String,
}

impl Absent {
    /// The column beside the rows that come.
    pub(super) fn column() -> Column {
        Column::ours(CAME, ColumnType::Text)
    }

    /// Which of so many values a record tells, as the column has it.
    pub(super) fn note(&mut self, cells: &[Cell<'_>], width: usize) -> &str {
        self.ever.resize(width.max(self.ever.len()), false);
        self.letters.clear();
        for from in (0..width).step_by(LETTER) {
            let mut bits = 0_u8;
            for at in from..width.min(from + LETTER) {
                match cells.get(at) {
                    None | Some(Cell::Absent) => self.ever[at] = true,
                    Some(_) => bits |= 1 << (at - from),
                }
            }
            self.letters.push(char::from(b'@' | bits));
        }
        &self.letters
    }

    /// Nothing waits any more.
    pub(super) fn settled(&mut self) {
        self.ever.clear();
    }

    fn is_ever(&self, at: usize) -> bool {
        self.ever.get(at).copied().unwrap_or_default()
    }
}

/// The letter that tells of a value.
fn letter(prefix: &str, at: usize) -> String {
    format!("ascii(substr({prefix}{CAME}, {}, 1))", at / LETTER + 1)
}

/// Whether a value came.
fn came(prefix: &str, at: usize) -> String {
    format!("({} & {} <> 0)", letter(prefix, at), 1 << (at % LETTER))
}

impl<S: Session> Load<S> {
    /// The columns of records that are not the key, with their places.
    fn values(&self) -> impl Iterator<Item = (usize, &Column)> {
        let own = &self.shapes[0];
        own.cells.iter().enumerate().filter(|(_, column)| !own.key.iter().any(|key| key.name == column.name))
    }

    fn is_ever_absent(&self, at: usize) -> bool {
        self.absent.as_ref().is_some_and(|absent| absent.is_ever(at))
    }

    /// Sets each column of `row` to what the record `i` tells.
    pub(super) fn sets_told(&self, row: &str) -> String {
        let told = |(at, column): (usize, &Column)| {
            let (name, value) = (quote(&column.name), self.told(column, row));
            match self.is_ever_absent(at) {
                true => format!("{name} = CASE WHEN {} THEN {value} ELSE {row}.{name} END", came("i.", at)),
                false => format!("{name} = {value}"),
            }
        };
        let marks = [self.marks.received, self.marks.said, self.marks.sequence];
        let marks = marks.iter().map(|name| format!("{name} = i.{name}"));
        self.values().map(told).chain(marks).collect::<Vec<_>>().join(", ")
    }

    /// What the record `i` tells of a column of `row`.
    fn told(&self, column: &Column, row: &str) -> String {
        let name = quote(&column.name);
        if self.deleted.as_ref() == Some(&name) { self.since(&name, row) } else { format!("i.{name}") }
    }

    /// Whether the record `i` tells something that the row `r` does not hold.
    fn news(&self) -> String {
        let differs = |(at, column): (usize, &Column)| {
            // What is equal as JSON or as a number may be written otherwise.
            let text = if matches!(column.kind, ColumnType::Json | ColumnType::Decimal) { "::text" } else { "" };
            let (name, value) = (quote(&column.name), self.told(column, "r"));
            let differs = format!("({value}){text} IS DISTINCT FROM r.{name}{text}");
            if self.is_ever_absent(at) { format!("{} AND {differs}", came("i.", at)) } else { differs }
        };
        let all: Vec<String> = self.values().map(differs).collect();
        if all.is_empty() { "FALSE".to_owned() } else { all.join(" OR ") }
    }

    /// Says of each record what it is, where rows are merged: see [`Load::merge`].
    pub(super) fn verdict_on_told(&self) -> String {
        let key = &self.shapes[0].key;
        let first = quote(&key[0].name);
        let marks = self.marks;
        // A record that says what the last one said brings nothing, unless it stands for several. Of those the ones that
        // are older are gone already.
        let (same, older) = match self.repeats {
            true => (format!("NOT ({})", self.news()), String::new()),
            false => (
                format!("(r.{said} = i.{said} OR NOT ({}))", self.news(), said = marks.said),
                format!("WHEN {} THEN 'o' ", self.older("r")),
            ),
        };
        format!(
            "CASE WHEN r.{first} IS NULL THEN 'n' \
             WHEN s.{first} IS NOT NULL OR r.{sequence} >= {start} THEN CASE {older}WHEN {same} THEN 's' ELSE 'a' END \
             WHEN {same} THEN 'u' ELSE 'c' END \
             FROM {incoming} i LEFT JOIN {target} r ON {by_key} LEFT JOIN {seen} s ON {by_seen}",
            sequence = marks.sequence,
            start = marks.number(self.base.start),
            incoming = self.temporary("in", 0),
            target = self.target(0),
            by_key = equal(key, "i", key, "r"),
            seen = self.temporary("seen", 0),
            by_seen = equal(key, "i", key, "s"),
        )
    }

    /// Makes one record of those with one key that came together, in their order; says how many went.
    pub(super) fn fold(&self, session: &S) -> Result<u64, Trouble> {
        let passed = match self.passed_over() {
            Some(passed) => session.delete(&passed)?,
            None => 0,
        };
        let parts: Vec<(usize, &Column)> = self.values().filter(|(at, _)| self.is_ever_absent(*at)).collect();
        if !parts.is_empty() {
            session.run(&self.folded(&parts))?;
        }
        Ok(passed + session.delete(&self.latest(""))?)
    }

    /// The last record of a key gets of each of these columns the last value that came.
    fn folded(&self, parts: &[(usize, &Column)]) -> String {
        let (incoming, sequence) = (self.temporary("in", 0), self.marks.sequence);
        let key = list(&self.shapes[0].key, "");
        let (mut sets, mut values) = (Vec::new(), Vec::new());
        for (at, column) in parts {
            let name = quote(&column.name);
            sets.push(format!("{name} = m.{name}"));
            let last = format!("(array_agg({name} ORDER BY {sequence} DESC) FILTER (WHERE {}))[1]", came("", *at));
            values.push(format!("{last} AS {name}"));
        }
        let letters = (0..self.shapes[0].cells.len()).step_by(LETTER);
        let letters: Vec<String> = letters.map(|at| format!("chr(bit_or({}))", letter("", at))).collect();
        format!(
            "UPDATE {incoming} i SET {sets}, {CAME} = m.{CAME} FROM (SELECT max({sequence}) AS {sequence}, {values}, \
             {letters} AS {CAME} FROM (SELECT *, count(*) OVER (PARTITION BY {key}) AS _times FROM {incoming}) t \
             WHERE _times > 1 GROUP BY {key}) m WHERE m.{sequence} = i.{sequence};",
            sets = sets.join(", "),
            values = values.join(", "),
            letters = letters.join(" || "),
        )
    }

    /// Deletes records whose replication key is smaller than the one that the row had by then: the greatest of those that
    /// came since the last which emptied it, and that of the row itself where it counts. It counts if the row is of
    /// this load, or if the first record did not tell one.
    fn passed_over(&self) -> Option<String> {
        let own = &self.shapes[0];
        let (name, _) = self.order.as_ref()?;
        let (ours, theirs) = (self.compared("")?, self.compared("r.")?);
        let at = own.cells.iter().position(|column| quote(&column.name) == *name)?;
        let (key, first, sequence) = (&own.key, quote(&own.key[0].name), self.marks.sequence);
        let (keys, of_row) = (list(key, ""), list(key, "t."));
        Some(format!(
            "DELETE FROM {incoming} i USING (SELECT t.{sequence}, t._ours, greatest(max(t._ours) OVER \
               (PARTITION BY {of_row}, t._emptied ORDER BY t.{sequence} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), \
               CASE WHEN t._emptied = 0 AND (t._bare OR r.{sequence} >= {start} OR s.{first} IS NOT NULL) THEN {theirs} END) \
               AS _bar FROM (SELECT {keys}, {sequence}, {ours} AS _ours, count(*) FILTER (WHERE {came} AND {name} IS NULL) \
               OVER w AS _emptied, first_value(NOT {came}) OVER w AS _bare FROM {incoming} \
               WINDOW w AS (PARTITION BY {keys} ORDER BY {sequence})) t LEFT JOIN {target} r ON {by_key} \
               LEFT JOIN {seen} s ON {by_seen}) p WHERE p.{sequence} = i.{sequence} AND p._ours < p._bar",
            incoming = self.temporary("in", 0),
            start = self.marks.number(self.base.start),
            came = came("", at),
            target = self.target(0),
            by_key = equal(key, "t", key, "r"),
            seen = self.temporary("seen", 0),
            by_seen = equal(key, "t", key, "s"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Absent;
    use crate::normalise::Cell;

    #[test]
    fn a_letter_tells_of_six_values() {
        let mut absent = Absent::default();
        let told = |count: usize| vec![Cell::Null; count];
        assert_eq!(absent.note(&told(7), 7), "\u{7f}A");
        assert!(!(0..7).any(|at| absent.is_ever(at)));
        let mut some = told(7);
        some[1] = Cell::Absent;
        assert_eq!(absent.note(&some, 8), "}A");
        let lacking: Vec<usize> = (0..8).filter(|at| absent.is_ever(*at)).collect();
        assert_eq!(lacking, [1, 7], "a column that was seen later did not come either");
        absent.settled();
        assert!(!absent.is_ever(1));
    }
}
