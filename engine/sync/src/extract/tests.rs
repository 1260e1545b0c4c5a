//! Walks over recorded APIs: each file of `tests/extract` is an API with a fault, and what must come
//! of it. Beside them what a file cannot say.

mod loopback;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use tapwright_spec::expression::{Condition, Template};
use tapwright_spec::model::{
    Action, Auth, Body, Field, FieldType, ForEach, Incremental, JsonTemplate, KeyPlace, Limits,
    Match, Method, Next, Order, PageSize, Pagination, Param, RateLimit, Records, Replication,
    Request, RestartAfter, Rule, Since, StatusRange, Stop, Stream,
};
use tapwright_spec::path::Path;
use tapwright_spec::time::{Duration, TimeFormat};

use super::{Api, Checked, End, ExtractError, FaultKind, Page, Settings, Slice, Source};
use crate::clock::{Clock, TestClock};
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
        records: Records {
            path: path("$.rows[*]"),
        },
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
        since: Some(Since {
            param: "since".into(),
            prefix: String::new(),
        }),
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
        auth: Auth::ApiKey {
            place: KeyPlace::Query("key".into()),
            value: text("{{ config.key }}"),
        },
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
    Settings {
        values,
        secrets: vec!["s3cret/key".into()],
    }
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
pub(super) async fn read(
    source: &Source,
    slice: Slice<'_>,
) -> (Vec<Page>, Result<End, ExtractError>) {
    let mut walk = source.walk(slice);
    let mut pages = Vec::new();
    loop {
        match walk.next().await {
            Ok(Some(page)) => pages.push(page),
            Ok(None) => return (pages, Ok(walk.end().expect("an end").clone())),
            Err(error) => {
                assert!(walk.end().is_none());
                assert!(
                    matches!(walk.next().await, Ok(None)),
                    "it went on after {error}"
                );
                return (pages, Err(error));
            }
        }
    }
}

pub(super) fn whole(stream: &Stream) -> Slice<'_> {
    Slice {
        stream,
        since: None,
        parent: None,
    }
}

