//! Walks over recorded APIs and over real connections.

mod cases;
mod heard;
mod jobs;
mod loopback;
mod tokens;

use std::sync::Arc;

use serde_json::{Value, json};
use tapwright_spec::Connector;
use tapwright_spec::model::Stream;

use super::{Checked, End, ExtractError, FaultKind, Page, Settings, Slice, Source};
use crate::clock::TestClock;
use crate::http::{Recorded, Recording, Transport};
use crate::state::KeyValue;

/// A connector with one stream, `rows`: `GET /rows`, its records at `$.rows[*]`, a key in the query.
/// What `changes` says stands over it.
pub(super) fn connector(changes: &Value) -> Connector {
    let mut spec = json!({
        "tapwright": 1,
        "name": "api",
        "title": "An API",
        "version": "1.0.0",
        "about": {"summary": "An API on paper."},
        "config": {
            "site": {"type": "url", "title": "Site"},
            "key": {"type": "string", "title": "Key", "secret": true},
            "none": {"type": "string", "title": "None", "optional": true},
        },
        "auth": {"api_key": {"query": "key", "value": "{{ config.key }}"}},
        "http": {"base_url": "{{ config.site }}", "records": "$.rows[*]"},
        "streams": {"rows": {
            "description": "Rows.",
            "endpoint": "GET /rows",
            "primary_key": "id",
            "replication": "full_table",
            "fields": {"id": "integer"},
        }},
    });
    if changes.get("auth").is_some() {
        spec["auth"] = Value::Null;
    }
    lay_over(&mut spec, changes);
    // A config field that nothing reads is a fault of the spec.
    let text = spec.to_string();
    if let Some(config) = spec["config"].as_object_mut() {
        config.retain(|name, _| text.contains(&format!("config.{name}")));
    }
    let source = tapwright_spec::Source::new("api.yaml", spec.to_string());
    tapwright_spec::check(&source)
        .unwrap_or_else(|faults| panic!("{}", faults.render(tapwright_spec::diagnostic::Style::Plain)))
}

fn lay_over(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                lay_over(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over.clone(),
    }
}

pub(super) fn plain() -> Connector {
    connector(&json!({}))
}

pub(super) fn with_stream(stream: &Value) -> Connector {
    connector(&json!({"streams": {"rows": stream}}))
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

fn source_of(api: &Connector, transport: Arc<dyn Transport>, clock: Arc<TestClock>) -> Source {
    Source::new(api, &settings("http://a.example/api"), transport, clock).expect("a source")
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

pub(super) fn whole(api: &Connector) -> Slice<'_> {
    of(api.stream("rows").expect("rows"))
}

pub(super) fn of(stream: &Stream) -> Slice<'_> {
    Slice { stream, since: None, until: None, names: None }
}

#[tokio::test]
async fn requests_carry_what_the_spec_says() {
    let recorded = recorded(
        "exchanges: [{request: 'POST /api/cases/7%2F..%3Fx/replies?tag=a%20b&tag=c&since=%3E%3D1767225600&size=10&page=1&key=***', body: '{\"rows\": []}'}]",
    );
    let api = connector(&json!({
        "http": {"headers": {"X-Since": "{{ now }}"}},
        "streams": {
            "cases": {
                "description": "Cases.",
                "endpoint": "GET /cases",
                "primary_key": "id",
                "replication": "full_table",
                "fields": {"id": "string", "tag": "string"},
            },
            "rows": {
                "for_each": "cases",
                "endpoint": "POST /cases/{{ parent.id }}/replies",
                "params": {"tag": ["a b", "{{ parent.tag }}"]},
                "body": {"n": 1, "t": ["{{ parent.id }}"]},
                "pagination": {"page_number": "page", "stop": "short_page", "size": {"param": "size", "value": 10}},
                "replication": {
                    "method": "incremental",
                    "key": "at",
                    "since": {"param": "since", "format": "unix", "prefix": ">="},
                },
                "fields": {"at": "timestamp"},
            },
        },
    }));
    let stream = api.stream("rows").expect("rows");
    let source = source_of(&api, recorded.clone(), clock());
    let names = json!({"parent": {"id": "7/..?x", "tag": "c"}}).as_object().cloned().map(Arc::new);
    let since = Some(KeyValue::Timestamp(START.parse().expect("a time")));
    let (pages, end) = read(&source, Slice { stream, since, until: None, names }).await;
    end.expect("an end");
    assert_eq!(recorded.unused(), Vec::<&str>::new());
    assert!(pages[0].request.starts_with("POST http://a.example/api/cases/7%2F..%3Fx/replies?"));
}

