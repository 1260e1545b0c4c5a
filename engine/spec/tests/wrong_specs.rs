//! Every wrong spec in `tests/specs/wrong` against what `check` says of it: its `.snap`.
//!
//! A new case is a new file there; `INSTA_UPDATE=always cargo test -p tapwright-spec --test wrong_specs`
//! writes its snapshot. What no file should hold (bombs, other encodings) is made here.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Diagnostics, Source, check};

const SPECS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/specs");

fn specs(folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(Path::new(SPECS).join(folder)).expect("a folder of specs");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let named = |path: PathBuf| {
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        (name, std::fs::read_to_string(path).expect("a text"))
    };
    paths.into_iter().map(named).collect()
}

fn faults(name: &str, text: &str) -> Option<Diagnostics> {
    // Both folders have the files that their specs name.
    let folder = if Path::new(SPECS).join(format!("right/{name}.yaml")).exists() { "right" } else { "wrong" };
    let source = Source::new(format!("tests/specs/wrong/{name}.yaml"), text);
    check(&source.beside(&Path::new(SPECS).join(folder))).err()
}

/// Line, column and message of each fault.
fn told(text: &str) -> Vec<(usize, usize, String)> {
    let Some(faults) = faults("made", text) else { return Vec::new() };
    let row = |fault: &serde_json::Value| {
        let number =
            |key: &str| fault[key].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
        (number("line"), number("column"), fault["message"].to_string())
    };
    faults.to_json().as_array().map(|rows| rows.iter().map(row).collect()).unwrap_or_default()
}

#[test]
fn every_wrong_spec_is_told_as_its_snapshot_says() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(SPECS).join("wrong"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let differs = |(name, text): &(String, String)| {
        let Some(faults) = faults(name, text) else { return Some(format!("{name} is not wrong")) };
        let same = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            settings.bind(|| insta::assert_snapshot!(name.as_str(), faults.render(Style::Plain)));
        }));
        same.err().map(|_| name.clone())
    };
    let differing: Vec<String> = specs("wrong").iter().filter_map(differs).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

#[test]
fn every_right_spec_is_without_a_fault() {
    let wrong: Vec<String> = specs("right")
        .iter()
        .filter_map(|(name, text)| Some(format!("{name}\n{}", faults(name, text)?.render(Style::Plain))))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn line_ends_and_a_mark_at_the_beginning_change_nothing() {
    for (name, text) in specs("wrong").into_iter().chain(specs("right")) {
        let as_it_is = told(&text);
        assert_eq!(told(&text.replace('\n', "\r\n")), as_it_is, "{name} with CRLF");
        assert_eq!(told(&format!("\u{feff}{text}")), as_it_is, "{name} with a BOM");
    }
}

#[test]
fn no_snapshot_is_without_its_spec() {
    for entry in std::fs::read_dir(Path::new(SPECS).join("wrong")).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert!(path.is_dir() || path.with_extension("yaml").exists(), "{} belongs to no spec", path.display());
    }
}

/// A spec with something else in place of its streams.
fn spec_with(streams: &str) -> String {
    let head = "tapwright: 1\nname: shop\ntitle: Shop\nversion: 1.0.0\nabout: {summary: Orders.}\nauth: none\n";
    format!("{head}http: {{base_url: https://shop.example, records: $}}\nstreams:\n{streams}")
}

fn stream_with(more: &str) -> String {
    spec_with(&format!("  orders:\n    description: One order.\n    endpoint: GET /orders\n{more}"))
}

