//! Paths into a JSON document: JSONPath (RFC 9535), checked when the spec is read.
//!
//! A path of names, indices and `[*]` is compiled to [`Segment`]s that a streaming reader can follow
//! without building a tree; anything more (filters, slices, `..`) is left to the jsonpath-rust crate.

use std::fmt;
use std::sync::Arc;

use jsonpath_rust::parser::model::{JpQuery, Segment as JpSegment, Selector};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use serde::{Deserialize, Serialize};

/// Brackets, parentheses and `!` of a path that is not plain: its parser goes deeper with each.
const MAX_NESTING: usize = 32;

/// A checked JSONPath; where one is kept, it is as it was written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Path {
    source: String,
    segments: Option<Vec<Segment>>,
    query: Arc<JpQuery>,
}

/// One step of a plain path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// `.name` or `['name']`
    Key(String),
    /// `[3]`, from 0
    Index(usize),
    /// `[*]`: every element of a list
    Each,
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathFault {
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// Char offset in the text where the fault begins, if it is known.
    pub at: Option<usize>,
}

impl From<Path> for String {
    fn from(path: Path) -> String {
        path.source
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(source: String) -> Result<Path, String> {
        Path::compile(&source).map_err(|fault| fault.message)
    }
}

impl Path {
    /// Reads a path. It must begin with `$`.
    ///
    /// # Errors
    /// A [`PathFault`] says what the grammar of RFC 9535 does not allow.
    pub fn compile(source: &str) -> Result<Path, PathFault> {
        let fault = |message: String, at| PathFault { message, at };
        if !source.starts_with('$') {
            return Err(fault("a path begins with `$`, the whole document".into(), Some(0)));
        }
        let plain = plain_segments(source)?;
        if plain.is_none() && source.matches(['(', '[', '!']).count() > MAX_NESTING {
            return Err(fault(format!("more than {MAX_NESTING} brackets, parentheses and `!` are in the path"), None));
        }
        let query = parse_json_path(source)
            .map_err(|error| fault("the path cannot be read from here on".into(), Some(column(&error.to_string()))))?;
        let segments = match plain {
            Some(segments) => Some(segments),
            None => of_query(&query),
        };
        Ok(Path { source: source.to_owned(), segments, query: Arc::new(query) })
    }

    /// The path as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The steps, if names, indices and `[*]` are all that the path has.
    pub fn plain(&self) -> Option<&[Segment]> {
        self.segments.as_deref()
    }

    /// Where in `document` the path leads, as plain steps of names and indices, in document order.
    ///
    /// For paths that are not [`plain`](Path::plain): find the places in a tree, then cut the raw
    /// text there, so that numbers stay exact.
    pub fn locate(&self, document: &serde_json::Value) -> Vec<Vec<Segment>> {
        let found = js_path_process(&self.query, document).unwrap_or_default();
        found.into_iter().filter_map(|one| plain_segments(&one.path()).ok().flatten()).collect()
    }

