//! What an answer tells of a budget: in a header, or somewhere in its body, of which nothing else is read.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::Value;
use tapwright_spec::exact;
use tapwright_spec::model::{RateLimit, Teller};
use tapwright_spec::path::Segment;

use super::super::Response;
use super::super::retry::reset_after;

/// What an answer tells of a budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Told {
    /// How much is left.
    pub(super) left: Option<f64>,
    /// When the count starts anew.
    pub(super) reset: Option<Duration>,
    /// How much comes back in a second.
    pub(super) restore: Option<f64>,
    /// What the request took.
    pub(super) cost: Option<f64>,
}

impl Told {
    pub(super) fn of(limit: &RateLimit, response: &Response, now: Timestamp) -> Told {
        let text = |teller: &Option<Teller>| told(teller.as_ref()?, response);
        let number = |teller| text(teller)?.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        Told {
            left: number(&limit.remaining).map(|left| left.max(0.0)),
            reset: text(&limit.reset).and_then(|value| reset_after(&value, now)),
            restore: number(&limit.restore).filter(|rate| *rate > 0.0),
            cost: number(&limit.cost).filter(|cost| *cost >= 0.0),
        }
    }
}

fn told<'r>(teller: &Teller, response: &'r Response) -> Option<Cow<'r, str>> {
    match teller {
        Teller::Header(name) => response.headers.get(name).map(Cow::Borrowed),
        Teller::Body(path) => match at(&response.body, path.plain()?)? {
            Value::String(text) => Some(Cow::Owned(text)),
            other => exact::digits(&other).map(Cow::Owned),
        },
    }
}

/// The value at a place in a body; none if there is no such place, or the body is no JSON.
fn at(body: &[u8], steps: &[Segment]) -> Option<Value> {
    Follow(steps).deserialize(&mut serde_json::Deserializer::from_slice(body)).ok()?
}

/// The value where steps lead to.
struct Follow<'s>(&'s [Segment]);

impl<'de> DeserializeSeed<'de> for Follow<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            [] => Value::deserialize(deserializer).map(Some),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Follow<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = None;
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            match self.0.split_first() {
                Some((Segment::Key(key), rest)) if *key == name => found = map.next_value_seed(Follow(rest))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        let Some((Segment::Index(index), rest)) = self.0.split_first() else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(None);
        };
        for _ in 0..*index {
            list.next_element::<IgnoredAny>()?;
        }
        let found = list.next_element_seed(Follow(rest))?.flatten();
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::at;
    use serde_json::json;
    use tapwright_spec::path::Path;

    #[test]
    fn a_place_in_a_body_is_found_and_nothing_else_is_read() {
        let body = br#"{"data": [{"a": 1e999}, {"left": "7"}], "extensions": {"cost": {"c\u006fst": 12, "x": []}}}"#;
        let told = |path: &str| at(body, Path::compile(path).expect("a path").plain().expect("steps"));
        assert_eq!(told("$.extensions.cost.cost"), Some(json!(12)));
        assert_eq!(told("$.data[1].left"), Some(json!("7")));
        for path in ["$.data[2].left", "$.data.left", "$.extensions.cost.cost.more", "$.none"] {
            assert_eq!(told(path), None, "{path}");
        }
        assert_eq!(at(b"<html>", Path::compile("$.a").expect("a path").plain().expect("steps")), None);
    }
}
