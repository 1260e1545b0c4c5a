//! A site of many connectors: what it takes to make grows with what there is to say, and what has not changed is not
//! written. The site is smaller than the one whose figures CONTRIBUTING has, and nothing is measured by the clock.

#[path = "../../docs/examples/large_site/specs.rs"]
mod specs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

/// Most that a page may take when it is seen first, in bytes, with what all pages share.
const FIRST_VIEW: u64 = 150_000;
/// Most that the program may hold, in KiB, and that a further connector of the site may add.
const MOST: u64 = 120 << 10;
const MORE: u64 = 256;

/// What `tapwright docs` has done.
struct Made {
    /// The greatest resident set, in KiB.
    peak: u64,
    said: String,
}

fn make(folder: &Path) -> Made {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tapwright"))
        .args(["docs", "specs", "--out", "pages", "--base-url", "https://docs.example"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut peak = 0;
    while child.try_wait().expect("a state").is_none() {
        peak = peak.max(peak_of(child.id()).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("its output");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    Made { peak, said }
}

/// `VmHWM`: the greatest resident set so far.
fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// The files of a site by name, each with its size and when it was written.
fn files(folder: &Path) -> BTreeMap<String, (u64, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(inner) = open.pop() {
        for entry in std::fs::read_dir(inner).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let about = std::fs::metadata(&path).expect("a file");
            let name = path.strip_prefix(folder).expect("a file of the site").display().to_string();
            found.insert(name, (about.len(), about.modified().expect("a time")));
        }
    }
    found
}

/// A site of so many connectors, with 150 fields each, and what it took.
fn site(connectors: usize) -> (tempfile::TempDir, Made) {
    let folder = tempfile::tempdir().expect("a folder");
    specs::write(&folder.path().join("specs"), connectors, 4_000 + 150 * connectors).expect("specs");
    let made = make(folder.path());
    (folder, made)
}

#[test]
fn a_site_takes_what_it_says_and_no_more() {
    let (few, small) = site(20);
    let (many, large) = site(60);
    let sizes = |folder: &tempfile::TempDir| files(&folder.path().join("pages"));
    let (few, many) = (sizes(&few), sizes(&many));
    let bytes = |files: &BTreeMap<String, (u64, SystemTime)>| files.values().map(|(size, _)| size).sum::<u64>();
    let (small_bytes, large_bytes) = (bytes(&few), bytes(&many));
    eprintln!("20 connectors: {} KiB held, {small_bytes} bytes written", small.peak);
    eprintln!("60 connectors: {} KiB held, {large_bytes} bytes written", large.peak);
    assert!(large.peak < MOST, "{} KiB", large.peak);
    assert!(large.peak < small.peak + 40 * MORE, "memory grows: {} to {} KiB", small.peak, large.peak);

    // The first connector, with its 200 streams, is in both; what the others take grows with their number.
    let of_first = |files: &BTreeMap<String, (u64, SystemTime)>| {
        let own = files.iter().filter(|(name, _)| name.split(['/', '.']).next() == Some("c0"));
        own.map(|(_, (size, _))| size).sum::<u64>()
    };
    let each = (small_bytes - of_first(&few)) / 19;
    let further = (large_bytes - small_bytes) / 40;
    assert!(further < each * 2, "{each} bytes a connector at first, {further} later");

    let shared = many["static/style.css"].0 + many["static/script.js"].0;
    for (name, (size, _)) in many.iter().filter(|(name, _)| name.ends_with(".html")) {
        assert!(size + shared < FIRST_VIEW, "{name} has {size} bytes, and shares {shared} with others");
    }
}

#[test]
fn what_has_not_changed_is_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let specs = folder.path().join("specs");
    specs::write(&specs, 40, 7_000).expect("specs");
    make(folder.path());
    let pages = folder.path().join("pages");
    let before = files(&pages);
    assert_eq!(make(folder.path()).said, "", "nothing was written");
    assert_eq!(files(&pages), before);

    let path = specs.join("c7.yaml");
    let text = std::fs::read_to_string(&path)
        .expect("a spec")
        .replace("name: c7\ntitle: Product 7", "name: c7\ntitle: Seventh");
    let text = text.replacen(
        "    fields:\n",
        "    fields:\n      seventh: {type: string, description: A further field.}\n",
        1,
    );
    std::fs::write(path, text).expect("a spec");
    make(folder.path());
    let after = files(&pages);
    let changed: BTreeSet<&str> =
        after.iter().filter(|(name, mark)| before.get(*name) != Some(mark)).map(|(name, _)| name.as_str()).collect();
    let is_own = |name: &&&str| name.starts_with("c7/") || name.starts_with("c7.");
    let others: Vec<&str> = changed.iter().filter(|name| !is_own(name)).copied().collect();
    // The list of all, the search, and the addresses.
    let shared = ["addresses.txt", "index.html", "index.md", "llms.txt", "static/search.js"];
    assert_eq!(others, shared, "{changed:?}");
    assert!(["c7.html", "c7.md", "c7/accounts.html"].iter().all(|name| changed.contains(name)), "{changed:?}");
}
