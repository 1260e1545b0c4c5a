//! Values of a job's answers, strictly: what is missing on the way is never taken for nothing.

use serde_json::Value;
use tapwright_spec::path::{Path, Segment};

/// The one value at a path.
pub(super) fn one(document: &Value, path: &Path) -> Result<Value, String> {
    let mut found = all(document, path)?;
    match (found.pop(), found.len()) {
        (Some(value), 0) => Ok(value),
        (None, _) => Err(format!("nothing stands at `{path}`")),
        (Some(_), others) => Err(format!("{} values stand at `{path}`", others + 1)),
    }
}

/// All values at a path; none only where an empty list stands.
pub(super) fn all(document: &Value, path: &Path) -> Result<Vec<Value>, String> {
    let Some(segments) = path.plain() else {
        let places = path.locate(document);
        if places.is_empty() {
            return Err(format!("nothing stands at `{path}`"));
        }
        return places.iter().try_fold(Vec::new(), |found, place| follow(document, place, found));
    };
    follow(document, segments, Vec::new())
}

/// The elements of the list at a path, or the members of the object there.
pub(crate) fn elements(document: &Value, path: &Path) -> Result<Vec<Value>, String> {
    if let Some([before @ .., Segment::Each]) = path.plain()
        && let [Value::Object(members)] = follow(document, before, Vec::new())?.as_slice()
    {
        return Ok(members.values().cloned().collect());
    }
    all(document, path)
}

fn follow(value: &Value, segments: &[Segment], mut found: Vec<Value>) -> Result<Vec<Value>, String> {
    let Some((first, rest)) = segments.split_first() else {
        if value.is_null() {
            return Err("null stands there".to_owned());
        }
        found.push(value.clone());
        return Ok(found);
    };
    match first {
        Segment::Key(key) => match value.get(key) {
            Some(inner) => follow(inner, rest, found),
            None => Err(format!("there is no `{key}`")),
        },
        Segment::Index(index) => match value.get(index) {
            Some(inner) => follow(inner, rest, found),
            None => Err(format!("there is no element {index}")),
        },
        Segment::Each => match value {
            Value::Array(items) => items.iter().try_fold(found, |found, item| follow(item, rest, found)),
            _ => Err("no list stands there".to_owned()),
        },
    }
}

/// A text without the queries of the addresses in it: that of a signed one is a key.
pub(super) fn veiled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let end = rest[at..].find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '\\'));
        let (address, after) = rest.split_at(end.map_or(rest.len(), |end| at + end));
        match address[at..].split_once('?') {
            Some((before, _)) => out.push_str(&format!("{}{before}?***", &address[..at])),
            None => out.push_str(address),
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::{all, elements, one, veiled};
    use serde_json::json;
    use tapwright_spec::path::Path;

    #[test]
    fn the_query_of_an_address_is_not_shown() {
        let text = r#"{"a": "https://s.example/x?sig=1", "why?": "no", "b": "http://t.example/y", "c": "z://u?k"#;
        let shown = r#"{"a": "https://s.example/x?***", "why?": "no", "b": "http://t.example/y", "c": "z://u?***"#;
        assert_eq!(veiled(text), shown);
        assert_eq!(veiled("a?b"), "a?b");
    }

    #[test]
    fn the_members_of_an_object_are_elements_where_they_may_be() {
        let document = json!({"a": {"list": [1, 2], "map": {"x": 3, "y": 4}, "one": 5}});
        let at = |path: &str| elements(&document, &Path::compile(path).expect("a path"));
        assert_eq!(at("$.a.list[*]"), Ok(vec![json!(1), json!(2)]));
        assert_eq!(at("$.a.map[*]"), Ok(vec![json!(3), json!(4)]));
        assert_eq!(at("$.a.map.*"), Ok(vec![json!(3), json!(4)]));
        assert_eq!(at("$.a.one[*]"), Err("no list stands there".to_owned()));
        assert!(at("$.gone[*]").is_err());
    }

    #[test]
    fn what_is_missing_is_told_and_an_empty_list_is_nothing() {
        let document = json!({"a": {"b": 1, "n": null}, "files": [{"url": "x"}, {"url": "y"}, {}], "none": []});
        let at = |path: &str| all(&document, &Path::compile(path).expect("a path"));
        assert_eq!(at("$.a.b"), Ok(vec![json!(1)]));
        assert_eq!(at("$.files[0].url"), Ok(vec![json!("x")]));
        assert_eq!(at("$.none[*].url"), Ok(vec![]));
        assert_eq!(at("$.files[?@.url].url"), Ok(vec![json!("x"), json!("y")]));
        for path in ["$.a.n", "$.a.x", "$.files[*].url", "$.a[*]", "$.gone[*]", "$.files[?@.z]"] {
            assert!(at(path).is_err(), "{path}");
        }
        assert!(one(&document, &Path::compile("$.none[*]").expect("a path")).is_err());
    }
}
