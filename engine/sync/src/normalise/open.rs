//! Columns that nobody declared: the keys of open objects (`type: object` without members), and the members of
//! a record that no field reads, where the spec says `unlisted: add`.
//!
//! A key becomes a column when its first value comes, typed by what the values look like (see
//! [`super::observe`]); an object is flattened further, a list is kept as JSON text, null gives nothing. This is
//! the one place where a value meets a column of another type:
//!
//! 1. On the page that makes a column its type is the narrowest that takes all of the page's values: whole numbers
//!    and fractions become numbers, numbers that no double holds decimals, moments beside other texts texts. The
//!    page is read again for that, see [`Plan::widened`].
//! 2. From then on, on later pages and in later runs, the column keeps its type. What fits without a change goes
//!    in: whole numbers into a number's column, `2.0` into an integer's, a number into a decimal's, a moment into a
//!    text's.
//! 3. Any other value goes to `name__st`, `__it`, `__fl`, `__de`, `__bo`, `__ti`, `__da` or `__js` beside it, by its
//!    own type, and the run tells of it.
//!
//! A value that the destination cannot hold in a column of its own type, such as a decimal of very many digits, is a text.

use std::borrow::Cow;
use std::collections::HashSet;

use jiff::Timestamp;
use tapwright_spec::model::Naming;
use tapwright_spec::time::TimeFormat;

use super::batch::Cell;
use super::bounds::Bounds;
use super::convert::cut;
use super::exact;
use super::observe::{kind_of_number, kind_of_text, widest};
use super::plan::{Inferred, Plan};
use super::policy::{Unplaced, no_column};
use super::read::unquote;
use super::table::{ColumnType, NameFault, Tables};

/// A value for a column that nobody declared, and the type of column that it wants.
pub(super) struct Seen<'a> {
    raw: &'a str,
    /// Of a text, without its quotes.
    text: Option<Cow<'a, str>>,
    kind: ColumnType,
}

impl<'a> Seen<'a> {
    /// A scalar or list by its JSON text.
    pub(super) fn of(raw: &'a str, naming: Naming) -> Result<Seen<'a>, serde_json::Error> {
        let (text, kind) = match raw.as_bytes().first() {
            Some(b'[') if naming.keeps_lists() => (Some(Cow::Borrowed(raw)), ColumnType::Text),
            Some(b'[') => (None, ColumnType::Json),
            Some(b't' | b'f') => (None, ColumnType::Boolean),
            Some(b'"') => {
                let text = unquote(raw)?;
                let kind = kind_of_text(&text);
                (Some(text), kind)
            }
            _ => (None, kind_of_number(raw)),
        };
        Ok(Seen { raw, text, kind })
    }

    /// The same, as a text where the destination has no column of its own type that holds it.
    fn within(&self, bounds: Bounds) -> Seen<'a> {
        let fits = matches!(self.kind, ColumnType::Text | ColumnType::Json) || bounds.hold(self.kind, &self.own());
        let text = self.text.clone().unwrap_or(Cow::Borrowed(self.raw));
        match fits {
            true => Seen { raw: self.raw, text: self.text.clone(), kind: self.kind },
            false => Seen { raw: self.raw, text: Some(text), kind: ColumnType::Text },
        }
    }

    /// The value as a column of its own type holds it.
    fn own(&self) -> Cell<'a> {
        let as_it_stands = || self.text.clone().unwrap_or(Cow::Borrowed(self.raw));
        self.cell(self.kind).unwrap_or_else(|| Cell::Text(as_it_stands()))
    }

    /// The value as a column of type `main` holds it, if it can do so without a change.
    fn cell(&self, main: ColumnType) -> Option<Cell<'a>> {
        use ColumnType::{Boolean, Date, Decimal, Integer, Json, Number, Text, Timestamp};
        match (self.kind, main) {
            (Text | Timestamp | Date, Text) | (Date, Date) => Some(Cell::Text(self.text.clone()?)),
            (Timestamp, Timestamp) => moment(self.text.as_ref()?).map(|text| Cell::Text(Cow::Owned(text))),
            (Integer, Integer) => self.raw.parse().ok().map(Cell::Integer),
            (Integer | Number, Number) => exact::number(self.raw).map(Cell::Number),
            (Number, Integer) => exact::integer(self.raw).map(Cell::Integer),
            (Integer | Number | Decimal, Decimal) | (Json, Json) => Some(Cell::Text(Cow::Borrowed(self.raw))),
            (Boolean, Boolean) => Some(Cell::Bool(self.raw == "true")),
            _ => None,
        }
    }
}

