//! Walks over recorded APIs and over real connections.

mod cases;
mod loopback;

use std::sync::Arc;

use serde_json::{Value, json};
use tapwright_spec::expression::Template;
use tapwright_spec::model::{
    Auth, Body, Field, FieldType, ForEach, Incremental, JsonTemplate, KeyPlace, Limits, Method, Next, Order, PageSize,
    Pagination, Param, Records, Replication, Request, Since, Stream,
};
use tapwright_spec::path::Path;
use tapwright_spec::time::TimeFormat;

use super::{Api, Checked, End, ExtractError, FaultKind, Page, Settings, Slice, Source};
use crate::clock::TestClock;
use crate::http::{Recorded, Recording, Transport};
use crate::state::KeyValue;

pub(super) fn text(source: &str) -> Template {
    Template::compile(source).expect("a template")
}

pub(super) fn path(source: &str) -> Path {
    Path::compile(source).expect("a path")
}

/// `GET /rows` of `config.site`, its records at `$.rows[*]`, one page.
pub(super) fn stream() -> Stream {
    Stream {
        name: "rows".into(),
        title: "rows".into(),
        description: String::new(),
        link: None,
        notes: None,
        permission: None,
        request: get("/rows"),
        records: Records { path: path("$.rows[*]") },
        pagination: Pagination {
            next: Next::Single,
            size: None,
            stop: Vec::new(),
            total: None,
            max_pages: None,
            restart_after: None,
        },
        primary_key: vec!["id".into()],
        replication: Replication::FullTable,
        for_each: None,
        add: Vec::new(),
        keep_if: None,
        fields: Vec::new(),
        on_response: Vec::new(),
        limits: Limits::default(),
    }
}

pub(super) fn get(path: &str) -> Request {
    Request {
        method: Method::Get,
        base_url: text("{{ config.site }}"),
        path: text(path),
        params: Vec::new(),
        headers: Vec::new(),
        body: None,
    }
}

fn incremental(format: TimeFormat) -> Replication {
    Replication::Incremental(Incremental {
        key: "at".into(),
        since: Some(Since { param: "since".into(), prefix: String::new() }),
        format,
        order: Order::Ascending,
        lookback: None,
    })
}

fn field(name: &str, kind: FieldType) -> Field {
    Field {
        name: name.into(),
        title: name.into(),
        description: None,
        kind,
        from: None,
        take: None,
        added: false,
        references: None,
        values: Vec::new(),
        example: None,
        format: TimeFormat::Rfc3339,
    }
}

pub(super) fn api() -> Api {
    Api {
        auth: Auth::ApiKey { place: KeyPlace::Query("key".into()), value: text("{{ config.key }}") },
        allow_hosts: Vec::new(),
        rate_limit: None,
        check: None,
        streams: vec!["rows".into()],
    }
}

pub(super) fn settings(site: &str) -> Settings {
    let Value::Object(values) = json!({"site": site, "key": "s3cret/key"}) else {
        panic!("an object");
    };
    Settings { values, secrets: vec!["s3cret/key".into()] }
}

const START: &str = "2026-01-01T00:00:00Z";

fn clock() -> Arc<TestClock> {
    Arc::new(TestClock::new(START.parse().expect("a time")))
}

fn source_of(api: Api, transport: Arc<dyn Transport>, clock: Arc<TestClock>) -> Source {
    Source::assemble(api, &settings("http://a.example/api"), transport, clock).expect("a source")
}

fn recorded(yaml: &str) -> Arc<Recorded> {
    Arc::new(Recorded::new(Recording::parse(yaml).expect("a recording")))
}

/// Reads a slice to its end.
pub(super) async fn read(source: &Source, slice: Slice<'_>) -> (Vec<Page>, Result<End, ExtractError>) {
    let mut walk = source.walk(slice);
    let mut pages = Vec::new();
    loop {
        match walk.next().await {
            Ok(Some(page)) => pages.push(page),
            Ok(None) => return (pages, Ok(walk.end().expect("an end").clone())),
            Err(error) => {
                assert!(walk.end().is_none());
                assert!(matches!(walk.next().await, Ok(None)), "it went on after {error}");
                return (pages, Err(error));
            }
        }
    }
}

pub(super) fn whole(stream: &Stream) -> Slice<'_> {
    Slice { stream, since: None, parent: None }
}

#[tokio::test]
async fn requests_carry_what_the_spec_says() {
    let recorded = recorded(
        "exchanges: [{request: 'POST /api/cases/7%2F..%3Fx/replies?tag=a%20b&tag=c&since=%3E%3D1767225600&size=10&key=***', body: '{\"rows\": []}'}]",
    );
    let mut stream = stream();
    stream.request = Request {
        method: Method::Post,
        params: vec![
            Param { name: "tag".into(), values: vec![text("a b"), text("{{ parent.tag }}")] },
            Param { name: "from".into(), values: vec![text("{{ config.none }}")] },
        ],
        headers: vec![("X-Since".into(), text("{{ since }}"))],
        body: Some(Body::Json(JsonTemplate::Object(vec![
            ("n".into(), JsonTemplate::Fixed(json!(1))),
            ("t".into(), JsonTemplate::List(vec![JsonTemplate::Text(text("{{ parent.id }}"))])),
        ]))),
        ..get("/cases/{{ parent.id }}/replies")
    };
    stream.request.params.pop();
    stream.pagination.size = Some(PageSize { param: "size".into(), value: 10 });
    stream.for_each = Some(ForEach { stream: "cases".into(), changed_only: true, reads: Vec::new() });
    stream.replication = Replication::Incremental(Incremental {
        since: Some(Since { param: "since".into(), prefix: ">=".into() }),
        ..match incremental(TimeFormat::Unix) {
            Replication::Incremental(one) => one,
            Replication::FullTable => panic!("incremental"),
        }
    });
    let source = source_of(api(), recorded.clone(), clock());
    let Value::Object(parent) = json!({"id": "7/..?x", "tag": "c"}) else { panic!("an object") };
    let since = Some(KeyValue::Timestamp(START.parse().expect("a time")));
    let (pages, end) = read(&source, Slice { stream: &stream, since, parent: Some(parent) }).await;
    end.expect("an end");
    assert_eq!(recorded.unused(), Vec::<&str>::new());
    assert!(pages[0].request.starts_with("POST http://a.example/api/cases/7%2F..%3Fx/replies?"));
}

