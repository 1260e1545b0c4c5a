//! Streams that only the API can tell.

use super::about::Positive;
use super::answer::RecordsForm;
use super::body::{BODIES, Entry, GraphQlForm, JsonTree};
use super::endpoint::Endpoint;
use super::field::FieldForm;
use super::pagination::PaginationForm;
use super::stream::Stream;
use crate::grammar::{self, Map, Read, Reader, Shape, Text, record};
use crate::tree::{Node, Value};

type Template = Text<grammar::Template>;

record! {
    /// Streams that only the API can tell, such as the custom objects of an account. Expressions read what the API
    /// says of one as `object`. A stream that the API tells no more keeps its table, and the report says so.
    Dynamic = "dynamic_stream";
    /// The request that lists them: `GET /objects`, or a mapping. Each record is an `object`.
    list: required ListForm,
    /// Only objects for which this holds become streams.
    keep_if: optional Text<grammar::Condition>,
    /// The name of the stream and its table, as in `"{{ object.api_name }}"`. What is no lower case letter, digit or
    /// `_` in it becomes one: `Sales Order` is `sales_order`. Two of one name are an error.
    name: required Template,
    /// How many there may be; default 200. If there are more, the run does not begin.
    most: optional Positive,
    /// What each of them is, as under `streams`, with `object` in every expression. Without `fields` here and beside
    /// it the members of its records become columns.
    stream: required Stream,
    /// Where the API tells their fields. Those that `stream.fields` lists are as it says; what a primary key, a
    /// replication key or `add` names stands there.
    fields: optional ToldFields,
}

record! {
    /// The fields of a stream that only the API can tell: the columns, beside those of `stream.fields`. Expressions
    /// read what the API says of one as `field`, and what it says of the stream as `object`.
    ToldFields = "fields", ExactlyOne of &["list", "from"];
    /// The request that lists the fields of one object: `GET /objects/{{ object.api_name }}/fields`, or a mapping. Each
    /// record is a `field`.
    list: optional ListForm,
    /// Where the object itself has them: a path in it to the elements of a list, or to the members of an object, such as
    /// `$.fields[*]`.
    from: optional Text<grammar::Path>,
    /// What the field is called in the records, and its column, as in `"{{ field.name }}"`.
    name: required Template,
    /// Where its value stands in a record, if not under its own name: a path in which each expression is a name,
    /// whatever it holds, as in `"$.properties.{{ field.name }}"`.
    path: optional Text<grammar::PathTemplate>,
    /// Its type, in the API's words, as in `"{{ field.type }}"`.
    kind as "type": required Template,
    /// What each of the API's words for a type is here, as in `{double: number, datetime: timestamp}`: a type, or a
    /// mapping as under `fields` of a stream. A word that is not listed is `json`: the value is kept as it stands. With
    /// `path`, a mapping's `from` leads on from there: `{select: {type: string, from: $.select.name}}`.
    types: required Map<FieldForm>,
}

/// `GET /objects`, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct ListForm(pub(crate) Box<Stream>);

record! {
    /// A request that lists objects. What it does not say, `http:` says for it.
    List = "list", AtMostOne of &BODIES;
    /// Method and path.
    endpoint: required Endpoint,
    /// Query parameters, beside those of `http`; a list repeats the name.
    params: optional Map<Entry>,
    /// Headers, beside those of `http`.
    headers: optional Map<Text<grammar::Sendable>>,
    /// JSON body of a `POST`; each text in it is a template.
    body: optional JsonTree,
    /// Body of a `POST` as HTML forms send it.
    form: optional Map<Entry>,
    /// Body of a `POST` as it is written.
    text: optional Text<grammar::Sendable>,
    /// Query in GraphQL, the body of a `POST`.
    graphql: optional GraphQlForm,
    /// Path to the objects in an answer.
    records: optional RecordsForm,
    /// How to come to the next page.
    pagination: optional PaginationForm,
}

impl Read for ListForm {
    fn shape() -> Shape {
        Shape::Either(vec![Endpoint::shape(), List::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let list = match &node.value {
            Value::Map(_) => List::read(node, reader)?,
            _ => {
                let endpoint = Some(Endpoint::read(node, reader)?);
                List {
                    place: node.place.clone(),
                    said: Vec::new(),
                    endpoint,
                    params: None,
                    headers: None,
                    body: None,
                    form: None,
                    text: None,
                    graphql: None,
                    records: None,
                    pagination: None,
                }
            }
        };
        Some(ListForm(Box::new(stream(list))))
    }
}

/// The list as a stream that is read and not loaded.
fn stream(list: List) -> Stream {
    Stream {
        description: Some(Text::made("The objects that become streams.".to_owned(), list.place.clone())),
        place: list.place,
        said: list.said,
        endpoint: list.endpoint,
        params: list.params,
        headers: list.headers,
        body: list.body,
        form: list.form,
        text: list.text,
        graphql: list.graphql,
        records: list.records,
        pagination: list.pagination,
        title: None,
        link: None,
        notes: None,
        permission: None,
        job: None,
        base_url: None,
        format: None,
        compression: None,
        primary_key: None,
        replication: None,
        for_each: None,
        add: None,
        keep_if: None,
        fields: None,
        unlisted: None,
        schema_changes: None,
        deleted: None,
        on_response: None,
        rate_limit: None,
        limits: None,
        flatten: None,
        remove: None,
        rename: None,
        split: None,
        routed_from: None,
        hooks: None,
    }
}
