//! A trial against a recorded API: what is shown holds no secret, and what would be set aside is told.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::json;
use tapwright_spec::settings::Settings;
use tapwright_spec::{Source, check};

use super::{Event, Findings, Trial, go};
use crate::clock::TestClock;
use crate::http::{Recorded, Recording};

const SPEC: &str = "
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: A shop.}
config: {key: {type: string, secret: true}}
auth: {api_key: {query: key, value: '{{ config.key }}'}}
http: {base_url: 'http://shop.example', records: '$.rows[*]', download_hosts: [files.example]}
supports: {table_selection: false}
streams:
  orders:
    description: Orders.
    endpoint: GET /orders
    pagination: {page_number: page, stop: empty_page}
    primary_key: id
    keep_if: '{{ record.id != 2 }}'
    fields: {id: integer, note: string}
  exports:
    description: What a job brings.
    job:
      create: POST /exports
      keep: {id: $.id}
      poll: 'GET /exports/{{ job.id }}'
      done: response.body.done
      result: '$.files[*]'
      cleanup: 'DELETE /exports/{{ job.id }}'
    endpoint: 'GET {{ job.result }}'
    fields: {id: integer}
  lines:
    description: Lines of orders.
    for_each: orders
    endpoint: 'GET /orders/{{ parent.id }}/lines'
    primary_key: [order, n]
    add: {order: '{{ parent.id }}'}
    fields: {order: integer, n: integer, paid: boolean, when: timestamp}
";

const RECORDING: &str = r#"
exchanges:
  - {request: GET /orders?page=1&key=***, headers: {Link: '<http://shop.example/?key=s3cret>; rel="x"'}, body: '{"rows": [{"id": 1, "note": "s3cret\u001b[2J"}, {"id": 2, "note": null}]}'}
  - {request: GET /orders?page=2&key=***, body: '{"rows": [{"id": 3, "extra": {"a": 1}}]}'}
  - {request: GET /orders?page=3&key=***, body: '{"rows": []}'}
  - {request: POST /exports?key=***, body: '{"id": 7}'}
  - {request: GET /exports/7?key=***, body: '{"done": true, "files": ["http://files.example/1?sig=s1gned", "/2"]}'}
  - {request: 'GET http://files.example/1?sig=s1gned', body: '{"rows": [{"id": 1}]}'}
  - {request: DELETE /exports/7?key=***, status: 204}
  - {request: GET /orders/1/lines?key=***, status: 500}
  - {request: GET /orders/1/lines?key=***, body: '{"rows": [{"n": 1, "paid": "perhaps"}, {"n": 2, "paid": true, "when": null}]}'}
  - {request: GET /orders/3/lines?key=***, status: 403, body: 'not with s3cret'}
"#;

async fn tried(stream: &str, limit: usize) -> (String, Findings) {
    let connector = check(&Source::new("shop.yaml", SPEC)).unwrap_or_else(|faults| panic!("{faults:?}"));
    let values = json!({"key": "s3cret"}).as_object().cloned().unwrap_or_default();
    let trial = Trial {
        connector,
        settings: Settings { values, secrets: vec!["s3cret".into()] },
        stream: stream.to_owned(),
        limit,
        start: None,
        transport: Arc::new(Recorded::new(Recording::parse(RECORDING).expect("a recording"))),
        clock: Arc::new(TestClock::new(Timestamp::UNIX_EPOCH)),
        keep: None,
    };
    let told = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&told);
    let listener = Arc::new(move |event: &Event| heard.lock().expect("a text").push_str(&event.to_text()));
    let findings = go(trial, listener).await.expect("findings");
    let told = told.lock().expect("a text").clone();
    let all = format!("{told}{}{}", findings.to_text(80), serde_json::to_string(&findings).expect("JSON"));
    assert!(!all.contains("s3cret") && !all.contains('\u{1b}'), "{all}");
    (told, findings)
}

#[tokio::test]
async fn pages_are_told_with_what_leads_on() {
    let (told, findings) = tried("orders", 10).await;
    assert!(told.contains("GET http://shop.example/orders?page=1&key=***\n"), "{told}");
    assert!(told.contains("2 records of orders; the next page is page=2\n"), "{told}");
    assert!(told.contains("0 records of orders; a page came without records\n"), "{told}");
    assert_eq!((findings.records, findings.left_out, findings.rows.len()), (3, 1, 2));
    assert_eq!(findings.unlisted[0].yaml, "extra: {type: object, fields: {a: integer}}");
    assert_eq!(findings.end, "a page came without records");
}

#[tokio::test]
async fn enough_is_enough() {
    let (told, findings) = tried("orders", 1).await;
    assert_eq!((findings.records, told.matches("GET ").count()), (1, 1));
    assert!(told.contains("2 records of orders; that is enough"), "{told}");
}

#[tokio::test]
async fn a_job_is_shown_and_removed_also_when_enough_was_read() {
    let (told, findings) = tried("exports", 1).await;
    let requests: Vec<&str> = told.lines().filter(|line| line.contains("http://")).collect();
    let expected = [
        "POST http://shop.example/exports?key=***",
        "GET http://shop.example/exports/7?key=***",
        "GET http://files.example/1?***",
        "DELETE http://shop.example/exports/7?key=***",
    ];
    assert_eq!(requests, expected, "{told}");
    assert_eq!((findings.records, findings.fault), (1, None));
    assert!(!told.contains("s1gned"), "{told}");
}

#[tokio::test]
async fn children_come_with_their_parents_until_a_request_fails() {
    let (told, findings) = tried("lines", 10).await;
    assert!(told.contains("again: GET http://shop.example/orders/1/lines?key=***\n"), "{told}");
    assert_eq!((findings.records, findings.parents), (2, Some(2)), "order 2 is left out");
    assert_eq!(findings.rows, [["1", "2", "true", ""].map(|cell| (!cell.is_empty()).then(|| cell.to_owned()))]);
    let misfit = &findings.misfits[0];
    assert_eq!((misfit.name.as_str(), misfit.records), ("paid", 1));
    assert_eq!(misfit.inferred.as_deref(), Some("json"), "a text and a boolean");
    assert_eq!((findings.unseen[0].name.as_str(), findings.unseen[0].always_null), ("when", true));
    assert!(findings.fault.is_some_and(|fault| fault.contains("HTTP 403: not with ***")));
}
