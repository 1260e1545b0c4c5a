//! Where the values of a JSON text stand, so that some can be replaced and all others stay as they are written.

use std::ops::Range;

use tapwright_spec::path::Segment;

/// Nesting that is followed; what is deeper is no text that a run would take either.
const DEEPEST: usize = 128;

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// The name of a member.
    Key,
    /// A text, with its quotes.
    Text,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Word,
    /// The beginning of a list or an object.
    Open,
}

/// Who is told of each token, with the path to it.
type Seer<'s> = dyn FnMut(&[Segment], Range<usize>, Token) + 's;

/// Goes through a JSON text; false if it is none.
pub(super) fn scan(text: &str, see: &mut Seer<'_>) -> bool {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, path: Vec::new() };
    scanner.value(see).is_some() && {
        scanner.space();
        scanner.at == text.len()
    }
}

struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    path: Vec<Segment>,
}

impl Scanner<'_> {
    fn space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        self.space();
        (self.bytes.get(self.at) == Some(&sign)).then(|| self.at += 1)
    }

    fn value(&mut self, see: &mut Seer<'_>) -> Option<()> {
        self.space();
        if self.path.len() > DEEPEST {
            return None;
        }
        let start = self.at;
        match *self.bytes.get(self.at)? {
            b'{' => {
                see(&self.path, start..start + 1, Token::Open);
                self.object(see)
            }
            b'[' => {
                see(&self.path, start..start + 1, Token::Open);
                self.list(see)
            }
            b'"' => {
                self.text()?;
                see(&self.path, start..self.at, Token::Text);
                Some(())
            }
            first => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b",]}:\"[{".contains(byte);
                let length = self.bytes[start..].iter().position(ends).unwrap_or(self.bytes.len() - start);
                self.at = start + length;
                let is_number = first == b'-' || first.is_ascii_digit();
                let is_word = [&b"true"[..], b"false", b"null"].contains(&&self.bytes[start..self.at]);
                see(&self.path, start..self.at, if is_number { Token::Number } else { Token::Word });
                (is_number || is_word).then_some(())
            }
        }
    }

    fn text(&mut self) -> Option<()> {
        self.sign(b'"')?;
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    fn object(&mut self, see: &mut Seer<'_>) -> Option<()> {
        self.sign(b'{')?;
        if self.sign(b'}').is_some() {
            return Some(());
        }
        loop {
            self.space();
            let start = self.at;
            self.text()?;
            let name = serde_json::from_slice(&self.bytes[start..self.at]).ok()?;
            self.path.push(Segment::Key(name));
            see(&self.path, start..self.at, Token::Key);
            self.sign(b':')?;
            self.value(see)?;
            self.path.pop();
            if self.sign(b',').is_none() {
                return self.sign(b'}');
            }
        }
    }

    fn list(&mut self, see: &mut Seer<'_>) -> Option<()> {
        self.sign(b'[')?;
        if self.sign(b']').is_some() {
            return Some(());
        }
        for index in 0.. {
            self.path.push(Segment::Index(index));
            self.value(see)?;
            self.path.pop();
            if self.sign(b',').is_none() {
                break;
            }
        }
        self.sign(b']')
    }
}

/// Puts other texts in some places of `text`; the places are in order.
pub(super) fn edited(text: &str, edits: &[(Range<usize>, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (place, new) in edits {
        out.push_str(&text[at..place.start]);
        out.push_str(new);
        at = place.end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::{Token, scan};
    use tapwright_spec::path::Segment;

    #[test]
    fn every_value_is_seen_with_its_path() {
        let text = r#"{"a": [{"b\"c": -1.50}, true], "": "x\\"}"#;
        let mut seen = Vec::new();
        assert!(scan(text, &mut |path, place, token| {
            let path: Vec<String> = path
                .iter()
                .map(|step| match step {
                    Segment::Key(key) => key.clone(),
                    Segment::Index(index) => index.to_string(),
                    Segment::Each => unreachable!("a place has no `[*]`"),
                })
                .collect();
            if !matches!(token, Token::Open | Token::Key) {
                seen.push((path.join("/"), text[place].to_owned()));
            }
        }));
        let expected = [("a/0/b\"c", "-1.50"), ("a/1", "true"), ("", r#""x\\""#)];
        assert_eq!(seen, expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
        for wrong in ["", "{", "[1,]", "[1] x", "{\"a\" 1}", "\"a", "<html>", "{\"a\": 1}}"] {
            assert!(!scan(wrong, &mut |_, _, _| {}), "{wrong}");
        }
    }
}
