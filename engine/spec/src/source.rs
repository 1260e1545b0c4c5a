//! A file as it was read: its text, its name, and how an offset becomes a line and a column.

use std::ops::Range;

/// A part of a [`Source`], in bytes.
pub type Place = Range<usize>;

/// A file's text under the name by which messages call it.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: String,
}

/// Line and column, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Source {
    /// A text under a name, which need not be a file's.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        Source { name: name.into(), text: text.into() }
    }

    /// Reads a file; messages call it as `path` says.
    ///
    /// # Errors
    /// A sentence for a file that cannot be read or is not UTF-8.
    pub fn read(path: &std::path::Path) -> Result<Source, String> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no file `{name}`"),
            std::io::ErrorKind::IsADirectory => format!("`{name}` is a folder, not a file"),
            _ => format!("`{name}` cannot be read: {error}"),
        })?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Source { name, text }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                Err(format!("`{name}` is not UTF-8 text: byte {at} belongs to no character"))
            }
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        let before = &self.text[..self.floor(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }

    /// The line in which an offset stands, without its end.
    pub fn line_at(&self, offset: usize) -> &str {
        let offset = self.floor(offset);
        let start = self.text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[offset..].find('\n').map_or(self.text.len(), |length| offset + length);
        self.text[start..end].trim_end_matches('\r')
    }

    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}