#[tokio::test]
async fn no_text_shows_a_secret() {
    let mut stream = stream();
    stream.request.params = vec![Param { name: "p".into(), values: vec![text("{{ config.key }}")] }];
    let mut seen = 0;
    for (answer, kind) in [
        ("status: 401, body: 'key s3cret/key and s3cret%2Fkey'", FaultKind::Credentials),
        ("status: 403, body: s3cret/key", FaultKind::Credentials),
        ("status: 500, body: s3cret/key, times: 6", FaultKind::Http),
        ("status: 404, body: s3cret/key", FaultKind::Status),
        ("body: '{\"error\": \"s3cret\\/key\"}'", FaultKind::NoRecords),
        ("body: '<p>s3cret/key'", FaultKind::Html),
        ("status: 302, headers: {Location: 'ftp://s3cret/key'}", FaultKind::Http),
    ] {
        let yaml = format!("exchanges: [{{request: 'GET /api/rows?p=***&key=***', {answer}}}]");
        let source = source_of(api(), recorded(&yaml), clock());
        let (_, outcome) = read(&source, whole(&stream)).await;
        let error = outcome.expect_err(answer);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains("***") && !format!("{error:?}").contains("s3cret"), "{error}");
        seen += 1;
    }
    assert_eq!(seen, 7);
    let source = source_of(
        api(),
        recorded("exchanges: [{request: 'GET /api/rows?p=***&key=***', body: '{\"rows\":[]}'}]"),
        clock(),
    );
    let (pages, _) = read(&source, whole(&stream)).await;
    assert_eq!(pages[0].request, "GET http://a.example/api/rows?p=***");
}

#[tokio::test]
async fn a_secret_that_the_error_would_cut_in_half_stays_hidden() {
    let body = format!("{}s3cret/key", "x".repeat(195));
    let yaml = format!("exchanges: [{{request: 'GET /api/rows?key=***', status: 404, body: '{body}'}}]");
    let source = source_of(api(), recorded(&yaml), clock());
    let (_, outcome) = read(&source, whole(&stream())).await;
    let error = outcome.expect_err("404").to_string();
    assert!(error.contains("xxx***") && !error.contains("s3c"), "{error}");
}

#[tokio::test]
async fn a_connection_test_tells_right_from_wrong() {
    let check = |answer: &str| {
        let yaml = format!("exchanges: [{{request: 'GET /api/me?key=***', {answer}}}]");
        let api = Api { check: Some(get("/me")), ..api() };
        source_of(api, recorded(&yaml), clock())
    };
    let passed = check("body: '{}'").check().await;
    let request = "GET http://a.example/api/me".to_owned();
    assert_eq!(passed, Ok(Checked::Passed { request, status: 200 }));
    assert!(check("status: 204").check().await.is_ok());
    for (answer, kind) in [
        ("status: 401", FaultKind::Credentials),
        ("body: <html>", FaultKind::Html),
        ("fault: refuse, times: 6", FaultKind::Http),
    ] {
        assert_eq!(check(answer).check().await.expect_err(answer).kind(), kind);
    }
    let none = source_of(api(), recorded("exchanges: []"), clock());
    assert_eq!(none.check().await, Ok(Checked::NotDeclared));
}

#[tokio::test]
async fn the_counters_say_what_a_stream_has_cost() {
    let recorded = recorded(
        "exchanges: [{request: 'GET /api/rows?key=***', status: 429, headers: {Retry-After: '7'}}, {request: 'GET /api/rows?key=***', body: '{\"rows\": []}'}]",
    );
    let source = source_of(api(), recorded, clock());
    let (_, end) = read(&source, whole(&stream())).await;
    end.expect("an end");
    let counters = source.counters("rows");
    assert_eq!((counters.requests(), counters.retries(), counters.bytes()), (2, 1, 12));
    assert_eq!(counters.waited().as_secs(), 7);
    assert_eq!(counters.waiting_until(), None);
}

#[tokio::test]
async fn a_request_that_cannot_be_made_says_why() {
    let source =
        |site: &str| Source::assemble(api(), &settings(site), recorded("exchanges: []"), clock()).expect("a source");
    let mut foreign = stream();
    foreign.request.path = text("http://b.example/rows");
    let mut undefined = stream();
    undefined.request.path = text("/{{ parent.id }}");
    for (source, stream, kind) in [
        (source("nowhere"), stream(), FaultKind::Request),
        (source("file:///etc"), stream(), FaultKind::Request),
        (source("http://a.example"), foreign, FaultKind::Request),
        (source("http://a.example"), undefined, FaultKind::Expression),
    ] {
        let (_, outcome) = read(&source, whole(&stream)).await;
        assert_eq!(outcome.expect_err("no request").kind(), kind);
    }
}

#[test]
fn walks_can_be_sent_between_threads() {
    fn is_send(_: &impl Send) {}
    fn is_shared(_: &(impl Send + Sync)) {}
    let source = source_of(api(), recorded("exchanges: []"), clock());
    is_shared(&source);
    let stream = stream();
    let mut walk = source.walk(whole(&stream));
    is_send(&walk);
    is_send(&walk.next());
}
