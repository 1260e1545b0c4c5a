//! Tables are described as the pages describe them, and are those of a load.

use tapwright_docs::described;
use tapwright_interop::{Place, tables};
use tapwright_spec::model::LoadMode;
use tapwright_sync::destination::meaning;

#[test]
fn every_column_of_a_load_is_one_of_the_page_and_the_other_way_round() {
    let mut columns = 0;
    for spec in crate::specs(&["specs", "tests/pages", "tests/specs/right"]) {
        let connector = crate::connector(&spec);
        // Where names are as the spec has them.
        let kind = Place::of(Some("jsonl:rows"), &connector.name).expect("a place").kind;
        let all = tables(&connector, kind).expect("tables");
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
                let of_spec = loaded.columns.iter().filter(|column| meaning(LoadMode::Stitch, &column.name).is_none());
                let mut loaded_names = names(&mut of_spec.map(|column| column.name.clone()));
                told.sort();
                loaded_names.sort();
                assert_eq!(told, loaded_names, "{}: {}", spec.display(), loaded.name);
                columns += told.len();
            }
        }
    }
    assert!(columns > 1_300, "{columns}");
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
