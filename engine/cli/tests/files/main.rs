//! Runs into folders of files, into SQLite and into DuckDB that are killed, run out of room, or meet each other: after the next run every row is
//! what the API holds, and none is there twice.
//!
//! `TAPWRIGHT_KILLS=100 cargo test -p tapwright --test files -- --nocapture killed` makes as many kills meet a run, in place
//! of the few that CI has time for, and says what it found.

#[path = "../../../../tests/duckdb/library.rs"]
mod library;
#[path = "../kills/moments.rs"]
mod moments;
#[path = "../../../../tests/folders/reader.rs"]
mod reader;
mod strangers;
mod truth;
#[path = "../postgres/world.rs"]
mod world;

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use moments::Kills;
use world::{SPEC, World};

/// Kills that are to meet a run, unless `TAPWRIGHT_KILLS` says it.
const KILLS: u64 = 5;

/// A folder with the spec, and the place that is loaded into.
struct Site {
    folder: tempfile::TempDir,
    world: World,
    to: String,
}

impl Site {
    fn new(scheme: &str, options: &str) -> Site {
        let folder = tempfile::tempdir().expect("a folder");
        let world = World::start();
        std::fs::write(folder.path().join("shop.yaml"), SPEC.replace("ADDRESS", &world.address)).expect("a spec");
        let to = format!("{scheme}:{}/data{options}", folder.path().display());
        Site { folder, world, to }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapwright"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("TAPWRIGHT_STATE_DIR", self.folder.path().join("state"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn sync(&self, more: &[&str]) -> Command {
        let mut command = self.command(&["sync", "shop.yaml", "--to", &self.to]);
        command.args(more);
        command
    }

    fn runs_well(&self, after: &str) {
        let output = self.sync(&[]).output().expect("a run");
        assert!(output.status.success(), "{after}: {}", told(&output));
        self.compare(after);
    }

    fn compare(&self, after: &str) {
        truth::compare(&self.world, &self.to, after);
    }
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn killed_runs_into_json_lines_lose_no_row_and_double_none() {
    kills("jsonl", "?compress=zstd");
}

#[test]
fn killed_runs_into_parquet_lose_no_row_and_double_none() {
    kills("parquet", "");
}

#[test]
fn killed_runs_into_sqlite_lose_no_row_and_double_none() {
    kills("sqlite", "");
}

#[test]
fn killed_runs_into_duckdb_lose_no_row_and_double_none() {
    if !library::skipped("killed_runs_into_duckdb_lose_no_row_and_double_none") {
        kills("duckdb", "");
    }
}

fn kills(scheme: &str, options: &str) {
    let site = Site::new(scheme, options);
    let is_folder = ["jsonl", "parquet"].contains(&scheme);
    let mut kills = Kills::new(KILLS);
    let some = || match is_folder {
        true => ("compact", site.command(&["compact", &site.to])),
        false => ("sync --stream items", site.sync(&["--stream", "items"])),
    };
    let goes = |command: &mut Command| {
        let output = command.output().expect("a run");
        assert!(output.status.success(), "{}", told(&output));
    };
    kills.spare("sync --full-refresh", || goes(&mut site.sync(&[])));
    site.compare("the first run");
    site.world.turn();
    kills.spare("sync", || goes(&mut site.sync(&[])));
    let (kind, mut command) = some();
    kills.spare(kind, || goes(&mut command));
    while let Some(number) = kills.next() {
        site.world.turn();
        let (kind, mut command) = match number % 3 {
            0 => ("sync", site.sync(&[])),
            // Begins anew, so that the kill meets much to write.
            1 => ("sync --full-refresh", site.sync(&["--full-refresh"])),
            _ => some(),
        };
        kills.strike(kind, command.spawn().expect("a run"), |run| run.kill().expect("killed"));
        site.runs_well(&format!("kill {number}"));
    }
    kills.tell(scheme);
    if is_folder {
        goes(&mut site.command(&["compact", &site.to]));
        site.compare("compacted");
    }
}

/// The kinds of places that there are here.
fn schemes(test: &str) -> impl Iterator<Item = &'static str> {
    ["jsonl", "parquet", "sqlite"].into_iter().chain((!library::skipped(test)).then_some("duckdb"))
}

