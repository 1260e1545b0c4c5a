//! Children of a page, of the pages after it and of other children run side by side, as many of a stream as it
//! allows and no more; what moves a bookmark keeps the order of the pages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use tapwright_spec::Source;
use tapwright_spec::settings::{Given, settings};
use tapwright_sync::clock::SystemClock;
use tapwright_sync::http::{Headers, Request, Response, Transport, TransportFault};
use tapwright_sync::plan::Selection;
use tapwright_sync::report::{RunReport, Verdict};
use tapwright_sync::run::{Job, Run};
use tokio::sync::watch;

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
  limits: {tries: 1}
streams:
  orders:
    description: Orders, two a page.
    endpoint: GET /orders
    pagination: {cursor: {from: $.next, param: page}}
    primary_key: id
    replication: {method: incremental, key: id, since: {param: since}, order: ascending}
    fields: {id: integer}
  lines:
    description: Lines of an order.
    for_each: {stream: orders, changed_only: true}
    endpoint: GET /lines/{{ parent.id }}
    primary_key: id
    replication: {method: incremental, key: id}
    fields: {id: integer}
    limits: {concurrency: 2}
  notes:
    description: Notes on a line.
    for_each: {stream: lines, changed_only: true}
    endpoint: GET /notes/{{ parent.id }}
    primary_key: id
    replication: {method: incremental, key: id}
    fields: {id: integer}
    limits: {concurrency: 3}
"#;

/// Orders 1 to 6 on three pages, with two lines each, with a note each.
struct Shop {
    /// What is answered only when something else was asked for.
    held: BTreeMap<&'static str, &'static str>,
    /// What is answered with a failure.
    broken: BTreeSet<&'static str>,
    asked: watch::Sender<BTreeSet<String>>,
    /// By stream: requests under way, and the most there ever were.
    under_way: Mutex<BTreeMap<String, (u32, u32)>>,
}

impl Shop {
    fn new(held: &[(&'static str, &'static str)], broken: &[&'static str]) -> Arc<Shop> {
        let (asked, _) = watch::channel(BTreeSet::new());
        let (held, broken) = (held.iter().copied().collect(), broken.iter().copied().collect());
        Arc::new(Shop { held, broken, asked, under_way: Mutex::default() })
    }

    fn most(&self, stream: &str) -> u32 {
        self.under_way.lock().expect("a lock").get(stream).map_or(0, |(_, most)| *most)
    }

    fn items(request: &Request) -> serde_json::Value {
        let last = request.url.path().rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
        match last {
            Some(id) => json!({"items": [{"id": 10 * id + 1}, {"id": 10 * id + 2}]}),
            None => {
                let page = request.url.query_pairs().find(|(name, _)| name == "page");
                let page: u64 = page.map_or(1, |(_, page)| page.parse().expect("a number"));
                let next = (page < 3).then(|| (page + 1).to_string());
                json!({"items": [{"id": 2 * page - 1}, {"id": 2 * page}], "next": next})
            }
        }
    }
}

impl Transport for Shop {
    fn send<'a>(&'a self, request: &'a Request, _: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        async move {
            let path = request.url.path();
            let stream = path.split('/').nth(1).unwrap_or_default().to_owned();
            {
                let mut counts = self.under_way.lock().expect("a lock");
                let (now, most) = counts.entry(stream.clone()).or_default();
                *now += 1;
                *most = (*most).max(*now);
            }
            self.asked.send_if_modified(|asked| asked.insert(path.to_owned()));
            tokio::time::sleep(Duration::from_millis(2)).await;
            if let Some(other) = self.held.get(path) {
                let mut asked = self.asked.subscribe();
                asked.wait_for(|asked| asked.contains(*other)).await.expect("the shop is open");
            }
            if let Some((now, _)) = self.under_way.lock().expect("a lock").get_mut(&stream) {
                *now -= 1;
            }
            let status = if self.broken.contains(path) { 404 } else { 200 };
            let body = Shop::items(request).to_string().into_bytes();
            Ok(Response { status, headers: Headers::default(), body })
        }
        .boxed()
    }
}

/// Syncs the streams; what is held for ever fails the test.
async fn run(shop: &Arc<Shop>, streams: &[&str]) -> RunReport {
    let connector = tapwright_spec::check(&Source::new("shop.yaml", SPEC)).expect("a spec");
    let settings = settings(&connector, &Given { file: None, texts: Vec::new() }).expect("settings");
    let folder = tempfile::tempdir().expect("a folder");
    let place = format!("sqlite:{}", folder.path().join("shop.db").display());
    let streams = streams.iter().map(|name| (*name).to_owned()).collect();
    let job = Job {
        destination: tapwright_sync::destination::open(&place, &connector.name).expect("a destination"),
        connector: Arc::new(connector),
        settings,
        selection: Selection { streams, ..Selection::default() },
        place,
        transport: shop.clone(),
        clock: Arc::new(SystemClock),
    };
    let (_sender, stop) = watch::channel(None);
    let run = Run::prepare(job).expect("a plan").go(stop);
    tokio::time::timeout(Duration::from_secs(20), run).await.expect("nothing waits for ever").expect("a report")
}

#[tokio::test]
async fn children_of_the_next_page_begin_while_the_last_of_a_page_is_out() {
    let shop = Shop::new(&[("/lines/2", "/lines/5"), ("/lines/5", "/lines/6")], &[]);
    let report = run(&shop, &["orders", "lines"]).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(shop.most("lines"), 2, "as many as the stream allows");
    assert_eq!(report.streams[1].bookmark.as_ref().map(ToString::to_string).as_deref(), Some("6"));
}

#[tokio::test]
async fn a_stream_keeps_its_concurrency_below_several_parents_at_once() {
    let shop = Shop::new(&[], &[]);
    let report = run(&shop, &[]).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((shop.most("lines"), shop.most("notes")), (2, 3));
}

#[tokio::test]
async fn a_bookmark_does_not_pass_a_page_whose_children_are_out() {
    // The children of the second page are read long before one of the first page fails.
    let shop = Shop::new(&[("/lines/1", "/lines/5")], &["/lines/1"]);
    let report = run(&shop, &["orders", "lines"]).await;
    let lines = &report.streams[1];
    assert_eq!((lines.verdict, &lines.bookmark), (Verdict::Failed, &None), "{}", lines.reason);
    assert_eq!(report.streams[0].bookmark, None, "the parent waits");
    // One of the third page fails: what the pages before it brought counts.
    let shop = Shop::new(&[("/lines/5", "/lines/6")], &["/lines/5"]);
    let report = run(&shop, &["orders", "lines"]).await;
    let reached = report.streams.iter().map(|stream| stream.bookmark.as_ref().map(ToString::to_string));
    assert_eq!(reached.collect::<Vec<_>>(), [Some("4".to_owned()), Some("4".to_owned())]);
}
