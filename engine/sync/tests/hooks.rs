//! Hooks as `check` finds them: each spec of `tests/hooks/wrong` against what is said of it, its `.snap`; and what a
//! hook tells, in the connector.
//!
//! `INSTA_UPDATE=always cargo test -p tapwright-sync --test hooks` writes the snapshots.

use std::path::Path;
use std::sync::Arc;

use tapwright_spec::diagnostic::Style;
use tapwright_spec::model::{FieldType, Unlisted};
use tapwright_spec::settings::Settings;
use tapwright_spec::{Connector, Source};
use tapwright_sync::clock::SystemClock;
use tapwright_sync::hook::load;
use tapwright_sync::http::{Recorded, Recording};
use tapwright_sync::trial::{Trial, go};

/// Seen from this crate, where tests run.
const FOLDER: &str = "../../tests/hooks/wrong";

fn connector(path: &str) -> Connector {
    let source = Source::read(Path::new(path)).expect("a spec");
    tapwright_spec::check(&source).unwrap_or_else(|faults| panic!("{path}: {}", faults.render(Style::Plain)))
}

#[test]
fn every_hook_that_does_not_fit_is_told_as_its_snapshot_says() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut count = 0;
    for entry in std::fs::read_dir(FOLDER).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        let faults = load(&connector(&path.to_string_lossy()), None).err();
        let faults = faults.unwrap_or_else(|| panic!("{name} is not wrong")).render(Style::Plain);
        settings.bind(|| insta::assert_snapshot!(name, faults));
        count += 1;
    }
    assert!(count >= 4, "cases are missing");
}

#[test]
fn columns_of_a_hook_are_fields_of_its_streams() {
    let spec = connector("../../tests/recorded/hooks-change-records/spec.yaml");
    let (hooked, _) = load(&spec, None).unwrap_or_else(|faults| panic!("{}", faults.render(Style::Plain)));
    let inferred = hooked.stream("inferred").expect("a stream");
    let fields: Vec<_> =
        inferred.fields.iter().map(|field| (&*field.name, &field.kind, field.hook.as_deref())).collect();
    assert_eq!(fields, [("copy", &FieldType::Integer, Some("own"))]);
    assert_eq!(inferred.unlisted, Unlisted::Add, "the other members of its records are columns as before");
    let orders = hooked.stream("orders").expect("a stream");
    let declared = orders.field("copy").expect("a field");
    assert_eq!(declared.hook.as_deref(), Some("own"), "a field that the spec declares is the hook's all the same");
    assert!(hooked.hook("own").is_some_and(|hook| hook.about.is_some()));
    let (again, _) = load(&hooked, None).unwrap_or_else(|faults| panic!("{}", faults.render(Style::Plain)));
    assert_eq!(format!("{:?}", again.streams), format!("{:?}", hooked.streams), "loaded twice it is the same");
}

const ORDERS: &str = r#"
exchanges:
  - request: 'GET /orders'
    body: '{"items": [{"id": 1, "at": "2025-12-01T00:00:00Z", "remarks": ["late", "skip"], "say": "one is late"}, {"id": 2, "refuse": "closed"}], "next": null}'
"#;

#[tokio::test]
async fn a_trial_shows_records_as_hooks_leave_them() {
    for (stream, rows, refused) in [("remarks", 1, 0), ("orders", 1, 1)] {
        let connector = connector("../../tests/recorded/hooks-route-records/spec.yaml");
        let trial = Trial {
            connector,
            settings: Settings::default(),
            stream: stream.to_owned(),
            limit: 10,
            start: None,
            transport: Arc::new(Recorded::new(Recording::parse(ORDERS).expect("a recording"))),
            clock: Arc::new(SystemClock),
            keep: None,
        };
        let findings = go(trial, Arc::new(|_| ())).await.expect("findings");
        assert_eq!((findings.rows.len(), findings.rejected.len()), (rows, refused), "{stream}: {findings:?}");
        assert!(findings.notes.contains(&"hook `shop` warns: one is late".to_owned()), "{:?}", findings.notes);
        assert_eq!(findings.fault, None);
    }
}
