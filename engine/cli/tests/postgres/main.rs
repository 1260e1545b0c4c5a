//! Runs into PostgreSQL that are killed, with the program or with the server: after the next run every row is what the
//! API holds, and none is there twice.
//!
//! `TAPWRIGHT_KILLS=100 cargo test -p tapwright --test postgres -- --nocapture` tries more than the few that CI has
//! time for, and says what it found.

#[path = "../../../../tests/postgres/server.rs"]
mod server;
mod world;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use server::{PASSWORD, Server, skipped};
use world::{SPEC, World};

/// Kills unless `TAPWRIGHT_KILLS` says how many.
const KILLS: u64 = 8;

/// Numbers that look random and are the same each time.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

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

fn compare(world: &World, server: &Server, after: &str) {
    for (query, expected) in world.truth() {
        let found = server.psql(query).expect("rows");
        if found != expected {
            let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
            panic!("{after}: {query}: {} rows for {}, {differs:?}", found.lines().count(), expected.lines().count());
        }
    }
}

#[test]
fn a_killed_run_loses_no_row_and_doubles_none() {
    if skipped("a_killed_run_loses_no_row_and_doubles_none") {
        return;
    }
    let kills = std::env::var("TAPWRIGHT_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start("-c fsync=off");
    let world = World::start();
    std::fs::write(folder.path().join("shop.yaml"), SPEC.replace("ADDRESS", &world.address)).expect("a spec");
    let began = Instant::now();
    let first = sync(folder.path(), &server).output().expect("a run");
    let told = checked(&first);
    assert!(first.status.success(), "{told}");
    // How long a run takes that loads what is new, and one that loads all.
    let (mut usual, whole) = (began.elapsed(), began.elapsed());
    compare(&world, &server, "the first run");

    let mut seeded = Seeded(0x5eed_0001);
    let (mut amid, mut of_server) = (0, 0);
    // On a machine whose speed changes all of a few kills may come too late.
    for kill in 0..20 * kills {
        if kill >= kills && amid > 0 {
            break;
        }
        world.turn();
        // Every fourth begins anew, so that the kill meets much to write.
        let anew: &[&str] = if kill % 4 == 3 { &["--full-refresh"] } else { &[] };
        let mut run = sync(folder.path(), &server).args(anew).spawn().expect("a run");
        let within = if anew.is_empty() { usual } else { whole };
        std::thread::sleep(Duration::from_micros(seeded.next(within.as_micros() as u64)));
        if kill % 2 == 0 {
            run.kill().expect("killed");
        } else {
            server.kill();
        }
        let ended = run.wait_with_output().expect("an end");
        let told = checked(&ended);
        amid += u64::from(!ended.status.success());
        if kill % 2 == 1 {
            of_server += u64::from(!ended.status.success());
            let named = ["was lost", "cannot reach"].iter().any(|words| told.contains(words));
            assert!(ended.status.success() || named, "{told}");
            server.restart();
        }
        let began = Instant::now();
        let again = sync(folder.path(), &server).output().expect("a run");
        usual = began.elapsed();
        let told = checked(&again);
        assert!(again.status.success(), "kill {kill}: {told}");
        compare(&world, &server, &format!("kill {kill}"));
    }
    assert!(amid > 0, "no run was met");
    eprintln!("{kills} kills, {amid} of them amid a run, {of_server} of those of the server: every row is right");
}
