//! The fields that the spec calls personal, and where they stand in answers.

use std::ops::Range;

use serde_json::Value;
use tapwright_spec::Connector;
use tapwright_spec::model::{Field, FieldType, Format, Stream};
use tapwright_spec::path::{Path, Segment};

use super::scan::{Token, edited, scan};
use super::stand_in::StandIns;

/// Where personal values stand. An answer is not known to be of a stream, so what one stream calls personal is so
/// wherever an answer has its path.
pub(super) struct Personal {
    fields: Vec<Place>,
    /// The lists of records, for the layout of what is written.
    lists: Vec<Vec<Segment>>,
}

struct Place {
    records: Path,
    below: Vec<Segment>,
    kind: Kind,
}

/// What stands at a place.
#[derive(Clone, Copy)]
struct Kind {
    /// Requests may carry it.
    is_key: bool,
    /// It is what stands after the last `/`.
    is_last: bool,
}

/// Refuses a personal field of which nobody knows where in an answer it stands.
fn untraceable(field: &Field, stream: &Stream) -> Result<(), String> {
    let how = match (&field.hook, &stream.routed_from) {
        (Some(hook), _) => format!("the hook `{hook}` gives it"),
        (_, Some(origin)) => format!("hooks of `{origin}` send it"),
        _ => return Ok(()),
    };
    if !field.personal {
        return Ok(());
    }
    Err(format!(
        "`{}.{}` is personal, and {how}: where in an answer it stands cannot be known, so nothing is recorded; record \
         other streams, with --stream",
        stream.name, field.name
    ))
}

impl Personal {
    /// Of the streams of a connector; `wanted` are those that are recorded, all if there are none.
    ///
    /// # Errors
    /// A personal field that cannot be followed.
    pub(super) fn of(connector: &Connector, wanted: &[String]) -> Result<Personal, String> {
        let mut fields = Vec::new();
        for stream in connector.streams.iter().chain(connector.dynamic.iter().map(|family| &family.pattern)) {
            let recorded = wanted.is_empty() || wanted.contains(&stream.name);
            let read = |name: &str| {
                connector
                    .children_of(&stream.name)
                    .filter_map(|child| child.for_each.as_ref()?.parents())
                    .any(|parents| parents.reads.iter().any(|known| known == name))
            };
            for field in &stream.fields {
                if recorded {
                    untraceable(field, stream)?;
                }
                let refers = refers_to_personal(connector, field);
                let is_key = stream.primary_key.contains(&field.name) || read(&field.name) || refers;
                let kind = Kind { is_key, is_last: field.take.is_some() };
                for below in personal(field, stream, refers)? {
                    fields.push(Place { records: stream.records.path.clone(), below, kind });
                }
            }
        }
        let lists = connector.streams.iter().filter_map(|stream| Some(stream.records.path.plain()?.to_vec()));
        Ok(Personal { fields, lists: lists.filter(|list| list.last() == Some(&Segment::Each)).collect() })
    }

    /// Learns the personal values of a body.
    pub(super) fn learn(&self, body: &str, stand_ins: &mut StandIns) {
        for part in documents(body) {
            let places = self.places(&body[part.clone()]);
            let text = &body[part];
            scan(text, &mut |path, place, token| {
                let Some((_, kind)) = places.iter().find(|(pattern, _)| leads(pattern, path)) else { return };
                let text = &text[place];
                let value = match token {
                    Token::Text => serde_json::from_str(text).unwrap_or_default(),
                    Token::Number => text.to_owned(),
                    _ => return,
                };
                let value = if kind.is_last { value.rsplit('/').next().unwrap_or_default() } else { &value };
                if !value.is_empty() {
                    stand_ins.learn(value, kind.is_key);
                }
            });
        }
    }

    /// A body with stand-ins for what is personal: in its places, and wherever else the same values stand.
    pub(super) fn replace(&self, body: &str, stand_ins: &mut StandIns) -> String {
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        let mut all_json = true;
        for part in documents(body) {
            let (text, offset) = (&body[part.clone()], part.start);
            let places = self.places(text);
            all_json &= scan(text, &mut |path, place, token| {
                let here = places.iter().any(|(pattern, kind)| !kind.is_last && leads(pattern, path));
                if let Some(new) = replaced(&text[place.clone()], token, here, stand_ins) {
                    edits.push((place.start + offset..place.end + offset, new));
                }
            });
        }
        if all_json { edited(body, &edits) } else { stand_ins.within(body) }
    }

    /// A body with each of its records on a line of its own, if it has no lines yet.
    pub(super) fn laid_out(&self, body: &str) -> String {
        if body.contains('\n') {
            return body.to_owned();
        }
        let mut edits = Vec::new();
        let is_json = scan(body, &mut |path, place, token| {
            let is_record = |list: &Vec<Segment>| list.len() == path.len() && leads(list, path);
            if token != Token::Key && self.lists.iter().any(is_record) {
                edits.push((place.start..place.start, "\n".to_owned()));
            }
        });
        if is_json { edited(body, &edits) } else { body.to_owned() }
    }

