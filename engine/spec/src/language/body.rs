//! What a request carries: values of parameters, and the forms of its body.

use crate::diagnostic::Diagnostic;
use crate::grammar::{self, Read, Reader, Shape, Text, TextKind, record};
use crate::model;
use crate::source::Place;
use crate::tree::{Key, Node, Value};

/// The keys of which one says what the body is.
pub(crate) const BODIES: [&str; 4] = ["body", "form", "text", "graphql"];

/// Templates with the places of their texts.
type Templates = Vec<(crate::expression::Template, Place)>;

/// A JSON value: a tree whose texts are templates.
#[derive(Debug, Clone)]
pub(crate) struct JsonTree {
    pub(crate) tree: model::JsonTemplate,
    templates: Templates,
}

impl JsonTree {
    /// Every template with the place of its text.
    pub(crate) fn templates(&self) -> impl Iterator<Item = (&crate::expression::Template, &Place)> {
        self.templates.iter().map(|(template, place)| (template, place))
    }
}

impl Read for JsonTree {
    fn shape() -> Shape {
        Shape::Any
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let mut templates = Vec::new();
        let tree = json_tree(node, reader, &mut templates)?;
        Some(JsonTree { tree, templates })
    }
}

fn text(node: &Node, reader: &mut Reader<'_>, templates: &mut Templates) -> Option<model::JsonTemplate> {
    let template = Text::<grammar::Sendable>::read(node, reader)?;
    templates.push((template.value.clone(), node.place.clone()));
    Some(model::JsonTemplate::Text(template.value))
}

fn json_tree(node: &Node, reader: &mut Reader<'_>, templates: &mut Templates) -> Option<model::JsonTemplate> {
    Some(match &node.value {
        Value::Scalar(scalar) if scalar.plain && is_too_large(&scalar.text) => {
            let fault = Diagnostic::new("this number is too large to be sent as it is", node.place.clone());
            reader.fault(fault.help("put it in quotes if the API takes it as a text"));
            return None;
        }
        Value::Scalar(scalar) if !scalar.plain || node.to_json().is_string() => text(node, reader, templates)?,
        Value::List(items) => {
            model::JsonTemplate::List(items.iter().filter_map(|item| json_tree(item, reader, templates)).collect())
        }
        Value::Map(entries) => {
            let read = |(key, value): &(crate::tree::Key, Node)| {
                Some((key.text.clone(), json_tree(value, reader, templates)?))
            };
            model::JsonTemplate::Object(entries.iter().filter_map(read).collect())
        }
        _ => model::JsonTemplate::Fixed(node.to_json()),
    })
}

/// The value of a parameter, or of a name in a form.
#[derive(Debug, Clone)]
pub(crate) struct Entry(pub(crate) JsonTree);

impl Read for Entry {
    fn shape() -> Shape {
        let object = || Shape::Map(Box::new(Shape::Any));
        let one = || Shape::Text(TextKind::Sendable);
        Shape::Either(vec![one(), Shape::List(Box::new(Shape::Either(vec![one(), object()]))), object()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let mut templates = Vec::new();
        let tree = entry(node, reader, &mut templates)?;
        Some(Entry(JsonTree { tree, templates }))
    }
}

/// Here every scalar is a text; what stands in an object is JSON.
fn entry(node: &Node, reader: &mut Reader<'_>, templates: &mut Templates) -> Option<model::JsonTemplate> {
    match &node.value {
        Value::Map(_) => json_tree(node, reader, templates),
        Value::List(items) => {
            let mut read = Vec::new();
            for item in items {
                read.push(match &item.value {
                    Value::List(_) => return reader.expected(item, "a text or a mapping"),
                    _ => entry(item, reader, templates)?,
                });
            }
            Some(model::JsonTemplate::List(read))
        }
        _ => text(node, reader, templates),
    }
}

/// A query alone, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct GraphQlForm(pub(crate) GraphQl);

record! {
    /// A query in GraphQL, sent as JSON. `errors` in an answer, also beside data, fail the stream with their
    /// messages, unless a rule of `on_response` says otherwise.
    GraphQl = "graphql";
    /// The query, with its fragments. What changes goes into `variables`.
    query: required Text<grammar::Template>,
    /// The values of its variables.
    variables: optional Variables,
    /// The name of the operation, where the query has several.
    operation: optional Text<grammar::Template>,
}

impl Read for GraphQlForm {
    fn shape() -> Shape {
        Shape::Either(vec![Text::<grammar::Template>::shape(), GraphQl::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            return GraphQl::read(node, reader).map(GraphQlForm);
        }
        let query = Some(Text::read(node, reader)?);
        let said = vec![Key { text: "query".to_owned(), place: node.place.clone() }];
        Some(GraphQlForm(GraphQl { place: node.place.clone(), said, query, variables: None, operation: None }))
    }
}

/// An object in JSON.
#[derive(Debug, Clone)]
pub(crate) struct Variables(pub(crate) JsonTree);

impl Read for Variables {
    fn shape() -> Shape {
        Shape::Map(Box::new(Shape::Any))
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => JsonTree::read(node, reader).map(Variables),
            _ => reader.expected(node, "a mapping of variables to their values"),
        }
    }
}

/// Whether a text is a whole number that JSON readers would round.
fn is_too_large(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    whole && text.parse::<i64>().is_err() && text.parse::<u64>().is_err()
}
