//! Bodies that are packed files: out of their archive, within bounds.

use std::fmt;
use std::io::{Cursor, Read};

use tapwright_spec::counted;
use tapwright_spec::model::{Compression, FilePattern};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::http::{Headers, InflateFault, inflate};

/// So many files may be in an archive, read or not: what is known of each takes memory.
const MOST_FILES: usize = 10_000;
/// So many names are told.
const NAMES_TOLD: usize = 10;
/// With what an entry of a zip archive's list begins.
const ENTRY: &[u8] = b"PK\x01\x02";

/// A file of an answer.
pub(super) struct File {
    /// Its path in a zip archive.
    pub(super) name: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Why there are no files in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ArchiveFault {
    /// It is something else.
    Other { expected: &'static str },
    /// It is one, and cannot be read to its end.
    Damaged { kind: &'static str, why: String },
    /// The file of this name cannot be read.
    File { name: String, why: String },
    /// More came out than allowed.
    TooLarge(u64),
    /// There are more files than allowed.
    TooMany,
    /// There is no file.
    Empty,
    /// No file is called so.
    Missing { pattern: String, names: Vec<String>, more: usize },
}

impl fmt::Display for ArchiveFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArchiveFault::Other { expected } => write!(f, "the answer is no {expected}, as `compression` says"),
            ArchiveFault::Damaged { kind, why } => write!(f, "the {kind} is damaged: {why}"),
            ArchiveFault::File { name, why } => write!(f, "`{name}` in the zip archive cannot be read: {why}"),
            ArchiveFault::TooLarge(most) => {
                write!(f, "the files are larger than {} when decompressed", counted(most, "byte"))
            }
            ArchiveFault::TooMany => write!(f, "there are more than {MOST_FILES} files in the zip archive"),
            ArchiveFault::Empty => f.write_str("there is no file in the zip archive"),
            ArchiveFault::Missing { pattern, names, more } => {
                write!(f, "no file in the zip archive is called `{pattern}`; there are `{}`", names.join("`, `"))?;
                if *more > 0 { write!(f, " and {more} more") } else { Ok(()) }
            }
        }
    }
}

/// The files of a body, in the order of their names; together they may have `most` bytes.
pub(super) fn files(
    body: &[u8],
    headers: &Headers,
    compression: &Compression,
    most: u64,
) -> Result<Vec<File>, ArchiveFault> {
    match compression {
        Compression::Gzip if body.starts_with(&[0x1f, 0x8b]) => {
            Ok(vec![File { name: None, body: gunzip(body, most)? }])
        }
        // A store that says `Content-Encoding: gzip` of a file that is packed: HTTP has unpacked it.
        Compression::Gzip if headers.get("Content-Encoding").is_some_and(|encoding| encoding.contains("gzip")) => {
            Ok(vec![File { name: None, body: body.to_vec() }])
        }
        Compression::Gzip => Err(ArchiveFault::Other { expected: "gzip file" }),
        Compression::Zip(pattern) if body.starts_with(b"PK") => unzip(body, pattern.as_ref(), most),
        Compression::Zip(_) => Err(ArchiveFault::Other { expected: "zip archive" }),
    }
}

fn gunzip(body: &[u8], most: u64) -> Result<Vec<u8>, ArchiveFault> {
    inflate(body.to_vec(), Some("gzip"), most).map_err(|fault| match fault {
        InflateFault::TooLarge => ArchiveFault::TooLarge(most),
        InflateFault::Broken(why) | InflateFault::Unknown(why) => ArchiveFault::Damaged { kind: "gzip file", why },
    })
}

