//! Bodies that are archives: in what the records are packed.

use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, Read, Reader, Shape, Text, record, words};
use crate::model;
use crate::tree::{Node, Value};

/// `none`, `gzip`, `zip`, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct CompressionForm {
    /// Nothing for `none`.
    pub(crate) value: Option<model::Compression>,
}

/// The words of [`CompressionForm`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum CompressionWord {
    None,
    Gzip,
    Zip,
}

words! {
    /// In what the body of an answer is packed, where it is a file.
    CompressionWord = "compression" {
        /// In nothing; the default.
        "none" => CompressionWord::None,
        /// One file, packed with gzip. One that comes unpacked, since the answer's `Content-Encoding` says so, is well
        /// too.
        "gzip" => CompressionWord::Gzip,
        /// A zip archive. All files in it are read, one after another in the order of their names.
        "zip" => CompressionWord::Zip,
    }
}

record! {
    /// An archive with files that are not read.
    ZipForm = "compression";
    /// Which files of a zip archive are read: a name, or a pattern such as `*.csv`, in which `*` stands for any
    /// characters and `?` for one. Without `/` it is of the name alone, in whatever folder the file is. If no file
    /// matches, that is an error, and names those that are there.
    zip: required Text<grammar::Plain>,
}

impl Read for CompressionForm {
    fn shape() -> Shape {
        Shape::Either(vec![At::<CompressionWord>::shape(), ZipForm::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            let pattern = ZipForm::read(node, reader)?.zip?;
            if pattern.value.starts_with('/') {
                let message = format!("no file of an archive is called `{}`", pattern.value);
                let fault = Diagnostic::new(message, pattern.place.clone());
                reader.fault(fault.help("folders in an archive begin without `/`, as in `reports/*.csv`"));
                return None;
            }
            let pattern = model::FilePattern(pattern.value);
            return Some(CompressionForm { value: Some(model::Compression::Zip(Some(pattern))) });
        }
        let word: At<CompressionWord> = Read::read(node, reader)?;
        let value = match word.value {
            CompressionWord::None => None,
            CompressionWord::Gzip => Some(model::Compression::Gzip),
            CompressionWord::Zip => Some(model::Compression::Zip(None)),
        };
        Some(CompressionForm { value })
    }
}
