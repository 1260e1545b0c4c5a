//! `tapwright hook new`: what it writes is tested, built and run as it is, in every language for every job. Rust is built where
//! there is one that builds for WebAssembly; the others, whose tools come from npm and PyPI, with `TAPWRIGHT_REQUIRE_ALL=1`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a hook of a job is asked, and a line that it gives, the same in every language.
struct Case {
    job: &'static str,
    input: &'static str,
    arguments: &'static [&'static str],
    line: &'static str,
}

const CASES: [Case; 4] = [
    Case {
        job: "records",
        input: r#"{"email": "ann@Example.com"}"#,
        arguments: &[],
        line: r#"{"email":"ann@Example.com","email_domain":"example.com"}"#,
    },
    Case {
        job: "sign",
        input: r#"{"url": "https://a.example/x", "now": 1767225600000}"#,
        arguments: &["--options", r#"{"key": "k3y"}"#],
        line: r#"{"headers":[["X-Key","k3y"],["X-Time","1767225600"],["X-Request-Id","00000000000000000000000000000000"]],"params":[]}"#,
    },
    Case {
        job: "paginate",
        input: r#"{"url": "https://a.example/x", "body": {"page": {"current": 2, "last": 2}}}
{"url": "https://a.example/x", "body": {"page": {"current": 1, "last": 2}}}"#,
        arguments: &[],
        line: r#"{"stop":"page 2 is the last"}"#,
    },
    Case { job: "slices", input: "{}", arguments: &["--name", "shard", "--name", "of"], line: r#"{"of":4,"shard":0}"# },
];

/// A language, how its tests are run, and where its tools are kept in the folder of a hook.
struct Language {
    name: &'static str,
    test: &'static [&'static str],
    tools: &'static str,
}

/// One place for all of a language, so that what they have in common is compiled once, and kept.
fn place(language: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("hook-new").join(language)
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn is_required() -> bool {
    std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_some()
}

impl Language {
    fn run(&self, command: &[&str]) -> Output {
        let place = place(self.name);
        let own = command[0] == "tapwright";
        let program = if own { env!("CARGO_BIN_EXE_tapwright") } else { command[0] };
        let folder = if own { place.clone() } else { place.join("tidy") };
        let mut program = Command::new(program);
        program.current_dir(folder).env("CARGO_TARGET_DIR", place.join("target")).args(&command[1..]);
        program.output().unwrap_or_else(|why| panic!("{}: {why}", command[0]))
    }

    /// Writes the hook, with the tools that an earlier one has had installed, and runs its test.
    fn written(&self, job: &str) {
        let (tidy, kept) = (place(self.name).join("tidy"), place(self.name).join("kept"));
        fs::create_dir_all(place(self.name)).expect("a folder");
        let _ = fs::rename(tidy.join(self.tools), &kept);
        let _ = fs::remove_dir_all(&tidy);
        let written = self.run(&["tapwright", "hook", "new", "tidy", "--language", self.name, "--job", job]);
        assert!(written.status.success(), "{} {job}: {}", self.name, told(&written));
        let _ = fs::rename(&kept, tidy.join(self.tools));
        let tested = self.run(self.test);
        assert!(tested.status.success(), "{} {job}: {}", self.name, told(&tested));
    }

    /// Builds it and asks it; gives what the building tells where there is nothing to build with.
    fn built(&self, Case { job, input, arguments, line }: &Case) -> Result<(), String> {
        let built = self.run(&["tapwright", "hook", "build", "tidy"]);
        if told(&built).contains("cannot build for WebAssembly") {
            return Err(told(&built));
        }
        assert!(built.status.success(), "{} {job}: {}", self.name, told(&built));
        fs::write(place(self.name).join("input.jsonl"), format!("{input}\n")).expect("a file");
        let run =
            ["tapwright", "hook", "run", "tidy.wasm", "--input", "input.jsonl", "--time", "60000", "--memory", "256"];
        // The crate for Rust has the log, the others only where it is asked for.
        let log: &[&str] = if self.name == "rust" { &["--log"] } else { &[] };
        let ran = self.run(&[&run, log, arguments].concat());
        assert!(ran.status.success(), "{} {job}: {}", self.name, told(&ran));
        assert!(told(&ran).lines().any(|other| other == *line), "{} {job}: {line}\n{}", self.name, told(&ran));
        assert!(told(&ran).contains(&format!("jobs: {job}\n")), "{}", told(&ran));
        Ok(())
    }
}

#[test]
fn a_new_hook_in_rust_is_built_and_runs_as_it_is() {
    let rust = Language { name: "rust", test: &["cargo", "test", "-q"], tools: "target" };
    for case in CASES {
        rust.written(case.job);
        if let Err(why) = rust.built(&case) {
            assert!(!is_required(), "{why}");
            eprintln!("skipped: hooks of `tapwright hook new`: this Rust cannot build for WebAssembly");
            return;
        }
    }
}

#[test]
fn a_new_hook_in_javascript_is_built_and_runs_as_it_is() {
    interpreted(&Language { name: "javascript", test: &["node", "--test"], tools: "node_modules" });
}

#[test]
fn a_new_hook_in_python_is_built_and_runs_as_it_is() {
    interpreted(&Language { name: "python", test: &["python3", "-m", "unittest", "-q"], tools: ".venv" });
}

fn interpreted(language: &Language) {
    let (name, interpreter) = (language.name, language.test[0]);
    if Command::new(interpreter).arg("--version").output().is_err() {
        assert!(!is_required(), "`{interpreter}` is needed");
        return eprintln!("skipped: hooks of `tapwright hook new --language {name}`: there is no `{interpreter}`");
    }
    for case in CASES {
        language.written(case.job);
        match is_required() {
            true => language.built(&case).expect("tools of the language"),
            false => eprintln!("skipped: building `tapwright hook new --language {name} --job {}`", case.job),
        }
    }
}
