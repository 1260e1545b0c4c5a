//! The mark of a record that is deleted at the source -> the cell of `_sdc_deleted_at`.
//!
//! A moment is kept as it is. Any other mark is `true`, in the hash too, so that a record which stays deleted stays
//! the same; whoever writes the row puts the moment of its receipt there.

use std::borrow::Cow;

use jiff::Timestamp;
use tapwright_spec::model::Deleted;
use tapwright_spec::time::TimeFormat;

use super::batch::Cell;
use super::read::{Reading, Refusal, unquote};
use crate::reshape::text_at;

/// How a mark is read, and the column for it.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) column: usize,
    is: Vec<String>,
    format: TimeFormat,
    /// A record with the mark carries no more than its key.
    pub(super) tombstone: bool,
}

/// Whether a record says that it is deleted.
///
/// # Errors
/// The record is no JSON.
pub(crate) fn is_marked(deleted: &Deleted, record: &str) -> Result<bool, String> {
    let no_json = |error: serde_json::Error| format!("the record is no JSON: {error}");
    let value = match deleted.from.plain() {
        Some(steps) => text_at(record, steps),
        None => {
            let places = deleted.from.locate(&serde_json::from_str(record).map_err(no_json)?);
            places.first().and_then(|steps| text_at(record, steps))
        }
    };
    let Some(value) = value else { return Ok(false) };
    Mark::new(deleted, 0).cell(value).map(|cell| cell != Cell::Null).map_err(no_json)
}

impl Mark {
    pub(super) fn new(deleted: &Deleted, column: usize) -> Mark {
        Mark { column, is: deleted.is.clone(), format: deleted.format.clone(), tombstone: deleted.tombstone }
    }

    /// What the value at the mark's place says, by its text.
    pub(super) fn cell(&self, raw: &str) -> Result<Cell<'static>, serde_json::Error> {
        let text = match raw.starts_with('"') {
            true => unquote(raw)?,
            false => Cow::Borrowed(raw),
        };
        if !self.is.is_empty() {
            let deleted = raw != "null" && self.is.iter().any(|value| *value == *text);
            return Ok(if deleted { Cell::Bool(deleted) } else { Cell::Null });
        }
        if says_nothing(&text) {
            return Ok(Cell::Null);
        }
        let moment = self.moment(&text);
        Ok(moment.map_or(Cell::Bool(true), |moment| Cell::Text(Cow::Owned(moment.to_string()))))
    }

    fn moment(&self, text: &str) -> Option<Timestamp> {
        let moment = self.format.read(text);
        moment.or_else(|| TimeFormat::Date.read(text).filter(|_| self.format == TimeFormat::Rfc3339))
    }
}

impl Reading<'_, '_> {
    /// Reads the mark of the record under way.
    pub(super) fn mark(&mut self, raw: &str) -> Result<(), Refusal> {
        let Some(mark) = &self.plan.mark else { return Ok(()) };
        let (column, cell) = (mark.column, mark.cell(raw)?);
        self.put(0, column, cell);
        Ok(())
    }
}

/// Whether a value is what stands there when nothing was deleted. Formats without types write these as texts.
fn says_nothing(text: &str) -> bool {
    let inside = text.trim().trim_start_matches(['[', '{']).trim_end_matches([']', '}']).trim();
    inside.is_empty() || matches!(inside, "null" | "false" | "False" | "FALSE" | "0" | "0.0")
}

#[cfg(test)]
mod tests {
    use tapwright_spec::model::Deleted;
    use tapwright_spec::path::Path;
    use tapwright_spec::time::TimeFormat;

    use super::super::batch::Cell;
    use super::Mark;

    fn cell(is: &[&str], raw: &str) -> Cell<'static> {
        let from = Path::compile("$.deleted").expect("a path");
        let is = is.iter().map(|value| (*value).to_owned()).collect();
        Mark::new(&Deleted { from, is, format: TimeFormat::Rfc3339, tombstone: false }, 0).cell(raw).expect("JSON")
    }

    #[test]
    fn what_says_nothing_is_no_mark() {
        for raw in ["null", "false", "0", "0.0", "\"\"", "\" \"", "\"false\"", "\"0\"", "[]", "{ }"] {
            assert_eq!(cell(&[], raw), Cell::Null, "{raw}");
        }
        for raw in ["true", "1", "\"yes\"", "[0, 1]", "{\"by\":1}", "10"] {
            assert_eq!(cell(&[], raw), Cell::Bool(true), "{raw}");
        }
    }

    #[test]
    fn a_moment_is_kept_in_utc() {
        let moment = |text: &str| Cell::Text(text.to_owned().into());
        assert_eq!(cell(&[], "\"2026-01-31T12:00:00+02:00\""), moment("2026-01-31T10:00:00Z"));
        assert_eq!(cell(&[], "\"2026-01-31\""), moment("2026-01-31T00:00:00Z"));
    }

    #[test]
    fn listed_values_alone_mean_deleted() {
        for (raw, deleted) in [("\"gone\"", true), ("3", true), ("\"open\"", false), ("null", false), ("true", false)] {
            let wanted = if deleted { Cell::Bool(deleted) } else { Cell::Null };
            assert_eq!(cell(&["gone", "3", "null"], raw), wanted, "{raw}");
        }
    }
}
