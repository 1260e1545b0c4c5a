//! What is wrong with a file of a site that is there already.

use std::fmt;
use std::path::PathBuf;

/// A file that is not what the connectors say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub kind: DriftKind,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriftKind {
    /// It is not there.
    Missing,
    /// No connector makes it.
    Stray,
    /// It differs, first in this line.
    Differs {
        /// Number of the line, from 1.
        line: usize,
        /// The line as the connectors make it; `None` if the file goes on too long.
        expected: Option<String>,
        /// The line as it is; `None` if the file ends too early.
        found: Option<String>,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            DriftKind::Missing => write!(f, "{path} is missing"),
            DriftKind::Stray => write!(f, "{path} belongs to no connector"),
            DriftKind::Differs { line, expected, found } => {
                let shown = |text: &Option<String>| text.clone().unwrap_or("(end of file)".into());
                write!(f, "{path}:{line} differs\n  is:        {}\n  should be: {}", shown(found), shown(expected))
            }
        }
    }
}

/// What is wrong with `found`, which should be `expected`.
pub(crate) fn first_difference(expected: &str, found: &str) -> Option<DriftKind> {
    if expected == found {
        return None;
    }
    let mut expected = expected.split('\n');
    let mut found = found.split('\n');
    let mut line = 0;
    loop {
        line += 1;
        let (expected, found) = (expected.next(), found.next());
        if expected != found || expected.is_none() {
            return Some(DriftKind::Differs {
                line,
                expected: expected.map(str::to_owned),
                found: found.map(str::to_owned),
            });
        }
    }
}
