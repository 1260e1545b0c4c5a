//! JSON gone through where it stands: where its values begin and end, and no more.
//!
//! What a [`Scanner`] lets pass is JSON. Of what it does not, it says no more than that: it is none, or it nests deeper than
//! [`DEEPEST`]. Who wants to know has serde_json read it, which takes longer and says what is wrong and where.

mod text;
mod value;

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// Lists and objects within each other.
pub(crate) const DEEPEST: u32 = u128::BITS;

/// A text of JSON and how far it is gone through.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
    bounded: bool,
}

/// A text in quotes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quoted<'t> {
    /// With the quotes.
    pub(crate) written: &'t str,
    /// It has escapes, so it is not what it means.
    pub(crate) is_escaped: bool,
}

impl<'t> Quoted<'t> {
    /// What it means, borrowed unless it has escapes.
    ///
    /// # Errors
    /// Its escapes mean nothing.
    #[inline]
    pub(crate) fn text(self) -> Result<Cow<'t, str>, serde_json::Error> {
        match self.is_escaped {
            true => serde_json::from_str(self.written).map(Cow::Owned),
            false => Ok(Cow::Borrowed(&self.written[1..self.written.len() - 1])),
        }
    }
}

/// What a value is by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    List,
    Text,
    Boolean,
    Null,
    Number,
}

/// A list or an object that is gone through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inside {
    close: u8,
    begun: bool,
}

impl<'t> Scanner<'t> {
    pub(crate) fn new(text: &'t str) -> Scanner<'t> {
        Scanner { text, at: 0, depth: 0, bounded: true }
    }

    /// Lets pass also what nests deeper than [`DEEPEST`].
    pub(crate) fn of_any_depth(self) -> Scanner<'t> {
        Scanner { bounded: false, ..self }
    }

    /// How many bytes are gone through.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// What stands between these bytes.
    pub(crate) fn between(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Goes to the beginning of the next value, and says what it is.
    #[inline]
    pub(crate) fn kind(&mut self) -> Option<Kind> {
        Some(match self.sign()? {
            b'{' => Kind::Object,
            b'[' => Kind::List,
            b'"' => Kind::Text,
            b't' | b'f' => Kind::Boolean,
            b'n' => Kind::Null,
            _ => Kind::Number,
        })
    }

    /// Nothing but blanks is left.
    pub(crate) fn end(&mut self) -> Option<()> {
        value::sign(self.bytes(), self.at).is_none().then_some(())
    }

    /// Goes into the list or object that begins here.
    #[inline]
    pub(crate) fn enter(&mut self) -> Option<Inside> {
        // `]` and `}` are two behind `[` and `{`.
        let close = self.bytes().get(self.at)? + 2;
        self.depth += 1;
        self.at += 1;
        (self.depth <= DEEPEST || !self.bounded).then_some(Inside { close, begun: false })
    }

    /// Whether a member or element follows in the list or object that was entered last. If not, it is left.
    #[inline]
    pub(crate) fn more(&mut self, inside: &mut Inside) -> Option<bool> {
        let sign = self.sign()?;
        if sign == inside.close {
            self.at += 1;
            self.depth -= 1;
            return Some(false);
        }
        if std::mem::replace(&mut inside.begun, true) {
            if sign != b',' {
                return None;
            }
            self.at += 1;
            // What follows a comma is no end.
            return (self.sign()? != inside.close).then_some(true);
        }
        Some(true)
    }

    /// Goes past a key that is written like this, colon and all, if it is the next one.
    #[inline]
    pub(crate) fn passes(&mut self, key: &str) -> bool {
        let next = self.bytes().get(self.at..).unwrap_or_default();
        let is_next = next.starts_with(key.as_bytes());
        self.at += if is_next { key.len() } else { 0 };
        is_next
    }

    /// The key of a member, and the colon.
    #[inline]
    pub(crate) fn key(&mut self) -> Option<Quoted<'t>> {
        let (_, from) = value::sign(self.bytes(), self.at)?;
        let ((end, is_escaped), at) = value::key(self.bytes(), from)?;
        self.at = at;
        Some(Quoted { written: self.text.get(from..end)?, is_escaped })
    }

    /// The text that begins here.
    #[inline]
    pub(crate) fn quoted(&mut self) -> Option<Quoted<'t>> {
        let from = self.at;
        let (end, is_escaped) = value::text(self.bytes(), from)?;
        self.at = end;
        Some(Quoted { written: self.text.get(from..end)?, is_escaped })
    }

    /// The value that comes next, as it is written.
    #[inline]
    pub(crate) fn value(&mut self) -> Option<&'t str> {
        let sign = value::sign(self.bytes(), self.at)?;
        self.at = match sign.0 {
            b'{' | b'[' => value::end(self.bytes(), sign.1, self.depth).or_else(|| self.end_of_any(sign.1))?,
            _ => value::scalar(self.bytes(), sign)?,
        };
        self.text.get(sign.1..self.at)
    }

    /// Goes past the value that comes next.
    #[inline]
    pub(crate) fn skip(&mut self) -> Option<()> {
        self.value().map(|_| ())
    }

    /// Goes past the value that comes next. If it is an object, its keys are likely those of the one before: `keys` has these
    /// as they are written, and need not be gone through.
    pub(crate) fn skip_like(&mut self, keys: &mut Vec<&'t str>) -> Option<()> {
        if self.kind()? != Kind::Object {
            return self.skip();
        }
        let mut number = 0;
        let mut inside = self.enter()?;
        while self.more(&mut inside)? {
            if !keys.get(number).is_some_and(|key| self.passes(key)) {
                let from = self.at;
                self.key()?;
                keys.truncate(number);
                keys.push(self.between(from, self.at));
            }
            self.skip()?;
            number += 1;
        }
        Some(())
    }

    /// The end of the value that begins here, if it may be deeper than [`value::end`] goes.
    #[cold]
    fn end_of_any(&self, from: usize) -> Option<usize> {
        let rest = self.text.get(from..).filter(|_| !self.bounded)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        Some(from + values.byte_offset())
    }

    #[inline]
    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The next byte that is no blank; the blanks before it are gone past.
    #[inline]
    fn sign(&mut self) -> Option<u8> {
        let (sign, at) = value::sign(self.bytes(), self.at)?;
        self.at = at;
        Some(sign)
    }
}

#[cfg(test)]
mod tests;