fn unzip(body: &[u8], pattern: Option<&FilePattern>, most: u64) -> Result<Vec<File>, ArchiveFault> {
    let damaged = |why: String| ArchiveFault::Damaged { kind: "zip archive", why };
    if body.windows(ENTRY.len()).filter(|bytes| *bytes == ENTRY).count() > MOST_FILES {
        return Err(ArchiveFault::TooMany);
    }
    let mut archive = ZipArchive::new(Cursor::new(body)).map_err(|fault| damaged(why(&fault)))?;
    if archive.has_duplicate_names() {
        return Err(damaged("two files have the same name".to_owned()));
    }
    let mut names = Vec::new();
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(|fault| damaged(why(&fault)))?;
        if !entry.is_dir() {
            let name = entry.name().map_err(|fault| damaged(why(&fault)))?.into_owned();
            names.push((name, at));
        }
    }
    names.sort_unstable();
    let wanted: Vec<&(String, usize)> =
        names.iter().filter(|(name, _)| pattern.is_none_or(|pattern| pattern.matches(name))).collect();
    match (wanted.as_slice(), pattern) {
        ([], Some(pattern)) if !names.is_empty() => {
            let more = names.len().saturating_sub(NAMES_TOLD);
            let names = names.into_iter().take(NAMES_TOLD).map(|(name, _)| name).collect();
            return Err(ArchiveFault::Missing { pattern: pattern.to_string(), names, more });
        }
        ([], _) => return Err(ArchiveFault::Empty),
        _ => {}
    }
    let mut left = most;
    let mut files = Vec::new();
    for (name, at) in wanted {
        let fault = |why: String| ArchiveFault::File { name: name.clone(), why };
        let entry = archive.by_index(*at).map_err(|error| fault(why(&error)))?;
        let mut body = Vec::new();
        entry.take(left.saturating_add(1)).read_to_end(&mut body).map_err(|error| fault(error.to_string()))?;
        left = left.checked_sub(body.len() as u64).ok_or(ArchiveFault::TooLarge(most))?;
        files.push(File { name: Some(name.clone()), body });
    }
    Ok(files)
}

/// What is wrong, in words that say what to do where the crate's do not.
fn why(fault: &ZipError) -> String {
    match fault {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => "it is encrypted with a password".to_owned(),
        ZipError::CompressionMethodNotSupported(method) => {
            format!("it is packed by method {method}, of which only `stored` (0) and `deflate` (8) are read")
        }
        ZipError::InvalidArchive(why) if why.starts_with("Unexpected end of") => "it ends too early".to_owned(),
        ZipError::InvalidArchive(why) => why.to_string(),
        ZipError::UnsupportedArchive(why) => (*why).to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use tapwright_spec::model::Compression;
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::{ArchiveFault, MOST_FILES, files};
    use crate::http::Headers;

    fn zipped(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, body) in files {
            writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).expect("a file");
            writer.write_all(body).expect("written");
        }
        writer.finish().expect("an archive").into_inner()
    }

    fn opened(body: &[u8], most: u64) -> Result<Vec<(String, Vec<u8>)>, ArchiveFault> {
        let found = files(body, &Headers::default(), &Compression::Zip(None), most)?;
        Ok(found.into_iter().map(|file| (file.name.unwrap_or_default(), file.body)).collect())
    }

    #[test]
    fn files_come_in_the_order_of_their_names_out_of_folders() {
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let body = zipped(&[("b.csv", b"two"), ("a/", b""), ("a/x.csv", b"one")], method);
            let expected = [("a/x.csv".to_owned(), b"one".to_vec()), ("b.csv".to_owned(), b"two".to_vec())];
            assert_eq!(opened(&body, 6), Ok(expected.to_vec()));
            assert_eq!(opened(&body, 5), Err(ArchiveFault::TooLarge(5)), "all files count together");
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let body = zipped(&[("a", &vec![0; 1 << 20])], CompressionMethod::Deflated);
        assert!(body.len() < 1 << 12);
        assert_eq!(opened(&body, 1_000), Err(ArchiveFault::TooLarge(1_000)));
    }

    #[test]
    fn no_byte_that_is_cut_or_wrong_is_passed_over() {
        let whole = zipped(&[("a", b"one two three"), ("b", b"four")], CompressionMethod::Deflated);
        for end in 2..whole.len() {
            assert!(opened(&whole[..end], 100).is_err(), "cut at byte {end}");
        }
        let mut wrong = zipped(&[("a", b"one two three")], CompressionMethod::Stored);
        let at = wrong.windows(3).position(|bytes| bytes == b"two").expect("the text");
        wrong[at] = b'T';
        assert!(matches!(opened(&wrong, 100), Err(ArchiveFault::File { .. })));
    }

    #[test]
    fn an_archive_of_too_many_files_is_not_listed() {
        let names: Vec<String> = (0..=MOST_FILES).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(opened(&zipped(&many, CompressionMethod::Stored), 100), Err(ArchiveFault::TooMany));
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        let mut body = zipped(&[("a", b"one"), ("b", b"two")], CompressionMethod::Stored);
        for at in 0..body.len() {
            if body[at] == b'b' && body[at - 1] != b'u' {
                body[at] = b'a';
            }
        }
        let fault = opened(&body, 100).expect_err("a fault").to_string();
        assert_eq!(fault, "the zip archive is damaged: two files have the same name");
    }
}
