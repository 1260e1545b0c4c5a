//! A page of a stream: which records are on it, and what leads on, as the spec reads it.

use serde_json::{Map, Value, json};
use tapwright_spec::expression::Scope;
use tapwright_spec::model::{Carrier, Format, Incremental, Next, Replication, Stop, Stream, Token, Total};
use tapwright_spec::path::{Path, Segment};
use tapwright_spec::settings::Settings;
use tapwright_sync::http::{Headers, Request};

use crate::arrange::{arrange, choices, read_below};
use crate::document::{at, path_of, put, put_at, shown};
use crate::served::{Made, Served};
use crate::{Answer, Content, Delivery, Page, Written, csv, goes_on};

/// The parameter that leads on where the spec leaves that to the API.
pub(crate) const START: &str = "mock_start";
/// Records on a page, where the request does not say.
const SIZE: usize = 10;

/// Whether pages of a list can be made.
pub(crate) fn makeable(stream: &Stream) -> Result<(), String> {
    let refuse = |what: &str| Err(format!("stream `{}`: {what}; mock a recording in its place", stream.name));
    let path = &stream.records.path;
    match path.plain() {
        None => refuse(&format!("its records stand at `{path}`, which is more than names, indices and `[*]`")),
        Some(_) if stream.request.host_is_told() => refuse("an answer tells the host of its requests"),
        Some(_) if stream.pagination.hook().is_some() => refuse("only its hook knows what leads from page to page"),
        Some(_) if stream.records.compression.is_some() => refuse("its answers are packed files"),
        Some(_) => Ok(()),
    }
}

/// What is on a page, and what lies behind it.
pub(crate) struct Turn {
    /// Records of a feed that earlier runs were told; those that are counted here come after them.
    pub(crate) told: usize,
    /// Records before the page.
    start: usize,
    /// Records up to its end.
    pub(crate) end: usize,
    /// Records in all.
    pub(crate) total: usize,
}

impl Turn {
    fn has_more(&self) -> bool {
        self.end < self.total
    }
}

/// A request, and the configuration with which it was made.
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request,
    pub(crate) settings: &'a Settings,
}

/// The page that a request asks for, of the records of these slices.
pub(crate) fn answer(served: &Served, slices: Option<&[usize]>, asked: &Asked<'_>) -> Answer {
    let (stream, request) = (&served.stream, asked.request);
    let made = served.made.iter().filter(|one| slices.is_none_or(|slices| slices.contains(&one.slice)));
    let mut records: Vec<&Made> = made.filter(|one| is_since(stream, one, request)).collect();
    if matches!(&stream.replication, Replication::Incremental(one) if one.order == tapwright_spec::model::Order::Descending)
    {
        records.reverse();
    }
    let told = goes_on::told(stream, request).min(records.len());
    let records = &records[told..];
    let start = start(stream, records, told, request).min(records.len());
    let size = if matches!(stream.pagination.next, Next::Single) { records.len() } else { size(stream, request) };
    let turn = Turn { told, start, end: (start + size.max(1)).min(records.len()), total: records.len() };
    written(stream, records, &turn, asked)
}

fn written(stream: &Stream, records: &[&Made], turn: &Turn, asked: &Asked<'_>) -> Answer {
    let request = asked.request;
    let mut headers = Headers::default();
    let shown: Vec<Value> = records[turn.start..turn.end].iter().map(|one| one.raw.clone()).collect();
    let content = match &stream.records.format {
        Format::JsonLines => {
            headers.add("Content-Type", "application/x-ndjson");
            Content::Bytes(shown.iter().map(|record| format!("{record}\n")).collect::<String>().into_bytes())
        }
        Format::Csv(csv) => {
            headers.add("Content-Type", "text/csv");
            Content::Bytes(csv::of(stream, &shown, csv).into_bytes())
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
    goes_on::tell(stream, turn, asked, &mut answer);
    goes_on::bookmark(stream, &mut answer);
    let size = size(stream, request).max(1);
    let scope = Scope::new()
        .with("config", &asked.settings.values)
        .with("page", &json!({"number": 1 + turn.start / size, "records": turn.end - turn.start}));
    stops(stream, turn, &scope, &mut answer);
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
    let token = turn.has_more().then(|| format!("mock-{}", turn.told + turn.end));
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
fn stops(stream: &Stream, turn: &Turn, scope: &Scope, answer: &mut Answer) {
    let Content::Page(page) = &mut answer.content else { return };
    for stop in &stream.pagination.stop {
        let Stop::When(condition) = stop else { continue };
        let choices = choices([condition.source()], &[json!(turn.end), json!(turn.total)]);
        let places = read_below(condition.names(), "response.body");
        arrange(&mut page.document, &places, &choices, |document| {
            let response = json!({"status": 200, "headers": {}, "body": document});
            condition.holds(&scope.clone().with("response", &response)) == Ok(!turn.has_more())
        });
    }
}

pub(crate) fn in_body(answer: &mut Answer, path: &Path, value: Value) {
    if let Content::Page(page) = &mut answer.content {
        put_at(&mut page.document, path, value);
    }
}

/// What a token counts.
pub(crate) fn number(text: &str) -> Option<usize> {
    text.rsplit("mock-").next().and_then(|number| number.parse().ok())
}

/// How many records stand before the page that a request asks for.
fn start(stream: &Stream, records: &[&Made], told: usize, request: &Request) -> usize {
    let counted = |send: &Carrier, first: i64| {
        let sent = carried(request, send).and_then(|text| text.parse::<i64>().ok()).unwrap_or(first);
        usize::try_from(sent - first).unwrap_or_default()
    };
    let after = |text: &str| number(text).map(|number| number.saturating_sub(told));
    match &stream.pagination.next {
        Next::PageNumber { send, first } => counted(send, *first) * size(stream, request),
        Next::Offset { send, first, .. } => counted(send, *first),
        Next::Cursor { token: Token::Last(keys), send } => {
            let path = path_of(keys);
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
pub(crate) fn carried(request: &Request, place: &Carrier) -> Option<String> {
    match place {
        Carrier::Query(name) => {
            request.url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into())
        }
        Carrier::Header(name) => request.headers.get(name).map(str::to_owned),
        Carrier::Body(keys) => {
            let mut body: Value = serde_json::from_slice(request.body.as_deref()?).ok()?;
            let path = path_of(keys);
            at(&mut body, &path).map(|value| shown(value))
        }
        Carrier::Form(name) => {
            let body = request.body.as_deref()?;
            url::form_urlencoded::parse(body).find(|(known, _)| known == name).map(|(_, value)| value.into())
        }
        Carrier::Path(_) => None,
    }
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