/// A case: how the stream is described, what the API does, and what must come of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[expect(dead_code, reason = "it is there for the reader")]
    about: String,
    #[serde(default)]
    stream: Shape,
    exchanges: Value,
    expect: Expected,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Shape {
    records: Option<String>,
    next: Option<String>,
    total: Option<String>,
    size: Option<u64>,
    stop: Vec<String>,
    restart_after: Option<u64>,
    since: Option<String>,
    format: Option<String>,
    rules: Vec<RuleShape>,
    rate_limit: Option<u32>,
    decompressed: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RuleShape {
    status: Option<u16>,
    header: Option<(String, String)>,
    body: Option<String>,
    text: Option<String>,
    condition: Option<String>,
    r#do: String,
    r#for: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// Ids of the records, in order; those of the pages before a fault too.
    ids: Vec<i64>,
    /// How the walk ends …
    #[serde(default)]
    end: Option<String>,
    #[serde(default)]
    slid: Option<String>,
    /// … or a part of the error.
    #[serde(default)]
    error: Option<String>,
    /// Seconds that go by.
    #[serde(default)]
    waited: Option<(f64, f64)>,
}

impl Shape {
    fn stream(&self) -> Stream {
        let mut stream = stream();
        let pagination = &mut stream.pagination;
        pagination.next = match self.next.as_deref() {
            None => Next::Single,
            Some("link_header") => Next::LinkHeader,
            Some("page_number") => Next::PageNumber {
                param: "page".into(),
                first: 1,
            },
            Some("offset") => Next::Offset {
                param: "offset".into(),
                first: 0,
            },
            Some("cursor") => Next::Cursor {
                path: path("$.next"),
                param: "after".into(),
            },
            Some(next_url) => Next::NextUrl {
                path: path(next_url),
            },
        };
        pagination.total = self.total.as_deref().map(path);
        pagination.size = self.size.map(|value| PageSize {
            param: "size".into(),
            value,
        });
        pagination.stop = self
            .stop
            .iter()
            .map(|stop| match stop.as_str() {
                "short_page" => Stop::ShortPage,
                "empty_page" => Stop::EmptyPage,
                condition => Stop::When(Condition::compile(condition).expect("a condition")),
            })
            .collect();
        pagination.restart_after = self.restart_after.map(|pages| RestartAfter { pages });
        if let Some(records) = &self.records {
            stream.records.path = path(records);
        }
        if let Some(format) = &self.format {
            stream.replication = incremental(TimeFormat::parse(format).expect("a format"));
            stream.fields = vec![field("at", FieldType::Timestamp)];
        }
        stream.on_response = self.rules.iter().map(RuleShape::rule).collect();
        if let Some(bytes) = self.decompressed {
            stream.limits.decompressed_bytes = bytes;
        }
        stream
    }
}

impl RuleShape {
    fn rule(&self) -> Rule {
        Rule {
            when: Match {
                status: self
                    .status
                    .iter()
                    .map(|&status| StatusRange {
                        from: status,
                        to: status,
                    })
                    .collect(),
                header: self.header.clone().map(|(name, part)| (name, Some(part))),
                body: self.body.as_deref().map(path),
                text: self.text.clone(),
                condition: self
                    .condition
                    .as_deref()
                    .map(|one| Condition::compile(one).expect("a condition")),
            },
            action: match self.r#do.as_str() {
                "retry" => Action::Retry,
                "wait" => Action::Wait {
                    how_long: text(self.r#for.as_deref().expect("for")),
                },
                "skip" => Action::Skip,
                "stop" => Action::Stop,
                "fail" => Action::Fail,
                other => panic!("{other}"),
            },
            message: self.message.as_deref().map(text),
        }
    }
}

async fn run(yaml: &str) {
    let case: Case = serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{error}"));
    let stream = case.stream.stream();
    let recording = json!({"exchanges": case.exchanges}).to_string();
    let recorded = recorded(&recording);
    let clock = clock();
    let api = Api {
        auth: Auth::None,
        rate_limit: case.stream.rate_limit.map(|requests| RateLimit {
            requests,
            per: Duration::parse("1 minute").expect("a duration"),
            remaining: Some("X-Left".into()),
            reset: Some("X-Reset".into()),
        }),
        ..api()
    };
    let source = source_of(api, recorded.clone(), clock.clone());
    let since = case
        .stream
        .since
        .as_deref()
        .map(|since| KeyValue::Timestamp(since.parse().expect("a time")));
    let (pages, outcome) = read(
        &source,
        Slice {
            since,
            ..whole(&stream)
        },
    )
    .await;
    let ids: Vec<i64> = pages
        .iter()
        .flat_map(|page| (0..page.records.len()).map(|at| page.record(at)))
        .map(|record| {
            serde_json::from_str::<Value>(record).expect("JSON")["id"]
                .as_i64()
                .expect("an id")
        })
        .collect();
    assert_eq!(ids, case.expect.ids, "{outcome:?}");
    match (&outcome, &case.expect.error) {
        (Err(error), Some(expected)) => {
            assert!(error.to_string().contains(expected.as_str()), "{error}");
        }
        (Ok(end), None) => {
            let reason = end.reason.to_string();
            assert!(
                reason.contains(case.expect.end.as_deref().expect("an end")),
                "{reason}"
            );
            assert_eq!(end.slid, case.expect.slid);
        }
        _ => panic!("{outcome:?}"),
    }
    assert_eq!(recorded.unused(), Vec::<&str>::new());
    let seconds = clock
        .now()
        .duration_since(START.parse().expect("a time"))
        .as_secs_f64();
    if let Some((least, most)) = case.expect.waited {
        assert!((least..=most).contains(&seconds), "{seconds} s went by");
    }
}

#[tokio::test]
async fn every_recorded_case_comes_out_as_it_says() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/extract");
    let mut failed = BTreeMap::new();
    let mut count = 0;
    for entry in std::fs::read_dir(directory).expect("the cases") {
        let file = entry.expect("a case").path();
        let yaml = std::fs::read_to_string(&file).expect("a case");
        count += 1;
        let outcome = tokio::spawn(async move { run(&yaml).await }).await;
        if let Err(panic) = outcome {
            failed.insert(file, panic.to_string());
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(count > 30, "{count} cases");
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
            Param {
                name: "tag".into(),
                values: vec![text("a b"), text("{{ parent.tag }}")],
            },
            Param {
                name: "from".into(),
                values: vec![text("{{ config.none }}")],
            },
        ],
        headers: vec![("X-Since".into(), text("{{ since }}"))],
        body: Some(Body::Json(JsonTemplate::Object(vec![
            ("n".into(), JsonTemplate::Fixed(json!(1))),
            (
                "t".into(),
                JsonTemplate::List(vec![JsonTemplate::Text(text("{{ parent.id }}"))]),
            ),
        ]))),
        ..get("/cases/{{ parent.id }}/replies")
    };
    stream.request.params.pop();
    stream.pagination.size = Some(PageSize {
        param: "size".into(),
        value: 10,
    });
    stream.for_each = Some(ForEach {
        stream: "cases".into(),
        changed_only: true,
        reads: Vec::new(),
    });
    stream.replication = Replication::Incremental(Incremental {
        since: Some(Since {
            param: "since".into(),
            prefix: ">=".into(),
        }),
        ..match incremental(TimeFormat::Unix) {
            Replication::Incremental(one) => one,
            Replication::FullTable => panic!("incremental"),
        }
    });
    let source = source_of(api(), recorded.clone(), clock());
    let Value::Object(parent) = json!({"id": "7/..?x", "tag": "c"}) else {
        panic!("an object")
    };
    let since = Some(KeyValue::Timestamp(START.parse().expect("a time")));
    let (pages, end) = read(
        &source,
        Slice {
            stream: &stream,
            since,
            parent: Some(parent),
        },
    )
    .await;
    end.expect("an end");
    assert_eq!(recorded.unused(), Vec::<&str>::new());
    assert!(
        pages[0]
            .request
            .starts_with("POST http://a.example/api/cases/7%2F..%3Fx/replies?")
    );
}

