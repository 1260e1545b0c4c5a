//! The members of a JSON object, and what stands at a place, as raw texts.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use tapwright_spec::path::Segment;

/// A member of an object.
pub(super) struct Member<'r> {
    pub(super) name: Cow<'r, str>,
    /// Its JSON text.
    pub(super) value: &'r str,
    /// Whether the name is not the API's.
    pub(super) made: bool,
}

/// A name as the text has it, borrowed unless it has escapes.
#[derive(Deserialize)]
struct Name<'r>(#[serde(borrow)] Cow<'r, str>);

struct All;

impl<'r> Visitor<'r> for All {
    type Value = Vec<Member<'r>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'r>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut all = Vec::new();
        while let Some((name, value)) = map.next_entry::<Name<'r>, &'r RawValue>()? {
            all.push(Member { name: name.0, value: value.get(), made: false });
        }
        Ok(all)
    }
}

pub(super) fn is_object(text: &str) -> bool {
    text.starts_with('{')
}

/// The members of an object in their order, also those that stand there twice.
pub(super) fn members(text: &str) -> Result<Vec<Member<'_>>, String> {
    let text = text.trim_ascii();
    if !is_object(text) {
        return Err("the record is no object".to_owned());
    }
    let all = serde_json::Deserializer::from_str(text).deserialize_map(All);
    all.map_err(|error| format!("the record is no JSON: {error}"))
}

/// A text as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The raw text at a place of names and indices.
pub(crate) fn text_at<'r>(text: &'r str, steps: &[Segment]) -> Option<&'r str> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(text);
    };
    let inner = match step {
        Segment::Key(key) => members(text).ok()?.into_iter().rfind(|member| member.name == *key)?.value,
        Segment::Index(index) => serde_json::from_str::<Vec<&'r RawValue>>(text).ok()?.get(*index)?.get(),
        Segment::Each => return None,
    };
    text_at(inner, rest)
}
