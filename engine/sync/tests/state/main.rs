//! State, whatever happens: runs that are killed between any two transactions, refused requests, and a shop that
//! changes between runs and while they read. What is committed never says more than what is there, and a run that
//! nothing disturbs brings everything.

mod folded;
mod judge;
mod runs;
mod shops;
mod world;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::{ProptestConfig, Strategy, proptest};

use judge::{judge, whole};
use runs::{rows, run, state};
use shops::{SHOPS, Shop};
use world::{Api, Edit, Truth, Weather};

const BEGINNING: &str = "2026-01-31T00:00:00Z";
const DAY: i64 = 24 * 60 * 60;

/// What happens before a run and in it.
#[derive(Debug, Clone)]
struct Day {
    /// Changes since the run before, or since a month ago.
    before: Vec<Edit>,
    refused: BTreeSet<usize>,
    meanwhile: Vec<(usize, Edit)>,
    /// Writes and commits after which the program is killed.
    killed: Option<usize>,
}

fn edit(after: std::ops::Range<i64>) -> impl Strategy<Value = Edit> {
    (1..5_i64, 1..6_i64, after).prop_map(|(order, line, after)| Edit { order, line, after })
}

fn day() -> impl Strategy<Value = Day> {
    let parts = (
        // Some at the same moments, which bookmarks fall on.
        vec(edit(-12..1), 0..12),
        btree_set(0..25_usize, 0..3),
        vec((0..12_usize, edit(0..60)), 0..16),
        option::of(0..20_usize),
    );
    parts.prop_map(|(before, refused, meanwhile, killed)| Day { before, refused, meanwhile, killed })
}

/// Plays the days, then one that nothing disturbs.
fn play(shop: &Shop, days: &[Day]) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("shop.db");
    let spec = shop.spec();
    let mut now: Timestamp = BEGINNING.parse().expect("a moment");
    let mut truth = Truth::default();
    for edit in days.iter().flat_map(|day| &day.before).take(9) {
        truth.edit(Edit { after: edit.after * DAY, ..*edit }, now);
    }
    let calm = Day { before: Vec::new(), refused: BTreeSet::new(), meanwhile: Vec::new(), killed: None };
    let mut known = state(&database);
    for day in days.iter().chain([&calm]) {
        // Changes in the hours before the run, none before the one before.
        day.before.iter().for_each(|edit| truth.edit(Edit { after: edit.after * 3_600, ..*edit }, now));
        let meanwhile = if shop.may_change_meanwhile { day.meanwhile.clone() } else { Vec::new() };
        let weather = Weather { refused: day.refused.clone(), edits: meanwhile };
        let api = Arc::new(Api::new(truth, weather, now));
        let report = run(&spec, &database, &api, now, day.killed);
        truth = api.truth();
        let (state, rows) = (state(&database), rows(&database));
        judge(shop, (&known, &state), &truth, &rows);
        if day.killed.is_none() && day.refused.is_empty() {
            assert!(report.is_complete(), "{}: {report:?}", shop.name);
        }
        (known, now) = (state, now + SignedDuration::from_hours(24));
    }
    whole(&truth, &rows(&database));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_no_bookmark_passes_what_is_not_read(days in vec(day(), 1..4)) {
        for shop in &SHOPS {
            play(shop, &days);
        }
    }
}
