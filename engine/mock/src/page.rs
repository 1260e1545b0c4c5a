//! A page of a stream: which records are on it, and what leads on, as the spec reads it.

use serde_json::{Map, Value, json};
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Carrier, ForEach, Format, Incremental, Next, Replication, Stop, Stream, Token, Total};
use tapwright_spec::path::{Path, Segment};
use tapwright_sync::http::{Headers, Request};

use crate::route::Route;
use crate::world::{Made, World};
use crate::{Answer, Content, Delivery, Page, Written};

/// The parameter that leads on where the spec leaves that to the API.
pub(crate) const START: &str = "mock_start";
/// Records on a page, where the request does not say.
const SIZE: usize = 10;

/// Whether pages of a stream can be made.
pub(crate) fn makeable(stream: &Stream) -> Result<(), String> {
    let refuse = |what: &str| {
        Err(format!("stream `{}`: {what}, which no made-up answer has; mock a recording in its place", stream.name))
    };
    let alone = |each: &ForEach| each.parts.len() == 1 && each.streams().len() == 1;
    let batched = |each: &ForEach| each.parents().is_some_and(|parents| parents.batch.is_some());
    if stream.for_each.as_ref().is_some_and(|each| !alone(each) || batched(each)) {
        return refuse("it is fetched for more than the records of one stream");
    }
    if stream.request.host_is_told() {
        return refuse("an answer tells the host of its requests");
    }
    if stream.records.compression.is_some() {
        return refuse("its answers are packed files");
    }
    if stream.job.is_some() {
        return refuse("its records come from a job");
    }
    if stream.split.is_some() || !stream.flatten.is_empty() || !stream.rename.is_empty() {
        return refuse("its records are split, flattened or renamed");
    }
    if matches!(stream.replication, Replication::Feed(_)) {
        return refuse("it is a feed");
    }
    if matches!(&stream.replication, Replication::Incremental(incremental) if incremental.key().is_none()) {
        return refuse("an answer tells its bookmark");
    }
    match stream.records.path.plain() {
        None => return refuse(&format!("the records stand at `{}`", stream.records.path)),
        Some(path) if path[..path.len().saturating_sub(1)].contains(&Segment::Each) => {
            return refuse(&format!("the records stand in lists of lists, at `{}`", stream.records.path));
        }
        Some(_) => {}
    }
    match stream.fields.iter().filter_map(|field| field.from.as_ref()).find(|path| path.plain().is_none()) {
        Some(path) => refuse(&format!("a field is taken from `{path}`")),
        None => Ok(()),
    }
}

/// What is on a page, and what lies behind it.
struct Turn {
    /// Records before the page.
    start: usize,
    /// Records up to its end.
    end: usize,
    /// Records in all.
    total: usize,
}

impl Turn {
    fn has_more(&self) -> bool {
        self.end < self.total
    }
}

/// The page that a request asks for.
pub(crate) fn answer(world: &World, route: &Route, request: &Request) -> Answer {
    let stream = &world.connector.streams[route.stream];
    let made = world.tables[route.stream].iter().filter(|one| route.parent.is_none() || one.parent == route.parent);
    let mut records: Vec<&Made> = made.filter(|one| is_since(stream, one, request)).collect();
    if matches!(&stream.replication, Replication::Incremental(one) if one.order == tapwright_spec::model::Order::Descending)
    {
        records.reverse();
    }
    let start = start(stream, &records, request).min(records.len());
    let size = if matches!(stream.pagination.next, Next::Single) { records.len() } else { size(stream, request) };
    let turn = Turn { start, end: (start + size.max(1)).min(records.len()), total: records.len() };
    written(stream, &records, &turn, request)
}

fn written(stream: &Stream, records: &[&Made], turn: &Turn, request: &Request) -> Answer {
    let mut headers = Headers::default();
    let shown: Vec<Value> = records[turn.start..turn.end].iter().map(|one| one.raw.clone()).collect();
    let content = match &stream.records.format {
        Format::JsonLines => {
            headers.add("Content-Type", "application/x-ndjson");
            Content::Bytes(shown.iter().map(|record| format!("{record}\n")).collect::<String>().into_bytes())
        }
        Format::Csv(csv) => {
            headers.add("Content-Type", "text/csv");
            Content::Bytes(separated(stream, &shown, csv.delimiter.sign(), csv.header.is_none()).into_bytes())
        }
        Format::Json => {
            headers.add("Content-Type", "application/json");
            Content::Page(Box::new(page(stream, shown, turn)))
        }
        Format::Xml => {
            headers.add("Content-Type", "application/xml");
            Content::Page(Box::new(Page { written: Written::Xml, ..page(stream, shown, turn) }))
        }
    };
    let mut answer = Answer { status: 200, headers, content, delivery: Delivery::Whole };
    lead(stream, records, turn, request, &mut answer);
    stops(stream, turn, &mut answer);
    answer
}

