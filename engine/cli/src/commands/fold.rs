//! Folds text to the width of a terminal.

use tapwright_spec::diagnostic;

/// So far are lines of YAML indented that a command prints.
const YAML: usize = 6;

/// Writes words, folded at the margin.
pub(super) fn fold(out: &mut String, words: &str, width: usize) {
    hanging(out, "", words, width);
}

/// Writes words behind a label, and folds them to stay beside it.
pub(super) fn hanging(out: &mut String, label: &str, words: &str, width: usize) {
    let words = diagnostic::words(words).map(str::trim).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(|word| format!("{word} ")).collect();
    pieces(out, label, &words, width);
}

/// Writes a request behind a label, folded in front of a parameter.
pub(super) fn request(out: &mut String, label: &str, request: &str, width: usize) {
    let mut parts = vec![String::new()];
    for c in request.chars() {
        if matches!(c, '?' | '&') {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    pieces(out, label, &parts, width);
}

/// Folds what is longer than a line, under its own indentation. A request is folded in front of a parameter, and a line
/// of YAML stays whole, to be pasted.
pub(super) fn lines(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let (label, words) = indented(line);
        let asked = words.split_once(" http").map(|(method, _)| method.len() + 1);
        match asked.filter(|at| *at < "again: DELETE  ".len()) {
            Some(at) if !stays(line, width) => request(&mut out, &line[..label.len() + at], &words[at..], width),
            _ => sentence(&mut out, line, width),
        }
    }
    out
}

/// Folds sentences that are longer than a line, under their own indentation. A line of YAML stays whole, to be pasted.
pub(super) fn sentences(text: &str, width: usize) -> String {
    let mut out = String::new();
    text.lines().for_each(|line| sentence(&mut out, line, width));
    out
}

/// As [`sentences`]; the first line stands behind a label, and is folded beside it.
pub(super) fn beside(label: &str, text: &str, width: usize) -> String {
    let (first, others) = text.split_once('\n').unwrap_or((text, ""));
    let mut out = String::new();
    hanging(&mut out, label, first, width);
    out + &sentences(others, width)
}

fn sentence(out: &mut String, line: &str, width: usize) {
    if stays(line, width) {
        out.push_str(line);
        out.push('\n');
    } else {
        let (label, words) = indented(line);
        hanging(out, label, words, width);
    }
}

/// Whether a line fits, or is one of YAML.
fn stays(line: &str, width: usize) -> bool {
    line.chars().count() <= width || indented(line).0.len() >= YAML
}

/// A line's indentation, and what stands behind it.
fn indented(line: &str) -> (&str, &str) {
    line.split_at(line.len() - line.trim_start().len())
}

/// Writes pieces that stay whole behind a label, and folds between them.
pub(super) fn pieces(out: &mut String, label: &str, pieces: &[String], width: usize) {
    let margin = label.chars().count();
    let mut line = label.to_owned();
    let mut empty = true;
    for piece in pieces {
        if !empty && line.chars().count() + piece.trim_end().chars().count() > width.max(40) {
            out.push_str(line.trim_end());
            out.push('\n');
            line = " ".repeat(margin);
        }
        line.push_str(piece);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::{beside, sentences};

    #[test]
    fn words_are_folded_beside_their_label_and_what_is_quoted_stays_whole() {
        let words = "the spec of the shop names no `check: {request: GET /}` at all\n  and this belongs to it, in a line of its own";
        assert_eq!(
            beside("error: ", words, 40),
            "error: the spec of the shop names no\n       `check: {request: GET /}` at all\n  and this belongs to it, in a line of\n  its own\n"
        );
    }

    #[test]
    fn lines_of_yaml_stay_whole() {
        let text = "Breaking\n  short\n\n      text: a line that is much longer than the terminal is wide\n";
        assert_eq!(sentences(text, 40), text);
    }
}
