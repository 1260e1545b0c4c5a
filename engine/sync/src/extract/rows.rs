//! Answers whose records are lines: JSON Lines as they came, separated values made into JSON texts.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;
use tapwright_spec::model::Csv;
use tapwright_spec::{agreeing, counted};

use super::split::{SplitFault, too_deep};

/// Cuts a body of one JSON value a line; a line without any is nothing.
pub(super) fn json_lines(text: &str) -> Result<Vec<Range<usize>>, SplitFault> {
    let mut records = Vec::new();
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let record = line.trim_ascii();
        let at = start + (line.len() - line.trim_ascii_start().len());
        start += line.len();
        if record.is_empty() {
            continue;
        }
        if let Err(error) = serde_json::from_str::<&RawValue>(record) {
            let why = error.to_string();
            let why = why.split(" at line ").next().unwrap_or(&why).to_owned();
            let within = if error.is_eof() { record.len() } else { error.column().saturating_sub(1) };
            return Err(SplitFault::Line { number: number + 1, offset: at + within, format: "JSON", why });
        }
        if let Some(offset) = too_deep(record, &[]) {
            return Err(SplitFault::TooDeep { offset: at + offset });
        }
        records.push(at..at + record.len());
    }
    Ok(records)
}

/// JSON texts that were made of an answer.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) text: String,
    pub(super) records: Vec<Range<usize>>,
}

impl Made {
    /// Adds a record, and says whether there is still room in `most` bytes.
    pub(super) fn add(&mut self, record: &str, most: u64) -> Result<(), SplitFault> {
        let start = self.text.len();
        self.text.push_str(record);
        self.records.push(start..self.text.len());
        self.text.push('\n');
        if self.text.len() as u64 > most { Err(SplitFault::TooLarge(most)) } else { Ok(()) }
    }
}

/// A JSON object for each row; their text may have `most` bytes. A first line that names columns must name one of
/// `known`, if any are known: an error of one line would be a table without rows.
pub(super) fn csv(text: &str, rules: &Csv, known: &[String], most: u64) -> Result<Made, SplitFault> {
    let trimmed = text.trim_ascii();
    if trimmed.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(trimmed).is_ok() {
        return Err(SplitFault::Json);
    }
    let mut reader = Cells { rest: text, length: text.len(), line: 1, delimiter: rules.delimiter.sign() };
    let header = match &rules.header {
        Some(names) => names.clone(),
        None if trimmed.starts_with('<') && trimmed.ends_with('>') => return Err(SplitFault::Html),
        None => names(&mut reader)?,
    };
    if rules.header.is_none() && !known.is_empty() && !header.iter().any(|name| known.contains(name)) {
        return Err(SplitFault::Header { known: known.to_vec() });
    }
    let keys: Vec<String> = header.iter().map(|name| Value::from(name.as_str()).to_string()).collect();
    let mut made = Made::default();
    let mut record = String::new();
    loop {
        let (line, offset) = (reader.line, reader.offset());
        let Some(cells) = reader.row()? else { return Ok(made) };
        // An empty line is a row only where a row is one value.
        if keys.len() > 1 && matches!(cells.as_slice(), [one] if one.text.is_empty() && !one.quoted) {
            continue;
        }
        if cells.len() != keys.len() {
            let stand = agreeing(cells.len(), "stands", "stand");
            let why = format!("{} {stand} there, and the header has {}", counted(cells.len(), "value"), keys.len());
            return Err(SplitFault::Line { number: line, offset, format: "CSV", why });
        }
        record.clear();
        for (at, (key, cell)) in keys.iter().zip(&cells).enumerate() {
            let value = if cell.text.is_empty() && !cell.quoted { Value::Null } else { Value::from(&*cell.text) };
            // Writing into a String cannot fail.
            let _ = write!(record, "{}{key}:{value}", if at == 0 { '{' } else { ',' });
        }
        record.push('}');
        made.add(&record, most)?;
    }
}

fn names(reader: &mut Cells<'_>) -> Result<Vec<String>, SplitFault> {
    let fault = |why: String| SplitFault::Line { number: 1, offset: 0, format: "CSV", why };
    let cells = reader.row()?.ok_or_else(|| fault("there is no header".to_owned()))?;
    let names: Vec<String> = cells.into_iter().map(|cell| cell.text.into_owned()).collect();
    match names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        Some((_, twice)) => Err(fault(format!("the header names the column `{twice}` twice"))),
        None => Ok(names),
    }
}

/// A value as it was written.
struct Cell<'t> {
    text: Cow<'t, str>,
    quoted: bool,
}

