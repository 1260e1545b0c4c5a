//! What is extracted into a hub and loaded from there: whatever happens to the one, the other, the disk or the files in
//! between, in the end each destination holds what the API does, and none of it twice.
//!
//! `TAPWRIGHT_KILLS=100 cargo test -p tapwright --test hub -- --nocapture killed` makes as many kills meet extractions, and
//! as many loads into each destination, in place of the few that CI has time for, and says what it found.

mod damage;
mod kills;
#[path = "../../../../tests/duckdb/library.rs"]
mod library;
#[path = "../kills/moments.rs"]
mod moments;
#[path = "../../../../tests/folders/reader.rs"]
mod reader;
mod room;
mod selection;
#[path = "../../../../tests/postgres/server.rs"]
mod server;
#[path = "../postgres/truth.rs"]
mod server_truth;
mod site;
#[path = "../files/truth.rs"]
mod truth;
#[path = "../postgres/world.rs"]
mod world;

use site::{Site, told};

#[test]
fn one_extraction_serves_several_destinations_each_at_its_own_time() {
    let test = "one_extraction_serves_several_destinations_each_at_its_own_time";
    let site = if server::skipped(test) { Site::new() } else { Site::with_server() };
    let schemes = ["sqlite", "jsonl", "parquet"].into_iter();
    let schemes = schemes.chain((!library::skipped(test)).then_some("duckdb"));
    let schemes = schemes.chain(site.has_server().then_some("postgres"));
    let places: Vec<String> = schemes.map(|scheme| site.to(scheme)).collect();
    site.extracts_well("the first extraction");
    site.loads_well(&places[0], "the first load");
    for round in 1..6 {
        site.world.turn();
        site.extracts_well("another round");
        // Each comes at another time, some once, some twice, some late.
        for (at, to) in places.iter().enumerate().filter(|(at, _)| (round + at) % (at + 2) == 0) {
            site.loads_well(to, &format!("round {round}, destination {at}"));
        }
    }
    for to in &places {
        site.loads_well(to, "the last load");
    }
    // With nothing new, nothing is written.
    let database = &places[0];
    let before = std::fs::metadata(site.path("data.sqlite")).expect("a file").modified().expect("a time");
    let report = site.json(&["load", "--hub", "hub", "--to", database, "--report", "json"]);
    assert_eq!(report["streams"][0]["reason"], "the hub holds nothing new of it", "{report}");
    assert_eq!(std::fs::metadata(site.path("data.sqlite")).expect("a file").modified().expect("a time"), before);
}

#[test]
fn a_destination_that_is_down_costs_no_extraction() {
    let site = Site::new();
    let down = "postgres://nobody@127.0.0.1:1/nowhere";
    for _ in 0..2 {
        site.extracts_well("nobody is needed");
        let output = site.command(&["load", "--hub", "hub", "--to", down]).output().expect("an end");
        assert_eq!(output.status.code(), Some(1), "{}", told(&output));
        assert!(told(&output).contains("cannot reach"), "{}", told(&output));
        site.world.turn();
    }
    site.extracts_well("once more");
    site.loads_well(&site.to("sqlite"), "another destination");
}

#[test]
fn rows_of_syncs_and_rows_of_hubs_do_not_mix() {
    let site = Site::new();
    let to = site.to("sqlite");
    site.extracts_well("an extraction");
    site.loads_well(&to, "a load");
    site.refuses(&["sync", "shop.yaml", "--to", &to], "come from a hub; go on with `tapwright load`");
    site.refuses(&["extract", "shop.yaml", "--hub", "hub", "--stream", "nothing"], "has no stream `nothing`");
    site.refuses(&["load", "--hub", "nowhere", "--to", &to], "there is no hub in nowhere; `tapwright extract");
    let set = ["state", "set", "shop.yaml", "2026-01-01", "--stream", "items", "--to", &to];
    site.refuses(&set, "extraction into that has the bookmark: move it there, with --hub DIR");
    // Another hub's rows may be older.
    assert!(site.command(&["extract", "shop.yaml", "--hub", "other"]).output().expect("an end").status.success());
    site.refuses(&["load", "--hub", "other", "--to", &to], "was loaded there from another hub");
    assert!(site.command(&["state", "reset", "shop.yaml", "--to", &to, "--all"]).status().expect("an end").success());
    site.world.turn();
    let sync = site.command(&["sync", "shop.yaml", "--to", &to]).output().expect("an end");
    assert!(sync.status.success(), "{}", told(&sync));
    site.compare(&to, "a sync after all");
    site.refuses(&["load", "--hub", "hub", "--to", &to], "was loaded there by `tapwright sync`");
    let text = std::fs::read_to_string(site.path("shop.yaml")).expect("a spec").replace("name: shop", "name: store");
    std::fs::write(site.path("store.yaml"), text).expect("a spec");
    site.refuses(&["extract", "store.yaml", "--hub", "hub"], "the hub hub is of shop, and not of store");
}

#[test]
fn the_bookmarks_of_a_hub_are_shown_and_moved_there() {
    let site = Site::new();
    let shown = || site.json(&["state", "show", "shop.yaml", "--hub", "hub", "--format", "json"]);
    site.refuses(&["state", "show", "shop.yaml", "--hub", "hub"], "there is no hub in hub");
    site.extracts_well("an extraction");
    let before = shown()["streams"][0]["bookmark"].clone();
    assert!(before.is_object(), "{}", shown());
    let set = ["state", "set", "shop.yaml", "2026-01-01", "--stream", "items", "--hub", "hub"];
    assert!(site.command(&set).status().expect("an end").success());
    assert_ne!(shown()["streams"][0]["bookmark"], before);
    // The bookmark is the source's: what is read again is the same.
    site.world.turn();
    site.extracts_well("from an earlier bookmark on");
    site.loads_well(&site.to("sqlite"), "from an earlier bookmark on");
    let reset = ["state", "reset", "shop.yaml", "--all", "--hub", "hub"];
    assert!(site.command(&reset).status().expect("an end").success());
    site.extracts_well("from the beginning");
    site.loads_well(&site.to("sqlite"), "from the beginning");
}