    /// The last name on the path, for messages: `entries` of `$._embedded.entries[*]`.
    pub fn leaf(&self) -> Option<&str> {
        self.segments.as_ref()?.iter().rev().find_map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            _ => None,
        })
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// The names on a path that has nothing but names.
pub fn names(path: &Path) -> Option<Vec<String>> {
    let name = |segment: &Segment| match segment {
        Segment::Key(name) => Some(name.clone()),
        _ => None,
    };
    path.plain()?.iter().map(name).collect()
}

/// A member in the text of a path: `.name`, or `['odd name']`.
pub fn member(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let quote = if name.contains('\'') { '"' } else { '\'' };
    match begins && name.chars().all(is_plain) {
        true => format!(".{name}"),
        false => format!("[{quote}{name}{quote}]"),
    }
}

/// The char at which the parser gave up: its messages have `--> 1:9`.
fn column(message: &str) -> usize {
    let column = message.split("--> 1:").nth(1).unwrap_or_default();
    let digits: String = column.chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<usize>().map_or(0, |column| column.saturating_sub(1))
}

fn of_query(query: &JpQuery) -> Option<Vec<Segment>> {
    query
        .segments
        .iter()
        .map(|segment| match segment {
            JpSegment::Selector(Selector::Name(name)) => {
                Some(Segment::Key(name.trim_matches(|c| c == '\'' || c == '"').to_owned()))
            }
            JpSegment::Selector(Selector::Index(index)) => usize::try_from(*index).ok().map(Segment::Index),
            JpSegment::Selector(Selector::Wildcard) => Some(Segment::Each),
            _ => None,
        })
        .collect()
}

/// The steps of a plain path; `None` for one that needs the full language. The crate accepts some
/// texts that the grammar does not (`$.a b`), so what looks plain is checked here to the last character.
fn plain_segments(source: &str) -> Result<Option<Vec<Segment>>, PathFault> {
    let chars: Vec<char> = source.chars().collect();
    let mut segments = Vec::new();
    let mut at = 1;
    while at < chars.len() {
        match chars[at] {
            '.' => {
                let Some((segment, next)) = dotted(&chars, at + 1)? else {
                    return Ok(None);
                };
                segments.push(segment);
                at = next;
            }
            '[' => {
                let Some((segment, next)) = bracketed(&chars, at + 1)? else {
                    return Ok(None);
                };
                segments.push(segment);
                at = next;
            }
            other => {
                return Err(PathFault {
                    message: format!("`{other}` cannot stand here; a step begins with `.` or `[`"),
                    at: Some(at),
                });
            }
        }
    }
    Ok(Some(segments))
}

fn dotted(chars: &[char], start: usize) -> Result<Option<(Segment, usize)>, PathFault> {
    match chars.get(start) {
        Some('.') => return Ok(None),
        Some('*') => return Ok(Some((Segment::Each, start + 1))),
        Some(c) if c.is_alphabetic() || *c == '_' || !c.is_ascii() => {}
        _ => {
            return Err(PathFault {
                message: "a name must follow the `.`; write `['…']` for one with other characters".into(),
                at: Some(start),
            });
        }
    }
    let end = chars[start..]
        .iter()
        .position(|c| !(c.is_alphanumeric() || *c == '_' || !c.is_ascii()))
        .map_or(chars.len(), |length| start + length);
    if chars.get(end) == Some(&'-') {
        return Err(PathFault { message: "a name with `-` is written `['…']`".into(), at: Some(end) });
    }
    Ok(Some((Segment::Key(chars[start..end].iter().collect()), end)))
}

fn bracketed(chars: &[char], start: usize) -> Result<Option<(Segment, usize)>, PathFault> {
    let closed = |segment, at: usize| match chars.get(at) {
        Some(']') => Ok(Some((segment, at + 1))),
        Some(',' | ':' | ' ') => Ok(None),
        _ => Err(PathFault { message: "`]` is missing".into(), at: Some(at) }),
    };
    match chars.get(start) {
        Some('*') => closed(Segment::Each, start + 1),
        Some(quote @ ('\'' | '"')) => {
            let Some(length) = chars[start + 1..].iter().position(|c| c == quote) else {
                return Err(PathFault { message: "the quote is not closed".into(), at: Some(start) });
            };
            let name: String = chars[start + 1..start + 1 + length].iter().collect();
            if name.contains('\\') {
                return Ok(None);
            }
            closed(Segment::Key(name), start + length + 2)
        }
        Some(c) if c.is_ascii_digit() => {
            let end =
                chars[start..].iter().position(|c| !c.is_ascii_digit()).map_or(chars.len(), |length| start + length);
            let digits: String = chars[start..end].iter().collect();
            match digits.parse() {
                Ok(index) => closed(Segment::Index(index), end),
                Err(_) => Err(PathFault { message: "the index is too large".into(), at: Some(start) }),
            }
        }
        Some(_) => Ok(None),
        None => Err(PathFault { message: "`]` is missing".into(), at: Some(start) }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, Segment};

    #[test]
    fn plain_paths_become_segments() {
        let path = Path::compile("$._embedded['entries'][*].id").expect("a path");
        let key = |name: &str| Segment::Key(name.to_owned());
        let expected = [key("_embedded"), key("entries"), Segment::Each, key("id")];
        assert_eq!(path.plain(), Some(&expected[..]));
        assert_eq!(Path::compile("$").expect("a path").plain(), Some(&[][..]));
    }

    #[test]
    fn what_the_grammar_forbids_is_refused() {
        for wrong in ["entries", "$.a b", "$.", "$[", "$['a", "$.a[1", "$a", "$.content-type", "$[?", "$.a..", "$[1:2"]
        {
            assert!(Path::compile(wrong).is_err(), "{wrong} was accepted");
        }
    }

    #[test]
    fn a_filter_is_located_in_a_tree() {
        let path = Path::compile("$.rows[?@.kind == 'a'].id").expect("a path");
        assert_eq!(path.plain(), None);
        let document = serde_json::json!({"rows": [{"kind": "b", "id": 1}, {"kind": "a", "id": 2}]});
        let key = |name: &str| Segment::Key(name.to_owned());
        assert_eq!(path.locate(&document), [[key("rows"), Segment::Index(1), key("id")]]);
    }
}
