//! Killed anywhere and run again, the program ends with the rows of a run that nobody disturbed.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use desk_simulator::{Edit, ServerOptions};

use crate::compare;
use crate::faults::paged;
use crate::site::{Desk, Ended};

const CHAINS: u64 = 10;
/// In each chain, before the first run is let through and again after an edit.
const KILLS: [u64; 2] = [3, 2];
/// How long a run takes on a site that answers late: first run, run after an edit.
const LASTS: [u64; 2] = [1_800, 600];

/// A small generator of its own, so that a chain is the same in every run of the tests.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

#[test]
fn killed_at_fifty_points_and_run_again_the_tables_are_those_of_an_undisturbed_run() {
    let chains: Vec<_> = (0..CHAINS).map(|seed| thread::spawn(move || chain(seed))).collect();
    let hits: u64 = chains.into_iter().map(|chain| chain.join().expect("a chain that holds")).sum();
    let points = CHAINS * (KILLS[0] + KILLS[1]);
    assert_eq!(points, 50);
    assert!(hits >= points * 4 / 5, "only {hits} of {points} kills met a running program");
}

/// One site: killed, let through, changed, killed, let through. How many kills met a running program.
fn chain(seed: u64) -> u64 {
    let mut dice = Dice(seed);
    let slow = ServerOptions { latency: 60, ..ServerOptions::default() };
    let desk = Desk::with_spec(120, slow, &paged(10));
    let mut hits = 0;
    for (kills, lasts) in KILLS.into_iter().zip(LASTS) {
        for _ in 0..kills {
            hits += u64::from(is_killed(&desk, 20 + dice.below(lasts)));
        }
        desk.sync_well();
        desk.assert_same();
        let edit = Edit {
            cases: 40,
            new_cases: 5,
            customers: 8,
            companies: 3,
            articles: 4,
            deleted_cases: 2,
            deleted_users: 1,
            ..Edit::default()
        };
        let _ = desk.server.edit(&edit);
    }
    desk.sync_well();
    desk.assert_same();
    let undisturbed = desk.syncing("undisturbed.db", &[]).output().expect("the program starts");
    assert!(undisturbed.status.success(), "{}", Ended::of(undisturbed).said());
    let (ours, theirs) = (desk.path("desk.db"), desk.path("undisturbed.db"));
    compare::assert_same(&compare::lasting(&theirs), &compare::lasting(&ours));
    hits
}

fn is_killed(desk: &Desk, after: u64) -> bool {
    let mut command = desk.syncing("desk.db", &[]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    thread::sleep(Duration::from_millis(after));
    let running = child.try_wait().expect("a status").is_none();
    child.kill().expect("a signal");
    child.wait().expect("an end");
    running
}
