//! Pages that are known beforehand are under way at once, as many as the spec says and no more, and fewer where
//! the server says that they are too many.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tapwright_spec::Source;
use tapwright_spec::settings::{Given, settings};
use tapwright_sync::clock::SystemClock;
use tapwright_sync::http::{Headers, Request, Response, Transport, TransportFault};
use tapwright_sync::plan::Selection;
use tapwright_sync::report::RunReport;
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
streams:
  orders:
    description: Orders, one a page.
    endpoint: GET /orders
    pagination: {page_number: page, size: {param: n, value: 1}, total: $.total, ahead: 3}
    primary_key: id
    fields: {id: integer}
"#;

/// Pages with one order each. From the second on, each waits until `others` pages behind it were asked for.
struct Shop {
    others: u64,
    /// More than so many at once are refused.
    bears: u32,
    asked: watch::Sender<u64>,
    /// Requests under way, and the most there ever were.
    under_way: Mutex<(u32, u32)>,
}

const TOTAL: u64 = 12;

impl Transport for Shop {
    fn send<'a>(&'a self, request: &'a Request, _: u64) -> BoxFuture<'a, Result<Response, TransportFault>> {
        async move {
            let page = request.url.query_pairs().find(|(name, _)| name == "page").expect("a page");
            let page: u64 = page.1.parse().expect("a number");
            {
                let mut counts = self.under_way.lock().expect("a lock");
                counts.1 = counts.1.max(counts.0 + 1);
                if counts.0 >= self.bears {
                    return Ok(Response { status: 429, ..Response::default() });
                }
                counts.0 += 1;
            }
            self.asked.send_if_modified(|most| {
                page > *most && {
                    *most = page;
                    true
                }
            });
            if page > 1 {
                let wanted = TOTAL.min(page + self.others);
                self.asked.subscribe().wait_for(|most| *most >= wanted).await.expect("the shop is open");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.under_way.lock().expect("a lock").0 -= 1;
            let body = format!("{{\"items\": [{{\"id\": {page}}}], \"total\": {TOTAL}}}");
            Ok(Response { status: 200, headers: Headers::default(), body: body.into_bytes() })
        }
        .boxed()
    }
}

async fn run(shop: &Arc<Shop>, ahead: u32) -> RunReport {
    let spec = SPEC.replace("ahead: 3", &format!("ahead: {ahead}"));
    let connector = tapwright_spec::check(&Source::new("shop.yaml", spec)).expect("a spec");
    let settings = settings(&connector, &Given { file: None, texts: Vec::new() }).expect("settings");
    let folder = tempfile::tempdir().expect("a folder");
    let place = format!("sqlite:{}", folder.path().join("shop.db").display());
    let job = Job {
        destination: tapwright_sync::destination::open(&place, &connector.name).expect("a destination"),
        connector: Arc::new(connector),
        settings,
        selection: Selection::default(),
        place,
        transport: shop.clone(),
        clock: Arc::new(SystemClock),
    };
    let (_sender, stop) = watch::channel(None);
    let run = Run::prepare(job).expect("a plan").go(stop);
    let report = tokio::time::timeout(Duration::from_secs(20), run).await.expect("nothing waits for ever");
    let report = report.expect("a report");
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.streams[0].new, TOTAL);
    report
}

fn shop(others: u64, bears: u32) -> Arc<Shop> {
    let (asked, _) = watch::channel(0);
    Arc::new(Shop { others, bears, asked, under_way: Mutex::default() })
}

#[tokio::test]
async fn as_many_pages_are_under_way_as_the_spec_says() {
    let shop = shop(2, u32::MAX);
    let report = run(&shop, 3).await;
    assert_eq!(report.streams[0].requests, TOTAL);
    assert_eq!(shop.under_way.lock().expect("a lock").1, 3);
    assert_eq!(report.notes, Vec::<String>::new());
}

#[tokio::test]
async fn fewer_are_where_the_server_says_that_they_are_too_many() {
    let shop = shop(0, 4);
    let report = run(&shop, 8).await;
    assert_eq!(shop.under_way.lock().expect("a lock").1, 5, "the fifth is the last that is too many");
    let [note] = report.notes.as_slice() else { panic!("{:?}", report.notes) };
    assert!(note.starts_with("api.example: slowed down by 429 to 2 requests at once, for "), "{note}");
}
