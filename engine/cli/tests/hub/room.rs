//! How much room a hub takes, and what makes room.

use crate::site::{Site, told};

#[test]
fn what_everybody_has_loaded_goes_when_somebody_asks_for_it() {
    let site = Site::new();
    let [database, folder] = [site.to("sqlite"), site.to("jsonl")];
    let collect = || {
        let output = site.command(&["hub", "hub", "--collect"]).output().expect("an end");
        assert!(output.status.success(), "{}", told(&output));
        site.segments()
    };
    site.extracts_well("an extraction");
    let first = site.segments();
    assert_eq!(collect(), first);
    site.loads_well(&database, "one of two");
    assert_eq!(site.segments(), first);
    // Nobody knows of another one yet.
    assert_eq!(collect(), first[first.len() - 1..]);
    // Who comes now has missed the beginning of what is not read whole each time.
    site.refuses(&["load", "--hub", "hub", "--to", &folder], "the beginning of `items` is in the hub no more");
    let mut anew = site.extract();
    assert!(anew.arg("--full-refresh").output().expect("an end").status.success());
    site.loads_well(&folder, "two of two");
    let both = site.segments();
    assert!(first.len() > 2 && both.len() > 2, "{first:?} {both:?}");
    assert_eq!(collect(), both[1..]);
    site.world.turn();
    site.extracts_well("another round");
    site.loads_well(&database, "one of two");
    site.loads_well(&folder, "two of two");
    assert_eq!(collect().len(), 1);
    assert_eq!(site.hub(&[])["readers"][0]["bytes"], 0);
}

#[test]
fn what_everybody_has_loaded_goes_when_room_is_needed() {
    let site = Site::new();
    let to = site.to("sqlite");
    site.extracts_well("an extraction");
    let limit = site.hub(&[])["bytes"].as_u64().expect("bytes") * 5 / 2;
    for round in 0..4 {
        site.loads_well(&to, "a load");
        site.world.turn();
        let mut anew = site.extract();
        anew.args(["--full-refresh", "--hub-limit", &format!("{limit} B")]);
        let output = anew.output().expect("an end");
        assert!(output.status.success(), "round {round}: {}", told(&output));
        assert!(site.hub(&[])["bytes"].as_u64().expect("bytes") <= limit, "round {round}");
    }
    assert!(site.segments()[0] > 1);
    site.loads_well(&to, "the last load");
}

#[test]
fn a_destination_that_loads_no_more_is_named_and_can_be_dropped() {
    let site = Site::new();
    let [database, folder] = [site.to("sqlite"), site.to("jsonl")];
    site.extracts_well("an extraction");
    // Both know the beginning.
    let runs = [&database, &folder].map(|to| site.load(to).spawn().expect("a run"));
    let _both = runs.map(|run| run.wait_with_output().expect("an end"));
    let full = |site: &Site| {
        let mut command = site.extract();
        let limit = site.hub(&[])["bytes"].as_u64().expect("bytes") + 20_000;
        command.args(["--full-refresh", "--hub-limit", &format!("{limit} B")]);
        command.output().expect("an end")
    };
    let mut rounds = 0;
    let said = loop {
        site.world.turn();
        let output = full(&site);
        if !output.status.success() {
            break told(&output);
        }
        site.loads_well(&database, "one of two");
        rounds += 1;
        assert!(rounds < 20, "it never was full");
    };
    assert!(said.contains("the hub hub is full: it holds") && said.contains("--hub-limit"), "{said}");
    assert!(said.contains(&format!("tapwright hub hub --drop-reader {folder}")), "{said}");
    let dropped = site.command(&["hub", "hub", "--drop-reader", &folder]).output().expect("an end");
    assert!(dropped.status.success() && told(&dropped).contains("is forgotten"), "{}", told(&dropped));
    site.refuses(
        &["hub", "hub", "--drop-reader", "sqlite:/nowhere"],
        "has loaded nothing of this hub; those that have",
    );
    site.extracts_well("there is room");
    site.loads_well(&database, "there is room");
}

#[test]
fn a_full_disk_is_named_and_the_next_run_makes_good() {
    let site = Site::new();
    // Files of at most 30 KiB, and a signal that would end the program is passed over.
    let program = env!("CARGO_BIN_EXE_tapwright");
    let script = format!("trap '' XFSZ; ulimit -f 30; exec {program} extract shop.yaml --hub hub");
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script]).current_dir(site.path(""));
    command.env("TAPWRIGHT_STATE_DIR", site.path("state"));
    let output = command.output().expect("a run");
    let said = told(&output);
    assert!(!output.status.success() && said.contains("no space is left for"), "{said}");
    site.extracts_well("room");
    site.loads_well(&site.to("sqlite"), "room");
}
