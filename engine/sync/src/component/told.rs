//! What components say, for people: their faults at a place of the spec, and the lines of their logs.

use tapwright_hook::{Level, Log};
use tapwright_spec::diagnostic::Diagnostic;
use tapwright_spec::source::Place;
use tapwright_spec::{agreeing, counted};

/// A sentence that ends in its remedy, as a fault.
pub(crate) fn split(sentence: &str, place: Place) -> Diagnostic {
    match sentence.rsplit_once("; ") {
        Some((message, help)) => Diagnostic::new(message, place).help(help),
        None => Diagnostic::new(sentence, place),
    }
}

/// Faults as sentences, a line each.
pub(crate) fn sentences(faults: &[Diagnostic]) -> String {
    let told = faults.iter().map(|fault| match &fault.help {
        Some(help) => format!("{}; {help}", fault.message),
        None => fault.message.clone(),
    });
    told.collect::<Vec<_>>().join("\n")
}

/// `1 line is left out`
pub(crate) fn left_out(lines: impl std::fmt::Display + Copy) -> String {
    format!("{} {} left out", counted(lines, "line"), agreeing(lines, "is", "are"))
}

/// The lines of the log of a hook, with a word of those that are left out.
pub(crate) fn lines(hook: &str, log: &Log) -> Vec<String> {
    let line = |(level, line): &(Level, String)| match level {
        Level::Warning => format!("hook `{hook}` warns: {line}"),
        Level::Info | Level::Debug => format!("hook `{hook}` says: {line}"),
    };
    let more = (log.left_out > 0).then(|| format!("hook `{hook}` says more: {}", left_out(log.left_out)));
    log.lines.iter().map(line).chain(more).collect()
}
