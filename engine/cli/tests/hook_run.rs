//! `tapwright hook run`: a hook alone, with records from a file. Desk's stands for all; it is built already.

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
    let hook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/desk/custom_fields.wasm");
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
        (&["--options", r#"{"prefx":"x"}"#], "error: options: the hook has no option `prefx`; it has prefix, type"),
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
