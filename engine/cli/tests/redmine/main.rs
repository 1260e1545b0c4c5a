//! `specs/redmine.yaml` against a real Redmine, as Debian packages it: after each sync every field of every row is
//! what Redmine's own database holds, and a second sync moves only what changed.
//!
//! How the test finds Redmine and what it needs stands in `tests/redmine/README.md`.

#[path = "../real/mod.rs"]
mod real;
mod server;
mod truth;

use real::difference::Difference;
use real::served::is_left_out;
use real::target::{Said, Target};
use server::Redmine;
use truth::differences;

/// Tables that hold what belongs to an issue: they keep an issue that is deleted.
const OF_ISSUES: [&str; 5] =
    ["issues", "issues__custom_fields", "issues__custom_platforms", "journals", "journals__details"];

#[test]
fn rows_are_what_redmine_holds() {
    if is_left_out("redmine", server::lacking()) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let redmine = Redmine::start(folder.path());
    let database = folder.path().join("tapwright.db");
    let settings = vec![
        ("TAPWRIGHT_REDMINE_URL", redmine.served.url()),
        ("TAPWRIGHT_REDMINE_API_KEY", server::API_KEY.to_owned()),
    ];
    let site = Site { redmine: &redmine, target: Target { connector: "redmine", database, settings } };

    let first = site.target.sync(&[]);
    assert_eq!(site.differences(), [], "after the first sync");
    assert_eq!(asked(&first, "journals"), first.count("issues", "new"), "a request for each issue");
    assert!(first.count("issues", "pages") > 3, "pages meet between edits of one second");

    let bookmark = site.bookmark();
    let deleted: i64 = redmine.run("edit.rb").trim().parse().expect("the number of the deleted issue");
    let second = site.target.sync(&[]);
    site.kept_only_what_was_deleted(deleted);
    // Three edited, one new; from the lookback on come the last ones of before.
    let read = site.issues_since(&bookmark);
    assert_eq!((second.count("issues", "new"), second.count("issues", "changed")), (1, 3));
    assert_eq!((asked(&second, "issues"), second.count("issues", "records")), (1, read));
    assert_eq!((asked(&second, "journals"), second.count("journals", "new")), (read, 3));
    assert_eq!(second.count("journals", "changed"), 0);
    let moved = |stream: &str| second.moved(stream);
    assert_eq!(moved("time_entries"), [0, 1, 1]);
    assert_eq!(moved("users"), [1, 0, 0]);
    assert_eq!(moved("group_members"), [0, 0, 1]);
    // Who left the group has lost the roles that came with it.
    assert_eq!(moved("memberships"), [1, 1, 1]);
    assert_eq!(moved("versions"), [0, 1, 0]);
    assert_eq!(moved("projects"), [0, 0, 0]);

    site.target.sync(&["--full-refresh", "--stream", "issues", "--stream", "journals"]);
    assert_eq!(site.differences(), [], "after a full refresh");

    site.target.sync(&[]).nothing_moved();
    assert_eq!(site.differences(), [], "after a sync of nothing new");

    site.target.is_refused(&["--set", "api_key=nobody"]);
    assert_eq!(site.differences(), [], "after a sync with a wrong key");
}

/// The Redmine that is read, and the database that it is read into.
struct Site<'a> {
    redmine: &'a Redmine,
    target: Target,
}

impl Site<'_> {
    fn differences(&self) -> Vec<Difference> {
        differences(&self.redmine.database(), &self.target.open())
    }

    /// Redmine keeps no trace of a deleted issue: its rows stay, and nothing else differs.
    fn kept_only_what_was_deleted(&self, deleted: i64) {
        let ours = self.target.open();
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
        self.target.open().query_row("SELECT max(updated_on) FROM issues", [], |row| row.get(0)).expect("a bookmark")
    }

    /// How many issues Redmine gives from a minute before the bookmark on; its filter begins a second earlier.
    fn issues_since(&self, bookmark: &str) -> u64 {
        let sql = "SELECT count(*) FROM issues WHERE updated_on > datetime(?, '-61 seconds')
                   AND project_id IN (SELECT id FROM projects WHERE status <> 9)";
        let count: i64 = self.redmine.database().query_row(sql, [bookmark], |row| row.get(0)).expect("a count");
        count.unsigned_abs()
    }
}

/// Requests of a stream, without those that were sent again: the server may close a connection that it was to keep.
fn asked(said: &Said, stream: &str) -> u64 {
    said.count(stream, "requests") - said.count(stream, "retries")
}
