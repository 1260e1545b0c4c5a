//! What is wrong, where, and what to do about it; collected in one list, printed in one place.

use std::borrow::Cow;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

use crate::source::{Place, Source};

/// One fault of a file.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// What is wrong: one sentence, no full stop.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Said beside the place, such as the nearest right name.
    pub label: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The file in which the place is, if not in the one that is checked.
    file: Option<Arc<Source>>,
}

impl Diagnostic {
    /// A fault at a place.
    pub fn new(message: impl Into<String>, place: Place) -> Diagnostic {
        Diagnostic { message: message.into(), place, label: None, help: None, file: None }
    }

    /// With words beside the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = Some(label.into());
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// In another file than the one that is checked.
    #[must_use]
    pub(crate) fn of(mut self, file: &Arc<Source>) -> Diagnostic {
        self.file = Some(Arc::clone(file));
        self
    }

    /// The name of that file, if there is one.
    pub fn elsewhere(&self) -> Option<&str> {
        self.file.as_ref().map(|file| file.name())
    }

    /// With `did you mean …?` beside the place, if one of `names` is near to `wrong`.
    #[must_use]
    pub fn nearest<'a>(self, wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Diagnostic {
        match crate::nearest(wrong, names) {
            Some(name) => self.label(format!("did you mean `{name}`?")),
            None => self,
        }
    }
}

/// All faults of one file, in the order of their places.
#[derive(Debug, Clone)]
pub struct Diagnostics {
    source: Source,
    faults: Vec<Diagnostic>,
}

/// How to print [`Diagnostics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text without escapes, for pipes and snapshots.
    Plain,
    /// Text with colours, for a terminal.
    Coloured,
}

/// A fault as data, for `--format json`.
#[derive(Debug, Serialize)]
struct Row<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    source: &'a str,
    message: &'a str,
    label: Option<&'a str>,
    help: Option<&'a str>,
}

impl Diagnostics {
    /// Sorts the faults of `source` by place and drops repeats.
    pub fn new(source: Source, mut faults: Vec<Diagnostic>) -> Diagnostics {
        let order = |fault: &Diagnostic| {
            let file = fault.elsewhere().map(str::to_owned);
            (file, fault.place.start, fault.place.end, fault.message.clone(), fault.label.clone(), fault.help.clone())
        };
        faults.sort_by_key(order);
        faults.dedup_by_key(|fault| order(fault));
        Diagnostics { source, faults }
    }

    /// The faults, in the order of their places.
    pub fn faults(&self) -> &[Diagnostic] {
        &self.faults
    }

    /// The file.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// As text: per fault the message, place, line, label and help, then a blank line.
    pub fn render(&self, style: Style) -> String {
        self.rendered(style, None)
    }

    /// As [`render`](Diagnostics::render), for a terminal with so many columns: a line of the file is cut around the
    /// fault, and a message or a help is folded. What stands in backticks stays whole, to be copied.
    pub fn render_within(&self, style: Style, width: usize) -> String {
        self.rendered(style, Some(width))
    }

    fn rendered(&self, style: Style, width: Option<usize>) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        };
        let renderer = renderer.decor_style(DecorStyle::Unicode);
        let renderer = width.map_or(renderer.clone(), |width| renderer.term_width(width));
        let mut out = String::new();
        for fault in &self.faults {
            out.push_str(&renderer.render(&[self.group(fault, width)]));
            out.push_str("\n\n");
        }
        out
    }

    fn group<'a>(&'a self, fault: &'a Diagnostic, width: Option<usize>) -> Group<'a> {
        let source = self.source_of(fault);
        let line = source.line_at(fault.place.start);
        let position = source.position(fault.place.start);
        let annotation = AnnotationKind::Primary.span(on_line(source, (line, position.column), &fault.place));
        let annotation = match &fault.label {
            Some(label) => annotation.label(label.as_str()),
            None => annotation,
        };
        let snippet = Snippet::source(line).line_start(position.line).path(source.name()).annotation(annotation);
        let message = within(&fault.message, width, TITLE);
        let group = Level::ERROR.primary_title(message).element(snippet);
        match &fault.help {
            Some(help) => {
                let digits = position.line.to_string().len();
                group.element(Level::HELP.message(within(help, width, digits + MARGIN)))
            }
            None => group,
        }
    }

    /// The file in which a fault is.
    fn source_of<'a>(&'a self, fault: &'a Diagnostic) -> &'a Source {
        fault.file.as_deref().unwrap_or(&self.source)
    }

    /// As data: a list of objects with file, line, column, end_line, end_column, source, message, label, help.
    pub fn to_json(&self) -> serde_json::Value {
        let rows = self.faults.iter().map(|fault| {
            let source = self.source_of(fault);
            let start = source.position(fault.place.start);
            let end = source.position(fault.place.end);
            Row {
                file: source.name(),
                line: start.line,
                column: start.column,
                end_line: end.line,
                end_column: end.column,
                source: source.line_at(fault.place.start),
                message: &fault.message,
                label: fault.label.as_deref(),
                help: fault.help.as_deref(),
            }
        });
        rows.map(|row| serde_json::to_value(row).unwrap_or_default()).collect()
    }
}

/// Columns before a help, beside the number of the line: ` ╰ help: `.
const MARGIN: usize = 9;

/// Columns before a message: `error: `.
const TITLE: usize = 7;

/// The words of a sentence, each with the space behind it; what stands in backticks is one, to be copied.
pub fn words(sentence: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    sentence.split_inclusive(move |c| {
        quoted ^= c == '`';
        c == ' ' && !quoted
    })
}

/// A sentence behind a margin; folded where there is a width.
fn within(sentence: &str, width: Option<usize>, margin: usize) -> Cow<'_, str> {
    width.map_or(Cow::Borrowed(sentence), |width| Cow::Owned(folded(sentence, width.saturating_sub(margin))))
}

/// A sentence on several lines, broken between words.
fn folded(sentence: &str, width: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in words(sentence) {
        let own = word.trim_end().chars().count();
        if length > 0 && length + own > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            length = 0;
        }
        out.push_str(word);
        length += word.chars().count();
    }
    out
}

/// The part of a place that stands on its first line, in bytes of that line.
fn on_line(source: &Source, (line, column): (&str, usize), place: &Place) -> Place {
    let start = line.char_indices().nth(column - 1).map_or(line.len(), |(at, _)| at);
    let length = source.text().get(place.clone()).map_or(0, |part| part.find('\n').unwrap_or(part.len()));
    start..(start + length).min(line.len())
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Diagnostics, Style, folded};
    use crate::source::Source;

    #[test]
    fn a_help_is_folded_around_what_is_quoted() {
        let help = "write it as one: `{{ 'text' ~ config.group }}`, or leave it out";
        assert_eq!(folded(help, 24), "write it as one:\n`{{ 'text' ~ config.group }}`,\nor leave it out");
        assert_eq!(folded(help, 200), help);
    }

    #[test]
    fn a_terminal_gets_lines_of_its_width() {
        let source = Source::new("a.yaml", "name: shop");
        let message = "the name of a connector is wrong in many ways";
        let fault = Diagnostic::new(message, 0..4).help("say what should stand here, in words that a reader knows");
        let faults = Diagnostics::new(source, vec![fault]);
        let told = faults.render_within(Style::Plain, 40);
        assert!(told.lines().all(|line| line.chars().count() <= 40), "{told}");
        assert!(told.contains("here, in"), "{told}");
        assert_eq!(faults.render(Style::Plain).lines().count() + 2, told.lines().count(), "{told}");
    }
}
