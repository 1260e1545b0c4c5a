//! `specs/redmine.yaml` against a real Redmine, as Debian packages it: after each sync every field of every row is
//! what Redmine's own database holds, and a second sync moves only what changed.
//!
//! How the test finds Redmine and what it needs stands in `tests/redmine/README.md`.

mod server;
mod truth;

use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;

use server::Redmine;
use truth::{Difference, differences};

/// Tables that hold what belongs to an issue: they keep an issue that is deleted.
const OF_ISSUES: [&str; 5] =
    ["issues", "issues__custom_fields", "issues__custom_platforms", "journals", "journals__details"];

#[test]
fn rows_are_what_redmine_holds() {
    if let Some(lacking) = server::lacking() {
        assert!(std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_none(), "redmine: {lacking}");
        eprintln!("skipped: redmine: {lacking}");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let redmine = Redmine::start(folder.path());
    let site = Site { redmine: &redmine, database: folder.path().join("tapwright.db") };

    let first = site.sync(&[]);
    assert!(first.complete, "{:#}", first.report);
    assert_eq!(site.differences(), [], "after the first sync");
    assert_eq!(first.asked("journals"), first.count("issues", "new"), "a request for each issue");
    assert!(first.count("issues", "pages") > 3, "pages meet between edits of one second");

    let bookmark = site.bookmark();
    let deleted: i64 = redmine.run("edit.rb").trim().parse().expect("the number of the deleted issue");
    let second = site.sync(&[]);
    assert!(second.complete, "{:#}", second.report);
    site.kept_only_what_was_deleted(deleted);
    // Three edited, one new; from the lookback on come the last ones of before.
    let asked = site.issues_since(&bookmark);
    assert_eq!((second.count("issues", "new"), second.count("issues", "changed")), (1, 3));
    assert_eq!((second.asked("issues"), second.count("issues", "records")), (1, asked));
    assert_eq!((second.asked("journals"), second.count("journals", "new")), (asked, 3));
    assert_eq!(second.count("journals", "changed"), 0);
    let moved = |stream: &str| ["new", "changed", "deleted"].map(|what| second.count(stream, what));
    assert_eq!(moved("time_entries"), [0, 1, 1]);
    assert_eq!(moved("users"), [1, 0, 0]);
    assert_eq!(moved("group_members"), [0, 0, 1]);
    // Who left the group has lost the roles that came with it.
    assert_eq!(moved("memberships"), [1, 1, 1]);
    assert_eq!(moved("versions"), [0, 1, 0]);
    assert_eq!(moved("projects"), [0, 0, 0]);

    let refreshed = site.sync(&["--full-refresh", "--stream", "issues", "--stream", "journals"]);
    assert!(refreshed.complete, "{:#}", refreshed.report);
    assert_eq!(site.differences(), [], "after a full refresh");

    let last = site.sync(&[]);
    assert!(last.complete, "{:#}", last.report);
    for stream in last.streams() {
        let moved = ["new", "changed", "deleted"].map(|what| last.count(stream, what));
        assert_eq!(moved, [0, 0, 0], "{stream} moved although nothing changed");
    }
    assert_eq!(site.differences(), [], "after a sync of nothing new");

    // Redmine answers a wrong key with what is public: that must not pass for everything.
    let stranger = site.sync(&["--set", "api_key=nobody"]);
    assert!(!stranger.complete, "{:#}", stranger.report);
    assert!(stranger.streams().all(|stream| stranger.count(stream, "requests") == 0), "{:#}", stranger.report);
    assert_eq!(site.differences(), [], "after a sync with a wrong key");
}

/// The Redmine that is read, and the database that it is read into.
struct Site<'a> {
    redmine: &'a Redmine,
    database: std::path::PathBuf,
}

/// What a run said.
struct Said {
    complete: bool,
    report: Value,
}

impl Site<'_> {
    /// Runs the program as a user would.
    fn sync(&self, options: &[&str]) -> Said {
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/redmine.yaml");
        let output = Command::new(env!("CARGO_BIN_EXE_tapwright"))
            .env("TAPWRIGHT_LOG_DAYS", "0")
            .arg("sync")
            .arg(spec)
            .args(["--to", &format!("sqlite:{}", self.database.display()), "--report", "json"])
            .args(options)
            .env("TAPWRIGHT_REDMINE_URL", self.redmine.url())
            .env("TAPWRIGHT_REDMINE_API_KEY", server::API_KEY)
            .output()
            .expect("the program runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!told.contains(server::API_KEY), "the key is told");
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|fault| panic!("{fault}: {told}"));
        Said { complete: output.status.success(), report }
    }

    fn open(&self) -> Connection {
        Connection::open(&self.database).expect("what was synced")
    }

    fn differences(&self) -> Vec<Difference> {
        differences(&self.redmine.database(), &self.open())
    }

    /// Redmine keeps no trace of a deleted issue: its rows stay, and nothing else differs.
    fn kept_only_what_was_deleted(&self, deleted: i64) {
        let ours = self.open();
        let journals = format!("SELECT id FROM journals WHERE issue_id = {deleted}");
        let differences = self.differences();
        for Difference { table, lacking, .. } in &differences {
            assert!(OF_ISSUES.contains(&table.as_str()) && lacking.is_empty(), "{differences:#?}");
        }
        for (table, of_issue) in [
            ("issues", format!("id = {deleted}")),
            ("issues__custom_fields", format!("_sdc_source_key_id = {deleted}")),
            ("issues__custom_platforms", format!("_sdc_source_key_id = {deleted}")),
            ("journals", format!("issue_id = {deleted}")),
            ("journals__details", format!("_sdc_source_key_id IN ({journals})")),
        ] {
            let sql = format!("SELECT count(*) FROM {table} WHERE {of_issue}");
            let kept: i64 = ours.query_row(&sql, [], |row| row.get(0)).expect("a count");
            let extra = differences.iter().find(|one| one.table == table).map_or(0, |one| one.extra.len());
            assert_eq!(extra as i64, kept, "{table}");
            let may_have_none = ["issues__custom_platforms", "journals__details"].contains(&table);
            assert!(kept > 0 || may_have_none, "{table} has lost the deleted issue");
        }
    }

    /// The greatest `updated_on` that was loaded.
    fn bookmark(&self) -> String {
        self.open().query_row("SELECT max(updated_on) FROM issues", [], |row| row.get(0)).expect("a bookmark")
    }

    /// How many issues Redmine gives from a minute before the bookmark on; its filter begins a second earlier.
    fn issues_since(&self, bookmark: &str) -> u64 {
        let sql = "SELECT count(*) FROM issues WHERE updated_on > datetime(?, '-61 seconds')
                   AND project_id IN (SELECT id FROM projects WHERE status <> 9)";
        let count: i64 = self.redmine.database().query_row(sql, [bookmark], |row| row.get(0)).expect("a count");
        count.unsigned_abs()
    }
}

impl Said {
    fn streams(&self) -> impl Iterator<Item = &str> {
        self.report["streams"].as_array().into_iter().flatten().filter_map(|stream| stream["stream"].as_str())
    }

    /// Requests of a stream, without those that were sent again: the server may close a connection that it
    /// was to keep.
    fn asked(&self, stream: &str) -> u64 {
        self.count(stream, "requests") - self.count(stream, "retries")
    }

    fn count(&self, stream: &str, what: &str) -> u64 {
        let streams = self.report["streams"].as_array().expect("streams");
        let stream = streams.iter().find(|one| one["stream"] == stream).expect("a stream of this name");
        stream[what].as_u64().expect("a count")
    }
}
