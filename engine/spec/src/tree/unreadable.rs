//! Text that is no YAML: the fault that an author made, where the parser only says what it missed.

use saphyr_parser::ScanError;

use super::{Builder, Open, OpenMap};
use crate::diagnostic::Diagnostic;

impl Builder<'_> {
    /// What is wrong where the parser gave up.
    pub(super) fn unreadable(&self, error: &ScanError) -> Diagnostic {
        let at = self.offsets[error.marker().index().min(self.offsets.len() - 1)];
        let line = self.source.line_at(at);
        let line_start = self.source.text()[..at].rfind('\n').map_or(0, |newline| newline + 1);
        if let Some(tab) = self.tab(line_start, error) {
            return Diagnostic::new("a tab cannot indent YAML", tab..tab + 1).help("indent with spaces");
        }
        if let Some(start) = unquoted_expression(line) {
            let place = line_start + start..line_start + line.trim_end().len();
            return Diagnostic::new("an expression must stand in quotes", place).help(format!(
                "write \"{}\"; without quotes YAML takes the braces for a mapping",
                line[start..].trim_end()
            ));
        }
        if error.info().contains("recursion limit") {
            return self.too_deep(at);
        }
        if let Some(open) = self.unclosed(at) {
            let bracket = &self.source.text()[open..=open];
            let help = format!("or what stands in it is not YAML: {}", error.info());
            return Diagnostic::new(format!("`{bracket}` is not closed"), open..open + 1).help(help);
        }
        Diagnostic::new(format!("not YAML: {}", error.info()), at..at)
    }

    /// A tab in an indentation: of the line that begins at `line`, or further on where the parser speaks of one.
    fn tab(&self, line: usize, error: &ScanError) -> Option<usize> {
        let lines = if error.info().contains("tab") { 3 } else { 1 };
        let mut start = line;
        for line in self.source.text()[line..].split_inclusive('\n').take(lines) {
            let indent = line.len() - line.trim_start().len();
            if let Some(tab) = line[..indent].find('\t') {
                return Some(start + tab);
            }
            start += line.len();
        }
        None
    }

    /// The innermost bracket or brace that was opened on a line before `at` and is still open.
    fn unclosed(&self, at: usize) -> Option<usize> {
        let (Open::List(place, _) | Open::Map(OpenMap { place, .. })) = self.open.last()?;
        let text = self.source.text();
        let opens = text[place.start..].starts_with(['[', '{']);
        (opens && text.get(place.start..at)?.contains('\n')).then_some(place.start)
    }
}

/// Where, in a line that YAML cannot read, a value begins with `{{` outside quotes.
fn unquoted_expression(line: &str) -> Option<usize> {
    let start = line.find("{{")?;
    let before = line[..start].trim_end();
    (before.ends_with([':', '-', ',', '[']) && !before.contains(['"', '\''])).then_some(start)
}