#[test]
fn a_full_disk_is_named_and_the_next_run_makes_good() {
    // SQLite knows a limit of files for no full disk; its own is in the tests of loads.
    let full = |scheme: &&str| *scheme != "sqlite";
    for scheme in schemes("a_full_disk_is_named_and_the_next_run_makes_good").filter(full) {
        let site = Site::new(scheme, "");
        // Files of at most 100 KiB, and a signal that would end the program is passed over.
        let program = env!("CARGO_BIN_EXE_tapwright");
        let script = format!("trap '' XFSZ; ulimit -f 100; exec {program} sync shop.yaml --to '{}'", site.to);
        let mut command = Command::new("bash");
        command.args(["-c", &script]).current_dir(site.folder.path());
        command.env("TAPWRIGHT_STATE_DIR", site.folder.path().join("state"));
        let output = command.output().expect("a run");
        let said = told(&output);
        assert!(!output.status.success() && said.contains("no space is left for"), "{scheme}: {said}");
        site.runs_well("room");
    }
}

#[test]
fn of_two_runs_into_one_place_one_is_refused() {
    for scheme in schemes("of_two_runs_into_one_place_one_is_refused") {
        let site = Site::new(scheme, "");
        let mut runs: Vec<_> = (0..2).map(|_| site.sync(&[]).spawn().expect("a run")).collect();
        let ended: Vec<Output> = runs.drain(..).map(|run| run.wait_with_output().expect("an end")).collect();
        let well = ended.iter().filter(|output| output.status.success()).count();
        let refusals = ["another tapwright run is loading into", "is locked by another program"];
        let busy = ended.iter().any(|output| refusals.iter().any(|words| told(output).contains(words)));
        assert!(well == 2 || well == 1 && busy, "{}", ended.iter().map(told).collect::<String>());
        site.compare("two runs");
    }
}

#[test]
fn the_lock_of_another_program_is_waited_for_ten_seconds_and_then_named() {
    let site = Site::new("sqlite", "");
    site.runs_well("the first run");
    let other = rusqlite::Connection::open(site.folder.path().join("data")).expect("a database");
    site.world.turn();
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let began = Instant::now();
    let output = site.sync(&[]).output().expect("a run");
    let (said, waited) = (told(&output), began.elapsed());
    assert!(!output.status.success() && said.contains("is locked by another program"), "{said}");
    assert!(waited >= Duration::from_secs(10), "it waited {waited:?}");
    // While another one waits, the lock is given back.
    let run = site.sync(&[]).spawn().expect("a run");
    std::thread::sleep(Duration::from_secs(2));
    other.execute_batch("ROLLBACK").expect("no lock");
    let output = run.wait_with_output().expect("an end");
    assert!(output.status.success(), "{}", told(&output));
    site.compare("the lock");
    // A lock that is taken amid a run, between two commits, holds that one up, too.
    site.world.turn();
    let run = site.sync(&["--full-refresh"]).spawn().expect("a run");
    for _ in 0..5 {
        std::thread::sleep(Duration::from_millis(30));
        if other.execute_batch("BEGIN IMMEDIATE").is_ok() {
            std::thread::sleep(Duration::from_millis(300));
            other.execute_batch("ROLLBACK").expect("no lock");
        }
    }
    let output = run.wait_with_output().expect("an end");
    assert!(output.status.success(), "{}", told(&output));
    site.compare("locks amid the run");
}

#[test]
fn a_spec_with_more_fields_than_a_place_has_columns_is_refused_before_anything_is_read() {
    for scheme in schemes("a_spec_with_more_fields_than_a_place_has_columns_is_refused_before_anything_is_read") {
        let site = Site::new(scheme, "");
        let most = if scheme == "duckdb" { 1_000 } else { 1_900 };
        let fields: String = (0..most).map(|at| format!(", f{at}: string")).collect();
        // Nobody answers there.
        let spec = SPEC.replace("ADDRESS", "127.0.0.1:9").replace("name: string", &format!("name: string{fields}"));
        std::fs::write(site.folder.path().join("shop.yaml"), spec).expect("a spec");
        let plan = site.command(&["plan", "shop.yaml", "--to", &site.to]).output().expect("an end");
        let sync = site.sync(&[]).output().expect("an end");
        for (output, code) in [(plan, 3), (sync, 1)] {
            let said = told(&output);
            for (table, columns) in [("items", most + 3), ("groups", most + 2)] {
                let words = format!("the table `{table}` would have {columns} columns, and it can have {most}, those");
                assert!(output.status.code() == Some(code) && said.contains(&words), "{scheme}: {said}");
            }
            assert!(said.contains("keep what belongs together in one with `as: json`"), "{said}");
            assert!(!said.contains("127.0.0.1:9"), "something was read: {said}");
        }
    }
}
