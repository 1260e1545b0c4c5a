//! Folds text to the width of a terminal.

/// So far are lines of YAML indented that a command prints.
const YAML: usize = 6;

/// Writes words, folded at the margin.
pub(super) fn fold(out: &mut String, words: &str, width: usize) {
    hanging(out, "", words, width);
}

/// Writes words behind a label, and folds them to stay beside it.
pub(super) fn hanging(out: &mut String, label: &str, words: &str, width: usize) {
    let words: Vec<String> = words.split_whitespace().map(|word| format!("{word} ")).collect();
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
        let indented = line.len() - line.trim_start().len();
        let (label, words) = line.split_at(indented);
        let asked = words.split_once(" http").map(|(method, _)| method.len() + 1);
        match asked.filter(|at| *at < "again: DELETE  ".len()) {
            _ if line.chars().count() <= width || indented >= YAML => {
                out.push_str(line);
                out.push('\n');
            }
            Some(at) => request(&mut out, &line[..indented + at], &words[at..], width),
            None => hanging(&mut out, label, words, width),
        }
    }
    out
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
