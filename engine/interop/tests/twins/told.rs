//! Tables are described as the pages describe them, and are those of a load.

use std::path::Path;

use tapwright_docs::described;
use tapwright_interop::{Place, tables};
use tapwright_spec::Connector;
use tapwright_spec::diagnostic::Style;
use tapwright_spec::model::LoadMode;
use tapwright_sync::destination::meaning;

#[test]
fn every_column_of_a_load_is_one_of_the_page_and_the_other_way_round() {
    let mut columns = 0;
    for spec in crate::specs(&["specs", "tests/pages", "tests/specs/right"]) {
        let connector = crate::connector(&spec);
        for mode in LoadMode::ALL {
            match connector.in_load_mode(mode) {
                Ok(connector) => columns += compared(&connector, &spec),
                // Full tables without a key cannot be merged, nor names that become one.
                Err(faults) => assert!(mode == LoadMode::Segment, "{}", faults.render(Style::Plain)),
            }
        }
    }
    assert!(columns > 2_600, "{columns}");
}

/// Compares what is told of a connector's tables with what a load makes; says how many columns there are.
fn compared(connector: &Connector, spec: &Path) -> usize {
    let mut columns = 0;
    // Where names are as the spec has them.
    let kind = Place::of(Some("jsonl:rows"), &connector.name).expect("a place").kind;
    let all = tables(connector, kind).expect("tables");
    for stream in &connector.streams {
        let loaded: Vec<_> = all.iter().filter(|table| table.stream.name == stream.name).collect();
        let told = described(stream);
        let names = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>();
        assert_eq!(
            names(&mut told.iter().map(|table| table.name.clone())),
            names(&mut loaded.iter().map(|table| table.name.clone())),
            "{}",
            spec.display()
        );
        for (told, loaded) in told.iter().zip(loaded) {
            let mut told = names(&mut told.columns.iter().map(|column| column.name.clone()));
            // In the mode `stitch` a page tells of the others with one sentence for all tables.
            let listed =
                loaded.columns.iter().filter(|column| stream.load_mode == LoadMode::Segment || !column.of_load);
            let mut loaded_names = names(&mut listed.map(|column| column.name.clone()));
            told.sort();
            loaded_names.sort();
            assert_eq!(told, loaded_names, "{}: {}", spec.display(), loaded.name);
            columns += told.len();
        }
    }
    columns
}

#[test]
fn the_guide_tells_the_same_of_the_columns_that_a_load_adds() {
    let guide = std::fs::read_to_string(crate::repository("docs/guide/sync.md")).expect("the guide");
    let names = [
        "_sdc_received_at",
        "_sdc_batched_at",
        "_sdc_sequence",
        "_sdc_table_version",
        "_sdc_record_hash",
        "__sdc_primary_key",
        "_sdc_tombstone",
    ];
    for name in names {
        let said = meaning(LoadMode::Stitch, name).expect("a meaning");
        let line = format!("| `{name}` | {}{} |", said[..1].to_lowercase(), &said[1..]);
        assert!(guide.contains(&line), "the guide lacks\n{line}");
    }
}
