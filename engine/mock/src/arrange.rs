//! Values with which a condition of the spec comes out as it should.

use std::ops::Range;

use serde_json::{Value, json};
use tapwright_spec::path::Segment;

use crate::document::put;

/// So many combinations of values are tried.
const MOST_TRIES: usize = 5_000;

/// The places below `root` that expressions read: of `record` what they read as `record.state`.
pub(crate) fn read_below<'n>(names: impl Iterator<Item = (&'n str, Range<usize>)>, root: &str) -> Vec<Vec<Segment>> {
    let mut places: Vec<Vec<Segment>> = Vec::new();
    for (name, _) in names {
        let Some(below) = name.strip_prefix(root).and_then(|rest| rest.strip_prefix('.')) else { continue };
        let place = below.split('.').map(|step| Segment::Key(step.to_owned())).collect();
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// What is worth trying: the literals of the expressions, `more`, and what conditions mostly ask for.
pub(crate) fn choices<'s>(sources: impl IntoIterator<Item = &'s str>, more: &[Value]) -> Vec<Value> {
    let mut all: Vec<Value> = sources.into_iter().flat_map(literals).chain(more.iter().cloned()).collect();
    all.extend([json!(true), json!(false), json!(1), json!(0), json!("mock"), Value::Null, json!([])]);
    let mut unique = Vec::new();
    for value in all {
        if !unique.contains(&value) {
            unique.push(value);
        }
    }
    unique
}

/// Puts values to `places` with which the document is right; says whether there are such, and leaves it if not.
pub(crate) fn arrange(
    document: &mut Value,
    places: &[Vec<Segment>],
    choices: &[Value],
    is_right: impl Fn(&Value) -> bool,
) -> bool {
    if is_right(document) {
        return true;
    }
    // At each place one of the choices, or what stands there.
    let each = choices.len() + 1;
    let all = each.saturating_pow(u32::try_from(places.len()).unwrap_or(u32::MAX));
    for number in 1..all.min(MOST_TRIES) {
        let mut tried = document.clone();
        let mut rest = number;
        for place in places {
            if let Some(choice) = (rest % each).checked_sub(1) {
                put(&mut tried, place, choices[choice].clone());
            }
            rest /= each;
        }
        if is_right(&tried) {
            *document = tried;
            return true;
        }
    }
    false
}

/// The texts in quotes and the numbers of an expression.
pub(crate) fn literals(source: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut rest = source;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => {
                let inner = rest[1..].split(first).next().unwrap_or_default();
                found.push(json!(inner));
                (inner.len() + 2).min(rest.len())
            }
            '0'..='9' if !before.is_alphanumeric() && before != '_' => {
                let number = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
                found.extend(serde_json::from_str::<Value>(number));
                number.len()
            }
            other => other.len_utf8(),
        };
        before = rest[..length].chars().next_back().unwrap_or(' ');
        rest = &rest[length..];
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{arrange, literals, read_below};
    use tapwright_spec::expression::{Condition, Scope};

    #[test]
    fn what_a_condition_compares_with_is_tried() {
        assert_eq!(
            literals("a.b1 == 'x' and c >= 2.5 or d in [\"y\", 3]"),
            [json!("x"), json!(2.5), json!("y"), json!(3)]
        );
    }

    #[test]
    fn a_document_is_arranged_or_left() {
        for (source, possible) in [
            ("record.state == 'open' and record.of.count > 2", true),
            ("record.state == 'open' and record.state == 'closed'", false),
        ] {
            let condition = Condition::compile(source).expect("a condition");
            let places = read_below(condition.names(), "record");
            let choices = super::choices([condition.source()], &[json!(3)]);
            let holds =
                |document: &serde_json::Value| condition.holds(&Scope::new().with("record", document)) == Ok(true);
            let mut document = json!({"id": 1});
            assert_eq!(arrange(&mut document, &places, &choices, holds), possible, "{source}");
            assert_eq!(holds(&document), possible, "{document}");
        }
    }
}
