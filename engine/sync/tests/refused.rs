//! An API that takes a wrong key for a stranger and answers with what is public.

use std::sync::Arc;

use tapwright_spec::Source;
use tapwright_spec::settings::{Given, settings};
use tapwright_sync::clock::TestClock;
use tapwright_sync::http::{Recorded, Recording};
use tapwright_sync::plan::Selection;
use tapwright_sync::report::{RunReport, Verdict};
use tapwright_sync::run::{Job, Run};

const SPEC: &str = "
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: Things of a shop.}
auth: none
check: GET /me
http:
  base_url: http://api.example
  records: $.items[*]
  pagination: none
streams:
  items:
    description: Things.
    endpoint: GET /items
    primary_key: id
    replication: full_table
    fields: {id: integer}
  parts:
    description: Parts of things.
    endpoint: GET /items/{{ parent.id }}
    for_each: items
    primary_key: id
    replication: full_table
    fields: {id: integer}
";

async fn run(place: &str, exchanges: &str) -> RunReport {
    let connector = tapwright_spec::check(&Source::new("shop.yaml", SPEC)).expect("a spec");
    let settings = settings(&connector, &Given { file: None, texts: Vec::new() }).expect("settings");
    let job = Job {
        destination: tapwright_sync::destination::open(place, &connector.name).expect("a destination"),
        connector: Arc::new(connector),
        settings,
        selection: Selection::default(),
        place: place.to_owned(),
        transport: Arc::new(Recorded::new(Recording::parse(exchanges).expect("a recording"))),
        clock: Arc::new(TestClock::new("2026-01-01T00:00:00Z".parse().expect("a time"))),
    };
    let (_sender, stop) = tokio::sync::watch::channel(None);
    Run::prepare(job).expect("a plan").go(stop).await.expect("a report")
}

#[tokio::test]
async fn nothing_is_read_when_the_check_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = format!("sqlite:{}", folder.path().join("shop.db").display());
    let known = "exchanges:
      - {request: GET /me, body: '{}'}
      - {request: GET /items, body: '{\"items\": [{\"id\": 1}, {\"id\": 2}]}'}
      - {request: GET /items/1, body: '{\"items\": [{\"id\": 10}]}'}
      - {request: GET /items/2, body: '{\"items\": []}'}";
    assert!(run(&place, known).await.is_complete());

    let stranger = "exchanges:
      - {request: GET /me, status: 401}
      - {request: GET /items, body: '{\"items\": [{\"id\": 1}]}'}";
    let report = run(&place, stranger).await;
    for stream in &report.streams {
        assert_eq!((stream.verdict, stream.requests, stream.deleted), (Verdict::Failed, 0, 0), "{}", stream.stream);
        assert!(stream.reason.contains("nothing was read"), "{}", stream.reason);
    }
    assert_eq!(report.streams.len(), 2);

    let again = run(&place, known).await;
    assert_eq!(again.streams.iter().map(|stream| stream.unchanged).sum::<u64>(), 3, "the rows stayed");
}
