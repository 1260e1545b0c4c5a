//! A destination that loads some of a hub's streams: the others stay where they are, whatever happens meanwhile.

use std::path::Path;

use serde_json::Value;

use crate::site::{Site, told};
use crate::truth;

/// Loads these streams, and gives what is said.
fn load(site: &Site, to: &str, streams: &[&str]) -> String {
    let mut command = site.load(to);
    command.args(streams.iter().flat_map(|name| ["--stream", name]));
    let output = command.output().expect("a run");
    assert!(output.status.success(), "{}", told(&output));
    told(&output)
}

fn count(path: &Path, table: &str) -> Option<Value> {
    let there = truth::sqlite(path, &format!("SELECT count(*) FROM sqlite_master WHERE name = '{table}'"));
    (there[0][0] == 1).then(|| truth::sqlite(path, &format!("SELECT count(*) FROM {table}"))[0][0].clone())
}

#[test]
fn what_is_not_selected_is_not_loaded_and_catches_up_when_it_is() {
    let site = Site::new();
    let (to, path) = (site.to("sqlite"), site.path("data.sqlite"));
    site.extracts_well("an extraction");
    load(&site, &to, &["groups"]);
    assert!(count(&path, "groups").is_some());
    assert_eq!((count(&path, "items"), count(&path, "items__tags")), (None, None));
    let reader = site.hub(&[])["readers"][0].clone();
    assert_eq!((&reader["bytes"], &reader["never"]), (&0.into(), &serde_json::json!(["items"])), "{reader}");
    // Selected for the first time, a stream begins at its beginning.
    load(&site, &to, &["items"]);
    site.compare(&to, "both, one after the other");
    // Not selected, it stays where it is while the other goes on.
    let before = count(&path, "items");
    for _ in 0..3 {
        site.world.turn();
        site.extracts_well("another round");
        load(&site, &to, &["groups"]);
    }
    assert_eq!(count(&path, "items"), before);
    let reader = site.hub(&[])["readers"][0].clone();
    assert_eq!(reader["streams"]["groups"]["bytes"], 0, "{reader}");
    assert!(reader["streams"]["items"]["bytes"].as_u64() > Some(0), "{reader}");
    assert_eq!(reader["bytes"], reader["streams"]["items"]["bytes"], "{reader}");
    let text = told(&site.command(&["hub", "hub"]).output().expect("an end"));
    assert!(text.contains("loaded all of it, last at") && text.contains("    `items`: loaded all but "), "{text}");
    // Selected again, it catches up.
    load(&site, &to, &["items", "groups"]);
    site.compare(&to, "selected again");
    site.world.turn();
    site.extracts_well("another round");
    site.loads_well(&to, "nothing selected is all");
}

#[test]
fn nothing_goes_that_a_stream_needs_which_is_not_selected() {
    let site = Site::new();
    let to = site.to("sqlite");
    site.extracts_well("an extraction");
    site.loads_well(&to, "all");
    // What comes next.
    let next = site.segments().last().expect("a segment") + 1;
    let rounds = || {
        for _ in 0..3 {
            site.world.turn();
            site.extracts_well("another round");
            load(&site, &to, &["groups"]);
        }
        let output = site.command(&["hub", "hub", "--collect"]).output().expect("an end");
        assert!(output.status.success(), "{}", told(&output));
        site.segments()
    };
    assert_eq!(rounds().first(), Some(&next));
    let output = site.extract().args(["--full-refresh", "--hub-limit", "30 KiB"]).output().expect("an end");
    let drop = format!("--drop-reader {to} --stream items");
    let said = told(&output);
    let full = ["is full", "but not all of `items`: load that, too, or drop it with", &drop];
    assert!(!output.status.success() && full.iter().all(|words| said.contains(words)), "{said}");
    load(&site, &to, &["items"]);
    assert!(rounds().first() > Some(&next));
    // Dropped, nothing is kept of it.
    let kept = site.segments();
    site.refuses(&["hub", "hub", "--drop-reader", &to, "--stream", "itms"], "nothing is kept of `itms` for");
    site.refuses(&["hub", "hub", "--stream", "items"], "--drop-reader");
    let dropped = ["hub", "hub", "--drop-reader", &to, "--stream", "items"];
    let output = site.command(&dropped).output().expect("an end");
    assert!(output.status.success() && told(&output).contains("Nothing is kept of `items`"), "{}", told(&output));
    assert!(kept.len() > 1 && rounds().len() == 1, "{kept:?}");
    // Whoever selects it again is told what is to be done.
    site.refuses(&["load", "--hub", "hub", "--to", &to], "segments that hold records of `items` which the destination");
    load(&site, &to, &["groups"]);
    let anew = ["extract", "shop.yaml", "--hub", "hub", "--full-refresh", "--stream", "items"];
    assert!(site.command(&anew).output().expect("an end").status.success());
    site.loads_well(&to, "made anew");
}