/// Why there is no column for a value.
pub(super) enum NoPlace {
    /// It cannot have one of that name.
    Name(NameFault),
    /// The spec says what is done instead.
    Policy(Unplaced),
}

/// A point in time as it is stored: in UTC.
fn moment(text: &str) -> Option<String> {
    let moment: Timestamp = TimeFormat::Rfc3339.read(text)?;
    Some(moment.to_string())
}

/// The column of a name: made, or one that earlier runs have made and that no key has taken.
pub(super) fn column_of(
    tables: &mut Tables,
    orphans: &mut HashSet<(usize, usize)>,
    (table, name, kind): (usize, &str, ColumnType),
) -> Result<usize, NameFault> {
    let there = tables.all[table].column(name).filter(|column| orphans.remove(&(table, *column)));
    there.map_or_else(|| tables.all[table].add(name, kind), Ok)
}

impl Inferred {
    /// The column of this type, if there is one.
    fn column(&self, kind: ColumnType) -> Option<usize> {
        self.columns.iter().find(|(known, _)| *known == kind).map(|(_, column)| *column)
    }
}

impl Plan {
    fn there(&self, table: usize, name: &str) -> Option<ColumnType> {
        self.existing.get(&(table, name.to_ascii_lowercase())).copied()
    }

    /// The column for what was seen under a key, made if there is none, and the cell for it.
    pub(super) fn place<'a>(
        &mut self,
        tables: &mut Tables,
        inferred: usize,
        seen: &Seen<'a>,
    ) -> Result<(usize, Cell<'a>), NoPlace> {
        let bounded = self.bounds.refuses.map(|_| seen.within(self.bounds));
        let seen = bounded.as_ref().unwrap_or(seen);
        let one = &self.inferred[inferred];
        if one.name.is_empty() {
            return Err(NoPlace::Name(NameFault::Empty(one.path.escape_default().to_string())));
        }
        let known = one.main.or_else(|| self.there(one.table, &one.name));
        let main = known.or(one.wish).unwrap_or(seen.kind);
        let (kind, cell) = match seen.cell(main) {
            Some(cell) => (main, cell),
            None => {
                self.widen(inferred, main, seen.kind);
                (seen.kind, seen.own())
            }
        };
        let one = &self.inferred[inferred];
        if let Some(column) = one.column(kind) {
            return Ok((column, cell));
        }
        let name = match kind == main {
            true => one.name.clone(),
            false => format!("{}__{}", one.name, kind.suffix()),
        };
        match (self.there(one.table, &name), self.policy.against(kind == main)) {
            (Some(there), _) if there != kind => return Err(NoPlace::Name(NameFault::Collision(name))),
            (None, Some(remedy)) if kind == main => {
                return Err(NoPlace::Policy(Unplaced { remedy, reason: no_column(&name) }));
            }
            (None, Some(remedy)) => {
                let (name, value) = (&one.name, cut(seen.raw));
                let reason = format!("field `{name}`: {value} is no {}", main.in_spec());
                return Err(NoPlace::Policy(Unplaced { remedy, reason }));
            }
            _ => {}
        }
        self.has_room(tables, self.inferred[inferred].table, &name).map_err(NoPlace::Name)?;
        let one = &mut self.inferred[inferred];
        let column = column_of(tables, &mut self.orphans, (one.table, &name, kind)).map_err(NoPlace::Name)?;
        one.main = Some(main);
        one.columns.push((kind, column));
        Ok((column, cell))
    }

    /// Whether a table may have one more column, those counted that only earlier runs have filled.
    fn has_room(&self, tables: &Tables, table: usize, name: &str) -> Result<(), NameFault> {
        let (most, own) = (self.bounds.most_columns(), &tables.all[table].columns);
        if own.len() + self.existing.len() < most || self.there(table, name).is_some() {
            return Ok(());
        }
        let earlier =
            self.existing.keys().filter(|(at, name)| *at == table && tables.all[table].column(name).is_none());
        match own.len() + earlier.count() < most {
            true => Ok(()),
            false => Err(NameFault::TooMany(name.to_owned(), most)),
        }
    }

    /// Notes that a column should take values of type `kind` too, if it is this page that made it.
    fn widen(&mut self, inferred: usize, main: ColumnType, kind: ColumnType) {
        let one = &self.inferred[inferred];
        let begun = self.page.get(one.table).copied();
        let is_new = begun.is_some_and(|width| one.column(main).is_none_or(|column| column >= width));
        if !is_new || self.there(one.table, &one.name).is_some() {
            return;
        }
        let so_far = one.wish.unwrap_or(main);
        let wider = match widest(so_far, kind) {
            // A whole number that no double holds, among numbers.
            Some(same) if same == main && main == ColumnType::Number => Some(ColumnType::Decimal),
            wider => wider,
        };
        if let Some(wider) = wider.filter(|wider| *wider != main) {
            self.inferred[inferred].wish = Some(wider);
            self.widens = true;
        }
    }

    /// A page begins: columns beyond those of now are its own.
    pub(super) fn begin_page(&mut self, tables: &Tables) {
        self.page.clear();
        self.page.extend(tables.all.iter().map(|table| table.columns.len()));
        self.widens = false;
    }

    /// Whether a column that the page made is to be wider. Then the page's columns are taken back, and the page is
    /// to be read again.
    pub(super) fn widened(&mut self, tables: &mut Tables) -> bool {
        let widens = std::mem::take(&mut self.widens);
        if widens {
            let widths = std::mem::take(&mut self.page);
            self.forget(tables, &widths);
            self.page = widths;
        }
        widens
    }

    /// Takes back the columns that a record made which was rejected after all: a table has no column
    /// without a value.
    pub(super) fn forget(&mut self, tables: &mut Tables, widths: &[usize]) {
        if tables.all.iter().zip(widths).all(|(table, width)| table.columns.len() == *width) {
            return;
        }
        for (table, width) in tables.all.iter_mut().zip(widths) {
            table.cut(*width);
        }
        self.orphans.retain(|(table, column)| *column < widths[*table]);
        self.nodes.iter_mut().for_each(|node| node.recalled = None);
        for one in &mut self.inferred {
            one.columns.retain(|(_, column)| *column < widths[one.table]);
            one.recalled = false;
            if one.columns.is_empty() {
                one.main = None;
            }
        }
    }

    /// The column beside which one stands, for values that it does not take.
    pub(super) fn beside(&self, tables: &Tables, table: usize, column: &str) -> Option<&str> {
        let columns = &tables.all[table].columns;
        let of_name = |one: &&Inferred| {
            let mut others = one.columns.iter().filter(|(kind, _)| one.main != Some(*kind));
            one.table == table && others.any(|(_, at)| columns[*at].name == column)
        };
        self.inferred.iter().find(of_name).map(|one| one.name.as_str())
    }

    /// What there is to tell of columns whose values did not all fit: `price` holds …
    pub(super) fn split_columns(&self, tables: &Tables) -> Vec<String> {
        let split = self.inferred.iter().filter_map(|one| {
            let main = one.main?;
            let others = one.columns.iter().filter(|(kind, _)| *kind != main);
            let columns = &tables.all[one.table].columns;
            let names: Vec<String> = others.map(|(_, column)| format!("`{}`", columns[*column].name)).collect();
            let name = &one.name;
            let told = format!("`{name}` holds {}, other values of it are in {}", main.word(), names.join(", "));
            (!names.is_empty()).then_some(told)
        });
        split.collect()
    }
}
