//! Rows as lines of JSON, compressed if that is asked for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_128;

use super::Trouble;
use super::format::{Fate, KeyColumns, Met};
use crate::destination::columns::{RECEIVED, SEQUENCE, TOMBSTONE};
use crate::destination::row::Put;
use crate::destination::shape::Column;
use crate::normalise::{Cell, ColumnType, DELETED};

/// How lines are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::destination) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// Level of zstd: its own default.
const LEVEL: i32 = 3;

/// Bytes of lines that are gathered before they are written.
const GATHERED: usize = 1 << 16;

enum Sink {
    Plain(File),
    Gzip(GzEncoder<File>),
    Zstd(zstd::Encoder<'static, File>),
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Sink::Plain(to) => to.write_all(bytes),
            Sink::Gzip(to) => to.write_all(bytes),
            Sink::Zstd(to) => to.write_all(bytes),
        }
    }

    fn end(self) -> io::Result<File> {
        match self {
            Sink::Plain(to) => Ok(to),
            Sink::Gzip(to) => to.finish(),
            Sink::Zstd(to) => to.finish(),
        }
    }
}

/// A file that is written.
pub(super) struct Lines {
    sink: Sink,
    /// What stands in front of each column's value.
    heads: Vec<Vec<u8>>,
    /// Lines that are not in the file yet, the last one under way.
    lines: Vec<u8>,
    /// The next column.
    at: usize,
    /// The last two moments as they are written: a row has two.
    moments: [(i64, Vec<u8>); 2],
    /// Bytes that are in the file.
    written: u64,
}

impl Lines {
    pub(super) fn create(path: &Path, columns: &[Column], compression: Compression) -> Result<Lines, Trouble> {
        let file = File::create(path)?;
        let sink = match compression {
            Compression::None => Sink::Plain(file),
            Compression::Gzip => Sink::Gzip(GzEncoder::new(file, flate2::Compression::default())),
            Compression::Zstd => Sink::Zstd(zstd::Encoder::new(file, LEVEL)?),
        };
        let head = |(at, column): (usize, &Column)| {
            let mut head = if at == 0 { b"{".to_vec() } else { b",".to_vec() };
            put_text(&mut head, &column.name);
            head.push(b':');
            head
        };
        let heads = columns.iter().enumerate().map(head).collect();
        let moments = [(i64::MIN, Vec::new()), (i64::MIN, Vec::new())];
        Ok(Lines { sink, heads, lines: Vec::new(), at: 0, moments, written: 0 })
    }

    pub(super) fn put(&mut self, kind: ColumnType, value: Put<'_>) -> Option<()> {
        let head = self.heads.get(self.at)?;
        if let Put::Members(run) = value {
            self.lines.push(*head.first()?);
            self.lines.extend_from_slice(run.text.as_bytes());
            self.at += run.columns;
            return Some(());
        }
        self.lines.extend_from_slice(head);
        self.at += 1;
        match value {
            Put::Moment(micros) => self.moment(kind, micros),
            other => put_value(&mut self.lines, kind, other),
        }
    }

    fn moment(&mut self, kind: ColumnType, micros: i64) -> Option<()> {
        if self.moments[0].0 != micros {
            self.moments.swap(0, 1);
        }
        let [(known, text), _] = &mut self.moments;
        if *known != micros {
            text.clear();
            put_value(text, kind, Put::Moment(micros))?;
            *known = micros;
        }
        self.lines.extend_from_slice(text);
        Some(())
    }

    pub(super) fn end_row(&mut self) -> Result<(), Trouble> {
        for head in &self.heads[self.at..] {
            self.lines.extend_from_slice(head);
            self.lines.extend_from_slice(b"null");
        }
        self.at = 0;
        self.gather(b"}\n")
    }

