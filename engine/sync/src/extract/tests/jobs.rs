//! Jobs that are left behind by a walk that is stopped.

use serde_json::json;
use tapwright_spec::Connector;

use super::heard::Heard;
use super::{clock, connector, read, recorded, source_of, whole};

fn reporting() -> Connector {
    connector(&json!({"auth": "none", "streams": {"rows": {
        "job": {
            "create": "POST /reports",
            "keep": {"id": "$.id"},
            "poll": "GET /reports/{{ job.id }}",
            "done": "{{ response.body.done }}",
            "cleanup": "DELETE /reports/{{ job.id }}",
        },
        "endpoint": "GET /reports/{{ job.id }}/rows",
    }}}))
}

const CREATED: &str = "{request: POST /api/reports, body: '{\"id\": 1}'}";

/// What is sent when a walk is dropped at this exchange, and what is told to be left.
async fn stopped_at(exchanges: &str) -> (Vec<String>, Vec<String>) {
    let api = reporting();
    let heard = Heard::new(recorded(&format!("exchanges: [{CREATED}, {exchanges}]")));
    let source = source_of(&api, heard.clone(), clock());
    let mut walk = source.walk(whole(&api));
    // The clock of the test stands still as long as nobody sleeps: after some turns the walk waits for an answer.
    tokio::select! {
        biased;
        _ = walk.next() => panic!("it was not stopped"),
        () = turns() => {}
    }
    drop(walk);
    tokio::select! {
        biased;
        _ = source.close() => {}
        () = turns() => {}
    }
    (heard.sent(), source.notes().remove("rows").unwrap_or_default())
}

async fn turns() {
    for _ in 0..2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_walk_that_is_stopped_leaves_no_job() {
    let waiting = "{request: GET /api/reports/1, fault: stall, times: 9}";
    let (sent, left) = stopped_at(&format!("{waiting}, {{request: DELETE /api/reports/1, status: 204}}")).await;
    assert!(sent.last().is_some_and(|last| last.contains("DELETE http://a.example/api/reports/1")), "{sent:?}");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_server_that_is_silent_keeps_its_job_and_that_is_told() {
    let silent = ["GET /api/reports/1", "DELETE /api/reports/1"];
    let silent = silent.map(|request| format!("{{request: {request}, fault: stall, times: 9}}")).join(", ");
    let (_, left) = stopped_at(&silent).await;
    let [left] = left.as_slice() else { panic!("{left:?}") };
    assert!(left.starts_with("a job was not cleaned up: DELETE http://a.example/api/reports/1"), "{left}");
}

#[tokio::test]
async fn a_walk_that_is_over_has_nothing_to_clean_up() {
    let api = reporting();
    let exchanges = [
        CREATED,
        "{request: GET /api/reports/1, body: '{\"done\": true}'}",
        "{request: GET /api/reports/1/rows, body: '{\"rows\": [{\"id\": 1}]}'}",
        "{request: DELETE /api/reports/1}",
    ];
    let heard = Heard::new(recorded(&format!("exchanges: [{}]", exchanges.join(", "))));
    let source = source_of(&api, heard.clone(), clock());
    read(&source, whole(&api)).await.1.expect("rows");
    assert_eq!(heard.sent().len(), exchanges.len());
    assert_eq!(source.close().await, Vec::<String>::new());
    assert_eq!(heard.sent().len(), exchanges.len());
}
