//! A text cut into what stands as it is and what is computed.

use std::ops::Range;

use super::ExpressionFault;

pub(super) enum Piece {
    Text(String),
    Expression(String, Range<usize>),
}

/// Cuts a text at `{{` and `}}`; a quoted brace inside an expression does not close it.
pub(super) fn split(source: &str) -> Result<Vec<Piece>, ExpressionFault> {
    let chars: Vec<char> = source.chars().collect();
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut at = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('{', Some('{')) => {
                let end = end_of_expression(&chars, at + 2).ok_or_else(|| ExpressionFault {
                    message: "`{{` is not closed".into(),
                    range: at..chars.len(),
                    help: Some("close the expression with `}}`".into()),
                })?;
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(Piece::Expression(chars[at + 2..end].iter().collect(), at..end + 2));
                at = end + 2;
            }
            ('{', Some(mark @ ('%' | '#'))) => {
                return Err(ExpressionFault {
                    message: format!("`{{{mark}` is not part of the language"),
                    range: at..at + 2,
                    help: Some("only expressions `{{ … }}` are; `{{ a if b else c }}` chooses".into()),
                });
            }
            (c, _) => {
                text.push(c);
                at += 1;
            }
        }
    }
    if !text.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

fn end_of_expression(chars: &[char], start: usize) -> Option<usize> {
    let mut quote = None;
    let mut depth = 0_usize;
    let mut at = start;
    while at < chars.len() {
        match (quote, chars[at]) {
            (Some(_), '\\') => at += 1,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, c @ ('"' | '\'')) => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth > 0 => depth -= 1,
            (None, '}') if chars.get(at + 1) == Some(&'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}
