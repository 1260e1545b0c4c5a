//! The program as somebody at a terminal sees it: each file of `tests/transcripts/` is a session.
//!
//! A line that begins with `$ ` is a command; below it stands what the program says on standard output,
//! then, each line behind `! `, on standard error, and at last its exit code. `| head N` shows the first
//! lines. A session that begins with `# on a Desk site` has one, and its configuration in the environment.
//! What changes from run to run is replaced: PORT, TIME, SIZE, N. The commands run in a copy of `files/`.
//!
//! `UPDATE_TRANSCRIPTS=1` writes the files anew; read their diff.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use desk_simulator::{Credentials, Server, ServerOptions, Site, SiteOptions};
use regex::Regex;
use tempfile::TempDir;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/transcripts")
}

#[test]
fn every_session_goes_as_written() {
    let entries = std::fs::read_dir(folder()).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut sessions: Vec<_> = entries.filter(|path| path.extension().is_some_and(|ext| ext == "txt")).collect();
    sessions.sort();
    assert!(sessions.len() >= 6, "sessions are missing");
    let mut wrong = Vec::new();
    for path in sessions {
        let written = std::fs::read_to_string(&path).expect("a session");
        let told = play(&written);
        if std::env::var("UPDATE_TRANSCRIPTS").is_ok_and(|set| set == "1") {
            std::fs::write(&path, &told).expect("a file is written");
        } else if told != written {
            let name = path.file_name().expect("a name").to_string_lossy();
            wrong.push(format!("{name} is written as\n{written}\nand goes as\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Plays a session; gives it as it went.
fn play(written: &str) -> String {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let server = written.starts_with("# on a Desk site").then(|| {
        let site = Site::generate(&SiteOptions { cases: 12, ..SiteOptions::default() });
        runtime.block_on(Server::start(site, ServerOptions::default())).expect("a server")
    });
    let place = copied();
    let mut told = String::new();
    for line in written.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            let (command, head) = match command.split_once(" | head ") {
                Some((command, count)) => (command, count.trim().parse().expect("a count")),
                None => (command, usize::MAX),
            };
            let output = run(command, &place, server.as_ref());
            told.push_str(&format!("{line}\n{}", shown(&output, head)));
        } else if line.starts_with('#') && !told.contains("\n$ ") {
            told.push_str(&format!("{line}\n"));
        }
    }
    told
}

/// A folder `specs` with a copy of `files/` and the Desk spec, which stands there `alone/` as well: without the component
/// that it names.
fn copied() -> TempDir {
    let place = tempfile::tempdir().expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copy = |file: &str, to: &str| {
        let to = place.path().join(to);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        std::fs::copy(root.join(file), to).expect("a copy");
    };
    for copied in ["specs/desk.yaml", "connectors/desk/custom_fields.wasm"] {
        copy(copied, copied);
    }
    copy("specs/desk.yaml", "specs/alone/desk.yaml");
    for entry in std::fs::read_dir(folder().join("files")).expect("files") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, place.path().join("specs").join(path.file_name().expect("a name"))).expect("a copy");
    }
    place
}

fn run(command: &str, place: &TempDir, site: Option<&Server>) -> Output {
    let mut words = command.split(' ');
    assert_eq!(words.next(), Some("tapwright"), "{command}");
    let mut program = Command::new(env!("CARGO_BIN_EXE_tapwright"));
    program.args(words).current_dir(place.path().join("specs")).stdin(Stdio::null());
    program.env_remove("NO_COLOR").env_remove("COLUMNS").env("TAPWRIGHT_STATE_DIR", place.path().join("state"));
    // Compiled code is sealed with a key that stands with the state.
    program.env("TAPWRIGHT_CACHE_DIR", place.path().join("cache"));
    if let Some(site) = site {
        let keys = Credentials::default();
        program
            .env("TAPWRIGHT_DESK_SITE_URL", site.base_url())
            .env("TAPWRIGHT_DESK_KEY", keys.key)
            .env("TAPWRIGHT_DESK_SECRET", keys.secret)
            .env("TAPWRIGHT_DESK_TOKEN", keys.token)
            .env("TAPWRIGHT_DESK_TOKEN_SECRET", keys.token_secret);
    }
    program.output().expect("the program starts")
}

fn shown(output: &Output, head: usize) -> String {
    let mut text = String::new();
    for (sign, bytes) in [("", &output.stdout), ("! ", &output.stderr)] {
        let said = String::from_utf8(bytes.clone()).expect("UTF-8");
        assert!(!said.contains('\u{1b}'), "an escape code in a pipe: {said}");
        let mut lines: Vec<String> = said.lines().map(settled).collect();
        if sign == "! " && said.contains(": begins") {
            // Streams are read side by side.
            lines.sort();
        }
        for line in lines.iter().take(head) {
            text.push_str(format!("{sign}{line}").trim_end());
            text.push('\n');
        }
    }
    let code = output.status.code().map_or_else(|| "a signal".to_owned(), |code| code.to_string());
    format!("{text}[exit {code}]\n")
}

/// A line without what changes from run to run.
fn settled(line: &str) -> String {
    let changes = [
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (r"/\S+/state/runs", "STATE/runs"),
        (r"sqlite:/\S+/specs/", "sqlite:PLACE/"),
        (r"\b\d+(\.\d)? (B|KiB)\b", "SIZE"),
        (r"\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{4}", "RUN"),
        (r" +\d+\.\d  (complete|bounded|failed)$", "       N  $1"),
        (r"\b\d+\.\d s$", "N s"),
    ];
    changes.iter().fold(line.to_owned(), |line, (pattern, by)| {
        Regex::new(pattern).expect("a pattern").replace_all(&line, *by).into_owned()
    })
}