#[test]
fn nothing_that_is_made_to_blow_up_does() {
    let deep_map: String = (0..5_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let aliases: String = (1..40).map(|n| format!("a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect();
    let field = |n: usize| format!("      f{n}: string\n");
    let many_fields: String = (0..40_000).map(field).collect();
    let many_streams: String = (0..10_000).map(|n| format!("  s{n}: {{for_each: s{}}}\n", n + 1)).collect();
    let expression =
        |text: &str| stream_with(&format!("    params: {{a: \"{{{{ {text} }}}}\"}}\n    fields: {{id: string}}\n"));
    let path = |text: &str| stream_with(&format!("    records: \"{text}\"\n    fields: {{id: string}}\n"));
    let config = |text: &str| {
        format!("{}\nconfig: {{a: {{type: string, {text}}}}}\n", stream_with("    fields: {id: string}\n"))
    };
    let cases = [
        ("brackets", "[".repeat(100_000)),
        ("braces", "{".repeat(100_000)),
        ("braces as keys", "a: ".to_owned() + &"{? ".repeat(100_000)),
        ("dashes", "- ".repeat(100_000)),
        ("questions", "? ".repeat(100_000)),
        ("colons", "a: ".repeat(100_000)),
        ("a deep mapping", deep_map),
        ("an open quote", format!("a: \"{}", "x\n".repeat(500_000))),
        ("a bomb of aliases", format!("a0: &a0 [x]\n{aliases}")),
        ("three MiB", format!("# {}\n", "x".repeat(3 << 20))),
        ("one long line", stream_with(&format!("    title: {}\n    colour: red\n", "x".repeat(500_000)))),
        ("equal keys", "a: 1\n".repeat(100_000)),
        ("other keys", (0..60_000).map(|n| format!("key{n}: 1\n")).collect()),
        ("fields twice", stream_with(&format!("    fields:\n{many_fields}{many_fields}"))),
        ("streams that lack all", spec_with(&many_streams)),
        ("an expression of parentheses", expression(&"(".repeat(100_000))),
        ("an expression of lists", expression(&"[".repeat(100_000))),
        ("an expression of signs", expression(&"-".repeat(100_000))),
        ("an expression of nots", expression(&"not ".repeat(100_000))),
        ("a path of brackets", path(&"$[".repeat(100_000))),
        ("a path of parentheses", path(&format!("$[?{}", "(".repeat(100_000)))),
        ("a path of filters", path(&"$[?@".repeat(20_000))),
        ("a path of nots", path(&format!("$[?{}@.a]", "!".repeat(100_000)))),
        ("a pattern of groups", config(&format!("pattern: \"{}\"", "(".repeat(100_000)))),
        ("a pattern of counts", config("pattern: \"((a{999}){999}){999}\"")),
        ("a long duration", spec_with("  a: {}\n") + "schedule: {frequency: 99999999999999999999 years}\n"),
        ("a wide time", stream_with("    fields: {at: {type: timestamp, format: \"%999999999999Y\"}}\n")),
    ];
    // Only computing it is a fault, and a sync would tell it.
    assert!(faults("a text times a number", &expression(&format!("'x'{}", " * 1000".repeat(50)))).is_none());
    for (name, text) in cases {
        let start = Instant::now();
        let faults = faults(name, &text).unwrap_or_else(|| panic!("{name} is not wrong"));
        let checked = start.elapsed();
        let shown = faults.render(Style::Plain);
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{name}: {checked:?} to check, {:?} in all",
            start.elapsed()
        );
        assert!(!shown.is_empty() && faults.to_json().is_array(), "{name}");
    }
}

#[test]
fn what_is_no_spec_at_all_is_a_sentence() {
    let page = "<!DOCTYPE html>\n<html><body class=\"a: b\">No &amp; no</body></html>\n";
    for text in [
        "",
        "\n\n",
        "# only a comment\n",
        "---\n...\n",
        "null",
        "spec",
        "[]",
        "{}",
        page,
        "\u{0}\u{1}\u{2}",
        "%YAML 9.9\n---\na: b\n",
    ] {
        let faults = faults("made", text).unwrap_or_else(|| panic!("{text:?} is not wrong"));
        assert!(faults.faults().len() <= 2, "{text:?}: {}", faults.render(Style::Plain));
    }
}