/// Reads separated values (RFC 4180), row by row.
struct Cells<'t> {
    rest: &'t str,
    /// Of all of the text.
    length: usize,
    /// Number of the line that is read.
    line: usize,
    delimiter: char,
}

impl<'t> Cells<'t> {
    fn row(&mut self) -> Result<Option<Vec<Cell<'t>>>, SplitFault> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut cells = Vec::new();
        loop {
            cells.push(match self.rest.strip_prefix('"') {
                Some(quoted) => self.quoted(quoted)?,
                None => self.plain()?,
            });
            if let Some(rest) = self.rest.strip_prefix(self.delimiter) {
                self.rest = rest;
                continue;
            }
            let ended = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n'));
            match ended {
                Some(rest) => {
                    self.rest = rest;
                    self.line += 1;
                }
                None if self.rest.is_empty() || self.rest == "\r" => self.rest = "",
                None => return Err(self.fault("text follows a closing quote")),
            }
            return Ok(Some(cells));
        }
    }

    fn plain(&mut self) -> Result<Cell<'t>, SplitFault> {
        let end = self.rest.find([self.delimiter, '\n']).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        // A line ends with LF or CR LF. Where CR alone ends them all, the whole file would be a header.
        let ends_line = !rest.starts_with(self.delimiter);
        let text = text.strip_suffix('\r').filter(|_| ends_line).unwrap_or(text);
        if text.contains('\r') {
            return Err(self.fault("a carriage return stands in a value without quotes"));
        }
        self.rest = rest;
        Ok(Cell { text: Cow::Borrowed(text), quoted: false })
    }

    fn quoted(&mut self, text: &'t str) -> Result<Cell<'t>, SplitFault> {
        let mut from = 0;
        loop {
            let Some(quote) = text[from..].find('"').map(|at| from + at) else {
                return Err(self.fault("a quote is opened and never closed"));
            };
            if text[quote + 1..].starts_with('"') {
                from = quote + 2;
                continue;
            }
            let inner = &text[..quote];
            self.line += inner.matches('\n').count();
            self.rest = &text[quote + 1..];
            let text = if inner.contains('"') { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) };
            return Ok(Cell { text, quoted: true });
        }
    }

    fn fault(&self, why: &str) -> SplitFault {
        SplitFault::Line { number: self.line, offset: self.offset(), format: "CSV", why: why.to_owned() }
    }

    /// How much of the text is read.
    fn offset(&self) -> usize {
        self.length - self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;
    use tapwright_spec::model::{Csv, Delimiter};

    use super::{csv, json_lines};

    /// A value as a careful program writes it; `None` for null.
    fn written(value: Option<&String>, delimiter: char) -> String {
        match value {
            None => String::new(),
            Some(text) if text.is_empty() || text.contains([delimiter, '"', '\r', '\n']) => {
                format!("\"{}\"", text.replace('"', "\"\""))
            }
            Some(text) => text.clone(),
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(
            rows in prop::collection::vec(prop::collection::vec(prop::option::of("[a,;|\t\r\n\"ü ]{0,6}"), 3), 0..8),
            delimiter in prop::sample::select(vec![
                Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab, Delimiter::Pipe,
            ]),
            line_end in prop::sample::select(vec!["\n", "\r\n"]),
        ) {
            let sign = delimiter.sign();
            let line = |cells: &Vec<Option<String>>| {
                let cells: Vec<String> = cells.iter().map(|cell| written(cell.as_ref(), sign)).collect();
                cells.join(&sign.to_string()) + line_end
            };
            let text: String = rows.iter().map(line).collect();
            let header = Some(["x", "y", "z"].map(str::to_owned).to_vec());
            let made = csv(&text, &Csv { delimiter, header }, &[], 1 << 20).expect("rows");
            let read: Vec<Value> =
                made.records.iter().map(|at| serde_json::from_str(&made.text[at.clone()]).expect("JSON")).collect();
            let expected: Vec<Value> =
                rows.iter().map(|row| serde_json::json!({"x": row[0], "y": row[1], "z": row[2]})).collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn no_text_makes_the_readers_panic(text in "[a,\"\r\n{}: ü]{0,40}") {
            let rules = Csv { delimiter: Delimiter::Comma, header: None };
            if let Ok(made) = csv(&text, &rules, &[], 1 << 20) {
                let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
                let whole = made.records.iter().all(|at| is_json(&made.text[at.clone()]));
                prop_assert!(whole);
            }
            if let Ok(records) = json_lines(&text) {
                let whole = records.iter().all(|at| serde_json::from_str::<Value>(&text[at.clone()]).is_ok());
                prop_assert!(whole);
            }
        }
    }
}
