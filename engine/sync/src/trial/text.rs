//! A trial for people.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Answer, Event, Exchange, Findings, Misfit};
use tapwright_spec::counted;

/// Columns that a value takes at most.
const CELL: usize = 28;
/// Records to be set aside that are told one by one; the JSON has all.
const REFUSED: usize = 5;

impl Event {
    /// The event as lines of text.
    pub fn to_text(&self) -> String {
        match self {
            Event::Exchange(exchange) => exchange.to_text(),
            Event::Page { stream, records, next } => format!("  {} of {stream}; {next}\n", counted(records, "record")),
        }
    }
}

impl Exchange {
    fn to_text(&self) -> String {
        let again = if self.again { "again: " } else { "" };
        let mut out = format!("{again}{}\n", self.request);
        match &self.answer {
            Answer::Fault { fault } => {
                let _ = writeln!(out, "  no answer after {} ms: {fault}", self.milliseconds);
            }
            Answer::Came { status, bytes, headers } => {
                let _ = writeln!(out, "  {status}, {} in {} ms", counted(bytes, "byte"), self.milliseconds);
                for (name, value) in headers {
                    let _ = writeln!(out, "  {name}: {value}");
                }
            }
        }
        out
    }
}

impl Findings {
    /// The findings, their table at most `width` columns wide.
    pub fn to_text(&self, width: usize) -> String {
        let mut out = String::from("\n");
        let parents = self.parents.map(|parents| format!(" of {}", counted(parents, "parent"))).unwrap_or_default();
        let _ = writeln!(out, "{}: {}{parents}", self.stream, counted(self.records, "record"));
        if let Some(began) = &self.began {
            let remedy = if self.records == 0 { "; --start reads from earlier on" } else { "" };
            let _ = writeln!(out, "{began}{remedy}");
        }
        if !self.rows.is_empty() {
            self.table(&mut out, width);
        }
        for (name, rows) in self.child_rows.iter().filter(|(_, rows)| *rows > 0) {
            let _ = writeln!(out, "{name}: {}", counted(rows, "row"));
        }
        if self.left_out > 0 {
            let _ = writeln!(out, "{} left out by keep_if", self.left_out);
        }
        for told in self.split.iter().chain(&self.notes) {
            let _ = writeln!(out, "{told}");
        }
        for refused in self.rejected.iter().take(REFUSED) {
            let _ = writeln!(out, "record {} would be set aside: {}", refused.number, refused.reason);
        }
        if let Some(more) = self.rejected.len().checked_sub(REFUSED).filter(|more| *more > 0) {
            let _ = writeln!(out, "and {}", counted(more, "more record"));
        }
        self.types(&mut out);
        out
    }

    fn table(&self, out: &mut String, width: usize) {
        let mut widths: Vec<usize> = Vec::new();
        let mut used = 0;
        for (at, name) in self.columns.iter().enumerate() {
            let cells = self.rows.iter().map(|row| length(row[at].as_deref()));
            let wide = cells.max().unwrap_or(0).min(CELL).max(name.width());
            used += wide + 2;
            if used > width + 2 && !widths.is_empty() {
                break;
            }
            widths.push(wide);
        }
        let heads = self.columns.iter().map(|name| Some(name.as_str()));
        line(out, heads, &widths);
        for row in &self.rows {
            line(out, row.iter().map(Option::as_deref), &widths);
        }
        match self.columns.len() - widths.len() {
            0 => {}
            more => {
                let _ = writeln!(out, "and {}", counted(more, "more column"));
            }
        }
    }

    fn types(&self, out: &mut String) {
        if self.records == 0 {
            return;
        }
        if self.misfits.is_empty() {
            out.push_str("\nEvery value fits its declared type.\n");
        } else {
            out.push_str("\nDeclared types that do not fit:\n");
            self.misfits.iter().for_each(|misfit| misfit.write(out));
        }
        if !self.unlisted.is_empty() {
            out.push_str("\nNot in the spec; lines to paste under `fields:`:\n");
            for one in &self.unlisted {
                let remark = if one.inferred.is_none() { "  # always null; a guess" } else { "" };
                let _ = writeln!(out, "      {}{remark}", one.yaml);
            }
        }
        if !self.unseen.is_empty() {
            out.push_str("\nDeclared, but without a value here:\n");
            for one in &self.unseen {
                let how = if one.always_null { "always null" } else { "never there" };
                let _ = writeln!(out, "  {}: {how}", one.name);
            }
        }
    }
}

impl Misfit {
    fn write(&self, out: &mut String) {
        let seems = self.inferred.as_ref().map(|kind| format!("; the values seem to be {kind}"));
        let count = counted(self.records, "record");
        let _ = writeln!(
            out,
            "  {} is declared {}, which does not fit {count}: {}{}",
            self.name,
            self.declared,
            self.reason,
            seems.unwrap_or_default()
        );
    }
}

fn length(cell: Option<&str>) -> usize {
    cell.map_or(0, UnicodeWidthStr::width)
}

fn line<'a>(out: &mut String, cells: impl Iterator<Item = Option<&'a str>>, widths: &[usize]) {
    let mut text = String::new();
    for (cell, width) in cells.zip(widths) {
        let cell = cut(cell.unwrap_or_default(), *width);
        text.push_str(&cell);
        text.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
    }
    out.push_str(text.trim_end());
    out.push('\n');
}

/// Cut to `width` columns.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let fits = |c: &char| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= left;
        left = if fits { left - wide } else { 0 };
        fits
    };
    text.chars().take_while(fits).chain(['…']).collect()
}
