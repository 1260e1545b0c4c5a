//! What a hook costs: processor time of a record, against the same code compiled into this program, and of starting.
//!
//! `cargo bench -p tapwright-hook --bench cost`. Records have 1.2 KB and 8 custom fields; the hook in Rust is Desk's, and
//! "native" is the same code called by this program, with all that the engine does around a hook and nothing of
//! WebAssembly. One that gives back what it gets tells what crossing costs. The hooks in JavaScript and Python are the
//! examples, with work of their own; they are measured where they were built (`tapwright hook build connectors/examples/*/`).
//! `-- HOOK OPTIONS` measures another hook, with its options as JSON.

#[path = "../tests/component/mod.rs"]
mod component;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tapwright_hook::{Grant, Hook, Host, Kept, Limits, Records, Stream, Table, change_natively};
use tapwright_hook_sdk::rehearse::rehearse;

/// Records of a measurement, and how often it is made; the quickest counts.
const RECORDS: usize = 2_000;
const TIMES: usize = 15;
const BATCHES: [usize; 3] = [1, 100, 1000];

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
            "has_pending_interactions": false, "has_failed_interactions": false, "active_notes_count": 0,
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

/// Of a record: the same code within this program.
fn native(texts: &[&str], batch: usize) -> f64 {
    let stream = tapwright_hook_sdk::Stream { name: "cases".to_owned(), ..Default::default() };
    let given = tapwright_hook_sdk::Given::default().and("definitions", Some(definitions()));
    let mut hook = rehearse::<desk_custom_fields::CustomFields>("{}", &stream, &given).expect("a hook");
    let reads = hook.effect.reads.clone().expect("members");
    let mut code = |lines: &[u8]| {
        let answer = hook.change(std::str::from_utf8(lines).expect("UTF-8"));
        assert!(answer.refused.is_empty() && answer.origins.is_empty());
        answer.records.into_bytes()
    };
    let time = spent(|| {
        for batch in texts.chunks(batch) {
            let changed = change_natively(batch, &reads, &mut code).expect("a batch");
            assert_eq!(changed.lines().len(), batch.len());
        }
    });
    micros(time, texts.len())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn grant(path: &Path) -> Grant {
    let limits = Limits { time: Duration::from_secs(10), memory: 256 << 20, ..Limits::default() };
    Grant { limits, ..Grant::of("cost", path) }
}

/// Loads a hook as the first run does and as later ones do, begins a stream, and tells how long that takes.
fn loaded(name: &str, path: &Path, options: &Value) -> Hook {
    let folder = tempfile::tempdir().expect("a folder");
    let keeping = || {
        let kept = Kept::within(&folder.path().join("cache"), &folder.path().join("state")).expect("a place");
        Host::keeping(kept).expect("a host")
    };
    let load = |host: &Host| host.load(grant(path)).expect("a hook");
    let began = Instant::now();
    load(&keeping());
    let cold = began.elapsed();
    let host = keeping();
    let warm = spent(|| drop(load(&host)));
    let hook = load(&host);
    let stream = spent(|| drop(open(&hook, options)));
    eprintln!("{name:<12} {:>12} {:>12} {:>12}", format!("{cold:.1?}"), format!("{warm:.1?}"), format!("{stream:.1?}"));
    hook
}

fn main() {
    let records = records();
    let texts: Vec<&str> = records.iter().map(String::as_str).collect();
    let bytes = texts.iter().map(|text| text.len()).sum::<usize>() / texts.len();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let scratch = tempfile::tempdir().expect("a folder");
    let echo = scratch.path().join("echo.wasm");
    fs::write(&echo, component::bytes("echo", ECHO)).expect("a file");
    let hooks = match arguments.as_slice() {
        [hook, options] => vec![("hook", PathBuf::from(hook), serde_json::from_str(options).expect("options in JSON"))],
        _ => vec![
            ("nothing", echo, json!({})),
            ("Rust", root().join("connectors/desk/custom_fields.wasm"), json!({})),
            ("JavaScript", root().join("connectors/examples/plain_text.wasm"), json!({"fields": ["blurb"]})),
            (
                "Python",
                root().join("connectors/examples/opening_hours.wasm"),
                json!({"from": "created_at", "to": "updated_at", "hours": {"monday": "09:00-17:00", "tuesday": "09:00-17:00"}}),
            ),
        ],
    };
    eprintln!("start-up     load, cold   load, warm   a stream     (cold: on all processors; else processor time)");
    let hooks: Vec<(&str, Hook, Value)> = hooks
        .into_iter()
        .filter(|(name, path, _)| {
            path.is_file() || {
                eprintln!("{name:<12} is not built: {}", path.display());
                false
            }
        })
        .map(|(name, path, options)| (name, loaded(name, &path, &options), options))
        .collect();
    table(&texts, bytes, &hooks);
}

/// A row for each hook: what a record costs in batches of each size, and how many times as much as natively.
fn table(texts: &[&str], bytes: usize, hooks: &[(&str, Hook, Value)]) {
    let head: String = BATCHES.iter().map(|batch| format!("{batch:>14}")).collect();
    eprintln!("\nµs a record of {bytes} bytes, in batches of\n            {head}");
    let native = BATCHES.map(|batch| native(texts, batch));
    let row = |name: &str, costs: [f64; 3]| {
        let cells: String = costs
            .iter()
            .zip(native)
            .map(|(cost, native)| format!("{cost:7.2} {:>6}", format!("{:.2}×", cost / native)))
            .collect();
        eprintln!("{name:<12}{cells}");
    };
    row("native", native);
    for (name, hook, options) in hooks {
        row(name, BATCHES.map(|batch| hosted(hook, options, texts, batch)));
    }
}
