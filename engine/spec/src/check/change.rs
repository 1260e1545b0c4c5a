//! What becomes of a record before its fields are read: members that go are read by nobody, names come from one
//! place.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Map, Reader};
use crate::language::{FieldSpec, FlattenRule, Stream};
use crate::model::{Flatten, Split};
use crate::path::{Path, Segment};
use crate::source::Place;

pub(super) fn split(form: &Stream, reader: &mut Reader<'_>) -> Option<Split> {
    let written = &form.split.as_ref()?.0;
    let path = written.path.as_ref()?;
    let steps = path.plain().unwrap_or_default();
    let lists = steps.iter().any(|step| matches!(step, Segment::Each));
    if !lists || steps.iter().any(|step| matches!(step, Segment::Index(_))) {
        let fault = Diagnostic::new("this path does not lead to the elements of a list", path.place.clone());
        reader.fault(fault.help("name the list and its elements, as in `$.lines[*]`"));
    }
    let mut keep = Vec::new();
    for (name, from) in written.keep.iter().flat_map(|keep| &keep.0) {
        let Some(from) = from else { continue };
        if from.plain().is_none_or(|steps| steps.contains(&Segment::Each)) {
            let fault =
                Diagnostic::new("what is kept is one value, and this path may lead to several", from.place.clone());
            reader.fault(fault.help("name the members that lead there, as in `$.customer.id`"));
        }
        keep.push((name.value.clone(), from.value.clone()));
    }
    let optional = written.optional.as_ref().is_some_and(|optional| optional.value);
    Some(Split { path: path.value.clone(), keep, optional })
}

pub(super) fn flatten(form: &Stream) -> Vec<Flatten> {
    let rules = form.flatten.iter().flat_map(|form| &form.0);
    let flatten = |(name, rule): &(At<String>, Option<FlattenRule>)| {
        let prefix = rule.as_ref().and_then(|rule| rule.prefix.as_ref());
        let depth = rule.as_ref().and_then(|rule| rule.depth.as_ref());
        Flatten {
            member: name.value.clone(),
            prefix: prefix.map_or_else(|| format!("{}_", name.value), |prefix| prefix.0.clone()),
            depth: depth.map_or(1, |depth| u32::try_from(depth.0.value).unwrap_or(u32::MAX)),
        }
    };
    rules.map(flatten).collect()
}

pub(super) fn remove(form: &Stream) -> Vec<String> {
    form.remove.iter().flat_map(|names| &names.0).map(|name| name.value.clone()).collect()
}

pub(super) fn rename(form: &Stream) -> Vec<(String, String)> {
    let pairs = form.rename.iter().flat_map(|names| &names.0);
    pairs.filter_map(|(new, old)| Some((new.value.clone(), old.as_ref()?.value.clone()))).collect()
}

/// What happens to a member of a record.
struct Going<'a> {
    name: &'a str,
    place: &'a Place,
    /// `removed`, `renamed`, `flattened`
    how: &'static str,
}

fn going(form: &Stream) -> Vec<Going<'_>> {
    let flattened = form.flatten.iter().flat_map(|form| &form.0);
    let flattened = flattened.map(|(name, _)| Going { name: &name.value, place: &name.place, how: "flattened" });
    let removed = form.remove.iter().flat_map(|names| &names.0);
    let removed = removed.map(|name| Going { name: &name.value, place: &name.place, how: "removed" });
    let renamed = form.rename.iter().flat_map(|names| &names.0).filter_map(|(_, old)| old.as_ref());
    let renamed = renamed.map(|old| Going { name: &old.value, place: &old.place, how: "renamed" });
    flattened.chain(removed).chain(renamed).collect()
}

/// Members that go twice, that something still reads, and names that come from two places.
pub(super) fn contradictions(form: &Stream, reader: &mut Reader<'_>) {
    let going = going(form);
    if going.is_empty() {
        return;
    }
    let mut first: HashMap<&str, &Going<'_>> = HashMap::new();
    for one in &going {
        match first.get(one.name) {
            Some(other) if other.how == one.how => {
                let fault = Diagnostic::new(format!("`{}` is {} twice", one.name, one.how), one.place.clone());
                reader.fault(fault.help("keep one of the two; a second field can read the same member with `from`"));
            }
            Some(other) => {
                let message = format!("`{}` is {}, and {} here", one.name, other.how, one.how);
                reader.fault(Diagnostic::new(message, one.place.clone()).help("keep one of the two"));
            }
            None => drop(first.insert(one.name, one)),
        }
    }
    renamed_onto(form, reader);
    for one in first.values().filter(|one| !comes_back(form, one.name)) {
        still_read(form, one, reader);
    }
}

