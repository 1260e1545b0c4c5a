//! Each file of `tests/extract` is an API with a fault, and what must come of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::heard::Heard;
use super::{START, clock, connector, read, recorded, source_of, whole};
use crate::auth::Keep;
use crate::clock::Clock;
use crate::extract::Slice;
use crate::state::KeyValue;

/// A case: how the stream is described, what the API does, and what must come of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[expect(dead_code, reason = "it is there for the reader")]
    about: String,
    /// What the spec says of the stream …
    #[serde(default)]
    stream: Value,
    /// … and of all requests.
    #[serde(default)]
    http: Value,
    /// Where the run goes on.
    #[serde(default)]
    since: Option<String>,
    /// How requests are authenticated; not at all if it is left out.
    #[serde(default)]
    auth: Value,
    exchanges: Value,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// Ids of the records, in order; those of the pages before a fault too.
    #[serde(default)]
    ids: Vec<i64>,
    /// The records as they are handed on, where more than the ids is told.
    #[serde(default)]
    records: Option<Vec<String>>,
    /// How the walk ends …
    #[serde(default)]
    end: Option<String>,
    #[serde(default)]
    slid: Option<String>,
    /// … or a part of the error.
    #[serde(default)]
    error: Option<String>,
    /// What is sent: method, URL, credentials and body.
    #[serde(default)]
    sent: Option<Vec<String>>,
    /// Seconds that go by.
    #[serde(default)]
    waited: Option<(f64, f64)>,
}

async fn run(yaml: &str) {
    let case: Case = serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{error}"));
    let mut changes = json!({"auth": "none", "http": {}, "streams": {"rows": {}}});
    if case.stream.is_object() {
        changes["streams"]["rows"] = case.stream;
    }
    if case.http.is_object() {
        changes["http"] = case.http;
    }
    if !case.auth.is_null() {
        changes["auth"] = case.auth;
    }
    let api = connector(&changes);
    let recorded = recorded(&json!({"exchanges": case.exchanges}).to_string());
    let clock = clock();
    let heard = Heard::new(recorded.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let source = source_of(&api, heard.clone(), clock.clone()).keeping(Keep::within(folder.path(), "api"));
    let since = case.since.as_deref().map(|since| KeyValue::Timestamp(since.parse().expect("a time")));
    let (pages, outcome) = read(&source, Slice { since, ..whole(&api) }).await;
    let records: Vec<&str> = pages.iter().flat_map(|page| (0..page.records.len()).map(|at| page.record(at))).collect();
    match &case.expect.records {
        Some(expected) => assert_eq!(&records, expected, "{outcome:?}"),
        None => {
            let id = |record: &&str| serde_json::from_str::<Value>(record).expect("JSON")["id"].as_i64();
            let ids: Vec<i64> = records.iter().map(|record| id(record).expect("an id")).collect();
            assert_eq!(ids, case.expect.ids, "{outcome:?}");
        }
    }
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
    if let Some(sent) = case.expect.sent {
        assert_eq!(heard.sent(), sent);
    }
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
