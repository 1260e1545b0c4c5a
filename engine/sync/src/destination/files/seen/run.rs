//! A run: keys with what was written of them, sorted, in a file without a name. In memory stay a filter and where each
//! block of the file begins.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use parquet::bloom_filter::Sbbf;

use super::Written;
use crate::normalise::Cell;

/// Bytes of an entry: key, hash, replication key or where its text stands, how long that is, its kind, whether bare.
const ENTRY: usize = 16 + 8 + 8 + 4 + 1 + 1;

/// Entries of a block, which is what is read at once.
const BLOCK: usize = 128;

/// Bytes of a key's entry in the filter: one key in a thousand is looked up in vain.
const FILTER: usize = 2;

/// Keys with what was written of them.
pub(super) struct Run {
    file: File,
    filter: Sbbf,
    /// The first key of each block.
    blocks: Vec<u128>,
    entries: usize,
}

impl Run {
    /// Writes a run of keys that are sorted.
    pub(super) fn write(keys: &[(u128, Written)], folder: &Path) -> io::Result<Run> {
        let mut filter = Sbbf::new_with_num_of_bytes(FILTER * keys.len());
        let mut file = BufWriter::with_capacity(1 << 18, tempfile::tempfile_in(folder)?);
        let mut texts = Vec::new();
        for (key, Written { hash, order, is_bare }) in keys {
            filter.insert(key.to_be_bytes().as_slice());
            let (value, length, kind) = match order {
                Cell::Absent | Cell::Null | Cell::Bool(_) => (0, 0, 0),
                Cell::Integer(value) => (value.cast_unsigned(), 0, 1),
                Cell::Number(value) => (value.to_bits(), 0, 2),
                Cell::Text(text) => (texts.len() as u64, u32::try_from(text.len()).map_err(io::Error::other)?, 3),
            };
            if let Cell::Text(text) = order {
                texts.extend_from_slice(text.as_bytes());
            }
            file.write_all(&key.to_be_bytes())?;
            file.write_all(&hash.to_be_bytes())?;
            file.write_all(&value.to_be_bytes())?;
            file.write_all(&length.to_be_bytes())?;
            file.write_all(&[kind, u8::from(*is_bare)])?;
        }
        file.write_all(&texts)?;
        let blocks = keys.iter().step_by(BLOCK).map(|(key, _)| *key).collect();
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Run { file, filter, blocks, entries: keys.len() })
    }

    pub(super) fn get(&self, sought: [u8; 16]) -> io::Result<Option<Written>> {
        let key = u128::from_be_bytes(sought);
        if !self.filter.check(sought.as_slice()) {
            return Ok(None);
        }
        let Some(block) = self.blocks.partition_point(|first| *first <= key).checked_sub(1) else { return Ok(None) };
        let mut bytes = vec![0; BLOCK.min(self.entries - block * BLOCK) * ENTRY];
        self.read(block * BLOCK * ENTRY, &mut bytes)?;
        let (entries, _) = bytes.as_chunks::<ENTRY>();
        let found = entries.binary_search_by(|entry| entry[..16].cmp(&sought)).ok();
        found.map(|at| self.entry(&entries[at])).transpose()
    }

    fn entry(&self, entry: &[u8; ENTRY]) -> io::Result<Written> {
        let number = |from: usize| entry[from..].first_chunk().map_or(0, |eight| u64::from_be_bytes(*eight));
        let value = number(24);
        let order = match entry[36] {
            1 => Cell::Integer(value.cast_signed()),
            2 => Cell::Number(f64::from_bits(value)),
            3 => {
                let length = entry[32..].first_chunk().map_or(0, |four| u32::from_be_bytes(*four));
                let mut text = vec![0; usize::try_from(length).map_err(io::Error::other)?];
                self.read(self.entries * ENTRY + usize::try_from(value).map_err(io::Error::other)?, &mut text)?;
                Cell::Text(String::from_utf8(text).map_err(io::Error::other)?.into())
            }
            _ => Cell::Null,
        };
        Ok(Written { hash: number(16), order, is_bare: entry[37] != 0 })
    }

    fn read(&self, from: usize, into: &mut [u8]) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(from as u64))?;
        file.read_exact(into)
    }
}
