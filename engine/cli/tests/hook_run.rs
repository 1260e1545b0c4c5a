//! `tapwright hook run`: a hook alone, with what it is asked from a file. Desk's and those of the cases stand for all; they
//! are built already.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const DEFINITIONS: &str = r#"{"name":"level","label":"Level","type":"ticket","active":true,"data":{"type":"string"}}
{"name":"seats","label":"Seats","type":"ticket","active":true,"data":{"type":"integer"}}
"#;
const CASES: &str = r#"{"id":1,"subject":"a","custom_fields":{"level":"vip","seats":"25"}}

{"id":2,"subject":"b","custom_fields":[]}
{"id":3,"subject":"c","custom_fields":null}
"#;

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    run_of("connectors/desk/custom_fields.wasm", folder, arguments)
}

fn run_of(hook: &str, folder: &TempDir, arguments: &[&str]) -> Output {
    let hook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(hook);
    Command::new(env!("CARGO_BIN_EXE_tapwright"))
        .current_dir(folder.path())
        .env("TAPWRIGHT_CACHE_DIR", folder.path().join("cache"))
        .env("TAPWRIGHT_STATE_DIR", folder.path().join("state"))
        .args(["hook", "run"])
        .arg(hook)
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_hook_runs_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("definitions.jsonl"), DEFINITIONS).expect("a file");
    fs::write(folder.path().join("cases.jsonl"), CASES).expect("a file");
    let arguments =
        ["--stream", "cases", "--given", "definitions=definitions.jsonl", "--input", "cases.jsonl", "--batch", "2"];
    let cold = run(&folder, &arguments);
    let told = text(&cold.stdout);
    assert_eq!(cold.status.code(), Some(3), "a record was refused: {told}{}", text(&cold.stderr));
    for line in [
        "jobs: records",
        "reads: custom_fields",
        r#"{"id":1,"subject":"a","custom_level":"vip","custom_seats":25}"#,
        r#"{"id":3,"subject":"c"}"#,
        "refused: hook `custom_fields`, batch 1, record 2: `custom_fields` is no object, but []",
        "records: 3 in, 2 out, 1 refused",
    ] {
        assert!(told.lines().any(|other| other == line), "{line}\n{told}");
    }
    assert!(
        told.contains("field: custom_seats integer") && told.contains("compiled, and kept for the next run"),
        "{told}"
    );
    assert!(told.contains("µs a record") && told.contains("MiB at most; instances: 1"), "{told}");
    let warm = text(&run(&folder, &arguments).stdout);
    assert!(warm.contains("it was compiled before"), "{warm}");
}

#[test]
fn what_is_wrong_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for (arguments, reason) in [
        (&["--stream", "others"][..], "error: hook `custom_fields`: `others` is none of"),
        (
            &["--options", r#"{"prefx":"x"}"#],
            "error: options: the hook has no option `prefx`; it has keep, prefix, type",
        ),
        (&["--options", "prefix"], "error: --options: expected value"),
        (&["--stream", "cases", "--given", "x"], "error: --given x: write NAME=FILE"),
        (&["--stream", "cases", "--input", "gone.jsonl"], "error: gone.jsonl: No such file"),
        (&["--stream", "cases", "--memory", "1"], "it took more memory than 1 MiB"),
    ] {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
    }
}

/// What a hook prints of these lines, and its exit status.
fn asked(hook: &str, lines: &str, arguments: &[&str]) -> (String, Option<i32>) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("asked.jsonl"), lines).expect("a file");
    let output = run_of(hook, &folder, &[&["--input", "asked.jsonl", "--log"], arguments].concat());
    (text(&output.stdout) + &text(&output.stderr), output.status.code())
}

fn has(told: &str, lines: &[&str]) {
    for line in lines {
        assert!(told.lines().any(|other| other == *line), "{line}\n{told}");
    }
}

#[test]
fn a_hook_signs_alone() {
    let lines = r#"{"url": "http://a.example/x?do=say", "headers": {"Accept": "*/*"}, "now": 1767225600000}
{"method": "POST", "url": "http://a.example/x", "body": {"a": 1}, "nonce": "000102030405060708090a0b0c0d0e0f"}
{"url": "http://a.example/x?do=refuse"}
"#;
    let (told, status) = asked("tests/hooks/stamp.wasm", lines, &["--options", r#"{"key": "k3y"}"#]);
    assert_eq!(status, Some(3), "{told}");
    has(
        &told,
        &[
            "jobs: sign",
            "refused: hook `stamp`: the key k3y is worn out",
            "log: info: the key is k3y",
            "requests: 3 in, 2 out, 1 refused",
        ],
    );
    assert!(told.contains(r#"["X-Stamp-Time","1767225600000"]],"params":[]}"#), "{told}");
    assert!(told.contains("µs a request") && told.contains("MiB at most; instances: 1"), "{told}");
}

#[test]
fn a_hook_chooses_pages_alone() {
    let lines = r#"{"url": "http://a.example/x", "headers": {"X-Next": "2"}, "body": {"items": []}}
{"url": "http://a.example/x?page=2", "body": "{\"then\": {\"stop\": \"it is over\"}}", "page": 2}
{"url": "http://a.example/x?page=2", "body": {"then": {"break": true}}}
"#;
    let (told, status) = asked("tests/hooks/follow.wasm", lines, &["--job", "paginate"]);
    assert_eq!(status, Some(3), "{told}");
    has(
        &told,
        &[
            r#"{"next":{"body":null,"headers":[],"params":[["page","2"]],"url":null}}"#,
            r#"{"stop":"it is over"}"#,
            "refused: hook `follow`: it broke off: it panicked",
            "pages: 3 in, 2 out, 1 refused",
        ],
    );
}

#[test]
fn a_hook_cuts_alone() {
    let lines = r#"{"config": {"regions": ["eu", "us"]}, "state": [{"slice": {"region": "us", "part": 1}, "bookmark": 101}]}
"#;
    let options = ["--options", r#"{"regions": true}"#];
    let names = ["--name", "region", "--name", "part"];
    let (told, status) = asked("tests/hooks/cut.wasm", lines, &[&options[..], &names].concat());
    assert_eq!(status, Some(0), "{told}");
    has(&told, &[r#"{"part":1,"region":"eu"}"#, "streams: 1 in, 1 slice out, 0 refused"]);
    let (told, status) = asked("tests/hooks/cut.wasm", lines, &options);
    assert_eq!((status, told.contains("error: --name NAME is missing")), (Some(1), true), "{told}");
    let (told, status) = asked("tests/hooks/cut.wasm", "{\"streem\": 1}\n", &names);
    assert_eq!((status, told.contains("asked.jsonl: line 1: unknown field `streem`")), (Some(1), true), "{told}");
    let (told, status) = asked("tests/hooks/cut.wasm", lines, &["--job", "sign"]);
    assert_eq!((status, told.contains("it does not export `sign`")), (Some(1), true), "{told}");
}
