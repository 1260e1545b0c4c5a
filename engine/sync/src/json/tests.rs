//! What is let pass is what serde_json lets pass, at the same places.

use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{DEEPEST, Kind, Scanner};

fn scanned(text: &str) -> Option<&str> {
    let mut scanner = Scanner::new(text);
    let value = scanner.value()?;
    scanner.end()?;
    Some(value)
}

fn read(text: &str) -> Option<&str> {
    let raw: Result<&RawValue, serde_json::Error> = serde_json::from_str(text);
    raw.ok().map(RawValue::get)
}

/// The value that comes next as a tree, gone through step by step.
fn tree(scanner: &mut Scanner<'_>) -> Option<Value> {
    Some(match scanner.kind()? {
        Kind::Object => {
            let mut members = Map::new();
            let mut inside = scanner.enter()?;
            while scanner.more(&mut inside)? {
                let key = scanner.key()?.text().ok()?.into_owned();
                members.insert(key, tree(scanner)?);
            }
            Value::Object(members)
        }
        Kind::List => {
            let mut elements = Vec::new();
            let mut inside = scanner.enter()?;
            while scanner.more(&mut inside)? {
                elements.push(tree(scanner)?);
            }
            Value::Array(elements)
        }
        Kind::Text => Value::String(scanner.quoted()?.text().ok()?.into_owned()),
        Kind::Boolean => Value::Bool(scanner.value()? == "true"),
        Kind::Null => scanner.value().map(|_| Value::Null)?,
        Kind::Number => serde_json::from_str(scanner.value()?).ok()?,
    })
}

fn whole_tree(text: &str) -> Option<Value> {
    let mut scanner = Scanner::new(text);
    let value = tree(&mut scanner)?;
    scanner.end()?;
    Some(value)
}

/// JSON as programs and people write it, and nearly.
fn json() -> impl Strategy<Value = String> {
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?";
    let nearly = "-?[0-9]{0,2}\\.?[0-9]{0,2}[eE]?[+-]?[0-9]{0,1}";
    let escape = "\\\\[\"\\\\/bfnrtu][0-9a-fA-F]{0,4}";
    let text = prop::collection::vec(prop_oneof![4 => "[ -!#-\\[\\]-~é😀]{0,20}", 1 => escape], 0..4);
    let text = text.prop_map(|parts| format!("\"{}\"", parts.concat()));
    let word = prop::sample::select(vec!["true", "false", "null", "nul", "True", "NaN"]).prop_map(str::to_owned);
    let leaf = prop_oneof![4 => number, 1 => nearly, 6 => text.clone(), 2 => word];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let blank = || "[ \t\r\n]{0,2}";
        let element = (blank(), inner.clone(), blank()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member = (blank(), text.clone(), blank(), element.clone());
        let member = member.prop_map(|(a, key, b, value)| format!("{a}{key}{b}:{value}"));
        prop_oneof![
            prop::collection::vec(element, 0..5).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec(member, 0..5).prop_map(|all| format!("{{{}}}", all.join(","))),
        ]
    })
}

/// The text with the char at each place left out, and with others in its place.
fn broken(text: &str) -> impl Iterator<Item = String> {
    text.char_indices().flat_map(move |(at, c)| {
        let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
        let others = ["", "\"", "\\", ",", ":", "0", "}", "]", "{", "\u{1}", "\n", "e", "-", ".", "ü"];
        others.into_iter().map(move |other| format!("{before}{other}{after}"))
    })
}

proptest! {
    #[test]
    fn a_text_passes_as_serde_json_reads_it(text in json()) {
        prop_assert_eq!(scanned(&text), read(&text));
        prop_assert_eq!(whole_tree(&text), serde_json::from_str(&text).ok());
    }

    #[test]
    fn a_broken_text_passes_only_where_serde_json_reads_it(text in json()) {
        let short: String = text.chars().take(60).collect();
        for text in broken(&short) {
            prop_assert_eq!(scanned(&text), read(&text), "{}", text);
        }
    }

    #[test]
    fn a_text_of_any_bytes_passes_as_serde_json_reads_it(text in "[\\[\\]{}\",:0-9eE.\\-+tfn\\\\u \n\u{0}é]{0,24}") {
        prop_assert_eq!(scanned(&text), read(&text));
    }

    #[test]
    fn a_stop_is_found_wherever_it_stands(before in "[ -!#-\\[\\]-~é]{0,40}", stop in "[\"\\\\\u{0}\n\u{1f}]", after in ".{0,20}") {
        let text = format!("{before}{stop}{after}");
        let found = super::text::stop(text.as_bytes(), 0).map(|(at, _)| at);
        prop_assert_eq!(found, Some(before.len()));
    }
}

#[test]
fn depth_has_a_bound_wherever_it_is() {
    let nested = |depth: usize| format!("{}1{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
    let deepest = nested(DEEPEST as usize / 2);
    assert_eq!(scanned(&deepest), Some(deepest.as_str()));
    assert_eq!(scanned(&nested(DEEPEST as usize / 2 + 1)), None);
    let deep = nested(10_000);
    assert_eq!(Scanner::new(&deep).of_any_depth().value(), Some(deep.as_str()), "unless none is asked for");
    assert_eq!(Scanner::new(&deep[..deep.len() - 1]).of_any_depth().value(), None);
    let mut scanner = Scanner::new(&deepest);
    scanner.enter().expect("a list");
    assert_eq!(scanner.value().map(str::len), Some(deepest.len() - 2), "the levels around a value count too");
    let deeper = format!("[{deepest}]");
    let mut scanner = Scanner::new(&deeper);
    scanner.enter().expect("a list");
    assert_eq!(scanner.value(), None);
}

#[test]
fn a_key_is_passed_only_as_it_is_written() {
    let mut scanner = Scanner::new(r#"{"ab":1,"a" :2}"#);
    let mut inside = scanner.enter().expect("an object");
    assert_eq!(scanner.more(&mut inside), Some(true));
    assert!(!scanner.passes("\"a\":") && scanner.passes("\"ab\":"));
    assert_eq!(scanner.value(), Some("1"));
    assert_eq!(scanner.more(&mut inside), Some(true));
    assert!(!scanner.passes("\"a\":"));
    assert_eq!(scanner.key().map(|key| key.written), Some("\"a\""));
}
