//! Memory follows the pages in flight, never the size of the data: a run over many records needs no more
//! than a run over few. `tests/memory/README.md` says how to run it with a million.

mod api;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The most that a run may ever hold, in KiB.
const MOST: u64 = 100 << 10;

const SPEC: &str = "
tapwright: 1
name: events
title: Events
version: 1.0.0
about: {summary: Very many records.}
auth: none
config: {site_url: {type: url, title: Site}}
http:
  base_url: '{{ config.site_url }}'
  records: $.items[*]
  pagination: {next_url: $.next}
streams:
  full:
    description: A full table.
    endpoint: GET /full
    primary_key: id
    fields: {id: integer, at: timestamp, name: string, text: string, tags: [string]}
  changes:
    description: An incremental stream.
    endpoint: GET /changes
    primary_key: id
    replication: {method: incremental, key: at, since: {param: since}, order: ascending}
    fields: {id: integer, at: timestamp, name: string, text: string, tags: [string]}
";

#[test]
fn a_run_over_many_records_holds_no_more_than_one_over_few() {
    let records: u64 = std::env::var("MEMORY_RECORDS").ok().and_then(|text| text.parse().ok()).unwrap_or(40_000);
    let api = api::Api::start(records);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("spec.yaml"), SPEC).expect("a spec");
    for run in ["first", "second"] {
        let begun = Instant::now();
        let peaks = watched(sync(folder.path(), &api.url), &api);
        let took = begun.elapsed().as_secs_f64();
        eprintln!(
            "{run} run, twice {records} records: {took:.1} s, {} KiB at a fifth, {} KiB at the end",
            peaks.early, peaks.last
        );
        assert!(api.served() >= 2 * records / 100, "only {} pages were asked for", api.served());
        assert!(peaks.last < MOST, "{} KiB", peaks.last);
        assert!(peaks.last < peaks.early + (12 << 10), "memory grows: {peaks:?}");
        let database = rusqlite::Connection::open(folder.path().join("memory.db")).expect("a database");
        for table in ["full", "changes"] {
            let sql = format!("SELECT count(*) FROM {table}");
            let rows: i64 = database.query_row(&sql, [], |row| row.get(0)).expect("a count");
            assert_eq!(rows.cast_unsigned(), records, "{table}");
        }
    }
}

const PARENTS: &str = "
tapwright: 1
name: parents
title: Parents
version: 1.0.0
about: {summary: Very many parents.}
auth: none
config: {site_url: {type: url, title: Site}}
http:
  base_url: '{{ config.site_url }}'
  records: $.items[*]
  pagination: {next_url: $.next}
streams:
  parents:
    description: Parents.
    endpoint: GET /parents
    primary_key: id
    fields: {id: integer, name: string}
  children:
    description: What belongs to a hundred parents at a time, with a bookmark for each.
    for_each: {stream: parents, batch: 100}
    endpoint: GET /children
    params: {ids: \"{{ parents.id | join(',') }}\"}
    primary_key: id
    replication: {method: incremental, key: at, since: {param: since}}
    fields: {id: integer, at: timestamp, text: string}
";

#[test]
fn a_run_over_many_parents_holds_no_more_than_one_over_few() {
    let many: u64 = std::env::var("MEMORY_PARENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(40_000);
    let [few, many] = [many / 8, many].map(|parents| {
        let api = api::Api::start(parents);
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("spec.yaml"), PARENTS).expect("a spec");
        let begun = Instant::now();
        let peak = watched(sync(folder.path(), &api.url), &api).last;
        eprintln!("{parents} parents with their children: {:.1} s, {peak} KiB", begun.elapsed().as_secs_f64());
        let database = rusqlite::Connection::open(folder.path().join("memory.db")).expect("a database");
        for table in ["parents", "children"] {
            let sql = format!("SELECT count(*) FROM {table}");
            let rows: i64 = database.query_row(&sql, [], |row| row.get(0)).expect("a count");
            assert_eq!(rows.cast_unsigned(), parents, "{table}");
        }
        peak
    });
    assert!(many < MOST, "{many} KiB");
    assert!(many < few + (12 << 10), "memory grows from {few} to {many} KiB");
}

/// Peaks of the resident set, in KiB.
#[derive(Debug, Default)]
struct Peaks {
    /// When a fifth of the pages was out.
    early: u64,
    last: u64,
}

fn sync(folder: &Path, url: &str) -> Child {
    // A release build can be named, to measure what people run.
    let program = std::env::var("MEMORY_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_tapwright").to_owned());
    Command::new(program)
        .env("TAPWRIGHT_LOG_DAYS", "0")
        .args(["sync", "spec.yaml", "--to", "sqlite:memory.db", "--set", &format!("site_url={url}")])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

fn watched(mut child: Child, api: &api::Api) -> Peaks {
    let mut peaks = Peaks::default();
    let pages = api.begin();
    loop {
        if let Some(status) = child.try_wait().expect("a status") {
            assert!(status.success(), "{status}");
            return peaks;
        }
        if let Some(peak) = peak_of(child.id()) {
            peaks.last = peak;
            if api.served() * 5 <= pages {
                peaks.early = peak;
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// `VmHWM`: the greatest resident set so far.
fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
