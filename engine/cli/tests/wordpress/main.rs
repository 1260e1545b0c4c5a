//! `specs/wordpress.yaml` against a real WordPress, as Debian packages it: after each sync every field of every row is
//! what WordPress's own database holds, and a second sync moves only what changed.
//!
//! How the test finds WordPress and what it needs stands in `tests/wordpress/README.md`.

mod server;
mod truth;

use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;

use server::WordPress;
use truth::differences;

#[test]
fn rows_are_what_wordpress_holds() {
    if let Some(lacking) = server::lacking() {
        assert!(std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_none(), "wordpress: {lacking}");
        eprintln!("skipped: wordpress: {lacking}");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let site = Site { wordpress: WordPress::start(folder.path()), database: folder.path().join("tapwright.db") };

    let first = site.sync(&[]);
    assert!(first.complete, "{:#}", first.report);
    assert_eq!(differences(&site.wordpress, &site.open()), [], "after the first sync");
    assert!(first.count("posts", "pages") > 3, "pages meet between changes of one second");
    let drafts: i64 =
        site.number("SELECT count(*) FROM posts WHERE status IN ('draft', 'pending', 'private', 'trash', 'future')");
    assert!(drafts > 100, "hidden posts are there");

    let deleted: i64 = site.wordpress.run("edit.php").trim().parse().expect("the number of the deleted post");
    let second = site.sync(&[]);
    assert!(second.complete, "{:#}", second.report);
    site.kept_only_what_was_deleted(deleted);
    let moved = |stream: &str| ["new", "changed", "deleted"].map(|what| second.count(stream, what));
    assert_eq!(moved("posts"), [1, 4, 0]);
    // One is spam now, one stands under a post in the trash; the address of another moved with its post.
    assert_eq!(moved("comments"), [0, 3, 2]);
    assert_eq!(moved("users"), [1, 0, 1]);
    // The files of posts that went have another address now.
    assert_eq!(moved("media"), [0, 2, 0]);
    assert!(second.count("revisions", "new") >= 3, "{:#}", second.report);

    let refreshed = site.sync(&["--full-refresh"]);
    assert!(refreshed.complete, "{:#}", refreshed.report);
    assert_eq!(differences(&site.wordpress, &site.open()), [], "after a full refresh");

    let last = site.sync(&[]);
    assert!(last.complete, "{:#}", last.report);
    for stream in last.streams() {
        let moved = ["new", "changed", "deleted"].map(|what| last.count(stream, what));
        assert_eq!(moved, [0, 0, 0], "{stream} moved although nothing changed");
    }

    // WordPress answers a wrong password with what is public: that must not pass for everything.
    let stranger = site.sync(&["--set", "application_password=nobody"]);
    assert!(!stranger.complete, "{:#}", stranger.report);
    assert!(stranger.streams().all(|stream| stranger.count(stream, "requests") == 0), "{:#}", stranger.report);
    assert_eq!(differences(&site.wordpress, &site.open()), [], "after a sync with a wrong password");
}

/// The WordPress that is read, and the database that it is read into.
struct Site {
    wordpress: WordPress,
    database: PathBuf,
}

/// What a run said.
struct Said {
    complete: bool,
    report: Value,
}

impl Site {
    /// Runs the program as a user would.
    fn sync(&self, options: &[&str]) -> Said {
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/wordpress.yaml");
        let output = Command::new(env!("CARGO_BIN_EXE_tapwright"))
            .env("TAPWRIGHT_LOG_DAYS", "0")
            .arg("sync")
            .arg(spec)
            .args(["--to", &format!("sqlite:{}", self.database.display()), "--report", "json"])
            .args(options)
            .env("TAPWRIGHT_WORDPRESS_URL", self.wordpress.url())
            .env("TAPWRIGHT_WORDPRESS_USERNAME", "admin")
            .env("TAPWRIGHT_WORDPRESS_APPLICATION_PASSWORD", &self.wordpress.password)
            .output()
            .expect("the program runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!told.contains(&self.wordpress.password), "the password is told");
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|fault| panic!("{fault}: {told}"));
        Said { complete: output.status.success(), report }
    }

    fn open(&self) -> Connection {
        Connection::open(&self.database).expect("what was synced")
    }

    fn number(&self, sql: &str) -> i64 {
        self.open().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|fault| panic!("{sql}: {fault}"))
    }

    /// WordPress keeps no trace of a deleted post: its rows stay, and nothing else differs.
    fn kept_only_what_was_deleted(&self, deleted: i64) {
        for difference in differences(&self.wordpress, &self.open()) {
            let of_post = match difference.table.as_str() {
                "posts" => "id",
                "revisions" => "post_id",
                "posts__categories" | "posts__tags" => "_sdc_source_key_id",
                _ => panic!("{difference:#?}"),
            };
            let only_deleted = difference.extra.iter().all(|row| row[of_post] == deleted);
            assert!(difference.lacking.is_empty() && only_deleted, "{difference:#?}");
        }
        assert_eq!(self.number(&format!("SELECT count(*) FROM posts WHERE id = {deleted}")), 1);
    }
}

impl Said {
    fn streams(&self) -> impl Iterator<Item = &str> {
        self.report["streams"].as_array().into_iter().flatten().filter_map(|stream| stream["stream"].as_str())
    }

    fn count(&self, stream: &str, what: &str) -> u64 {
        let streams = self.report["streams"].as_array().expect("streams");
        let stream = streams.iter().find(|one| one["stream"] == stream).expect("a stream of this name");
        stream[what].as_u64().expect("a count")
    }
}
