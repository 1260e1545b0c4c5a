//! What a hook costs: processor time of a record, against the same code compiled into this program, where that time goes,
//! and what starting costs.
//!
//! `cargo bench -p tapwright-hook --bench cost`. Records have 1.2 KB and 8 custom fields. The hooks do the same in three
//! languages, and give the same lines: Desk's, and those of `tests/hooks/custom_fields`, which are measured where they
//! were built (`tapwright hook build tests/hooks/custom_fields/*/`). "Native" is the code of Desk's called by this program,
//! with all that the engine does around a hook and nothing of WebAssembly.
//!
//! `-- HOOK OPTIONS` measures another hook, with its options as JSON, and `-- HOOK OPTIONS BATCH` does nothing else than to
//! hand it batches of that size, for a profiler to watch.

#[path = "../tests/component/mod.rs"]
mod component;
#[path = "cost/made.rs"]
mod made;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tapwright_hook::{Changed, Grant, Hook, Host, Kept, Limits, Records, Stream, Table, change_natively};
use tapwright_hook_sdk::rehearse::{Rehearsal, rehearse};

/// Records of a measurement, and how often it is made; the quickest counts.
const RECORDS: usize = 2_000;
const TIMES: usize = 25;
const BATCHES: [usize; 3] = [1, 100, 1000];

/// Gives back what it gets, and gets the custom fields: what crossing alone costs.
const ECHO: &str = r#"
(data (i32.const 1024) "custom_fields")
(data (i32.const 1040) "\00\04\00\00\0d\00\00\00")
(func $fields (result i32)
  (i32.store (i32.const 260) (i32.const 1))
  (i32.store (i32.const 264) (i32.const 1040))
  (i32.store (i32.const 268) (i32.const 1))
  (i32.const 256))
"#;

type Native = Rehearsal<desk_custom_fields::CustomFields>;

/// Processor time of the quickest run, of each record.
fn spent(count: usize, mut work: impl FnMut()) -> f64 {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("a time");
    let once = |_| {
        let began = now();
        work();
        now() - began
    };
    (0..TIMES).map(once).min().unwrap_or_default().as_secs_f64() * 1e6 / count as f64
}

fn open(hook: &Hook, options: &Value) -> Records {
    let stream = Stream { name: "cases".to_owned(), fields: Vec::new(), primary_key: Vec::new(), routes: Vec::new() };
    let given = vec![Table { name: "definitions".to_owned(), records: Some(made::definitions().into_bytes()) }];
    Records::open(hook, options, stream, given).expect("records")
}

fn lines(changed: &Changed) -> Vec<String> {
    changed.lines().map(|line| line.record.to_owned()).collect()
}

/// Of a record: the hook within the engine, in batches.
fn hosted(hook: &Hook, options: &Value, texts: &[&str], batch: usize) -> f64 {
    let mut records = open(hook, options);
    spent(texts.len(), || {
        for batch in texts.chunks(batch) {
            let changed = records.change(batch).expect("a batch");
            assert_eq!(changed.lines().len(), batch.len());
        }
    })
}

/// Of a record: code of this program within the engine, in batches of which it gets the custom fields.
fn inside(texts: &[&str], batch: usize, mut code: impl FnMut(&[u8]) -> Vec<u8>) -> f64 {
    let reads = ["custom_fields".to_owned()];
    spent(texts.len(), || {
        for batch in texts.chunks(batch) {
            let changed = change_natively(batch, &reads, &mut code).expect("a batch");
            assert_eq!(changed.lines().len(), batch.len());
        }
    })
}

fn native() -> Native {
    let stream = tapwright_hook_sdk::Stream { name: "cases".to_owned(), ..Default::default() };
    let given = tapwright_hook_sdk::Given::default().and("definitions", Some(made::definitions()));
    rehearse("{}", &stream, &given).expect("a hook")
}

fn changed(hook: &mut Native, lines: &[u8]) -> Vec<u8> {
    let answer = hook.changed(std::str::from_utf8(lines).expect("UTF-8"));
    assert!(answer.refused.is_empty() && answer.origins.is_empty());
    answer.records.into_bytes()
}