#[tokio::test]
async fn no_text_shows_a_secret() {
    let api = with_stream(&json!({"params": {"p": "{{ config.key }}"}}));
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
        let source = source_of(&api, recorded(&yaml), clock());
        let (_, outcome) = read(&source, whole(&api)).await;
        let error = outcome.expect_err(answer);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains("***") && !format!("{error:?}").contains("s3cret"), "{error}");
        seen += 1;
    }
    assert_eq!(seen, 7);
    let source = source_of(
        &api,
        recorded("exchanges: [{request: 'GET /api/rows?p=***&key=***', body: '{\"rows\":[]}'}]"),
        clock(),
    );
    let (pages, _) = read(&source, whole(&api)).await;
    assert_eq!(pages[0].request, "GET http://a.example/api/rows?p=***");
}

#[tokio::test]
async fn a_secret_that_the_error_would_cut_in_half_stays_hidden() {
    let body = format!("{}s3cret/key", "x".repeat(195));
    let yaml = format!("exchanges: [{{request: 'GET /api/rows?key=***', status: 404, body: '{body}'}}]");
    let api = plain();
    let source = source_of(&api, recorded(&yaml), clock());
    let (_, outcome) = read(&source, whole(&api)).await;
    let error = outcome.expect_err("404").to_string();
    assert!(error.contains("xxx***") && !error.contains("s3c"), "{error}");
}

#[tokio::test]
async fn a_connection_test_tells_right_from_wrong() {
    let check = |answer: &str| {
        let yaml = format!("exchanges: [{{request: 'GET /api/me?key=***', {answer}}}]");
        source_of(&connector(&json!({"check": "GET /me"})), recorded(&yaml), clock())
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
    let none = source_of(&plain(), recorded("exchanges: []"), clock());
    assert_eq!(none.check().await, Ok(Checked::NotDeclared));
}

#[tokio::test]
async fn the_counters_say_what_a_stream_has_cost() {
    let recorded = recorded(
        "exchanges: [{request: 'GET /api/rows?key=***', status: 429, headers: {Retry-After: '7'}}, {request: 'GET /api/rows?key=***', body: '{\"rows\": []}'}]",
    );
    let api = plain();
    let source = source_of(&api, recorded, clock());
    let (_, end) = read(&source, whole(&api)).await;
    end.expect("an end");
    let counters = source.counters("rows");
    assert_eq!((counters.requests(), counters.retries(), counters.bytes()), (2, 1, 12));
    assert_eq!(counters.waited().as_secs(), 7);
    assert_eq!(counters.waiting_until(), None);
}

#[tokio::test]
async fn a_request_that_cannot_be_made_says_why() {
    let on = |endpoint: &str| with_stream(&json!({"endpoint": endpoint}));
    for (site, api) in
        [("nowhere", plain()), ("file:///etc", plain()), ("http://a.example", on("GET http://b.example/rows"))]
    {
        let source = Source::new(&api, &settings(site), recorded("exchanges: []"), clock()).expect("a source");
        let (_, outcome) = read(&source, whole(&api)).await;
        assert_eq!(outcome.expect_err("no request").kind(), FaultKind::Request, "{site}");
    }
    let api = on("GET /{{ (config.none | default('x')) | int }}");
    let source = source_of(&api, recorded("exchanges: []"), clock());
    let (_, outcome) = read(&source, whole(&api)).await;
    assert_eq!(outcome.expect_err("no request").kind(), FaultKind::Expression);
}

#[test]
fn walks_can_be_sent_between_threads() {
    fn is_send(_: &impl Send) {}
    fn is_shared(_: &(impl Send + Sync)) {}
    let api = plain();
    let source = source_of(&api, recorded("exchanges: []"), clock());
    is_shared(&source);
    let mut walk = source.walk(whole(&api));
    is_send(&walk);
    is_send(&walk.next());
}
