//! Records of another shape: one split into several, members of objects brought up, members renamed and removed.
//!
//! A text becomes another text. No tree is built, and values stay as the API writes them.

mod raw;
mod split;

use std::borrow::Cow;
use std::collections::HashMap;

use tapwright_spec::model::{Flatten, Split, Stream};

pub(crate) use raw::text_at;
pub(crate) use split::split;

use raw::{Member, is_object, members};

/// What changes the members of a record.
#[derive(Debug, Clone)]
pub(crate) struct Reshape {
    flatten: Vec<Flatten>,
    remove: Vec<String>,
    /// The new name and the old one.
    rename: Vec<(String, String)>,
}

impl Reshape {
    /// What `stream` says of the members of its records, if it says anything.
    pub(crate) fn of(stream: &Stream) -> Option<Reshape> {
        let Stream { flatten, remove, rename, .. } = stream;
        let any = !(flatten.is_empty() && remove.is_empty() && rename.is_empty());
        any.then(|| Reshape { flatten: flatten.clone(), remove: remove.clone(), rename: rename.clone() })
    }

    /// The record with its members changed.
    ///
    /// # Errors
    /// Why it cannot be: it is no object, what is to be flattened is none, or a name would stand there twice.
    pub(crate) fn record(&self, record: &str) -> Result<String, String> {
        let mut all = members(record)?;
        for rule in &self.flatten {
            all = brought_up(all, rule)?;
        }
        all.retain(|member| !self.remove.iter().any(|name| *name == member.name));
        for member in &mut all {
            if let Some((new, _)) = self.rename.iter().find(|(_, old)| *old == member.name) {
                (member.name, member.made) = (Cow::Owned(new.clone()), true);
            }
        }
        unique(&all)?;
        Ok(written(&all))
    }
}

/// The members with those of one object in its place.
fn brought_up<'r>(all: Vec<Member<'r>>, rule: &Flatten) -> Result<Vec<Member<'r>>, String> {
    let mut out = Vec::with_capacity(all.len());
    for member in all {
        match member.name == rule.member {
            true => lift(&member, &rule.prefix, rule.depth, &mut out)?,
            false => out.push(member),
        }
    }
    Ok(out)
}

/// Adds the members of an object, those of objects in it as deep as `depth` says.
fn lift<'r>(object: &Member<'r>, prefix: &str, depth: u32, out: &mut Vec<Member<'r>>) -> Result<(), String> {
    if object.value == "null" {
        return Ok(());
    }
    if !is_object(object.value) {
        return Err(format!("flatten: `{}` is no object", object.name));
    }
    for inner in members(object.value)? {
        let inner = Member { name: Cow::Owned(format!("{prefix}{}", inner.name)), made: true, ..inner };
        match depth > 1 && is_object(inner.value) {
            true => lift(&inner, &format!("{}_", inner.name), depth - 1, out)?,
            false => out.push(inner),
        }
    }
    Ok(())
}

/// A name that was made must not have stood there: one of the two values would be lost.
fn unique(all: &[Member<'_>]) -> Result<(), String> {
    if !all.iter().any(|member| member.made) {
        return Ok(());
    }
    let mut seen: HashMap<&str, bool> = HashMap::with_capacity(all.len());
    for member in all {
        let before = seen.insert(&member.name, member.made);
        if before.is_some_and(|made| made || member.made) {
            let name = &member.name;
            return Err(format!("the record would have `{name}` twice, once by `flatten` or `rename`"));
        }
    }
    Ok(())
}

fn written(all: &[Member<'_>]) -> String {
    let mut text = String::with_capacity(all.iter().map(|member| member.name.len() + member.value.len() + 4).sum());
    text.push('{');
    for (at, member) in all.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&raw::quoted(&member.name));
        text.push(':');
        text.push_str(member.value);
    }
    text.push('}');
    text
}

/// Everything that changes the shape of a stream's records.
#[derive(Debug)]
pub(crate) struct Shape {
    split: Option<Split>,
    members: Option<Reshape>,
}

impl Shape {
    /// What `stream` says of the shape of its records, if it says anything.
    pub(crate) fn of(stream: &Stream) -> Option<Shape> {
        let shape = Shape { split: stream.split.clone(), members: Reshape::of(stream) };
        (shape.split.is_some() || shape.members.is_some()).then_some(shape)
    }

    /// The records that become of a raw one, as their fields read them, those that `keep_if` leaves out too.
    pub(crate) fn each<'r>(&self, record: &'r str) -> Result<Vec<Cow<'r, str>>, String> {
        let records = match &self.split {
            Some(rule) => split(rule, record)?,
            None => vec![Cow::Borrowed(record)],
        };
        let Some(members) = &self.members else { return Ok(records) };
        records.iter().map(|record| members.record(record).map(Cow::Owned)).collect()
    }
}

/// The last record that becomes of a raw one; `None` if none does, or it cannot be told.
pub(crate) fn last<'r>(stream: &Stream, record: &'r str) -> Option<Cow<'r, str>> {
    match Shape::of(stream) {
        Some(shape) => shape.each(record).ok()?.pop(),
        None => Some(Cow::Borrowed(record)),
    }
}

#[cfg(test)]
mod tests {
    use tapwright_spec::model::Flatten;

    use super::Reshape;

    fn reshape() -> Reshape {
        let flatten =
            |member: &str, prefix: &str, depth| Flatten { member: member.into(), prefix: prefix.into(), depth };
        let pair = |new: &str, old: &str| (new.to_owned(), old.to_owned());
        Reshape {
            flatten: vec![flatten("address", "address_", 2), flatten("attributes", "", 1)],
            remove: vec!["secret".into(), "address_zip".into()],
            rename: vec![pair("b", "a"), pair("a", "b"), pair("town", "address_city")],
        }
    }

    #[test]
    fn members_come_up_go_and_are_renamed() {
        for (record, text) in [
            (r#"{"id": 1.50, "secret": {"x": 1}, "secret": 2}"#, r#"{"id":1.50}"#),
            (
                r#"{"address": {"city": "Bonn", "zip": 1, "geo": {"lat": 1, "in": {"x": []}}}, "id": 1}"#,
                r#"{"town":"Bonn","address_geo_lat":1,"address_geo_in":{"x": []},"id":1}"#,
            ),
            (r#"{"a": 1, "b": 2, "attributes": {"\u0061\"": null}}"#, r#"{"b":1,"a":2,"a\"":null}"#),
            (r#" {"address": null} "#, "{}"),
        ] {
            assert_eq!(reshape().record(record).as_deref(), Ok(text), "{record}");
        }
    }

    #[test]
    fn what_would_be_lost_is_told() {
        for (record, reason) in [
            (r#"{"address": [1]}"#, "flatten: `address` is no object"),
            (r#"{"id": 1, "attributes": {"id": 2}}"#, "would have `id` twice"),
            (r#"{"town": 1, "address": {"city": 2}}"#, "would have `town` twice"),
            ("17", "the record is no object"),
        ] {
            let told = reshape().record(record).expect_err("a reason");
            assert!(told.contains(reason), "{told}");
        }
    }
}
