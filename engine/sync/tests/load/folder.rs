//! Folders of files: the cases that every destination holds to, and what can happen to files.

use std::path::PathBuf;

use serde_json::Value;
use tapwright_sync::destination::{self, Completion, Delivery, Destination, Fault, Mode, Opening};
use tapwright_sync::normalise::{Batch, Normaliser};
use tapwright_sync::state::Draft;

use crate::place::Place;
use crate::reader::{self, Row};
use crate::recorded::every_recording;
use crate::{every_case, stream, versions};

/// Counts the reads of a full table.
const VERSION: &str = "_sdc_table_version";

/// A folder of files.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
    scheme: &'static str,
    options: &'static str,
    /// It is compacted whenever that can be.
    compacts: bool,
}

impl Folder {
    pub(crate) fn new(scheme: &'static str, options: &'static str, compacts: bool) -> Folder {
        Folder { folder: tempfile::tempdir().expect("a folder"), scheme, options, compacts }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join("data").join(below)
    }

    fn compact(&self) {
        if self.compacts && self.path("_tapwright/manifest.json").exists() {
            destination::compact(&self.url()).expect("compacted");
        }
    }
}

impl Place for Folder {
    fn open(&self) -> Result<Box<dyn Destination>, Fault> {
        self.compact();
        destination::open(&self.url(), "test")
    }

    fn url(&self) -> String {
        format!("{}:{}/data{}", self.scheme, self.folder.path().display(), self.options)
    }

    fn rows(&self, table: &str, columns: &[String]) -> Vec<Vec<Value>> {
        self.compact();
        let cell = |row: &Row, name: &str| row.get(name).filter(|_| name != VERSION).cloned().unwrap_or_default();
        let cells = |row: &Row| columns.iter().map(|name| cell(row, name)).collect();
        reader::latest(&self.path(""), table).iter().map(cells).collect()
    }

