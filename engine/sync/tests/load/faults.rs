//! What a person is told when the database cannot be used, and that nothing half done stays.

use tapwright_sync::destination::sqlite::Sqlite;
use tapwright_sync::destination::{Completion, Delivery, Destination, Fault, Mode, Opening};
use tapwright_sync::normalise::{Batch, Normaliser};
use tapwright_sync::state::Draft;

use crate::place::rows_of;
use crate::stream;

fn notes() -> Normaliser {
    let spec =
        serde_json::json!({"name": "notes", "primary_key": ["id"], "fields": {"id": "integer", "text": "string"}});
    Normaliser::new(&stream::read(&spec)).expect("a stream")
}

fn write(sqlite: &mut Sqlite, count: usize) -> Result<u64, Fault> {
    let mut normaliser = notes();
    let tables = normaliser.tables().clone();
    let mode = Mode::Upsert;
    sqlite.begin(&Opening { stream: "notes", tables: &tables, mode, version: None })?;
    let long = "x".repeat(1_000);
    let records: Vec<String> = (0..count).map(|id| format!("{{\"id\": {id}, \"text\": \"{long}\"}}")).collect();
    let mut batch = Batch::new();
    for record in &records {
        normaliser.read(record, &[], &mut batch);
    }
    let received = jiff::Timestamp::UNIX_EPOCH;
    let written = sqlite.write("notes", &Delivery { tables: &tables, batch: &batch, records: &[], received })?;
    sqlite.finish("notes", Completion::Complete)?;
    let _ = sqlite.commit(&Draft::default())?;
    Ok(written.new)
}

fn place() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.sqlite").to_string_lossy().into_owned();
    (folder, path)
}

#[test]
fn a_full_disk_keeps_what_was_committed() {
    let (_folder, path) = place();
    let mut sqlite = Sqlite::open(&path, "test").expect("a database");
    assert_eq!(write(&mut sqlite, 10).expect("room"), 10);
    sqlite.connection().query_row("PRAGMA max_page_count = 40", [], |_| Ok(())).expect("a limit");
    let fault = write(&mut sqlite, 1_000).expect_err("no room");
    assert!(matches!(fault, Fault::Full { .. }), "{fault}");
    assert!(matches!(sqlite.commit(&Draft::default()), Err(Fault::NoLoad { .. })));
    sqlite.rollback().expect("a clean end");
    let count = rows_of(sqlite.connection(), "SELECT count(*) FROM notes");
    assert_eq!(count, [[serde_json::json!(10)]]);
}

#[test]
fn a_file_of_another_kind_is_named() {
    let (_folder, path) = place();
    std::fs::write(&path, "id,text\n".repeat(1_000)).expect("a file");
    let fault = Sqlite::open(&path, "test").expect_err("no database");
    assert!(matches!(fault, Fault::NotADatabase { .. }), "{fault}");
    let fault = Sqlite::open("/nowhere/at/all.sqlite", "test").expect_err("no folder");
    assert!(matches!(fault, Fault::Open { .. }), "{fault}");
    let fault = Sqlite::open("/", "test").expect_err("a folder");
    assert!(fault.to_string().contains("it is a folder"), "{fault}");
}

#[test]
fn a_table_of_somebody_else_is_left_alone() {
    let (_folder, path) = place();
    let mut sqlite = Sqlite::open(&path, "test").expect("a database");
    sqlite.connection().execute_batch("CREATE TABLE Notes (id)").expect("a table");
    let fault = write(&mut sqlite, 1).expect_err("not ours");
    assert!(fault.to_string().contains("some other program"), "{fault}");
    drop(sqlite);
    let (_folder, path) = place();
    write(&mut Sqlite::open(&path, "one").expect("a database"), 1).expect("rows");
    let fault = write(&mut Sqlite::open(&path, "two").expect("a database"), 1).expect_err("not ours");
    assert!(fault.to_string().contains("`one`"), "{fault}");
}

#[test]
fn corruption_is_named() {
    use std::io::{Seek, SeekFrom, Write};
    let (_folder, path) = place();
    write(&mut Sqlite::open(&path, "test").expect("a database"), 500).expect("rows");
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).expect("the file");
    let length = file.metadata().expect("a length").len();
    file.seek(SeekFrom::Start(4_096 * 2)).expect("a place");
    file.write_all(&vec![0xff; (length - 4_096 * 3) as usize]).expect("damage");
    drop(file);
    let fault = Sqlite::open(&path, "test").and_then(|mut sqlite| write(&mut sqlite, 500));
    let fault = fault.expect_err("damaged");
    assert!(matches!(fault, Fault::Corrupt { .. }), "{fault}");
}

#[test]
fn a_lock_is_waited_for_and_then_named() {
    let (_folder, path) = place();
    let mut sqlite = Sqlite::open(&path, "test").expect("a database");
    sqlite.connection().busy_timeout(std::time::Duration::from_millis(50)).expect("a limit");
    let other = rusqlite::Connection::open(&path).expect("a connection");
    other.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    let fault = write(&mut sqlite, 1).expect_err("locked");
    assert!(matches!(fault, Fault::Locked { .. }), "{fault}");
    other.execute_batch("ROLLBACK").expect("no lock");
    sqlite.rollback().expect("a clean end");
    assert_eq!(write(&mut sqlite, 1).expect("rows"), 1);
}

