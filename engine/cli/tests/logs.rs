//! What is kept of runs: of one that ended, one that was killed, one whose log cannot be written.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;

const SPEC: &str = r#"
tapwright: 1
name: shop
title: Shop
version: 1.0.0
about: {summary: A shop.}
config: {key: {type: string, title: Key, secret: true}}
auth: {bearer: "{{ config.key }}"}
http: {base_url: "http://ADDRESS", records: "$.items[*]"}
streams:
  items:
    description: Things.
    endpoint: GET /items
    params: {key: "{{ config.key }}"}
    pagination: {next_url: $.next}
    primary_key: id
    replication: {method: incremental, key: id, since: {param: since}, order: ascending}
    fields: {id: integer, tags: [string], size: integer}
"#;

const SECRET: &str = "s3cr3t-of-the-shop";

const PAGE: &str = r#"{"items": [{"id": 1, "tags": ["a", "b"], "size": 1}, {"id": 2, "tags": [], "size": "s3cr3t-of-the-shop"},
    {"id": "s3cr3t-of-the-shop"}, {"id": 3, "tags": ["c"]}], "next": NEXT}"#;

/// A shop whose second page never comes, or that has but one; the first request is sent again.
fn serve(listener: &TcpListener, next: &'static str, told: &mpsc::Sender<String>) {
    let mut held = Vec::new();
    for (number, connection) in listener.incoming().flatten().enumerate() {
        let mut reader = BufReader::new(connection);
        let lines: Vec<String> =
            reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        let line = lines.first().cloned().unwrap_or_default();
        let mut connection = reader.into_inner();
        let (status, body) = match number {
            0 => ("503 Busy", "s3cr3t-of-the-shop is busy".to_owned()),
            _ => ("200 OK", PAGE.replace("NEXT", next)),
        };
        if line.contains("/second") {
            held.push(connection);
        } else {
            let length = body.len();
            let _ =
                write!(connection, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        }
        if told.send(line).is_err() {
            return;
        }
    }
}

/// A folder with the spec, and what the server is told.
fn shop(next: &'static str) -> (tempfile::TempDir, mpsc::Receiver<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    std::fs::write(folder.path().join("shop.yaml"), SPEC.replace("ADDRESS", &address)).expect("a spec");
    let (sender, told) = mpsc::channel();
    std::thread::spawn(move || serve(&listener, next, &sender));
    (folder, told)
}

fn program(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapwright"));
    command.args(arguments.split(' ')).current_dir(folder).env("TAPWRIGHT_SHOP_KEY", SECRET);
    command.env("TAPWRIGHT_STATE_DIR", folder.join("state")).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(output: Output) -> String {
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains(SECRET), "{text}");
    text
}

const SYNC: &str = "sync shop.yaml --to sqlite:shop.db";

#[test]
fn a_run_has_a_log_and_a_report_without_secrets() {
    let (folder, _told) = shop("null");
    let run = |arguments: &str| program(folder.path(), arguments).output().expect("the program");
    assert_eq!(run(SYNC).status.code(), Some(3), "records were set aside");
    let log = text(run("logs shop.yaml"));
    for expected in [
        "main - INFO shop 1.0.0 into sqlite:shop.db",
        "tap - WARNING items: HTTP 503: *** is busy; sent again after ",
        "target - INFO items: committed 5 rows",
        "target - INFO items: state update: id = 3",
        "tap - WARNING items: 1 record set aside: field `size`: a value is no 64-bit integer",
        "tap - INFO items: complete: ",
        "main - ERROR the run has ended after ",
    ] {
        assert!(log.contains(expected), "no `{expected}` in\n{log}");
    }
    let report: serde_json::Value =
        serde_json::from_str(&text(run("report shop.yaml --format json"))).expect("a report");
    let of = |table: usize, what: &str| report["tables"][table][what].clone();
    assert_eq!((of(0, "table"), of(0, "rows"), of(0, "bookmark")), ("items".into(), 2.into(), "id: 3".into()));
    assert_eq!((of(1, "table"), of(1, "rows")), ("items__tags".into(), 3.into()));
    assert_eq!(of(0, "rejections").as_array().map(Vec::len), Some(2));
    text(run("report shop.yaml --format html"));
    let files = std::fs::read_dir(folder.path().join("state/runs/shop")).expect("runs").flatten();
    for file in files.flat_map(|run| std::fs::read_dir(run.path()).expect("a run")).flatten() {
        let kept = std::fs::read_to_string(file.path()).expect("a file");
        assert!(!kept.contains(SECRET), "{}: {kept}", file.path().display());
    }
    assert!(run(SYNC).stderr.len() > 1);
    assert!(text(run("logs shop.yaml")).contains("found current bookmark: 3"));
    assert_eq!(text(run("logs shop.yaml --list")).lines().count(), 2);
    let again: serde_json::Value = serde_json::from_str(&text(run("report shop.yaml --format json"))).expect("JSON");
    assert_eq!(again["tables"][0]["rows_in_24_hours"], 4);
}

#[test]
fn a_run_that_was_killed_is_named_so_and_has_its_log_up_to_there() {
    let (folder, told) = shop(r#""/second""#);
    let mut killed = program(folder.path(), SYNC).spawn().expect("a run");
    while !told.recv().expect("a request").contains("/second") {}
    let run = |arguments: &str| program(folder.path(), arguments).output().expect("the program");
    while !text(run("logs shop.yaml")).contains("committed") {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(text(run("logs shop.yaml --list")).trim_end().ends_with("  running"));
    killed.kill().expect("killed");
    assert!(!killed.wait().expect("an end").success());
    let log = text(run("logs shop.yaml"));
    assert!(log.contains("committed 5 rows") && log.trim_end().ends_with("its log ends here"), "{log}");
    let report = text(run("report shop.yaml"));
    assert!(report.contains(" into sqlite:shop.db: killed\n") && report.contains("the run was killed"), "{report}");
    let items = report.lines().find(|line| line.starts_with("items ")).expect("a table");
    assert!(
        items.split_whitespace().eq(["items", "2", "2", "2", items.split_whitespace().nth(4).unwrap_or("")]),
        "{items}"
    );
}

#[test]
fn a_log_that_cannot_be_written_warns_and_fails_no_run() {
    let (folder, _told) = shop("null");
    std::fs::write(folder.path().join("state"), "no folder").expect("a file");
    let output = program(folder.path(), SYNC).output().expect("the program");
    let warned = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(warned.contains("warning: the run's log is not kept: "), "{warned}");
    assert_eq!(output.status.code(), Some(3), "{warned}");
    let mut quiet = program(folder.path(), SYNC);
    let output = quiet.env("TAPWRIGHT_LOG_DAYS", "0").output().expect("the program");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("warning"), "nothing is kept, as was asked for");
}
