//! Each file of `tests/extract` is an API with a fault, and what must come of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use tapwright_spec::expression::Condition;
use tapwright_spec::model::{
    Action, Auth, FieldType, Match, Next, PageSize, RateLimit, RestartAfter, Rule, StatusRange, Stop, Stream,
};
use tapwright_spec::time::{Duration, TimeFormat};

use super::{START, api, clock, field, incremental, path, read, recorded, source_of, stream, text, whole};
use crate::clock::Clock;
use crate::extract::{Api, Slice};
use crate::state::KeyValue;

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
            Some("page_number") => Next::PageNumber { param: "page".into(), first: 1 },
            Some("offset") => Next::Offset { param: "offset".into(), first: 0 },
            Some("cursor") => Next::Cursor { path: path("$.next"), param: "after".into() },
            Some(next_url) => Next::NextUrl { path: path(next_url) },
        };
        pagination.total = self.total.as_deref().map(path);
        pagination.size = self.size.map(|value| PageSize { param: "size".into(), value });
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
                status: self.status.iter().map(|&status| StatusRange { from: status, to: status }).collect(),
                header: self.header.clone().map(|(name, part)| (name, Some(part))),
                body: self.body.as_deref().map(path),
                text: self.text.clone(),
                condition: self.condition.as_deref().map(|one| Condition::compile(one).expect("a condition")),
            },
            action: match self.r#do.as_str() {
                "retry" => Action::Retry,
                "wait" => Action::Wait { how_long: text(self.r#for.as_deref().expect("for")) },
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
    let since = case.stream.since.as_deref().map(|since| KeyValue::Timestamp(since.parse().expect("a time")));
    let (pages, outcome) = read(&source, Slice { since, ..whole(&stream) }).await;
    let ids: Vec<i64> = pages
        .iter()
        .flat_map(|page| (0..page.records.len()).map(|at| page.record(at)))
        .map(|record| serde_json::from_str::<Value>(record).expect("JSON")["id"].as_i64().expect("an id"))
        .collect();
    assert_eq!(ids, case.expect.ids, "{outcome:?}");
    match (&outcome, &case.expect.error) {
        (Err(error), Some(expected)) => {
            assert!(error.to_string().contains(expected.as_str()), "{error}");
        }
        (Ok(end), None) => {
            let reason = end.reason.to_string();
            assert!(reason.contains(case.expect.end.as_deref().expect("an end")), "{reason}");
            assert_eq!(end.slid, case.expect.slid);
        }
        _ => panic!("{outcome:?}"),
    }
    assert_eq!(recorded.unused(), Vec::<&str>::new());
    let seconds = clock.now().duration_since(START.parse().expect("a time")).as_secs_f64();
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
