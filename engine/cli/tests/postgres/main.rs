//! Runs into PostgreSQL that are killed, with the program or with the server: after the next run every row is what the
//! API holds, and none is there twice.
//!
//! `TAPWRIGHT_KILLS=100 cargo test -p tapwright --test postgres -- --nocapture` makes as many kills meet a run, in place of
//! the few that CI has time for, and says what it found.

mod merged;
#[path = "../kills/moments.rs"]
mod moments;
#[path = "../../../../tests/postgres/server.rs"]
mod server;
mod truth;
mod world;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use moments::Kills;
use server::{PASSWORD, Server, skipped};
use world::{SPEC, World};

/// Kills that are to meet a run, unless `TAPWRIGHT_KILLS` says it.
const KILLS: u64 = 6;

/// A run of the program, with the password where libpq's users have it.
fn sync(folder: &Path, server: &Server) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapwright"));
    command.args(["sync", "shop.yaml", "--report", "json"]).current_dir(folder);
    command.env("TAPWRIGHT_TO", server.address()).env("PGPASSWORD", PASSWORD);
    command.env("TAPWRIGHT_STATE_DIR", folder.join("state")).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn checked(output: &Output) -> String {
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!told.contains(PASSWORD), "the password is told: {told}");
    told
}

#[test]
fn a_killed_run_loses_no_row_and_doubles_none() {
    if !skipped("a_killed_run_loses_no_row_and_doubles_none") {
        // Every other one begins anew, so that the kill meets much to write.
        killed(SPEC, KILLS, World::truth, |number| (number / 2 % 2 == 1).then_some("--full-refresh"));
    }
}

#[test]
fn a_killed_run_merges_each_record_onto_its_row() {
    if !skipped("a_killed_run_merges_each_record_onto_its_row") {
        let spec = SPEC.replace("auth: none", "load_mode: segment\nauth: none");
        // A run that began anew would forget what records told before.
        killed(&spec, KILLS / 2, merged::truth, |_| None);
    }
}

/// What the tables must hold, by query.
type Truth = fn(&World) -> Vec<(&'static str, String)>;

/// Kills runs with an argument by their number, or the server, and compares after the next run.
fn killed(spec: &str, kills: u64, truth: Truth, argument: fn(u64) -> Option<&'static str>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start("-c fsync=off");
    let world = World::start();
    std::fs::write(folder.path().join("shop.yaml"), spec.replace("ADDRESS", &world.address)).expect("a spec");
    let mut kills = Kills::new(kills);
    let runs_well = |server: &Server, after: &str| {
        let output = sync(folder.path(), server).output().expect("a run");
        let told = checked(&output);
        assert!(output.status.success(), "{after}: {told}");
    };
    kills.spare("sync --full-refresh", || runs_well(&server, "the first run"));
    truth::compare(truth(&world), &server, "the first run");
    world.turn();
    kills.spare("sync", || runs_well(&server, "the second run"));
    let mut of_server = 0;
    while let Some(number) = kills.next() {
        world.turn();
        let anew = argument(number);
        let kind = if anew.is_some() { "sync --full-refresh" } else { "sync" };
        let run = sync(folder.path(), &server).args(anew).spawn().expect("a run");
        if number % 2 == 0 {
            let (output, _) = kills.strike(kind, run, |run| run.kill().expect("killed"));
            checked(&output);
        } else {
            let (output, is_met) = kills.strike(kind, run, |_| server.kill());
            of_server += u64::from(is_met);
            let told = checked(&output);
            let named = ["was lost", "cannot reach"].iter().any(|words| told.contains(words));
            assert!(output.status.success() || named, "{told}");
            server.restart();
        }
        runs_well(&server, &format!("kill {number}"));
        truth::compare(truth(&world), &server, &format!("kill {number}"));
    }
    kills.tell(&format!("PostgreSQL, {of_server} of them kills of the server"));
}
