//! The members of a JSON object as slices of its text, in one pass and without a tree.

use memchr::memchr2;

/// A member: where its name and its value stand in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'t> {
    /// Between the quotation marks, escapes as they stand there.
    pub(crate) name: &'t str,
    /// Whether there are some.
    pub(crate) escaped: bool,
    /// From the quotation mark of the name to the end of the value.
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl Member<'_> {
    /// Whether it is called so.
    pub(crate) fn is(&self, name: &str) -> bool {
        match self.escaped {
            true => self.unescaped().is_some_and(|own| own == name),
            false => self.name == name,
        }
    }

    /// Its name without escapes.
    pub(crate) fn unescaped(&self) -> Option<String> {
        serde_json::from_str(&format!("\"{}\"", self.name)).ok()
    }
}

/// The text is no JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoObject;

/// Walks over the members of the object that `text` is. Values are skipped, not checked.
pub(crate) fn each_member<'t>(text: &'t str, mut each: impl FnMut(Member<'t>)) -> Result<(), NoObject> {
    let bytes = text.as_bytes();
    let mut at = after(bytes, blank(bytes, 0), b'{')?;
    at = blank(bytes, at);
    if bytes.get(at) == Some(&b'}') {
        return ends(bytes, at + 1);
    }
    loop {
        let from = at;
        let (name_ends, escaped) = string(bytes, after(bytes, at, b'"')?)?;
        let value = blank(bytes, after(bytes, blank(bytes, name_ends), b':')?);
        let to = skipped(bytes, value)?;
        let name = text.get(from + 1..name_ends - 1).ok_or(NoObject)?;
        each(Member { name, escaped, from, to });
        at = blank(bytes, to);
        match bytes.get(at) {
            Some(b',') => at = blank(bytes, at + 1),
            Some(b'}') => return ends(bytes, at + 1),
            _ => return Err(NoObject),
        }
    }
}

fn ends(bytes: &[u8], at: usize) -> Result<(), NoObject> {
    if blank(bytes, at) == bytes.len() { Ok(()) } else { Err(NoObject) }
}

fn blank(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

fn after(bytes: &[u8], at: usize, byte: u8) -> Result<usize, NoObject> {
    if bytes.get(at) == Some(&byte) { Ok(at + 1) } else { Err(NoObject) }
}

/// The place behind the string whose content begins at `at`, and whether there are escapes in it.
fn string(bytes: &[u8], mut at: usize) -> Result<(usize, bool), NoObject> {
    let mut escaped = false;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..).ok_or(NoObject)?).ok_or(NoObject)?;
        if bytes[at] == b'"' {
            return Ok((at + 1, escaped));
        }
        (at, escaped) = (at + 2, true);
    }
}

/// The place behind the value that begins at `at`.
fn skipped(bytes: &[u8], at: usize) -> Result<usize, NoObject> {
    match bytes.get(at) {
        Some(b'"') => string(bytes, at + 1).map(|(to, _)| to),
        Some(b'{' | b'[') => nested(bytes, at),
        _ => {
            let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\t' | b'\r');
            let length = bytes[at..].iter().position(is_end).ok_or(NoObject)?;
            if length > 0 { Ok(at + length) } else { Err(NoObject) }
        }
    }
}

/// The place behind the object or list that begins at `at`.
fn nested(bytes: &[u8], mut at: usize) -> Result<usize, NoObject> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at).ok_or(NoObject)? {
            b'"' => at = string(bytes, at + 1)?.0,
            b'{' | b'[' => (at, depth) = (at + 1, depth + 1),
            b'}' | b']' => {
                (at, depth) = (at + 1, depth - 1);
                if depth == 0 {
                    return Ok(at);
                }
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NoObject, each_member};

    fn told(text: &str) -> Result<String, NoObject> {
        let mut told = Vec::new();
        each_member(text, |member| told.push(text[member.from..member.to].to_owned()))?;
        Ok(told.join(" | "))
    }

    #[test]
    fn members_are_slices() {
        for (text, members) in [
            (r#"{}"#, ""),
            (" { \n } ", ""),
            (r#"{"a":1.50,"b":"x,}\"y\\","c":[{"d":[]},"]"]}"#, r#""a":1.50 | "b":"x,}\"y\\" | "c":[{"d":[]},"]"]"#),
            ("{\"a\" :\n 1 , \"b\": null }", "\"a\" :\n 1 | \"b\": null"),
        ] {
            assert_eq!(told(text).as_deref(), Ok(members), "{text}");
        }
    }

    #[test]
    fn what_is_no_object_is_none() {
        for text in
            ["", "[]", "17", "{", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1"#, r#"{"a":"}"#, r#"{"a":1}x"#, r#"{"a":[}"#]
        {
            assert_eq!(told(text), Err(NoObject), "{text}");
        }
        assert_eq!(told("{\"a\\"), Err(NoObject));
    }
}