/// The document with the records in their place.
fn page(stream: &Stream, mut shown: Vec<Value>, turn: &Turn) -> Page {
    let mut path = stream.records.path.plain().map(<[Segment]>::to_vec).unwrap_or_default();
    let is_list = path.last() == Some(&Segment::Each);
    if is_list {
        path.pop();
    }
    let mut document = json!({});
    if let Some(name) = &stream.records.key {
        let keyed = shown.iter().map(|record| {
            let key = record[name].as_str().map_or_else(|| record[name].to_string(), str::to_owned);
            // The key is no member of the record that stands under it.
            let mut record = record.clone();
            record.as_object_mut().and_then(|members| members.remove(name));
            (key, record)
        });
        put(&mut document, &path, keyed.collect::<Map<_, _>>().into());
    } else if is_list {
        put(&mut document, &path, shown.into());
    } else {
        put(&mut document, &path, shown.pop().unwrap_or_default());
    }
    if let Some(Total::Body(total)) = &stream.pagination.total {
        put_at(&mut document, total, json!(turn.total));
    }
    let link = match &stream.pagination.next {
        Next::NextUrl { path } => path.plain().map(<[Segment]>::to_vec),
        _ => None,
    };
    Page { document, list: path, link, written: Written::Json }
}

fn separated(stream: &Stream, shown: &[Value], sign: char, with_header: bool) -> String {
    let names: Vec<&str> = stream.fields.iter().filter(|field| !field.added).map(|field| field.name.as_str()).collect();
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => format!("\"{}\"", text.replace('"', "\"\"")),
        other => other.to_string(),
    };
    let row = |cells: Vec<String>| cells.join(&sign.to_string()) + "\n";
    let header = with_header.then(|| row(names.iter().map(|name| (*name).to_owned()).collect()));
    let rows = shown.iter().map(|record| row(names.iter().map(|name| cell(&record[*name])).collect()));
    header.into_iter().chain(rows).collect()
}

/// Puts into the answer what leads on.
fn lead(stream: &Stream, records: &[&Made], turn: &Turn, request: &Request, answer: &mut Answer) {
    if let Some(Total::Header(name)) = &stream.pagination.total {
        answer.headers.add(name, &turn.total.to_string());
    }
    let mut next = request.clone();
    next.set_query(START, &turn.end.to_string());
    let query = next.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    // Whoever comes by another name finds the way, too.
    let url = format!("{}{query}", next.url.path());
    let token = turn.has_more().then(|| format!("mock-{}", turn.end));
    match &stream.pagination.next {
        Next::NextUrl { path } => in_body(answer, path, turn.has_more().then_some(url).into()),
        Next::LinkHeader if turn.has_more() => answer.headers.add("Link", &format!("<{url}>; rel=\"next\"")),
        Next::Cursor { token: Token::Body(path), .. } => in_body(answer, path, token.into()),
        Next::Cursor { token: Token::Header(name), .. } => {
            token.iter().for_each(|token| answer.headers.add(name, token));
        }
        Next::Merge { path } => {
            let members = if turn.has_more() { json!({START: turn.end.to_string()}) } else { Value::Null };
            in_body(answer, path, members);
        }
        _ => {}
    }
    for stop in &stream.pagination.stop {
        if let Stop::More(path) = stop {
            in_body(answer, path, json!(turn.has_more() && !records.is_empty()));
        }
    }
}

/// Gives what a stop condition reads a value with which it holds on the last page and on no other.
fn stops(stream: &Stream, turn: &Turn, answer: &mut Answer) {
    for stop in &stream.pagination.stop {
        let Stop::When(condition) = stop else { continue };
        for path in read_of_body(condition.source()) {
            let choices =
                [json!(false), json!(true), Value::Null, json!(turn.end), json!(turn.total), json!(0), json!(1)];
            for choice in choices {
                in_body(answer, &path, choice);
                let Content::Page(page) = &answer.content else { return };
                let response = json!({"status": 200, "headers": {}, "body": page.document});
                let number = json!({"number": 1 + turn.start / SIZE, "records": turn.end - turn.start});
                let scope = Scope::new().with("response", &response).with("page", &number);
                if condition.holds(&scope) == Ok(!turn.has_more()) {
                    break;
                }
            }
        }
    }
}

/// The paths that an expression reads in the body: `response.body.paging.more`.
fn read_of_body(source: &str) -> Vec<Path> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let found = source.match_indices("response.body.");
    found
        .map(|(at, start)| source[at + start.len()..].split(|c| !is_name(c)).next().unwrap_or_default())
        .filter_map(|path| Path::compile(&format!("$.{path}")).ok())
        .collect()
}

fn in_body(answer: &mut Answer, path: &Path, value: Value) {
    if let Content::Page(page) = &mut answer.content {
        put_at(&mut page.document, path, value);
    }
}