    fn gather(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.lines.extend_from_slice(bytes);
        if self.lines.len() >= GATHERED { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), Trouble> {
        self.sink.write(&self.lines)?;
        self.written += self.lines.len() as u64;
        self.lines.clear();
        Ok(())
    }

    /// Bytes before they are compressed.
    pub(super) fn bytes(&self) -> u64 {
        self.written + self.lines.len() as u64
    }

    /// Ends the file; what is in it outlasts a power cut.
    pub(super) fn finish(mut self) -> Result<(), Trouble> {
        self.write()?;
        Ok(self.sink.end()?.sync_all()?)
    }

    /// Copies rows of a file; gives how many.
    pub(super) fn copy(
        &mut self,
        path: &Path,
        compression: Compression,
        fate: &mut dyn FnMut(i64) -> Fate,
    ) -> Result<u64, Trouble> {
        let mut copied = 0;
        each_line(path, compression, &mut |line| {
            let members = members(path, line)?;
            let mark = match fate(sequence(path, &members)?) {
                Fate::Drop => return Ok(()),
                Fate::Keep => None,
                Fate::Mark(mark) => Some(mark),
            };
            match (mark, members.get(DELETED)) {
                (Some(mark), Some(there)) => {
                    let from = there.get().as_ptr() as usize - line.as_ptr() as usize;
                    self.gather(&line.as_bytes()[..from])?;
                    self.gather(mark.as_bytes())?;
                    self.gather(&line.as_bytes()[from + there.get().len()..])?;
                }
                _ => self.gather(line.as_bytes())?,
            }
            copied += 1;
            self.gather(b"\n")
        })?;
        Ok(copied)
    }
}

fn put_text(into: &mut Vec<u8>, text: &str) {
    if stands_as_it_is(text.as_bytes()) {
        into.push(b'"');
        into.extend_from_slice(text.as_bytes());
        into.push(b'"');
    } else {
        // Writing to a Vec cannot fail.
        let _ = serde_json::to_writer(into, text);
    }
}

/// Whether nothing of a text has to be escaped: looked at in pieces, each without a branch a byte.
fn stands_as_it_is(text: &[u8]) -> bool {
    let escapes = |byte: &u8| (*byte < b' ') | (*byte == b'"') | (*byte == b'\\');
    let has_none = |piece: &[u8]| !piece.iter().fold(false, |any, byte| any | escapes(byte));
    let (pieces, rest) = text.as_chunks::<32>();
    pieces.iter().all(|piece| has_none(piece)) && has_none(rest)
}

/// Puts a value as JSON; nothing if that cannot be.
fn put_value(into: &mut Vec<u8>, kind: ColumnType, value: Put<'_>) -> Option<()> {
    match value {
        Put::Integer(number) | Put::Cell(&Cell::Integer(number)) => serde_json::to_writer(into, &number).ok()?,
        Put::Moment(micros) => put_text(into, &Timestamp::from_microsecond(micros).ok()?.to_string()),
        Put::Text(text) => put_text(into, text),
        Put::Cell(Cell::Null | Cell::Absent) => into.extend_from_slice(b"null"),
        Put::Cell(Cell::Bool(value)) => serde_json::to_writer(into, value).ok()?,
        Put::Cell(Cell::Number(value)) => serde_json::to_writer(into, value).ok()?,
        // Between the tokens of a JSON a line end is a blank, and within a text it cannot stand.
        Put::Cell(Cell::Text(text)) if kind == ColumnType::Json => {
            let from = into.len();
            into.extend_from_slice(text.as_bytes());
            for byte in &mut into[from..] {
                *byte = if (*byte == b'\n') | (*byte == b'\r') { b' ' } else { *byte };
            }
        }
        Put::Cell(Cell::Text(text)) => put_text(into, text),
        Put::Members(_) => return None,
    }
    Some(())
}

/// Puts a value of a key as it is told apart.
pub(super) fn put_key(into: &mut Vec<u8>, kind: ColumnType, value: Put<'_>) -> Option<()> {
    put_value(into, kind, value)?;
    into.push(0);
    Some(())
}

type Members<'l> = HashMap<Cow<'l, str>, &'l RawValue>;

fn members<'l>(path: &Path, line: &'l str) -> Result<Members<'l>, Trouble> {
    serde_json::from_str(line).map_err(|error| Trouble::Said(format!("{}: {error}", path.display())))
}

fn sequence(path: &Path, members: &Members<'_>) -> Result<i64, Trouble> {
    let text = members.get(SEQUENCE).map_or("", |value| value.get());
    text.parse().map_err(|_| Trouble::Said(format!("{}: a row has no {SEQUENCE}", path.display())))
}

/// Tells of each row of a stream's own table.
pub(super) fn scan(
    path: &Path,
    compression: Compression,
    key: KeyColumns<'_>,
    each: &mut dyn FnMut(Met<'_>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let mut bytes = Vec::new();
    each_line(path, compression, &mut |line| {
        let members = members(path, line)?;
        let text = |name: &str| members.get(name).map_or("null", |value| value.get());
        bytes.clear();
        for (name, _) in key {
            bytes.extend_from_slice(text(name).as_bytes());
            bytes.push(0);
        }
        let mark = Some(text(DELETED)).filter(|mark| *mark != "null");
        each(Met {
            key: xxh3_128(&bytes),
            sequence: sequence(path, &members)?,
            is_bare: text(TOMBSTONE) == "true",
            on_receipt: mark == Some(text(RECEIVED)),
            mark,
        })
    })
}

fn each_line(
    path: &Path,
    compression: Compression,
    each: &mut dyn FnMut(&str) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let file = File::open(path)?;
    let mut reader: Box<dyn BufRead> = match compression {
        Compression::None => Box::new(BufReader::new(file)),
        Compression::Gzip => Box::new(BufReader::new(MultiGzDecoder::new(BufReader::new(file)))),
        Compression::Zstd => Box::new(BufReader::new(zstd::Decoder::new(file)?)),
    };
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        each(line.trim_end_matches('\n'))?;
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