    fn columns(&self, table: &str) -> Vec<String> {
        let mut names: Vec<String> =
            reader::all(&self.path(""), table).iter().flat_map(|row| row.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names
    }

    fn left(&self) -> Vec<Vec<Value>> {
        let files = |folder: &str| std::fs::read_dir(self.path(folder)).expect("a folder");
        let left = files("_tapwright/aside").chain(files("_tapwright/swap"));
        left.map(|entry| vec![Value::from(entry.expect("a file").path().display().to_string())]).collect()
    }

    fn tells_changes(&self) -> bool {
        false
    }

    /// Rows of a full table are all of its last version, and a Parquet decimal has 18 digits behind the point.
    fn says(&self, table: &str, columns: &[String], mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
        let types = reader::manifest(&self.path(""))["tables"][table]["columns"].clone();
        let is_decimal =
            |name: &str| types.as_array().is_some_and(|all| all.contains(&serde_json::json!([name, "decimal"])));
        for row in &mut rows {
            for (cell, name) in row.iter_mut().zip(columns) {
                match cell.as_str().filter(|text| text.contains('.') && self.scheme == "parquet") {
                    _ if name == VERSION => *cell = Value::Null,
                    Some(text) if is_decimal(name) => *cell = Value::from(text.trim_end_matches('0')),
                    _ => {}
                }
            }
        }
        rows
    }
}

#[test]
fn every_case_holds_in_json_lines() {
    every_case("jsonl", &mut || Box::new(Folder::new("jsonl", "", false)));
    every_case("jsonl", &mut || Box::new(Folder::new("jsonl", "?compress=zstd", true)));
}

#[test]
fn every_case_holds_in_parquet() {
    every_case("parquet", &mut || Box::new(Folder::new("parquet", "", false)));
    every_case("parquet", &mut || Box::new(Folder::new("parquet", "?compress=zstd", true)));
}

#[test]
fn every_recording_comes_out_the_same_through_a_hub_in_files() {
    every_recording("jsonl", &mut || Box::new(Folder::new("jsonl", "", false)));
    every_recording("parquet", &mut || Box::new(Folder::new("parquet", "", false)));
}

#[test]
fn one_version_of_a_key_stays_in_files_too() {
    versions::one_version_stays(20, &|| Box::new(Folder::new("jsonl", "?compress=gzip", false)));
    versions::one_version_stays(20, &|| Box::new(Folder::new("jsonl", "", true)));
    versions::one_version_stays(20, &|| Box::new(Folder::new("parquet", "", false)));
    versions::one_version_stays(20, &|| Box::new(Folder::new("parquet", "?compress=none", true)));
}

/// Loads notes with these ids.
fn write(url: &str, connector: &str, ids: std::ops::Range<i64>) -> Result<(), Fault> {
    let spec = serde_json::json!({"name": "notes", "primary_key": ["id"], "key": "id", "fields": {"id": "integer", "l": ["string"]}});
    let mut normaliser = Normaliser::new(&stream::read(&spec)).expect("a stream");
    let tables = normaliser.tables().clone();
    let mut opened = destination::open(url, connector)?;
    opened.begin(&Opening { stream: "notes", tables: &tables, mode: Mode::Upsert, version: None })?;
    let records: Vec<String> = ids.map(|id| format!("{{\"id\": {id}, \"l\": [\"x\"]}}")).collect();
    let mut batch = Batch::new();
    records.iter().for_each(|record| normaliser.read(record, &[], &mut batch));
    let received = jiff::Timestamp::UNIX_EPOCH;
    opened.write("notes", &Delivery { tables: &tables, batch: &batch, records: &[], received })?;
    opened.finish("notes", Completion::Complete)?;
    let _ = opened.commit(&Draft::default())?;
    Ok(())
}

#[test]
fn what_stands_in_the_way_of_files_is_named() {
    for scheme in ["jsonl", "parquet"] {
        let place = Folder::new(scheme, "", false);
        let refused = |url: &str| destination::open(url, "test").map(|_| ()).expect_err("refused").to_string();
        assert!(refused(&format!("{scheme}:/proc/nowhere")).contains("cannot open /proc/nowhere"));
        assert!(refused(&format!("{scheme}:x?compress=lzma")).contains("`compress=lzma`: write none, "));
        assert!(refused(&format!("{scheme}:x?squash=1")).contains("there is no option `squash`"));
        assert!(refused(&format!("{scheme}:?compress=none")).contains("it names no path"));
        let first = place.open().expect("a folder");
        assert!(matches!(place.open().map(|_| ()), Err(Fault::Busy { .. })));
        drop(first);
        write(&place.url(), "one", 0..3).expect("rows");
        let foreign = write(&place.url(), "two", 0..3).expect_err("not ours");
        assert!(foreign.to_string().contains("the connector `one` made it for `notes`"), "{foreign}");
        std::fs::write(place.path("notes/notes.txt"), "mine").expect("a file of somebody's");
        let mut entries =
            std::fs::read_dir(place.path("notes")).expect("a folder").map(|entry| entry.expect("a file").path());
        let part = entries.find(|path| path.to_string_lossy().contains("part-")).expect("a part");
        let bytes = std::fs::read(&part).expect("a part");
        std::fs::write(&part, &bytes[..bytes.len() - 1]).expect("a torn file");
        let torn = write(&place.url(), "one", 0..3).expect_err("a torn file").to_string();
        assert!(torn.contains("part-00000001-0001") && torn.contains("run with --full-refresh"), "{torn}");
        std::fs::write(&part, &bytes).expect("a whole file");
        write(&place.url(), "one", 0..4).expect("rows");
        let done = destination::compact(&place.url()).expect("compacted");
        assert_eq!((done[0].rows, done[0].files, done[1].rows), ([7, 4], [2, 1], [7, 4]));
        assert_eq!(reader::all(&place.path(""), "notes__l").len(), 4);
        assert!(place.path("notes/notes.txt").exists(), "what others put into a folder stays");
        assert_eq!(destination::compact(&place.url()).expect("nothing to do"), []);
        std::fs::write(place.path("_tapwright/manifest.json"), "{").expect("damage");
        assert!(matches!(place.open().map(|_| ()), Err(Fault::Corrupt { .. })));
    }
    let other = destination::compact("sqlite:x.db").expect_err("one version").to_string();
    assert!(other.contains("its rows have one version"), "{other}");
}
