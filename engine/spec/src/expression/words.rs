//! The words and signs of an expression, before it is parsed.

use std::ops::Range;

/// A name, a sign or a quoted text (as `''`), with its place in chars.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// A `=` with no other sign beside it.
pub(super) fn lone_equals(tokens: &[Word]) -> Option<Word> {
    let sign = |at: usize| {
        tokens.iter().any(|word| word.at.start == at && matches!(word.text.as_str(), "=" | "!" | "<" | ">"))
    };
    let alone =
        |word: &&Word| word.text == "=" && !sign(word.at.end) && !word.at.start.checked_sub(1).is_some_and(sign);
    tokens.iter().find(alone).map(|word| Word { text: word.text.clone(), at: word.at.clone() })
}

/// The words of an expression that begins at `start` of its text.
pub(super) fn tokens(text: &str, start: usize) -> Vec<Word> {
    let mut tokens: Vec<Word> = Vec::new();
    let mut quote = None;
    let mut chars = text.chars().zip(start..).peekable();
    while let Some((c, at)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => drop(chars.next()),
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => {
                quote = Some(c);
                tokens.push(Word { text: "''".to_owned(), at: at..at + 1 });
            }
            (None, c) if c.is_alphanumeric() || c == '_' => {
                let mut name = String::from(c);
                while let Some((more, _)) = chars.next_if(|(c, _)| c.is_alphanumeric() || *c == '_') {
                    name.push(more);
                }
                let end = at + name.chars().count();
                tokens.push(Word { text: name, at: at..end });
            }
            (None, c) if c.is_whitespace() => {}
            (None, c) => tokens.push(Word { text: c.to_string(), at: at..at + 1 }),
        }
    }
    tokens
}
