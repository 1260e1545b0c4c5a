//! `tapwright hook new` in Rust: what it writes is built and runs as it is, for every job, where there is a Rust that
//! builds for WebAssembly.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// One place for all, so that what they have in common is compiled once, and kept.
fn place() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("hook-new")
}

fn tapwright(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tapwright"));
    program.current_dir(place()).env("CARGO_TARGET_DIR", place().join("target"));
    program.args(arguments).output().expect("the program runs")
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_new_hook_is_built_and_runs_as_it_is() {
    for (job, input, arguments, line) in [
        (
            "records",
            r#"{"email": "ann@Example.com"}"#,
            &[][..],
            r#"{"email":"ann@Example.com","email_domain":"example.com"}"#,
        ),
        (
            "sign",
            r#"{"url": "https://a.example/x", "now": 1767225600000}"#,
            &["--options", r#"{"key": "k3y"}"#],
            r#"{"headers":[["X-Key","k3y"],["X-Time","1767225600"],["X-Request-Id","00000000000000000000000000000000"]],"params":[]}"#,
        ),
        (
            "paginate",
            r#"{"url": "https://a.example/x", "body": {"page": {"current": 2, "last": 2}}}"#,
            &[],
            r#"{"stop":"page 2 is the last"}"#,
        ),
        ("slices", "{}", &["--name", "shard", "--name", "of"], r#"{"of":4,"shard":0}"#),
    ] {
        let _ = fs::remove_dir_all(place().join("tidy"));
        fs::create_dir_all(place()).expect("a folder");
        let written = tapwright(&["hook", "new", "tidy", "--job", job]);
        assert!(written.status.success(), "{job}: {}", told(&written));
        let mut cargo = Command::new("cargo");
        cargo.current_dir(place().join("tidy")).env("CARGO_TARGET_DIR", place().join("target")).args(["test", "-q"]);
        let tested = cargo.output().expect("cargo, which runs this test");
        assert!(tested.status.success(), "{job}: {}", told(&tested));
        let built = tapwright(&["hook", "build", "tidy"]);
        if told(&built).contains("cannot build for WebAssembly") {
            let required = std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_some();
            assert!(!required, "{}", told(&built));
            eprintln!("skipped: hooks of `tapwright hook new`: this Rust cannot build for WebAssembly");
            return;
        }
        assert!(built.status.success(), "{job}: {}", told(&built));
        fs::write(place().join("input.jsonl"), format!("{input}\n")).expect("a file");
        let ran = tapwright(&[&["hook", "run", "tidy.wasm", "--input", "input.jsonl", "--log"], arguments].concat());
        assert!(ran.status.success(), "{job}: {}", told(&ran));
        assert!(told(&ran).lines().any(|other| other == line), "{job}: {line}\n{}", told(&ran));
        assert!(told(&ran).contains(&format!("jobs: {job}\n")), "{}", told(&ran));
    }
}