#[test]
fn a_read_only_database_is_named() {
    let (_folder, path) = place();
    let mut sqlite = Sqlite::open(&path, "test").expect("a database");
    sqlite.connection().execute_batch("PRAGMA query_only = ON").expect("a rule");
    let fault = write(&mut sqlite, 1).expect_err("read-only");
    assert!(matches!(fault, Fault::ReadOnly { .. }), "{fault}");
}

#[test]
fn a_long_rejected_record_is_cut_and_that_is_said() {
    let (_folder, path) = place();
    let mut sqlite = Sqlite::open(&path, "test").expect("a database");
    let mut normaliser = notes();
    let tables = normaliser.tables().clone();
    let mode = Mode::Upsert;
    sqlite.begin(&Opening { stream: "notes", tables: &tables, mode, version: None }).expect("a load");
    let record = format!("{{\"text\":\"{}\"}}", "é".repeat(70_000));
    let mut batch = Batch::new();
    normaliser.read(&record, &[], &mut batch);
    let received = jiff::Timestamp::UNIX_EPOCH;
    sqlite.write("notes", &Delivery { tables: &tables, batch: &batch, records: &[], received }).expect("rows");
    let found = rows_of(sqlite.connection(), "SELECT reason, length(CAST(record AS BLOB)) <= 65536 FROM _sdc_rejected");
    let reason = found[0][0].as_str().expect("a reason");
    assert!(reason.contains("record cut after 65535 of 140011 bytes"), "{reason}");
    assert_eq!(found[0][1], 1);
}

#[test]
fn a_table_that_does_not_fit_stops_no_other_stream() {
    let (_folder, path) = place();
    let mut sqlite = Sqlite::open(&path, "test").expect("a database");
    sqlite.connection().execute_batch("CREATE TABLE other (id)").expect("a table");
    let mut normaliser = notes();
    let tables = normaliser.tables().clone();
    let (mode, version) = (Mode::Replace, Some(1));
    sqlite.begin(&Opening { stream: "notes", tables: &tables, mode, version }).expect("a load");
    let spec = serde_json::json!({"name": "other", "primary_key": [], "fields": {"id": "integer"}});
    let other = Normaliser::new(&stream::read(&spec)).expect("a stream");
    let opening = Opening { stream: "other", tables: other.tables(), mode, version };
    assert!(matches!(sqlite.begin(&opening), Err(Fault::Foreign { .. })));
    let mut batch = Batch::new();
    normaliser.read("{\"id\": 1}", &[], &mut batch);
    let received = jiff::Timestamp::UNIX_EPOCH;
    sqlite.write("notes", &Delivery { tables: &tables, batch: &batch, records: &[], received }).expect("rows");
    sqlite.finish("notes", Completion::Complete).expect("an end");
    let _ = sqlite.commit(&Draft::default()).expect("a commit");
    assert_eq!(rows_of(sqlite.connection(), "SELECT id FROM notes"), [[1]]);
}

#[test]
fn what_people_made_around_a_table_does_not_stop_a_rebuild() {
    let (_folder, path) = place();
    let mut sqlite = Sqlite::open(&path, "test").expect("a database");
    write(&mut sqlite, 3).expect("rows");
    let around = "CREATE VIEW v AS SELECT id FROM notes; CREATE INDEX i ON notes (text);
        ALTER TABLE notes ADD COLUMN mine TEXT; UPDATE notes SET mine = 'x';";
    sqlite.connection().execute_batch(around).expect("a view");
    write(&mut sqlite, 4).expect("rows");
    assert_eq!(rows_of(sqlite.connection(), "SELECT count(mine) FROM notes"), [[3]]);
    let tables = notes().tables().clone();
    let opening = Opening { stream: "notes", tables: &tables, mode: Mode::Rebuild, version: None };
    sqlite.begin(&opening).expect("a load");
    sqlite.finish("notes", Completion::Complete).expect("an end");
    let _ = sqlite.commit(&Draft::default()).expect("a commit");
    assert_eq!(rows_of(sqlite.connection(), "SELECT count(*) FROM v"), [[0]]);
}

#[test]
fn a_wide_table_is_written_in_smaller_statements() {
    let (_folder, path) = place();
    let mut sqlite = Sqlite::open(&path, "test").expect("a database");
    let spec = serde_json::json!({"name": "wide", "primary_key": ["id"], "fields": {"id": "integer", "o": "object"}});
    let mut normaliser = Normaliser::new(&stream::read(&spec)).expect("a stream");
    let opening = Opening { stream: "wide", tables: normaliser.tables(), mode: Mode::Upsert, version: None };
    sqlite.begin(&opening).expect("a load");
    let keys: Vec<String> = (0..1_500).map(|key| format!("\"k{key}\": {key}")).collect();
    let records: Vec<String> = (0..40).map(|id| format!("{{\"id\": {id}, \"o\": {{{}}}}}", keys.join(","))).collect();
    for part in records.chunks(20) {
        let mut batch = Batch::new();
        for record in part {
            normaliser.read(record, &[], &mut batch);
        }
        let received = jiff::Timestamp::UNIX_EPOCH;
        let delivery = Delivery { tables: normaliser.tables(), batch: &batch, records: &[], received };
        sqlite.write("wide", &delivery).expect("rows");
    }
    assert_eq!(rows_of(sqlite.connection(), "SELECT count(*), sum(o__k1499) FROM wide"), [[40, 40 * 1_499]]);
}
