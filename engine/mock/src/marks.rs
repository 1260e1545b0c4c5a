//! What tells requests apart: the values of the query and of the body, by where they stand.

use std::collections::BTreeMap;

use serde_json::Value;
use tapwright_sync::http::Request;

/// Values by their place: `?page`, `$.filter.state`, `form page`, `text`.
pub(crate) type Marks = BTreeMap<String, String>;

/// The values of a request; those of a list, and of a name that comes several times, together.
pub(crate) fn marks(request: &Request) -> Marks {
    let mut marks = Marks::new();
    for (name, value) in request.url.query_pairs() {
        add(&mut marks, format!("?{name}"), &value);
    }
    let Some(body) = request.body.as_deref() else { return marks };
    if let Ok(body) = serde_json::from_slice::<Value>(body) {
        leaves("$", &body, &mut marks);
        return marks;
    }
    let is_form = request.headers.get("Content-Type").is_some_and(|kind| kind.contains("form-urlencoded"));
    if is_form {
        for (name, value) in url::form_urlencoded::parse(body) {
            add(&mut marks, format!("form {name}"), &value);
        }
    } else {
        add(&mut marks, "text".to_owned(), &String::from_utf8_lossy(body));
    }
    marks
}

fn leaves(place: &str, value: &Value, marks: &mut Marks) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(&format!("{place}.{name}"), value, marks));
        }
        Value::Array(all) => all.iter().for_each(|one| leaves(place, one, marks)),
        Value::String(text) => add(marks, place.to_owned(), text),
        other => add(marks, place.to_owned(), &other.to_string()),
    }
}

fn add(marks: &mut Marks, place: String, value: &str) {
    let text = marks.entry(place).or_default();
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(value);
}

/// How many values two requests share.
pub(crate) fn alike(one: &Marks, other: &Marks) -> usize {
    one.iter().filter(|(place, value)| other.get(*place) == Some(value)).count()
}

/// Whether all words of `part` are among those of `whole`: `17` in `3,17,20`.
pub(crate) fn is_within(part: &str, whole: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let ends = |c: char| !(c.is_alphanumeric() || ['_', '-', '.', ':', '@'].contains(&c));
        text.split(ends).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let whole = words(whole);
    words(part).iter().all(|word| whole.contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn words_are_found_among_others() {
        for (part, whole, is_in) in [
            ("17", "3,17,20", true),
            ("1", "3,17,20", false),
            ("id in (1)", "id in (3, 1)", true),
            ("notes-00001 eu", "notes-00002|notes-00001 eu", true),
            ("x", "", false),
        ] {
            assert_eq!(is_within(part, whole), is_in, "{part} in {whole}");
        }
    }
}