/// How many records stand before the page that a request asks for.
fn start(stream: &Stream, records: &[&Made], request: &Request) -> usize {
    let number = |send: &Carrier, first: i64| {
        let sent = carried(request, send).and_then(|text| text.parse::<i64>().ok()).unwrap_or(first);
        usize::try_from(sent - first).unwrap_or_default()
    };
    let after = |text: &str| text.rsplit("mock-").next().and_then(|number| number.parse().ok());
    match &stream.pagination.next {
        Next::PageNumber { send, first } => number(send, *first) * size(stream, request),
        Next::Offset { send, first, .. } => number(send, *first),
        Next::Cursor { token: Token::Last(keys), send } => {
            let path: Vec<Segment> = keys.iter().cloned().map(Segment::Key).collect();
            let sent = carried(request, send);
            let is_it =
                |one: &&Made| sent.is_some() && at(&mut one.raw.clone(), &path).map(|value| shown(value)) == sent;
            records.iter().position(is_it).map_or(0, |at| at + 1)
        }
        Next::Cursor { send: Carrier::Path(_), .. } => {
            request.url.path().split(['/', '.']).find(|part| part.starts_with("mock-")).and_then(after).unwrap_or(0)
        }
        Next::Cursor { send, .. } => carried(request, send).and_then(|text| after(&text)).unwrap_or(0),
        _ => carried(request, &Carrier::Query(START.to_owned())).and_then(|text| text.parse().ok()).unwrap_or(0),
    }
}

fn size(stream: &Stream, request: &Request) -> usize {
    let asked = stream.pagination.size.as_ref().and_then(|size| carried(request, &size.send));
    asked.and_then(|text| text.parse().ok()).unwrap_or(SIZE)
}

/// What a request carries in a place.
fn carried(request: &Request, place: &Carrier) -> Option<String> {
    match place {
        Carrier::Query(name) => {
            request.url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into())
        }
        Carrier::Header(name) => request.headers.get(name).map(str::to_owned),
        Carrier::Body(keys) => {
            let mut body: Value = serde_json::from_slice(request.body.as_deref()?).ok()?;
            let path: Vec<Segment> = keys.iter().cloned().map(Segment::Key).collect();
            at(&mut body, &path).map(|value| shown(value))
        }
        Carrier::Form(name) => {
            let body = request.body.as_deref()?;
            url::form_urlencoded::parse(body).find(|(known, _)| known == name).map(|(_, value)| value.into())
        }
        Carrier::Path(_) => None,
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether a record is not older than what a request asks for, and not younger.
fn is_since(stream: &Stream, made: &Made, request: &Request) -> bool {
    let Replication::Incremental(incremental) = &stream.replication else { return true };
    let Some(key) = incremental.key().and_then(|key| made.fields.get(key)).map(shown) else { return true };
    let bound = |bound: &Option<tapwright_spec::model::Bound>| {
        let bound = bound.as_ref()?;
        let sent = carried(request, &Carrier::Query(bound.param.clone()))?;
        Some(sent.strip_prefix(&bound.prefix).unwrap_or(&sent).to_owned())
    };
    let since = bound(&incremental.since).is_none_or(|since| compare(stream, incremental, &key, &since) != Some(true));
    let until = bound(&incremental.until).is_none_or(|until| compare(stream, incremental, &until, &key) != Some(true));
    since && until
}

/// Whether the first of two keys is less; the one of a record is written as its field says.
fn compare(stream: &Stream, incremental: &Incremental, one: &str, other: &str) -> Option<bool> {
    let field = stream.field(incremental.key()?)?;
    let moment = |text: &str| field.format.read(text).or_else(|| incremental.format.read(text));
    if let (Ok(one), Ok(other)) = (one.parse::<i64>(), other.parse::<i64>()) {
        return Some(one < other);
    }
    match (moment(one), moment(other)) {
        (Some(one), Some(other)) => Some(one < other),
        _ => Some(one < other),
    }
}

/// What stands at a place of a document.
pub(crate) fn at<'d>(document: &'d mut Value, path: &[Segment]) -> Option<&'d mut Value> {
    path.iter().try_fold(document, |value, step| match step {
        Segment::Key(key) => value.get_mut(key),
        Segment::Index(index) => value.get_mut(index),
        Segment::Each => value.get_mut(0),
    })
}

fn put_at(document: &mut Value, path: &Path, value: Value) {
    if let Some(path) = path.plain() {
        put(document, path, value);
    }
}

/// Puts a value into a document, with the objects and lists on the way to it.
pub(crate) fn put(document: &mut Value, path: &[Segment], value: Value) {
    let Some((step, rest)) = path.split_first() else {
        *document = value;
        return;
    };
    match step {
        Segment::Key(key) => {
            if !document.is_object() {
                *document = json!({});
            }
            put(&mut document[key.as_str()], rest, value);
        }
        Segment::Index(_) | Segment::Each => {
            let index = if let Segment::Index(index) = step { *index } else { 0 };
            let mut list = document.as_array().cloned().unwrap_or_default();
            list.resize(list.len().max(index + 1), Value::Null);
            put(&mut list[index], rest, value);
            *document = list.into();
        }
    }
}
