//! A property of a schema as a column: its type, whether it is there always, and what is said of it.

use super::super::fields::unusable;
use super::document::{Document, member, text};
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Text, list_names};
use crate::language::{FieldForm, FieldSpec, FieldTypeText};
use crate::model::{FieldType, Member};
use crate::path;
use crate::source::Place;
use crate::tree::{Node, Value};

/// Objects in objects that are followed; one that holds itself would have no end.
const MOST_DEEP: usize = 16;

/// What says nothing that a column would have.
const PASSED_OVER: [&str; 24] = [
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "$anchor",
    "definitions",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "const",
];
/// What makes a column.
const READ: [&str; 17] = [
    "$ref",
    "type",
    "format",
    "properties",
    "required",
    "items",
    "additionalProperties",
    "title",
    "description",
    "enum",
    "example",
    "examples",
    "nullable",
    "anyOf",
    "oneOf",
    "allOf",
    "xml",
];

/// What a schema says of a value.
struct Said<'d> {
    node: &'d Node,
    kind: FieldType,
    nullable: bool,
}

/// The columns of the object that a schema describes.
pub(super) fn columns(
    document: &Document,
    root: &Node,
    (own, place): (&[&str], &Place),
) -> Option<Vec<(At<String>, Option<FieldForm>)>> {
    let Some(Value::Map(properties)) = member(root, "properties").map(|node| &node.value) else {
        let fault =
            Diagnostic::new("this describes no object with `properties`, and a record is one", root.place.clone());
        document.fault(fault.help("of a list, the file describes an element"));
        return None;
    };
    known_words(document, root);
    let required = names(member(root, "required"));
    let column = |(key, node): &(crate::tree::Key, Node)| {
        let is_usable = usable(document, key);
        let said = said(document, node, MOST_DEEP).filter(|_| is_usable);
        let form = said.map(|said| form(&said, required.contains(&key.text.as_str()), place));
        (At { value: key.text.clone(), place: place.clone() }, form)
    };
    Some(properties.iter().filter(|(key, _)| !own.contains(&key.text.as_str())).map(column).collect())
}

/// Whether a field can be called as the property is; the fault is the file's.
fn usable(document: &Document, key: &crate::tree::Key) -> bool {
    let Some(why) = unusable(&key.text) else { return true };
    let help = format!(
        "take it out of the file, and give it another name under `also` of the spec: `{{type: string, from: ${}}}`",
        path::member(&key.text)
    );
    document.fault(Diagnostic::new(why, key.place.clone()).help(help));
    false
}

fn form(said: &Said<'_>, required: bool, place: &Place) -> FieldForm {
    let made = |text: &str| Text::made(text.to_owned(), place.clone());
    let single = !matches!(said.kind, FieldType::List(_) | FieldType::Object(_));
    let spec = FieldForm::of(FieldTypeText { value: said.kind.clone(), place: place.clone() }).0;
    FieldForm(FieldSpec {
        title: text(said.node, "title").map(made),
        description: text(said.node, "description").map(|text| Text::made(text.to_owned(), place.clone())),
        required: (required && !said.nullable && single).then(|| At { value: true, place: place.clone() }),
        values: member(said.node, "enum").map(|node| words(node).into_iter().map(made).collect()),
        example: example(said.node).map(made),
        ..spec
    })
}

fn example(node: &Node) -> Option<&str> {
    let first = |node| words(node).into_iter().next();
    text(node, "example").or_else(|| first(member(node, "examples")?))
}

/// The texts and numbers of a list.
fn words(node: &Node) -> Vec<&str> {
    let Value::List(items) = &node.value else { return Vec::new() };
    items.iter().filter_map(scalar).collect()
}

fn scalar(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(scalar) => Some(&scalar.text),
        _ => None,
    }
}

fn names(node: Option<&Node>) -> Vec<&str> {
    node.map(words).unwrap_or_default()
}

/// What a schema says of a value; none if that is no column.
fn said<'d>(document: &'d Document, node: &'d Node, deep: usize) -> Option<Said<'d>> {
    if matches!(&node.value, Value::Scalar(scalar) if scalar.plain && scalar.text == "true") {
        return Some(Said { node, kind: FieldType::Json, nullable: true });
    }
    if deep == 0 {
        let fault = Diagnostic::new("here are too many objects within objects", node.place.clone());
        document.fault(fault.help("make the outermost one `json` under `also` of the spec"));
        return None;
    }
    let (node, nullable) = alternative(document, document.resolved(node)?)?;
    if !matches!(node.value, Value::Map(_)) {
        document.fault(Diagnostic::new("here must stand a schema", node.place.clone()));
        return None;
    }
    known_words(document, node);
    let (word, or_null) = type_word(document, node)?;
    let kind = kind(document, node, word, deep)?;
    let nullable = nullable || or_null || text(node, "nullable") == Some("true");
    Some(Said { node, kind, nullable })
}

