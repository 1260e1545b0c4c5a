//! Streams that only the API can tell: tried by name, and never left out where the API is not asked.

use std::sync::Arc;

use tapwright_spec::settings::{Given, Settings, settings};
use tapwright_spec::{Connector, Source};
use tapwright_sync::clock::SystemClock;
use tapwright_sync::destination;
use tapwright_sync::http::{Recorded, Recording};
use tapwright_sync::plan::Selection;
use tapwright_sync::record::{Order, record};
use tapwright_sync::run::{Job, Run};
use tapwright_sync::trial::{self, Trial};

const API: &str = r#"
exchanges:
  - {request: GET /objects, body: '{"objects": [{"api_name": "A"}]}'}
  - {request: GET /objects/A/describe, body: '{"fields": [{"name": "Id", "type": "text"}, {"name": "Cost", "type": "double"}, {"name": "Note", "type": "text"}], "next": null}'}
  - {request: GET /bases, body: '{"bases": []}'}
  - {request: GET /boards, body: '{"boards": []}'}
  - {request: GET /objects/A/rows, body: '{"items": [{"Id": "a", "Cost": 5, "Note": "a secret note"}]}'}
"#;

fn spec() -> Source {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/recorded/dynamic-streams-with-fields/spec.yaml");
    Source::new("shop.yaml", std::fs::read_to_string(path).expect("the spec"))
}

fn ready(source: &Source) -> (Connector, Settings, Arc<Recorded>) {
    let connector = tapwright_spec::check(source).expect("a right spec");
    let settings = settings(&connector, &Given { file: None, texts: Vec::new() }).expect("no configuration");
    (connector, settings, Arc::new(Recorded::new(Recording::parse(API).expect("a recording"))))
}

#[tokio::test]
async fn a_stream_that_the_api_tells_can_be_tried() {
    let (connector, settings, transport) = ready(&spec());
    let stream = "a".to_owned();
    let clock = Arc::new(SystemClock);
    let trial = Trial { connector, settings, stream, limit: 5, start: None, transport, clock, keep: None };
    let findings = trial::go(trial, Arc::new(|_| {})).await.expect("findings");
    assert_eq!(findings.fault, None);
    assert_eq!(findings.columns, ["Id", "Cost", "Note"]);
    assert_eq!(findings.rows, [[Some("a".to_owned()), Some("5".to_owned()), Some("a secret note".to_owned())]]);
}

#[test]
fn a_run_that_may_not_ask_does_not_leave_them_out() {
    let (connector, settings, transport) = ready(&spec());
    let job = Job {
        connector: Arc::new(connector),
        settings,
        selection: Selection::default(),
        destination: destination::open("sqlite::memory:", "shop").expect("a database"),
        place: "memory".into(),
        transport,
        clock: Arc::new(SystemClock),
    };
    let fault = Run::prepare(job).err().expect("a refusal").to_string();
    assert!(fault.starts_with("only the API can tell the streams of `described`"), "{fault}");
}

#[tokio::test]
async fn what_the_api_tells_is_recorded_and_its_personal_fields_have_stand_ins() {
    let text = spec().text().replace("text: string\n", "text: {type: string, personal: true}\n");
    let source = Source::new("shop.yaml", text);
    let (connector, settings, transport) = ready(&source);
    let (streams, clock) = (Vec::new(), Arc::new(SystemClock));
    let order = Order {
        spec: &source,
        connector,
        settings,
        streams,
        start: None,
        pages: Some(1),
        transport,
        clock,
        keep: None,
    };
    let (recorder, run) = record(order).await.expect("a run");
    let (_sender, stop) = tokio::sync::watch::channel(None);
    let report = run.go(stop).await.expect("a report");
    let made = recorder.finish(&report).await.expect("a recording");
    for there in ["\"GET /objects\"", "\"GET /objects/A/describe\"", "\"GET /objects/A/rows\"", "pages: 1"] {
        assert!(made.yaml.contains(there), "{there} is not in\n{}", made.yaml);
    }
    assert!(!made.yaml.contains("a secret note"), "{}", made.yaml);
}
