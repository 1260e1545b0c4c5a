//! What is written, and what is taken away.

use std::fs::{self, OpenOptions};
use std::sync::{Arc, Mutex, OnceLock};

use super::kept::{LOG, forget};
use super::{Inner, Journal, Level, MOST_BYTES, Writer};

fn journal(path: &std::path::Path, bytes: u64) -> Journal {
    let log = OpenOptions::new().append(true).create(true).open(path).expect("a log");
    let writer = Writer { log: Some(log), bytes, ..Writer::default() };
    Journal(Arc::new(Inner { writer: Mutex::new(writer), redactor: OnceLock::new() }))
}

#[test]
fn a_full_disk_cuts_the_log_short_and_is_told_once() {
    let journal = journal("/dev/full".as_ref(), 0);
    journal.say(Level::Info, "begins");
    assert!(journal.trouble().is_some_and(|why| why.contains("is cut short")));
    journal.say(Level::Critical, "nobody hears it");
}

#[test]
fn a_long_log_goes_on_with_what_matters() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(LOG);
    let journal = journal(&path, MOST_BYTES + 1);
    for (level, words) in [(Level::Info, "a"), (Level::Info, "b"), (Level::Warning, "c"), (Level::Error, "d")] {
        journal.say(level, words);
    }
    journal.broke("the end");
    let log = fs::read_to_string(path).expect("a log");
    let words: Vec<String> = log
        .lines()
        .map(|line| serde_json::from_str::<super::Line>(line).expect("a line").message.chars().take(7).collect())
        .collect();
    assert_eq!(words, ["the log", "c", "d", "the end"]);
}

#[test]
fn old_runs_go_but_the_last_one_and_those_that_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let left = || {
        let mut names: Vec<String> = fs::read_dir(folder.path())
            .expect("runs")
            .flatten()
            .filter_map(|run| run.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    };
    let names = ["20260101T000000Z-0001", "20260102T000000Z-0002", "20260301T000000Z-0003", "20260302T000000Z-0004"];
    let logs = names.map(|name| {
        fs::create_dir(folder.path().join(name)).expect("a run");
        let log = fs::File::create(folder.path().join(name).join(LOG)).expect("a log");
        log.lock_shared().expect("a lock");
        log.unlock().expect("no lock");
        log
    });
    logs[1].lock().expect("a run that goes on");
    forget(folder.path(), "2026-03-03T00:00:00Z".parse().expect("a time"), (30, 100));
    assert_eq!(left(), names[1..]);
    logs[1].unlock().expect("ended");
    forget(folder.path(), "2026-03-03T00:00:00Z".parse().expect("a time"), (365, 2));
    assert_eq!(left(), names[2..]);
    forget(folder.path(), "2027-03-03T00:00:00Z".parse().expect("a time"), (1, 100));
    assert_eq!(left(), names[3..]);
}