#[test]
fn of_two_extractions_at_once_one_is_refused_and_loads_go_side_by_side() {
    let site = Site::new();
    let run = || site.command(&["extract", "shop.yaml", "--hub", "hub"]).spawn().expect("a run");
    let runs = [run(), run()].map(|run| run.wait_with_output().expect("an end"));
    let well = runs.iter().filter(|output| output.status.success()).count();
    let busy = runs.iter().any(|output| told(output).contains("another tapwright run is loading into hub"));
    assert!(well == 2 || well == 1 && busy, "{}", runs.iter().map(told).collect::<String>());
    // Two destinations load while a third program extracts.
    site.world.turn();
    let [database, folder] = [site.to("sqlite"), site.to("jsonl")];
    let load = |to: &str| site.command(&["load", "--hub", "hub", "--to", to]).spawn().expect("a run");
    for ended in [run(), load(&database), load(&folder)].map(|run| run.wait_with_output().expect("an end")) {
        assert!(ended.status.success(), "{}", told(&ended));
    }
    for to in [database, folder] {
        site.loads_well(&to, "what was extracted meanwhile");
    }
}

#[test]
fn a_spec_that_changes_between_extraction_and_load_is_loaded_as_it_was() {
    let site = Site::new();
    let to = site.to("sqlite");
    site.extracts_well("by the first spec");
    let spec = std::fs::read_to_string(site.path("shop.yaml")).expect("a spec");
    let wider = spec.replace("name: string, tags", "name: string, more: integer, tags").replace("1.0.0", "1.1.0");
    std::fs::write(site.path("shop.yaml"), &wider).expect("a spec");
    site.world.turn();
    site.extracts_well("by the second spec");
    site.loads_well(&to, "both");
    let column = "SELECT count(*) FROM pragma_table_info('items') WHERE name = 'more'";
    assert_eq!(truth::sqlite(&site.path("data.sqlite"), column)[0][0], 1);
    // A type that a table does not take asks for a table that is made anew, and the load says by which command.
    let other = wider.replace("members: [integer]", "members: [integer], size: string").replace("1.1.0", "1.2.0");
    std::fs::write(site.path("shop.yaml"), &other).expect("a spec");
    site.extracts_well("with one more column");
    site.loads_well(&to, "one more column");
    std::fs::write(site.path("shop.yaml"), other.replace("size: string", "size: integer")).expect("a spec");
    site.world.turn();
    site.extracts_well("of another type");
    let report = site.json(&["load", "--hub", "hub", "--to", &to, "--report", "json"]);
    let streams = report["streams"].as_array().expect("streams");
    let of = |name: &str| streams.iter().find(|stream| stream["stream"] == name).expect("a stream");
    // The other stream goes on.
    assert_eq!((&of("groups")["verdict"], &of("items")["verdict"]), (&"failed".into(), &"complete".into()), "{report}");
    let said = of("groups")["reason"].as_str().expect("a reason");
    assert!(said.contains("`size` of `groups` holds"), "{said}");
    assert!(said.contains("extract SPEC --hub hub --full-refresh --stream groups"), "{said}");
    let anew = ["extract", "shop.yaml", "--hub", "hub", "--full-refresh", "--stream", "groups"];
    let output = site.command(&anew).output().expect("an end");
    assert!(output.status.success(), "{}", told(&output));
    site.loads_well(&to, "made anew");
}

#[test]
fn a_stream_with_more_fields_than_a_destination_has_columns_ends_there_and_the_others_go_on() {
    if library::skipped("a_stream_with_more_fields_than_a_destination_has_columns_ends_there_and_the_others_go_on") {
        return;
    }
    let site = Site::new();
    let spec = std::fs::read_to_string(site.path("shop.yaml")).expect("a spec");
    let more: String = (0..1_000).map(|at| format!(", f{at}: string")).collect();
    let wide = spec.replace("members: [integer]", &format!("members: [integer]{more}"));
    std::fs::write(site.path("shop.yaml"), wide).expect("a spec");
    site.extracts_well("many fields");
    let to = site.to("duckdb");
    let report = site.json(&["load", "--hub", "hub", "--to", &to, "--report", "json"]);
    let streams = report["streams"].as_array().expect("streams");
    let of = |name: &str| streams.iter().find(|stream| stream["stream"] == name).expect("a stream");
    assert_eq!((&of("groups")["verdict"], &of("items")["verdict"]), (&"failed".into(), &"complete".into()), "{report}");
    let said = of("groups")["reason"].as_str().expect("a reason");
    assert!(said.contains("the table `groups` would have 1002 columns, and it can have 1000, those"), "{said}");
    // Who holds more columns loads it, and the destination that does not, once it has fewer.
    site.loads_well(&site.to("sqlite"), "many columns");
    std::fs::write(site.path("shop.yaml"), spec).expect("a spec");
    let anew = ["extract", "shop.yaml", "--hub", "hub", "--full-refresh", "--stream", "groups"];
    assert!(site.command(&anew).status().expect("an end").success());
    site.loads_well(&to, "fewer columns");
}
