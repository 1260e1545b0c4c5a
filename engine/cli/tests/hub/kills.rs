//! Extractions and loads that are killed, at points that look random and are the same each time.

use std::process::Child;

use crate::moments::Kills;
use crate::site::{Site, told};

/// Kills that are to meet an extraction, unless `TAPWRIGHT_KILLS` says it.
const EXTRACTIONS: u64 = 6;
/// Kills that are to meet a load into each destination.
const LOADS: u64 = 3;

fn kill(run: &mut Child) {
    run.kill().expect("killed");
}

#[test]
fn killed_extractions_lose_no_row_and_double_none() {
    let site = Site::new();
    let to = site.to("sqlite");
    let mut kills = Kills::new(EXTRACTIONS);
    kills.spare("extract --full-refresh", || site.extracts_well("the first extraction"));
    site.loads_well(&to, "the first load");
    site.world.turn();
    kills.spare("extract", || site.extracts_well("the second extraction"));
    while let Some(number) = kills.next() {
        site.world.turn();
        let (kind, anew) = match number % 2 {
            // Begins anew, so that the kill meets much to write.
            0 => ("extract --full-refresh", Some("--full-refresh")),
            _ => ("extract", None),
        };
        kills.strike(kind, site.extract().args(anew).spawn().expect("a run"), kill);
        if number % 3 == 0 {
            // A load finds what the killed extraction has left, and no more.
            let output = site.load(&to).output().expect("a run");
            assert!(output.status.success(), "kill {number}: {}", told(&output));
        }
        site.extracts_well(&format!("kill {number}"));
        site.loads_well(&to, &format!("kill {number}"));
    }
    is_sound(&site);
    kills.tell("extractions");
}

#[test]
fn killed_loads_into_sqlite_lose_no_row_and_double_none() {
    loads("sqlite", Site::new());
}

#[test]
fn killed_loads_into_json_lines_lose_no_row_and_double_none() {
    loads("jsonl", Site::new());
}

#[test]
fn killed_loads_into_parquet_lose_no_row_and_double_none() {
    loads("parquet", Site::new());
}

#[test]
fn killed_loads_into_duckdb_lose_no_row_and_double_none() {
    if !crate::library::skipped("killed_loads_into_duckdb_lose_no_row_and_double_none") {
        loads("duckdb", Site::new());
    }
}

#[test]
fn killed_loads_into_postgres_lose_no_row_and_double_none() {
    if !crate::server::skipped("killed_loads_into_postgres_lose_no_row_and_double_none") {
        loads("postgres", Site::with_server());
    }
}

/// Kills loads, of which some bring what is new and the others everything anew; and the server, if there is one.
fn loads(scheme: &str, mut site: Site) {
    let to = site.to(scheme);
    let mut kills = Kills::new(LOADS);
    site.extracts_well("the first extraction");
    kills.spare("load all", || site.load_only(&to));
    site.world.turn();
    site.extracts_well("the second extraction");
    kills.spare("load", || site.load_only(&to));
    while let Some(number) = kills.next() {
        site.world.turn();
        let (kind, anew) = if number % 3 == 2 { ("load", None) } else { ("load all", Some("--full-refresh")) };
        let extracted = site.extract().args(anew).output().expect("a run");
        assert!(extracted.status.success(), "kill {number}: {}", told(&extracted));
        let run = site.load(&to).spawn().expect("a run");
        match site.server_mut().filter(|_| number % 2 == 1) {
            None => drop(kills.strike(kind, run, kill)),
            Some(server) => {
                let (output, _) = kills.strike(kind, run, |_| server.kill());
                server.restart();
                let named = ["was lost", "cannot reach"].iter().any(|words| told(&output).contains(words));
                assert!(output.status.success() || named, "{}", told(&output));
            }
        }
        site.loads_well(&to, &format!("kill {number}"));
    }
    is_sound(&site);
    kills.tell(&format!("loads into {scheme}"));
}

fn is_sound(site: &Site) {
    let sound = site.hub(&["--verify"]);
    assert_eq!(sound["damages"], serde_json::json!([]), "{sound}");
}
