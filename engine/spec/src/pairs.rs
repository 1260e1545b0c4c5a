//! A file of lines `from: to`, written by hand, each text with its place.

use crate::diagnostic::Diagnostic;
use crate::source::{Place, Source};
use crate::tree::{self, Value};

/// One line `from: to`.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What stands before the colon.
    pub from: String,
    /// Where that is.
    pub from_place: Place,
    /// What stands behind it.
    pub to: String,
    /// Where that is.
    pub to_place: Place,
}

/// The lines of a file that could be read, and what is wrong with the others. `example` is a line as it should be.
pub fn pairs(source: &Source, example: &str) -> (Vec<Pair>, Vec<Diagnostic>) {
    let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if source.text().lines().all(says_nothing) {
        return (Vec::new(), Vec::new());
    }
    let (root, mut faults) = tree::read(source);
    let Some(root) = root else { return (Vec::new(), faults) };
    let help = format!("write lines such as `{example}`");
    let Value::Map(entries) = root.value else {
        let start = root.place.start;
        faults.push(Diagnostic::new("the file is a mapping of texts to texts", start..start).help(help));
        return (Vec::new(), faults);
    };
    let mut pairs = Vec::new();
    for (key, node) in entries {
        match node.value {
            Value::Scalar(to) => {
                pairs.push(Pair { from: key.text, from_place: key.place, to: to.text, to_place: node.place });
            }
            Value::Refused => {}
            Value::Null => {
                let message = format!("nothing stands behind `{}:`", key.text);
                faults.push(Diagnostic::new(message, key.place).help(help.clone()));
            }
            Value::List(_) | Value::Map(_) => {
                let message = format!("behind `{}:` stands more than one text", key.text);
                faults.push(Diagnostic::new(message, node.place).help(help.clone()));
            }
        }
    }
    (pairs, faults)
}