#[tokio::test]
async fn no_text_shows_a_secret() {
    let mut stream = stream();
    stream.request.params = vec![Param {
        name: "p".into(),
        values: vec![text("{{ config.key }}")],
    }];
    let mut seen = 0;
    for (answer, kind) in [
        (
            "status: 401, body: 'key s3cret/key and s3cret%2Fkey'",
            FaultKind::Credentials,
        ),
        ("status: 403, body: s3cret/key", FaultKind::Credentials),
        ("status: 500, body: s3cret/key, times: 6", FaultKind::Http),
        ("status: 404, body: s3cret/key", FaultKind::Status),
        (
            "body: '{\"error\": \"s3cret\\/key\"}'",
            FaultKind::NoRecords,
        ),
        ("body: '<p>s3cret/key'", FaultKind::Html),
        (
            "status: 302, headers: {Location: 'ftp://s3cret/key'}",
            FaultKind::Http,
        ),
    ] {
        let yaml = format!("exchanges: [{{request: 'GET /api/rows?p=***&key=***', {answer}}}]");
        let source = source_of(api(), recorded(&yaml), clock());
        let (_, outcome) = read(&source, whole(&stream)).await;
        let error = outcome.expect_err(answer);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(
            error.to_string().contains("***") && !format!("{error:?}").contains("s3cret"),
            "{error}"
        );
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
    let yaml =
        format!("exchanges: [{{request: 'GET /api/rows?key=***', status: 404, body: '{body}'}}]");
    let source = source_of(api(), recorded(&yaml), clock());
    let (_, outcome) = read(&source, whole(&stream())).await;
    let error = outcome.expect_err("404").to_string();
    assert!(
        error.contains("xxx***") && !error.contains("s3c"),
        "{error}"
    );
}

#[tokio::test]
async fn a_connection_test_tells_right_from_wrong() {
    let check = |answer: &str| {
        let yaml = format!("exchanges: [{{request: 'GET /api/me?key=***', {answer}}}]");
        let api = Api {
            check: Some(get("/me")),
            ..api()
        };
        source_of(api, recorded(&yaml), clock())
    };
    let passed = check("body: '{}'").check().await;
    let request = "GET http://a.example/api/me".to_owned();
    assert_eq!(
        passed,
        Ok(Checked::Passed {
            request,
            status: 200
        })
    );
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
    assert_eq!(
        (counters.requests(), counters.retries(), counters.bytes()),
        (2, 1, 12)
    );
    assert_eq!(counters.waited().as_secs(), 7);
    assert_eq!(counters.waiting_until(), None);
}

#[tokio::test]
async fn a_request_that_cannot_be_made_says_why() {
    let source = |site: &str| {
        Source::assemble(api(), &settings(site), recorded("exchanges: []"), clock())
            .expect("a source")
    };
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
    let source = source_of(api(), recorded("exchanges: []"), clock());
    let stream = stream();
    let mut walk = source.walk(whole(&stream));
    is_send(&walk);
    is_send(&walk.next());
}
