//! For what a stream is fetched, again and again: records of other streams, values of a list.

use super::about::Positive;
use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, OneOrMany, Read, Reader, Shape, Text, record};
use crate::source::Place;
use crate::tree::{Node, Value};

type Line = Text<grammar::Plain>;

/// A stream's name, a mapping, or a list of such: every combination.
#[derive(Debug, Clone)]
pub(crate) struct ForEachForm {
    pub(crate) place: Place,
    pub(crate) parts: Vec<Each>,
}

record! {
    /// What is gone through. The records of a stream are the common case, and its name alone says so. A list of such
    /// mappings is gone through in every combination; one of them may be of streams.
    Each = "for_each", ExactlyOne of &["stream", "values", "config", "hook"];
    /// The parent stream, or several: expressions read the fields that each of them has, as `parent.NAME`.
    stream: optional OneOrMany<Line>,
    /// Only for the records that the run's incremental read of the parent stream returned; default false. The bookmark of
    /// the parent waits for such children. Others need nothing of it: each run reads every record of the parent for
    /// them, also after they failed.
    changed_only: optional At<bool>,
    /// Only for the records for which this holds, as their table has them: `parent.is_member`. It reads one record,
    /// as `parent` or as `as` says, also with `batch`. For the others nothing is asked for: a table that is read whole
    /// has no rows of theirs, and elsewhere one that counts again is read from the beginning. With `changed_only` a
    /// record is judged when it has changed, and not again.
    keep_if: optional Text<grammar::Condition>,
    /// So many records go into one request. Expressions read the values of a field as `parents.NAME`, a list:
    /// `"{{ parents.id | join(',') }}"`. The last request has what is left.
    batch: optional Positive,
    /// Values that the spec gives, as texts.
    values: optional Vec<Line>,
    /// A config field whose values the user gives: of type `list`, or an `enum` or a `string` as one value. A field
    /// that is left out has none.
    config: optional Line,
    /// The name of a hook that cuts the stream into slices when a run begins. It is told the configuration without its
    /// secrets, and the bookmarks of the slices that are known. It goes with `values` and `config`, not with a stream. A
    /// table that is read whole has the rows of the slices that were cut, and no others.
    hook: optional Line,
    /// What each slice of the hook has: the names by which expressions read it.
    names: optional Vec<Text<grammar::Name>>,
    /// The name by which expressions read it. A stream's records are `parent`, or `parents` with `batch`, if no other
    /// name is given; values need one.
    name as "as": optional Text<grammar::Name>,
}

impl Each {
    /// The names by which expressions read it.
    pub(crate) fn known_as(&self) -> Vec<&str> {
        match self.said("hook") {
            Some(_) => self.names.iter().flatten().map(|name| name.value.as_str()).collect(),
            None => self.called().into_iter().collect(),
        }
    }

    /// The one name by which expressions read it, if it is not a hook's.
    pub(crate) fn called(&self) -> Option<&str> {
        match &self.name {
            Some(name) => Some(&name.value),
            None if self.said("stream").is_none() || self.said("as").is_some() => None,
            None if self.said("batch").is_some() => Some("parents"),
            None => Some("parent"),
        }
    }

    /// The name by which a condition on its records reads one of them.
    pub(crate) fn one_called(&self) -> &str {
        self.name.as_ref().map_or("parent", |name| &name.value)
    }

    /// The names of its parent streams.
    pub(crate) fn streams(&self) -> impl Iterator<Item = &Line> {
        self.stream.iter().flat_map(|streams| &streams.0)
    }
}

impl ForEachForm {
    /// The names of all parent streams.
    pub(crate) fn streams(&self) -> impl Iterator<Item = &Line> {
        self.parts.iter().flat_map(Each::streams)
    }

    /// The part of this name.
    pub(crate) fn part(&self, name: &str) -> Option<&Each> {
        self.parts.iter().find(|each| each.known_as().contains(&name))
    }

    /// The part that is of streams.
    pub(crate) fn of_streams(&self) -> Option<&Each> {
        self.parts.iter().find(|each| each.said("stream").is_some())
    }

    /// Where it says that only changed parents count, if it does.
    pub(crate) fn changed_only(&self) -> Option<&At<bool>> {
        let of_streams = self.parts.iter().filter(|each| each.said("stream").is_some());
        of_streams.filter_map(|each| each.changed_only.as_ref()).find(|changed| changed.value)
    }

    /// Whether something of it could not be read, or has no name.
    pub(crate) fn is_unread(&self) -> bool {
        let unread = |each: &Each| {
            let keys = [
                ("stream", each.stream.is_some()),
                ("changed_only", each.changed_only.is_some()),
                ("keep_if", each.keep_if.is_some()),
                ("batch", each.batch.is_some()),
                ("values", each.values.is_some()),
                ("config", each.config.is_some()),
                ("hook", each.hook.is_some()),
                ("names", each.names.is_some()),
                ("as", each.name.is_some()),
            ];
            each.known_as().is_empty() || keys.iter().any(|(key, read)| !read && each.said(key).is_some())
        };
        self.parts.is_empty() || self.parts.iter().any(unread)
    }
}

impl Read for ForEachForm {
    fn shape() -> Shape {
        let part = || Shape::Either(vec![Line::shape(), Each::shape()]);
        Shape::Either(vec![Line::shape(), Each::shape(), Shape::List(Box::new(part()))])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let parts = match &node.value {
            Value::List(items) if items.is_empty() => {
                let fault = Diagnostic::new("`for_each` names nothing to go through", node.place.clone());
                reader.fault(fault.help("write `for_each: STREAM`, or a list of mappings"));
                return None;
            }
            Value::List(items) => items.iter().filter_map(|item| part(item, reader)).collect(),
            _ => vec![part(node, reader)?],
        };
        Some(ForEachForm { place: node.place.clone(), parts })
    }
}

fn part(node: &Node, reader: &mut Reader<'_>) -> Option<Each> {
    if let Value::Map(_) = &node.value {
        return Each::read(node, reader);
    }
    let stream = Line::read(node, reader)?;
    let said = vec![crate::tree::Key { text: "stream".to_owned(), place: node.place.clone() }];
    Some(Each {
        place: node.place.clone(),
        said,
        stream: Some(OneOrMany(vec![stream])),
        changed_only: None,
        keep_if: None,
        batch: None,
        values: None,
        config: None,
        hook: None,
        names: None,
        name: None,
    })
}