/// Whether another member takes the name.
fn comes_back(form: &Stream, name: &str) -> bool {
    let renamed = form.rename.iter().flat_map(Map::names).any(|new| new == name);
    renamed || flatten(form).iter().any(|rule| name.starts_with(&rule.prefix) && rule.member != name)
}

fn renamed_onto(form: &Stream, reader: &mut Reader<'_>) {
    for (new, old) in form.rename.iter().flat_map(|names| &names.0) {
        if old.as_ref().is_some_and(|old| old.value == new.value) {
            let fault = Diagnostic::new(format!("`{}` keeps its name", new.value), new.place.clone());
            reader.fault(fault.help("write the new name first: `rename: {new_name: old_name}`"));
        }
        if form.add.iter().flat_map(Map::names).any(|added| added == new.value) {
            let fault =
                Diagnostic::new(format!("`{}` comes from `rename` and from `add`", new.value), new.place.clone());
            reader.fault(fault.help("keep one of the two"));
        }
        if let Some(from) = field(form, &new.value).and_then(|field| field.from.as_ref())
            && member_of(from) != Some(new.value.as_str())
        {
            let message =
                format!("the field `{}` is read from `{}`, not from what is renamed to it", new.value, from.source());
            reader
                .fault(Diagnostic::new(message, new.place.clone()).help("take `from` out, or the name under `rename`"));
        }
    }
}

fn still_read(form: &Stream, one: &Going<'_>, reader: &mut Reader<'_>) {
    let added: Vec<&str> = form.add.iter().flat_map(Map::names).collect();
    for (name, spec) in form.fields.iter().flat_map(|fields| &fields.0) {
        let Some(spec) = spec.as_ref().filter(|_| !added.contains(&name.value.as_str())) else { continue };
        let reads = match &spec.0.from {
            Some(from) => member_of(from),
            None => Some(name.value.as_str()),
        };
        if reads == Some(one.name) {
            let message = format!("`{}` is {}, and the field `{}` reads it", one.name, one.how, name.value);
            reader.fault(Diagnostic::new(message, one.place.clone()).help(match one.how {
                "flattened" => "its members stand in its place: let the field read one of these, by its new name",
                "renamed" => "let the field read the new name, or take the old one out here",
                _ => "take one of the two out",
            }));
        }
    }
    let mark = form.deleted.as_ref().and_then(|form| form.0.from.as_ref());
    if mark.is_some_and(|from| member_of(from) == Some(one.name)) {
        let message = format!("`{}` is {} before `deleted`, which reads it", one.name, one.how);
        let fault = Diagnostic::new(message, one.place.clone());
        reader.fault(fault.help("let `deleted` read what is there then, or take the member out here"));
    }
    let expressions = form.add.iter().flat_map(|add| &add.0).filter_map(|(_, value)| value.as_ref());
    let read = format!("record.{}", one.name);
    for template in expressions {
        let names = template.value.names();
        if names.map(|(name, _)| name).any(|name| name == read || name.starts_with(&format!("{read}."))) {
            let message = format!("`{}` is {} before `add`, which reads it here", one.name, one.how);
            let fault = Diagnostic::new(message, template.place.clone());
            reader
                .fault(fault.help("let it read what is there then; a field can be computed from a member that stays"));
        }
    }
}

fn field<'a>(form: &'a Stream, name: &str) -> Option<&'a FieldSpec> {
    let fields = form.fields.iter().flat_map(|fields| &fields.0);
    fields.filter_map(|(known, spec)| (known.value == name).then_some(&spec.as_ref()?.0)).next()
}

/// The member of the record to which a path leads, or through which.
fn member_of(path: &Path) -> Option<&str> {
    match path.plain()?.first()? {
        Segment::Key(key) => Some(key),
        _ => None,
    }
}