/// Of `anyOf`, `oneOf` and `allOf` the one schema that is not null, and whether null is another.
fn alternative<'d>(document: &'d Document, node: &'d Node) -> Option<(&'d Node, bool)> {
    let given = ["anyOf", "oneOf", "allOf"].into_iter().find_map(|word| Some((word, member(node, word)?)));
    let Some((word, list)) = given else { return Some((node, false)) };
    let Value::List(items) = &list.value else {
        document.fault(Diagnostic::new(format!("`{word}` is a list of schemas"), list.place.clone()));
        return None;
    };
    let is_null = |item: &&Node| text(item, "type") == Some("null");
    let others: Vec<&Node> = items.iter().filter(|item| !is_null(item)).collect();
    match others.as_slice() {
        [one] => Some((document.resolved(one)?, others.len() < items.len())),
        _ => {
            let fault = Diagnostic::new(format!("`{word}` says several things of one column"), list.place.clone());
            document.fault(fault.help("say its type under `also` of the spec, such as `json`"));
            None
        }
    }
}

/// The word for the type, and whether null may stand there.
fn type_word<'d>(document: &Document, node: &'d Node) -> Option<(&'d str, bool)> {
    let Some(written) = member(node, "type") else {
        return Some(match (member(node, "properties"), member(node, "items"), member(node, "enum")) {
            (Some(_), ..) => ("object", false),
            (_, Some(_), _) => ("array", false),
            (.., Some(list)) if !words(list).is_empty() => ("string", false),
            _ => ("any", true),
        });
    };
    let all = if let Value::List(_) = written.value { words(written) } else { scalar(written).into_iter().collect() };
    let mut types: Vec<&str> = all.iter().copied().filter(|word| *word != "null").collect();
    let nullable = types.len() < all.len();
    types.sort_unstable();
    match types.as_slice() {
        [one] => Some((one, nullable)),
        ["integer", "number"] => Some(("number", nullable)),
        [] if nullable => Some(("any", true)),
        several => {
            let message = format!("a column has one type, and here are {}", list_names(several.iter().copied()));
            let fault = Diagnostic::new(message, written.place.clone());
            document.fault(fault.help("say its type under `also` of the spec, such as `json`"));
            None
        }
    }
}

fn kind(document: &Document, node: &Node, word: &str, deep: usize) -> Option<FieldType> {
    Some(match (word, text(node, "format")) {
        ("string", Some("date-time")) => FieldType::Timestamp,
        ("string", Some("date")) => FieldType::Date,
        ("string", Some("time")) => FieldType::Time,
        ("string" | "number", Some("decimal")) => FieldType::Decimal,
        ("string", _) => FieldType::String,
        ("integer", _) => FieldType::Integer,
        ("number", _) => FieldType::Number,
        ("boolean", _) => FieldType::Boolean,
        ("any", _) => FieldType::Json,
        ("array", _) => return elements(document, node, deep),
        ("object", _) => match member(node, "properties").map(|node| &node.value) {
            Some(Value::Map(properties)) if !properties.is_empty() => {
                let members = properties.iter().filter_map(|(key, node)| inner(document, (&key.text, node), deep - 1));
                FieldType::Object(Some(members.collect()))
            }
            _ => FieldType::Json,
        },
        (other, _) => {
            let place = member(node, "type").map_or(&node.place, |node| &node.place).clone();
            let types = ["string", "integer", "number", "boolean", "array", "object", "null"];
            let fault = Diagnostic::new(format!("`{other}` is no type of JSON Schema"), place);
            document.fault(fault.nearest(other, types).help(format!("its types are {}", list_names(types))));
            return None;
        }
    })
}

fn elements(document: &Document, node: &Node, deep: usize) -> Option<FieldType> {
    let element = match member(node, "items") {
        None => FieldType::Json,
        Some(list) if matches!(list.value, Value::List(_)) => {
            let fault = Diagnostic::new(
                "a list has elements of one type, and this names one for each place",
                list.place.clone(),
            );
            document.fault(fault.help("make it `json` under `also` of the spec"));
            return None;
        }
        Some(items) => said(document, items, deep - 1)?.kind,
    };
    Some(FieldType::List(Box::new(element)))
}

fn inner(document: &Document, (name, node): (&str, &Node), deep: usize) -> Option<Member> {
    let said = said(document, node, deep)?;
    Some(Member {
        name: name.to_owned(),
        description: text(said.node, "description").map(str::to_owned),
        kind: said.kind,
        personal: false,
    })
}

/// Reports words that would change what a value may be, and are not understood.
fn known_words(document: &Document, node: &Node) {
    let Value::Map(entries) = &node.value else { return };
    for (key, _) in entries {
        let name = key.text.as_str();
        if READ.contains(&name) || PASSED_OVER.contains(&name) || name.starts_with("x-") {
            continue;
        }
        let fault = Diagnostic::new(format!("`{name}` is not understood here"), key.place.clone());
        let fault = fault.nearest(name, READ.into_iter().chain(PASSED_OVER));
        document.fault(fault.help("take it out, or say the column's type under `also` of the spec"));
    }
}
