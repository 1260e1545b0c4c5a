//! Values of an answer: where a path leads, and what moment a value means.

use jiff::Timestamp;
use serde_json::Value;
use tapwright_spec::path::{Path, Segment};

/// A Unix time from here on is in milliseconds (in seconds it would be the year 33658).
const LEAST_MS: f64 = 1e12;

/// The first value to which `path` leads.
pub(super) fn find<'v>(path: &Path, document: &'v Value) -> Option<&'v Value> {
    let place = path.locate(document).into_iter().next()?;
    place.iter().try_fold(document, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(at) => value.get(at),
        Segment::Each => None,
    })
}

/// A moment in RFC 3339, or a Unix time in seconds or milliseconds, as a number or a text.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    let number = match value {
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) => number,
            Err(_) => return text.trim().parse().ok(),
        },
        number => number.as_f64()?,
    };
    let ms = if number < LEAST_MS { number * 1e3 } else { number };
    Timestamp::from_millisecond(ms as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, find, moment};
    use serde_json::json;
    use tapwright_spec::path::Path;

    #[test]
    fn a_moment_is_told_in_three_ways() {
        for value in
            [json!("2027-01-15T08:00:00Z"), json!(1_800_000_000), json!("1800000000"), json!(1_800_000_000_000_u64)]
        {
            assert_eq!(moment(&value).map(Timestamp::as_second), Some(1_800_000_000), "{value}");
        }
        assert_eq!(moment(&json!("soon")), None);
        assert_eq!(moment(&json!({})), None);
    }

    #[test]
    fn a_path_leads_to_its_first_value() {
        let document = json!({"data": [{"token": "a"}, {"token": "b"}]});
        let path = Path::compile("$.data[*].token").expect("a path");
        assert_eq!(find(&path, &document), Some(&json!("a")));
        let path = Path::compile("$.data.token").expect("a path");
        assert_eq!(find(&path, &document), None);
    }
}
