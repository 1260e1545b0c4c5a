//! What a hook costs: processor time of a record, against the same code compiled into this program, and of starting.
//!
//! `cargo bench -p tapwright-hook`. Records have 1.1 KB and 8 custom fields; the hook is Desk's. What the engine does
//! around a hook is measured with one that gives back what it gets. `-- HOOK OPTIONS` measures another hook, with its
//! options as JSON.

#[path = "../tests/component/mod.rs"]
mod component;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tapwright_hook::{Grant, Hook, Host, Kept, Limits, Records, Stream, Table};
use tapwright_hook_sdk::rehearse::rehearse;

/// Records of a measurement, and how often it is made; the quickest counts.
const RECORDS: usize = 2_000;
const TIMES: usize = 15;
const BATCHES: [usize; 4] = [1, 10, 100, 1000];

/// Gives back what it gets, and gets the custom fields.
const ECHO: &str = r#"
(data (i32.const 1024) "custom_fields")
(data (i32.const 1040) "\00\04\00\00\0d\00\00\00")
(func $fields (result i32)
  (i32.store (i32.const 260) (i32.const 1))
  (i32.store (i32.const 264) (i32.const 1040))
  (i32.store (i32.const 268) (i32.const 1))
  (i32.const 256))
"#;

fn definitions() -> String {
    let kinds = [
        ("level", r#"{"type":"list","choices":["vip","regular","trial"]}"#),
        ("my_int", r#"{"type":"integer"}"#),
        ("founded", r#"{"type":"date"}"#),
        ("escalated", r#"{"type":"boolean"}"#),
        ("remark", r#"{"type":"string"}"#),
        ("region", r#"{"type":"list","choices":["EU::DE","EU::FR","US::CA"]}"#),
        ("order_number", r#"{"type":"string"}"#),
        ("seats", r#"{"type":"integer"}"#),
    ];
    let mut text = String::new();
    for (number, (name, values)) in kinds.iter().enumerate() {
        let address = format!("/api/v2/custom_fields/{}", number + 1);
        let link = json!({"self": {"href": address}});
        writeln!(text, r#"{{"name":"{name}","type":"ticket","active":true,"data":{values},"_links":{link}}}"#)
            .expect("a text");
    }
    text
}

fn records() -> Vec<String> {
    let record = |number: usize| {
        let custom = json!({
            "level": "vip", "my_int": (number * 7).to_string(), "founded": "2014-02-01", "escalated": number.is_multiple_of(2),
            "remark": format!("asked twice about the order of last week, number {number}"), "region": "EU::DE",
            "order_number": format!("A-{number:08}"), "seats": "25",
        });
        let record = json!({
            "id": number, "external_id": null, "subject": format!("Where is my order number {number}?"), "priority": 5,
            "description": "The customer wrote that the parcel has not come, and that nobody answers the telephone. ".repeat(4),
            "blurb": "Where is my order? It should have been here last week. Please answer soon, thank you.",
            "status": "open", "type": "email", "labels": ["parcel", "late"], "label_ids": [17, 23], "language": "en_us",
            "created_at": "2014-02-03T10:11:12Z", "updated_at": "2014-02-04T10:11:12Z", "active_at": null,
            "received_at": "2014-02-03T10:11:12Z", "first_opened_at": null, "opened_at": null, "resolved_at": null,
            "custom_fields": custom,
            "_links": {"self": {"href": format!("/api/v2/cases/{number}"), "class": "case"}},
        });
        record.to_string()
    };
    (0..RECORDS).map(record).collect()
}

/// Processor time of the quickest run.
fn spent(mut work: impl FnMut()) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("a time");
    let once = |_| {
        let began = now();
        work();
        now() - began
    };
    (0..TIMES).map(once).min().unwrap_or_default()
}

fn micros(time: Duration, count: usize) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}

fn open(hook: &Hook, options: &Value) -> Records {
    let stream = Stream { name: "cases".to_owned(), fields: Vec::new(), primary_key: Vec::new(), routes: Vec::new() };
    let given = vec![Table { name: "definitions".to_owned(), records: Some(definitions().into_bytes()) }];
    Records::open(hook, options, stream, given).expect("records")
}

/// Of a record: the hook within the engine, in batches.
fn hosted(hook: &Hook, options: &Value, texts: &[&str], batch: usize) -> f64 {
    let mut records = open(hook, options);
    let time = spent(|| {
        for batch in texts.chunks(batch) {
            let changed = records.change(batch).expect("a batch");
            assert_eq!(changed.lines().len(), batch.len());
        }
    });
    micros(time, texts.len())
}

/// Of a record: the same code within this program, given what the engine would hand to it.
fn native(texts: &[&str], batch: usize) -> f64 {
    let stream = tapwright_hook_sdk::Stream { name: "cases".to_owned(), ..Default::default() };
    let given = tapwright_hook_sdk::Given::default().and("definitions", Some(definitions()));
    let mut hook = rehearse::<desk_custom_fields::CustomFields>("{}", &stream, &given).expect("a hook");
    let read = |text: &&str| {
        let record: serde_json::Value = serde_json::from_str(text).expect("a record");
        json!({"custom_fields": record["custom_fields"]}).to_string() + "\n"
    };
    let batches: Vec<String> = texts.chunks(batch).map(|batch| batch.iter().map(read).collect()).collect();
    let time = spent(|| batches.iter().for_each(|batch| assert!(hook.change(batch).refused.is_empty())));
    micros(time, texts.len())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn grant(path: &Path) -> Grant {
    let limits = Limits { time: Duration::from_secs(10), memory: 256 << 20, ..Limits::default() };
    Grant { limits, ..Grant::of("cost", path) }
}

/// Loads a hook as the first run does and as later ones do, and tells how long that takes.
fn loaded(path: &Path, folder: &Path) -> Hook {
    let keeping = || {
        let kept = Kept::within(&folder.join("cache"), &folder.join("state")).expect("a place");
        Host::keeping(kept).expect("a host")
    };
    let load = |host: &Host| host.load(grant(path)).expect("a hook");
    let began = Instant::now();
    load(&keeping());
    let cold = began.elapsed();
    let host = keeping();
    let warm = spent(|| drop(load(&host)));
    eprintln!("load, cold: {cold:.1?} on all processors; load, warm: {warm:.1?} of processor time");
    load(&host)
}

fn main() {
    let scratch = tempfile::tempdir().expect("a folder");
    let records = records();
    let texts: Vec<&str> = records.iter().map(String::as_str).collect();
    let bytes = texts.iter().map(|text| text.len()).sum::<usize>() / texts.len();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    eprintln!("records of {bytes} bytes; µs of processor time a record");
    match arguments.as_slice() {
        [hook, options] => another(Path::new(hook), options, &texts, scratch.path()),
        _ => desk(&texts, scratch.path()),
    }
}

fn another(path: &Path, options: &str, texts: &[&str], folder: &Path) {
    let hook = loaded(path, folder);
    let options = serde_json::from_str(options).expect("options in JSON");
    for batch in BATCHES {
        eprintln!("batches of {batch:4}: {:.1}", hosted(&hook, &options, texts, batch));
    }
}

fn desk(texts: &[&str], folder: &Path) {
    let path = root().join("connectors/desk/custom_fields.wasm");
    let (desk, none) = (loaded(&path, folder), json!({}));
    eprintln!("start for a stream: {:.1?}", spent(|| drop(open(&desk, &none))));
    let echo = folder.join("echo.wasm");
    fs::write(&echo, component::bytes("echo", ECHO)).expect("a file");
    let echo = Host::new().expect("a host").load(grant(&echo)).expect("a hook");
    eprintln!("batch  hook  engine around it  code in it, native  against native");
    for batch in BATCHES {
        let hook = hosted(&desk, &none, texts, batch);
        let (around, code) = (hosted(&echo, &none, texts, batch), native(texts, batch));
        eprintln!("{batch:5}  {hook:4.1}  {around:16.1}  {code:18.1}  {:14.2}", hook / (around + code));
    }
}
