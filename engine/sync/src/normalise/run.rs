//! Members of a record that stand there just as a row of JSON has them, so that who writes JSON copies them at once.
//!
//! What a member is, is decided as for every other destination: it is read and converted first. Only what comes of that
//! would be written to the letter as it stands is taken over.

use std::borrow::Cow;

use super::batch::{Cell, Run};
use super::table::ColumnType;
use crate::json::{Kind, Scanner};

/// The run under way in a record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Running {
    column: usize,
    columns: usize,
    from: usize,
    to: usize,
    /// Runs before it end with this column: they are kept in the order of the columns.
    after: usize,
}

impl Running {
    /// A member between these bytes is the value of `column`, to the letter. Gives the run that it does not go on with.
    pub(super) fn add<'a>(&mut self, column: usize, (from, to): (usize, usize), text: &Scanner<'a>) -> Option<Run<'a>> {
        let next = self.column + self.columns;
        if self.columns > 0 && column == next && from == self.to + 1 {
            (self.columns, self.to) = (self.columns + 1, to);
            return None;
        }
        let run = self.end(text);
        let after = if run.is_some() { next } else { self.after };
        *self = Running { column, columns: 1, from, to, after };
        run
    }

    /// The run, if there is one and it is in order.
    pub(super) fn end<'a>(&self, text: &Scanner<'a>) -> Option<Run<'a>> {
        let run = Run { column: self.column, columns: self.columns, text: text.between(self.from, self.to) };
        (self.columns > 0 && self.column >= self.after).then_some(run)
    }
}

/// Whether a text, which is given with its quotes, is written as it stands.
pub(super) fn is_text_as_written(cell: &Cell<'_>, quoted: &str) -> bool {
    match cell {
        Cell::Text(Cow::Borrowed(text)) => text.len() + 2 == quoted.len(),
        _ => false,
    }
}

/// Whether a value that is no text is written as it stands.
pub(super) fn is_as_written(column: ColumnType, kind: Kind, cell: &Cell<'_>, raw: &str) -> bool {
    match (kind, cell) {
        (Kind::Null, Cell::Null) | (Kind::Boolean, Cell::Bool(_)) => true,
        (Kind::Number, Cell::Integer(_)) => {
            raw != "-0" && raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        }
        (Kind::Number, Cell::Number(_)) => column == ColumnType::Number && is_shortest(raw),
        _ => false,
    }
}

/// Whether a JSON has no line ends between its tokens, which would be written as other blanks.
pub(super) fn is_one_line(raw: &str) -> bool {
    !raw.bytes().fold(false, |any, byte| any | (byte == b'\n') | (byte == b'\r'))
}

/// Digits of which no two decimals are the same double.
const DIGITS: usize = 15;

/// Whether a number is written as its double is: with a point, no digit more than needed, and neither so great nor so
/// small that it would have an exponent.
fn is_shortest(raw: &str) -> bool {
    let Some((whole, fraction)) = raw.strip_prefix('-').unwrap_or(raw).split_once('.') else { return false };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let ends = fraction == "0" || !fraction.ends_with('0');
    let is_small = whole == "0" && fraction.starts_with("00");
    ends && !is_small && whole.len() + fraction.len() <= DIGITS && digits(whole) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::is_shortest;

    proptest! {
        #[test]
        fn what_is_taken_over_is_what_would_be_written(raw in "-?(0|[1-9][0-9]{0,15})\\.[0-9]{1,16}([eE][0-9])?") {
            let value: f64 = serde_json::from_str(&raw).expect("a number");
            let written = serde_json::to_string(&value).expect("a number");
            if is_shortest(&raw) {
                prop_assert_eq!(written, raw);
            }
        }

        #[test]
        fn what_is_usual_is_taken_over(whole in 0..1_000_000_u32, cents in 1..10_u32) {
            let raw = format!("{whole}.{cents}");
            prop_assert_eq!(is_shortest(&raw), true);
        }
    }
}
