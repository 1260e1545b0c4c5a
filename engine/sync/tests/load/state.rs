//! State and rows commit together.

use tapwright_sync::destination::sqlite::Sqlite;
use tapwright_sync::destination::{Destination, Fault};
use tapwright_sync::state::{Draft, KeyValue};

#[test]
fn state_comes_back_and_is_kept_by_connector() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.sqlite").to_string_lossy().into_owned();
    let mut sqlite = Sqlite::open(&path, "one").expect("a database");
    let mut state = sqlite.load_state().expect("no state");
    let mut draft = Draft::default();
    draft.change(&state, "cases", |cases| {
        cases.bookmark = Some(KeyValue::Integer(7));
    });
    let receipt = sqlite.commit(&draft).expect("a commit");
    draft.settle(&mut state, &receipt);
    draft.change(&state, "cases", |cases| {
        cases.bookmark = Some(KeyValue::Integer(8));
    });
    drop(sqlite);
    let mut again = Sqlite::open(&format!("sqlite:{path}"), "one").expect("a database");
    assert_eq!(again.load_state().expect("state"), state);
    let refused = Sqlite::open(&path, "two").expect_err("a run is loading into it");
    assert!(matches!(refused, Fault::Busy { .. }), "{refused}");
    drop(again);
    let mut other = Sqlite::open(&path, "two").expect("a database");
    assert_eq!(other.load_state().expect("no state").0.len(), 0);
}
