//! Which rows a list holds, and in which order.

use std::cmp::Ordering;
use std::ops::Range;

use crate::lucene::Question;
use crate::moment::Moment;
use crate::query::Query;
use crate::table::{Bounds, Record, Table};

/// A further field to sort by.
pub(crate) struct Sort<T> {
    pub(crate) field: &'static str,
    pub(crate) compare: fn(&T, &T) -> Ordering,
}

/// The `since_…` and `max_…` filters of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filters {
    pub(crate) id: Bounds<u64>,
    pub(crate) created: Bounds<Moment>,
    pub(crate) updated: Bounds<Moment>,
}

impl Filters {
    /// For the lists that know no filter at all.
    pub(crate) const NONE: Self = Self { id: Bounds::OPEN, created: Bounds::OPEN, updated: Bounds::OPEN };

    /// Of plain lists, where only `since_id` and `max_id` were seen to work.
    pub(crate) fn of_list(query: &Query) -> Self {
        Self { id: query.ids(), ..Self::NONE }
    }

    /// Of searches. `q` wins: ids are ignored beside it.
    pub(crate) fn of_search(query: &Query, question: Option<&Question>) -> Self {
        let filters =
            Self { id: query.ids(), created: query.moments("created_at"), updated: query.moments("updated_at") };
        match question {
            None => filters,
            Some(question) => Self {
                id: Bounds::OPEN,
                created: tighter(filters.created, question.created),
                updated: tighter(filters.updated, question.updated),
            },
        }
    }

    fn hold<T: Record>(&self, row: &T) -> bool {
        self.id.hold(&row.id()) && self.created.hold(&row.created_at()) && self.updated.hold(&row.updated_at())
    }
}

fn tighter(one: Bounds<Moment>, other: Bounds<Moment>) -> Bounds<Moment> {
    Bounds {
        since: one.since.max(other.since),
        max: match (one.max, other.max) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        },
    }
}

/// The rows of a list; nothing is copied where an order of the table already is the answer.
pub(crate) struct Rows<'t> {
    order: Order<'t>,
    descending: bool,
}

enum Order<'t> {
    Span(Range<usize>),
    Index(&'t [u32]),
    Chosen(Vec<u32>),
}

impl<'t> Rows<'t> {
    pub(crate) fn all<T: Record>(table: &Table<T>) -> Self {
        Self { order: Order::Span(0..table.rows().len()), descending: false }
    }

    /// Rows already known, such as a case's replies.
    pub(crate) fn known(rows: &'t [u32], query: &Query) -> Self {
        Self { order: Order::Index(rows), descending: is_descending(query) }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.order {
            Order::Span(span) => span.len(),
            Order::Index(rows) => rows.len(),
            Order::Chosen(rows) => rows.len(),
        }
    }

    /// The row that stands at this place of the list.
    pub(crate) fn at(&self, place: usize) -> usize {
        let place = if self.descending { self.len() - 1 - place } else { place };
        match &self.order {
            Order::Span(span) => span.start + place,
            Order::Index(rows) => rows[place] as usize,
            Order::Chosen(rows) => rows[place] as usize,
        }
    }

    /// Puts this row before all others, whatever the order.
    pub(crate) fn first(mut self, row: usize) -> Self {
        let mut rows: Vec<u32> = (0..self.len()).filter_map(|place| u32::try_from(self.at(place)).ok()).collect();
        let row = u32::try_from(row).unwrap_or_default();
        if self.descending {
            // As documented for users: the one who asks comes last in a descending list.
            rows.sort_by_key(|&other| other == row);
        } else {
            rows.sort_by_key(|&other| other != row);
        }
        self.order = Order::Chosen(rows);
        self.descending = false;
        self
    }
}

fn is_descending(query: &Query) -> bool {
    query.get("sort_direction").is_some_and(|direction| direction.eq_ignore_ascii_case("desc"))
}

/// Narrows a table by the filters and by `keep`, and sorts it as `sort_field` says. Creation ascends with
/// the id, so these two orders are the table's own; an unknown field sorts by creation, the default.
pub(crate) fn select<'t, T: Record>(
    table: &'t Table<T>,
    query: &Query,
    filters: &Filters,
    sorts: &[Sort<T>],
    keep: Option<&dyn Fn(&T) -> bool>,
) -> Rows<'t> {
    let field = query.get("sort_field").unwrap_or("created_at");
    let sort = sorts.iter().find(|sort| sort.field == field);
    let (base, is_exact) = if field == "updated_at" && sort.is_none() {
        let is_exact = filters.id.is_open() && filters.created.is_open();
        (Order::Index(table.changed(&filters.updated)), is_exact)
    } else {
        let ids = table.span(T::id, &filters.id);
        let created = table.span(T::created_at, &filters.created);
        let start = ids.start.max(created.start);
        let span = start..ids.end.min(created.end).max(start);
        (Order::Span(span), filters.updated.is_open())
    };
    let mut rows = Rows { order: base, descending: false };
    if !is_exact || keep.is_some() || sort.is_some() {
        let mut chosen: Vec<u32> = (0..rows.len())
            .map(|place| rows.at(place))
            .filter(|&row| filters.hold(&table.rows()[row]))
            .filter(|&row| keep.is_none_or(|keep| keep(&table.rows()[row])))
            .filter_map(|row| u32::try_from(row).ok())
            .collect();
        if let Some(sort) = sort {
            let row = |row: &u32| &table.rows()[*row as usize];
            chosen.sort_by(|one, other| (sort.compare)(row(one), row(other)));
        }
        rows.order = Order::Chosen(chosen);
    }
    rows.descending = is_descending(query);
    rows
}