#[test]
fn a_stream_that_was_never_selected_holds_nothing() {
    let site = Site::new();
    let to = site.to("sqlite");
    site.extracts_well("an extraction");
    load(&site, &to, &["groups"]);
    let collected = site.command(&["hub", "hub", "--collect"]).output().expect("an end");
    assert!(collected.status.success() && site.segments().len() == 1, "{}", told(&collected));
    let gone = "the beginning of `items` is in the hub no more; extract anew with";
    site.refuses(&["load", "--hub", "hub", "--to", &to, "--stream", "items"], gone);
    site.world.turn();
    site.extracts_well("another round");
    load(&site, &to, &["groups"]);
}

#[test]
fn streams_are_selected_as_for_a_sync() {
    let site = Site::new();
    let to = site.to("sqlite");
    site.extracts_well("an extraction");
    let load = |stream| ["load", "--hub", "hub", "--to", to.as_str(), "--stream", stream];
    site.refuses(&load("item"), "shop has no stream `item`, did you mean `items`?; its streams are items, groups");
    assert!(!site.path("data.sqlite").exists());
    let spec = std::fs::read_to_string(site.path("shop.yaml")).expect("a spec");
    let fixed = spec.replace("auth: none", "auth: none\nsupports: {table_selection: false}");
    std::fs::write(site.path("shop.yaml"), fixed).expect("a spec");
    site.world.turn();
    site.extracts_well("by a spec that lets nobody choose");
    site.refuses(&load("items"), "shop replicates all of its tables");
    // Of a stream that the spec has no more the hub still has records.
    let (kept, _) = spec.split_once("  groups:").expect("two streams");
    std::fs::write(site.path("shop.yaml"), kept).expect("a spec");
    site.world.turn();
    site.extracts_well("by a spec with one stream");
    let report = site.json(&[&load("groups")[..], &["--report", "json"]].concat());
    assert_eq!(report["streams"][0]["stream"], "groups", "{report}");
    assert!(report["streams"][0]["new"].as_u64() > Some(0), "{report}");
}

#[test]
fn a_place_takes_one_stream_from_a_hub_and_another_from_syncs() {
    let site = Site::new();
    let to = site.to("sqlite");
    site.extracts_well("an extraction");
    load(&site, &to, &["items"]);
    for round in 0..2 {
        let sync = site.command(&["sync", "shop.yaml", "--to", &to, "--stream", "groups"]).output().expect("an end");
        assert!(sync.status.success(), "{}", told(&sync));
        load(&site, &to, &["items"]);
        site.compare(&to, &format!("round {round}"));
        site.world.turn();
        site.extracts_well("another round");
    }
    site.refuses(&["sync", "shop.yaml", "--to", &to], "the rows of `items` in");
    site.refuses(&["load", "--hub", "hub", "--to", &to], "`groups` was loaded there by `tapwright sync`");
}

#[test]
fn all_is_kept_for_a_stream_that_begins_anew_as_soon_as_its_load_begins() {
    let site = Site::new();
    let to = site.to("sqlite");
    site.extracts_well("an extraction");
    site.loads_well(&to, "all");
    let far = || site.hub(&[])["readers"][0]["streams"]["items"]["bytes"].clone();
    assert_eq!(far(), 0);
    assert!(site.command(&["state", "reset", "shop.yaml", "--to", &to, "--all"]).status().expect("an end").success());
    let sync = site.command(&["sync", "shop.yaml", "--to", &to, "--stream", "groups"]).output().expect("an end");
    assert!(sync.status.success(), "{}", told(&sync));
    // It comes no further than to what it needs.
    site.refuses(&["load", "--hub", "hub", "--to", &to], "`groups` was loaded there by `tapwright sync`");
    assert_eq!(far(), site.hub(&[])["bytes"]);
    load(&site, &to, &["items"]);
    site.compare(&to, "begun anew");
}