/// Of a record: the hook's own code, with nothing around it.
fn alone(hook: &mut Native, texts: &[&str], batch: usize) -> f64 {
    let reads = ["custom_fields".to_owned()];
    let mut batches = Vec::new();
    for batch in texts.chunks(batch) {
        let keep = |lines: &[u8]| {
            batches.push(lines.to_vec());
            lines.to_vec()
        };
        change_natively(batch, &reads, keep).expect("a batch");
    }
    spent(texts.len(), || {
        for batch in &batches {
            assert!(!changed(hook, batch).is_empty());
        }
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn grant(path: &Path) -> Grant {
    let limits = Limits { time: Duration::from_secs(10), memory: 256 << 20, ..Limits::default() };
    Grant { limits, ..Grant::of("cost", path) }
}

/// A hook that is measured.
struct Measured {
    name: &'static str,
    hook: Hook,
    options: Value,
}

/// Loads a hook as the first run does and as later ones do, begins a stream, and tells how long that takes.
fn loaded(name: &'static str, path: &Path, options: Value) -> Measured {
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
    let warm = spent(1, || drop(load(&host)));
    let hook = load(&host);
    let stream = spent(1, || drop(open(&hook, &options)));
    eprintln!(
        "{name:<12} {:>12} {:>12} {:>12}",
        format!("{cold:.1?}"),
        format!("{warm:.0}µs"),
        format!("{stream:.0}µs")
    );
    Measured { name, hook, options }
}

fn main() {
    let records = made::records(RECORDS);
    let texts: Vec<&str> = records.iter().map(String::as_str).collect();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let scratch = tempfile::tempdir().expect("a folder");
    let echo = scratch.path().join("echo.wasm");
    fs::write(&echo, component::bytes("echo", ECHO)).expect("a file");
    let of = |folder: &str| root().join(folder).with_extension("wasm");
    let hooks = match arguments.as_slice() {
        [hook, options, ..] => vec![("hook", PathBuf::from(hook), serde_json::from_str(options).expect("JSON"))],
        _ => vec![
            ("Rust", of("connectors/desk/custom_fields"), json!({})),
            ("JavaScript", of("tests/hooks/custom_fields/javascript"), json!({})),
            ("Python", of("tests/hooks/custom_fields/python"), json!({})),
        ],
    };
    eprintln!("start-up     load, cold   load, warm   a stream     (cold: on all processors; else processor time)");
    let crossing = loaded("nothing", &echo, json!({}));
    let hooks: Vec<Measured> = hooks
        .into_iter()
        .filter(|(name, path, _)| {
            path.is_file() || {
                eprintln!("{name:<12} is not built: {}", path.display());
                false
            }
        })
        .map(|(name, path, options)| loaded(name, &path, options))
        .collect();
    if let [_, _, batch] = arguments.as_slice() {
        let batch = batch.parse().expect("a number");
        let costs = hooks.iter().map(|one| hosted(&one.hook, &one.options, &texts, batch));
        return eprintln!("{:.2?} µs", costs.collect::<Vec<_>>());
    }
    tables(&texts, &crossing, &hooks);
}

/// A row for each hook: what a record costs in batches of each size, and how many times as much as natively. Then where
/// it goes, of the first of them.
fn tables(texts: &[&str], crossing: &Measured, hooks: &[Measured]) {
    let mut code = native();
    let expected = change_natively(texts, &["custom_fields".to_owned()], |lines| changed(&mut code, lines));
    let expected = lines(&expected.expect("a batch"));
    let bytes = texts.iter().map(|text| text.len()).sum::<usize>() / texts.len();
    let head = |title: &str| {
        let head: String = BATCHES.iter().map(|batch| format!("{batch:>16}")).collect();
        eprintln!("\n{title:<42}{head}");
    };
    head(&format!("µs a record of {bytes} bytes, in batches of"));
    let native = BATCHES.map(|batch| inside(texts, batch, |lines| changed(&mut code, lines)));
    let row = |name: &str, costs: [f64; 3]| {
        let cell = |(cost, native): (&f64, f64)| format!("{cost:9.2} {:>6}", format!("{:.2}×", cost / native));
        eprintln!("{name:<42}{}", costs.iter().zip(native).map(cell).collect::<String>());
    };
    row("native", native);
    let mut first = None;
    for Measured { name, hook, options } in hooks {
        let given = open(hook, options).change(texts).expect("a batch");
        if lines(&given) != expected {
            eprintln!("{name} gives other lines than native code");
        }
        let costs = BATCHES.map(|batch| hosted(hook, options, texts, batch));
        row(name, costs);
        first.get_or_insert(costs);
    }
    let Some(total) = first else { return };
    head("of these, in the first hook");
    let own = BATCHES.map(|batch| alone(&mut code, texts, batch));
    let cross = BATCHES
        .map(|batch| hosted(&crossing.hook, &crossing.options, texts, batch) - inside(texts, batch, <[u8]>::to_vec));
    let by = |cost: &dyn Fn(usize) -> f64| [cost(0), cost(1), cost(2)];
    row("members taken out, answer checked, joined", by(&|at| native[at] - own[at]));
    row("the hook's own code, were it native", own);
    row("the same as WebAssembly: so much more", by(&|at| total[at] - native[at] - cross[at]));
    row("over to the component and back", cross);
}
