//! A walk that begins anew from a key, against an API that keeps finer times than it tells.

use std::sync::Arc;

use serde_json::json;
use tapwright_spec::Source;
use tapwright_spec::settings::{Given, settings};
use tapwright_sync::clock::TestClock;
use tapwright_sync::http::{Recorded, Recording};
use tapwright_sync::plan::Selection;
use tapwright_sync::report::{StreamReport, Verdict};
use tapwright_sync::run::{Job, Run};

const SPEC: &str = r#"
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: Things of a shop.}
auth: none
http:
  base_url: http://api.example
  records: $.items[*]
streams:
  items:
    description: Things.
    endpoint: GET /items
    pagination: {offset: offset, total: $.total, restart_after: {pages: 1, from: last_key}}
    primary_key: id
    replication: {method: incremental, key: at, since: {param: since}, order: ascending}
    fields: {id: integer, at: timestamp}
"#;

fn page(since: &str, total: u64, records: &[(u64, &str)]) -> serde_json::Value {
    let query = if since.is_empty() { String::new() } else { format!("&since={}", since.replace(':', "%3A")) };
    let items: Vec<_> = records.iter().map(|(id, at)| json!({"id": id, "at": at})).collect();
    let body = json!({"items": items, "total": total}).to_string();
    json!({"request": format!("GET /items?offset=0{query}"), "body": body})
}

async fn run(exchanges: serde_json::Value) -> StreamReport {
    let connector = tapwright_spec::check(&Source::new("shop.yaml", SPEC)).expect("a spec");
    let settings = settings(&connector, &Given { file: None, texts: Vec::new() }).expect("settings");
    let folder = tempfile::tempdir().expect("a folder");
    let place = format!("sqlite:{}", folder.path().join("shop.db").display());
    let recording = Recording::parse(&json!({"exchanges": exchanges}).to_string()).expect("a recording");
    let job = Job {
        destination: tapwright_sync::destination::open(&place, &connector.name).expect("a destination"),
        connector: Arc::new(connector),
        settings,
        selection: Selection::default(),
        place,
        transport: Arc::new(Recorded::new(recording)),
        clock: Arc::new(TestClock::new("2026-01-01T00:00:00Z".parse().expect("a time"))),
    };
    let (_sender, stop) = tokio::sync::watch::channel(None);
    Run::prepare(job).expect("a plan").go(stop).await.expect("a report").streams.remove(0)
}

const FIRST: (u64, &str) = (1, "2025-12-01T10:00:04Z");
const SECOND: (u64, &str) = (2, "2025-12-01T10:00:05Z");
const THIRD: (u64, &str) = (3, "2025-12-01T10:00:06Z");

#[tokio::test]
async fn records_a_little_before_the_key_are_no_disorder() {
    let pages = json!([page("", 3, &[FIRST, SECOND]), page(SECOND.1, 3, &[FIRST, SECOND, THIRD])]);
    let items = run(pages).await;
    assert_eq!((items.verdict, items.new, items.repeated), (Verdict::Complete, 3, 2), "{}", items.reason);
}

#[tokio::test]
async fn records_that_go_back_within_a_walk_are_disorder() {
    let pages = json!([page("", 3, &[FIRST, SECOND]), page(SECOND.1, 3, &[SECOND, FIRST, THIRD])]);
    let items = run(pages).await;
    assert_eq!(items.verdict, Verdict::Failed);
    assert!(items.reason.contains("`order: ascending`"), "{}", items.reason);
}