    /// Where personal values stand in a document.
    fn places(&self, text: &str) -> Vec<(Vec<Segment>, Kind)> {
        let mut places = Vec::new();
        let mut document = None;
        for field in &self.fields {
            let records = match field.records.plain() {
                Some(plain) => vec![plain.to_vec()],
                None => {
                    let document = document.get_or_insert_with(|| serde_json::from_str(text).unwrap_or(Value::Null));
                    field.records.locate(document)
                }
            };
            places.extend(records.into_iter().map(|path| ([path, field.below.clone()].concat(), field.kind)));
        }
        places
    }
}

/// The paths of what is personal in a field, from its record on.
fn personal(field: &Field, stream: &Stream, refers: bool) -> Result<Vec<Vec<Segment>>, String> {
    let mut below = Vec::new();
    members(&field.kind, field.personal || refers, &mut Vec::new(), &mut below);
    let unfollowed = |why: &str| {
        Err(format!("the field `{}` of `{}` is personal, and {why}; nothing was sent", field.name, stream.name))
    };
    if below.is_empty() || field.added {
        return Ok(Vec::new());
    }
    if !matches!(stream.records.format, Format::Json | Format::JsonLines) {
        return unfollowed("single values can be replaced only in answers in JSON: record with other data");
    }
    let from = match &field.from {
        None => vec![Segment::Key(field.name.clone())],
        Some(path) => match path.plain() {
            Some(plain) => plain.to_vec(),
            None => return unfollowed("its `from` is more than names and indices: give it one that is"),
        },
    };
    let Some(raw) = in_raw_record(stream, from) else {
        return unfollowed(
            "what `flatten` brings up from more than one object deep is not followed: give it another depth",
        );
    };
    Ok(raw.iter().flat_map(|from| below.iter().map(|path| [from.clone(), path.clone()].concat())).collect())
}

/// Where a value may stand in a record as it comes, before `split`, `flatten` and `rename`; `None` if that cannot be told.
fn in_raw_record(stream: &Stream, from: Vec<Segment>) -> Option<Vec<Vec<Segment>>> {
    let Some((Segment::Key(name), rest)) = from.split_first() else { return Some(vec![from]) };
    let old = stream.rename.iter().find(|(new, _)| new == name).map_or(name, |(_, old)| old);
    let mut places = vec![[&[Segment::Key(old.clone())], rest].concat()];
    for rule in &stream.flatten {
        let Some(inner) = old.strip_prefix(&rule.prefix).filter(|inner| !inner.is_empty()) else { continue };
        if rule.depth > 1 {
            return None;
        }
        let object = [Segment::Key(rule.member.clone()), Segment::Key(inner.to_owned())];
        places.push([&object[..], rest].concat());
    }
    let Some(split) = &stream.split else { return Some(places) };
    // What is kept of the record around an element stands beside the list.
    if let Some((_, kept)) = split.keep.iter().find(|(kept, _)| kept == old) {
        return Some(vec![[kept.plain()?, rest].concat()]);
    }
    let list = split.path.plain()?;
    Some(places.into_iter().map(|place| [list, &place].concat()).collect())
}

/// Whether a field holds the key of a record, and that key is personal.
fn refers_to_personal(connector: &Connector, field: &Field) -> bool {
    let other = field.references.as_deref().and_then(|name| connector.stream(name));
    let key = other.and_then(|other| other.field(other.primary_key.first()?));
    key.is_some_and(|key| key.personal)
}

/// Adds the paths of the personal members of a type, or that of all of it.
fn members(kind: &FieldType, personal: bool, path: &mut Vec<Segment>, found: &mut Vec<Vec<Segment>>) {
    if personal {
        return found.push(path.clone());
    }
    match kind {
        FieldType::List(inner) => {
            path.push(Segment::Each);
            members(inner, false, path, found);
            path.pop();
        }
        FieldType::AsJson(kept) => members(kept, false, path, found),
        FieldType::Object(Some(list)) => {
            for member in list {
                path.push(Segment::Key(member.name.clone()));
                members(&member.kind, member.personal, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Whether a place is the one of a pattern, or below it.
fn leads(pattern: &[Segment], path: &[Segment]) -> bool {
    path.len() >= pattern.len() && pattern.iter().zip(path).all(|(one, step)| *one == Segment::Each || one == step)
}

/// A body as JSON documents: the whole, or each of its lines.
fn documents(body: &str) -> Vec<Range<usize>> {
    if scan(body, &mut |_, _, _| {}) {
        return std::iter::once(0..body.len()).collect();
    }
    let start = |line: &str| line.as_ptr().addr() - body.as_ptr().addr();
    body.lines().filter(|line| !line.trim().is_empty()).map(|line| start(line)..start(line) + line.len()).collect()
}

/// What takes the place of a token, if anything does.
fn replaced(raw: &str, token: Token, here: bool, stand_ins: &mut StandIns) -> Option<String> {
    match token {
        Token::Text | Token::Key => {
            let text: String = serde_json::from_str(raw).ok()?;
            let new = match stand_ins.whole(&text, false) {
                Some(stand_in) => stand_in.to_owned(),
                None if here && token == Token::Text && !text.is_empty() => stand_ins.of(&text),
                None => stand_ins.within(&text),
            };
            (new != text).then(|| Value::from(new).to_string())
        }
        Token::Number if here => Some(stand_ins.of(raw)),
        Token::Number => stand_ins.whole(raw, false).map(str::to_owned),
        Token::Word if here && raw == "true" => Some("false".to_owned()),
        Token::Word | Token::Open => None,
    }
}
