//! Files of a hub that are not as they were written: named, never passed over, and made good by what is extracted anew.

use std::fs;
use std::path::Path;

use crate::site::{Site, told};

fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).expect("a file");
    bytes[byte] ^= 0x10;
    fs::write(path, bytes).expect("a file");
}

/// A hub with several segments, of which a database has loaded nothing yet.
fn extracted() -> Site {
    let site = Site::new();
    site.extracts_well("an extraction");
    site.world.turn();
    site.extracts_well("another");
    assert!(site.segments().len() > 3, "{:?}", site.segments());
    site
}

/// Damage is told by `hub --verify` and by a load, which loads what stands before; restored, all is loaded.
fn is_named(site: &Site, segment: u64, words: &[&str], damage: impl FnOnce(&Path)) {
    let (path, to) = (site.segment(segment), site.to("sqlite"));
    let whole = fs::read(&path).expect("a file");
    damage(&path);
    let found = site.hub(&["--verify"]);
    let named = found["damages"][0].as_str().unwrap_or_else(|| panic!("no damage: {found}")).to_owned();
    let file = format!("segments/{segment:08}.seg (segment {segment}), bytes ");
    assert!(named.starts_with(&file) && words.iter().all(|word| named.contains(word)), "{named}");
    let output = site.load(&to).output().expect("an end");
    let said = told(&output);
    let remedy = "restore the file from a copy, or extract anew with `tapwright extract SPEC --hub hub --full-refresh";
    assert!(output.status.code() == Some(3) && said.contains(&named) && said.contains(remedy), "{said}");
    fs::write(&path, whole).expect("a file");
    site.loads_well(&to, "restored");
}

#[test]
fn a_flipped_byte_is_named_wherever_it_is() {
    let site = extracted();
    let length = fs::metadata(site.segment(2)).expect("a file").len() as usize;
    for byte in [0, 5, 9, 17, 30, length / 3, length / 2, length - 1] {
        let site_of_one = Site::new();
        site_of_one.extracts_well("an extraction");
        let length = fs::metadata(site_of_one.segment(2)).expect("a file").len() as usize;
        is_named(&site_of_one, 2, &[], |path| flip(path, byte.min(length - 1)));
    }
}

#[test]
fn a_segment_that_breaks_off_or_is_gone_is_named() {
    let site = extracted();
    is_named(&site, 2, &["the file ends before them"], |path| {
        let bytes = fs::read(path).expect("a file");
        fs::write(path, &bytes[..bytes.len() - 7]).expect("a file");
    });
    let site = extracted();
    is_named(&site, 2, &["the file is gone"], |path| fs::remove_file(path).expect("removed"));
}

#[test]
fn what_a_killed_run_has_left_behind_the_last_commit_is_no_damage() {
    let site = extracted();
    let last = *site.segments().last().expect("a segment");
    let mut bytes = fs::read(site.segment(last)).expect("a file");
    bytes.extend_from_slice(b"TWHB and half a frame");
    fs::write(site.segment(last), bytes).expect("a file");
    fs::write(site.segment(last + 1), b"TWHB").expect("a file");
    site.loads_well(&site.to("sqlite"), "a torn tail");
    site.world.turn();
    site.extracts_well("after a torn tail");
    site.loads_well(&site.to("sqlite"), "after a torn tail");
    assert_eq!(site.hub(&["--verify"])["damages"], serde_json::json!([]));
}

#[test]
fn what_is_extracted_anew_leads_past_damage() {
    let site = extracted();
    let to = site.to("sqlite");
    flip(&site.segment(2), 100);
    let output = site.load(&to).output().expect("an end");
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    let mut anew = site.extract();
    let output = anew.arg("--full-refresh").output().expect("an end");
    assert!(output.status.success(), "{}", told(&output));
    let output = site.load(&to).output().expect("an end");
    assert!(output.status.success() && told(&output).contains("past this: segments/00000002.seg"), "{}", told(&output));
    site.compare(&to, "made good");
}

#[test]
fn small_files_that_are_damaged_are_named_too() {
    let site = extracted();
    let to = site.to("sqlite");
    for (file, told_as) in [("manifest.json", "manifest.json, bytes 0 to "), ("specs", "specs/")] {
        let mut path = site.path("hub").join(file);
        if path.is_dir() {
            path = fs::read_dir(&path).expect("a folder").next().expect("a file").expect("a file").path();
        }
        let whole = fs::read(&path).expect("a file");
        for damage in [whole.len() / 2, whole.len() - 2] {
            flip(&path, damage);
            site.refuses(&["load", "--hub", "hub", "--to", &to], told_as);
            fs::write(&path, &whole).expect("a file");
        }
    }
    site.loads_well(&to, "restored");
    // Nobody knows what a destination needs whose file is damaged: then nothing is taken away.
    let readers =
        || fs::read_dir(site.path("hub/readers")).expect("a folder").map(|entry| entry.expect("a file").path());
    let reader = readers().find(|path| path.extension().is_some_and(|end| end == "json")).expect("a reader");
    let before = site.segments();
    flip(&reader, 20);
    site.world.turn();
    site.extracts_well("a reader is damaged");
    assert!(site.segments().starts_with(&before), "{:?}", site.segments());
    site.loads_well(&to, "a reader is damaged");
}
