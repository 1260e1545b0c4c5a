//! A file as it was read: its text, its name, and how an offset becomes a line and a column.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A part of a [`Source`], in bytes.
pub type Place = Range<usize>;

/// The mark with which some editors begin a file; it is no character of its first line.
const BOM: char = '\u{feff}';

/// A file's text under the name by which messages call it.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: String,
    near: Box<Near>,
    /// Byte offsets at which lines begin.
    lines: Vec<usize>,
}

/// The files that a file names.
#[derive(Debug, Clone, Default)]
struct Near {
    /// Where they are.
    folder: Option<PathBuf>,
    /// Their texts, by how it names them; these count, whatever has become of the files.
    files: BTreeMap<String, String>,
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
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Source { name: name.into(), text, near: Box::default(), lines }
    }

    /// Reads a file; messages call it as `path` says.
    ///
    /// # Errors
    /// A sentence for a file that cannot be read or is not UTF-8.
    pub fn read(path: &Path) -> Result<Source, String> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no file `{name}`"),
            std::io::ErrorKind::IsADirectory => format!("`{name}` is a folder, not a file"),
            _ => format!("`{name}` cannot be read: {error}"),
        })?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Source::new(name, text).beside(path.parent().unwrap_or(Path::new("")))),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                Err(format!("`{name}` is not UTF-8 text: byte {at} belongs to no character"))
            }
        }
    }

    /// The same with the folder from which the files are seen that it names.
    #[must_use]
    pub fn beside(mut self, folder: &Path) -> Source {
        self.near.folder = Some(folder.to_owned());
        self
    }

    /// The same with the texts of files that it names.
    #[must_use]
    pub(crate) fn with(mut self, files: BTreeMap<String, String>) -> Source {
        self.near.files = files;
        self
    }

    /// The texts of files that it names, as far as they are known.
    pub(crate) fn files(&self) -> &BTreeMap<String, String> {
        &self.near.files
    }

    /// The same under another name.
    #[must_use]
    pub(crate) fn called(mut self, name: &str) -> Source {
        name.clone_into(&mut self.name);
        self
    }

    /// The folder from which the files are seen that it names; none for a text that is no file.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.near.folder.as_deref()
    }

    /// The offset of a line and a column in bytes, both from 1.
    pub(crate) fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        self.floor(start + column.saturating_sub(1))
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
        let offset = self.floor(offset);
        let start = self.line_start(offset);
        let line = self.lines.partition_point(|line| *line <= start);
        Position { line, column: self.text[start..offset].trim_start_matches(BOM).chars().count() + 1 }
    }

    /// The line in which an offset stands, without its end.
    pub fn line_at(&self, offset: usize) -> &str {
        let offset = self.floor(offset);
        let end = self.text[offset..].find('\n').map_or(self.text.len(), |length| offset + length);
        self.text[self.line_start(offset)..end].trim_end_matches('\r').trim_start_matches(BOM)
    }

    /// The offset at which the line of an offset begins.
    pub(crate) fn line_start(&self, offset: usize) -> usize {
        let next = self.lines.partition_point(|line| *line <= offset);
        next.checked_sub(1).map_or(0, |line| self.lines[line])
    }

    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}
