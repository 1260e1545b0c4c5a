//! One record -> the records in a list of it.

use std::borrow::Cow;

use serde_json::value::RawValue;
use tapwright_spec::model::Split;
use tapwright_spec::path::Segment;

use super::raw::{is_object, members, quoted, text_at};

/// The records that a raw one holds, in their order. One that is no object becomes `{"value": …}`.
///
/// # Errors
/// Why it cannot be split: the list is not there, or is none.
pub(crate) fn split<'r>(rule: &Split, record: &'r str) -> Result<Vec<Cow<'r, str>>, String> {
    let mut elements = Vec::new();
    follow(record.trim_ascii(), rule.path.plain().unwrap_or_default(), rule, &mut elements)?;
    let kept = rule.keep.iter();
    let kept: Vec<(&str, &str)> =
        kept.filter_map(|(name, path)| Some((name.as_str(), text_at(record, path.plain()?)?))).collect();
    elements.into_iter().map(|element| with(element, &kept)).collect()
}

fn follow<'r>(text: &'r str, steps: &[Segment], rule: &Split, out: &mut Vec<&'r str>) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else {
        out.push(text);
        return Ok(());
    };
    if text == "null" {
        return Ok(());
    }
    let path = rule.path.source();
    if let Segment::Key(key) = step {
        let mut found = members(text)?.into_iter().filter(|member| member.name == *key);
        return match (found.next(), found.next()) {
            (Some(member), None) => follow(member.value, rest, rule, out),
            (Some(_), Some(_)) => Err(format!("split: the key `{key}` stands twice in the record")),
            (None, _) if rule.optional => Ok(()),
            (None, _) => Err(format!(
                "split: nothing stands at {path}; if a record without it brings none, write \
                 `split: {{path: …, optional: true}}`"
            )),
        };
    }
    let elements: Vec<&'r RawValue> =
        serde_json::from_str(text).map_err(|_| format!("split: what stands at {path} is no list"))?;
    elements.into_iter().try_for_each(|element| follow(element.get(), rest, rule, out))
}

/// An element with what is kept of the record around it.
fn with<'r>(element: &'r str, kept: &[(&str, &str)]) -> Result<Cow<'r, str>, String> {
    let element = match is_object(element) {
        true => Cow::Borrowed(element),
        false => Cow::Owned(format!("{{\"value\":{element}}}")),
    };
    if kept.is_empty() {
        return Ok(element);
    }
    let own = members(&element)?;
    if let Some((name, _)) = kept.iter().find(|(name, _)| own.iter().any(|member| member.name == *name)) {
        return Err(format!("split: an element has a member `{name}` of its own; keep the other under another name"));
    }
    let kept: Vec<String> = kept.iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
    let comma = if own.is_empty() { "" } else { "," };
    // What is behind the bracket of the element, its closing one included.
    Ok(Cow::Owned(format!("{{{}{comma}{}", kept.join(","), &element[1..])))
}

#[cfg(test)]
mod tests {
    use tapwright_spec::model::Split;
    use tapwright_spec::path::Path;

    use super::split;

    fn path(text: &str) -> Path {
        Path::compile(text).expect("a path")
    }

    fn told(from: &str, keep: &[(&str, &str)], record: &str) -> Result<String, String> {
        let keep = keep.iter().map(|(name, from)| ((*name).to_owned(), path(from))).collect();
        let rule = Split { path: path(from), keep, optional: false };
        split(&rule, record).map(|records| records.join(" "))
    }

    #[test]
    fn elements_are_records() {
        let keep = [("order", "$.id"), ("none", "$.gone")];
        for (record, records) in [
            (r#"{"id": 7, "lines": [{"a": 1.50}, {}]}"#, r#"{"order":7,"a": 1.50} {"order":7}"#),
            (r#"{"id": "x", "lines": [1, null]}"#, r#"{"order":"x","value":1} {"order":"x","value":null}"#),
            (r#"{"id": 7, "lines": []}"#, ""),
            (r#"{"id": 7, "lines": null}"#, ""),
        ] {
            assert_eq!(told("$.lines[*]", &keep, record).as_deref(), Ok(records), "{record}");
        }
        let nested = r#"{"groups": [{"items": [{"a": 1}, {"a": 2}]}, {"items": [{"a": 3}]}]}"#;
        assert_eq!(told("$.groups[*].items[*]", &[], nested).as_deref(), Ok(r#"{"a": 1} {"a": 2} {"a": 3}"#));
    }

    #[test]
    fn what_cannot_be_split_is_told() {
        for (record, reason) in [
            (r#"{"id": 7}"#, "nothing stands at $.lines[*]"),
            (r#"{"lines": {"a": 1}}"#, "is no list"),
            (r#"{"lines": [], "lines": []}"#, "stands twice"),
            (r#"{"id": 7, "lines": [{"order": 1}]}"#, "an element has a member `order` of its own"),
            ("17", "the record is no object"),
        ] {
            let told = told("$.lines[*]", &[("order", "$.id")], record).expect_err("a reason");
            assert!(told.contains(reason), "{told}");
        }
    }
}
