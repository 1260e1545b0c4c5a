//! `tests/diff`: versions of a spec, and what changed in each since `old.yaml`.

use tapwright_docs::{Weight, difference};

#[test]
fn every_change_is_told_with_its_weight() {
    let folder = super::repository("tests/diff");
    let old = super::connector("tests/diff/old.yaml");
    let names = std::fs::read_dir(&folder).expect("the cases").map(|entry| entry.expect("a case").path());
    let mut names: Vec<String> = names
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .filter(|name| name != "old")
        .collect();
    names.sort();
    assert!(names.len() > 5);
    for name in names {
        let found = difference(&old, &super::connector(&format!("tests/diff/{name}.yaml")));
        let told = if found.is_told { "tells of it" } else { "does not tell of it" };
        let mut text = format!("{} {told}; {} does.\n", found.new, found.least);
        for weight in Weight::ALL {
            let changes = found.changes.iter().filter(|change| change.weight == weight);
            changes.for_each(|change| text.push_str(&format!("{}: {}\n", weight.title(), change.text)));
        }
        let settings = {
            let mut settings = insta::Settings::clone_current();
            settings.set_snapshot_path(&folder);
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings
        };
        settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
    }
}

#[test]
fn the_entry_of_the_changelog_stands_in_the_spec_as_it_is() {
    let old = super::connector("tests/diff/old.yaml");
    let found = difference(&old, &super::connector("tests/diff/tables_and_columns.yaml"));
    let text = std::fs::read_to_string(super::repository("tests/diff/tables_and_columns.yaml")).expect("a spec");
    let about = "about: {summary: Orders of a shop., status: beta, notes: Orders of test accounts come too.}\n";
    let entry = found.entry("2026-11-22");
    let with = text.replacen(about, &format!("about:\n  summary: Orders of a shop.\n  changelog:\n{entry}"), 1);
    let source = tapwright_spec::Source::new("with.yaml", with);
    let connector = tapwright_spec::check(&source).unwrap_or_else(|faults| {
        panic!("{}", faults.render(tapwright_spec::diagnostic::Style::Plain));
    });
    let change = &connector.about.changelog[0];
    assert_eq!((change.version.as_str(), change.date.as_deref()), ("2.0.0", Some("2026-11-22")));
    assert!(change.text.contains("- The table `customers` is gone."), "{}", change.text);
}
