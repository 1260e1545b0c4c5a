//! Hooks behave as their cases say: `connectors/NAME/HOOK/cases/*.yaml` has a stream, what the hook is given and
//! records; `*.expected` beside it what comes of them. `UPDATE_HOOK_CASES=1` writes what comes.
//!
//! Desk's hook stands in `tests/hooks/custom_fields` in other languages too, and they are held to its cases.
//!
//! The components of shipped connectors are there; the others are there once they were built.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tapwright_hook::{Grant, Hook, Host, Records, Stream, Table};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    stream: String,
    options: Value,
    #[serde(default)]
    given: BTreeMap<String, Vec<String>>,
    records: Vec<String>,
}

/// What comes of a case, in lines.
fn outcome(hook: &Hook, case: &Case) -> String {
    let faults = hook.options_faults(&case.options);
    assert!(faults.is_empty(), "{faults:?}");
    let lines = |records: &Vec<String>| records.iter().flat_map(|one| format!("{one}\n").into_bytes()).collect();
    let given = case.given.iter().map(|(name, all)| Table { name: name.clone(), records: Some(lines(all)) }).collect();
    let fields = Vec::new();
    let stream = Stream { name: case.stream.clone(), fields, primary_key: vec!["id".to_owned()], routes: Vec::new() };
    let mut records = Records::open(hook, &case.options, stream, given).expect("a hook that is content");
    let mut told = format!("{}\n", hook.summary());
    for field in &records.effect().fields {
        let _ = writeln!(told, "{}: {}. {}", field.name, field.kind, field.description.as_deref().unwrap_or_default());
    }
    for line in records.effect().others.iter().chain(&records.effect().notes) {
        let _ = writeln!(told, "{line}");
    }
    let texts: Vec<&str> = case.records.iter().map(String::as_str).collect();
    let changed = records.change(&texts).expect("a hook that goes on");
    for line in changed.lines() {
        let _ = writeln!(told, "{} {}", line.origin, line.record);
    }
    for refused in &changed.refused {
        let _ = writeln!(told, "{} refused: {}", refused.record, refused.fault);
    }
    told
}

/// The folders of hooks, each with that of its cases.
fn hooks() -> Vec<(PathBuf, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let connectors = root.join("connectors");
    let below = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let mut hooks: Vec<PathBuf> = below(&connectors).iter().flat_map(|connector| below(connector)).collect();
    hooks.retain(|hook| hook.join("cases").is_dir());
    hooks.sort();
    let own = hooks.into_iter().map(|hook| (hook.clone(), hook.join("cases")));
    let desk = connectors.join("desk/custom_fields/cases");
    let others = below(&root.join("tests/hooks/custom_fields")).into_iter().map(|hook| (hook, desk.clone()));
    let hooks: Vec<_> = own.chain(others).collect();
    assert!(hooks.len() > 5, "hooks are missing: {hooks:?}");
    hooks
}

#[test]
fn hooks_behave_as_their_cases_say() {
    let host = Host::on_this_machine().expect("a machine that runs hooks");
    for (folder, cases) in hooks() {
        let component = folder.with_extension("wasm");
        if !component.is_file() {
            let required = std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_some();
            assert!(!required, "{} is not built: tapwright hook build {}", component.display(), folder.display());
            eprintln!("skipped: {} is not built", component.display());
            continue;
        }
        let mut grant = Grant::of("case", &component);
        grant.limits.time = Duration::from_secs(10);
        let hook = host.load(grant).expect("a hook");
        for case in std::fs::read_dir(&cases).expect("cases").map(|case| case.expect("a case").path()) {
            if case.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let text = std::fs::read_to_string(&case).expect("a case");
            let told = outcome(&hook, &serde_yaml::from_str(&text).unwrap_or_else(|why| panic!("{case:?}: {why}")));
            let expected = case.with_extension("expected");
            if std::env::var_os("UPDATE_HOOK_CASES").is_some() {
                std::fs::write(&expected, &told).expect("written");
            }
            assert_eq!(told, std::fs::read_to_string(&expected).unwrap_or_default(), "{}", case.display());
        }
    }
}
