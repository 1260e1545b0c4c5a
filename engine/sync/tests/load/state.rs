//! State and rows commit together.

use tapwright_sync::destination::sqlite::Sqlite;
use tapwright_sync::destination::{Destination, Fault, Mode, Opening, look, open, open_again};
use tapwright_sync::normalise::Normaliser;
use tapwright_sync::state::{Draft, KeyValue};

use crate::stream;

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

#[test]
fn a_look_makes_nothing_and_keeps_nobody_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.sqlite");
    let url = format!("sqlite:{}", path.display());
    assert_eq!(look(&url, "one").expect("a look").load_state().expect("nothing").0.len(), 0);
    assert!(matches!(open_again(&url, "one").map(|_| ()), Err(Fault::Empty { .. })));
    assert!(!path.exists(), "a look has made the file");
    let foreign = rusqlite::Connection::open(&path).expect("a database");
    foreign.execute_batch("CREATE TABLE t (a)").expect("a table");
    let mut there = look(&url, "one").expect("a look");
    assert_eq!(there.load_state().expect("state").0.len(), 0);
    let tables: i64 = foreign.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).expect("a count");
    assert_eq!(tables, 1, "a look has made tables");
    let spec = serde_json::json!({"name": "t", "primary_key": ["id"], "fields": {"id": "integer"}});
    let normaliser = Normaliser::new(&stream::read(&spec)).expect("a stream");
    let opening = Opening { stream: "t", tables: normaliser.tables(), mode: Mode::Upsert, version: None };
    let foreseen = there.survey(&opening).expect("a survey");
    let refused = open(&url, "one").expect("a run").begin(&opening).expect_err("somebody else's table").to_string();
    assert_eq!(foreseen[0].faults, [refused]);
    drop(there);
    let mut run = open(&url, "one").expect("a run");
    let mut draft = Draft::default();
    draft.change(&run.load_state().expect("no state"), "cases", |cases| cases.bookmark = Some(KeyValue::Integer(7)));
    let _ = run.commit(&draft).expect("a commit");
    let mut there = look(&url, "one").expect("a look beside a run");
    assert_eq!(there.load_state().expect("state").of("cases").bookmark, Some(KeyValue::Integer(7)));
    assert!(matches!(open_again(&url, "one").map(|_| ()), Err(Fault::Busy { .. })));
    drop(run);
    assert!(open_again(&url, "one").is_ok());
}
