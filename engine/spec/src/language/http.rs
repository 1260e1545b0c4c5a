//! Requests and answers: auth, endpoints, pagination, rules, limits.

use super::about::Positive;
use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, Map, OneOrMany, Read, Reader, Shape, Text, TextKind, Whole, record, words};
use crate::model;
use crate::source::Place;
use crate::tree::{Node, Value};

type Line = Text<grammar::Plain>;
type Template = Text<grammar::Template>;
type Path = Text<grammar::Path>;
type Duration = Text<grammar::Duration>;

/// `none`, or one of the forms of [`Auth`].
#[derive(Debug, Clone)]
pub(crate) enum AuthChoice {
    None,
    Form(Box<Auth>),
}

impl Read for AuthChoice {
    fn shape() -> Shape {
        Shape::Either(vec![Shape::Words(vec![("none", "No credentials.".to_owned())]), Auth::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Scalar(scalar) if scalar.text == "none" => Some(AuthChoice::None),
            Value::Map(_) => Auth::read(node, reader).map(|auth| AuthChoice::Form(Box::new(auth))),
            _ => reader.expected(node, "`none` or a mapping with one of `basic`, `bearer`, `api_key`, `oauth1`"),
        }
    }
}

record! {
    /// How requests are authenticated. Credentials go only to the host of `base_url` and to `http.allow_hosts`.
    Auth = "auth", one of &["basic", "bearer", "api_key", "oauth1"];
    /// HTTP Basic.
    basic: optional Basic,
    /// `Authorization: Bearer …`
    bearer: optional BearerForm,
    /// A key in a header or in the query.
    api_key: optional ApiKey,
    /// OAuth 1.0a (RFC 5849) with an access token at hand.
    oauth1: optional OAuth1,
}

record! {
    /// HTTP Basic.
    Basic = "basic";
    /// User name.
    username: required Template,
    /// Password; left out, it is empty.
    password: optional Template,
}

/// The token alone, or a mapping with it.
#[derive(Debug, Clone)]
pub(crate) struct BearerForm {
    pub(crate) token: Option<Template>,
}

record! {
    /// A bearer token.
    Bearer = "bearer";
    /// The token.
    token: required Template,
}

impl Read for BearerForm {
    fn shape() -> Shape {
        Shape::Either(vec![Template::shape(), Bearer::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let token = match &node.value {
            Value::Map(_) => Bearer::read(node, reader)?.token,
            _ => Template::read(node, reader),
        };
        Some(BearerForm { token })
    }
}

record! {
    /// A key in a header or in the query.
    ApiKey = "api_key", one of &["header", "query"];
    /// Name of the header that carries it.
    header: optional Line,
    /// Name of the query parameter that carries it.
    query: optional Line,
    /// The key.
    value: required Template,
}

record! {
    /// OAuth 1.0a. Every request is signed anew, retries too.
    OAuth1 = "oauth1";
    /// Consumer key.
    consumer_key: required Template,
    /// Consumer secret.
    consumer_secret: required Template,
    /// Access token.
    token: required Template,
    /// Secret of the access token.
    token_secret: required Template,
    /// How to sign; default `hmac_sha1`.
    signature: optional At<model::Signature>,
}

words! {
    /// How OAuth 1.0a signs.
    model::Signature = "signature method" {
        /// RFC 5849, section 3.4.2.
        "hmac_sha1" => model::Signature::HmacSha1,
        /// RFC 5849, section 3.4.4; only over TLS.
        "plaintext" => model::Signature::Plaintext,
    }
}

/// `GET /path`: a method and a path, or an absolute URL.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) method: model::Method,
    pub(crate) path: crate::expression::Template,
    pub(crate) place: Place,
}

impl Read for Endpoint {
    fn shape() -> Shape {
        Shape::Text(TextKind::Endpoint)
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(node, "an endpoint such as `GET /users`")?;
        let help = "write a method and a path, as in `GET /users`; the methods are `GET` and `POST`";
        let fault = |message: String| Diagnostic::new(message, node.place.clone()).help(help);
        let (method, path) = match text.split_once(' ') {
            Some(("GET", path)) => (model::Method::Get, path.trim()),
            Some(("POST", path)) => (model::Method::Post, path.trim()),
            Some((method, _)) if !method.starts_with('/') => {
                reader.fault(fault(format!("`{method}` is no method that can read")).nearest(method, ["GET", "POST"]));
                return None;
            }
            _ => {
                reader.fault(fault(format!("`{text}` has no method")));
                return None;
            }
        };
        if !(path.starts_with('/') || path.starts_with("http://") || path.starts_with("https://")) {
            reader.fault(fault(format!("the path `{path}` does not begin with `/`")));
            return None;
        }
        match crate::expression::Template::compile(path) {
            Ok(path) => Some(Endpoint { method, path, place: node.place.clone() }),
            Err(wrong) => {
                let skipped = text.chars().count() - path.chars().count();
                let range = wrong.range.start + skipped..wrong.range.end + skipped;
                let fault = Diagnostic::new(wrong.message, reader.within(node, range));
                reader.fault(match wrong.help {
                    Some(help) => fault.help(help),
                    None => fault,
                });
                None
            }
        }
    }
}

/// The request that proves the credentials: an endpoint, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct CheckForm(pub(crate) Check);

record! {
    /// A request that any valid credentials may send.
    Check = "check";
    /// Method and path.
    endpoint: required Endpoint,
    /// Query parameters.
    params: optional Map<OneOrMany<Template>>,
    /// Headers.
    headers: optional Map<Template>,
}

impl Read for CheckForm {
    fn shape() -> Shape {
        Shape::Either(vec![Endpoint::shape(), Check::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => Check::read(node, reader).map(CheckForm),
            _ => {
                let endpoint = Endpoint::read(node, reader)?;
                let place = node.place.clone();
                Some(CheckForm(Check { place, endpoint: Some(endpoint), params: None, headers: None }))
            }
        }
    }
}

record! {
    /// What holds for every stream. A stream that says the same key overrides it; of `headers`, `params`,
    /// `pagination` and `limits` it overrides single entries.
    Http = "http";
    /// Scheme, host and the part of the path that all endpoints share.
    base_url: required Template,
    /// Headers of every request.
    headers: optional Map<Template>,
    /// Query parameters of every request; a list repeats the name.
    params: optional Map<OneOrMany<Template>>,
    /// Path to the records in an answer, such as `$.items[*]`.
    records: optional Path,
    /// How to come to the next page.
    pagination: optional PaginationForm,
    /// How many requests the API allows in which time, for all streams together.
    rate_limit: optional RateLimit,
    /// What to do on which answer. The first rule that matches decides; without one, 429 and 5xx are sent
    /// again with backoff, other failures fail the stream.
    on_response: optional Vec<Rule>,
    /// Hosts to which credentials may go, and next URLs may lead, beside the one of `base_url`.
    allow_hosts: optional Vec<Line>,
    /// Bounds. Reaching one is an error that names it.
    limits: optional Limits,
}

record! {
    /// A rate budget. It is kept from the start, and corrected by the headers.
    RateLimit = "rate_limit";
    /// So many requests …
    requests: required Positive,
    /// … in this time.
    per: required Duration,
    /// Header that says how many requests are left.
    remaining: optional Line,
    /// Header that says when the count starts anew: seconds from now, or a unix time.
    reset: optional Line,
}

record! {
    /// Bounds of one request and of the walk.
    Limits = "limits";
    /// Total time of one request, body included; default `2 minutes`.
    timeout: optional Duration,
    /// Bytes of a body as it is sent; default `64 MiB`.
    body: optional Text<grammar::Size>,
    /// Bytes of a body after decompression; default `256 MiB`.
    decompressed: optional Text<grammar::Size>,
    /// Redirects that are followed for one request; default 5.
    redirects: optional Whole<0>,
    /// How often one request is sent before the stream fails; default 6.
    tries: optional Positive,
    /// Requests for different parents that are under way at once; default 4.
    concurrency: optional Positive,
}

/// `none`, `link_header`, or a mapping.
#[derive(Debug, Clone)]
pub(crate) enum PaginationForm {
    None,
    Form(Box<Pagination>),
}

impl Read for PaginationForm {
    fn shape() -> Shape {
        let words = vec![
            ("none", "One page is all.".to_owned()),
            ("link_header", "The `Link` header (RFC 8288) with `rel=\"next\"` leads on.".to_owned()),
        ];
        Shape::Either(vec![Shape::Words(words), Pagination::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Scalar(scalar) if scalar.text == "none" => Some(PaginationForm::None),
            Value::Scalar(scalar) if scalar.text == "link_header" => {
                let place = node.place.clone();
                let link_header = Some(At { value: LinkRel, place: place.clone() });
                Some(PaginationForm::Form(Box::new(Pagination { link_header, ..Pagination::nothing(place) })))
            }
            Value::Map(_) => Pagination::read(node, reader).map(|form| PaginationForm::Form(Box::new(form))),
            _ => reader.expected(node, "`none`, `link_header` or a mapping"),
        }
    }
}

record! {
    /// How to come to the next page: one of `next_url`, `link_header`, `page_number`, `offset` and `cursor`,
    /// with the size of a page and what ends the walk. A page seen twice is an error in every form.
    Pagination = "pagination";
    /// Path to the URL of the next page: absolute, from the host's root, or relative. Null or absent is the end.
    next_url: optional Path,
    /// The `Link` header with `rel="next"`.
    link_header: optional At<LinkRel>,
    /// A page number in this query parameter.
    page_number: optional Counted,
    /// An offset in this query parameter, moved on by the number of records that came.
    offset: optional Counted,
    /// A token from the body that goes into the query of the next request. Null, absent or empty is the end.
    cursor: optional Cursor,
    /// How many records to ask for.
    size: optional Size,
    /// What ends the walk.
    stop: optional OneOrMany<StopForm>,
    /// Path to the number of all records. With page numbers and offsets, reading ends there. It is checked
    /// while paging, and shown as progress.
    total: optional Path,
    /// Ends the walk after so many pages with the verdict `bounded`.
    max_pages: optional Positive,
    /// Begins a new walk from the last replication key after some pages, for APIs that refuse deep pages,
    /// and so that records that move while being read are not missed.
    restart_after: optional RestartAfter,
}

impl Pagination {
    /// With no key said.
    pub(crate) fn nothing(place: Place) -> Pagination {
        Pagination {
            place,
            next_url: None,
            link_header: None,
            page_number: None,
            offset: None,
            cursor: None,
            size: None,
            stop: None,
            total: None,
            max_pages: None,
            restart_after: None,
        }
    }
}

/// `next`
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkRel;

words! {
    /// The relation of the link.
    LinkRel = "link relation" {
        /// The link with `rel="next"`.
        "next" => LinkRel,
    }
}

/// A parameter alone, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub(crate) param: Option<Line>,
    pub(crate) first: Option<i64>,
}

record! {
    /// A query parameter that counts.
    CountedForm = "counter";
    /// Its name.
    param: required Line,
    /// Its value on the first page; default 1 for page numbers, 0 for offsets.
    first: optional Whole<0>,
}

impl Read for Counted {
    fn shape() -> Shape {
        Shape::Either(vec![Line::shape(), CountedForm::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => {
                let form = CountedForm::read(node, reader)?;
                Some(Counted { param: form.param, first: form.first.map(|first| first.0.value) })
            }
            _ => Some(Counted { param: Some(Line::read(node, reader)?), first: None }),
        }
    }
}

record! {
    /// A token that leads to the next page.
    Cursor = "cursor";
    /// Path to it in the body.
    from: required Path,
    /// Query parameter that carries it.
    param: required Line,
}

record! {
    /// The size of a page.
    Size = "size";
    /// Query parameter that asks for it.
    param: required Line,
    /// Records per page.
    value: required Positive,
}

record! {
    /// A new walk from the last replication key.
    RestartAfter = "restart_after";
    /// As soon as so many pages were read and the key has moved on.
    pages: required Positive,
    /// From where: the replication key of the last record that came.
    from: required At<LastKey>,
}

/// `last_key`
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastKey;

words! {
    /// Where a new walk begins.
    LastKey = "start of a walk" {
        /// The replication key of the last record that came.
        "last_key" => LastKey,
    }
}

/// What ends a walk.
#[derive(Debug, Clone)]
pub(crate) enum StopForm {
    ShortPage(Place),
    EmptyPage,
    When(Text<grammar::Condition>),
}

record! {
    /// A condition that ends the walk.
    StopWhen = "stop";
    /// It holds on the last page. Names: `response`, `page`, `config`.
    when: required Text<grammar::Condition>,
}

/// The words of [`StopForm`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum StopWord {
    ShortPage,
    EmptyPage,
}

words! {
    /// What ends a walk.
    StopWord = "stop rule" {
        /// A page with fewer records than `size`.
        "short_page" => StopWord::ShortPage,
        /// A page without records.
        "empty_page" => StopWord::EmptyPage,
    }
}

impl Read for StopForm {
    fn shape() -> Shape {
        Shape::Either(vec![At::<StopWord>::shape(), StopWhen::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            return StopWhen::read(node, reader)?.when.map(StopForm::When);
        }
        let word: At<StopWord> = Read::read(node, reader)?;
        Some(match word.value {
            StopWord::ShortPage => StopForm::ShortPage(word.place),
            StopWord::EmptyPage => StopForm::EmptyPage,
        })
    }
}

record! {
    /// What to do on which answer.
    Rule = "rule";
    /// What the answer must look like; all parts must hold.
    when: required When,
    /// What to do.
    action as "do": required At<Do>,
    /// How long to wait, a duration in words; only with `do: wait`.
    how_long as "for": optional Template,
    /// Said to the user.
    message: optional Template,
}

record! {
    /// What an answer must look like. Every part that is given must hold.
    When = "when";
    /// A status, a class such as `5xx`, or a list of them.
    status: optional OneOrMany<StatusForm>,
    /// A header that is present, or `{NAME: text it contains}`.
    header: optional HeaderForm,
    /// A path that is present in the body and not null.
    body: optional Path,
    /// A text that the body contains.
    text: optional Line,
    /// A condition that holds. Names: `response`, `page`, `config`.
    condition: optional Text<grammar::Condition>,
}

/// A status or a class.
#[derive(Debug, Clone)]
pub(crate) struct StatusForm(pub(crate) At<model::StatusRange>);

impl Read for StatusForm {
    fn shape() -> Shape {
        let classes = [("2xx", "200 to 299"), ("3xx", "300 to 399"), ("4xx", "400 to 499"), ("5xx", "500 to 599")];
        let classes = classes.map(|(word, doc)| (word, doc.to_owned())).to_vec();
        Shape::Either(vec![Shape::Integer { least: 100 }, Shape::Words(classes)])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(node, "a status such as `429` or `5xx`")?;
        let range = match text.strip_suffix("xx").map(str::parse::<u16>) {
            Some(Ok(class @ 2..=5)) => Some((class * 100, class * 100 + 99)),
            Some(_) => None,
            None => text.parse().ok().filter(|status| (100..600).contains(status)).map(|status| (status, status)),
        };
        match range {
            Some((from, to)) => {
                Some(StatusForm(At { value: model::StatusRange { from, to }, place: node.place.clone() }))
            }
            None => {
                let fault = Diagnostic::new(format!("`{text}` is no HTTP status"), node.place.clone());
                reader.fault(fault.help("write a status from 100 to 599, or a class such as `5xx`"));
                None
            }
        }
    }
}

/// A header's name, or its name with a text that it contains.
#[derive(Debug, Clone)]
pub(crate) struct HeaderForm {
    pub(crate) name: String,
    pub(crate) contains: Option<String>,
}

impl Read for HeaderForm {
    fn shape() -> Shape {
        Shape::Either(vec![Line::shape(), Shape::Map(Box::new(Line::shape()))])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            return Some(HeaderForm { name: Line::read(node, reader)?.value, contains: None });
        };
        match entries.as_slice() {
            [(name, text)] => {
                Some(HeaderForm { name: name.text.clone(), contains: Some(Line::read(text, reader)?.value) })
            }
            _ => reader.expected(node, "one header with the text that it contains"),
        }
    }
}

/// The word for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Do {
    Retry,
    Wait,
    Skip,
    Stop,
    Fail,
}

words! {
    /// What to do on an answer.
    Do = "action" {
        /// Send again, with backoff.
        "retry" => Do::Retry,
        /// Wait `for` so long, then send again.
        "wait" => Do::Wait,
        /// Take it for a page without records; a child goes on with the next parent.
        "skip" => Do::Skip,
        /// The walk is at its end.
        "stop" => Do::Stop,
        /// The stream fails.
        "fail" => Do::Fail,
    }
}

/// A JSON body: a tree whose texts are templates.
#[derive(Debug, Clone)]
pub(crate) struct JsonTree {
    pub(crate) tree: model::JsonTemplate,
    /// Every template with the place of its text.
    pub(crate) templates: Vec<(crate::expression::Template, Place)>,
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

fn json_tree(
    node: &Node,
    reader: &mut Reader<'_>,
    templates: &mut Vec<(crate::expression::Template, Place)>,
) -> Option<model::JsonTemplate> {
    Some(match &node.value {
        Value::Scalar(scalar) if !scalar.plain || node.to_json().is_string() => {
            if scalar.text.is_empty() {
                return Some(model::JsonTemplate::Fixed("".into()));
            }
            let template = Template::read(node, reader)?;
            templates.push((template.value.clone(), node.place.clone()));
            model::JsonTemplate::Text(template.value)
        }
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

/// What leads to the next page, with the place of the key that says it.
pub(crate) type NextForm = (model::Next, Place);
