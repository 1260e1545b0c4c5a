//! Very many slices: their bookmarks fold into one, and the report says so.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use tapwright_spec::Source;
use tapwright_spec::model::MOST_SLICES;
use tapwright_spec::settings::{Given, settings};
use tapwright_sync::clock::TestClock;
use tapwright_sync::http::{Headers, Request, Response, Transport, TransportFault};
use tapwright_sync::plan::Selection;
use tapwright_sync::report::RunReport;
use tapwright_sync::run::{Job, Run};
use tapwright_sync::state::KeyValue;

const SPEC: &str = r#"
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: A shop.}
auth: none
http:
  base_url: http://api.example
  records: $.items[*]
  pagination: none
streams:
  orders: {description: Orders., endpoint: GET /orders, primary_key: id, fields: {id: integer}}
  lines:
    description: Lines.
    for_each: orders
    endpoint: GET /orders/{{ parent.id }}/lines
    primary_key: id
    replication: {method: incremental, key: at, since: {param: since}}
    limits: {concurrency: 8}
    fields: {id: integer, at: timestamp}
"#;

/// More orders than have a bookmark each, with a line each.
struct Crowd;

const ORDERS: usize = MOST_SLICES + 3;

impl Crowd {
    fn answer(request: &Request) -> Value {
        let Some(order) = request.url.path().split('/').nth(2) else {
            return (1..=ORDERS).map(|id| json!({"id": id})).collect();
        };
        let order: i64 = order.parse().expect("a number");
        let at = Timestamp::from_second(1_700_000_000 + order).expect("a moment");
        let since = request.url.query_pairs().find(|(name, _)| name == "since").map(|(_, since)| since.into_owned());
        match since.is_none_or(|since| at >= since.parse().expect("a moment")) {
            true => json!([{"id": order, "at": at}]),
            false => json!([]),
        }
    }
}

impl Transport for Crowd {
    fn send<'a>(&'a self, request: &'a Request, _: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        let body = json!({"items": Crowd::answer(request)}).to_string().into_bytes();
        async move { Ok(Response { status: 200, headers: Headers::default(), body }) }.boxed()
    }
}

async fn run(place: &str, now: &str) -> RunReport {
    let connector = tapwright_spec::check(&Source::new("shop.yaml", SPEC)).expect("a spec");
    let settings = settings(&connector, &Given { file: None, texts: Vec::new() }).expect("settings");
    let job = Job {
        destination: tapwright_sync::destination::open(place, &connector.name).expect("a destination"),
        connector: Arc::new(connector),
        settings,
        selection: Selection::default(),
        place: place.to_owned(),
        transport: Arc::new(Crowd),
        clock: Arc::new(TestClock::new(now.parse().expect("a moment"))),
    };
    let (_sender, stop) = tokio::sync::watch::channel(None);
    Run::prepare(job).expect("a plan").go(stop).await.expect("a report")
}

#[tokio::test]
async fn more_slices_than_have_a_bookmark_share_one_and_the_report_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = format!("sqlite:{}", folder.path().join("shop.db").display());
    let first = run(&place, "2026-01-01T00:00:00Z").await;
    assert!(first.is_complete(), "{first:?}");
    let lines = &first.streams[1];
    let last = Timestamp::from_second(1_700_000_000 + ORDERS as i64).expect("a moment");
    assert_eq!((lines.new, lines.slices, &lines.bookmark), (ORDERS as u64, 0, &Some(KeyValue::Timestamp(last))));
    assert!(
        lines.notes[0].starts_with(
            "one bookmark stands for all slices, because there are more than 10000: a slice that appears from now on is \
             asked for only from"
        ),
        "{:?}",
        lines.notes
    );
    let again = run(&place, "2026-01-02T00:00:00Z").await;
    let lines = &again.streams[1];
    // Only the last order's line is not before the bookmark.
    assert_eq!((lines.new, lines.unchanged, lines.records), (0, 1, 1), "{lines:?}");
    assert!(lines.notes[0].contains("one bookmark stands for all slices"), "{:?}", lines.notes);
}
